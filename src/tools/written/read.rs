//! The tool `read_api`, for what the catalog does not have.

use futures::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::api::Freshness;
use crate::api::arguments::ArgumentsError;
use crate::api::uncatalogued::{READ_API, ReadPath};
use crate::call::{CallError, Context};
use crate::catalog::Api;
use crate::jobs::{schema_of, typed};
use crate::tools::spec::{Site, Spec, Uses, Written};

/// Reads a path of an API.
pub struct ReadApi;

pub(in crate::tools) static SPEC: Spec = Spec {
    name: READ_API,
    title: "Read a path of Vanta's API",
    about: "Read a GET path of a configured Vanta API that no other tool covers, as in Vanta's API reference, e.g. \
        an operation newer than this server. Use it only when find_tools finds nothing; for a path that has a tool, \
        it returns that tool's name. It stays within the API's own address and changes nothing. The answer is passed \
        on unchanged, a list with nextCursor if there is more.",
    uses: Uses::AnyPath,
    input: schema_of::<ReadArguments>,
    output: None,
};

/// The APIs of Vanta's.
const APIS: [Api; 3] = [Api::Manage, Api::Audit, Api::Connectors];

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReadArguments {
    /// The API that the path belongs to: manage is compliance, audit for audit firms, connectors for integrations.
    #[schemars(schema_with = "apis")]
    api: Api,
    /// The path with its ids filled in and decoded, e.g. /v1/vendors/abc/reviews; without host and query.
    #[schemars(length(min = 1, max = 2000))]
    path: String,
    /// Query parameters by name: strings, numbers, true or false, or lists of them; e.g. pageSize, pageCursor.
    #[serde(default)]
    #[schemars(schema_with = "any_object")]
    query: Map<String, Value>,
    /// Skip the cache.
    #[serde(default)]
    fresh: bool,
}

fn apis(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": APIS.map(Api::as_str) })
}

fn any_object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object" })
}

impl Written for ReadApi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn run<'c>(
        &'c self,
        cx: &'c Context,
        site: Site<'c>,
        arguments: Value,
    ) -> BoxFuture<'c, Result<Answer, CallError>> {
        Box::pin(async move {
            let ReadArguments { api, path, query, fresh } = typed(SPEC.name, arguments)?;
            let unfit = |problem: String| ArgumentsError::Unfit { tool: READ_API, problems: vec![problem] };
            let query = pairs(&query).map_err(unfit)?;
            let path = ReadPath::new(api, &path, query).map_err(|problem| unfit(problem.to_string()))?;
            site.calls.read(cx, path, Freshness::asked_for(fresh)).await
        })
    }
}

/// The pairs of a query: a list repeats its name.
fn pairs(query: &Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    for (name, value) in query {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for one in values {
            let text = match one {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => one.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    return Err(format!(
                        "`query.{name}` must be a string, a number, true, false, or a list of them"
                    ));
                }
            };
            pairs.push((name.clone(), text));
        }
    }
    Ok(pairs)
}
