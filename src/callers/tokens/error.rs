//! What can be wrong with a file of tokens.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::super::legible::legible;

/// The longest name of a caller, in characters.
pub(super) const LONGEST_NAME: usize = 64;

/// A file of tokens that cannot be used. No hash is in the text.
#[derive(Debug, Error)]
pub enum TokenFileError {
    /// It cannot be read.
    #[error("the token file {} cannot be read: {cause}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It cannot be changed.
    #[error("the token file {} cannot be written: {cause}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It is not what it should be.
    #[error("the token file {} is invalid: {problem}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
    /// A caller cannot be called that.
    #[error(
        "{:?} is not a valid caller name: use 1 to {LONGEST_NAME} letters, digits, dots, dashes, underscores or @", legible(.name)
    )]
    Name {
        /// The name.
        name: String,
    },
    /// There is a caller of that name.
    #[error(
        "{:?} already has a token; revoke it with `vanta-mcp token revoke`, or choose another name", legible(.name)
    )]
    Taken {
        /// The name.
        name: String,
    },
    /// There is no caller of that name.
    #[error("{} has no token for {:?}; `vanta-mcp token list` lists those that exist", .path.display(), legible(.name))]
    Absent {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// The entry is written in a way that we cannot take out alone.
    #[error(
        "the entry of {:?} in {} cannot be removed without changing others; remove it by hand", legible(.name), .path.display()
    )]
    Entangled {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
    /// It cannot be when a token expires.
    #[error(
        "{text:?} is not a time in the future: give a duration such as 90d, 12h or 30m, or a date such as \
         2027-01-31 or 2027-01-31T12:00:00Z"
    )]
    Expiry {
        /// What was said.
        text: String,
    },
    /// There is no such toolset; the text says which there are.
    #[error("{0}")]
    Toolset(String),
    /// The system has no random numbers.
    #[error("the system returned no random numbers: {0}")]
    Random(String),
}
