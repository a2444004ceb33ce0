//! The faults of an upstream in one table: what a client sees of each for a read, for a change that may be made twice and
//! for one that may not, how many requests go out, and how long it takes.

mod unconnected;
pub mod upstream;
mod waits;

use std::time::{Duration, Instant, SystemTime};

use futures::future::join_all;
use serde_json::json;

use crate::errors::holds;
use crate::harness::{Setup, text};
use upstream::{Asked, Reply, Upstream, answer, fine, token};

const NOT_SENT: &str = "The call was not sent.";
const REFUSED: &str = "Nothing was changed.";
const UNKNOWN: &str = "The change may have taken effect.";
const DONE: &str = "The change was made, but the answer was lost.";
const SOON: &str = "Try again after 5 s.";

/// How long the longest of all pauses between five attempts are together: 0.25, 0.5, 1 and 2 s.
const PAUSES: Duration = Duration::from_millis(3750);

/// What a machine with much else to do may add.
const SLACK: Duration = Duration::from_secs(8);

/// How often something is asked of the API and of the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Requests {
    api: usize,
    token: usize,
}

const fn requests(api: usize, token: usize) -> Requests {
    Requests { api, token }
}

/// What a fault has to bring.
struct Due {
    /// Of a read, a change that may be made twice, one that may not: one after the other, so that a token serves them all.
    sent: [Requests; 3],
    /// Said of all three; nothing where they succeed.
    told: &'static [&'static str],
    /// Said of a change.
    fate: &'static str,
    /// Said of a read.
    again: Option<&'static str>,
    /// How often each was tried, where it was more than once.
    attempts: [usize; 3],
}

/// What is repeated where it is harmless.
fn repeated(told: &'static [&'static str], fate: &'static str, again: &'static str) -> Due {
    let sent = [requests(5, 1), requests(5, 0), requests(1, 0)];
    Due { sent, told, fate, again: Some(again), attempts: [5, 5, 1] }
}

/// What is never repeated.
fn once(told: &'static [&'static str], fate: &'static str, again: Option<&'static str>) -> Due {
    Due { sent: [requests(1, 1), requests(1, 0), requests(1, 0)], told, fate, again, attempts: [1; 3] }
}

/// What is never repeated, and of which all calls of a process take notice.
fn once_for_all(told: &'static [&'static str], again: &'static str) -> Due {
    let sent = [requests(1, 1), requests(0, 0), requests(0, 0)];
    Due { sent, told, fate: REFUSED, again: Some(again), attempts: [1; 3] }
}

/// What happens before anything is sent to the API; so often the token endpoint is asked each time.
fn unsent(token: usize, told: &'static [&'static str], again: Option<&'static str>) -> Due {
    Due { sent: [requests(0, token); 3], told, fate: NOT_SENT, again, attempts: [1; 3] }
}

/// A fault of whoever is at the address.
struct Case {
    name: &'static str,
    /// Seconds of silence that are waited for; all is over in twice that.
    timeout: u64,
    upstream: Upstream,
    due: Due,
}

async fn case(
    name: &'static str,
    timeout: u64,
    due: Due,
    reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> Case {
    Case { name, timeout, upstream: Upstream::start(reply).await, due }
}

/// The token endpoint is well, and the API answers this.
async fn api(
    name: &'static str,
    timeout: u64,
    due: Due,
    reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> Case {
    case(name, timeout, due, move |asked| if asked.is_for_token() { token(asked) } else { reply(asked) })
        .await
}

/// The token endpoint answers this, and nothing is asked of the API.
async fn at_token(name: &'static str, timeout: u64, due: Due, reply: Reply) -> Case {
    case(name, timeout, due, move |asked| if asked.is_for_token() { reply.clone() } else { fine(asked) })
        .await
}

/// A moment as HTTP writes it (RFC 9110 section 5.6.7).
fn http_date(from_now: i64) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let at = jiff::Timestamp::from_second(i64::try_from(now).unwrap() + from_now).unwrap();
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"results\":";
const MESSAGE: &str = r#"{"message":"as it says"}"#;

async fn connections() -> Vec<Case> {
    let ended = &["ended before the answer was complete"];
    let stalled = &["answered 200, but the rest of the answer did not arrive in time"];
    let late = &["did not answer in time"];
    vec![
        api("reset before an answer", 4, repeated(ended, UNKNOWN, SOON), |_| Reply::Reset("")).await,
        api("reset during the body", 4, repeated(ended, DONE, SOON), |_| Reply::Reset(HEAD)).await,
        api("slow headers", 1, once(late, UNKNOWN, Some(SOON)), |_| Reply::Hangs("")).await,
        api("half of the headers", 1, once(late, UNKNOWN, Some(SOON)), |_| {
            Reply::Hangs("HTTP/1.1 200 OK\r\nx: ")
        })
        .await,
        api("slow body", 1, once(stalled, DONE, Some(SOON)), |_| Reply::Hangs(HEAD)).await,
        api("endless body", 1, once(stalled, DONE, Some(SOON)), |_| Reply::Drips(HEAD)).await,
    ]
}

async fn statuses() -> Vec<Case> {
    let many = &["answered 429, too many requests: \"as it says\""];
    let minute = "Try again after 60 s.";
    let mut cases = vec![
        api("429", 4, repeated(many, REFUSED, minute), |_| answer(429, "", MESSAGE)).await,
        api("429, a second", 4, repeated(many, REFUSED, "Try again after 1 s."), |_| {
            answer(429, "retry-after: 1\r\n", MESSAGE)
        })
        .await,
        api("429, 90 seconds", 4, once_for_all(many, "Try again after"), |_| {
            answer(429, "retry-after: 90\r\n", MESSAGE)
        })
        .await,
        api("429, a year", 4, once_for_all(many, "Try again in 5 minutes or more."), |_| {
            answer(429, "retry-after: 31536000\r\n", MESSAGE)
        })
        .await,
        api("429, a date", 4, once_for_all(many, "Try again after "), |_| {
            answer(429, &format!("retry-after: {}\r\n", http_date(99)), MESSAGE)
        })
        .await,
        api("429, a date that is over", 4, repeated(many, REFUSED, "Try again after 1 s."), |_| {
            answer(429, &format!("retry-after: {}\r\n", http_date(-99)), MESSAGE)
        })
        .await,
        api("500", 4, once(&["answered 500"], UNKNOWN, Some(SOON)), |_| answer(500, "", MESSAGE)).await,
        api("503 of a proxy, 90 seconds", 4, once(&["503"], UNKNOWN, Some("Try again after 90 s.")), |_| {
            answer(503, "retry-after: 90\r\ncontent-type: text/html\r\n", "<h1>Later</h1>")
        })
        .await,
    ];
    for (status, name) in [(502, "502"), (503, "503"), (504, "504")] {
        cases.push(
            api(name, 4, repeated(&["as it says"], UNKNOWN, SOON), move |_| answer(status, "", MESSAGE))
                .await,
        );
        cases.push(
            api(name, 4, repeated(&["something other than JSON"], UNKNOWN, SOON), move |_| {
                answer(status, "content-type: text/html\r\n", "<h1>Bad</h1>")
            })
            .await,
        );
    }
    cases
}

async fn bodies() -> Vec<Case> {
    let large = &["larger than 16 MiB and was not read"];
    let other = &["answered 200 with something other than JSON", "\"Sign in\""];
    let whole = || [b"\"".as_slice(), &vec![b'x'; 20 << 20], b"\""].concat();
    let (announced, unannounced) = (whole(), whole());
    vec![
        api("truncated JSON", 4, once(&["is not complete, valid JSON"], DONE, Some(SOON)), |_| {
            answer(200, "", r#"{"results":{"data":[{"id":"#)
        })
        .await,
        api("a page", 4, once(other, UNKNOWN, None), |_| {
            answer(200, "content-type: text/html\r\n", "<h1>Sign in</h1>")
        })
        .await,
        api("a text", 4, once(other, UNKNOWN, None), |_| {
            answer(200, "content-type: text/plain\r\n", "Sign in")
        })
        .await,
        api("20 MB", 4, once(large, DONE, None), move |_| {
            answer(200, "", str::from_utf8(&announced).unwrap())
        })
        .await,
        api("20 MB without a length", 4, once(large, DONE, None), move |_| {
            let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
            Reply::Whole([head.as_slice(), &unannounced].concat())
        })
        .await,
    ]
}

async fn tokens() -> Vec<Case> {
    let revoked = Due {
        sent: [requests(2, 2), requests(2, 1), requests(2, 1)],
        told: &["answered 401 twice", "revoked"],
        fate: REFUSED,
        again: None,
        attempts: [1; 3],
    };
    let expired = Due {
        sent: [requests(2, 2), requests(1, 0), requests(1, 0)],
        told: &[],
        fate: "",
        again: None,
        attempts: [1; 3],
    };
    let oauth = |error: &str| answer(400, "", &json!({ "error": error }).to_string());
    vec![
        api("revoked token", 4, revoked, |_| answer(401, "", r#"{"message":"revoked"}"#)).await,
        api("expired token", 4, expired, |asked| {
            if asked.token == "t1" { answer(401, "", r#"{"message":"expired"}"#) } else { fine(asked) }
        })
        .await,
        at_token(
            "invalid_client",
            4,
            // It is not asked again for a minute.
            Due {
                sent: [requests(0, 1), requests(0, 0), requests(0, 0)],
                ..unsent(1, &["does not accept the client id and secret"], None)
            },
            oauth("invalid_client"),
        )
        .await,
        // Once for all scopes, once for reading alone.
        at_token(
            "invalid_scope",
            4,
            unsent(2, &["(invalid_scope)", "Grant vanta-api."], None),
            oauth("invalid_scope"),
        )
        .await,
        at_token(
            "no token: reset",
            4,
            Due { attempts: [2; 3], ..unsent(2, &["token endpoint", "no complete answer"], Some(SOON)) },
            Reply::Reset(""),
        )
        .await,
        at_token(
            "no token: 503",
            4,
            Due { attempts: [2; 3], ..unsent(2, &["token endpoint", "answered 503"], Some(SOON)) },
            answer(503, "", MESSAGE),
        )
        .await,
        at_token(
            "no token: slow",
            1,
            unsent(1, &["token endpoint", "timed out"], Some(SOON)),
            Reply::Hangs(""),
        )
        .await,
        at_token(
            "no token: slow body",
            1,
            unsent(1, &["token endpoint", "in time"], Some(SOON)),
            Reply::Hangs(HEAD),
        )
        .await,
    ]
}

const CALLS: [(&str, &str); 3] = [
    ("list_vendors", "{}"),
    ("update_vendor", r#"{"vendorId":"v","additionalNotes":"n"}"#),
    ("create_vendor", r#"{"name":"V"}"#),
];

/// What is said has all that is due.
fn says(case: &str, due: &Due, call: usize, told: &str) {
    let tool = CALLS[call].0;
    let attempts = due.attempts[call];
    let begins =
        if attempts > 1 { format!("{tool}: after {attempts} attempts, ") } else { format!("{tool}: ") };
    assert!(told.starts_with(&begins), "{case}: {begins}: {told}");
    assert!(attempts > 1 || !told.contains("attempts"), "{case}: {told}");
    if due.sent[call] == requests(0, 0) && due.fate == REFUSED {
        holds(told, &["asked for a pause (Retry-After) that is not over yet", NOT_SENT]);
        holds(told, due.again.as_slice());
        return;
    }
    holds(told, due.told);
    let fate = if call == 0 && due.fate != NOT_SENT { "" } else { due.fate };
    for other in [NOT_SENT, REFUSED, UNKNOWN, DONE] {
        assert_eq!(told.contains(other), other == fate, "{case}: {other}: {told}");
    }
    let certain = call == 0 || [NOT_SENT, REFUSED].contains(&due.fate);
    assert_eq!(told.contains("Try again"), due.again.is_some() && certain, "{case}: {told}");
    if certain {
        holds(told, due.again.as_slice());
    } else if due.fate == UNKNOWN {
        let then =
            if call == 1 { "or repeat the call: repeating it is harmless." } else { "before you repeat it." };
        holds(told, &[then]);
    }
}

async fn meets(case: &Case) {
    let run = Setup::default()
        .with("VANTA_BASE_URL", &*case.upstream.url)
        .with("VANTA_MCP_TIMEOUT", case.timeout.to_string())
        .start()
        .await;
    for (call, (tool, arguments)) in CALLS.into_iter().enumerate() {
        let (api, token) = case.upstream.counts();
        let began = Instant::now();
        let result = run.result(tool, serde_json::from_str(arguments).unwrap()).await;
        let took = began.elapsed();
        let told = text(&result);
        let name = format!("{}, {tool}", case.name);
        if case.due.told.is_empty() {
            assert_ne!(result.is_error, Some(true), "{name}: {told}");
        } else {
            assert_eq!(result.is_error, Some(true), "{name}: {told}");
            says(&name, &case.due, call, &told);
        }
        let now = case.upstream.counts();
        assert_eq!(requests(now.0 - api, now.1 - token), case.due.sent[call], "{name}: {told}");
        let most = Duration::from_secs(2 * case.timeout).min(if case.due.attempts[call] > 1 {
            // Where a pause is asked for it is one of four.
            PAUSES.max(Duration::from_secs(4))
        } else {
            Duration::MAX
        });
        assert!(took < most + SLACK, "{name} took {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_told_repeated_as_it_may_be_and_over_in_time() {
    let groups = [connections().await, statuses().await, bodies().await, tokens().await];
    join_all(groups.iter().flatten().map(meets)).await;
}
