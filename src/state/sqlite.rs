//! Records in a SQLite file, for all processes of one user on one machine.

mod error;
mod file;
mod watch;

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use self::error::{MOVE_AWAY, told};
use self::watch::WatchedFile;
use super::memory::system_time;
use super::schema;
use super::store::{Change, KeptRecord, Moment, RecordGroup, RecordKey, Store, StoreError, StoreKind};

/// How long another process's change is waited for: somewhat less than [`super::Shared`] waits for the store, so that it is
/// the store that says why.
const PATIENCE: Duration = Duration::from_millis(4500);

/// What SQLite keeps in the file for programs to know theirs: "VMCP".
const APPLICATION: i64 = 0x564d_4350;

/// How often a file that was moved away or tampered with in the meantime is opened anew for one change.
const TRIES: usize = 3;

/// Records in a file.
pub struct Sqlite {
    path: PathBuf,
    patience: Duration,
    kept: Arc<Mutex<Option<OpenDatabase>>>,
}

/// The file while it is open.
struct OpenDatabase {
    file: WatchedFile,
    connection: Connection,
}

impl Sqlite {
    /// By the file at that path, which is opened, and made if need be, by the first change.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self::with_patience(path, PATIENCE)
    }

    /// The same with another patience for other processes.
    #[must_use]
    pub fn with_patience(path: PathBuf, patience: Duration) -> Self {
        Self { path, patience, kept: Arc::default() }
    }
}

impl Sqlite {
    /// Does this work in a transaction of its own, when no other process is at one.
    async fn done<T: Send + 'static>(
        &self,
        work: impl FnOnce(Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut kept = Arc::clone(&self.kept).lock_owned().await;
        let (path, patience) = (self.path.clone(), self.patience);
        let waiting = Waiting::default();
        let is_gone = Arc::clone(&waiting.is_gone);
        let done = spawn_blocking(move || {
            let done = worked(&mut kept, &path, patience, Asked { work, is_gone });
            // Whatever went wrong, the next change looks at the file anew.
            if !matches!(done, Ok(_) | Err(StoreError::Late { .. }))
                && let Some(database) = kept.take()
            {
                database.leave();
            }
            done
        });
        match done.await {
            Ok(done) => done,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => Err(StoreError::Late { place: self.place() }),
            },
        }
    }
}

impl Store for Sqlite {
    fn change<'s>(&'s self, key: &'s RecordKey, change: Change) -> BoxFuture<'s, Result<(), StoreError>> {
        let key = key.clone();
        self.done(move |transaction| change_one(transaction, &key, change)).boxed()
    }

    fn all<'s>(&'s self, group: &'s RecordGroup) -> BoxFuture<'s, Result<Vec<KeptRecord>, StoreError>> {
        let group = group.clone();
        self.done(move |transaction| read_all(&transaction, &group)).boxed()
    }

    fn delete<'s>(
        &'s self,
        group: &'s RecordGroup,
        unchanged_for: Duration,
    ) -> BoxFuture<'s, Result<u64, StoreError>> {
        let group = group.clone();
        self.done(move |transaction| {
            let until = system_time().minus(unchanged_for);
            let deleted = transaction.execute(
                "delete from record where kind = ?1 and substr(id, 1, length(?2)) = ?2 and changed <= ?3",
                params![group.kind.as_str(), group.prefix, until.0],
            )?;
            transaction.commit()?;
            Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
        })
        .boxed()
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Sqlite
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }
}

/// Somebody who waits for a change. Once that is given up nothing is changed any more, as it was said that nothing was.
#[derive(Default)]
struct Waiting {
    is_gone: Arc<AtomicBool>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.is_gone.store(true, Ordering::Relaxed);
    }
}

/// Work that somebody waits for.
struct Asked<W> {
    work: W,
    is_gone: Arc<AtomicBool>,
}

fn worked<T, W: FnOnce(Transaction<'_>) -> rusqlite::Result<T>>(
    kept: &mut Option<OpenDatabase>,
    path: &Path,
    patience: Duration,
    asked: Asked<W>,
) -> Result<T, StoreError> {
    for _ in 0..TRIES {
        let mut database = match kept.take() {
            Some(database) => database,
            None => OpenDatabase::at(path, patience)?,
        };
        if !database.file.is_usable() {
            database.make_way();
            continue;
        }
        let database = kept.insert(database);
        let failed = |error| told(&error, path);
        let new_content = database.file.new_content();
        if new_content.is_some() {
            // What is known of its pages may not be so any more.
            database.connection.release_memory().map_err(failed)?;
        }
        let transaction = begin(&mut database.connection).map_err(failed)?;
        if asked.is_gone.load(Ordering::Relaxed) {
            return Err(StoreError::Late { place: path.display().to_string() });
        }
        // Looked at while nobody else changes it: a change to a file that was deleted would be for nobody.
        if database.file.is_in_place() {
            if let Some(mark) = new_content {
                is_sound(&transaction, path)?;
                database.file.is_sound(mark);
            }
            return (asked.work)(transaction).map_err(failed);
        }
        drop(transaction);
        if let Some(database) = kept.take() {
            database.make_way();
        }
    }
    let detail = "another program replaces or cuts it again and again".to_owned();
    Err(StoreError::Failed { place: path.display().to_string(), detail })
}

/// Begins a change when no other process is at one.
fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn read_all(transaction: &Transaction<'_>, group: &RecordGroup) -> rusqlite::Result<Vec<KeptRecord>> {
    let mut found = transaction
        .prepare("select id, body, changed from record where kind = ?1 and substr(id, 1, length(?2)) = ?2")?;
    let record = |row: &rusqlite::Row<'_>| {
        Ok(KeptRecord { id: row.get(0)?, body: row.get(1)?, changed: Moment(row.get(2)?) })
    };
    found.query_map(params![group.kind.as_str(), group.prefix], record)?.collect()
}

fn change_one(transaction: Transaction<'_>, key: &RecordKey, change: Change) -> rusqlite::Result<()> {
    let kind = key.kind.as_str();
    let body: Option<String> = transaction
        .prepare("select body from record where kind = ?1 and id = ?2")?
        .query_row(params![kind, key.id], |row| row.get(0))
        .optional()?;
    let now = system_time();
    let Some(body) = change(now, body.as_deref()) else { return transaction.rollback() };
    transaction.execute(
        "insert into record (kind, id, body, changed) values (?1, ?2, ?3, ?4) \
         on conflict do update set body = excluded.body, changed = excluded.changed",
        params![kind, key.id, body, now.0],
    )?;
    transaction.commit()
}

impl OpenDatabase {
    fn at(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let file = file::at(path)?;
        let failed = |error| told(&error, path);
        // Not by a URI, which a path could look like. One thread at a time has it.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&file.path, flags).map_err(failed)?;
        let mut database = Self { file, connection };
        // Nothing is added to a file before it is known that it is sound.
        database.adds_its_log(false).map_err(failed)?;
        database.connection.busy_timeout(patience).map_err(failed)?;
        prepare(&mut database.connection, path)?;
        write_ahead(&database.connection).map_err(failed)?;
        // With a log written ahead nothing is damaged by a loss of power, and what is lost then is known upstream.
        database.connection.pragma_update(None, "synchronous", "normal").map_err(failed)?;
        database.adds_its_log(true).map_err(failed)?;
        Ok(database)
    }

    /// Whether the last process that closes the file adds its log to it. A log that is left is read by the next one.
    fn adds_its_log(&self, adds: bool) -> rusqlite::Result<()> {
        self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !adds).map(drop)
    }

    /// Closes it, and touches neither the file nor its log.
    fn leave(self) {
        // It fails for no connection that is open.
        let _ = self.adds_its_log(false);
    }

    /// Closes a file that is no longer what was opened, so that what is there now can be opened.
    fn make_way(self) {
        self.file.make_way();
        self.leave();
    }
}

impl Drop for OpenDatabase {
    /// To close it adds the log to the file, unless somebody did something to either since it was looked at.
    fn drop(&mut self) {
        if self.file.new_content().is_some() || !self.file.is_in_place() {
            let _ = self.adds_its_log(false);
        }
    }
}

/// Looks whether the file is what it should be, and brings its tables up to date.
fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let place = || path.display().to_string();
    let failed = |error| told(&error, path);
    let transaction = begin(connection).map_err(failed)?;
    let number = |sql| transaction.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(failed);
    let application = number("pragma application_id")?;
    let found = number("pragma user_version")?;
    if application != APPLICATION && (application != 0 || number("select count(*) from sqlite_schema")? > 0) {
        let detail = "it is the database of another program".to_owned();
        return Err(StoreError::Failed { place: place(), detail });
    }
    let Some(steps) = schema::missing(found) else {
        return Err(StoreError::Newer { place: place(), found, known: schema::known() });
    };
    is_sound(&transaction, path)?;
    for step in steps {
        transaction.execute_batch(step.sqlite).map_err(failed)?;
    }
    if !steps.is_empty() {
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
        transaction.pragma_update(None, "user_version", schema::known()).map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

/// That the database is one whole.
fn is_sound(transaction: &Transaction<'_>, path: &Path) -> Result<(), StoreError> {
    let place = || path.display().to_string();
    let found: String = transaction
        .query_row("pragma quick_check(1)", [], |row| row.get(0))
        .map_err(|error| told(&error, path))?;
    if found == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged { place: place(), detail: found, mend: MOVE_AWAY })
}

/// Switches the file to a log that is written ahead, which stays so. While another process is at it, it is left to that.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode == "wal" {
        return Ok(());
    }
    match connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())) {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => Ok(()),
        done => done,
    }
}
