//! Fetching stored files, and collecting them in a folder.

use std::sync::Arc;

use serde_json::Value;
use tokio::task::spawn_blocking;

use super::sending::term;
use super::{CallError, Calls, Context};
use crate::api::StoredFile;
use crate::files::{Collection, CollectionError, Saving};
use crate::gate::{self, AskedCall, Decision};

impl Calls {
    /// Fetches a stored file from the address that a call with these arguments gave for it. Whoever may not make that call
    /// may not fetch the file.
    ///
    /// # Errors
    /// A refusal of the gate, a failure of the file's host. What came of the file is in `into`, which is not to be kept.
    pub async fn fetch(
        &self,
        cx: &Context,
        arguments: &Value,
        file: StoredFile<'_>,
        into: &mut Saving,
    ) -> Result<(), CallError> {
        let members = arguments.as_object().cloned().unwrap_or_default();
        match gate::admit(self.operator, &cx.principal, AskedCall::unraised(file.operation, &members))? {
            Decision::Permit(permit) => Ok(cx.profile.fetch(&permit, file, into, &term(cx)).await?),
            // What only reads is never previewed.
            Decision::Preview(_) | Decision::Claim(_) => Err(CallError::Cancelled),
        }
    }

    /// Opens a folder for files that are collected, for a tool: `name` inside the allowed folder that is named, else inside the
    /// first. `own` are the names that the tool keeps for files of its own.
    ///
    /// # Errors
    /// There is no folder, another call is collecting into it, or the disk does not take it.
    pub async fn collection(
        &self,
        tool: &'static str,
        named: Option<&str>,
        name: String,
        own: &'static [&'static str],
    ) -> Result<Collection, CallError> {
        let (folders, named) = (Arc::clone(&self.folders), named.map(str::to_owned));
        let opened = spawn_blocking(move || folders.collection(named.as_deref(), &name, own)).await;
        opened.unwrap_or(Err(CollectionError::Lost)).map_err(|cause| {
            let cause = Box::new(cause);
            CallError::Collection { tool, cause }
        })
    }
}
