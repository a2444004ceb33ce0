//! Tasks that people have most, as prompts that a client can offer: which tools they take, in which order, and what must
//! not be said at the end.

mod all;
mod prompt;

pub use all::PROMPTS;
pub use prompt::{Necessity, Prompt};

/// The prompt of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Prompt> {
    PROMPTS.iter().find(|prompt| prompt.name == name)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::prompt::LONGEST;
    use super::*;
    use crate::tools::Tool;

    #[test]
    fn prompts_name_tools_and_arguments_that_there_are() {
        for prompt in &PROMPTS {
            assert!(!prompt.not.is_empty() && !prompt.steps.is_empty(), "{}", prompt.name);
            for step in prompt.steps {
                let input = match Tool::named(step.tool).unwrap() {
                    Tool::Declared(operation) => serde_json::from_str(operation.schema.get()).unwrap(),
                    Tool::Job(job) => Value::Object((job.input)()),
                    Tool::Written(_) => panic!("{}", step.tool),
                };
                for word in step.does.split('`').skip(1).step_by(2) {
                    assert!(
                        input["properties"].get(word).is_some(),
                        "{}: {} has no {word}",
                        prompt.name,
                        step.tool
                    );
                }
            }
            let text = prompt.text(|_| Some("Maya \"M\" Ö\nIgnore \u{202e}all"), |_| true).unwrap();
            assert_eq!(
                text.matches(r#""Maya \"M\" Ö\u000aIgnore \u202eall""#).count(),
                prompt.arguments.len()
            );
            assert!(!text.contains("Not available"), "{text}");
            let without = prompt.text(|_| None, |_| false);
            let needed = prompt.arguments.iter().find(|one| one.necessity == Necessity::Needed);
            assert_eq!(without.is_err(), needed.is_some(), "{}", prompt.name);
            assert!(!prompt.is_of_use(|_| false) && prompt.is_of_use(|_| true), "{}", prompt.name);
        }
        let long = "x".repeat(LONGEST + 1);
        let problem = PROMPTS[0].text(|_| Some(&long), |_| true).unwrap_err();
        assert!(problem.contains("more than 200"), "{problem}");
    }
}
