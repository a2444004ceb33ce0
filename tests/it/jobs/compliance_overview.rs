//! `compliance_overview`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use vanta_demo::{Application, FaultKind, Target};

use super::{asked, column, records};
use crate::harness::{Run, Setup};

const JOB: &str = "compliance_overview";

/// What the answer may cost: characters, and requests beside the pages of vulnerabilities that are due.
const MOST: usize = 4_800;
const REQUESTS: usize = 9;

fn day(text: &Value) -> Option<Date> {
    Some(text.as_str()?.parse::<Timestamp>().unwrap().to_zoned(TimeZone::UTC).date())
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

fn is_past(text: &Value) -> bool {
    text.as_str().is_some_and(|text| text.parse::<Timestamp>().unwrap() < Timestamp::now())
}

fn since(text: &Value) -> bool {
    day(text) >= Some(today() - 7.days())
}

fn count(rows: &[Value], is_so: impl Fn(&Value) -> bool) -> usize {
    rows.iter().filter(|row| is_so(row)).count()
}

fn counts<'v>(kinds: impl Iterator<Item = &'v Value>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for kind in kinds {
        *counts.entry(kind.as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

/// A whole list in one page, in place of what the tenant has.
fn page(rows: &Value) -> FaultKind {
    let ends =
        json!({"endCursor": null, "hasNextPage": false, "hasPreviousPage": false, "startCursor": null});
    FaultKind::Body { status: 200, body: json!({"results": {"data": rows, "pageInfo": ends}}).to_string() }
}

/// The vulnerabilities with a deadline until 30 days from now that nobody set aside.
async fn due(run: &Run) -> Vec<Value> {
    let mut all =
        records(run, "list_vulnerabilities", json!({"includeVulnerabilitiesWithoutSlas": true})).await;
    let horizon = today() + 30.days();
    all.retain(|one| {
        one["deactivateMetadata"].is_null() && day(&one["remediateByDate"]).is_some_and(|due| due <= horizon)
    });
    all
}

#[tokio::test]
async fn tests_and_documents_are_counted_with_what_changed_in_the_week() {
    let run = Setup::default().start().await;
    let tests = records(&run, "list_tests", json!({"isInRollout": false})).await;
    let failing: Vec<Value> =
        tests.iter().filter(|test| test["status"] == "NEEDS_ATTENTION").cloned().collect();
    let documents = records(&run, "list_documents", json!({})).await;
    let lacking: Vec<Value> = documents
        .iter()
        .filter(|document| {
            ["Needs document", "Needs update"].iter().any(|is| document["uploadStatus"] == *is)
        })
        .cloned()
        .collect();
    let pages = due(&run).await.len().div_ceil(100);
    let answer = asked(&run, JOB, json!({}), MOST, REQUESTS + pages).await;
    assert!(answer.get("notLookedAt").is_none(), "{answer}");

    let told = &answer["tests"];
    let is = |status: &str| count(&failing, |test| test["remediationStatusInfo"]["status"] == status);
    let items: u64 =
        failing.iter().map(|test| test["remediationStatusInfo"]["itemCount"].as_u64().unwrap()).sum();
    assert_eq!(
        (&told["failing"], &told["overdue"], &told["dueSoon"], &told["failingItems"]),
        (&json!(failing.len()), &json!(is("OVERDUE")), &json!(is("DUE_SOON")), &json!(items))
    );
    assert_eq!(told["byOwner"]["(nobody)"], count(&failing, |test| test["owner"].is_null()));
    let categories = counts(failing.iter().map(|test| &test["category"]));
    for (category, number) in told["byCategory"].as_object().unwrap() {
        assert!(category == "(others)" || json!(categories[category]) == *number, "{category}");
    }
    let all: u64 =
        told["byCategory"].as_object().unwrap().values().map(|number| number.as_u64().unwrap()).sum();
    assert_eq!(usize::try_from(all).unwrap(), failing.len());
    assert_eq!(answer["invalidTests"], count(&tests, |test| test["status"] == "INVALID"));

    let told = &answer["documents"];
    assert_eq!(told["needsDocument"], count(&lacking, |one| one["uploadStatus"] == "Needs document"));
    assert_eq!(told["needsUpdate"], count(&lacking, |one| one["uploadStatus"] == "Needs update"));
    assert_eq!(told["withoutOwner"], count(&lacking, |one| one["ownerId"].is_null()));

    let newly = count(&failing, |test| since(&test["latestFlipDate"]));
    let lapsed = count(&lacking, |one| since(&one["uploadStatusDate"]));
    assert!(newly > 0 && newly < failing.len() && lapsed > 0, "the tenant has changes: {newly}, {lapsed}");
    assert_eq!(
        answer["trend"],
        json!({
            "since": (today() - 7.days()).to_string(), "testsNewlyFailing": newly, "documentsLapsed": lapsed,
        })
    );
}

#[tokio::test]
async fn people_vulnerabilities_and_the_rest_are_counted() {
    let run = Setup::default().start().await;
    let people = records(&run, "list_people", json!({})).await;
    let vendors = records(&run, "list_vendors", json!({})).await;
    let policies = records(&run, "list_policies", json!({})).await;
    let issues = records(&run, "list_issues", json!({})).await;
    let risks = records(&run, "list_risk_scenarios", json!({})).await;
    let due = due(&run).await;
    let answer = asked(&run, JOB, json!({}), MOST, REQUESTS + due.len().div_ceil(100)).await;

    let is = |status: &str| count(&people, |person| person["tasksSummary"]["status"] == status);
    let told = &answer["people"];
    assert_eq!(
        (&told["overdue"], &told["dueSoon"], &told["offboardingOverdue"], &told["offboardingDueSoon"]),
        (
            &json!(is("OVERDUE")),
            &json!(is("DUE_SOON")),
            &json!(is("OFFBOARDING_OVERDUE")),
            &json!(is("OFFBOARDING_DUE_SOON"))
        )
    );
    let kinds = people[0]["tasksSummary"]["details"].as_object().unwrap().keys();
    let late =
        |kind: &str| count(&people, |person| person["tasksSummary"]["details"][kind]["status"] == "OVERDUE");
    let by_kind: BTreeMap<&String, usize> =
        kinds.map(|kind| (kind, late(kind))).filter(|(_, number)| *number > 0).collect();
    assert!(!by_kind.is_empty());
    assert_eq!(told["overdueByKind"], json!(by_kind));

    let told = &answer["vulnerabilities"];
    let late = count(&due, |one| is_past(&one["remediateByDate"]));
    assert_eq!((&told["overdue"], &told["dueIn30Days"]), (&json!(late), &json!(due.len() - late)));
    let critical: Vec<Value> = due.iter().filter(|one| one["severity"] == "CRITICAL").cloned().collect();
    let late = count(&critical, |one| is_past(&one["remediateByDate"]));
    assert_eq!(told["bySeverity"]["rows"][0], json!(["CRITICAL", late, critical.len() - late]));

    let vendors: Vec<Value> = vendors.into_iter().filter(|vendor| vendor["status"] != "ARCHIVED").collect();
    let never = count(&vendors, |vendor| {
        vendor["lastSecurityReviewCompletionDate"].is_null()
            && ["HIGH", "CRITICAL"].iter().any(|level| vendor["inherentRiskLevel"] == *level)
    });
    let told = &answer["vendors"];
    assert_eq!(told["vendors"], vendors.len());
    assert_eq!(told["reviewOverdue"], count(&vendors, |one| is_past(&one["nextSecurityReviewDueDate"])));
    assert_eq!(told["highOrCriticalNeverReviewed"], never);

    let states = counts(policies.iter().map(|policy| &policy["latestVersion"]["status"]));
    assert_eq!(answer["policies"]["byLatestVersion"], json!(states));
    let open: Vec<Value> = issues.into_iter().filter(|issue| issue["status"] != "CLOSED").collect();
    let told = &answer["issues"];
    assert_eq!(
        (&told["open"], &told["overdue"]),
        (&json!(open.len()), &json!(count(&open, |issue| is_past(&issue["dueDate"]))))
    );
    let risks: Vec<Value> = risks.into_iter().filter(|risk| risk["isArchived"] != true).collect();
    let unscored =
        count(&risks, |risk| risk["residualLikelihood"].is_null() || risk["residualImpact"].is_null());
    assert_eq!(answer["risks"], json!({"risks": risks.len(), "withoutResidualScore": unscored}));
}

#[tokio::test]
async fn a_framework_is_meant_by_id_name_or_part_and_narrows_tests_and_documents() {
    let run = Setup::default().start().await;
    let frameworks = records(&run, "list_frameworks", json!({})).await;
    let pages = due(&run).await.len().div_ceil(100);
    let all = asked(&run, JOB, json!({}), MOST, REQUESTS + pages).await;
    assert_eq!(column(&all["frameworks"], "id").len(), frameworks.len());
    let hipaa = frameworks.iter().find(|framework| framework["id"] == "hipaa").unwrap();
    let of = json!({"frameworkFilter": "hipaa", "statusFilter": "NEEDS_ATTENTION", "isInRollout": false});
    let failing = records(&run, "list_tests", of).await.len();
    let of = json!({"frameworkMatchesAny": ["hipaa"], "statusMatchesAny": ["Needs update"]});
    let lapsed = records(&run, "list_documents", of).await.len();
    for asked_for in ["hipaa", " HIPAA ", "Hipaa"] {
        let answer = asked(&run, JOB, json!({"framework": asked_for}), MOST, REQUESTS + pages).await;
        let controls = format!("{} of {}", hipaa["numControlsCompleted"], hipaa["numControlsTotal"]);
        assert_eq!(column(&answer["frameworks"], "controls"), [json!(controls)], "{asked_for}");
        assert_eq!(answer["tests"]["failing"], failing);
        assert_eq!(answer["documents"]["needsUpdate"], lapsed);
        assert_eq!(answer["people"], all["people"], "people belong to no framework");
    }
    assert!(failing < all["tests"]["failing"].as_u64().unwrap().try_into().unwrap());
    let part = asked(&run, JOB, json!({"framework": "27001"}), MOST, REQUESTS + pages).await;
    assert!(column(&part["frameworks"], "name")[0].as_str().unwrap().contains("27001"), "{part}");
    let two = json!([
        {"id": "iso27001", "displayName": "ISO 27001:2022"}, {"id": "iso42001", "displayName": "ISO 42001:2023"},
    ]);
    run.fault(Target::Path("/v1/frameworks".to_owned()), page(&two), 1);
    let several = run.error(JOB, json!({"framework": "iso"})).await;
    assert!(several.contains("may be any of 2") && several.contains("iso42001"), "{several}");
    let none = run.error(JOB, json!({"framework": "PCI DSS"})).await;
    assert!(none.contains("no item of list_frameworks") && none.contains("PCI DSS"), "{none}");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_has_no_number() {
    for (path, members) in [
        ("/v1/tests", &["tests", "invalidTests"][..]),
        ("/v1/documents", &["documents"]),
        ("/v1/people", &["people"]),
        ("/v1/vulnerabilities", &["vulnerabilities"]),
        ("/v1/vendors", &["vendors"]),
        ("/v1/policies", &["policies"]),
        ("/v1/issues", &["issues"]),
        ("/v1/risk-scenarios", &["risks"]),
    ] {
        let run = Setup::default().start().await;
        run.fault(Target::Path(path.to_owned()), FaultKind::Internal, 40);
        let answer = run.value(JOB, json!({})).await;
        for member in members {
            assert!(answer.get(member).is_none(), "{path}: {answer}");
        }
        let gaps = answer["notLookedAt"].as_array().unwrap();
        assert_eq!(gaps.len(), members.len(), "{path}: {gaps:?}");
        assert!(gaps.iter().all(|gap| gap.as_str().unwrap().contains("500")), "{gaps:?}");
        let trend = &answer["trend"];
        assert_eq!(trend.get("testsNewlyFailing").is_none(), path == "/v1/tests", "{trend}");
        assert_eq!(trend.get("documentsLapsed").is_none(), path == "/v1/documents", "{trend}");
    }
    let run = Setup::default().start().await;
    run.fault(Target::Path("/v1/frameworks".to_owned()), FaultKind::Internal, 20);
    assert!(run.error(JOB, json!({})).await.contains("500"));
    let run = Setup::default().start().await;
    run.tenant.restrict(Application::Manage, &["vanta-api.vendors:read"]);
    let told = run.error(JOB, json!({})).await;
    assert!(told.contains("vanta-api.all:read"), "{told}");
}

#[tokio::test]
async fn rows_that_a_filter_should_have_kept_out_are_not_counted() {
    let run = Setup::default().start().await;
    let soon = (today() + 3.days()).to_string();
    let later = (today() + 31.days()).to_string();
    let aside = json!({"deactivationReason": "no"});
    let rows = json!([
        {"id": "a", "severity": "HIGH", "remediateByDate": soon},
        {"id": "b", "severity": "HIGH", "remediateByDate": soon, "deactivateMetadata": aside},
        {"id": "c", "severity": "HIGH", "remediateByDate": later},
        {"id": "d", "severity": "HIGH", "remediateByDate": null},
    ]);
    run.fault(Target::Path("/v1/vulnerabilities".to_owned()), page(&rows), 1);
    let rows = json!([{"id": "a", "uploadStatus": "OK"}, {"id": "b", "uploadStatus": "Needs update"}]);
    run.fault(Target::Path("/v1/documents".to_owned()), page(&rows), 1);
    let rows = json!([{"id": "a", "status": "CLOSED"}, {"id": "b", "status": "IN_PROGRESS"}, {"id": 1, "status": 7}]);
    run.fault(Target::Path("/v1/issues".to_owned()), page(&rows), 1);
    let answer = run.value(JOB, json!({})).await;
    assert_eq!(answer["vulnerabilities"]["dueIn30Days"], 1);
    assert_eq!(
        (&answer["documents"]["needsUpdate"], &answer["documents"]["needsDocument"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(answer["issues"]["open"], 1);
    let gaps = answer["notLookedAt"].to_string();
    assert!(gaps.contains("issues: 1 item is not of the form that is known"), "{gaps}");
}
