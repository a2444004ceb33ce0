//! The server as commands use it: with real upstreams or the demo tenant, and with a client in memory.

use std::io;
use std::sync::Arc;

use rmcp::ServiceExt as _;
use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock, JsonObject, ResourceContents};
use rmcp::service::{RoleClient, RunningService, ServiceError, serve_server};
use secrecy::SecretString;
use serde_json::Value;
use thiserror::Error;
use url::Url;

use super::args::Mode;
use crate::api::{Clients, Credential, Route, Timeouts, TokenHeader, Upstream, upstream};
use crate::call::Caller;
use crate::catalog::{Api, Effect};
use crate::config::Config;
use crate::gate::Policy;
use crate::server::Server;
use vanta_demo::{Application, Options, Tenant};

/// A session that could not begin.
#[derive(Debug, Error)]
pub(super) enum SessionError {
    /// The demo tenant found no port.
    #[error("the demo tenant could not be started on loopback: {0}.")]
    Demo(#[from] io::Error),
    /// Client and server did not come together.
    #[error("the MCP session could not begin: {0}.")]
    Begin(String),
}

/// A server, with the demo tenant that it talks to, if any.
pub(super) struct Backed {
    pub(super) server: Server,
    /// Dropping the tenant ends it.
    pub(super) tenant: Option<Tenant>,
}

/// Makes the server that the settings ask for.
pub(super) async fn server(config: Config, mode: Mode) -> Result<Backed, SessionError> {
    let Config { access, mut upstreams, mut warnings, timeouts, choice, list_page, folders, .. } = config;
    let mut tenant = None;
    if mode == Mode::Demo {
        let started = Tenant::start(Options::default()).await?;
        upstreams = demo_upstreams(&started, access, timeouts)?;
        warnings
            .push("This is the demo tenant: every company, person and account in it is invented.".to_owned());
        tenant = Some(started);
    }
    if upstreams.is_empty() {
        tracing::warn!(
            "no credentials are set, so only server_status is offered: set VANTA_CLIENT_ID and VANTA_CLIENT_SECRET, or \
             VANTA_PANEL_URL and VANTA_PANEL_TOKEN, or use --demo"
        );
    }
    let caller = Caller::new(Policy::of_operator(access), Arc::new(Clients::new(upstreams)), folders);
    Ok(Backed { server: Server::new(caller, choice, list_page, warnings), tenant })
}

fn demo_upstreams(tenant: &Tenant, access: Effect, timeouts: Timeouts) -> Result<Vec<Upstream>, io::Error> {
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
        upstreams.push(Upstream {
            api,
            base: url(tenant.vanta_url())?,
            credential,
            route: Route::Direct,
            timeouts,
        });
    }
    let token = SecretString::from(tenant.panel_token());
    let credential = Credential::Token { token, header: TokenHeader::Bearer };
    let base = url(tenant.panel_url())?;
    upstreams.push(Upstream { api: Api::Panel, base, credential, route: Route::Direct, timeouts });
    Ok(upstreams)
}

/// A client of the very server that an assistant would talk to, over a pipe in memory.
pub(super) struct Session {
    client: RunningService<RoleClient, ()>,
    _tenant: Option<Tenant>,
}

impl Session {
    pub(super) async fn begin(backed: Backed) -> Result<Self, SessionError> {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let server = backed.server;
        tokio::spawn(async move {
            if let Ok(session) = serve_server(server, ours).await {
                let _ = session.waiting().await;
            }
        });
        let client = ().serve(theirs).await.map_err(|error| SessionError::Begin(error.to_string()))?;
        Ok(Self { client, _tenant: backed.tenant })
    }

    pub(super) async fn call(
        &self,
        tool: &str,
        arguments: JsonObject,
    ) -> Result<CallToolResult, ServiceError> {
        self.client.call_tool(CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments)).await
    }

    pub(super) async fn tools(&self) -> Result<Vec<rmcp::model::Tool>, ServiceError> {
        // All pages: this is for people, whatever the operator set for clients.
        self.client.list_all_tools().await
    }
}

/// The text of a result's first block.
pub(super) fn text(result: &CallToolResult) -> &str {
    result.content.first().and_then(|block| block.as_text()).map_or("", |text| text.text.as_str())
}

/// The structured content of a result.
pub(super) fn value(result: &CallToolResult) -> &Value {
    result.structured_content.as_ref().unwrap_or(&Value::Null)
}

/// A file's content in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content<'r> {
    /// As it is.
    Text(&'r str),
    /// In base64.
    Image(&'r str),
}

/// The content of the file that a result holds beside its value.
pub(super) fn content(result: &CallToolResult) -> Option<Content<'_>> {
    result.content.iter().find_map(|block| match block {
        ContentBlock::Image(image) => Some(Content::Image(&image.data)),
        ContentBlock::Resource(embedded) => match &embedded.resource {
            ResourceContents::TextResourceContents { text, .. } => Some(Content::Text(text)),
            _ => None,
        },
        _ => None,
    })
}
