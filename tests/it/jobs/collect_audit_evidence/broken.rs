//! What goes wrong in the middle: at the host, at the API, on the disk, with the process.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use super::{JOB, active, checked, few, files, listed, manifest, only, path, text, with_folder};
use crate::harness::{Run, Scratch, Wire, command, credentials, eventually, tenant};

/// Whatever the host is asked for.
fn host() -> Target {
    Target::Files("/".to_owned())
}

/// The path of a stored file.
fn stored(file: &Value) -> Target {
    Target::Files(format!("/{}", text(file, "id")))
}

/// How often the host was asked for a file.
fn asked_for(run: &Run, file: &Value) -> usize {
    let path = format!("/{}/", text(file, "id"));
    run.tenant.downloads().iter().filter(|seen| seen.path.starts_with(&path)).count()
}

#[tokio::test]
async fn a_host_that_breaks_in_the_middle_is_asked_again_and_leaves_no_half_file() {
    let scratch = Scratch::new("collect-broken");
    let run = with_folder(&scratch).start().await;
    let (audit, evidence) = few(&run, 2).await;
    let (one, other) = (listed(&run, &audit, &evidence[0]).await, listed(&run, &audit, &evidence[1]).await);
    only(&run, &audit, &evidence);
    run.fault(stored(&one[0]), FaultKind::Broken, 1);
    run.fault(stored(&other[0]), FaultKind::Broken, 20);
    run.tenant.forget();
    let answer = run.value(JOB, json!({"audit": audit["id"]})).await;
    assert_eq!(asked_for(&run, &one[0]), 2);
    let rows = checked(&answer);
    assert!(rows.iter().any(|row| row["fileId"] == one[0]["id"]), "{rows:?}");
    assert_eq!(files(&answer).len(), rows.len(), "what came of the other is taken away");
    let missing = &manifest(&answer)["not collected"];
    assert_eq!((missing.len(), &missing[0]["fileId"]), (1, &other[0]["id"]));
    assert!(text(&missing[0], "why").contains("ended before the answer was complete"), "{missing:?}");
    assert!(text(&answer, "next").starts_with("1 failed"), "{answer}");
}

#[tokio::test]
async fn what_failed_is_all_that_the_next_call_tries() {
    let scratch = Scratch::new("collect-again");
    let run = with_folder(&scratch).start().await;
    let (audit, evidence) = few(&run, 3).await;
    let file = listed(&run, &audit, &evidence[1]).await.remove(0);
    only(&run, &audit, &evidence);
    run.fault(stored(&file), FaultKind::Internal, 1);
    let first = run.value(JOB, json!({"audit": audit["id"]})).await;
    assert!(first["next"].is_string(), "{first}");
    only(&run, &audit, &evidence);
    run.tenant.forget();
    let second = run.value(JOB, json!({"audit": audit["id"]})).await;
    assert_eq!((&second["downloaded"], run.tenant.downloads().len()), (&json!(1), 1), "{second}");
    assert!(asked_for(&run, &file) == 1 && second.get("next").is_none(), "{second}");
    assert_eq!(checked(&second).len(), checked(&first).len());
}

#[tokio::test]
async fn an_address_that_has_expired_is_asked_for_once_more() {
    let scratch = Scratch::new("collect-expired");
    let run = with_folder(&scratch).start().await;
    let (audit, evidence) = few(&run, 2).await;
    let (one, other) = (listed(&run, &audit, &evidence[0]).await, listed(&run, &audit, &evidence[1]).await);
    only(&run, &audit, &evidence);
    let expired = || FaultKind::Body { status: 403, body: "<Code>AccessDenied</Code>".to_owned() };
    run.fault(stored(&one[0]), expired(), 1);
    run.fault(stored(&other[0]), expired(), 20);
    run.tenant.forget();
    let answer = run.value(JOB, json!({"audit": audit["id"]})).await;
    for (file, item, times) in [(&one[0], &evidence[0], 2), (&other[0], &evidence[1], 2)] {
        assert_eq!(asked_for(&run, file), times);
        let urls = format!("{}/urls", text(item, "id"));
        assert_eq!(run.seen().iter().filter(|seen| seen.path.ends_with(&urls)).count(), 2);
    }
    let rows = checked(&answer);
    assert!(rows.iter().any(|row| row["fileId"] == one[0]["id"]));
    let missing = &manifest(&answer)["not collected"];
    assert_eq!(missing[0]["fileId"], other[0]["id"]);
    assert!(text(&missing[0], "why").contains("403"), "{missing:?}");
}

#[tokio::test]
async fn what_is_too_large_a_page_or_elsewhere_is_not_kept() {
    let scratch = Scratch::new("collect-odd");
    let run = with_folder(&scratch).with("VANTA_MCP_MAX_FILE", "1").start().await;
    let (audit, evidence) = few(&run, 4).await;
    let mut firsts = Vec::new();
    for item in &evidence {
        firsts.push(listed(&run, &audit, item).await.remove(0));
    }
    let mut elsewhere = firsts[3].clone();
    elsewhere["url"] = json!("http://files.example/a.pdf?signature=secret");
    only(&run, &audit, &evidence);
    run.fault(stored(&firsts[0]), FaultKind::Huge { bytes: 2 << 20 }, 1);
    run.fault(stored(&firsts[1]), FaultKind::Html { status: 200 }, 1);
    run.fault(stored(&firsts[2]), FaultKind::Redirect { to: format!("{}/v1/x", run.tenant.vanta_url()) }, 1);
    let urls = path(&audit, &format!("evidence/{}/urls", text(&evidence[3], "id")));
    run.fault(urls, super::page(&[elsewhere]), 1);
    run.tenant.forget();
    let answer = run.value(JOB, json!({"audit": audit["id"]})).await;
    let missing = &manifest(&answer)["not collected"];
    let why = |file: &Value| {
        let row = missing.iter().find(|row| row["fileId"] == file["id"]).unwrap();
        text(row, "why").to_owned()
    };
    assert!(why(&firsts[0]).contains("larger than 1 MiB"), "{missing:?}");
    assert!(why(&firsts[1]).contains("a web page"), "{missing:?}");
    assert!(why(&firsts[2]).contains("a redirect, which is not followed"), "{missing:?}");
    assert!(why(&firsts[3]).contains("not https") && !why(&firsts[3]).contains("secret"), "{missing:?}");
    assert!(run.seen().iter().all(|seen| seen.path != "/v1/x"));
    assert_eq!(files(&answer).len(), checked(&answer).len());
}

#[tokio::test]
async fn a_host_or_api_that_fails_every_time_is_left_alone_and_nothing_counts_as_collected() {
    let scratch = Scratch::new("collect-down");
    let run = with_folder(&scratch).start().await;
    let (audit, evidence) = few(&run, 20).await;
    only(&run, &audit, &evidence);
    run.fault(host(), FaultKind::Internal, 1_000);
    let answer = run.value(JOB, json!({"audit": audit["id"]})).await;
    assert_eq!((&answer["files"], &answer["downloaded"]), (&json!(0), &json!(0)), "{answer}");
    assert_eq!(answer["notCollected"]["not tried, since all before it failed"], evidence.len() - 12);
    assert!(files(&answer).is_empty());

    let run = with_folder(&scratch).start().await;
    run.fault(path(&audit, "information-requests"), FaultKind::Internal, 20);
    run.fault(path(&audit, "evidence/"), FaultKind::Body { status: 422, body: "{}".to_owned() }, 1_000);
    let answer = run.value(JOB, json!({"audit": audit["id"]})).await;
    assert!(answer["notLookedAt"][0].as_str().unwrap().starts_with("requests: "), "{answer}");
    assert!(answer["notCollected"].to_string().contains("422"), "{answer}");
    assert_eq!(answer["files"], 0);

    let run = with_folder(&scratch).start().await;
    run.fault(path(&audit, "evidence"), FaultKind::Internal, 20);
    let error = run.error(JOB, json!({"audit": audit["id"]})).await;
    assert!(error.contains("500"), "{error}");
}

#[tokio::test]
async fn what_is_wrong_with_some_is_no_reason_not_to_try_the_others() {
    let scratch = Scratch::new("collect-some");
    let run = with_folder(&scratch).start().await;
    let (audit, evidence) = few(&run, 16).await;
    let (refused, good) = evidence.split_at(13);
    let urls = |item: &Value| path(&audit, &format!("evidence/{}/urls", text(item, "id")));
    only(&run, &audit, &evidence);
    for item in refused {
        run.fault(urls(item), FaultKind::Body { status: 422, body: "{}".to_owned() }, 1);
    }
    let answer = run.value(JOB, json!({"audit": audit["id"]})).await;
    let rows = checked(&answer);
    let is_there = |item: &Value| rows.iter().any(|row| row["id"] == item["id"]);
    assert!(good.iter().all(is_there) && !refused.iter().any(is_there), "{answer}");

    // A file whose address cannot be read is missing, and not merely left out.
    let mut file = listed(&run, &audit, &refused[0]).await.remove(0);
    file["url"] = json!(7);
    only(&run, &audit, &refused[..1]);
    run.fault(urls(&refused[0]), super::page(&[file]), 1);
    let answer = run.value(JOB, json!({"audit": audit["id"]})).await;
    assert!(answer["notCollected"].to_string().contains("not of the form that is known"), "{answer}");
    assert!(answer["next"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_whole_files_and_the_next_goes_on() {
    let (scratch, tenant) = (Scratch::new("collect-killed"), tenant(vanta_demo::Limits::Off).await);
    let mut killed = command();
    killed.envs(credentials(&tenant)).env("VANTA_MCP_FILES", scratch.path());
    let mut wire = Wire::start(killed);
    wire.initialize().await;
    // Some come, and all later ones come to nothing.
    for _ in 0..25 {
        tenant.fault(vanta_demo::Fault { on: host(), kind: FaultKind::Slow(Duration::ZERO), times: 1 });
    }
    let halting = FaultKind::Halting(Duration::from_secs(600));
    tenant.fault(vanta_demo::Fault { on: host(), kind: halting, times: 1_000 });
    let call =
        json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": JOB, "arguments": {}}});
    wire.message(&call).await;
    let names = || -> Vec<String> {
        let Some(Ok(folder)) = fs::read_dir(scratch.path()).unwrap().next() else { return Vec::new() };
        let entries = fs::read_dir(folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let is_part = |name: &String| name.rsplit_once('.').is_some_and(|(_, ending)| ending == "part");
    eventually("some files, and the others halfway", async || {
        let names = names();
        tenant.downloads().len() > 25
            && names.iter().any(is_part)
            && names.iter().filter(|name| !name.starts_with('.')).count() >= 10
    })
    .await;
    wire.child.kill().await.unwrap();
    let left = names();
    assert!(left.iter().any(is_part), "{left:?}");
    let whole: Vec<&String> = left.iter().filter(|name| !name.starts_with('.')).collect();
    // As if it had been killed while it wrote a note.
    let folder = fs::read_dir(scratch.path()).unwrap().next().unwrap().unwrap().path();
    let journal = folder.join(".vanta-mcp-collection.journal");
    let mut notes = fs::read(&journal).unwrap();
    notes.extend_from_slice(b"{\"key\":\"half");
    fs::write(&journal, notes).unwrap();

    // A tenant that starts anew has the same evidence, at addresses that work.
    let run = with_folder(&scratch).start_with(crate::harness::tenant(vanta_demo::Limits::Off).await).await;
    let answer = run.value(JOB, json!({})).await;
    let rows = checked(&answer);
    assert_eq!(files(&answer).len(), rows.len(), "no file twice, and nothing unfinished");
    for name in whole {
        assert!(rows.iter().any(|row| row["file"] == **name), "{name}");
    }
    assert!(answer.get("next").is_none(), "{answer}");
}

#[tokio::test]
async fn one_call_at_a_time_collects_into_a_folder() {
    let scratch = Scratch::new("collect-twice");
    let run = with_folder(&scratch).start().await;
    let audit = active(&run).await;
    run.fault(host(), FaultKind::Slow(Duration::from_millis(1_500)), 6);
    let arguments = json!({"audit": audit["id"]});
    let (first, second) = tokio::join!(run.value(JOB, arguments.clone()), async {
        eventually("the first has begun", async || !run.tenant.downloads().is_empty()).await;
        run.error(JOB, arguments.clone()).await
    });
    assert!(second.contains("already collecting"), "{second}");
    assert!(!checked(&first).is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_takes_nothing_is_told_and_a_link_out_is_not_followed() {
    let (scratch, outside) = (Scratch::new("collect-link"), Scratch::new("collect-outside"));
    let run = with_folder(&scratch).start().await;
    let (audit, evidence) = few(&run, 1).await;
    only(&run, &audit, &evidence);
    let answer = run.value(JOB, json!({"audit": audit["id"]})).await;
    let folder = text(&answer, "folder").to_owned();
    fs::remove_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(outside.path(), &folder).unwrap();
    let error = run.error(JOB, json!({"audit": audit["id"]})).await;
    assert!(error.contains("could not be written"), "{error}");
    assert_eq!(fs::read_dir(Path::new(&outside.path())).unwrap().count(), 0);
    fs::remove_file(&folder).unwrap();
    fs::write(&folder, "a file").unwrap();
    let error = run.error(JOB, json!({"audit": audit["id"]})).await;
    assert!(error.contains("could not be written"), "{error}");
}

#[tokio::test]
async fn it_is_told_how_far_the_collection_is_and_one_that_is_cancelled_goes_on() {
    let (scratch, tenant) = (Scratch::new("collect-progress"), tenant(vanta_demo::Limits::Off).await);
    let mut process = command();
    process.envs(credentials(&tenant)).env("VANTA_MCP_FILES", scratch.path());
    let mut wire = Wire::start(process);
    wire.initialize().await;
    let call = |id: u32| {
        json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {"name": JOB, "arguments": {}, "_meta": {"progressToken": id}}
        })
    };
    wire.message(&call(1)).await;
    let step = loop {
        let message = wire.receive().await.unwrap();
        assert_eq!(message["method"], "notifications/progress", "{message}");
        if text(&message["params"], "message").contains("pieces of evidence looked through") {
            break message["params"].clone();
        }
    };
    assert!(step["total"].as_f64().unwrap() > step["progress"].as_f64().unwrap(), "{step}");
    let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}});
    wire.message(&cancel).await;
    let mut answer = Value::Null;
    let mut id = 1;
    eventually("the first call has ended, and another goes on", async || {
        id += 1;
        wire.message(&call(id)).await;
        let mut last = 0.0;
        answer = loop {
            let message = wire.receive().await.unwrap();
            if message["id"] == id {
                break message["result"].clone();
            }
            if message["params"]["progressToken"] == id {
                let progress = message["params"]["progress"].as_f64().unwrap();
                assert!(progress > last, "{message}");
                last = progress;
            }
        };
        assert!(answer["isError"] != true || answer.to_string().contains("already collecting"), "{answer}");
        answer["isError"] != true
    })
    .await;
    let answer = &answer["structuredContent"];
    assert!(answer["unchanged"].as_u64() > Some(0), "{answer}");
    assert_eq!(files(answer).len(), checked(answer).len());
}
