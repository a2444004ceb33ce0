//! What is asked: each word with its spellings and its synonyms.

use std::collections::HashSet;

use super::language;
use super::plain::Plain;
use super::spelling::{Spelt, Stem, Vocabulary};
use super::synonyms::Synonyms;
use super::terms::{TermId, Terms};
use super::wish::Wish;
use super::words::{Splitter, Word, is_stop};

/// The most of a query that is read, in characters and in words: far more than anybody asks.
const LONGEST: (usize, usize) = (2000, 32);

/// What a word counts that is not known: as much as a rare one.
const UNKNOWN: f32 = 4.0;

/// How much of that where it is written as a name is.
const NAME: f32 = 0.15;

/// A query as it is compared.
pub struct Sought {
    pub groups: Vec<Group>,
    pub wish: Wish,
    /// Its words in their order, those aside that say nothing.
    pub said: Vec<TermId>,
    /// How much of it is in words that nobody knows here, as the groups' mass.
    pub unknown: f32,
    /// The number of the group that it is about, as far as the order of its words tells.
    head: Option<usize>,
}

/// Terms that mean one thing, of which the best counts.
pub struct Group {
    pub terms: Vec<SoughtTerm>,
    /// How much it counts for the whole query to be found: its greatest rarity.
    pub mass: f32,
}

/// One of them.
pub struct SoughtTerm {
    pub id: TermId,
    /// How sure it is that this is meant, 0 to 1, or a little more for words that belong together.
    pub weight: f32,
    /// Its inverse document frequency.
    pub rarity: f32,
}

impl Sought {
    /// How much there is to be found.
    pub fn mass(&self) -> f32 {
        self.groups.iter().map(|group| group.mass).sum()
    }

    /// Whether a term comes up.
    pub fn has(&self, term: TermId) -> bool {
        self.groups.iter().any(|group| group.has(term))
    }

    /// Whether a term is what it is about.
    pub fn is_about(&self, term: TermId) -> bool {
        self.head.and_then(|head| self.groups.get(head)).is_some_and(|group| group.has(term))
    }
}

impl Group {
    fn has(&self, term: TermId) -> bool {
        self.terms.iter().any(|one| one.id == term)
    }
}

/// Reads queries in the words of a catalog.
pub struct Reader {
    splitter: Splitter,
    vocabulary: Vocabulary,
    terms: Terms,
    synonyms: Synonyms,
    /// What operations are about.
    heads: HashSet<TermId>,
}

impl Reader {
    /// With the words of a catalog, its terms and what its operations are about.
    pub fn new(splitter: Splitter, terms: Terms, heads: HashSet<TermId>) -> Self {
        let (synonyms, words) = Synonyms::new(&splitter);
        let words = words.iter().map(|word| (word.said.as_str(), word.stem.as_str()));
        let vocabulary = Vocabulary::new(words.chain(splitter.known()));
        Self { splitter, vocabulary, terms, synonyms, heads }
    }

    /// The terms of the catalog.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Never fails: what is not known is left out.
    pub fn read(&self, text: &str) -> Sought {
        let (most, most_words) = LONGEST;
        let end = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
        let text = text.get(..end).unwrap_or_default();
        let english = language::in_english(text, |word| self.terms.find(&self.splitter.stem(word)).is_some());
        let text = english.as_deref().unwrap_or(text);
        let plain = Plain::of(text);
        let mut words = self.splitter.words(&plain.text);
        words.truncate(most_words);
        let (mut wish, skip) = Wish::of(&plain.text, |word| {
            is_stop(word) || plain.is_name(word) || self.terms.find(&self.splitter.stem(word)).is_some()
        });
        let spelt: Vec<Spelt> = words
            .into_iter()
            .map(|word| Spelt { stems: self.spellings(&word, plain.is_name(&word.said)), word })
            .collect();
        let unknown: f32 = spelt.iter().map(|one| strangeness(one, plain.is_name(&one.word.said))).sum();
        let unknown = unknown * if english.is_some() { language::FOREIGN } else { 1.0 };

        let mut groups: Vec<Group> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let (mut head, mut many) = (None, false);
        let mut started = false;
        let mut in_first_run = true;
        // The words that say what is wanted are no part of what is sought.
        let mut rest = spelt.get(skip..).unwrap_or_default();
        while let Some((first, after)) = rest.split_first() {
            let (length, sets) = self.sets(first, after);
            let (taken, left) = rest.split_at(length.min(rest.len()));
            rest = left;
            let says = !sets.is_empty();
            in_first_run &= says || !started;
            started |= says;
            for stems in sets {
                if stems.iter().all(|one| seen.contains(&one.stem)) {
                    continue;
                }
                let group = self.group(&stems);
                seen.extend(stems.into_iter().map(|one| one.stem));
                if group.terms.is_empty() {
                    continue;
                }
                // What comes last of the words that stand together at first: "vendor documents that expire".
                if in_first_run && group.terms.iter().any(|term| self.heads.contains(&term.id)) {
                    head = Some(groups.len());
                    many = taken.last().is_some_and(|last| is_plural(&last.word));
                    // "Vendors rated high risk" are vendors.
                    in_first_run = !many;
                }
                groups.push(group);
            }
        }
        wish.look(&spelt, many, |word| {
            self.terms.find(word).is_some_and(|term| groups.iter().any(|group| group.has(term)))
        });
        if plain.has_domain {
            wish.look_at_domain();
        }
        let said = spelt.iter().filter_map(|word| self.likeliest(word)).collect();
        Sought { groups, wish, said, unknown, head }
    }

    /// What a word is most likely to be, among the terms.
    fn likeliest(&self, word: &Spelt) -> Option<TermId> {
        let best = word.stems.iter().max_by(|a, b| a.weight.total_cmp(&b.weight))?;
        self.terms.find(&best.stem)
    }

    /// What the next words may mean: how many words that takes, and for each thing that is meant its stems.
    fn sets(&self, first: &Spelt, after: &[Spelt]) -> (usize, Vec<Vec<Stem>>) {
        let (length, meaning) = self.synonyms.at(first, after);
        let taken = || std::iter::once(first).chain(after).take(length);
        let mut stems: Vec<Stem> = Vec::new();
        for one in taken().filter(|one| !is_stop(&one.word.said)).flat_map(|one| &one.stems) {
            stems.push(Stem { stem: one.stem.clone(), weight: one.weight });
        }
        if let (1, Some(next), false) = (length, after.first(), is_stop(&first.word.said)) {
            stems.extend(self.vocabulary.joined(&first.word, &next.word));
        }
        let sure = first.stems.iter().map(|one| one.weight).fold(0.7, f32::max);
        let weight = Synonyms::weight(length, sure);
        let mut sets = Vec::new();
        for either in meaning {
            for stem in either {
                if !stems.iter().any(|one| one.stem == *stem) {
                    stems.push(Stem { stem: stem.clone(), weight });
                }
            }
            sets.push(std::mem::take(&mut stems));
        }
        if !stems.is_empty() {
            sets.push(stems);
        }
        (length, sets)
    }

    /// The stems that the catalog has.
    fn group(&self, stems: &[Stem]) -> Group {
        let mut group = Group { terms: Vec::new(), mass: 0.0 };
        for Stem { stem, weight } in stems {
            if let Some(id) = self.terms.find(stem) {
                let rarity = self.terms.rarity(id);
                group.mass = group.mass.max(rarity * weight);
                group.terms.push(SoughtTerm { id, weight: *weight, rarity });
            }
        }
        group
    }

    /// The stem of a known word; of an unknown one those of the nearest known.
    fn spellings(&self, word: &Word, is_name: bool) -> Vec<Stem> {
        if is_stop(&word.said) {
            return Vec::new();
        }
        if self.terms.find(&word.stem).is_some() || self.synonyms.begins(&word.stem) {
            return vec![Stem { stem: word.stem.clone(), weight: 1.0 }];
        }
        if is_name { Vec::new() } else { self.vocabulary.nearest(&word.said) }
    }
}

/// How much of a word nobody knows here: all of a strange one, of a name hardly anything, and of one that is taken for a
/// misspelling as much as that is unsure.
fn strangeness(word: &Spelt, is_name: bool) -> f32 {
    let said = &word.word.said;
    if is_stop(said) || !said.chars().all(char::is_alphabetic) {
        return 0.0;
    }
    let sure = word.stems.iter().map(|one| one.weight).fold(0.0, f32::max).min(1.0);
    UNKNOWN * (1.0 - sure) * if is_name { NAME } else { 1.0 }
}

fn is_plural(word: &Word) -> bool {
    (word.said.ends_with('s') && word.stem != word.said) || matches!(word.said.as_str(), "people" | "staff")
}
