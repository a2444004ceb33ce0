//! What is asked: each word with its spellings and its synonyms.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::synonyms::Synonyms;
use super::wish::Wish;
use super::words::{Splitter, Word, is_stop};
use super::{Key, key};

/// The most of a query that is read, in characters and in words: far more than anybody asks.
const LONGEST: (usize, usize) = (2000, 32);

/// The longest word that is taken for a misspelt one.
const LONGEST_MISSPELT: usize = 24;

/// What a word counts that is one letter off, and two.
const NEAR: [f32; 2] = [0.6, 0.5];

/// What a part of two words counts that were written as one.
const PART: f32 = 0.8;

/// A query as it is compared.
pub struct Query {
    pub groups: Vec<Group>,
    pub wish: Wish,
    /// The number of the group that it is about, as far as the order of its words tells.
    head: Option<usize>,
}

/// Terms that mean one thing, of which the best counts.
pub struct Group {
    pub terms: Vec<Term>,
    /// How much it counts for the whole query to be found: its greatest rarity.
    pub mass: f32,
}

/// One of them.
pub struct Term {
    pub key: Key,
    /// How sure it is that this is meant, 0 to 1, or a little more for words that belong together.
    pub weight: f32,
    /// Its inverse document frequency.
    pub rarity: f32,
}

impl Query {
    /// How much there is to be found.
    pub fn mass(&self) -> f32 {
        self.groups.iter().map(|group| group.mass).sum()
    }

    /// Whether a term is what it is about.
    pub fn is_about(&self, term: Key) -> bool {
        let head = self.head.and_then(|head| self.groups.get(head));
        head.is_some_and(|group| group.terms.iter().any(|one| one.key == term))
    }
}

/// A stem that may be meant.
pub struct Stem {
    pub stem: String,
    weight: f32,
}

/// A word of the query with what it may be a misspelling of.
pub struct Spelt {
    pub word: Word,
    pub stems: Vec<Stem>,
}

impl Spelt {
    /// Whether it is a word with that stem, or a misspelling of one.
    pub fn may_be(&self, stem: &str) -> bool {
        self.word.stem == stem || self.stems.iter().any(|one| one.stem == stem)
    }
}

/// A word of the catalog or of the synonyms.
struct Known {
    stem: String,
    letters: u32,
}

/// Reads queries in the words of a catalog.
pub struct Reader {
    splitter: Splitter,
    /// By how they are written; in order, so that ties are settled.
    vocabulary: BTreeMap<String, Known>,
    rarity: HashMap<Key, f32>,
    synonyms: Synonyms,
    /// What operations are about.
    heads: HashSet<Key>,
}

impl Reader {
    /// With the words of a catalog, the rarity of its terms and what its operations are about.
    pub fn new(splitter: Splitter, rarity: HashMap<Key, f32>, heads: HashSet<Key>) -> Self {
        let (synonyms, words) = Synonyms::new(&splitter);
        let known = |said: &str, stem: &str| {
            (said.to_owned(), Known { stem: stem.to_owned(), letters: letters(said) })
        };
        let mut vocabulary: BTreeMap<String, Known> =
            words.iter().map(|word| known(&word.said, &word.stem)).collect();
        vocabulary.extend(splitter.known().map(|(said, stem)| known(said, stem)));
        Self { splitter, vocabulary, rarity, synonyms, heads }
    }

    /// Never fails: what is not known is left out.
    pub fn read(&self, text: &str) -> Query {
        let (most, most_words) = LONGEST;
        let end = text.char_indices().nth(most).map_or(text.len(), |(end, _)| end);
        let text = text.get(..end).unwrap_or_default();
        let mut words = self.splitter.words(text);
        words.truncate(most_words);
        let (mut wish, skip) = Wish::of(text);
        let spelt: Vec<Spelt> =
            words.into_iter().map(|word| Spelt { stems: self.spellings(&word), word }).collect();

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
                if in_first_run && group.terms.iter().any(|term| self.heads.contains(&term.key)) {
                    head = Some(groups.len());
                    many = taken.last().is_some_and(|last| is_plural(&last.word));
                }
                groups.push(group);
            }
        }
        wish.look(&spelt, many, &groups);
        Query { groups, wish, head }
    }

    fn rarity(&self, stem: &str) -> Option<f32> {
        self.rarity.get(&key(stem)).copied()
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
            stems.extend(self.joined(first, next));
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

    /// Two words that are written as one elsewhere.
    fn joined(&self, first: &Spelt, second: &Spelt) -> Option<Stem> {
        let said = format!("{}{}", first.word.said, second.word.said);
        let known = self.vocabulary.get(&said)?;
        Some(Stem { stem: known.stem.clone(), weight: 1.0 })
    }

    /// The stems that the catalog has.
    fn group(&self, stems: &[Stem]) -> Group {
        let mut group = Group { terms: Vec::new(), mass: 0.0 };
        for Stem { stem, weight } in stems {
            if let Some(rarity) = self.rarity(stem) {
                group.mass = group.mass.max(rarity * weight);
                group.terms.push(Term { key: key(stem), weight: *weight, rarity });
            }
        }
        group
    }

    /// The stem of a known word; of an unknown one those of the nearest known.
    fn spellings(&self, word: &Word) -> Vec<Stem> {
        if is_stop(&word.said) {
            return Vec::new();
        }
        if self.rarity(&word.stem).is_some() || self.synonyms.begins(&word.stem) {
            return vec![Stem { stem: word.stem.clone(), weight: 1.0 }];
        }
        let near = self.near(&word.said);
        if near.is_empty() { self.parts(&word.said) } else { near }
    }

    /// The known words that are fewest letters off: one in short words, two in long ones. A number is never meant
    /// to be another.
    fn near(&self, said: &str) -> Vec<Stem> {
        let length = said.chars().count();
        let mut bound = match length {
            0..=3 => return Vec::new(),
            4..=7 => 1,
            _ => NEAR.len(),
        };
        if length > LONGEST_MISSPELT || said.contains(|c: char| c.is_ascii_digit()) {
            return Vec::new();
        }
        let mask = letters(said);
        let mut near: Vec<&str> = Vec::new();
        for (candidate, known) in &self.vocabulary {
            // Cheap first: a letter changed adds one to either word's letters and takes one away.
            let letters_off = (known.letters ^ mask).count_ones() as usize;
            if candidate.len().abs_diff(said.len()) > bound || letters_off > 2 * bound {
                continue;
            }
            let distance = strsim::osa_distance(said, candidate);
            if distance < bound {
                bound = distance;
                near.clear();
            }
            if distance == bound && !near.contains(&known.stem.as_str()) {
                near.push(&known.stem);
            }
        }
        let weight = NEAR.get(bound.saturating_sub(1)).copied().unwrap_or_default();
        near.into_iter().take(3).map(|stem| Stem { stem: stem.to_owned(), weight }).collect()
    }

    /// Two known words that were written as one.
    fn parts(&self, said: &str) -> Vec<Stem> {
        let halves = said.char_indices().skip(3).map(|(at, _)| said.split_at(at));
        let mut known = halves
            .filter(|(_, tail)| tail.len() >= 3)
            .filter_map(|(head, tail)| Some([self.vocabulary.get(head)?, self.vocabulary.get(tail)?]));
        let parts = known.next().into_iter().flatten();
        parts.map(|known| Stem { stem: known.stem.clone(), weight: PART }).collect()
    }
}

fn is_plural(word: &Word) -> bool {
    (word.said.ends_with('s') && word.stem != word.said) || matches!(word.said.as_str(), "people" | "staff")
}

/// Which of the letters a to z are in a word.
fn letters(word: &str) -> u32 {
    let letters = word.bytes().filter(u8::is_ascii_lowercase);
    letters.fold(0, |mask, letter| mask | 1 << (letter - b'a'))
}
