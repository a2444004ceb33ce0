//! The record of every request that a tenant received.

use std::time::Duration;

use serde_json::Value;

use super::faults::FaultKind;

/// Where a request carried its credential, if anywhere. The credential itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// Neither header was there.
    None,
    /// An `Authorization` header.
    Authorization,
    /// An `X-Api-Key` header alone.
    ApiKey,
}

/// One request as it arrived, and how it was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path as it was sent, still percent-encoded, without the query.
    pub path: String,
    /// The query in order, decoded.
    pub query: Vec<(String, String)>,
    /// Which header carried a credential.
    pub credential: Credential,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The JSON body; for multipart an object of the parts, a file as `{"fileName","mimeType","bytes"}`.
    /// `None` without a body or where it was not JSON.
    pub body: Option<Value>,
    /// The status answered; `None` while there is no answer, and for good where the connection was dropped.
    pub status: Option<u16>,
    /// When it arrived, counted from the tenant's start.
    pub at: Duration,
    /// What was done to it, if anything.
    pub fault: Option<FaultKind>,
}

/// Names an entry of the [`Log`], across [`Log::forget`].
#[derive(Clone, Copy)]
pub(super) struct Entry(usize);

#[derive(Default)]
pub(super) struct Log {
    entries: Vec<Seen>,
    forgotten: usize,
}

impl Log {
    pub(super) fn note(&mut self, seen: Seen) -> Entry {
        self.entries.push(seen);
        Entry(self.forgotten + self.entries.len() - 1)
    }

    pub(super) fn answered(&mut self, entry: Entry, status: u16) {
        let index = entry.0.checked_sub(self.forgotten);
        if let Some(seen) = index.and_then(|index| self.entries.get_mut(index)) {
            seen.status = Some(status);
        }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.entries.clone()
    }

    pub(super) fn forget(&mut self) {
        self.forgotten += self.entries.len();
        self.entries.clear();
    }
}
