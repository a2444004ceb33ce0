//! The access token of one application.
//!
//! Vanta keeps one active token per application: asking for another revokes
//! the one before at once, and five requests a minute are all there are. So a
//! token is fetched at the first call, by one task however many wait for it,
//! kept until shortly before it expires, and replaced early only when the
//! upstream no longer takes it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use super::fate::LONGEST_PAUSE;
use super::hidden::Mask;
use super::token_error::TokenError;
use super::token_request::{Application, ask};
use crate::catalog::Scope;

/// A token on loan for one request.
#[derive(Clone)]
pub(super) struct Bearer {
    /// The header's value, marked sensitive.
    pub(super) header: HeaderValue,
    /// Which fetch it is from.
    pub(super) generation: u64,
    /// The scopes that it was granted.
    pub(super) scopes: Arc<[Scope]>,
    /// The token and the application's secret, to be kept out of whatever is told.
    pub(super) mask: Arc<Mask>,
}

/// What can be told of a token without telling it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenState {
    /// None has been needed yet.
    NotFetched,
    /// One is there.
    Held {
        /// How long it is still good.
        expires_in: Duration,
        /// How long it has been there.
        age: Duration,
        /// What was refused as `invalid_scope` and left out.
        withheld: Vec<Scope>,
    },
    /// The last attempt failed.
    Failed {
        /// Why, in words.
        reason: String,
    },
}

/// The source of one application's tokens.
pub(super) struct TokenSource {
    application: Arc<Application>,
    held: Arc<Mutex<HeldToken>>,
    /// The token that may be lent without a look at all that is held, and until when: most calls need no more.
    lent: Arc<RwLock<Option<(Bearer, Instant)>>>,
    /// How many attempts have failed: a caller that waited during one shares its end.
    failures: Arc<AtomicU64>,
}

/// All that is known of the application's token.
#[derive(Default)]
struct HeldToken {
    bearer: Option<Bearer>,
    since: Option<Instant>,
    expires: Option<Instant>,
    renew: Option<Instant>,
    fetched: u64,
    /// What was granted at last. Once refused, the others are not asked for again: each attempt costs one of five
    /// requests a minute.
    granted: Option<Arc<[Scope]>>,
    /// Why the last attempt failed, if it did.
    failure: Option<TokenError>,
    /// Before this the token endpoint has asked to be left alone.
    closed_until: Option<Instant>,
}

/// How long a token that could not be replaced early is used before the next attempt.
const PAUSE: Duration = Duration::from_secs(10);

impl TokenSource {
    pub(super) fn new(application: Application) -> Self {
        Self {
            application: Arc::new(application),
            held: Arc::default(),
            lent: Arc::default(),
            failures: Arc::default(),
        }
    }

    /// The token, where nobody has a doubt about it.
    fn undoubted(&self) -> Option<Bearer> {
        let lent = self.lent.read().unwrap_or_else(PoisonError::into_inner);
        let (bearer, until) = lent.as_ref()?;
        (Instant::now() < *until).then(|| bearer.clone())
    }

    /// A token to send with. `rejected` is the generation of one that the upstream answered with 401.
    pub(super) async fn bearer(
        &self,
        http: &reqwest::Client,
        rejected: Option<u64>,
    ) -> Result<Bearer, TokenError> {
        if rejected.is_none()
            && let Some(bearer) = self.undoubted()
        {
            return Ok(bearer);
        }
        let failures = self.failures.load(Ordering::Acquire);
        let mut held = Arc::clone(&self.held).lock_owned().await;
        if let Some(bearer) = held.usable(rejected) {
            return Ok(bearer);
        }
        // Were each of those who waited to try for itself, the minute's five requests would be gone at once, and the
        // last would wait as long as all of them together.
        if let Some(failure) = &held.failure
            && self.failures.load(Ordering::Acquire) != failures
        {
            return Err(failure.clone());
        }
        // Until it is renewed nobody is lent the one before.
        lend(&self.lent, None);
        let (failed, lent) = (Arc::clone(&self.failures), Arc::clone(&self.lent));
        let application = Arc::clone(&self.application);
        let http = http.clone();
        // In a task of its own: were the fetch dropped with the caller that began it, the token that it was about
        // to bring would be lost and the next caller's fetch would cost another of the five.
        let fetch = tokio::spawn(async move {
            let renewed = held.renewed(&application, &http, rejected).await;
            lend(&lent, held.usable(None).zip(held.renew));
            if renewed.is_err() {
                failed.fetch_add(1, Ordering::Release);
            }
            renewed
        });
        fetch.await.unwrap_or_else(|error| {
            let upstream = self.application.upstream.clone();
            Err(TokenError::Network { upstream, detail: error.to_string() })
        })
    }

    /// What can be told of the token now; `None` while a fetch is under way.
    pub(super) fn state(&self) -> Option<TokenState> {
        let held = self.held.try_lock().ok()?;
        Some(match held.expires {
            _ if held.failure.is_some() => TokenState::Failed {
                reason: held.failure.as_ref().map(ToString::to_string).unwrap_or_default(),
            },
            Some(expires) => TokenState::Held {
                expires_in: expires.saturating_duration_since(Instant::now()),
                age: held.since.map(|since| since.elapsed()).unwrap_or_default(),
                withheld: held.withheld(&self.application.scopes),
            },
            None => TokenState::NotFetched,
        })
    }
}

fn lend(lent: &RwLock<Option<(Bearer, Instant)>>, bearer: Option<(Bearer, Instant)>) {
    *lent.write().unwrap_or_else(PoisonError::into_inner) = bearer;
}

impl HeldToken {
    fn usable(&self, rejected: Option<u64>) -> Option<Bearer> {
        let bearer = self.bearer.as_ref()?;
        let fresh = self.renew.is_some_and(|renew| Instant::now() < renew);
        // Another call may have replaced the rejected one while this one waited for its turn.
        (fresh && rejected != Some(bearer.generation)).then(|| bearer.clone())
    }

    /// A new token, or the held one while it is only about to expire.
    async fn renewed(
        &mut self,
        application: &Application,
        http: &reqwest::Client,
        rejected: Option<u64>,
    ) -> Result<Bearer, TokenError> {
        if self.bearer.as_ref().is_some_and(|bearer| rejected == Some(bearer.generation)) {
            self.bearer = None;
        }
        let fetched = self.fetch(application, http).await;
        let valid = self.expires.is_some_and(|expires| Instant::now() < expires);
        match self.bearer.as_ref().filter(|_| valid) {
            Some(held) if fetched.is_err() => {
                let held = held.clone();
                // The next attempt waits a moment: each costs one of five requests a minute.
                self.failure = None;
                self.renew = self.expires.min(Instant::now().checked_add(PAUSE));
                Ok(held)
            }
            _ => fetched,
        }
    }

    async fn fetch(
        &mut self,
        application: &Application,
        http: &reqwest::Client,
    ) -> Result<Bearer, TokenError> {
        self.wait_told(application)?;
        let mut scopes: Arc<[Scope]> = match &self.granted {
            Some(granted) => Arc::clone(granted),
            None => application.scopes.as_slice().into(),
        };
        let mut result = ask(application, http, &scopes).await;
        for fewer in lesser(&scopes) {
            let Err(TokenError::Scope { .. }) = &result else { break };
            tracing::warn!(upstream = application.upstream, "scopes were refused; requesting fewer");
            scopes = fewer.into();
            result = ask(application, http, &scopes).await;
        }
        if result.is_ok() {
            self.granted = Some(scopes);
        }
        self.failure = result.as_ref().err().cloned();
        match result {
            Ok((header, lifetime)) => Ok(self.keep(header, lifetime, &application.client_secret)),
            Err(error) => {
                if let TokenError::TooMany { retry_after: Some(wait), .. } = &error {
                    self.closed_until = Instant::now().checked_add(LONGEST_PAUSE.min(*wait));
                }
                Err(error)
            }
        }
    }

    /// What was asked for and not granted.
    fn withheld(&self, asked_for: &[Scope]) -> Vec<Scope> {
        let granted = self.granted.as_deref().unwrap_or(asked_for);
        asked_for.iter().copied().filter(|scope| !granted.contains(scope)).collect()
    }

    /// While the endpoint has asked to be left alone, it is.
    fn wait_told(&self, application: &Application) -> Result<(), TokenError> {
        let left = self.closed_until.map(|until| until.saturating_duration_since(Instant::now()));
        match left {
            Some(left) if !left.is_zero() => {
                Err(TokenError::TooMany { upstream: application.upstream.clone(), retry_after: Some(left) })
            }
            _ => Ok(()),
        }
    }

    fn keep(&mut self, header: HeaderValue, lifetime: Duration, secret: &SecretString) -> Bearer {
        let now = Instant::now();
        self.fetched += 1;
        self.since = Some(now);
        self.expires = now.checked_add(lifetime);
        self.renew = now.checked_add(lifetime.saturating_sub(margin(lifetime)));
        let scopes = self.granted.clone().unwrap_or_default();
        let token = header.to_str().unwrap_or_default();
        let token = token.strip_prefix("Bearer ").unwrap_or(token);
        let mask = Arc::new(Mask::new([token, secret.expose_secret()]));
        let bearer = Bearer { header, generation: self.fetched, scopes, mask };
        self.bearer = Some(bearer.clone());
        bearer
    }
}

/// What to ask for when all of it was refused: first without what stands aside, then reading alone. Nothing that would
/// leave nothing or take nothing away.
fn lesser(scopes: &[Scope]) -> Vec<Vec<Scope>> {
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

/// How long before its end a token is replaced: a minute, or a fifth of a short life.
fn margin(lifetime: Duration) -> Duration {
    Duration::from_secs(60).min(lifetime / 5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::token_request::LIFETIME;

    #[test]
    fn a_token_is_replaced_a_minute_early_or_a_fifth_of_its_life() {
        assert_eq!(margin(Duration::from_secs(3600)), Duration::from_secs(60));
        assert_eq!(margin(Duration::from_secs(10)), Duration::from_secs(2));
    }

    #[test]
    fn a_rejected_token_is_not_lent_again_and_a_newer_one_is() {
        let mut held = HeldToken::default();
        let secret = SecretString::from("s");
        let first = held.keep(HeaderValue::from_static("Bearer a"), LIFETIME, &secret);
        assert!(held.usable(None).is_some());
        assert!(held.usable(Some(first.generation)).is_none());
        held.keep(HeaderValue::from_static("Bearer b"), LIFETIME, &secret);
        assert!(held.usable(Some(first.generation)).is_some());
        held.keep(HeaderValue::from_static("Bearer c"), Duration::ZERO, &secret);
        assert!(held.usable(None).is_none(), "expired");
    }
}
