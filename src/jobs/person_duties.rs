//! The job `person_duties`: everything that one person is responsible for, and how each is handed over.

mod kinds;
mod owner;
mod reads;

use std::cmp::Reverse;

use futures::future::try_join;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::columns::InColumns;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::known_names::IndexAge;
use super::person::person;
use super::typed::{schema_of, typed};
use super::users::{ListedUser, ReadUsers};
use crate::answer::Answer;
use crate::call::CallError;
use kinds::HandedOver;
use owner::SoughtOwner;
use reads::{Duties, DutySearch};

pub(super) static PERSON_DUTIES: Job = Job {
    name: "person_duties",
    title: "What a person is responsible for",
    about: "Everything in Vanta that one person owns: controls, tests, documents, vendors, risks, issues, questionnaires, \
            answers, computers; with the tool that hands each kind over, or how to do it in Vanta. Leaves out resources of \
            integrations. About 26 requests. For tasks the person still has to do use get_person.",
    asks: &[
        "what does Maya own",
        "everything this person is responsible for",
        "who takes over from a leaver, what has she got",
        "list all controls and documents owned by him",
        "hand over the duties of a colleague",
        "what must be reassigned before he leaves",
        "responsibilities of one employee",
        "which vendors and risks belong to her",
        "ownership of a former employee",
        "what happens to his controls when he goes",
        "things assigned to one user",
        "what does our security lead own in Vanta",
        "transfer of ownership when someone quits",
        "orphaned items after somebody left",
        "all tests owned by a person",
        "prepare a handover for an employee",
        "does anybody who left still own something",
        "which questionnaires is he the approver of",
    ],
    toolset: "people",
    usual: true,
    uses: &["list_people", "get_person"],
    also: &[
        "list_users",
        "list_controls",
        "list_tests",
        "list_documents",
        "list_vendors",
        "list_risk_scenarios",
        "list_issues",
        "list_questionnaires",
        "list_answer_library_entries",
        "list_knowledge_resources",
        "list_monitored_computers",
    ],
    input: schema_of::<WantedDuties>,
    output: super::typed::answer_schema_of::<PersonDuties>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedDuties { person, fresh } = typed(desk.job(), arguments)?;
            run(desk.fresh(fresh), &person).await.map(|duties| Answer::done(&duties))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedDuties {
    /// Name, email address or id of the person.
    #[schemars(length(min = 1, max = 200))]
    person: String,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// What a person is responsible for.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PersonDuties {
    /// Who it is.
    person: Whose,
    /// How many things a tool can hand over, of those read.
    movable: usize,
    /// How many things only somebody in Vanta can hand over, of those read.
    not_movable: usize,
    /// What they own, by kind. movedBy is a tool (one call each) or how a person does it.
    owns: InColumns,
    /// Kinds that were read, of which they own nothing.
    owns_no: Vec<&'static str>,
    /// When the controls' owners were read, where they are from the index; `fresh` reads them now.
    #[serde(skip_serializing_if = "Option::is_none")]
    controls_as_of: Option<String>,
    /// What was not looked at.
    not_looked_at: Vec<String>,
    /// What the API does not say.
    cannot_know: &'static [&'static str],
}

/// Somebody.
#[derive(Debug, Serialize, JsonSchema)]
struct Whose {
    /// The name.
    name: String,
    /// The email address.
    email: String,
    /// How they stand with the company; absent: there is only a login.
    #[serde(skip_serializing_if = "Option::is_none")]
    employment: Option<String>,
    /// Their login in Vanta: active, inactive or not listed; absent: not read. New owners must be active.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<&'static str>,
}

const CANNOT_KNOW: &[&str] = &[
    "owners of policies, access reviews and groups",
    "what teams own that they are in",
    "risks that the application may not see",
];

/// How many things are named, of all kinds together.
const NAMED: usize = 70;

async fn run(desk: Desk<'_>, asked: &str) -> Result<PersonDuties, CallError> {
    let gaps = Gaps::default();
    let users = ReadUsers::of(&desk, "logins with that email", &gaps);
    // That nobody is found may be right: a consultant has a login and is no person.
    let person = async { Ok(person(&desk, "person", asked).await) };
    let (person, users) = try_join(person, users).await?;
    let (whose, owner) = match person {
        Ok(person) => {
            let logins = users.with_email(&person.email_address);
            let whose = Whose {
                name: person.called().to_owned(),
                email: person.email_address.clone(),
                employment: Some(person.standing()),
                login: logins.as_deref().map(login),
            };
            let logins = logins.into_iter().flatten();
            (whose, SoughtOwner::of(Some(&person.id), &person.email_address, logins))
        }
        Err(error @ CallError::Unidentified { .. }) => match users.only(asked) {
            Some(user) => of_login(user),
            None => return Err(error),
        },
        Err(error) => return Err(error),
    };
    gaps.name("resources of integrations, vendor assessments, answers inside questionnaires");
    let age = IndexAge::default();
    let duties = DutySearch { desk: &desk, owner: &owner, gaps: &gaps, age: &age }.all().await?;
    let shown = |tool: &'static str| -> String {
        if desk.offers(tool) { tool.to_owned() } else { format!("{tool} (not offered here)") }
    };
    Ok(PersonDuties { controls_as_of: age.told(), ..told(whose, duties, shown, gaps) })
}

fn of_login(user: &ListedUser) -> (Whose, SoughtOwner) {
    let email = user.email.clone().unwrap_or_default();
    let owner = SoughtOwner::of(None, &email, [user]);
    let name = user.display_name.clone().unwrap_or_else(|| email.clone());
    (Whose { name, email, employment: None, login: Some(login(&[user])) }, owner)
}

fn login(logins: &[&ListedUser]) -> &'static str {
    match logins {
        [] => "not listed",
        some if some.iter().any(|login| login.is_active != Some(false)) => "active",
        _ => "inactive",
    }
}

fn told(
    whose: Whose,
    mut duties: Vec<Duties>,
    tool: impl Fn(&'static str) -> String,
    gaps: Gaps,
) -> PersonDuties {
    let owns_no = duties.iter().filter(|duty| duty.items.is_empty()).map(|duty| duty.kind.name()).collect();
    duties.retain(|duty| !duty.items.is_empty());
    duties.sort_by_key(|duty| (!duty.kind.is_movable(), Reverse(duty.items.len())));
    let count = |movable: bool| {
        let of_these = duties.iter().filter(|duty| duty.kind.is_movable() == movable);
        of_these.map(|duty| duty.items.len()).sum()
    };
    let (movable, not_movable) = (count(true), count(false));
    let most = fair_share(&duties.iter().map(|duty| duty.items.len()).collect::<Vec<_>>(), NAMED);
    let rows: Vec<Vec<Value>> = duties
        .into_iter()
        .map(|Duties { kind, mut items }| {
            let count = items.len();
            let moved_by = match kind.handed_over() {
                HandedOver::By(name) => tool(name),
                HandedOver::ByHand(how) => how.to_owned(),
            };
            items.truncate(most);
            if count > most {
                items.push(format!("… {} more", count - most));
            }
            vec![json!(kind.name()), json!(count), json!(moved_by), json!(items)]
        })
        .collect();
    PersonDuties {
        person: whose,
        movable,
        not_movable,
        owns: InColumns::first(&["kind", "count", "movedBy", "items"], rows.len(), rows),
        owns_no,
        controls_as_of: None,
        not_looked_at: gaps.told(),
        cannot_know: CANNOT_KNOW,
    }
}

/// How many of each kind are named, so that of all kinds together no more than so many are: kinds with few are named whole.
fn fair_share(counts: &[usize], most: usize) -> usize {
    let named = |share: usize| counts.iter().map(|count| (*count).min(share)).sum::<usize>();
    let largest = counts.iter().copied().max().unwrap_or_default();
    (1..=largest).rev().find(|share| named(*share) <= most).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::kinds::DutyKind;
    use super::*;

    const KINDS: &[DutyKind] = &[
        DutyKind::Controls,
        DutyKind::Documents,
        DutyKind::Vendors,
        DutyKind::Risks,
        DutyKind::Questionnaires,
        DutyKind::QuestionnaireApprovals,
        DutyKind::Answers,
        DutyKind::KnowledgeDocuments,
        DutyKind::KnowledgeWebpages,
        DutyKind::Tests,
        DutyKind::Issues,
        DutyKind::RiskApprovals,
        DutyKind::Computers,
    ];

    fn answer(duties: Vec<Duties>) -> Value {
        let whose = Whose {
            name: "Maximiliane von Hohenberg".to_owned(),
            email: "maximiliane.hohenberg@quillmere.example".to_owned(),
            employment: Some("FORMER since 2026-11-14".to_owned()),
            login: Some("inactive"),
        };
        json!(told(whose, duties, |tool| format!("{tool} (not offered here)"), Gaps::default()))
    }

    #[test]
    fn those_with_few_are_named_whole() {
        assert_eq!(fair_share(&[3, 100, 2], 15), 10);
        assert_eq!(fair_share(&[3, 4], 70), 4);
        assert_eq!(fair_share(&[], 70), 1);
        assert_eq!(fair_share(&[100; 80], 70), 1, "each kind is named by one at least");
    }

    #[test]
    fn the_answer_stays_short_however_many_there_are() {
        let item = "CRY-104 Data at rest is encrypted every…".to_owned();
        let duties =
            KINDS.iter().map(|kind| Duties { kind: *kind, items: vec![item.clone(); 300] }).collect();
        let answer = answer(duties);
        assert_eq!((&answer["movable"], &answer["notMovable"]), (&json!(2_700), &json!(1_200)));
        let length = answer.to_string().len();
        assert!(length <= 6_200, "{length}");
    }

    #[test]
    fn each_tool_that_hands_something_over_is_there() {
        for kind in KINDS {
            if let HandedOver::By(tool) = kind.handed_over() {
                assert!(crate::catalog::find(tool).is_some(), "{tool}");
            }
        }
    }
}
