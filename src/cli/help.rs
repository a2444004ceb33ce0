//! What `-h` and `--help` print: a command's own arguments first, then the settings that matter to it under headings.
//!
//! The layout is our own and not clap's, which has no place for settings that are environment variables alone.

use std::fmt::Write as _;

use super::width::{padded, width, wrapped};
use crate::config::table::{SETTINGS, Setting, SettingGroup, ValueKind};
use clap::Arg;

/// The widest line.
const WIDTH: usize = 80;

/// The widest name that has its explanation beside it and not below.
const BESIDE: usize = 26;

/// What the help of one command says beside its arguments.
pub(super) struct HelpPage {
    /// The settings that matter to the command.
    pub(super) settings: fn(&Setting) -> bool,
    /// The settings, by key, that the short help tells among the options.
    pub(super) common: &'static [&'static str],
    /// Settings that mean something of their own for it: name and explanation, among the options.
    pub(super) own: &'static [(&'static str, &'static str)],
    /// What to type.
    pub(super) examples: &'static str,
    /// The same for the short help, where that has room for less.
    pub(super) brief_examples: Option<&'static str>,
    /// The end of the short help.
    pub(super) more: String,
    /// The end of the long one.
    pub(super) end: &'static str,
}

/// For a command that no setting matters to.
pub(super) const PLAIN: HelpPage = HelpPage {
    settings: |_| false,
    common: &[],
    own: &[],
    examples: "",
    brief_examples: None,
    more: String::new(),
    end: "",
};

impl HelpPage {
    /// The command with this help. It has its own arguments and commands by now, and no settings yet.
    pub(super) fn on(&self, command: clap::Command) -> clap::Command {
        let section = |examples| match examples {
            "" => String::new(),
            examples => format!("Examples:\n{examples}"),
        };
        let brief = section(self.brief_examples.unwrap_or(self.examples));
        let short = joined(&[&own(&command, self, self.common), &brief, &self.more]);
        let examples = section(self.examples);
        let long = joined(&[&own(&command, self, &[]), &settings(self), &examples, self.end]);
        command
            .max_term_width(WIDTH)
            .help_template("{about}\n\n{usage-heading} {usage}{after-help}")
            .after_help(short)
            .after_long_help(long)
    }
}

/// Those parts that say something, with a blank line between them.
fn joined(parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| part.trim_end()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n")
}

/// The commands, arguments and options of a command itself.
fn own(command: &clap::Command, page: &HelpPage, common: &[&str]) -> String {
    let commands: Vec<_> = command
        .get_subcommands()
        .map(|one| (one.get_name().to_owned(), one.get_about().map(ToString::to_string).unwrap_or_default()))
        .collect();
    let row =
        |argument: &Arg| (named(argument), argument.get_help().map(ToString::to_string).unwrap_or_default());
    let arguments: Vec<_> = command.get_positionals().map(row).collect();
    let mut options: Vec<_> = command.get_arguments().filter(|one| !one.is_positional()).map(row).collect();
    let is_brief = !common.is_empty();
    let common = SETTINGS.iter().filter(|setting| common.contains(&setting.key));
    options.extend(common.map(|setting| {
        let (name, about) = setting_row(setting);
        (name, about.split([';', '\n']).next().unwrap_or_default().to_owned())
    }));
    options.extend(page.own.iter().map(|(name, about)| ((*name).to_owned(), (*about).to_owned())));
    options.push(("-h, --help".to_owned(), "Print a summary (-h) or everything (--help)".to_owned()));
    // The short help of the program is to be one screen.
    if command.get_version().is_some() && !is_brief {
        options.push(("-V, --version".to_owned(), "Print the version".to_owned()));
    }
    let sections = [("Commands", commands), ("Arguments", arguments), ("Options", options)];
    sections.iter().map(|(heading, rows)| section(heading, rows)).collect()
}

fn named(argument: &Arg) -> String {
    let value = argument.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    let value = value.unwrap_or_default();
    match argument.get_long() {
        None if argument.is_required_set() => format!("<{value}>"),
        None => format!("[{value}]"),
        Some(long) if argument.get_action().takes_values() => format!("--{long} <{value}>"),
        Some(long) => format!("--{long}"),
    }
}

/// The settings that matter, a section a group.
fn settings(page: &HelpPage) -> String {
    let of_group = |group: SettingGroup| {
        let own = SETTINGS.iter().filter(|setting| setting.group == group && (page.settings)(setting));
        section(group.heading(), &own.map(setting_row).collect::<Vec<_>>())
    };
    SettingGroup::ALL.into_iter().map(of_group).collect()
}

/// How a setting is written and what it does, with where else it can be set on a line of its own.
fn setting_row(setting: &Setting) -> (String, String) {
    let name = match (setting.flag, setting.kind) {
        (Some(flag), ValueKind::Switch) => format!("--{flag}[=<{}>]", setting.value),
        (Some(flag), _) => format!("--{flag} <{}>", setting.value),
        (None, _) => setting.env.to_owned(),
    };
    let mut notes = Vec::new();
    if setting.flag.is_some() {
        notes.push(format!("[env: {}]", setting.env));
    } else if setting.kind == ValueKind::Secret {
        notes.push(format!("[or {}_FILE: a file with it]", setting.env));
    }
    if !setting.default.is_empty() {
        notes.push(format!("[default: {}]", setting.default));
    }
    // Under its heading the product is known.
    let about = match setting.about.strip_prefix("Vanta Panel: ") {
        Some(about) => capitalized(about),
        None => setting.about.to_owned(),
    };
    (name, format!("{about}\n{}", notes.join(" ")))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A heading with rows of two columns under it; nothing where there are none.
fn section(heading: &str, rows: &[(String, String)]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let widths = rows.iter().map(|(name, _)| width(name));
    let beside = widths.filter(|columns| *columns <= BESIDE).max().unwrap_or(BESIDE);
    let mut text = format!("{heading}:\n");
    for (name, about) in rows {
        let lines = about.lines().flat_map(|line| wrapped(line, WIDTH - beside - 4));
        let mut left = format!("  {}  ", padded(name, beside));
        if width(name) > beside {
            let _ = writeln!(text, "  {name}");
            left = " ".repeat(beside + 4);
        }
        for line in lines {
            let _ = writeln!(text, "{left}{line}");
            left = " ".repeat(beside + 4);
        }
    }
    text.push('\n');
    text
}
