//! The tool `server_status`: what can be reached and what to set for the rest.

mod api;
mod audience;
mod kept;
mod readiness;
mod shared;

use futures::future::{BoxFuture, join_all};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::api::Clients;
use crate::call::{CallError, Context};
use crate::catalog::{self, Api, Effect, Operation};
use crate::gate::Policy;
use crate::jobs::{NoArguments, schema_of};
use crate::tools::rules::Rules;
use crate::tools::spec::{Site, Spec, Uses, Written};

use api::ApiState;
use audience::{Audience, SERVER};
use kept::KeptState;
use shared::SharedState;

pub use readiness::{Readiness, readiness};

/// Tells what can be reached and what to set for the rest.
pub struct ServerStatus;

static SPEC: Spec = Spec {
    name: "server_status",
    title: "Show the server's status",
    about: "Show what this server can reach: which APIs (Manage Vanta, Conduct an Audit, Build Integrations, and the \
            unrelated Vanta Panel for web hosting) have credentials, what to set for the others, access level, scopes, token, \
            limits, last error and warnings. Use it when a tool that you expect is missing or refused; it sends nothing \
            upstream and changes nothing.",
    uses: Uses::Nothing,
    input: schema_of::<NoArguments>,
    output: Some(schema_of::<ServerState>),
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
    /// What is kept of the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<KeptState>,
    /// Where tokens and budgets are shared with other processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<SharedState>,
    /// How to begin, where nothing is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_begin: Option<&'static str>,
    /// What looks wrong in the settings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
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
    let apis = concerned(site.rules);
    // What to set, places and an upstream's words are for whoever runs the server, which a caller with a token does not.
    let audience = if site.rules.policy.is_granted() { Audience::Caller } else { Audience::Operator };
    let standing = join_all(apis.iter().map(|api| clients.standing(*api))).await;
    if standing.iter().all(Option::is_none) {
        clients.look_at_state().await;
    }
    let kept = if apis.contains(&Api::Manage) { KeptState::of(clients).await } else { None };
    let state = ServerState {
        apis: apis
            .iter()
            .zip(standing)
            .map(|(api, own)| ApiState::of(clients, *api, own, audience))
            .collect(),
        state: clients.state_health().map(|health| SharedState::of(health, audience)),
        kept,
        ..outline(clients, site, &apis)
    };
    // By way of a value, whose members are in the order of the alphabet like those of every answer.
    Answer::done(&json!(state))
}

/// How to begin where nothing is configured.
pub const TO_BEGIN: &str = "No credentials are set. For Vanta (compliance), create an application in Vanta under \
    Settings → Developer Console, one for each program, since a new token revokes the one before; set \
    VANTA_CLIENT_ID and VANTA_CLIENT_SECRET. Audit firms get theirs from Vanta: signed in with the auditor's email, under \
    Auditor API in the left navigation; set VANTA_AUDIT_CLIENT_ID and VANTA_AUDIT_CLIENT_SECRET. For Vanta Panel (web hosting), create a token in vWHM → API Tokens; set \
    VANTA_PANEL_URL and VANTA_PANEL_TOKEN. Set them in the `env` of this server's entry in the client's \
    configuration, then restart it. To try everything without credentials, add --demo to `args`.";

/// All but what is told of the APIs and of the state.
fn outline(clients: &Clients, site: Site<'_>, apis: &[Api]) -> ServerState {
    // What to set is for whoever runs the server, which a caller with a token does not.
    let nothing = !site.rules.policy.is_granted() && apis.iter().all(|api| clients.upstream(*api).is_none());
    ServerState {
        server: SERVER,
        access: access(site.rules.policy, apis),
        more_access: more_access(site.rules.policy),
        tools_listed: site.listed,
        toolsets: site.rules.choice.names(),
        folders: site.calls.folders().allowed(),
        apis: Vec::new(),
        kept: None,
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
             write; `publish` also those that reach outsiders or cannot be taken back; `destroy` also those that \
             delete something or remove access, service or evidence. VANTA_MCP_TOOLSETS limits only what is listed; VANTA_MCP_EXCLUDE_TOOLS blocks single tools.",
        ),
        Effect::Write => Some(
            "Tools that reach outsiders, cannot be taken back, delete something or remove access, service or evidence \
             are not offered; VANTA_MCP_ACCESS=publish (or --access publish) offers the first two, destroy all. They act \
             only on what was previewed, which guards against accidents, not intent: a model can confirm what it \
             previewed. VANTA_MCP_TOOLSETS limits only what is listed; VANTA_MCP_EXCLUDE_TOOLS blocks single tools.",
        ),
        Effect::Publish => Some(
            "Tools that delete something or remove access, service or evidence are not offered; \
             VANTA_MCP_ACCESS=destroy (or --access destroy) offers them. They act only on what was previewed, which \
             guards against accidents, not intent: a model can confirm what it previewed. VANTA_MCP_TOOLSETS limits only what is listed; VANTA_MCP_EXCLUDE_TOOLS \
             blocks single tools.",
        ),
        Effect::Destroy => Some(
            "Everything is allowed. What destroys acts only on what was previewed, which guards against accidents, not \
            intent: a model can confirm what it previewed. VANTA_MCP_TOOLSETS limits only what is listed; VANTA_MCP_ACCESS and VANTA_MCP_EXCLUDE_TOOLS \
            limit what can be called.",
        ),
    }
}
