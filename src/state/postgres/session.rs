//! A connection to the database: how it is made, and what has to be there before it is used.

use std::path::PathBuf;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Error, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::schema;
use super::super::store::StoreError;
use super::address::{PostgresAddress, SslChoice};
use super::error::{has_no_tables, is_wrong_password, told};
use super::tls::{self, Scrutiny};
use crate::authorities::Authorities;

/// How long making a connection may take, tables included.
const PATIENCE: Duration = Duration::from_millis(4500);

/// The lock of those who bring the tables up to date: any number that others are unlikely to use.
const MIGRATION: i64 = 0x7661_6e74_616d_6370;

/// A database and how it is reached.
#[derive(Debug, Clone)]
pub struct PostgresPlace {
    /// Its address.
    pub address: PostgresAddress,
    /// Who vouches for it, where its address names nobody.
    pub authorities: Authorities,
}

/// One way to secure a connection.
enum Way {
    Clear,
    Tls(SslMode, Scrutiny),
}

impl PostgresPlace {
    /// Makes a connection and sees to the tables.
    pub async fn connect(&self) -> Result<Client, StoreError> {
        let connected = timeout(PATIENCE, async {
            let client = self.connect_only().await?;
            self.prepare(&client).await?;
            Ok(client)
        });
        connected.await.unwrap_or_else(|_| {
            let detail = format!("no answer within {} s", PATIENCE.as_secs_f32());
            Err(StoreError::Unreachable { place: self.place(), detail })
        })
    }

    pub fn place(&self) -> String {
        self.address.place().to_owned()
    }

    /// The ways that libpq would try, in its order.
    fn ways(&self) -> Vec<Way> {
        let tls = |scrutiny| Way::Tls(SslMode::Require, scrutiny);
        match self.address.ssl {
            SslChoice::Disable => vec![Way::Clear],
            SslChoice::Allow => vec![Way::Clear, tls(Scrutiny::None)],
            SslChoice::Prefer => vec![Way::Tls(SslMode::Prefer, Scrutiny::None), Way::Clear],
            SslChoice::Require => vec![tls(Scrutiny::None)],
            SslChoice::VerifyCa => vec![tls(Scrutiny::Issuer)],
            SslChoice::VerifyFull => vec![tls(Scrutiny::IssuerAndHost)],
        }
    }

    /// Makes a connection, whatever is in the database.
    pub async fn connect_only(&self) -> Result<Client, StoreError> {
        let mut failed = None;
        for way in self.ways() {
            let mut config = self.address.config.clone();
            let connected = match way {
                Way::Clear => connected(config.ssl_mode(SslMode::Disable), NoTls).await,
                Way::Tls(mode, scrutiny) => {
                    connected(config.ssl_mode(mode), self.secured(scrutiny).await?).await
                }
            };
            match connected {
                Ok(client) => return Ok(client),
                Err(error) => {
                    let ends = is_wrong_password(&error);
                    failed = Some(told(&error, self.address.place()));
                    if ends {
                        break;
                    }
                }
            }
        }
        let detail = "no way to connect".to_owned();
        Err(failed.unwrap_or_else(|| StoreError::Unreachable { place: self.place(), detail }))
    }

    /// Made for each connection: certificates are replaced, and connections are few.
    async fn secured(&self, scrutiny: Scrutiny) -> Result<MakeRustlsConnect, StoreError> {
        let (authorities, only): (_, Option<PathBuf>) =
            (self.authorities.clone(), self.address.roots.clone());
        let made = spawn_blocking(move || tls::client(&authorities, only.as_deref(), scrutiny)).await;
        let detail = match made {
            Ok(Ok(config)) => return Ok(MakeRustlsConnect::new(config)),
            Ok(Err(detail)) => detail,
            Err(error) => error.to_string(),
        };
        Err(StoreError::Untrusted { place: self.place(), detail })
    }

    async fn prepare(&self, client: &Client) -> Result<(), StoreError> {
        let found = match version(client).await {
            Err(error) if has_no_tables(&error) => 0,
            found => found.map_err(|error| told(&error, self.address.place()))?,
        };
        match schema::missing(found) {
            Some([]) => Ok(()),
            Some(_) => self.migrate(client).await,
            None => Err(self.newer(found)),
        }
    }

    fn newer(&self, found: i64) -> StoreError {
        StoreError::Newer { place: self.place(), found, known: schema::known() }
    }

    /// Brings the tables up to date, one process at a time, all or nothing.
    async fn migrate(&self, client: &Client) -> Result<(), StoreError> {
        let failed = |error: Error| told(&error, self.address.place());
        let lock = format!(
            "begin isolation level read committed; set local statement_timeout = 4000; \
             select pg_advisory_xact_lock({MIGRATION})"
        );
        client.batch_execute(&lock).await.map_err(failed)?;
        let has_schema = client.query_typed_one("select to_regnamespace('vanta_mcp') is not null", &[]).await;
        if !has_schema.map_err(failed)?.get::<_, bool>(0) {
            client
                .batch_execute("create schema vanta_mcp")
                .await
                .map_err(|error| with_advice(failed(error)))?;
        }
        client.batch_execute(VERSION_TABLE).await.map_err(failed)?;
        let found = version(client).await.map_err(failed)?;
        // Another process may have been first.
        for step in schema::missing(found).ok_or_else(|| self.newer(found))? {
            client.batch_execute(step.postgres).await.map_err(failed)?;
        }
        let known = schema::known();
        let done = format!("update vanta_mcp.version set version = {known}; commit");
        client.batch_execute(&done).await.map_err(failed)
    }
}

const VERSION_TABLE: &str = "create table if not exists vanta_mcp.version (
    only_one boolean primary key default true check (only_one),
    version bigint not null
); insert into vanta_mcp.version (version) values (0) on conflict do nothing";

/// Who may not make a schema has to have it made.
fn with_advice(error: StoreError) -> StoreError {
    match error {
        StoreError::Unauthorized { place, detail } => StoreError::Unauthorized {
            place,
            detail: format!(
                "{detail}: let the owner of the database run: create schema vanta_mcp authorization USER"
            ),
        },
        error => error,
    }
}

async fn version(client: &Client) -> Result<i64, Error> {
    let row = client.query_typed_opt("select version from vanta_mcp.version", &[]).await?;
    row.map_or(Ok(0), |row| row.try_get(0))
}

async fn connected<T>(config: &Config, tls: T) -> Result<Client, Error>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await?;
    // It ends with the client. What went wrong is told to whoever waits for an answer.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}
