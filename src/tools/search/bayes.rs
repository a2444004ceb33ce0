//! Which tool those mean who speak like this: naive Bayes over what people say of each.
//!
//! The rest of the search asks how much of a query a tool has. This asks of which tool it is usual to speak so: each
//! word counts, and each two that follow one another, by how often they are said of a tool and how seldom of others.

use super::fields::Searched;
use super::terms::{TermId, Terms};

/// How often everything is taken to have been said of every tool beforehand.
const BEFOREHAND: f32 = 0.3;

/// A word that is said, or two in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sign(u32);

/// How often a sign is said of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct SaidOf {
    sign: Sign,
    /// The number of the tool's text.
    text: u16,
    times: u16,
}

/// What is usually said of each tool.
pub struct Bayes {
    /// By sign, and then by text.
    said: Box<[SaidOf]>,
    /// What each sign that is not said of a tool makes of it, as a logarithm.
    unsaid: Box<[f32]>,
}

impl Bayes {
    /// Of the phrases of these texts, in their order.
    #[expect(clippy::cast_precision_loss, reason = "there are thousands of phrases, not millions")]
    pub fn new(texts: &[Searched], known: &Terms) -> Self {
        let mut said: Vec<SaidOf> = Vec::new();
        let mut totals: Vec<usize> = Vec::new();
        for (text, searched) in (0..).zip(texts) {
            let mut all: Vec<Sign> = Vec::new();
            for phrase in &searched.phrases {
                let terms: Vec<TermId> =
                    phrase.split_ascii_whitespace().filter_map(|term| known.find(term)).collect();
                all.extend(signs(&terms));
            }
            all.sort_unstable();
            totals.push(all.len());
            let same = all.chunk_by(|a, b| a == b);
            said.extend(same.filter_map(|same| {
                let times = u16::try_from(same.len()).unwrap_or(u16::MAX);
                Some(SaidOf { sign: *same.first()?, text, times })
            }));
        }
        said.sort_unstable();
        let different = said.chunk_by(|a, b| a.sign == b.sign).count() as f32;
        let unsaid = |total: &usize| (BEFOREHAND / (*total as f32 + BEFOREHAND * different)).ln();
        Self { unsaid: totals.iter().map(unsaid).collect(), said: said.into() }
    }

    /// How likely it is that each tool is meant, 0 to 1, by who says these words in this order; all 0 where none of them is
    /// usual.
    #[expect(clippy::cast_precision_loss, reason = "a query has tens of words")]
    pub fn meant(&self, words: &[TermId]) -> Vec<f32> {
        let mut meant = vec![0.0_f32; self.unsaid.len()];
        let mut usual = 0_usize;
        for sign in signs(words) {
            let begin = self.said.partition_point(|one| one.sign < sign);
            let of_it = self.said.iter().skip(begin).take_while(|one| one.sign == sign);
            let before = usual;
            for one in of_it {
                usual = before + 1;
                if let Some(meant) = meant.get_mut(usize::from(one.text)) {
                    *meant += (1.0 + f32::from(one.times) / BEFOREHAND).ln();
                }
            }
        }
        if usual == 0 {
            return meant;
        }
        for (meant, unsaid) in meant.iter_mut().zip(&self.unsaid) {
            *meant += usual as f32 * unsaid;
        }
        let most = meant.iter().copied().fold(f32::MIN, f32::max);
        for meant in &mut meant {
            *meant = (*meant - most).exp();
        }
        let all: f32 = meant.iter().sum();
        for meant in &mut meant {
            *meant /= all;
        }
        meant
    }
}

/// Each word, and each two in a row, once and in order. A word whose number is too great is left out; there are far fewer.
fn signs(words: &[TermId]) -> Vec<Sign> {
    let numbers: Vec<u32> =
        words.iter().filter_map(|word| word.short()).map(|short| u32::from(short) + 1).collect();
    let alone = numbers.iter().map(|word| Sign(word << 16));
    let pairs = numbers.iter().zip(numbers.iter().skip(1)).map(|(first, next)| Sign(first << 16 | next));
    let mut signs: Vec<Sign> = alone.chain(pairs).collect();
    signs.sort_unstable();
    signs.dedup();
    signs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::findable::Findable;
    use crate::tools::search::fields;
    use crate::tools::search::words::Splitter;

    #[test]
    fn who_speaks_as_people_speak_of_a_tool_means_it() {
        let tools: Vec<Findable> =
            ["delete_vendor", "list_people", "top_risks"].map(|name| Findable::named(name).unwrap()).into();
        let texts = fields::read(&tools, &mut Splitter::default());
        let terms = Terms::new(&texts);
        let bayes = Bayes::new(&texts, &terms);
        for (at, text) in texts.iter().enumerate() {
            for phrase in &text.phrases {
                let words: Vec<TermId> =
                    phrase.split_whitespace().filter_map(|word| terms.find(word)).collect();
                let meant = bayes.meant(&words);
                assert!((meant.iter().sum::<f32>() - 1.0).abs() < 1e-4, "{meant:?}");
                assert!(meant.iter().all(|one| *one <= meant[at]), "{phrase}: {meant:?}");
            }
        }
        assert_eq!(bayes.meant(&[]), [0.0; 3]);
    }
}
