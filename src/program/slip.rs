//! What was probably meant where a program is wrong: a word on it, for those mistakes that are made often.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A mistake in the text of a program that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Slip {
    /// A text in single quotes.
    SingleQuotes,
    /// `&&`
    DoubleAmpersand,
    /// `||`
    DoubleBar,
    /// `!`
    ExclamationMark,
    /// `===`
    TripleEquals,
    /// None of them.
    Unnamed,
}

impl Slip {
    /// By what stands where something else was expected.
    pub fn of(found: &str) -> Self {
        let begins = |with: &str| found.starts_with(with);
        match found {
            _ if begins("'") => Self::SingleQuotes,
            _ if begins("&&") => Self::DoubleAmpersand,
            _ if begins("||") => Self::DoubleBar,
            _ if begins("===") || begins("!==") => Self::TripleEquals,
            _ if begins("!") && !begins("!=") => Self::ExclamationMark,
            _ => Self::Unnamed,
        }
    }
}

impl fmt::Display for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SingleQuotes => "Write texts in double quotes: \"…\", not '…'.",
            Self::DoubleAmpersand => "Write `and`, not `&&`.",
            Self::DoubleBar => "Write `or`, not `||`.",
            Self::ExclamationMark => "Write `(… | not)`, not `!…`.",
            Self::TripleEquals => "Write `==` or `!=`.",
            Self::Unnamed => {
                "Correct the program there and call again; check that every bracket and quote is closed."
            }
        })
    }
}

/// What to try where a program failed that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Remedy {
    /// The list itself was asked for a member, like an answer of the API that has the items inside.
    ListAsObject,
    /// Some other array was asked for a member.
    ArrayAsObject,
    /// Something that is not there was gone through.
    NullAsList,
    /// Something that is not there was computed with.
    NullAsText,
    /// A day was read as a moment.
    DayAsMoment,
    /// The program said so itself, or nobody knows.
    Unknown,
}

impl Remedy {
    /// By jq's message, and whether what it begins with is the list itself.
    pub fn of(message: &str, is_of_the_list: bool) -> Self {
        let begins = |with: &str| message.starts_with(with);
        match message {
            _ if begins("cannot index [") && message.ends_with('"') && is_of_the_list => Self::ListAsObject,
            _ if begins("cannot index [") && message.ends_with('"') => Self::ArrayAsObject,
            _ if begins("cannot use null as iterable") => Self::NullAsList,
            _ if begins("cannot use null as") => Self::NullAsText,
            _ if message.contains("parsing a timestamp") => Self::DayAsMoment,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ListAsObject => {
                "The input is the array of items itself, not an object that contains it: begin with `.[] | …`, \
                 `map(…)` or `sort_by(…)`, without `.items` or `.results.data`."
            }
            Self::ArrayAsObject => "Go through an array with `[]` first: `.a[] | .b` or `.a[].b`.",
            Self::NullAsList => "Some items do not have this member: write `.a[]?` or `(.a // [])[]`.",
            Self::NullAsText => "Some items do not have this member: write `(.a // \"\")` or `select(.a != null)`.",
            Self::DayAsMoment => {
                "`fromdate` takes a date with a time and a zone; for a date alone write `. + \"T00:00:00Z\" | fromdate`. \
                 Dates in ISO format can also be compared as texts."
            }
            Self::Unknown => {
                "Try the part that failed on one item (`.[0] | …`); `?` after a path leaves out items that do not \
                 fit, and `// …` gives a default for missing values."
            }
        })
    }
}
