//! The tool `find_tools`: from what is wanted to the tools that do it.

use std::collections::BTreeMap;

use futures::future::{BoxFuture, ready};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::areas::{self, AreaScope};
use super::read;
use crate::answer::Answer;
use crate::api::Clients;
use crate::api::arguments::ArgumentsError;
use crate::api::uncatalogued::READ_API;
use crate::call::{CallError, Context};
use crate::catalog::{Api, Effect};
use crate::files::Folders;
use crate::jobs::{schema_of, typed};
use crate::tools::findable::Findable;
use crate::tools::rules::{NotOffered, Rules};
use crate::tools::search::{Beyond, Found, Index, Verdict};
use crate::tools::spec::{Site, Spec, Uses, Written};

/// What a tool counts whose product has no credentials: found where it alone fits, and else after the others.
const OUT_OF_REACH: f32 = 0.5;

/// How many tools are described in full.
const IN_FULL: usize = 3;

/// Of how many tools the areas are told, the best ones' first.
const NEAR: usize = 8;

/// How many names of other tools are told at most; an area is told whole.
const NAMES: usize = 80;

/// How many names are told where no tool fits.
const CLOSEST: usize = 6;

/// How many tools of an area are listed with more than their names.
const LISTED: usize = 30;

/// Finds the tools for what is wanted.
pub struct FindTools;

static SPEC: Spec = Spec {
    name: "find_tools",
    title: "Find tools",
    about: "Find the tools for a task among all 379, also those not listed. Returns the best three, the best one's \
            input schema, and the names of others near them; or says that no tool does it, and what a person does \
            instead. Run them with run_read_tool, run_write_tool or run_destroy_tool, by effect. A tool's name as query gets its schema.",
    uses: Uses::Tools,
    input: schema_of::<Search>,
    output: Some(schema_of::<Findings>),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// The task in a few words, e.g. who has not finished training; or a tool's name.
    #[serde(default)]
    #[schemars(length(min = 1, max = 500))]
    query: Option<String>,
    /// An area to list, or with query to search in: audits, connectors, controls, documents, information-requests,
    /// integrations, knowledge, organization, panel, people, questionnaires, risk, tests, trust-center, vendors,
    /// vulnerabilities.
    #[serde(default)]
    #[schemars(length(min = 1, max = 64))]
    area: Option<String>,
    /// Only this API: manage is compliance, audit for audit firms, connectors for integrations that push data, panel
    /// web hosting.
    #[serde(default)]
    #[schemars(schema_with = "apis")]
    api: Option<String>,
    /// Only this effect: read changes nothing, destroy deletes or removes.
    #[serde(default)]
    #[schemars(schema_with = "effects")]
    effect: Option<String>,
    /// Maximum number of tools; default 3.
    #[serde(default = "usual")]
    #[schemars(range(min = 1, max = 20))]
    limit: u32,
}

fn apis(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Api::ALL.map(Api::as_str) })
}

fn effects(_: &mut SchemaGenerator) -> Schema {
    let all = Effect::ALL.map(Effect::as_str);
    json_schema!({ "type": "string", "enum": all })
}

/// How many tools are described where nobody says.
fn usual() -> u32 {
    3
}

/// What a search found.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Findings {
    /// How many tools are in `items`; 0 if no tool does the task.
    count: usize,
    /// What to do if no tool fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The tools, best first.
    items: Vec<Finding>,
    /// The first of them, with its schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    best: Option<Best>,
    /// If no tool does the task: the names of those that come closest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    closest: Vec<&'static str>,
    /// The names of the other tools of the areas, by area.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    others: BTreeMap<&'static str, Vec<&'static str>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Best {
    /// Its name.
    name: &'static str,
    /// What has to be confirmed before it changes anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirm: Option<String>,
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
    /// Its description: whole for the best three, then its first sentence; in the list of an area its title.
    about: &'static str,
    /// Whether its end is announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<bool>,
    /// Why it cannot be called, where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_offered: Option<String>,
}

/// How much of a description is told.
#[derive(Debug, Clone, Copy)]
enum Telling {
    Whole,
    FirstSentence,
    Title,
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
        let found = typed::<Search>(SPEC.name, arguments).and_then(|search| {
            let place = search.area.as_deref().map(AreaScope::named).transpose().map_err(|unknown| {
                ArgumentsError::Unfit { tool: SPEC.name, problems: vec![unknown.to_string()] }
            })?;
            let (rules, folders) = (site.rules, site.calls.folders());
            let seeker = Seeker { rules, clients: &cx.profile, folders, search: &search, place };
            Ok(Answer::done(&json!(seeker.find())))
        });
        Box::pin(ready(found.map_err(CallError::from)))
    }
}

/// Who searches, for what, and where.
struct Seeker<'c> {
    rules: &'c Rules,
    clients: &'c Clients,
    folders: &'c Folders,
    search: &'c Search,
    place: Option<AreaScope>,
}

impl Seeker<'_> {
    fn find(&self) -> Findings {
        match (self.search.query.as_deref().map(str::trim), self.place) {
            (Some(READ_API), _) => self.read_api(),
            (Some(query), _) => self.search(query),
            (None, Some(place)) => self.area(place),
            (None, None) => Findings {
                note: Some("Pass `query`, or one of these areas as `area`.".to_owned()),
                others: areas::titles(),
                ..Findings::default()
            },
        }
    }

    /// What is excluded is not found; what cannot be called is, with the reason.
    fn wants(&self, tool: Findable) -> bool {
        let Search { api, effect, .. } = self.search;
        self.rules.may_be_found(tool)
            && self.place.is_none_or(|place| place.has(tool))
            && api.as_deref().is_none_or(|api| tool.api().is_some_and(|own| own.as_str() == api))
            && effect.as_deref().is_none_or(|effect| tool.effect().as_str() == effect)
    }

    /// How much a tool counts; nothing if it is not wanted.
    fn weight(&self, tool: Findable) -> f32 {
        if !self.wants(tool) {
            0.0
        } else if tool.operations().all(|operation| self.clients.upstream(operation.api).is_some()) {
            1.0
        } else {
            OUT_OF_REACH
        }
    }

    fn search(&self, query: &str) -> Findings {
        let outcome = Index::whole().ask(query, |tool| self.weight(tool));
        let limit = usize::try_from(self.search.limit).unwrap_or(usize::MAX);
        let mut found: Vec<Findable> = outcome.found.iter().map(|found| found.tool).collect();
        let named = Findable::named(query).filter(|tool| self.wants(*tool));
        match (named, outcome.verdict) {
            (Some(named), _) => {
                found.retain(|tool| tool.name() != named.name());
                found.insert(0, named);
            }
            (None, Verdict::Fits) => {}
            (None, Verdict::Beyond(beyond)) => return self.beyond(beyond, &outcome.found),
            (None, Verdict::Nothing) => return self.nothing(&outcome.found),
        }
        let near: Vec<Findable> = found.iter().copied().take(NEAR).collect();
        found.truncate(limit);
        Findings {
            count: found.len(),
            best: found.first().map(|tool| best(*tool, self.clients, self.folders)),
            others: self.others(&near, &found),
            items: found.iter().enumerate().map(|(at, tool)| self.finding(*tool, told(at))).collect(),
            ..Findings::default()
        }
    }

    /// The names of what else is in the areas of the best tools, beside those that are told.
    fn others(&self, near: &[Findable], told: &[Findable]) -> BTreeMap<&'static str, Vec<&'static str>> {
        let mut others: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
        let is_told = |tool: Findable| told.iter().any(|one| one.name() == tool.name());
        for one in near {
            let area = Findable::all().filter(|other| {
                other.is_beside(*one) && !other.is_deprecated() && !is_told(*other) && self.wants(*other)
            });
            let names: Vec<&'static str> = area.map(Findable::name).collect();
            let sofar: usize = others.values().map(Vec::len).sum();
            if sofar == 0 || sofar + names.len() <= NAMES {
                others.entry(areas::title(*one)).or_insert(names);
            }
        }
        others.retain(|_, names| !names.is_empty());
        others
    }

    /// What is answered where no tool does what is wanted, and a person does.
    fn beyond(&self, beyond: &'static Beyond, found: &[Found]) -> Findings {
        let near = beyond.near.iter().filter_map(|name| Findable::named(name));
        let near = near.filter(|tool| self.wants(*tool)).map(Findable::name);
        let mut closest: Vec<&'static str> = near.collect();
        for found in found.iter().map(|found| found.tool.name()) {
            if closest.len() < CLOSEST && !closest.contains(&found) {
                closest.push(found);
            }
        }
        let note = format!(
            "No tool does this: {}. What a person does instead: {} If something else is meant, use other words.",
            beyond.wish, beyond.instead
        );
        Findings { note: Some(note), closest, ..Findings::default() }
    }

    /// What is answered where no tool fits: where paths can be read, how to read those without a tool.
    fn nothing(&self, found: &[Found]) -> Findings {
        let mut note =
            "No tool fits this well. Use other words, without `api` and `effect`, or list an `area`."
                .to_owned();
        let reads = self.reads_paths();
        if reads {
            note += " If Vanta documents a GET path for the task that has no tool here, use read_api.";
        }
        Findings {
            note: Some(note),
            best: reads.then(read_paths),
            closest: found.iter().take(CLOSEST).map(|found| found.tool.name()).collect(),
            ..Findings::default()
        }
    }

    /// What is answered to its own name by the tool that is found by nothing else.
    fn read_api(&self) -> Findings {
        if !self.reads_paths() {
            return self.nothing(&[]);
        }
        let item = Finding {
            name: read::SPEC.name,
            effect: Effect::Read.as_str(),
            about: read::SPEC.about,
            deprecated: None,
            not_offered: None,
        };
        Findings { count: 1, items: vec![item], best: Some(read_paths()), ..Findings::default() }
    }

    fn reads_paths(&self) -> bool {
        let reads = self.search.effect.as_deref().is_none_or(|effect| effect == Effect::Read.as_str());
        reads && self.rules.reads_paths(self.clients).is_ok()
    }

    /// The tools of an area: where they are many, their names by area.
    fn area(&self, place: AreaScope) -> Findings {
        let all = Findable::all().filter(|one| !one.is_deprecated() && self.wants(*one));
        let mut tools: Vec<Findable> = all.filter(|tool| place.has(*tool)).collect();
        tools.sort_by_key(|tool| (tool.effect(), tool.name()));
        if tools.len() <= LISTED {
            let items: Vec<Finding> =
                tools.into_iter().map(|tool| self.finding(tool, Telling::Title)).collect();
            return Findings { count: items.len(), items, ..Findings::default() };
        }
        let mut others: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
        for tool in tools {
            others.entry(areas::title(tool)).or_default().push(tool.name());
        }
        let note = "These are many: pass one of these areas as `area` for effects and titles.".to_owned();
        Findings { note: Some(note), others, ..Findings::default() }
    }

    fn finding(&self, tool: Findable, told: Telling) -> Finding {
        let mut reasons: Vec<String> = self.rules.obstacles(self.clients, tool).iter().map(short).collect();
        // The calls of a job mostly lack the same.
        reasons.dedup();
        Finding {
            name: tool.name(),
            effect: tool.effect().as_str(),
            about: match told {
                Telling::Whole => tool.about(),
                Telling::FirstSentence => first_sentence(tool.about()),
                Telling::Title => tool.title(),
            },
            deprecated: tool.is_deprecated().then_some(true),
            not_offered: (!reasons.is_empty()).then(|| reasons.join("; ")),
        }
    }
}

fn told(at: usize) -> Telling {
    if at < IN_FULL { Telling::Whole } else { Telling::FirstSentence }
}

fn best(tool: Findable, clients: &Clients, folders: &Folders) -> Best {
    let confirmation = match tool {
        Findable::Operation(operation) => operation.confirmation.as_ref(),
        Findable::Job(_) => None,
    };
    let confirm = confirmation.map(|confirmation| {
        format!(
            "The first call changes nothing and returns a preview. {} {} To do it, repeat the call with `confirm` equal to \
             `{}`, and the preview's `confirmation`.",
            confirmation.does, confirmation.undo, confirmation.argument
        )
    });
    Best { name: tool.name(), confirm, input_schema: tool.offered_schema(clients, folders) }
}

fn read_paths() -> Best {
    Best { name: read::SPEC.name, confirm: None, input_schema: (read::SPEC.input)() }
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
