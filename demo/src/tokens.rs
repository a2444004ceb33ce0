//! The token endpoint: one active access token per application, short-lived, with scopes.

use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ask::Reply;
use super::record::text;
use super::secrets::{Secrets, random};

/// An application of the tenant; it belongs to one of the three APIs for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Application {
    /// Manage Vanta: scopes `vanta-api.…`.
    Manage,
    /// Conduct an Audit: scopes `auditor-api.…`.
    Audit,
    /// Build Integrations: scopes `connectors.self:…`.
    Connectors,
}

impl Application {
    pub(super) const ALL: [Self; 3] = [Self::Manage, Self::Audit, Self::Connectors];

    fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Manage => &[
                "vanta-api.all:read",
                "vanta-api.all:write",
                "vanta-api.vendors:read",
                "vanta-api.vendors:write",
                "vanta-api.documents:read",
                "vanta-api.documents:list",
                "vanta-api.documents:write",
                "vanta-api.documents:upload",
            ],
            Self::Audit => &[
                "auditor-api.audit:read",
                "auditor-api.audit:write",
                "auditor-api.auditor:read",
                "auditor-api.auditor:write",
            ],
            Self::Connectors => &["connectors.self:read-resource", "connectors.self:write-resource"],
        }
    }
}

struct Registered {
    api: Application,
    client_id: String,
    client_secret: String,
    scopes: Vec<String>,
    active: Option<Issued>,
}

struct Issued {
    token: String,
    scopes: Vec<String>,
    expires: Timestamp,
}

pub(super) struct Tokens {
    applications: Vec<Registered>,
    lifetime: Duration,
    rng: Rng,
}

impl Tokens {
    pub(super) fn new(seed: u64, secrets: &Secrets) -> Self {
        let applications = Application::ALL.into_iter().map(|api| {
            let (id, secret) = secrets.application(api);
            Registered {
                api,
                client_id: id.to_owned(),
                client_secret: secret.to_owned(),
                scopes: api.scopes().iter().map(ToString::to_string).collect(),
                active: None,
            }
        });
        Self {
            applications: applications.collect(),
            lifetime: Duration::from_secs(3600),
            rng: Rng::with_seed(seed ^ 0x70_6b),
        }
    }

    /// The token endpoint. Issuing a token revokes the application's previous one at once.
    pub(super) fn issue(&mut self, body: &Value, now: Timestamp) -> Reply {
        match self.issued(body, now) {
            Ok(reply) | Err(reply) => reply,
        }
    }

    fn issued(&mut self, body: &Value, now: Timestamp) -> Result<Reply, Reply> {
        let grant = given(body, "grant_type")?;
        if grant != "client_credentials" {
            let message = format!("The grant type {grant} is not supported here");
            return Err(refusal(400, "unsupported_grant_type", &message));
        }
        let (id, secret) = (given(body, "client_id")?, given(body, "client_secret")?);
        let asked: Vec<String> = given(body, "scope")?.split_whitespace().map(str::to_owned).collect();
        let known =
            self.applications.iter_mut().find(|app| app.client_id == id && app.client_secret == secret);
        let Some(application) = known else {
            return Err(refusal(401, "invalid_client", "The client id or the client secret is wrong"));
        };
        if let Some(scope) = asked.iter().find(|scope| !application.scopes.contains(scope)) {
            let message = format!("The scope {scope} is not one of this application's");
            return Err(refusal(400, "invalid_scope", &message));
        }
        let token = random("vat_", 40, &mut self.rng);
        let expires = now.checked_add(self.lifetime).unwrap_or(Timestamp::MAX);
        application.active = Some(Issued { token: token.clone(), scopes: asked, expires });
        let expires_in = self.lifetime.as_secs();
        Ok(Reply::ok(json!({ "access_token": token, "expires_in": expires_in, "token_type": "Bearer" })))
    }

    /// The application behind a token and its scopes, while the token is the active one and not expired.
    pub(super) fn admit(&self, token: &str, now: Timestamp) -> Option<(Application, Vec<String>)> {
        let holds = |app: &&Registered| app.active.as_ref().is_some_and(|active| active.token == token);
        let application = self.applications.iter().find(holds)?;
        let active = application.active.as_ref().filter(|active| now < active.expires)?;
        let still = active.scopes.iter().filter(|scope| application.scopes.contains(scope));
        Some((application.api, still.cloned().collect()))
    }

    pub(super) fn revoke_all(&mut self) {
        for application in &mut self.applications {
            application.active = None;
        }
    }

    pub(super) fn restrict(&mut self, api: Application, scopes: &[&str]) {
        for application in self.applications.iter_mut().filter(|app| app.api == api) {
            application.scopes = scopes.iter().map(ToString::to_string).collect();
        }
    }

    pub(super) fn live_for(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }
}

/// A member of the token request that must be there and not be empty.
fn given<'a>(body: &'a Value, name: &str) -> Result<&'a str, Reply> {
    match text(body, name) {
        "" => Err(refusal(400, "invalid_request", &format!("{name} is missing"))),
        value => Ok(value),
    }
}

fn refusal(status: u16, error: &str, message: &str) -> Reply {
    Reply::Json(status, json!({ "error": error, "message": message }))
}

#[cfg(test)]
mod checks {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    fn tokens() -> (Tokens, Secrets) {
        let secrets = Secrets::new(7);
        (Tokens::new(7, &secrets), secrets)
    }

    fn request(secrets: &Secrets, scope: &str) -> Value {
        let (id, secret) = secrets.application(Application::Manage);
        let grant = "client_credentials";
        json!({ "grant_type": grant, "client_id": id, "client_secret": secret, "scope": scope })
    }

    fn answer(reply: Reply) -> (u16, Value) {
        reply.parts()
    }

    #[test]
    fn a_second_token_revokes_the_first() {
        let (mut tokens, secrets) = tokens();
        let body = request(&secrets, "vanta-api.all:read");
        let (_, first) = answer(tokens.issue(&body, now()));
        let (status, second) = answer(tokens.issue(&body, now()));
        assert_eq!((status, second["expires_in"].as_u64()), (200, Some(3600)));
        assert!(text(&second, "access_token").starts_with("vat_"));
        assert!(tokens.admit(text(&first, "access_token"), now()).is_none());
        let granted = tokens.admit(text(&second, "access_token"), now());
        assert_eq!(granted, Some((Application::Manage, vec!["vanta-api.all:read".to_owned()])));
    }

    #[test]
    fn a_token_expires() {
        let (mut tokens, secrets) = tokens();
        tokens.live_for(Duration::from_secs(10));
        let (_, body) = answer(tokens.issue(&request(&secrets, "vanta-api.all:read"), now()));
        let token = text(&body, "access_token");
        assert!(tokens.admit(token, now() + Duration::from_secs(9)).is_some());
        assert!(tokens.admit(token, now() + Duration::from_secs(10)).is_none());
    }

    #[test]
    fn wrong_requests_are_told_apart() {
        let (mut tokens, secrets) = tokens();
        let mut ask = |change: &dyn Fn(&mut Value)| {
            let mut body = request(&secrets, "vanta-api.all:read");
            change(&mut body);
            let (status, answer) = answer(tokens.issue(&body, now()));
            (status, text(&answer, "error").to_owned())
        };
        assert_eq!(ask(&|body| body["client_secret"] = json!("x")), (401, "invalid_client".into()));
        assert_eq!(
            ask(&|body| body["scope"] = json!("auditor-api.audit:read")),
            (400, "invalid_scope".into())
        );
        assert_eq!(
            ask(&|body| body["grant_type"] = json!("password")),
            (400, "unsupported_grant_type".into())
        );
        assert_eq!(ask(&|body| *body = Value::Null), (400, "invalid_request".into()));
    }

    #[test]
    fn a_restricted_application_loses_scopes_of_its_token_too() {
        let (mut tokens, secrets) = tokens();
        let both = request(&secrets, "vanta-api.all:read vanta-api.all:write");
        let (_, body) = answer(tokens.issue(&both, now()));
        tokens.restrict(Application::Manage, &["vanta-api.all:read"]);
        let granted = tokens.admit(text(&body, "access_token"), now());
        assert_eq!(granted, Some((Application::Manage, vec!["vanta-api.all:read".to_owned()])));
        assert_eq!(answer(tokens.issue(&both, now())).0, 400);
    }
}
