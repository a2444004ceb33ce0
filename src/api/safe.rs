//! A place in the shared state for what is known of one application's tenant. Who has the state alone can read nothing of it:
//! it is sealed with a key that only the application's secret yields.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::client::Clients;
use super::clock::UpstreamClock;
use super::http::host;
use super::sharing::IndexExtent;
use super::upstream::Credential;
use crate::catalog::Api;
use crate::gate::Confirmations;
use crate::state::{Moment, RecordGroup, RecordKey, RecordKind, Seal, Shared, StoreError};

/// A place for what is known of the tenant that one application reads with its scopes.
pub struct Safe {
    shared: Arc<Shared>,
    seal: Seal,
    /// Host, application and scopes: how the ids of its records begin.
    prefix: String,
    /// This process, as the others know it.
    owner: String,
    clock: Arc<UpstreamClock>,
}

/// A record as it is in the store.
#[derive(Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct SealedRecord(String);

/// What a change makes of a record, and what it answers.
pub struct SafeChange<T> {
    /// The new content; none leaves the record as it is.
    pub content: Option<Vec<u8>>,
    /// What is told of it.
    pub answer: T,
}

impl Clients {
    /// How much is kept of a tenant.
    #[must_use]
    pub fn index(&self) -> IndexExtent {
        self.index
    }

    /// Where an API is, for people: the product and its host.
    #[must_use]
    pub fn place(&self, api: Api) -> Option<String> {
        let connection = self.connection(api)?;
        Some(format!("{} at {}", api.title(), host(&connection.upstream.base)))
    }

    /// The confirmations of an API's tenant; `None` where the API has no credentials.
    #[must_use]
    pub fn offers(&self, api: Api) -> Option<Confirmations> {
        let connection = self.connection(api)?;
        let address = connection.upstream.base.as_str();
        let seal = match &connection.upstream.credential {
            Credential::Application { client_id, client_secret, .. } => {
                Seal::new(address, client_id, client_secret)
            }
            Credential::Token { token, .. } => Seal::new(address, "", token),
        };
        Some(Confirmations::new(Arc::clone(&connection.record.shared), seal?))
    }

    /// The place for what is known of an API's tenant; `None` where no application is configured, so that
    /// there is no secret to seal with.
    #[must_use]
    pub fn safe(&self, api: Api) -> Option<Safe> {
        let connection = self.connection(api)?;
        let Credential::Application { client_id, client_secret, scopes } = &connection.upstream.credential
        else {
            return None;
        };
        let seal = Seal::new(connection.upstream.base.as_str(), client_id, client_secret)?;
        // What is written does not change what can be read.
        let mut reading: Vec<&str> =
            scopes.iter().filter(|scope| !scope.writes()).map(|scope| scope.as_str()).collect();
        reading.sort_unstable();
        let prefix = format!("{}/{}/", seal.application(), reading.join("+"));
        let (shared, owner) = (Arc::clone(&connection.record.shared), connection.record.owner.clone());
        Some(Safe { shared, seal, prefix, owner, clock: Arc::clone(&connection.clock) })
    }
}

impl Safe {
    /// This process, as the others know it.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Now, by the clock of the tenant's API.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment(self.clock.now().as_millisecond())
    }

    /// A part of it that is not among [`all`](Self::all).
    #[must_use]
    pub fn aside(mut self, part: &str) -> Self {
        self.prefix = match self.prefix.split_once('/') {
            Some((application, rest)) => format!("{application}/{part} {rest}"),
            None => format!("{part} {}", self.prefix),
        };
        self
    }

    /// All that is there at one time, by name. What cannot be opened is left out: it was sealed with another secret, or
    /// tampered with.
    pub async fn all(&self) -> Vec<(String, Vec<u8>)> {
        self.opened("", |_| true).await
    }

    /// What is there at one time, by name, but for what is left closed. What cannot be opened is left out: it was sealed with
    /// another secret, or tampered with.
    pub async fn all_but(&self, stays_closed: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
        self.opened("", |name| !stays_closed(name)).await
    }

    /// The same of all whose name begins so.
    pub async fn some(&self, begins: &str) -> Vec<(String, Vec<u8>)> {
        self.opened(begins, |_| true).await
    }

    /// What stands under a name.
    pub async fn one(&self, name: &str) -> Option<Vec<u8>> {
        let found = self.opened(name, |other| other == name).await;
        found.into_iter().next().map(|(_, content)| content)
    }

    async fn opened(&self, begins: &str, opens: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
        let group = RecordGroup { kind: RecordKind::Index, prefix: format!("{}{begins}", self.prefix) };
        let records = self.shared.all(&group).await;
        let opened = records.into_iter().filter_map(|record| {
            let name = record.id.strip_prefix(&self.prefix).filter(|name| opens(name))?.to_owned();
            let sealed: SealedRecord = serde_json::from_str(&record.body).ok()?;
            let content = self.seal.open_as(&record.id, &sealed.0)?;
            Some((name, content))
        });
        opened.collect()
    }

    /// Changes what stands under a name, as one step. It is given the store's time and what is there, if that can be opened.
    pub async fn change<T: Send + Default + 'static>(
        self: &Arc<Self>,
        name: &str,
        change: impl Fn(Moment, Option<Vec<u8>>) -> SafeChange<T> + Send + Sync + 'static,
    ) -> T {
        let key = RecordKey { kind: RecordKind::Index, id: format!("{}{name}", self.prefix) };
        let (safe, id) = (Arc::clone(self), key.id.clone());
        let step = move |now: Moment, record: &mut SealedRecord| {
            let SafeChange { content, answer } = change(now, safe.seal.open_as(&id, &record.0));
            if let Some(sealed) = content.and_then(|content| safe.seal.close_as(&id, &content)) {
                record.0 = sealed;
            }
            answer
        };
        self.shared.change(&key, step).await
    }

    /// Deletes all that is there of the application, with whichever scopes it was read. Returns how many records that were.
    ///
    /// # Errors
    /// The store cannot be used.
    pub async fn clear(&self) -> Result<u64, StoreError> {
        let prefix = format!("{}/", self.seal.application());
        self.shared.delete(&RecordGroup { kind: RecordKind::Index, prefix }, Duration::ZERO).await
    }

    /// Deletes what nobody has changed for so long, of all applications that share the state.
    pub async fn forget(&self, unchanged_for: Duration) {
        let group = RecordGroup { kind: RecordKind::Index, prefix: String::new() };
        // What stays is deleted the next time.
        let _ = self.shared.delete(&group, unchanged_for).await;
    }
}
