//! PostgreSQL itself, as `tests/postgres/start` starts one. `VANTA_MCP_TEST_POSTGRES` is its superuser's URL, with the
//! certificate of who vouches for it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::net::TcpListener;
use tokio_postgres::Client;

use super::super::postgres::{Postgres, PostgresAddress, PostgresPlace};
use super::child::{Process, processes_lose_nothing};
use super::suite::{self, add, add_kept, key, put, seen, unchecked};
use super::*;
use crate::authorities::{Authorities, CertificatePlaces};

pub fn at(url: &str) -> PostgresPlace {
    PostgresPlace { address: PostgresAddress::read(url).unwrap(), authorities: Authorities::default() }
}

fn store(url: &str) -> Postgres {
    Postgres::new(at(url))
}

/// A server with a database of the test's own.
struct Server {
    url: String,
    database: String,
}

impl Server {
    /// `None` where there is no server, which is said aloud.
    async fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(url) = std::env::var("VANTA_MCP_TEST_POSTGRES") else {
            unchecked("state in PostgreSQL: no server was named. Start one with tests/postgres/start FOLDER");
            return None;
        };
        let database = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let server = Self { url, database };
        let admin = at(&server.url).connect_only().await.unwrap();
        admin.batch_execute(&format!("create database {}", server.database)).await.unwrap();
        Some(server)
    }

    /// The URL of the database, with other parts than the superuser's.
    fn with(&self, user: Option<&str>, host: &str, parameters: &str) -> String {
        let (_, rest) = self.url.split_once("://").unwrap();
        let (own_user, rest) = rest.split_once('@').unwrap();
        let (own_host, _) = rest.split_once('/').unwrap();
        let (_, port) = own_host.split_once(':').unwrap();
        format!("postgres://{}@{host}:{port}/{}?{parameters}", user.unwrap_or(own_user), self.database)
    }

    fn database_url(&self) -> String {
        self.with(None, "localhost", "sslmode=require")
    }

    /// A connection that is not the store's.
    async fn beside(&self) -> Client {
        at(&self.database_url()).connect_only().await.unwrap()
    }

    fn root(&self) -> &str {
        self.url.split_once("sslrootcert=").unwrap().1
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_keeps_the_suite() {
    let Some(server) = Server::new().await else { return };
    let url = server.database_url();
    let store = Arc::new(store(&url)) as Arc<dyn Store>;
    suite::holds(&store).await;
    processes_lose_nothing(&*store, &url).await;
    let beside = server.beside().await;
    let count = "select count(*) from vanta_mcp.record where id in ('never made', 'clock') or body is null";
    let rows: i64 = beside.query_one(count, &[]).await.unwrap().get(0);
    assert_eq!(rows, 0, "a record that nothing was written to is not there");
    let connections = format!("select count(*) from pg_stat_activity where datname = '{}'", server.database);
    let connections: i64 = beside.query_one(&connections, &[]).await.unwrap().get(0);
    assert!(connections <= 5, "{connections} connections, one of them the test's");
}

#[tokio::test]
async fn only_a_record_that_changes_is_written() {
    let Some(server) = Server::new().await else { return };
    let store = store(&server.database_url());
    add(&store, &key("a")).await.unwrap();
    let beside = server.beside().await;
    let version = async || {
        let row = beside.query_one("select xmin::text from vanta_mcp.record", &[]).await.unwrap();
        row.get::<_, String>(0)
    };
    let before = version().await;
    seen(&store, &key("a")).await.unwrap();
    assert_eq!(version().await, before);
    add(&store, &key("a")).await.unwrap();
    assert_ne!(version().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_records_do_not_wait_for_each_other() {
    let Some(server) = Server::new().await else { return };
    let store = Arc::new(store(&server.database_url()));
    add(&*store, &key("a")).await.unwrap();
    let (begun, has_begun) = channel();
    let (go_on, may_go_on) = channel();
    let own = Arc::clone(&store);
    let slow = tokio::spawn(async move {
        let wait = move |_: Moment, _: Option<&str>| {
            begun.send(()).unwrap();
            may_go_on.recv_timeout(Duration::from_secs(20)).unwrap();
            Some("10".to_owned())
        };
        own.change(&key("a"), Box::new(wait)).await
    });
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    // As many wait for the same record as there are connections.
    let waiting: Vec<_> = (0..6)
        .map(|_| {
            let own = Arc::clone(&store);
            tokio::spawn(async move { add(&*own, &key("a")).await })
        })
        .collect();
    tokio::task::yield_now().await;
    for number in 1..=5 {
        assert_eq!(add(&*store, &key("b")).await, Ok(number));
    }
    go_on.send(()).unwrap();
    slow.await.unwrap().unwrap();
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    assert_eq!(add(&*store, &key("a")).await, Ok(17));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_may_begin_at_once() {
    let Some(server) = Server::new().await else { return };
    let all: Vec<_> = (0..8)
        .map(|_| {
            let store = store(&server.database_url());
            tokio::spawn(async move { add(&store, &key("a")).await })
        })
        .collect();
    for one in all {
        one.await.unwrap().unwrap();
    }
    assert_eq!(add(&store(&server.database_url()), &key("a")).await, Ok(9));
}

#[tokio::test]
async fn who_may_not_make_the_tables_learns_who_has_to() {
    let Some(server) = Server::new().await else { return };
    let beside = server.beside().await;
    let user = format!("u_{}", server.database);
    beside.batch_execute(&format!("create role {user} login password 'hunter2'")).await.unwrap();
    let url = server.with(Some(&format!("{user}:hunter2")), "localhost", "sslmode=require");
    let told = add(&store(&url), &key("a")).await.unwrap_err();
    assert!(matches!(told, StoreError::Unauthorized { .. }), "{told:?}");
    assert!(told.to_string().contains("create schema vanta_mcp authorization"), "{told}");
    beside.batch_execute(&format!("create schema vanta_mcp authorization {user}")).await.unwrap();
    assert_eq!(add(&store(&url), &key("a")).await, Ok(1));
    // Somebody else may not use them.
    let other = format!("o_{}", server.database);
    beside.batch_execute(&format!("create role {other} login password 'hunter2'")).await.unwrap();
    let url = server.with(Some(&format!("{other}:hunter2")), "localhost", "sslmode=require");
    let told = add(&store(&url), &key("a")).await.unwrap_err();
    assert!(matches!(told, StoreError::Unauthorized { .. }), "{told:?}");
}

#[tokio::test]
async fn what_is_wrong_is_told_without_the_password() {
    let Some(server) = Server::new().await else { return };
    let wrong = store(&server.with(Some("admin:hunter2"), "localhost", ""));
    let told = add(&wrong, &key("a")).await.unwrap_err();
    assert!(matches!(told, StoreError::Unauthorized { .. }), "{told:?}");
    let none = store(&server.with(Some("admin"), "localhost", ""));
    let told = [told, add(&none, &key("a")).await.unwrap_err()];
    for told in told {
        assert!(
            told.to_string().contains("admin@localhost") && !format!("{told:?}").contains("hunter2"),
            "{told}"
        );
    }
    assert!(!wrong.place().contains("hunter2"));

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://me:hunter2@{}/s", nobody.local_addr().unwrap());
    let silent = store(&format!("{url}?connect_timeout=1"));
    let told = add(&silent, &key("a")).await.unwrap_err();
    assert!(matches!(told, StoreError::Unreachable { .. }), "silent: {told:?}");
    drop(nobody);
    let told = add(&store(&url), &key("a")).await.unwrap_err();
    assert!(matches!(told, StoreError::Unreachable { .. }), "{told:?}");
    assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
    let kept = add_kept(&Shared::new(Arc::new(store(&url))), &key("a")).await;
    assert_eq!(kept, Err(told), "what must be kept is kept nowhere else");
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let Some(server) = Server::new().await else { return };
    add(&store(&server.database_url()), &key("a")).await.unwrap();
    server.beside().await.batch_execute("update vanta_mcp.version set version = 7").await.unwrap();
    let told = add(&store(&server.database_url()), &key("a")).await.unwrap_err();
    assert!(matches!(told, StoreError::Newer { found: 7, known: 1, .. }), "{told:?}");
}

#[tokio::test]
async fn tables_that_are_gone_are_told_and_made_anew_where_the_rest_goes_too() {
    let Some(server) = Server::new().await else { return };
    let store = store(&server.database_url());
    add(&store, &key("a")).await.unwrap();
    let beside = server.beside().await;
    beside.batch_execute("drop table vanta_mcp.record").await.unwrap();
    let told = add(&store, &key("a")).await.unwrap_err();
    assert!(matches!(told, StoreError::Damaged { .. }), "{told:?}");
    assert!(told.told().contains("drop schema vanta_mcp cascade"), "{told}");
    for _ in 0..2 {
        beside.batch_execute("drop schema vanta_mcp cascade").await.unwrap();
        assert_eq!(add(&store, &key("a")).await, Ok(1));
    }
}

#[tokio::test]
async fn a_standby_is_told() {
    let Some(server) = Server::new().await else { return };
    add(&store(&server.database_url()), &key("a")).await.unwrap();
    let read_only = format!("alter database {} set default_transaction_read_only = on", server.database);
    server.beside().await.batch_execute(&read_only).await.unwrap();
    let told = add(&store(&server.database_url()), &key("a")).await.unwrap_err();
    assert!(matches!(told, StoreError::ReadOnly { .. }), "{told:?}");
}

#[tokio::test]
async fn another_process_delays_a_change_and_leaves_nothing_when_it_is_killed() {
    let Some(server) = Server::new().await else { return };
    let url = server.database_url();
    let store = store(&url);
    assert_eq!(add(&store, &key("a")).await, Ok(1));
    let mut other = Process::start("hold", &url, "a");
    assert_eq!(other.says().as_deref(), Some("holds"));
    let told = add(&store, &key("a")).await.unwrap_err();
    assert_eq!(told, StoreError::Late { place: store.place() });
    other.kill();
    assert_eq!(add(&store, &key("a")).await, Ok(2));
}

/// Ends all connections of the store, from a thread of its own, as a change must not wait for anything else.
fn cut(server: &Server) {
    let (url, database) = (server.url.clone(), server.database.clone());
    let cut = async move {
        let admin = at(&url).connect_only().await.unwrap();
        let all = format!(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{database}'"
        );
        admin.batch_execute(&all).await.unwrap();
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime.block_on(cut)).join().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_is_lost_is_made_again_and_a_change_is_not_repeated() {
    let Some(server) = Server::new().await else { return };
    let server = Arc::new(server);
    let store = store(&server.database_url());
    assert_eq!(add(&store, &key("a")).await, Ok(1));
    cut(&server);
    assert_eq!(add(&store, &key("a")).await, Ok(2), "an idle one is not missed");
    let own = Arc::clone(&server);
    let lost = move |_: Moment, _: Option<&str>| {
        cut(&own);
        Some("50".to_owned())
    };
    let told = store.change(&key("a"), Box::new(lost)).await.unwrap_err();
    assert!(matches!(&told, StoreError::Unreachable { .. }), "{told:?}");
    assert!(told.to_string().contains("may or may not"), "{told}");
    assert_eq!(add(&store, &key("a")).await, Ok(3));
    let own = Arc::clone(&server);
    let lost = move |_: Moment, number: &mut u64| {
        cut(&own);
        *number += 1;
    };
    let shared = Shared::new(Arc::new(store));
    let told = shared.change_kept(&key("a"), lost).await.unwrap_err();
    assert!(told.to_string().contains("may or may not"), "{told}");
    assert_eq!(shared.try_now(&key("a")).await.trouble, None);
    assert_eq!(add_kept(&shared, &key("a")).await, Ok(4), "nothing was kept in this process instead");
}

/// Whether a connection by that URL is made, and by TLS.
async fn is_secured(place: PostgresPlace) -> Result<bool, StoreError> {
    let client = place.connect_only().await?;
    let row = client.query_one("select ssl from pg_stat_ssl where pid = pg_backend_pid()", &[]).await;
    Ok(row.unwrap().get(0))
}

#[tokio::test]
async fn sslmode_is_obeyed() {
    let Some(server) = Server::new().await else { return };
    let root = format!("sslrootcert={}", server.root());
    let [clear, tls] = [Some("in_clear:in_clear"), Some("by_tls:by_tls")];
    for (user, host, parameters, expected) in [
        (None, "localhost", "sslmode=disable", Some(false)),
        (None, "localhost", "sslmode=allow", Some(false)),
        (None, "localhost", "", Some(true)),
        (None, "localhost", "sslmode=prefer", Some(true)),
        (None, "localhost", "sslmode=require", Some(true)),
        (clear, "localhost", "sslmode=prefer", Some(false)),
        (clear, "localhost", "sslmode=require", None),
        (tls, "localhost", "sslmode=disable", None),
        (tls, "localhost", "sslmode=allow", Some(true)),
        // Nobody whom this machine trusts has issued it.
        (None, "localhost", "sslmode=verify-ca", None),
        (None, "localhost", "sslmode=verify-full", None),
        (None, "localhost", "sslrootcert=system", None),
        (None, "localhost", &format!("sslmode=verify-full&{root}"), Some(true)),
        (None, "127.0.0.1", &format!("sslmode=verify-full&{root}"), None),
        (None, "127.0.0.1", &format!("sslmode=verify-ca&{root}"), Some(true)),
        (None, "127.0.0.1", &format!("sslmode=require&{root}"), Some(true)),
        (None, "127.0.0.1", "sslmode=require&sslrootcert=/nowhere.pem", None),
    ] {
        let secured = is_secured(at(&server.with(user, host, parameters))).await;
        assert_eq!(secured.as_ref().ok().copied(), expected, "{user:?} {host} {parameters}: {secured:?}");
    }
    let url = server.with(None, "localhost", "sslmode=verify-full");
    let address = PostgresAddress::read(&url).unwrap();
    let added = vec![CertificateDer::from_pem_file(server.root()).unwrap()];
    let beside = Authorities { added, ..Authorities::default() };
    let places = CertificatePlaces { file: Some(server.root().into()), folders: Vec::new() };
    let in_place = Authorities { places, ..Authorities::default() };
    for authorities in [beside, in_place] {
        assert_eq!(is_secured(PostgresPlace { address: address.clone(), authorities }).await, Ok(true));
    }
    let told = put(&store(&url), &key("a"), "1").await.unwrap_err();
    assert!(
        matches!(told, StoreError::Untrusted { .. }) && told.to_string().contains("UnknownIssuer"),
        "{told:?}"
    );
    assert!(told.told().contains("sslrootcert=FILE"), "{}", told.told());
}
