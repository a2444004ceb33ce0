//! What a word may be a misspelling of.

use std::collections::BTreeMap;

use super::words::Word;

/// The longest word that is taken for a misspelt one.
const LONGEST_MISSPELT: usize = 24;

/// What a word counts that is one letter off, and two.
const NEAR: [f32; 2] = [0.6, 0.5];

/// What a part of two words counts that were written as one.
const PART: f32 = 0.8;

/// A stem that may be meant.
pub struct Stem {
    pub stem: String,
    /// How sure that is, 0 to 1, or a little more for words that belong together.
    pub weight: f32,
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
struct KnownWord {
    stem: String,
    letters: u32,
}

/// Every word that may be meant.
pub struct Vocabulary {
    /// By how they are written; in order, so that ties are settled.
    words: BTreeMap<String, KnownWord>,
}

impl Vocabulary {
    /// Of words with their stems.
    pub fn new<'w>(words: impl Iterator<Item = (&'w str, &'w str)>) -> Self {
        let known = |(said, stem): (&str, &str)| {
            (said.to_owned(), KnownWord { stem: stem.to_owned(), letters: letters(said) })
        };
        Self { words: words.map(known).collect() }
    }

    /// What an unknown word may mean: the nearest known, or else two that were written as one.
    pub fn nearest(&self, said: &str) -> Vec<Stem> {
        let near = self.near(said);
        if near.is_empty() { self.parts(said) } else { near }
    }

    /// Two words that are written as one elsewhere.
    pub fn joined(&self, first: &Word, second: &Word) -> Option<Stem> {
        let said = format!("{}{}", first.said, second.said);
        let known = self.words.get(&said)?;
        Some(Stem { stem: known.stem.clone(), weight: 1.0 })
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
        for (candidate, known) in &self.words {
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
            .filter_map(|(head, tail)| Some([self.words.get(head)?, self.words.get(tail)?]));
        let parts = known.next().into_iter().flatten();
        parts.map(|known| Stem { stem: known.stem.clone(), weight: PART }).collect()
    }
}

/// Which of the letters a to z are in a word.
fn letters(word: &str) -> u32 {
    let letters = word.bytes().filter(u8::is_ascii_lowercase);
    letters.fold(0, |mask, letter| mask | 1 << (letter - b'a'))
}
