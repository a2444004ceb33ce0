//! `vanta-mcp index clear`: deletes what is kept of a tenant.

use std::process::ExitCode;

use super::args::Mode;
use super::backed::{self, Backed};
use super::exit::USAGE;
use super::output::{complain, say};
use crate::config::Config;
use crate::index::TenantIndex;

pub(super) async fn clear(config: Config, mode: Mode) -> ExitCode {
    let Backed { server, tenant: _tenant, .. } = match backed::for_a_person(config, mode).await {
        Ok(backed) => backed,
        Err(code) => return code,
    };
    let Some(index) = TenantIndex::to_clear(server.offer().profile()) else {
        complain(
            "nothing was deleted: whose index is meant is known by the credentials of Manage Vanta. Set VANTA_CLIENT_ID and \
             VANTA_CLIENT_SECRET.",
        );
        return ExitCode::from(USAGE);
    };
    match index.clear().await {
        Ok(0) => {
            say("Nothing was kept of this application's tenant.");
            ExitCode::SUCCESS
        }
        Ok(_) => {
            say(
                "What was kept of this application's tenant is deleted. It is read again when a question needs it.",
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("what is kept could not be deleted: {}. {}", error.told(), error.advice()));
            ExitCode::FAILURE
        }
    }
}
