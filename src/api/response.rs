//! Reading an answer: bounded, and JSON only where it is JSON.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio_util::bytes::Bytes;

use super::error::Cause;
use super::hidden::Hidden;
use super::mend::{Mended, MendedPlaces, mend};
use super::patience::{Late, Patience};
use super::room::{AnswerPlace, AnswerRoom, MAX_ANSWER, SMALL};
use super::words::{first_words, innermost};
use crate::catalog::Scope;

/// The longest pause that an upstream can ask for, in seconds: a year, which a clock can be set ahead by.
const LONGEST_RETRY: u64 = 366 * 24 * 3600;

/// The longest code of an error, in bytes.
const LONGEST_CODE: usize = 64;

/// The most that is read of a refusal, of which no more than a few words are quoted, or of a token, in bytes.
const MAX_SHORT: usize = 64 << 10;

/// An answer in one piece. Cloning is cheap.
#[derive(Debug, Clone)]
pub(super) struct WholeAnswer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    hidden: Hidden,
    /// The body as JSON, where it is some, for who looks for what it says went wrong.
    tree: OnceLock<Option<Value>>,
    /// The room that a long body takes, as long as it is there.
    _place: Option<Arc<AnswerPlace>>,
}

/// How much of an answer is read.
pub(super) enum Length<'r> {
    /// Few words.
    Short,
    /// Up to [`MAX_ANSWER`], where there is room for it.
    Long(&'r AnswerRoom),
}

/// Reads the whole answer; of one that is no success as much as may be quoted. `hidden` is left out of whatever is quoted
/// from it.
///
/// # Errors
/// It is longer than it may be, it breaks off, or it does not come in time.
pub(super) async fn read(
    mut response: reqwest::Response,
    upstream: &str,
    hidden: Hidden,
    patience: &Patience,
    length: Length<'_>,
) -> Result<WholeAnswer, Cause> {
    let status = response.status().as_u16();
    let refused = !response.status().is_success();
    let (most, room) = match length {
        Length::Long(room) if !refused => (MAX_ANSWER, Some(room)),
        Length::Long(_) | Length::Short => (MAX_SHORT, None),
    };
    let too_large = || Cause::TooLarge { status, limit: most };
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > most && !refused {
        return Err(too_large());
    }
    let mut place = match room {
        Some(room) if announced > SMALL => {
            let taken = patience.all(room.take(announced)).await;
            taken.map_err(|Late| late(&response, upstream))?
        }
        _ => None,
    };
    let headers = std::mem::take(response.headers_mut());
    let mut body = Vec::with_capacity(announced.min(most));
    while let Some(chunk) = next(&mut response, upstream, patience).await? {
        let left = most - body.len();
        if chunk.len() > left {
            if !refused {
                return Err(too_large());
            }
            body.extend_from_slice(chunk.get(..left).unwrap_or_default());
            // Half of its last word might be half of a secret.
            body.truncate(body.iter().rposition(u8::is_ascii_whitespace).unwrap_or(0));
            break;
        }
        body.extend_from_slice(&chunk);
        // Its length was not announced.
        if place.is_none()
            && body.len() > SMALL
            && let Some(room) = room
        {
            let taken = patience.all(room.take(most)).await;
            place = taken.map_err(|Late| late(&response, upstream))?;
        }
    }
    body.shrink_to_fit();
    if let Some(place) = &mut place {
        place.shrink_to(body.len());
    }
    let place = place.map(Arc::new);
    Ok(WholeAnswer { status, headers, body: body.into(), hidden, tree: OnceLock::new(), _place: place })
}

/// The next piece of an answer that has begun; `None` at its end.
pub(super) async fn next(
    response: &mut reqwest::Response,
    upstream: &str,
    patience: &Patience,
) -> Result<Option<Bytes>, Cause> {
    let detail = match patience.next(response.chunk()).await {
        Ok(Ok(chunk)) => return Ok(chunk),
        Ok(Err(error)) if !error.is_timeout() => innermost(&error),
        Ok(Err(_)) | Err(Late) => return Err(late(response, upstream)),
    };
    let status = Some(response.status().as_u16());
    Err(Cause::Interrupted { upstream: upstream.to_owned(), detail, status })
}

fn late(response: &reqwest::Response, upstream: &str) -> Cause {
    Cause::Stalled { upstream: upstream.to_owned(), status: response.status().as_u16() }
}

/// Whether an answer says that it is a page for people.
pub(super) fn is_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().contains("html")
}

impl WholeAnswer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON, `None` where it is empty. It is found out that it is some, and no tree is made of it.
    pub(super) fn json(&self, upstream: impl FnOnce() -> String) -> Result<Option<&RawValue>, Cause> {
        if self.first_byte().is_none() {
            return Ok(None);
        }
        match serde_json::from_slice(&self.body) {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.says_json() && !self.is_page() => {
                Err(Cause::BrokenJson { status: self.status, detail: error.to_string() })
            }
            Err(_) => Err(Cause::NotJson {
                upstream: upstream(),
                status: self.status,
                words: self.words(&String::from_utf8_lossy(&self.body)),
                retry_after: self.retry_after(),
            }),
        }
    }

    /// Puts strings and numbers right that keep a body from being read, and says where. What is no JSON then either stays as
    /// it is.
    pub(super) fn mend(&mut self) -> Option<MendedPlaces> {
        let begins = matches!(self.first_byte(), Some(b'{' | b'['));
        let Mended { body, places } = mend(&self.body).filter(|_| begins || self.says_json())?;
        serde_json::from_slice::<&RawValue>(&body).ok()?;
        (self.body, self.tree) = (body.into(), OnceLock::new());
        Some(places)
    }

    /// The same to be kept for later: the room for long answers is for those that are on their way.
    pub(super) fn kept(&self) -> Self {
        Self { _place: None, ..self.clone() }
    }

    /// A successful answer as a test has it.
    #[cfg(test)]
    pub(super) fn of(status: u16, body: &str) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::copy_from_slice(body.as_bytes()));
        Self { status, headers, body, hidden: Hidden::default(), tree: OnceLock::new(), _place: None }
    }

    /// The first byte that is no white space.
    fn first_byte(&self) -> Option<u8> {
        self.body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
    }

    /// Whether the answer is a page for people, whatever its type says.
    pub(super) fn is_page(&self) -> bool {
        self.first_byte() == Some(b'<') || is_html(&self.headers)
    }

    /// Whether the answer is meant as JSON: its type says so, or it has none and begins like it.
    fn says_json(&self) -> bool {
        let kind = self.header(CONTENT_TYPE).to_ascii_lowercase();
        if kind.is_empty() {
            return matches!(self.first_byte(), Some(b'{' | b'['));
        }
        kind.contains("json")
    }

    /// The first words of a text of the upstream's. Secrets are taken out before the cut, which might leave half of one.
    fn words(&self, text: &str) -> String {
        let text = self.hidden.over(text);
        if self.is_page() { first_words(&without_tags(&text)) } else { first_words(&text) }
    }

    fn header(&self, name: reqwest::header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// `Retry-After`, in seconds or as a date (RFC 9110 section 10.2.3).
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let text = self.header(RETRY_AFTER).trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX).min(LONGEST_RETRY)));
        }
        let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        let seconds = date.as_second().saturating_sub(jiff::Timestamp::now().as_second());
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0).min(LONGEST_RETRY)))
    }

    fn tree(&self) -> Option<&Value> {
        let read = |body: &[u8]| serde_json::from_slice(body).ok();
        self.tree.get_or_init(|| read(&self.body).or_else(|| read(&mend(&self.body)?.body))).as_ref()
    }

    /// What the upstream says went wrong: its `message` and the like, its code, each entry of `errors`; else its first
    /// words.
    pub(super) fn message(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let Some(value) = self.tree() else { return self.words(&text) };
        let of = |value: &Value| {
            let text = value.as_str().or_else(|| value.get("message")?.as_str());
            text.map(str::to_owned)
        };
        let mut told: Vec<String> = Vec::new();
        let named = ["error", "message", "error_description", "title", "detail"].into_iter();
        let named = named.filter_map(|name| of(value.get(name)?));
        let listed = value.get("errors").and_then(Value::as_array).into_iter().flatten().filter_map(of);
        for text in named.chain(listed) {
            if !told.contains(&text) {
                told.push(text);
            }
        }
        if told.is_empty() { self.words(&text) } else { self.words(&told.join("; ")) }
    }

    /// The code in `error`: the Panel's, and OAuth's.
    pub(super) fn code(&self) -> Option<String> {
        self.tree()?.get("error")?.as_str().map(|code| self.words(code))
    }

    /// The same where it can be nothing but a code: small letters and the marks between them.
    pub(super) fn mere_code(&self) -> Option<String> {
        let is_of_one = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b'.');
        self.code().filter(|code| code.len() <= LONGEST_CODE && code.bytes().all(is_of_one))
    }

    /// The same without what was sent in confidence, as far as it is JSON.
    pub(super) fn masked(mut self) -> Self {
        self.body = self.hidden.over_json(self.body.into()).into();
        self
    }

    /// Whether a code stands anywhere in the body: its place differs from API to API.
    pub(super) fn speaks_of(&self, code: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(code)
    }

    /// The scope that is missing, where the answer says that one is (RFC 6750 section 3.1): an empty text where it
    /// names none that there is. Any other word is no scope, whatever it asks to be granted.
    pub(super) fn missing_scope(&self) -> Option<String> {
        let challenge = self.header(WWW_AUTHENTICATE);
        let told = self.speaks_of("insufficient_scope")
            || challenge.contains("insufficient_scope")
            || speaks_of_a_missing_scope(&self.message().to_ascii_lowercase());
        let named = challenge.split_once("scope=\"").and_then(|(_, rest)| rest.split_once('"'));
        let named = named.map_or("", |(scopes, _)| scopes).split_whitespace();
        let known: Vec<&str> = named.filter_map(|word| word.parse().ok()).map(Scope::as_str).collect();
        told.then(|| known.join(" "))
    }
}

/// Audits and vendors have scopes of another kind, so the word alone is not enough.
fn speaks_of_a_missing_scope(message: &str) -> bool {
    let about =
        ["insufficient", "missing", "requir", "grant", "vanta-api.", "auditor-api.", "connectors.self"];
    message.contains("scope") && about.iter().any(|word| message.contains(word))
}

/// What a person would see of a page.
fn without_tags(page: &str) -> String {
    let mut words = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        rest = skip_tag(tag);
    }
    words.push_str(rest);
    words
}

/// What follows a tag whose `<` has been read; of scripts and styles, what follows the whole element.
fn skip_tag(tag: &str) -> &str {
    for element in ["script", "style"] {
        if tag.get(..element.len()).is_some_and(|name| name.eq_ignore_ascii_case(element)) {
            return tag
                .split_once("</")
                .and_then(|(_, rest)| rest.split_once('>'))
                .map_or("", |(_, rest)| rest);
        }
    }
    tag.split_once('>').map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::api::hidden::Mask;
    use crate::api::words::MAX_WORDS;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> WholeAnswer {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        WholeAnswer {
            status,
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            hidden: Hidden::new(&Arc::new(Mask::new(["secret-value", "a"])), []),
            tree: OnceLock::new(),
            _place: None,
        }
    }

    #[test]
    fn a_page_is_told_in_its_first_words() {
        let page = "<!doctype html><style>p{x:1}</style><script>if (a<b) {}</script><h1>502 Bad\n Gateway</h1> nginx";
        assert_eq!(answer(502, &[], page).message(), "502 Bad Gateway nginx");
        assert_eq!(answer(400, &[], "at most 5 < 6 characters").message(), "at most 5 < 6 characters");
    }

    #[test]
    fn a_secret_is_taken_out_whole_and_a_short_text_is_no_secret() {
        let told =
            |padding: usize| answer(400, &[], &format!("{} a secret-value", "x".repeat(padding))).message();
        assert_eq!(told(1), "x a [redacted]");
        assert!(!told(MAX_WORDS - 8).contains("secret"), "the cut leaves no half of it");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(answer(429, &[("retry-after", "7")], "").retry_after(), Some(Duration::from_secs(7)));
        let past = answer(429, &[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")], "");
        assert_eq!(past.retry_after(), Some(Duration::ZERO));
        for none in ["soon", "", "-5"] {
            assert_eq!(answer(429, &[("retry-after", none)], "").retry_after(), None, "{none}");
        }
        let ever = answer(429, &[("retry-after", "99999999999999999999999")], "");
        assert_eq!(ever.retry_after(), Some(Duration::from_secs(LONGEST_RETRY)));
        assert_eq!(answer(429, &[], "").retry_after(), None);
    }

    #[test]
    fn broken_json_is_told_apart_from_a_page() {
        let cut = answer(200, &[("content-type", "application/json")], "{\"results\":");
        assert!(matches!(cut.json(String::new), Err(Cause::BrokenJson { status: 200, .. })));
        let page = answer(200, &[("content-type", "text/html")], "<h1>Sign in</h1>");
        assert!(matches!(page.json(String::new), Err(Cause::NotJson { words, .. }) if words == "Sign in"));
        assert!(matches!(answer(204, &[], "").json(String::new), Ok(None)));
        assert!(matches!(answer(200, &[], "{}").json(String::new), Ok(Some(_))));
    }

    #[test]
    fn a_missing_scope_is_found_wherever_it_is_said() {
        let challenge = r#"Bearer error="insufficient_scope", scope="vanta-api.all:write""#;
        let named = answer(403, &[("www-authenticate", challenge)], "{}");
        assert_eq!(named.missing_scope().as_deref(), Some("vanta-api.all:write"));
        let challenge = r#"Bearer error="insufficient_scope", scope="root vanta-api.all:read x:y""#;
        let mixed = answer(403, &[("www-authenticate", challenge)], "{}");
        assert_eq!(mixed.missing_scope().as_deref(), Some("vanta-api.all:read"), "no other word is repeated");
        let code = answer(403, &[], r#"{"ok":false,"error":"insufficient_scope"}"#);
        assert_eq!(code.missing_scope().as_deref(), Some(""));
        assert_eq!(answer(403, &[], r#"{"message":"Forbidden"}"#).missing_scope(), None);
    }
}
