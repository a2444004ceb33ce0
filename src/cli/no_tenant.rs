//! In place of `tenant` in a build without the demo tenant.

use std::convert::Infallible;
use std::io;

use crate::api::{Timeouts, Upstream};
use crate::catalog::Effect;
use crate::config::DemoLimits;

/// A tenant that runs, of which there is none.
pub(super) struct Running(Infallible);

#[expect(clippy::unused_async, reason = "where there is a tenant, it takes time to start")]
pub(super) async fn start(_: DemoLimits) -> io::Result<Running> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Running {
    pub(super) fn trust_center(&self) -> &'static str {
        match self.0 {}
    }

    pub(super) fn upstreams(&self, _: Effect, _: Timeouts) -> io::Result<Vec<Upstream>> {
        match self.0 {}
    }
}
