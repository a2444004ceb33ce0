//! Asking the person at the other end, by elicitation.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, ready};
use rmcp::model::{
    CallToolRequestParams, CancelledNotificationParam, ClientResult, ElicitRequest, ElicitRequestParams,
    ElicitResult, ElicitationAction, ElicitationSchema, InputRequest, InputRequests, InputRequiredResult,
    ServerRequest,
};
use rmcp::service::{PeerRequestOptions, RequestContext, RoleServer};

use crate::call::{Asks, Consent, Question};

/// How long a person may think about a question.
const THINKING: Duration = Duration::from_secs(5 * 60);

/// What the box to tick is called in the form.
const BOX: &str = "confirm";

/// A form on the call's own stream, which clients of revisions with sessions show.
pub(super) struct ElicitedForm(RequestContext<RoleServer>);

/// Marks a request over HTTP whose answer comes alone: there is no stream that a question could go out on before it.
#[derive(Debug, Clone, Copy)]
pub struct Unasked;

/// The way to ask that a client has; none where it declares none, or takes nothing but the answer.
pub(super) fn way(cx: &RequestContext<RoleServer>) -> Option<Arc<dyn Asks>> {
    let parts = cx.extensions.get::<http::request::Parts>();
    if parts.is_some_and(|parts| parts.extensions.get::<Unasked>().is_some()) {
        return None;
    }
    let sessions = cx.protocol_version().is_some_and(|version| version.has_initialize());
    (sessions && shows_forms(cx)).then(|| Arc::new(ElicitedForm(cx.clone())) as Arc<dyn Asks>)
}

/// Whether a client shows forms: one that names neither form nor address does.
fn shows_forms(cx: &RequestContext<RoleServer>) -> bool {
    let declared = cx.client_capabilities().and_then(|capabilities| capabilities.elicitation);
    declared.is_some_and(|declared| declared.form.is_some() || declared.url.is_none())
}

/// A form that goes out as the call's answer, since 2026-07-28: what the person says comes with the same call made again.
pub(super) struct NextRound {
    /// What came back with the call, if this is the second time.
    state: Option<String>,
    answer: Option<ElicitResult>,
    asked: Mutex<Option<Question>>,
}

impl NextRound {
    /// The way to ask of a call whose client shows forms by this generation.
    pub(super) fn of(cx: &RequestContext<RoleServer>, request: &CallToolRequestParams) -> Option<Arc<Self>> {
        let sessions = cx.protocol_version().is_none_or(|version| version.has_initialize());
        if sessions || !shows_forms(cx) {
            return None;
        }
        let given = request.input_responses.as_ref().and_then(|responses| responses.get(BOX));
        let answer = given.and_then(|given| serde_json::to_value(given).ok());
        let answer = answer.and_then(|answer| serde_json::from_value(answer).ok());
        Some(Arc::new(Self { state: request.request_state.clone(), answer, asked: Mutex::default() }))
    }

    /// What goes out in place of the answer, where a person is to be asked.
    pub(super) fn asks_for(&self) -> Option<InputRequiredResult> {
        let question = self.asked.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let form = form(&question)?;
        let mut requests = InputRequests::new();
        requests.insert(BOX.to_owned(), InputRequest::Elicitation(ElicitRequest::new(form)));
        Some(InputRequiredResult::new(Some(requests), Some(question.seal)))
    }

    fn answered(&self, question: &Question) -> Consent {
        match &self.answer {
            // What came with another call's state answers another question.
            Some(answer) if self.state.as_deref() == Some(&*question.seal) => consent(answer),
            _ => {
                *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(question.clone());
                Consent::Pending
            }
        }
    }
}

impl Asks for NextRound {
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Consent> {
        Box::pin(ready(self.answered(question)))
    }
}

impl Asks for ElicitedForm {
    fn ask<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Consent> {
        Box::pin(self.asked(question))
    }
}

impl ElicitedForm {
    async fn asked(&self, question: &Question) -> Consent {
        let Some(form) = form(question) else { return Consent::Unanswered };
        let options = PeerRequestOptions::with_timeout(THINKING);
        let request = ServerRequest::ElicitRequest(ElicitRequest::new(form));
        let Ok(handle) = self.0.peer.send_request_with_option(request, options).await else {
            return Consent::Unanswered;
        };
        let id = handle.id.clone();
        tokio::select! {
            answer = handle.await_response() => match answer {
                Ok(ClientResult::ElicitResult(answer)) => consent(&answer),
                _ => Consent::Unanswered,
            },
            () = self.0.ct.cancelled() => {
                // Else the question stays on the person's screen.
                let why = Some("the call was cancelled".to_owned());
                let _ = self.0.peer.notify_cancelled(CancelledNotificationParam::new(Some(id), why)).await;
                Consent::Unanswered
            }
        }
    }
}

/// A box to tick, since to accept a form is to have read it at the most.
fn form(question: &Question) -> Option<ElicitRequestParams> {
    let schema = ElicitationSchema::builder()
        .required_bool_with(BOX, |field| field.description(question.yes.clone()))
        .build()
        .ok()?;
    let message = question.text.clone();
    Some(ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema: schema })
}

/// Only a ticked box in an accepted form is a yes.
fn consent(answer: &ElicitResult) -> Consent {
    let ticked = answer.content.as_ref().and_then(|content| content.get(BOX)?.as_bool());
    match answer.action {
        ElicitationAction::Accept if ticked == Some(true) => Consent::Given,
        _ => Consent::Refused,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_ticked_box_in_an_accepted_form_is_a_yes() {
        for (answer, expected) in [
            (json!({"action": "accept", "content": {"confirm": true}}), Consent::Given),
            (json!({"action": "accept", "content": {"confirm": false}}), Consent::Refused),
            (json!({"action": "accept", "content": {"confirm": "true"}}), Consent::Refused),
            (json!({"action": "accept", "content": {}}), Consent::Refused),
            (json!({"action": "accept"}), Consent::Refused),
            (json!({"action": "decline", "content": {"confirm": true}}), Consent::Refused),
            (json!({"action": "cancel"}), Consent::Refused),
        ] {
            let read: ElicitResult = serde_json::from_value(answer.clone()).unwrap();
            assert_eq!(consent(&read), expected, "{answer}");
        }
    }
}
