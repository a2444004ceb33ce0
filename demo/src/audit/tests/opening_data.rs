use std::collections::{BTreeMap, BTreeSet};

use super::{Bench, START, text};

fn counted(items: &[serde_json::Value], name: &str) -> BTreeMap<String, usize> {
    items.iter().fold(BTreeMap::new(), |mut counts, item| {
        *counts.entry(text(item, name).to_owned()).or_default() += 1;
        counts
    })
}

#[test]
fn the_same_seed_and_time_give_the_same_books() {
    let seen = |seed| {
        let mut bench = Bench::seeded(seed);
        let audit = bench.active();
        ["/evidence", "/information-requests", "/comments", "/controls"]
            .map(|list| bench.all(&format!("{audit}{list}")))
    };
    assert_eq!(seen(7), seen(7));
    assert_ne!(seen(7), seen(8));
}

#[test]
fn the_active_audit_has_ninety_evidence_items_in_every_state() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let evidence = bench.all(&format!("{audit}/evidence"));
    assert_eq!(evidence.len(), 90);
    assert_eq!(counted(&evidence, "status").len(), 6, "{:?}", counted(&evidence, "status"));
    assert_eq!(counted(&evidence, "evidenceType").len(), 3);
    assert!(
        !evidence.is_empty()
            && evidence.iter().all(|item| !item["relatedControls"].as_array().unwrap().is_empty())
    );
    let finished = bench.finished();
    assert_eq!(bench.all(&format!("{finished}/evidence")).len(), 38);
}

#[test]
fn twenty_five_requests_of_which_some_are_overdue() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let requests = bench.all(&format!("{audit}/information-requests"));
    let counts = counted(&requests, "approvalStatus");
    assert_eq!(counts.values().copied().collect::<Vec<_>>(), [9, 3, 7, 6]);
    let is_overdue = |request: &&serde_json::Value| {
        request["approvalStatus"] == "NEEDS_EVIDENCE" && text(request, "dueDate") < START
    };
    assert_eq!(requests.iter().filter(is_overdue).count(), 3);
    let ids: BTreeSet<&str> = requests.iter().map(|request| text(request, "uniqueId")).collect();
    assert_eq!(ids.len(), 25);
    let all = bench.get(&format!("{audit}/framework-codes")).1;
    let codes = all["frameworkCodes"].clone();
    let by_framework = &all["codesByFramework"][0];
    assert_eq!(text(by_framework, "framework"), "SOC 2 Type II");
    let sorted = by_framework["codes"].as_array().unwrap();
    assert!(sorted.is_sorted_by_key(|code| code.as_str()) && sorted.len() == codes.as_array().unwrap().len());
    let known = codes.as_array().unwrap();
    for code in requests.iter().flat_map(|request| request["frameworkCodes"].as_array().unwrap()) {
        assert!(known.contains(code), "{code}");
    }
}

#[test]
fn requests_are_found_by_the_segments_they_are_assigned_to() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let segment = bench.get(&audit).1["segments"][0].clone();
    assert_eq!((text(&segment, "kind"), text(&segment["framework"], "shortName")), ("PROGRAM", "SOC 2"));
    let path = format!("{audit}/information-requests");
    let all = bench.all(&path);
    let id = text(&segment, "id");
    let found = bench.all(&format!("{path}?segmentIdsMatchesAny=none&segmentIdsMatchesAny={id}"));
    assert!(!found.is_empty() && found.len() < all.len());
    let assigned = |request: &&serde_json::Value| request["segmentIds"] == serde_json::json!([id]);
    assert_eq!(all.iter().filter(assigned).count(), found.len());
    assert!(bench.all(&format!("{path}?segmentIdsMatchesAny=none")).is_empty());
    let finished = bench.finished();
    let segments = bench.get(&finished).1["segments"].clone();
    assert_eq!(text(&segments[1], "displayName"), "ISO 27001:2022 \u{2014} Hosted platform");
    assert_eq!(text(&segments[1]["businessUnit"], "displayName"), "Hosted platform");
}

#[test]
fn both_sides_comment_and_nobody_in_the_future() {
    let mut bench = Bench::new();
    let audit = bench.active();
    let comments = bench.all(&format!("{audit}/comments"));
    let from =
        |domain: &str| comments.iter().filter(|comment| text(comment, "email").ends_with(domain)).count();
    assert!(from("larkfield-assurance.example") > 10 && from("tiny.example") > 5);
    assert!(!comments.is_empty() && comments.iter().all(|comment| text(comment, "creationDate") <= START));
    assert!(!comments.is_empty() && comments.iter().all(|comment| comment["email"] != "p0@tiny.example"));
    for request in bench.all(&format!("{audit}/information-requests")) {
        assert!(text(&request, "modificationDate") <= START);
        assert!(text(&request, "modificationDate") >= text(&request, "creationDate"));
    }
}

#[test]
fn the_activity_of_a_request_is_in_order_and_ends_in_its_status() {
    let mut bench = Bench::new();
    for status in ["AUDITOR_APPROVED", "AUDITOR_FLAGGED", "READY_FOR_AUDIT"] {
        let request = bench.request(status);
        let activity = bench.all(&format!("{request}/activity"));
        assert!(activity.is_sorted_by_key(|entry| text(entry, "timestamp").to_owned()));
        let last = activity.last().unwrap();
        assert_eq!(last["newStatus"], status);
        assert_eq!(last["reason"].is_string(), status == "AUDITOR_FLAGGED");
    }
}
