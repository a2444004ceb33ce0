//! `unencrypted_computers`.

use serde_json::{Value, json};
use vanta_demo::{Application, FaultKind, Target};

use super::{asked, column, records};
use crate::harness::{Run, Setup};

async fn ask(run: &Run) -> Value {
    asked(run, "unencrypted_computers", json!({}), 3_200, 3).await
}

fn with_disk<'c>(computers: &'c [Value], outcome: &'c str) -> Vec<&'c Value> {
    let is_it = |computer: &&Value| computer["diskEncryption"]["outcome"] == outcome;
    computers.iter().filter(is_it).map(|computer| &computer["serialNumber"]).collect()
}

fn sorted(mut values: Vec<Value>) -> Vec<String> {
    values.sort_by_key(Value::to_string);
    values.iter().map(Value::to_string).collect()
}

#[tokio::test]
async fn failing_unknown_and_silent_computers_are_apart() {
    let run = Setup::default().start().await;
    let computers = records(&run, "list_monitored_computers", json!({})).await;
    let silent = json!({"complianceStatusFilterMatchesAny": ["LAST_CHECK_OVER_14_DAYS"]});
    let silent = records(&run, "list_monitored_computers", silent).await;
    let (off, unknown) = (with_disk(&computers, "FAIL"), with_disk(&computers, "IN_PROGRESS"));
    assert!(!off.is_empty() && !unknown.is_empty() && !silent.is_empty(), "the tenant has each of them");

    let answer = ask(&run).await;
    assert_eq!(answer["computers"], computers.len());
    assert_eq!((&answer["notEncrypted"], &answer["unknown"]), (&json!(off.len()), &json!(unknown.len())));
    assert_eq!(answer["silentOver14Days"], silent.len());
    assert_eq!(
        sorted(column(&answer["failing"], "serial")),
        sorted(off.into_iter().cloned().collect()),
        "{answer}"
    );
    let undecided = column(&answer["undecided"], "serial");
    assert!(undecided.iter().all(|serial| unknown.contains(&serial)), "{answer}");
    let all = answer["undecided"].get("of").cloned().unwrap_or(json!(undecided.len()));
    assert_eq!(all, unknown.len());
    for serial in column(&answer["silent"], "serial") {
        assert!(silent.iter().any(|computer| computer["serialNumber"] == serial), "{serial}");
    }
    let never = computers.iter().find(|computer| computer["lastCheckDate"].is_null()).unwrap();
    assert_eq!(column(&answer["silent"], "serial")[0], never["serialNumber"], "never heard of comes first");
    assert!(answer["notLookedAt"][0].as_str().unwrap().contains("custom integrations"), "{answer}");
}

#[tokio::test]
async fn a_row_has_the_owner_and_what_else_fails() {
    let run = Setup::default().start().await;
    let computers = records(&run, "list_monitored_computers", json!({})).await;
    let answer = ask(&run).await;
    let (serials, owners) = (column(&answer["failing"], "serial"), column(&answer["failing"], "owner"));
    let others = column(&answer["failing"], "alsoFails");
    for ((serial, owner), others) in serials.iter().zip(&owners).zip(&others) {
        let computer = computers.iter().find(|computer| computer["serialNumber"] == *serial).unwrap();
        assert_eq!(computer["owner"]["displayName"], *owner, "{serial}");
        let checks = [
            ("screenlock", "screen lock"),
            ("passwordManager", "password manager"),
            ("antivirusInstallation", "antivirus"),
        ];
        for (check, said) in checks {
            let fails = computer[check]["outcome"] == "FAIL";
            assert_eq!(others.as_str().unwrap().contains(said), fails, "{serial}: {said}");
        }
    }
}

#[tokio::test]
async fn people_without_the_agent_are_those_whose_task_is_open() {
    let run = Setup::default().start().await;
    let people = records(&run, "list_people", json!({})).await;
    let task =
        |person: &Value| person["tasksSummary"]["details"]["installDeviceMonitoring"]["status"].clone();
    let open: Vec<&Value> = people
        .iter()
        .filter(|person| ["OVERDUE", "DUE_SOON"].iter().any(|state| task(person) == *state))
        .collect();
    assert!(!open.is_empty());
    let answer = ask(&run).await;
    assert_eq!(answer["peopleWithoutAgent"], open.len());
    let shown = column(&answer["withoutAgent"], "email");
    assert!(!shown.is_empty());
    for email in shown {
        assert!(open.iter().any(|person| person["emailAddress"] == email), "{email}");
    }
}

#[tokio::test]
async fn what_could_not_be_read_is_said_and_is_not_none() {
    let run = Setup::default().start().await;
    run.fault(Target::Path("/v1/people".to_owned()), FaultKind::Internal, 20);
    let answer = run.value("unencrypted_computers", json!({})).await;
    assert!(answer.get("peopleWithoutAgent").is_none() && answer.get("withoutAgent").is_none(), "{answer}");
    assert!(answer["notLookedAt"].to_string().contains("people without the agent"), "{answer}");
    assert!(answer["notEncrypted"].as_u64().unwrap() > 0, "the rest is answered");
}

#[tokio::test]
async fn without_the_computers_there_is_no_answer() {
    let run = Setup::default().start().await;
    run.fault(Target::Path("/v1/monitored-computers".to_owned()), FaultKind::Unavailable, 20);
    let error = run.error("unencrypted_computers", json!({})).await;
    assert!(error.contains("503"), "{error}");

    let run = Setup::default().start().await;
    run.tenant.restrict(Application::Manage, &["vanta-api.all:write"]);
    let error = run.error("unencrypted_computers", json!({})).await;
    assert!(error.contains("scope") || error.contains("403"), "{error}");
}
