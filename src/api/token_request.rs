//! One request to the token endpoint.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::error::Cause;
use super::hidden::{Hidden, Mask};
use super::measure;
use super::network::Unconnected;
use super::patience::{Late, Patience};
use super::proxies::ProxyAddress;
use super::response::{self, Length, WholeAnswer};
use super::token_error::TokenError;
use super::upstream::Timeouts;
use super::words::innermost;
use crate::catalog::Scope;

/// The application, and where it asks.
pub(super) struct Application {
    pub(super) endpoint: Url,
    pub(super) upstream: String,
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    pub(super) scopes: Vec<Scope>,
    pub(super) timeouts: Timeouts,
    /// What it is reached through, for messages.
    pub(super) proxy: Option<ProxyAddress>,
}

/// What the token endpoint answers (RFC 6749 section 5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    /// Seconds: a number, or a text that holds one.
    expires_in: Option<Value>,
}

impl Granted {
    fn lifetime(&self) -> Duration {
        let told = self.expires_in.as_ref();
        let seconds = told.and_then(|told| told.as_f64().or_else(|| told.as_str()?.trim().parse().ok()));
        seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(LIFETIME)
    }
}

/// Where the endpoint does not say, Vanta's documented lifetime.
pub(super) const LIFETIME: Duration = Duration::from_secs(3600);

/// Asks for a token with these scopes: a header's value, marked sensitive, and how long it is good.
pub(super) async fn ask(
    application: &Application,
    http: &reqwest::Client,
    scopes: &[Scope],
) -> Result<(HeaderValue, Duration), TokenError> {
    let scope = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let body = json!({
        "client_id": application.client_id,
        "client_secret": application.client_secret.expose_secret(),
        "scope": scope,
        "grant_type": "client_credentials",
    });
    tracing::debug!(upstream = application.upstream, scope, "asking for a token");
    let granted = request(application, http, &body, scope).await;
    measure::token_request(&granted);
    granted
}

async fn request(
    application: &Application,
    http: &reqwest::Client,
    body: &Value,
    scope: String,
) -> Result<(HeaderValue, Duration), TokenError> {
    let upstream = || application.upstream.clone();
    let patience = Patience::new(application.timeouts);
    let network = |detail| TokenError::Network { upstream: upstream(), detail };
    let sent = patience.next(http.post(application.endpoint.clone()).json(body).send()).await;
    let response = sent.map_err(|late: Late| network(late.to_string()))?.map_err(|error| {
        match Unconnected::of(&error, &application.upstream, application.proxy.as_ref()) {
            Some(unconnected) => TokenError::Unconnected(unconnected),
            None if error.is_timeout() => network(innermost(&error)),
            None => TokenError::Interrupted { upstream: upstream(), detail: innermost(&error) },
        }
    })?;
    // Whoever swaps id and secret has the secret called an unknown id.
    let own = Mask::new([application.client_secret.expose_secret(), &application.client_id]);
    let hidden = Hidden::new(&Arc::new(own), []);
    let answer = response::read(response, &application.upstream, hidden, &patience, Length::Short)
        .await
        .map_err(|cause| match cause {
            Cause::Interrupted { .. } => {
                TokenError::Interrupted { upstream: upstream(), detail: cause.to_string() }
            }
            other => network(other.to_string()),
        })?;
    if !answer.is_success() {
        return Err(refusal(application, &answer, scope));
    }
    let unreadable = |detail: &str| TokenError::Unreadable {
        upstream: upstream(),
        status: answer.status,
        detail: detail.to_owned(),
    };
    let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| unreadable(&unread(&answer)))?;
    if granted.access_token.expose_secret().trim().is_empty() {
        return Err(unreadable("its access_token is empty"));
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {}", granted.access_token.expose_secret()))
        .map_err(|_| unreadable("the token contains characters that are not allowed in a header"))?;
    header.set_sensitive(true);
    Ok((header, granted.lifetime()))
}

/// What came in place of a token: in its own words where it is a page, else not at all, since it may hold one.
fn unread(answer: &WholeAnswer) -> String {
    if answer.is_page() { answer.message() } else { "the answer is not a token response in JSON".to_owned() }
}

fn refusal(application: &Application, answer: &WholeAnswer, scopes: String) -> TokenError {
    let upstream = application.upstream.clone();
    let status = answer.status;
    // What a redirect says is where it points to, which is not to be set or trusted.
    if (300..400).contains(&status) {
        return TokenError::Redirected { upstream, status };
    }
    let message = answer.message();
    let scope = answer.speaks_of("invalid_scope") || message.to_ascii_lowercase().contains("invalid scope");
    if (400..500).contains(&status) && scope {
        return TokenError::Scope { upstream, scopes };
    }
    match (status, answer.code().as_deref()) {
        (401 | 403, _) | (_, Some("invalid_client" | "unauthorized_client" | "invalid_grant")) => {
            TokenError::Credentials { upstream, status, message }
        }
        (429, _) => TokenError::TooMany { upstream, retry_after: answer.retry_after() },
        _ => TokenError::Status { upstream, status, message, retry_after: answer.retry_after() },
    }
}

/// What to ask for when all of it was refused: first without what stands aside, then reading alone. Nothing that would
/// leave nothing or take nothing away.
pub(super) fn lesser(scopes: &[Scope]) -> Vec<Vec<Scope>> {
    let usual: Vec<Scope> = scopes.iter().copied().filter(|scope| !scope.is_aside()).collect();
    let reading: Vec<Scope> = usual.iter().copied().filter(|scope| !scope.writes()).collect();
    let mut steps: Vec<Vec<Scope>> = Vec::new();
    for step in [usual, reading] {
        let before = steps.last().map_or(scopes.len(), Vec::len);
        if !step.is_empty() && step.len() < before {
            steps.push(step);
        }
    }
    steps
}
