//! A value as it was set: what it says, and the error where it does not.

use super::error::ConfigError;
use super::source::Source;
use super::table::ValueKind;

/// A value with its origin.
pub(super) struct SourcedValue {
    pub(super) value: String,
    pub(super) source: Source,
    pub(super) kind: ValueKind,
}

impl SourcedValue {
    /// The error of a value that is not what it should be.
    pub(super) fn malformed(&self, expected: &'static str) -> ConfigError {
        let shown = (self.kind != ValueKind::Secret).then(|| self.value.chars().take(80).collect());
        ConfigError::Malformed { origin: self.source.clone(), expected, shown }
    }

    /// A whole number within these bounds.
    pub(super) fn number(&self, least: u32, most: u32, expected: &'static str) -> Result<u32, ConfigError> {
        let number = self.value.trim().parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.malformed(expected))
    }

    /// Names that are separated by commas or spaces.
    pub(super) fn names(&self) -> Names<'_> {
        let separators: fn(char) -> bool = |c| c == ',' || c.is_whitespace();
        let named: fn(&&str) -> bool = |name| !name.is_empty();
        self.value.split(separators).filter(named)
    }
}

/// Names out of one text.
pub(super) type Names<'n> = std::iter::Filter<std::str::Split<'n, fn(char) -> bool>, fn(&&'n str) -> bool>;
