//! How often the search finds the tool for what people ask, and how often it says so where there is none.

#![expect(
    clippy::print_stdout,
    reason = "the figures, and the misses to work on, for whoever asks to see them"
)]

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;
use vanta_mcp::catalog::Effect;
use vanta_mcp::parts::{Findable, Index, SearchOutcome, Verdict};

/// Of how many of the best tools an answer names the areas' other tools, and how many names at most.
const NEAR: usize = 8;
const NAMES: usize = 80;

/// How many names an answer has that says that there is no tool.
const CLOSEST: usize = 6;

#[derive(Deserialize)]
struct Questions {
    question: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    query: String,
    /// Any of them will do; none where no tool does it.
    tools: Vec<String>,
    /// Not to be tuned on, so that the search is measured on questions that it was not made for.
    #[serde(default)]
    held_out: bool,
    /// Written by somebody who had seen no description of a tool.
    #[serde(default)]
    natural: bool,
    /// Where it is not English.
    #[serde(default)]
    lang: Option<String>,
}

impl Question {
    fn is_right(&self, found: Findable) -> bool {
        self.tools.iter().any(|tool| tool == found.name())
    }

    /// Whether nothing has to be changed for it.
    fn is_to_know(&self) -> bool {
        let reads = |tool: &String| Findable::named(tool).is_some_and(|tool| tool.effect() == Effect::Read);
        !self.tools.is_empty() && self.tools.iter().all(reads)
    }
}

fn questions() -> Vec<Question> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/questions.toml");
    let text = std::fs::read_to_string(path).unwrap();
    toml::from_str::<Questions>(&text).unwrap().question
}

/// How many of some questions were answered how.
#[derive(Default)]
struct Tally {
    with_tool: u32,
    first: u32,
    among_three: u32,
    shown: u32,
    false_none: u32,
    without_tool: u32,
    honest_none: u32,
    /// Wishes to know for which a tool came first that destroys, and one that changes something.
    destroying: u32,
    changing: u32,
}

impl Tally {
    fn of<'q>(index: &Index, questions: impl Iterator<Item = &'q Question>) -> Self {
        let mut tally = Self::default();
        for question in questions {
            tally.add(index, question);
        }
        tally
    }

    fn add(&mut self, index: &Index, question: &Question) {
        let outcome = index.ask(&question.query, |_| 1.0);
        let found: Vec<Findable> = outcome.found.iter().map(|found| found.tool).collect();
        let none = !matches!(outcome.verdict, Verdict::Fits);
        if question.tools.is_empty() {
            self.without_tool += 1;
            self.honest_none += u32::from(none);
            return;
        }
        let at = found.iter().position(|tool| question.is_right(*tool));
        let at = if none { None } else { at };
        self.with_tool += 1;
        self.false_none += u32::from(none);
        self.first += u32::from(at == Some(0));
        self.among_three += u32::from(at.is_some_and(|at| at < 3));
        self.shown += u32::from(is_shown(question, &found, &outcome));
        if let Some(first) = found.first().filter(|_| question.is_to_know() && !none) {
            self.destroying += u32::from(first.effect() == Effect::Destroy);
            self.changing += u32::from(first.effect() != Effect::Read);
        }
        // Whoever looks at the misses of the others tunes on them.
        if at.is_none_or(|at| at > 2) && !question.held_out {
            let found: Vec<&str> = found.iter().take(3).map(|tool| tool.name()).collect();
            println!("{}: {} and not {}", question.query, question.tools.join(" or "), found.join(", "));
        }
    }

    fn share(part: u32, whole: u32) -> f64 {
        f64::from(part) / f64::from(whole.max(1))
    }

    /// The shares in the order of the floors: first, among three, shown, honest none, false none.
    fn shares(&self) -> [f64; 5] {
        let with = |part| Self::share(part, self.with_tool);
        [
            with(self.first),
            with(self.among_three),
            with(self.shown),
            Self::share(self.honest_none, self.without_tool),
            with(self.false_none),
        ]
    }

    fn print(&self, which: &str) {
        let [first, three, shown, honest, dishonest] = self.shares();
        println!(
            "{which}: {} with a tool: first {first:.3}, among three {three:.3}, among the names shown {shown:.3}, told \
             none {dishonest:.3}; {} without: told none {honest:.3}; to know: {} a destroying tool first, {} a changing one",
            self.with_tool, self.without_tool, self.destroying, self.changing
        );
    }
}

/// Whether the answer names a right tool, as one of the best or of their areas.
fn is_shown(question: &Question, found: &[Findable], outcome: &SearchOutcome) -> bool {
    if let Verdict::Beyond(beyond) = outcome.verdict {
        let near = beyond.near.iter().map(String::as_str);
        let closest = near.chain(found.iter().map(|tool| tool.name())).take(CLOSEST);
        return closest.collect::<Vec<_>>().iter().any(|name| question.tools.iter().any(|tool| tool == name));
    }
    if matches!(outcome.verdict, Verdict::Nothing) {
        return found.iter().take(CLOSEST).any(|tool| question.is_right(*tool));
    }
    let mut areas: Vec<Findable> = Vec::new();
    let mut names = 0;
    for near in found.iter().take(NEAR).filter(|near| !near.is_deprecated()) {
        let area = || Findable::all().filter(|tool| tool.is_beside(*near));
        let is_told = areas.iter().any(|told| told.is_beside(*near));
        if is_told || names > 0 && names + area().count() > NAMES {
            continue;
        }
        areas.push(*near);
        names += area().count();
        if area().any(|tool| question.is_right(tool)) {
            return true;
        }
    }
    found.iter().take(3).any(|tool| question.is_right(*tool))
}

#[test]
fn questions_name_tools_that_exist() {
    let names: HashSet<&str> = Findable::all().map(Findable::name).collect();
    let mut queries = HashSet::new();
    for question in questions() {
        assert!(queries.insert(question.query.to_lowercase()), "{} is there twice", question.query);
        for tool in &question.tools {
            assert!(names.contains(tool.as_str()), "{}: there is no {tool}", question.query);
        }
    }
}

/// The floors are a little below what is reached, so that it cannot get worse unnoticed.
#[test]
fn most_questions_find_their_tool_and_what_has_none_is_told() {
    let index = Index::new(Findable::all());
    let questions = questions();
    for (which, natural, held_out, floors, most_false) in [
        ("tuned on", false, false, [0.79, 0.91, 0.98, 0.0], 0.03),
        ("held out", false, true, [0.72, 0.89, 0.97, 0.0], 0.05),
        ("natural, tuned on", true, false, [0.85, 0.93, 0.97, 0.8], 0.02),
        ("natural, held out", true, true, [0.58, 0.72, 0.9, 0.42], 0.06),
    ] {
        let ours = questions.iter().filter(|one| one.natural == natural && one.held_out == held_out);
        let tally = Tally::of(&index, ours);
        tally.print(which);
        let [.., dishonest] = tally.shares();
        for (share, floor) in tally.shares().iter().zip(floors) {
            assert!(*share >= floor, "{which}: {share:.3} is below {floor}");
        }
        assert!(dishonest <= most_false, "{which}: {dishonest:.3} are told that there is no tool");
        assert_eq!(tally.destroying, 0, "{which}: what destroys something never comes first for a question");
    }
}

#[test]
fn other_languages_find_the_same() {
    let index = Index::new(Findable::all());
    let questions = questions();
    let tally = Tally::of(&index, questions.iter().filter(|one| one.lang.is_some()));
    tally.print("other languages");
    let [first, three, ..] = tally.shares();
    assert!(first >= 0.6 && three >= 0.8, "first {first:.3}, among three {three:.3}");
}
