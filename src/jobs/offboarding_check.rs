//! The job `offboarding_check`: what stands in the way of completing somebody's offboarding.

mod accounts;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::columns::{InColumns, short};
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::person::{LeavingTask, ListedPerson, person};
use super::typed::{schema_of, typed};
use crate::answer::Answer;
use crate::call::CallError;
use accounts::{SeenAccounts, accounts_of};

pub(super) static OFFBOARDING_CHECK: Job = Job {
    name: "offboarding_check",
    title: "Offboarding check",
    about: "Check whether a person's offboarding can be completed: have they left, are their offboarding tasks done and, with \
            `accounts`, which of their accounts are still active. Changes nothing. Only offboard_people, which completes it, \
            shows whether Vanta agrees; for what they still own use person_duties.",
    asks: &[
        "can this person be offboarded",
        "is the offboarding of Maya complete",
        "what is still open before we can offboard him",
        "why can I not complete her offboarding",
        "does she still have access anywhere",
        "which accounts of a leaver are still active",
        "offboarding checklist for one employee",
        "has everything been done for someone who left",
        "leaver still has active accounts",
        "ready to offboard",
        "offboarding blockers",
        "did we deactivate all accounts of a former employee",
        "open offboarding tasks of a person",
        "is he fully offboarded",
        "termination checklist status",
        "check before offboarding someone",
        "live accounts of a person who left the company",
    ],
    toolset: "people",
    usual: true,
    uses: &["list_people", "get_person"],
    also: &["list_users", "list_integrations", "list_integration_resources"],
    input: schema_of::<WantedCheck>,
    output: super::typed::answer_schema_of::<OffboardingCheck>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedCheck { person, accounts, fresh } = typed(desk.job(), arguments)?;
            let accounts = if accounts { Accounts::Looked } else { Accounts::LeftOut };
            run(desk.fresh(fresh), &person, accounts).await.map(|check| Answer::done(&check))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedCheck {
    /// Name, email address or id of the person.
    #[schemars(length(min = 1, max = 200))]
    person: String,
    /// Also look for active accounts in all connected systems: about 30 requests.
    #[serde(default)]
    accounts: bool,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// Whether accounts are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accounts {
    Looked,
    LeftOut,
}

/// How far an offboarding is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OffboardingCheck {
    /// no: something is in the way. cannot know: nothing seen is in the way; only `offboard_people` tells. complete: Vanta
    /// counts it as done.
    can_be_offboarded: OffboardingState,
    /// The person's name.
    person: String,
    /// The person's email address.
    email: String,
    /// The person's id, which `offboard_people` takes.
    id: String,
    /// What Vanta asks for: yes, no or cannot know, and why.
    checks: InColumns,
    /// Active accounts found.
    #[serde(skip_serializing_if = "Option::is_none")]
    active_accounts: Option<InColumns>,
    /// In how many of the connected systems accounts were looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    looked_at: Option<String>,
    /// What completing it does, and what to do before.
    note: &'static str,
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
    /// What the API does not say.
    cannot_know: &'static [&'static str],
}

/// What comes out of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
enum OffboardingState {
    #[serde(rename = "no")]
    No,
    #[serde(rename = "cannot know")]
    CannotKnow,
    #[serde(rename = "complete")]
    Complete,
}

/// Whether one thing is as it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Met {
    #[serde(rename = "yes")]
    Yes,
    #[serde(rename = "no")]
    No,
    #[serde(rename = "cannot know")]
    CannotKnow,
}

const NOTE: &str = "Completing it marks unmonitored accounts as deactivated and cannot be undone by a tool; move what the \
                    person owns first (person_duties).";

const CANNOT_KNOW: &[&str] = &[
    "accounts that no integration reports, without a matched owner, or of a kind whose name does not say that it is accounts",
    "accounts that somebody marked as deactivated in Vanta",
];

/// How many active accounts, and steps of a task, are shown.
const ACCOUNTS: usize = 12;
const STEPS: usize = 5;

/// How long a text is shown.
const LONGEST: usize = 40;

async fn run(desk: Desk<'_>, asked: &str, accounts: Accounts) -> Result<OffboardingCheck, CallError> {
    let person = person(&desk, "person", asked).await?;
    let gaps = Gaps::default();
    let seen = match accounts {
        Accounts::Looked => Some(accounts_of(&desk, &person, &gaps).await?),
        Accounts::LeftOut => None,
    };
    Ok(check(&person, seen, gaps))
}

fn check(person: &ListedPerson, seen: Option<SeenAccounts>, gaps: Gaps) -> OffboardingCheck {
    let left = if person.has_left() { Met::Yes } else { Met::No };
    let tasks = tasks_done(person.tasks_summary.details.complete_offboarding_custom_tasks.as_ref());
    let closed = accounts_closed(seen.as_ref());
    let rows = [
        ("employment is FORMER", left, person.standing()),
        ("custom offboarding tasks are done", tasks.0, tasks.1),
        ("monitored accounts are deactivated", closed.0, closed.1),
    ];
    let verdict = verdict(rows.each_ref().map(|(_, met, _)| *met), person.tasks_summary.status.as_deref());
    let looked_at = seen.as_ref().and_then(SeenAccounts::looked_at);
    let active = seen.map(|seen| seen.active).filter(|active| !active.is_empty());
    OffboardingCheck {
        person: person.called().to_owned(),
        email: person.email_address.clone(),
        id: person.id.clone(),
        can_be_offboarded: verdict,
        checks: InColumns::first(
            &["check", "met", "detail"],
            rows.len(),
            rows.into_iter()
                .map(|(name, met, detail)| vec![json!(name), json!(met), json!(detail)])
                .collect(),
        ),
        active_accounts: active.map(|active| {
            let row = |(system, name): (String, String)| -> Vec<Value> {
                vec![json!(short(&system, LONGEST)), json!(short(&name, LONGEST))]
            };
            InColumns::first(&["system", "account"], ACCOUNTS, active.into_iter().map(row).collect())
        }),
        looked_at,
        note: NOTE,
        not_looked_at: gaps.told(),
        cannot_know: CANNOT_KNOW,
    }
}

/// That nothing is in the way is never a yes: not all accounts are seen. Vanta's own count of the tasks is.
fn verdict(checks: [Met; 3], summary: Option<&str>) -> OffboardingState {
    if checks.contains(&Met::No) {
        OffboardingState::No
    } else if summary == Some("OFFBOARDING_COMPLETE") {
        OffboardingState::Complete
    } else {
        OffboardingState::CannotKnow
    }
}

fn tasks_done(task: Option<&LeavingTask>) -> (Met, String) {
    let Some(task) = task else { return (Met::CannotKnow, "the person's record does not say".to_owned()) };
    let status = task.status.as_deref().unwrap_or("(no status)");
    if !task.incomplete.is_empty() {
        let steps: Vec<String> = task.incomplete.iter().map(|step| short(&step.name, LONGEST)).collect();
        let more = steps.len().saturating_sub(STEPS);
        let shown = steps.iter().take(STEPS).map(|step| format!("\"{step}\"")).collect::<Vec<_>>().join(", ");
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        return (Met::No, format!("{status}, still open: {shown}{more}"));
    }
    match status {
        _ if task.disabled.is_some() => (Met::CannotKnow, "the task is switched off".to_owned()),
        "COMPLETE" => (Met::Yes, "all done".to_owned()),
        "NONE" => (Met::Yes, "none assigned".to_owned()),
        "DUE_SOON" | "OVERDUE" => (Met::No, status.to_owned()),
        other => (Met::CannotKnow, other.to_owned()),
    }
}

fn accounts_closed(seen: Option<&SeenAccounts>) -> (Met, String) {
    match seen {
        None => (Met::CannotKnow, "not looked at: call again with accounts true".to_owned()),
        Some(seen) if !seen.active.is_empty() => {
            (Met::No, format!("{} found active, unless marked as deactivated in Vanta", seen.active.len()))
        }
        Some(_) => (Met::CannotKnow, "none found active where it was looked".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(value: Value) -> LeavingTask {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_task_is_done_where_it_is_said_and_nothing_is_left() {
        let met = |value: Value| tasks_done(Some(&task(value))).0;
        assert_eq!(met(json!({"status": "COMPLETE", "disabled": null})), Met::Yes);
        assert_eq!(met(json!({"status": "NONE"})), Met::Yes);
        assert_eq!(met(json!({"status": "OVERDUE"})), Met::No);
        assert_eq!(met(json!({"status": "SOMETHING_NEW"})), Met::CannotKnow);
        assert_eq!(
            met(json!({"status": "COMPLETE", "disabled": {"date": "2026-01-01", "reason": null}})),
            Met::CannotKnow
        );
        let open =
            json!({"status": "COMPLETE", "incompleteCustomOffboardingTasks": [{"name": "Return badge"}]});
        let (met, why) = tasks_done(Some(&task(open)));
        assert_eq!((met, why.as_str()), (Met::No, "COMPLETE, still open: \"Return badge\""));
        assert_eq!(tasks_done(None).0, Met::CannotKnow);
    }

    #[test]
    fn nothing_in_the_way_is_no_yes() {
        let all = [Met::Yes, Met::Yes, Met::CannotKnow];
        assert_eq!(verdict(all, Some("OFFBOARDING_DUE_SOON")), OffboardingState::CannotKnow);
        assert_eq!(verdict(all, Some("OFFBOARDING_COMPLETE")), OffboardingState::Complete);
        assert_eq!(
            verdict([Met::Yes, Met::Yes, Met::No], Some("OFFBOARDING_COMPLETE")),
            OffboardingState::No
        );
        assert_eq!(verdict([Met::No, Met::Yes, Met::CannotKnow], None), OffboardingState::No);
    }

    #[test]
    fn the_answer_stays_short_however_many_accounts_there_are() {
        let steps = vec![json!({"name": "Return the equipment that belongs to the company, all of it"}); 40];
        let person: ListedPerson = serde_json::from_value(json!({
            "id": "65fc81a3359c8508e7a40c1b", "emailAddress": "maximiliane.hohenberg@quillmere.example",
            "name": {"display": "Maximiliane von Hohenberg"}, "employment": {"status": "FORMER", "endDate": "2026-11-01"},
            "tasksSummary": {"status": "OFFBOARDING_OVERDUE", "details": {"completeOffboardingCustomTasks": {
                "status": "OVERDUE", "incompleteCustomOffboardingTasks": steps,
            }}},
        }))
        .unwrap();
        let account = ("Google Workspace".to_owned(), "maximiliane.hohenberg@quillmere.example".to_owned());
        let seen = SeenAccounts { active: vec![account; 40], looked: 20, systems: Some(26) };
        let answer = json!(check(&person, Some(seen), Gaps::default()));
        assert_eq!(answer["activeAccounts"]["of"], 40);
        let length = answer.to_string().len();
        assert!(length <= 2_240, "{length}: {answer}");
    }
}
