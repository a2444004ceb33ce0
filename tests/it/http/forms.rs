//! A call that takes long, is cancelled, or has something to ask, for clients that take one form of answers alone.

use std::time::{Duration, Instant};

use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, HeaderValue};
use serde_json::{Value, json};
use vanta_demo::{Fault, FaultKind, Target};

use super::{Era, Served, told};
use crate::harness::eventually;

fn taking(accept: &'static str, request: RequestBuilder) -> reqwest::Request {
    let mut request = request.build().unwrap();
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
    request
}

fn call(id: u32, tool: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
}

fn slow(served: &Served, seconds: u64) {
    let kind = FaultKind::Slow(Duration::from_secs(seconds));
    served.tenant.fault(Fault { on: Target::Vanta, kind, times: 1 });
}

#[tokio::test]
async fn a_long_call_comes_whole_to_one_and_with_its_progress_to_the_other() {
    let served = Served::start(&[]).await;
    let session = served.session(None).await;
    for (era, accept) in [
        (Era::Alone, "application/json"),
        (Era::Session(&session), "application/json"),
        (Era::Alone, "text/event-stream"),
        (Era::Session(&session), "text/event-stream"),
    ] {
        for wants_progress in [false, true] {
            slow(&served, 3);
            let mut request = taking(accept, served.post(None, era, call(1, "list_frameworks", &json!({}))));
            if wants_progress {
                let mut body: Value =
                    serde_json::from_slice(request.body().unwrap().as_bytes().unwrap()).unwrap();
                body["params"]["_meta"]["progressToken"] = "p".into();
                *request.body_mut() = Some(body.to_string().into());
            }
            let response = served.client.execute(request).await.unwrap();
            let is_json = accept == "application/json";
            assert_eq!(
                (response.status().as_u16(), response.headers()["content-type"].as_bytes()),
                (200, accept.as_bytes())
            );
            let text = response.text().await.unwrap();
            assert!(text.contains("soc2"), "{era:?} {accept}: {text}");
            assert_eq!(serde_json::from_str::<Value>(&text).is_ok(), is_json, "{text}");
            let tells = text.contains("notifications/progress");
            assert_eq!(tells, wants_progress && !is_json, "{era:?} {accept}: {text}");
        }
    }
}

#[tokio::test]
async fn a_call_that_is_cancelled_ends_in_an_error_where_there_is_no_stream_to_end() {
    let served = Served::start(&[]).await;
    let session = served.session(None).await;
    slow(&served, 30);
    let begun = Instant::now();
    let request = served.post(None, Era::Session(&session), call(7, "list_frameworks", &json!({})));
    let asked = served.client.execute(taking("application/json", request));
    let cancelled = async {
        eventually("it is under way", async || {
            served.tenant.seen().iter().any(|seen| seen.path == "/v1/frameworks")
        })
        .await;
        let cancel =
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}});
        assert_eq!(served.post(None, Era::Session(&session), cancel).send().await.unwrap().status(), 202);
    };
    let (answered, ()) = tokio::join!(asked, cancelled);
    let answered = answered.unwrap();
    assert_eq!(answered.headers()["content-type"], "application/json");
    let error: Value = serde_json::from_str(&answered.text().await.unwrap()).unwrap();
    assert!(error["id"] == 7 && error["error"]["message"].as_str().unwrap().contains("cancelled"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn nobody_is_asked_where_a_question_could_not_go_out() {
    let served = Served::start(&[]).await;
    let client = json!({"name": "t", "version": "0"});
    let params =
        json!({"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}}, "clientInfo": client});
    let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    for accept in ["application/json", "*/*"] {
        let begun = served.post(None, Era::Session(""), initialize.clone());
        let begun = served.client.execute(taking(accept, begun)).await.unwrap();
        let session = begun.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(served.post(None, Era::Session(&session), ready).send().await.unwrap().status(), 202);
        let asked = call(1, "terminate_panel_account", &json!({"user": "baker"}));
        let request = taking(accept, served.post(None, Era::Session(&session), asked));
        let answer = served.client.execute(request).await.unwrap().text().await.unwrap();
        let (failed, text) = told(&serde_json::from_str(&answer).unwrap());
        assert!(!failed && text.contains("toConfirm"), "{accept}: {text}");
    }
}
