//! When an application's token is used, and who asks for the next. Pure, like the rest of the record.

use std::time::Duration;

use super::application::{ApplicationRecord, CallRank, Limit, Queue, TurnAsk};
use super::kept::{KeptToken, Lease};
use super::store::Moment;

/// How long the right to ask for a token lasts without being renewed: as long as one who is killed delays the others.
pub const LEASE: Duration = Duration::from_secs(4);

/// How long scopes that were refused are not asked for again: each attempt costs one of five requests a minute.
const REFUSED: Duration = Duration::from_secs(600);

/// How long somebody who waits for a token is remembered after they should have looked again.
const REMEMBERED: Duration = Duration::from_secs(1);

/// The token endpoint's limit, by this name (Vanta: five requests a minute).
pub const TOKEN_LIMIT: &str = "token";

/// How long it is remembered that several secrets of an application are in use.
pub const SEVERAL_SECRETS: Duration = Duration::from_secs(600);

/// Whether all who use an application have the same secret of it. While a secret is being replaced two are valid, and each
/// token that is had by one takes away what was had by the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SecretsInUse {
    /// As far as is known.
    #[default]
    One,
    /// Tokens come and go that this secret does not open.
    Several,
}

/// A question for a token.
#[derive(Debug, Clone)]
pub struct TokenAsk {
    /// Who asks: one of a process.
    pub owner: String,
    /// The scopes that it wants to have.
    pub scopes: Vec<String>,
    /// A token that the upstream did not accept, by its generation.
    pub rejected: Option<u64>,
    /// Requests for tokens a minute; none where they are not limited.
    pub most: Option<u16>,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenStep {
    /// Use this one.
    Use(KeptToken),
    /// Ask the upstream for one with these scopes; the lease is yours.
    Fetch {
        /// What to ask for: what is wanted, and what the present token has, since asking revokes it.
        scopes: Vec<String>,
    },
    /// Somebody else asks for one. Look again after this.
    Wait(Duration),
    /// The minute's requests for tokens are spent, or the upstream asked for a pause. There is none before this.
    Spent(Duration),
}

/// A token that has just come.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The token, sealed, in base64.
    pub sealed: String,
    /// The scopes it was granted.
    pub scopes: Vec<String>,
    /// How long it is valid.
    pub lifetime: Duration,
}

impl ApplicationRecord {
    /// Decides on a token.
    pub fn token(&mut self, now: Moment, ask: &TokenAsk) -> TokenStep {
        let step = self.token_step(now, ask);
        if let TokenStep::Spent(wait) = &step {
            // Those who wait look again when it is over; one who was killed is forgotten then.
            self.token_waits.insert(ask.owner.clone(), now.plus(*wait + REMEMBERED));
        } else {
            self.token_waits.remove(&ask.owner);
        }
        step
    }

    fn token_step(&mut self, now: Moment, ask: &TokenAsk) -> TokenStep {
        self.forget(now);
        let wanted: Vec<String> =
            ask.scopes.iter().filter(|scope| !self.refused.contains_key(*scope)).cloned().collect();
        if let Some(token) = self.token.as_mut().filter(|token| ask.rejected == Some(token.generation)) {
            token.rejected = true;
        }
        let usable = self
            .token
            .as_ref()
            .filter(|token| token.expires > now && !token.rejected && token.covers(&wanted));
        if let Some(token) = usable.filter(|token| token.renew > now) {
            return TokenStep::Use(token.clone());
        }
        if let Some(lease) = self.lease.as_ref().filter(|lease| lease.until > now && lease.owner != ask.owner)
        {
            return match usable {
                // About to be replaced, and good until then.
                Some(token) => TokenStep::Use(token.clone()),
                None => TokenStep::Wait(now.until(lease.until).min(Duration::from_millis(50))),
            };
        }
        // A pause that the endpoint asked for is kept also where nothing is limited.
        let most = ask.most.unwrap_or(u16::MAX);
        let limit = Limit { name: TOKEN_LIMIT.to_owned(), most };
        if let Some(wait) = self.wait_for_token(now, &limit) {
            return match usable {
                Some(token) => TokenStep::Use(token.clone()),
                None => TokenStep::Spent(wait),
            };
        }
        if ask.most.is_some() {
            self.count(now, TOKEN_LIMIT);
        }
        self.lease = Some(Lease { owner: ask.owner.clone(), until: now.plus(LEASE) });
        let mut scopes = wanted;
        let present = self.token.as_ref().filter(|token| token.expires > now);
        for scope in present.into_iter().flat_map(|token| &token.scopes) {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        TokenStep::Fetch { scopes }
    }

    fn wait_for_token(&self, now: Moment, limit: &Limit) -> Option<Duration> {
        let ask = TurnAsk {
            owner: String::new(),
            limits: Vec::new(),
            rank: CallRank::Single,
            ahead: 0,
            waiting: 1,
            source: 0,
            list: None,
            waited: Duration::ZERO,
            patience: Duration::ZERO,
            queue: Queue::default(),
        };
        self.wait_for(now, limit, &ask).map(|wait| wait.after)
    }

    /// One who asks for a token goes on asking.
    pub fn hold(&mut self, now: Moment, owner: &str) {
        if let Some(lease) = self.lease.as_mut().filter(|lease| lease.owner == owner) {
            lease.until = now.plus(LEASE);
        }
    }

    /// A token has come.
    pub fn keep(&mut self, now: Moment, owner: &str, token: NewToken) -> KeptToken {
        self.release(owner);
        self.generation += 1;
        let kept = KeptToken {
            sealed: token.sealed,
            generation: self.generation,
            scopes: token.scopes,
            since: now,
            expires: now.plus(token.lifetime),
            renew: now.plus(token.lifetime.saturating_sub(margin(token.lifetime))),
            rejected: false,
        };
        self.token = Some(kept.clone());
        kept
    }

    /// Another request for a token goes out, since the one before was refused.
    pub fn ask_again(&mut self, now: Moment) {
        self.count(now, TOKEN_LIMIT);
    }

    /// A request for a token was never sent, so it does not count.
    pub fn give_back(&mut self) {
        if let Some(sent) = self.sent.get_mut(TOKEN_LIMIT) {
            sent.pop();
        }
    }

    /// The application does not have these scopes.
    pub fn refuse(&mut self, now: Moment, scopes: &[String]) {
        self.refused.extend(scopes.iter().map(|scope| (scope.clone(), now.plus(REFUSED))));
    }

    /// None has come, and somebody else may try.
    pub fn release(&mut self, owner: &str) {
        self.lease.take_if(|lease| lease.owner == owner);
    }

    /// Somebody has found a token that was had by another secret, and replaces its own.
    pub fn find_other_secret(&mut self, now: Moment) {
        self.several_secrets = Some(now);
    }

    /// Whether all use the same secret.
    #[must_use]
    pub fn secrets(&self, now: Moment) -> SecretsInUse {
        match self.several_secrets {
            Some(at) if at.plus(SEVERAL_SECRETS) > now => SecretsInUse::Several,
            _ => SecretsInUse::One,
        }
    }

    /// The newest token.
    #[must_use]
    pub fn newest(&self) -> Option<&KeptToken> {
        self.token.as_ref()
    }
}

/// How long before its end a token is replaced: a minute, or a fifth of a short life.
fn margin(lifetime: Duration) -> Duration {
    Duration::from_secs(60).min(lifetime / 5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::application::SPAN;

    fn at(seconds: f64) -> Moment {
        Moment(1_000_000).plus(Duration::from_secs_f64(seconds))
    }

    fn wants(owner: &str, scopes: &[&str]) -> TokenAsk {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        TokenAsk { owner: owner.to_owned(), scopes, rejected: None, most: Some(5) }
    }

    fn fetched(record: &mut ApplicationRecord, now: f64, ask: &TokenAsk) -> KeptToken {
        let TokenStep::Fetch { scopes } = record.token(at(now), ask) else { panic!("no lease") };
        let new = NewToken { sealed: "s".to_owned(), scopes, lifetime: Duration::from_secs(3600) };
        record.keep(at(now), &ask.owner, new)
    }

    #[test]
    fn one_asks_for_a_token_and_the_others_wait_for_it() {
        let mut record = ApplicationRecord::default();
        let (a, b) = (wants("a", &["read"]), wants("b", &["read"]));
        assert!(matches!(record.token(at(0.0), &a), TokenStep::Fetch { .. }));
        assert!(matches!(record.token(at(0.1), &b), TokenStep::Wait(_)));
        record.hold(at(3.0), "a");
        assert!(matches!(record.token(at(5.0), &b), TokenStep::Wait(_)), "a is still there");
        assert!(matches!(record.token(at(7.1), &b), TokenStep::Fetch { .. }), "a was killed");
        let kept = fetched(&mut record, 12.0, &b);
        assert_eq!(record.token(at(13.0), &a), TokenStep::Use(kept));
    }

    #[test]
    fn a_rejected_token_is_replaced_once_and_by_the_newest() {
        let mut record = ApplicationRecord::default();
        let first = fetched(&mut record, 0.0, &wants("a", &["read"]));
        let rejected = TokenAsk { rejected: Some(first.generation), ..wants("b", &["read"]) };
        let second = fetched(&mut record, 1.0, &rejected);
        assert_eq!(record.token(at(2.0), &rejected), TokenStep::Use(second));
    }

    #[test]
    fn whoever_needs_more_scopes_keeps_those_of_the_others() {
        let mut record = ApplicationRecord::default();
        fetched(&mut record, 0.0, &wants("a", &["read", "vendors"]));
        let both = fetched(&mut record, 1.0, &wants("b", &["read", "write"]));
        assert_eq!(both.scopes, ["read", "write", "vendors"]);
        assert!(matches!(record.token(at(2.0), &wants("a", &["read", "vendors"])), TokenStep::Use(_)));
    }

    #[test]
    fn five_requests_for_tokens_a_minute_are_all() {
        let mut record = ApplicationRecord::default();
        for attempt in 0..5 {
            let now = f64::from(attempt);
            assert!(matches!(record.token(at(now), &wants("a", &["read"])), TokenStep::Fetch { .. }));
            record.release("a");
        }
        let spent = record.token(at(5.0), &wants("a", &["read"]));
        assert_eq!(spent, TokenStep::Spent(at(5.0).until(at(0.0).plus(SPAN))));
        let waiting = |record: &mut ApplicationRecord, now| {
            let limit = Limit { name: TOKEN_LIMIT.to_owned(), most: 5 };
            record.standing(at(now), &[limit], "manage", "").limits.remove(0).waiting.processes
        };
        assert_eq!(waiting(&mut record, 5.0), 1);
        assert!(matches!(record.token(at(62.0), &wants("a", &["read"])), TokenStep::Fetch { .. }));
        assert_eq!(waiting(&mut record, 62.0), 0, "it waits no more");
    }

    #[test]
    fn a_token_is_replaced_a_minute_ahead_and_used_meanwhile() {
        let mut record = ApplicationRecord::default();
        let first = fetched(&mut record, 0.0, &wants("a", &["read"]));
        let (a, b) = (wants("a", &["read"]), wants("b", &["read"]));
        assert_eq!(record.token(at(3539.0), &a), TokenStep::Use(first.clone()));
        assert!(matches!(record.token(at(3541.0), &a), TokenStep::Fetch { .. }));
        assert_eq!(record.token(at(3542.0), &b), TokenStep::Use(first));
        assert!(matches!(record.token(at(3601.0), &b), TokenStep::Fetch { .. }));
    }
}
