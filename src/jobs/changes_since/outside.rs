//! What changed outside: vendors, and what customers ask for.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::parts::{ChangeSpan, SHOWN, dated, day, name};
use super::read::{ChangedQuestionnaire, ChangedRequest, ChangedVendor};
use crate::jobs::columns::{Counts, InColumns};

/// Vendors.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VendorChanges {
    /// How many had a security review completed.
    reviewed: usize,
    /// How many were decided on.
    decided: usize,
    /// The reviews.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    reviews: InColumns,
    /// The decisions.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    decisions: InColumns,
}

impl VendorChanges {
    pub fn of(vendors: &[ChangedVendor], span: ChangeSpan) -> Self {
        fn reviewed(vendor: &ChangedVendor) -> Option<&str> {
            vendor.last_security_review_completion_date.as_deref()
        }
        fn decided(vendor: &ChangedVendor) -> Option<&str> {
            vendor.latest_decision.as_ref()?.last_updated_at.as_deref()
        }
        let reviews: Vec<_> = dated(vendors, span, reviewed)
            .into_iter()
            .map(|vendor| vec![name(vendor.name.as_deref()), day(reviewed(vendor))])
            .collect();
        let decisions: Vec<_> = dated(vendors, span, decided)
            .into_iter()
            .map(|vendor| {
                let status = vendor.latest_decision.as_ref().and_then(|decision| decision.status.as_deref());
                vec![name(vendor.name.as_deref()), json!(status), day(decided(vendor))]
            })
            .collect();
        Self {
            reviewed: reviews.len(),
            decided: decisions.len(),
            reviews: InColumns::first(&["vendor", "completed"], SHOWN, reviews),
            decisions: InColumns::first(&["vendor", "decision", "date"], SHOWN, decisions),
        }
    }
}

/// Security questionnaires of customers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuestionnaireChanges {
    /// How many came in.
    received: usize,
    /// How many were completed.
    completed: usize,
    /// Those that came in.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    new: InColumns,
}

impl QuestionnaireChanges {
    pub fn of(questionnaires: &[ChangedQuestionnaire], span: ChangeSpan) -> Self {
        let received = dated(questionnaires, span, |one| one.created_date.as_deref());
        let is_completed = |one: &&ChangedQuestionnaire| {
            one.status_log.iter().flatten().any(|entry| {
                entry.status.as_deref() == Some("COMPLETE") && span.holds(entry.updated_at.as_deref())
            })
        };
        let row = |one: &&ChangedQuestionnaire| {
            vec![name(one.display_name.as_deref()), day(one.created_date.as_deref())]
        };
        Self {
            received: received.len(),
            completed: questionnaires.iter().filter(is_completed).count(),
            new: InColumns::first(&["questionnaire", "received"], SHOWN, received.iter().map(row).collect()),
        }
    }
}

/// Requests for access to the Trust Center; what is absent was not looked at.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestChanges {
    /// How many came in and still wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_and_waiting: Option<usize>,
    /// How many were decided, by outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<Counts>,
}

impl RequestChanges {
    pub fn of(
        waiting: Option<&[ChangedRequest]>,
        decided: Option<&[ChangedRequest]>,
        span: ChangeSpan,
    ) -> Option<Self> {
        let outcome =
            |request: &ChangedRequest| request.outcome.clone().unwrap_or_else(|| "(none)".to_owned());
        let decided = decided.map(|rows| {
            let rows = dated(rows, span, |request| request.updated_date.as_deref());
            Counts::of(rows.into_iter().map(outcome)).first(SHOWN)
        });
        let new = waiting.map(|rows| dated(rows, span, |request| request.creation_date.as_deref()).len());
        (new.is_some() || decided.is_some()).then_some(Self { new_and_waiting: new, decided })
    }
}
