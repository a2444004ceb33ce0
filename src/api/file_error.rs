//! What can go wrong with a file once its call has begun.

use thiserror::Error;

use super::advice::CHECK_ADDRESS;
use super::fate::Fate;
use super::words::first_words;
use crate::files::{FileError, Unsaved, Unsent};

/// What happened to a file.
#[derive(Debug, Error)]
pub enum FileCause {
    /// The file or the folder cannot be used, so nothing was sent.
    #[error(transparent)]
    Unopened(FileError),
    /// It could not be read to its end while it was sent.
    #[error("the file could not be sent completely: {0}")]
    Unsent(Unsent),
    /// It is none that can be shown, and there is no folder for it.
    #[error(
        "{} cannot be shown here because {reason}, and no folder is allowed for saving it",
        described(.name, .media_type, *.size)
    )]
    Unshown {
        /// As the upstream calls it.
        name: String,
        /// As the upstream says.
        media_type: String,
        /// In bytes, where the upstream says.
        size: Option<u64>,
        /// Why not, as it goes on after "since".
        reason: &'static str,
    },
    /// It is larger than the operator allows.
    #[error("the file is larger than {} MiB and was not kept", .limit >> 20)]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// The folder did not take it.
    #[error("the file could not be saved: {0}")]
    Unsaved(#[from] Unsaved),
    /// Its address is not one that is fetched.
    #[error("the file was not fetched from its address: {0}")]
    Address(&'static str),
    /// A page for people came in its place.
    #[error("{upstream} answered {status} with a web page instead of a file (from a proxy?): \"{words}\"")]
    Page {
        /// Host and port.
        upstream: String,
        /// Its status.
        status: u16,
        /// Its first words.
        words: String,
    },
}

impl FileCause {
    /// Whether the change may have been made. Files come down by reads alone.
    pub(super) fn fate(&self) -> Fate {
        match self {
            // What came short of its announced length is no request; whether the upstream sees it so is its matter.
            Self::Unsent(_) => Fate::Unknown,
            Self::Unopened(_) | Self::Address(_) => Fate::NotSent,
            _ => Fate::NotDone,
        }
    }

    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Unopened(_) | Self::Address(_) => "",
            Self::Unsent(_) => "Make sure that nothing writes to the file during the upload.",
            Self::Unshown { .. } => {
                "The operator can allow a folder with --files DIR (VANTA_MCP_FILES); the file is then saved there."
            }
            Self::TooLarge { .. } => {
                "The operator sets the limit with --max-file (VANTA_MCP_MAX_FILE), in MiB."
            }
            Self::Unsaved(_) => {
                "Check that the folder is writable and has free space, or name another `folder`."
            }
            Self::Page { .. } => CHECK_ADDRESS,
        }
    }
}

/// A file in words. Name and type are the upstream's, so they are cut.
fn described(name: &str, media_type: &str, size: Option<u64>) -> String {
    let kind = if media_type.is_empty() { "unknown type" } else { media_type };
    let size = size.map(|size| format!(", {size} bytes")).unwrap_or_default();
    let called = if name.is_empty() { String::new() } else { format!(" \"{}\"", first_words(name)) };
    format!("the file{called} ({}{size})", first_words(kind))
}
