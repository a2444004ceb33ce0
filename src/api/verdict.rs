//! Whether an upstream did what was asked, as its answer says.

use std::sync::Arc;
use std::time::Duration;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::download::Received;
use super::error::Cause;
use super::http::host;
use super::mend::MendedPlaces;
use super::response::WholeAnswer;
use super::upstream::Upstream;
use crate::catalog::{Api, Effect, Operation, Scope};
use crate::state::application::LimitLeft;

/// An answer whose status is a success. Its body stays bytes until somebody looks at it. Cloning is cheap, but for a file.
#[derive(Debug, Clone)]
pub struct Response {
    /// 200 to 299.
    pub status: u16,
    /// The file, where the operation is a download.
    pub file: Option<Received>,
    /// None where the answer is a file.
    answer: Option<WholeAnswer>,
    upstream: Arc<Upstream>,
    /// What the call cost of the budget.
    pub spent: Spent,
}

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AnswerOrigin {
    /// A request of this call.
    #[default]
    Sent,
    /// The request of another call for the same, which was under way.
    Joined,
    /// An earlier read.
    Kept {
        /// How long ago it was answered.
        age: Duration,
    },
}

/// What a call cost of the budget that all who share the application have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spent {
    /// How long it waited for its turns.
    pub waited: Duration,
    /// What is left of the minute, by limit; empty where nothing is limited.
    pub left: Vec<LimitLeft>,
    /// How often the request was repeated.
    pub repeated: u32,
    /// Where the answer comes from.
    pub origin: AnswerOrigin,
    /// How many changes had been made with the application when the request was sent; none where that was not asked.
    pub(super) changes: Option<u64>,
}

impl Spent {
    /// The cost of two calls, one after the other.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        let repeated = self.repeated.saturating_add(later.repeated);
        let waited = self.waited.saturating_add(later.waited);
        let left = if later.left.is_empty() { self.left } else { later.left };
        // What was partly sent was sent.
        let origin = if later.origin == AnswerOrigin::Sent { later.origin } else { self.origin };
        Self { waited, left, repeated, origin, changes: None }
    }
}

impl Response {
    pub(super) fn of_answer(answer: WholeAnswer, upstream: Arc<Upstream>) -> Self {
        Self { status: answer.status, file: None, answer: Some(answer), upstream, spent: Spent::default() }
    }

    pub(super) fn of_file(status: u16, file: Received, upstream: Arc<Upstream>) -> Self {
        Self { status, file: Some(file), answer: None, upstream, spent: Spent::default() }
    }

    /// An answer as a test has it.
    #[cfg(test)]
    #[must_use]
    pub fn of(status: u16, body: &str) -> Self {
        let credential =
            super::Credential::Token { token: "vp_x".into(), header: super::TokenHeader::Bearer };
        let upstream = Upstream {
            api: Api::Panel,
            base: url::Url::parse("http://127.0.0.1:1/").unwrap(),
            credential,
            timeouts: super::Timeouts::from_silence(std::time::Duration::from_secs(1)),
        };
        Self::of_answer(WholeAnswer::of(status, body), Arc::new(upstream))
    }

    /// The same to be kept for later; `None` where it is a file.
    pub(super) fn kept(&self) -> Option<Self> {
        let answer = self.answer.as_ref()?.kept();
        Some(Self::of_answer(answer, Arc::clone(&self.upstream)))
    }

    /// The body as it came; `None` where it is a file.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.answer.as_ref().map(|answer| &*answer.body)
    }

    /// Puts a body right that cannot be read as it came, and says where; `None` where there is nothing to put right, or it
    /// is no JSON then either.
    pub fn mend(&mut self) -> Option<MendedPlaces> {
        self.answer.as_mut()?.mend()
    }

    /// The body as JSON, as it came; `None` where the upstream answered without content.
    ///
    /// # Errors
    /// It is not what a success of this operation has: no JSON, nothing where data is due, or the Panel's `ok` that is not
    /// `true`.
    pub fn json(&self, operation: &'static Operation) -> Result<Option<&RawValue>, Cause> {
        let Some(answer) = &self.answer else { return Ok(None) };
        let name = || host(&self.upstream.base);
        let body = answer.json(name).map_err(|cause| unshown(operation, cause))?;
        if operation.api == Api::Panel
            && let Some(body) = body
        {
            self.carried_out(operation, answer, body)?;
        }
        // Vanta answers some changes without content; the Panel says at least that all is well, and says it in JSON.
        let content_is_due = operation.effect == Effect::Read || operation.api == Api::Panel;
        if content_is_due && body.is_none_or(|body| body.get() == "null") {
            return Err(Cause::Empty { upstream: name(), status: answer.status });
        }
        Ok(body)
    }

    /// The Panel says with `ok` whether it did what was asked, whatever the status: `true` says that it did, `false` that it
    /// did not, and anything else says neither. A read has changed nothing in any case, so an error alone will do for one.
    fn carried_out(
        &self,
        operation: &'static Operation,
        answer: &WholeAnswer,
        body: &RawValue,
    ) -> Result<(), Cause> {
        let says = PanelSays::of(body);
        match says.ok.map(RawValue::get) {
            Some("true") => Ok(()),
            Some("false") => Err(refusal(operation, answer, &self.upstream)),
            None if operation.effect == Effect::Read && says.error.is_some() => {
                Err(refusal(operation, answer, &self.upstream))
            }
            None if operation.effect == Effect::Read => Ok(()),
            _ => Err(unsaid(answer)),
        }
    }
}

/// The Panel's answer does not say what became of a change.
fn unsaid(answer: &WholeAnswer) -> Cause {
    Cause::Unsaid { status: answer.status, code: answer.mere_code().unwrap_or_default() }
}

/// Whether the Panel did what was asked, as it says.
#[derive(Default, Deserialize)]
struct PanelSays<'b> {
    #[serde(borrow, default, deserialize_with = "said")]
    ok: Option<&'b RawValue>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

/// A null is something said, too.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'b> PanelSays<'b> {
    fn is_yes(&self) -> bool {
        self.ok.is_some_and(|ok| ok.get() == "true")
    }

    /// What is no object, or says something twice, says nothing.
    fn of(body: &'b RawValue) -> Self {
        let is_object = body.get().starts_with('{');
        is_object.then(|| serde_json::from_str(body.get()).ok()).flatten().unwrap_or_default()
    }
}

/// What it means that the upstream did not carry a call out.
pub(super) fn refusal(operation: &'static Operation, answer: &WholeAnswer, from: &Upstream) -> Cause {
    let upstream = host(&from.base);
    let status = answer.status;
    let panel = operation.api == Api::Panel;
    // A status that refuses and an `ok` that does not contradict each other.
    let contradicted =
        || answer.json(String::new).ok().flatten().is_some_and(|body| PanelSays::of(body).is_yes());
    if panel && operation.effect > Effect::Read && contradicted() {
        return unsaid(answer);
    }
    let code = if operation.once.is_empty() { answer.code() } else { answer.mere_code() };
    let code = code.filter(|_| panel);
    let message = quotable(operation, answer);
    match status {
        300..=399 => Cause::Redirected { upstream, status },
        401 if panel => Cause::PanelToken { status, code: code.unwrap_or_else(|| panel_words(&message)) },
        401 => Cause::Unauthorized { upstream, message },
        429 => Cause::TooManyRequests { upstream, message, retry_after: answer.retry_after() },
        _ => match answer.missing_scope().filter(|_| status == 403 || code.is_some()) {
            Some(named) => {
                let usual = from.scope_for(operation).map_or("", Scope::as_str);
                let scope = if named.is_empty() { usual.to_owned() } else { named };
                Cause::InsufficientScope { upstream, status, scope, message }
            }
            None if panel && status < 500 && !answer.is_page() && is_of_token(&message) => {
                let code = answer.mere_code().unwrap_or_else(|| panel_words(&message));
                Cause::PanelToken { status, code }
            }
            None => other(answer, message, upstream),
        },
    }
}

/// Whether the Panel says that it is the token that it does not accept, whatever its status: one that a proxy stripped of
/// its header was seen to say so with 200.
fn is_of_token(message: &str) -> bool {
    let words: String = message.to_ascii_lowercase().replace(['_', '-'], " ");
    let is_refused =
        ["missing", "invalid", "no ", "unknown", "expired", "revoked", "required", "wrong", "bad "];
    let is_meant = ["token", "api key", "authorization", "authentication"];
    let says = |all: &[&str]| all.iter().any(|word| words.contains(word));
    says(&["unauthorized", "unauthorised", "unauthenticated", "not authenticated"])
        || (says(&is_meant) && says(&is_refused))
}

/// What a refusal of the Panel says that has no code: its own words are quoted.
fn panel_words(message: &str) -> String {
    if message.is_empty() { "401".to_owned() } else { format!("\"{message}\"") }
}

fn other(answer: &WholeAnswer, message: String, upstream: String) -> Cause {
    let status = answer.status;
    if answer.is_page() {
        return Cause::NotJson { upstream, status, words: message, retry_after: answer.retry_after() };
    }
    let reason = reqwest::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("");
    Cause::Refused { upstream, status, reason, message, retry_after: answer.retry_after() }
}

/// In place of what may hold a password that was just made.
const UNSHOWN: &str = "not shown, because it may contain a password";

/// What an answer says went wrong, as far as it may be quoted: where it may hold a password that was just made, the code
/// alone, whatever else it holds.
fn quotable(operation: &Operation, answer: &WholeAnswer) -> String {
    if operation.once.is_empty() || answer.body.is_empty() {
        return answer.message();
    }
    answer.mere_code().unwrap_or_else(|| UNSHOWN.to_owned())
}

/// The same for an answer that is no JSON.
fn unshown(operation: &Operation, mut cause: Cause) -> Cause {
    if let Cause::NotJson { words, .. } = &mut cause
        && !operation.once.is_empty()
    {
        UNSHOWN.clone_into(words);
    }
    cause
}
