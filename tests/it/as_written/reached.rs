//! Certificates, proxies and hosts that redirect.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::{Case, End, Served, World};
use crate::harness::command;
use crate::secured::{Authority, LeadingProxy, Manner, SecuredUpstream, nobody, self_signed, unhelpful};

#[tokio::test]
async fn a_host_that_only_redirects_is_told() {
    let world = World::new().await;
    let id = [("VANTA_CLIENT_ID", "vci_a"), ("VANTA_CLIENT_SECRET", "vcs_b")];
    let authority = Authority::new("Regional CA");
    let ca = world.file("ca.pem", authority.pem());
    let hosts = ["api.eu.vanta.com", "api.aus.vanta.com", "vanta.example.com"];
    let upstream = SecuredUpstream::start(&authority.vouches_for(&hosts), Manner::Redirects).await;
    let proxy = LeadingProxy::start(upstream.port).await;
    for host in hosts {
        let (base, proxy) = (format!("https://{host}/v1"), format!(" http://{} ", proxy.address));
        let variables = [("VANTA_BASE_URL", &*base), ("HTTPS_PROXY", &*proxy), ("VANTA_MCP_CA_FILE", &*ca)];
        let case = Case::new("redirect", &[variables.as_slice(), &id].concat());
        let told = if host.ends_with(".vanta.com") {
            [host, "only redirect", "https://api.vanta.com"]
        } else {
            [host, "301, a redirect, which is not followed", "VANTA_BASE_URL"]
        };
        case.calls("list_vendors").ends(End::Refused).tells(&told).hides(&["app.example.com"]).check().await;
    }
    assert!(proxy.asked().iter().any(|asked| asked == "CONNECT api.eu.vanta.com:443 HTTP/1.1"));
}

#[tokio::test]
async fn a_certificate_is_told_with_its_issuer() {
    let world = World::new().await;
    let (company, other) = (Authority::new("Quillmere Inspection CA"), Authority::new("Another CA"));
    let localhost = company.vouches_for(&["localhost"]);
    let good = SecuredUpstream::start(&localhost, Manner::Answers).await;
    let old = SecuredUpstream::start(&company.vouched_for(&["localhost"]), Manner::Answers).await;
    let elsewhere =
        SecuredUpstream::start(&company.vouches_for(&["panel.example.com"]), Manner::Answers).await;
    let own = self_signed(&["localhost"]);
    let alone = SecuredUpstream::start(&own, Manner::Answers).await;
    let ca = world.file("ca.pem", format!("\u{feff}# ours\r\n{}{}", other.pem(), company.pem()));
    let own = world.file("own.pem", &own.certificate);
    let wrong = world.file("other.pem", other.pem());
    let none = world.file("none.pem", "nothing");
    let key = world.file("key.pem", rcgen::KeyPair::generate().unwrap().serialize_pem());
    let der = world.file("ca.cer", company.der());
    let empty = world.file("empty.pem", "\n");
    let address = format!("file://{}", ca.replace("ca.pem", "c%61.pem"));
    let never = ["Try again", "try again", "vcs_b"];
    let case = |name, port: u16, more: &[(&'static str, &str)]| {
        let base = format!("https://localhost:{port}");
        let own =
            [("VANTA_BASE_URL", &*base), ("VANTA_CLIENT_ID", "vci_a"), ("VANTA_CLIENT_SECRET", "vcs_b")];
        Case::new(name, &[own.as_slice(), more].concat()).calls("list_vendors").hides(&never)
    };
    let unknown =
        ["localhost", "issued by \"Quillmere Inspection CA\"", "VANTA_MCP_CA_FILE", "The call was not sent"];
    let no_proxy = nobody().await;
    for case in [
        case("unknown", good.port, &[]).ends(End::Refused).tells(&unknown),
        case("another", good.port, &[("VANTA_MCP_CA_FILE", &wrong)]).ends(End::Refused).tells(&unknown),
        case("trusted", good.port, &[("VANTA_MCP_CA_FILE", &ca)]),
        case("by its flag", good.port, &[]).flags(&["--ca-file", &ca]),
        case("by its address", good.port, &[("VANTA_MCP_CA_FILE", &address)]),
        case("of the system", good.port, &[("SSL_CERT_FILE", &ca)]),
        case("added to it", good.port, &[("SSL_CERT_FILE", &wrong), ("VANTA_MCP_CA_FILE", &ca)]),
        case("empty", good.port, &[("SSL_CERT_FILE", ""), ("VANTA_MCP_CA_FILE", &ca)]),
        case("empty alone", good.port, &[("SSL_CERT_FILE", " "), ("VANTA_MCP_CA_FILE", "")])
            .ends(End::Refused)
            .tells(&unknown),
        case("loopback", good.port, &[("VANTA_MCP_CA_FILE", &ca), ("HTTPS_PROXY", &no_proxy)]),
        case("its own", alone.port, &[("VANTA_MCP_CA_FILE", &own)]),
        case("self-signed", alone.port, &[]).ends(End::Refused).tells(&["self-signed", "VANTA_MCP_CA_FILE"]),
        case("expired", old.port, &[("VANTA_MCP_CA_FILE", &ca)]).ends(End::Refused).tells(&[
            "expired on 2021-02-03",
            "Quillmere",
            "clock",
        ]),
        case("another host", elsewhere.port, &[("VANTA_MCP_CA_FILE", &ca)])
            .ends(End::Refused)
            .tells(&["is for a different host: \"panel.example.com\"", "VANTA_BASE_URL"]),
        Case::new("nothing in it", &[("VANTA_MCP_CA_FILE", &none)])
            .tells(&["VANTA_MCP_CA_FILE", "no certificate"]),
        Case::new("empty file", &[("VANTA_MCP_CA_FILE", &empty)]).tells(&["VANTA_MCP_CA_FILE", "is empty"]),
        Case::new("a key", &[("VANTA_MCP_CA_FILE", &key)]).tells(&["VANTA_MCP_CA_FILE", "private key"]),
        Case::new("binary", &[("VANTA_MCP_CA_FILE", &der)]).tells(&["VANTA_MCP_CA_FILE", "DER"]),
        Case::new("absent", &[("VANTA_MCP_CA_FILE", "/nowhere.pem")])
            .tells(&["VANTA_MCP_CA_FILE", "cannot be read"]),
    ] {
        let case = if case.tool == "server_status" { case.ends(End::NotStarted) } else { case };
        case.check().await;
    }
    for (name, port, told) in [
        ("panel", good.port, ["issued by \"Quillmere Inspection CA\"", "VANTA_MCP_CA_FILE"]),
        (
            "another's panel",
            elsewhere.port,
            ["issued by \"Quillmere Inspection CA\"", "The call was not sent"],
        ),
    ] {
        let url = format!("https://localhost:{port}/");
        let panel = Case::new(name, &[("VANTA_PANEL_URL", &url), ("VANTA_PANEL_TOKEN", "vp_a1")]);
        panel.calls("ping_panel").ends(End::Refused).tells(&told).hides(&never).check().await;
    }
    let heard = good.heard();
    assert!(heard.iter().any(|line| line.starts_with("GET /v1/vendors")), "{heard:?}");
    assert!(
        old.heard().is_empty() && elsewhere.heard().is_empty(),
        "nothing is sent to whoever is not trusted"
    );
}

#[tokio::test]
async fn the_keys_of_callers_are_fetched_by_the_same_certificates() {
    let world = World::new().await;
    let authority = Authority::new("Sign-in CA");
    let ca = world.file("ca.pem", authority.pem());
    let upstream = SecuredUpstream::start(&authority.vouches_for(&["localhost"]), Manner::Answers).await;
    let issuer = format!("https://localhost:{}", upstream.port);
    let token = format!("{}.e30.x", URL_SAFE_NO_PAD.encode(r#"{"alg": "RS256", "typ": "JWT"}"#));
    for (ca, heard) in [("", 0), (&*ca, 1)] {
        let mut command = command();
        command.env("VANTA_MCP_CA_FILE", ca).args(["serve", "--http", "127.0.0.1:0", "--issuer", &issuer]);
        command.args(["--audience", "https://mcp.example.com/mcp"]);
        let mut served = Served::begin(command).await;
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let sent = client.post(&served.url).bearer_auth(&token).header("content-type", "application/json");
        let answered = sent.body("{}").send().await.unwrap();
        assert!(!answered.status().is_success(), "{answered:?}");
        assert_eq!(upstream.heard().len().min(1), heard, "{:?}", upstream.heard());
        let log = served.end().await;
        let is_told = log.contains("issued by \"Sign-in CA\"") && log.contains("VANTA_MCP_CA_FILE");
        assert_eq!(is_told, heard == 0, "{log}");
    }
}

#[tokio::test]
async fn who_refuses_to_connect_is_not_asked_again() {
    let wanting = unhelpful("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
    let denying = unhelpful("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    let silent = unhelpful("").await;
    let (with_password, secured) = (format!("http://me:hunter2@{wanting}"), format!("https://{denying}"));
    let id = [("VANTA_CLIENT_ID", "vci_a"), ("VANTA_CLIENT_SECRET", "vcs_b")];
    let never = ["Try again", "try again", "tunnel error"];
    for (name, proxy, address, told) in [
        ("no password", &wanting, &wanting, ["(407): the user and password are missing", "user:password@"]),
        ("a wrong one", &with_password, &wanting, ["(407): the user or password is wrong", "HTTPS_PROXY"]),
        ("denied", &denying, &denying, ["refused the connection", "to allow vanta.invalid"]),
        ("by TLS", &secured, &denying, ["does not speak TLS", "write http:// in HTTPS_PROXY"]),
        ("ended", &silent, &silent, ["closed the connection", "to allow vanta.invalid"]),
    ] {
        let variables = [id[0], id[1], ("VANTA_BASE_URL", "https://vanta.invalid"), ("HTTPS_PROXY", proxy)];
        let case = Case::new(name, &variables).calls("list_vendors").ends(End::Refused).hides(&never);
        case.tells(&[address, told[0], told[1], "The call was not sent"]).check().await;
    }
    Case::new("no host", &[("NO_PROXY", "a,${hunter2}")])
        .tells(&["NO_PROXY", "still contains a placeholder"])
        .check()
        .await;
    let plain = unhelpful("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let base = format!("https://{plain}");
    let told = [&*plain, "does not speak TLS", "http or https", "VANTA_BASE_URL"];
    let case = Case::new("no TLS", &[id[0], id[1], ("VANTA_BASE_URL", &base)]).calls("list_vendors");
    case.ends(End::Refused).tells(&told).hides(&never).check().await;
}

#[tokio::test]
async fn a_proxy_is_named_and_used_as_it_is_written() {
    let world = World::new().await;
    let authority = Authority::new("Proxied CA");
    let ca = world.file("ca.pem", authority.pem());
    let upstream = SecuredUpstream::start(&authority.vouches_for(&["vanta.invalid"]), Manner::Answers).await;
    let proxy = LeadingProxy::start(upstream.port).await;
    let (there, nobody) = (&proxy.address, &nobody().await);
    let case = |name, more: &[(&'static str, &str)]| {
        let own = [
            ("VANTA_BASE_URL", "https://vanta.invalid"),
            ("VANTA_MCP_CA_FILE", &ca),
            ("VANTA_CLIENT_ID", "vci_a"),
            ("VANTA_CLIENT_SECRET", "vcs_b"),
        ];
        Case::new(name, &[own.as_slice(), more].concat()).calls("list_vendors")
    };
    let (spaced, quoted, bare) =
        (format!("  http://{there}\t"), format!("'http://{there}'"), format!("{there}\n"));
    let (dead, secret) = (format!("http://me:hunter2@{nobody}"), format!("http://me:hunter2@{there}"));
    for case in [
        case("spaces", &[("HTTPS_PROXY", &spaced)]),
        case("quotes", &[("https_proxy", &quoted)]),
        case("no scheme", &[("ALL_PROXY", &bare)]),
        case("a password", &[("HTTPS_PROXY", &secret)]),
        case("an empty one before", &[("HTTPS_PROXY", " "), ("https_proxy", there)]),
        case("unreachable", &[("HTTPS_PROXY", &dead)]).ends(End::Refused).tells(&[
            nobody,
            "HTTPS_PROXY",
            "vanta.invalid",
            "NO_PROXY",
            "The call was not sent",
        ]),
        case("without", &[("HTTPS_PROXY", &dead), ("NO_PROXY", " other.example vanta.invalid ")])
            .ends(End::Refused)
            .tells(&["vanta.invalid"])
            .hides(&[nobody, "HTTPS_PROXY"]),
    ] {
        case.check().await;
    }
    assert_eq!(proxy.asked().len(), 5 * 3 * 2, "a token and a list each: {:?}", proxy.asked());
    for (name, value) in [
        ("no address", "http://me:hunter2@[x"),
        ("no port", "me:hunter2@proxy:port"),
        ("a placeholder", "${hunter2}"),
        ("two words", "http://proxy hunter2"),
        ("SOCKS", "socks5://me:hunter2@proxy:1080"),
        ("another scheme", "ftp://hunter2"),
    ] {
        let told = ["HTTPS_PROXY (environment)", "it is ignored", "http://proxy.example.com:3128"];
        Case::new(name, &[("HTTPS_PROXY", value)]).tells(&told).check().await;
    }
    // This machine's own is reached without any.
    let (id, secret) = world.tenant.application(vanta_demo::Application::Manage);
    let own = [("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET", secret)];
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        world.vanta("loopback", &[own[0], own[1], (name, &*dead)]).check().await;
    }
    let panel =
        [("VANTA_PANEL_URL", &*world.tenant.panel_url()), ("VANTA_PANEL_TOKEN", world.tenant.panel_token())];
    let panel = Case::new("panel", &[panel[0], panel[1], ("ALL_PROXY", &*dead)]).calls("list_panel_accounts");
    panel.with(json!({})).check().await;
}
