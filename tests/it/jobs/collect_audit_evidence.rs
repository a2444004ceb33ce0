//! `collect_audit_evidence`: files from a host of their own, into a real folder.

mod broken;
mod changed;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use vanta_demo::{Credential, FaultKind, Target};

use super::records;
use crate::harness::{Run, Scratch, Setup};

const JOB: &str = "collect_audit_evidence";

/// The statuses in which evidence was handed over.
const HANDED_OVER: [&str; 4] = ["Ready for audit", "Accepted", "Flagged", "NA"];

fn with_folder(scratch: &Scratch) -> Setup {
    Setup::default().with("VANTA_MCP_FILES", scratch.path())
}

/// The active audit, which has a request list.
async fn active(run: &Run) -> Value {
    records(run, "list_audits", json!({"isActiveAudit": true})).await.remove(0)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// The path of a part of an audit.
fn path(audit: &Value, rest: &str) -> Target {
    Target::Path(format!("/v1/audits/{}/{rest}", text(audit, "id")))
}

/// The files that lie at addresses of a piece of evidence.
async fn listed(run: &Run, audit: &Value, evidence: &Value) -> Vec<Value> {
    let arguments = json!({"auditId": audit["id"], "auditEvidenceId": evidence["id"]});
    records(run, "list_audit_evidence_urls", arguments).await
}

/// A page with these items alone.
fn page(items: &[Value]) -> FaultKind {
    let info =
        json!({"hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null});
    FaultKind::Body { status: 200, body: json!({"results": {"data": items, "pageInfo": info}}).to_string() }
}

/// The active audit, and so many pieces of its evidence, the first that were accepted.
async fn few(run: &Run, count: usize) -> (Value, Vec<Value>) {
    let audit = active(run).await;
    let mut evidence = records(run, "list_audit_evidence", json!({"auditId": audit["id"]})).await;
    evidence.retain(|item| item["status"] == "Accepted");
    evidence.truncate(count);
    (audit, evidence)
}

/// The next call finds these pieces of evidence alone, and no requests.
fn only(run: &Run, audit: &Value, evidence: &[Value]) {
    run.fault(path(audit, "evidence"), page(evidence), 1);
    run.fault(path(audit, "information-requests"), page(&[]), 1);
}

/// The rows of the manifest, by outcome.
fn manifest(answer: &Value) -> BTreeMap<String, Vec<Value>> {
    let folder = Path::new(text(answer, "folder"));
    let whole: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let mut table = csv::Reader::from_path(folder.join("manifest.csv")).unwrap();
    let rows = whole["evidence"].as_array().unwrap();
    assert_eq!(table.records().count(), rows.len(), "a row each");
    let mut by_outcome = BTreeMap::<String, Vec<Value>>::new();
    for row in rows {
        by_outcome.entry(text(row, "outcome").to_owned()).or_default().push(row.clone());
    }
    by_outcome
}

/// The files in the folder but for the manifest, each as whoever looks for it sees it; nothing hidden but the journal.
fn files(answer: &Value) -> BTreeSet<String> {
    let entries = fs::read_dir(text(answer, "folder")).unwrap();
    let mut names: BTreeSet<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    for own in ["manifest.json", "manifest.csv", ".vanta-mcp-collection.journal"] {
        assert!(names.remove(own), "{own} in {names:?}");
    }
    assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");
    names
}

/// Each file of the manifest is there and is what it says.
fn checked(answer: &Value) -> Vec<Value> {
    let rows = manifest(answer).remove("collected").unwrap_or_default();
    for row in &rows {
        let content = fs::read(Path::new(text(answer, "folder")).join(text(row, "file"))).unwrap();
        assert_eq!(row["sha256"], hex::encode(digest(&SHA256, &content)), "{row}");
        assert_eq!(row["size"], content.len(), "{row}");
        assert!(!content.is_empty(), "{row}");
    }
    rows
}

#[tokio::test]
async fn all_that_was_handed_over_is_there_and_listed_and_no_token_went_to_the_host() {
    let scratch = Scratch::new("collect");
    let run = with_folder(&scratch).start().await;
    let audit = active(&run).await;
    let evidence = records(&run, "list_audit_evidence", json!({"auditId": audit["id"]})).await;
    let is_handed_over = |item: &&Value| HANDED_OVER.contains(&text(item, "status"));
    let (mut files_of_evidence, mut links) = (0, 0);
    for item in evidence.iter().filter(is_handed_over) {
        for file in listed(&run, &audit, item).await {
            if file["isDownloadable"] == true { files_of_evidence += 1 } else { links += 1 }
        }
    }
    let (mut attached, mut unshared) = (0, 0);
    for request in records(&run, "list_information_requests", json!({"auditId": audit["id"]})).await {
        let arguments = json!({"auditId": audit["id"], "requestId": request["id"]});
        for item in records(&run, "list_information_request_evidence", arguments).await {
            match text(&item, "evidenceType") {
                _ if item["visibleToAuditorDate"].is_null() => unshared += 1,
                "LINK" => links += 1,
                _ => attached += 1,
            }
        }
    }
    assert!(links > 0 && attached > 0 && unshared > 0);

    run.tenant.forget();
    let answer = run.value(JOB, json!({})).await;
    assert!(answer.to_string().len() <= 1_600, "{answer}");
    assert!(!run.sent_changes());
    assert_eq!(answer["files"], files_of_evidence + attached, "{answer}");
    assert_eq!((&answer["downloaded"], &answer["unchanged"]), (&answer["files"], &json!(0)));
    assert_eq!(answer["links"], links);
    assert!(Path::new(text(&answer, "folder")).starts_with(scratch.path()));
    let rows = checked(&answer);
    assert_eq!(files(&answer).len(), rows.len());
    let initialized = evidence.iter().filter(|item| item["status"] == "Initialized").count();
    assert_eq!(answer["notCollected"]["not handed over (Initialized)"], initialized);
    assert_eq!(answer["notCollected"]["not shared with the auditor yet"], unshared);
    assert!(answer.get("next").is_none() && answer.get("notLookedAt").is_none(), "{answer}");

    // What would be refused is not tried, and a link is not opened.
    assert!(run.seen().iter().all(|seen| seen.status == Some(200)));
    let asked_for = run.seen().iter().filter(|seen| seen.path.ends_with("/urls")).count();
    assert_eq!(asked_for, evidence.iter().filter(is_handed_over).count());
    let downloads = run.tenant.downloads();
    assert!(downloads.iter().all(|seen| seen.credential == Credential::None && seen.status == Some(200)));
    // A note and the data of a test came from the API itself.
    assert!(downloads.len() < files_of_evidence + attached && downloads.len() > files_of_evidence);

    // The address opens the file to whoever has it, so it is nowhere.
    let whole = fs::read_to_string(Path::new(text(&answer, "folder")).join("manifest.json")).unwrap();
    assert!(!whole.contains("signature="), "{whole}");
    assert!(!run.log().await.contains("signature="));
}

#[tokio::test]
async fn names_of_others_stay_in_the_folder_and_overwrite_nothing() {
    let scratch = Scratch::new("collect-names");
    let run = with_folder(&scratch).start().await;
    let (audit, evidence) = few(&run, 1).await;
    let mut all = Vec::new();
    for item in records(&run, "list_audit_evidence", json!({"auditId": audit["id"]})).await {
        if HANDED_OVER.contains(&text(&item, "status")) {
            all.extend(
                listed(&run, &audit, &item).await.into_iter().filter(|file| file["isDownloadable"] == true),
            );
        }
    }
    let names = [
        "../../x.pdf",
        "/etc/passwd",
        "CON",
        "con.pdf",
        "manifest.csv",
        "MANIFEST.json",
        ".vanta-mcp-collection.journal",
        "report.pdf",
        "report.pdf",
        "REPORT.PDF",
        "run.exe",
        "",
        "a\u{202e}fdp.exe",
        "..\\..\\y.csv",
        "=cmd|x.csv",
        ".hidden.pdf",
    ];
    let mut items: Vec<Value> = all[..names.len()].to_vec();
    for (item, name) in items.iter_mut().zip(names) {
        item["filename"] = json!(name);
    }
    let link = json!({"id": "l1", "url": "https://127.0.0.1:1/private", "filename": "=HYPERLINK(1)", "isDownloadable": false, "mimeType": null});
    items.push(link);
    only(&run, &audit, &evidence);
    run.fault(path(&audit, &format!("evidence/{}/urls", text(&evidence[0], "id"))), page(&items), 1);
    run.tenant.forget();
    let answer = run.value(JOB, json!({"audit": audit["id"]})).await;
    assert_eq!((&answer["files"], &answer["links"]), (&json!(names.len()), &json!(1)), "{answer}");
    let rows = checked(&answer);
    let kept = files(&answer);
    assert_eq!(kept.len(), names.len(), "{kept:?}");
    let lower: BTreeSet<String> = kept.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(lower.len(), names.len(), "no two differ in case alone: {kept:?}");
    for name in &kept {
        let stem = name.split('.').next().unwrap().to_lowercase();
        assert!(!["con", "nul"].contains(&stem.trim()), "{name}");
        assert!(
            !name.contains(['/', '\\', '\u{202e}']) && name.rsplit_once('.').unwrap().1 != "exe",
            "{name}"
        );
    }
    let with_id: Vec<&Value> =
        rows.iter().filter(|row| text(row, "file").contains(text(row, "fileId"))).collect();
    assert!(with_id.len() >= 4, "a name that is taken gets the id: {kept:?}");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1, "nothing beside the audit's folder");
    let table = fs::read_to_string(PathBuf::from(text(&answer, "folder")).join("manifest.csv")).unwrap();
    assert!(!table.contains(",=") && table.contains("https://127.0.0.1:1/private"), "{table}");
}

#[tokio::test]
async fn an_audit_without_addresses_is_not_tried() {
    let scratch = Scratch::new("collect-segments");
    let run = with_folder(&scratch).start().await;
    let classic = records(&run, "list_audits", json!({})).await;
    let classic = classic.iter().find(|audit| audit["completionDate"].is_string()).unwrap();
    let evidence = records(&run, "list_audit_evidence", json!({"auditId": classic["id"]})).await;
    run.tenant.forget();
    let answer = run.value(JOB, json!({"audit": "ISO 27001"})).await;
    assert_eq!((&answer["files"], run.seen().len()), (&json!(0), 2), "{answer}");
    let reason = "Vanta gives no addresses for an audit with 2 program segments";
    assert_eq!(answer["notCollected"][reason], evidence.len(), "{answer}");
    assert_eq!(manifest(&answer)["not collected"].len(), evidence.len());
}

#[tokio::test]
async fn a_folder_is_named_or_what_to_set_is_said() {
    let run = Setup::default().start().await;
    run.tenant.forget();
    let error = run.error(JOB, json!({})).await;
    assert!(error.contains("--files DIR") && error.contains("VANTA_MCP_FILES"), "{error}");
    assert!(run.tenant.seen().is_empty());

    let (scratch, elsewhere) = (Scratch::new("collect-named"), Scratch::new("collect-elsewhere"));
    let run = with_folder(&scratch).start().await;
    for folder in [elsewhere.path(), "../x".to_owned(), "not there".to_owned()] {
        let error = run.error(JOB, json!({"folder": folder})).await;
        assert!(error.contains("`folder`"), "{folder}: {error}");
    }
    assert!(run.tenant.downloads().is_empty());
    fs::create_dir(Path::new(&scratch.path()).join("papers")).unwrap();
    let (audit, evidence) = few(&run, 2).await;
    only(&run, &audit, &evidence);
    let answer = run.value(JOB, json!({"folder": "papers", "audit": audit["id"]})).await;
    let folder = Path::new(text(&answer, "folder"));
    assert_eq!(folder.parent().unwrap(), Path::new(&scratch.path()).join("papers"));
    assert!(!checked(&answer).is_empty());
}
