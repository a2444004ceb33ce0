//! The command line: parsing, and nothing else.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use clap::error::ErrorKind;

use super::catalog::Print;
use super::commands;
use super::mistake::sentence;
use crate::config::folder_list;
use crate::config::table::{SETTINGS, Setting, ValueKind};

/// What was asked for.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) command: Command,
    pub(super) mode: Mode,
    /// The flags that are settings, by key.
    pub(super) flags: BTreeMap<&'static str, String>,
}

/// The subcommand with its own arguments.
#[derive(Debug)]
pub(super) enum Command {
    Serve,
    Call { tool: String, arguments: Option<String>, form: Form, confirm: Vec<String>, told: CallNews },
    Tools { tool: Option<String>, form: Form },
    Status { form: Form },
    Doctor { form: Form, within: Duration },
    Demo,
    Token(TokenCommand),
    IndexClear,
    CatalogDiff { files: Vec<PathBuf>, print: Print },
}

/// What to do with the tokens of those who call over HTTP.
#[derive(Debug)]
pub(super) enum TokenCommand {
    /// Make one; what it is good for, the flags say.
    New {
        /// Who will call with it.
        name: String,
        /// How long it is good, as it was typed.
        expires: Option<String>,
    },
    /// Show which there are.
    List,
    /// Take one away.
    Revoke {
        /// Whose.
        name: String,
    },
}

/// Which upstreams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Real,
    Demo,
}

/// How an answer is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// For a person on a terminal, JSON elsewhere.
    Fitting,
    Json,
    /// For a person, wherever it goes.
    Table {
        /// The columns that were asked for; none for those that fit.
        columns: Vec<String>,
    },
}

/// What a person at a terminal is told before the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallNews {
    /// How far the call is.
    Progress,
    Nothing,
}

/// How long `doctor` takes at most, in seconds, unless somebody says otherwise.
const USUALLY_WITHIN: u64 = 60;

/// The outcome of parsing.
pub(super) enum Parsed {
    Run(Invocation),
    /// Help or version.
    Show(String),
    Wrong(String),
}

pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Parsed {
    let typed: Vec<OsString> = arguments.into_iter().collect();
    let mut root = commands::root();
    match root.try_get_matches_from_mut(&typed) {
        Ok(matches) => Parsed::Run(invocation(&matches)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Parsed::Show(error.render().to_string()),
            _ => Parsed::Wrong(sentence(&error, &root, &typed)),
        },
    }
}

fn invocation(matches: &ArgMatches) -> Invocation {
    let (name, sub) = matches.subcommand().unwrap_or(("serve", matches));
    let text = |id: &str| sub.get_one::<String>(id).cloned();
    let json = || if sub.get_flag("json") { Form::Json } else { Form::Fitting };
    let command = match name {
        "call" => Command::Call {
            tool: text("tool").unwrap_or_default(),
            arguments: text("arguments"),
            form: table(sub).unwrap_or_else(json),
            confirm: sub.get_many::<String>("confirm").unwrap_or_default().cloned().collect(),
            told: if sub.get_flag("quiet") { CallNews::Nothing } else { CallNews::Progress },
        },
        "tools" => Command::Tools { tool: text("tool"), form: json() },
        "status" => Command::Status { form: json() },
        "doctor" => {
            let seconds = sub.get_one::<u64>("within").copied().unwrap_or(USUALLY_WITHIN);
            Command::Doctor { form: json(), within: Duration::from_secs(seconds) }
        }
        "demo" => Command::Demo,
        "token" => Command::Token(token(sub)),
        "index" => Command::IndexClear,
        "catalog" => catalog(sub),
        _ => Command::Serve,
    };
    let demo = sub.get_flag("demo-tenant") || matches!(command, Command::Demo);
    let flags = SETTINGS
        .iter()
        .filter(|setting| setting.flag.is_some())
        .filter_map(|setting| flag_value(sub, setting).map(|value| (setting.key, value)))
        .collect();
    Invocation { command, mode: if demo { Mode::Demo } else { Mode::Real }, flags }
}

/// The table that was asked for, if one was.
fn table(matches: &ArgMatches) -> Option<Form> {
    let columns = matches.get_one::<String>("columns");
    let names =
        columns.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let asked = columns.is_some() || matches.get_flag("table");
    asked.then(|| Form::Table { columns: names.map(str::to_owned).collect() })
}

fn catalog(matches: &ArgMatches) -> Command {
    let sub = matches.subcommand_matches("diff").unwrap_or(matches);
    let print = if sub.get_flag("toml") { Print::Tables } else { Print::Differences };
    let files = sub.get_many::<PathBuf>("file").into_iter().flatten().cloned().collect();
    Command::CatalogDiff { files, print }
}

fn token(matches: &ArgMatches) -> TokenCommand {
    let (name, sub) = matches.subcommand().unwrap_or(("list", matches));
    let text = |id: &str| sub.get_one::<String>(id).cloned();
    match name {
        "new" => TokenCommand::New { name: text("name").unwrap_or_default(), expires: text("expires") },
        "revoke" => TokenCommand::Revoke { name: text("name").unwrap_or_default() },
        _ => TokenCommand::List,
    }
}

/// The value of a setting's flag; one that may be repeated, joined.
fn flag_value(matches: &ArgMatches, setting: &Setting) -> Option<String> {
    let all: Vec<&String> = matches.get_many(setting.key)?.collect();
    match setting.kind {
        ValueKind::Names => Some(all.into_iter().map(String::as_str).collect::<Vec<_>>().join(",")),
        ValueKind::Folders => folder_list::join(&all.into_iter().map(String::as_str).collect::<Vec<_>>()),
        ValueKind::Plain
        | ValueKind::Word
        | ValueKind::Number
        | ValueKind::Switch
        | ValueKind::Secret
        | ValueKind::File => all.last().map(|value| (*value).clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(line: &str) -> String {
        match parse(line.split(' ').map(OsString::from)) {
            Parsed::Wrong(problem) => problem,
            _ => panic!("{line} is accepted"),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        commands::root().debug_assert();
    }

    #[test]
    fn a_mistake_is_told_in_one_sentence() {
        assert!(wrong("vanta-mcp --acess read").contains("did you mean `--access`?"));
        assert!(wrong("vanta-mcp servee").contains("did you mean `serve`?"));
        assert!(wrong("vanta-mcp call").contains("<TOOL> is missing"));
        assert!(wrong("vanta-mcp --access").contains("needs a value"));
        assert!(!wrong("vanta-mcp tools a b c").contains('\n'));
        #[cfg(unix)]
        assert!(
            wrong("vanta-mcp --files /a:/b").contains("'/a:/b' for '--files <DIR>': one folder at a time")
        );
    }

    #[test]
    fn every_setting_is_in_the_long_help() {
        let Parsed::Show(help) = parse(["vanta-mcp", "--help"].map(OsString::from)) else { panic!() };
        for setting in SETTINGS {
            assert!(help.contains(setting.env), "{}", setting.env);
        }
    }

    #[test]
    fn flags_work_before_and_after_the_command() {
        for line in ["vanta-mcp --access write --demo tools", "vanta-mcp tools --demo --access write"] {
            let Parsed::Run(invocation) = parse(line.split(' ').map(OsString::from)) else { panic!() };
            assert_eq!(invocation.flags["access"], "write");
            assert_eq!(invocation.mode, Mode::Demo);
        }
    }
}
