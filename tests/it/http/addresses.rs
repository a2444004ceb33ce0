//! What stands at addresses, prompts and completion, for callers who were granted less.

use serde_json::json;

use super::{Era, Served, Tokens, message};

#[tokio::test]
async fn an_address_is_read_by_those_alone_who_may_call_its_tool() {
    let tokens = Tokens::new();
    let reader = tokens.add("reader", &["--access", "read"]).await;
    let host = tokens.add("host", &["--access", "read", "--toolsets", "panel"]).await;
    let served = Served::start_with(&["--tokens", &tokens.path], &[("VANTA_MCP_CACHE", "60")]).await;
    let reading = json!({"uri": "vanta://controls/backups-performed"});
    let typing = json!({
        "ref": {"type": "ref/resource", "uri": "vanta://controls/{id}"},
        "argument": {"name": "id", "value": "back"}
    });
    let (of_reader, of_host) = (served.session(Some(&reader)).await, served.session(Some(&host)).await);
    for (readers, hosts) in [(Era::Session(&of_reader), Era::Session(&of_host)), (Era::Alone, Era::Alone)] {
        let ask = async |token: &str, era, method: &str, params: &serde_json::Value| {
            let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
            let mut request = served.post(Some(token), era, request);
            if let Some(uri) = params["uri"].as_str().filter(|_| era == Era::Alone) {
                request = request.header("mcp-name", uri);
            }
            message(request.send().await.unwrap()).await
        };
        let list = json!({"name": "list_controls", "arguments": {"pageSize": 100}});
        ask(&reader, readers, "tools/call", &list).await;
        let read = ask(&reader, readers, "resources/read", &reading).await;
        assert!(read["result"]["contents"][0]["text"].to_string().contains("BCD-01"), "{read}");
        let completed = ask(&reader, readers, "completion/complete", &typing).await;
        assert!(
            completed["result"]["completion"]["values"].to_string().contains("backups-performed"),
            "{completed}"
        );
        let refused = ask(&host, hosts, "resources/read", &reading).await;
        let code = if matches!(hosts, Era::Session(_)) { -32002 } else { -32602 };
        assert_eq!(refused["error"]["code"], code, "{refused}");
        assert!(!refused.to_string().contains("BCD-01"), "{refused}");
        let completed = ask(&host, hosts, "completion/complete", &typing).await;
        assert_eq!(completed["result"]["completion"]["values"], json!([]));
        let templates = ask(&host, hosts, "resources/templates/list", &json!({})).await.to_string();
        assert!(
            templates.contains("panel://accounts/{user}") && !templates.contains("vanta://controls"),
            "{templates}"
        );
        let prompts = ask(&host, hosts, "prompts/list", &json!({})).await;
        assert_eq!(prompts["result"]["prompts"], json!([]), "the one for the Panel changes something");
    }
}
