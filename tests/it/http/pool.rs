//! Connections to an upstream are shared by everybody who calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Era, Served, client};
use crate::harness::Scratch;

/// An upstream behind TLS that counts its handshakes, and answers everything with a token or an empty page.
struct Upstream {
    url: String,
    handshakes: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Upstream {
    /// One that this certificate is for.
    async fn start(certificate: &str, key: &str) -> Self {
        drop(client());
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let upstream = Self { url, handshakes: Arc::default(), requests: Arc::default() };
        let (handshakes, requests) = (Arc::clone(&upstream.handshakes), Arc::clone(&upstream.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, requests) = (acceptor.clone(), Arc::clone(&requests));
                handshakes.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        answer(stream, &requests).await;
                    }
                });
            }
        });
        upstream
    }
}

async fn answer(mut stream: tokio_rustls::server::TlsStream<tokio::net::TcpStream>, requests: &AtomicUsize) {
    let mut heard = Vec::new();
    while stream.read_buf(&mut heard).await.is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&heard).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let announced = head
            .to_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        if body.len() < announced.unwrap_or(0) {
            continue;
        }
        let answer: Value = if head.starts_with("POST /oauth/token") {
            json!({"access_token": "t", "expires_in": 3600})
        } else {
            requests.fetch_add(1, Ordering::SeqCst);
            json!({"results": {"data": [], "pageInfo": {"hasNextPage": false, "endCursor": null}}})
        };
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        stream.write_all(format!("{head}{answer}").as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        heard.clear();
    }
}

#[tokio::test]
async fn calls_of_many_clients_share_one_connection_to_an_upstream() {
    let folder = Scratch::new("pool");
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = format!("{}/upstream.pem", folder.path());
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    let upstream = Upstream::start(&made.cert.pem(), &made.signing_key.serialize_pem()).await;
    let variables = [("VANTA_BASE_URL", upstream.url.as_str()), ("SSL_CERT_FILE", certificate.as_str())];
    let served = Served::start_with(&[], &variables).await;
    // Of two of Vanta's APIs, which are at the same address.
    let tools = ["list_frameworks", "list_audits", "list_vendors"];
    for round in 0..4 {
        // A client each, and so a connection each to the server.
        for (number, tool) in tools.iter().cycle().take(6).enumerate() {
            let call = json!({
                "jsonrpc": "2.0", "id": number, "method": "tools/call",
                "params": {"name": tool, "arguments": {}}
            });
            let request = served.post(None, Era::Alone, call).build().unwrap();
            let answer: Value = client().execute(request).await.unwrap().json().await.unwrap();
            assert_eq!(answer["result"]["structuredContent"], json!({"count": 0, "items": []}), "{answer}");
            assert_eq!(upstream.handshakes.load(Ordering::SeqCst), 1, "round {round}, call {number}");
        }
    }
    assert_eq!(upstream.requests.load(Ordering::SeqCst), 24);
}
