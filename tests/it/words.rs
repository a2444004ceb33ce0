//! What a person or a model reads is plain, current English: no text has a turn that is listed in `words/avoided.txt`.

mod texts;

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};

use texts::{Text, of_help, of_markdown, of_operations, of_source, of_tools};

/// Where a turn may stay: what is there, the turn as it is listed, and why.
const EXCEPTIONS: [(&str, &str, &str); 3] = [
    ("src/tools/search/wish.rs", r"\bwhom\b", "a word that people ask with, for the search alone"),
    ("src/tools/search/words.rs", r"\bwhom\b", "a word that says nothing, for the search alone"),
    ("src/tools/search/synonyms.rs", r"\bkick(s|ed)? out\b", "what people say for it, for the search alone"),
];

/// A turn that is not to be used.
struct Turn {
    /// As it is listed.
    written: &'static str,
    pattern: Regex,
    instead: &'static str,
}

fn turns() -> Vec<Turn> {
    let lines = include_str!("words/avoided.txt").lines();
    let listed = lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    listed
        .map(|line| {
            let (written, instead) =
                line.split_once(" # ").unwrap_or_else(|| panic!("no word on what to say instead: {line}"));
            let written = written.trim();
            let pattern = RegexBuilder::new(written).case_insensitive(true).build().unwrap();
            Turn { written, pattern, instead }
        })
        .collect()
}

/// The turns that the texts have, each with its place and what to say instead.
fn found(turns: &[Turn], texts: &[Text]) -> Vec<String> {
    let excepted = |text: &Text, turn: &Turn| {
        EXCEPTIONS.iter().any(|(file, written, _)| text.file == *file && turn.written == *written)
    };
    let mut found = Vec::new();
    for text in texts {
        for turn in turns.iter().filter(|turn| !excepted(text, turn)) {
            found.extend(turn.pattern.find_iter(&text.words).map(|hit| {
                let (before, after) = (&text.words[..hit.start()], &text.words[hit.end()..]);
                let before: String = before.chars().skip(before.chars().count().saturating_sub(50)).collect();
                let after: String = after.chars().take(50).collect();
                let around = format!("{before}[{}]{after}", hit.as_str());
                format!("{}: {around} -> {}", text.place(), turn.instead)
            }));
        }
    }
    found
}

fn assert_plain(texts: &[Text], least: usize) {
    assert!(texts.len() >= least, "only {} texts were found", texts.len());
    let found = found(&turns(), texts);
    assert!(found.is_empty(), "{} turns to say in other words:\n{}", found.len(), found.join("\n"));
}

#[test]
fn messages_are_plain() {
    assert_plain(&of_source(), 1000);
}

#[test]
fn descriptions_of_tools_are_plain() {
    assert_plain(&of_tools(), 900);
}

#[test]
fn previews_and_advice_are_plain() {
    assert_plain(&of_operations(), 150);
}

#[test]
fn help_is_plain() {
    assert_plain(&of_help(), 80);
}

#[test]
fn documents_are_plain() {
    assert_plain(&of_markdown(), 100);
}

#[test]
fn every_turn_is_found_wherever_it_is() {
    let turns = turns();
    let sentences: BTreeMap<&str, &str> = [
        ("is no setting", "`acces` is no setting"),
        ("is not known", "`page_size` is not known"),
        ("from 1 on", "a whole number from 1 on"),
        ("Whoever", "Whoever runs this server"),
        ("whom", "the person whom it names"),
        ("in place of", "a number in\n    place of a text"),
    ]
    .into();
    for (turn, sentence) in sentences {
        let texts = [Text::new("README.md", 7, sentence)];
        let found = found(&turns, &texts);
        assert!(
            found.iter().any(|one| one.contains("README.md:7") && one.contains(turn)),
            "{turn}: {found:?}"
        );
    }
    assert_eq!(
        found(&turns, &[Text::new("a", 1, "unknown setting `acces`; did you mean `access`?")]),
        [""; 0]
    );
}

#[test]
fn a_text_is_found_in_code_and_not_in_comments_or_tests() {
    let code = r##"
        /// the person whom it names
        fn f() {
            // whoever
            println!("{}: \
                      whom");
            g(r#"whoever"#, b'w', 'b', 1);
        }
        #[cfg(test)]
        mod tests { const T: &str = "whom"; }
    "##;
    let texts = texts::of_code("src/x.rs", code);
    let shown: Vec<(usize, &str)> = texts.iter().map(|text| (text.line, &*text.words)).collect();
    assert_eq!(shown, [(5, "{}: whom"), (7, "whoever")]);
    assert_eq!(found(&turns(), &texts).len(), 2);
}

#[test]
fn every_exception_is_needed() {
    let (turns, texts) = (turns(), of_source());
    for (file, written, _) in EXCEPTIONS {
        let turn = turns.iter().find(|turn| turn.written == written).unwrap_or_else(|| panic!("{written}"));
        let is_there = texts.iter().any(|text| text.file == file && turn.pattern.is_match(&text.words));
        assert!(is_there, "{file} has nothing of {written}");
    }
}
