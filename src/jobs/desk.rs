//! Where a job works: what it can read, and when now is.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::gaps::Gaps;
use crate::api::Freshness;
use crate::call::{CallError, Calls, Context, ReadList};
use crate::catalog;

/// Where a job works. Everything that it reads goes through the one door, in the name of its caller.
pub struct Desk<'c> {
    job: &'static str,
    cx: &'c Context,
    calls: &'c Calls,
    now: Timestamp,
    freshness: Freshness,
}

impl<'c> Desk<'c> {
    /// A desk for one call of the job of that name.
    #[must_use]
    pub fn new(job: &'static str, cx: &'c Context, calls: &'c Calls, now: Timestamp) -> Self {
        Self { job, cx, calls, now, freshness: Freshness::Recent }
    }

    /// The same that takes nothing from what was read a moment before, where its caller says so.
    #[must_use]
    pub fn fresh(self, fresh: bool) -> Self {
        Self { freshness: Freshness::asked_for(fresh), ..self }
    }

    /// The job's name.
    #[must_use]
    pub fn job(&self) -> &'static str {
        self.job
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The day of today, UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// Whether the caller may call this operation, and it can be reached.
    #[must_use]
    pub fn offers(&self, tool: &str) -> bool {
        catalog::find(tool).is_some_and(|operation| self.calls.offers(self.cx, operation))
    }

    /// The local folders that the operator allows.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        self.calls
    }

    /// Reads a list to its end. `arguments` is an object.
    ///
    /// # Errors
    /// As of any call.
    pub async fn list<T: DeserializeOwned>(
        &self,
        tool: &'static str,
        arguments: Value,
    ) -> Result<ReadList<T>, CallError> {
        let Some(operation) = catalog::find(tool) else { return Err(CallError::Cancelled) };
        self.calls.whole(self.cx, operation, self.freshly(arguments)).await
    }

    /// Reads one thing. `arguments` is an object.
    ///
    /// # Errors
    /// As of any call.
    pub async fn one<T: DeserializeOwned>(
        &self,
        tool: &'static str,
        arguments: Value,
    ) -> Result<T, CallError> {
        let Some(operation) = catalog::find(tool) else { return Err(CallError::Cancelled) };
        self.calls.single(self.cx, operation, self.freshly(arguments)).await
    }

    /// Reads a list that the answer can do without: where that fails, or the caller may not, the gap is named, `what` in
    /// a few words, and it counts as not looked at.
    ///
    /// # Errors
    /// The call was cancelled.
    pub async fn also<T: DeserializeOwned>(
        &self,
        what: &str,
        tool: &'static str,
        arguments: Value,
        gaps: &Gaps,
    ) -> Result<Option<ReadList<T>>, CallError> {
        if !self.offers(tool) {
            gaps.name(format!("{what}: {tool} is not offered here"));
            return Ok(None);
        }
        gaps.or_name(what, self.list(tool, arguments).await)
    }

    fn freshly(&self, mut arguments: Value) -> Value {
        if self.freshness == Freshness::Anew
            && let Some(members) = arguments.as_object_mut()
        {
            members.insert("fresh".to_owned(), json!(true));
        }
        arguments
    }
}
