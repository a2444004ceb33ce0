//! The simulated audit API: what an audit firm sees of the company it examines.
//!
//! [`Books`] holds every audit the firm has with the company and answers the
//! requests about audits, controls, evidence, information requests and the
//! comments on them. Everything in it follows from the seed, the start time
//! and the company, and from the writes that came after.

mod audits;
mod body;
mod chance;
mod comments;
mod controls;
mod evidence;
mod exhibits;
mod firm;
mod frameworks;
mod listing;
mod moment;
mod opening;
mod requests;
mod review;
mod staff;
#[cfg(test)]
mod tests;
mod timeline;
mod wording;

use audits::Audit;
use chance::Chance;
use firm::Firm;
use moment::Moment;

use super::ask::{Ask, Reply};

/// A reply, or the error that cut the work on it short.
type Answer = Result<Reply, Reply>;

/// The firm's side of one request: who may sign, the clock, and fresh ids.
struct Desk<'a> {
    ask: &'a Ask,
    firm: &'a Firm,
    chance: &'a mut Chance,
    now: Moment,
}

/// All audits of the demo tenant with everything in them.
pub(super) struct Books {
    firm: Firm,
    audits: Vec<Audit>,
    chance: Chance,
}

impl Books {
    /// Two audits of `company`: an active SOC 2 one and a finished ISO 27001 one.
    ///
    /// The same seed, time and company give the same books, ids included.
    pub(super) fn new(seed: u64, now: jiff::Timestamp, company: &super::Company) -> Self {
        let firm = Firm::new();
        let mut chance = Chance::new(seed);
        let audits = opening::audits(&mut chance, Moment::new(now), company, &firm);
        Self { firm, audits, chance }
    }

    /// Answers one request and carries out its change; `None` where the path is not one of these.
    ///
    /// Errors are replies too: 400 for a malformed request, 403 for someone
    /// else's comment, 404 for an unknown id, 405 for another method, 409 for
    /// a repeated external id and 422 for what the audit does not allow.
    pub(super) fn answer(&mut self, ask: &Ask) -> Option<Reply> {
        let (method, path) = ask.route();
        let ["v1", "audits", rest @ ..] = path.as_slice() else { return None };
        let answer = match (method, rest) {
            ("GET", []) => audits::list(&self.audits, ask),
            ("POST", ["duplicate"]) => self.duplicate(ask),
            (_, [] | ["duplicate"]) => Err(wrong_method(ask)),
            (_, [id, rest @ ..]) => self.within(ask, id, rest)?,
        };
        Some(answer.unwrap_or_else(|refusal| refusal))
    }

    /// The part of [`Self::answer`] that is about one audit.
    fn within(&mut self, ask: &Ask, id: &str, rest: &[&str]) -> Option<Answer> {
        if !is_part_of_an_audit(rest) {
            return None;
        }
        let Some(audit) = self.audits.iter_mut().find(|audit| audit.record.id == id) else {
            return Some(Err(Reply::not_found("Audit", id)));
        };
        let mut desk = Desk { ask, firm: &self.firm, chance: &mut self.chance, now: Moment::new(ask.now) };
        match (ask.method.as_str(), rest) {
            ("GET", []) => Some(Ok(Reply::ok(listing::value(&audit.record)))),
            ("GET", ["framework-codes"]) => Some(Ok(audits::framework_codes(audit))),
            ("POST", ["share-information-request-list"]) => Some(audits::share(audit, &desk)),
            ("GET", ["comments"]) => Some(comments::of_all_evidence(audit, ask)),
            (_, ["controls", rest @ ..]) => controls::answer(audit, rest, &mut desk),
            (_, ["evidence", rest @ ..]) => evidence::answer(audit, rest, &mut desk),
            (_, ["information-requests", rest @ ..]) => requests::answer(audit, rest, &mut desk),
            _ => Some(Err(wrong_method(ask))),
        }
    }

    fn duplicate(&mut self, ask: &Ask) -> Answer {
        let mut desk = Desk { ask, firm: &self.firm, chance: &mut self.chance, now: Moment::new(ask.now) };
        let copy = audits::duplicate(&self.audits, &mut desk)?;
        let reply = Reply::ok(listing::value(&copy.record));
        self.audits.push(copy);
        Ok(reply)
    }
}

/// Whether a path below one audit is answered here, whatever the method.
fn is_part_of_an_audit(rest: &[&str]) -> bool {
    matches!(
        rest,
        [] | ["comments" | "framework-codes" | "share-information-request-list"]
            | ["controls" | "evidence" | "information-requests", ..]
    )
}

/// 405 for a path that exists with other methods only.
fn wrong_method(ask: &Ask) -> Reply {
    Reply::error(405, format!("{} is not allowed for this path", ask.method))
}
