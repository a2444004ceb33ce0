//! What the operator decides about serving over HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::tls::TlsFiles;
use crate::callers::CallerSettings;

/// How to serve over HTTP.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where to tell health and counts, if anywhere.
    pub admin: Option<AdminSettings>,
    /// What to secure connections with; none where a proxy does.
    pub tls: Option<TlsFiles>,
    /// How callers are recognised.
    pub callers: CallerSettings,
    /// Names under which the server may be addressed, besides its own address; `name` or `name:port`.
    pub hosts: Vec<String>,
    /// Web pages that may call, as `https://name` or `https://name:port`.
    pub origins: Vec<String>,
    /// Whether clients that know nothing newer are served too.
    pub legacy_sse: LegacySse,
    /// The folder for the files of exports, none of which has a name there.
    pub exports: PathBuf,
    /// How much at once.
    pub limits: Limits,
}

/// Where health and counts are told, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct AdminSettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Who may ask.
    pub reach: Reach,
}

/// Who may ask for health and counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Programs of this machine, by one of its own names.
    ThisMachine,
    /// Whoever reaches the address, by any name.
    Others,
}

/// The transport of protocol 2024-11-05, with one endpoint for each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegacySse {
    /// On `/sse` and `/messages`.
    Offered,
    /// Not there.
    Absent,
}

/// Bounds. Over one of them a request is refused with 429 or 503 and told when to come again.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Sessions at once, of all callers; each takes about 100 kB.
    pub sessions: usize,
    /// How long a session may be silent before it ends.
    pub session_idle: Duration,
    /// Calls of one caller at once.
    pub calls: usize,
    /// How long an export can be read.
    pub export_kept: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        let (session_idle, export_kept) = (minutes(30), minutes(15));
        Self { connections: 2048, sessions: 1000, session_idle, calls: 64, export_kept }
    }
}
