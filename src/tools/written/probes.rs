//! Tools for tests alone: what becomes of a panic, and of a question in the middle of a call.

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::{CallError, Consent, Context, Question, Step};
use crate::catalog;
use crate::jobs::{NoArguments, schema_of};
use crate::tools::spec::{Site, Spec, Uses, Written};

/// Panics, so that a test can see what becomes of it.
pub struct Panics;

/// Tells of a step, asks the person, and where they agree makes a call through the door that all calls go through.
pub struct AsksFirst;

static PANICS: Spec = Spec {
    name: "panics",
    title: "Panic",
    about: "Panics.",
    uses: Uses::Nothing,
    input: schema_of::<NoArguments>,
    output: None,
};

static ASKS_FIRST: Spec = Spec {
    name: "asks_first",
    title: "Ask first",
    about: "Asks, then lists vendors.",
    uses: Uses::Operations(&["list_vendors"]),
    input: schema_of::<NoArguments>,
    output: None,
};

impl Written for Panics {
    fn spec(&self) -> &'static Spec {
        &PANICS
    }

    fn run<'c>(&'c self, _: &'c Context, _: Site<'c>, _: Value) -> BoxFuture<'c, Result<Answer, CallError>> {
        std::panic::panic_any("as asked")
    }
}

impl Written for AsksFirst {
    fn spec(&self) -> &'static Spec {
        &ASKS_FIRST
    }

    fn run<'c>(
        &'c self,
        cx: &'c Context,
        site: Site<'c>,
        _: Value,
    ) -> BoxFuture<'c, Result<Answer, CallError>> {
        Box::pin(async move {
            if let Some(progress) = &cx.progress {
                progress.report(Step { done: 1.0, total: Some(2.0), message: "asking".to_owned() }).await;
            }
            let question = Question {
                text: "List the vendors?".to_owned(),
                yes: "List them".to_owned(),
                seal: String::new(),
            };
            let consent = match &cx.asks {
                Some(asks) => asks.ask(&question).await,
                None => Consent::Unanswered,
            };
            if consent != Consent::Given {
                return Ok(Answer::done(&json!({ "consent": format!("{consent:?}") })));
            }
            let operation = catalog::find("list_vendors").unwrap();
            site.calls.call(cx, operation, &json!({})).await
        })
    }
}
