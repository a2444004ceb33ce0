//! `vanta-mcp serve`: MCP on stdin and stdout until the client leaves, or over HTTP until a signal.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::args::Mode;
use super::backed;
use super::output::complain;
use crate::catalog::Effect;
use crate::config::Config;
use crate::transport::http::{Listening, Settings};
use crate::transport::stdio;

/// Serves the one client that started this process.
pub(super) async fn stdio(config: Config, mode: Mode) -> ExitCode {
    if io::stdin().is_terminal() {
        complain(
            "speaking MCP on stdin and stdout, which is meant for an MCP client; to look around, try `vanta-mcp demo` or \
             `vanta-mcp --help`. Ctrl-D ends.",
        );
    }
    if !config.unheard.is_empty() {
        let names = config.unheard.iter().map(ToString::to_string).collect();
        let (have, names) = (if config.unheard.len() == 1 { "has" } else { "have" }, listed(names));
        tracing::warn!("{names} {have} no meaning without --http: MCP is served on stdin and stdout");
    }
    let backed = match backed::server(config, mode, backed::AnswerReader::Model).await {
        Ok(backed) => backed,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::FAILURE;
        }
    };
    backed.server.offer().warn_of_clients();
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone());
    match Box::pin(stdio::serve(backed.server, stop)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "serving ended");
            ExitCode::FAILURE
        }
    }
}

/// Serves whoever reaches the address and may call.
pub(super) async fn http(config: Config, settings: Settings, mode: Mode) -> ExitCode {
    if !config.folders.allowed().is_empty() {
        tracing::warn!("--files has no meaning over HTTP, where files travel inside the messages");
    }
    let open = settings.callers.is_open();
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    if settings.tls.is_none() && !settings.listen.ip().is_loopback() {
        tracing::warn!(
            "without --tls-cert and --tls-key tokens are sent unencrypted unless a proxy in front ends TLS"
        );
    }
    let access = config.access;
    if open && access > Effect::Read {
        tracing::warn!(
            "without --tokens every program on this machine may call, up to the access level `{access}`; to let in only those \
             with a token, make one with `vanta-mcp token new NAME --access {access} --tokens FILE` and serve with --tokens FILE"
        );
    }
    // Every address of the machine is no name, and which names lead there only the operator knows.
    if settings.listen.ip().is_unspecified() && settings.hosts.is_empty() {
        tracing::warn!(
            address = %settings.listen,
            "no host name is allowed, so every request is refused with 403: add the names clients use with --allow-host, or set \
             --public-url"
        );
    }
    let backed = match backed::server(config, mode, backed::AnswerReader::Model).await {
        Ok(backed) => backed,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::FAILURE;
        }
    };
    backed.server.offer().warn_of_clients();
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone());
    let listening = match Listening::begin(&backed.server, settings, stop).await {
        Ok(listening) => listening,
        Err(error) => {
            complain(&format!("{error}."));
            return ExitCode::FAILURE;
        }
    };
    if let Some(admin) = listening.admin_address() {
        complain(&format!("serving health and metrics at http://{admin}"));
    }
    let who = if open { "; anyone who can reach it may call" } else { "" };
    complain(&format!("serving MCP at {scheme}://{}/mcp{who}", listening.address()));
    listening.serve().await;
    ExitCode::SUCCESS
}

/// Names in a sentence.
fn listed(mut names: Vec<String>) -> String {
    match (names.pop(), names.join(", ")) {
        (Some(last), before) if before.is_empty() => last,
        (Some(last), before) => format!("{before} and {last}"),
        (None, _) => String::new(),
    }
}

/// From here on a signal asks to stop, and does not end the process.
fn stop_on_signal(stop: CancellationToken) {
    #[cfg(unix)]
    let signalled = {
        use tokio::signal::unix::{SignalKind, signal};
        // Handled from now on, and not from when a task first runs: a signal may come at once.
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
    };
    #[cfg(not(unix))]
    let signalled = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::spawn(async move {
        signalled.await;
        tracing::info!("a signal asks to stop");
        stop.cancel();
    });
}
