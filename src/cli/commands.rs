//! The commands with their arguments, and the flags of the settings.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction};

use super::help::{HelpPage, PLAIN};
use crate::config::folder_list;
use crate::config::table::{SETTINGS, Setting, SettingGroup, ValueKind};

/// The command line as a whole.
pub(super) fn root() -> clap::Command {
    let root = clap::Command::new("vanta-mcp")
        .version(env!("CARGO_PKG_VERSION"))
        .about("MCP server for Vanta (compliance) and Vanta Panel (web hosting)")
        .subcommand(serve())
        .subcommand(call())
        .subcommand(tools())
        .subcommand(status())
        .subcommand(doctor())
        .subcommand(demo())
        .subcommand(token())
        .subcommand(index())
        .subcommand(catalog())
        .arg(demo_tenant().global(true));
    let page = HelpPage {
        settings: |_| true,
        common: &["access"],
        examples: EXAMPLES,
        brief_examples: Some("  vanta-mcp demo"),
        more: MORE.to_owned(),
        end: SHARED,
        ..PLAIN
    };
    SETTINGS
        .iter()
        .filter_map(|setting| Some(flag(setting, setting.flag?)))
        .fold(page.on(root), clap::Command::arg)
}

fn serve() -> clap::Command {
    let command = clap::Command::new("serve")
        .about("Serve MCP on stdin and stdout (the default), or over HTTP with --http");
    let page = HelpPage {
        settings: |_| true,
        common: &["access", "toolsets", "files", "http.listen", "http.tokens"],
        examples: "  vanta-mcp serve --demo\n  vanta-mcp serve --http 127.0.0.1:8080 --tokens tokens.toml",
        more: "All settings: vanta-mcp serve --help.".to_owned(),
        end: BEATS,
        ..PLAIN
    };
    page.on(command.arg(demo_tenant()))
}

fn call() -> clap::Command {
    let command = clap::Command::new("call")
        .about("Call one tool and print its answer")
        .long_about(
            "Call one tool and print its answer: a table or lines on a terminal, JSON elsewhere. Exits with 1 if the tool \
             answers with an error.",
        )
        .arg(
            Arg::new("tool")
                .value_name("TOOL")
                .required(true)
                .help("Name of the tool, from `vanta-mcp tools --toolsets all`"),
        )
        .arg(
            Arg::new("arguments")
                .value_name("JSON")
                .help("Arguments as a JSON object, or - to read them from stdin"),
        )
        .arg(
            Arg::new("columns")
                .long("columns")
                .value_name("NAMES")
                .conflicts_with("json")
                .help("Columns of the table, separated by commas, e.g. id,name,owner.displayName"),
        )
        .arg(
            Arg::new("confirm")
                .long("confirm")
                .value_name("TARGET")
                .action(clap::ArgAction::Append)
                .help("Carry out what deletes or interrupts: each target of the call, typed out; a terminal is asked instead"),
        )
        .arg(switch("table", "Print a table or lines elsewhere than on a terminal too").conflicts_with("json"))
        .arg(switch("json", "Print JSON on a terminal too"))
        .arg(switch("quiet", "Do not tell on stderr how far the call is"));
    let page = HelpPage {
        settings: |setting| match setting.group {
            SettingGroup::Offer => !["toolsets", "tools", "list_page"].contains(&setting.key),
            SettingGroup::Http => false,
            _ => true,
        },
        common: &["access", "files"],
        examples: "  vanta-mcp call --demo list_tests '{\"statusFilter\":\"NEEDS_ATTENTION\"}'
  vanta-mcp call --demo --columns id,name,owner.displayName list_controls
  vanta-mcp call --demo --access write create_vendor '{\"name\":\"Acme\"}'",
        more: "All settings: vanta-mcp call --help.".to_owned(),
        end: BEATS,
        ..PLAIN
    };
    page.on(command.arg(demo_tenant()))
}

fn tools() -> clap::Command {
    let command = clap::Command::new("tools")
        .about("Show the tools that an assistant is offered")
        .arg(Arg::new("tool").value_name("TOOL").help("Show this tool's full description and schema"))
        .arg(switch("json", "Print the MCP tools/list result"));
    let page = HelpPage {
        settings: |setting| match setting.group {
            SettingGroup::Offer => !["files", "max_file", "list_page"].contains(&setting.key),
            // They say which tools can be offered; nothing is sent.
            SettingGroup::Vanta => setting.flag.is_none(),
            SettingGroup::Panel => setting.key != "panel.auth",
            SettingGroup::Network | SettingGroup::Http => false,
            SettingGroup::Running => true,
        },
        common: &["access", "toolsets"],
        examples: "  vanta-mcp tools --demo\n  vanta-mcp tools --demo --access write create_vendor",
        more: "All settings: vanta-mcp tools --help.".to_owned(),
        end: BEATS,
        ..PLAIN
    };
    page.on(command.arg(demo_tenant()))
}

/// Whether a setting matters to the commands that look at all of them.
fn is_looked_at(setting: &Setting) -> bool {
    !["toolsets", "tools", "list_page", "max_file"].contains(&setting.key)
}

fn status() -> clap::Command {
    let command = clap::Command::new("status")
        .about("Show tokens, limits, waits and last errors of the running processes")
        .long_about(
            "Show what the running processes with the same applications share: tokens, what is left of the limits, who waits, \
             and the last error of each API. Nothing is sent to any API. Lines on a terminal, the JSON of `server_status` \
             elsewhere.",
        )
        .arg(switch("json", "Print JSON on a terminal too"));
    let page = HelpPage {
        settings: is_looked_at,
        examples: "  vanta-mcp status\n  vanta-mcp status --json",
        more: "All settings: vanta-mcp status --help.".to_owned(),
        end: BEATS,
        ..PLAIN
    };
    page.on(command.arg(demo_tenant()))
}

fn doctor() -> clap::Command {
    let command = clap::Command::new("doctor")
        .about("Check credentials, certificates and state, and say what to correct")
        .long_about(
            "Check the settings, try each credential with one cheap read, look at certificates, and write and read back a \
             record of the shared state. Prints what works, what does not, and how to correct it. Exits with 1 if something is \
             wrong.",
        )
        .arg(
            Arg::new("within")
                .long("within")
                .value_name("SECONDS")
                .value_parser(clap::value_parser!(u64).range(1..=600))
                .help("Longest time for all checks together, 1 to 600 [default: 60]"),
        )
        .arg(switch("json", "Print JSON instead of lines"));
    let page = HelpPage {
        settings: is_looked_at,
        examples: "  vanta-mcp doctor\n  vanta-mcp doctor --demo",
        more: "All settings: vanta-mcp doctor --help.".to_owned(),
        end: BEATS,
        ..PLAIN
    };
    page.on(command.arg(demo_tenant()))
}

fn demo() -> clap::Command {
    let command = clap::Command::new("demo")
        .about("Take a short tour of the demo tenant; needs no credentials")
        .long_about(
            "Take a short tour of the demo tenant, an invented company behind real HTTP on this machine: what an assistant \
             would ask, and what it would be answered. Needs no credentials and ends with what to paste into a client.",
        );
    let page = HelpPage {
        settings: |setting| setting.group == SettingGroup::Running,
        examples: "  vanta-mcp demo\n  vanta-mcp call --demo list_vendors     (one call of your own)",
        more: "All settings: vanta-mcp demo --help.".to_owned(),
        ..PLAIN
    };
    page.on(command)
}

fn token() -> clap::Command {
    let name = |help: &'static str| Arg::new("name").value_name("NAME").required(true).help(help);
    let new = clap::Command::new("new")
        .about("Make a token and print it, once")
        .long_about(
            "Make a token and print it, once. Its hash is added to the file of --tokens; without a file it is printed too.",
        )
        .arg(name("Who will call with it"))
        .arg(Arg::new("expires").long("expires").value_name("WHEN").help(
            "How long it is valid, like 90d, 12h, 30m or 2w, or until when, like 2027-01-31 (from its first moment, UTC) or \
             2027-01-31T12:00:00Z [default: until it is revoked]",
        ));
    let list = clap::Command::new("list")
        .about("List the tokens: name, access level, toolsets and expiry, no secret");
    let revoke = clap::Command::new("revoke")
        .about("Remove a token; a server that uses the file refuses it within a second")
        .arg(name("Whose token"));
    let page = |examples| HelpPage {
        settings: |setting| ["http.tokens", "config"].contains(&setting.key),
        examples,
        common: &["http.tokens"],
        ..PLAIN
    };
    let new = HelpPage {
        own: &[
            ("--access <LEVEL>", "What it allows: read, write, publish or destroy [default: read]"),
            ("--toolsets <NAMES>", "The only toolsets that it allows, separated by commas [default: all]"),
        ],
        ..page(
            "  vanta-mcp token new alice --expires 90d --tokens tokens.toml
  vanta-mcp token new bot --access write --toolsets vendors --tokens tokens.toml",
        )
    }
    .on(new);
    let command = clap::Command::new("token")
        .about("Make, list and revoke the tokens of those who call over HTTP")
        .subcommand_required(true)
        .subcommand(new)
        .subcommand(page("  vanta-mcp token list --tokens tokens.toml").on(list))
        .subcommand(page("  vanta-mcp token revoke alice --tokens tokens.toml").on(revoke));
    page("  vanta-mcp token new alice --expires 90d --tokens tokens.toml").on(command)
}

fn index() -> clap::Command {
    let clear = clap::Command::new("clear")
        .about("Delete what is kept of the application's tenant: ids, names, owners, dates and relations")
        .long_about(
            "Delete what is kept of the application's tenant in the shared state: ids, names, owners, dates, and which tests and \
             documents prove which control. It is read again when a question needs it. Tokens and budgets stay.",
        );
    let page = |examples| HelpPage {
        settings: |setting| {
            ["manage.client_id", "manage.client_secret", "state", "config"].contains(&setting.key)
        },
        examples,
        common: &["state"],
        ..PLAIN
    };
    let command = clap::Command::new("index")
        .about("Delete what is kept of a tenant")
        .subcommand_required(true)
        .subcommand(page("  vanta-mcp index clear").on(clear));
    page("  vanta-mcp index clear").on(command)
}

fn catalog() -> clap::Command {
    let diff = clap::Command::new("diff")
        .about("Compare Vanta's OpenAPI documents with the catalog of tools")
        .long_about(
            "Compare OpenAPI documents, as Vanta's developer site offers them, with the catalog of tools. Exits with 1 if the \
             documents have something that the catalog lacks.",
        )
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .num_args(1..)
                .value_parser(ValueParser::path_buf())
                .help("An OpenAPI document in JSON; several may be given"),
        )
        .arg(switch("toml", "Print a table to start from for each operation that is missing"));
    let page =
        || HelpPage { examples: "  vanta-mcp catalog diff manage-vanta.json conduct-an-audit.json", ..PLAIN };
    let command = clap::Command::new("catalog")
        .about("Compare the tools with Vanta's API documents")
        .subcommand_required(true)
        .subcommand(page().on(diff));
    page().on(command)
}

fn demo_tenant() -> Arg {
    switch("demo-tenant", "Use the built-in demo tenant instead of real upstreams").long("demo")
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// A setting's flag, which may stand before the command and after it.
fn flag(setting: &'static Setting, name: &'static str) -> Arg {
    let action = match setting.kind {
        ValueKind::Names | ValueKind::Folders => ArgAction::Append,
        _ => ArgAction::Set,
    };
    Arg::new(setting.key)
        .action(action)
        .num_args(if setting.kind == ValueKind::Switch { 0..=1 } else { 1..=1 })
        .default_missing_value("true")
        .require_equals(setting.kind == ValueKind::Switch)
        .long(name)
        .value_name(setting.value)
        .value_parser(if setting.kind == ValueKind::Folders {
            ValueParser::new(folder)
        } else {
            ValueParser::string()
        })
        .global(true)
}

/// A folder whose name can stand in a list of folders, as the environment has it.
fn folder(name: &str) -> Result<String, String> {
    match folder_list::join(&[name]) {
        Some(_) => Ok(name.to_owned()),
        None => Err("one folder at a time; --files may be repeated".to_owned()),
    }
}

const EXAMPLES: &str = "  vanta-mcp demo
  vanta-mcp call --demo list_tests '{\"statusFilter\":\"NEEDS_ATTENTION\"}'";

const MORE: &str = "\
More (settings, credentials): vanta-mcp --help, vanta-mcp COMMAND --help.";

/// Which setting counts where one is set twice.
const BEATS: &str = "Flags beat the environment, which beats the settings file.";

/// The variables that other programs share.
const SHARED: &str = "\
Variables that other programs share:
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY
          HTTP proxies; this machine's own addresses are reached directly
  SSL_CERT_FILE, SSL_CERT_DIR
          CA certificates (PEM) to trust instead of the system's; --ca-file adds some
  REGION
          Region of Vanta's own server, with VANTA_ENV_FILE
  OTEL_EXPORTER_OTLP_ENDPOINT
          Where traces of the calls are sent

Names without dashes are environment variables. Most settings have a key in the
settings file too: see docs/settings.md. Flags beat the environment, which beats
the settings file, which beats the defaults.";
