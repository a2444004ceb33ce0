//! Access tokens as authorization servers make them that know no addresses for audiences, and no scopes for applications.

use reqwest::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

use super::issuer::{Issuer, Signer, now};
use super::{Era, Served};
use crate::harness::{Scratch, command};

const PUBLIC: &str = "https://mcp.example.com/vanta/mcp";
const APPLICATION: &str = "6f1c4b7a-0d7e-4c0b-9a53-2f2a1c3e5d70";
const NAMED: &str = "api://vanta-mcp";

fn token(signer: &Signer, claims: &Value) -> String {
    signer.token(&json!({"alg": signer.algorithm(), "typ": "JWT", "kid": "k1"}), claims)
}

async fn status(served: &Served, token: &str) -> u16 {
    served.ask(Some(token), Era::Alone, "tools/list", json!({})).await.status().as_u16()
}

/// What the metadata calls this server.
async fn resource(served: &Served, path: &str) -> Value {
    let answer = served.client.get(served.url(path)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap()["resource"].take()
}

#[tokio::test]
async fn a_token_names_one_of_the_audiences_a_time_within_a_minute_and_something_that_it_grants() {
    let signer = Signer::ec();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let audiences = format!("{APPLICATION}, {NAMED}");
    let served = Served::start(&[
        "--issuer",
        &issuer.url,
        "--audience",
        &audiences,
        "--audience",
        "My API",
        "--public-url",
        PUBLIC,
    ])
    .await;
    let cases: &[(&str, Value, u16)] = &[
        ("the application's id", json!({"aud": APPLICATION}), 200),
        ("its name", json!({"aud": NAMED}), 200),
        ("a text with a space", json!({"aud": "My API"}), 200),
        ("one of several", json!({"aud": ["https://graph.example", NAMED]}), 200),
        ("half of a text", json!({"aud": "My"}), 401),
        ("both in one text", json!({"aud": audiences}), 401),
        ("another case", json!({"aud": NAMED.to_uppercase()}), 401),
        ("the address, which is not among them", json!({"aud": PUBLIC}), 401),
        ("none of several", json!({"aud": ["https://graph.example"]}), 401),
        ("no audience", json!({"aud": []}), 401),
        ("expired lately", json!({"exp": now() - 30}), 200),
        ("expired", json!({"exp": now() - 90}), 401),
        ("good soon", json!({"nbf": now() + 30}), 200),
        ("good later", json!({"nbf": now() + 90}), 401),
        ("made soon", json!({"iat": now() + 30}), 200),
        ("made later", json!({"iat": now() + 90}), 401),
        ("scope", json!({"scope": "openid vanta:read"}), 200),
        ("scope as a list", json!({"scope": ["vanta:read"]}), 200),
        ("scp", json!({"scope": null, "scp": "vanta:read panel:read"}), 200),
        ("scp as a list", json!({"scope": null, "scp": ["vanta:read"]}), 200),
        ("roles", json!({"scope": null, "roles": ["vanta:read"]}), 200),
        ("one role", json!({"scope": null, "roles": "vanta:read"}), 200),
        ("roles of others", json!({"scope": null, "roles": ["admin"]}), 403),
        ("roles of another shape", json!({"scope": null, "roles": {"vanta": ["vanta:read"]}}), 403),
        ("roles of another shape beside a scope", json!({"roles": [{"id": 1}]}), 200),
        ("a role beside what is none", json!({"scope": null, "roles": ["vanta:read", 5, null]}), 200),
        ("an audience beside what is none", json!({"aud": [5, NAMED, {}]}), 200),
        ("no audience but what is none", json!({"aud": [5]}), 401),
        ("an audience within a list of a list", json!({"aud": [[NAMED]]}), 401),
        ("an audience of another shape", json!({"aud": {"0": NAMED}}), 401),
        ("several audiences in one text", json!({"aud": format!("{NAMED} x")}), 401),
        ("nothing granted", json!({"scope": null}), 403),
    ];
    for (what, changes, expected) in cases {
        let mut claims = issuer.claims("vanta:read");
        claims["aud"] = json!(NAMED);
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        assert_eq!(status(&served, &token(&signer, &claims)).await, *expected, "{what}");
    }
    // Each may grant a part.
    let mut claims = issuer.claims("vanta:read");
    (claims["aud"], claims["scp"], claims["roles"]) =
        (json!(NAMED), json!("vanta:write"), json!(["panel:read"]));
    let names = served.names(Some(&token(&signer, &claims)), Era::Alone).await;
    for tool in ["list_controls", "run_write_tool", "panel_overview"] {
        assert!(names.iter().any(|name| name == tool), "{tool}: {names:?}");
    }
}

/// Where the settings are, the variables, the address that clients are told, an audience, and whether its host is let in.
type AddressCase<'c> = (&'c str, &'c [(&'c str, &'c str)], &'c str, &'c str, bool);

#[tokio::test]
async fn clients_are_told_the_public_address_and_may_call_its_host() {
    let signer = Signer::ec();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let folder = Scratch::new("entra");
    let file = format!("{}/settings.toml", folder.path());
    let listed = format!(
        "[http]\nissuer = {:?}\naudience = [{APPLICATION:?}, {NAMED:?}]\npublic_url = {PUBLIC:?}\n",
        issuer.url
    );
    std::fs::write(&file, listed).unwrap();
    let by = ("VANTA_MCP_ISSUER", issuer.url.as_str());
    let both = format!("{NAMED},https://mcp.example.com/vanta/mcp,https://other.example/mcp");
    let cases: [AddressCase<'_>; 5] = [
        ("a file", &[("VANTA_MCP_CONFIG", &file)], PUBLIC, APPLICATION, true),
        (
            "the environment",
            &[by, ("VANTA_MCP_AUDIENCE", NAMED), ("VANTA_MCP_PUBLIC_URL", PUBLIC)],
            PUBLIC,
            NAMED,
            true,
        ),
        ("an address alone", &[by, ("VANTA_MCP_PUBLIC_URL", PUBLIC)], PUBLIC, PUBLIC, true),
        ("the first address among audiences", &[by, ("VANTA_MCP_AUDIENCE", &both)], PUBLIC, NAMED, false),
        (
            "this machine",
            &[by, ("VANTA_MCP_AUDIENCE", "http://localhost:8080/mcp")],
            "http://localhost:8080/mcp",
            "http://localhost:8080/mcp",
            false,
        ),
    ];
    for (what, variables, address, audience, names_host) in cases {
        let served = Served::start_with(&[], variables).await;
        assert_eq!(resource(&served, "/.well-known/oauth-protected-resource/mcp/").await, address, "{what}");
        let missing = served.ask(None, Era::Alone, "tools/list", json!({})).await;
        let challenge = missing.headers()[WWW_AUTHENTICATE].to_str().unwrap().to_owned();
        let path = challenge.split_once("resource_metadata=\"").unwrap().1.trim_end_matches('"');
        let path = path.strip_prefix("https://mcp.example.com").unwrap_or(path);
        let path = path.strip_prefix("http://localhost:8080").unwrap_or(path);
        assert_eq!(resource(&served, path).await, address, "{what}: {challenge}");
        let mut claims = issuer.claims("vanta:read");
        claims["aud"] = json!(audience);
        assert_eq!(status(&served, &token(&signer, &claims)).await, 200, "{what}");
        let called = served.client.get(served.url("/mcp")).header("host", "mcp.example.com");
        let expected = if names_host { 401 } else { 403 };
        assert_eq!(called.send().await.unwrap().status(), expected, "{what}");
    }
}

#[tokio::test]
async fn what_is_missing_or_unfit_is_said_at_the_start() {
    const ISSUER: [&str; 2] = ["--issuer", "https://login.example"];
    let unfit = "--public-url is invalid";
    for (arguments, says) in [
        (&["--audience", NAMED][..], "--public-url"),
        (&["--audience", "http://mcp.example.com/mcp"], "--public-url"),
        (&[], "--public-url or --audience"),
        (&["--audience", ","], "--audience"),
        (&["--audience", "https://me:word@mcp.example.com/mcp"], "--audience"),
        (&["--public-url", "http://mcp.example.com/mcp"], unfit),
        (&["--public-url", "https://mcp.example.com/mcp?a=b"], unfit),
        (&["--public-url", "https://mcp.example.com/mcp#a"], unfit),
        (&["--public-url", "https://me:word@mcp.example.com/mcp"], unfit),
        (&["--public-url", "mcp.example.com"], unfit),
        (&["--public-url", "api://vanta-mcp"], unfit),
    ] {
        let mut run = command();
        let done =
            run.args(["serve", "--demo", "--http", "0"]).args(ISSUER).args(arguments).output().await.unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(says) && !said.contains("word@"), "{arguments:?}: {said}");
    }
}
