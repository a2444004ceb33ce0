//! What fails upstream is noted, for whoever asks later how an API is doing.

use std::sync::Arc;

use serde_json::Value;

use super::{CallError, Calls, Context};
use crate::answer::{self, Answer};
use crate::api::{Failure, Request, Response};
use crate::gate::Permit;

impl Calls {
    /// Sends a request and reads the answer; what fails is noted.
    pub(super) async fn send(
        &self,
        cx: &Context,
        permit: Permit,
        request: Request,
        arguments: &Value,
    ) -> Result<Answer, CallError> {
        let operation = request.operation;
        let response = self.respond(cx, permit, request, arguments).await?;
        match answer::read(operation, arguments, self.form(), response) {
            Ok(answer) => Ok(answer),
            Err(cause) => {
                let error = self.advised(cx, Arc::new(Failure::new(operation, cause)));
                Err(noted(cx, error).await)
            }
        }
    }

    /// Sends a request; what fails is noted.
    pub(super) async fn respond(
        &self,
        cx: &Context,
        permit: Permit,
        request: Request,
        arguments: &Value,
    ) -> Result<Response, CallError> {
        match self.sent(cx, permit, request, arguments).await {
            Ok(response) => Ok(response),
            Err(error) => Err(noted(cx, error).await),
        }
    }
}

async fn noted(cx: &Context, error: CallError) -> CallError {
    if let CallError::Failed { failure, .. } = &error {
        // Kept aside, so that the usual call's future stays small.
        Box::pin(cx.profile.note(failure)).await;
    }
    error
}
