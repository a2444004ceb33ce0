//! The terms of a catalog, and what BM25 makes of each in each text.
//!
//! The fields of a text have lengths and weights of their own, which BM25 over whole texts does not know: a term's
//! value is the sum over the fields. Everything but the query is known beforehand, so the values are computed once,
//! and a search looks them up.

use std::collections::HashMap;

use super::fields::{Field, Searched};

/// BM25's saturation: a second mention counts little in texts this short.
const K1: f32 = 0.5;

/// A term of the catalog, by its number: what is not in the catalog has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(usize);

impl TermId {
    /// The same in less room, less than 65,535; none where it does not fit.
    pub fn short(self) -> Option<u16> {
        u16::try_from(self.0).ok().filter(|short| *short < u16::MAX)
    }
}

/// That a term is in a text.
pub struct Occurrence {
    /// The number of the text.
    pub text: u32,
    /// How much the term counts there, however rare it is elsewhere.
    pub value: f32,
}

/// The terms, from which the texts are found.
pub struct Terms {
    /// In alphabetical order, and so numbered the same each time: sums over terms must not differ in rounding from one
    /// index to the next.
    all: Vec<(Box<str>, Box<[Occurrence]>)>,
    /// How many texts there are.
    texts: usize,
}

impl Terms {
    /// Of the texts, numbered in their order.
    pub fn new(texts: &[Searched]) -> Self {
        let fields = Field::ALL.map(|field| (field, average(texts, field)));
        let mut occurrences: HashMap<&str, Vec<Occurrence>> = HashMap::new();
        let mut counts: HashMap<&str, f32> = HashMap::new();
        for (number, text) in (0..).zip(texts) {
            for (field, average) in fields {
                for term in text.of(field).split_ascii_whitespace() {
                    *counts.entry(term).or_default() += 1.0;
                }
                let length = counts.values().sum::<f32>() / average;
                for (term, count) in counts.drain() {
                    let value = field.weight() * saturated(count, length, field.b());
                    let occurrences = occurrences.entry(term).or_default();
                    match occurrences.last_mut().filter(|last| last.text == number) {
                        Some(last) => last.value += value,
                        None => occurrences.push(Occurrence { text: number, value }),
                    }
                }
            }
        }
        let mut all: Vec<_> =
            occurrences.into_iter().map(|(term, found)| (term.into(), found.into_boxed_slice())).collect();
        all.sort_unstable_by(|(a, _): &(Box<str>, _), (b, _)| a.cmp(b));
        Self { all, texts: texts.len() }
    }

    /// The number of a term.
    pub fn find(&self, term: &str) -> Option<TermId> {
        self.all.binary_search_by(|(known, _)| known.as_ref().cmp(term)).ok().map(TermId)
    }

    /// Where it is, in the order of the texts.
    pub fn occurrences(&self, term: TermId) -> &[Occurrence] {
        self.all.get(term.0).map_or(&[], |(_, occurrences)| occurrences)
    }

    /// How rare it is.
    pub fn rarity(&self, term: TermId) -> f32 {
        self.rarity_of(self.occurrences(term).len())
    }

    /// How rare something is that is in `count` of the texts.
    pub fn rarity_of(&self, count: usize) -> f32 {
        rare(count, self.texts)
    }
}

/// How many terms a field has on average; one at least, to divide by.
#[expect(clippy::cast_precision_loss, reason = "there are thousands of words, not millions")]
fn average(texts: &[Searched], field: Field) -> f32 {
    let all: usize = texts.iter().map(|text| text.of(field).split_ascii_whitespace().count()).sum();
    (all as f32 / texts.len().max(1) as f32).max(1.0)
}

/// BM25's term weight: what `count` mentions are worth in a field of that length, the average being 1, of which `b`
/// says how much it counts.
fn saturated(count: f32, length: f32, b: f32) -> f32 {
    count * (K1 + 1.0) / (count + K1 * (1.0 - b + b * length))
}

/// BM25's inverse document frequency of what is in `count` of `all`, in the form that is never below nothing.
#[expect(clippy::cast_precision_loss, reason = "there are hundreds of operations, not millions")]
fn rare(count: usize, all: usize) -> f32 {
    let (count, all) = (count as f32, all as f32);
    (1.0 + (all - count + 0.5) / (count + 0.5)).ln()
}

#[cfg(test)]
mod tests {
    use super::{rare, saturated};

    fn near(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-5
    }

    #[test]
    fn a_mention_counts_one_and_more_of_them_little_more() {
        assert!(near(saturated(1.0, 1.0, 0.3), 1.0));
        assert!(near(saturated(2.0, 1.0, 0.3), 1.2));
        assert!(saturated(1000.0, 1.0, 0.3) < 1.5);
    }

    #[test]
    fn a_mention_counts_less_in_a_long_field_unless_length_is_nothing() {
        assert!(near(saturated(1.0, 3.0, 0.5), 0.75));
        assert!(near(saturated(1.0, 3.0, 0.0), 1.0));
    }

    #[test]
    fn what_is_rare_counts_more_and_what_is_everywhere_a_little() {
        assert!(near(rare(1, 9), 20.0_f32.ln() - 3.0_f32.ln()));
        assert!(rare(1, 9) > rare(2, 9));
        assert!(rare(9, 9) > 0.0);
    }
}
