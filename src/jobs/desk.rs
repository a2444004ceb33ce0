//! Where a job works: what it can read, and when now is.

mod collecting;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::gaps::Gaps;
use crate::api::{Clients, Freshness};
use crate::call::{Afterwards, CallError, Calls, Context, ReadList, Step};
use crate::catalog;
use crate::state::application::CallRank;

pub use collecting::Stored;

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

    /// Whether what was read a moment before is taken.
    #[must_use]
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// The job's name.
    #[must_use]
    pub fn job(&self) -> &'static str {
        self.job
    }

    /// Now, by the clock of the APIs once one has answered: this machine's may be wrong.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now.checked_add(self.cx.profile.ahead()).unwrap_or(self.now)
    }

    /// The day of today, UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }

    /// Whether the caller may call this operation, and it can be reached.
    #[must_use]
    pub fn offers(&self, tool: &str) -> bool {
        catalog::find(tool).is_some_and(|operation| self.calls.offers(self.cx, operation))
    }

    /// Whether the settings name a Trust Center, so that its operations need no slug.
    #[must_use]
    pub fn has_trust_center(&self) -> bool {
        self.cx.profile.trust_center().is_some()
    }

    /// Whoever goes on with this after the answer, by the same caller's leave; none where the process ends with it.
    #[must_use]
    pub fn behind(&self) -> Option<Behind> {
        if self.cx.afterwards == Afterwards::End {
            return None;
        }
        let cx = Context::plain(self.cx.principal.clone(), Arc::clone(&self.cx.profile));
        let cx = Context { rank: CallRank::Page, ..cx };
        Some(Behind { job: self.job, cx, calls: self.calls.clone() })
    }

    /// The credentials that requests go out with.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.cx.profile
    }

    /// Tells whoever wants to know how far the job is.
    pub async fn report(&self, done: usize, total: usize, message: String) {
        if let Some(progress) = &self.cx.progress {
            #[expect(clippy::cast_precision_loss, reason = "no tenant is that large")]
            let step = Step { done: done as f64, total: Some(total as f64), message };
            progress.report(step).await;
        }
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
        // A job waits for several at once: on the heap, they do not add up on the stack.
        Box::pin(self.calls.whole(self.cx, operation, self.freshly(arguments))).await
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
        Box::pin(self.calls.single(self.cx, operation, self.freshly(arguments))).await
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

    /// The same with so many pages of the list at most: that it goes on is a gap.
    ///
    /// # Errors
    /// The call was cancelled.
    pub async fn also_beginning<T: DeserializeOwned>(
        &self,
        what: &str,
        (tool, pages): (&'static str, usize),
        arguments: Value,
        gaps: &Gaps,
    ) -> Result<Option<ReadList<T>>, CallError> {
        let operation = catalog::find(tool).filter(|_| self.offers(tool));
        let Some(operation) = operation else {
            gaps.name(format!("{what}: {tool} is not offered here"));
            return Ok(None);
        };
        let read = self.calls.beginning(self.cx, operation, self.freshly(arguments), pages);
        gaps.or_name(what, Box::pin(read).await)
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

/// Works on after the answer was given.
pub struct Behind {
    job: &'static str,
    cx: Context,
    calls: Calls,
}

impl Behind {
    /// A desk for it.
    #[must_use]
    pub fn desk(&self) -> Desk<'_> {
        Desk::new(self.job, &self.cx, &self.calls, Timestamp::now())
    }
}
