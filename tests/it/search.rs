//! How often the search finds the tool for what people ask.

#![expect(
    clippy::print_stdout,
    reason = "the figures, and the misses to work on, for whoever asks to see them"
)]

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;
use vanta_mcp::catalog;
use vanta_mcp::parts::Index;

#[derive(Deserialize)]
struct Questions {
    question: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    query: String,
    /// Any of them will do.
    tools: Vec<String>,
    /// Not to be tuned on, so that the search is measured on questions that it was not made for.
    #[serde(default)]
    held_out: bool,
}

fn questions() -> Vec<Question> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/questions.toml");
    let text = std::fs::read_to_string(path).unwrap();
    toml::from_str::<Questions>(&text).unwrap().question
}

/// The share of the questions that find one of their tools first, and among the first three.
fn rates(index: &Index, questions: &[&Question]) -> (f64, f64) {
    let (mut first, mut three) = (0, 0);
    for question in questions {
        let found = index.find(&question.query, |_| true, 3);
        let at =
            found.iter().position(|found| question.tools.iter().any(|tool| tool == found.operation.name));
        first += u32::from(at == Some(0));
        three += u32::from(at.is_some());
        // Whoever looks at the misses of the others tunes on them.
        if at.is_none() && !question.held_out {
            let found: Vec<&str> = found.iter().map(|found| found.operation.name).collect();
            println!("{}: {} and not {}", question.query, question.tools.join(" or "), found.join(", "));
        }
    }
    let all = f64::from(u32::try_from(questions.len()).unwrap());
    (f64::from(first) / all, f64::from(three) / all)
}

#[test]
fn questions_name_tools_that_exist() {
    let names: HashSet<&str> = catalog::operations().iter().map(|operation| operation.name).collect();
    let mut queries = HashSet::new();
    for question in questions() {
        assert!(queries.insert(question.query.to_lowercase()), "{} is there twice", question.query);
        assert!(!question.tools.is_empty(), "{}", question.query);
        for tool in &question.tools {
            assert!(names.contains(tool.as_str()), "{}: there is no {tool}", question.query);
        }
    }
}

#[test]
fn most_questions_find_their_tool() {
    let index = Index::new(catalog::operations());
    let questions = questions();
    let (held_out, tuned): (Vec<&Question>, Vec<&Question>) =
        questions.iter().partition(|question| question.held_out);
    for (which, questions, floor_first, floor_three) in
        [("tuned on", tuned, 0.79, 0.92), ("held out", held_out, 0.71, 0.91)]
    {
        let (first, three) = rates(&index, &questions);
        println!("{which}: {} questions, first {first:.3}, among three {three:.3}", questions.len());
        assert!(first >= floor_first, "{which}: {first:.3} are found first");
        assert!(three >= floor_three, "{which}: {three:.3} are among the first three");
    }
}
