//! Calls of 2026-07-28 that take several rounds: each answer asks the client for something until all of it is there.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, GetPromptRequestParams,
    GetPromptResponse, GetPromptResult, InputRequest, InputRequests, InputRequiredResult, InputResponses,
    PromptMessage, RequestStateCodec, Role, SealOptions,
};
use serde_json::{Value, json};

use crate::calls::read;
use crate::fixture::Context;

/// The tools that ask.
pub const NAMES: [&str; 9] = [
    "test_streaming_elicitation",
    "test_input_required_result_elicitation",
    "test_input_required_result_sampling",
    "test_input_required_result_list_roots",
    "test_input_required_result_request_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_tampered_state",
    "test_input_required_result_capabilities",
];

/// What is kept between rounds travels with the client, sealed.
pub struct Rounds {
    codec: Option<RequestStateCodec>,
}

impl Default for Rounds {
    fn default() -> Self {
        // A key of this fixture alone, which guards nothing.
        Self { codec: RequestStateCodec::new_with_keyring("fixture", [("fixture", vec![7; 32])]).ok() }
    }
}

fn question(message: &str, field: &str, kind: &str) -> Value {
    let schema = json!({"type": "object", "properties": {field: {"type": kind}}, "required": [field]});
    json!({"method": "elicitation/create", "params": {"mode": "form", "message": message, "requestedSchema": schema}})
}

fn sampling(prompt: &str, tokens: u32) -> Value {
    let messages = json!([{"role": "user", "content": {"type": "text", "text": prompt}}]);
    json!({"method": "sampling/createMessage", "params": {"messages": messages, "maxTokens": tokens}})
}

fn roots() -> Value {
    json!({"method": "roots/list", "params": {}})
}

/// Asks for what is named, with a state that comes back.
fn ask(inputs: &[(&str, Value)], state: Option<String>) -> Result<InputRequiredResult, ErrorData> {
    let mut requests = InputRequests::new();
    for (key, request) in inputs {
        requests.insert((*key).to_owned(), read::<InputRequest>(request.clone())?);
    }
    Ok(InputRequiredResult::new(Some(requests), state))
}

fn answered<'r>(responses: Option<&'r InputResponses>, key: &str) -> Option<&'r Value> {
    responses.and_then(|responses| responses.get(key))
}

fn done(text: impl Into<String>) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(text)]).into()
}

impl Rounds {
    pub fn call(&self, request: &CallToolRequestParams, cx: &Context) -> Result<CallToolResponse, ErrorData> {
        let given = |key: &str| answered(request.input_responses.as_ref(), key);
        let name_question = || question("What is your name?", "name", "string");
        match &*request.name {
            "test_input_required_result_elicitation" | "test_streaming_elicitation" => {
                match given("user_name") {
                    Some(answer) if answer["content"]["name"].is_string() => {
                        Ok(done(format!("Hello, {}!", answer["content"]["name"])))
                    }
                    _ => Ok(ask(&[("user_name", name_question())], None)?.into()),
                }
            }
            "test_input_required_result_sampling" => match given("capital_question") {
                Some(answer) => Ok(done(answer["content"].to_string())),
                None => {
                    Ok(ask(&[("capital_question", sampling("What is the capital of France?", 100))], None)?
                        .into())
                }
            },
            "test_input_required_result_list_roots" => match given("client_roots") {
                Some(answer) => Ok(done(answer["roots"].to_string())),
                None => Ok(ask(&[("client_roots", roots())], None)?.into()),
            },
            "test_input_required_result_request_state" | "test_input_required_result_tampered_state" => {
                let confirm = || question("Please confirm", "ok", "boolean");
                match (&request.request_state, given("confirm")) {
                    (Some(state), Some(_)) => {
                        self.open(state, &request.name)?;
                        Ok(done("state-ok"))
                    }
                    _ => Ok(ask(&[("confirm", confirm())], self.seal(1, &request.name)?)?.into()),
                }
            }
            "test_input_required_result_multiple_inputs" => {
                let all = ["user_name", "greeting", "client_roots"];
                if let Some(state) =
                    request.request_state.as_ref().filter(|_| all.iter().all(|key| given(key).is_some()))
                {
                    self.open(state, &request.name)?;
                    return Ok(done("All inputs are there."));
                }
                let inputs = [
                    ("user_name", name_question()),
                    ("greeting", sampling("Generate a greeting", 50)),
                    ("client_roots", roots()),
                ];
                Ok(ask(&inputs, self.seal(1, &request.name)?)?.into())
            }
            "test_input_required_result_multi_round" => self.rounds(request, given),
            "test_input_required_result_capabilities" => {
                let declared = cx.client_capabilities();
                let mut inputs = Vec::new();
                if declared.as_ref().is_some_and(|capabilities| capabilities.elicitation.is_some()) {
                    inputs.push(("user_name", name_question()));
                }
                if declared.as_ref().is_some_and(|capabilities| capabilities.sampling.is_some()) {
                    inputs.push(("greeting", sampling("Generate a greeting", 50)));
                }
                if inputs.is_empty() {
                    Ok(done("There is nobody to ask."))
                } else {
                    Ok(ask(&inputs, None)?.into())
                }
            }
            name => Err(ErrorData::invalid_params(format!("Unknown tool: {name}"), None)),
        }
    }

    fn rounds<'r>(
        &self,
        request: &CallToolRequestParams,
        given: impl Fn(&str) -> Option<&'r Value>,
    ) -> Result<CallToolResponse, ErrorData> {
        let round = match &request.request_state {
            Some(state) => self.open(state, &request.name)?,
            None => 0,
        };
        match round {
            1 if given("step1").is_some() => {
                let next = question("Step 2: What is your favorite color?", "color", "string");
                Ok(ask(&[("step2", next)], self.seal(2, &request.name)?)?.into())
            }
            2 if given("step2").is_some() => Ok(done("Both steps are done.")),
            _ => {
                let first = question("Step 1: What is your name?", "name", "string");
                Ok(ask(&[("step1", first)], self.seal(1, &request.name)?)?.into())
            }
        }
    }

    fn seal(&self, round: u64, tool: &str) -> Result<Option<String>, ErrorData> {
        let options = SealOptions::new().associated_data(tool.as_bytes());
        let codec = self.codec.as_ref().ok_or_else(|| ErrorData::internal_error("there is no key", None))?;
        let sealed = codec.seal_json_with(&json!({"round": round}), &options);
        sealed.map(Some).map_err(|error| ErrorData::internal_error(error.to_string(), None))
    }

    /// The round that a state is of. One that is not ours, or of another tool, is told in one sentence for all cases.
    fn open(&self, state: &str, tool: &str) -> Result<u64, ErrorData> {
        let refused = || ErrorData::invalid_params("requestState is not valid", None);
        let codec = self.codec.as_ref().ok_or_else(refused)?;
        let opened: Value = codec.open_json_with(state, tool.as_bytes()).map_err(|_| refused())?;
        opened["round"].as_u64().ok_or_else(refused)
    }
}

pub fn prompt(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    if let Some(answer) = answered(request.input_responses.as_ref(), "user_context") {
        let text = format!("Use this context: {}", answer["content"]["context"]);
        return Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).into());
    }
    let input = question("What context should the prompt use?", "context", "string");
    Ok(ask(&[("user_context", input)], None)?.into())
}
