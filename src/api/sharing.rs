//! What this process shares with others that use the same applications.

use std::sync::Arc;
use std::time::Duration;

use super::limits::RequestLimits;
use crate::state::Shared;

/// What is shared with other processes, and how much there is of it.
#[derive(Clone)]
pub struct SharedBudget {
    /// Where it is kept.
    pub shared: Arc<Shared>,
    /// The limits of requests a minute.
    pub limits: Arc<RequestLimits>,
    /// How long a call waits for a turn at most.
    pub longest_wait: Duration,
    /// How long what was read is kept for who reads the same; zero is not at all.
    pub kept_for: Duration,
    /// How much is kept of the tenant.
    pub index: IndexExtent,
    /// This process, as others know it: no two are alike.
    pub owner: String,
}

/// How much is kept of what the API tells one way round only, and is read beforehand in spare budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IndexExtent {
    /// Nothing: each question reads what it needs.
    Off,
    /// What questions asked for.
    Asked,
    /// After the first question, little by little, everything.
    #[default]
    All,
}

impl SharedBudget {
    /// Shared by this state.
    #[must_use]
    pub fn by(shared: Arc<Shared>, limits: RequestLimits) -> Self {
        let owner = format!("{}-{:016x}", std::process::id(), fastrand::u64(..));
        let (limits, index) = (Arc::new(limits), IndexExtent::default());
        Self { shared, limits, longest_wait: LONGEST_WAIT, kept_for: KEPT_FOR, index, owner }
    }
}

/// How long a call waits for a turn unless the operator says otherwise: a little longer than the minute that limits are for.
pub const LONGEST_WAIT: Duration = Duration::from_secs(75);

/// How long what was read is kept unless the operator says otherwise.
pub const KEPT_FOR: Duration = Duration::from_secs(30);
