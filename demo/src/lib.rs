//! The demo tenant: a simulated Vanta and a simulated Vanta Panel behind real HTTP on loopback.
//!
//! Demo and tests run the production path against it: tokens that revoke each
//! other, scopes, budgets per minute, pages, and a company whose controls,
//! tests and people hang together. Everything is generated from a seed and a
//! start time, so the same two give the same bytes; nothing is generated
//! before the first request needs it.
//!
//! Reading order: [`Tenant`] here, then `serve` (HTTP), `door` (what happens
//! to a request), `tokens`, `scopes`, `budgets`, `faults`, and last the worlds
//! behind the door: `manage`, `audit`, `connectors`, `panel`.

mod ask;
mod audit;
mod budgets;
mod clock;
mod company;
mod connectors;
mod domains;
mod door;
mod faults;
mod fields;
mod files;
mod manage;
mod multipart;
mod order;
mod pages;
mod panel;
mod query;
mod record;
mod scopes;
mod secrets;
mod seen;
mod serve;
mod shelf;
mod size;
mod tokens;
mod weather;
mod world;

#[cfg(test)]
mod wire;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use company::Company;
use door::{Door, Origin};

pub use faults::{Fault, FaultKind, Target};
pub use panel::PanelScope;
pub use seen::{Credential, Seen};
pub use size::Size;
pub use tokens::Application;
pub use weather::FaultRate;

/// Whether the tenant counts requests per minute, as Vanta does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limits {
    /// 5 token requests, 50 manage and 20 connector requests a minute, and 600 to 10 of each operation of an audit.
    Enforced,
    /// Nothing is refused for being too many.
    Off,
}

/// What a tenant is made from.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Source of every name, id, secret and number.
    pub seed: u64,
    /// The moment at which the tenant's clock starts; all its dates lie around it.
    pub now: Timestamp,
    /// Whether requests per minute are limited.
    pub limits: Limits,
    /// How large the company is.
    pub size: Size,
}

impl Default for Options {
    /// A fixed seed, the system's time, limits enforced, the usual company.
    fn default() -> Self {
        Self { seed: 2026, now: Timestamp::now(), limits: Limits::Enforced, size: Size::Usual }
    }
}

/// A running demo tenant; it stops, and closes its connections, when dropped.
pub struct Tenant {
    door: Arc<Door>,
    vanta_port: u16,
    panel_port: u16,
    accepting: [JoinHandle<()>; 3],
}

impl Tenant {
    /// Binds three loopback ports and serves on the current runtime.
    ///
    /// The company itself is generated at the first request.
    ///
    /// # Errors
    /// Where no loopback port can be bound.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let (vanta, vanta_port) = serve::bind().await?;
        let (panel, panel_port) = serve::bind().await?;
        let (files, files_port) = serve::bind().await?;
        let door = Arc::new(Door::new(options, format!("http://127.0.0.1:{files_port}")));
        let accepting = [
            tokio::spawn(serve::accept(vanta, Arc::clone(&door), Origin::Vanta)),
            tokio::spawn(serve::accept(panel, Arc::clone(&door), Origin::Panel)),
            tokio::spawn(serve::accept(files, Arc::clone(&door), Origin::Files)),
        ];
        Ok(Self { door, vanta_port, panel_port, accepting })
    }

    /// The base URL of the simulated Vanta, without a slash at the end: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn vanta_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.vanta_port)
    }

    /// The base URL of the simulated Panel: `http://127.0.0.1:PORT/`.
    #[must_use]
    pub fn panel_url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.panel_port)
    }

    /// Client id and client secret of the application that the tenant has for one API.
    #[must_use]
    pub fn application(&self, api: Application) -> (&str, &str) {
        self.door.secrets().application(api)
    }

    /// The slug of the one Trust Center.
    #[must_use]
    pub fn trust_center(&self) -> &'static str {
        manage::TRUST_CENTER
    }

    /// A Panel token with every scope, `vp_…`.
    #[must_use]
    pub fn panel_token(&self) -> &str {
        self.door.secrets().panel_token()
    }

    /// Issues another Panel token, with these scopes alone.
    #[must_use]
    pub fn panel_token_with(&self, scopes: &[PanelScope]) -> String {
        self.door.state().panel.issue(scopes)
    }

    /// Every request received so far, in the order of arrival, token requests and faulted ones included.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.door.state().log.seen()
    }

    /// Every request that the host of stored files received so far, in the order of arrival.
    #[must_use]
    pub fn downloads(&self) -> Vec<Seen> {
        self.door.state().downloads.seen()
    }

    /// Forgets the requests [`seen`](Self::seen) so far, and the [`downloads`](Self::downloads).
    pub fn forget(&self) {
        let mut state = self.door.state();
        state.log.forget();
        state.downloads.forget();
    }

    /// Drops the faults that no request has met.
    pub fn mend(&self) {
        self.door.state().faults.clear();
    }

    /// Queues a fault for the next requests that its target matches.
    pub fn fault(&self, fault: Fault) {
        self.door.state().faults.queue(fault);
    }

    /// From now on, faults at random beside those that are queued, at the simulated Vanta's API and not at its token endpoint.
    pub fn fault_at(&self, rate: FaultRate) {
        self.door.state().weather = Some(weather::Weather::new(rate));
    }

    /// Makes every active access token invalid, as if someone else had asked for one.
    pub fn revoke_tokens(&self) {
        self.door.state().tokens.revoke_all();
    }

    /// Leaves an application type with these scopes only, for tokens already issued too.
    pub fn restrict(&self, api: Application, scopes: &[&str]) {
        self.door.state().tokens.restrict(api, scopes);
    }

    /// Puts the tenant's clock forward by so many seconds. Its answers say the new time; what it has is as old as it was made.
    pub fn put_forward(&self, seconds: i64) {
        self.door.clock().put_forward(seconds);
    }

    /// Sets how long access tokens issued from now on live; `expires_in` says it in whole seconds.
    pub fn token_lifetime(&self, lifetime: Duration) {
        self.door.state().tokens.live_for(lifetime);
    }
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tenant").field("vanta", &self.vanta_url()).field("panel", &self.panel_url()).finish()
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        for task in &self.accepting {
            task.abort();
        }
    }
}
