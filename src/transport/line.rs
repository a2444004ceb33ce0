//! JSON-RPC messages, one a line.
//!
//! rmcp's own transport drops a line that is no JSON without an answer and
//! ends at a first message that is no request. Here every bad line is answered
//! with an error that says what is wrong with it, and the connection goes on.

use std::io;
use std::sync::Arc;

use rmcp::model::{
    CallToolRequest, ClientJsonRpcMessage, ClientRequest, ErrorData, GetMeta as _, JsonRpcMessage,
    JsonRpcRequest, ProtocolVersion, RequestId,
};
use rmcp::service::{RoleServer, RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde::de::IgnoredAny;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::conversation::Conversation;
use super::direct::{DirectRead, written};
use super::malformed::{MalformedMessage, before_initialize};
use super::message::{Envelope, PlainCall, PlainList, without_mark};
use super::overlong::Overlong;
use super::parent::Heard;
use super::quoted::with_object_arguments;
use super::weight::{Overweight, TOO_HEAVY, overweight};
use crate::files::MAX_INLINE;
use crate::gate::Principal;
use crate::server::{Generation, Notify, Reply, Server};

/// The longest message that is read, in bytes.
pub(super) const MAX_MESSAGE: usize = 16 << 20;

/// A client at the other end of two byte streams.
pub(super) struct LineTransport<R, W> {
    reader: BufReader<R>,
    writer: Arc<Mutex<Option<W>>>,
    /// The line as far as it has come: `receive` may be dropped and called again in the middle of it.
    line: Vec<u8>,
    /// What is known of a line that is thrown away; none while a line is kept.
    overlong: Option<Overlong>,
    ended: bool,
    /// The lifecycle, which the first message that is for rmcp chooses and no other changes; before it there is nothing
    /// that a notification could be about.
    lifecycle: Option<Generation>,
    conversation: Conversation,
    /// Runs what is answered without rmcp.
    server: Server,
    /// Answers that rmcp does not know of: to bad lines, and to plain reads.
    answers: TaskTracker,
    /// Ends the input as if the client had closed it.
    stop: CancellationToken,
    /// Told when the input has ended, for whatever reason.
    input_ended: CancellationToken,
    /// Told of each line.
    heard: Arc<Heard>,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin + Send + 'static> LineTransport<R, W> {
    pub(super) fn new(
        reader: R,
        writer: W,
        server: Server,
        stop: CancellationToken,
        input_ended: CancellationToken,
        heard: Arc<Heard>,
    ) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, reader),
            writer: Arc::new(Mutex::new(Some(writer))),
            line: Vec::new(),
            overlong: None,
            ended: false,
            lifecycle: None,
            conversation: Conversation::default(),
            server,
            answers: TaskTracker::new(),
            stop,
            input_ended,
            heard,
        }
    }

    /// Reads to the end of a line: true where one is there, false at the end of the input.
    async fn read_line(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        loop {
            // Nothing is consumed before all of it is stored, so that being dropped here loses nothing.
            let available = self.reader.fill_buf().await?;
            if available.is_empty() {
                self.ended = true;
                // A last message without a line end counts.
                return Ok(!self.line.is_empty() || self.overlong.is_some());
            }
            let newline = available.iter().position(|byte| *byte == b'\n');
            let part = available.get(..newline.unwrap_or(available.len())).unwrap_or(available);
            if self.overlong.is_some() || self.line.len() + part.len() > MAX_MESSAGE {
                let overlong = self.overlong.get_or_insert_default();
                overlong.feed(&std::mem::take(&mut self.line));
                overlong.feed(part);
            } else {
                self.line.extend_from_slice(part);
            }
            let consumed = part.len() + usize::from(newline.is_some());
            self.reader.consume(consumed);
            if newline.is_some() {
                return Ok(true);
            }
        }
    }

    /// Says that the input has ended, and waits for the answers that rmcp does not know of, since the writer goes soon.
    async fn end(&mut self) {
        self.input_ended.cancel();
        self.answers.close();
        self.answers.wait().await;
    }

    /// What has been read with a line.
    fn take(&mut self) -> Taken {
        let line = std::mem::take(&mut self.line);
        if let Some(overlong) = self.overlong.take() {
            let told = format!(
                "the message is longer than {} MiB and was not read; pass a file larger than {} MiB by its path",
                MAX_MESSAGE >> 20,
                MAX_INLINE >> 20
            );
            return refused(&ErrorData::invalid_request(told, None), overlong.id().as_ref());
        }
        let bytes = without_mark(&line);
        let taken = if bytes.is_empty() { Taken::Nothing } else { self.read(&with_object_arguments(bytes)) };
        if bytes.len() <= 1 << 16 {
            // The memory of a line of usual length is used again.
            self.line = line;
            self.line.clear();
        }
        taken
    }

    fn read(&mut self, bytes: &[u8]) -> Taken {
        let envelope = Envelope::of(bytes);
        let call = envelope.call();
        match overweight(call.as_ref(), bytes) {
            None => {}
            Some(Overweight::Arguments { id, generation, problem }) => {
                let answer = Reply::refusal(problem).written(&id, generation);
                return answer.map_or(Taken::Nothing, Taken::Answer);
            }
            Some(Overweight::Message) => {
                return refused(&ErrorData::invalid_request(TOO_HEAVY, None), envelope.id().as_ref());
            }
        }
        if let Some(malformed) = MalformedMessage::of(bytes, &envelope) {
            return refused(&malformed.error(), malformed.id.as_ref());
        }
        if let Some(direct) = call.and_then(|call| self.direct(call.plain()?)) {
            return Taken::Direct(Box::new(direct));
        }
        if let Some(list) = envelope.plain_list().and_then(|list| self.list(&list)) {
            return Taken::Answer(list);
        }
        self.conversation.hears(&envelope);
        parse(bytes, &envelope)
    }

    /// The whole list of tools, which needs nothing of rmcp where the client's lifecycle has begun.
    fn list(&self, list: &PlainList) -> Option<Vec<u8>> {
        let begun = match list.generation {
            Generation::Sessions => self.conversation.is_ready(),
            Generation::Alone => true,
        };
        if self.lifecycle != Some(list.generation) || !begun {
            return None;
        }
        let offer = self.server.offer_to(&Principal::Anybody).ok()?;
        offer.written(&list.id, list.generation)?.ok()
    }

    /// A read that is answered without rmcp.
    fn direct(&self, call: PlainCall<'_>) -> Option<DirectRead> {
        // What does not fit the lifecycle is rmcp's to judge, and so is the message that chooses it.
        if self.lifecycle != Some(call.generation) {
            return None;
        }
        let under_way = match call.generation {
            Generation::Sessions => self.conversation.direct()?,
            Generation::Alone => self.conversation.under_way(),
        };
        let writer = &self.writer;
        let notify = || {
            let writer = Arc::clone(writer);
            let notify: Notify = Box::new(move |told| {
                let writer = Arc::clone(&writer);
                Box::pin(async move {
                    match written(told) {
                        Some(line) => write(writer, line).await.is_ok(),
                        None => true,
                    }
                })
            });
            notify
        };
        DirectRead::new(&self.server, Principal::Anybody, call, Some(under_way), notify)
    }
}

/// What a line brought.
enum Taken {
    /// Nothing that is answered.
    Nothing,
    /// A message for rmcp.
    Message(Box<ClientJsonRpcMessage>),
    /// A read, which is answered here.
    Direct(Box<DirectRead>),
    /// What is answered as it is read: to a call that is not run, or to what is no message.
    Answer(Vec<u8>),
}

/// The error that a line is answered with. Without a name to go by it has `null`, as JSON-RPC has it.
fn error_line(error: &ErrorData, id: Option<&RequestId>) -> Option<Vec<u8>> {
    serde_json::to_vec(&json!({ "jsonrpc": "2.0", "id": id, "error": error })).ok()
}

fn refused(error: &ErrorData, id: Option<&RequestId>) -> Taken {
    error_line(error, id).map_or(Taken::Nothing, Taken::Answer)
}

/// A message that may call a tool.
type Call = JsonRpcMessage<CallToolRequest, IgnoredAny, IgnoredAny>;

fn parse(bytes: &[u8], envelope: &Envelope<'_>) -> Taken {
    // rmcp tries a dozen kinds of request one after another, and most are of this one.
    if envelope.is("tools/call")
        && let Ok(JsonRpcMessage::Request(call)) = serde_json::from_slice::<Call>(bytes)
    {
        let JsonRpcRequest { jsonrpc, id, request } = call;
        let request = ClientRequest::CallToolRequest(request);
        return Taken::Message(Box::new(JsonRpcMessage::Request(JsonRpcRequest { jsonrpc, id, request })));
    }
    match serde_json::from_slice::<RxJsonRpcMessage<RoleServer>>(bytes) {
        Ok(message) => Taken::Message(Box::new(message)),
        Err(problem) => {
            tracing::debug!(%problem, "a message is not a JSON-RPC request");
            match envelope {
                // A notification of a kind that is not known gets no answer, as JSON-RPC has it.
                notification if notification.is_sound() && notification.id().is_none() => Taken::Nothing,
                other => {
                    let malformed = MalformedMessage::other(bytes, other);
                    refused(&malformed.error(), malformed.id.as_ref())
                }
            }
        }
    }
}

/// What answers a request that came before anything has chosen the lifecycle; `None` where rmcp is to say what is wrong.
fn too_early(message: &ClientJsonRpcMessage) -> Option<Vec<u8>> {
    let JsonRpcMessage::Request(JsonRpcRequest { id, request, .. }) = message else { return None };
    let probes = matches!(request, ClientRequest::PingRequest(_) | ClientRequest::DiscoverRequest(_));
    if probes || request.get_meta().protocol_version().is_some() {
        return None;
    }
    error_line(&before_initialize(Some(request.method()), ""), Some(id))
}

/// The lifecycle that a message chooses: `initialize`, or a request that carries its own metadata. A ping and a discovery
/// are probes, after which either may still follow; rmcp refuses a revision that it does not speak, and goes on waiting.
fn chosen(message: &ClientJsonRpcMessage) -> Option<Generation> {
    let JsonRpcMessage::Request(request) = message else { return None };
    match &request.request {
        ClientRequest::InitializeRequest(_) => Some(Generation::Sessions),
        ClientRequest::PingRequest(_) | ClientRequest::DiscoverRequest(_) => None,
        other => {
            let meta = other.get_meta();
            let spoken = meta.protocol_version() == Some(ProtocolVersion::V_2026_07_28);
            let whole = meta.missing_required_keys(&ProtocolVersion::V_2026_07_28).is_empty();
            (spoken && whole).then_some(Generation::Alone)
        }
    }
}

/// Writes one message and its line end in one piece.
async fn write<W: AsyncWrite + Unpin>(writer: Arc<Mutex<Option<W>>>, mut line: Vec<u8>) -> io::Result<()> {
    line.push(b'\n');
    let mut writer = writer.lock().await;
    let writer = writer.as_mut().ok_or(io::ErrorKind::NotConnected)?;
    writer.write_all(&line).await?;
    writer.flush().await
}

impl<R, W> Transport<RoleServer> for LineTransport<R, W>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let writer = Arc::clone(&self.writer);
        let stop = self.stop.clone();
        async move {
            let line = serde_json::to_vec(&message).map_err(io::Error::other)?;
            let written = write(writer, line).await;
            // A client that no longer reads will not ask for anything either.
            if written.is_err() {
                stop.cancel();
            }
            written
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let stop = self.stop.clone();
        loop {
            let line = tokio::select! {
                // Asked to stop, the server takes no further request, even one that has arrived.
                biased;
                () = stop.cancelled() => Ok(false),
                line = self.read_line() => line,
            };
            match line {
                Ok(true) => self.heard.one_more(),
                Ok(false) => {
                    self.end().await;
                    return None;
                }
                Err(error) => {
                    tracing::error!(%error, "reading from the client failed");
                    self.end().await;
                    return None;
                }
            }
            match self.take() {
                Taken::Nothing => {}
                Taken::Message(message) => {
                    self.lifecycle = self.lifecycle.or_else(|| chosen(&message));
                    if self.lifecycle.is_none()
                        && let Some(early) = too_early(&message)
                    {
                        self.answers.spawn(write(Arc::clone(&self.writer), early));
                        continue;
                    }
                    // rmcp ends a session whose first message but probes is no request.
                    if self.lifecycle.is_some() || matches!(*message, JsonRpcMessage::Request(_)) {
                        return Some(*message);
                    }
                }
                // Each in a task of its own, since being dropped in the middle would leave half a line.
                Taken::Answer(line) => {
                    self.answers.spawn(write(Arc::clone(&self.writer), line));
                }
                Taken::Direct(direct) => {
                    let (writer, stop) = (Arc::clone(&self.writer), self.stop.clone());
                    self.answers.spawn(async move {
                        // A client that no longer reads will not ask for anything either.
                        if let Some(line) = direct.answer().await
                            && write(writer, line).await.is_err()
                        {
                            stop.cancel();
                        }
                    });
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.writer.lock().await.take();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
