//! What a caller can do about a failure, as far as the catalog knows of it.

use crate::api::{Cause, Failure, Fate};
use crate::catalog::Effect;

/// Where the name of a Trust Center is found, which no tool returns.
const SLUG: &str = " If it is the Trust Center that was not found, check slugId, or VANTA_TRUST_CENTER if that was left out: \
                    it is SLUG in app.vanta.com/NAME/trust/SLUG, or `data-slugid` in the HTML of a page with its own domain.";

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
    let told = told.fold(String::new(), |told, sentence| told + " " + sentence);
    let is_of_unknown_center =
        operation.is_of_trust_center() && refused.is_some_and(|(_, status)| status == 404);
    if is_of_unknown_center { told + SLUG } else { told }
}
