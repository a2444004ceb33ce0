//! The server: what is shared by all that is asked of it.

use std::num::NonZeroUsize;
use std::sync::Arc;

use rmcp::model::{ErrorData, Extensions};
use tokio_util::task::TaskTracker;

use super::instructions::instructions;
use super::level::Level;
use super::listing::ListedOffer;
use super::offers::Offers;
use super::tasks::{BOUNDS, Tasks};
use crate::api::Clients;
use crate::call::{Calls, Context};
use crate::files::Shelf;
use crate::gate::Principal;
use crate::state::StoreKind;
use crate::tools::{Choice, Offer, UnknownName, Warnings};

/// Serves MCP. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct Server {
    shared: Arc<Served>,
    /// Of one session.
    pub(super) level: Arc<Level>,
}

struct Served {
    offers: Offers,
    entrance: Entrance,
    instructions: String,
    calls: TaskTracker,
    tasks: Tasks,
}

/// How requests come in, which decides whether it must be known who makes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entrance {
    /// From whoever started this process: all of it is theirs.
    Pipe,
    /// Over the network: each comes with the [`Principal`] that the transport has found out; without one it is refused.
    Network,
}

impl Server {
    /// A server whose calls go out with these credentials, and which lists what was chosen, `page` tools at a time.
    /// `warnings` are told by `server_status`.
    #[must_use]
    pub fn new(
        profile: Arc<Clients>,
        calls: &Calls,
        choice: Choice,
        page: Option<NonZeroUsize>,
        warnings: Warnings,
    ) -> Self {
        let offers = Offers::new(Offer::new(profile, calls, choice, warnings), page);
        Self::of(offers, Entrance::Pipe)
    }

    fn of(offers: Offers, entrance: Entrance) -> Self {
        let instructions = instructions(offers.to_anybody().offer.profile());
        let (calls, tasks) = (TaskTracker::new(), Tasks::new(BOUNDS));
        let shared = Served { offers, entrance, instructions, calls, tasks };
        Self { shared: Arc::new(shared), level: Arc::default() }
    }

    /// The same for callers over the network: local files and the settings are none of theirs, and their exports wait on
    /// this shelf.
    #[must_use]
    pub fn remote(&self, shelf: Shelf) -> Self {
        Self::of(self.shared.offers.remote(shelf), Entrance::Network)
    }

    /// The same for one more session, which shares everything but what it asks for itself.
    #[must_use]
    pub fn for_session(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), level: Arc::default() }
    }

    /// What is offered to everybody whom nothing narrows.
    #[must_use]
    pub fn offer(&self) -> &Offer {
        &self.shared.offers.to_anybody().offer
    }

    /// What is listed of it, as clients are shown it.
    #[must_use]
    pub fn listed(&self) -> &[rmcp::model::Tool] {
        self.shared.offers.to_anybody().all()
    }

    /// What one caller is offered.
    ///
    /// # Errors
    /// A toolset of the caller's does not exist.
    pub fn offer_to(&self, principal: &Principal) -> Result<Arc<ListedOffer>, UnknownName> {
        self.shared.offers.to(principal)
    }

    /// The context of a call by a principal of whom nothing else is known.
    #[must_use]
    pub fn context(&self, principal: Principal) -> Context {
        Context::plain(principal, Arc::clone(self.offer().profile()))
    }

    /// What a model is told of the server as a whole.
    pub(super) fn instructions(&self) -> &str {
        &self.shared.instructions
    }

    /// The calls under way, for whoever waits for them at the end.
    #[must_use]
    pub fn calls(&self) -> &TaskTracker {
        &self.shared.calls
    }

    /// Those of the calls that their callers ask for later.
    pub(super) fn tasks(&self) -> &Tasks {
        &self.shared.tasks
    }

    /// Whether a caller who asks for a call later comes to this process again. Over HTTP, requests that stand alone go to any
    /// server where several on different machines share their state.
    pub(super) fn keeps_tasks(&self) -> bool {
        let shares = || self.offer().profile().state_health().map(|health| health.kind);
        self.shared.entrance == Entrance::Pipe || shares() != Some(StoreKind::Postgres)
    }

    /// Stops those calls that their callers would have asked for later: from here on nobody can.
    pub fn end_tasks(&self) {
        self.shared.tasks.end();
    }

    /// Who makes a request.
    pub(super) fn principal(&self, extensions: &Extensions) -> Result<Principal, ErrorData> {
        let parts = extensions.get::<http::request::Parts>();
        match (parts.and_then(|parts| parts.extensions.get::<Principal>()), self.shared.entrance) {
            (Some(principal), _) => Ok(principal.clone()),
            (None, Entrance::Pipe) => Ok(Principal::Anybody),
            // The transport lets nobody through without one; to offer everything by its mistake would be the worst
            // outcome.
            (None, Entrance::Network) => Err(ErrorData::invalid_request("the caller is unknown", None)),
        }
    }

    /// What the caller of a request is offered.
    pub(super) fn offer_in(&self, extensions: &Extensions) -> Result<Arc<ListedOffer>, ErrorData> {
        let principal = self.principal(extensions)?;
        // The toolsets of a caller were looked at when the caller was recognised.
        self.offer_to(&principal).map_err(|unknown| ErrorData::internal_error(unknown.to_string(), None))
    }
}
