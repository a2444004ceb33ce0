//! What a caller can do about a failure, as far as the catalog knows of it.

use crate::api::{Cause, Failure, Fate};
use crate::catalog::Effect;

/// What the catalog says of a failure to whoever may call what `offered` lets through, each sentence with a blank before
/// it.
pub(super) fn on(failure: &Failure, offered: impl Fn(&str) -> bool) -> String {
    let operation = failure.operation;
    let lost = operation.effect > Effect::Read && matches!(failure.fate(), Fate::Unknown | Fate::Done);
    let refused = match &failure.cause {
        Cause::Refused { message, status, .. } => Some((message.as_str(), *status)),
        _ => None,
    };
    let of_code = refused.into_iter().flat_map(|(code, _)| operation.advice_on(Some(code)));
    let of_status = refused.into_iter().flat_map(|(_, status)| operation.advice_on_status(status));
    let of_loss = lost.then(|| operation.advice_on(None)).into_iter().flatten();
    let told = of_code.chain(of_status).chain(of_loss).filter_map(|advice| advice.told(&offered));
    told.fold(String::new(), |told, sentence| told + " " + sentence)
}
