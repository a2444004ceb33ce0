//! The tools `run_read_tool` and `run_write_tool`, which stand for every other tool.
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

/// Runs any tool.
pub struct RunWriteTool;

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
        is refused here; use run_write_tool.",
    uses: Uses::AnyTool(Effect::Read),
    input: schema_of::<Run>,
    output: None,
};

static WRITE: Spec = Spec {
    name: "run_write_tool",
    title: "Run a tool that changes something",
    about: "Run any tool that changes or deletes something, by name, listed or not, exactly as if it were called \
        directly. Names and schemas come from find_tools. A tool that deletes or revokes something returns a preview \
        until its arguments contain `confirm`: show it to the user first. For a tool that only reads, use \
        run_read_tool.",
    uses: Uses::AnyTool(Effect::Write),
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

/// By itself there is nothing that it does.
fn unresolved(spec: &Spec) -> ArgumentsError {
    let problems = vec!["name a tool to run".to_owned()];
    ArgumentsError::Unfit { tool: spec.name, problems }
}
