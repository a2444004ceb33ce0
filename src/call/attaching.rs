//! The file that goes with a request, and the folder that its answer may be saved in.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::api::{Opened, Opens};
use crate::catalog::{Operation, Shape};
use crate::files::{FileError, Folders, PathArgument};

/// How many files are looked at at once.
const LOOKS: usize = 16;

/// What a call names of this machine's files.
struct NamedFiles {
    operation: &'static Operation,
    folders: Arc<Folders>,
    file: Arc<Value>,
    folder: Option<String>,
}

impl Opens for NamedFiles {
    fn open(&self) -> BoxFuture<'_, Result<Opened, FileError>> {
        async move {
            let mut opened = Opened::default();
            // Disks are slow and base64 is long: neither is for a thread that other calls wait for.
            if let Some(upload) = &self.operation.upload {
                let file = Arc::clone(&self.file);
                let folders = Arc::clone(&self.folders);
                let file = spawn_blocking(move || folders.outgoing(&file, &upload.accepts)).await;
                opened.upload = Some(file.unwrap_or(Err(FileError::Lost { argument: PathArgument::File }))?);
            }
            if self.operation.shape == Shape::File {
                let folder = self.folder.clone();
                let folders = Arc::clone(&self.folders);
                let folder = spawn_blocking(move || folders.destination(folder.as_deref())).await;
                opened.destination =
                    Some(folder.unwrap_or(Err(FileError::Lost { argument: PathArgument::Folder }))?);
            }
            Ok(opened)
        }
        .boxed()
    }
}

/// Looks at files before their calls are in line.
#[derive(Clone)]
pub(super) struct FileLooks(Arc<Semaphore>);

impl Default for FileLooks {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LOOKS)))
    }
}

impl FileLooks {
    /// What opens the files of a call; none where it moves no file. They are looked at now, so that what is wrong with them is
    /// told before the call waits for its turn, and opened only then: while many wait, none is kept open.
    pub(super) async fn files_of(
        &self,
        folders: &Arc<Folders>,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Result<Option<Arc<dyn Opens>>, FileError> {
        if operation.upload.is_none() && operation.shape != Shape::File {
            return Ok(None);
        }
        let file = Arc::new(arguments.get("file").cloned().unwrap_or_default());
        let folder = arguments.get("folder").and_then(Value::as_str).map(str::to_owned);
        let named = NamedFiles { operation, folders: Arc::clone(folders), file, folder };
        let looking = self.0.acquire().await;
        named.open().await?;
        drop(looking);
        Ok(Some(Arc::new(named)))
    }
}
