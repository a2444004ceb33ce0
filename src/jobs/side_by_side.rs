//! Looking at many things, at a request or more each, and telling how far it is.

use std::fmt::Write as _;

use futures::stream::{self, StreamExt as _};

use super::desk::Desk;
use crate::call::CallError;
use crate::catalog::Api;
use crate::index::LookedAt;

/// How many are read at the same time.
pub(super) const AT_THE_SAME_TIME: usize = 6;

/// Things that are looked at, a few at the same time.
pub(super) struct SideBySide<'d, 'c> {
    desk: &'d Desk<'c>,
    what: &'static str,
    all: usize,
    done: usize,
    failed: Option<CallError>,
}

/// What the API could not be asked about.
pub(super) struct NotLooked {
    /// How many things.
    pub(super) left: usize,
    /// Why, for the last of them.
    pub(super) failed: Option<CallError>,
}

impl<'d, 'c> SideBySide<'d, 'c> {
    /// So many things, called so.
    pub(super) fn new(desk: &'d Desk<'c>, what: &'static str, all: usize) -> Self {
        Self { desk, what, all, done: 0, failed: None }
    }

    /// Looks at some of them. What the API could not be asked about is left as it was.
    ///
    /// # Errors
    /// The call was cancelled.
    pub(super) async fn look<T, F>(
        &mut self,
        ids: &[String],
        look: impl Fn(String) -> F,
    ) -> Result<Vec<(String, LookedAt<T>)>, CallError>
    where
        F: Future<Output = (String, Result<LookedAt<T>, CallError>)>,
    {
        let mut looking = stream::iter(ids.iter().cloned().map(look)).buffer_unordered(AT_THE_SAME_TIME);
        let mut looked = Vec::new();
        while let Some((id, found)) = looking.next().await {
            match found {
                Ok(found) => {
                    looked.push((id, found));
                    self.done += 1;
                }
                Err(CallError::Cancelled) => return Err(CallError::Cancelled),
                Err(error) => self.failed = Some(error),
            }
            self.desk.report(self.done, self.all, self.told()).await;
        }
        Ok(looked)
    }

    /// What could not be looked at.
    ///
    /// # Errors
    /// None of them could be looked at.
    pub(super) fn end(self) -> Result<NotLooked, CallError> {
        match self.failed {
            Some(error) if self.done == 0 => Err(error),
            failed => Ok(NotLooked { left: self.all.saturating_sub(self.done), failed }),
        }
    }

    /// How far it is, and how long the rest takes where a minute's requests are not enough for it.
    fn told(&self) -> String {
        let Self { what, all, done, .. } = self;
        let mut told = format!("looked at {done} of {all} {what}");
        let left = self.desk.clients().budget_left(Api::Manage).iter().map(|left| left.requests).min();
        if let (Some(left), Some(most)) = (left, Api::Manage.per_minute()) {
            let more = all.saturating_sub(*done).saturating_sub(left.into());
            match more.div_ceil(most.into()) {
                0 => {}
                1 => told.push_str(", about 1 minute left"),
                minutes => drop(write!(told, ", about {minutes} minutes left")),
            }
        }
        told
    }
}
