//! Secrets, placeholders and regions.

use serde_json::json;
use vanta_demo::Application;

use super::{Case, End, Served, World};
use crate::cli::run_in;
use crate::secured::Authority;

fn utf16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[tokio::test]
async fn secrets_are_taken_as_they_are_pasted() {
    let world = World::new().await;
    let (id, secret) = world.tenant.application(Application::Manage);
    let (panel, token) = (world.tenant.panel_url(), world.tenant.panel_token());
    let (quoted_id, quoted) = (format!("\"{id}\""), format!(" '{secret}'\n"));
    let mark = "\u{feff}";
    let env = json!({"client_id": format!("'{id}'"), "client_secret": secret}).to_string();
    let (marked_env, wide_env) =
        (world.file("marked.env", format!("{mark}{env}")), world.file("wide.env", utf16(&env)));
    let marked = world.file("secret", format!("{mark}\"{secret}\"\r\n"));
    let config = format!("[manage]\nclient_id = \"'{id}'\"\nclient_secret = \"{secret}\"\n");
    let config = world.file("settings.toml", format!("{mark}{config}"));
    let token_file = world.file("token", utf16(&format!("Bearer {token}\r\n")));
    let bearer = format!("bearer {token}");
    let header = format!("\"Authorization: Bearer {token}\"");
    let panel_of = |name, token: &str| {
        Case::new(
            name,
            &[("VANTA_PANEL_URL", &format!("\u{201c}{panel}\u{201d}")), ("VANTA_PANEL_TOKEN", token)],
        )
        .calls("list_panel_accounts")
    };
    for case in [
        world.vanta("quoted", &[("VANTA_CLIENT_ID", &quoted_id), ("VANTA_CLIENT_SECRET", &quoted)]),
        world.vanta("numbers", &[("VANTA_ENV_FILE", &marked_env), ("VANTA_MCP_TIMEOUT", "\"20\"")]),
        world.vanta("UTF-16", &[("VANTA_ENV_FILE", &wide_env)]),
        world.vanta("mark", &[("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET_FILE", &marked)]),
        world.vanta("settings", &[("VANTA_MCP_CONFIG", &config), ("VANTA_MCP_ACCESS", "'read'")]),
        panel_of("bearer", &bearer),
        panel_of("header", &header),
        Case::new("token file", &[("VANTA_PANEL_URL", &panel), ("VANTA_PANEL_TOKEN_FILE", &token_file)])
            .calls("list_panel_accounts"),
        world
            .vanta("nothing within", &[("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET", "''")])
            .calls("server_status")
            .tells(&["VANTA_CLIENT_SECRET (environment) is empty apart"]),
        Case::new("only the word", &[("VANTA_PANEL_URL", &panel), ("VANTA_PANEL_TOKEN", "Bearer ")])
            .tells(&["VANTA_PANEL_TOKEN (environment) is empty apart"]),
    ] {
        case.hides(&[secret, token]).check().await;
    }
}

#[tokio::test]
async fn a_placeholder_is_named_and_never_sent() {
    let world = World::new().await;
    let (id, secret) = world.tenant.application(Application::Manage);
    let env = json!({"client_id": id, "client_secret": "<hunter2>"}).to_string();
    let (env, file) = (world.file("env", env), world.file("secret", "${HUNTER2_hunter2}\n"));
    let status = |name, variables: &[(&'static str, &str)]| {
        Case::new(name, variables).tells(&["\"configured\":false", "still contains a placeholder"])
    };
    let mut cases = Vec::new();
    for (name, value, form) in [
        ("braces", "${hunter2}", "`${…}`"),
        ("default", "${hunter2:-x}", "`${…}`"),
        ("input", "\"${input:hunter2}\"", "`${input:…}`"),
        ("dollar", "$HUNTER2", "`$…`"),
        ("percent", "%hunter2%", "`%…%`"),
        ("mustache", "{{ hunter2 }}", "`{{…}}`"),
        ("angle", "<your hunter2>", "`<…>`"),
        ("example", "your client secret", "an example value"),
        ("upper case", "YOUR_CLIENT_SECRET", "an example value"),
    ] {
        let variables = [("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET", value)];
        let hidden = ["HUNTER2", "your client secret", "YOUR_CLIENT"];
        let told = ["VANTA_CLIENT_SECRET", form];
        cases.push(status(name, &variables).tells(&told).hides(&hidden));
        cases.push(
            Case::new(name, &variables).calls("list_vendors").ends(End::Refused).tells(&told).hides(&hidden),
        );
    }
    let host = [("VANTA_PANEL_URL", "https://${hunter2}/"), ("VANTA_PANEL_TOKEN", "vp_a1")];
    cases.push(status("host", &host).tells(&["VANTA_PANEL_URL"]));
    let url = [("VANTA_PANEL_URL", "${hunter2}"), ("VANTA_PANEL_TOKEN", "vp_a1")];
    cases.push(status("address", &url).tells(&["VANTA_PANEL_URL"]));
    cases.push(status("env file", &[("VANTA_ENV_FILE", &env)]).tells(&["VANTA_ENV_FILE"]));
    let in_file = [("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET_FILE", &*file)];
    cases.push(status("secret file", &in_file).tells(&["VANTA_CLIENT_SECRET_FILE"]).hides(&["HUNTER2"]));
    let nowhere = [("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET", secret), ("VANTA_REGION", "${hunter2}")];
    cases.push(status("region", &nowhere).tells(&["VANTA_REGION"]));
    let open = [("VANTA_MCP_TOKENS", "${hunter2}")];
    cases.push(
        Case::new("who may call", &open)
            .ends(End::NotStarted)
            .tells(&["VANTA_MCP_TOKENS", "still contains a placeholder"]),
    );
    let excluded = [("VANTA_MCP_EXCLUDE_TOOLS", "%hunter2%")];
    cases
        .push(Case::new("what may not", &excluded).ends(End::NotStarted).tells(&["VANTA_MCP_EXCLUDE_TOOLS"]));
    let true_one = [("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET", "$hunter2-x")];
    cases.push(Case::new("begins with a dollar", &true_one).tells(&["\"configured\":true"]));
    for case in &cases {
        case.check().await;
    }
}

#[tokio::test]
async fn a_file_says_what_is_wrong_with_it() {
    let world = World::new().await;
    for (name, secret) in [("nothing", ""), ("quotes", "''"), ("the word", "Bearer "), ("blanks", "  ")] {
        let env = world.file("env", json!({"client_id": "vci_a", "client_secret": secret}).to_string());
        let told =
            ["VANTA_ENV_FILE", "client_secret is empty", "is treated as not set", "\"configured\":false"];
        Case::new(name, &[("VANTA_ENV_FILE", &env)]).tells(&told).check().await;
    }
    let env = world.file("env", json!({"client_id": "\"\"", "client_secret": "vcs_hunter2"}).to_string());
    Case::new("id", &[("VANTA_ENV_FILE", &env)]).tells(&["client_id is empty"]).check().await;
    let (mut cut, unmarked) = (utf16("vcs_hunter2"), utf16("vcs_hunter2")[2..].to_vec());
    cut.pop();
    let (named, alone) = ("NAME=value", "only the secret");
    for (name, content, told) in [
        ("cut", cut, ["truncated", "save it as UTF-8"]),
        ("unmarked", unmarked, ["without a byte-order mark", "save it as UTF-8"]),
        ("Latin-1", b"vcs_hunter2\xe9".to_vec(), ["not text in UTF-8", "save it as UTF-8"]),
        ("a variable", b"VANTA_CLIENT_SECRET=vcs_hunter2\n".to_vec(), [named, alone]),
        ("exported", b"# ours\nexport client_secret = 'vcs_hunter2'\n".to_vec(), [named, alone]),
    ] {
        let file = world.file("secret", content);
        let variables = [("VANTA_CLIENT_ID", "vci_a"), ("VANTA_CLIENT_SECRET_FILE", &*file)];
        let case = Case::new(name, &variables).ends(End::NotStarted);
        case.tells(&["VANTA_CLIENT_SECRET_FILE", told[0], told[1]]).check().await;
    }
    let settings = world.file("settings.toml", &utf16("access = 'read'\n")[2..]);
    let case = Case::new("settings", &[("VANTA_MCP_CONFIG", &settings)]).ends(End::NotStarted);
    case.tells(&["save it as UTF-8"]).check().await;
    // The sign may be in a secret.
    let file = world.file("secret", "YWJjZGVm==");
    let variables = [("VANTA_CLIENT_ID", "vci_a"), ("VANTA_CLIENT_SECRET_FILE", &*file)];
    Case::new("padding", &variables).tells(&["\"configured\":true"]).check().await;
}

#[tokio::test]
async fn a_region_has_other_names() {
    let world = World::new().await;
    let own = json!({"client_id": "vci_a", "client_secret": "vcs_b"});
    let env = world.file("env", own.to_string());
    let mut with_region = own.clone();
    with_region["REGION"] = json!("gov");
    let gov = world.file("gov", with_region.to_string());
    let id = [("VANTA_CLIENT_ID", "vci_a"), ("VANTA_CLIENT_SECRET", "vcs_b")];
    let (us, government) = ("https://api.vanta.com/\"", "https://api.vanta-gov.com/\"");
    for (name, variables, base) in [
        ("eu", vec![id[0], id[1], ("VANTA_REGION", "EU")], us),
        ("aus", vec![id[0], id[1], ("VANTA_REGION", " Aus ")], us),
        ("us", vec![id[0], id[1], ("VANTA_REGION", "'US'")], us),
        ("gov", vec![id[0], id[1], ("VANTA_REGION", "Gov")], government),
        ("Vanta's own, eu", vec![("VANTA_ENV_FILE", &*env), ("REGION", "eu")], us),
        ("Vanta's own, gov", vec![("VANTA_ENV_FILE", &*env), ("REGION", "GOV")], government),
        ("in its file", vec![("VANTA_ENV_FILE", &*gov)], government),
        ("beaten", vec![("VANTA_ENV_FILE", &*env), ("REGION", "gov"), ("VANTA_REGION", "us")], us),
        ("somebody else's", vec![id[0], id[1], ("REGION", "gov")], us),
        ("a cloud's", vec![("VANTA_ENV_FILE", &*env), ("REGION", "eu-west-1"), ("VANTA_REGION", "us")], us),
    ] {
        Case::new(name, &variables).tells(&[base]).check().await;
    }
    let unknown = Case::new("unknown", &[("VANTA_REGION", "uk")]).ends(End::NotStarted);
    unknown.tells(&["us, eu, aus or gov, not `uk`"]).check().await;
}

#[tokio::test]
async fn every_file_may_begin_with_a_mark() {
    let world = World::new().await;
    let made = Authority::new("Marked CA").vouches_for(&["localhost"]);
    let (mark, hash) = ("\u{feff}", "ab".repeat(32));
    let certificate = world.file("tls.crt", format!("{mark}{}", made.certificate));
    let key = world.file("tls.key", utf16(&made.key));
    let entry = format!("[[token]]\nname = \"alice\"\nsha256 = \"{hash}\"\naccess = \"read\"\n");
    let tokens = world.file("tokens.toml", utf16(&entry));
    let listed = run_in(&[], &["token", "list", "--tokens", &tokens]).await;
    assert!(listed.stdout.contains("alice") && listed.stderr.is_empty(), "{listed:?}");
    let added = run_in(&[], &["token", "new", "bob", "--tokens", &tokens]).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let text = std::fs::read_to_string(&tokens).unwrap();
    assert!(text.contains("alice") && text.contains("bob"), "{text}");
    let wrong = ["--tls-cert", &certificate, "--tls-key", &certificate];
    let mut command = crate::harness::command();
    command.args(["serve", "--http", "127.0.0.1:0", "--tokens", &tokens]).args(wrong);
    let refused = crate::cli::finish(command, "").await;
    assert!(refused.stderr.contains("contains a certificate instead"), "{refused:?}");
    let mut command = crate::harness::command();
    command.args(["serve", "--http", "127.0.0.1:0", "--tokens", &tokens]);
    command.args(["--tls-cert", &certificate, "--tls-key", &key]);
    assert!(Served::begin(command).await.url.starts_with("https://"));
    let piped = format!("{mark}{{}}");
    let mut command = crate::harness::command();
    command.args(["call", "server_status", "-"]);
    assert_eq!(crate::cli::finish(command, &piped).await.code, Some(0));
}
