//! A destructive call that a person types: it is shown first, and carried out once its targets were typed out.

use std::io::{BufRead as _, IsTerminal as _};

use serde_json::{Value, json};

use super::output::complain;
use crate::answer::Answer;
use crate::catalog;

/// What was shown, and what carries it out.
pub(super) struct ShownPreview {
    targets: Vec<String>,
    token: Value,
    /// Whether the targets are a list, of one too.
    several: bool,
}

/// What a person decided.
pub(super) enum Decided {
    /// Carry it out, with these arguments.
    Confirmed(Value),
    /// Leave it.
    Left,
}

impl ShownPreview {
    /// What an answer of a tool shows before it is carried out; `None` where it is no preview of that tool.
    pub(super) fn in_answer(tool: &str, answer: &Answer) -> Option<Self> {
        let confirmation = catalog::find(tool)?.confirmation.as_ref()?;
        let value = answer.value();
        value.get("preview").filter(|previewed| *previewed == tool)?;
        let token = value.get("confirmation")?.clone();
        let targets = value.get("targets")?.as_array()?.iter();
        let targets = targets.filter_map(|target| target.as_str().map(str::to_owned)).collect();
        Some(Self { targets, token, several: confirmation.each.is_some() })
    }

    /// Compares with what was typed on the command line.
    pub(super) fn against(&self, typed: &[String], arguments: &Value) -> Decided {
        let (mut typed, mut targets) = (typed.to_vec(), self.targets.clone());
        typed.sort_unstable();
        targets.sort_unstable();
        if typed != targets {
            let named = targets.join(", ");
            complain(&format!("--confirm does not repeat {named}, so nothing was changed."));
            return Decided::Left;
        }
        Decided::Confirmed(self.confirmed(arguments))
    }

    /// Asks on the terminal.
    pub(super) fn ask(&self, arguments: &Value) -> Decided {
        let wanted = self.targets.join(" ");
        complain(&format!("to carry this out, type {wanted} and press Enter; anything else leaves it."));
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        if read.is_ok() && line.trim_end_matches(['\r', '\n']) == wanted {
            return Decided::Confirmed(self.confirmed(arguments));
        }
        complain("nothing was changed.");
        Decided::Left
    }

    /// Says how to carry it out where nobody can be asked.
    pub(super) fn tell(&self, tool: &str, arguments: &Value) {
        let mut arguments = arguments.clone();
        if let Some(members) = arguments.as_object_mut() {
            members.remove("confirm");
            members.remove("confirmation");
        }
        let confirm: Vec<String> =
            self.targets.iter().map(|target| format!(" --confirm {}", quoted(target))).collect();
        let arguments = quoted(&arguments.to_string());
        complain(&format!(
            "nothing was changed. To carry it out: vanta-mcp call {tool} {arguments}{}",
            confirm.concat()
        ));
    }

    fn confirmed(&self, arguments: &Value) -> Value {
        let mut arguments = arguments.clone();
        if let Some(members) = arguments.as_object_mut() {
            let confirm = match self.targets.as_slice() {
                [one] if !self.several => json!(one),
                all => json!(all),
            };
            members.insert("confirm".to_owned(), confirm);
            members.insert("confirmation".to_owned(), self.token.clone());
        }
        arguments
    }
}

/// As a POSIX shell reads it as one word.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@/:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a person sits there who can answer.
pub(super) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
