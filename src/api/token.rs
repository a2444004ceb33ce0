//! The access token of one application.
//!
//! Vanta keeps one active token per application: asking for another revokes
//! the one before at once, and five requests a minute are all there are. So a
//! token is asked for by one of all processes that share a state, the others
//! use it too, and it is replaced early only when the upstream no longer takes
//! it. When to do what is decided by [`ApplicationRecord`]; here it is done.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use secrecy::ExposeSecret as _;
use tokio::sync::Mutex;
use tokio::time::sleep;

use super::fate::LONGEST_OBEYED;
use super::hidden::Mask;
use super::rivals::Rivals;
use super::token_error::TokenError;
use super::token_request::{Application, ask, lesser};
use crate::catalog::Scope;
use crate::state::application::ApplicationRecord;
use crate::state::kept::KeptToken;
use crate::state::token::{LEASE, NewToken, TOKEN_LIMIT, TokenAsk, TokenStep};
use crate::state::{Moment, RecordKey, Seal, Shared};

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
    /// One is being fetched.
    BeingFetched,
    /// One is there.
    Held {
        /// How long it is still good.
        expires_in: Duration,
        /// How long it has been there.
        age: Duration,
        /// The scopes that it was granted.
        granted: Vec<Scope>,
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
    asking: Arc<Asking>,
    held: Arc<Mutex<HeldToken>>,
    /// The token that may be lent without a look at all that is held, and until when: most calls need no more.
    lent: Arc<RwLock<Option<(Bearer, Instant)>>>,
    /// How many attempts have failed: a caller that waited during one shares its end.
    failures: Arc<AtomicU64>,
}

/// All that it takes to come by a token.
pub(super) struct Asking {
    pub(super) application: Application,
    pub(super) shared: Arc<Shared>,
    pub(super) key: RecordKey,
    /// This process, as the others know it.
    pub(super) owner: String,
    pub(super) seal: Option<Seal>,
    /// Requests for tokens a minute; none where they are not limited.
    pub(super) most: Option<u16>,
    pub(super) rivals: Rivals,
}

/// What this process knows of the application's token.
#[derive(Default)]
struct HeldToken {
    bearer: Option<Bearer>,
    since: Option<Instant>,
    expires: Option<Instant>,
    renew: Option<Instant>,
    /// Why the last attempt failed, if it did.
    failure: Option<TokenError>,
    /// When that was.
    failed: Option<Instant>,
}

/// How long a token that could not be replaced early is used before the next attempt.
const PAUSE: Duration = Duration::from_secs(10);

/// How long nobody asks again after a refusal that says no time.
const REFUSED_FOR: Duration = Duration::from_secs(15);

/// How long credentials that were refused are not tried again: each attempt costs one of five requests a minute.
const WRONG_FOR: Duration = Duration::from_secs(60);

/// How long a token is waited for that somebody else asks for, or until the minute's requests for tokens are there again.
const LONGEST_WAIT: Duration = Duration::from_secs(75);

impl TokenSource {
    pub(super) fn new(asking: Asking) -> Self {
        Self {
            asking: Arc::new(asking),
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

    /// A token to send with. `rejected` is the generation of one that is not to be used again: the upstream answered it with
    /// 401, or there is a newer one.
    pub(super) async fn bearer(
        &self,
        http: &reqwest::Client,
        rejected: Option<u64>,
    ) -> Result<Bearer, TokenError> {
        if let Some(bearer) = self.undoubted().filter(|bearer| rejected != Some(bearer.generation)) {
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
        let asking = Arc::clone(&self.asking);
        let http = http.clone();
        // In a task of its own: were the fetch dropped with the caller that began it, the token that it was about
        // to bring would be lost and the next caller's fetch would cost another of the five.
        let fetch = tokio::spawn(async move {
            let renewed = held.renewed(&asking, &http, rejected).await;
            lend(&lent, held.usable(None).zip(held.renew));
            if renewed.is_err() {
                failed.fetch_add(1, Ordering::Release);
            }
            renewed
        });
        fetch.await.unwrap_or_else(|error| {
            let upstream = self.asking.application.upstream.clone();
            Err(TokenError::Network { upstream, detail: error.to_string() })
        })
    }

    /// A newer token than this one, where somebody has asked for one. Asks for none.
    pub(super) async fn newer(&self, than: u64) -> Option<Bearer> {
        let newest = self.asking.newest().await.filter(|got| got.bearer.generation > than)?;
        let mut held = self.held.lock().await;
        let bearer = held.hold(newest);
        lend(&self.lent, held.usable(None).zip(held.renew));
        Some(bearer)
    }

    /// What this process knows of the token now.
    pub(super) fn state(&self) -> TokenState {
        let Ok(held) = self.held.try_lock() else { return TokenState::BeingFetched };
        match (&held.failure, &held.bearer, held.expires) {
            (Some(failure), ..) => TokenState::Failed { reason: failure.to_string() },
            (None, Some(bearer), Some(expires)) => {
                let age = held.since.map(|since| since.elapsed()).unwrap_or_default();
                self.asking.held(expires.saturating_duration_since(Instant::now()), age, &bearer.scopes)
            }
            _ => TokenState::NotFetched,
        }
    }

    /// What can be told of a token that all share; `None` where it is of no use here.
    pub(super) fn state_of(&self, now: Moment, kept: &KeptToken) -> Option<TokenState> {
        let got = self.asking.opened(now, kept)?;
        let is_usable = !kept.rejected && !got.expires_in.is_zero();
        is_usable.then(|| self.asking.held(got.expires_in, got.age, &got.bearer.scopes))
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
        asking: &Asking,
        http: &reqwest::Client,
        rejected: Option<u64>,
    ) -> Result<Bearer, TokenError> {
        if self.bearer.as_ref().is_some_and(|bearer| rejected == Some(bearer.generation)) {
            self.bearer = None;
        }
        let is_wrong = matches!(self.failure, Some(TokenError::Credentials { .. }))
            && self.failed.is_some_and(|at| at.elapsed() < WRONG_FOR);
        let got = match self.failure.clone().filter(|_| is_wrong) {
            Some(failure) => asking.newest().await.ok_or(failure),
            None => asking.token(http, rejected).await,
        };
        self.failed = if is_wrong { self.failed } else { got.is_err().then(Instant::now) };
        self.failure = got.as_ref().err().cloned();
        let valid = self.expires.is_some_and(|expires| Instant::now() < expires);
        match got {
            Ok(got) => Ok(self.hold(got)),
            Err(error) => match self.bearer.clone().filter(|_| valid) {
                Some(held) => {
                    // The next attempt waits a moment: each costs one of five requests a minute.
                    self.failure = None;
                    self.renew = self.expires.min(Instant::now().checked_add(PAUSE));
                    Ok(held)
                }
                None => Err(error),
            },
        }
    }

    fn hold(&mut self, got: GotToken) -> Bearer {
        let now = Instant::now();
        self.since = now.checked_sub(got.age);
        self.expires = now.checked_add(got.expires_in);
        // One that is used to its end while somebody else asks for the next is looked at again soon.
        self.renew = now.checked_add(got.renew_in.max(Duration::from_secs(1)));
        self.bearer = Some(got.bearer.clone());
        got.bearer
    }
}

/// A token, from the upstream or from somebody who asked before.
struct GotToken {
    bearer: Bearer,
    age: Duration,
    expires_in: Duration,
    renew_in: Duration,
}

impl Asking {
    /// A token that is there, with what was asked for and not granted.
    fn held(&self, expires_in: Duration, age: Duration, granted: &[Scope]) -> TokenState {
        let asked_for = self.application.scopes.iter().copied();
        let withheld = asked_for.filter(|scope| !granted.contains(scope)).collect();
        TokenState::Held { expires_in, age, granted: granted.to_vec(), withheld }
    }

    /// The application's token, asked for only if nobody else has.
    async fn token(&self, http: &reqwest::Client, rejected: Option<u64>) -> Result<GotToken, TokenError> {
        let scopes = self.application.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
        let mut wanted = TokenAsk { owner: self.owner.clone(), scopes, rejected, most: self.most };
        let began = Instant::now();
        loop {
            let ask = wanted.clone();
            let step = self.shared.change(&self.key, move |now, record: &mut ApplicationRecord| {
                Some((now.0, record.token(now, &ask)))
            });
            let Some((now, step)) = step.await else { return Err(self.spent(PAUSE)) };
            let wait = match step {
                TokenStep::Use(kept) => {
                    if let Some(got) = self.opened(Moment(now), &kept) {
                        return Ok(got);
                    }
                    // Sealed with another secret: the application's was changed. Two may be valid for a while.
                    if self.rivals.finds(&kept, &self.application.upstream) {
                        let find = |now, record: &mut ApplicationRecord| record.find_other_secret(now);
                        self.shared.change(&self.key, find).await;
                    }
                    wanted.rejected = Some(kept.generation);
                    continue;
                }
                TokenStep::Fetch { scopes } => return self.fetched(http, scopes).await,
                TokenStep::Wait(wait) | TokenStep::Spent(wait) => wait,
            };
            if began.elapsed() + wait > LONGEST_WAIT {
                return Err(self.spent(wait));
            }
            sleep(wait.max(Duration::from_millis(10))).await;
        }
    }

    async fn newest(&self) -> Option<GotToken> {
        let newest = self.shared.change(&self.key, |now: Moment, record: &mut ApplicationRecord| {
            Some((now.0, record.newest().filter(|token| !token.rejected).cloned()?))
        });
        let (now, kept) = newest.await?;
        self.opened(Moment(now), &kept)
    }

    fn spent(&self, after: Duration) -> TokenError {
        let (upstream, secrets) = (self.application.upstream.clone(), self.rivals.secrets());
        TokenError::Spent { upstream, after, secrets }
    }

    /// Asks for a token, and shows the others meanwhile that somebody does.
    async fn fetched(&self, http: &reqwest::Client, scopes: Vec<String>) -> Result<GotToken, TokenError> {
        let asked = self.asked(http, scopes);
        let holds = async {
            loop {
                sleep(LEASE / 3).await;
                let owner = self.owner.clone();
                let hold = move |now, record: &mut ApplicationRecord| record.hold(now, &owner);
                self.shared.change(&self.key, hold).await;
            }
        };
        let asked = tokio::select! {
            asked = asked => asked,
            never = holds => never,
        };
        match asked {
            Ok((header, lifetime, scopes)) => self.keep(&header, lifetime, scopes).await,
            Err(error) => {
                let owner = self.owner.clone();
                let pause = match &error {
                    TokenError::TooMany { retry_after, .. } => {
                        Some(retry_after.unwrap_or(REFUSED_FOR).min(LONGEST_OBEYED))
                    }
                    _ => None,
                };
                let unsent = matches!(error, TokenError::Unconnected(_));
                let release = move |now, record: &mut ApplicationRecord| {
                    record.release(&owner);
                    if unsent {
                        record.give_back();
                    }
                    if let Some(pause) = pause {
                        record.close(now, TOKEN_LIMIT, pause);
                    }
                };
                self.shared.change(&self.key, release).await;
                Err(error)
            }
        }
    }

    /// Asks with these scopes; where they are refused, with fewer. Returns those that were granted.
    async fn asked(
        &self,
        http: &reqwest::Client,
        scopes: Vec<String>,
    ) -> Result<(HeaderValue, Duration, Vec<Scope>), TokenError> {
        let application = &self.application;
        let all: Vec<Scope> = scopes.iter().filter_map(|scope| Scope::named(scope)).collect();
        let own: Vec<Scope> =
            all.iter().copied().filter(|scope| application.scopes.contains(scope)).collect();
        // Those of other processes are only asked for so that they need not ask again.
        let fewer = (own.len() < all.len() && !own.is_empty()).then_some(own.clone());
        let steps = fewer.into_iter().chain(lesser(&own));
        let mut tried = all.clone();
        let mut result = ask(application, http, &tried).await;
        for fewer in steps {
            let Err(TokenError::Scope { .. }) = &result else { break };
            tracing::warn!(upstream = application.upstream, "scopes were refused; requesting fewer");
            self.shared.change(&self.key, |now, record: &mut ApplicationRecord| record.ask_again(now)).await;
            tried = fewer;
            result = ask(application, http, &tried).await;
        }
        let (header, lifetime) = result?;
        let refused: Vec<String> = all
            .iter()
            .filter(|scope| !tried.contains(scope))
            .map(|scope| scope.as_str().to_owned())
            .collect();
        if !refused.is_empty() {
            let refuse = move |now, record: &mut ApplicationRecord| record.refuse(now, &refused);
            self.shared.change(&self.key, refuse).await;
        }
        Ok((header, lifetime, tried))
    }

    /// Keeps a token for all.
    async fn keep(
        &self,
        header: &HeaderValue,
        lifetime: Duration,
        scopes: Vec<Scope>,
    ) -> Result<GotToken, TokenError> {
        let token = header.to_str().unwrap_or_default();
        let token = token.strip_prefix("Bearer ").unwrap_or(token).to_owned();
        let sealed = self.seal.as_ref().and_then(|seal| seal.close(&token)).unwrap_or_default();
        let owner = self.owner.clone();
        let names = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
        let new = NewToken { sealed, scopes: names, lifetime };
        let keep = move |now: Moment, record: &mut ApplicationRecord| {
            Some((now.0, record.keep(now, &owner, new.clone())))
        };
        let kept = self.shared.change(&self.key, keep).await;
        let got = kept.and_then(|(now, kept)| self.lent(Moment(now), &kept, &token));
        got.ok_or_else(|| unkept(&self.application))
    }

    fn opened(&self, now: Moment, kept: &KeptToken) -> Option<GotToken> {
        let token = self.seal.as_ref()?.open(&kept.sealed)?;
        self.lent(now, kept, token.expose_secret())
    }

    fn lent(&self, now: Moment, kept: &KeptToken, token: &str) -> Option<GotToken> {
        let mut header = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        header.set_sensitive(true);
        let mask = Arc::new(Mask::new([token, self.application.client_secret.expose_secret()]));
        let scopes = kept.scopes.iter().filter_map(|scope| Scope::named(scope)).collect();
        self.rivals.has_own(kept);
        Some(GotToken {
            bearer: Bearer { header, generation: kept.generation, scopes, mask },
            age: kept.since.until(now),
            expires_in: now.until(kept.expires),
            renew_in: now.until(kept.renew),
        })
    }
}

fn unkept(application: &Application) -> TokenError {
    let detail = "the token has characters that a header cannot carry".to_owned();
    TokenError::Unreadable { upstream: application.upstream.clone(), status: 200, detail }
}
