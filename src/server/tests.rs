//! The server through a client in memory.

use std::sync::{Arc, Mutex};

use rmcp::ServiceExt as _;
use rmcp::handler::client::ClientHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, ElicitRequestParams,
    ElicitResult, ElicitationAction, ErrorData, Implementation, ProgressNotificationParam,
};
use rmcp::service::{NotificationContext, RequestContext, RoleClient, RunningService};
use serde_json::{Value, json};

use super::*;
use crate::api::{Clients, Credential, RequestLimits, SharedBudget, Timeouts, Upstream};
use crate::call::Calls;
use crate::catalog::{Api, Effect};
use crate::files::Folders;
use crate::gate::{Policy, Principal};
use crate::state::Shared;
use crate::tools::{Choice, Tool, Warnings};

/// A person with a client that asks; none of them can be asked without an answer.
#[derive(Clone, Default)]
struct Person {
    answer: Option<Value>,
    asked: Arc<Mutex<Vec<String>>>,
    told: Arc<Mutex<Vec<f64>>>,
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let capabilities = match self.answer {
            Some(_) => serde_json::from_value(json!({ "elicitation": {} })).unwrap(),
            None => ClientCapabilities::default(),
        };
        ClientConfig::new(capabilities, Implementation::new("person", "0"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        self.asked.lock().unwrap().push(json!(request)["message"].as_str().unwrap().to_owned());
        let mut answer = ElicitResult::new(ElicitationAction::Accept);
        answer.content = self.answer.clone();
        Ok(answer)
    }

    async fn on_progress(&self, told: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.told.lock().unwrap().push(told.progress);
    }
}

/// A server with one API, of which nobody is at home.
fn server(upstreams: Vec<Upstream>) -> Server {
    let profile = Arc::new(Clients::new(
        upstreams,
        &Arc::default(),
        &SharedBudget::by(Arc::new(Shared::alone()), RequestLimits::default()),
    ));
    let calls = Calls::new(Policy::of_operator(Effect::Read), Folders::default());
    Server::new(
        profile,
        &calls,
        Choice::default(),
        None,
        Warnings { of_operator: vec!["a warning".to_owned()], ..Warnings::default() },
    )
}

fn nobody_home() -> Vec<Upstream> {
    let credential = Credential::Application {
        client_id: "vci_x".to_owned(),
        client_secret: "vcs_x".into(),
        scopes: crate::api::upstream::scopes_for(Api::Manage, Effect::Read, None),
    };
    let base = url::Url::parse("http://127.0.0.1:1/").unwrap();
    let timeouts = Timeouts::from_silence(std::time::Duration::from_secs(1));
    vec![Upstream { api: Api::Manage, base, credential, timeouts }]
}

async fn client(upstreams: Vec<Upstream>, person: Person) -> RunningService<RoleClient, Person> {
    let server = server(upstreams);
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { server.serve(ours).await.unwrap().waiting().await });
    person.serve(theirs).await.unwrap()
}

async fn call(client: &RunningService<RoleClient, Person>, tool: &'static str) -> CallToolResult {
    client.call_tool(CallToolRequestParams::new(tool)).await.unwrap()
}

fn text(result: &CallToolResult) -> String {
    result.content.first().and_then(|block| block.as_text()).map(|text| text.text.clone()).unwrap_or_default()
}

#[tokio::test]
async fn without_credentials_only_the_status_is_listed() {
    let client = client(Vec::new(), Person::default()).await;
    let names: Vec<_> = client.list_all_tools().await.unwrap().into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["panics", "server_status"]);
    let status = call(&client, "server_status").await.structured_content.unwrap();
    assert!(status["toBegin"].as_str().unwrap().contains("VANTA_CLIENT_ID"));
    assert_eq!(status["warnings"][0], "a warning");
}

#[tokio::test]
async fn a_panic_is_an_error_and_the_server_lives_on() {
    let client = client(Vec::new(), Person::default()).await;
    let result = call(&client, "panics").await;
    assert_eq!(result.is_error, Some(true));
    assert!(text(&result).contains("internal error"));
    assert_eq!(call(&client, "server_status").await.is_error, Some(false));
}

#[tokio::test]
async fn what_is_not_offered_says_which_setting_would_offer_it() {
    let client = client(Vec::new(), Person::default()).await;
    for tool in ["list_controls", "asks_first"] {
        assert!(text(&call(&client, tool).await).contains("VANTA_CLIENT_ID"), "{tool}");
    }
    assert!(text(&call(&client, "delete_vendor").await).contains("VANTA_MCP_ACCESS=destroy"));
    let unknown = client.call_tool(CallToolRequestParams::new("list_vendor")).await.unwrap_err().to_string();
    assert!(unknown.contains("Did you mean list_vendors?"), "{unknown}");
}

#[tokio::test]
async fn a_written_tool_asks_the_person_and_calls_through_the_same_door() {
    for (answer, expected) in [
        (Some(json!({"confirm": true})), "127.0.0.1:1"),
        (Some(json!({"confirm": false})), "Refused"),
        (None, "Unanswered"),
    ] {
        let person = Person { answer: answer.clone(), ..Person::default() };
        let client = client(nobody_home(), person.clone()).await;
        let result = text(&call(&client, "asks_first").await);
        assert!(result.contains(expected), "{answer:?}: {result}");
        let asked = person.asked.lock().unwrap().clone();
        assert_eq!(asked, if answer.is_some() { vec!["List the vendors?"] } else { vec![] });
        // After the tool's own step come those of the waits between attempts.
        let told = person.told.lock().unwrap().clone();
        assert_eq!(told.first(), Some(&1.0), "rmcp's client asks for progress with each call");
        assert!(told.is_sorted_by(|one, next| one < next), "{told:?}");
    }
}

#[tokio::test]
async fn a_call_without_a_client_comes_the_same_way() {
    let server = server(nobody_home());
    let cx = server.context(Principal::Anybody);
    let reply = server.call(&cx, "run_read_tool", json!({"tool": "list_vendors"})).await.unwrap();
    assert_eq!(reply.ran.unwrap().tool, "list_vendors", "it is the tool's own");
    assert!(reply.said.unwrap_err().contains("127.0.0.1:1"));
    let unknown = server.call(&cx, "list_vendor", json!({})).await.unwrap_err();
    assert!(matches!(unknown, Unanswered::NoSuchTool(_)));
    cx.term.gone.cancel();
    let cancelled = server.call(&cx, "list_vendors", json!({})).await.unwrap_err();
    assert!(matches!(cancelled, Unanswered::Cancelled));
}

#[tokio::test]
async fn what_a_written_tool_answers_is_what_its_type_says() {
    let server = server(nobody_home());
    let cx = server.context(Principal::Anybody);
    let found = json!({"query": "vendors", "limit": 3});
    for (tool, arguments) in [("server_status", json!({})), ("find_tools", found)] {
        let Some(Tool::Written(written)) = Tool::named(tool) else { panic!("{tool}") };
        let schema = (written.spec().output.unwrap())();
        let answer = server.call(&cx, tool, arguments).await.unwrap().said.unwrap().value();
        let told: Vec<String> = jsonschema::validator_for(&json!(schema))
            .unwrap()
            .iter_errors(&answer)
            .map(|e| e.to_string())
            .collect();
        assert!(told.is_empty(), "{tool}: {told:?}");
        let named: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        let unnamed: Vec<&String> =
            answer.as_object().unwrap().keys().filter(|name| !named.contains(name)).collect();
        assert!(unnamed.is_empty(), "{tool}: {unnamed:?}");
    }
}

#[tokio::test]
async fn a_task_that_takes_too_long_fails_and_is_forgotten_in_time() {
    let lasts = std::time::Duration::from_millis(300);
    let tasks = tasks::Tasks::new(tasks::TaskBounds { lasts, kept_of_one: 1, ..tasks::BOUNDS });
    let begin = || {
        tasks.begin(&Principal::Anybody, |_, gone| {
            Box::pin(async move {
                gone.cancelled().await;
                None
            })
        })
    };
    let id = begin().unwrap().task.task_id;
    assert!(begin().is_none(), "one more than may be kept");
    let state = |id: &str| json!(tasks.get(id, &Principal::Anybody).ok());
    assert_eq!(state(&id)["status"], "working");
    let begun = std::time::Instant::now();
    while state(&id)["status"] == "working" {
        assert!(begun.elapsed() < 20 * lasts);
        tokio::time::sleep(lasts / 10).await;
    }
    assert_eq!(state(&id)["status"], "failed");
    while !state(&id).is_null() {
        assert!(begun.elapsed() < 20 * lasts);
        tokio::time::sleep(lasts / 10).await;
    }
    // Its place is free again, until the server ends.
    let id = begin().unwrap().task.task_id;
    tasks.end();
    assert!(state(&id).is_null());
    assert!(begin().is_none());
}

#[tokio::test]
async fn a_task_that_panics_has_failed() {
    let tasks = tasks::Tasks::new(tasks::BOUNDS);
    let id = tasks
        .begin(&Principal::Anybody, |_, _| Box::pin(async { panic!("on purpose") }))
        .unwrap()
        .task
        .task_id;
    let state = || json!(tasks.get(&id, &Principal::Anybody).unwrap());
    while state()["status"] == "working" {
        tokio::task::yield_now().await;
    }
    assert_eq!(state()["status"], "failed");
    assert!(state()["error"]["message"].as_str().unwrap().contains("a bug in the server"), "{}", state());
}
