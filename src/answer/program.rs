//! What a program put out, as an answer.

use serde_json::json;
use serde_json::value::RawValue;

use super::bounded::{Bounds, fitted};
use super::fields::Fields;
use super::form::AnswerStyle;
use super::list::{self, ShownItems};
use super::own::Own;
use super::written::ItemFit;
use crate::catalog::Operation;

/// A single array is a list, and so are several outputs; anything else is `result`.
///
/// # Errors
/// An output cannot be read.
pub(super) fn own(
    operation: &'static Operation,
    form: AnswerStyle,
    outputs: &[Box<RawValue>],
) -> serde_json::Result<Own> {
    let entries: Vec<&RawValue> = match outputs {
        [only] if only.get().starts_with('[') => serde_json::from_str(only.get())?,
        [only] => {
            let mut bounds = Bounds::new();
            let (result, left_out) = fitted(bounds.value(only)?, form.room());
            bounds.left_out.cut_again(left_out);
            let mut own = Own::default();
            own.say("result", result);
            own.tell(bounds.left_out);
            return Ok(own);
        }
        several => several.iter().map(|output| &**output).collect(),
    };
    let mut shown = ShownItems::new(operation, &Fields::AsTheyCome, form);
    for entry in &entries {
        if shown.put(entry)? == ItemFit::Full {
            break;
        }
    }
    let (count, all) = (shown.count(), entries.len());
    let mut own = shown.own(operation, list::Next::End);
    if count < all {
        own.say("total", json!(all));
        own.note(format!(
            "Only the first {count} of {all} results are shown, because an answer has at most {} characters. Let the program \
             put out less, for example with limit or fewer members, or raise `maxChars`.",
            form.most
        ));
    }
    Ok(own)
}
