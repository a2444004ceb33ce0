//! The shared state as a server and its operator meet it: what is wrong with it is told in one sentence, and calls go on.

use std::fs;

use serde_json::{Value, json};
use vanta_demo::{Limits, Tenant};

use crate::cli::{Done, run_in};
use crate::doctor::{doctor, with};
use crate::harness::{Scratch, Setup, eventually, tenant, unchecked};

/// What is said of a state in all three ways: by a doctor that fails, by a status and by a call that go on.
async fn is_told(tenant: &Tenant, place: &str, expected: &[&str]) {
    let variables = [("VANTA_MCP_STATE", place)];
    let checks = doctor(tenant, &variables).await;
    let (found, advice) = expected.split_at(expected.len() - 1);
    checks.says("state", "failed", found);
    let words = checks.find("state").1.to_lowercase();
    assert!(words.contains(&format!("| {}.", advice[0].to_lowercase())), "{words}");
    checks.says("manage", "ok", &[]);
    let status = with(tenant, &variables, &["status"]).await;
    let told = status.json();
    assert_eq!(told["state"]["health"], "unavailable", "{told}");
    let warning = told["state"]["warning"].as_str().unwrap();
    let first = warning.split(". ").next().unwrap();
    assert!(found.iter().all(|part| first.contains(part)), "one sentence: {warning}");
    assert!(first.to_lowercase().contains(&advice[0].to_lowercase()), "with what to do: {warning}");
    let call = with(tenant, &variables, &["call", "list_frameworks"]).await;
    assert_eq!(call.code, Some(0), "{call:?}");
    for done in [&status, &call] {
        assert!(!done.stdout.contains("hunter2") && !done.stderr.contains("hunter2"), "{done:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file_is_told_as_what_it_is() {
    let tenant = tenant(Limits::Off).await;
    let folder = Scratch::new("no-file");
    let at = |name: &str| format!("{}/{name}", folder.path());
    assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/null", at("link")).unwrap();
    let choose = "set VANTA_MCP_STATE to the absolute path of a file";
    is_told(&tenant, "/dev/null", &["/dev/null is a device, not a file", choose]).await;
    is_told(&tenant, &at("pipe"), &["pipe is a named pipe, not a file", choose]).await;
    is_told(&tenant, &at("link"), &["is a link to /dev/null, which is a device", choose]).await;
    is_told(&tenant, "/dev/null/state.db", &["/dev/null is a device, not a folder", choose]).await;
    // A folder is seen before anything starts.
    let done = run_in(&[("VANTA_MCP_STATE", &folder.path())], &["status"]).await;
    done.is_wrong_usage(&["VANTA_MCP_STATE (environment) is a folder", "state.db"]);
}

#[tokio::test]
async fn an_unknown_kind_is_named() {
    for (place, expected) in [
        ("redis://x", "of an unknown kind (redis)"),
        ("mysql://me:hunter2@x/y", "of an unknown kind (mysql)"),
        ("state.db", "is not an absolute path"),
        ("hun ter2://x", "of an unknown kind"),
    ] {
        let done: Done = run_in(&[("VANTA_MCP_STATE", place)], &["status"]).await;
        done.is_wrong_usage(&[expected, "memory", "postgres://"]);
        assert!(!done.stderr.contains("hun"), "{done:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_tampered_with_while_a_server_runs_is_warned_of_and_reads_go_on() {
    let folder = Scratch::new("tampered");
    let place = format!("{}/vanta-mcp/state.db", folder.path());
    let run = Setup::default().with("VANTA_MCP_STATE", &*place).start().await;
    let read = async |name: &str| {
        let answer = run.value("list_vendors", json!({"name": name})).await;
        assert!(answer.get("items").is_some(), "{answer}");
    };
    let state = async || run.value("server_status", json!({})).await["state"].clone();
    read("a").await;
    assert_eq!(state().await["health"], "ok");

    // Deleted: there is another one at once.
    fs::remove_file(&place).unwrap();
    read("b").await;
    assert_eq!(state().await["health"], "ok");
    assert!(fs::metadata(&place).unwrap().len() > 0);

    // Another program's file in its place.
    let theirs = format!("{}/theirs", folder.path());
    fs::write(&theirs, "not a database at all, and long enough to be one ".repeat(200)).unwrap();
    fs::rename(&theirs, &place).unwrap();
    read("c").await;
    let told = state().await;
    assert_eq!(told["health"], "unavailable", "{told}");
    let warning = told["warning"].as_str().unwrap().to_owned();
    let expected = format!("{place} is damaged: file is not a database; move it away, and a new one is made");
    assert!(warning.contains(&expected), "{warning}");
    let is_again = async || state().await["health"] == "ok";
    assert!(fs::read(&place).unwrap().starts_with(b"not a database"), "it is left as it was");
    fs::remove_file(&place).unwrap();
    eventually("the state can be used again", is_again).await;

    // Emptied, with its log and the index of that, which is mapped into memory.
    for ending in ["", "-wal", "-shm"] {
        let path = format!("{place}{ending}");
        if let Ok(file) = fs::File::options().write(true).open(&path) {
            file.set_len(0).unwrap();
        }
    }
    read("d").await;
    eventually("the state can be used again", async || {
        read("e").await;
        state().await["health"] == "ok"
    })
    .await;
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_told_in_one_sentence() {
    let tenant = tenant(Limits::Off).await;
    let gone = "postgres://me:hunter2@127.0.0.1:1/state";
    let reach = "check that the database is running, and its host, port and sslmode in VANTA_MCP_STATE";
    is_told(&tenant, gone, &["me@127.0.0.1:1/state could not be reached: ", reach]).await;
    let Ok(url) = std::env::var("VANTA_MCP_TEST_POSTGRES") else {
        unchecked("state in PostgreSQL: no server was named. Start one with tests/postgres/start FOLDER");
        return;
    };
    let (scheme, rest) = url.split_once("://").unwrap();
    let (user, place) = rest.split_once('@').unwrap();
    let user = user.split(':').next().unwrap();
    let access = "check user, password and permissions in VANTA_MCP_STATE";
    let wrong = format!("{scheme}://{user}:hunter2@{place}");
    is_told(&tenant, &wrong, &["refused access: ", "password", access]).await;
    let (before, parameters) = place.split_once("/postgres").unwrap();
    let absent = format!("{scheme}://{}@{before}/none_such{parameters}", rest.split_once('@').unwrap().0);
    is_told(
        &tenant,
        &absent,
        &["none_such", "does not exist", "create the database, or check its name in VANTA_MCP_STATE"],
    )
    .await;
}

/// Runs the binary where a folder is mounted in another way, which it alone sees.
#[cfg(unix)]
async fn mounted(mount: &str, folder: &str, tenant: &Tenant, arguments: &[&str]) -> Option<Done> {
    use crate::harness::{BINARY, credentials};
    let mut command = tokio::process::Command::new("unshare");
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", folder).kill_on_drop(true);
    command.envs(credentials(tenant)).env("VANTA_MCP_STATE", format!("{folder}/state.db"));
    command.args(["--mount", "sh", "-c"]);
    command
        .arg(format!("{mount} || exit 77; shift; exec \"$@\""))
        .args(["sh", folder, BINARY])
        .args(arguments);
    let done = crate::cli::finish(command, "").await;
    let is_mounted = done.code != Some(77) && !done.stderr.starts_with("unshare:");
    if !is_mounted {
        unchecked("a full disk and a folder that is read-only: this user may not mount anything");
    }
    is_mounted.then_some(done)
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_and_a_folder_that_is_read_only_are_told() {
    let tenant = tenant(Limits::Off).await;
    let folder = Scratch::new("mounted");
    let path = folder.path();
    let read_only = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"";
    let full = "mount -t tmpfs -o size=8k,mode=700 tmpfs \"$1\" && { cat /dev/zero >\"$1/ballast\" 2>/dev/null; true; }";
    for (mount, expected, advice) in [
        (
            read_only,
            "cannot be written: ",
            "Make it writable, or set VANTA_MCP_STATE to a place that this user can write.",
        ),
        (full, "the disk that holds ", "Free space there, or set VANTA_MCP_STATE to another place."),
    ] {
        let Some(done) = mounted(mount, &path, &tenant, &["doctor", "--json"]).await else { return };
        let checks = crate::doctor::Checks::of(&done);
        checks.says("state", "failed", &[expected, &path, advice]);
        checks.says("manage", "ok", &[]);
        let status: Value = mounted(mount, &path, &tenant, &["status"]).await.unwrap().json();
        assert!(status["state"]["warning"].as_str().unwrap().contains(expected), "{status}");
        let call = mounted(mount, &path, &tenant, &["call", "list_frameworks"]).await.unwrap();
        assert_eq!(call.code, Some(0), "{call:?}");
    }
}
