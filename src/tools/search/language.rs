//! A query in another language, read as English words of the field, from `tools/languages.toml`.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

/// The longest ending that a word may have after a stem.
const ENDING: usize = 5;

/// The shortest stem that may stand within a compound, or before an ending.
const STEM: usize = 4;

/// A language's words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LanguageSource {
    skip: String,
    ask: BTreeMap<String, String>,
    order: BTreeMap<String, String>,
    term: BTreeMap<String, String>,
}

/// What a saying is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Nothing.
    Skip,
    /// It begins a question.
    Ask,
    /// It is a verb of change.
    Order,
    /// It is what is spoken of.
    Term,
}

/// Whether words have blanks between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    /// Yes.
    Apart,
    /// Yes, and words are made of others.
    Compound,
    /// No.
    Joined,
}

struct Language {
    writing: Writing,
    /// Sayings with what they are for and mean, the longest first.
    sayings: Vec<(String, Part, String)>,
    skip: HashSet<String>,
}

/// Read at the first query that is not plainly English.
static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    // A test reads it too, so that a slip in it is found there.
    let sources: BTreeMap<String, LanguageSource> =
        toml::from_str(include_str!("../../../tools/languages.toml")).unwrap_or_default();
    sources.into_iter().map(|(code, source)| Language::new(&code, source)).collect()
});

/// How much of a word that is not known counts against a query in another language: no table has all of them.
pub const FOREIGN: f32 = 0.3;

/// The English words for a query in another language, its verbs first; none where it is English or of a language that is not
/// known. `known` tells which of its words are English ones here.
pub fn in_english(text: &str, known: impl Fn(&str) -> bool) -> Option<String> {
    let joined = text.chars().any(is_joined);
    if text.is_ascii() && !text.contains(' ') {
        return None;
    }
    let folded = folded(text);
    let read = |language: &Language| {
        if joined != (language.writing == Writing::Joined) {
            return None;
        }
        let reading = language.read(&folded, &known);
        (joined || language.is_spoken(&folded)).then_some(reading)
    };
    let readings = LANGUAGES.iter().filter_map(read);
    let best = readings.max_by(|a, b| a.share().total_cmp(&b.share()))?;
    Some(best.english())
}

/// What begins a question only where nothing is ordered.
const UNSURE: [&str; 4] = ["is", "what", "how", "where"];

/// What was read of a query.
#[derive(Default)]
struct ForeignReading {
    asks: Vec<String>,
    orders: Vec<String>,
    terms: Vec<String>,
    /// How many letters were read, and how many there are.
    read: usize,
    all: usize,
}

impl ForeignReading {
    #[expect(clippy::cast_precision_loss, reason = "there are hundreds of letters")]
    fn share(&self) -> f32 {
        self.read as f32 / self.all.max(1) as f32
    }

    fn english(self) -> String {
        // "Who changed it" is a question with a verb of change; "is" begins one only where nothing is ordered.
        let questions =
            self.asks.iter().filter(|ask| self.orders.is_empty() || !UNSURE.contains(&ask.as_str()));
        let asks: Vec<String> = questions.take(1).cloned().collect();
        let orders = self.orders.into_iter().take(2);
        asks.into_iter().chain(orders).chain(self.terms).collect::<Vec<_>>().join(" ")
    }
}

impl Language {
    fn new(code: &str, source: LanguageSource) -> Self {
        let writing = match code {
            "de" => Writing::Compound,
            "ja" | "zh" => Writing::Joined,
            _ => Writing::Apart,
        };
        let mut sayings = Vec::new();
        for (part, table) in [(Part::Ask, source.ask), (Part::Order, source.order), (Part::Term, source.term)]
        {
            for (english, said) in table {
                sayings.extend(said.split(", ").map(|said| (said.to_owned(), part, english.clone())));
            }
        }
        let skip: HashSet<String> = source.skip.split_whitespace().map(str::to_owned).collect();
        if writing == Writing::Joined {
            sayings.extend(skip.iter().map(|said| (said.clone(), Part::Skip, String::new())));
        }
        sayings.sort_by(|(a, ..), (b, ..)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        Self { writing, sayings, skip }
    }

    /// Whether a query is in it, as far as its smallest words tell.
    fn is_spoken(&self, folded: &str) -> bool {
        let asks = self.sayings.iter().filter(|(_, part, _)| *part == Part::Ask);
        let asks: HashSet<&str> = asks.map(|(said, ..)| said.as_str()).collect();
        let small = |word: &&str| self.skip.contains(*word) || asks.contains(word);
        let (mut own, mut english) = (0, 0);
        for word in folded.split(' ').filter(|word| !word.is_empty()) {
            let is_english = super::words::is_stop(word);
            own += usize::from(!is_english && small(&word));
            english += usize::from(is_english);
        }
        own >= 2 && own >= english || own == 1 && english == 0
    }

    fn read(&self, folded: &str, known: impl Fn(&str) -> bool) -> ForeignReading {
        let mut reading =
            ForeignReading { all: folded.chars().filter(|c| *c != ' ').count(), ..ForeignReading::default() };
        let mut rest = folded;
        let mut begins = true;
        while let Some(first) = rest.chars().next() {
            if first == ' ' {
                rest = rest.get(1..).unwrap_or_default();
                begins = true;
                continue;
            }
            let word = rest.split(' ').next().unwrap_or(rest);
            if begins
                && self.writing != Writing::Joined
                && self.skip.contains(word)
                && self.longer(rest, word).is_none()
            {
                reading.read += word.len();
                rest = rest.get(word.len()..).unwrap_or_default();
                continue;
            }
            if let Some((said, part, english)) = self.at(rest, begins) {
                reading.read += said.chars().count();
                // A small word such as `que` asks where a sentence begins, and joins two elsewhere.
                if *part != Part::Ask || self.writing == Writing::Joined || reading.is_begun_by_asking() {
                    reading.note(*part, english);
                }
                rest = rest.get(said.len()..).unwrap_or_default();
                let ending = rest.split(' ').next().unwrap_or_default();
                if self.writing == Writing::Apart
                    || self.writing == Writing::Compound
                        && ending.len() <= ENDING
                        && self.at(ending, false).is_none()
                {
                    rest = rest.get(ending.len()..).unwrap_or_default();
                }
                begins = false;
                continue;
            }
            let taken = self.unread(rest, word, begins, &mut reading, &known);
            rest = rest.get(taken..).unwrap_or_default();
            begins = false;
        }
        reading
    }

    /// A saying of several words that begins with a word that says nothing alone.
    fn longer(&self, rest: &str, word: &str) -> Option<&(String, Part, String)> {
        self.at(rest, true).filter(|(said, part, _)| said.len() > word.len() || *part == Part::Ask)
    }

    /// The longest saying with which a text begins.
    fn at(&self, rest: &str, begins: bool) -> Option<&(String, Part, String)> {
        self.sayings.iter().find(|(said, ..)| {
            let Some(after) = rest.strip_prefix(said.as_str()) else { return false };
            let ending = after.split(' ').next().unwrap_or_default().chars().count();
            let stem = said.len() >= STEM;
            match self.writing {
                Writing::Joined => true,
                Writing::Apart => begins && (ending == 0 || stem && ending <= ENDING),
                Writing::Compound => (begins || said.len() > STEM) && (ending == 0 || stem),
            }
        })
    }

    /// Takes what no saying begins: a word that is English here, one that nobody knows, or the rest of one.
    fn unread(
        &self,
        rest: &str,
        word: &str,
        begins: bool,
        reading: &mut ForeignReading,
        known: impl Fn(&str) -> bool,
    ) -> usize {
        if self.writing == Writing::Joined {
            let run = |same: fn(char) -> bool| {
                rest.chars().take_while(|c| same(*c)).map(char::len_utf8).sum::<usize>()
            };
            let latin = run(|c| c.is_ascii_alphanumeric());
            if latin > 0 {
                reading.terms.extend(rest.get(..latin).map(str::to_owned));
                return latin;
            }
            return rest.chars().next().map_or(1, char::len_utf8);
        }
        if begins {
            if known(word) {
                reading.read += word.len();
            }
            reading.terms.push(word.to_owned());
            return word.len();
        }
        if self.writing == Writing::Compound {
            rest.chars().next().map_or(1, char::len_utf8)
        } else {
            word.len()
        }
    }
}

impl ForeignReading {
    /// Whether nothing but questions has been read so far.
    fn is_begun_by_asking(&self) -> bool {
        self.terms.is_empty() && self.orders.is_empty()
    }

    fn note(&mut self, part: Part, english: &str) {
        match part {
            Part::Skip => {}
            Part::Ask => self.asks.push(english.to_owned()),
            Part::Order => self.orders.push(english.to_owned()),
            Part::Term => self.terms.push(english.to_owned()),
        }
    }
}

/// Whether a character is of a writing without blanks.
fn is_joined(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Small letters without accents, and blanks for everything else.
fn folded(text: &str) -> String {
    let mut folded = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'à' | 'â' | 'á' | 'ã' => folded.push('a'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'î' | 'ï' | 'í' => folded.push('i'),
            'ö' | 'ô' | 'ó' => folded.push('o'),
            'ü' | 'ù' | 'û' | 'ú' => folded.push('u'),
            'ç' => folded.push('c'),
            'ñ' => folded.push('n'),
            'ß' => folded.push_str("ss"),
            'œ' => folded.push_str("oe"),
            _ if c.is_alphanumeric() => folded.push(c),
            _ => folded.push(' '),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_in_another_language_is_read_in_english_words() {
        for (said, english) in [
            ("Welche Lieferanten sind überfällig?", "which vendor overdue"),
            ("Bitte die Mitarbeiterschulung löschen", "delete employee training"),
            ("Quels fournisseurs n'ont pas de contrat ?", "which vendor contract"),
            ("¿Quién no ha completado la formación?", "who not finished training"),
            ("期限切れの脆弱性はいくつありますか", "how many overdue vulnerability"),
            ("删除这个供应商", "delete vendor"),
            ("¿Quién cambió el riesgo?", "who update risk"),
        ] {
            assert_eq!(in_english(said, |_| false).as_deref(), Some(english), "{said}");
        }
    }

    #[test]
    fn english_stays_as_it_is() {
        for said in [
            "which vendors are overdue",
            "delete the vendor",
            "list_vendors",
            "controls",
            "control AC-12 audit",
            "Comment on an audit's control",
        ] {
            assert_eq!(in_english(said, |_| true), None, "{said}");
        }
    }

    #[test]
    fn every_language_is_there_and_folded() {
        assert_eq!(LANGUAGES.len(), 5);
        for language in LANGUAGES.iter() {
            for (said, _, english) in &language.sayings {
                assert_eq!(
                    folded(said).replace(' ', ""),
                    said.replace([' ', '？', '?'], ""),
                    "{said}: {english}"
                );
            }
        }
    }
}
