//! What a job needs that collects files.

use serde_json::Value;

use super::Desk;
use crate::api::StoredFile;
use crate::call::{CallError, Context};
use crate::catalog;
use crate::files::{Collection, Saving};

/// A stored file that is to be fetched.
#[derive(Clone, Copy)]
pub struct Stored<'s> {
    /// Where it is.
    pub address: &'s str,
    /// As it is said to be; empty where nothing is said.
    pub media_type: &'s str,
    /// The most that is fetched, in bytes.
    pub limit: u64,
}

impl<'c> Desk<'c> {
    /// The context of the caller in which what is read tells no steps, for [`within`](Self::within).
    #[must_use]
    pub fn without_steps(&self) -> Context {
        self.cx.without_steps()
    }

    /// The same desk in another context of the same caller.
    #[must_use]
    pub fn within<'d>(&self, cx: &'d Context) -> Desk<'d>
    where
        'c: 'd,
    {
        Desk { job: self.job, cx, calls: self.calls, now: self.now, freshness: self.freshness }
    }

    /// Whether files can be collected inside the allowed folder that is named, else inside the first.
    ///
    /// # Errors
    /// There is no folder, or it cannot be opened.
    pub fn may_collect(&self, named: Option<&str>) -> Result<(), CallError> {
        let may = self.calls.folders().may_collect(named);
        may.map_err(|cause| CallError::Collection { tool: self.job, cause: Box::new(cause) })
    }

    /// Opens a folder of collected files: `name` inside the allowed folder that is named, else inside the first. `own` are the
    /// names that the job keeps for files of its own.
    ///
    /// # Errors
    /// There is no folder, another call is collecting into it, or the disk does not take it.
    pub async fn collection(
        &self,
        named: Option<&str>,
        name: String,
        own: &'static [&'static str],
    ) -> Result<Collection, CallError> {
        self.calls.collection(self.job, named, name, own).await
    }

    /// Fetches a stored file from the address that a call of this operation gave for it.
    ///
    /// # Errors
    /// As of any call; what came of the file is in `into`, which is not to be kept.
    pub async fn fetch(
        &self,
        (tool, arguments): (&'static str, &Value),
        stored: Stored<'_>,
        into: &mut Saving,
    ) -> Result<(), CallError> {
        let Some(operation) = catalog::find(tool) else { return Err(CallError::Cancelled) };
        let Stored { address, media_type, limit } = stored;
        let file = StoredFile { operation, address, media_type, limit };
        self.calls.fetch(self.cx, arguments, file, into).await
    }
}
