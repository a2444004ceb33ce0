//! What the tools and prompts answer.

use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ContentBlock,
    CreateMessageRequestParams, ElicitRequestParams, ErrorData, GetPromptRequestParams, GetPromptResponse,
    GetPromptResult, LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam, PromptMessage,
    ResourceContents, Role,
};
use serde_json::{Value, json};

use crate::fixture::{Change, Context, Shared};
use crate::list::{PNG, WAV};
use crate::rounds;

/// A pause between two messages, so that they come one by one.
const BEAT: Duration = Duration::from_millis(50);

/// How long a client may think about a question.
const THINKING: Duration = Duration::from_secs(10);

fn text(text: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

fn said(argument: Option<&Value>) -> String {
    argument.and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub async fn call(
    shared: &Shared,
    request: CallToolRequestParams,
    cx: &Context,
) -> Result<CallToolResponse, ErrorData> {
    let argument = |name: &str| request.arguments.as_ref().and_then(|arguments| arguments.get(name));
    let result = match &*request.name {
        "test_simple_text" => text("This is a simple text response for testing."),
        "test_image_content" => CallToolResult::success(vec![ContentBlock::image(PNG, "image/png")]),
        "test_audio_content" => CallToolResult::success(vec![ContentBlock::audio(WAV, "audio/wav")]),
        "test_embedded_resource" => {
            let resource =
                ResourceContents::text("This is an embedded resource content.", "test://embedded-resource");
            CallToolResult::success(vec![ContentBlock::resource(resource.with_mime_type("text/plain"))])
        }
        "test_multiple_content_types" => {
            let resource =
                ResourceContents::text(r#"{"test":"data","value":123}"#, "test://mixed-content-resource");
            CallToolResult::success(vec![
                ContentBlock::text("Multiple content types test:"),
                ContentBlock::image(PNG, "image/png"),
                ContentBlock::resource(resource.with_mime_type("application/json")),
            ])
        }
        "test_error_handling" => CallToolResult::error(vec![ContentBlock::text(
            "This tool intentionally returns an error for testing",
        )]),
        "test_tool_with_logging" => logging(cx).await,
        "test_tool_with_progress" => progress(cx).await,
        "test_logging_tool" => logs_if_asked(cx).await,
        "test_reconnection" => {
            tokio::time::sleep(BEAT * 2).await;
            text("Reconnection test completed")
        }
        "test_sampling" => sampling(cx, said(argument("prompt"))).await?,
        "test_elicitation" => {
            let fields = json!({
                "username": {"type": "string", "description": "User's response"},
                "email": {"type": "string", "description": "User's email address"}
            });
            let schema = json!({"type": "object", "properties": fields, "required": ["username", "email"]});
            elicitation(cx, &said(argument("message")), &schema, "User response").await?
        }
        "test_elicitation_sep1034_defaults" => {
            elicitation(cx, "Please review", &defaults(), "Elicitation completed").await?
        }
        "test_elicitation_sep1330_enums" => {
            elicitation(cx, "Please choose", &enums(), "Elicitation completed").await?
        }
        "test_missing_capability" => {
            let declared = cx.client_capabilities();
            if declared.is_none_or(|capabilities| capabilities.sampling.is_none()) {
                let needed = ClientCapabilities::builder().enable_sampling().build();
                return Err(ErrorData::missing_required_client_capability(needed));
            }
            text("The capability is there.")
        }
        "test_trigger_tool_change" => changed(shared, Change::Tools),
        "test_trigger_prompt_change" => changed(shared, Change::Prompts),
        "json_schema_2020_12_tool" | "test_custom_header" => {
            text(Value::Object(request.arguments.clone().unwrap_or_default()).to_string())
        }
        name if rounds::NAMES.contains(&name) => return shared.rounds.call(&request, cx),
        name => return Err(ErrorData::invalid_params(format!("Unknown tool: {name}"), None)),
    };
    Ok(result.into())
}

fn changed(shared: &Shared, change: Change) -> CallToolResult {
    // Nobody may be listening, which is no error.
    let listening = shared.changes.send(change).unwrap_or_default();
    text(format!("{listening} told"))
}

async fn log(cx: &Context, line: &str) {
    let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(line));
    let _ = cx.peer.notify_logging_message(message).await;
}

async fn logging(cx: &Context) -> CallToolResult {
    log(cx, "Tool execution started").await;
    tokio::time::sleep(BEAT).await;
    log(cx, "Tool processing data").await;
    tokio::time::sleep(BEAT).await;
    log(cx, "Tool execution completed").await;
    text("Logged three times.")
}

/// Since 2026-07-28 a request gets a log only if it names a level.
async fn logs_if_asked(cx: &Context) -> CallToolResult {
    if cx.meta.log_level().is_some() {
        log(cx, "A line for who asked").await;
    }
    text("Done.")
}

async fn progress(cx: &Context) -> CallToolResult {
    for done in [0.0, 50.0, 100.0] {
        if let Some(token) = cx.meta.get_progress_token() {
            let progress = ProgressNotificationParam::new(token, done).with_total(100.0);
            let _ = cx.peer.notify_progress(progress).await;
        }
        tokio::time::sleep(BEAT).await;
    }
    text("Reached 100 of 100.")
}

async fn sampling(cx: &Context, prompt: String) -> Result<CallToolResult, ErrorData> {
    let messages = json!([{"role": "user", "content": {"type": "text", "text": prompt}}]);
    let params: CreateMessageRequestParams = read(json!({"messages": messages, "maxTokens": 100}))?;
    match cx.peer.create_message(params).await {
        Ok(answer) => Ok(text(format!("LLM response: {}", json!(answer)["content"]["text"]))),
        Err(error) => Ok(CallToolResult::error(vec![ContentBlock::text(error.to_string())])),
    }
}

async fn elicitation(
    cx: &Context,
    message: &str,
    schema: &Value,
    lead: &str,
) -> Result<CallToolResult, ErrorData> {
    let params: ElicitRequestParams =
        read(json!({"mode": "form", "message": message, "requestedSchema": schema}))?;
    match cx.peer.create_elicitation_with_timeout(params, Some(THINKING)).await {
        Ok(answer) => {
            let answer = json!(answer);
            Ok(text(format!("{lead}: action={}, content={}", answer["action"], answer["content"])))
        }
        Err(error) => Ok(CallToolResult::error(vec![ContentBlock::text(error.to_string())])),
    }
}

/// A type of the protocol from how it is written.
pub fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

fn defaults() -> Value {
    json!({"type": "object", "properties": {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": true}
    }})
}

fn enums() -> Value {
    let titled = |one: &str, other: &str| json!([{"const": "value1", "title": one}, {"const": "value2", "title": other}]);
    json!({"type": "object", "properties": {
        "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
        "titledSingle": {"type": "string", "oneOf": titled("First Option", "Second Option")},
        "legacyEnum": {
            "type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["Option One", "Option Two", "Option Three"]
        },
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled("First Choice", "Second Choice")}}
    }})
}

pub fn prompt(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let argument = |name: &str| said(request.arguments.as_ref().and_then(|arguments| arguments.get(name)));
    let user = |text: &str| PromptMessage::new_text(Role::User, text);
    let messages = match &*request.name {
        "test_simple_prompt" => vec![user("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            vec![user(&format!(
                "Prompt with arguments: arg1='{}', arg2='{}'",
                argument("arg1"),
                argument("arg2")
            ))]
        }
        "test_prompt_with_embedded_resource" => {
            let resource =
                ResourceContents::text("Embedded resource content for testing.", argument("resourceUri"));
            let block = ContentBlock::resource(resource.with_mime_type("text/plain"));
            vec![PromptMessage::new(Role::User, block), user("Please process the embedded resource above.")]
        }
        "test_prompt_with_image" => {
            let block = ContentBlock::image(PNG, "image/png");
            vec![PromptMessage::new(Role::User, block), user("Please analyze the image above.")]
        }
        "test_input_required_result_prompt" => return rounds::prompt(request),
        name => return Err(ErrorData::invalid_params(format!("Unknown prompt: {name}"), None)),
    };
    Ok(GetPromptResult::new(messages).into())
}
