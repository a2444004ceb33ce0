//! A call that failed, and what that means for the one who made it.
//!
//! Every failure answers the same four questions: what happened, whether the
//! change may have been made, when to try again, and what to do. `Display`
//! puts the answers into the text that a model reads.

use thiserror::Error;

use super::advice::{CHECK_ADDRESS, check_ids, grant, redirected};
use super::error::Cause;
use super::fate::{A_MINUTE, A_MOMENT, Fate, LONGEST_PAUSE, Retry};
use super::uncatalogued::READ_API;
use super::verdict::Spent;
use crate::catalog::{Api, Effect, Operation, Shape};

/// A call that the upstream did not carry out as asked.
#[derive(Debug, Error)]
#[error("{}", self.text())]
pub struct Failure {
    /// What was called.
    pub operation: &'static Operation,
    /// What happened, the last time.
    pub cause: Cause,
    /// What the call cost of the budget.
    pub spent: Spent,
    earlier: Earlier,
}

/// The attempts before the last.
#[derive(Debug, Default)]
struct Earlier {
    count: u32,
    /// The most that one of them may have done.
    fate: Fate,
}

impl Failure {
    /// A call that failed the first time.
    pub fn new(operation: &'static Operation, cause: Cause) -> Self {
        Self { operation, cause, spent: Spent::default(), earlier: Earlier::default() }
    }

    /// A call that failed before and was repeated.
    pub(super) fn again(before: &Self, cause: Cause) -> Self {
        let earlier = Earlier { count: before.earlier.count + 1, fate: before.fate() };
        Self { earlier, ..Self::new(before.operation, cause) }
    }

    /// Whether the change may have been made, at any attempt.
    #[must_use]
    pub fn fate(&self) -> Fate {
        self.fate_of_last().max(self.earlier.fate)
    }

    fn fate_of_last(&self) -> Fate {
        match &self.cause {
            Cause::NotConfigured(_)
            | Cause::OutOfScope { .. }
            | Cause::Setup(_)
            | Cause::Unwanted
            | Cause::Unconnected(_)
            | Cause::ScopeNotGranted { .. }
            | Cause::NoTurn { .. }
            | Cause::Token(_) => Fate::NotSent,
            // 307 and 308 ask for the request to be made elsewhere; the others may answer one that was carried out.
            Cause::Redirected { status: 300..=306, .. } => Fate::Unknown,
            Cause::Redirected { .. }
            | Cause::NotRenewed(_)
            | Cause::Unauthorized { .. }
            | Cause::PanelToken { .. }
            | Cause::InsufficientScope { .. }
            | Cause::TooManyRequests { .. } => Fate::NotDone,
            Cause::File(cause) => cause.fate(),
            Cause::TimedOut { .. } | Cause::Unsaid { .. } => Fate::Unknown,
            Cause::Interrupted { status, .. } => status.map_or(Fate::Unknown, |status| self.unread(status)),
            Cause::TooLarge { status, .. }
            | Cause::Stalled { status, .. }
            | Cause::BrokenJson { status, .. }
            | Cause::Empty { status, .. } => self.unread(*status),
            // The Panel's `ok: false` is a refusal whatever its status.
            Cause::Refused { status: 200..=299, .. } => Fate::NotDone,
            // A page with 200 is as likely a proxy's sign-in form as an answer.
            Cause::NotJson { status: 200..=299, .. } => Fate::Unknown,
            Cause::NotJson { status, .. } | Cause::Refused { status, .. } => Fate::after_status(*status),
        }
    }

    /// What a status alone says. The Panel says in the body whether it did what was asked, and a bulk change may have
    /// failed in part or whole.
    fn unread(&self, status: u16) -> Fate {
        match Fate::after_status(status) {
            Fate::Done if self.operation.api == Api::Panel || self.operation.shape == Shape::Bulk => {
                Fate::Unknown
            }
            fate => fate,
        }
    }

    /// When to try again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        let writes = self.operation.effect > Effect::Read;
        if let Some(error) = self.cause.token() {
            return error.retry();
        }
        match (&self.cause, self.fate()) {
            (Cause::Unconnected(unconnected), _) => unconnected.retry(),
            (Cause::NoTurn { after, .. }, _) => Retry::After(*after),
            (Cause::TooManyRequests { retry_after, .. }, _) => Retry::After(retry_after.unwrap_or(A_MINUTE)),
            (_, Fate::Unknown) if writes => {
                let wait = match &self.cause {
                    Cause::Refused { retry_after, .. } | Cause::NotJson { retry_after, .. } => *retry_after,
                    _ => None,
                };
                Retry::AfterChecking(wait)
            }
            (_, Fate::Done) if writes => Retry::No,
            (
                Cause::Refused { retry_after: Some(wait), .. }
                | Cause::NotJson { retry_after: Some(wait), .. },
                _,
            ) => Retry::After(*wait),
            (
                Cause::TimedOut { .. }
                | Cause::Interrupted { .. }
                | Cause::Stalled { .. }
                | Cause::BrokenJson { .. }
                | Cause::Empty { .. }
                | Cause::Refused { status: 408 | 500..=599, .. }
                | Cause::NotJson { status: 500..=599, .. },
                _,
            ) => Retry::After(A_MOMENT),
            _ => Retry::No,
        }
    }

    /// What to do, in a sentence or two.
    #[must_use]
    pub fn advice(&self) -> String {
        let api = self.operation.api;
        if let Some(error) = self.cause.token() {
            return error.advice(api);
        }
        match &self.cause {
            Cause::NotConfigured(api) => {
                format!("Set {}.{}", super::credential_settings(*api), super::credential_holders(*api))
            }
            Cause::OutOfScope { .. } => "This is a bug in the server; please report it.".to_owned(),
            Cause::Setup(_) => "If this machine has no CA certificates, install the package ca-certificates, or set \
                SSL_CERT_FILE to a file of CA certificates.".to_owned(),
            Cause::Unconnected(unconnected) => unconnected.advice(super::address_setting(api)),
            Cause::Redirected { upstream, .. } => redirected(api, upstream),
            Cause::Unauthorized { .. } => {
                "Vanta keeps one active token per application: when another program requests one with the same \
                 client id, this one is revoked. Give each program its own application, and check that the \
                 application has not been disabled."
                    .to_owned()
            }
            Cause::PanelToken { .. } => {
                "The token has expired, was revoked, or a proxy strips the header. Create a new one in vWHM → API \
                 Tokens and set VANTA_PANEL_TOKEN; if a proxy strips the header, set VANTA_PANEL_AUTH=x-api-key."
                    .to_owned()
            }
            Cause::TooManyRequests { .. } => limits(self.operation),
            Cause::InsufficientScope { scope, .. } => grant(api, scope),
            Cause::ScopeNotGranted { scope } => grant(api, scope.as_str()),
            Cause::TooLarge { .. } if self.operation.effect == Effect::Read => {
                "Ask for less: a smaller pageSize, or a filter.".to_owned()
            }
            Cause::File(cause) => cause.advice().to_owned(),
            Cause::NotJson { .. } => CHECK_ADDRESS.to_owned(),
            // The catalog has more to say of it, which depends on who calls.
            Cause::Refused { message, .. } if self.operation.advice_on(Some(message)).next().is_some() => {
                String::new()
            }
            Cause::Refused { status: 403, .. } => {
                "The credentials are valid but not allowed to do this: check what the application may do.".to_owned()
            }
            Cause::Refused { status: 404, .. } if self.operation.name == READ_API => {
                "The path does not exist, or nothing has this id: check the path in Vanta's API reference.".to_owned()
            }
            Cause::Refused { status: 404, .. } if self.operation.in_path.is_empty() && api != Api::Panel => {
                "Check the ids in the arguments; if there are none, check that the base URL is the API's.".to_owned()
            }
            Cause::Refused { status: 404, .. } => check_ids(self.operation),
            Cause::Refused { status: 400 | 409 | 413 | 422, .. } => "Change the arguments as the message says.".to_owned(),
            Cause::Refused { status: 405, .. } => CHECK_ADDRESS.to_owned(),
            Cause::Refused { status: 401..=499, .. } => {
                "The upstream refuses this call. Do what its message says, if there is one, before you try again."
                    .to_owned()
            }
            _ => String::new(),
        }
    }

    /// What a model reads: what happened, what became of the change, when to retry, what to do.
    fn text(&self) -> String {
        let attempts = match self.earlier.count {
            0 => String::new(),
            count => format!("after {} attempts, ", count + 1),
        };
        let mut text = format!("{}: {attempts}{}.", self.operation.name, self.cause);
        let writes = self.operation.effect > Effect::Read;
        let told = match self.fate() {
            Fate::NotSent => "The call was not sent.",
            Fate::NotDone if writes => "Nothing was changed.",
            Fate::Unknown if writes && self.fate_of_last() < Fate::Unknown => {
                "The change may have taken effect at an earlier attempt."
            }
            Fate::Unknown if writes => "The change may have taken effect.",
            Fate::Done if writes => {
                "The change was made, but the answer was lost. Do not repeat it; read the target to see the result."
            }
            _ => "",
        };
        push(&mut text, told);
        match self.retry() {
            Retry::No => {}
            Retry::After(wait) if wait > LONGEST_PAUSE => push(&mut text, "Try again in 5 minutes or more."),
            Retry::After(wait) => push(&mut text, &format!("Try again after {} s.", wait.as_secs().max(1))),
            Retry::AfterChecking(wait) => {
                let told = if self.operation.idempotent {
                    "Read the target to check, or repeat the call: repeating it is harmless."
                } else {
                    "Check whether it was made before you repeat it."
                };
                push(&mut text, told);
                match wait {
                    None => {}
                    Some(wait) if wait > LONGEST_PAUSE => {
                        push(&mut text, "The upstream asks for a pause of 5 minutes or more.");
                    }
                    Some(wait) => {
                        let seconds = wait.as_secs().max(1);
                        push(&mut text, &format!("The upstream asks for a pause of {seconds} s."));
                    }
                }
            }
        }
        push(&mut text, &self.advice());
        text
    }
}

fn push(text: &mut String, sentence: &str) {
    if !sentence.is_empty() {
        text.push(' ');
        text.push_str(sentence);
    }
}

/// How many calls the upstream takes, which explains a 429.
fn limits(operation: &Operation) -> String {
    let shared = "from one application, even if several programs share it";
    match (operation.limit, operation.api.per_minute()) {
        (Some(most), _) => format!("This operation accepts at most {most} calls a minute {shared}."),
        (None, Some(most)) => {
            format!("{} accepts at most {most} requests a minute {shared}.", operation.api.title())
        }
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::api::network::Unconnected;
    use crate::catalog;

    #[test]
    fn a_pause_is_told_up_to_five_minutes() {
        let told = |tool: &str, seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            let (upstream, message) = ("api.example.com".to_owned(), String::new());
            let cause = Cause::Refused { upstream, status: 503, reason: "", message, retry_after };
            Failure::new(catalog::find(tool).unwrap(), cause).to_string()
        };
        assert!(told("list_vendors", 300).contains("Try again after 300 s."));
        assert!(told("list_vendors", 301).contains("Try again in 5 minutes or more."));
        assert!(told("create_vendor", 300).contains("asks for a pause of 300 s."));
        assert!(told("create_vendor", u64::MAX).contains("asks for a pause of 5 minutes or more."));
    }
    #[test]
    fn what_an_earlier_attempt_may_have_done_is_not_forgotten() {
        let upstream = || "api.example.com".to_owned();
        let lost = || Cause::Interrupted { upstream: upstream(), detail: "reset".to_owned(), status: None };
        let refused = || Cause::Refused {
            upstream: upstream(),
            status: 404,
            reason: "Not Found",
            message: String::new(),
            retry_after: None,
        };
        let unconnected = || {
            Cause::Unconnected(Unconnected::Unreachable {
                upstream: upstream(),
                detail: "refused".to_owned(),
            })
        };
        let told = |tool, causes: [Cause; 3]| {
            let [first, second, third] = causes;
            let first = Failure::new(catalog::find(tool).unwrap(), first);
            Failure::again(&Failure::again(&first, second), third).to_string()
        };
        for last in [refused(), unconnected()] {
            let told = told("update_vendor", [unconnected(), lost(), last]);
            assert!(told.starts_with("update_vendor: after 3 attempts, api.example.com "), "{told}");
            assert!(told.contains("The change may have taken effect at an earlier attempt."), "{told}");
            assert!(!told.contains("not sent") && !told.contains("Nothing"), "{told}");
        }
        let none = told("create_vendor", [unconnected(), unconnected(), unconnected()]);
        assert!(none.contains("The call was not sent."), "{none}");
        let read = told("list_vendors", [lost(), refused(), unconnected()]);
        assert!(!read.contains("effect") && !read.contains("not sent"), "{read}");
    }
}
