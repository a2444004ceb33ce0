//! Why a list is not written into a file. `Display` is what a model reads: what is wrong, and what to do instead.

use thiserror::Error;

use super::Unsaved;

/// A list that is not written into a file, or not to its end.
#[derive(Debug, Error)]
pub enum ExportError {
    /// No folder is allowed at all.
    #[error(
        "`export` writes a file, and no folder is open for files. The operator can open one with --files DIR \
         (VANTA_MCP_FILES). Without one, use `countOnly`, `groupBy`, `jq` or `fields`, or read page by page. Nothing was \
         sent."
    )]
    NoFolder,
    /// The caller has as many exports as one may have.
    #[error(
        "you have {count} exports that wait to be read or are being made, which is all the room that you have. The next one \
         expires in {next} s. Try again then, or use `countOnly`, `groupBy`, `jq` or `fields`. Nothing was sent."
    )]
    YoursWait {
        /// How many.
        count: usize,
        /// When there is room again, in seconds.
        next: u64,
    },
    /// All callers together have as many as there may be.
    #[error(
        "there is no room for another export: those of all callers fill it. The next one expires in {next} s. Try again \
         then, or use `countOnly`, `groupBy`, `jq` or `fields`. Nothing was sent."
    )]
    ManyWait {
        /// When there is room again, in seconds.
        next: u64,
    },
    /// It is too long to be read in one message.
    #[error(
        "the list has more than {mebibytes} MiB, which is the most that an export over HTTP may have. Export less of it with \
         a filter, fewer `fields` or `maxItems`; csv is mostly shorter than jsonl. No file was kept."
    )]
    TooLong {
        /// The most, in MiB.
        mebibytes: u64,
    },
    /// The server's disk does not take it.
    #[error(
        "the export could not be written where the server keeps temporary files: {cause}. The operator of the server can mend \
         that. No file was kept."
    )]
    Unkept {
        /// What the system said.
        cause: Unsaved,
    },
    /// Another call is writing it.
    #[error("the same export is already running in {folder}. Wait for its answer. Nothing was sent.")]
    Running {
        /// The folder.
        folder: String,
    },
    /// It has more bytes than a file may have.
    #[error(
        "the list has more than {limit} bytes, which is the size limit for files. Export less of it with a filter, `fields` \
         or `maxItems`, or let the operator raise --max-file (in MiB). No file was written."
    )]
    TooLarge {
        /// The most.
        limit: u64,
    },
    /// The task that opened it ended.
    #[error("the file could not be opened; this is a bug in the server, please report it. Nothing was sent.")]
    Lost,
    /// The disk does not take it.
    #[error("the file could not be written to {folder}: {cause}. The same call again continues the export.")]
    Unsaved {
        /// The folder.
        folder: String,
        /// What the system said.
        cause: Unsaved,
    },
}
