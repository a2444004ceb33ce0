//! Why a file or a folder is not used. `Display` is what a model reads: what is wrong, and what to do instead.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::place::PathProblem;

/// How an error writes a name, at most this many characters of it.
const SHOWN: usize = 100;

/// The argument that a path came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathArgument {
    /// What to send.
    File,
    /// Where to save.
    Folder,
}

impl fmt::Display for PathArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "`file`",
            Self::Folder => "`folder`",
        })
    }
}

impl PathArgument {
    /// What can be done without any path.
    fn without(self) -> &'static str {
        match self {
            Self::File => "Pass the content instead, as {\"name\": …, \"base64\": …}.",
            Self::Folder => "Omit it: a small text, CSV, JSON or image is returned in the answer.",
        }
    }

    /// What can be done with another path.
    fn otherwise(self) -> &'static str {
        match self {
            Self::File => {
                "Name a file in an allowed folder, or pass the content as {\"name\": …, \"base64\": …}."
            }
            Self::Folder => "Name an allowed folder, or omit it.",
        }
    }

    /// What to look at where nothing is found.
    fn search(self) -> &'static str {
        match self {
            Self::File => "Give its full path",
            Self::Folder => "Name an existing folder, or omit it",
        }
    }
}

/// A file or folder that is not used. The text holds nothing of a file's content.
#[derive(Debug, Error)]
pub enum FileError {
    /// An allowed folder cannot be opened.
    #[error("the folder {} cannot be opened: {cause}", .path.display())]
    Folder {
        /// As the operator wrote it.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// No folder is allowed at all.
    #[error(
        "no folder is allowed, so {argument} cannot be a local path. {} The operator can allow a folder \
         with --files DIR (VANTA_MCP_FILES).",
        argument.without()
    )]
    NoFolder {
        /// Which path.
        argument: PathArgument,
    },
    /// The caller is on another machine.
    #[error("this server is used over the network, so {argument} cannot be a local path. {}", argument.without())]
    Elsewhere {
        /// Which path.
        argument: PathArgument,
    },
    /// The path is in none of the allowed folders.
    #[error(
        "{argument} is not inside a folder that the operator allowed ({}). {}",
        allowed.join(", "),
        argument.otherwise()
    )]
    Outside {
        /// Which path.
        argument: PathArgument,
        /// The folders.
        allowed: Vec<String>,
    },
    /// The path means nothing as it is written.
    #[error("{argument} {cause}.")]
    Written {
        /// Which path.
        argument: PathArgument,
        /// What is wrong with it.
        cause: PathProblem,
    },
    /// The path begins in an allowed folder and leads out of it.
    #[error(
        "{argument} leads out of {folder} through a link or `..`, and nothing outside that folder is allowed. Give \
         the real path, without links."
    )]
    LeadsOut {
        /// Which path.
        argument: PathArgument,
        /// The folder.
        folder: String,
    },
    /// There is nothing at the path.
    #[error(
        "{argument} was not found. {}; relative paths are resolved in {}.",
        argument.search(),
        allowed.join(", ")
    )]
    Missing {
        /// Which path.
        argument: PathArgument,
        /// The folders.
        allowed: Vec<String>,
    },
    /// It is there and cannot be read or written to.
    #[error("{argument} cannot be used: {cause}. Choose another.")]
    Unusable {
        /// Which path.
        argument: PathArgument,
        /// What the system said.
        cause: String,
    },
    /// It has further names, by hard links.
    #[error(
        "`file` has {links} names (hard links), and another of them may be outside the folders that the operator allowed. \
         Copy it (`cp`, not `ln`) and name the copy, or pass the content as {{\"name\": …, \"base64\": …}}."
    )]
    Linked {
        /// How many.
        links: u64,
    },
    /// It has more bytes than are sent.
    #[error("the file has {size} bytes; at most {limit} are sent{hint}.")]
    TooLarge {
        /// Its size.
        size: u64,
        /// The most.
        limit: u64,
        /// How to send more.
        hint: &'static str,
    },
    /// The operation does not take such a file.
    #[error(
        "a file named `{}` is not accepted here; the name must end in one of: {}.",
        shown(name),
        accepted.join(", ")
    )]
    Kind {
        /// Its name.
        name: String,
        /// The endings that are.
        accepted: Vec<&'static str>,
    },
    /// Its content is not what its name says.
    #[error(
        "the name `{}` says {named}, but the content is {found}; rename the file to match its content.",
        shown(name)
    )]
    Content {
        /// Its name.
        name: String,
        /// By its name.
        named: &'static str,
        /// By its content.
        found: &'static str,
    },
    /// The inline content is not base64.
    #[error(
        "`file.base64` is not valid base64; encode the whole file again with the standard alphabet (RFC 4648 \
         section 4)."
    )]
    Base64,
    /// The task that opened it ended.
    #[error("{argument} could not be opened; this is a bug in the server, please report it.")]
    Lost {
        /// Which path.
        argument: PathArgument,
    },
    /// There is nothing in it.
    #[error("the file is empty, so there is nothing to send. Check that it is the right one.")]
    Empty,
}

/// A file that could not be read to its end while it was sent.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Unsent(pub(super) String);

/// A file that could not be written, or not whole. What was written is taken away again.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Unsaved(pub(super) String);

/// An error of the system in words, without its number.
pub(super) fn words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// A name as an error repeats it: cut, in one line, within its quotation marks.
fn shown(name: &str) -> String {
    let plain = name.chars().map(|c| if c.is_control() || c == '`' { ' ' } else { c });
    let mut text: String = plain.take(SHOWN).collect();
    if name.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    text
}
