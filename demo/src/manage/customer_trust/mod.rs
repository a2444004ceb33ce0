//! Customer trust: the customers' accounts, the questionnaires that they send, and the tags that sort what is
//! shared with them.

mod accounts;
pub(super) mod actors;
pub(super) mod parts;
mod questionnaires;
pub(super) mod tags;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::json;

use super::knowledge::Knowledge;
use super::people::People;
use super::{Manage, Outcome};
use crate::ask::{Ask, Reply};
use crate::fields::{self, Shape, must};
use crate::record::text;
use crate::shelf::Shelf;
use questionnaires::Questionnaires;
use tags::Tags;

pub(super) struct CustomerTrust {
    pub(super) accounts: Shelf,
    pub(super) tags: Tags,
    questionnaires: Questionnaires,
}

impl CustomerTrust {
    pub(super) fn new(
        now: Timestamp,
        people: &People,
        tags: Tags,
        knowledge: &Knowledge,
        (of_accounts, of_questionnaires): (&mut Rng, &mut Rng),
    ) -> Self {
        let accounts = accounts::shelf(now, &tags, of_accounts);
        let company = questionnaires::Company { people, tags: &tags, knowledge, accounts: &accounts };
        let questionnaires = Questionnaires::new(now, &company, of_questionnaires);
        Self { accounts, tags, questionnaires }
    }
}

impl Manage {
    pub(super) fn customer_trust_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        match (method, rest) {
            (_, ["accounts", below @ ..]) => self.trust_accounts_route(method, below, ask),
            (_, ["questionnaires", below @ ..]) => self.questionnaires_route(method, below, ask),
            (_, ["tag-categories", below @ ..]) => self.tag_categories_route(method, below, ask),
            ("POST", ["deletion-requests"]) => Some(request_deletion(ask)),
            _ => None,
        }
    }
}

/// Someone wants what is known of them deleted; nothing in this API shows who has asked.
fn request_deletion(ask: &Ask) -> Outcome {
    fields::check(&ask.body, &[must("email", Shape::Text)])?;
    let address = text(&ask.body, "email").split_once('@');
    if !address.is_some_and(|(name, domain)| !name.is_empty() && parts::is_domain(domain)) {
        return Err(Reply::error(422, "email must be an email address"));
    }
    Ok(Reply::ok(json!({ "isSuccessful": true })))
}
