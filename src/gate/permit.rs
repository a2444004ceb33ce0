//! Leave to send.

use crate::catalog::{Effect, Operation};

/// Leave to send one operation once. It cannot be made or copied elsewhere.
#[derive(Debug)]
pub struct Permit {
    operation: &'static Operation,
    effect: Effect,
}

impl Permit {
    /// Leave for one operation, to do so much.
    pub(super) fn to(operation: &'static Operation, effect: Effect) -> Self {
        Self { operation, effect }
    }

    /// What it is leave for.
    pub(super) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Whether this is leave for that very operation, to do so much.
    #[must_use]
    pub fn covers(&self, operation: &'static Operation, effect: Effect) -> bool {
        std::ptr::eq(self.operation, operation) && effect <= self.effect
    }
}
