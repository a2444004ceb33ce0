//! `-h` and `--help` of every command, and what is said of a name that there is not.

use vanta_mcp::parts::table::{SETTINGS, SettingGroup};

use crate::cli::{run, run_in};

/// Every command, as it is typed.
const COMMANDS: [&str; 13] = [
    "",
    "serve",
    "call",
    "tools",
    "status",
    "doctor",
    "demo",
    "token",
    "token new",
    "token list",
    "token revoke",
    "catalog",
    "catalog diff",
];

async fn help(command: &str, form: &str) -> String {
    let arguments: Vec<&str> = command.split_whitespace().chain([form]).collect();
    let done = run(&arguments).await;
    assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{command} {form}");
    done.stdout
}

#[tokio::test]
async fn every_line_of_help_fits_80_columns_and_every_command_has_examples() {
    for command in COMMANDS {
        for form in ["-h", "--help"] {
            let text = help(command, form).await;
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{command} {form}: {line}");
                assert_eq!(line.trim_end(), line, "{command} {form}");
            }
            assert!(text.contains("Examples:\n  vanta-mcp"), "{command} {form}: {text}");
            assert!(text.contains("\nOptions:\n"), "{command} {form}: {text}");
            assert!(!text.contains("\n\n\n") && !text.ends_with("\n\n"), "{command} {form}: {text}");
        }
    }
}

#[tokio::test]
async fn help_begins_with_a_commands_own_and_leaves_out_what_does_not_matter_to_it() {
    for (command, own, matters, not) in [
        (
            "call",
            &["<TOOL>", "[JSON]", "--columns <NAMES>", "--table", "--json", "--demo"][..],
            &["--access", "--files", "VANTA_CLIENT_SECRET", "--timeout", "--log"][..],
            &["--http", "--tls-cert", "--max-calls", "--list-page"][..],
        ),
        (
            "tools",
            &["[TOOL]", "--json", "--demo"],
            &["--access", "--toolsets", "VANTA_CLIENT_ID", "--config"],
            &["--http", "--files", "--timeout", "--sse"],
        ),
        ("demo", &["--help"], &["--log"], &["--http", "--access", "VANTA_CLIENT_ID", "--demo"]),
        ("serve", &["--demo"], &["--access", "--http", "--tokens", "VANTA_CLIENT_ID", "--log"], &[]),
        (
            "token new",
            &["<NAME>", "--expires <WHEN>", "--access <LEVEL>", "--toolsets <NAMES>"],
            &["--tokens"],
            &["--http", "VANTA_CLIENT_ID", "--timeout", "--log"],
        ),
        ("token list", &["--help"], &["--tokens"], &["--access", "--http"]),
        ("catalog diff", &["<FILE>", "--toml"], &[], &["--access", "--log", "VANTA_"]),
    ] {
        let text = help(command, "--help").await;
        let headings = SettingGroup::ALL.map(|group| format!("\n{}:\n", group.heading()));
        let begin = headings.iter().filter_map(|heading| text.find(heading)).min().unwrap_or(text.len());
        let (first, settings) = text.split_at(begin);
        for name in own {
            assert_eq!(
                first.matches(&format!("\n  {name}")).count() + first.matches(&format!("-h, {name}")).count(),
                1,
                "{command}: {name}: {text}"
            );
        }
        for name in matters {
            assert!(settings.contains(name), "{command}: {name}: {text}");
        }
        // The examples may show what belongs to another command.
        let explained = text.split("\nExamples:\n").next().unwrap_or_default();
        for name in not {
            assert!(
                !explained.lines().any(|line| line.trim_start().starts_with(name)),
                "{command}: {name}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn the_long_help_has_every_setting_under_the_heading_of_its_group() {
    for command in ["", "serve"] {
        let text = help(command, "--help").await;
        for group in SettingGroup::ALL {
            let (_, section) = text.split_once(&format!("\n{}:\n", group.heading())).unwrap();
            let section = section.split("\n\n").next().unwrap();
            for setting in SETTINGS.iter().filter(|setting| setting.group == group) {
                let name = setting.flag.map_or_else(|| setting.env.to_owned(), |flag| format!("--{flag}"));
                let found = section.lines().any(|line| {
                    let rest = line.strip_prefix("  ").and_then(|line| line.strip_prefix(&*name));
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '[']))
                });
                assert!(found && section.contains(setting.env), "{name}: {section}");
            }
        }
    }
}

#[tokio::test]
async fn the_long_help_ends_with_where_settings_are_kept_and_explanations_begin_alike() {
    let text = help("", "--help").await;
    let end = text.replace('\n', " ");
    assert!(
        end.contains("Most settings have a key in the settings file too: see docs/settings.md."),
        "{text}"
    );
    let (_, panel) = text.split_once("\n  --panel-url <URL>").unwrap();
    assert!(panel.trim_start().starts_with("Address of the user panel"), "{panel}");
    for group in SettingGroup::ALL {
        let (_, section) = text.split_once(&format!("\n{}:\n", group.heading())).unwrap();
        let names = section.split("\n\n").next().unwrap().lines().filter(|line| !line.starts_with("   "));
        for line in names {
            let about = line.trim_start().split_once("  ").map(|(_, about)| about.trim_start());
            let first = about.and_then(|about| about.chars().next());
            assert!(first.is_none_or(|first| !first.is_lowercase()), "{line}");
        }
    }
}

#[tokio::test]
async fn the_short_help_is_one_screen() {
    let text = help("", "-h").await;
    assert!(text.trim_end().lines().count() <= 24, "{text}");
    for expected in [
        "serve",
        "call",
        "tools",
        "status",
        "doctor",
        "demo",
        "token",
        "index",
        "catalog",
        "--demo",
        "--access",
        "credentials",
        "vanta-mcp --help",
        "COMMAND --help",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("--max-sessions"), "{text}");
    for command in COMMANDS {
        assert!(help(command, "-h").await.lines().count() <= 30, "{command}");
    }
}

#[tokio::test]
async fn what_there_is_not_is_answered_with_the_nearest_one_or_two() {
    for (typed, expected) in [
        (&["cal"][..], "unknown command `cal`; did you mean `call`? See vanta-mcp --help."),
        (&["tokn"], "unknown command `tokn`; did you mean `token`? See vanta-mcp --help."),
        (&["to"], "unknown command `to`; did you mean `tools` or `token`? See vanta-mcp --help."),
        (
            &["frameworks"],
            "unknown command `frameworks`; the commands are serve, call, tools, status, doctor, demo, token, index and catalog; see vanta-mcp --help.",
        ),
        (
            &["help", "foo"],
            "unknown command `foo`; the commands are serve, call, tools, status, doctor, demo, token, index and catalog; see vanta-mcp --help.",
        ),
        (&["help", "cal"], "unknown command `cal`; did you mean `call`? See vanta-mcp --help."),
        (
            &["help", "token", "foo"],
            "unknown command `foo`; the commands are new, list and revoke; see vanta-mcp token --help.",
        ),
        (&["list_tests"], "`list_tests` is a tool: vanta-mcp call list_tests."),
        (&["find_tools", "{}"], "`find_tools` is a tool: vanta-mcp call find_tools."),
        (
            &["list_test"],
            "unknown command `list_test`; did you mean `vanta-mcp call list_tests`? See vanta-mcp --help.",
        ),
        (
            &["token", "list_tests"],
            "unknown command `list_tests`; the commands are new, list and revoke; see vanta-mcp token --help.",
        ),
        (&["token", "nwe"], "unknown command `nwe`; did you mean `new`? See vanta-mcp token --help."),
        (
            &["token", "delete"],
            "unknown command `delete`; the commands are new, list and revoke; see vanta-mcp token --help.",
        ),
        (&["token"], "`vanta-mcp token` needs a command: new, list or revoke; see vanta-mcp token --help."),
        (&["catalog", "dif"], "unknown command `dif`; did you mean `diff`? See vanta-mcp catalog --help."),
        (&["--acess", "read"], "unknown option `--acess`; did you mean `--access`? See vanta-mcp --help."),
        (
            &["call", "--acess=read", "list_vendors"],
            "unknown option `--acess`; did you mean `--access`? See vanta-mcp call --help.",
        ),
        (
            &["call", "--colums", "id", "list_vendors"],
            "unknown option `--colums`; did you mean `--columns`? See vanta-mcp call --help.",
        ),
        (
            &["token", "new", "--expire", "90d", "me"],
            "unknown option `--expire`; did you mean `--expires`? See vanta-mcp token new --help.",
        ),
        (
            &["call", "list_vendors", "--name", "a"],
            "unknown option `--name`: what a tool takes is JSON after its name, like '{\"pageSize\":5}'; see vanta-mcp call --help.",
        ),
        (
            &["--client-secret", "x"],
            "unknown option `--client-secret`: that is set by the variable VANTA_CLIENT_SECRET or VANTA_CLIENT_SECRET_FILE; see vanta-mcp --help.",
        ),
        (
            &["--panel-token=vp_1"],
            "unknown option `--panel-token`: that is set by the variable VANTA_PANEL_TOKEN or VANTA_PANEL_TOKEN_FILE; see vanta-mcp --help.",
        ),
        (&["tools", "a", "b"], "unexpected argument `b`; see vanta-mcp tools --help."),
        (
            &["call", "--json", "--table", "list_vendors"],
            "--json and --table cannot be given together; see vanta-mcp call --help.",
        ),
    ] {
        let done = run(typed).await;
        done.is_wrong_usage(&[]);
        assert_eq!(done.stderr.trim_end(), format!("vanta-mcp: {expected}"), "{typed:?}");
    }
    let done = run_in(&[("VANTA_MCP_ACESS", "read")], &["tools", "--demo"]).await;
    done.is_wrong_usage(&["VANTA_MCP_ACESS", "did you mean `VANTA_MCP_ACCESS`?"]);
}

/// What looks like a secret is not repeated, wherever it was typed.
#[tokio::test]
async fn a_secret_in_the_wrong_place_is_not_repeated() {
    const SECRET: &str = "vcs_4f9a8b7c6d5e4f3a2b1c";
    for typed in [&[SECRET][..], &["token", SECRET], &["tools", "a", SECRET]] {
        let done = run(typed).await;
        done.is_wrong_usage(&["`…`"]);
        assert!(!done.stderr.contains("4f9a"), "{done:?}");
    }
}
