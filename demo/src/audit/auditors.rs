//! `/v1/auditors`: new people of the audit firm.

use serde_json::json;

use super::body::{Body, malformed};
use super::chance::{Chance, fingerprint};
use super::firm::{Auditor, Firm};
use super::moment::Moment;
use super::{Answer, wrong_method};
use crate::ask::{Ask, Reply};

/// Answers what lies at and below `/v1/auditors`; `None` for what there is not.
pub(super) fn answer(firm: &mut Firm, rest: &[&str], ask: &Ask, chance: &mut Chance) -> Option<Answer> {
    match (ask.method.as_str(), rest) {
        ("POST", []) => Some(create(firm, ask, chance)),
        (_, []) => Some(Err(wrong_method(ask))),
        _ => None,
    }
}

/// Takes in an auditor, who can sign from then on; 409 where the firm has one with that address.
fn create(firm: &mut Firm, ask: &Ask, chance: &mut Chance) -> Answer {
    let body = Body::of(ask, &["email", "givenName", "familyName"])?;
    let (email, given, family) = (body.text("email")?, body.text("givenName")?, body.text("familyName")?);
    let domain = email.split_once('@').filter(|(name, domain)| !name.is_empty() && domain.contains('.'));
    if domain.is_none() {
        return Err(malformed("email must be an email address"));
    }
    if firm.auditor(email).is_ok() {
        return Err(Reply::error(409, format!("There is an auditor with the email {email} already")));
    }
    let id = chance.id(Moment::new(ask.now));
    firm.auditors.push(Auditor { name: format!("{given} {family}"), email: email.to_owned() });
    Ok(Reply::ok(json!({
        "id": id,
        "organizationId": format!("{:024x}", fingerprint("audit firm")),
        "email": email,
        "givenName": given,
        "familyName": family,
    })))
}
