//! The command line: parsing, and nothing else.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches};

use super::catalog::Print;
use crate::config::table::{SETTINGS, Setting, ValueKind};
use crate::config::{Likeness, folder_list};

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
    Call { tool: String, arguments: Option<String>, form: Form },
    Tools { tool: Option<String>, form: Form },
    Demo,
    Token(TokenCommand),
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For a person on a terminal, JSON elsewhere.
    Fitting,
    Json,
}

/// The outcome of parsing.
pub(super) enum Parsed {
    Run(Invocation),
    /// Help or version.
    Show(String),
    Wrong(String),
}

pub(super) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Parsed {
    match command().try_get_matches_from(arguments) {
        Ok(matches) => Parsed::Run(invocation(&matches)),
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Parsed::Show(error.render().to_string()),
            _ => Parsed::Wrong(sentence(&error)),
        },
    }
}

fn invocation(matches: &ArgMatches) -> Invocation {
    let (name, sub) = matches.subcommand().unwrap_or(("serve", matches));
    let text = |id: &str| sub.get_one::<String>(id).cloned();
    let form = || if sub.get_flag("json") { Form::Json } else { Form::Fitting };
    let command = match name {
        "call" => Command::Call {
            tool: text("tool").unwrap_or_default(),
            arguments: text("arguments"),
            form: form(),
        },
        "tools" => Command::Tools { tool: text("tool"), form: form() },
        "demo" => Command::Demo,
        "token" => Command::Token(token(sub)),
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

fn command() -> clap::Command {
    let mut command = clap::Command::new("vanta-mcp")
        .version(env!("CARGO_PKG_VERSION"))
        .about("MCP server for Vanta (compliance) and Vanta Panel (web hosting)")
        .after_help(EXAMPLES)
        .after_long_help(format!("{EXAMPLES}\n\n{}", environment()))
        .subcommand(clap::Command::new("serve").about("Serve MCP on stdin and stdout (the default)"))
        .subcommand(
            clap::Command::new("call")
                .about("Call one tool and print its answer; exits with 1 if the tool answers with an error")
                .arg(
                    Arg::new("tool")
                        .value_name("TOOL")
                        .required(true)
                        .help("Name of the tool, from `vanta-mcp tools`"),
                )
                .arg(
                    Arg::new("arguments")
                        .value_name("JSON")
                        .help("Arguments as a JSON object; - reads them from stdin"),
                )
                .arg(json_flag("Print JSON on a terminal too")),
        )
        .subcommand(
            clap::Command::new("tools")
                .about("Show the tools that an assistant would be shown")
                .arg(Arg::new("tool").value_name("TOOL").help("Show this tool's full description and schema"))
                .arg(json_flag("Print the MCP tools/list result")),
        )
        .subcommand(
            clap::Command::new("demo").about("Take a short tour of the demo tenant; needs no credentials"),
        );
    command = command.subcommand(token_command()).subcommand(catalog_command());
    let demo = Arg::new("demo-tenant")
        .long("demo")
        .global(true)
        .action(ArgAction::SetTrue)
        .help("Use the built-in demo tenant in place of real upstreams");
    command = command.arg(demo);
    for setting in SETTINGS {
        let Some(flag) = setting.flag else { continue };
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!(" [default: {}]", setting.default)
        };
        let action = match setting.kind {
            ValueKind::Names | ValueKind::Folders => ArgAction::Append,
            _ => ArgAction::Set,
        };
        command = command.arg(
            Arg::new(setting.key)
                .action(action)
                .num_args(if setting.kind == ValueKind::Switch { 0..=1 } else { 1..=1 })
                .default_missing_value("true")
                .require_equals(setting.kind == ValueKind::Switch)
                .long(flag)
                .value_name(setting.value)
                .value_parser(if setting.kind == ValueKind::Folders {
                    ValueParser::new(folder)
                } else {
                    ValueParser::string()
                })
                .global(true)
                .help(format!("{} [env: {}]{default}", setting.about, setting.env)),
        );
    }
    command
}

fn token_command() -> clap::Command {
    clap::Command::new("token")
            .about("Make, list and revoke tokens of those who call over HTTP")
            .subcommand_required(true)
            .subcommand(
                clap::Command::new("new")
                    .about(
                        "Make a token and print it, once; its hash is added to the file of --tokens, or printed too. \
                         --access and --toolsets say what it is good for",
                    )
                    .arg(Arg::new("name").value_name("NAME").required(true).help("Who will call with it"))
                    .arg(Arg::new("expires").long("expires").value_name("WHEN").help(
                        "How long it is good, like 90d, 12h, 30m or 2w, or until when, like 2027-01-31 (from its first \
                         moment, UTC) or 2027-01-31T12:00:00Z [default: until it is revoked]",
                    )),
            )
            .subcommand(clap::Command::new("list").about(
                "List the tokens of the file of --tokens: name, access level, toolsets and expiry, no secret",
            ))
            .subcommand(
                clap::Command::new("revoke")
                    .about("Take a token out of the file of --tokens; a server that uses the file refuses it at once")
                    .arg(Arg::new("name").value_name("NAME").required(true).help("Whose")),
            )
}

fn catalog_command() -> clap::Command {
    clap::Command::new("catalog").about("Hold the catalog of operations to Vanta's documents").subcommand_required(true).subcommand(
            clap::Command::new("diff")
                .about(
                    "Compare OpenAPI documents, as Vanta's developer site offers them, with the catalog; exits with 1 if \
                     the documents have something that the catalog lacks",
                )
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .required(true)
                        .num_args(1..)
                        .value_parser(ValueParser::path_buf())
                        .help("An OpenAPI document in JSON"),
                )
                .arg(
                    Arg::new("toml")
                        .long("toml")
                        .action(ArgAction::SetTrue)
                        .help("Print a table to start from for each operation that is missing"),
                ),
        )
}

/// A folder whose name can stand in a list of folders, as the environment has it.
fn folder(name: &str) -> Result<String, String> {
    match folder_list::join(&[name]) {
        Some(_) => Ok(name.to_owned()),
        None => Err("one folder at a time; --files may be repeated".to_owned()),
    }
}

fn json_flag(help: &'static str) -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help(help)
}

const EXAMPLES: &str = "\
Examples:
  vanta-mcp demo                                       a tour, no credentials needed
  vanta-mcp tools --demo                               what an assistant would be shown
  vanta-mcp call --demo list_tests '{\"statusFilter\":\"NEEDS_ATTENTION\"}'
  vanta-mcp call --demo --access destroy terminate_panel_account '{\"user\":\"acme\"}'
  VANTA_CLIENT_ID=… VANTA_CLIENT_SECRET=… vanta-mcp call list_frameworks
  vanta-mcp serve                                      what an MCP client starts
  vanta-mcp token new alice --expires 90d --tokens tokens.toml

Use --help for all settings.";

/// The variables that other programs share.
const SHARED: &str = "
Variables that other programs share:
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY
          HTTP proxies; this machine's own addresses are reached directly
  SSL_CERT_FILE, SSL_CERT_DIR
          CA certificates (PEM) to trust in place of the system's; --ca-file adds some
  REGION
          Region of Vanta's own server, with VANTA_ENV_FILE
  OTEL_EXPORTER_OTLP_ENDPOINT
          Where traces of the calls are sent
";

/// The settings without a flag, for the long help.
fn environment() -> String {
    let mut text = "Settings by environment variable alone (or in the settings file):\n".to_owned();
    for setting in SETTINGS.iter().filter(|setting| setting.flag.is_none()) {
        let also = if setting.kind == ValueKind::Secret {
            format!(", or {}_FILE with a path", setting.env)
        } else {
            String::new()
        };
        let _ = writeln!(text, "  {}{also}\n          {}", setting.env, setting.about);
    }
    text.push_str(SHARED);
    text.push_str("\nFlags beat the environment, which beats the file, which beats the defaults.");
    text
}

/// Clap's error in one sentence that says what to do.
fn sentence(error: &clap::Error) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(all)) => Some(all.join(", ")),
        _ => None,
    };
    let what = context(ContextKind::InvalidArg).unwrap_or_default();
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    let shown = |text: String| if Likeness::of(&text).is_some() { "…".to_owned() } else { text };
    let what = shown(what.split('=').next().unwrap_or_default().to_owned());
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(context);
    let problem = match error.kind() {
        ErrorKind::UnknownArgument => format!("`{what}` is not known"),
        ErrorKind::InvalidSubcommand => {
            format!("`{}` is no command", shown(context(ContextKind::InvalidSubcommand).unwrap_or_default()))
        }
        ErrorKind::MissingRequiredArgument => format!("{what} is missing"),
        ErrorKind::InvalidValue if value.is_empty() => format!("{what} needs a value"),
        ErrorKind::ArgumentConflict => format!("{what} is given more than once"),
        _ if Likeness::of(&value).is_some() => format!("{what} has a value that it does not take"),
        _ => error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    };
    match near {
        Some(near) => format!("{problem}; did you mean `{near}`? See vanta-mcp --help."),
        None => format!("{problem}; see vanta-mcp --help."),
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
        command().debug_assert();
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
