//! The tools that are written by hand, and their list.

mod areas;
mod find;
#[cfg(test)]
mod probes;
pub(super) mod read;
pub(super) mod run;
pub(super) mod status;

use super::spec::Written;

/// All of them, whatever is offered.
pub(super) static WRITTEN: &[&dyn Written] = &[
    &status::ServerStatus,
    &find::FindTools,
    &run::RunReadTool,
    &run::RunWriteTool,
    &run::RunDestroyTool,
    &read::ReadApi,
    #[cfg(test)]
    &probes::Panics,
    #[cfg(test)]
    &probes::AsksFirst,
];
