//! What a session of HTTP with SSE has been asked and its caller has not taken yet.
//!
//! Answers go out on one stream, whatever they answer. A caller that asks and
//! does not read would let them pile up, so each question counts against its
//! caller until its answer has been taken.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rmcp::model::{ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, RequestId};
use rmcp::service::{RoleServer, TxJsonRpcMessage};

use super::held::Hold;

/// The questions of one session. Cloning is cheap and shares everything.
#[derive(Clone)]
pub(super) struct Unread(Arc<Mutex<Questions>>);

struct Questions {
    /// When the caller last said something.
    heard: Instant,
    /// Messages on their way out that have not been taken.
    waiting: usize,
    asked: Vec<(RequestId, Option<Hold>)>,
    /// Those that are no longer wanted. Their answers may be on the way already.
    unwanted: Vec<Option<Hold>>,
}

impl Unread {
    pub(super) fn new() -> Self {
        let heard = Instant::now();
        Self(Arc::new(Mutex::new(Questions { heard, waiting: 0, asked: Vec::new(), unwanted: Vec::new() })))
    }

    fn questions(&self) -> std::sync::MutexGuard<'_, Questions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what the caller says. `held` is what is counted for a question.
    pub(super) fn hears(&self, message: &ClientJsonRpcMessage, held: Option<Hold>) {
        let mut questions = self.questions();
        questions.heard = Instant::now();
        match message {
            JsonRpcMessage::Request(request) => questions.asked.push((request.id.clone(), held)),
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                    && let Some(place) = questions.asked.iter().position(|(asked, _)| asked == id)
                {
                    let (_, held) = questions.asked.swap_remove(place);
                    questions.unwanted.push(held);
                    questions.forget_unwanted();
                }
            }
            _ => {}
        }
    }

    /// When the caller last said something.
    pub(super) fn heard(&self) -> Instant {
        self.questions().heard
    }

    /// Notes a message that is about to go out.
    pub(super) fn sends(&self) {
        self.questions().waiting += 1;
    }

    /// Notes a message that has been taken.
    pub(super) fn taken(&self, message: &TxJsonRpcMessage<RoleServer>) {
        let id = match message {
            JsonRpcMessage::Response(response) => Some(&response.id),
            JsonRpcMessage::Error(error) => error.id.as_ref(),
            _ => None,
        };
        let mut questions = self.questions();
        questions.waiting = questions.waiting.saturating_sub(1);
        if let Some(place) = id.and_then(|id| questions.asked.iter().position(|(asked, _)| asked == id)) {
            questions.asked.swap_remove(place);
        }
        questions.forget_unwanted();
    }
}

impl Questions {
    /// rmcp leaves what is no longer wanted without an answer, unless that was on its way: then all that waits has to
    /// be taken first.
    fn forget_unwanted(&mut self) {
        if self.waiting == 0 {
            self.unwanted.clear();
        }
    }
}
