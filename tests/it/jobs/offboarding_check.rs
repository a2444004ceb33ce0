//! `offboarding_check`.

use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use super::{asked, column, records};
use crate::harness::{Run, Setup, text};

async fn people(run: &Run) -> Vec<Value> {
    records(run, "list_people", json!({})).await
}

fn with_summary<'p>(people: &'p [Value], status: &str) -> &'p Value {
    people.iter().find(|person| person["tasksSummary"]["status"] == status).unwrap()
}

/// What is said of a check whose name has this word.
fn check<'a>(answer: &'a Value, word: &str) -> &'a Value {
    let rows = answer["checks"]["rows"].as_array().unwrap();
    rows.iter().find(|row| row[0].as_str().unwrap().contains(word)).unwrap()
}

async fn ask(run: &Run, person: &Value) -> Value {
    asked(run, "offboarding_check", json!({ "person": person }), 2_240, 2).await
}

/// An API that does not let the application read something.
fn refused() -> FaultKind {
    FaultKind::Body { status: 403, body: r#"{"error":"forbidden"}"#.to_owned() }
}

/// The accounts of a person in all systems, from the lists.
async fn active_accounts(run: &Run, person: &Value) -> Vec<String> {
    let mut active = Vec::new();
    for system in records(run, "list_integrations", json!({})).await {
        for kind in system["resourceKinds"].as_array().unwrap() {
            let of = json!({"integrationId": system["integrationId"], "resourceKind": kind});
            let resources = records(run, "list_integration_resources", of).await;
            let live = resources.into_iter().filter(|one| {
                one["responseType"] == "Account"
                    && one["owner"] == person["id"]
                    && one["isDeactivated"] == false
            });
            active.extend(live.map(|_| system["displayName"].as_str().unwrap().to_owned()));
        }
    }
    active.sort();
    active
}

#[tokio::test]
async fn somebody_who_works_here_cannot_be_offboarded() {
    let run = Setup::default().start().await;
    let people = people(&run).await;
    let person = people.iter().find(|person| person["employment"]["status"] == "CURRENT").unwrap();
    let answer = ask(&run, &person["emailAddress"]).await;
    assert_eq!((&answer["canBeOffboarded"], &answer["id"]), (&json!("no"), &person["id"]));
    let written = run.result("offboarding_check", json!({"person": person["id"]})).await;
    assert!(text(&written).starts_with(r#"{"canBeOffboarded":"no""#), "the answer comes first");
    assert_eq!(check(&answer, "FORMER")[1], "no");
    assert_eq!(check(&answer, "accounts")[1], "cannot know", "they were not looked at");
    let leaving = people.iter().find(|person| {
        person["employment"]["status"] == "CURRENT" && !person["employment"]["endDate"].is_null()
    });
    let leaving = leaving.unwrap();
    let answer = ask(&run, &leaving["emailAddress"]).await;
    let end = &leaving["employment"]["endDate"].as_str().unwrap()[..10];
    assert_eq!(check(&answer, "FORMER")[2], format!("CURRENT until {end}"));
}

#[tokio::test]
async fn open_tasks_are_named_and_are_in_the_way() {
    let run = Setup::default().start().await;
    let people = people(&run).await;
    let person = with_summary(&people, "OFFBOARDING_OVERDUE");
    let answer = ask(&run, &person["name"]["display"]).await;
    assert_eq!((&answer["canBeOffboarded"], &answer["email"]), (&json!("no"), &person["emailAddress"]));
    assert_eq!((&check(&answer, "FORMER")[1], &check(&answer, "tasks")[1]), (&json!("yes"), &json!("no")));
    let open = &person["tasksSummary"]["details"]["completeOffboardingCustomTasks"];
    for step in open["incompleteCustomOffboardingTasks"].as_array().unwrap() {
        assert!(
            check(&answer, "tasks")[2].as_str().unwrap().contains(step["name"].as_str().unwrap()),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn that_nothing_is_in_the_way_is_not_said_to_be_a_yes() {
    let run = Setup::default().start().await;
    let people = people(&run).await;
    let person = with_summary(&people, "OFFBOARDING_DUE_SOON");
    let answer = ask(&run, &person["id"]).await;
    assert_eq!(answer["canBeOffboarded"], "cannot know");
    assert_eq!(
        (&check(&answer, "tasks")[1], &check(&answer, "accounts")[1]),
        (&json!("yes"), &json!("cannot know"))
    );
    let with_accounts = json!({"person": person["id"], "accounts": true});
    let answer = asked(&run, "offboarding_check", with_accounts, 2_240, 30).await;
    assert_eq!(answer["canBeOffboarded"], "cannot know", "accounts that nothing reports may be active");
    let done = with_summary(&people, "OFFBOARDING_COMPLETE");
    assert_eq!(ask(&run, &done["id"]).await["canBeOffboarded"], "complete");

    // Vanta's own word, which alone tells.
    let offboard = |person: &Value| {
        json!({
            "updates": [{"id": person["id"], "acknowledgerId": people[0]["id"]}], "confirm": [person["id"]],
        })
    };
    let outcome = run.confirmed("offboard_people", offboard(person)).await;
    assert_eq!(outcome["succeeded"], 1, "{outcome}");
    let again = run.value("offboarding_check", json!({"person": person["id"]})).await;
    assert_eq!(again["canBeOffboarded"], "complete");
    let overdue = offboard(with_summary(&people, "OFFBOARDING_OVERDUE"));
    let overdue = run.previewed("offboard_people", &overdue).await;
    let refused = run.error("offboard_people", overdue).await;
    assert!(refused.contains("offboarding tasks"), "what is in the way is in the way: {refused}");
}

#[tokio::test]
async fn active_accounts_are_found_in_the_systems() {
    let run = Setup::default().start().await;
    let people = people(&run).await;
    let person = with_summary(&people, "OFFBOARDING_OVERDUE");
    let expected = active_accounts(&run, person).await;
    assert!(!expected.is_empty(), "the tenant has a leaver with accounts");
    let wanted = json!({"person": person["emailAddress"], "accounts": true});
    let answer = asked(&run, "offboarding_check", wanted, 2_240, 30).await;
    let mut systems: Vec<Value> = column(&answer["activeAccounts"], "system");
    systems.sort_by_key(Value::to_string);
    assert_eq!(systems, expected, "{answer}");
    assert_eq!(check(&answer, "accounts")[1], "no");
    let systems = records(&run, "list_integrations", json!({})).await;
    let looked = answer["lookedAt"].as_str().unwrap();
    assert!(looked.ends_with(&format!(" of {} integrations", systems.len())), "{looked}");
    assert!(answer["notLookedAt"].to_string().contains("a connection is disabled"), "{answer}");
}

#[tokio::test]
async fn systems_that_could_not_be_read_are_named_and_not_free_of_accounts() {
    let run = Setup::default().start().await;
    let people = people(&run).await;
    let wanted = json!({"person": with_summary(&people, "OFFBOARDING_DUE_SOON")["id"], "accounts": true});
    let whole = run.value("offboarding_check", wanted.clone()).await;
    run.fault(Target::Path("/v1/integrations/okta/".to_owned()), refused(), 20);
    let part = run.value("offboarding_check", wanted.clone()).await;
    assert!(part["notLookedAt"].to_string().contains("Okta"), "{part}");
    let looked = |answer: &Value| -> u32 {
        answer["lookedAt"].as_str().unwrap().split(' ').next().unwrap().parse().unwrap()
    };
    assert_eq!(looked(&part) + 1, looked(&whole));

    let run = Setup::default().start().await;
    run.fault(Target::Path("/v1/integrations".to_owned()), refused(), 20);
    let none = run.value("offboarding_check", wanted).await;
    assert!(none.get("lookedAt").is_none() && none.get("activeAccounts").is_none(), "{none}");
    assert_eq!(check(&none, "accounts")[1], "cannot know");
    assert!(none["notLookedAt"].to_string().contains("accounts"), "{none}");
}

#[tokio::test]
async fn a_person_is_never_guessed() {
    let run = Setup::default().start().await;
    let people = people(&run).await;
    let first = people[0]["name"]["first"].as_str().unwrap();
    let same = people.iter().filter(|person| person["name"]["first"] == first).count();
    assert!(same > 1, "the tenant has several called {first}");
    let several = run.error("offboarding_check", json!({ "person": first })).await;
    assert!(several.contains(&format!("any of {same} items")), "{several}");
    assert!(several.contains(people[0]["emailAddress"].as_str().unwrap()), "{several}");
    let none = run.error("offboarding_check", json!({"person": "Nobody Atall"})).await;
    assert!(none.contains("no item of list_people has the name \"Nobody Atall\""), "{none}");
    let none = run.error("offboarding_check", json!({"person": "65fc81a3359c8508e7a40c1b"})).await;
    assert!(none.contains("65fc81a3359c8508e7a40c1b"), "{none}");
    let part = people[0]["name"]["last"].as_str().unwrap();
    if people.iter().filter(|person| person["name"]["last"] == part).count() == 1 {
        let answer = run.value("offboarding_check", json!({ "person": part })).await;
        assert_eq!(answer["id"], people[0]["id"]);
    }
    run.fault(Target::Path("/v1/people".to_owned()), FaultKind::Internal, 20);
    let error = run.error("offboarding_check", json!({"person": people[0]["emailAddress"]})).await;
    assert!(error.contains("500"), "{error}");
}
