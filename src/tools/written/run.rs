//! The tools `run_read_tool`, `run_write_tool` and `run_destroy_tool`, which stand for every other tool of their effect: who
//! allows one of them always in a client has allowed no other.
//!
//! A call of one is resolved to the tool that it names before anything else is done with it, so that checks, records and
//! answers are that tool's own.

use futures::future::{BoxFuture, ready};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::api::arguments::ArgumentsError;
use crate::call::{CallError, Context};
use crate::catalog::Effect;
use crate::jobs::schema_of;
use crate::tools::spec::{Site, Spec, Uses, Written};

/// Runs a tool that only reads.
pub struct RunReadTool;

/// Runs a tool that writes.
pub struct RunWriteTool;

/// Runs a tool that does more than to write.
pub struct RunDestroyTool;

/// The tool that runs those of an effect.
#[must_use]
pub fn runner(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => READ.name,
        Effect::Write => WRITE.name,
        Effect::Publish | Effect::Destroy => DESTROY.name,
    }
}

/// The tool to run, and what with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Name of the tool, from `find_tools`.
    #[schemars(length(min = 1), description = "Name of the tool, from find_tools.")]
    pub tool: String,
    /// Its arguments, as its input schema defines them; omit if none.
    #[serde(default)]
    #[schemars(schema_with = "any_object")]
    pub arguments: Map<String, Value>,
}

fn any_object(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "object" })
}

static READ: Spec = Spec {
    name: "run_read_tool",
    title: "Run a tool that reads",
    about: "Run any tool that only reads, by name, listed or not, exactly as if it were called directly: same \
        arguments, checks, pages and answer. Names and schemas come from find_tools. A tool that changes something \
        is refused here.",
    uses: Uses::AnyTool(Effect::Read),
    input: schema_of::<Run>,
    output: None,
};

static WRITE: Spec = Spec {
    name: "run_write_tool",
    title: "Run a tool that changes something",
    about: "Run any tool of the effect write, by name, listed or not, exactly as if it were called directly. Names and \
        schemas come from find_tools.",
    uses: Uses::AnyTool(Effect::Write),
    input: schema_of::<Run>,
    output: None,
};

static DESTROY: Spec = Spec {
    name: "run_destroy_tool",
    title: "Run a tool that publishes or destroys",
    about: "Run any tool of the effect publish or destroy, by name, listed or not, exactly as if it were called directly: without \
        `confirm` and `confirmation` in its arguments it returns a preview, to be shown to the user first.",
    uses: Uses::AnyTool(Effect::Publish),
    input: schema_of::<Run>,
    output: None,
};

impl Written for RunReadTool {
    fn spec(&self) -> &'static Spec {
        &READ
    }

    fn run<'c>(&'c self, _: &'c Context, _: Site<'c>, _: Value) -> BoxFuture<'c, Result<Answer, CallError>> {
        Box::pin(ready(Err(unresolved(&READ).into())))
    }
}

impl Written for RunWriteTool {
    fn spec(&self) -> &'static Spec {
        &WRITE
    }

    fn run<'c>(&'c self, _: &'c Context, _: Site<'c>, _: Value) -> BoxFuture<'c, Result<Answer, CallError>> {
        Box::pin(ready(Err(unresolved(&WRITE).into())))
    }
}

impl Written for RunDestroyTool {
    fn spec(&self) -> &'static Spec {
        &DESTROY
    }

    fn run<'c>(&'c self, _: &'c Context, _: Site<'c>, _: Value) -> BoxFuture<'c, Result<Answer, CallError>> {
        Box::pin(ready(Err(unresolved(&DESTROY).into())))
    }
}

/// By itself there is nothing that it does.
fn unresolved(spec: &Spec) -> ArgumentsError {
    let problems = vec!["name a tool to run".to_owned()];
    ArgumentsError::Unfit { tool: spec.name, problems }
}
