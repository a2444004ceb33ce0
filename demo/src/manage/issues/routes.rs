//! `/v1/issues`.

use jiff::Timestamp;
use serde_json::Value;

use crate::ask::{Ask, Reply};
use crate::clock::parse;
use crate::manage::{Manage, Outcome};
use crate::order::{Direction, ordered, property};
use crate::pages::page_of;
use crate::query::{choices, date, flag};
use crate::record::{at, contains, text};

const STATUSES: &[&str] = &["NOT_STARTED", "IN_PROGRESS", "CLOSED"];
/// From the mildest to the worst.
const SEVERITIES: &[&str] = &["NO_SEVERITY", "LOW", "MEDIUM", "HIGH", "CRITICAL"];
const SOURCES: &[&str] =
    &["AUDIT", "AUDIT_EXTERNAL", "INCIDENT", "EXTERNAL_PARTY", "SELF_ASSESSMENT", "OTHER"];
const TYPES: &[&str] = &[
    "AREA_OF_CONCERN",
    "MAJOR_NONCONFORMITY",
    "MINOR_NONCONFORMITY",
    "OPP_FOR_IMPROVEMENT",
    "EXCEPTION",
    "PROCESS_FOR_IMPROVEMENT",
];
const ORDERS: &[&str] = &["dueDate", "createdDate", "detectedDate", "lastModifiedDate", "status", "severity"];

/// Query parameter, its allowed values (any where there are none), and the property that it is about.
const EQUALITIES: &[(&str, &[&str], &str)] = &[
    ("readableIssueIdMatchesAny", &[], "/readableIssueId"),
    ("statusMatchesAny", STATUSES, "/status"),
    ("severityMatchesAny", SEVERITIES, "/severity"),
    ("sourceMatchesAny", SOURCES, "/source/type"),
    ("typeMatchesAny", TYPES, "/type"),
    ("templateMatchesAny", &["STANDARD_ISSUE", "STANDARD_POAM"], "/template"),
    ("closeReasonMatchesAny", &["RESOLVED", "DUPLICATE", "ACCEPTED", "OTHER"], "/closedMetadata/closeReason"),
    ("auditIdMatchesAny", &[], "/source/auditId"),
];

/// The beginning of two query parameters, and the date that they are about. Both ends belong to the span.
const SPANS: &[(&str, &str)] = &[
    ("closed", "/closedMetadata/closedDate"),
    ("due", "/dueDate"),
    ("detected", "/detectedDate"),
    ("created", "/createdDate"),
];

impl Manage {
    pub(in crate::manage) fn issues_route(&self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => self.list_issues(ask),
            ("GET", [id]) => self.issues.0.find(id).cloned().map(Reply::ok),
            _ => return None,
        };
        Some(outcome)
    }

    fn list_issues(&self, ask: &Ask) -> Outcome {
        let spans = spans(ask)?;
        let undated = Undated::read(ask)?;
        let mut equalities = Vec::new();
        for (name, allowed, pointer) in EQUALITIES {
            let wanted = if allowed.is_empty() { ask.all(name) } else { choices(ask, name, allowed)? };
            if !wanted.is_empty() {
                equalities.push((wanted, *pointer));
            }
        }
        let (owners, controls) = (ask.all("ownerIdMatchesAny"), ask.all("controlIdMatchesAny"));
        let wanted = |issue: &&Value| {
            equalities.iter().all(|(wanted, pointer)| wanted.contains(&at(issue, pointer)))
                && spans.iter().all(|span| span.holds(issue, undated))
                && (undated != Undated::Only || at(issue, "/dueDate").is_empty())
                && ask.one("search").is_none_or(|part| {
                    contains(text(issue, "title"), part) || contains(text(issue, "description"), part)
                })
                && (owners.is_empty() || names(issue, "owners", |owner| text(owner, "ownerId"), &owners))
                && (controls.is_empty() || names(issue, "mappedControlIds", as_text, &controls))
        };
        let kept: Vec<&Value> = self.issues.all().iter().filter(wanted).collect();
        let sorted = ordered(ask, kept, ORDERS, (None, Direction::Ascending), rank)?;
        Ok(page_of(ask, sorted, Value::clone))
    }
}

/// What is to be done with issues that have no due date.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Undated {
    LeftOut,
    Included,
    Only,
}

impl Undated {
    fn read(ask: &Ask) -> Result<Self, Reply> {
        let bounded = ["dueBeforeDate", "dueAfterDate"].iter().any(|name| ask.one(name).is_some());
        match (flag(ask, "includeOnlyIssuesWithoutDueDate")?, flag(ask, "includeIssuesWithoutDueDate")?) {
            (Some(true), _) if bounded => Err(Reply::error(
                400,
                "includeOnlyIssuesWithoutDueDate cannot be combined with dueBeforeDate or dueAfterDate",
            )),
            (Some(true), _) => Ok(Self::Only),
            (_, Some(true)) => Ok(Self::Included),
            _ => Ok(Self::LeftOut),
        }
    }
}

/// A span of time that a date has to lie in.
struct Span {
    pointer: &'static str,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl Span {
    fn holds(&self, issue: &Value, undated: Undated) -> bool {
        match parse(at(issue, self.pointer)) {
            None => self.pointer == "/dueDate" && undated == Undated::Included,
            Some(day) => {
                self.after.is_none_or(|after| day >= after) && self.before.is_none_or(|before| day <= before)
            }
        }
    }
}

/// The spans that the query bounds.
fn spans(ask: &Ask) -> Result<Vec<Span>, Reply> {
    let mut spans = Vec::new();
    for (name, pointer) in SPANS {
        let after = date(ask, &format!("{name}AfterDate"))?;
        let before = date(ask, &format!("{name}BeforeDate"))?;
        if after.is_some() || before.is_some() {
            spans.push(Span { pointer, after, before });
        }
    }
    Ok(spans)
}

fn names<'a>(issue: &'a Value, list: &str, id: impl Fn(&'a Value) -> &'a str, wanted: &[&str]) -> bool {
    let entries = issue.get(list).and_then(Value::as_array);
    entries.into_iter().flatten().any(|entry| wanted.contains(&id(entry)))
}

fn as_text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What an issue is sorted by: words that are grades by their place among the grades.
fn rank(issue: &Value, key: &str) -> Value {
    let grades = match key {
        "status" => STATUSES,
        "severity" => SEVERITIES,
        _ => return property(issue, key),
    };
    grades.iter().position(|grade| *grade == text(issue, key)).into()
}
