//! The job `explain_failure`: why a test fails, in its own words, and what that concerns.

use futures::future::{try_join, try_join_all};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::builder::keep_up;
use super::columns::{Counts, InColumns, short};
use super::controls::{OwnerRow, Remediation};
use super::days;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::pick::{NamedIn, pick};
use super::relations::Relations;
use super::typed::{schema_of, typed};
use crate::answer::Answer;
use crate::call::{CallError, Candidate};

pub(super) static EXPLAIN_FAILURE: Job = Job {
    name: "explain_failure",
    title: "Why a test fails",
    about: "Why one automated test fails: what it checks and how to fix it in the test's own words, which items fail by kind, \
            which were excepted and why, and the frameworks and controls that it concerns. To accept an item use \
            deactivate_test_entity.",
    asks: &[
        "why does this test fail",
        "why is the MFA test failing",
        "explain the failing test",
        "what is wrong with the S3 encryption test",
        "how do I fix this failing test",
        "which accounts make the Okta MFA test fail",
        "remediation steps for a failing test",
        "what do I have to do so that the test passes",
        "which items fail in this test",
        "what exceptions does this test have",
        "what does a failing test affect",
        "which controls depend on this test",
        "which frameworks are hit by this failing check",
        "tell me about the failed check on unused access keys",
        "root cause of a failing test",
        "who is causing the password manager test to fail",
    ],
    toolset: "tests",
    usual: true,
    uses: &["list_tests", "list_test_entities"],
    also: &["get_test", "list_frameworks"],
    input: schema_of::<WantedTest>,
    output: super::typed::answer_schema_of::<ExplainedFailure>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedTest { test, fresh } = typed(desk.job(), arguments)?;
            run(&desk.fresh(fresh), &test).await.map(|explained| Answer::done(&explained))
        })
    },
};

/// How many failing items are shown.
const ITEMS: usize = 40;

/// How many exceptions are shown.
const EXCEPTIONS: usize = 10;

/// How many controls are shown.
const CONTROLS: usize = 15;

/// How much of the test's own words is shown of each.
const WORDS: usize = 500;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedTest {
    /// Id or name of the test.
    #[schemars(length(min = 1, max = 300))]
    test: String,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// Why a test fails.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ExplainedFailure {
    /// The test.
    test: TestInShort,
    /// What the test itself says; others wrote it.
    says: TestWords,
    /// What fails.
    failing: ItemsThatFail,
    /// What was taken out of it, and why.
    exceptions: InColumns,
    /// What it concerns.
    matters: Concerned,
    /// What the API does not say.
    cannot_know: &'static [&'static str],
    /// Tools for what comes next.
    next: &'static [&'static str],
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TestInShort {
    id: String,
    name: Option<String>,
    status: Option<String>,
    owner: Option<String>,
    /// When its result last changed; if it fails, since when.
    since: Option<String>,
    /// The earliest deadline of an item.
    due: Option<String>,
    last_run: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct TestWords {
    /// What it checks.
    check: Option<String>,
    /// Why it fails.
    failure: Option<String>,
    /// How it is repaired.
    repair: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct ItemsThatFail {
    /// How many items fail.
    count: usize,
    /// How many of each kind.
    kinds: Counts,
    /// Them, the oldest first.
    items: InColumns,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Concerned {
    /// Its frameworks; absent if they could not be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    frameworks: Option<Vec<String>>,
    /// Its controls, as far as they are known.
    controls: InColumns,
    /// Of how many controls the tests are known.
    controls_known: String,
    /// When the oldest look at a control's tests was that this rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_relation: Option<String>,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
struct WholeTest {
    id: String,
    name: Option<String>,
    status: Option<String>,
    description: Option<String>,
    failure_description: Option<String>,
    remediation_description: Option<String>,
    last_test_run_date: Option<String>,
    latest_flip_date: Option<String>,
    remediation_status_info: Option<Remediation>,
    owner: Option<OwnerRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    display_name: Option<String>,
    response_type: Option<String>,
    deactivated_reason: Option<String>,
    created_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameworkName {
    id: String,
    display_name: Option<String>,
}

/// In how many frameworks a test is looked for, at a request each, where the index does not know.
const FRAMEWORKS: usize = 10;

const CANNOT_KNOW: &[&str] = &[
    "the owner of an item, and when its exception ends",
    "items that pass: they are never listed",
    "whether a repair worked, before Vanta's next sync and run, which nobody can start through the API",
];

/// The test, and the frameworks that it is in.
struct FoundTest {
    test: WholeTest,
    frameworks: Option<Vec<String>>,
}

async fn run(desk: &Desk<'_>, asked: &str) -> Result<ExplainedFailure, CallError> {
    let gaps = Gaps::default();
    let relations = Relations::open(desk).await;
    keep_up(desk);
    let FoundTest { test, frameworks } = find(desk, asked, &relations, &gaps).await?;
    let entities = |status: &str| {
        desk.list::<Entity>("list_test_entities", json!({ "testId": test.id, "entityStatus": status }))
    };
    let (failing, excepted) = try_join(entities("FAILING"), entities("DEACTIVATED")).await?;
    let mut failing = gaps.rows("failing items", failing);
    let excepted = gaps.rows("exceptions", excepted);
    failing.sort_by(|a, b| a.created_date.cmp(&b.created_date));
    let kinds = failing.iter().map(|entity| entity.response_type.as_deref().unwrap_or("(not said)"));
    let items = failing.iter().map(|entity| {
        vec![
            json!(entity.display_name.as_deref().map(|name| short(name, 80))),
            json!(days::shown(entity.created_date.as_deref())),
        ]
    });
    let exceptions = excepted.iter().map(|entity| {
        let text = |text: &Option<String>| json!(text.as_deref().map(|text| short(text, 80)));
        vec![text(&entity.display_name), text(&entity.deactivated_reason)]
    });
    Ok(ExplainedFailure {
        says: TestWords {
            check: words(test.description.as_deref()),
            failure: words(test.failure_description.as_deref()),
            repair: words(test.remediation_description.as_deref()),
        },
        failing: ItemsThatFail {
            count: failing.len(),
            kinds: Counts::of(kinds),
            items: InColumns::first(&["item", "firstSeen"], ITEMS, items.collect()),
        },
        exceptions: InColumns::first(&["item", "reason"], EXCEPTIONS, exceptions.collect()),
        matters: concerned(&relations, &test.id, frameworks),
        cannot_know: CANNOT_KNOW,
        next: &["deactivate_test_entity", "failing_controls"],
        not_looked_at: gaps.told(),
        test: TestInShort {
            status: test.status,
            owner: test.owner.and_then(|owner| owner.display_name.or(owner.email_address)),
            since: days::shown(test.latest_flip_date.as_deref()),
            due: days::shown(
                test.remediation_status_info.and_then(|info| info.soonest_remediate_by_date).as_deref(),
            ),
            last_run: days::shown(test.last_test_run_date.as_deref()),
            name: test.name,
            id: test.id,
        },
    })
}

/// The test that is meant, with its frameworks. A test says nothing of frameworks, so the failing ones of each are listed,
/// among which it mostly is; where the index knows all of its controls, one request is enough.
async fn find(
    desk: &Desk<'_>,
    asked: &str,
    relations: &Relations,
    gaps: &Gaps,
) -> Result<FoundTest, CallError> {
    let failing = |filter: Value| desk.list::<WholeTest>("list_tests", filter);
    if let Some(all) = relations.frameworks_of_tests() {
        let list = failing(json!({ "statusFilter": "NEEDS_ATTENTION" })).await?;
        let test = chosen(desk, asked, &list.rows).await?;
        let frameworks = all.get(&test.id).cloned().unwrap_or_default();
        return Ok(FoundTest { test, frameworks: Some(frameworks) });
    }
    let read = desk.also::<FrameworkName>("frameworks", "list_frameworks", json!({}), gaps).await?;
    let Some(list) = read else {
        let list = failing(json!({ "statusFilter": "NEEDS_ATTENTION" })).await?;
        let test = chosen(desk, asked, &list.rows).await?;
        return Ok(FoundTest { test, frameworks: None });
    };
    let mut frameworks = gaps.rows("frameworks", list);
    if frameworks.len() > FRAMEWORKS {
        gaps.name(format!(
            "{} of {} frameworks: each costs a request until the index knows their controls",
            frameworks.len() - FRAMEWORKS,
            frameworks.len()
        ));
        frameworks.truncate(FRAMEWORKS);
    }
    let lists = try_join_all(frameworks.iter().map(|framework| {
        failing(json!({ "frameworkFilter": framework.id, "statusFilter": "NEEDS_ATTENTION" }))
    }))
    .await?;
    for (framework, list) in frameworks.iter().zip(&lists) {
        if let Some(doubt) = list.doubt() {
            gaps.name(format!("failing tests of {}: {doubt}", framework.id));
        }
    }
    let mut rows: Vec<WholeTest> = Vec::new();
    for test in lists.iter().flat_map(|list| &list.rows) {
        if rows.iter().all(|other| other.id != test.id) {
            rows.push(test.clone());
        }
    }
    let test = if let Ok(test) = choose(desk, asked, &rows) {
        test
    } else {
        // It may be in none of them.
        let list = failing(json!({ "statusFilter": "NEEDS_ATTENTION" })).await?;
        chosen(desk, asked, &list.rows).await?
    };
    if !rows.iter().any(|row| row.id == test.id) {
        gaps.name("frameworks of a test that does not fail, or is in none: only failing tests are listed by framework");
        return Ok(FoundTest { test, frameworks: None });
    }
    let of = frameworks.iter().zip(&lists).filter(|(_, list)| list.rows.iter().any(|row| row.id == test.id));
    let names =
        of.map(|(framework, _)| framework.display_name.clone().unwrap_or_else(|| framework.id.clone()));
    let frameworks = Some(names.collect());
    Ok(FoundTest { test, frameworks })
}

/// The one of these tests that is meant, or one that is not among them by its id.
async fn chosen(desk: &Desk<'_>, asked: &str, rows: &[WholeTest]) -> Result<WholeTest, CallError> {
    match choose(desk, asked, rows) {
        Ok(test) => Ok(test),
        Err(error) => by_id(desk, asked, error).await,
    }
}

fn choose(desk: &Desk<'_>, asked: &str, rows: &[WholeTest]) -> Result<WholeTest, CallError> {
    let place = NamedIn { job: desk.job(), argument: "test", list: "list_tests" };
    let names = |test: &WholeTest| {
        let name = test.name.as_deref().map(|name| ("name", name));
        Candidate::new(("id", &test.id), name)
    };
    pick(place, asked, rows, names).cloned()
}

/// A test that does not fail can still be asked about by its id.
async fn by_id(desk: &Desk<'_>, asked: &str, error: CallError) -> Result<WholeTest, CallError> {
    let is_id = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    if !is_id(asked.trim()) || !desk.offers("get_test") {
        return Err(error);
    }
    match desk.one::<WholeTest>("get_test", json!({ "testId": asked.trim() })).await {
        Err(CallError::Cancelled) => Err(CallError::Cancelled),
        Err(_) => Err(error),
        found => found,
    }
}

/// What a test concerns, as far as the controls were looked at.
fn concerned(relations: &Relations, test: &str, frameworks: Option<Vec<String>>) -> Concerned {
    let controls = relations.controls_of_test(test);
    let rows: Vec<Vec<Value>> = controls
        .named
        .iter()
        .map(|control| {
            vec![
                json!(control.external_id.as_deref().unwrap_or(&control.id)),
                json!(short(&control.name, 80)),
            ]
        })
        .collect();
    let controls_known = match controls.of {
        Some(all) => format!("{} of {all}", controls.looked),
        None => format!("{}: failing_controls looks at them", controls.looked),
    };
    Concerned {
        frameworks,
        controls: InColumns::first(&["externalId", "name"], CONTROLS, rows),
        controls_known,
        oldest_relation: controls.oldest.map(days::minute),
    }
}

fn words(text: Option<&str>) -> Option<String> {
    text.map(|text| short(text, WORDS))
}
