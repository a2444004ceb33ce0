//! What a call may weigh: large answers of an upstream, and what they cost here.

use serde_json::json;
use vanta_demo::{FaultKind, Target};

use crate::harness::Setup;

#[tokio::test]
async fn of_a_refusal_no_more_is_read_than_is_told() {
    let run = Setup::default().start().await;
    run.value("list_panel_accounts", json!({})).await;
    let before = run.peak_kib();
    let entries = "{\"message\": \"no\"},".repeat(700_000);
    for (status, body) in [
        (500, format!("{{\"message\": \"out of order\", \"errors\": [{entries} {{}}]}}")),
        (400, format!("<html><body>out of order {}", "<p>no</p>".repeat(1_500_000))),
    ] {
        run.fault(Target::Panel, FaultKind::Body { status, body }, 1);
        let told = run.error("list_panel_accounts", json!({})).await;
        assert!(told.contains(&format!("answered {status}")) && told.contains("out of order"), "{told}");
        assert!(told.len() < 1000, "{told}");
    }
    let grown = run.peak_kib() - before;
    assert!(grown < 8 << 10, "{grown} KiB more at the peak, for refusals of 13 MB");
    run.value("list_panel_accounts", json!({})).await;
}

#[tokio::test]
async fn a_large_answer_takes_at_most_four_times_its_bytes() {
    let page =
        |items: &str| format!(r#"{{"results":{{"data":[{items}],"pageInfo":{{"hasNextPage":false}}}}}}"#);
    let many = page(&vec![r#"{"name":1}"#; 500_000].join(","));
    let wide = page(&format!("{{{}}}", vec![r#""":0"#; 800_000].join(",")));
    let inner = page(&format!(r#"{{"name":[{}]}}"#, vec![r#"{"":0}"#; 600_000].join(",")));
    let deep = page(&format!(r#"{{"name":{}{}}}"#, "[".repeat(2_000_000), "]".repeat(2_000_000)));
    let lists = page(&vec!["[]"; 1_400_000].join(","));
    let text = page(&format!(r#"{{"name":"{}"}}"#, "x".repeat(4_000_000)));
    for (fields, body, shown) in [
        (json!(["*"]), &many, 10_000),
        (json!(["name"]), &many, 10_000),
        (json!(["*"]), &wide, 1),
        (json!(["*"]), &inner, 1),
        (json!(["name"]), &deep, 1),
        (json!(["*"]), &lists, 10_000),
        (json!(["*"]), &text, 1),
    ] {
        let run = Setup::default().start().await;
        run.value("list_vendors", json!({})).await;
        let before = run.peak_kib();
        let size = body.len() as u64 / 1024;
        run.fault(Target::Vanta, FaultKind::Body { status: 200, body: body.clone() }, 1);
        let page = run.value("list_vendors", json!({ "fields": fields })).await;
        assert_eq!(page["count"], shown, "{fields}");
        if !body.contains(r#""":0"#) || shown > 1 {
            assert!(
                page["note"].as_str().is_some_and(|note| !note.is_empty()),
                "{fields}: what was cut is told of {}",
                &body[..60]
            );
        }
        let grown = run.peak_kib() - before;
        assert!(grown < 4 * size, "{grown} KiB more at the peak, for a page of {size} KiB: {}", &body[..60]);
    }
}

#[tokio::test]
async fn arguments_are_weighed_before_anything_is_made_of_them() {
    let run = Setup::access("read").start().await;
    run.value("list_vendors", json!({})).await;
    let before = run.peak_kib();
    let junk = json!(vec![json!({"": 0}); 300_000]);
    for (tool, arguments) in [
        ("list_vendors", json!({ "fields": junk })),
        ("find_tools", json!({"query": "x", "junk": junk})),
        ("run_read_tool", json!({"tool": "list_vendors", "arguments": {"fields": junk}})),
        ("no_such_tool", json!({ "junk": junk })),
        ("list_vendors", json!({ "file": junk })),
        ("list_vendors", json!({ "fields": vec![json!({"": 0}); 25_000] })),
    ] {
        let told = run.error(tool, arguments).await;
        assert!(told.contains("Nothing was sent") && told.starts_with(tool), "{tool}: {told}");
    }
    let grown = run.peak_kib() - before;
    assert!(grown < 24 << 10, "{grown} KiB more at the peak, for messages of 2 MB");
    run.value("list_vendors", json!({})).await;
}
