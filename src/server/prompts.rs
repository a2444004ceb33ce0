//! Prompts in MCP's types.

use rmcp::model::{
    ErrorData, GetPromptRequestParams, GetPromptResult, ListPromptsResult, Prompt as Shown, PromptArgument,
    PromptMessage, Role,
};
use serde_json::Value;

use super::listing::{Hints, ListedOffer};
use crate::tools::Offer;
use crate::tools::prompts::{PROMPTS, Prompt};

/// The prompts whose tools a caller may use.
pub(super) fn list(listed: &ListedOffer, hints: Hints) -> ListPromptsResult {
    let shown = PROMPTS.iter().filter(|prompt| is_offered(&listed.offer, prompt)).map(show).collect();
    let result = ListPromptsResult::with_all_items(shown);
    if hints == Hints::Wanted {
        return result.with_ttl_ms(listed.ttl_ms).with_cache_scope(rmcp::model::CacheScope::Private);
    }
    result
}

fn is_offered(offer: &Offer, prompt: &Prompt) -> bool {
    prompt.tools.iter().all(|tool| offer.why_not(tool).is_none())
}

fn show(prompt: &Prompt) -> Shown {
    let arguments = prompt.arguments.iter().map(|argument| {
        PromptArgument::new(argument.name).with_description(argument.about).with_required(false)
    });
    let arguments: Vec<_> = arguments.collect();
    let arguments = (!arguments.is_empty()).then_some(arguments);
    Shown::new(prompt.name, Some(prompt.about), arguments).with_title(prompt.title)
}

/// One prompt, filled in.
pub(super) fn get(offer: &Offer, asked: &GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
    let prompt = Prompt::find(&asked.name)
        .filter(|prompt| is_offered(offer, prompt))
        .ok_or_else(|| ErrorData::invalid_params(format!("Unknown prompt: {}", asked.name), None))?;
    let given = asked.arguments.as_ref();
    let text = prompt.fill(|name| given.and_then(|given| given.get(name)).and_then(Value::as_str));
    let message = PromptMessage::new_text(Role::User, text);
    Ok(GetPromptResult::new(vec![message]).with_description(prompt.about))
}
