//! `changes_since`.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use vanta_demo::{FaultKind, Limits, Target};

use super::{asked, column, records};
use crate::harness::{self, Run, Setup};

const JOB: &str = "changes_since";
const MOST: usize = 6_400;
const REQUESTS: usize = 38;

async fn start() -> Run {
    let tenant = harness::tenant(Limits::Off).await;
    let slug = tenant.trust_center();
    Setup::default().with("VANTA_TRUST_CENTER", slug).start_with(tenant).await
}

/// The start of a day so many days ago.
fn ago(days: i32) -> Timestamp {
    let day = Timestamp::now().to_zoned(TimeZone::UTC).date() - days.days();
    day.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

fn is_in(text: &Value, since: Timestamp) -> bool {
    let moment = text.as_str().map(|text| text.parse::<Timestamp>().unwrap());
    moment.is_some_and(|moment| moment >= since && moment <= Timestamp::now())
}

fn count(rows: &[Value], is_so: impl Fn(&Value) -> bool) -> usize {
    rows.iter().filter(|row| is_so(row)).count()
}

fn names(rows: &[Value], name: &str, is_so: impl Fn(&Value) -> bool) -> Vec<Value> {
    rows.iter().filter(|row| is_so(row)).map(|row| row.pointer(name).unwrap().clone()).collect()
}

/// A page of a list in place of what the tenant has.
fn page(rows: &[Value], next: Option<&str>) -> FaultKind {
    let info = json!({"endCursor": next, "hasNextPage": next.is_some(), "hasPreviousPage": false, "startCursor": null});
    FaultKind::Body { status: 200, body: json!({"results": {"data": rows, "pageInfo": info}}).to_string() }
}

#[tokio::test]
async fn flips_and_documents_are_told_by_their_own_dates() {
    let run = start().await;
    let tests = records(&run, "list_tests", json!({"isInRollout": false})).await;
    let documents = records(&run, "list_documents", json!({})).await;
    for (arguments, days) in
        [(json!({}), 7), (json!({"date": ago(60).to_zoned(TimeZone::UTC).date().to_string()}), 60)]
    {
        let since = ago(days);
        let answer = asked(&run, JOB, arguments, MOST, REQUESTS).await;
        assert_eq!(answer["since"], since.to_string());
        assert!(answer.get("notLookedAt").is_none(), "{answer}");
        let flipped =
            |test: &Value, status: &str| test["status"] == status && is_in(&test["latestFlipDate"], since);
        let failing = names(&tests, "/name", |test| flipped(test, "NEEDS_ATTENTION"));
        let passing = count(&tests, |test| flipped(test, "OK"));
        assert!(!failing.is_empty() && passing > 0, "the tenant has flips");
        let told = &answer["tests"];
        assert_eq!((&told["newlyFailing"], &told["repaired"]), (&json!(failing.len()), &json!(passing)));
        let shown = column(&told["failing"], "test");
        assert!(shown.len() == failing.len().min(8) && shown.iter().all(|name| failing.contains(name)));
        let dates: Vec<String> = column(&told["failing"], "since").iter().map(Value::to_string).collect();
        assert!(dates.iter().rev().is_sorted(), "the latest first: {dates:?}");
        let off = count(&tests, |test| {
            test["status"] == "DEACTIVATED" && is_in(&test["deactivatedStatusInfo"]["lastUpdatedDate"], since)
        });
        assert_eq!(told["switchedOff"], off);

        let changed = |document: &Value, among: &[&str]| {
            among.iter().any(|status| document["uploadStatus"] == *status)
                && is_in(&document["uploadStatusDate"], since)
        };
        let lapsed =
            names(&documents, "/title", |document| changed(document, &["Needs document", "Needs update"]));
        assert!(!lapsed.is_empty(), "the tenant has a lapsed document");
        let told = &answer["documents"];
        assert_eq!(told["lapsed"], lapsed.len());
        assert_eq!(told["handedIn"], count(&documents, |document| changed(document, &["OK"])));
        assert!(column(&told["lacking"], "document").iter().all(|title| lapsed.contains(title)));
    }
}

#[tokio::test]
async fn vulnerabilities_people_and_the_others_are_told_by_their_own_dates() {
    let run = start().await;
    let since = ago(90);
    let everything = json!({"includeVulnerabilitiesWithoutSlas": true});
    let vulnerabilities = records(&run, "list_vulnerabilities", everything).await;
    let fixed = records(&run, "list_vulnerability_remediations", json!({})).await;
    let people = records(&run, "list_people", json!({})).await;
    let issues = records(&run, "list_issues", json!({})).await;
    let vendors = records(&run, "list_vendors", json!({})).await;
    let policies = records(&run, "list_policies", json!({})).await;
    let questionnaires = records(&run, "list_questionnaires", json!({})).await;
    let decided = records(&run, "list_trust_center_request_history", json!({})).await;
    let waiting = records(&run, "list_trust_center_access_requests", json!({})).await;
    let answer = asked(&run, JOB, json!({"date": since.to_string()}), MOST, REQUESTS).await;

    let told = &answer["vulnerabilities"];
    let new = count(&vulnerabilities, |one| is_in(&one["firstDetectedDate"], since));
    let without_deadline =
        |one: &Value| one["remediateByDate"].is_null() && is_in(&one["firstDetectedDate"], since);
    assert!(count(&vulnerabilities, without_deadline) > 0, "those without a deadline count too");
    let accepted =
        count(&vulnerabilities, |one| is_in(&one["deactivateMetadata"]["deactivatedOnDate"], since));
    assert_eq!((&told["new"], &told["accepted"]), (&json!(new), &json!(accepted)));
    let ended: Vec<Value> = fixed.into_iter().filter(|one| is_in(&one["remediationDate"], since)).collect();
    let late = count(&ended, |one| {
        one["slaDeadlineDate"].as_str().is_some_and(|due| one["remediationDate"].as_str().unwrap() > due)
    });
    assert!(late > 0);
    assert_eq!((&told["fixed"], &told["fixedLate"]), (&json!(ended.len()), &json!(late)));

    let told = &answer["people"];
    let joined = names(&people, "/name/display", |one| is_in(&one["employment"]["startDate"], since));
    let left = names(&people, "/name/display", |one| is_in(&one["employment"]["endDate"], since));
    assert!(!joined.is_empty() && !left.is_empty());
    assert_eq!((&told["joined"], &told["left"]), (&json!(joined.len()), &json!(left.len())));
    assert!(column(&told["leavers"], "person").iter().all(|name| left.contains(name)));

    let told = &answer["issues"];
    let opened = count(&issues, |one| is_in(&one["createdDate"], since));
    let closed = count(&issues, |one| is_in(&one["closedMetadata"]["closedDate"], since));
    let edited = count(&issues, |one| {
        is_in(&one["lastModifiedDate"], since)
            && !is_in(&one["createdDate"], since)
            && !is_in(&one["closedMetadata"]["closedDate"], since)
    });
    assert!(opened > 0 && closed > 0);
    assert_eq!(
        (&told["opened"], &told["closed"], &told["edited"]),
        (&json!(opened), &json!(closed), &json!(edited))
    );

    let told = &answer["vendors"];
    let reviewed = count(&vendors, |one| is_in(&one["lastSecurityReviewCompletionDate"], since));
    let decisions = count(&vendors, |one| is_in(&one["latestDecision"]["lastUpdatedAt"], since));
    assert!(reviewed + decisions > 0);
    assert_eq!((&told["reviewed"], &told["decided"]), (&json!(reviewed), &json!(decisions)));

    let approved = names(&policies, "/name", |one| is_in(&one["approvedAtDate"], since));
    assert!(!approved.is_empty());
    assert!(column(&answer["policiesApproved"], "policy").iter().all(|name| approved.contains(name)));
    let told = &answer["questionnaires"];
    let completed = count(&questionnaires, |one| {
        one["statusLog"].as_array().is_some_and(|log| {
            log.iter().any(|entry| entry["status"] == "COMPLETE" && is_in(&entry["updatedAt"], since))
        })
    });
    assert_eq!(told["received"], count(&questionnaires, |one| is_in(&one["createdDate"], since)));
    assert_eq!(told["completed"], completed);

    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for request in decided.iter().filter(|request| is_in(&request["updatedDate"], since)) {
        *outcomes.entry(request["outcome"].as_str().unwrap()).or_default() += 1;
    }
    assert!(!outcomes.is_empty() && outcomes.values().sum::<usize>() < decided.len());
    let told = &answer["accessRequests"];
    assert_eq!(told["decided"], json!(outcomes));
    assert_eq!(told["newAndWaiting"], count(&waiting, |request| is_in(&request["creationDate"], since)));
}

#[tokio::test]
async fn the_log_tells_who_did_what_by_names() {
    let run = start().await;
    let users = records(&run, "list_users", json!({})).await;
    let controls = records(&run, "list_controls", json!({})).await;
    let owner = json!({"controlId": controls[0]["id"], "userId": users[1]["id"]});
    run.value("set_control_owner", owner).await;
    let events = records(&run, "list_event_logs", json!({"startDate": ago(30).to_string()})).await;
    let answer = asked(&run, JOB, json!({"date": ago(30).to_string()}), MOST, REQUESTS).await;
    let log = &answer["log"];
    assert_eq!(log["events"], events.len());
    let actions = log["byAction"].as_object().unwrap();
    assert_eq!(actions.values().map(|number| number.as_u64().unwrap()).sum::<u64>(), events.len() as u64);
    let name =
        |id: &Value| users.iter().find(|user| user["id"] == *id).map(|user| user["displayName"].clone());
    let (mut newest, shown) = (events.clone(), column(&log["latest"], "who"));
    newest.sort_by_key(|event| {
        std::cmp::Reverse(event["date"].as_str().unwrap().parse::<Timestamp>().unwrap())
    });
    assert_eq!(shown.len(), 8);
    let who = |event: &Value| name(&event["actor"]["id"]).unwrap_or_else(|| event["actor"]["type"].clone());
    let by_actor = log["byActor"].as_object().unwrap();
    for (actor, number) in by_actor.iter().filter(|(actor, _)| *actor != "(others)") {
        assert_eq!(*number, count(&events, |event| who(event) == **actor), "{actor}");
    }
    assert_eq!(by_actor.values().map(|number| number.as_u64().unwrap()).sum::<u64>(), events.len() as u64);
    for (event, shown) in newest.iter().zip(&shown) {
        assert_eq!(*shown, who(event));
    }
    assert_eq!(shown[0], "APPLICATION", "what has no name is told by its kind");
    let control =
        format!("{} {}", controls[0]["externalId"].as_str().unwrap(), controls[0]["name"].as_str().unwrap());
    let what = column(&log["latest"], "what")[0].as_str().unwrap().trim_end_matches('…').to_owned();
    assert!(control.starts_with(&what) && what.len() > 10, "{what} is {control}");
}

#[tokio::test]
async fn a_long_log_is_read_in_part_and_says_so() {
    let run = start().await;
    let event = |number: usize| {
        json!({
            "id": format!("event-{number}"), "date": Timestamp::now().to_string(), "action": "SIGN_IN",
            "actor": {"type": "SCIM", "id": "s"}, "targets": [{"type": "PERSON", "id": format!("p{number}")}],
        })
    };
    for number in 0..10 {
        let rows: Vec<Value> = (0..100).map(|row| event(number * 100 + row)).collect();
        run.fault(Target::Path("/v1/event-logs".to_owned()), page(&rows, Some(&format!("c{number}"))), 1);
    }
    let answer = asked(&run, JOB, json!({}), MOST, REQUESTS + 5).await;
    assert_eq!(answer["log"]["events"], 1_000);
    assert_eq!(answer["log"]["byActor"]["SCIM"], 1_000);
    let gaps = answer["notLookedAt"].as_array().unwrap();
    assert_eq!(*gaps, [json!("event log: only the first 1000 items were read")]);
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_has_no_number() {
    for (path, place) in [
        ("/v1/documents", "/documents"),
        ("/v1/vulnerabilities", "/vulnerabilities/new"),
        ("/v1/vulnerability-remediations", "/vulnerabilities/fixed"),
        ("/v1/people", "/people"),
        ("/v1/issues", "/issues"),
        ("/v1/vendors", "/vendors"),
        ("/v1/policies", "/policiesApproved"),
        ("/v1/customer-trust/questionnaires", "/questionnaires"),
        ("/v1/event-logs", "/log"),
        ("/v1/trust-centers/quillmere-health/access-requests", "/accessRequests/newAndWaiting"),
        ("/v1/trust-centers/quillmere-health/historical-access-requests", "/accessRequests/decided"),
    ] {
        let run = start().await;
        let path = path.replace("quillmere-health", run.tenant.trust_center());
        assert!(run.value(JOB, json!({})).await.pointer(place).is_some(), "{path}");
        run.fault(Target::Path(path.clone()), FaultKind::Internal, 20);
        let answer = run.value(JOB, json!({})).await;
        assert!(answer.pointer(place).is_none(), "{path}: {answer}");
        let gaps = answer["notLookedAt"].as_array().unwrap();
        assert!(gaps.len() == 1 && gaps[0].as_str().unwrap().contains("500"), "{path}: {gaps:?}");
    }
    let run = start().await;
    run.fault(Target::Path("/v1/tests".to_owned()), FaultKind::Internal, 20);
    assert!(run.error(JOB, json!({})).await.contains("500"));
    // Without names the log is told all the same.
    let run = start().await;
    run.fault(Target::Path("/v1/users".to_owned()), FaultKind::Internal, 20);
    let answer = run.value(JOB, json!({})).await;
    assert!(answer["log"]["events"].as_u64().unwrap() > 0);
    assert!(answer["notLookedAt"][0].as_str().unwrap().starts_with("names of users: "), "{answer}");
}

#[tokio::test]
async fn without_a_trust_center_in_the_settings_that_is_said() {
    let run = Setup::default().start().await;
    let answer = asked(&run, JOB, json!({}), MOST, REQUESTS).await;
    assert!(answer.get("accessRequests").is_none());
    assert!(answer["notLookedAt"][0].as_str().unwrap().contains("VANTA_TRUST_CENTER"), "{answer}");
}

#[tokio::test]
async fn what_is_no_day_or_lies_ahead_is_refused_before_anything_is_sent() {
    let run = start().await;
    for date in ["last week", "2026-13-01", "2026-11-20T10:00", "20.11.2026", "2026-11-20 and more"] {
        let told = run.error(JOB, json!({"date": date})).await;
        assert!(told.contains("`date` must be a day or a moment in UTC"), "{date}: {told}");
    }
    let tomorrow = ago(-1).to_string();
    let told = run.error(JOB, json!({"date": tomorrow})).await;
    assert!(told.contains("must not be in the future"), "{told}");
    assert!(run.seen().is_empty());
}

#[tokio::test]
async fn many_changes_with_long_names_fit_into_an_answer() {
    const LONG: &str =
        "A rather long and winding name of the kind that people give to things when nobody stops them";
    let run = start().await;
    let now = ago(1).to_string();
    let hundred = |row: &dyn Fn(usize) -> Value| page(&(0..100).map(row).collect::<Vec<_>>(), None);
    let named = |number: usize, more: Value| {
        let mut row = json!({"id": format!("id-{number}"), "name": LONG, "title": LONG, "displayName": LONG});
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    for (path, row) in [
        ("tests", json!({"status": "NEEDS_ATTENTION", "latestFlipDate": now})),
        ("documents", json!({"uploadStatus": "Needs update", "uploadStatusDate": now})),
        ("people", json!({"name": {"display": LONG}, "employment": {"startDate": now, "endDate": now}})),
        (
            "issues",
            json!({"readableIssueId": "ISS-1234", "createdDate": now, "closedMetadata": {"closedDate": now}}),
        ),
        (
            "vendors",
            json!({
                "lastSecurityReviewCompletionDate": now, "latestDecision": {"status": "APPROVED", "lastUpdatedAt": now},
            }),
        ),
        ("policies", json!({"approvedAtDate": now})),
        ("customer-trust/questionnaires", json!({"createdDate": now})),
        ("users", json!({})),
        (
            "event-logs",
            json!({
                "date": now, "action": LONG.to_uppercase().replace(' ', "_"), "actor": {"type": "USER", "id": "id-1"},
                "targets": [{"type": "TEST", "id": "id-1"}, {"type": "TEST", "id": "id-2"}, {"type": "TEST", "id": "id-3"}],
            }),
        ),
    ] {
        let rows = hundred(&|number| named(number, row.clone()));
        run.fault(Target::Path(format!("/v1/{path}")), rows, 1);
    }
    let answer = asked(&run, JOB, json!({}), MOST, REQUESTS).await;
    assert_eq!(
        (&answer["tests"]["newlyFailing"], &answer["tests"]["failing"]["of"]),
        (&json!(100), &json!(100))
    );
    assert_eq!(answer["log"]["latest"]["of"], 100);
}

#[tokio::test]
async fn what_has_odd_or_no_dates_is_not_taken_for_a_change() {
    let run = start().await;
    let test = |number: usize, status: &str, flip: Value| json!({"id": format!("t{number}"), "name": "T", "status": status, "latestFlipDate": flip});
    let now = Timestamp::now().to_string();
    let rows = [
        test(1, "NEEDS_ATTENTION", Value::Null),
        test(2, "NEEDS_ATTENTION", json!("soon")),
        test(3, "NEEDS_ATTENTION", json!(now)),
        test(4, "INVALID", json!(now)),
        test(5, "OK", Value::Null),
    ];
    run.fault(Target::Path("/v1/tests".to_owned()), page(&rows, None), 1);
    let planned = json!({"id": "p", "name": {"display": "P"}, "employment": {
        "startDate": ago(-3).to_string(), "endDate": ago(-9).to_string(),
    }});
    run.fault(Target::Path("/v1/people".to_owned()), page(&[planned], None), 1);
    let answer = run.value(JOB, json!({})).await;
    let told = &answer["tests"];
    assert_eq!(
        (&told["newlyFailing"], &told["repaired"], &told["failingSinceUnknown"]),
        (&json!(1), &json!(0), &json!(1))
    );
    let told = &answer["people"];
    assert_eq!((&told["joined"], &told["left"]), (&json!(0), &json!(0)), "what is planned did not happen");
}
