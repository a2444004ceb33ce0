//! The tools that are written by hand.

use super::find::FindTools;
use super::run::{RunReadTool, RunWriteTool};
use super::status::ServerStatus;
use super::written::Written;

/// All of them, whatever is offered.
pub static WRITTEN: &[&dyn Written] = &[
    &ServerStatus,
    &FindTools,
    &RunReadTool,
    &RunWriteTool,
    #[cfg(test)]
    &super::probes::Panics,
    #[cfg(test)]
    &super::probes::AsksFirst,
];
