//! Text to words and stems, the same way for what is searched and for what is asked.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word {
    /// In lower case, as it was written.
    pub said: String,
    /// What it is compared by.
    pub stem: String,
}

/// Words that say nothing about what is wanted. The product's own name is on everything.
const STOP: &str = "\
    a about after again all also am an and any anyone anything are as at be because been before being \
    both but by can could currently d did do does doing don done each else etc every for from get gets \
    getting give go goes got had has have having he hello help her here hers hey hi him his how i id ids \
    if in into is isn it its itself just let lets like ll m many may me might mine much must my need \
    needs now of okay on one ones only or other our ours out please pls re right s see she should show \
    shows so some somebody someone something such t tell than thank thanks that the their them then \
    there these they thing things this those to too up us use used vanta ve very want wants was way we \
    were what whats when where whether which while who whom whose why will with within without would yes \
    yet you your yours";

/// Abbreviations that are written with and without a space before their number: SOC 2, ISO 27001.
const NUMBERED: &[&str] = &["cis", "iso", "nist", "pci", "soc"];

/// What some write as a word of its own before another: sub-processor, non-conformity.
const PREFIXES: &[&str] = &["anti", "multi", "non", "sub"];

/// Finds stems.
pub struct Splitter {
    stemmer: Stemmer,
    /// Words to stems, none for a word that says nothing.
    known: HashMap<String, Option<String>>,
}

impl Default for Splitter {
    fn default() -> Self {
        Self { stemmer: Stemmer::create(Algorithm::English), known: HashMap::new() }
    }
}

impl Splitter {
    /// Every word of a text, small ones too.
    pub fn words(&self, text: &str) -> Vec<Word> {
        split(text).into_iter().map(|said| Word { stem: self.stem(&said), said }).collect()
    }

    /// Adds the stems of the words that say something, each with a space. They are remembered, for a catalog says
    /// everything often.
    pub fn add_terms(&mut self, text: &str, terms: &mut String) {
        let mut add = |stem: &Option<String>| {
            if let Some(stem) = stem {
                terms.push_str(stem);
                terms.push(' ');
            }
        };
        each_word(text, |said| {
            if let Some(stem) = self.known.get(said) {
                return add(stem);
            }
            let stem = (!is_stop(said)).then(|| self.stem(said));
            add(&stem);
            self.known.insert(said.to_owned(), stem);
        });
    }

    /// The words that were remembered, with their stems.
    pub fn known(&self) -> impl Iterator<Item = (&str, &str)> {
        self.known.iter().filter_map(|(said, stem)| Some((said.as_str(), stem.as_deref()?)))
    }

    /// What a word in lower case is compared by.
    pub fn stem(&self, word: &str) -> String {
        if word == "hosting" {
            // Web space; a "host" is a machine.
            return word.to_owned();
        }
        let stem = self.stemmer.stem(word);
        // The stemmer leaves the plurals of abbreviations alone: NDAs, SLAs, RFPs.
        let short = stem.strip_suffix('s').filter(|short| short.len() >= 2 && !short.ends_with('s'));
        match short {
            Some(short) if stem == word && word.len() <= 5 => short.to_owned(),
            _ => stem.into_owned(),
        }
    }
}

/// Whether a word in lower case says nothing.
pub fn is_stop(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP.split(' ').collect());
    WORDS.contains(word)
}

/// The words of a text in lower case.
pub fn split(text: &str) -> Vec<String> {
    let mut said = Vec::new();
    each_word(text, |word| said.push(word.to_owned()));
    said
}

/// Calls with each word of a text in lower case.
fn each_word(text: &str, mut with: impl FnMut(&str)) {
    let mut word = String::new();
    for piece in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’')) {
        // "vendor's" is about the vendor.
        let piece = piece.split(['\'', '’']).next().unwrap_or_default();
        for part in humps(piece) {
            if !word.is_empty() && !joins(&word, part) {
                with(&word);
                word.clear();
            }
            if part.is_ascii() {
                word.extend(part.chars().map(|c| c.to_ascii_lowercase()));
            } else {
                word.push_str(&part.to_lowercase());
            }
        }
    }
    if !word.is_empty() {
        with(&word);
    }
}

/// Whether two words are one that is also written together.
fn joins(first: &str, second: &str) -> bool {
    let number = second.starts_with(|c: char| c.is_ascii_digit());
    (number && NUMBERED.contains(&first)) || PREFIXES.contains(&first)
}

/// The parts of an identifier such as `vendorId`; a word such as `SaaS` or `macOS` stays whole.
fn humps(piece: &str) -> impl Iterator<Item = &str> {
    let identifier = piece.starts_with(char::is_lowercase) && piece.contains(char::is_uppercase);
    let mut rest = piece;
    std::iter::from_fn(move || {
        let mut pairs = rest.char_indices().zip(rest.chars().skip(1)).filter(|_| identifier);
        let hump = pairs.find(|((at, c), next)| *at > 0 && c.is_uppercase() && next.is_lowercase());
        let (head, tail) = rest.split_at(hump.map_or(rest.len(), |((at, _), _)| at));
        rest = tail;
        (!head.is_empty()).then_some(head)
    })
}
