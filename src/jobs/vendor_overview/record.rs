//! A vendor as it is listed.

use jiff::civil::Date;
use serde::Deserialize;

use crate::jobs::days::day;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Vendor {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: Option<String>,
    pub(super) category: Option<VendorCategory>,
    pub(super) inherent_risk_level: Option<String>,
    pub(super) residual_risk_level: Option<String>,
    pub(super) security_owner_user_id: Option<String>,
    pub(super) business_owner_user_id: Option<String>,
    contract_start_date: Option<String>,
    contract_renewal_date: Option<String>,
    contract_termination_date: Option<String>,
    next_security_review_due_date: Option<String>,
    last_security_review_completion_date: Option<String>,
    pub(super) latest_decision: Option<VendorDecision>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VendorCategory {
    pub(super) display_name: Option<String>,
}

/// What was decided on a vendor, a review or an assessment.
#[derive(Deserialize)]
pub(super) struct VendorDecision {
    pub(super) status: Option<String>,
}

/// What a vendor without a level is said to have: not known, and not low.
pub(super) const UNSCORED: &str = "UNSCORED";

impl Vendor {
    pub(super) fn is_archived(&self) -> bool {
        self.status.as_deref() == Some("ARCHIVED")
    }

    pub(super) fn inherent(&self) -> &str {
        self.inherent_risk_level.as_deref().unwrap_or(UNSCORED)
    }

    pub(super) fn residual(&self) -> &str {
        self.residual_risk_level.as_deref().unwrap_or(UNSCORED)
    }

    pub(super) fn last_review(&self) -> Option<Date> {
        date(self.last_security_review_completion_date.as_deref())
    }

    pub(super) fn next_review(&self) -> Option<Date> {
        date(self.next_security_review_due_date.as_deref())
    }

    pub(super) fn is_review_overdue(&self, today: Date) -> bool {
        self.next_review().is_some_and(|due| due < today)
    }

    pub(super) fn contract_starts(&self) -> Option<Date> {
        date(self.contract_start_date.as_deref())
    }

    pub(super) fn contract_renews(&self) -> Option<Date> {
        date(self.contract_renewal_date.as_deref())
    }

    pub(super) fn contract_ends(&self) -> Option<Date> {
        date(self.contract_termination_date.as_deref())
    }
}

fn date(text: Option<&str>) -> Option<Date> {
    text.and_then(day)
}

/// How high a level is, the highest first. One that is not known stands before the moderate ones.
pub(super) fn rank(level: &str) -> u8 {
    match level {
        "CRITICAL" => 0,
        "HIGH" => 1,
        "MEDIUM" => 3,
        "LOW" => 4,
        _ => 2,
    }
}
