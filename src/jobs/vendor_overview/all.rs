//! All vendors: how risky they are, whose review is due, whose contract ends.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::record::{Vendor, rank};
use crate::jobs::columns::{Counts, InColumns, short};
use crate::jobs::days::{after, between};
use crate::jobs::users::ReadUsers;

/// The vendors in numbers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VendorsInNumbers {
    /// How many vendors there are, those archived aside.
    vendors: usize,
    /// Of these, in use.
    managed: usize,
    /// Of these, being bought.
    in_procurement: usize,
    /// Vendors no longer used, left out of everything else here.
    archived: usize,
    /// How many have each inherent risk level; UNSCORED is not low.
    by_inherent_risk: Counts,
    /// The same by residual risk level.
    by_residual_risk: Counts,
    /// Security reviews, in vendors.
    reviews: ReviewCounts,
    /// Contracts, in vendors, by the dates in their records.
    contracts: ContractCounts,
    /// Vendors without a security owner.
    without_security_owner: usize,
    /// Vendors that need something first (review overdue, due in 30 days or never made; contract ended, or ends or renews in
    /// 90 days), then the others; each by inherent risk, then by next review.
    list: InColumns,
}

/// How security reviews stand.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReviewCounts {
    /// Next review was due before today.
    overdue: usize,
    /// Next review is due within 30 days.
    in30_days: usize,
    /// No review was ever completed.
    never: usize,
    /// No next review is planned.
    without_due_date: usize,
}

/// How contracts stand.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContractCounts {
    /// Ended, though the vendor is not archived.
    ended: usize,
    /// End within 90 days.
    end_in90_days: usize,
    /// Renew within 90 days.
    renew_in90_days: usize,
}

const COLUMNS: &[&str] = &[
    "name",
    "status",
    "inherent",
    "residual",
    "lastReview",
    "nextReview",
    "securityOwner",
    "contractRenews",
    "contractEnds",
];

/// How many vendors are shown.
const SHOWN: usize = 22;

/// How long a name is shown.
const LONGEST: usize = 30;

const REVIEW_DAYS: u32 = 30;
const CONTRACT_DAYS: u32 = 90;

/// The vendors in numbers, and those first that need something.
pub(super) fn all(vendors: Vec<Vendor>, users: &ReadUsers, today: Date) -> VendorsInNumbers {
    let (archived, mut vendors): (Vec<_>, Vec<_>) = vendors.into_iter().partition(Vendor::is_archived);
    let count = |is_it: &dyn Fn(&Vendor) -> bool| vendors.iter().filter(|vendor| is_it(vendor)).count();
    let with_status = |status: &str| count(&|vendor| vendor.status.as_deref() == Some(status));
    let numbers = VendorsInNumbers {
        vendors: vendors.len(),
        managed: with_status("MANAGED"),
        in_procurement: with_status("IN_PROCUREMENT"),
        archived: archived.len(),
        by_inherent_risk: Counts::of(vendors.iter().map(Vendor::inherent)),
        by_residual_risk: Counts::of(vendors.iter().map(Vendor::residual)),
        reviews: ReviewCounts {
            overdue: count(&|vendor| vendor.is_review_overdue(today)),
            in30_days: count(&|vendor| is_within(vendor.next_review(), today, REVIEW_DAYS)),
            never: count(&|vendor| vendor.last_review().is_none()),
            without_due_date: count(&|vendor| vendor.next_review().is_none()),
        },
        contracts: ContractCounts {
            ended: count(&|vendor| vendor.contract_ends().is_some_and(|end| end < today)),
            end_in90_days: count(&|vendor| is_within(vendor.contract_ends(), today, CONTRACT_DAYS)),
            renew_in90_days: count(&|vendor| is_within(vendor.contract_renews(), today, CONTRACT_DAYS)),
        },
        without_security_owner: count(&|vendor| vendor.security_owner_user_id.is_none()),
        list: InColumns::first(COLUMNS, SHOWN, Vec::new()),
    };
    vendors.sort_by_key(|vendor| {
        let next = vendor.next_review();
        (!needs_something(vendor, today), rank(vendor.inherent()), next.is_none(), next)
    });
    let rows = vendors.iter().map(|vendor| row(vendor, users)).collect();
    VendorsInNumbers { list: InColumns::first(COLUMNS, SHOWN, rows), ..numbers }
}

fn is_within(date: Option<Date>, today: Date, days: u32) -> bool {
    date.is_some_and(|date| between(today, date) >= 0 && date <= after(today, days))
}

fn needs_something(vendor: &Vendor, today: Date) -> bool {
    vendor.last_review().is_none()
        || vendor.next_review().is_some_and(|due| due <= after(today, REVIEW_DAYS))
        || vendor.contract_ends().is_some_and(|end| end <= after(today, CONTRACT_DAYS))
        || is_within(vendor.contract_renews(), today, CONTRACT_DAYS)
}

fn row(vendor: &Vendor, users: &ReadUsers) -> Vec<Value> {
    let day = |date: Option<Date>| json!(date.map(|date| date.to_string()));
    vec![
        json!(short(&vendor.name, LONGEST)),
        json!(vendor.status),
        json!(vendor.inherent()),
        json!(vendor.residual()),
        day(vendor.last_review()),
        day(vendor.next_review()),
        users.shown(vendor.security_owner_user_id.as_deref()),
        day(vendor.contract_renews()),
        day(vendor.contract_ends()),
    ]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 28);

    fn vendor(changed: &Value) -> Vendor {
        let mut vendor = json!({
            "id": "v", "name": "Hohenberg-Schwarzenfels Cloud Infrastructure", "status": "IN_PROCUREMENT",
            "inherentRiskLevel": "CRITICAL", "residualRiskLevel": "CRITICAL", "securityOwnerUserId": "u",
            "lastSecurityReviewCompletionDate": "2026-01-01T00:00:00Z",
            "nextSecurityReviewDueDate": "2026-10-01T00:00:00Z",
            "contractRenewalDate": "2027-01-01T00:00:00Z", "contractTerminationDate": "2027-01-01T00:00:00Z",
        });
        for (name, value) in changed.as_object().unwrap() {
            vendor[name] = value.clone();
        }
        serde_json::from_value(vendor).unwrap()
    }

    fn told(vendors: &[Value]) -> Value {
        let users =
            json!([{"id": "u", "displayName": "Maximiliane von Hohenberg-Schwarzenfels", "isActive": false}]);
        let users = ReadUsers::known(serde_json::from_value(users).unwrap());
        json!(all(vendors.iter().map(vendor).collect(), &users, TODAY))
    }

    #[test]
    fn the_answer_stays_short_however_many_there_are() {
        let answer = told(&vec![json!({}); 1_000]);
        assert_eq!((&answer["vendors"], &answer["list"]["of"]), (&json!(1_000), &json!(1_000)));
        let length = answer.to_string().len();
        assert!(length <= 4_600, "{length}");
    }

    #[test]
    fn each_date_counts_on_its_side_of_today() {
        let due = |day: &str| json!({ "nextSecurityReviewDueDate": format!("{day}T00:00:00Z") });
        let answer = told(&["2026-11-27", "2026-11-28", "2026-12-28", "2026-12-29"].map(due));
        let reviews = &answer["reviews"];
        assert_eq!((&reviews["overdue"], &reviews["in30Days"]), (&json!(1), &json!(2)));
        let ends = |day: &str| json!({ "contractTerminationDate": format!("{day}T00:00:00Z") });
        let answer = told(&["2026-11-27", "2026-11-28", "2027-02-26", "2027-02-27"].map(ends));
        let contracts = &answer["contracts"];
        assert_eq!((&contracts["ended"], &contracts["endIn90Days"]), (&json!(1), &json!(2)));
    }

    #[test]
    fn what_has_no_level_is_not_low() {
        let calm = json!({
            "nextSecurityReviewDueDate": null, "contractRenewalDate": null, "contractTerminationDate": null,
        });
        let of = |level: Value| {
            let mut changed = calm.clone();
            changed["inherentRiskLevel"] = level;
            changed
        };
        let mut urgent = of(json!("LOW"));
        urgent["nextSecurityReviewDueDate"] = json!("2026-10-01T00:00:00Z");
        let answer =
            told(&[of(json!("LOW")), of(Value::Null), of(json!("MEDIUM")), of(json!("HIGH")), urgent]);
        assert_eq!(answer["byInherentRisk"], json!({"LOW": 2, "HIGH": 1, "MEDIUM": 1, "UNSCORED": 1}));
        assert_eq!(answer["reviews"]["withoutDueDate"], 4);
        let order: Vec<&Value> =
            answer["list"]["rows"].as_array().unwrap().iter().map(|row| &row[2]).collect();
        assert_eq!(order, ["LOW", "HIGH", "UNSCORED", "MEDIUM", "LOW"], "what needs something first");
    }
}
