//! Values as JSON: what jaq has beyond it becomes what jq makes of it.

use std::fmt;
use std::io::{self, Write};

use jaq_json::{Num, Val};

use super::error::ProgramError;

/// The most bytes that all outputs may have together.
pub const MOST: usize = 20 << 20;

/// How deep an output may be nested, so that whoever reads it has no trouble.
const DEPTH: usize = 100;

/// From here on a whole number is not written with all its digits.
const WRITTEN_OUT: f64 = 1e17;

/// How much of a message is kept of its beginning and of its end, in bytes.
const HEAD: usize = 200;
const TAIL: usize = 100;

/// What becomes of a character that was cut in two.
const BROKEN: char = '\u{fffd}';

/// Where the outputs go, a line each.
pub struct Outputs<W: Write> {
    to: W,
    left: usize,
}

impl<W: Write> Outputs<W> {
    /// With room for as much as there may be.
    pub fn new(to: W) -> Self {
        Self { to, left: MOST }
    }

    /// Writes one.
    pub fn output(&mut self, value: &Val) -> Result<(), ProgramError> {
        self.value(value, 0)?;
        self.bytes(b"\n")
    }

    /// Writes how it ended, whatever room is left, and all that is not yet written.
    pub fn end(mut self, ending: &str) -> io::Result<()> {
        self.to.write_all(ending.as_bytes())?;
        self.to.flush()
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), ProgramError> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(ProgramError::TooMuchOutput)?;
        self.to.write_all(bytes).map_err(|error| ProgramError::Ended { how: error.to_string() })
    }

    fn value(&mut self, value: &Val, depth: usize) -> Result<(), ProgramError> {
        if depth > DEPTH {
            return Err(ProgramError::TooDeep);
        }
        match value {
            Val::Null => self.bytes(b"null"),
            Val::Bool(true) => self.bytes(b"true"),
            Val::Bool(false) => self.bytes(b"false"),
            Val::Num(number) => self.bytes(written(number).as_bytes()),
            Val::TStr(text) | Val::BStr(text) => self.text(text),
            Val::Arr(values) => {
                self.bytes(b"[")?;
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        self.bytes(b",")?;
                    }
                    self.value(value, depth + 1)?;
                }
                self.bytes(b"]")
            }
            Val::Obj(members) => {
                self.bytes(b"{")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    if index > 0 {
                        self.bytes(b",")?;
                    }
                    let Val::TStr(name) = key else {
                        return Err(ProgramError::Key { key: Extract::of(key).text() });
                    };
                    self.text(name)?;
                    self.bytes(b":")?;
                    self.value(value, depth + 1)?;
                }
                self.bytes(b"}")
            }
        }
    }

    fn text(&mut self, bytes: &[u8]) -> Result<(), ProgramError> {
        // A quote on either side at least; nothing is made of a text that has no room anyhow.
        if bytes.len() + 2 > self.left {
            return Err(ProgramError::TooMuchOutput);
        }
        let text = String::from_utf8_lossy(bytes);
        let quoted = serde_json::to_vec(&text).unwrap_or_default();
        self.bytes(&quoted)
    }
}

/// A number as jq writes it: without `.0`, and what JSON has no number for as the nearest that it has.
fn written(number: &Num) -> String {
    match number {
        Num::Float(float) if float.is_nan() => "null".to_owned(),
        Num::Float(float) if float.is_infinite() => format!("{:e}", f64::MAX.copysign(*float)),
        Num::Float(float) if float.fract() == 0.0 && float.abs() < WRITTEN_OUT => format!("{float:.0}"),
        // Digits as they came: 64 bits would not hold them all.
        Num::Dec(digits) => digits.strip_prefix('+').unwrap_or(digits).to_owned(),
        number => number.to_string(),
    }
}

/// The beginning and the end of a text that may be very long.
#[derive(Default)]
pub struct Extract {
    head: Vec<u8>,
    tail: Vec<u8>,
    /// Of the whole text, in bytes.
    length: usize,
}

impl Extract {
    /// Of what is displayed, which is never held in full.
    pub fn of(shown: &impl fmt::Display) -> Self {
        let mut extract = Self::default();
        // Writing to it does not fail.
        let _ = fmt::write(&mut extract, format_args!("{shown}"));
        extract
    }

    /// Of the beginning of what is displayed: the rest is not even made.
    pub fn beginning(shown: &impl fmt::Display) -> Self {
        let mut beginning = HeadOnly(Self::default());
        // Fails when there is enough.
        let _ = fmt::write(&mut beginning, format_args!("{shown}"));
        beginning.0
    }

    /// Both parts, with `…` for what is left out between them.
    pub fn text(&self) -> String {
        let kept = self.tail.get(self.tail.len().saturating_sub(TAIL)..).unwrap_or_default();
        if self.length <= HEAD + TAIL {
            return String::from_utf8_lossy(&[&self.head, kept].concat()).into_owned();
        }
        let (head, tail) = (String::from_utf8_lossy(&self.head), String::from_utf8_lossy(kept));
        format!("{} … {}", head.trim_end_matches(BROKEN), tail.trim_start_matches(BROKEN))
    }

    /// Whether the other's beginning stands in this text from `at` on.
    pub fn is_continued_by(&self, other: &Self, at: usize) -> bool {
        let rest = self.head.get(at..).unwrap_or_default();
        let common = rest.len().min(other.head.len());
        common > 0 && rest.get(..common) == other.head.get(..common)
    }
}

impl fmt::Write for Extract {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.length += text.len();
        let room = HEAD.saturating_sub(self.head.len());
        let (head, rest) = text.as_bytes().split_at(text.len().min(room));
        self.head.extend_from_slice(head);
        let rest = rest.get(rest.len().saturating_sub(TAIL)..).unwrap_or_default();
        if self.tail.len() + rest.len() > 8 * TAIL {
            self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        }
        self.tail.extend_from_slice(rest);
        Ok(())
    }
}

/// Takes no more than a head.
struct HeadOnly(Extract);

impl fmt::Write for HeadOnly {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        fmt::Write::write_str(&mut self.0, text)?;
        if self.0.head.len() < HEAD { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests;
