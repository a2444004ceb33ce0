//! Earlier numbers beside those of now, from the snapshots that are kept; nothing is claimed of a day of which there is none.

use jiff::ToSpan as _;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::columns::InColumns;
use crate::index::{DayOfNumbers, Snapshots};

/// How many days before the one that is meant still stand for it: a server is not used on each.
const NEAR: i32 = 3;

/// How many numbers are shown.
const SHOWN: usize = 12;

/// How many numbers that a day lacks are named.
const NAMED: usize = 4;

/// The numbers that are compared, by the end of their name, the most telling first.
const COMPARED: &[&str] = &[
    ".controlsCompleted",
    "tests.failing",
    "tests.overdue",
    "people.overdue",
    "vulnerabilities.overdue",
    "vendors.reviewOverdue",
    "documents.needsUpdate",
    "documents.needsDocument",
    "people.offboardingOverdue",
    "issues.overdue",
    "issues.open",
    ".testsPassing",
    ".documentsPassing",
    "vendors.highOrCriticalNeverReviewed",
    "policies.neverApproved",
    "risks.withoutResidualScore",
];

/// Of these the rows themselves have dates.
const DATED: &[&str] = &["tests.failing", "documents.needsUpdate", "documents.needsDocument", "issues.open"];

/// Today's numbers beside those of earlier snapshots.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SnapshotTrend {
    /// The day of the snapshot of about 7 days ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    week_ago: Option<String>,
    /// The day of the snapshot of about 30 days ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    month_ago: Option<String>,
    /// Numbers that are others now, named as in this answer.
    changed: InColumns,
    /// How many are the same.
    unchanged: usize,
    /// Days without a snapshot, and numbers that a snapshot lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
}

/// The numbers of two snapshots that differ.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SnapshotDifferences {
    /// The day of the earlier snapshot.
    from: String,
    /// The day of the later one.
    to: String,
    /// Numbers that differ, named as in `compliance_overview`.
    changed: InColumns,
    /// How many are the same.
    unchanged: usize,
    /// Numbers that only one of them has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
}

/// The names of those of these numbers that are compared, the most telling first.
fn compared(numbers: &DayOfNumbers) -> impl Iterator<Item = (&str, u64)> {
    COMPARED.iter().flat_map(move |end| {
        let is_meant =
            move |name: &str| if end.starts_with('.') { name.ends_with(end) } else { name == *end };
        numbers.iter().filter(move |(name, _)| is_meant(name)).map(|(name, number)| (name.as_str(), *number))
    })
}

impl SnapshotTrend {
    /// Against 7 and 30 days ago; none where there is no snapshot of either.
    pub(super) fn of(snapshots: &Snapshots, now: &DayOfNumbers, today: Date) -> Option<Self> {
        let mut missing = Vec::new();
        let mut day = |ago: i32| {
            let meant = today.checked_sub(ago.days()).unwrap_or(Date::MIN);
            let found = snapshots.last(meant.checked_sub(NEAR.days()).unwrap_or(Date::MIN), meant);
            if found.is_none() {
                missing.push(format!("no snapshot of {meant} or the {NEAR} days before"));
            }
            found
        };
        let (week, month) = (day(7), day(30));
        if week.is_none() && month.is_none() {
            return None;
        }
        let earlier = [week, month].map(|day| (day, day.map(|day| snapshots.of(day)).unwrap_or_default()));
        for (day, numbers) in &earlier {
            missing.extend(day.and_then(|day| lacking(day, numbers, now)));
        }
        let (mut rows, mut unchanged) = (Vec::new(), 0);
        for (name, number) in compared(now) {
            let before = earlier.each_ref().map(|(_, numbers)| numbers.get(name).copied());
            match before {
                [None, None] => {}
                _ if before.iter().flatten().all(|before| *before == number) => unchanged += 1,
                [week, month] => rows.push(vec![json!(name), json!(number), json!(week), json!(month)]),
            }
        }
        Some(Self {
            week_ago: week.map(|day| day.to_string()),
            month_ago: month.map(|day| day.to_string()),
            changed: InColumns::first(&["number", "now", "weekAgo", "monthAgo"], SHOWN, rows),
            unchanged,
            missing,
        })
    }
}

impl SnapshotDifferences {
    /// Of the last snapshot until that day, and the latest since; none where there are no two. What has dates of its own is
    /// left out.
    pub(super) fn of(snapshots: &Snapshots, since: Date, today: Date) -> Option<Self> {
        let from = snapshots.last(since.checked_sub(NEAR.days()).unwrap_or(Date::MIN), since)?;
        let to = snapshots.last(from.tomorrow().ok()?, today)?;
        let (before, after) = (snapshots.of(from), snapshots.of(to));
        let (mut rows, mut unchanged) = (Vec::new(), 0);
        for (name, now) in compared(&after).filter(|(name, _)| !DATED.contains(name)) {
            match before.get(name) {
                None => {}
                Some(then) if *then == now => unchanged += 1,
                Some(then) => rows.push(vec![json!(name), json!(then), json!(now)]),
            }
        }
        let missing = [lacking(from, &before, &after), lacking(to, &after, &before)];
        Some(Self {
            from: from.to_string(),
            to: to.to_string(),
            changed: InColumns::first(&["number", "before", "after"], SHOWN, rows),
            unchanged,
            missing: missing.into_iter().flatten().collect(),
        })
    }
}

/// What a day lacks of what is compared.
fn lacking(day: Date, numbers: &DayOfNumbers, other: &DayOfNumbers) -> Option<String> {
    let lacking: Vec<&str> =
        compared(other).map(|(name, _)| name).filter(|name| !numbers.contains_key(*name)).collect();
    let more = lacking.len().saturating_sub(NAMED);
    let named = lacking.get(..NAMED).unwrap_or(&lacking).join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!lacking.is_empty()).then(|| format!("the snapshot of {day} lacks {named}{more}"))
}

/// What cannot be known of earlier numbers, by what is kept; none of it where nothing is.
pub(super) fn unknown_before(snapshots: Option<&Snapshots>, today: Date) -> String {
    match snapshots.map(|snapshots| snapshots.first().unwrap_or(today)) {
        None => "earlier numbers and percentages: the API keeps no history, and no snapshots are kept here"
            .to_owned(),
        Some(first) => format!(
            "numbers and percentages before {first}: the API keeps no history, and snapshots are kept here since then"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_answer() {
        let numbers: DayOfNumbers =
            [("frameworks.soc2.controlsCompleted", 1), ("tests.overdue", 2), ("people.byKind.x", 3)]
                .into_iter()
                .map(|(name, number)| (name.to_owned(), number))
                .collect();
        let found: Vec<&str> = compared(&numbers).map(|(name, _)| name).collect();
        assert_eq!(found, ["frameworks.soc2.controlsCompleted", "tests.overdue"]);
    }
}
