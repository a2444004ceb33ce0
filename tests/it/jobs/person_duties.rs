//! `person_duties`.

use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use super::{asked, records};
use crate::harness::{Run, Setup};

/// How many requests all of it takes at most.
const MOST: usize = 26;

async fn ask(run: &Run, person: &str) -> Value {
    asked(run, "person_duties", json!({ "person": person }), 6_400, MOST).await
}

/// The row of a kind; none where nothing of it is owned.
fn row<'a>(answer: &'a Value, kind: &str) -> Option<&'a Value> {
    answer["owns"]["rows"].as_array().unwrap().iter().find(|row| row[0] == kind)
}

fn count(answer: &Value, kind: &str) -> usize {
    row(answer, kind).map_or(0, |row| usize::try_from(row[1].as_u64().unwrap()).unwrap())
}

fn refused() -> FaultKind {
    FaultKind::Body { status: 403, body: r#"{"error":"forbidden"}"#.to_owned() }
}

/// Whoever owns the most controls.
async fn leader(run: &Run) -> Value {
    let controls = records(run, "list_controls", json!({})).await;
    let owned =
        |person: &Value| controls.iter().filter(|control| control["owner"]["id"] == person["id"]).count();
    let people = records(run, "list_people", json!({})).await;
    people.into_iter().max_by_key(owned).unwrap()
}

#[tokio::test]
async fn everything_is_counted_whatever_the_form_of_its_owner() {
    let run = Setup::default().start().await;
    let people = records(&run, "list_people", json!({})).await;
    let mut kinds_seen = std::collections::BTreeSet::new();
    let lists = Lists::read(&run).await;
    for person in people.iter().take(9) {
        let answer = ask(&run, person["emailAddress"].as_str().unwrap()).await;
        assert_eq!(answer["person"]["name"], person["name"]["display"]);
        let mut expected = lists.owned_by(person);
        let (movable, not): (usize, usize) = expected.iter().fold((0, 0), |(movable, not), (kind, count)| {
            let by_hand = ["tests", "open issues", "risks to approve", "computers"].contains(kind);
            if by_hand { (movable, not + count) } else { (movable + count, not) }
        });
        assert_eq!((&answer["movable"], &answer["notMovable"]), (&json!(movable), &json!(not)), "{answer}");
        expected.retain(|(_, count)| *count > 0);
        for (kind, expected) in expected {
            assert_eq!(count(&answer, kind), expected, "{kind}: {answer}");
            kinds_seen.insert(kind);
        }
    }
    assert!(kinds_seen.len() >= 11, "the tenant has little to show: {kinds_seen:?}");
}

/// All that can be owned.
struct Lists {
    controls: Vec<Value>,
    tests: Vec<Value>,
    documents: Vec<Value>,
    vendors: Vec<Value>,
    risks: Vec<Value>,
    issues: Vec<Value>,
    questionnaires: Vec<Value>,
    answers: Vec<Value>,
    knowledge: Vec<Value>,
    computers: Vec<Value>,
}

impl Lists {
    async fn read(run: &Run) -> Self {
        let list = async |tool: &str| records(run, tool, json!({})).await;
        let mut risks = list("list_risk_scenarios").await;
        risks.extend(records(run, "list_risk_scenarios", json!({"type": "Enterprise Risk"})).await);
        Self {
            controls: list("list_controls").await,
            tests: list("list_tests").await,
            documents: list("list_documents").await,
            vendors: list("list_vendors").await,
            risks,
            issues: list("list_issues").await,
            questionnaires: list("list_questionnaires").await,
            answers: list("list_answer_library_entries").await,
            knowledge: list("list_knowledge_resources").await,
            computers: list("list_monitored_computers").await,
        }
    }

    fn owned_by(&self, person: &Value) -> Vec<(&'static str, usize)> {
        let (id, email) = (&person["id"], &person["emailAddress"]);
        let count =
            |list: &[Value], is_own: &dyn Fn(&Value) -> bool| list.iter().filter(|one| is_own(one)).count();
        let user = |one: &Value, member: &str| one[member]["type"] == "User" && one[member]["id"] == *id;
        let open = |one: &Value| one["status"] != "COMPLETE" && one["status"] != "NO_LONGER_NEEDED";
        let approves = |risk: &Value| {
            risk["reviewStatus"] != "APPROVED"
                && risk["requiredApprovers"].as_array().unwrap().contains(email)
        };
        vec![
            ("controls", count(&self.controls, &|one| one["owner"]["id"] == *id)),
            ("tests", count(&self.tests, &|one| one["owner"]["id"] == *id)),
            ("documents", count(&self.documents, &|one| one["ownerId"] == *id)),
            (
                "vendors",
                count(&self.vendors, &|one| {
                    one["securityOwnerUserId"] == *id || one["businessOwnerUserId"] == *id
                }),
            ),
            ("risks", count(&self.risks, &|one| one["isArchived"] != true && one["owner"] == *email)),
            ("risks to approve", count(&self.risks, &|one| one["isArchived"] != true && approves(one))),
            (
                "open issues",
                count(&self.issues, &|one| {
                    let owners = one["owners"].as_array().unwrap();
                    one["status"] != "CLOSED" && owners.iter().any(|owner| owner["ownerId"] == *id)
                }),
            ),
            (
                "open questionnaires",
                count(&self.questionnaires, &|one| open(one) && user(one, "ownerAssignment")),
            ),
            (
                "open questionnaires to approve",
                count(&self.questionnaires, &|one| open(one) && user(one, "approverAssignment")),
            ),
            ("answer library entries", count(&self.answers, &|one| user(one, "ownerAssignment"))),
            (
                "knowledge base documents",
                count(&self.knowledge, &|one| one["type"] == "FILE" && user(one, "ownerAssignment")),
            ),
            (
                "knowledge base webpages",
                count(&self.knowledge, &|one| one["type"] == "URL" && user(one, "ownerAssignment")),
            ),
            ("computers", count(&self.computers, &|one| one["owner"]["id"] == *id)),
        ]
    }
}

#[tokio::test]
async fn each_kind_says_how_it_is_handed_over() {
    let run = Setup::default().start().await;
    let person = leader(&run).await;
    let answer = ask(&run, person["id"].as_str().unwrap()).await;
    assert_eq!(row(&answer, "controls").unwrap()[2], "set_control_owner");
    assert!(row(&answer, "tests").unwrap()[2].as_str().unwrap().contains("Tests page"), "{answer}");
    assert!(answer["notLookedAt"].to_string().contains("resources of integrations"), "{answer}");
    let vendors = row(&answer, "vendors").unwrap()[3].to_string();
    assert!(vendors.contains("(security") || vendors.contains("(business"), "{vendors}");

    let run = Setup::access("read").start().await;
    let person = leader(&run).await;
    let answer = ask(&run, person["id"].as_str().unwrap()).await;
    assert_eq!(row(&answer, "controls").unwrap()[2], "set_control_owner (not offered here)");
}

#[tokio::test]
async fn somebody_who_owns_nothing_is_told_so_for_what_was_read() {
    let run = Setup::default().start().await;
    let people = records(&run, "list_people", json!({})).await;
    let leaver =
        people.iter().find(|person| person["tasksSummary"]["status"] == "OFFBOARDING_COMPLETE").unwrap();
    let answer = ask(&run, leaver["emailAddress"].as_str().unwrap()).await;
    assert_eq!(answer["movable"], 0);
    assert!(answer["ownsNo"].as_array().unwrap().contains(&json!("controls")), "{answer}");
    let end = &leaver["employment"]["endDate"].as_str().unwrap()[..10];
    assert_eq!(answer["person"]["employment"], format!("FORMER since {end}"));
    assert_eq!(answer["person"]["login"], "not listed", "the list of users holds active ones alone");
}

#[tokio::test]
async fn what_could_not_be_read_is_neither_owned_nor_none() {
    for (path, kinds) in [
        ("/v1/controls", &["controls"] as &[&str]),
        ("/v1/tests", &["tests"]),
        ("/v1/documents", &["documents"]),
        ("/v1/vendors", &["vendors"]),
        ("/v1/risk-scenarios", &["risks", "risks to approve"]),
        ("/v1/issues", &["open issues"]),
        ("/v1/customer-trust/questionnaires", &["open questionnaires", "open questionnaires to approve"]),
        ("/v1/knowledge-base/answer-library", &["answer library entries"]),
        ("/v1/knowledge-base/resources", &["knowledge base documents", "knowledge base webpages"]),
        ("/v1/monitored-computers", &["computers"]),
    ] {
        let run = Setup::default().start().await;
        let person = leader(&run).await;
        run.fault(Target::Path(path.to_owned()), refused(), 20);
        let answer = run.value("person_duties", json!({"person": person["id"]})).await;
        for kind in kinds {
            assert!(row(&answer, kind).is_none(), "{kind}: {answer}");
            assert!(!answer["ownsNo"].as_array().unwrap().contains(&json!(kind)), "{kind}: {answer}");
        }
        assert!(answer["notLookedAt"].as_array().unwrap().len() > 1, "{path}: {answer}");
        assert!(answer["notLookedAt"].to_string().contains("403"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn without_the_logins_the_person_still_counts() {
    let run = Setup::default().start().await;
    let person = leader(&run).await;
    let whole = ask(&run, person["id"].as_str().unwrap()).await;
    run.fault(Target::Path("/v1/users".to_owned()), refused(), 20);
    let part = ask(&run, person["id"].as_str().unwrap()).await;
    assert_eq!(part["movable"], whole["movable"]);
    assert!(part["person"].get("login").is_none(), "{part}");
    assert!(part["notLookedAt"].to_string().contains("logins with that email"), "{part}");
}

#[tokio::test]
async fn a_login_without_a_person_owns_things_too() {
    let run = Setup::default().start().await;
    let person = leader(&run).await;
    let whole = ask(&run, person["id"].as_str().unwrap()).await;
    let update =
        json!({"updates": [{"id": person["id"], "reason": "A consultant"}], "confirm": [person["id"]]});
    run.confirmed("mark_accounts_as_not_people", update).await;
    run.tenant.forget();
    let people = records(&run, "list_people", json!({})).await;
    assert!(people.iter().all(|other| other["id"] != person["id"]), "no person any more");
    let answer = ask(&run, person["emailAddress"].as_str().unwrap()).await;
    assert_eq!(answer["movable"], whole["movable"]);
    assert!(answer["person"].get("employment").is_none(), "{answer}");
}

#[tokio::test]
async fn a_person_who_is_not_clear_is_asked_for_before_anything_is_read() {
    let run = Setup::default().start().await;
    let people = records(&run, "list_people", json!({})).await;
    run.tenant.forget();
    let several = run.error("person_duties", json!({"person": people[0]["name"]["first"]})).await;
    assert!(several.contains("may be any of"), "{several}");
    let none = run.error("person_duties", json!({"person": "Nobody Atall"})).await;
    assert!(none.contains("no item of list_people"), "{none}");
    assert!(run.seen().iter().all(|seen| seen.path.starts_with("/v1/people") || seen.path == "/v1/users"));
    let refused_to_see = {
        run.fault(Target::Path("/v1/people".to_owned()), refused(), 20);
        run.error("person_duties", json!({"person": people[0]["emailAddress"]})).await
    };
    assert!(refused_to_see.contains("403"), "{refused_to_see}");
}
