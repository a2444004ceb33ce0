//! Completion: what a variable of an address or an argument of a prompt can be, of which the beginning has been typed. It
//! costs no request: it knows what is kept already, and says nothing where that is nothing.

use std::collections::BTreeSet;

use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};

use super::prompts;
use super::records::Record;
use super::resources::{self, TOOL};
use crate::gate::Grant;
use crate::index::{KnownName, NamedKind, known_names};
use crate::tools::Offer;
use crate::tools::prompts::find;

/// How many values a completion holds at the most, by MCP's rule.
const COMPLETIONS: usize = 100;

/// What fits what was typed, for a caller who was granted this.
pub(super) async fn complete(
    offer: &Offer,
    grant: Option<Grant>,
    asked: &CompleteRequestParams,
) -> CompletionInfo {
    let (argument, begun) = (asked.argument.name.as_str(), asked.argument.value.trim());
    let fitting = match &asked.r#ref {
        Reference::Resource(template) if template.uri == TOOL && argument == "name" => {
            resources::tools(offer).filter(|name| name.starts_with(begun)).map(str::to_owned).collect()
        }
        Reference::Resource(template) => {
            let record = Record::of(&template.uri).filter(|record| offer.why_not(record.tool).is_none());
            let Some(kind) = record.and_then(|record| record.kind_of(argument)) else {
                return CompletionInfo::default();
            };
            let further = asked.context.as_ref().and_then(|context| context.arguments.as_ref());
            let within = further.and_then(|further| further.get("audit")).map(String::as_str);
            if kind == NamedKind::AuditEvidence && within.is_none() {
                return CompletionInfo::default();
            }
            let within = within.filter(|_| kind == NamedKind::AuditEvidence);
            fitting(known(offer, kind, within, grant).await, begun, |one| Some(one.id.clone()))
        }
        Reference::Prompt(prompt) => {
            let prompt = find(&prompt.name).filter(|prompt| prompts::is_offered(offer, prompt));
            let Some(kind) = prompt.and_then(|prompt| prompt.argument(argument)?.kind) else {
                return CompletionInfo::default();
            };
            fitting(known(offer, kind, None, grant).await, begun, |one| one.names.first().cloned())
        }
        _ => return CompletionInfo::default(),
    };
    let total = u32::try_from(fitting.len()).ok();
    let more = fitting.len() > COMPLETIONS;
    let first = fitting.into_iter().take(COMPLETIONS).collect();
    CompletionInfo::with_pagination(first, total, more).unwrap_or_default()
}

/// The names that are known of a kind, to a caller who may list them.
async fn known(offer: &Offer, kind: NamedKind, within: Option<&str>, grant: Option<Grant>) -> Vec<KnownName> {
    if offer.why_not(kind.list()).is_some() {
        return Vec::new();
    }
    known_names(offer.profile(), kind, within, grant).await
}

/// What `value` makes of those whose id or one of whose names has what was typed, those that begin with it first.
fn fitting(known: Vec<KnownName>, begun: &str, value: fn(&KnownName) -> Option<String>) -> Vec<String> {
    let begun = begun.to_lowercase();
    let mut found = BTreeSet::new();
    for one in known {
        let Some(value) = value(&one) else { continue };
        let id = one.id.to_lowercase();
        let names: Vec<String> = one.names.iter().map(|name| name.to_lowercase()).collect();
        let begins = id.starts_with(&begun) || names.iter().any(|name| name.starts_with(&begun));
        if begins || names.iter().any(|name| name.contains(&begun)) {
            found.insert((!begins, value));
        }
    }
    let mut seen = BTreeSet::new();
    found.into_iter().map(|(_, value)| value).filter(|value| seen.insert(value.clone())).collect()
}
