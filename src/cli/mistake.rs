//! A mistake on the command line, in one sentence that says what to do.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::nearest::nearest;
use crate::config::Likeness;
use crate::config::table::{SETTINGS, ValueKind};
use crate::tools::{Findable, NotOffered, Offer, Tool};

/// Clap's error in one sentence.
pub(super) fn sentence(error: &clap::Error, root: &clap::Command, typed: &[OsString]) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(all)) => Some(all.join(", ")),
        _ => None,
    };
    let place = TypedCommand::of(root, typed);
    let what = context(ContextKind::InvalidArg).unwrap_or_default();
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    let what = shown(what.split('=').next().unwrap_or_default());
    let problem = match error.kind() {
        ErrorKind::UnknownArgument if what.starts_with('-') => place.unknown_option(&what),
        ErrorKind::UnknownArgument => format!("unexpected argument `{what}`"),
        ErrorKind::InvalidSubcommand => {
            let word = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            if let Some(tool) = Tool::named(&word).filter(|_| place.is_first()) {
                let (tool, path) = (tool.name(), &place.path);
                return format!("`{tool}` is a tool: {path} call {tool}.");
            }
            place.unknown_command(&shown(&word))
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!("`{}` needs a command: {}", place.path, or(&place.commands()))
        }
        ErrorKind::MissingRequiredArgument => format!("{what} is missing"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{what} needs a value"),
        ErrorKind::ArgumentConflict => conflict(&what, &context(ContextKind::PriorArg).unwrap_or_default()),
        _ if Likeness::of(&value).is_some() => format!("{what} has a value that it does not take"),
        _ => error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    };
    if problem.ends_with('?') {
        format!("{problem} See {} --help.", place.path)
    } else {
        format!("{problem}; see {} --help.", place.path)
    }
}

/// Why a tool cannot be called, for a person at a terminal; `None` where it can.
pub(super) fn why_not(offer: &Offer, tool: &str) -> Option<String> {
    let NotOffered::Unknown { name, near, .. } = offer.selection().find(offer.profile(), tool).err()? else {
        return offer.why_not(tool);
    };
    let all = "All tools: vanta-mcp tools --toolsets all.";
    Some(match near.as_slice() {
        [] => format!("unknown tool `{name}`. {all}"),
        near => format!("unknown tool `{name}`; did you mean {}? {all}", quoted(near)),
    })
}

/// A word as it was typed, unless it looks like a secret.
fn shown(word: &str) -> String {
    if Likeness::of(word).is_some() { "…".to_owned() } else { word.to_owned() }
}

fn conflict(what: &str, prior: &str) -> String {
    if prior.is_empty() || prior == what {
        format!("{what} is given more than once")
    } else {
        format!("{what} and {prior} cannot be given together")
    }
}

/// The command that was being read where the mistake is.
struct TypedCommand<'c> {
    root: &'c clap::Command,
    command: &'c clap::Command,
    /// As it is typed: `vanta-mcp token new`.
    path: String,
}

impl<'c> TypedCommand<'c> {
    fn of(root: &'c clap::Command, typed: &[OsString]) -> Self {
        let mut place = Self { root, command: root, path: root.get_name().to_owned() };
        for word in typed.iter().skip(1).filter_map(|word| word.to_str()) {
            // `help` has no commands of its own: what follows it is a command beside it.
            let found = place.command.find_subcommand(word).filter(|found| found.get_name() != "help");
            if let Some(found) = found {
                place.command = found;
                place.path = format!("{} {}", place.path, found.get_name());
            }
        }
        place
    }

    fn commands(&self) -> Vec<&'c str> {
        self.command.get_subcommands().map(clap::Command::get_name).filter(|name| *name != "help").collect()
    }

    /// Whether no command had been read yet.
    fn is_first(&self) -> bool {
        self.path == self.root.get_name()
    }

    fn unknown_command(&self, word: &str) -> String {
        let near = nearest(word, self.commands().into_iter().chain(["help"]));
        if !near.is_empty() {
            return format!("unknown command `{word}`; did you mean {}?", quoted(&near));
        }
        let tools = Findable::all().map(Findable::name);
        match nearest(word, tools).first().filter(|_| self.is_first() && word.contains('_')) {
            Some(tool) => format!("unknown command `{word}`; did you mean `{} call {tool}`?", self.path),
            None => format!("unknown command `{word}`; the commands are {}", and(&self.commands())),
        }
    }

    fn unknown_option(&self, option: &str) -> String {
        let name = option.trim_start_matches('-');
        if let Some(variable) = variable(name) {
            return format!("unknown option `{option}`: that is set by the variable {variable}");
        }
        let options = self.command.get_arguments().chain(self.root.get_arguments());
        let names = options.filter_map(clap::Arg::get_long).chain(["help", "version"]);
        let near: Vec<String> = nearest(name, names).into_iter().map(|name| format!("--{name}")).collect();
        if !near.is_empty() {
            let near: Vec<&str> = near.iter().map(String::as_str).collect();
            return format!("unknown option `{option}`; did you mean {}?", quoted(&near));
        }
        if self.command.get_name() == "call" {
            return format!(
                "unknown option `{option}`: what a tool takes is JSON after its name, like '{{\"pageSize\":5}}'"
            );
        }
        format!("unknown option `{option}`")
    }
}

/// The variable of a setting that has no flag, by the name that its flag would have.
fn variable(name: &str) -> Option<String> {
    let would_be = |key: &str| key.replace(['.', '_'], "-");
    let setting = SETTINGS.iter().filter(|setting| setting.flag.is_none()).find(|setting| {
        let last = setting.key.rsplit('.').next().unwrap_or_default();
        would_be(setting.key) == name || (last != "token" && would_be(last) == name)
    })?;
    Some(match setting.kind {
        ValueKind::Secret => format!("{0} or {0}_FILE", setting.env),
        _ => setting.env.to_owned(),
    })
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    or(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

fn or(names: &[&str]) -> String {
    listed(names, "or")
}

fn and(names: &[&str]) -> String {
    listed(names, "and")
}

fn listed(names: &[&str], word: &str) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} {word} {last}", before.join(", ")),
        _ => names.join(", "),
    }
}
