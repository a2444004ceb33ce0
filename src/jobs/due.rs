//! The job `due`: what is overdue or falls due, of every kind that has a date.

mod documents;
mod read;
mod rows;
mod things;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::things::{DueKind, DueThing, ReadDue};
use super::columns::{Counts, InColumns};
use super::days;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::known_names::IndexAge;
use super::typed::{schema_of, typed};
use crate::answer::Answer;
use crate::call::CallError;

pub(super) static DUE: Job = Job {
    name: "due",
    title: "What is overdue or falls due",
    about: "Everything that is overdue or falls due within some days, soonest first, with its owner: tests, documents by \
            renewal date, policies, people's tasks, vulnerabilities by asset, vendor reviews and contracts, issues, \
            questionnaires, answers and Trust Center access. For everything of one person use person_duties.",
    asks: &[
        "what is due this week",
        "what is overdue",
        "upcoming deadlines",
        "what do I have to do next",
        "deadlines in the next 30 days",
        "which documents expire next month",
        "evidence that has to be renewed soon",
        "who is overdue with their tasks",
        "vulnerabilities that break their SLA next week",
        "which vendor reviews are late",
        "contracts that end soon",
        "what is due for Priya",
        "compliance to-do list",
        "everything past its deadline",
        "what falls due before the audit",
        "calendar of compliance deadlines",
        "policies that have to be renewed",
        "overdue issues",
    ],
    toolset: "organization",
    usual: true,
    uses: &["list_tests", "list_documents"],
    also: &[
        "get_document",
        "list_document_controls",
        "list_policies",
        "list_people",
        "list_vulnerabilities",
        "list_vulnerable_assets",
        "list_vendors",
        "list_issues",
        "list_questionnaires",
        "list_answer_library_entries",
        "list_trust_center_viewers",
        "list_users",
    ],
    input: schema_of::<WantedDue>,
    output: super::typed::answer_schema_of::<WhatIsDue>,
    run: |desk, arguments| {
        Box::pin(async move {
            let wanted: WantedDue = typed(desk.job(), arguments)?;
            let desk = desk.fresh(wanted.fresh);
            run(&desk, wanted).await.map(|due| Answer::done(&due))
        })
    },
};

/// How many rows are shown at most.
const ROWS: usize = 45;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedDue {
    /// How many days ahead; default 30. 0 is what is overdue.
    #[serde(default = "month")]
    #[schemars(range(min = 0, max = 366))]
    days: u32,
    /// Only what this person owns or has to do: name or e-mail address, or a part of it.
    #[serde(default)]
    owner: Option<String>,
    /// Only these kinds.
    #[serde(default)]
    kinds: Vec<DueKind>,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

fn month() -> u32 {
    30
}

/// What is overdue or falls due.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WhatIsDue {
    /// The last day that is looked at.
    until: String,
    /// How many of each kind are overdue.
    overdue: Counts,
    /// How many of each kind fall due.
    due: Counts,
    /// Them, soonest first.
    #[serde(flatten)]
    rows: InColumns,
    /// How many are left out of all this, and why.
    left_out: Counts,
    /// Renewal dates of documents that are being read now, if not all are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    unfinished: Option<String>,
    /// When the oldest was read of what is from the index: names of owners and assets.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_in_index: Option<String>,
    /// What the renewal dates of documents rest on, where they were not all read now.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<String>,
    /// What the API does not say.
    cannot_know: &'static [&'static str],
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
}

const CANNOT_KNOW: &[&str] = &[
    "when a policy expires: only that it is to be renewed, or has expired",
    "owners of vulnerabilities",
    "vulnerabilities without a deadline",
    "due dates of vendor assessments, which take a request for each vendor: vendor_overview",
];

async fn run(desk: &Desk<'_>, wanted: WantedDue) -> Result<WhatIsDue, CallError> {
    let gaps = Gaps::default();
    let (today, until) = (desk.today(), days::after(desk.today(), wanted.days));
    let age = IndexAge::default();
    let read = ReadDue { desk, gaps: &gaps, age: &age, until, kinds: &wanted.kinds };
    let found = read.all().await?;
    let basis = found.basis();
    let mut things = found.things;
    things.retain(|thing| thing.due.is_none_or(|due| due <= until));
    if let Some(owner) = &wanted.owner {
        let (asked, before) = (owner.trim().to_lowercase(), things.len());
        things.retain(|thing| thing.owner.as_ref().is_some_and(|name| name.to_lowercase().contains(&asked)));
        if things.is_empty() && before > 0 {
            gaps.name(format!("nothing of {before} things has an owner with {} in the name", json!(owner)));
        }
    }
    things.sort_by(|a, b| (a.due, a.kind, &a.what).cmp(&(b.due, b.kind, &b.what)));
    let is_overdue = |thing: &&DueThing| thing.due.is_none_or(|due| due < today);
    let count = |overdue: bool| {
        let of_them = things.iter().filter(|thing| is_overdue(thing) == overdue);
        Counts::of(of_them.flat_map(|thing| std::iter::repeat_n(thing.kind.as_str(), thing.count)))
    };
    let rows: Vec<Vec<Value>> = things.iter().map(DueThing::row).collect();
    Ok(WhatIsDue {
        until: until.to_string(),
        overdue: count(true),
        due: count(false),
        rows: InColumns::first(&["kind", "what", "due", "owner", "note"], ROWS, rows),
        left_out: Counts::of(found.left_out),
        unfinished: found.unfinished,
        oldest_in_index: age.told(),
        basis,
        cannot_know: CANNOT_KNOW,
        not_looked_at: gaps.told(),
    })
}
