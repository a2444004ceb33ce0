//! Methods that are not found, in words: rmcp says nothing but their names.

use std::borrow::Cow;

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    ClientNotification, ClientRequest, ErrorCode, ErrorData, ProtocolVersion, ServerConfig, ServerResult,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer, Service};

use super::message::Generation;
use super::tasks::TASK_METHODS;

/// What is asked for in every generation.
const METHODS: [&str; 9] = [
    "server/discover",
    "tools/list",
    "tools/call",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "completion/complete",
];

/// What protocol versions with sessions have and 2026-07-28 has not.
const OF_SESSIONS: [&str; 5] =
    ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"];

/// What 2026-07-28 has and older versions have not.
const LISTEN: &str = "subscriptions/listen";

/// A handler whose unknown methods are told in words.
#[derive(Debug, Clone)]
pub struct Worded<H>(
    /// The handler.
    pub H,
);

impl<H: ServerHandler> Service<RoleServer> for Worded<H> {
    async fn handle_request(
        &self,
        request: ClientRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        let method = request.method().to_owned();
        let alone = context.protocol_version().is_some_and(|version| !version.has_initialize());
        let generation = if alone { Generation::Alone } else { Generation::Sessions };
        self.0.handle_request(request, context).await.map_err(|error| match error.code {
            ErrorCode::METHOD_NOT_FOUND => {
                ErrorData { message: no_such_method(&method, generation).into(), ..error }
            }
            _ => error,
        })
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.0.handle_notification(notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        ServerHandler::get_info(&self.0)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        ServerHandler::supported_protocol_versions(&self.0)
    }
}

/// Whether a method is found in every generation.
#[must_use]
pub fn is_always_served(method: &str) -> bool {
    METHODS.contains(&method)
}

/// Why there is no such method.
#[must_use]
pub fn no_such_method(method: &str, generation: Generation) -> String {
    match generation {
        Generation::Alone if OF_SESSIONS.contains(&method) => {
            format!("protocol version 2026-07-28 has no `{method}`; it belongs to 2025-11-25 and older")
        }
        Generation::Sessions if method == LISTEN || TASK_METHODS.contains(&method) => {
            format!("`{method}` belongs to protocol version 2026-07-28; this session has an older one")
        }
        _ if method == LISTEN || OF_SESSIONS.contains(&method) => {
            format!("this server does not offer `{method}`")
        }
        _ => format!("unknown method `{method}`"),
    }
}
