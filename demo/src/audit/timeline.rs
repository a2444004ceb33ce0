//! What happened to an information request, and the status it has by that.

use serde::Serialize;

use super::listing::Dated;
use super::moment::Moment;

/// How far an information request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Approval {
    NeedsEvidence,
    ReadyForAudit,
    AuditorApproved,
    AuditorFlagged,
}

/// One entry of the activity log of an information request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Activity {
    id: String,
    #[serde(rename = "activityType")]
    kind: &'static str,
    timestamp: Moment,
    /// `None` where the request does not say who made the change.
    user_email: Option<String>,
    old_status: Option<Approval>,
    new_status: Option<Approval>,
    reason: Option<String>,
}

impl Activity {
    /// Anything but a change of status: `EDIT_REQUEST`, `UPLOAD_EVIDENCE`, `SHARE_EVIDENCE_WITH_AUDITOR`.
    pub(super) fn new(id: String, kind: &'static str, timestamp: Moment, user: Option<&str>) -> Self {
        let user_email = user.map(str::to_owned);
        Self { id, kind, timestamp, user_email, old_status: None, new_status: None, reason: None }
    }

    /// A change of status, with the reason where one was given.
    pub(super) fn status(id: String, timestamp: Moment, user: &str, change: &Change<'_>) -> Self {
        Self {
            old_status: Some(change.old),
            new_status: Some(change.new),
            reason: change.reason.map(str::to_owned),
            ..Self::new(id, "CHANGE_STATUS", timestamp, Some(user))
        }
    }
}

/// From which status to which, and why.
pub(super) struct Change<'a> {
    pub(super) old: Approval,
    pub(super) new: Approval,
    pub(super) reason: Option<&'a str>,
}

impl Dated for Activity {
    fn changed(&self) -> Moment {
        self.timestamp
    }

    fn deleted(&self) -> Option<Moment> {
        None
    }
}
