//! What each job rests on: refused, it is said and nothing of it is counted as none; stale, it is read again or told by its time.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use super::failing_controls::finished;
use super::{records, refused};
use crate::harness::{Run, Scratch, Setup, eventually, text};

/// Each job with arguments that it answers.
async fn jobs(run: &Run) -> Vec<(&'static str, Value)> {
    let people = records(run, "list_people", json!({})).await;
    let person = &people[0]["emailAddress"];
    let in_force = json!({"statusFilter": "NEEDS_ATTENTION", "isInRollout": false});
    let tests = records(run, "list_tests", in_force).await;
    let vendors = records(run, "list_vendors", json!({})).await;
    vec![
        ("audit_readiness", json!({})),
        ("changes_since", json!({})),
        ("collect_audit_evidence", json!({})),
        ("compliance_overview", json!({})),
        ("due", json!({})),
        ("explain_failure", json!({"test": tests[0]["id"]})),
        ("failing_controls", json!({"framework": "soc2"})),
        ("find_panel_account", json!({"account": "example"})),
        ("offboarding_check", json!({"person": person, "accounts": true})),
        ("panel_overview", json!({})),
        ("person_duties", json!({"person": person})),
        ("top_risks", json!({})),
        ("trust_center_access", json!({})),
        ("unencrypted_computers", json!({})),
        ("vendor_overview", json!({})),
        ("vendor_overview", json!({"vendor": vendors[0]["id"]})),
    ]
}

/// The paths that were asked for: of many things of a kind that of the first stands for all.
fn paths(run: &Run) -> Vec<String> {
    let (mut kinds, mut paths) = (BTreeSet::new(), Vec::new());
    for seen in run.seen() {
        let parts: Vec<&str> = seen.path.split('/').collect();
        let kind: Vec<&str> = parts
            .iter()
            .enumerate()
            .filter(|(at, _)| at % 2 == 0 || *at < 2)
            .map(|(_, part)| *part)
            .collect();
        if kinds.insert((parts.len(), kind.join("/"))) {
            paths.push(seen.path);
        }
    }
    paths
}

#[tokio::test]
async fn each_job_says_of_everything_it_reads_that_it_was_refused() {
    let scratch = Scratch::new("rests");
    let tenant = crate::harness::tenant(vanta_demo::Limits::Off).await;
    let slug = tenant.trust_center();
    let setup = Setup::default().with("VANTA_TRUST_CENTER", slug).with("VANTA_MCP_FILES", scratch.path());
    // Nothing is read behind an answer, so that each fault meets the question that it is meant for.
    let run = setup.with("VANTA_MCP_INDEX", "off").start_with(tenant).await;
    let mut silent = Vec::new();
    let mut tried = 0;
    for (job, arguments) in jobs(&run).await {
        run.tenant.forget();
        run.value(job, arguments.clone()).await;
        // Single pieces that are there are not asked for again; their faults have tests of their own.
        let is_piece = |path: &str| job == "collect_audit_evidence" && path.split('/').count() > 5;
        for path in paths(&run).into_iter().filter(|path| !is_piece(path)) {
            if path.starts_with("/v1/") {
                run.fault(Target::Path(path.clone()), refused(403), 1);
            } else {
                run.fault(
                    Target::Panel,
                    FaultKind::Body { status: 403, body: r#"{"ok":false,"error":"forbidden"}"#.to_owned() },
                    1,
                );
            }
            tried += 1;
            let result = run.result(job, arguments.clone()).await;
            let told = text(&result);
            if !told.contains("403") {
                silent.push(format!("{job} {path}: {}", told.chars().take(300).collect::<String>()));
            }
        }
    }
    assert!(tried > 80, "{tried}");
    assert!(silent.is_empty(), "{} of {tried}: {silent:#?}", silent.len());
}

/// The frameworks as they are, but for one whose numbers are others now.
async fn changed(run: &Run, framework: &str) -> FaultKind {
    let mut frameworks = records(run, "list_frameworks", json!({})).await;
    let one = frameworks.iter_mut().find(|one| one["id"] == framework).unwrap();
    one["numTestsTotal"] = json!(one["numTestsTotal"].as_u64().unwrap() + 1);
    let ends =
        json!({"endCursor": null, "hasNextPage": false, "hasPreviousPage": false, "startCursor": null});
    let body = json!({"results": {"data": frameworks, "pageInfo": ends}}).to_string();
    FaultKind::Body { status: 200, body }
}

#[tokio::test]
async fn relations_in_doubt_are_not_counted_as_looked_at_and_are_looked_at_again() {
    let run = Setup::default().start().await;
    let whole = finished(&run, json!({"limit": 200})).await;
    let in_force = json!({"statusFilter": "NEEDS_ATTENTION", "isInRollout": false});
    let test = records(&run, "list_tests", in_force).await.remove(0);
    let explained = run.value("explain_failure", json!({"test": test["id"]})).await;
    let all = explained["matters"]["controlsKnown"].as_str().unwrap().to_owned();
    assert_eq!(all, format!("{0} of {0}", whole["of"]), "{explained}");
    assert!(explained["matters"]["oldestRelation"].as_str().unwrap().ends_with('Z'), "{explained}");

    finished(&run, json!({"framework": "soc2"})).await;
    let soc2 = records(&run, "list_controls", json!({"frameworkMatchesAny": ["soc2"]})).await.len();
    run.fault(Target::Path("/v1/frameworks".to_owned()), changed(&run, "soc2").await, 1);
    run.tenant.forget();
    let answer = run.value("failing_controls", json!({"framework": "soc2"})).await;
    let looks = || {
        let is_look = |path: &str| path.starts_with("/v1/controls/") && path.ends_with("/tests");
        run.seen().iter().filter(|seen| is_look(&seen.path)).count()
    };
    if soc2 > 40 {
        assert!(answer["unfinished"].is_string() && answer["lookedAt"] == 0, "{answer}");
    }
    eventually("each of its controls is looked at again", async || looks() >= soc2).await;
}

#[tokio::test]
async fn documents_whose_controls_cannot_be_read_are_told_beside_the_number() {
    let run = Setup::default().start().await;
    run.fault(Target::Path("/v1/documents/".to_owned()), refused(403), 1);
    let answer = finished(&run, json!({"framework": "soc2"})).await;
    let gaps = answer["notLookedAt"].to_string();
    assert!(
        gaps.contains("which controls 1 of the documents prove, so more may fail") && gaps.contains("403"),
        "{gaps}"
    );
}

#[tokio::test]
async fn a_renewal_date_that_was_known_and_cannot_be_read_again_is_told() {
    let run = Setup::default().start().await;
    let arguments = json!({"days": 60, "kinds": ["document"]});
    let mut last = Value::Null;
    eventually("all dates are known", async || {
        last = run.value("due", arguments.clone()).await;
        last.get("unfinished").is_none()
    })
    .await;
    let basis = last["basis"].as_str().unwrap();
    let ok = records(&run, "list_documents", json!({"statusMatchesAny": ["OK"]})).await.len();
    assert!(basis.contains(&format!("{ok} of {ok} documents are known, the oldest from 20")), "{basis}");
    run.fault(Target::Path("/v1/documents/".to_owned()), refused(403), 1);
    let answer = run.value("due", arguments).await;
    let gaps = answer["notLookedAt"].to_string();
    assert!(gaps.contains("a document's renewal date: ") && gaps.contains("403"), "{answer}");
}
