//! The Trust Center that is meant where nobody names one.

use serde_json::json;
use vanta_demo::Limits;

use crate::harness::{self, Setup};

const ADDRESS: &str = "app.vanta.com/NAME/trust/SLUG";

#[tokio::test]
async fn the_settings_name_the_trust_center_where_a_call_does_not() {
    let slug = harness::tenant(Limits::Off).await.trust_center();
    for setting in [slug.to_owned(), format!("https://app.vanta.com/acme/trust/{slug}?tab=faq")] {
        let run = Setup::default().with("VANTA_TRUST_CENTER", &*setting).start().await;
        for slug in [json!({}), json!({"slugId": null}), json!({"slugId": " "}), json!({"slugId": slug})] {
            run.value("get_trust_center", slug).await;
        }
        let told = run.error("get_trust_center", json!({"slugId": "elsewhere"})).await;
        assert!(told.contains(ADDRESS) && told.contains("404"), "{told}");
        // A preview reads the target there, and names it.
        let faqs = run.value("list_trust_center_faqs", json!({})).await;
        let preview = run.value("delete_trust_center_faq", json!({"faqId": faqs["items"][0]["id"]})).await;
        assert_eq!(preview["changed"], false, "{preview}");
        assert!(preview["state"].as_object().is_some(), "{preview}");
        assert!(run.seen().iter().all(|seen| !seen.path.contains("//")));
    }
}

#[tokio::test]
async fn without_either_nothing_is_sent_and_the_place_to_look_is_told() {
    let run = Setup::default().start().await;
    for arguments in [json!({}), json!({"slugId": null}), json!({"slugId": ""})] {
        let told = run.error("get_trust_center", arguments).await;
        assert!(told.contains("slugId"), "{told}");
    }
    let told = run.error("get_trust_center", json!({})).await;
    assert!(told.contains(ADDRESS) && told.contains("VANTA_TRUST_CENTER"), "{told}");
    assert!(run.seen().is_empty());
}

#[tokio::test]
async fn what_is_no_slug_is_refused_at_the_start_and_the_demo_names_its_own() {
    let mut command = harness::command();
    let refused = command.env("VANTA_TRUST_CENTER", "trust.acme.com").arg("tools").output().await.unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("VANTA_TRUST_CENTER") && told.contains(ADDRESS), "{told}");
    let called = harness::command()
        .args(["call", "--demo", "get_trust_center", "{}", "--json"])
        .output()
        .await
        .unwrap();
    assert!(called.status.success(), "{}", String::from_utf8_lossy(&called.stderr));
}

#[tokio::test]
async fn what_the_settings_name_need_not_be_named_in_a_call() {
    for (slug, required) in [("", true), ("acme", false)] {
        let run = Setup::default().with("VANTA_TRUST_CENTER", slug).start().await;
        let tools = run.client.list_all_tools().await.unwrap();
        // A job says only where it runs that it needs the slug.
        let operations = tools.iter().filter(|tool| tool.name != "trust_center_access");
        let about: Vec<_> =
            operations.filter(|tool| tool.input_schema["properties"].get("slugId").is_some()).collect();
        assert!(about.len() > 70, "{}", about.len());
        for tool in about {
            let names = tool.input_schema["required"].as_array().unwrap();
            assert_eq!(names.contains(&json!("slugId")), required, "{}", tool.name);
        }
        let found = run.value("find_tools", json!({"query": "get_trust_center"})).await;
        assert_eq!(found["best"]["inputSchema"]["required"] == json!(["slugId"]), required, "{found}");
    }
}
