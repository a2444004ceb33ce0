//! The program that was meant by what was written: without a code fence, quotes or the command's name around it.

use super::error::ProgramError;

/// Options of the command that change only how it prints.
const HARMLESS: [&str; 12] = [
    "-r",
    "-c",
    "-M",
    "-C",
    "-S",
    "-e",
    "-rc",
    "-cr",
    "--raw-output",
    "--compact-output",
    "--monochrome-output",
    "--exit-status",
];

/// What a fence may name as its language.
const LANGUAGES: [&str; 5] = ["jq", "bash", "sh", "shell", "json"];

/// The program itself.
pub fn program(written: &str) -> Result<String, ProgramError> {
    let bare = unfenced(written.trim());
    let program = match command_line(bare) {
        Some(rest) => of_command(rest)?,
        None => unquoted(bare),
    };
    if program.trim().is_empty() { Err(ProgramError::Empty) } else { Ok(program) }
}

/// Without a fence of backticks: no program of jq begins with one.
fn unfenced(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('`').map(|text| text.trim_matches('`')) else { return text };
    match inner.split_once('\n') {
        Some((language, rest)) if LANGUAGES.contains(&language.trim()) => rest.trim(),
        _ => inner.trim(),
    }
}

/// What follows the command's name, where it is one: `jq` is no function.
fn command_line(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("$ ").unwrap_or(text).strip_prefix("jq")?;
    rest.starts_with(char::is_whitespace).then(|| rest.trim())
}

fn of_command(line: &str) -> Result<String, ProgramError> {
    let mut rest = line;
    while let Some((word, after)) =
        rest.split_once(char::is_whitespace).filter(|(word, _)| word.starts_with('-'))
    {
        // `- 1` is a program.
        if !HARMLESS.contains(&word) {
            return Err(ProgramError::CommandLine { argument: word.to_owned() });
        }
        rest = after.trim_start();
    }
    let Some(quoted) = rest.strip_prefix('\'') else {
        return Ok(unquoted(rest));
    };
    // A shell has no other way to write a single quote inside.
    let quoted = quoted.replace(r"'\''", "\u{0}");
    match quoted.split_once('\'') {
        Some((program, "")) => Ok(program.replace('\u{0}', "'")),
        Some((_, after)) => {
            let argument = after.trim().chars().take(60).collect();
            Err(ProgramError::CommandLine { argument })
        }
        None => Ok(rest.to_owned()),
    }
}

/// Without quotes around all of it. A program that is one constant string would give the same for every list.
fn unquoted(text: &str) -> String {
    let single = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    match single {
        Some(inner) if !inner.contains('\'') => inner.to_owned(),
        _ => serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_a_program_is_taken_off() {
        for written in [
            "map(.a)",
            "  map(.a)\n",
            "```jq\nmap(.a)\n```",
            "```\nmap(.a)\n```",
            "```map(.a)```",
            "`map(.a)`",
            "```jq\nmap(.a)",
            "'map(.a)'",
            "\"map(.a)\"",
            "jq 'map(.a)'",
            "jq \"map(.a)\"",
            "jq map(.a)",
            "$ jq -r 'map(.a)'",
            "```bash\njq -c --raw-output 'map(.a)'\n```",
        ] {
            assert_eq!(program(written).unwrap(), "map(.a)", "{written}");
        }
        for kept in ["\"a\" + \"b\"", "\"\\(length) items\"", ".[] | \"'\"", "'a' + 'b'", "-1", "# jq 'x'\n."]
        {
            assert_eq!(program(kept).unwrap(), kept);
        }
        assert_eq!(program(r"jq '.[] | .a + '\''s'").unwrap(), ".[] | .a + 's");
        assert_eq!(program("\"map(.a == \\\"b\\\")\"").unwrap(), "map(.a == \"b\")");
    }

    #[test]
    fn what_a_command_has_beside_the_program_is_refused() {
        for (written, argument) in [
            ("jq --arg a 1 '.[]'", "--arg"),
            ("jq -n '[inputs]'", "-n"),
            ("jq -s '.[]'", "-s"),
            ("jq '.[]' items.json", "items.json"),
            ("jq '.[]' | head", "| head"),
        ] {
            let error = program(written).unwrap_err().to_string();
            assert!(error.contains(&format!("(`{argument}`)")), "{error}");
        }
        for empty in ["", "  ", "`", "``````", "jq ''", "''"] {
            assert!(matches!(program(empty), Err(ProgramError::Empty)), "{empty:?}");
        }
    }
}
