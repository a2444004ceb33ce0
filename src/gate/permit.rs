//! Leave to send.

use crate::catalog::Operation;

/// Leave to send one operation once. It cannot be made or copied elsewhere.
#[derive(Debug)]
pub struct Permit {
    operation: &'static Operation,
}

impl Permit {
    /// Leave for one operation.
    pub(super) fn to(operation: &'static Operation) -> Self {
        Self { operation }
    }

    /// Whether this is leave for that very operation.
    #[must_use]
    pub fn covers(&self, operation: &'static Operation) -> bool {
        std::ptr::eq(self.operation, operation)
    }
}
