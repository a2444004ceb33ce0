//! The numbers of the overview by name, to be kept: each is named as the answer has it, `tests.overdue`, and is there only if
//! its list was certainly read to its end.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::parts::{
    Deadlines, DocumentsToRenew, FailingTests, OpenIssues, OpenTasks, PolicyVersions, RisksToScore,
    VendorReviews,
};
use super::read::{FrameworkProgress, OverviewRows};
use crate::index::DayOfNumbers;

/// Members that tell people or kinds without end apart, of which the answer shows the first few.
const APART: &[&str] = &["byOwner", "byCategory"];

/// What the rows of an overview are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverviewScope {
    Everything,
    /// Tests and documents are of one framework.
    OneFramework,
}

/// The numbers of what was read.
pub fn numbers(read: &OverviewRows, scope: OverviewScope, now: Timestamp) -> DayOfNumbers {
    let rows = &read.rows;
    let narrowed = [
        ("tests", rows.failing.as_deref().map(|rows| json!(FailingTests::of(rows)))),
        ("invalidTests", rows.invalid.as_ref().map(|rows| json!(rows.len()))),
        ("documents", rows.documents.as_deref().map(|rows| json!(DocumentsToRenew::of(rows)))),
    ];
    let all = [
        ("people", rows.people.as_deref().map(|rows| json!(OpenTasks::of(rows)))),
        ("vulnerabilities", rows.vulnerabilities.as_deref().map(|rows| json!(Deadlines::of(rows, now)))),
        ("vendors", rows.vendors.as_deref().map(|rows| json!(VendorReviews::of(rows, now)))),
        ("policies", rows.policies.as_deref().map(|rows| json!(PolicyVersions::of(rows)))),
        ("issues", rows.issues.as_deref().map(|rows| json!(OpenIssues::of(rows, now)))),
        ("risks", rows.risks.as_deref().map(|rows| json!(RisksToScore::of(rows)))),
    ];
    let narrowed = narrowed.into_iter().filter(|_| scope == OverviewScope::Everything);
    let mut numbers = DayOfNumbers::new();
    for (member, value) in narrowed.chain(all).filter(|(member, _)| read.whole.contains(member)) {
        add(member, &value.unwrap_or_default(), &mut numbers);
    }
    numbers
}

/// The numbers of each framework.
pub fn progress(frameworks: &[FrameworkProgress]) -> DayOfNumbers {
    let of = |framework: &FrameworkProgress| {
        let id = framework.id.clone()?;
        let numbers = [
            ("controlsCompleted", framework.num_controls_completed),
            ("controls", framework.num_controls_total),
            ("testsPassing", framework.num_tests_passing),
            ("tests", framework.num_tests_total),
            ("documentsPassing", framework.num_documents_passing),
            ("documents", framework.num_documents_total),
        ];
        Some(
            numbers
                .into_iter()
                .filter_map(move |(name, number)| Some((format!("frameworks.{id}.{name}"), number?))),
        )
    };
    frameworks.iter().filter_map(of).flatten().collect()
}

/// Adds each number of a value, under the name of its place.
fn add(name: &str, value: &Value, numbers: &mut DayOfNumbers) {
    if let Some(number) = value.as_u64() {
        numbers.insert(name.to_owned(), number);
    }
    let (columns, rows) =
        (value.get("columns").and_then(Value::as_array), value.get("rows").and_then(Value::as_array));
    if let (Some(columns), Some(rows)) = (columns, rows) {
        for row in rows.iter().filter_map(Value::as_array) {
            let kind = row.first().and_then(Value::as_str).unwrap_or_default();
            for (column, cell) in columns.iter().zip(row).skip(1) {
                add(&format!("{name}.{kind}.{}", column.as_str().unwrap_or_default()), cell, numbers);
            }
        }
        return;
    }
    for (member, value) in value.as_object().into_iter().flatten() {
        if !APART.contains(&member.as_str()) {
            add(&format!("{name}.{member}"), value, numbers);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_named_by_its_place() {
        let value = json!({
            "overdue": 3, "byOwner": {"Maya": 2}, "byKind": {"a": 1},
            "bySeverity": {"columns": ["severity", "overdue", "dueIn30Days"], "rows": [["HIGH", 1, 2]]},
        });
        let mut numbers = DayOfNumbers::new();
        add("people", &value, &mut numbers);
        let named: Vec<(&str, u64)> = numbers.iter().map(|(name, number)| (name.as_str(), *number)).collect();
        assert_eq!(
            named,
            [
                ("people.byKind.a", 1),
                ("people.bySeverity.HIGH.dueIn30Days", 2),
                ("people.bySeverity.HIGH.overdue", 1),
                ("people.overdue", 3),
            ]
        );
    }
}
