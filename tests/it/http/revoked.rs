//! Tokens that are taken away: by whatever change of the file, and with what was open.

use std::fs;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION};
use serde_json::json;

use super::{Era, Served, Tokens, message};
use crate::harness::{PATIENCE, command, eventually};

async fn status(served: &Served, token: &str) -> u16 {
    served.ask(Some(token), Era::Alone, "tools/list", json!({})).await.status().as_u16()
}

/// An open stream.
struct Open(BoxStream<'static, reqwest::Result<axum::body::Bytes>>);

impl Open {
    async fn at(served: &Served, token: &str, path: &str, session: Option<&str>) -> Self {
        let mut request = served.client.get(served.url(path)).header(ACCEPT, "text/event-stream");
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        if let Some(session) = session {
            request = request.header("mcp-session-id", session);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        Self(response.bytes_stream().boxed())
    }

    /// Reads on to the end.
    async fn ends(&mut self) {
        let end = async { while self.0.next().await.is_some_and(|piece| piece.is_ok()) {} };
        tokio::time::timeout(PATIENCE, end).await.expect("it ends in time");
    }

    /// Whether it has not ended yet: there is nothing more to read, and more may come.
    async fn is_open(&mut self) -> bool {
        let end = async { while self.0.next().await.is_some_and(|piece| piece.is_ok()) {} };
        tokio::time::timeout(Duration::from_millis(300), end).await.is_err()
    }
}

async fn run(arguments: &[&str]) -> std::process::Output {
    command().args(arguments).output().await.unwrap()
}

#[tokio::test]
async fn a_change_that_keeps_length_and_time_takes_a_token_away() {
    let tokens = Tokens::new();
    let token = tokens.add("alice", &[]).await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    assert_eq!(status(&served, &token).await, 200);
    let modified = fs::metadata(&tokens.path).unwrap().modified().unwrap();
    let text = fs::read_to_string(&tokens.path).unwrap();
    let (before, hash) = text.split_once("sha256 = \"").unwrap();
    let other = format!("{before}sha256 = \"{}{}", "0".repeat(64), &hash[64..]);
    assert_eq!(other.len(), text.len());
    fs::write(&tokens.path, other).unwrap();
    fs::File::options().write(true).open(&tokens.path).unwrap().set_modified(modified).unwrap();
    eventually("the token is refused", async || status(&served, &token).await == 401).await;
}

#[tokio::test]
async fn what_a_revoked_caller_has_open_ends_and_that_of_others_goes_on() {
    let tokens = Tokens::new();
    let alice = tokens.add("alice", &[]).await;
    let bob = tokens.add("bob", &[]).await;
    let served = Served::start(&["--sse", "--tokens", &tokens.path]).await;
    let (hers, his) = (served.session(Some(&alice)).await, served.session(Some(&bob)).await);
    let mut her_stream = Open::at(&served, &alice, "/mcp", Some(&hers)).await;
    let mut her_older = Open::at(&served, &alice, "/sse", None).await;
    let mut his_stream = Open::at(&served, &bob, "/mcp", Some(&his)).await;
    let mut his_older = Open::at(&served, &bob, "/sse", None).await;
    let revoked = run(&["token", "revoke", "alice", "--tokens", &tokens.path]).await;
    assert!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
    her_stream.ends().await;
    her_older.ends().await;
    assert_eq!(status(&served, &alice).await, 401);
    assert!(his_stream.is_open().await && his_older.is_open().await);
    assert!(!served.names(Some(&bob), Era::Session(&his)).await.is_empty());
    // Another level is another grant: what was begun under the old one ends too.
    let text = fs::read_to_string(&tokens.path).unwrap();
    fs::write(&tokens.path, text.replace("access = \"read\"", "access = \"write\"")).unwrap();
    his_stream.ends().await;
    his_older.ends().await;
    eventually("his session is gone", async || {
        served.ask(Some(&bob), Era::Session(&his), "tools/list", json!({})).await.status() == 404
    })
    .await;
    assert!(served.names(Some(&bob), Era::Alone).await.contains(&"run_write_tool".to_owned()));
}

#[tokio::test]
async fn an_expired_token_is_refused_as_an_unknown_one_is() {
    let tokens = Tokens::new();
    let end = Timestamp::now() + Duration::from_secs(8);
    let token = tokens.add("alice", &["--expires", &end.to_string()]).await;
    let served = Served::start_with(&["--tokens", &tokens.path], &[("VANTA_MCP_LOG", "info")]).await;
    let session = served.session(Some(&token)).await;
    let mut stream = Open::at(&served, &token, "/mcp", Some(&session)).await;
    stream.ends().await;
    assert!(Timestamp::now() >= end, "it is good to the end");
    let expired = served.ask(Some(&token), Era::Alone, "tools/list", json!({})).await;
    let unknown = served.ask(Some("vmcp_guess"), Era::Alone, "tools/list", json!({})).await;
    assert_eq!((expired.status(), unknown.status()), (401.try_into().unwrap(), 401.try_into().unwrap()));
    assert_eq!(expired.headers()["www-authenticate"], unknown.headers()["www-authenticate"]);
    assert_eq!(message(expired).await, message(unknown).await);
    let log = served.log.lock().await.clone();
    assert!(log.contains("expired") && log.contains("alice") && !log.contains(&token), "{log}");
}

#[tokio::test]
async fn a_list_that_depends_on_a_token_is_kept_no_longer_than_a_grant_may_hold() {
    let tokens = Tokens::new();
    let token = tokens.add("alice", &[]).await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    let open = Served::start(&[]).await;
    for method in ["tools/list", "prompts/list"] {
        for (served, token, most) in [(&served, Some(&*token), 1000), (&open, None, 3_600_000)] {
            let listed = message(served.ask(token, Era::Alone, method, json!({})).await).await;
            assert_eq!(listed["result"]["ttlMs"], most, "{method}: {listed}");
            assert_eq!(listed["result"]["cacheScope"], "private", "{method}");
        }
    }
}

#[tokio::test]
async fn tokens_made_at_once_are_all_in_the_file() {
    let tokens = Tokens::new();
    let names: Vec<String> = (0..8).map(|number| format!("caller{number}")).collect();
    let twice = names.iter().chain(&names);
    let path = tokens.path.as_str();
    let made = twice.map(|name| async move { run(&["token", "new", name, "--tokens", path]).await });
    let made = futures::future::join_all(made).await;
    assert_eq!(made.iter().filter(|made| made.status.success()).count(), names.len());
    let listed = run(&["token", "list", "--tokens", path]).await;
    assert!(listed.status.success());
    let told = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(told.lines().count(), names.len() + 1, "{told}");
    assert!(names.iter().all(|name| told.matches(name.as_str()).count() == 1), "{told}");
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked_whatever_the_server_is_set_to() {
    let tokens = Tokens::new();
    let token_command = async |arguments: &[&str]| {
        let mut command = command();
        command.env("VANTA_MCP_HTTP", "0.0.0.0:8080").env("VANTA_MCP_TOKENS", &tokens.path).arg("token");
        let done = command.args(arguments).output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    };
    let (code, token, told) =
        token_command(&["new", "alice", "--expires", "90d", "--toolsets", "controls"]).await;
    assert_eq!(code, 0, "{told}");
    assert_eq!(token_command(&["new", "bob", "--access", "write"]).await.0, 0);
    let (code, listed, _) = token_command(&["list"]).await;
    assert_eq!(code, 0);
    let text = fs::read_to_string(&tokens.path).unwrap();
    let hash = text.split_once("sha256 = \"").unwrap().1.get(..64).unwrap();
    assert!(!listed.contains(&hash[..8]) && !listed.contains(token.trim()), "{listed}");
    let row = |name: &str| -> Vec<&str> {
        listed.lines().find(|line| line.contains(name)).unwrap().split_whitespace().collect()
    };
    assert_eq!(row("alice")[..3], ["alice", "read", "controls"]);
    assert!(row("alice")[3].starts_with("20") && row("alice")[3].ends_with('Z'), "{listed}");
    assert_eq!(row("bob"), ["bob", "write", "all", "never"]);
    assert_eq!(token_command(&["revoke", "alice"]).await.0, 0);
    assert!(!fs::read_to_string(&tokens.path).unwrap().contains("alice"));
    let (code, _, told) = token_command(&["revoke", "alice"]).await;
    assert!(code == 1 && told.contains("no token for \"alice\""), "{told}");
    for wrong in
        [&["new", "carol", "--expires", "yesterday"][..], &["new", "carol", "--expires", "2020-01-01"]]
    {
        let (code, _, told) = token_command(wrong).await;
        assert!(code == 2 && told.contains("90d"), "{told}");
    }
    let (code, _, told) = {
        let done = run(&["token", "list"]).await;
        (done.status.code(), done.stdout, String::from_utf8(done.stderr).unwrap())
    };
    assert!(code == Some(2) && told.contains("--tokens"), "{told}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_others_can_get_at_is_told_at_the_start_and_when_it_changes() {
    use std::os::unix::fs::PermissionsExt as _;
    let tokens = Tokens::new();
    let mode = |mode| fs::set_permissions(&tokens.path, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o600);
    tokens.add("alice", &[]).await;
    assert_eq!(fs::metadata(&tokens.path).unwrap().permissions().mode() & 0o777, 0o600);
    let served = Served::start(&["--tokens", &tokens.path]).await;
    assert!(!served.log.lock().await.contains("other users can"));
    mode(0o620);
    eventually("it is told", async || {
        served.log.lock().await.contains("mode 0620: other users can read or write it")
    })
    .await;
    let served = Served::start(&["--tokens", &tokens.path]).await;
    assert!(served.log.lock().await.contains("mode 0620: other users can read or write it"));
}

#[tokio::test]
async fn an_open_server_that_changes_things_is_told_of() {
    let log = async |access: &str| {
        let served = Served::start_with(&[], &[("VANTA_MCP_ACCESS", access)]).await;
        served.log.lock().await.clone()
    };
    for access in ["write", "destroy"] {
        let told = log(access).await;
        assert!(
            told.contains(&format!("vanta-mcp token new NAME --access {access} --tokens FILE")),
            "{told}"
        );
    }
    assert!(!log("read").await.contains("token new"));
}
