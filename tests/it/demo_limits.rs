//! `--demo-limits`: whether the demo tenant takes as few requests a minute as Vanta does.

use serde_json::json;

use crate::cli::{run, run_in};
use crate::harness::{Wire, command};

/// One more than Vanta takes in a minute.
const CALLS: usize = 51;

/// What a server of the demo tenant says to those of so many reads in a row that it refuses.
async fn refused(variables: &[(&str, &str)], arguments: &[&str]) -> Vec<String> {
    let mut server = command();
    // Neither the server's own limits nor the tenant's are waited for.
    server.env("VANTA_MCP_WAIT", "0").env("VANTA_MCP_TIMEOUT", "5").envs(variables.iter().copied());
    server.args(["serve", "--demo"]).args(arguments);
    let mut wire = Wire::start(server);
    wire.initialize().await;
    let mut refused = Vec::new();
    for id in 1..=CALLS {
        wire.message(&json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {"name": "list_frameworks", "arguments": {"pageSize": 1}},
        }))
        .await;
        let mut answer = wire.receive().await.unwrap();
        while answer["id"] != id {
            answer = wire.receive().await.unwrap();
        }
        if answer["result"]["isError"] == true {
            refused.push(answer["result"]["content"][0]["text"].as_str().unwrap().to_owned());
        }
    }
    refused
}

#[tokio::test]
async fn the_demo_tenant_keeps_the_limits_unless_told_otherwise() {
    for said in [&[][..], &[("VANTA_MCP_DEMO_LIMITS", "real")]] {
        let refused = refused(said, &[]).await;
        let [only] = &refused[..] else { panic!("{said:?}: {refused:?}") };
        assert!(only.contains("answered 429") && only.contains("50 requests a minute"), "{only}");
    }
    let none: [String; 0] = [];
    assert_eq!(refused(&[], &["--demo-limits", "off"]).await, none);
    assert_eq!(refused(&[("VANTA_MCP_DEMO_LIMITS", "off")], &[]).await, none);
}

/// The server's own limits would hold a client back whose tenant has none.
#[tokio::test]
async fn without_limits_the_server_waits_for_no_turn() {
    let usual = [("VANTA_MCP_LIMITS", "")];
    assert_eq!(refused(&usual, &["--demo-limits", "off"]).await.len(), 0);
    let set = [("VANTA_MCP_LIMITS", "manage=49")];
    let held = refused(&set, &["--demo-limits", "off"]).await;
    assert_eq!(held.len(), CALLS - 49, "a limit that was set is kept: {held:?}");
}

#[tokio::test]
async fn limits_of_the_demo_tenant_are_refused_where_there_is_none() {
    for (variables, arguments, told) in [
        (&[][..], &["call", "server_status", "--demo-limits", "off"][..], "--demo-limits applies to"),
        (&[], &["status", "--demo-limits", "real"], "--demo-limits applies to"),
        (
            &[("VANTA_MCP_DEMO_LIMITS", "off")],
            &["tools"],
            "VANTA_MCP_DEMO_LIMITS (environment) applies to the demo tenant only",
        ),
    ] {
        let done = run_in(variables, arguments).await;
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(done.stderr.contains(told) && done.stderr.contains("Add --demo"), "{done:?}");
    }
    let wrong = run(&["status", "--demo", "--demo-limits", "some"]).await;
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("expected real or off, not `some`"), "{wrong:?}");
    for right in ["real", "off"] {
        assert_eq!(run(&["status", "--demo", "--demo-limits", right]).await.code, Some(0), "{right}");
    }
}

#[tokio::test]
async fn the_tour_has_no_limits_and_says_what_they_would_have_cost() {
    let free = run(&["demo"]).await.stdout;
    let price = free.split_once("# What this tour costs").expect(&free).1.replace('\n', " ");
    let number = |before: &str| -> usize {
        let rest = price.split_once(before).unwrap_or_else(|| panic!("{before}: {price}")).1;
        rest.split_whitespace().next().unwrap().parse().unwrap()
    };
    let (requests, minutes) = (number("It made"), number("at least"));
    assert!(requests > 150, "each control is a request: {requests}");
    assert_eq!(minutes, requests.div_ceil(50) - 1);
}
