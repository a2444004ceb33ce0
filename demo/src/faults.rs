//! Faults on order: what goes wrong between a client and an API, for the next matching request.

use std::time::Duration;

use serde_json::{Value, json};

use super::door::{Answer, Content, Origin};

/// A fault, the requests it applies to, and how many of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which requests.
    pub on: Target,
    /// What happens to them.
    pub kind: FaultKind,
    /// How many of them, counted from now.
    pub times: u32,
}

/// The requests that a fault applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `POST /oauth/token`.
    Token,
    /// Everything else at the simulated Vanta.
    Vanta,
    /// Everything at the simulated Panel.
    Panel,
    /// GET alone, at the simulated Vanta and the Panel.
    Reads,
    /// Everything but GET, at the simulated Vanta and the Panel, tokens left out.
    Changes,
    /// Everything at the simulated Vanta whose raw path begins so.
    Path(String),
    /// Everything at the host of stored files whose raw path begins so.
    Files(String),
}

/// What happens to a request that a fault applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// 429, with `Retry-After` in seconds where given.
    TooManyRequests {
        /// Seconds.
        retry_after: Option<u32>,
    },
    /// 500 with a JSON message.
    Internal,
    /// 503 with a JSON message.
    Unavailable,
    /// The connection is closed without an answer; nothing was carried out.
    Dropped,
    /// The same, by a reset in place of an orderly end.
    Reset,
    /// The request is carried out, then the connection is closed without an answer.
    DroppedAfter,
    /// The answer comes this much later.
    Slow(Duration),
    /// The request is carried out; the JSON of the answer is cut in the middle, its length that of the cut.
    Truncated,
    /// The request is carried out; the connection is reset in the middle of the answer's body.
    Broken,
    /// The second half of the answer's body comes this much after the first.
    Halting(Duration),
    /// 401, as for a token that someone else's request revoked.
    RevokedToken,
    /// A proxy's HTML page.
    Html {
        /// The page's status.
        status: u16,
    },
    /// 307 to another address.
    Redirect {
        /// The `Location`.
        to: String,
    },
    /// 200 with one JSON string of this many letters, without a `Content-Length`.
    Huge {
        /// Letters between the quotes.
        bytes: u64,
    },
    /// Anything, sent as `application/json`.
    Body {
        /// The status.
        status: u16,
        /// The body, sent as it is.
        body: String,
    },
}

impl FaultKind {
    /// The answer of a fault that replaces the API's own.
    pub(super) fn answer(self, origin: Origin) -> Answer {
        let failed = |status, code: &str, message: &str| match origin {
            Origin::Vanta | Origin::Files => Answer::error(status, message),
            Origin::Panel => Answer::json(status, &json!({ "ok": false, "error": code })),
        };
        match self {
            Self::TooManyRequests { retry_after } => {
                let answer = failed(429, "rate_limited", "Too many requests in this minute");
                retry_after
                    .into_iter()
                    .fold(answer, |answer, wait| answer.with("retry-after", wait.to_string()))
            }
            Self::Unavailable => failed(503, "unavailable", "The service is unavailable for the moment"),
            Self::RevokedToken => failed(401, "unauthorized", "The access token has been revoked"),
            Self::Html { status } => page(status),
            Self::Redirect { to } => Answer::json(307, &Value::Null).with("location", to),
            Self::Huge { bytes } => {
                Answer { status: 200, headers: Vec::new(), content: Content::Endless(bytes) }
            }
            Self::Body { status, body } => {
                Answer { status, headers: Vec::new(), content: Content::Text("application/json", body) }
            }
            // The others wrap the API's own answer or give none, and never get here.
            Self::Internal
            | Self::Dropped
            | Self::Reset
            | Self::DroppedAfter
            | Self::Slow(_)
            | Self::Truncated
            | Self::Broken
            | Self::Halting(_) => failed(500, "internal", "Something went wrong on our side"),
        }
    }
}

fn page(status: u16) -> Answer {
    let html =
        format!("<html><head><title>{status}</title></head><body><h1>{status}</h1>proxy</body></html>");
    Answer { status, headers: Vec::new(), content: Content::Text("text/html; charset=utf-8", html) }
}

#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn queue(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.0.push(fault);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The oldest fault for this request, used up by one.
    pub(super) fn take(&mut self, origin: Origin, method: &str, path: &str) -> Option<FaultKind> {
        let found = self.0.iter().position(|fault| fault.on.matches(origin, method, path))?;
        let fault = self.0.get_mut(found)?;
        fault.times -= 1;
        let kind = fault.kind.clone();
        if fault.times == 0 {
            self.0.remove(found);
        }
        Some(kind)
    }
}

impl Target {
    fn matches(&self, origin: Origin, method: &str, path: &str) -> bool {
        let token = path == "/oauth/token";
        match (self, origin) {
            (Self::Token, Origin::Vanta) => token,
            (Self::Vanta, Origin::Vanta) => !token,
            (Self::Panel, Origin::Panel) => true,
            (Self::Reads, Origin::Vanta | Origin::Panel) => method == "GET",
            (Self::Changes, Origin::Vanta | Origin::Panel) => method != "GET" && !token,
            (Self::Path(prefix), Origin::Vanta) | (Self::Files(prefix), Origin::Files) => {
                path.starts_with(prefix.as_str())
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn a_fault_is_used_up_by_its_own_target_only() {
        let mut faults = Faults::default();
        faults.queue(Fault { on: Target::Path("/v1/tests".into()), kind: FaultKind::Internal, times: 2 });
        assert_eq!(faults.take(Origin::Vanta, "GET", "/v1/controls"), None);
        assert_eq!(faults.take(Origin::Panel, "GET", "/v1/tests"), None);
        assert_eq!(faults.take(Origin::Vanta, "GET", "/v1/tests/a"), Some(FaultKind::Internal));
        assert_eq!(faults.take(Origin::Vanta, "GET", "/v1/tests"), Some(FaultKind::Internal));
        assert_eq!(faults.take(Origin::Vanta, "GET", "/v1/tests"), None);
    }
}
