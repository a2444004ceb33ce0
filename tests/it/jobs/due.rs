//! `due`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use serde_json::{Value, json};
use vanta_demo::Target;

use super::{asked, column, records, refused};
use crate::harness::{Run, Setup, eventually};

fn day(value: &Value) -> Option<Date> {
    value.as_str().map(|text| text[..10].parse().unwrap())
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

async fn finished(run: &Run, arguments: Value) -> Value {
    let mut last = Value::Null;
    eventually("all renewal dates are known", async || {
        last = run.value("due", arguments.clone()).await;
        last.get("unfinished").is_none()
    })
    .await;
    last
}

/// Overdue and due of a kind, as an answer counts them.
fn counted(answer: &Value, kind: &str) -> (u64, u64) {
    let of = |when: &str| answer[when][kind].as_u64().unwrap_or(0);
    (of("overdue"), of("due"))
}

#[tokio::test]
async fn documents_are_due_by_the_dates_in_their_own_answers() {
    let run = Setup::default().start().await;
    let until = today().checked_add(60.days()).unwrap();
    let (mut overdue, mut due) = (0, 0);
    for document in records(&run, "list_documents", json!({})).await {
        match document["uploadStatus"].as_str().unwrap() {
            "Needs document" | "Needs update" => overdue += 1,
            "OK" => {
                let own = run.value("get_document", json!({"documentId": document["id"]})).await;
                due += u64::from(day(&own["nextRenewalDate"]).is_some_and(|day| day <= until));
            }
            _ => {}
        }
    }
    assert!(due > 1 && overdue > 1);
    let arguments = json!({"days": 60, "kinds": ["document"]});
    let first = run.value("due", arguments.clone()).await;
    assert!(first["unfinished"].as_str().unwrap().contains("Ask again"), "{first}");
    assert_eq!(counted(&first, "document").0, overdue, "what is missing is known at once");
    let answer = finished(&run, arguments.clone()).await;
    assert_eq!(counted(&answer, "document"), (overdue, due), "{answer}");
    assert!(column(&answer, "kind").iter().all(|kind| kind == "document"));
    // With the index: the list, the users, and a request for each that is named.
    let named = usize::try_from(due).unwrap().min(15);
    asked(&run, "due", arguments, 8_000, 4 + named).await;
}

#[tokio::test]
async fn each_kind_is_counted_as_its_own_records_say() {
    let run = Setup::default().start().await;
    let (today, until) = (today(), today().checked_add(30.days()).unwrap());
    let mut expected = BTreeMap::new();
    let mut count = |kind: &'static str, dates: Vec<Option<Date>>| {
        let dates: Vec<Date> = dates.into_iter().flatten().filter(|day| *day <= until).collect();
        let overdue = u64::try_from(dates.iter().filter(|day| **day < today).count()).unwrap();
        expected.insert(kind, (overdue, u64::try_from(dates.len()).unwrap() - overdue));
    };
    let open = records(&run, "list_vulnerabilities", json!({"isDeactivated": false})).await;
    count("vulnerability", open.iter().map(|one| day(&one["remediateByDate"])).collect());
    let vendors = records(&run, "list_vendors", json!({})).await;
    let kept: Vec<&Value> = vendors.iter().filter(|vendor| vendor["status"] != "ARCHIVED").collect();
    count("vendorReview", kept.iter().map(|vendor| day(&vendor["nextSecurityReviewDueDate"])).collect());
    let states = json!(["OVERDUE", "DUE_SOON", "OFFBOARDING_OVERDUE", "OFFBOARDING_DUE_SOON"]);
    let people = records(&run, "list_people", json!({"tasksSummaryStatusMatchesAny": states})).await;
    count("person", people.iter().map(|person| day(&person["tasksSummary"]["dueDate"])).collect());
    let in_force = json!({"statusFilter": "NEEDS_ATTENTION", "isInRollout": false});
    let tests = records(&run, "list_tests", in_force).await;
    count(
        "test",
        tests.iter().map(|test| day(&test["remediationStatusInfo"]["soonestRemediateByDate"])).collect(),
    );
    let kinds: Vec<&str> = expected.keys().copied().collect();
    let answer = asked(&run, "due", json!({"kinds": kinds}), 8_000, 12).await;
    for (kind, (overdue, due)) in &expected {
        assert!(overdue + due > 0, "the tenant has some: {kind}");
        assert_eq!(counted(&answer, kind), (*overdue, *due), "{kind}: {answer}");
    }
    let mut days: Vec<Option<Date>> = column(&answer, "due").iter().map(day).collect();
    days.sort();
    assert_eq!(column(&answer, "due").iter().map(day).collect::<Vec<_>>(), days, "soonest first");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_not_counted() {
    let run = Setup::default().start().await;
    run.fault(Target::Path("/v1/vendors".to_owned()), refused(403), 50);
    run.fault(Target::Path("/v1/vulnerabilities".to_owned()), refused(422), 50);
    let answer = run.value("due", json!({})).await;
    let gaps = answer["notLookedAt"].to_string();
    assert!(gaps.contains("vendors: ") && gaps.contains("403"), "{gaps}");
    assert!(gaps.contains("vulnerabilities: ") && gaps.contains("422"), "{gaps}");
    for kind in ["vulnerability", "vendorReview"] {
        assert!(answer["overdue"].get(kind).is_none() && answer["due"].get(kind).is_none(), "{answer}");
    }
}

#[tokio::test]
async fn an_owner_is_filtered_by_name() {
    let run = Setup::default().start().await;
    let all = run.value("due", json!({"kinds": ["test", "person"]})).await;
    let owner = column(&all, "owner").into_iter().find(|owner| !owner.is_null()).unwrap();
    let own = run.value("due", json!({"kinds": ["test", "person"], "owner": owner})).await;
    assert!(column(&own, "owner").iter().all(|one| *one == owner), "{own}");
    let nobody = run.value("due", json!({"kinds": ["test"], "owner": "Nobody At All"})).await;
    assert!(nobody["notLookedAt"].to_string().contains("Nobody At All"), "{nobody}");
}
