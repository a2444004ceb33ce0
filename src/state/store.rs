//! Where records are kept: the trait that every backend implements, and what can go wrong.

use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A moment of the store's own clock: milliseconds since 1970, UTC. All who share a store share its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(pub i64);

impl Moment {
    /// So much later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The moment so long before.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long it is until a later moment; zero once that has passed.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKind {
    /// One application at one address: its token, its budgets, who waits, and what failed last.
    Application,
    /// A part of what is known of one application's tenant.
    Index,
    /// A preview that may be carried out once, and the key that signs them.
    Confirmation,
    /// Written to see whether records are kept.
    Check,
}

impl RecordKind {
    /// Its name in a database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Index => "index",
            Self::Confirmation => "confirmation",
            Self::Check => "check",
        }
    }
}

/// Names one record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey {
    /// What it is about.
    pub kind: RecordKind,
    /// Which of them. It holds no secret.
    pub id: String,
}

/// One change to a record: it gets the store's time and the record's body (JSON), if there is one, and returns the new body,
/// or nothing where the record stays as it is.
pub type Change = Box<dyn FnOnce(Moment, Option<&str>) -> Option<String> + Send>;

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRecord {
    /// Which of its kind it is.
    pub id: String,
    /// JSON.
    pub body: String,
    /// When it was last changed, by the store's clock.
    pub changed: Moment,
}

/// Records of one kind whose ids begin alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordGroup {
    /// Of this kind.
    pub kind: RecordKind,
    /// How their ids begin; empty for all.
    pub prefix: String,
}

impl RecordGroup {
    /// Whether a record is one of them.
    #[must_use]
    pub fn holds(&self, key: &RecordKey) -> bool {
        key.kind == self.kind && key.id.starts_with(&self.prefix)
    }
}

/// Keeps records. Each operation is atomic: no other process's change comes between reading and writing.
pub trait Store: Send + Sync {
    /// Changes one record.
    fn change<'s>(&'s self, key: &'s RecordKey, change: Change) -> BoxFuture<'s, Result<(), StoreError>>;

    /// The records of a group as they are at one time, in no order.
    fn all<'s>(&'s self, group: &'s RecordGroup) -> BoxFuture<'s, Result<Vec<KeptRecord>, StoreError>>;

    /// Deletes the records of a group that have not been changed for so long; zero is all of them. Returns how many.
    fn delete<'s>(
        &'s self,
        group: &'s RecordGroup,
        unchanged_for: Duration,
    ) -> BoxFuture<'s, Result<u64, StoreError>>;

    /// Which kind of store it is.
    fn kind(&self) -> StoreKind;

    /// Where it is, without a secret: a path, or host and database. Empty for memory.
    fn place(&self) -> String;
}

/// The kinds of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// This process alone.
    Memory,
    /// All processes of one user on one machine.
    Sqlite,
    /// All processes that reach the database.
    Postgres,
}

impl StoreKind {
    /// Its name, for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A store that could not be used. `Display` says why, [`StoreError::advice`] what to do; neither holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// There is no folder to keep the file in.
    #[error("no folder for state was found")]
    NoPlace,
    /// Other users can write what is to be trusted.
    #[error("{place} can be written by other users")]
    OpenToOthers {
        /// The file or the folder.
        place: String,
        /// The command.
        mend: String,
    },
    /// Other users can write a folder further up.
    #[error(
        "{place}, a folder above the state file, can be written by other users, who could replace what is in it"
    )]
    OpenAbove {
        /// The folder.
        place: String,
        /// The command.
        mend: String,
    },
    /// Other users can read it, and it cannot be closed to them.
    #[error("{place} can be read by other users, and its mode could not be changed: {detail}")]
    Readable {
        /// The file.
        place: String,
        /// What the system says.
        detail: String,
        /// The command.
        mend: String,
    },
    /// There is something else than a file.
    #[error("{place} is {kind}, not a file")]
    NotAFile {
        /// What was found, and where a link to it leads.
        place: String,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// There is something else than a folder for it.
    #[error("{place} is {kind}, not a folder")]
    NotAFolder {
        /// What was found.
        place: String,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// It was written by a newer version.
    #[error("{place} is of version {found}, and this program knows version {known}")]
    Newer {
        /// The file or the database.
        place: String,
        /// Its version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// What is there is not what was written.
    #[error("{place} is damaged: {detail}")]
    Damaged {
        /// The file or the database.
        place: String,
        /// What the database says.
        detail: String,
        /// What to do.
        mend: &'static str,
    },
    /// It cannot be written.
    #[error("{place} cannot be written: {detail}")]
    ReadOnly {
        /// The file or the folder.
        place: String,
        /// What the system says.
        detail: String,
    },
    /// The disk is full.
    #[error("the disk that holds {place} is full")]
    Full {
        /// The file.
        place: String,
    },
    /// It could not be reached.
    #[error("{place} could not be reached: {detail}")]
    Unreachable {
        /// Host and database.
        place: String,
        /// What the network or the database says.
        detail: String,
    },
    /// Its certificate is not accepted.
    #[error("the certificate of {place} is not accepted: {detail}")]
    Untrusted {
        /// Host and database.
        place: String,
        /// What is wrong with it.
        detail: String,
    },
    /// It refused the login, or a permission is missing.
    #[error("{place} refused access: {detail}")]
    Unauthorized {
        /// Host and database.
        place: String,
        /// What the database says.
        detail: String,
    },
    /// There is no such database.
    #[error("{place} could not be opened: {detail}")]
    NoDatabase {
        /// Host and database.
        place: String,
        /// What the database says.
        detail: String,
    },
    /// One record is there and cannot be read, so it was left as it is.
    #[error("a record in {place} cannot be read: {detail}")]
    Unreadable {
        /// The file or the database.
        place: String,
        /// What is wrong with it.
        detail: String,
    },
    /// It took too long.
    #[error("{place} did not answer in time")]
    Late {
        /// The file or the database.
        place: String,
    },
    /// Anything else.
    #[error("{place} failed: {detail}")]
    Failed {
        /// The file or the database.
        place: String,
        /// What the database says.
        detail: String,
    },
}

impl StoreError {
    /// What happened and what to do, in one sentence without a full stop.
    #[must_use]
    pub fn told(&self) -> String {
        format!("{self}; {}", self.advice())
    }

    /// What to do, as a sentence without its capital and its full stop.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::NoPlace => "set VANTA_MCP_STATE to a file, or to memory".to_owned(),
            Self::OpenToOthers { mend, .. } => format!("restrict it to your user: {mend}"),
            Self::OpenAbove { mend, .. } => {
                format!("restrict it: {mend}, or set VANTA_MCP_STATE to a file in a folder of your own")
            }
            Self::Readable { mend, .. } => format!("let its owner run: {mend}"),
            Self::NotAFile { .. } | Self::NotAFolder { .. } => {
                "set VANTA_MCP_STATE to the absolute path of a file".to_owned()
            }
            Self::Newer { .. } => "update this program".to_owned(),
            Self::Damaged { mend, .. } => (*mend).to_owned(),
            Self::ReadOnly { .. } => {
                "make it writable, or set VANTA_MCP_STATE to a place that this user can write".to_owned()
            }
            Self::Full { .. } => "free space there, or set VANTA_MCP_STATE to another place".to_owned(),
            Self::Unreachable { .. } => {
                "check that the database is running, and its host, port and sslmode in VANTA_MCP_STATE"
                    .to_owned()
            }
            Self::Untrusted { .. } => {
                "name the certificate of its authority by sslrootcert=FILE in VANTA_MCP_STATE, or by \
                                       VANTA_MCP_CA_FILE (--ca-file)"
                    .to_owned()
            }
            Self::Unauthorized { .. } => "check user, password and permissions in VANTA_MCP_STATE".to_owned(),
            Self::NoDatabase { .. } => "create the database, or check its name in VANTA_MCP_STATE".to_owned(),
            Self::Unreadable { .. } => {
                "a newer version of this program may have written it: update this program".to_owned()
            }
            Self::Late { .. } => {
                "another process may hold it: end that process, or set VANTA_MCP_STATE to another place"
                    .to_owned()
            }
            Self::Failed { .. } => "check VANTA_MCP_STATE, or set it to another place".to_owned(),
        }
    }
}
