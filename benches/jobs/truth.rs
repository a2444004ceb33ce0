//! What is right, from the tenant's own records and by nothing that the server has.
//!
//! Days are those of UTC, and today is the day on which this runs, as the server takes it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use crate::plain;
use crate::records::{Records, id};

const IN_FORCE: &str = "/v1/tests?isInRollout=false";
const VULNERABILITIES: &str = "/v1/vulnerabilities?includeVulnerabilitiesWithoutSlas=true";

/// What the function of that name finds.
pub fn of(name: &str, records: &Records) -> Value {
    match name {
        "failing_of_soc2" => failing(records, "/v1/controls?frameworkMatchesAny=soc2", |_| true),
        "failing_of_all" => failing(records, "/v1/controls", |_| true),
        "failing_of_owner" => {
            let owner = chief(records);
            failing(records, "/v1/controls", |control| control["owner"]["id"] == owner["id"])
        }
        "failing_test" => failing_test(records),
        "overview" => overview(records),
        "due_in_a_month" => due(records, 30),
        "late_vulnerabilities" => due(records, 7),
        "changes" => changes(records),
        "duties" => duties(records),
        "leaver" => leaver(records),
        "audit" => audit(records),
        "evidence" => evidence(records),
        other => plain::of(other, records).unwrap_or_else(|| panic!("no function computes {other}")),
    }
}

/// What the words in braces stand for.
pub fn given(records: &Records) -> BTreeMap<&'static str, String> {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("a text: {value}")).to_owned();
    BTreeMap::from([
        ("owner", text(&chief(records)["emailAddress"])),
        ("leaver", text(&one_who_left(records)["emailAddress"])),
        ("test", text(&records.failing_tests().next().unwrap()["name"])),
        ("audit", text(&active_audit(records)["id"])),
        ("domain", text(&records.list("panel")[2]["domain"])),
    ])
}

pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

pub fn day(value: &Value) -> Option<Date> {
    value.as_str().map(|text| text.parse::<Timestamp>().unwrap().to_zoned(TimeZone::UTC).date())
}

fn is_past(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<Timestamp>().unwrap() < Timestamp::now())
}

pub fn count<'v>(items: impl IntoIterator<Item = &'v Value>, is_so: impl Fn(&Value) -> bool) -> usize {
    items.into_iter().filter(|item| is_so(item)).count()
}

pub fn is_any(value: &Value, of: &[&str]) -> bool {
    of.iter().any(|one| *value == **one)
}

pub fn all<'v>(items: impl IntoIterator<Item = &'v Value>, name: &str) -> Vec<Value> {
    items.into_iter().map(|item| item[name].clone()).collect()
}

/// Whoever owns the most controls.
fn chief(records: &Records) -> &Value {
    let mut owned = BTreeMap::<&str, usize>::new();
    for control in records.list("/v1/controls") {
        *owned.entry(control["owner"]["id"].as_str().unwrap_or_default()).or_default() += 1;
    }
    let own = |person: &&Value| owned.get(person["id"].as_str().unwrap()).copied().unwrap_or_default();
    records.list("/v1/people").iter().max_by_key(own).unwrap()
}

/// Somebody who left and has tasks of the offboarding open.
fn one_who_left(records: &Records) -> &Value {
    let is_it = |person: &&Value| person["tasksSummary"]["status"] == "OFFBOARDING_OVERDUE";
    records.list("/v1/people").iter().find(is_it).unwrap()
}

fn active_audit(records: &Records) -> &Value {
    records.list("/v1/audits").iter().find(|audit| audit["completionDate"].is_null()).unwrap()
}

/// Controls with a failing test in force, or a document that is missing or has lapsed.
fn failing(records: &Records, scope: &'static str, is_own: impl Fn(&Value) -> bool) -> Value {
    let tests: BTreeSet<String> = records.failing_tests().map(id).collect();
    let lacking = records.lacking_controls();
    let (mut failing, mut unproven, mut of) = (Vec::new(), 0, 0);
    let proven: BTreeSet<String> = records
        .list("/v1/documents")
        .iter()
        .flat_map(|document| records.of("controls of documents", &id(document)).iter().map(id))
        .collect();
    let mut reasons = BTreeSet::new();
    for control in records.list(scope).iter().filter(|control| is_own(control)) {
        of += 1;
        let own = id(control);
        let mapped = records.of("tests of controls", &own);
        let bad: Vec<&Value> = mapped.iter().filter(|test| tests.contains(&id(test))).collect();
        reasons.extend(bad.iter().map(|test| test["name"].as_str().unwrap().to_owned()));
        if !bad.is_empty() || lacking.contains(&own) {
            failing.push(control["externalId"].clone());
        } else if mapped.is_empty() && !proven.contains(&own) {
            unproven += 1;
        }
    }
    json!({
        "failing": failing.len(), "controls": failing, "unproven": unproven, "of": of, "because": reasons,
        "first": proof(records, scope),
    })
}

/// For each control that fails, by its external id, how many tests and documents of its do.
fn proof(records: &Records, scope: &'static str) -> Value {
    let tests: BTreeSet<String> = records.failing_tests().map(id).collect();
    let mut documents = BTreeMap::<String, usize>::new();
    for document in records.missing_documents() {
        for control in records.of("controls of documents", &id(document)) {
            *documents.entry(id(control)).or_default() += 1;
        }
    }
    let rows = records.list(scope).iter().map(|control| {
        let own = id(control);
        let bad = count(records.of("tests of controls", &own), |test| tests.contains(&id(test)));
        json!([control["externalId"], bad, documents.get(&own).copied().unwrap_or_default()])
    });
    rows.collect()
}

fn failing_test(records: &Records) -> Value {
    let test = records.failing_tests().next().unwrap();
    let items = records.of("items of tests", &id(test));
    let is_in = |framework: &&Value| {
        records.of("tests of frameworks", &id(framework)).iter().any(|own| own["id"] == test["id"])
    };
    let frameworks = records.list("/v1/frameworks").iter().filter(is_in);
    let names: Vec<Value> = frameworks.map(|framework| framework["displayName"].clone()).collect();
    let controls = records.list("/v1/controls").iter().filter(|control| {
        records.of("tests of controls", &id(control)).iter().any(|own| own["id"] == test["id"])
    });
    json!({
        "id": test["id"], "items": items.len(), "frameworks": names, "names": all(items, "displayName"),
        "controls": all(controls, "externalId"),
    })
}

fn overview(records: &Records) -> Value {
    let completed = records.list("/v1/frameworks").iter().map(|framework| {
        json!(format!("{} of {}", framework["numControlsCompleted"], framework["numControlsTotal"]))
    });
    let failing = || records.failing_tests();
    let people =
        |status: &str| count(records.list("/v1/people"), |person| person["tasksSummary"]["status"] == status);
    let horizon = today() + 30.days();
    let counted = |one: &&Value| {
        one["deactivateMetadata"].is_null() && day(&one["remediateByDate"]).is_some_and(|due| due <= horizon)
    };
    let due: Vec<&Value> = records.list(VULNERABILITIES).iter().filter(counted).collect();
    let late = count(due.iter().copied(), |one| is_past(&one["remediateByDate"]));
    let kept = records.list("/v1/vendors").iter().filter(|vendor| vendor["status"] != "ARCHIVED");
    json!({
        "completed": completed.collect::<Vec<_>>(),
        "failing": failing().count(),
        "overdueTests": count(failing(), |test| test["remediationStatusInfo"]["status"] == "OVERDUE"),
        "missing": count(records.missing_documents(), |one| one["uploadStatus"] == "Needs document"),
        "lapsed": count(records.missing_documents(), |one| one["uploadStatus"] == "Needs update"),
        "overduePeople": people("OVERDUE"),
        "late": late,
        "dueVulnerabilities": due.len() - late,
        "lateReviews": count(kept, |vendor| is_past(&vendor["nextSecurityReviewDueDate"])),
        "openIssues": count(records.list("/v1/issues"), |issue| issue["status"] != "CLOSED"),
        "risks": count(records.list("/v1/risk-scenarios"), |risk| risk["isArchived"] != true),
    })
}

/// How many of each kind are overdue, and fall due within so many days.
fn due(records: &Records, days: i64) -> Value {
    let (today, until) = (today(), today() + days.days());
    let counts = |dates: Vec<Option<Date>>| {
        let dates: Vec<Date> = dates.into_iter().flatten().filter(|day| *day <= until).collect();
        let late = dates.iter().filter(|day| **day < today).count();
        (late, dates.len() - late)
    };
    let open = records.list(VULNERABILITIES).iter().filter(|one| one["deactivateMetadata"].is_null());
    let vulnerabilities = counts(open.map(|one| day(&one["remediateByDate"])).collect());
    let kept = records.list("/v1/vendors").iter().filter(|vendor| vendor["status"] != "ARCHIVED");
    let reviews = counts(kept.map(|vendor| day(&vendor["nextSecurityReviewDueDate"])).collect());
    let tests = records.failing_tests();
    let tests =
        counts(tests.map(|test| day(&test["remediationStatusInfo"]["soonestRemediateByDate"])).collect());
    let states = ["OVERDUE", "DUE_SOON", "OFFBOARDING_OVERDUE", "OFFBOARDING_DUE_SOON"];
    let people = records.list("/v1/people").iter();
    let people = people.filter(|person| is_any(&person["tasksSummary"]["status"], &states));
    let people = counts(people.map(|person| day(&person["tasksSummary"]["dueDate"])).collect());
    let renewed = records.list("/v1/documents").iter().filter(|one| one["uploadStatus"] == "OK");
    let renewals =
        counts(renewed.map(|one| day(&records.single("document", &id(one))["nextRenewalDate"])).collect());
    json!({
        "lateVulnerabilities": vulnerabilities.0, "dueVulnerabilities": vulnerabilities.1,
        "lateReviews": reviews.0, "dueReviews": reviews.1, "lateTests": tests.0, "dueTests": tests.1,
        "latePeople": people.0, "duePeople": people.1,
        "lateDocuments": records.missing_documents().count() + renewals.0, "dueDocuments": nonzero(renewals.1),
    })
}

/// What is none is left out of an answer's counts.
fn nonzero(count: usize) -> Value {
    if count == 0 { Value::Null } else { json!(count) }
}

fn changes(records: &Records) -> Value {
    let since = today().checked_sub(7.days()).unwrap().to_zoned(TimeZone::UTC).unwrap().timestamp();
    let is_in = |value: &Value| {
        let moment = value.as_str().map(|text| text.parse::<Timestamp>().unwrap());
        moment.is_some_and(|moment| moment >= since && moment <= Timestamp::now())
    };
    let flipped = |status: &'static str| {
        let tests = records.list(IN_FORCE).iter();
        tests.filter(move |test| test["status"] == status && is_in(&test["latestFlipDate"]))
    };
    let found = records.list(VULNERABILITIES);
    let fixed = records.list("/v1/vulnerability-remediations");
    let people = records.list("/v1/people");
    json!({
        "newlyFailing": flipped("NEEDS_ATTENTION").count(),
        "names": all(flipped("NEEDS_ATTENTION"), "name"),
        "repaired": flipped("OK").count(),
        "lapsed": count(records.missing_documents(), |one| is_in(&one["uploadStatusDate"])),
        "newVulnerabilities": count(found, |one| is_in(&one["firstDetectedDate"])),
        "fixed": count(fixed, |one| is_in(&one["remediationDate"])),
        "accepted": count(found, |one| is_in(&one["deactivateMetadata"]["deactivatedOnDate"])),
        "joined": count(people, |person| is_in(&person["employment"]["startDate"])),
        "left": count(people, |person| is_in(&person["employment"]["endDate"])),
    })
}

/// How much of each kind somebody owns.
fn duties(records: &Records) -> Value {
    let person = chief(records);
    let (own, email) = (&person["id"], &person["emailAddress"]);
    let mut risks: Vec<&Value> = records.list("/v1/risk-scenarios").iter().collect();
    risks.extend(records.list("/v1/risk-scenarios?type=Enterprise%20Risk"));
    risks.retain(|risk| risk["isArchived"] != true);
    let approves = |risk: &Value| {
        risk["reviewStatus"] != "APPROVED" && risk["requiredApprovers"].as_array().unwrap().contains(email)
    };
    let user = |one: &Value, member: &str| one[member]["type"] == "User" && one[member]["id"] == *own;
    let open = |one: &Value| !is_any(&one["status"], &["COMPLETE", "NO_LONGER_NEEDED"]);
    let questionnaires = records.list("/v1/customer-trust/questionnaires");
    let is_owner = |one: &Value| {
        one["status"] != "CLOSED"
            && one["owners"].as_array().unwrap().iter().any(|owner| owner["ownerId"] == *own)
    };
    let is_vendors = |one: &Value| one["securityOwnerUserId"] == *own || one["businessOwnerUserId"] == *own;
    let knowledge = records.list("/v1/knowledge-base/resources");
    let movable = [
        count(records.list("/v1/controls"), |one| one["owner"]["id"] == *own),
        count(records.list("/v1/documents"), |one| one["ownerId"] == *own),
        count(records.list("/v1/vendors"), is_vendors),
        count(risks.iter().copied(), |one| one["owner"] == *email),
        count(questionnaires, |one| open(one) && user(one, "ownerAssignment")),
        count(questionnaires, |one| open(one) && user(one, "approverAssignment")),
        count(records.list("/v1/knowledge-base/answer-library"), |one| user(one, "ownerAssignment")),
        count(knowledge, |one| user(one, "ownerAssignment")),
    ];
    let by_hand = [
        count(records.list("/v1/tests"), |one| one["owner"]["id"] == *own),
        count(records.list("/v1/issues"), is_owner),
        count(risks.iter().copied(), approves),
        count(records.list("/v1/monitored-computers"), |one| one["owner"]["id"] == *own),
    ];
    json!({
        "email": email, "movable": movable.iter().sum::<usize>(), "byHand": by_hand.iter().sum::<usize>(),
        "most": movable[0],
    })
}

fn leaver(records: &Records) -> Value {
    json!({ "email": one_who_left(records)["emailAddress"], "can": "no" })
}

fn audit(records: &Records) -> Value {
    let audit = id(active_audit(records));
    let (evidence, requests) =
        (records.of("evidence of audits", &audit), records.of("requests of audits", &audit));
    let owed = ["Flagged", "Not ready for audit", "Initialized"];
    let open = |request: &Value| request["approvalStatus"] != "AUDITOR_APPROVED";
    let late = |request: &Value| {
        is_any(&request["approvalStatus"], &["NEEDS_EVIDENCE", "AUDITOR_FLAGGED"])
            && day(&request["dueDate"]).is_some_and(|due| due < today())
    };
    json!({
        "total": evidence.len(), "owed": count(evidence, |item| is_any(&item["status"], &owed)),
        "ready": count(evidence, |item| item["status"] == "Ready for audit"),
        "open": count(requests, open), "late": count(requests, late),
    })
}

/// How much of the evidence was not handed over, by its status.
fn evidence(records: &Records) -> Value {
    let audit = id(active_audit(records));
    let evidence = records.of("evidence of audits", &audit);
    let with = |status: &str| count(evidence, |item| item["status"] == status);
    json!({ "notReady": with("Not ready for audit"), "initialized": with("Initialized") })
}
