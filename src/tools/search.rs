//! Finding tools by what people say: operations of the catalog, and jobs.
//!
//! A tool is ranked by four things. BM25 over its fields, each with
//! its own lengths and weight; a word of the query counts with its nearest
//! spellings and its synonyms as one group, of which the best counts. Its
//! phrase (the title, or something that people say) that is most like the
//! query. What the query seems to want done: to read, make, change or
//! destroy. And of which tool it is usual to speak so. A job that fits about as well as one of its calls comes before it.

mod bayes;
mod beyond;
mod fields;
mod found;
mod language;
mod plain;
mod query;
mod spelling;
mod synonyms;
mod terms;
#[cfg(test)]
mod tests;
mod wish;
mod words;

use std::collections::HashSet;
use std::sync::LazyLock;

use bayes::Bayes;
pub use beyond::Beyond;
use fields::Searched;
pub use found::{Found, SearchOutcome, Verdict};
use query::{Group, Reader, Sought};
use terms::{TermId, Terms};
use wish::Does;
use words::Splitter;

use super::findable::Findable;

// All weights were measured on the questions in `tests/questions.toml` that are not held out, and on what people
// say in the catalog, each phrase asked of an index without it. The figures hardly change when one moves by a fifth.

/// How much a phrase like the query counts, against every word of the query found.
const PHRASE: f32 = 3.0;

/// How much less a phrase's own further words count against it than the query's.
const BETA: f32 = 0.4;

/// How far a rare synonym counts as a common one: 0 as rare as itself, 1 as common as its group.
const SHARED: f32 = 0.33;

/// For what the query is about, as against what it mentions.
const HEAD: f32 = 1.2;

/// For a query in which what it is about does not come up.
const HEADLESS: f32 = 0.95;

/// For a list of the parts of one thing, where that thing does not come up.
const NOBODYS: f32 = 0.85;

/// For a query that is a title and nothing else.
const EXACT: f32 = 1.1;

/// How much a title counts against itself of which nothing is in the query.
const UNSAID: f32 = 0.1;

/// For a tool whose very name is in the query, or whose title is the query.
const NAMED: f32 = 10.0;

/// How well a job must fit, against one of the calls that it makes, to come before it: it answers the whole question.
const WHOLE_QUESTION: f32 = 0.75;

/// How much it counts that a tool is certainly meant, to judge by how people speak, against the best tool by everything
/// else.
const USUAL: f32 = 0.35;

/// How much better than the best tool a wish without a tool must fit to be what is meant.
const BEYOND: f32 = 1.0;

/// Finds tools by what people say. Built at the first search.
pub struct Index {
    /// In the order of the texts that the reader's terms are of.
    entries: Vec<Ranked>,
    reader: Reader,
    bayes: Bayes,
}

/// What is ranked.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Tool(Findable),
    Beyond(&'static Beyond),
}

/// A tool, or a wish that has none, as it is ranked.
struct Ranked {
    subject: Subject,
    does: Does,
    /// What it lists the parts of, where it lists those of one thing alone; empty elsewhere.
    whose: Vec<TermId>,
    /// The last noun of its name: what it is about. None where no text has it.
    head: Option<TermId>,
    /// What people say, and last its title.
    phrases: Vec<Phrase>,
}

/// How an entry fits a query.
struct Placed {
    subject: Subject,
    /// By its texts, and by what it does.
    score: f32,
    /// How likely it is meant, by how people speak.
    meant: f32,
    /// How much of the query it is, 0 to 1.
    fit: f32,
}

/// A tool that is placed, and counts.
struct Weighed {
    tool: Findable,
    score: f32,
    meant: f32,
    fit: f32,
    /// How much it counts.
    weight: f32,
}

impl Weighed {
    fn by_texts(&self) -> f32 {
        self.score * self.weight
    }

    /// With how people speak. `best` is the best score of all tools.
    fn found(self, best: f32) -> Found {
        let score = (self.score / best + USUAL * self.meant) * self.weight;
        Found { tool: self.tool, score, fit: self.fit }
    }
}

/// A title or something that people say, without repeated terms.
struct Phrase {
    /// In order.
    terms: Vec<TermId>,
    mass: f32,
}

/// Built at the first search.
static WHOLE: LazyLock<Index> = LazyLock::new(|| Index::new(Findable::all()));

impl Index {
    /// The index of all operations and jobs.
    #[must_use]
    pub fn whole() -> &'static Self {
        &WHOLE
    }

    /// Reads everything of the tools that people may say.
    pub fn new(tools: impl IntoIterator<Item = Findable>) -> Self {
        let mut tools: Vec<Findable> = tools.into_iter().collect();
        tools.sort_by_key(|tool| tool.name());
        let mut splitter = Splitter::default();
        let mut texts = fields::read(&tools, &mut splitter);
        let beyond = if tools.is_empty() { &[] } else { beyond::all() };
        texts.extend(beyond.iter().map(|beyond| Searched::of_wish(beyond, &mut splitter)));
        let terms = Terms::new(&texts);
        // The texts of wishes come last, and are no tool's.
        let bayes = Bayes::new(texts.get(..tools.len()).unwrap_or_default(), &terms);
        let tools = tools
            .into_iter()
            .map(|one| (Subject::Tool(one), Does::of(one), terms.find(&splitter.stem(head(one.name())))));
        let wishes = beyond.iter().map(|one| (Subject::Beyond(one), Does::of_wish(one.aim), None));
        let entry = |((subject, does, head), text): ((Subject, Does, Option<TermId>), &Searched)| Ranked {
            subject,
            does,
            whose: whose(subject).filter_map(|word| terms.find(&splitter.stem(word))).collect(),
            head,
            phrases: text.phrases.iter().map(|phrase| Phrase::new(phrase, &terms)).collect(),
        };
        let entries: Vec<Ranked> = tools.chain(wishes).zip(&texts).map(entry).collect();
        let heads = entries.iter().filter_map(|entry| entry.head).collect();
        Self { entries, reader: Reader::new(splitter, terms, heads), bayes }
    }

    /// Best first; nothing where no word of the query is known.
    pub fn find(&self, query: &str, keep: impl Fn(Findable) -> bool, limit: usize) -> Vec<Found> {
        let mut found = self.ask(query, |tool| if keep(tool) { 1.0 } else { 0.0 }).found;
        found.truncate(limit);
        found
    }

    /// All tools that have something of the query, and whether the best of them does what is wanted. `weigh` says how
    /// much each counts; one that counts nothing is left out.
    pub fn ask(&self, query: &str, weigh: impl Fn(Findable) -> f32) -> SearchOutcome {
        let names: HashSet<&str> = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let said = query.trim();
        let is_named =
            |tool: Findable| names.contains(tool.name()) || tool.title().eq_ignore_ascii_case(said);
        let query = self.reader.read(query);
        let (mut found, mut beyond, mut best) = (Vec::new(), None, 0.0_f32);
        for Placed { subject, score, meant, fit } in self.rank(&query, is_named) {
            match subject {
                Subject::Tool(tool) => {
                    best = best.max(score);
                    let weight = weigh(tool);
                    if weight > 0.0 {
                        found.push(Weighed { tool, score, meant, fit, weight });
                    }
                }
                Subject::Beyond(wish) => {
                    if beyond.is_none_or(|(_, most)| score > most) {
                        beyond = Some((wish, score));
                    }
                }
            }
        }
        let fit =
            found.iter().max_by(|a, b| a.by_texts().total_cmp(&b.by_texts())).map_or(0.0, |one| one.fit);
        let mut found: Vec<Found> = found.into_iter().map(|one| one.found(best)).collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.tool.name().cmp(b.tool.name())));
        if !found.first().is_some_and(|best| is_named(best.tool)) {
            query.wish.settle(&mut found);
            prefer_the_whole(&mut found);
        }
        let verdict = match (found.first(), beyond) {
            // What a tool does that does not count here is no wish without a tool.
            (Some(_), Some((wish, score))) if score > BEYOND * best => Verdict::Beyond(wish),
            (Some(first), _) if first.fit.max(fit) >= query.wish.floor() => Verdict::Fits,
            _ => Verdict::Nothing,
        };
        SearchOutcome { found, verdict }
    }

    /// What has something of the query, with how well it fits.
    fn rank(&self, query: &Sought, is_named: impl Fn(Findable) -> bool) -> Vec<Placed> {
        let whole = query.mass();
        let meant = self.bayes.meant(&query.said);
        // Of wishes it says nothing.
        let meant = meant.into_iter().chain(std::iter::repeat(0.0));
        let mut scores = vec![0.0_f32; self.entries.len()];
        let mut covered = vec![0.0_f32; self.entries.len()];
        for group in &query.groups {
            let best = self.best(group);
            for ((score, covered), best) in scores.iter_mut().zip(&mut covered).zip(best) {
                *score += best;
                *covered += if best > 0.0 { group.mass } else { 0.0 };
            }
        }
        let scored = self.entries.iter().zip(scores).zip(covered).zip(meant);
        let scored = scored.filter(|(((_, score), _), _)| *score > 0.0);
        let ranked = scored.map(|(((entry, score), covered), meant)| {
            let phrase = entry.phrases.iter().map(|phrase| query.likeness(phrase)).fold(0.0, f32::max);
            let words = score * covered / whole + PHRASE * whole * phrase;
            let (named, api, ended) = match entry.subject {
                Subject::Tool(tool) if is_named(tool) => (NAMED, tool.api(), tool.is_deprecated()),
                Subject::Tool(tool) => (query.entitles(entry), tool.api(), tool.is_deprecated()),
                Subject::Beyond(wish) => (1.0, wish.api, false),
            };
            let factor = query.wish.factor(entry.does, api, ended);
            let known = whole / (whole + query.unknown);
            Placed {
                subject: entry.subject,
                score: words * named * factor,
                meant: if ended { 0.0 } else { meant },
                fit: known * (covered / whole + phrase) / 2.0,
            }
        });
        ranked.collect()
    }

    /// What a group's best term makes of each entry.
    fn best(&self, group: &Group) -> Vec<f32> {
        let terms = self.reader.terms();
        let texts = group.terms.iter().flat_map(|term| terms.occurrences(term.id)).map(|one| one.text);
        let together = terms.rarity_of(texts.collect::<HashSet<u32>>().len());
        let mut best = vec![0.0_f32; self.entries.len()];
        for term in &group.terms {
            let rarity = SHARED * together + (1.0 - SHARED) * term.rarity;
            for one in terms.occurrences(term.id) {
                if let Some(best) = best.get_mut(one.text as usize) {
                    *best = best.max(one.value * rarity * term.weight);
                }
            }
        }
        best
    }
}

impl Phrase {
    /// Terms that are in no text are left out: no query has them.
    fn new(phrase: &str, known: &Terms) -> Self {
        let mut terms: Vec<TermId> =
            phrase.split_ascii_whitespace().filter_map(|term| known.find(term)).collect();
        terms.sort_unstable();
        terms.dedup();
        let mass = terms.iter().map(|term| known.rarity(*term)).sum();
        Self { terms, mass }
    }

    fn has(&self, term: TermId) -> bool {
        self.terms.binary_search(&term).is_ok()
    }
}

impl Sought {
    /// How much of this is in a phrase, and how much of the phrase in this.
    fn overlap(&self, phrase: &Phrase) -> (f32, f32) {
        let (mut ours, mut theirs) = (0.0, 0.0);
        for group in &self.groups {
            let shared = group.terms.iter().filter(|term| phrase.has(term.id));
            if let Some(best) = shared.max_by(|a, b| a.weight.total_cmp(&b.weight)) {
                ours += best.weight * group.mass;
                theirs += best.weight * best.rarity;
            }
        }
        if theirs > 0.0 { (ours / self.mass(), theirs / phrase.mass) } else { (0.0, 0.0) }
    }

    /// How far this names an entry, around 1: by its title, and by what it is about.
    fn entitles(&self, entry: &Ranked) -> f32 {
        let (ours, theirs) = entry.phrases.last().map_or((0.0, 0.0), |title| self.overlap(title));
        let exact = if ours.min(theirs) > 0.99 { EXACT } else { 1.0 };
        let head = match entry.head {
            Some(head) if self.is_about(head) => HEAD,
            Some(head) if !self.has(head) => HEADLESS,
            _ => 1.0,
        };
        let whose = if entry.whose.iter().all(|word| self.has(*word)) { 1.0 } else { NOBODYS };
        exact * head * whose * (1.0 - UNSAID * (1.0 - theirs.min(1.0)))
    }

    /// How much this is like a phrase, 0 to 1: the weighted harmonic mean of how much of each is in the other.
    fn likeness(&self, phrase: &Phrase) -> f32 {
        let (recall, precision) = self.overlap(phrase);
        if recall > 0.0 { (1.0 + BETA) * recall * precision / (BETA * recall + precision) } else { 0.0 }
    }
}

/// A job that fits about as well as one of its calls that came first comes before it.
fn prefer_the_whole(found: &mut [Found]) {
    let Some(first) = found.first().copied() else { return };
    let fits = |one: &Found| one.score >= WHOLE_QUESTION * first.score && one.tool.calls(first.tool);
    if let Some(at) = found.iter().position(fits)
        && let Some(before) = found.get_mut(..=at)
    {
        before.rotate_right(1);
    }
}

/// The words of a name for what is listed the parts of: `control` of `list_control_tests`. What lists everything has none.
fn whose(subject: Subject) -> impl Iterator<Item = &'static str> {
    let name = match subject {
        Subject::Tool(Findable::Operation(operation)) if !operation.in_path.is_empty() => {
            operation.name.strip_prefix("list_").unwrap_or_default()
        }
        _ => "",
    };
    let (whose, _) = name.rsplit_once('_').unwrap_or_default();
    whose.split('_').filter(|word| !word.is_empty())
}

/// The last noun of a name, before what it is added to, removed from or counted as.
fn head(name: &str) -> &str {
    let end = |word: &&str| !matches!(*word, "to" | "from" | "by" | "as" | "for" | "legacy");
    name.split('_').take_while(end).last().unwrap_or(name)
}
