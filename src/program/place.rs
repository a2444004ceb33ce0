//! Where in a program something is wrong.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many characters of the program are shown on either side.
const AROUND: usize = 40;

/// A place in a program, with the text around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramPlace {
    /// From 1 on.
    line: usize,
    /// In characters, from 1 on.
    column: usize,
    /// What is right before it, white space as one space.
    before: String,
    /// What begins there, cut.
    after: String,
}

impl ProgramPlace {
    /// Where in the program its last `rest` bytes begin; the end, where that is in the middle of a character.
    pub fn before_rest(program: &str, rest: usize) -> Self {
        let at = program.len().saturating_sub(rest);
        let (before, after) = program.split_at_checked(at).unwrap_or((program, ""));
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let mut kept: Vec<char> = on_one_line(before).chars().rev().take(AROUND).collect();
        kept.reverse();
        let after = on_one_line(after).chars().take(AROUND).collect();
        Self { line, column, before: kept.into_iter().collect(), after }
    }
}

/// With one space for all white space, so that a place is one line.
fn on_one_line(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        if !c.is_whitespace() {
            line.push(c);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

impl fmt::Display for ProgramPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, before, after } = self;
        write!(f, "line {line}, column {column}")?;
        match (before.trim(), after.trim()) {
            ("", "") => Ok(()),
            ("", after) => write!(f, " (before `{after}`)"),
            (before, "") => write!(f, " (after `{before}`)"),
            (before, after) => write!(f, " (after `{before}`, before `{after}`)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_with_what_is_around_it() {
        for (program, rest, shown) in [
            (".[] | | .a", 4, "line 1, column 7 (after `.[] |`, before `| .a`)"),
            (".[", 0, "line 1, column 3 (after `.[`)"),
            ("", 0, "line 1, column 1"),
            ("x", 1, "line 1, column 1 (before `x`)"),
            (".[]\n| é; 1", 3, "line 2, column 4 (after `.[] | é`, before `; 1`)"),
        ] {
            assert_eq!(ProgramPlace::before_rest(program, rest).to_string(), shown);
        }
        let long = format!("{}|{}", "a".repeat(1000), "b".repeat(1000));
        assert!(ProgramPlace::before_rest(&long, 1001).to_string().len() < 150);
        assert_eq!(
            ProgramPlace::before_rest("é", 1).to_string(),
            "line 1, column 2 (after `é`)",
            "no boundary"
        );
    }
}
