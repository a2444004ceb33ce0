//! Upstreams that cannot be connected to: nobody is there, or nobody to speak TLS with, or the name has no address.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{NOT_SENT, PAUSES, SLACK, SOON};
use crate::errors::holds;
use crate::harness::Setup;
use crate::secured::{Manner, SecuredUpstream, nobody, self_signed};

/// Counts connections, each of which gets these bytes.
async fn counting(bytes: &'static [u8]) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let into = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            into.fetch_add(1, Ordering::Relaxed);
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, count)
}

/// What nothing is sent over is repeated for every call, unless another time would be the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_connected_to_was_sent_nothing() {
    let (plain, plain_seen) = counting(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    // A fatal alert of TLS: no handshake that suits both.
    let (alert, alert_seen) = counting(b"\x15\x03\x03\x00\x02\x02\x28").await;
    let own = SecuredUpstream::start(&self_signed(&["127.0.0.1"]), Manner::Answers).await;
    // No label of a name is longer than 63 letters, so no name server is needed to know that there is no such host.
    let (long, local) =
        (format!("https://{}.example", "a".repeat(64)), format!("http://{}.localhost", "a".repeat(64)));
    let repeated = "after 5 attempts, ";
    let cases = [
        (
            format!("http://{}", nobody().await),
            repeated,
            &["could not be reached", "refused", "proxy settings"][..],
            Some(SOON),
        ),
        (format!("https://{}", nobody().await), repeated, &["could not be reached", "refused"], Some(SOON)),
        (format!("https://127.0.0.1:{plain}"), "", &["does not speak TLS", "VANTA_"], None),
        (format!("https://127.0.0.1:{alert}"), "", &["no TLS connection could be agreed on", "VANTA_"], None),
        (format!("https://127.0.0.1:{}", own.port), "", &["self-signed", "VANTA_MCP_CA_FILE"], None),
        (long, "", &["could not be reached", "Check the host name in VANTA_"], None),
        (local, "", &["could not be reached", "Check the host name in VANTA_"], None),
    ];
    join_all(cases.into_iter().map(|(url, begins, expected, again)| async move {
        let run = Setup::default()
            .with("VANTA_BASE_URL", &*url)
            .with("VANTA_PANEL_URL", &*url)
            .with("VANTA_MCP_TIMEOUT", "4")
            .start()
            .await;
        for (tool, arguments) in [
            ("list_vendors", json!({})),
            ("create_vendor", json!({"name": "V"})),
            ("list_panel_accounts", json!({})),
            ("create_panel_account", json!({"user": "nowhere"})),
        ] {
            let began = Instant::now();
            let told = run.error(tool, arguments).await;
            assert!(began.elapsed() < PAUSES + SLACK, "{url}, {tool}: {:?}", began.elapsed());
            assert!(told.starts_with(&format!("{tool}: {begins}")), "{url}: {told}");
            assert_eq!(told.contains("attempts"), !begins.is_empty(), "{url}: {told}");
            holds(&told, expected);
            holds(&told, &[NOT_SENT]);
            assert_eq!(told.contains("Try again"), again.is_some(), "{url}: {told}");
            holds(&told, again.as_slice());
        }
        run.value("server_status", json!({})).await;
    }))
    .await;
    let seen = [plain_seen, alert_seen].map(|seen| seen.load(Ordering::Relaxed));
    assert_eq!(seen, [4, 4], "one connection for each call");
    assert!(own.heard().is_empty());
}

/// Of a machine that swallows what is sent to it, it is known that no call reached it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn over_a_connection_that_never_stands_nothing_was_sent() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts: once the queue is full, further connections wait.
    let mut queue = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(Duration::from_millis(200), tokio::net::TcpStream::connect(address)).await
    {
        queue.push(connected.unwrap());
    }
    let run = Setup::default()
        .with("VANTA_PANEL_URL", format!("http://{address}"))
        .with("VANTA_MCP_TIMEOUT", "1")
        .start()
        .await;
    let told = run.error("create_panel_account", json!({"user": "nowhere"})).await;
    holds(&told, &[&address.to_string(), "The call was not sent.", "Try again after 5 s."]);
    drop((queue, listener));
}
