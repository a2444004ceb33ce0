//! A call that claims to be confirmed.

use serde_json::Value;

use super::confirmation::Proposal;
use super::offered::{Confirmations, LookedOffer, Unfit};
use super::permit::Permit;
use super::refusal::Refusal;
use crate::catalog::Operation;

/// A call with a token of a preview, of which nobody has looked whether it fits. The permit inside comes out once it does.
#[derive(Debug)]
pub struct Claim {
    permit: Permit,
    targets: Vec<String>,
    token: String,
}

/// A claim whose token fits the call. Whether the targets still are what was shown is to be looked at.
pub struct CheckedClaim {
    permit: Permit,
    looked: LookedOffer,
}

/// A claim whose targets are what was shown.
pub struct ComparedClaim {
    permit: Permit,
    looked: LookedOffer,
}

impl Claim {
    pub(super) fn new(permit: Permit, targets: Vec<String>, token: &str) -> Self {
        Self { permit, targets, token: token.to_owned() }
    }

    /// The token that is presented.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The targets' identifiers.
    #[must_use]
    pub fn targets(&self) -> &[String] {
        &self.targets
    }

    /// Checks the token, and uses nothing up.
    ///
    /// # Errors
    /// It does not fit the proposal, its time is over, or it has been used.
    pub async fn check(self, offers: &Confirmations, proposal: &Proposal) -> Result<CheckedClaim, Refusal> {
        let Self { permit, token, .. } = self;
        let looked = offers.look(proposal, &token).await;
        let looked = looked.map_err(|unfit| refusal(permit.operation(), unfit))?;
        Ok(CheckedClaim { permit, looked })
    }
}

impl CheckedClaim {
    /// The targets' states as they were shown, without what was not known then; `None` where that is too long to be kept.
    #[must_use]
    pub fn shown(&self) -> Option<&Value> {
        self.looked.shown()
    }

    /// Whether the targets are what was shown.
    ///
    /// # Errors
    /// They are not, and what is another.
    pub fn compare(self, now: &Value) -> Result<ComparedClaim, Refusal> {
        let Self { permit, looked } = self;
        match looked.differences(now) {
            same if same.is_empty() => Ok(ComparedClaim { permit, looked }),
            differences => Err(Refusal::TargetChanged { tool: permit.operation().name, differences }),
        }
    }
}

impl ComparedClaim {
    /// Leave to send, for the first who asks for it.
    ///
    /// # Errors
    /// The confirmation has been used meanwhile.
    pub async fn permit(self, offers: &Confirmations) -> Result<Permit, Refusal> {
        let Self { permit, looked } = self;
        offers.take(looked).await.map_err(|unfit| refusal(permit.operation(), unfit))?;
        Ok(permit)
    }
}

fn refusal(operation: &'static Operation, unfit: Unfit) -> Refusal {
    let tool = operation.name;
    match unfit {
        Unfit::Token(misfit) => Refusal::Misfit { tool, misfit },
        Unfit::Unknown => Refusal::Unknown { tool },
        Unfit::Used => Refusal::Used { tool },
        Unfit::State(error) => Refusal::Unchecked { tool, error },
    }
}
