//! The server as commands use it: with real upstreams or the demo tenant behind it.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use thiserror::Error;

use super::args::Mode;
use super::output::complain;
use super::tenant;
use crate::answer::{AnswerStyle, ListFormat, MOST_CHARS, USUAL_CHARS};
use crate::api::{Clients, Network, SharedBudget};
use crate::call::Calls;
use crate::config::{Config, DemoLimits};
use crate::gate::Policy;
use crate::server::Server;
use crate::state::{self, Shared};
use crate::tools::Warnings;

/// There is nothing to serve from.
#[derive(Debug, Error)]
pub(super) enum BackedError {
    /// The demo tenant found no port.
    #[error("the demo tenant could not be started on loopback: {0}.")]
    Demo(#[from] io::Error),
}

/// A server, with the demo tenant that it talks to, if any.
pub(super) struct Backed {
    pub(super) server: Server,
    /// Dropping the tenant ends it.
    pub(super) tenant: Option<tenant::Running>,
    /// What its calls are made with, for who makes some without a tool.
    pub(super) calls: Calls,
    pub(super) network: Arc<Network>,
    pub(super) sharing: SharedBudget,
}

/// Who reads the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerReader {
    /// A model, for which each token counts.
    Model,
    /// A person or a script, who wants all there is.
    Person,
}

impl AnswerReader {
    fn form(self, max_chars: Option<usize>) -> AnswerStyle {
        let (format, usual) = match self {
            Self::Model => (None, USUAL_CHARS),
            Self::Person => (Some(ListFormat::Json), MOST_CHARS),
        };
        AnswerStyle { format, most: max_chars.unwrap_or(usual), ..AnswerStyle::default() }
    }
}

/// The server for a command whose answers a person reads; where there is none, that is said.
pub(super) async fn for_a_person(config: Config, mode: Mode) -> Result<Backed, ExitCode> {
    server(config, mode, AnswerReader::Person).await.map_err(|error| {
        complain(&error.to_string());
        ExitCode::FAILURE
    })
}

/// Makes the server that the settings ask for.
pub(super) async fn server(config: Config, mode: Mode, reader: AnswerReader) -> Result<Backed, BackedError> {
    let Config {
        access,
        mut upstreams,
        warnings,
        timeouts,
        choice,
        list_page,
        folders,
        max_chars,
        lacking,
        network,
        mut limits,
        demo_limits,
        longest_wait,
        kept_for,
        index,
        confirming,
        mut trust_center,
        state,
        ..
    } = config;
    let mut warnings = Warnings { of_operator: warnings, of_everybody: Vec::new() };
    let mut tenant = None;
    let mut shared = state::open(state);
    if mode == Mode::Demo {
        let demo_limits = demo_limits.unwrap_or(DemoLimits::Real);
        // A tenant without limits is not spared requests either.
        limits.off |= demo_limits == DemoLimits::Off;
        let running = tenant::start(demo_limits).await?;
        upstreams = running.upstreams(access, timeouts)?;
        warnings
            .of_everybody
            .push("This is the demo tenant: every company, person and account in it is invented.".to_owned());
        trust_center = trust_center.or_else(|| Some(running.trust_center().to_owned()));
        tenant = Some(running);
        // The tenant is this process's own.
        shared = Shared::alone();
    }
    let health = shared.health();
    tracing::debug!(state = health.kind.as_str(), place = health.place, "state is kept here");
    // Where something else is missing, the warnings of the settings say so.
    if upstreams.is_empty() && lacking.is_empty() {
        tracing::warn!(
            "no credentials are set, so only server_status is offered: set VANTA_CLIENT_ID and VANTA_CLIENT_SECRET (in Vanta \
             under Settings → Developer Console), VANTA_AUDIT_CLIENT_ID and VANTA_AUDIT_CLIENT_SECRET (audit firms only: in \
             Vanta under Auditor API, signed in with the auditor's email), or VANTA_PANEL_URL and VANTA_PANEL_TOKEN (in vWHM \
             under API Tokens), or use --demo"
        );
    }
    let sharing =
        SharedBudget { longest_wait, kept_for, index, ..SharedBudget::by(Arc::new(shared), limits) };
    let profile = Arc::new(
        Clients::new(upstreams, &network, &sharing).lacking(lacking).with_trust_center(trust_center),
    );
    let calls = Calls::new(Policy::of_operator(access), folders)
        .in_form(reader.form(max_chars))
        .confirming(confirming);
    let calls_of_choice = calls.without(choice.closed());
    let server = Server::new(profile, &calls, choice, list_page, warnings);
    Ok(Backed { server, tenant, calls: calls_of_choice, network, sharing })
}
