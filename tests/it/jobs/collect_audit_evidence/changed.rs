//! The second run: only what is new or changed.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{JOB, active, checked, few, files, listed, manifest, only, page, path, text, with_folder};
use crate::harness::{Run, Scratch};
use crate::jobs::records;

async fn again(run: &Run, audit: &Value, evidence: &[Value]) -> Value {
    only(run, audit, evidence);
    run.tenant.forget();
    run.value(JOB, json!({"audit": audit["id"]})).await
}

#[tokio::test]
async fn a_second_run_asks_for_nothing_that_is_there() {
    let scratch = Scratch::new("collect-second");
    let run = with_folder(&scratch).start().await;
    let first = run.value(JOB, json!({})).await;
    run.tenant.forget();
    let second = run.value(JOB, json!({})).await;
    assert!(run.tenant.downloads().is_empty());
    assert!(
        run.seen().iter().all(|seen| !seen.path.ends_with("/urls") && !seen.path.ends_with("/test-snapshot"))
    );
    assert_eq!((&second["downloaded"], &second["unchanged"]), (&json!(0), &first["files"]));
    assert_eq!((&second["links"], &second["folder"]), (&first["links"], &first["folder"]));
    assert_eq!(checked(&second), checked(&first));
}

#[tokio::test]
async fn of_a_piece_that_changed_the_earlier_file_stays_and_is_told() {
    let scratch = Scratch::new("collect-changed");
    let run = with_folder(&scratch).start().await;
    let (audit, mut evidence) = few(&run, 3).await;
    let first = again(&run, &audit, &evidence).await;
    let before = checked(&first);

    // A new status with the same content takes no second copy.
    let later = |day: u8| json!(format!("2026-12-{day:02}T00:00:00.000Z"));
    evidence[0]["statusUpdatedDate"] = later(1);
    evidence[0]["status"] = json!("Flagged");
    let answer = again(&run, &audit, &evidence).await;
    let asked = listed(&run, &audit, &evidence[0]).await;
    let stored = asked.iter().filter(|file| file["isDownloadable"] == true).count();
    assert_eq!((run.tenant.downloads().len(), &answer["downloaded"]), (stored, &json!(0)), "{answer}");
    let same: Vec<&Value> = before.iter().map(|row| &row["file"]).collect();
    assert_eq!(
        checked(&answer).iter().map(|row| row["file"].clone()).collect::<Vec<_>>().iter().collect::<Vec<_>>(),
        same
    );
    let rows = manifest(&answer);
    assert!(rows["collected"].iter().any(|row| row["status"] == "Flagged"), "{rows:?}");
    assert!(!rows.contains_key("earlier version"), "{rows:?}");

    // Another content, under the same id and name.
    let other = listed(&run, &audit, &evidence[1]).await.remove(0);
    let mut changed = asked[0].clone();
    changed["url"] = other["url"].clone();
    evidence[0]["statusUpdatedDate"] = later(2);
    run.fault(path(&audit, &format!("evidence/{}/urls", text(&evidence[0], "id"))), page(&[changed]), 1);
    let answer = again(&run, &audit, &evidence).await;
    assert_eq!(answer["downloaded"], 1, "{answer}");
    let rows = manifest(&answer);
    let earlier = &rows["earlier version"];
    assert!(earlier.iter().any(|row| row["fileId"] == asked[0]["id"]), "{rows:?}");
    let new = checked(&answer).into_iter().find(|row| row["fileId"] == asked[0]["id"]).unwrap();
    assert!(earlier.iter().all(|row| row["file"] != new["file"]));
    assert!(files(&answer).len() > before.len());

    // Evidence that is gone leaves its files, and says so.
    let answer = again(&run, &audit, &evidence[1..]).await;
    let rows = manifest(&answer);
    assert!(rows["earlier version"].iter().any(|row| row["file"] == new["file"]), "{rows:?}");
    assert_eq!(answer["files"], checked(&answer).len());
}

#[tokio::test]
async fn a_file_that_somebody_took_or_wrote_to_is_downloaded_again_and_theirs_stays() {
    let scratch = Scratch::new("collect-touched");
    let run = with_folder(&scratch).start().await;
    let (audit, evidence) = few(&run, 3).await;
    let first = again(&run, &audit, &evidence).await;
    let rows = checked(&first);
    let folder = Path::new(text(&first, "folder"));
    fs::remove_file(folder.join(text(&rows[0], "file"))).unwrap();
    fs::write(folder.join(text(&rows[1], "file")), "my remarks").unwrap();
    let answer = again(&run, &audit, &evidence).await;
    assert_eq!((&answer["downloaded"], run.tenant.downloads().len()), (&json!(2), 2), "{answer}");
    assert_eq!(checked(&answer).len(), rows.len());
    assert_eq!(fs::read_to_string(folder.join(text(&rows[1], "file"))).unwrap(), "my remarks");
}

#[tokio::test]
async fn two_audits_have_a_folder_each() {
    let scratch = Scratch::new("collect-two");
    let run = with_folder(&scratch).start().await;
    let audit = active(&run).await;
    let copy = json!({
        "sourceAuditId": audit["id"], "confirm": audit["id"], "displayName": audit["displayName"], "auditStartDate": "2027-01-01T00:00:00Z",
        "auditEndDate": "2027-12-31T00:00:00Z", "earlyAccessStartsAt": "2026-12-01T00:00:00Z",
        "allowAuditorEmails": audit["allowAuditorEmails"],
    });
    let copy = run.confirmed("duplicate_audit", copy).await;
    let (one, other) = (
        run.value(JOB, json!({"audit": audit["id"]})).await,
        run.value(JOB, json!({"audit": copy["id"]})).await,
    );
    assert_ne!(one["folder"], other["folder"], "though they have the same name");
    assert_eq!(other["files"], 0);
    assert_eq!(records(&run, "list_audit_evidence", json!({"auditId": copy["id"]})).await.len(), 0);
}
