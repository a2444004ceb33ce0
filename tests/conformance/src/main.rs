//! What the MCP conformance suite calls by name, before an empty product: the product's transports, a handler of the
//! fixture's own, and behind it the product's for everything else.
//!
//! It shows what the product has no occasion to show, such as questions to the client in the middle of a call.

#![forbid(unsafe_code)]
#![expect(
    deprecated,
    reason = "the suite tests 2025-11-25 too, where logging, sampling and roots are not yet deprecated"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "JSON alone is indexed, by names, and answers null where there is none"
)]

mod calls;
mod fixture;
mod list;
mod rounds;

use std::process::ExitCode;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use vanta_mcp::catalog::Effect;
use vanta_mcp::parts::{
    CallerSettings, Calls, Choice, Folders, LegacySse, Limits, Listening, Policy, Server, Settings, Warnings,
};

use crate::fixture::{Fixture, Shared};

#[tokio::main]
async fn main() -> ExitCode {
    let policy = Policy::of_operator(Effect::Read);
    let calls = Calls::new(policy, Folders::default());
    let server = Server::new(Arc::default(), &calls, Choice::default(), None, Warnings::default());
    let shared = Arc::new(Shared::default());
    let handler = move |server: &Server| Fixture::new(server.for_session(), Arc::clone(&shared));
    let settings = Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        admin: None,
        tls: None,
        callers: CallerSettings::default(),
        hosts: Vec::new(),
        origins: Vec::new(),
        legacy_sse: LegacySse::Absent,
        exports: std::env::temp_dir(),
        limits: Limits::default(),
    };
    let stop = CancellationToken::new();
    match Listening::begin_with(&server, handler, settings, stop.clone()).await {
        Ok(listening) => {
            tell(&format!("serving MCP at http://{}/mcp", listening.address()));
            tokio::spawn(async move {
                if tokio::signal::ctrl_c().await.is_ok() {
                    stop.cancel();
                }
            });
            listening.serve().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            tell(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "whoever starts it reads the address there")]
fn tell(line: &str) {
    eprintln!("{line}");
}
