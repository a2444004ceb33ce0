//! What a client gets wrong that takes a list for all there is, or a status for more than it says.

use std::collections::HashSet;

use super::*;
use crate::record::at;

fn how_many(items: &[Value], pointer: &str, value: &str) -> usize {
    items.iter().filter(|item| at(item, pointer) == value).count()
}

#[test]
fn unknown_values_of_filters_give_an_empty_list_and_unknown_names_are_ignored() {
    let mut client = Client::new();
    for list in ["controls", "tests", "documents", "people", "vendors", "issues"] {
        let all = client.list(list).len();
        assert_eq!(client.list(&format!("{list}?colorMatchesAny=RED")).len(), all, "{list}");
    }
    for filter in [
        "tests?categoryFilter=COLORS",
        "tests?ownerFilter=nobody",
        "tests?frameworkFilter=soc9",
        "tests?controlFilter=none",
        "controls?frameworkMatchesAny=soc9",
        "documents?statusMatchesAny=Lost",
        "documents?frameworkMatchesAny=soc9",
        "people?employmentStatus=RETIRED",
        "people?taskTypeMatchesAny=SLEEP&taskStatusMatchesAny=OVERDUE",
        "vendors?statusMatchesAny=LOST",
        "vulnerabilities?severity=SOME",
        "risk-scenarios?ownerMatchesAny=nobody",
        "issues?ownerIdMatchesAny=nobody",
        "monitored-computers?complianceStatusFilterMatchesAny=OLD",
    ] {
        assert!(client.list(filter).is_empty(), "{filter}");
    }
    // A known value beside an unknown one counts.
    let one = client.list("documents?statusMatchesAny=Needs%20update");
    assert_eq!(client.list("documents?statusMatchesAny=Lost&statusMatchesAny=Needs%20update"), one);
}

#[test]
fn vulnerabilities_without_a_deadline_come_when_asked_for_and_deactivated_ones_unless_declined() {
    let mut client = Client::new();
    let dated = client.list("vulnerabilities");
    let all = client.list("vulnerabilities?includeVulnerabilitiesWithoutSlas=true");
    assert!(dated.iter().all(|found| found["remediateByDate"].is_string()));
    assert!((1..all.len()).contains(&dated.len()));
    assert_eq!(client.list("vulnerabilities?includeVulnerabilitiesWithoutSlas=false"), dated);
    let aside = dated.iter().filter(|found| found["deactivateMetadata"].is_object()).count();
    assert!((1..dated.len()).contains(&aside));
    assert_eq!(client.list("vulnerabilities?isDeactivated=true").len(), aside);
    assert_eq!(client.list("vulnerabilities?isDeactivated=false").len(), dated.len() - aside);
    assert!(dated.is_sorted_by_key(|found| text(found, "remediateByDate")));
    assert!(all.starts_with(&dated), "those without a deadline come last");
}

#[test]
fn tests_in_rollout_are_listed_without_a_mark_and_failing_ones_among_them() {
    let mut client = Client::new();
    for status in ["OK", "NEEDS_ATTENTION"] {
        let all = client.list(&format!("tests?statusFilter={status}"));
        let rollout = client.list(&format!("tests?statusFilter={status}&isInRollout=true"));
        let rest = client.list(&format!("tests?statusFilter={status}&isInRollout=false"));
        assert!(!rollout.is_empty() && rollout.len() + rest.len() == all.len(), "{status}");
        assert_eq!(names(&rollout[0]), names(&rest[0]));
        assert!(rollout.iter().all(|test| all.contains(test)));
    }
    assert!(!client.list("tests?statusFilter=INVALID").is_empty());
}

#[test]
fn relations_are_told_from_one_side_alone() {
    let mut client = Client::new();
    let text = |records: &[Value]| records.iter().map(Value::to_string).collect::<String>();
    let tests = client.list("tests");
    let control = "access-reviews-conducted";
    assert!(!client.list(&format!("controls/{control}/tests")).is_empty());
    assert!(!text(&tests).contains(control), "a test names no control");
    assert!(!text(&tests).contains("soc2"), "nor a framework");
    let controls = client.list("controls");
    assert!(!text(&controls).contains("soc2"), "a control names no framework");
    let policy = client.list("policies")[0].clone();
    assert!(!text(&controls).contains(super::text(&policy, "id")), "nor a policy");
    assert!(!text(&client.list("documents")).contains("\"controls"), "a document lists no control");
}

#[test]
fn some_controls_have_no_evidence_at_all() {
    let mut client = Client::new();
    let mut bare = 0;
    for control in client.list("controls") {
        let detail = client.get(&format!("controls/{}", id(&control)));
        let counts = ["numTestsTotal", "numDocumentsTotal"].map(|count| detail[count].as_u64().unwrap());
        assert_eq!(detail["status"] == "NO_EVIDENCE_MAPPED", counts == [0, 0], "{detail}");
        assert!(control.get("status").is_none(), "the list has no status");
        bare += usize::from(counts == [0, 0]);
    }
    assert!(bare > 10);
}

#[test]
fn the_renewal_of_a_document_stands_in_the_single_answer_alone() {
    let mut client = Client::new();
    for document in client.list("documents") {
        let one = client.get(&format!("documents/{}", id(&document)));
        for detail in ["nextRenewalDate", "renewalCadence", "reminderWindow", "deactivatedStatus", "note"] {
            assert!(document.get(detail).is_none() && one.get(detail).is_some(), "{detail}");
        }
    }
}

#[test]
fn every_kind_of_task_is_open_for_somebody() {
    let mut client = Client::new();
    for kind in [
        "COMPLETE_TRAININGS",
        "ACCEPT_POLICIES",
        "COMPLETE_CUSTOM_TASKS",
        "INSTALL_DEVICE_MONITORING",
        "COMPLETE_BACKGROUND_CHECKS",
    ] {
        for state in ["OVERDUE", "DUE_SOON"] {
            let filter = format!("people?taskTypeMatchesAny={kind}&taskStatusMatchesAny={state}");
            let people = client.list(&filter);
            assert!(!people.is_empty(), "{kind} {state}");
            for person in people {
                let tasks = person["tasksSummary"]["details"].as_object().unwrap().values();
                let task = tasks.into_iter().find(|task| text(task, "taskType") == kind).unwrap();
                assert!(task["dueDate"].is_string(), "{task}");
                let names = ["incompleteTrainings", "unacceptedPolicies", "incompleteCustomTasks"];
                let todo = names.iter().find_map(|name| task.get(*name)?.as_array());
                assert!(todo.is_none_or(|todo| !todo.is_empty()), "{task}");
            }
        }
    }
}

#[test]
fn computers_are_open_unknown_or_silent_and_who_has_none_owns_none() {
    let mut client = Client::new();
    let computers = client.list("monitored-computers");
    let disk = |outcome: &str| how_many(&computers, "/diskEncryption/outcome", outcome);
    assert!(disk("FAIL") >= 3 && disk("IN_PROGRESS") >= 3, "{} {}", disk("FAIL"), disk("IN_PROGRESS"));
    let open = client.list("monitored-computers?complianceStatusFilterMatchesAny=HD_NOT_ENCRYPTED");
    assert_eq!(open.len(), disk("FAIL"), "the filter hides what is unknown");
    let silent = client.list("monitored-computers?complianceStatusFilterMatchesAny=LAST_CHECK_OVER_14_DAYS");
    assert!(silent.len() >= 3);
    let without = "people?taskTypeMatchesAny=INSTALL_DEVICE_MONITORING&taskStatusMatchesAny=OVERDUE\
                   &taskStatusMatchesAny=DUE_SOON";
    let without: HashSet<String> = client.list(without).iter().map(id).collect();
    assert!(!without.is_empty());
    assert!(computers.iter().all(|computer| !without.contains(text(&computer["owner"], "id"))));
}

#[test]
fn vendors_are_never_reviewed_or_unscored_though_they_are_managed() {
    let mut client = Client::new();
    let managed = client.list("vendors?statusMatchesAny=MANAGED");
    let never = managed.iter().filter(|vendor| vendor["lastSecurityReviewCompletionDate"].is_null()).count();
    assert!(never >= 3);
    assert!(how_many(&managed, "/inherentRiskLevel", "UNSCORED") >= 1);
    assert!(!client.list("vendors?statusMatchesAny=ARCHIVED").is_empty());
}

#[test]
fn risks_lack_scores_or_are_archived() {
    let mut client = Client::new();
    let risks = client.list("risk-scenarios?includeIgnored=true");
    let without = |risk: &&Value| risk["likelihood"].is_u64() && risk["residualLikelihood"].is_null();
    assert!(risks.iter().filter(without).count() >= 1);
    assert!(risks.iter().any(|risk| risk["isArchived"] == true));
}

#[test]
fn viewers_are_removed_expired_or_unsigned_and_nothing_marks_a_removed_one() {
    let mut client = Client::new();
    let viewers = format!("trust-centers/{TRUST_CENTER}/viewers");
    let all = client.list(&viewers);
    assert_eq!(client.list(&format!("{viewers}?includeRemoved=true")), all);
    let present = client.list(&format!("{viewers}?includeRemoved=false"));
    let removed: Vec<&Value> = all.iter().filter(|viewer| !present.contains(viewer)).collect();
    assert!(!removed.is_empty() && removed.len() < all.len());
    assert_eq!(names(removed[0]), names(&present[0]));
    let unsigned =
        |viewer: &&Value| viewer["ndaInfo"].is_object() && viewer["ndaInfo"]["satisfiedDate"].is_null();
    assert!(present.iter().filter(unsigned).count() >= 1);
    let expired = |viewer: &&Value| {
        (1..).contains(&text(viewer, "expirationDate").len()) && text(viewer, "expirationDate") < NOW
    };
    assert!(present.iter().filter(expired).count() >= 1);
    let automatic = client.list("customer-trust/accounts?isAutoApprovalEnabled=true");
    assert!(!automatic.is_empty());
}

#[test]
fn users_who_left_are_found_by_id_alone_and_own_nothing_new() {
    let mut client = Client::new();
    let users = client.list("users");
    assert!(users.iter().all(|user| user["isActive"] == true));
    let people = client.list("people");
    let gone = people.iter().find(|person| person["tasksSummary"]["status"] == "OFFBOARDING_COMPLETE");
    let gone = id(gone.unwrap());
    assert!(users.iter().all(|user| id(user) != gone) && users.len() < people.len());
    assert_eq!(client.get(&format!("users/{gone}"))["isActive"], false);
    for owned in ["controls/access-reviews-conducted", "documents/access-review-report"] {
        let path = format!("{owned}/set-owner");
        assert_eq!(client.send("POST", &path, json!({ "userId": gone })).0, 422, "{owned}");
        assert_eq!(client.send("POST", &path, json!({ "userId": id(&users[3]) })).0, 200, "{owned}");
    }
}
