//! What nobody has chosen: placeholders that are a part of a value, or whose place something else could take.

use serde_json::json;
use vanta_demo::Application;

use super::{Case, End, World};

#[tokio::test]
async fn a_placeholder_never_opens_more_than_was_meant() {
    let world = World::new().await;
    let below = "access = \"destroy\"\nca_file = \"/x\"\n[manage]\nclient_id = \"vci_a\"\nclient_secret = \"vcs_b\"\n";
    let below = world.file("below.toml", below);
    let listed = world.file("listed.toml", "[http]\naudience = [\"${hunter2}\", \"a\"]\n");
    let (name, secret) = ("VANTA_MCP_CONFIG", "VANTA_CLIENT_SECRET");
    for (setting, variables) in [
        ("VANTA_MCP_AUDIENCE", vec![("VANTA_MCP_AUDIENCE", "a,<your hunter2>")]),
        ("VANTA_MCP_AUDIENCE", vec![("VANTA_MCP_AUDIENCE", "api://<hunter2>")]),
        ("VANTA_MCP_AUDIENCE", vec![("VANTA_MCP_AUDIENCE", "a, '%hunter2%'")]),
        ("http.audience", vec![(name, &*listed)]),
        ("VANTA_MCP_ISSUER", vec![("VANTA_MCP_ISSUER", "https://login.example.com/${hunter2}/v2.0")]),
        ("VANTA_MCP_PUBLIC_URL", vec![("VANTA_MCP_PUBLIC_URL", "https://<hunter2>/mcp")]),
        ("VANTA_MCP_ALLOW_HOST", vec![("VANTA_MCP_ALLOW_HOST", "mcp.example.com $HUNTER2")]),
        ("VANTA_MCP_ALLOW_ORIGIN", vec![("VANTA_MCP_ALLOW_ORIGIN", "https://a.example,https://${hunter2}")]),
        ("VANTA_MCP_EXCLUDE_TOOLS", vec![("VANTA_MCP_EXCLUDE_TOOLS", "list_vendors,{{hunter2}}")]),
        ("VANTA_MCP_TOOLSETS", vec![("VANTA_MCP_TOOLSETS", "vendors,${hunter2}")]),
        ("VANTA_MCP_TOOLS", vec![("VANTA_MCP_TOOLS", "list_vendors ${hunter2}")]),
        ("VANTA_SCOPES", vec![("VANTA_SCOPES", "vanta-api.vendors:read ${hunter2}")]),
        ("VANTA_MCP_LOG", vec![("VANTA_MCP_LOG", "info,${hunter2}")]),
        ("VANTA_MCP_ACCESS", vec![("VANTA_MCP_ACCESS", "${hunter2}")]),
        ("VANTA_MCP_MAX_FILE", vec![("VANTA_MCP_MAX_FILE", "${hunter2}")]),
        ("VANTA_MCP_ACCESS", vec![("VANTA_MCP_ACCESS", "${hunter2}"), (name, &*below)]),
        ("VANTA_MCP_CA_FILE", vec![("VANTA_MCP_CA_FILE", "${hunter2}"), (name, &*below)]),
        (secret, vec![(secret, "${hunter2}"), (name, &*below)]),
        ("VANTA_ENV_FILE", vec![("VANTA_ENV_FILE", "${hunter2}"), (name, &*below)]),
    ] {
        let case = Case::new(setting, &variables).ends(End::NotStarted);
        case.tells(&[setting, "still contains a placeholder"]).hides(&["HUNTER2"]).check().await;
    }
    let typed = Case::new("by flags", &[]).flags(&["--audience", "a", "--audience", "${hunter2}"]);
    typed.ends(End::NotStarted).tells(&["--audience", "still contains a placeholder"]).check().await;
    let example = [("VANTA_PANEL_URL", "https://panel.example.com/"), ("VANTA_PANEL_TOKEN", "vp_a1")];
    Case::new("example", &example).tells(&["VANTA_PANEL_URL", "an example value"]).check().await;
}

#[tokio::test]
async fn nothing_is_sent_to_a_place_that_nobody_chose() {
    let world = World::new().await;
    let (id, secret) = world.tenant.application(Application::Manage);
    let env = world.file("env", json!({"client_id": id, "client_secret": secret}).to_string());
    let odd = json!({"client_id": id, "client_secret": secret, "REGION": "xx"}).to_string();
    let odd = world.file("odd", odd);
    let own = [("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET", secret)];
    for (setting, variables) in [
        ("VANTA_REGION", vec![own[0], own[1], ("VANTA_REGION", "${hunter2}")]),
        ("VANTA_BASE_URL", vec![own[0], own[1], ("VANTA_BASE_URL", "https://<hunter2>/v1")]),
        ("VANTA_BASE_URL", vec![own[0], own[1], ("VANTA_BASE_URL", "${hunter2}"), ("VANTA_REGION", "us")]),
        ("REGION", vec![("VANTA_ENV_FILE", &*env), ("REGION", "${hunter2}")]),
    ] {
        let never = [
            "there are no credentials",
            "is treated as not set",
            "Set VANTA_CLIENT_ID",
            "no credentials are set",
        ];
        let mend = format!("Replace the placeholder in {setting} with the value, or remove");
        let case = Case::new(setting, &variables).calls("list_vendors").ends(End::Refused);
        case.tells(&["nothing is sent to Manage Vanta", &mend]).hides(&never).check().await;
        let set = format!("\"set\":\"{setting}, or remove it: {setting} still contains a placeholder");
        let told = ["\"configured\":false", &set, "so nothing is sent to Vanta"];
        Case::new(setting, &variables).tells(&told).hides(&never).check().await;
        let find = Case::new(setting, &variables).calls("find_tools").ends(End::Refused);
        find.tells(&["no API is configured", "server_status"]).hides(&never).check().await;
        let audit = Case::new("without credentials", &variables).calls("list_audits").ends(End::Refused);
        audit
            .tells(&["VANTA_AUDIT_CLIENT_ID and VANTA_AUDIT_CLIENT_SECRET"])
            .hides(&["to Conduct"])
            .check()
            .await;
    }
    let moot = [own[0], own[1], ("VANTA_REGION", "${hunter2}")];
    world.vanta("moot", &moot).check().await;
    let beaten = [("VANTA_ENV_FILE", &*env), ("REGION", "xx")];
    world.vanta("beaten", &beaten).check().await;
    let moot = world.vanta("moot", &moot).calls("server_status");
    moot.tells(&["so it is treated as not set; VANTA_BASE_URL (environment) selects"]).check().await;
    for (name, variables) in [
        ("REGION (environment)", vec![("VANTA_ENV_FILE", &*env), ("REGION", "xx")]),
        ("`REGION` (in ", vec![("VANTA_ENV_FILE", &*odd)]),
    ] {
        let told = [name, "us, eu, aus or gov", "VANTA_REGION", "not `xx`"];
        Case::new(name, &variables).ends(End::NotStarted).tells(&told).check().await;
    }
}

#[tokio::test]
async fn a_path_with_a_placeholder_that_leads_nowhere_is_named() {
    for (setting, path, form) in [
        ("VANTA_MCP_CA_FILE", "${HUNTER2}/ca.pem", "`${…}`"),
        ("VANTA_MCP_CA_FILE", "%HUNTER2%\\ca.pem", "`%…%`"),
        ("VANTA_ENV_FILE", "$HUNTER2/env", "`$…`"),
        ("VANTA_CLIENT_SECRET_FILE", "/home/<hunter2>/x", "`<…>`"),
        ("VANTA_MCP_TOKENS", "${HUNTER2}/tokens.toml", "`${…}`"),
        ("VANTA_MCP_CONFIG", "${HUNTER2}/config.toml", "`${…}`"),
        ("VANTA_MCP_FILES", "${workspaceFolder}/hunter2", "`${…}`"),
        ("VANTA_MCP_FILES", "/tmp:${HUNTER2:-/nowhere}", "`${…}`"),
    ] {
        let variables = [(setting, path), ("VANTA_CLIENT_ID", "vci_a")];
        let variables = if setting == "VANTA_ENV_FILE" { &variables[..1] } else { &variables };
        let case = Case::new(setting, variables).ends(End::NotStarted).hides(&["HUNTER2"]);
        case.tells(&[setting, "still contains a placeholder", form]).check().await;
    }
}

#[tokio::test]
async fn certificates_in_place_of_the_systems_that_are_none_are_warned_of() {
    let world = World::new().await;
    let der = crate::secured::Authority::new("CA").der();
    let (text, empty, der) =
        (world.file("text.pem", "hunter2"), world.file("empty.pem", ""), world.file("ca.der", der));
    for (variable, value, told) in [
        ("SSL_CERT_FILE", "${hunter2}", "still contains a placeholder (`${…}`)"),
        ("SSL_CERT_FILE", "$HUNTER2/ca.pem", "still contains a placeholder"),
        ("SSL_CERT_FILE", &*text, "no certificate in PEM"),
        ("SSL_CERT_FILE", &*empty, "is empty"),
        ("SSL_CERT_FILE", &*der, "(DER)"),
        ("SSL_CERT_FILE", "/nowhere.pem", "does not exist"),
        ("SSL_CERT_DIR", "/nowhere", "names a folder that does not exist"),
        ("SSL_CERT_DIR", "${hunter2}", "still contains a placeholder"),
    ] {
        let warned = format!("{variable} (environment)");
        let case = Case::new(variable, &[(variable, value)]).hides(&["HUNTER2"]);
        case.tells(&[&warned, told, "adds no trusted certificate"]).check().await;
    }
}
