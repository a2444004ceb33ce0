//! What was sent in confidence, kept out of whatever is told of an answer: an upstream, or a proxy before it, may repeat
//! it, as it is or encoded.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// What stands in a secret's place.
pub const REDACTED: &str = "[redacted]";

/// The shortest text that is taken for a secret, in bytes: a shorter one would blot out innocent words.
const SHORTEST: usize = 6;

/// The most of a form that is looked for, in bytes. Of what goes on after it nothing is told.
const LOOKED_FOR: usize = 256;

/// The longest body that is taken apart to be masked, in bytes.
const MASKED_AS_TREE: usize = 64 << 10;

/// Of more secrets than this no encoded form is looked for: no call has so many, and each costs memory.
const MANY: usize = 64;

/// What RFC 3986 and browsers encode, which differ in a few marks; others encode all marks.
const RFC3986: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const BROWSERS: &AsciiSet = &RFC3986.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');

/// How much is left out where a form is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blot {
    /// The form.
    Itself,
    /// All of the base64 that it stands in, whose edges hold a part of it.
    Run,
    /// All that follows, since the form is longer than what is looked for.
    Rest,
}

/// Secrets in every form that they are looked for in, all at once.
pub(super) struct Mask {
    /// None where nothing is secret.
    forms: Option<AhoCorasick>,
    /// For each form.
    blots: Vec<Blot>,
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mask").finish_non_exhaustive()
    }
}

impl Mask {
    /// The mask of these secrets.
    pub(super) fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let secrets: Vec<&str> = secrets.into_iter().filter(|secret| secret.len() >= SHORTEST).collect();
        let mut forms: Vec<(String, Blot)> = Vec::new();
        for secret in &secrets {
            written(secret, Blot::Itself, &mut forms);
            if secrets.len() <= MANY {
                encoded(secret, &mut forms);
            }
        }
        forms.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        forms.dedup_by(|one, other| one.0 == other.0);
        // The automaton of bytes and numbers takes little memory, whatever the length of a token.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(forms.iter().map(|(form, _)| form));
        let blots = forms.into_iter().map(|(_, blot)| blot).collect();
        // Building fails with more than two thousand million states alone, and a call's arguments are bounded.
        Self { forms: automaton.ok().filter(|automaton| automaton.patterns_len() > 0), blots }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.as_ref().is_some_and(|forms| forms.is_match(bytes))
    }

    /// The text without what must not be told.
    fn over<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(forms) = self.forms.as_ref().filter(|forms| forms.is_match(text)) else {
            return Cow::Borrowed(text);
        };
        let (mut masked, mut done) = (String::with_capacity(text.len()), 0);
        for found in forms.find_iter(text) {
            if found.end() <= done {
                continue;
            }
            let blot = self.blots.get(found.pattern().as_usize()).copied().unwrap_or(Blot::Rest);
            let (begin, end) = match blot {
                Blot::Itself => (found.start().max(done), found.end()),
                Blot::Run => run(text, done, found.range()),
                Blot::Rest => (found.start().max(done), text.len()),
            };
            masked.push_str(text.get(done..begin).unwrap_or_default());
            masked.push_str(REDACTED);
            done = end;
        }
        masked.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(masked)
    }
}

/// The run of base64 around what was found, from `least` on.
fn run(text: &str, least: usize, found: std::ops::Range<usize>) -> (usize, usize) {
    let is_of_it = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    let before = text.as_bytes().get(least..found.start).unwrap_or_default();
    let after = text.as_bytes().get(found.end..).unwrap_or_default();
    let before = before.iter().rev().take_while(|byte| is_of_it(byte)).count();
    let after = after.iter().take_while(|byte| is_of_it(byte)).count();
    (found.start.max(least) - before, found.end + after)
}

/// A text as it may stand in an answer: as it is, in JSON and JSON within JSON, as PHP writes JSON, in a page.
fn written(text: &str, blot: Blot, forms: &mut Vec<(String, Blot)>) {
    let (once, php) = (json(text), php(text));
    let ampersands = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quoted = ampersands.replace('"', "&quot;");
    let pages = [quoted.replace('\'', "&#39;"), quoted.replace('\'', "&#039;"), quoted, ampersands];
    for form in [text.to_owned(), json(&once), json(&php), once, php].into_iter().chain(pages) {
        forms.push(cut(form, blot));
    }
}

fn encoded(secret: &str, forms: &mut Vec<(String, Blot)>) {
    for set in [NON_ALPHANUMERIC, RFC3986, BROWSERS] {
        let upper = utf8_percent_encode(secret, set).to_string();
        let lower = lower_digits(&upper);
        for form in [upper.replace("%20", "+"), lower.replace("%20", "+"), upper, lower] {
            written(&form, Blot::Itself, forms);
        }
    }
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        for shift in 0..3 {
            // Within a longer text it begins at one of three places in a group; what is the same whatever stands around
            // it are the letters made of its own bits alone.
            let mut bytes = vec![0; shift];
            bytes.extend_from_slice(secret.as_bytes());
            let (first, end) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
            let text = engine.encode(&bytes);
            written(text.get(first..end).unwrap_or_default(), Blot::Run, forms);
        }
    }
}

/// No more of a form than is looked for.
fn cut(form: String, blot: Blot) -> (String, Blot) {
    if form.len() <= LOOKED_FOR {
        return (form, blot);
    }
    let end = (0..=LOOKED_FOR).rev().find(|end| form.is_char_boundary(*end)).unwrap_or(0);
    (form.get(..end).unwrap_or_default().to_owned(), Blot::Rest)
}

fn json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&quoted).to_owned()
}

/// JSON with slashes and all that is not ASCII escaped.
fn php(text: &str) -> String {
    let mut php = String::with_capacity(text.len());
    for letter in json(text).chars() {
        if letter == '/' {
            php.push_str("\\/");
        } else if letter.is_ascii() {
            php.push(letter);
        } else {
            php.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    php
}

/// Percent-encoding with small digits.
fn lower_digits(text: &str) -> String {
    let mut digits = 0_u8;
    let lower = |letter: char| {
        let is_digit = digits > 0;
        digits = if letter == '%' { 2 } else { digits.saturating_sub(1) };
        if is_digit { letter.to_ascii_lowercase() } else { letter }
    };
    text.chars().map(lower).collect()
}

/// All that one exchange keeps to itself. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub(super) struct Hidden {
    /// Our own credentials, which every call has.
    own: Option<Arc<Mask>>,
    /// What the caller sent in confidence.
    sent: Option<Arc<Mask>>,
}

impl Hidden {
    /// Of an exchange that goes out with the credentials of a mask, and brings the caller's own secrets along.
    pub(super) fn new<'s>(own: &Arc<Mask>, sent: impl IntoIterator<Item = &'s str>) -> Self {
        let mut sent = sent.into_iter().peekable();
        let sent = sent.peek().is_some().then(|| Arc::new(Mask::new(sent)));
        Self { own: Some(Arc::clone(own)), sent }
    }

    fn masks(&self) -> impl Iterator<Item = &Mask> {
        [&self.own, &self.sent].into_iter().filter_map(Option::as_deref)
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.masks().any(|mask| mask.is_in(bytes))
    }

    /// A text without what must not be told.
    pub(super) fn over<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.masks().fold(Cow::Borrowed(text), |text, mask| match text {
            Cow::Borrowed(text) => mask.over(text),
            Cow::Owned(text) => Cow::Owned(mask.over(&text).into_owned()),
        })
    }

    /// A body without it, where the body is JSON: anything else is no answer, and told by way of [`Hidden::over`].
    pub(super) fn over_json(&self, body: Vec<u8>) -> Vec<u8> {
        if !self.is_in(&body) {
            return body;
        }
        // A tree of something long, or of what is deeper than a tree may be, costs more than it is worth: as a text it keeps
        // its form too, but where a secret stands as a number or goes on beyond what is looked for.
        let tree = (body.len() <= MASKED_AS_TREE).then(|| serde_json::from_slice(&body).ok());
        match tree.flatten() {
            Some(value) => serde_json::to_vec(&self.over_value(value)).unwrap_or_default(),
            None => self.over(&String::from_utf8_lossy(&body)).into_owned().into_bytes(),
        }
    }

    /// The content of a file without it, where it is text.
    pub(super) fn over_text(&self, content: &mut Vec<u8>) {
        if self.is_in(content)
            && let Ok(text) = str::from_utf8(content)
        {
            *content = self.over(text).into_owned().into_bytes();
        }
    }

    fn over_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.over(&text).into_owned()),
            Value::Number(number) if self.over(&number.to_string()) == REDACTED => Value::from(REDACTED),
            Value::Array(all) => Value::Array(all.into_iter().map(|one| self.over_value(one)).collect()),
            Value::Object(members) => {
                let members = members
                    .into_iter()
                    .map(|(name, one)| (self.over(&name).into_owned(), self.over_value(one)));
                Value::Object(members.collect::<Map<_, _>>())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECRET: &str = "hunter2/\u{e9}&+ \"x\"";

    fn hidden(secrets: &[&'static str]) -> Hidden {
        Hidden::new(&Arc::new(Mask::new(["own-credential", "a"])), secrets.iter().copied())
    }

    #[test]
    fn a_secret_is_found_as_it_is_and_however_it_is_encoded() {
        let hidden = hidden(&[SECRET]);
        for text in [SECRET.to_owned(), "own-credential".to_owned()] {
            let base64 = |text: &str| [STANDARD_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode(text)];
            let percent =
                [NON_ALPHANUMERIC, RFC3986, BROWSERS].map(|set| utf8_percent_encode(&text, set).to_string());
            let mut forms = vec![text.clone(), json(&text), json(&json(&text)), php(&text)];
            forms.extend(percent.iter().map(|form| lower_digits(form)));
            forms.extend(percent.iter().map(|form| form.replace("%20", "+")));
            forms.extend(percent);
            for before in ["", "u", "us", "user:"] {
                forms.extend(base64(&format!("{before}{text}")));
                forms.extend(base64(&format!("{before}{text}:realm")));
            }
            for form in forms {
                let told = hidden.over(&format!("x {form} y {form}")).into_owned();
                assert_eq!(told, "x [redacted] y [redacted]", "{form}");
            }
        }
        assert_eq!(hidden.over("a word, hunter, credential"), "a word, hunter, credential");
    }

    #[test]
    fn of_a_long_secret_nothing_is_told_after_its_beginning() {
        let long: &'static str = Box::leak("0123456789abcdef".repeat(4000).into_boxed_str());
        assert_eq!(hidden(&[long]).over(&format!("x {long} y")), "x [redacted]");
        let sent = Hidden::new(&Arc::new(Mask::new([])), (0..1000).map(|_| "one-of-many"));
        assert_eq!(sent.over("one-of-many"), REDACTED);
    }

    #[test]
    fn a_body_keeps_its_form_and_loses_its_secrets() {
        let hidden = hidden(&["123456", SECRET]);
        let body = json!({"password": SECRET, "pin": 123_456, "n": 1_234_567, "own-credential": [{"a": "own-credential!"}]});
        for written in [body.to_string(), body.to_string().replace('/', "\\/").replace('\u{e9}', "\\u00e9")] {
            let masked: Value = serde_json::from_slice(&hidden.over_json(written.into_bytes())).unwrap();
            let expected = json!({
                "password": REDACTED, "pin": REDACTED, "n": 1_234_567, REDACTED: [{"a": "[redacted]!"}]
            });
            assert_eq!(masked, expected);
        }
        let long = json!({"password": SECRET, "x": "x".repeat(MASKED_AS_TREE)}).to_string();
        let masked: Value = serde_json::from_slice(&hidden.over_json(long.into_bytes())).unwrap();
        assert_eq!(masked["password"], REDACTED);
        let deep = format!(r#"{{"a": {}{}, "b": "own-credential"}}"#, "[".repeat(200), "]".repeat(200));
        let masked = String::from_utf8(hidden.over_json(deep.into_bytes())).unwrap();
        assert!(masked.ends_with(r#"]]], "b": "[redacted]"}"#), "{masked}");
        let innocent = b"{ \"kept\" : \"as it is\" }".to_vec();
        assert_eq!(hidden.over_json(innocent.clone()), innocent);
    }
}
