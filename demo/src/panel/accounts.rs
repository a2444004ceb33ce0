//! The hosting accounts of the simulated Panel. No password is ever kept, so none can be answered later.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Refused;
use crate::clock::{iso, iso_days};
use crate::record::{set, text, turn};
use crate::secrets::random;

const PLANS: &[&str] = &["starter", "business", "agency"];
const SITES: &[(&str, &str)] = &[
    ("baker", "hillside-bakery.example"),
    ("cyclist", "northroad-cycles.example"),
    ("florist", "fernandbloom.example"),
    ("joinery", "oakline-joinery.example"),
    ("kiln", "kilnworks.example"),
    ("lighthouse", "lighthouse-inn.example"),
    ("notary", "harbour-notary.example"),
    ("orchard", "sorrel-orchard.example"),
    ("piano", "keysandfelt.example"),
    ("reseller1", "brightpixel.example"),
    ("rowing", "upstream-rowing.example"),
    ("yoga", "stillwater-yoga.example"),
];
const SHORTEST_PASSWORD: usize = 10;

pub(super) struct Accounts(Vec<Value>);

impl Accounts {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        let mut rng = Rng::with_seed(seed ^ 0xacc0);
        let seeded = SITES.iter().enumerate().map(|(index, (user, domain))| {
            let suspended = index % 5 == 3;
            json!({
                "user": user,
                "domain": domain,
                "email": format!("owner@{domain}"),
                "plan": if index % 6 == 5 { Value::Null } else { json!(turn(PLANS, index)) },
                "status": if suspended { "suspended" } else { "active" },
                "suspended": suspended,
                "created": iso_days(now, -rng.i64(20..1400)),
                "disk_used_mb": rng.u32(40..18_000),
                "disk_limit_mb": disk_limit(turn(PLANS, index)),
                "bandwidth_used_mb": rng.u32(200..90_000),
                "databases": rng.u32(0..6),
                "mailboxes": rng.u32(1..30),
                "ip": format!("192.0.2.{}", 10 + index),
                "php_version": turn(&["8.3", "8.2", "8.4"], index),
            })
        });
        Self(seeded.collect())
    }

    pub(super) fn all(&self) -> &[Value] {
        &self.0
    }

    pub(super) fn find(&self, user: &str) -> Result<&Value, Refused> {
        self.0.iter().find(|account| text(account, "user") == user).ok_or(Refused::AccountNotFound)
    }

    fn find_mut(&mut self, user: &str) -> Result<&mut Value, Refused> {
        self.0.iter_mut().find(|account| text(account, "user") == user).ok_or(Refused::AccountNotFound)
    }

    /// Adds the account that the body describes; the password where the body has none.
    pub(super) fn create(
        &mut self,
        body: &Value,
        now: Timestamp,
        rng: &mut Rng,
    ) -> Result<Option<String>, Refused> {
        let (user, domain, email) = (text(body, "user"), text(body, "domain"), text(body, "email"));
        let plan = plan(body)?;
        if !is_user(user) {
            return Err(Refused::InvalidUser);
        }
        if !is_domain(domain) {
            return Err(Refused::InvalidDomain);
        }
        if !is_email(email) {
            return Err(Refused::InvalidEmail);
        }
        let generated = generated(body, rng)?;
        let taken = |account: &Value| text(account, "user") == user || text(account, "domain") == domain;
        if self.0.iter().any(taken) {
            return Err(Refused::AccountExists);
        }
        self.0.push(json!({
            "user": user,
            "domain": domain,
            "email": email,
            "plan": plan,
            "status": "active",
            "suspended": false,
            "created": iso(now),
            "disk_used_mb": 0,
            "disk_limit_mb": disk_limit(plan.as_str().unwrap_or_default()),
            "bandwidth_used_mb": 0,
            "databases": 0,
            "mailboxes": 0,
            "ip": "192.0.2.9",
            "php_version": "8.3",
        }));
        Ok(generated)
    }

    pub(super) fn suspend(&mut self, user: &str) -> Result<(), Refused> {
        let account = self.find_mut(user)?;
        if text(account, "status") == "suspended" {
            return Err(Refused::AlreadySuspended);
        }
        set(account, "status", "suspended");
        set(account, "suspended", true);
        Ok(())
    }

    pub(super) fn unsuspend(&mut self, user: &str) -> Result<(), Refused> {
        let account = self.find_mut(user)?;
        if text(account, "status") != "suspended" {
            return Err(Refused::NotSuspended);
        }
        set(account, "status", "active");
        set(account, "suspended", false);
        Ok(())
    }

    /// Sets the plan that the body names, or clears it where the body says `null`.
    pub(super) fn set_plan(&mut self, user: &str, body: &Value) -> Result<(), Refused> {
        let account = self.find_mut(user)?;
        if body.get("plan").is_none() {
            return Err(Refused::BadRequest);
        }
        let plan = plan(body)?;
        set(account, "disk_limit_mb", disk_limit(plan.as_str().unwrap_or_default()));
        set(account, "plan", plan);
        Ok(())
    }

    /// Accepts the body's password, or answers the one made in its stead.
    pub(super) fn set_password(
        &mut self,
        user: &str,
        body: &Value,
        rng: &mut Rng,
    ) -> Result<Option<String>, Refused> {
        self.find(user)?;
        generated(body, rng)
    }

    pub(super) fn terminate(&mut self, user: &str) -> Result<(), Refused> {
        self.find(user)?;
        self.0.retain(|account| text(account, "user") != user);
        Ok(())
    }
}

fn plan(body: &Value) -> Result<Value, Refused> {
    match body.get("plan") {
        None | Some(Value::Null) => Ok(Value::Null),
        Some(Value::String(plan)) if PLANS.contains(&plan.as_str()) => Ok(json!(plan)),
        Some(Value::String(plan)) if !plan.is_empty() => Err(Refused::UnknownPlan),
        Some(_) => Err(Refused::BadRequest),
    }
}

fn disk_limit(plan: &str) -> Value {
    match plan {
        "starter" => json!(10_240),
        "business" => json!(51_200),
        "agency" => json!(204_800),
        _ => Value::Null,
    }
}

fn generated(body: &Value, rng: &mut Rng) -> Result<Option<String>, Refused> {
    match body.get("password") {
        None | Some(Value::Null) => Ok(Some(random("", 20, rng))),
        Some(Value::String(password)) if is_strong(password) => Ok(None),
        Some(_) => Err(Refused::WeakPassword),
    }
}

/// Long enough, with a letter and something that is none.
fn is_strong(password: &str) -> bool {
    password.chars().count() >= SHORTEST_PASSWORD
        && password.chars().any(char::is_alphabetic)
        && password.chars().any(|letter| !letter.is_alphabetic())
}

/// A small letter, then 1 to 15 small letters or digits.
fn is_user(user: &str) -> bool {
    (2..=16).contains(&user.len())
        && user.starts_with(|letter: char| letter.is_ascii_lowercase())
        && user.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    domain.contains('.') && domain.len() <= 253 && domain.split('.').all(label)
}

fn is_email(email: &str) -> bool {
    email.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && !name.contains(char::is_whitespace) && is_domain(domain)
    })
}
