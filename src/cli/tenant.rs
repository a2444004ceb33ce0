//! The demo tenant as upstreams.

use std::io;

use secrecy::SecretString;
use url::Url;
use vanta_demo::{Application, Limits, Options, Tenant};

use crate::api::{Credential, Timeouts, TokenHeader, Upstream, upstream};
use crate::catalog::{Api, Effect};
use crate::config::DemoLimits;

/// A tenant that runs; dropping it ends it.
pub(super) struct Running(Tenant);

/// Starts one on ports of loopback that the system chooses.
pub(super) async fn start(limits: DemoLimits) -> io::Result<Running> {
    let limits = match limits {
        DemoLimits::Real => Limits::Enforced,
        DemoLimits::Off => Limits::Off,
    };
    Tenant::start(Options { limits, ..Options::default() }).await.map(Running)
}

impl Running {
    /// The slug of its Trust Center.
    pub(super) fn trust_center(&self) -> &'static str {
        self.0.trust_center()
    }

    /// How many requests it has had to Manage Vanta.
    pub(super) fn manage_requests(&self) -> usize {
        let others = ["/v1/audits", "/v1/auditors", "/v1/resources"];
        let is_manage =
            |path: &str| path.starts_with("/v1/") && !others.iter().any(|other| path.starts_with(other));
        self.0.seen().iter().filter(|seen| is_manage(&seen.path)).count()
    }

    /// All of its APIs, with its own credentials.
    pub(super) fn upstreams(&self, access: Effect, timeouts: Timeouts) -> io::Result<Vec<Upstream>> {
        let Self(tenant) = self;
        let url = |text: String| Url::parse(&text).map_err(io::Error::other);
        let applications = [
            (Api::Manage, Application::Manage),
            (Api::Audit, Application::Audit),
            (Api::Connectors, Application::Connectors),
        ];
        let mut upstreams = Vec::new();
        for (api, application) in applications {
            let (id, secret) = tenant.application(application);
            let credential = Credential::Application {
                client_id: id.to_owned(),
                client_secret: SecretString::from(secret),
                scopes: upstream::scopes_for(api, access, None),
            };
            let base = url(tenant.vanta_url())?;
            upstreams.push(Upstream { api, base, credential, timeouts });
        }
        let token = SecretString::from(tenant.panel_token());
        let credential = Credential::Token { token, header: TokenHeader::Bearer };
        let base = url(tenant.panel_url())?;
        upstreams.push(Upstream { api: Api::Panel, base, credential, timeouts });
        Ok(upstreams)
    }
}
