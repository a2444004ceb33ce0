//! Prompts in MCP's types.

use rmcp::model::{
    CacheScope, ErrorData, GetPromptRequestParams, GetPromptResult, ListPromptsResult, Prompt as Shown,
    PromptArgument, PromptMessage, Role,
};
use serde_json::Value;

use super::listing::{Hints, ListedOffer};
use crate::tools::Offer;
use crate::tools::prompts::{self, Necessity, PROMPTS, Prompt};

/// The prompts whose tools a caller may use.
pub(super) fn list(listed: &ListedOffer, hints: Hints) -> ListPromptsResult {
    let shown = PROMPTS.iter().filter(|prompt| is_offered(&listed.offer, prompt)).map(show).collect();
    let result = ListPromptsResult::with_all_items(shown);
    if hints == Hints::Wanted {
        return result.with_ttl_ms(listed.ttl_ms).with_cache_scope(CacheScope::Private);
    }
    result
}

pub(super) fn is_offered(offer: &Offer, prompt: &Prompt) -> bool {
    prompt.is_of_use(|tool| offer.why_not(tool).is_none())
}

fn show(prompt: &Prompt) -> Shown {
    let arguments = prompt.arguments.iter().map(|argument| {
        PromptArgument::new(argument.name)
            .with_description(argument.about)
            .with_required(argument.necessity == Necessity::Needed)
    });
    let arguments: Vec<_> = arguments.collect();
    Shown::new(prompt.name, Some(prompt.about), Some(arguments)).with_title(prompt.title)
}

/// One prompt, filled in.
pub(super) fn get(offer: &Offer, asked: &GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
    let prompt = prompts::find(&asked.name)
        .filter(|prompt| is_offered(offer, prompt))
        .ok_or_else(|| ErrorData::invalid_params(format!("Unknown prompt: {}", asked.name), None))?;
    let wrong = |problem: String| {
        let name = prompt.name;
        ErrorData::invalid_params(format!("{name}: {problem}"), None)
    };
    let given = asked.arguments.as_ref();
    for (name, value) in given.into_iter().flatten() {
        if prompt.argument(name).is_none() {
            let known: Vec<_> = prompt.arguments.iter().map(|argument| argument.name).collect();
            return Err(wrong(format!("unknown argument; known are {}", known.join(", "))));
        }
        if !value.is_string() {
            return Err(wrong(format!("`{name}` must be a string")));
        }
    }
    let value = |name: &str| given.and_then(|given| given.get(name)).and_then(Value::as_str);
    let text = prompt.text(value, |tool| offer.why_not(tool).is_none()).map_err(wrong)?;
    let message = PromptMessage::new_text(Role::User, text);
    Ok(GetPromptResult::new(vec![message]).with_description(prompt.about))
}
