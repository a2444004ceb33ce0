//! The tool `server_status`: what can be reached and what to set for the rest.

use serde_json::{Map, Value, json};

use crate::api::{Clients, Credential, TokenState, credential_settings};
use crate::catalog::{Api, Effect, Scope};
use crate::gate::Policy;

/// What the status is made from. Secrets are not in it.
pub struct Status<'s> {
    /// The configured APIs.
    pub clients: &'s Clients,
    /// What the operator allows.
    pub policy: Policy,
    /// How many tools are listed.
    pub listed: usize,
    /// Of which toolsets.
    pub toolsets: Vec<&'static str>,
    /// The folders that local files may be in.
    pub folders: Vec<String>,
    /// What was found odd in the settings.
    pub warnings: &'s [String],
}

impl Status<'_> {
    /// The status as the tool answers it.
    #[must_use]
    pub fn value(&self) -> Value {
        let apis: Vec<Value> = Api::ALL.into_iter().map(|api| self.api(api)).collect();
        let mut value = object(json!({
            "server": concat!("vanta-mcp ", env!("CARGO_PKG_VERSION")),
            "access": self.access(),
            "tools_listed": self.listed,
            "toolsets": self.toolsets,
            "folders": self.folders,
            "apis": apis,
        }));
        if let Some(more) = self.more_access() {
            value.insert("more_access".to_owned(), json!(more));
        }
        if Api::ALL.into_iter().all(|api| self.clients.upstream(api).is_none()) {
            let to_begin = "No credentials are set. For Vanta (compliance) create an application in Vanta under Settings → Developer \
                 Console and set VANTA_CLIENT_ID and VANTA_CLIENT_SECRET; for Vanta Panel (web hosting) make a token in \
                 vWHM → API Tokens and set VANTA_PANEL_URL and VANTA_PANEL_TOKEN, in the `env` of this server's entry in \
                 the client's configuration; then restart it. To try everything without credentials add --demo to `args`.";
            value.insert("to_begin".to_owned(), json!(to_begin));
        }
        if !self.warnings.is_empty() {
            value.insert("warnings".to_owned(), json!(self.warnings));
        }
        Value::Object(value)
    }

    /// The access level; where the two products differ, one for each.
    fn access(&self) -> Value {
        let [vanta, panel] =
            [Api::Manage, Api::Panel].map(|api| self.policy.access(api).map_or("none", Effect::as_str));
        if vanta == panel { json!(vanta) } else { json!({ "vanta": vanta, "panel": panel }) }
    }

    /// What it takes to be offered more.
    fn more_access(&self) -> Option<&'static str> {
        if self.policy.is_granted() {
            return Some(
                "Tools beyond this access are not offered to you. It is what the token grants that you came with, within \
                 what this server offers to anybody; whoever runs it can give you another.",
            );
        }
        match self.policy.most()? {
            Effect::Read => Some(
                "Tools that change things are not offered. VANTA_MCP_ACCESS=write (or --access write) offers those that \
                 write, `destroy` also those that delete or take access, service or evidence away.",
            ),
            Effect::Write => Some(
                "Tools that delete or take access, service or evidence away are not offered; VANTA_MCP_ACCESS=destroy (or \
                 --access destroy) offers them.",
            ),
            Effect::Destroy => None,
        }
    }

    fn api(&self, api: Api) -> Value {
        let Some(upstream) = self.clients.upstream(api) else {
            return json!({
                "api": api.as_str(),
                "name": api.title(),
                "configured": false,
                "set": credential_settings(api),
            });
        };
        let mut value = object(json!({
            "api": api.as_str(),
            "name": api.title(),
            "configured": true,
            "base_url": upstream.base.as_str(),
        }));
        match &upstream.credential {
            Credential::Token { header, .. } => {
                value.insert("token_header".to_owned(), json!(header.to_string()));
            }
            Credential::Application { client_id, scopes, .. } => {
                value.insert("client_id".to_owned(), json!(client_id));
                value.insert("scopes".to_owned(), json!(spelled(scopes)));
                let (token, withheld) = token_in_words(self.clients.token_state(api));
                value.insert("token".to_owned(), json!(token));
                if !withheld.is_empty() {
                    value.insert("note".to_owned(), json!(told_of_withheld(&withheld)));
                    let granted: Vec<Scope> =
                        scopes.iter().copied().filter(|scope| !withheld.contains(scope)).collect();
                    value.insert("granted".to_owned(), json!(spelled(&granted)));
                }
            }
        }
        Value::Object(value)
    }
}

/// The members of a value that was written as an object.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn token_in_words(state: Option<TokenState>) -> (String, Vec<Scope>) {
    match state {
        None => ("being fetched".to_owned(), Vec::new()),
        Some(TokenState::NotFetched) => ("not fetched yet: the first call fetches it".to_owned(), Vec::new()),
        Some(TokenState::Failed { reason }) => {
            (format!("the last attempt to fetch one failed: {reason}"), Vec::new())
        }
        Some(TokenState::Held { expires_in, withheld, .. }) => {
            (format!("held, {} s left", expires_in.as_secs()), withheld)
        }
    }
}

/// What it means that scopes were refused.
fn told_of_withheld(withheld: &[Scope]) -> String {
    let refused = spelled(withheld).join(", ");
    let fate = if withheld.iter().any(|scope| !scope.is_aside()) {
        "so the server fell back to reading alone: writes will fail"
    } else {
        "so the server goes without: tools that need it will fail"
    };
    format!(
        "Refused as invalid_scope: {refused}, {fate} until the application is granted what is missing and the server is \
         restarted."
    )
}

fn spelled(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}
