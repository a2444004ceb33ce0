//! Destructive tools: nothing without a confirmation that fits.

use serde_json::json;

use crate::harness::Setup;

#[tokio::test]
async fn a_termination_is_previewed_then_refused_then_confirmed() {
    let run = Setup::default().start().await;
    let accounts = run.value("list_panel_accounts", json!({})).await;
    let user = accounts["items"][0]["user"].as_str().unwrap().to_owned();

    let preview = run.value("terminate_panel_account", json!({ "user": user })).await;
    assert_eq!(preview["changed"], false);
    assert_eq!(preview["targets"], json!([user]));
    assert!(preview["state"][&user].to_string().contains(&user), "the present state is shown: {preview}");
    assert!(preview["will"].as_str().unwrap().contains("databases"));
    assert!(!run.sent_changes());

    let refused = run.error("terminate_panel_account", json!({ "user": user, "confirm": "another" })).await;
    assert!(refused.contains("nothing was changed"), "{refused}");
    assert!(!run.sent_changes());

    run.value("terminate_panel_account", json!({ "user": user, "confirm": user })).await;
    let gone = run.error("get_panel_account", json!({ "user": user })).await;
    assert!(gone.contains("account_not_found"), "{gone}");
}
