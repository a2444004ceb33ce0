//! TLS that ends at the server.

use std::fs;

use reqwest::{Certificate, Client};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::{Served, client};
use crate::harness::{PATIENCE, Scratch, command, eventually};

/// A fresh certificate for this machine, and its key.
fn certified() -> (String, String) {
    let made =
        rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// A client that trusts this certificate alone.
fn trusting(certificate: &str) -> Client {
    drop(client());
    let root = Certificate::from_pem(certificate.as_bytes()).unwrap();
    Client::builder().no_proxy().tls_certs_only([root]).build().unwrap()
}

async fn status(client: &Client, served: &Served) -> Result<u16, reqwest::Error> {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let sent = client
        .post(format!("https://{}/mcp", served.address))
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .body(message.to_string());
    Ok(sent.send().await?.status().as_u16())
}

#[tokio::test]
async fn a_certificate_is_served_and_renewed_while_the_server_runs() {
    let folder = Scratch::new("tls");
    let (certificate, key) = (format!("{}/tls.crt", folder.path()), format!("{}/tls.key", folder.path()));
    let (first, first_key) = certified();
    fs::write(&certificate, &first).unwrap();
    fs::write(&key, &first_key).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let served = Served::start(&["--tls-cert", &certificate, "--tls-key", &key]).await;
    let old = trusting(&first);
    let answered = status(&old, &served).await.unwrap();
    assert!((200..500).contains(&answered), "{answered}");
    assert!(served.client.get(served.url("/mcp")).send().await.is_err(), "plain http is not understood");
    let (second, second_key) = certified();
    let new = trusting(&second);
    assert!(status(&new, &served).await.is_err(), "nobody vouches for the first one here");
    // Written one after the other: between the two they do not go together, and the old pair stays.
    fs::write(&certificate, &second).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert!(status(&trusting(&first), &served).await.is_ok(), "the last pair that was right stays");
    fs::write(&key, &second_key).unwrap();
    eventually("the new certificate is served", async || status(&new, &served).await.is_ok()).await;
    assert!(status(&trusting(&first), &served).await.is_err(), "the old certificate is gone");
    let log = served.log.lock().await.clone();
    assert!(log.contains("keeping the previous certificate"));
    #[cfg(unix)]
    assert_eq!(
        log.matches("tls.key contains a secret and has mode 0640").count(),
        2,
        "at the start and when it changed: {log}"
    );
}

#[tokio::test]
async fn a_handshake_that_never_comes_is_not_waited_for() {
    let folder = Scratch::new("tls");
    let (certificate, key) = (format!("{}/tls.crt", folder.path()), format!("{}/tls.key", folder.path()));
    let (made, made_key) = certified();
    fs::write(&certificate, &made).unwrap();
    fs::write(&key, made_key).unwrap();
    let served = Served::start(&["--tls-cert", &certificate, "--tls-key", &key]).await;
    let mut mute = TcpStream::connect(&served.address).await.unwrap();
    let ended = tokio::time::timeout(PATIENCE, mute.read(&mut [0; 16])).await.expect("closed in time");
    assert!(matches!(ended, Ok(0) | Err(_)));
    assert!(status(&trusting(&made), &served).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_served_with_is_told_at_the_start() {
    let folder = Scratch::new("tls");
    let path = |name: &str| format!("{}/{name}", folder.path());
    let (one, one_key) = certified();
    fs::write(path("one.crt"), one).unwrap();
    fs::write(path("one.key"), &one_key).unwrap();
    fs::write(path("other.key"), certified().1).unwrap();
    for (certificate, key, told) in [
        (Some("one.crt"), None, "--tls-key"),
        (None, Some("one.key"), "--tls-cert"),
        (Some("one.crt"), Some("none.key"), "none.key"),
        (Some("one.key"), Some("one.key"), "one.key"),
        (Some("one.crt"), Some("other.key"), "one.crt"),
    ] {
        let said = refused(&folder, certificate, key).await;
        assert!(said.contains(told), "{said}");
        assert!(!said.contains(&one_key[40..80]), "a key is in no message: {said}");
    }
}

/// What is said of these two files at the start, which fails.
async fn refused(folder: &Scratch, certificate: Option<&str>, key: Option<&str>) -> String {
    let mut command = command();
    command.args(["serve", "--http", "127.0.0.1:0"]);
    for (flag, name) in [("--tls-cert", certificate), ("--tls-key", key)] {
        if let Some(name) = name {
            command.args([flag, &format!("{}/{name}", folder.path())]);
        }
    }
    let run = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(!run.status.success(), "{said}");
    said
}

#[tokio::test]
async fn a_common_mistake_with_the_files_is_told_as_what_it_is() {
    let folder = Scratch::new("tls");
    let (certificate, key) = certified();
    let begun = |pem: &str| pem.split_once("-----END").unwrap().0.to_owned();
    let inside = begun(&key).lines().nth(1).unwrap().to_owned();
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let older = format!(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{inside}\n-----END RSA \
         PRIVATE KEY-----\n"
    );
    for (name, content) in [
        ("right.crt", &*certificate),
        ("right.key", &key),
        ("begun.crt", &begun(&certificate)),
        ("begun.key", &begun(&key)),
        ("encrypted.key", &encrypted),
        ("older.key", &older),
        ("damaged.key", &key.replacen("\nM", "\n!", 1)),
        ("empty.key", ""),
        ("der.key", "\u{1}\u{2}"),
        ("public.key", &key.replace("PRIVATE", "PUBLIC")),
    ] {
        fs::write(format!("{}/{name}", folder.path()), content).unwrap();
    }
    let (chain, unencrypted) = ("a certificate chain in PEM", "an unencrypted private key in PEM");
    for (certificate, key, told) in [
        ("right.crt", "encrypted.key", [unencrypted, "encrypted.key", "the key is encrypted"]),
        ("right.crt", "older.key", [unencrypted, "older.key", "the key is encrypted"]),
        ("right.crt", "right.crt", [unencrypted, "right.crt", "contains a certificate instead"]),
        ("right.key", "right.crt", [chain, "right.key", "contains a private key instead"]),
        ("begun.crt", "right.key", [chain, "begun.crt", "it is truncated"]),
        ("right.crt", "begun.key", [unencrypted, "begun.key", "it is truncated"]),
        ("right.crt", "damaged.key", [unencrypted, "damaged.key", "damaged"]),
        ("right.crt", "empty.key", [unencrypted, "empty.key", "it is empty"]),
        ("right.crt", "der.key", [unencrypted, "der.key", "-----BEGIN"]),
        ("right.crt", "public.key", [unencrypted, "public.key", "it contains none"]),
    ] {
        let said = refused(&folder, Some(certificate), Some(key)).await;
        for told in told {
            assert!(said.contains(told), "{told}: {said}");
        }
        assert!(!said.contains("[67") && !said.contains(&inside), "nothing of a file is shown: {said}");
        assert!(said.trim_end().ends_with('.') && said.lines().count() <= 2, "{said}");
    }
}
