//! The tool `find_tools`: from what is wanted to the tools that do it.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::search::Index;
use super::{NotOffered, Selection};
use crate::api::Clients;
use crate::catalog::{self, Operation};

/// How many tools are answered where nobody says.
const USUAL: u64 = 5;

/// What a tool counts whose product has no credentials: found where it alone fits, and else after the others.
const OUT_OF_REACH: f32 = 0.5;

/// Built at the first search.
static INDEX: LazyLock<Index> = LazyLock::new(|| Index::new(catalog::operations()));

/// Answers a search. What is excluded is not found; what cannot be called is, with the reason.
#[must_use]
pub fn answer(selection: &Selection, clients: &Clients, arguments: &Value) -> Value {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str);
    let query = text("query").unwrap_or_default();
    let limit = arguments.get("limit").and_then(Value::as_u64).unwrap_or(USUAL);
    let wanted = |operation: &'static Operation| {
        !selection.excludes(operation.name)
            && selection.choice().is_open_to(operation)
            && selection.is_granted(operation)
            && text("api").is_none_or(|api| operation.api.as_str() == api)
            && text("effect").is_none_or(|effect| operation.effect.as_str() == effect)
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let named = catalog::find(query.trim()).map(|operation| operation.name);
    let mut found = INDEX.find(query, wanted, limit.saturating_mul(4));
    for found in &mut found {
        if Some(found.operation.name) == named {
            found.score = f32::INFINITY;
        } else if clients.upstream(found.operation.api).is_none() {
            found.score *= OUT_OF_REACH;
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(limit);
    let items: Vec<Value> = found.iter().map(|found| item(selection, clients, found.operation)).collect();
    let mut value = Map::from_iter([("count".to_owned(), json!(items.len()))]);
    if let Some(best) = found.first() {
        let schema: Value = serde_json::from_str(best.operation.schema.get()).unwrap_or_default();
        value.insert("best".to_owned(), json!({ "name": best.operation.name, "input_schema": schema }));
    } else {
        let note = "Nothing fits. Say it in other words, without `api` and `effect`.";
        value.insert("note".to_owned(), json!(note));
    }
    value.insert("items".to_owned(), Value::Array(items));
    Value::Object(value)
}

fn item(selection: &Selection, clients: &Clients, operation: &'static Operation) -> Value {
    let mut item = json!({
        "name": operation.name,
        "effect": operation.effect.as_str(),
        "about": first_sentence(&operation.about),
    });
    if let Some(members) = item.as_object_mut() {
        if operation.deprecated {
            members.insert("deprecated".to_owned(), json!(true));
        }
        let reasons: Vec<String> = selection.obstacles(clients, operation).iter().map(short).collect();
        if !reasons.is_empty() {
            members.insert("not_offered".to_owned(), json!(reasons.join("; ")));
        }
    }
    item
}

/// The reason in a few words; calling the tool gives it in full.
fn short(reason: &NotOffered) -> String {
    match reason {
        NotOffered::AboveAccess(_) => "above the access level of this server".to_owned(),
        NotOffered::NoCredentials { api, .. } => format!("no credentials for {}", api.title()),
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
