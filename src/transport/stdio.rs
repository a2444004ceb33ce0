//! MCP over stdin and stdout. stdout carries protocol and nothing else.

use std::sync::Arc;
use std::time::Duration;

use rmcp::service::{ServerInitializeError, ServiceExt as _, serve_server};
use thiserror::Error;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::line::LineTransport;
use super::parent::{self, Heard};
use super::tick::tick;
use crate::server::{Server, Worded};

/// How long calls under way may take to finish once the input has ended or a signal has come.
pub const GRACE: Duration = Duration::from_secs(5);

/// Less than the time that most calls are timed with.
const TICK: Duration = Duration::from_secs(10);

/// Serving ended for another reason than the client's leaving.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The session could not begin.
    #[error("the MCP session could not start: {0}")]
    Begin(#[source] Box<ServerInitializeError>),
    /// The session's task ended early.
    #[error("the MCP session ended early: {0}")]
    Session(#[from] tokio::task::JoinError),
}

/// Serves until the input ends, the parent process is gone or `stop` is cancelled, then waits up to [`GRACE`] for the calls under way.
///
/// # Errors
/// The session could not begin, or broke.
pub async fn serve(server: Server, stop: CancellationToken) -> Result<(), ServeError> {
    let (reader, writer) = rmcp::transport::stdio_pipes();
    let input_ended = CancellationToken::new();
    let heard = Arc::new(Heard::default());
    let watched = parent::watch(parent::of_this_process, Arc::clone(&heard), stop.clone());
    let transport = LineTransport::new(reader, writer, server.clone(), stop, input_ended.clone(), heard);
    let calls = server.calls().clone();
    let ending = server.clone();
    let session = async {
        // By a pointer, since rmcp moves what it runs about twenty times and it is thousands of bytes.
        match serve_server(Worded(server).into_dyn(), transport).await {
            Ok(session) => session.waiting().await.map(drop).map_err(ServeError::from),
            Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => Ok(()),
            Err(error) => Err(ServeError::Begin(Box::new(error))),
        }
    };
    let deadline = async {
        input_ended.cancelled().await;
        tokio::time::sleep_until(Instant::now() + GRACE).await;
    };
    tokio::select! {
        never = tick(TICK) => match never {},
        never = watched => match never {},
        ended = async {
            let ended = Box::pin(session).await;
            ending.end_tasks();
            // The answers are out; a change whose client has gone may still be under way.
            calls.close();
            calls.wait().await;
            ended
        } => ended,
        () = deadline => {
            tracing::warn!(calls = calls.len(), "stopped while calls were still running");
            Ok(())
        }
    }
}
