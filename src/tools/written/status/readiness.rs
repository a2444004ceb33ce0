//! Whether the server is ready to be sent calls, for whoever asks without a token: figures and names alone.

use std::time::Duration;

use futures::future::join_all;
use serde::Serialize;

use super::api::ApiState;
use super::audience::{Audience, SERVER};
use super::shared::SharedState;
use crate::api::Clients;
use crate::catalog::Api;

/// How long the place where processes share is waited for. A probe waits for about a second itself.
const LOOK: Duration = Duration::from_millis(500);

/// Whether the server is ready.
#[derive(Debug, Serialize)]
pub struct Readiness {
    server: &'static str,
    ready: bool,
    /// Why it is not.
    reasons: Vec<String>,
    /// What is wrong and no reason to send it nothing.
    warnings: Vec<String>,
    apis: Vec<ApiState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<SharedState>,
}

impl Readiness {
    /// Whether there is no reason against it.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// There is a reason against it.
    pub fn refuse(&mut self, reason: impl Into<String>) {
        self.ready = false;
        self.reasons.push(reason.into());
    }

    /// Something is wrong, and no reason against it.
    pub fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }
}

/// Whether calls can be served with these credentials. An upstream that fails is no reason against it, since it fails for
/// every other server too; nor is a state that is lost, since each server goes on by itself.
pub async fn readiness(clients: &Clients) -> Readiness {
    let look = async {
        let standing = join_all(Api::ALL.map(|api| clients.standing(api))).await;
        if standing.iter().all(Option::is_none) {
            clients.look_at_state().await;
        }
        standing
    };
    let looked = tokio::time::timeout(LOOK, look).await;
    let health = clients.state_health();
    let (standing, state) = if let Ok(standing) = looked {
        (standing, health.map(|health| SharedState::of(health, Audience::Probe)))
    } else {
        let here = Api::ALL.map(|api| clients.standing_here(api)).to_vec();
        (here, health.map(SharedState::silent))
    };
    let apis = Api::ALL.into_iter().zip(standing);
    let apis = apis.map(|(api, own)| ApiState::of(clients, api, own, Audience::Probe)).collect();
    let mut readiness =
        Readiness { server: SERVER, ready: true, reasons: Vec::new(), warnings: Vec::new(), apis, state };
    if !readiness.apis.iter().any(ApiState::is_configured) {
        readiness.refuse("no API has credentials");
    }
    if let Some(warning) = readiness.state.as_ref().and_then(SharedState::warning).map(str::to_owned) {
        readiness.warn(warning);
    }
    readiness
}
