//! Records in a PostgreSQL database, for all processes that reach it.

mod address;
mod error;
mod session;
mod tls;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, join};
use tokio::sync::{OwnedMutexGuard, Semaphore};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row};

pub use self::address::PostgresAddress;
pub use self::session::PostgresPlace;

use self::error::{has_no_tables, is_lost, told};
use super::store::{Change, KeptRecord, Moment, RecordGroup, RecordKey, Store, StoreError, StoreKind};

/// The most connections. A record takes one at a time, and there are few records.
const CONNECTIONS: usize = 4;

/// How long the database waits for another process's change, somewhat less than [`super::Shared`] waits for the store; and
/// how long a process that was stopped in the midst of a change keeps others out.
const BEGIN: &str = "begin isolation level read committed; \
    set local statement_timeout = 4000; \
    set local idle_in_transaction_session_timeout = 10000";

/// The time is told by the outer query, so that it is one after the row is locked.
const LOCK: &str = "with locked as materialized (
        select body from vanta_mcp.record where kind = $1 and id = $2 for update
    )
    select body, (extract(epoch from clock_timestamp()) * 1000)::bigint from locked";

const MAKE: &str = "insert into vanta_mcp.record (kind, id) values ($1, $2) on conflict do nothing";

const WRITE: &str =
    "update vanta_mcp.record set body = $3, changed = clock_timestamp() where kind = $1 and id = $2";

const ALL: &str = "select id, body, (extract(epoch from changed) * 1000)::bigint from vanta_mcp.record
    where kind = $1 and starts_with(id, $2) and body is not null";

const DELETE: &str = "with gone as (
        delete from vanta_mcp.record where kind = $1 and starts_with(id, $2)
            and changed <= clock_timestamp() - $3 * interval '1 millisecond'
        returning 1
    )
    select count(*) from gone";

/// A parameter of a statement.
type SqlParameter<'p> = (&'p (dyn ToSql + Sync), Type);

/// Records in a database.
pub struct Postgres {
    place: PostgresPlace,
    idle: Mutex<Vec<Client>>,
    connections: Semaphore,
    /// Who waits for a record in this process, so that they do not take all connections for it.
    queues: Mutex<HashMap<RecordKey, Arc<tokio::sync::Mutex<()>>>>,
}

/// A record that nobody else can change now.
struct LockedRow {
    now: Moment,
    body: Option<String>,
}

impl Postgres {
    /// By the database at that place. The first change connects to it.
    #[must_use]
    pub fn new(place: PostgresPlace) -> Self {
        let connections = Semaphore::new(CONNECTIONS);
        Self { place, idle: Mutex::default(), connections, queues: Mutex::default() }
    }

    async fn turn(&self, key: &RecordKey) -> OwnedMutexGuard<()> {
        let queue = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(queues.entry(key.clone()).or_default())
        };
        queue.lock_owned().await
    }

    fn told(&self, error: &Error) -> StoreError {
        told(error, self.place.address.place())
    }

    fn idle(&self) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|client| !client.is_closed());
        idle.pop()
    }

    /// A connection with the record locked. One that was lost while it was idle is replaced, and so is one whose tables are
    /// gone, which another one makes anew: nothing was changed by it.
    async fn begun(&self, names: &RowNames<'_>) -> Result<(Client, LockedRow), StoreError> {
        if let Some(client) = self.idle() {
            match lock(&client, names).await {
                Ok(row) => return Ok((client, row)),
                Err(error) if is_lost(&error) || has_no_tables(&error) => {}
                Err(error) => return Err(self.told(&error)),
            }
        }
        let client = self.place.connect().await?;
        let row = lock(&client, names).await.map_err(|error| self.told(&error))?;
        Ok((client, row))
    }

    async fn changed(&self, key: &RecordKey, change: Change) -> Result<(), StoreError> {
        let _turn = self.turn(key).await;
        let permit = self.connections.acquire().await;
        let names = RowNames { kind: key.kind.as_str(), id: &key.id };
        let (client, row) = self.begun(&names).await?;
        // Whoever leaves from here on, by an error, a panic or being dropped, takes the connection along, and the database
        // undoes what was not committed.
        match change(row.now, row.body.as_deref()) {
            None => client.batch_execute("rollback").await.map_err(|error| self.told(&error))?,
            Some(body) => write(&client, &names, &body).await.map_err(|error| self.unsure(&error))?,
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
        drop(permit);
        Ok(())
    }

    /// What a statement by itself returns. A connection that was lost while it was idle is replaced.
    async fn rows(&self, statement: &str, parameters: &[SqlParameter<'_>]) -> Result<Vec<Row>, StoreError> {
        let permit = self.connections.acquire().await;
        let mut done = None;
        if let Some(client) = self.idle() {
            match client.query_typed(statement, parameters).await {
                Ok(rows) => done = Some((client, rows)),
                Err(error) if is_lost(&error) || has_no_tables(&error) => {}
                Err(error) => return Err(self.told(&error)),
            }
        }
        let (client, rows) = if let Some(done) = done {
            done
        } else {
            let client = self.place.connect().await?;
            let rows = client.query_typed(statement, parameters).await;
            (client, rows.map_err(|error| self.told(&error))?)
        };
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
        drop(permit);
        Ok(rows)
    }

    async fn all_of(&self, group: &RecordGroup) -> Result<Vec<KeptRecord>, StoreError> {
        let kind = group.kind.as_str();
        let rows = self.rows(ALL, &[(&kind, Type::TEXT), (&group.prefix, Type::TEXT)]).await?;
        let record = |row: &Row| {
            Ok(KeptRecord { id: row.try_get(0)?, body: row.try_get(1)?, changed: Moment(row.try_get(2)?) })
        };
        rows.iter().map(record).collect::<Result<_, Error>>().map_err(|error| self.told(&error))
    }

    async fn deleted(&self, group: &RecordGroup, unchanged_for: Duration) -> Result<u64, StoreError> {
        let kind = group.kind.as_str();
        let age = i64::try_from(unchanged_for.as_millis()).unwrap_or(i64::MAX);
        let parameters: [SqlParameter<'_>; 3] =
            [(&kind, Type::TEXT), (&group.prefix, Type::TEXT), (&age, Type::INT8)];
        let rows = self.rows(DELETE, &parameters).await?;
        let count = rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(0));
        count.map(|count| u64::try_from(count).unwrap_or(0)).map_err(|error| self.told(&error))
    }

    /// An error while a change was saved.
    fn unsure(&self, error: &Error) -> StoreError {
        match self.told(error) {
            StoreError::Unreachable { place, detail } => {
                let detail = format!("{detail}; a change was being saved, and may or may not have been");
                StoreError::Unreachable { place, detail }
            }
            told => told,
        }
    }
}

impl Store for Postgres {
    fn change<'s>(&'s self, key: &'s RecordKey, change: Change) -> BoxFuture<'s, Result<(), StoreError>> {
        self.changed(key, change).boxed()
    }

    fn all<'s>(&'s self, group: &'s RecordGroup) -> BoxFuture<'s, Result<Vec<KeptRecord>, StoreError>> {
        self.all_of(group).boxed()
    }

    fn delete<'s>(
        &'s self,
        group: &'s RecordGroup,
        unchanged_for: Duration,
    ) -> BoxFuture<'s, Result<u64, StoreError>> {
        self.deleted(group, unchanged_for).boxed()
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Postgres
    }

    fn place(&self) -> String {
        self.place.place()
    }
}

/// A record's key as the database has it.
struct RowNames<'n> {
    kind: &'n str,
    id: &'n str,
}

impl RowNames<'_> {
    fn parameters(&self) -> [SqlParameter<'_>; 2] {
        [(&self.kind, Type::TEXT), (&self.id, Type::TEXT)]
    }
}

/// Begins a change. The two commands are sent at once, for one way to the database and back.
async fn lock(client: &Client, names: &RowNames<'_>) -> Result<LockedRow, Error> {
    let parameters = names.parameters();
    let (begun, row) = join(client.batch_execute(BEGIN), client.query_typed_opt(LOCK, &parameters)).await;
    begun?;
    if let Some(row) = row? {
        return read(&row);
    }
    // Whoever else makes it meanwhile is waited for; taken back again unless something is written.
    client.execute_typed(MAKE, &parameters).await?;
    read(&client.query_typed_one(LOCK, &parameters).await?)
}

fn read(row: &Row) -> Result<LockedRow, Error> {
    Ok(LockedRow { body: row.try_get(0)?, now: Moment(row.try_get(1)?) })
}

/// Saves a change, with the same haste. The commit of a change that failed is a rollback.
async fn write(client: &Client, names: &RowNames<'_>, body: &str) -> Result<(), Error> {
    let [kind, id] = names.parameters();
    let parameters: [SqlParameter<'_>; 3] = [kind, id, (&body, Type::TEXT)];
    let (written, committed) =
        join(client.execute_typed(WRITE, &parameters), client.batch_execute("commit")).await;
    written?;
    committed
}
