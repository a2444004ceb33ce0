//! Access tokens of an authorization server.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use reqwest::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

use super::issuer::{Issuer, Signer, now, signed_by_secret, unsigned};
use super::{Era, Served, message, told};
use crate::harness::{command, eventually};

/// What the tests' tokens are for.
pub const AUDIENCE: &str = "https://mcp.example.com/mcp";

const METADATA: &str = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";

async fn serve(issuer: &Issuer) -> Served {
    Served::start(&["--issuer", &issuer.url, "--audience", AUDIENCE]).await
}

fn header(signer: &Signer) -> Value {
    json!({"alg": signer.algorithm(), "typ": "at+jwt", "kid": "k1"})
}

/// A good signature by a key that the issuer does not show.
fn guess(signer: &Signer, claims: &Value, number: usize) -> String {
    signer.token(&json!({"alg": signer.algorithm(), "kid": format!("g{number}")}), claims)
}

async fn status(served: &Served, token: &str) -> u16 {
    served.ask(Some(token), Era::Alone, "tools/list", json!({})).await.status().as_u16()
}

#[tokio::test]
async fn a_good_token_of_each_kind_of_key_is_let_in() {
    for signer in [Signer::rsa(), Signer::ec(), Signer::ed()] {
        let issuer = Issuer::start(&[signer.public("k1")]).await;
        let served = serve(&issuer).await;
        let mut claims = issuer.claims("openid vanta:read");
        let token = signer.token(&header(&signer), &claims);
        assert_eq!(status(&served, &token).await, 200, "{}", signer.algorithm());
        claims["aud"] = json!(["https://other.example", AUDIENCE]);
        claims["scp"] = json!(["vanta:write"]);
        let names = served.names(Some(&signer.token(&header(&signer), &claims)), Era::Alone).await;
        assert!(names.contains(&"run_write_tool".to_owned()), "several audiences, scopes as an array");
        // Without a name the only key of its algorithm is meant.
        let nameless = signer.token(&json!({"alg": signer.algorithm()}), &claims);
        assert_eq!(status(&served, &nameless).await, 200);
        assert_eq!(issuer.asked.load(Ordering::Relaxed), 1, "the keys are kept");
        let log = served.log.lock().await.clone();
        assert!(!log.contains(&token), "{log}");
    }
}

#[tokio::test]
async fn every_token_that_is_wrong_in_one_thing_is_refused() {
    let signer = Signer::rsa();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let served = serve(&issuer).await;
    let good = issuer.claims("vanta:destroy panel:destroy");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut claims = good.clone();
        change(&mut claims);
        signer.token(&header(&signer), &claims)
    };
    assert_eq!(status(&served, &with(&|_| {})).await, 200);
    let public = signer.public("k1");
    let hs256 = json!({"alg": "HS256", "kid": "k1"});
    let mut wrong = vec![
        ("expired", with(&|claims| claims["exp"] = (now() - 90).into())),
        ("without an end", with(&|claims| _ = claims.as_object_mut().unwrap().remove("exp"))),
        ("an end that is no number", with(&|claims| claims["exp"] = "soon".into())),
        ("not yet good", with(&|claims| claims["nbf"] = (now() + 90).into())),
        ("another audience", with(&|claims| claims["aud"] = "https://mcp.example.com".into())),
        ("without audience", with(&|claims| _ = claims.as_object_mut().unwrap().remove("aud"))),
        ("another issuer", with(&|claims| claims["iss"] = "https://evil.example".into())),
        ("without issuer", with(&|claims| _ = claims.as_object_mut().unwrap().remove("iss"))),
        ("an issuer that is no text", with(&|claims| claims["iss"] = json!([issuer.url]))),
        ("without subject", with(&|claims| _ = claims.as_object_mut().unwrap().remove("sub"))),
        ("a subject that forges log lines", with(&|claims| claims["sub"] = "ada\nWARN".into())),
        ("alg none", format!("{}.", unsigned(&json!({"alg": "none", "kid": "k1"}), &good))),
        ("alg None", format!("{}.", unsigned(&json!({"alg": "None"}), &good))),
        ("no signature", format!("{}.", unsigned(&header(&signer), &good))),
        ("another algorithm", signer.token(&json!({"alg": "RS384", "kid": "k1"}), &good)),
        ("another key", Signer::ec().token(&json!({"alg": "ES256", "kid": "k1"}), &good)),
        ("a key of the caller's own", Signer::ec().token(&json!({"alg": "ES256", "jwk": public}), &good)),
        ("a name of no key", signer.token(&json!({"alg": "RS256", "kid": "../k1"}), &good)),
        (
            "an extension that must be understood",
            signer.token(&json!({"alg": "RS256", "kid": "k1", "crit": ["x"], "x": 1}), &good),
        ),
        ("made in the future", with(&|claims| claims["iat"] = (now() + 90).into())),
        ("made at no time", with(&|claims| claims["iat"] = "now".into())),
        ("another writing of the issuer", with(&|claims| claims["iss"] = format!("{}/", issuer.url).into())),
        (
            "another kind of token",
            signer.token(&json!({"alg": "RS256", "kid": "k1", "typ": "logout+jwt"}), &good),
        ),
        ("nonsense", "a.b.c".to_owned()),
    ];
    // The public key as the secret, in each way that it is written.
    let modulus = public["n"].as_str().unwrap().as_bytes().to_vec();
    for secret in
        [modulus, public.to_string().into_bytes(), json!({"keys": [public]}).to_string().into_bytes()]
    {
        wrong.push(("key confusion", signed_by_secret(&secret, &hs256, &good)));
    }
    let tampered = {
        let token = with(&|_| {});
        let signature = token.rsplit_once('.').unwrap().1.to_owned();
        let mut claims = good.clone();
        claims["sub"] = "root".into();
        format!("{}.{signature}", unsigned(&header(&signer), &claims))
    };
    wrong.push(("tampered claims", tampered));
    let words = [
        ("expired", "has expired"),
        ("without an end", "`exp` must be a number"),
        ("an end that is no number", "`exp` must be a number"),
        ("not yet good", "not valid yet"),
        ("made in the future", "not valid yet"),
        ("another audience", "for another server"),
        ("without audience", "for another server"),
        ("another issuer", "from an issuer that this server does not accept"),
        ("without issuer", "from an issuer that this server does not accept"),
        ("an issuer that is no text", "from an issuer that this server does not accept"),
        ("another writing of the issuer", "from an issuer that this server does not accept"),
        ("without subject", "`sub`"),
        ("a name of no key", "publishes no key"),
        ("another algorithm", "publishes no key"),
        ("another key", "publishes no key"),
        ("a key of the caller's own", "publishes no key"),
    ];
    for (what, token) in wrong {
        let answer = served.ask(Some(&token), Era::Alone, "tools/list", json!({})).await;
        assert_eq!(answer.status(), 401, "{what}");
        let challenge = answer.headers()[WWW_AUTHENTICATE].to_str().unwrap().to_owned();
        assert_eq!(
            challenge,
            format!(
                "Bearer error=\"invalid_token\", scope=\"vanta:read panel:read\", resource_metadata=\"{METADATA}\""
            ),
            "{what}"
        );
        let said = message(answer).await.to_string();
        assert!(!said.contains(&token) && !said.contains("evil.example"), "{what}: {said}");
        let (_, says) =
            words.iter().find(|(of, _)| *of == what).unwrap_or(&("", "unknown, expired or revoked"));
        assert!(said.contains(says), "{what}: {said}");
    }
    assert!(served.tenant.seen().is_empty(), "nothing of it went upstream");
}

#[tokio::test]
async fn keys_are_rotated_and_a_failing_issuer_takes_nobody_out() {
    let (old, new) = (Signer::ec(), Signer::ec());
    let issuer = Issuer::start(&[old.public("k1")]).await;
    let served = serve(&issuer).await;
    let claims = issuer.claims("vanta:read");
    let token = old.token(&header(&old), &claims);
    assert_eq!(status(&served, &token).await, 200);
    issuer.rotate(&[new.public("k2")]);
    let newer = new.token(&json!({"alg": "ES256", "kid": "k2"}), &claims);
    assert_eq!(status(&served, &newer).await, 200, "an unknown name is looked for at once");
    assert_eq!(status(&served, &token).await, 401, "what the issuer has taken back is no longer good");
    issuer.fail();
    assert_eq!(status(&served, &newer).await, 200);
    for number in 0..20 {
        assert_eq!(status(&served, &guess(&new, &claims, number)).await, 503, "it may be newer still");
    }
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 4, "after a failure the issuer is left alone");
    assert_eq!(status(&served, &newer).await, 200);
    let failures = async || served.log.lock().await.matches("could not be fetched").count();
    eventually("the failure is told", async || failures().await > 0).await;
    assert_eq!(failures().await, 1, "once for the fetch, however many needed it");
}

#[tokio::test]
async fn guesses_become_neither_requests_nor_lines_of_the_log_without_end() {
    let signer = Signer::ec();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let served = serve(&issuer).await;
    let claims = issuer.claims("vanta:read");
    let secret = signed_by_secret(b"secret", &json!({"alg": "HS256", "kid": "k1"}), &claims);
    assert_eq!(status(&served, &secret).await, 401);
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 0, "no key could be for it");
    for number in 0..20 {
        assert_eq!(status(&served, &guess(&signer, &claims, number)).await, 401);
    }
    assert!(issuer.asked.load(Ordering::Relaxed) <= 5);
    assert_eq!(status(&served, &signer.token(&header(&signer), &claims)).await, 200);
    let log = served.log.lock().await.clone();
    assert!(!log.contains("WARN"), "{log}");
}

#[tokio::test]
async fn an_issuer_that_hangs_is_waited_for_once_and_never_for_a_known_key() {
    let signer = Signer::ec();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let served = serve(&issuer).await;
    let claims = issuer.claims("vanta:read");
    let token = signer.token(&header(&signer), &claims);
    assert_eq!(status(&served, &token).await, 200);
    issuer.hang();
    let begun = Instant::now();
    let guesses: Vec<_> = (0..8).map(|number| guess(&signer, &claims, number)).collect();
    let strangers = join_all(guesses.iter().map(|guess| status(&served, guess)));
    let known = async {
        eventually("it is asked", async || issuer.asked.load(Ordering::Relaxed) == 2).await;
        for _ in 0..5 {
            assert_eq!(status(&served, &token).await, 200);
        }
        begun.elapsed()
    };
    let (told, elapsed) = join(strangers, known).await;
    assert!(elapsed < Duration::from_secs(8), "{elapsed:?}");
    assert_eq!(told, [503; 8]);
    assert!(begun.elapsed() < Duration::from_secs(18), "{:?}", begun.elapsed());
    assert_eq!(issuer.asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn without_any_keys_a_token_is_not_called_wrong() {
    let signer = Signer::ec();
    let issuer = Issuer::start(&[]).await;
    let served = serve(&issuer).await;
    let token = signer.token(&header(&signer), &issuer.claims("vanta:read"));
    let answer = served.ask(Some(&token), Era::Alone, "tools/list", json!({})).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    issuer.rotate(&[signer.public("k1")]);
    eventually("it is asked again", async || status(&served, &token).await == 200).await;
}

#[tokio::test]
async fn scopes_say_what_is_offered_and_what_is_missing() {
    let signer = Signer::ed();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let served = serve(&issuer).await;
    let token = |scope: &str| signer.token(&header(&signer), &issuer.claims(scope));
    let reader = token("vanta:read");
    let names = served.names(Some(&reader), Era::Alone).await;
    assert!(names.contains(&"list_controls".to_owned()));
    assert!(!names.iter().any(|name| name.contains("panel") || name == "update_vendor"), "{names:?}");
    let run = |tool: &str| json!({"name": "run_write_tool", "arguments": {"tool": tool, "arguments": {}}});
    for (params, scope) in [
        (run("update_vendor"), "vanta:read vanta:write"),
        (
            json!({"name": "delete_vendor", "arguments": {}}),
            "vanta:read vanta:write vanta:publish vanta:destroy",
        ),
        (json!({"name": "list_panel_accounts", "arguments": {}}), "vanta:read panel:read"),
    ] {
        let answer = served.ask(Some(&reader), Era::Alone, "tools/call", params).await;
        assert_eq!(answer.status(), 403, "{scope}");
        assert_eq!(
            answer.headers()[WWW_AUTHENTICATE].to_str().unwrap(),
            format!(
                "Bearer error=\"insufficient_scope\", scope=\"{scope}\", resource_metadata=\"{METADATA}\""
            )
        );
    }
    let nothing = served.ask(Some(&token("openid profile")), Era::Alone, "tools/list", json!({})).await;
    assert_eq!(nothing.status(), 403);
    assert!(
        nothing.headers()[WWW_AUTHENTICATE].to_str().unwrap().contains("scope=\"vanta:read panel:read\"")
    );
    let owner = token("vanta:destroy panel:destroy");
    let preview =
        served.call(Some(&owner), Era::Alone, "terminate_panel_account", json!({"user": "baker"})).await;
    assert!(!told(&preview).0, "{preview}");
    assert!(served.tenant.seen().iter().all(|seen| seen.method == "GET" || seen.path == "/oauth/token"));
}

#[tokio::test]
async fn a_session_is_of_the_subject_and_not_of_the_token() {
    let signer = Signer::ec();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let served = serve(&issuer).await;
    let of = |subject: &str, more: u64| {
        let mut claims = issuer.claims("vanta:read");
        claims["sub"] = subject.into();
        claims["exp"] = (now() + 300 + more).into();
        signer.token(&header(&signer), &claims)
    };
    let session = served.session(Some(&of("ada", 0))).await;
    assert!(!served.names(Some(&of("ada", 1)), Era::Session(&session)).await.is_empty(), "a renewed token");
    let other = served.ask(Some(&of("bob", 0)), Era::Session(&session), "tools/list", json!({})).await;
    assert_eq!(other.status(), 404);
}

#[tokio::test]
async fn the_metadata_says_where_to_get_a_token_and_is_for_everybody() {
    let issuer = Issuer::start(&[]).await;
    let served = Served::start_with(
        &["--issuer", &issuer.url, "--audience", AUDIENCE],
        &[("VANTA_MCP_ACCESS", "write")],
    )
    .await;
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let answer = served.client.get(served.url(path)).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"application/json".parse().unwrap())
        );
        let metadata: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(
            metadata,
            json!({
                "resource": AUDIENCE,
                "authorization_servers": [issuer.url],
                "scopes_supported": ["vanta:read", "vanta:write", "panel:read", "panel:write"],
                "bearer_methods_supported": ["header"],
                "resource_name": "vanta-mcp",
            })
        );
    }
    let missing = served.ask(None, Era::Alone, "tools/list", json!({})).await;
    assert_eq!(missing.status(), 401);
    assert_eq!(
        missing.headers()[WWW_AUTHENTICATE].to_str().unwrap(),
        format!("Bearer scope=\"vanta:read panel:read\", resource_metadata=\"{METADATA}\"")
    );
    let rebound = served.client.get(served.url("/.well-known/oauth-protected-resource"));
    assert_eq!(rebound.header("host", "evil.example").send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn the_metadata_is_served_where_the_challenge_says() {
    let issuer = Issuer::start(&[]).await;
    for audience in [
        "https://mcp.example.com/vanta/mcp",
        "https://mcp.example.com/vanta/mcp/?tenant=1",
        "https://mcp.example.com/:tenant/{name}/{*rest}/*/mcp",
        "https://mcp.example.com",
    ] {
        let served = Served::start(&["--issuer", &issuer.url, "--audience", audience]).await;
        let missing = served.ask(None, Era::Alone, "tools/list", json!({})).await;
        let challenge = missing.headers()[WWW_AUTHENTICATE].to_str().unwrap().to_owned();
        let told = challenge.split_once("resource_metadata=\"https://mcp.example.com").unwrap().1;
        let path = told.trim_end_matches('"');
        for path in
            [path, "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"]
        {
            let answer = served.client.get(served.url(path)).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            let metadata: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            assert_eq!(metadata["resource"], audience);
        }
        let other = served.url("/.well-known/oauth-protected-resource/x/y/z/mcp");
        assert_eq!(served.client.get(other).send().await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn the_issuer_is_told_as_its_operator_wrote_it() {
    let signer = Signer::ec();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let written = format!("{}/", issuer.url);
    let served = Served::start(&["--issuer", &format!(" {written} "), "--audience", AUDIENCE]).await;
    let metadata = served.client.get(served.url("/.well-known/oauth-protected-resource"));
    let metadata = metadata.send().await.unwrap().text().await.unwrap();
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    assert_eq!(metadata["authorization_servers"], json!([written]));
    let mut claims = issuer.claims("vanta:read");
    // A token or metadata of another name, if only by a slash, is another issuer's.
    claims["iss"] = json!(written);
    assert_eq!(status(&served, &signer.token(&header(&signer), &claims)).await, 503);
    assert!(served.log.lock().await.contains("its issuer is"));
}

#[tokio::test]
async fn both_kinds_of_tokens_go_together() {
    let signer = Signer::ec();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let tokens = super::Tokens::new();
    let ci = tokens.add("ci", &["--access", "read"]).await;
    let served =
        Served::start(&["--issuer", &issuer.url, "--audience", AUDIENCE, "--tokens", &tokens.path]).await;
    assert_eq!(status(&served, &ci).await, 200);
    assert_eq!(status(&served, &signer.token(&header(&signer), &issuer.claims("vanta:read"))).await, 200);
    assert_eq!(status(&served, "vmcp_guess").await, 401);
    // Its holder cannot get another token by itself, so the refusal is an answer.
    let refused = served.call(Some(&ci), Era::Alone, "update_vendor", json!({})).await;
    let (failed, text) = told(&refused);
    assert!(failed && text.contains("Nothing was sent"), "{text}");
}

#[tokio::test]
async fn halves_and_unsafe_issuers_are_told_at_the_start() {
    for (arguments, told) in [
        (&["--issuer", "https://login.example"][..], "--audience"),
        (&["--audience", "https://mcp.example.com/mcp"], "--issuer"),
        (&["--issuer", "http://login.example", "--audience", AUDIENCE], "https"),
        (&["--issuer", "https://login.example?tenant=1", "--audience", AUDIENCE], "https"),
        (&["--issuer", "https://:word@login.example", "--audience", AUDIENCE], "https"),
        (&["--issuer", "https://login.example", "--audience", "vanta"], "--public-url"),
    ] {
        let run = command().args(["serve", "--http", "127.0.0.1:0"]).args(arguments).output().await.unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(!run.status.success() && said.contains(told), "{said}");
    }
}

#[tokio::test]
async fn a_kind_of_token_is_known_in_each_way_that_it_is_written() {
    let signer = Signer::ed();
    let issuer = Issuer::start(&[signer.public("k1")]).await;
    let served =
        Served::start_with(&["--issuer", &issuer.url, "--audience", AUDIENCE], &[("VANTA_MCP_LOG", "info")])
            .await;
    let mut claims = issuer.claims("vanta:read");
    for kind in ["at+jwt", "AT+JWT", "application/at+jwt", "JWT"] {
        let token = signer.token(&json!({"alg": "EdDSA", "kid": "k1", "typ": kind}), &claims);
        assert_eq!(status(&served, &token).await, 200, "{kind}");
    }
    // Nobody is told apart by what cannot be seen.
    claims["sub"] = "ad\u{200b}a\u{202e}".into();
    let token = signer.token(&header(&signer), &claims);
    served.call(Some(&token), Era::Alone, "list_vendors", json!({})).await;
    // The log quotes what it names, backslashes too.
    let told = async || served.log.lock().await.replace("\\\\", "\\");
    eventually("the caller is named", async || told().await.contains("oauth:ad\\u{200b}a\\u{202e}")).await;
    let log = told().await;
    assert!(!log.contains('\u{200b}') && !log.contains('\u{202e}'), "{log}");
}
