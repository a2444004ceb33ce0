//! Which tools are listed, and which can be called besides.

use super::choice::Choice;
use super::findable::Findable;
use super::rules::{NotOffered, Rules};
use super::search::Index;
use super::spec::{Uses, Written};
use super::tool::{Tool, written as written_named};
use super::written::WRITTEN;
use crate::api::Clients;
use crate::api::arguments::nearest;
use crate::catalog::{self, Api, Operation};
use crate::gate::Policy;
use crate::jobs::{self, JOBS};

/// The offered tools, in the order in which they are listed.
pub struct Selection {
    tools: Vec<Tool>,
    rules: Rules,
}

impl Selection {
    /// Chooses among all tools.
    #[must_use]
    pub fn new(policy: Policy, clients: &Clients, choice: Choice) -> Self {
        let rules = Rules { policy, choice };
        let operations = catalog::operations().iter();
        let declared = operations
            .filter(|operation| rules.choice.lists(operation) && rules.check(clients, operation).is_ok());
        let listed = WRITTEN.iter().copied().filter(|one| one.spec().uses != Uses::AnyPath);
        let written = listed.filter(|one| why_not(&rules, clients, *one).is_none());
        let jobs =
            JOBS.iter().filter(|job| rules.choice.lists_job(job) && rules.check_job(clients, job).is_ok());
        let jobs = jobs.map(|job| Tool::Job(job));
        let mut tools: Vec<Tool> =
            declared.map(Tool::Declared).chain(jobs).chain(written.map(Tool::Written)).collect();
        tools.sort_by_key(|tool| tool.name());
        Self { tools, rules }
    }

    /// What is listed, by name.
    #[must_use]
    pub fn listed(&self) -> &[Tool] {
        &self.tools
    }

    /// How many operations and jobs can be called and are not listed, those aside that are about to end.
    #[must_use]
    pub fn not_listed(&self, clients: &Clients) -> usize {
        let lists = |tool: &Findable| match tool {
            Findable::Operation(operation) => self.rules.choice.lists(operation),
            Findable::Job(job) => self.rules.choice.lists_job(job),
        };
        Findable::all()
            .filter(|tool| !tool.is_deprecated() && self.rules.check_findable(clients, *tool).is_ok())
            .filter(|tool| !lists(tool))
            .count()
    }

    /// What rules a tool out.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The tool of that name, if it can be called: listed or not.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn find(&self, clients: &Clients, name: &str) -> Result<Tool, NotOffered> {
        if let Ok(index) = self.tools.binary_search_by(|tool| tool.name().cmp(name)) {
            return self.tools.get(index).copied().ok_or_else(|| self.unknown(clients, name));
        }
        if let Some(written) = written_named(name) {
            return why_not(&self.rules, clients, written).map_or(Ok(Tool::Written(written)), Err);
        }
        if let Some(job) = jobs::find(name) {
            return self.rules.check_job(clients, job).map(|()| Tool::Job(job));
        }
        let operation = catalog::find(name).ok_or_else(|| self.unknown(clients, name))?;
        self.rules.check(clients, operation)?;
        Ok(Tool::Declared(operation))
    }

    /// That more tools are listed than some clients take, in a few sentences; `None` where it is fewer.
    #[must_use]
    pub fn too_many(&self) -> Option<String> {
        let listed = self.tools.len();
        (listed > MANY_CLIENTS_TAKE).then(|| {
            format!(
                "{listed} tools are listed. Some clients, including VS Code and those that use OpenAI's API, accept \
                 at most {MANY_CLIENTS_TAKE} tools from all servers together and refuse the rest or every request. \
                 If yours does, list fewer toolsets (VANTA_MCP_TOOLSETS, --toolsets): find_tools still finds the \
                 others."
            )
        })
    }

    /// What an unknown name is answered with: the tools that it may mean, of those that can be called.
    fn unknown(&self, clients: &Clients, name: &str) -> NotOffered {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        let written = WRITTEN.iter().copied().filter(|one| why_not(&self.rules, clients, *one).is_none());
        // Of a tool that lacks credentials alone its own refusal says which.
        let found = Findable::all().filter(|tool| self.rules.lets_through(*tool)).map(Findable::name);
        let names = found.chain(written.map(|one| one.spec().name));
        let slip = nearest(&shown, names)
            .filter(|near| strsim::normalized_damerau_levenshtein(&shown.to_lowercase(), near) > LIKE);
        let mut near: Vec<&'static str> = slip.into_iter().collect();
        if near.is_empty() {
            near.extend(by_words(&shown, |tool| self.rules.check_findable(clients, tool).is_ok()));
        }
        let find = written_named(FIND).is_some_and(|find| why_not(&self.rules, clients, find).is_none());
        NotOffered::Unknown { near, name: shown, search: find }
    }

    /// What was chosen in vain, a sentence each: a toolset or tool of which nothing can be offered.
    #[must_use]
    pub fn in_vain(&self, clients: &Clients) -> Vec<String> {
        let offers = |operation: &'static Operation| self.rules.check(clients, operation).is_ok();
        let toolsets = self.rules.choice.names().into_iter().filter(|name| {
            let mut own =
                catalog::operations().iter().filter(|operation| operation.toolset == *name).peekable();
            own.peek().is_some() && !own.any(offers)
        });
        let toolsets = toolsets.map(|name| {
            let first = catalog::operations().iter().find(|operation| operation.toolset == name);
            let reason = first.and_then(|operation| self.rules.check(clients, operation).err());
            format!(
                "No tool of the toolset {name} is listed: {}",
                reason.map(|r| r.to_string()).unwrap_or_default()
            )
        });
        let tools = self
            .rules
            .choice
            .added()
            .filter_map(|name| self.find(clients, name).err())
            .map(|r| r.to_string());
        toolsets.chain(tools).collect()
    }
}

/// How many tools VS Code's chat and the API of OpenAI take in one request, all servers together; more are refused.
const MANY_CLIENTS_TAKE: usize = 128;

/// Why a written tool cannot be called; `None` where it can.
fn why_not(rules: &Rules, clients: &Clients, written: &dyn Written) -> Option<NotOffered> {
    let spec = written.spec();
    let tool = spec.name;
    if rules.excludes(tool) {
        return Some(NotOffered::Excluded { tool });
    }
    if let Err(refusal) = rules.policy.allows_written(tool, spec.effect()) {
        return Some(refusal.into());
    }
    match spec.uses {
        Uses::Nothing => None,
        Uses::AnyPath => rules.reads_paths(clients).err(),
        // With nothing to reach there is nothing to find or run either.
        Uses::Tools | Uses::AnyTool(_) => {
            let reaches = Api::ALL.into_iter().any(|api| clients.upstream(api).is_some());
            (!reaches).then_some(NotOffered::NothingToReach { tool })
        }
        Uses::Operations(names) => {
            names.iter().find_map(|name| rules.check(clients, catalog::find(name)?).err())
        }
    }
}

/// How like an unknown name another must be to be offered in its place: a slip of a letter or two, no other thing.
const LIKE: f64 = 0.75;

/// The tool that searches for others.
const FIND: &str = "find_tools";

/// How many tools are told in place of an unknown one.
const MOST_TOLD: usize = 3;

/// The tools whose names have most of the words of another, which alone are worth telling: a verb is in many.
fn by_words(name: &str, offers: impl Fn(Findable) -> bool) -> Vec<&'static str> {
    let wanted = words(name);
    let shared = |tool: Findable| {
        let theirs = words(tool.name());
        let of_things = theirs.iter().skip(1).filter(|word| wanted.contains(word)).count();
        (of_things > 0).then(|| 2 * theirs.iter().filter(|word| wanted.contains(word)).count() > wanted.len())
    };
    let found = Index::whole().find(&wanted.join(" "), offers, 4 * MOST_TOLD);
    // Where some names have more than half of the words, the others are not told.
    let found: Vec<(Findable, bool)> =
        found.iter().filter_map(|found| Some((found.tool, shared(found.tool)?))).collect();
    let any = found.iter().any(|(_, most)| *most);
    let told = found.into_iter().filter(|(_, most)| *most || !any);
    told.map(|(tool, _)| tool.name()).take(MOST_TOLD).collect()
}

/// The words of a name, however it is written, without the ending of a plural.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && small) {
            words.push(String::new());
        }
        small = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        if word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") {
            word.pop();
        }
    }
    words
}
