//! A value as it was set: what it says, and the error where it does not.

use std::iter::{Filter, Map};
use std::path::PathBuf;
use std::str::Split;
use std::{fs, io};

use super::error::ConfigError;
use super::likeness::Likeness;
use super::pasted;
use super::placeholder::Placeholder;
use super::source::Source;
use super::table::ValueKind;
use crate::files::Home;

/// The longest word that is shown, in bytes.
const LONGEST_WORD: usize = 32;

/// A value with its origin.
#[derive(Clone)]
pub(super) struct SourcedValue {
    pub(super) value: String,
    pub(super) source: Source,
    pub(super) kind: ValueKind,
}

impl SourcedValue {
    /// The error of a value that is not what it should be. The value is shown where it should be a word out of a few or a
    /// number, and is like one: anything else may be a secret in the wrong place.
    pub(super) fn malformed(&self, expected: &'static str) -> ConfigError {
        let seems = Likeness::of(&self.value);
        let is_word = matches!(self.kind, ValueKind::Word | ValueKind::Number | ValueKind::Switch);
        let is_like_one = self.value.len() <= LONGEST_WORD && !self.value.contains(char::is_control);
        let shown = (is_word && is_like_one && seems.is_none()).then(|| self.value.clone());
        ConfigError::Malformed { origin: self.source.clone(), expected, shown, seems }
    }

    /// The path of a file. A value that is no path is known by its looks, unless there is a file of that name.
    pub(super) fn path(&self, home: &Home) -> Result<PathBuf, ConfigError> {
        let path = self.expanded(home)?;
        let Err(cause) = fs::metadata(&path) else { return Ok(path) };
        self.filled_in()?;
        if Likeness::of(&self.value).is_some() { Err(self.unreadable(cause)) } else { Ok(path) }
    }

    /// That no placeholder stands in the path, which leads nowhere.
    pub(super) fn filled_in(&self) -> Result<(), ConfigError> {
        match Placeholder::of_path(&self.value) {
            Some(placeholder) => Err(ConfigError::Unfilled { origin: self.source.clone(), placeholder }),
            None => Ok(()),
        }
    }

    /// The path that the value means, whatever it looks like.
    pub(super) fn expanded(&self, home: &Home) -> Result<PathBuf, ConfigError> {
        let unfit = |cause| ConfigError::Path { origin: self.source.clone(), cause };
        home.path(&self.value).map_err(unfit)
    }

    /// The error of a file that cannot be read.
    pub(super) fn unreadable(&self, cause: io::Error) -> ConfigError {
        if cause.kind() == io::ErrorKind::InvalidData {
            return ConfigError::Content {
                origin: self.source.clone(),
                problem: format!("cannot be read: {cause}"),
            };
        }
        ConfigError::File { origin: self.source.clone(), cause, seems: Likeness::of(&self.value) }
    }

    /// A whole number within these bounds.
    pub(super) fn number(&self, least: u32, most: u32, expected: &'static str) -> Result<u32, ConfigError> {
        let number = self.value.trim().parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.malformed(expected))
    }

    /// Texts that are separated by commas, and may have spaces in them.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        // Each may have quotation marks of its own.
        self.value.split(',').map(pasted::plain).filter(|text| !text.is_empty())
    }

    /// Names that are separated by commas or spaces.
    pub(super) fn names(&self) -> Names<'_> {
        let separators: fn(char) -> bool = |c| c == ',' || c.is_whitespace();
        let named: fn(&&str) -> bool = |name| !name.is_empty();
        // Each may have quotation marks of its own.
        let plain: fn(&str) -> &str = pasted::plain;
        self.value.split(separators).map(plain).filter(named)
    }
}

/// Names out of one text.
pub(super) type Names<'n> =
    Filter<Map<Split<'n, fn(char) -> bool>, fn(&'n str) -> &'n str>, fn(&&'n str) -> bool>;
