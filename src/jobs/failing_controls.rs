//! The job `failing_controls`: which controls have a failing test in force, or a document that is missing or has lapsed.
//!
//! A test does not know its controls, so this rests on relations that are read control by control, and kept. Which tests and
//! documents fail is read now, always.

mod answer;
mod found;
mod rows;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use self::answer::FailingControls;
use self::found::{ControlFindings, InScope};
use self::rows::{FailingNow, now_failing};
use super::builder::go_on;
use super::controls::{ControlRow, kept};
use super::desk::Desk;
use super::frameworks::FrameworkRow;
use super::gaps::Gaps;
use super::job::Job;
use super::pick::{NamedIn, pick};
use super::relations::Relations;
use super::typed::{schema_of, typed};
use crate::answer::Answer;
use crate::call::{CallError, Candidate};
use crate::index::{KeptControl, KeptFramework, KeptList, WantedPart};
use crate::state::Moment;

pub(super) static FAILING_CONTROLS: Job = Job {
    name: "failing_controls",
    title: "Failing controls, and why",
    about: "Which controls fail, of all or of one framework or owner, and why: those with a failing test in force or a \
            document that is missing or lapsed, worst first, with owners. Controls without any evidence are listed separately. For \
            why one test fails use explain_failure.",
    asks: &[
        "which controls are failing",
        "which SOC 2 controls fail and why",
        "failing controls",
        "what is broken in our ISO 27001 program",
        "controls that are not passing",
        "red controls",
        "which controls would an auditor flag today",
        "show me everything failing for HIPAA",
        "what do I have to fix before the audit",
        "controls with failing tests",
        "controls with missing evidence",
        "which of Maya's controls are failing",
        "worst controls first",
        "non-compliant controls by owner",
        "why are we not compliant with SOC 2",
        "how many controls fail",
        "controls without any evidence mapped",
        "gap list for our framework",
        "what stops us from being audit ready",
        "incomplete controls and the reason",
    ],
    toolset: "controls",
    usual: true,
    uses: &[
        "list_frameworks",
        "list_tests",
        "list_documents",
        "list_controls",
        "list_control_tests",
        "list_document_controls",
    ],
    also: &["get_control", "get_document"],
    input: schema_of::<WantedControls>,
    output: super::typed::answer_schema_of::<FailingControls>,
    run: |desk, arguments| {
        Box::pin(async move {
            let wanted: WantedControls = typed(desk.job(), arguments)?;
            let desk = desk.fresh(wanted.fresh);
            run(&desk, &wanted).await.map(|failing| Answer::done(&failing))
        })
    },
};

/// For so long what was asked for afresh is not asked for again.
const AFRESH: Duration = Duration::from_secs(15 * 60);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedControls {
    /// Name or id of a framework, e.g. SOC 2; all controls if omitted.
    #[serde(default)]
    framework: Option<String>,
    /// Only controls of this owner: name or e-mail address.
    #[serde(default)]
    owner: Option<String>,
    /// How many controls are named; default 40. The others are told by their external ids.
    #[serde(default = "usual")]
    #[schemars(range(min = 1, max = 200))]
    limit: usize,
    /// Read everything again, also which tests belong to which control.
    #[serde(default)]
    fresh: bool,
}

fn usual() -> usize {
    40
}

async fn run(desk: &Desk<'_>, wanted: &WantedControls) -> Result<FailingControls, CallError> {
    let gaps = Gaps::default();
    let frameworks = gaps.rows("frameworks", desk.list::<FrameworkRow>("list_frameworks", json!({})).await?);
    let framework = wanted.framework.as_deref().map(|asked| {
        let place = NamedIn { job: desk.job(), argument: "framework", list: "list_frameworks" };
        pick(place, asked, &frameworks, FrameworkRow::candidate)
    });
    let framework = framework.transpose()?;
    // After the first answer, which tells what time it is.
    let mut relations = Relations::open(desk).await;
    let failing = now_failing(desk, framework, &gaps).await?;
    let changed = changes(&relations, framework, wanted.fresh).await;
    let scope = scope(desk, &relations, framework, changed, &gaps, wanted.fresh).await?;
    let scope = match &wanted.owner {
        Some(asked) => owned(desk, asked, scope)?,
        None => scope,
    };
    let mut scope = InScope { changed, ..scope };
    scope.due = look(desk, &mut relations, framework, &failing, &scope).await?;
    if let (Some(index), Some(behind)) = (relations.index().cloned(), desk.behind()) {
        go_on(behind, index);
    }
    let findings = ControlFindings::of(&scope, &failing, &relations);
    Ok(findings.answer(framework, &failing, &scope, wanted.limit, gaps))
}

/// Looks at what proves the controls in question. Returns how many requests are left to whoever builds the index.
async fn look(
    desk: &Desk<'_>,
    relations: &mut Relations,
    framework: Option<&FrameworkRow>,
    failing: &FailingNow,
    scope: &InScope,
) -> Result<usize, CallError> {
    let documents: Vec<&str> = failing.documents.iter().map(|document| document.id.as_str()).collect();
    let of_documents = relations.look_at_documents(desk, &documents, scope.changed).await?;
    if let Some(index) = relations.index().filter(|_| of_documents > 0) {
        index.want(WantedPart::Documents).await;
    }
    // Where no test fails, no control fails by one.
    if failing.tests.is_empty() && failing.invalid.is_empty() {
        return Ok(of_documents);
    }
    let controls: Vec<&str> = scope.controls.iter().map(|control| control.id.as_str()).collect();
    let of_controls = relations.look_at_controls(desk, &controls, scope.changed).await?;
    if let Some(index) = relations.index().filter(|_| of_controls > 0) {
        let part = framework.map(|framework| WantedPart::Framework(framework.id.clone()));
        index.want(part.unwrap_or(WantedPart::Controls)).await;
    }
    Ok(of_documents + of_controls)
}

/// Since when the relations may no longer be what they were: a framework's numbers were seen to change, or they were asked
/// for afresh.
async fn changes(relations: &Relations, framework: Option<&FrameworkRow>, fresh: bool) -> Option<Moment> {
    let now = relations.now();
    let Some(index) = relations.index() else { return fresh.then_some(now) };
    let (id, totals) =
        framework.map_or(("", [0; 3]), |framework| (framework.id.as_str(), framework.totals()));
    if let Some(renumbered) = relations.known().renumbered(id, totals, now) {
        index.keep_framework(id, renumbered).await;
        return Some(now);
    }
    let kept = relations.known().numbers(id);
    let changed = kept.and_then(|kept| kept.changed);
    // What was asked for afresh a moment ago is being read, or was.
    let is_asked = fresh && changed.is_none_or(|changed| changed.until(now) > AFRESH);
    if !is_asked {
        return changed;
    }
    let (controls, at) = (kept.and_then(|kept| kept.controls.clone()), kept.map_or(now, |kept| kept.at));
    let name = framework.map(|framework| framework.name().to_owned()).unwrap_or_default();
    index.keep_framework(id, KeptFramework { name, at, controls, totals, changed: Some(now) }).await;
    Some(now)
}

/// The controls that the question is about.
async fn scope(
    desk: &Desk<'_>,
    relations: &Relations,
    framework: Option<&FrameworkRow>,
    changed: Option<Moment>,
    gaps: &Gaps,
    fresh: bool,
) -> Result<InScope, CallError> {
    let (now, at) = (relations.now(), super::relations::moment(desk));
    let known = match framework {
        _ if fresh => None,
        Some(framework) => relations
            .known()
            .framework(&framework.id, framework.totals(), now)
            .and_then(|kept| Some((kept.at, kept.controls.clone()?))),
        None => relations.known().controls(now).map(|list| (list.at, list.rows.clone())),
    };
    if let Some((at, controls)) = known {
        return Ok(InScope::of(controls, at));
    }
    let list = match framework {
        Some(framework) => framework.controls(desk).await?,
        None => desk.list::<ControlRow>("list_controls", json!({})).await?,
    };
    if let Some(doubt) = list.doubt() {
        gaps.name(format!("controls: {doubt}"));
    }
    let list: KeptList<KeptControl> = kept(at, list);
    match (relations.index(), framework) {
        (Some(index), Some(framework)) => {
            index.keep_framework(&framework.id, framework.kept(&list, changed)).await;
        }
        (Some(index), None) => index.keep_controls(list.clone()).await,
        (None, _) => {}
    }
    Ok(InScope::of(list.rows, at))
}

/// Those of one owner.
fn owned(desk: &Desk<'_>, asked: &str, scope: InScope) -> Result<InScope, CallError> {
    let mut owners: Vec<_> = scope.controls.iter().filter_map(|control| control.owner.clone()).collect();
    owners.sort_by(|a, b| a.id.cmp(&b.id));
    owners.dedup_by(|a, b| a.id == b.id);
    let place = NamedIn { job: desk.job(), argument: "owner", list: "list_controls" };
    let owner = pick(place, asked, &owners, |owner| {
        let email = owner.email.as_deref().map(|email| ("emailAddress", email));
        Candidate::new(("id", &owner.id), [("displayName", owner.name.as_str())].into_iter().chain(email))
    })?;
    let id = owner.id.clone();
    let InScope { mut controls, .. } = scope;
    controls.retain(|control| control.owner.as_ref().is_some_and(|owner| owner.id == id));
    Ok(InScope { controls, owner: Some(owner.name.clone()), ..scope })
}
