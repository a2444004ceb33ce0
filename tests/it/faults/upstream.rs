//! An upstream that does what a demo tenant cannot: it resets connections, says half of something, or nothing at all.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a request gets.
#[derive(Clone)]
pub enum Reply {
    /// All of these bytes, then the end of the connection.
    Whole(Vec<u8>),
    /// These bytes, then a reset of the connection.
    Reset(&'static str),
    /// These bytes, then nothing more.
    Hangs(&'static str),
    /// These bytes, then a blank every tenth of a second.
    Drips(&'static str),
}

/// What a request is about.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `GET /v1/vendors?…`
    pub line: String,
    /// How many requests came before, of those that are no token request, or of those that are.
    pub before: usize,
    /// The access token that came along.
    pub token: String,
}

impl Asked {
    pub fn is_for_token(&self) -> bool {
        self.line.starts_with("POST /oauth/token")
    }
}

/// The upstream.
pub struct Upstream {
    pub url: String,
    seen: Arc<Mutex<Vec<Asked>>>,
    left: Arc<AtomicUsize>,
}

impl Upstream {
    pub async fn start(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, left, reply) = (Arc::default(), Arc::default(), Arc::new(reply));
        let upstream = Self { url, seen: Arc::clone(&seen), left: Arc::clone(&left) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, left, reply) = (Arc::clone(&seen), Arc::clone(&left), Arc::clone(&reply));
                tokio::spawn(async move { serve(stream, &seen, &left, &*reply).await });
            }
        });
        upstream
    }

    /// How many requests came to the API, and how many to the token endpoint.
    pub fn counts(&self) -> (usize, usize) {
        let seen = self.seen.lock().unwrap();
        let tokens = seen.iter().filter(|asked| asked.is_for_token()).count();
        (seen.len() - tokens, tokens)
    }

    /// How many clients went while they were kept waiting.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }
}

async fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Asked>>,
    left: &AtomicUsize,
    reply: &(impl Fn(&Asked) -> Reply + Sync),
) {
    let Some(request) = request(&mut stream).await else { return };
    let token = request.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("authorization").then(|| value.trim_start_matches("Bearer ").to_owned())
    });
    let line = request.lines().next().unwrap_or_default().to_owned();
    let mut asked = Asked { line, before: 0, token: token.unwrap_or_default() };
    {
        let mut seen = seen.lock().unwrap();
        asked.before = seen.iter().filter(|one| one.is_for_token() == asked.is_for_token()).count();
        seen.push(asked.clone());
    }
    match reply(&asked) {
        Reply::Whole(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Reset(bytes) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            let _ = stream.flush().await;
            // What was written has to arrive before the reset, which overtakes it otherwise.
            if !bytes.is_empty() {
                let _ = tokio::time::timeout(Duration::from_millis(50), stream.read_u8()).await;
            }
            stream.set_zero_linger().unwrap();
        }
        Reply::Hangs(bytes) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            let _ = stream.read_u8().await;
            left.fetch_add(1, Ordering::Relaxed);
        }
        Reply::Drips(bytes) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// A whole request: up to the end of its head, then as much as it announces.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Some(text.into_owned());
        }
    }
}

/// An answer with some header lines, each with its end.
pub fn answer(status: u16, headers: &str, body: &str) -> Reply {
    let kind = if headers.contains("content-type") { "" } else { "content-type: application/json\r\n" };
    let length = body.len();
    Reply::Whole(
        format!(
            "HTTP/1.1 {status} Scripted\r\n{kind}{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes(),
    )
}

/// What a token request gets: the first `t1`, the second `t2`.
pub fn token(asked: &Asked) -> Reply {
    let token = asked.before + 1;
    answer(200, "", &format!(r#"{{"access_token":"t{token}","expires_in":3600}}"#))
}

/// What a request gets where all is well: an empty list, or a vendor.
pub fn fine(asked: &Asked) -> Reply {
    if asked.is_for_token() {
        return token(asked);
    }
    let page = r#"{"results":{"data":[],"pageInfo":{"endCursor":null,"hasNextPage":false}}}"#;
    answer(200, "", if asked.line.starts_with("GET ") { page } else { r#"{"id":"v","name":"V"}"# })
}
