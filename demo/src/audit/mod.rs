//! The simulated audit API: what an audit firm sees of the company it examines.
//!
//! [`Books`] holds every audit the firm has with the company and answers the
//! requests about audits, controls, evidence, information requests, the
//! comments on them, and what auditors see of the company. Everything in it follows from the seed, the start time
//! and the company, and from the writes that came after.

mod auditors;
mod audits;
mod body;
mod chance;
mod comments;
mod company;
mod controls;
mod evidence;
mod exhibits;
mod firm;
mod frameworks;
mod handing_out;
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
use company::Dossier;
use firm::Firm;
use moment::Moment;

use super::ask::{Ask, Reply};

pub(super) use handing_out::{Credentialed, Withheld, hand_out};

/// The host that stored files are on, in place of which the door writes where it is.
pub(super) const FILE_HOST: &str = "https://evidence-files.example";

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
    dossier: Dossier,
    chance: Chance,
}

impl Books {
    /// Two audits of `company`: an active SOC 2 one and a finished ISO 27001 one.
    ///
    /// The same seed, time and company give the same books; the ids are the same at any time.
    pub(super) fn new(seed: u64, now: jiff::Timestamp, company: &super::Company) -> Self {
        let firm = Firm::new();
        let now = Moment::new(now);
        let mut chance = Chance::new(seed, now);
        let audits = opening::audits(&mut chance, now, company, &firm);
        let dossier = Dossier::new(seed, now, company);
        Self { firm, audits, dossier, chance }
    }

    /// The ids of all audits, the active one first.
    pub(super) fn audit_ids(&self) -> Vec<String> {
        self.audits.iter().map(|audit| audit.record.id.clone()).collect()
    }

    /// Answers one request and carries out its change; `None` where the path is not one of these.
    ///
    /// Errors are replies too: 400 for a malformed request, 403 for someone
    /// else's comment and what needs Controlled Audit View, 404 for an unknown id, 405 for another method, 409 for
    /// a repeated external id and 422 for what the audit does not allow.
    pub(super) fn answer(&mut self, ask: &Ask) -> Option<Reply> {
        let (method, path) = ask.route();
        let rest = match path.as_slice() {
            ["v1", "audits", rest @ ..] => rest,
            ["v1", "auditors", rest @ ..] => {
                let answer = auditors::answer(&mut self.firm, rest, ask, &mut self.chance)?;
                return Some(answer.unwrap_or_else(|refusal| refusal));
            }
            _ => return None,
        };
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
        let is_of_company = company::is_known(rest);
        if !is_of_company && !is_part_of_an_audit(rest) {
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
            ("GET", rest) if is_of_company => Some(company::answer(audit, &self.dossier, rest, ask)),
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
