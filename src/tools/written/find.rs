//! The tool `find_tools`: from what is wanted to the tools that do it.

use futures::future::{BoxFuture, ready};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::read;
use crate::answer::Answer;
use crate::api::Clients;
use crate::api::uncatalogued::READ_API;
use crate::call::{CallError, Context};
use crate::catalog::{self, Api, Effect, Operation};
use crate::tools::rules::{NotOffered, Rules};
use crate::tools::schema;
use crate::tools::search::Index;
use crate::tools::spec::{Site, Spec, Uses, Written, typed};

/// What a tool counts whose product has no credentials: found where it alone fits, and else after the others.
const OUT_OF_REACH: f32 = 0.5;

/// Finds the tools for what is wanted.
pub struct FindTools;

static SPEC: Spec = Spec {
    name: "find_tools",
    title: "Find tools",
    about: "Find the tools for a task among all 364, including those not listed: Trust Center, questionnaires, \
            knowledge base, risk, contracts, groups, integrations, event logs and more. Returns names, effects and \
            one line each, best first, with the input schema of the best; run it with run_read_tool or \
            run_write_tool. Search for another tool's name to get its schema.",
    uses: Uses::Tools,
    input: schema::of::<Search>,
    output: Some(schema::of::<Findings>),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// The task in a few words, e.g. who has not finished training; or a tool's name.
    #[schemars(length(min = 1, max = 500))]
    query: String,
    /// Only this API: manage is compliance, audit for audit firms, connectors for integrations that push data, panel
    /// web hosting.
    #[serde(default)]
    #[schemars(schema_with = "apis")]
    api: Option<String>,
    /// Only this effect: read changes nothing, destroy deletes or removes.
    #[serde(default)]
    #[schemars(schema_with = "effects")]
    effect: Option<String>,
    /// Maximum number of tools; default 5.
    #[serde(default = "usual")]
    #[schemars(range(min = 1, max = 20))]
    limit: u32,
}

fn apis(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Api::ALL.map(Api::as_str) })
}

fn effects(_: &mut SchemaGenerator) -> Schema {
    let all = [Effect::Read, Effect::Write, Effect::Destroy].map(Effect::as_str);
    json_schema!({ "type": "string", "enum": all })
}

/// How many tools are answered where nobody says.
fn usual() -> u32 {
    5
}

/// What a search found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Findings {
    /// How many.
    count: usize,
    /// The first of them, with its schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    best: Option<Best>,
    /// What to do where nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    /// The tools, best first.
    items: Vec<Finding>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Best {
    /// Its name.
    name: &'static str,
    /// The schema of its arguments.
    input_schema: Map<String, Value>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding {
    /// Its name.
    name: &'static str,
    /// What a call of it does: read, write or destroy.
    effect: &'static str,
    /// The first sentence of its description.
    about: &'static str,
    /// Whether its end is announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<bool>,
    /// Why it cannot be called, where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_offered: Option<String>,
}

impl Written for FindTools {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn run<'c>(
        &'c self,
        cx: &'c Context,
        site: Site<'c>,
        arguments: Value,
    ) -> BoxFuture<'c, Result<Answer, CallError>> {
        let search = typed::<Search>(&SPEC, arguments);
        let found = search.map(|search| Answer::done(&json!(find(site.rules, &cx.profile, &search))));
        Box::pin(ready(found.map_err(CallError::from)))
    }
}

/// What is excluded is not found; what cannot be called is, with the reason.
fn find(rules: &Rules, clients: &Clients, search: &Search) -> Findings {
    let Search { query, api, effect, limit } = search;
    let wanted = |operation: &'static Operation| {
        !rules.excludes(operation.name)
            && rules.choice.is_open_to(operation)
            && rules.is_granted(operation)
            && api.as_deref().is_none_or(|api| operation.api.as_str() == api)
            && effect.as_deref().is_none_or(|effect| operation.effect.as_str() == effect)
    };
    let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
    let named = catalog::find(query.trim()).map(|operation| operation.name);
    let mut found = Index::whole().find(query, wanted, limit.saturating_mul(4));
    for found in &mut found {
        if Some(found.operation.name) == named {
            found.score = f32::INFINITY;
        } else if clients.upstream(found.operation.api).is_none() {
            found.score *= OUT_OF_REACH;
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(limit);
    let best = found.first().map(|best| Best {
        name: best.operation.name,
        input_schema: schema::offered(best.operation, clients),
    });
    if best.is_none() || query.trim() == READ_API {
        let reads = effect.as_deref().is_none_or(|effect| effect == Effect::Read.as_str());
        let reads = reads && rules.reads_paths(clients).is_ok();
        let items = if query.trim() == READ_API && reads { vec![reads_paths()] } else { Vec::new() };
        return nothing_fits(reads, items);
    }
    Findings {
        count: found.len(),
        note: None,
        best,
        items: found.iter().map(|found| finding(rules, clients, found.operation)).collect(),
    }
}

/// What is answered where no tool fits: where paths can be read, how to read those without a tool.
fn nothing_fits(reads_paths: bool, items: Vec<Finding>) -> Findings {
    let note = if !items.is_empty() {
        None
    } else if reads_paths {
        Some(
            "Nothing matches. Use other words, without `api` and `effect`. If Vanta documents a GET path for the \
             task that has no tool here, use read_api.",
        )
    } else {
        Some("Nothing matches. Use other words, without `api` and `effect`.")
    };
    let best = reads_paths.then(|| Best { name: read::SPEC.name, input_schema: (read::SPEC.input)() });
    Findings { count: items.len(), best, note, items }
}

fn reads_paths() -> Finding {
    Finding {
        name: read::SPEC.name,
        effect: Effect::Read.as_str(),
        about: first_sentence(read::SPEC.about),
        deprecated: None,
        not_offered: None,
    }
}

fn finding(rules: &Rules, clients: &Clients, operation: &'static Operation) -> Finding {
    let reasons: Vec<String> = rules.obstacles(clients, operation).iter().map(short).collect();
    Finding {
        name: operation.name,
        effect: operation.effect.as_str(),
        about: first_sentence(&operation.about),
        deprecated: operation.deprecated.then_some(true),
        not_offered: (!reasons.is_empty()).then(|| reasons.join("; ")),
    }
}

/// The reason in a few words; calling the tool gives it in full.
fn short(reason: &NotOffered) -> String {
    match reason {
        NotOffered::AboveAccess(_) => "above this server's access level".to_owned(),
        NotOffered::NoCredentials { api, .. } => format!("no credentials for {}", api.title()),
        NotOffered::NoAddress { api, setting, .. } => format!("no address for {} ({setting})", api.title()),
        NotOffered::NoScope { scopes, .. } => format!("needs the scope {scopes}"),
        other => other.to_string(),
    }
}

/// Up to the first full stop that ends a sentence: one that a capital follows, so that `e.g.` does not count.
fn first_sentence(about: &str) -> &str {
    let ends = about.match_indices(". ").map(|(at, _)| at);
    let end = ends.into_iter().find(|at| {
        about.get(at + 2..).is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase() || c == '`'))
    });
    about.get(..end.map_or(about.len(), |end| end + 1)).unwrap_or(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_before_a_capital() {
        assert_eq!(first_sentence("Read it (e.g. soc2). Use it."), "Read it (e.g. soc2).");
        assert_eq!(first_sentence("One only."), "One only.");
    }
}
