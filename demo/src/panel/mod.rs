//! The simulated Vanta Panel: web-hosting accounts behind query parameters and a bearer token.
//!
//! It shares nothing with the simulated Vanta but the name of the product.

mod accounts;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::record::text;
use super::secrets::random;
use accounts::Accounts;

/// What a Panel token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PanelScope {
    /// `accounts:read`: list and view accounts.
    AccountsRead,
    /// `accounts:write`: create accounts, suspend and unsuspend, set password and plan.
    AccountsWrite,
    /// `accounts:delete`: terminate accounts.
    AccountsDelete,
}

const ALL_SCOPES: [PanelScope; 3] =
    [PanelScope::AccountsRead, PanelScope::AccountsWrite, PanelScope::AccountsDelete];

pub(super) struct Panel {
    tokens: Vec<(String, Vec<PanelScope>)>,
    accounts: Accounts,
    rng: Rng,
}

/// The Panel's error codes with their statuses.
#[derive(Clone, Copy)]
enum Refused {
    BadRequest,
    Unauthorized,
    InsufficientScope,
    AccountNotFound,
    UnknownApi,
    AccountExists,
    AlreadySuspended,
    NotSuspended,
    InvalidUser,
    InvalidDomain,
    InvalidEmail,
    UnknownPlan,
    WeakPassword,
}

impl Refused {
    fn reply(self) -> Reply {
        let (status, code) = match self {
            Self::BadRequest => (400, "bad_request"),
            Self::Unauthorized => (401, "unauthorized"),
            Self::InsufficientScope => (403, "insufficient_scope"),
            Self::AccountNotFound => (404, "account_not_found"),
            Self::UnknownApi => (404, "unknown_api"),
            Self::AccountExists => (409, "account_exists"),
            Self::AlreadySuspended => (409, "already_suspended"),
            Self::NotSuspended => (409, "not_suspended"),
            Self::InvalidUser => (422, "invalid_user"),
            Self::InvalidDomain => (422, "invalid_domain"),
            Self::InvalidEmail => (422, "invalid_email"),
            Self::UnknownPlan => (422, "unknown_plan"),
            Self::WeakPassword => (422, "weak_password"),
        };
        Reply::Json(status, json!({ "ok": false, "error": code }))
    }
}

impl Panel {
    /// A panel with a dozen accounts and one token of every scope.
    pub(super) fn new(seed: u64, now: Timestamp, token: &str) -> Self {
        let tokens = vec![(token.to_owned(), ALL_SCOPES.to_vec())];
        Self { tokens, accounts: Accounts::new(seed, now), rng: Rng::with_seed(seed ^ 0x9a7e1) }
    }

    /// Another token, with these scopes.
    pub(super) fn issue(&mut self, scopes: &[PanelScope]) -> String {
        let token = random("vp_", 32, &mut self.rng);
        self.tokens.push((token.clone(), scopes.to_vec()));
        token
    }

    /// Answers one request; a body that was not JSON comes as a string and is a bad request.
    pub(super) fn answer(&mut self, token: Option<&str>, ask: &Ask) -> Reply {
        let known = self.tokens.iter().find(|(known, _)| Some(known.as_str()) == token);
        let Some((_, scopes)) = known else { return Refused::Unauthorized.reply() };
        let scopes = scopes.clone();
        self.routed(&scopes, ask).unwrap_or_else(Refused::reply)
    }

    fn routed(&mut self, scopes: &[PanelScope], ask: &Ask) -> Result<Reply, Refused> {
        let needs = |scope| if scopes.contains(&scope) { Ok(()) } else { Err(Refused::InsufficientScope) };
        match (ask.method.as_str(), ask.one("api")) {
            ("GET", Some("ping")) => Ok(Reply::ok(json!({ "ok": true, "pong": true }))),
            ("GET", Some("accounts")) => {
                needs(PanelScope::AccountsRead)?;
                Ok(Reply::ok(json!({ "ok": true, "accounts": self.accounts.all() })))
            }
            ("GET", Some("account")) => {
                needs(PanelScope::AccountsRead)?;
                Ok(account(self.accounts.find(user(ask)?)?))
            }
            ("POST", Some("accounts")) => {
                needs(PanelScope::AccountsWrite)?;
                let body = object(ask)?;
                let generated = self.accounts.create(body, ask.now, &mut self.rng)?;
                Ok(with_password(self.accounts.find(text(body, "user"))?, generated))
            }
            ("POST", Some("account")) => {
                needs(PanelScope::AccountsWrite)?;
                self.act(ask)
            }
            ("DELETE", Some("account")) => {
                needs(PanelScope::AccountsDelete)?;
                let user = user(ask)?;
                self.accounts.terminate(user)?;
                Ok(Reply::ok(json!({ "ok": true, "user": user, "terminated": true })))
            }
            (_, Some("ping" | "accounts" | "account") | None) => Err(Refused::BadRequest),
            (_, Some(_)) => Err(Refused::UnknownApi),
        }
    }

    fn act(&mut self, ask: &Ask) -> Result<Reply, Refused> {
        let user = user(ask)?;
        match ask.one("action") {
            Some("suspend") => self.accounts.suspend(user)?,
            Some("unsuspend") => self.accounts.unsuspend(user)?,
            Some("plan") => self.accounts.set_plan(user, object(ask)?)?,
            Some("password") => {
                let generated = self.accounts.set_password(user, &ask.body, &mut self.rng)?;
                return Ok(with_password(self.accounts.find(user)?, generated));
            }
            _ => return Err(Refused::BadRequest),
        }
        Ok(account(self.accounts.find(user)?))
    }
}

/// The account's name, from the query or from the body; the two must not disagree.
fn user(ask: &Ask) -> Result<&str, Refused> {
    let in_body = ask.body.get("user").and_then(Value::as_str);
    match (ask.one("user"), in_body) {
        _ if ask.body.is_string() => Err(Refused::BadRequest),
        (Some(query), Some(body)) if query != body => Err(Refused::BadRequest),
        (Some(user), _) | (None, Some(user)) if !user.is_empty() => Ok(user),
        _ => Err(Refused::BadRequest),
    }
}

fn object(ask: &Ask) -> Result<&Value, Refused> {
    if ask.body.is_object() { Ok(&ask.body) } else { Err(Refused::BadRequest) }
}

fn account(record: &Value) -> Reply {
    Reply::ok(json!({ "ok": true, "account": record }))
}

fn with_password(record: &Value, generated: Option<String>) -> Reply {
    match generated {
        Some(password) => Reply::ok(json!({ "ok": true, "account": record, "password": password })),
        None => account(record),
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    struct Client {
        panel: Panel,
        token: String,
    }

    impl Client {
        fn new(scopes: &[PanelScope]) -> Self {
            let mut panel = Panel::new(1, Timestamp::UNIX_EPOCH, "vp_all");
            let token = panel.issue(scopes);
            Self { panel, token }
        }

        fn send(&mut self, method: &str, query: &str, body: Value) -> (u16, Value) {
            let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let now = Timestamp::UNIX_EPOCH;
            let ask =
                Ask { method: method.into(), path: vec![String::new()], query, body, files: Vec::new(), now };
            self.panel.answer(Some(&self.token), &ask).parts()
        }

        fn refused(&mut self, method: &str, query: &str, body: Value) -> (u16, String) {
            let (status, body) = self.send(method, query, body);
            (status, text(&body, "error").to_owned())
        }
    }

    #[test]
    fn a_created_account_shows_its_generated_password_once() {
        let mut client = Client::new(&ALL_SCOPES);
        let body =
            json!({ "user": "newshop", "domain": "newshop.example", "email": "owner@newshop.example" });
        let (status, created) = client.send("POST", "api=accounts", body.clone());
        assert_eq!((status, &created["ok"]), (200, &json!(true)));
        let password = created["password"].as_str().unwrap().to_owned();
        let (_, listed) = client.send("GET", "api=accounts", Value::Null);
        assert_eq!(listed["accounts"].as_array().unwrap().len(), 13);
        assert!(!listed.to_string().contains(&password));
        assert_eq!(client.refused("POST", "api=accounts", body), (409, "account_exists".into()));
        let mut own = json!({ "user": "other", "domain": "other.example", "email": "a@other.example" });
        own["password"] = json!("Correct-horse-7");
        assert_eq!(client.send("POST", "api=accounts", own).1.get("password"), None);
    }

    #[test]
    fn a_suspension_is_seen_and_cannot_be_repeated() {
        let mut client = Client::new(&ALL_SCOPES);
        let (_, listed) = client.send("GET", "api=accounts", Value::Null);
        let active = listed["accounts"].as_array().unwrap().iter().find(|a| a["status"] == "active").unwrap();
        let user = active["user"].as_str().unwrap();
        let suspend = format!("api=account&action=suspend&user={user}");
        assert_eq!(
            client.send("POST", &suspend, json!({ "user": user })).1["account"]["status"],
            "suspended"
        );
        assert_eq!(client.refused("POST", &suspend, Value::Null), (409, "already_suspended".into()));
        let plan = format!("api=account&action=plan&user={user}");
        let (_, cleared) = client.send("POST", &plan, json!({ "user": user, "plan": null }));
        assert_eq!(cleared["account"]["plan"], Value::Null);
        let (status, refused) = client.send("POST", &plan, json!({ "user": user, "plan": "no such plan" }));
        assert_eq!((status, &refused["error"]), (422, &json!("unknown_plan")));
        let gone = format!("api=account&user={user}");
        assert_eq!(client.send("DELETE", &gone, Value::Null).0, 200);
        assert_eq!(client.refused("GET", &gone, Value::Null), (404, "account_not_found".into()));
    }

    #[test]
    fn scopes_and_unknown_requests_are_refused() {
        let mut client = Client::new(&[PanelScope::AccountsRead]);
        assert_eq!(client.send("GET", "api=ping", Value::Null).0, 200);
        assert_eq!(client.refused("POST", "api=accounts", json!({})), (403, "insufficient_scope".into()));
        assert_eq!(client.refused("DELETE", "api=account&user=a", Value::Null).0, 403);
        assert_eq!(client.refused("GET", "api=servers", Value::Null), (404, "unknown_api".into()));
        assert_eq!(client.refused("GET", "", Value::Null), (400, "bad_request".into()));
        client.token = "vp_wrong".into();
        assert_eq!(client.refused("GET", "api=ping", Value::Null), (401, "unauthorized".into()));
    }

    #[test]
    fn wrong_account_properties_are_told_apart() {
        let mut client = Client::new(&ALL_SCOPES);
        let good = json!({ "user": "fine", "domain": "fine.example", "email": "a@fine.example" });
        for (key, value, code) in [
            ("user", "Shop", "invalid_user"),
            ("user", "a", "invalid_user"),
            ("domain", "no dots", "invalid_domain"),
            ("email", "nobody", "invalid_email"),
            ("password", "short", "weak_password"),
        ] {
            let mut body = good.clone();
            body[key] = json!(value);
            assert_eq!(client.refused("POST", "api=accounts", body), (422, code.into()));
        }
    }
}
