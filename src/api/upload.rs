//! A multipart body on its way up.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use reqwest::multipart::{Form, Part};
use tokio::time::Instant;

use super::error::Cause;
use super::file_error::FileCause;
use super::request::Opened;
use crate::catalog::Operation;
use crate::files::Unsent;

/// How often a silence is looked for in the time that it may last.
const LOOKS: u32 = 10;

/// How many chunks have gone so far.
///
/// reqwest counts an upstream's silence from the beginning of a request, during which an upload of some size says
/// nothing at all. Here it counts from the last chunk that was taken.
#[derive(Clone, Default)]
pub(super) struct SentChunks(Arc<AtomicU64>);

impl SentChunks {
    /// Waits for the end of something; `None` where for so long neither it came nor a chunk went.
    pub(super) async fn watch<F: Future>(&self, sending: F, silence: Duration) -> Option<F::Output> {
        tokio::select! {
            sent = sending => Some(sent),
            () = self.stalls(silence) => None,
        }
    }

    async fn stalls(&self, silence: Duration) {
        // Looked at so often that the silence found is hardly longer than the one allowed.
        let (mut gone, mut since) = (self.0.load(Ordering::Relaxed), Instant::now());
        loop {
            tokio::time::sleep((silence / LOOKS).max(Duration::from_millis(1))).await;
            let now = self.0.load(Ordering::Relaxed);
            if now != gone {
                (gone, since) = (now, Instant::now());
            } else if since.elapsed() >= silence {
                return;
            }
        }
    }
}

/// The parts of a body, the file last, so that an upstream knows what it is about before it comes.
pub(super) fn form(
    parts: &[(&'static str, String)],
    operation: &Operation,
    opened: &Opened,
    progress: &SentChunks,
) -> Result<Form, Cause> {
    // File names go in UTF-8, as browsers send them.
    let mut form = Form::new().percent_encode_noop();
    for (name, text) in parts {
        form = form.text(*name, text.clone());
    }
    let (Some(file), Some(upload)) = (&opened.upload, &operation.upload) else { return Ok(form) };
    let progress = progress.clone();
    let chunks = file.chunks().inspect(move |_| {
        progress.0.fetch_add(1, Ordering::Relaxed);
    });
    let content = reqwest::Body::wrap_stream(chunks);
    let part = Part::stream_with_length(content, file.size).file_name(file.name.clone());
    let part = part.mime_str(file.media_type).map_err(|error| Cause::Setup(error.to_string()))?;
    Ok(form.part(upload.part, part))
}

/// The file's own part in the failure of a request.
pub(super) fn unsent(error: &reqwest::Error) -> Option<FileCause> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(unsent) = error.downcast_ref::<Unsent>() {
            return Some(FileCause::Unsent(unsent.clone()));
        }
        cause = error.source();
    }
    None
}
