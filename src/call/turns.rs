//! Turns to send: how many calls are under way at once, of all callers and of each.
//!
//! An upstream that hangs holds as many calls as it may have, and no other upstream's; a caller who asks for much waits for
//! itself, and for nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::catalog::Api;
use crate::gate::Principal;

/// How many calls one upstream has at once.
const OF_UPSTREAM: usize = 128;

/// How many of them one caller has.
const OF_CALLER: usize = 32;

/// How many callers' turns are kept before those are dropped that have nothing under way.
const KEPT: usize = 1024;

/// The turns of all callers with all upstreams.
pub(super) struct Turns {
    upstreams: HashMap<Api, OfUpstream>,
}

struct OfUpstream {
    all: Arc<Semaphore>,
    /// Those of callers who are not told apart.
    anybody: Arc<Semaphore>,
    /// Those of callers who were recognised, by name.
    recognised: Mutex<HashMap<Arc<str>, Arc<Semaphore>>>,
}

/// A turn; dropping it gives it back.
pub(super) struct UpstreamTurn {
    _of_caller: OwnedSemaphorePermit,
    _of_upstream: OwnedSemaphorePermit,
}

impl Default for Turns {
    fn default() -> Self {
        let upstream = |api| {
            let all = Arc::new(Semaphore::new(OF_UPSTREAM));
            let anybody = Arc::new(Semaphore::new(OF_CALLER));
            (api, OfUpstream { all, anybody, recognised: Mutex::default() })
        };
        Self { upstreams: Api::ALL.into_iter().map(upstream).collect() }
    }
}

impl Turns {
    /// Waits for a turn. Each caller's come in the order of asking.
    pub(super) async fn take(&self, principal: &Principal, api: Api) -> Option<UpstreamTurn> {
        let upstream = self.upstreams.get(&api)?;
        let of_caller = upstream.of(principal).acquire_owned().await.ok()?;
        let of_upstream = Arc::clone(&upstream.all).acquire_owned().await.ok()?;
        Some(UpstreamTurn { _of_caller: of_caller, _of_upstream: of_upstream })
    }
}

impl OfUpstream {
    fn of(&self, principal: &Principal) -> Arc<Semaphore> {
        let Principal::Recognised { name, .. } = principal else { return Arc::clone(&self.anybody) };
        let mut all = self.recognised.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT {
            all.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        Arc::clone(all.entry(Arc::clone(name)).or_insert_with(|| Arc::new(Semaphore::new(OF_CALLER))))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;
    use crate::gate::Grant;

    fn caller(name: &str) -> Principal {
        let grant = Grant { vanta: None, panel: None };
        Principal::Recognised { name: name.into(), grant, toolsets: Vec::new().into() }
    }

    fn taken(turns: &Turns, name: &str, api: Api) -> Vec<UpstreamTurn> {
        let caller = caller(name);
        std::iter::from_fn(|| turns.take(&caller, api).now_or_never().flatten()).collect()
    }

    #[test]
    fn who_has_all_turns_leaves_those_of_others() {
        let turns = Turns::default();
        let greedy = taken(&turns, "greedy", Api::Manage);
        assert_eq!(greedy.len(), OF_CALLER);
        assert_eq!(taken(&turns, "modest", Api::Manage).len(), OF_CALLER);
        assert_eq!(taken(&turns, "greedy", Api::Panel).len(), OF_CALLER, "another upstream's are others");
        drop(greedy);
        assert_eq!(taken(&turns, "greedy", Api::Manage).len(), OF_CALLER, "they are given back");
    }

    #[test]
    fn all_callers_together_have_so_many_of_an_upstream() {
        let turns = Turns::default();
        let names: Vec<String> = (0..10).map(|number| format!("caller{number}")).collect();
        let held: Vec<UpstreamTurn> =
            names.iter().flat_map(|name| taken(&turns, name, Api::Manage)).collect();
        assert_eq!(held.len(), OF_UPSTREAM);
        assert_eq!(taken(&turns, "one more", Api::Audit).len(), OF_CALLER);
    }
}
