//! The tool `server_status`: what can be reached and what to set for the rest.

use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::api::{Clients, Credential, Lacking, LackingPart, TokenState, credential_settings};
use crate::call::{CallError, Context};
use crate::catalog::{self, Api, Effect, Operation, Scope};
use crate::gate::Policy;
use crate::state::StateHealth;
use crate::tools::rules::Rules;
use crate::tools::schema;
use crate::tools::spec::{NoArguments, Site, Spec, Uses, Written};

/// Tells what can be reached and what to set for the rest.
pub struct ServerStatus;

static SPEC: Spec = Spec {
    name: "server_status",
    title: "Show the server's status",
    about: "Show what this server can reach: which of the APIs (Manage Vanta, Conduct an Audit, Build Integrations, \
            and the unrelated Vanta Panel for web hosting) have credentials, what to set for the others, the access \
            level, the scopes and any warnings. Use it when a tool that you expect is missing or refused; it sends \
            nothing upstream and changes nothing.",
    uses: Uses::Nothing,
    input: schema::of::<NoArguments>,
    output: Some(schema::of::<ServerState>),
};

/// The state of the server, without secrets.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ServerState {
    /// Name and version.
    server: &'static str,
    /// The access level; where the two products differ, one for each.
    access: Access,
    /// How to allow more, or less.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_access: Option<&'static str>,
    /// How many tools are listed.
    tools_listed: usize,
    /// Of which toolsets.
    toolsets: Vec<&'static str>,
    /// The folders that local files may be in.
    folders: Vec<String>,
    /// Each API that concerns the caller, configured or not.
    apis: Vec<ApiState>,
    /// Where tokens and budgets are shared with other processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<SharedState>,
    /// How to begin, where nothing is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_begin: Option<&'static str>,
    /// What looks wrong in the settings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// Where processes share.
#[derive(Serialize, JsonSchema)]
struct SharedState {
    /// memory, SQLite or PostgreSQL.
    kind: &'static str,
    /// The file, or host and database.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Access {
    /// In both products.
    Same(&'static str),
    /// In each.
    Each {
        /// In Vanta's three APIs.
        vanta: &'static str,
        /// In Vanta Panel.
        panel: &'static str,
    },
}

/// The state of one API.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApiState {
    /// Its short name.
    api: &'static str,
    /// Its name.
    name: &'static str,
    /// Whether it has credentials.
    configured: bool,
    /// The settings to make, where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    set: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_url: Option<String>,
    /// The header that carries a token of the Panel.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_header: Option<String>,
    /// The application's public part, where it is certain to be that.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The scopes that are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<&'static str>>,
    /// The state of the access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// How many requests are left of the minute, for all that share the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_left: Option<u16>,
    /// How many processes wait for a turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<usize>,
    /// What it means that scopes were refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The scopes that were granted, where that is not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    granted: Option<Vec<&'static str>>,
}

impl Written for ServerStatus {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn run<'c>(
        &'c self,
        cx: &'c Context,
        site: Site<'c>,
        _: Value,
    ) -> BoxFuture<'c, Result<Answer, CallError>> {
        Box::pin(async move { Ok(answer(&cx.profile, site).await) })
    }
}

/// The status, also for who reads it in another way than by a call.
pub async fn answer(clients: &Clients, site: Site<'_>) -> Answer {
    let mut state = state(clients, site);
    for (api, told) in concerned(site.rules).into_iter().zip(&mut state.apis) {
        if let Some(share) = clients.share(api).await {
            told.requests_left = share.left.first().map(|left| left.requests);
            told.waiting = Some(share.waiting).filter(|waiting| *waiting > 0);
        }
    }
    state.state = clients.state_health().map(|health| shared_state(health, site.rules.policy));
    // By way of a value, whose members are in the order of the alphabet like those of every answer.
    Answer::done(&json!(state))
}

/// Where tokens and budgets are shared, and what is wrong there. Places are for whoever runs the server.
fn shared_state(health: StateHealth, policy: Policy) -> SharedState {
    let own = !policy.is_granted();
    let trouble = health.trouble.map(|trouble| {
        let detail = if own { format!(": {trouble}") } else { String::new() };
        format!("The shared state is unavailable{detail}. This process uses its own token and budget until it is back.")
    });
    SharedState {
        kind: health.kind.as_str(),
        place: Some(health.place).filter(|place| own && !place.is_empty()),
        warning: trouble,
    }
}

const TO_BEGIN: &str = "No credentials are set. For Vanta (compliance), create an application in Vanta under \
    Settings → Developer Console, one for each program, since a new token revokes the one before; set \
    VANTA_CLIENT_ID and VANTA_CLIENT_SECRET. Audit firms get theirs from Vanta: signed in with the auditor's email, under \
    Auditor API in the left navigation; set VANTA_AUDIT_CLIENT_ID and VANTA_AUDIT_CLIENT_SECRET. For Vanta Panel (web hosting), create a token in vWHM → API Tokens; set \
    VANTA_PANEL_URL and VANTA_PANEL_TOKEN. Set them in the `env` of this server's entry in the client's \
    configuration, then restart it. To try everything without credentials, add --demo to `args`.";

fn state(clients: &Clients, site: Site<'_>) -> ServerState {
    let apis = concerned(site.rules);
    // What to set is for whoever runs the server, which a caller with a token does not.
    let nothing = !site.rules.policy.is_granted() && apis.iter().all(|api| clients.upstream(*api).is_none());
    ServerState {
        server: concat!("vanta-mcp ", env!("CARGO_PKG_VERSION")),
        access: access(site.rules.policy, &apis),
        more_access: more_access(site.rules.policy),
        tools_listed: site.listed,
        toolsets: site.rules.choice.names(),
        folders: site.calls.folders().allowed(),
        apis: apis.into_iter().map(|api| api_state(clients, api)).collect(),
        state: None,
        to_begin: nothing.then_some(TO_BEGIN),
        warnings: site.warnings.all().cloned().collect(),
    }
}

/// The APIs that a caller is told of: all, or where a token narrows what is offered, those in which it offers something.
fn concerned(rules: &Rules) -> Vec<Api> {
    let offers = |operation: &&'static Operation| {
        rules.policy.allows(operation).is_ok() && rules.choice.is_open_to(operation)
    };
    let open: Vec<Api> = catalog::operations().iter().filter(offers).map(|operation| operation.api).collect();
    Api::ALL.into_iter().filter(|api| !rules.policy.is_granted() || open.contains(api)).collect()
}

/// The access level in the products of these APIs.
fn access(policy: Policy, apis: &[Api]) -> Access {
    let level = |api: Api| policy.access(api).map_or("none", Effect::as_str);
    let (vanta, panel) = (level(Api::Manage), level(Api::Panel));
    match (apis.iter().any(|api| *api != Api::Panel), apis.contains(&Api::Panel)) {
        (true, true) if vanta != panel => Access::Each { vanta, panel },
        (true, _) => Access::Same(vanta),
        (false, true) => Access::Same(panel),
        (false, false) => Access::Same("none"),
    }
}

fn more_access(policy: Policy) -> Option<&'static str> {
    if policy.is_granted() {
        return Some(
            "Tools beyond this access are not offered to you. It is what your token grants, within what this server \
             allows; the operator of the server can give you another token.",
        );
    }
    match policy.most()? {
        Effect::Read => Some(
            "Tools that change things are not offered. VANTA_MCP_ACCESS=write (or --access write) offers tools that \
             write; `destroy` also offers those that delete something or remove access, service or evidence. \
             VANTA_MCP_TOOLSETS limits only what is listed; VANTA_MCP_EXCLUDE_TOOLS blocks single tools.",
        ),
        Effect::Write => Some(
            "Tools that delete something or remove access, service or evidence are not offered; \
             VANTA_MCP_ACCESS=destroy (or --access destroy) offers them. Their `confirm` guards against accidents, \
             not intent: a model can set it. VANTA_MCP_TOOLSETS limits only what is listed; VANTA_MCP_EXCLUDE_TOOLS \
             blocks single tools.",
        ),
        Effect::Destroy => Some(
            "Everything is allowed. `confirm` guards against accidents, not intent: a model can \
            set it. VANTA_MCP_TOOLSETS limits only what is listed; VANTA_MCP_ACCESS and VANTA_MCP_EXCLUDE_TOOLS \
            limit what can be called.",
        ),
    }
}

/// What client ids of Vanta begin with.
const CLIENT_ID: &str = "vci_";

fn api_state(clients: &Clients, api: Api) -> ApiState {
    let state = ApiState { api: api.as_str(), name: api.title(), ..ApiState::default() };
    let Some(upstream) = clients.upstream(api) else {
        let credentials = credential_settings(api);
        let set = match clients.why_missing(api) {
            None => credentials.to_owned(),
            Some(Lacking { part: LackingPart::Address { setting }, reason, .. }) => {
                format!("{setting}, or remove it: {reason}")
            }
            Some(Lacking { reason, .. }) => format!("{credentials}: {reason}"),
        };
        return ApiState { set: Some(set), ..state };
    };
    let state = ApiState { configured: true, base_url: Some(upstream.base.to_string()), ..state };
    match &upstream.credential {
        Credential::Token { header, .. } => ApiState { token_header: Some(header.to_string()), ..state },
        Credential::Application { client_id, scopes, .. } => {
            let (token, withheld) = token_in_words(clients.token_state(api));
            let granted = scopes.iter().copied().filter(|scope| !withheld.contains(scope));
            let granted: Vec<Scope> = granted.collect();
            let lacks = !withheld.is_empty();
            ApiState {
                // Whoever swaps the two has set the secret in its place.
                client_id: Some(client_id.clone()).filter(|id| id.starts_with(CLIENT_ID)),
                scopes: Some(spelled(scopes)),
                token: Some(token),
                note: lacks.then(|| told_of_withheld(&withheld)),
                granted: lacks.then(|| spelled(&granted)),
                ..state
            }
        }
    }
}

fn token_in_words(state: Option<TokenState>) -> (String, Vec<Scope>) {
    match state {
        None => ("being fetched".to_owned(), Vec::new()),
        Some(TokenState::NotFetched) => ("not fetched yet; the first call fetches it".to_owned(), Vec::new()),
        Some(TokenState::Failed { reason }) => {
            (format!("the last attempt to fetch one failed: {reason}"), Vec::new())
        }
        Some(TokenState::Held { expires_in, age, withheld }) => {
            let (left, age) = (expires_in.as_secs(), age.as_secs());
            (format!("valid for another {left} s, fetched {age} s ago"), withheld)
        }
    }
}

/// What it means that scopes were refused.
fn told_of_withheld(withheld: &[Scope]) -> String {
    let refused = spelled(withheld).join(", ");
    let fate = if withheld.iter().any(|scope| !scope.is_aside()) {
        "so the server can only read: writes will fail"
    } else {
        "so the server works without it: tools that need it will fail"
    };
    format!(
        "Refused as invalid_scope: {refused}, {fate} until the application is granted what is missing and the server is \
         restarted."
    )
}

fn spelled(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}
