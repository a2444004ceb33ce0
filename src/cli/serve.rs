//! `vanta-mcp serve`: MCP on stdin and stdout until the client leaves.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::args::Mode;
use super::output::complain;
use super::session;
use crate::config::Config;
use crate::transport::stdio;

pub(super) async fn run(config: Config, mode: Mode) -> ExitCode {
    if io::stdin().is_terminal() {
        complain(
            "speaking MCP on stdin and stdout, which an MCP client does better than a person; try `vanta-mcp demo` or \
             `vanta-mcp --help`. Ctrl-D ends.",
        );
    }
    let backed = match session::server(config, mode).await {
        Ok(backed) => backed,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::FAILURE;
        }
    };
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    match Box::pin(stdio::serve(backed.server, stop)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "serving ended");
            ExitCode::FAILURE
        }
    }
}

async fn stop_on_signal(stop: CancellationToken) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
    }
    tracing::info!("a signal asks to stop");
    stop.cancel();
}
