//! JSON with a bad string or number in it, put right so that the rest of it can be read.
//!
//! Only what stands for itself is put right, and its place kept: half of a surrogate pair, bytes that are not UTF-8, an
//! escape that is none and a control character within a string, and a number that no float holds. What is wrong with the
//! form stays wrong, since there it is not known what was meant.

/// The most places that are told one by one.
const MOST_TOLD: usize = 5;

/// How deep values may be: much deeper than is read.
const DEPTH: usize = 256;

/// How much longer than it was a body may become, beside a quarter of itself, in bytes: most of it would be wrong.
const SLACK: usize = 64 << 10;

/// The longest name or id that is told, in characters.
const LONGEST: usize = 64;

/// The most of a name or id that is kept, in bytes.
const KEPT: usize = 4 * LONGEST;

/// A body that was put right.
#[derive(Debug)]
pub(super) struct Mended {
    pub(super) body: Vec<u8>,
    pub(super) places: MendedPlaces,
}

/// Where a body was put right.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MendedPlaces {
    /// The first of them.
    pub told: Vec<MendedPlace>,
    /// How many others there are.
    pub others: usize,
}

/// A value, or the name of a member, that was put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MendedPlace {
    /// The way to it from the outermost value.
    pub path: Vec<MendedStep>,
    /// The id of the entry of the outermost list that it is in, where there is one that has an id.
    pub id: Option<String>,
    /// What was wrong.
    pub flaw: Flaw,
}

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MendedStep {
    /// Into a member of an object.
    Member(String),
    /// Into an entry of a list, counted from 0.
    Entry(usize),
}

/// What was wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Half of a surrogate pair, which became U+FFFD.
    Surrogate,
    /// Bytes that are not UTF-8, which became U+FFFD.
    Encoding,
    /// A control character or an escape that is none, which was escaped.
    Escape,
    /// A number that is too large or none, which became a text.
    Number,
}

/// What is open around a place.
enum Enclosing {
    /// A list, and the index of its entry.
    List(usize),
    /// An object, and the text of its member's name as far as it is kept.
    Object(String),
}

struct Mender<'b> {
    rest: &'b [u8],
    out: Vec<u8>,
    most: usize,
    open: Vec<Enclosing>,
    places: MendedPlaces,
    changed: bool,
    /// The id of the entry of the outermost list.
    id: Option<String>,
    /// The first of the places that are in that entry.
    of_entry: usize,
    /// Whether the next string of an object is a name.
    name_due: bool,
}

/// Puts a body right; `None` where there is nothing to put right, or too much.
pub(super) fn mend(body: &[u8]) -> Option<Mended> {
    let rest = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let most = body.len() + body.len() / 4 + SLACK;
    let mut mender = Mender {
        rest,
        // At once, since growing would copy it. What is not written to takes no memory.
        out: Vec::with_capacity(most),
        most,
        open: Vec::new(),
        places: MendedPlaces::default(),
        changed: rest.len() < body.len(),
        id: None,
        of_entry: 0,
        name_due: false,
    };
    while !mender.rest.is_empty() {
        mender.step()?;
        if mender.out.len() > mender.most {
            return None;
        }
    }
    mender.changed.then_some(Mended { body: mender.out, places: mender.places })
}

impl<'b> Mender<'b> {
    /// Takes so many bytes.
    fn take(&mut self, count: usize) -> &'b [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn step(&mut self) -> Option<()> {
        match self.rest.first()? {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => self.bare(),
            _ => self.mark(),
        }
    }

    /// A mark between values, or what does not belong there.
    fn mark(&mut self) -> Option<()> {
        let mark = self.take(1);
        self.out.extend_from_slice(mark);
        match mark {
            b"{" | b"[" if self.open.len() == DEPTH => return None,
            b"{" => self.open.push(Enclosing::Object(String::new())),
            b"[" => {
                if !self.is_in_entry() {
                    self.begin_entry();
                }
                self.open.push(Enclosing::List(0));
            }
            b"}" | b"]" => {
                self.open.pop();
                if !self.is_in_entry() {
                    self.begin_entry();
                }
            }
            b"," => {
                if let Some(Enclosing::List(index)) = self.open.last_mut() {
                    *index += 1;
                    if self.lists() == 1 {
                        self.begin_entry();
                    }
                }
            }
            _ => return Some(()),
        }
        self.name_due = matches!(mark, b"{" | b",") && matches!(self.open.last(), Some(Enclosing::Object(_)));
        Some(())
    }

    fn lists(&self) -> usize {
        self.open.iter().filter(|open| matches!(open, Enclosing::List(_))).count()
    }

    fn is_in_entry(&self) -> bool {
        self.open.iter().any(|open| matches!(open, Enclosing::List(_)))
    }

    /// Another entry of the outermost list begins, or there is no more of it.
    fn begin_entry(&mut self) {
        let id = self.id.take();
        for place in self.places.told.iter_mut().skip(self.of_entry) {
            place.id.clone_from(&id);
        }
        self.of_entry = self.places.told.len();
    }

    /// A number or a word.
    fn bare(&mut self) -> Option<()> {
        let is_of_it = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = self.rest.iter().take_while(|byte| is_of_it(byte)).count();
        let bare = self.take(length);
        let text = std::str::from_utf8(bare).ok()?;
        if is_unreadable(text) {
            self.out.push(b'"');
            self.out.extend_from_slice(bare);
            self.out.push(b'"');
            self.found(Flaw::Number);
        } else {
            self.out.extend_from_slice(bare);
        }
        Some(())
    }

    /// A string with its quotation marks.
    fn string(&mut self) -> Option<()> {
        let begun = self.out.len();
        self.take(1);
        self.out.push(b'"');
        let mut flaw = None;
        loop {
            let is_plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | 0..0x20);
            let plain = self.take(self.rest.iter().take_while(|byte| is_plain(byte)).count());
            for chunk in plain.utf8_chunks() {
                self.out.extend_from_slice(chunk.valid().as_bytes());
                if !chunk.invalid().is_empty() {
                    self.out.extend_from_slice("\u{fffd}".as_bytes());
                    flaw = flaw.or(Some(Flaw::Encoding));
                }
            }
            if self.out.len() > self.most {
                return None;
            }
            match self.rest.first()? {
                b'"' => break,
                b'\\' => flaw = flaw.or(self.escape()),
                control => {
                    self.out.extend_from_slice(format!("\\u{control:04x}").as_bytes());
                    self.take(1);
                    flaw = flaw.or(Some(Flaw::Escape));
                }
            }
        }
        self.take(1);
        self.out.push(b'"');
        self.read(begun);
        if let Some(flaw) = flaw {
            self.found(flaw);
        }
        self.name_due = false;
        Some(())
    }

    /// What begins with a backslash, and what was wrong with it.
    fn escape(&mut self) -> Option<Flaw> {
        let unit = |at: usize| {
            let digits = self.rest.get(at..at + 6)?.strip_prefix(b"\\u")?;
            let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
            u16::from_str_radix(digits, 16).ok()
        };
        let (length, flaw) = match (unit(0), unit(6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (12, None),
            (Some(0xD800..=0xDFFF), _) => (6, Some(Flaw::Surrogate)),
            (Some(_), _) => (6, None),
            (None, _) => match self.rest.get(1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (2, None),
                _ => (1, Some(Flaw::Escape)),
            },
        };
        let escape = self.take(length);
        self.out.extend_from_slice(match flaw {
            None => escape,
            Some(Flaw::Surrogate) => b"\\ufffd",
            Some(_) => b"\\\\",
        });
        flaw
    }

    /// Keeps a string that was read where it is a name or an id.
    fn read(&mut self, begun: usize) {
        let depth = self.open.len();
        let outermost = self.open.iter().position(|open| matches!(open, Enclosing::List(_)));
        let is_of_entry = outermost.is_some_and(|list| depth == list + 2);
        let text = || {
            let written = self.out.get(begun..)?;
            let kept = (written.len() <= KEPT).then(|| serde_json::from_slice::<String>(written).ok());
            kept.flatten()
        };
        match self.open.last() {
            Some(Enclosing::Object(_)) if self.name_due => {
                let text = text().unwrap_or_else(|| "…".to_owned());
                if let Some(Enclosing::Object(name)) = self.open.last_mut() {
                    *name = text;
                }
            }
            Some(Enclosing::Object(name))
                if is_of_entry && (name == "id" || (name == "user" && self.id.is_none())) =>
            {
                self.id = text();
            }
            _ => {}
        }
    }

    fn found(&mut self, flaw: Flaw) {
        self.changed = true;
        if self.places.told.len() == MOST_TOLD {
            self.places.others += 1;
            return;
        }
        let step = |open: &Enclosing| match open {
            Enclosing::List(index) => MendedStep::Entry(*index),
            Enclosing::Object(name) => MendedStep::Member(legible(name)),
        };
        let path = self.open.iter().map(step).collect();
        self.places.told.push(MendedPlace { path, id: None, flaw });
    }
}

impl MendedPlace {
    /// The id as it may be told.
    #[must_use]
    pub fn shown_id(&self) -> Option<String> {
        self.id.as_deref().map(legible)
    }
}

/// A name of the upstream's as it may stand between backticks.
fn legible(name: &str) -> String {
    let plain = name.chars().filter(|letter| !letter.is_control() && *letter != '`');
    plain.take(LONGEST).collect()
}

/// Whether a number is too large for a float, or one of those that JSON does not have.
fn is_unreadable(bare: &str) -> bool {
    match bare.strip_prefix('-').unwrap_or(bare) {
        "NaN" | "Infinity" => true,
        digits if digits.starts_with(|first: char| first.is_ascii_digit()) => {
            digits.parse::<f64>().is_ok_and(f64::is_infinite)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(body: &[u8]) -> (Value, Vec<(String, Option<String>, Flaw)>) {
        let Mended { body, places } = mend(body).unwrap();
        let path = |place: &MendedPlace| {
            let step = |step: &MendedStep| match step {
                MendedStep::Member(name) => format!(".{name}"),
                MendedStep::Entry(index) => format!("[{index}]"),
            };
            place.path.iter().map(step).collect()
        };
        let told = places.told.iter().map(|place| (path(place), place.id.clone(), place.flaw));
        (serde_json::from_slice(&body).unwrap(), told.collect())
    }

    #[test]
    fn a_bad_string_or_number_is_put_right_in_its_place() {
        for (bad, good, flaw) in [
            (&br#""a\ud800b""#[..], json!("a\u{fffd}b"), Flaw::Surrogate),
            (br#""\udc00\ud800\ud83d\ude00""#, json!("\u{fffd}\u{fffd}\u{1f600}"), Flaw::Surrogate),
            (b"\"caf\xe9\"", json!("caf\u{fffd}"), Flaw::Encoding),
            (b"\"a\nb\0\"", json!("a\nb\0"), Flaw::Escape),
            (br#""C:\path\u12g4""#, json!("C:\\path\\u12g4"), Flaw::Escape),
            (b"1e999", json!("1e999"), Flaw::Number),
            (b"-1e400", json!("-1e400"), Flaw::Number),
            (b"NaN", json!("NaN"), Flaw::Number),
            (b"-Infinity", json!("-Infinity"), Flaw::Number),
        ] {
            let body = [
                br#"{"results":{"data":[{"id":"v1","x":1.5e3},{"x":{"y":[true,"#,
                bad,
                br#"]},"id":"v2"}]},"z":null}"#,
            ]
            .concat();
            let at = ".results.data[1].x.y[1]".to_owned();
            let whole = json!({"results": {"data": [{"id": "v1", "x": 1500.0}, {"x": {"y": [true, good]}, "id": "v2"}]}, "z": null});
            assert_eq!(told(&body), (whole, vec![(at, Some("v2".to_owned()), flaw)]));
        }
    }

    #[test]
    fn a_name_is_put_right_too_and_an_object_alone_has_no_entry() {
        let (value, places) = told(br#"{"a\ud800": {"b": "\udfff"}, "id": "x"}"#);
        assert_eq!(value, json!({"a\u{fffd}": {"b": "\u{fffd}"}, "id": "x"}));
        let at = |path: &str| (path.to_owned(), None, Flaw::Surrogate);
        assert_eq!(places, [at(".a\u{fffd}"), at(".a\u{fffd}.b")]);
    }

    #[test]
    fn what_is_whole_or_wrong_in_its_form_is_left() {
        let whole = br#" {"a": [1, -0.5e-9, "\u00e9\ud83d\ude00 \"\\\/", true, null, {}], "": ""} "#;
        assert!(mend(whole).is_none());
        assert!(mend(br#"{"a": "\ud800"#).is_none(), "cut");
        assert!(mend(b"[\"\xff\"]").is_some());
        assert!(mend(&[b"[".repeat(DEPTH + 1), b"NaN".to_vec()].concat()).is_none(), "deep");
        assert!(
            mend(&[b"\"".to_vec(), vec![1; 1 << 20], b"\"".to_vec()].concat()).is_none(),
            "most of it is wrong"
        );
        assert_eq!(mend(b"\xEF\xBB\xBF{}").unwrap().body, b"{}");
    }

    #[test]
    fn few_places_are_told_and_the_others_counted() {
        let places =
            mend(br#"["\ud800","\ud800","\ud800","\ud800","\ud800","\ud800","\ud800"]"#).unwrap().places;
        assert_eq!((places.told.len(), places.others), (MOST_TOLD, 2));
    }
}
