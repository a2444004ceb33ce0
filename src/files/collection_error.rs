//! Why files are not collected into a folder. `Display` is what a model reads: what is wrong, and what to do instead.

use thiserror::Error;

use super::{FileError, Unsaved};

/// Files that are not collected, or not to the end.
#[derive(Debug, Error)]
pub enum CollectionError {
    /// No folder is allowed at all.
    #[error(
        "this tool writes files, and no folder is open for files. The operator can open one with --files DIR \
         (VANTA_MCP_FILES). Nothing was sent."
    )]
    NoFolder,
    /// The caller is on another machine.
    #[error(
        "this tool writes files on the server's own machine, so it is not available over the network. Start the server on \
         your own machine over stdio, with --files DIR. Nothing was sent."
    )]
    Elsewhere,
    /// The folder that is named cannot be used.
    #[error("{0} Nothing was downloaded.")]
    Folder(#[from] FileError),
    /// Another call is collecting into it.
    #[error("another call is already collecting into {folder}. Wait for its answer. Nothing was downloaded.")]
    Running {
        /// The folder.
        folder: String,
    },
    /// The task that opened it ended.
    #[error(
        "the folder could not be opened; this is a bug in the server, please report it. Nothing was downloaded."
    )]
    Lost,
    /// The disk does not take it.
    #[error(
        "a file could not be written to {folder}: {cause}. What was collected before is kept: the same call again goes on \
         from there."
    )]
    Unsaved {
        /// The folder.
        folder: String,
        /// What the system said.
        cause: Unsaved,
    },
}
