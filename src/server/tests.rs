//! The server through a client in memory.

use std::sync::Arc;

use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use rmcp::service::{RoleClient, RunningService};

use super::*;
use crate::api::Clients;
use crate::files::Folders;
use crate::gate::Policy;

async fn client() -> RunningService<RoleClient, ()> {
    let caller =
        Caller::new(Policy::of_operator(Effect::Read), Arc::new(Clients::default()), Folders::default());
    let server = Server::new(caller, Choice::default(), None, vec!["a warning".to_owned()]);
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { server.serve(ours).await.unwrap().waiting().await });
    ().serve(theirs).await.unwrap()
}

async fn call(client: &RunningService<RoleClient, ()>, tool: &'static str) -> CallToolResult {
    client.call_tool(CallToolRequestParams::new(tool)).await.unwrap()
}

fn text(result: &CallToolResult) -> String {
    result.content.first().and_then(|block| block.as_text()).map(|text| text.text.clone()).unwrap_or_default()
}

#[tokio::test]
async fn without_credentials_only_the_status_is_listed() {
    let client = client().await;
    let names: Vec<_> = client.list_all_tools().await.unwrap().into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["panics", "server_status"]);
    let status = call(&client, "server_status").await.structured_content.unwrap();
    assert!(status["to_begin"].as_str().unwrap().contains("VANTA_CLIENT_ID"));
    assert_eq!(status["warnings"][0], "a warning");
}

#[tokio::test]
async fn a_panic_is_an_error_and_the_server_lives_on() {
    let client = client().await;
    let result = call(&client, "panics").await;
    assert_eq!(result.is_error, Some(true));
    assert!(text(&result).contains("internal error"));
    assert_eq!(call(&client, "server_status").await.is_error, Some(false));
}

#[tokio::test]
async fn what_is_not_offered_says_which_setting_would_offer_it() {
    let client = client().await;
    assert!(text(&call(&client, "list_controls").await).contains("VANTA_CLIENT_ID"));
    assert!(text(&call(&client, "delete_vendor").await).contains("VANTA_MCP_ACCESS=destroy"));
    let unknown = client.call_tool(CallToolRequestParams::new("list_vendor")).await.unwrap_err().to_string();
    assert!(unknown.contains("Did you mean list_vendors?"), "{unknown}");
}
