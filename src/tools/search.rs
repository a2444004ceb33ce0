//! Finding operations by what people say.
//!
//! An operation is ranked by three things. BM25 over its fields, each with
//! its own lengths and weight; a word of the query counts with its nearest
//! spellings and its synonyms as one group, of which the best counts. Its
//! phrase (the title, or something that people say) that is most like the
//! query. And what the query seems to want done: to read, make, change or
//! destroy.

mod fields;
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

use crate::catalog::{self, Operation};
use fields::Searched;
use query::{Group, Reader, Sought};
use terms::{TermId, Terms};
use wish::Does;
use words::Splitter;

// All weights were measured on the questions in `tests/questions.toml` that are not held out, and on what people
// say in the catalog, each phrase asked of an index without it. The figures hardly change when one moves by a fifth.

/// How much a phrase like the query counts, against every word of the query found.
const PHRASE: f32 = 3.0;

/// How much less a phrase's own further words count against it than the query's.
const BETA: f32 = 0.4;

/// How far a rare synonym counts as a common one: 0 as rare as itself, 1 as common as its group.
const SHARED: f32 = 0.33;

/// For what the query is about, as against what it mentions.
const HEAD: f32 = 1.1;

/// For a query that is a title and nothing else.
const EXACT: f32 = 1.1;

/// How much a title counts against itself of which nothing is in the query.
const UNSAID: f32 = 0.1;

/// For an operation whose very name is in the query.
const NAMED: f32 = 10.0;

/// Finds operations by what people say. Built at the first search.
pub struct Index {
    /// In the order of the texts that the reader's terms are of.
    entries: Vec<Ranked>,
    reader: Reader,
}

/// An operation that was found.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// It.
    pub operation: &'static Operation,
    /// How well it fits; comparable within one answer alone.
    pub score: f32,
}

/// An operation as it is ranked.
struct Ranked {
    operation: &'static Operation,
    does: Does,
    /// The last noun of its name: what it is about. None where no text has it.
    head: Option<TermId>,
    /// What people say, and last its title.
    phrases: Vec<Phrase>,
}

/// A title or something that people say, without repeated terms.
struct Phrase {
    /// In order.
    terms: Vec<TermId>,
    mass: f32,
}

/// Built at the first search.
static WHOLE: LazyLock<Index> = LazyLock::new(|| Index::new(catalog::operations()));

impl Index {
    /// The index of the whole catalog.
    #[must_use]
    pub fn whole() -> &'static Self {
        &WHOLE
    }

    /// Reads everything of the operations that people may say.
    pub fn new(operations: impl IntoIterator<Item = &'static Operation>) -> Self {
        let mut operations: Vec<&'static Operation> = operations.into_iter().collect();
        operations.sort_by_key(|operation| operation.name);
        let mut splitter = Splitter::default();
        let texts = fields::read(&operations, &mut splitter);
        let terms = Terms::new(&texts);
        let entry = |(operation, text): (&'static Operation, &Searched)| Ranked {
            operation,
            does: Does::of(operation),
            head: terms.find(&splitter.stem(head(operation.name))),
            phrases: text.phrases.iter().map(|phrase| Phrase::new(phrase, &terms)).collect(),
        };
        let entries: Vec<Ranked> = operations.into_iter().zip(&texts).map(entry).collect();
        let heads = entries.iter().filter_map(|entry| entry.head).collect();
        Self { entries, reader: Reader::new(splitter, terms, heads) }
    }

    /// Best first; nothing where no word of the query is known.
    pub fn find(&self, query: &str, keep: impl Fn(&'static Operation) -> bool, limit: usize) -> Vec<Found> {
        let names: HashSet<&str> = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        let query = self.reader.read(query);
        let whole = query.mass();
        let mut scores = vec![0.0_f32; self.entries.len()];
        let mut covered = vec![0.0_f32; self.entries.len()];
        for group in &query.groups {
            let best = self.best(group);
            for ((score, covered), best) in scores.iter_mut().zip(&mut covered).zip(best) {
                *score += best;
                *covered += if best > 0.0 { group.mass } else { 0.0 };
            }
        }
        let scored = self.entries.iter().zip(scores).zip(covered);
        let mut found: Vec<Found> = scored
            .filter(|((entry, score), _)| *score > 0.0 && keep(entry.operation))
            .map(|((entry, score), covered)| {
                let phrase = entry.phrases.iter().map(|phrase| query.likeness(phrase)).fold(0.0, f32::max);
                let words = score * covered / whole + PHRASE * whole * phrase;
                let named = if names.contains(entry.operation.name) { NAMED } else { query.entitles(entry) };
                let score = words * named * query.wish.factor(entry.operation, entry.does);
                Found { operation: entry.operation, score }
            })
            .collect();
        found
            .sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.operation.name.cmp(b.operation.name)));
        found.truncate(limit);
        found
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
        let head = if entry.head.is_some_and(|head| self.is_about(head)) { HEAD } else { 1.0 };
        exact * head * (1.0 - UNSAID * (1.0 - theirs.min(1.0)))
    }

    /// How much this is like a phrase, 0 to 1: the weighted harmonic mean of how much of each is in the other.
    fn likeness(&self, phrase: &Phrase) -> f32 {
        let (recall, precision) = self.overlap(phrase);
        if recall > 0.0 { (1.0 + BETA) * recall * precision / (BETA * recall + precision) } else { 0.0 }
    }
}

/// The last noun of a name, before what it is added to, removed from or counted as.
fn head(name: &str) -> &str {
    let end = |word: &&str| !matches!(*word, "to" | "from" | "by" | "as" | "for" | "legacy");
    name.split('_').take_while(end).last().unwrap_or(name)
}
