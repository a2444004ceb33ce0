//! A server that listens: everything below put together, and its end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::admin::{self, Admin};
use super::admission::Admission;
use super::authorization::Authorization;
use super::bounds::{GRACE, KEEP_ALIVE, MOST, PARTING, RESUMABLE};
use super::connections::Connections;
use super::door::Door;
use super::front::Front;
use super::listener::{self, Ends};
use super::measure::{self, RecorderError};
use super::sessions::{Sessions, Sharing};
use super::settings::{AdminSettings, LegacySse, Settings};
use super::tls::{Tls, TlsError};
use super::{legacy, refusal};
use crate::callers::Callers;
use crate::callers::tokens::TokenFileError;
use crate::files::Shelf;
use crate::files::watched::LOOK;
use crate::server::Server;

/// Serving could not begin.
#[derive(Debug, Error)]
pub enum HttpError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// The file of tokens cannot be used.
    #[error(transparent)]
    Tokens(#[from] TokenFileError),
    /// Nothing can be counted.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A server that listens and does not serve yet.
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    app: Front,
    connections: Arc<Connections>,
    tls: Option<Tls>,
    server: Server,
    callers: Arc<Callers>,
    sessions: Arc<Sessions>,
    admin: Option<(TcpListener, Admin)>,
    ends: Ends,
}

impl Listening {
    /// Listens and makes ready; from here on nothing can fail. It ends when `stop` is cancelled.
    ///
    /// # Errors
    /// An address is taken, or a file that the settings name cannot be used.
    pub async fn begin(
        server: &Server,
        settings: Settings,
        stop: CancellationToken,
    ) -> Result<Self, HttpError> {
        Self::begin_with(server, Server::for_session, settings, stop).await
    }

    /// The same with another handler before the server's own: `handler` makes the one of each session.
    ///
    /// # Errors
    /// As for [`Self::begin`].
    pub async fn begin_with<H: ServerHandler>(
        server: &Server,
        handler: impl Fn(&Server) -> H + Send + Sync + 'static,
        settings: Settings,
        stop: CancellationToken,
    ) -> Result<Self, HttpError> {
        let shelf = Shelf::new(settings.exports.clone(), settings.limits.export_kept);
        let server = server.remote(shelf);
        let (listener, address) = listen(settings.listen).await?;
        let ends = Ends { stop, hard: CancellationToken::new() };
        let sharing = if settings.callers.is_open() { Sharing::Alone } else { Sharing::Among };
        let connections = Arc::new(Connections::new(room(settings.limits.connections), sharing));
        let tls = settings.tls.clone().map(Tls::new).transpose()?;
        let admin_at = settings.admin;
        let callers = Arc::new(Callers::new(settings.callers.clone())?);
        let (app, sessions) = app(&server, handler, settings, &callers, address, sharing, &ends.hard);
        let admin = match admin_at {
            None => None,
            Some(AdminSettings { listen: at, reach }) => {
                let (listener, address) = listen(at).await?;
                let door = Admin::door(address, reach);
                let (server, connections) = (server.clone(), Arc::clone(&connections));
                let (handle, stop) = (measure::install()?, ends.stop.clone());
                let (callers, sessions) = (Arc::clone(&callers), Arc::clone(&sessions));
                Some((listener, Admin { door, handle, server, callers, sessions, connections, stop }))
            }
        };
        Ok(Self { listener, address, app, connections, tls, server, callers, sessions, admin, ends })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it tells health and counts, if anywhere.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(|(listener, _)| listener.local_addr().ok())
    }

    /// Serves until it is told to stop, then waits up to [`GRACE`] for the calls under way.
    pub async fn serve(self) {
        let Self { listener, app, connections, tls, server, callers, sessions, admin, ends, .. } = self;
        let hard = ends.hard.clone();
        // Health is told until the very end.
        let over = CancellationToken::new();
        let _over = over.clone().drop_guard();
        if let Some((listener, admin)) = admin {
            let ends = Ends { stop: over.clone(), hard: over.clone() };
            let kept_up = over.clone().run_until_cancelled_owned(Admin::keep_up(admin.handle.clone()));
            tokio::spawn(kept_up);
            let connections = Arc::new(Connections::new(admin::CONNECTIONS, Sharing::Alone));
            tokio::spawn(
                async move { listener::accept(listener, admin.routes(), connections, None, ends).await },
            );
        }
        if !callers.is_open() {
            tokio::spawn(over.run_until_cancelled_owned(follow(callers, sessions)));
        }
        let open = listener::accept(listener, app, connections, tls, ends).await;
        server.end_tasks();
        let calls = server.calls();
        calls.close();
        if tokio::time::timeout(GRACE, calls.wait()).await.is_err() {
            tracing::warn!(calls = calls.len(), "stopped while calls were still running");
        }
        // Answers that are ready go out before the streams that never end by themselves are cut.
        open.close();
        let _ = tokio::time::timeout(PARTING / 4, open.wait()).await;
        hard.cancel();
        let _ = tokio::time::timeout(PARTING, open.wait()).await;
    }
}

/// Ends what a caller has begun soon after their token stops being valid, and not only when they next call.
async fn follow(callers: Arc<Callers>, sessions: Arc<Sessions>) {
    let mut ticks = tokio::time::interval(LOOK);
    loop {
        ticks.tick().await;
        callers.look();
        sessions.end_those_over().await;
    }
}

/// Files beside connections: those to upstreams, the runtime's own, and some to spare.
#[cfg(unix)]
const FILES: usize = 256;

/// How many connections there is room for: each is a file, of which many systems allow a process only a thousand unless
/// it asks for more.
#[cfg(unix)]
fn room(wanted: usize) -> usize {
    let needed = u64::try_from(wanted.saturating_add(FILES)).unwrap_or(u64::MAX);
    match rlimit::Resource::NOFILE.get_soft() {
        Ok(allowed) if allowed >= needed => return wanted,
        Ok(_) => {}
        Err(_) => return wanted,
    }
    let allowed = rlimit::increase_nofile_limit(needed).unwrap_or(needed);
    let room = usize::try_from(allowed).unwrap_or(usize::MAX).saturating_sub(FILES).max(1);
    if room < wanted {
        tracing::warn!(
            connections = room,
            "the system allows only {allowed} open files, so fewer connections are accepted than configured"
        );
    }
    room.min(wanted)
}

#[cfg(not(unix))]
fn room(wanted: usize) -> usize {
    wanted
}

/// Listens, and says where: the port may be one that the system chose.
async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), HttpError> {
    let failed = |cause| HttpError::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let own = listener.local_addr().map_err(failed)?;
    Ok((listener, own))
}

fn app<H: ServerHandler>(
    server: &Server,
    handler: impl Fn(&Server) -> H + Send + Sync + 'static,
    settings: Settings,
    callers: &Arc<Callers>,
    address: SocketAddr,
    sharing: Sharing,
    hard: &CancellationToken,
) -> (Front, Arc<Sessions>) {
    let Settings { hosts, origins, limits, legacy_sse, .. } = settings;
    let mut manager = LocalSessionManager::default();
    manager.session_config.keep_alive = Some(limits.session_idle);
    manager.session_config.completed_cache_ttl = RESUMABLE;
    let manager = Arc::new(manager);
    let sessions =
        Arc::new(Sessions::new(Arc::clone(&manager), limits.sessions, limits.session_idle, sharing));
    let authorization = Authorization::new(callers, server.offer().most());
    let open_routes = authorization.routes();
    let admission =
        Admission::new(server, Arc::clone(callers), authorization, Arc::clone(&sessions), &limits);
    let config = StreamableHttpServerConfig::default()
        .with_sse_keep_alive(Some(KEEP_ALIVE))
        // An answer that comes alone comes as JSON; one that notifications come before, as a stream.
        .with_json_response(true)
        // The door has checked both, for every route.
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_max_request_body_bytes(MOST)
        .with_cancellation_token(hard.child_token());
    let factory = server.clone();
    let streamable = StreamableHttpService::new(move || Ok(handler(&factory)), manager, config);
    let mut mcp = Router::new().route_service("/mcp", streamable);
    let mut paths: &[_] = &["/mcp"];
    if legacy_sse == LegacySse::Offered {
        let state =
            legacy::State::new(server.clone(), Arc::clone(&sessions), hard.clone(), limits.session_idle);
        mcp = mcp.merge(
            Router::new()
                .route("/sse", get(legacy::open))
                .route("/messages", post(legacy::message))
                .with_state(state),
        );
        paths = &["/mcp", "/sse", "/messages"];
    }
    let open = open_routes.fallback(refusal::no_such_path);
    let door = Door::new(address, hosts, &origins);
    (Front::new(door, admission, mcp, paths, open), sessions)
}
