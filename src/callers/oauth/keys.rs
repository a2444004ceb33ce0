//! The keys of an authorization server: where they are, and which are good now.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use thiserror::Error;
use tokio::sync::Mutex;
use url::Url;

use super::issuer::Issuer;
use crate::api::document::{DocumentError, Documents};

/// How old keys may be before they are fetched again.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// How old they may be while the server cannot be reached.
const STALE: Duration = Duration::from_secs(60 * 60);

/// How often at the most keys are fetched because a token names one that is not known.
const EACH: Duration = Duration::from_secs(15);

/// How many such fetches may follow each other at once.
const BURST: u32 = 4;

/// Keys that could not be had.
#[derive(Debug, Error)]
pub(super) enum KeysError {
    /// A document did not come.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A document is not what it should be.
    #[error("{url} is not as it should be: {problem}")]
    Malformed { url: Url, problem: String },
    /// Too many tries in a short time.
    #[error("the keys were asked for too often in a short time")]
    TooOften,
}

/// Why there is no key for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The server has none of that name for that algorithm.
    Unknown,
    /// The server's keys are not to be had now.
    Unavailable,
}

/// A public key and the one algorithm that it is for.
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) public: DecodingKey,
}

/// The keys as they were at some time.
struct Held {
    keys: Vec<Arc<Key>>,
    since: Instant,
}

impl Held {
    /// The key that a token's header means: by its name, or without one the only key of its algorithm.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Arc<Key>> {
        let fits = |key: &&Arc<Key>| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id);
        let mut fitting = self.keys.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Some(Arc::clone(key)),
            _ => None,
        }
    }
}

/// The keys of one authorization server.
pub(super) struct Keys {
    issuer: Issuer,
    documents: Documents,
    held: RwLock<Option<Arc<Held>>>,
    fetching: Mutex<Fetching>,
}

/// What only one at a time may do.
struct Fetching {
    /// Where the keys are, once it is known.
    keys_at: Option<Url>,
    /// When the next fetch would be due if all had been [`EACH`] apart.
    due: Instant,
}

/// The part of a metadata document (RFC 8414 section 2, or `OpenID` Connect Discovery) that matters here.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Url,
}

/// A key set whose entries are read one by one, so that one of an unknown kind spoils none of the others.
#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

impl Keys {
    pub(super) fn new(issuer: Issuer) -> Self {
        let fetching = Fetching { keys_at: None, due: Instant::now() };
        Self {
            issuer,
            documents: Documents::default(),
            held: RwLock::default(),
            fetching: Mutex::new(fetching),
        }
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key for a token with such a header. Known ones cost no request; one that is not known may be new.
    pub(super) async fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Arc<Key>, NoKey> {
        let before = self.held();
        let known = before.as_ref().filter(|held| held.since.elapsed() < FRESH);
        if let Some(key) = known.and_then(|held| held.find(id, algorithm)) {
            return Ok(key);
        }
        let mut fetching = self.fetching.lock().await;
        let since = |held: &Option<Arc<Held>>| held.as_ref().map(|held| held.since);
        // Somebody else may have fetched them while this one waited.
        if since(&self.held()) == since(&before)
            && let Err(error) = self.fetch(&mut fetching).await
        {
            tracing::warn!(issuer = self.issuer.as_str(), %error, "the issuer's keys could not be fetched");
        }
        drop(fetching);
        let held = self.held().filter(|held| held.since.elapsed() < STALE).ok_or(NoKey::Unavailable)?;
        held.find(id, algorithm).ok_or(NoKey::Unknown)
    }

    async fn fetch(&self, fetching: &mut Fetching) -> Result<(), KeysError> {
        let now = Instant::now();
        let due = fetching.due.max(now);
        if due.duration_since(now) > EACH * (BURST - 1) {
            return Err(KeysError::TooOften);
        }
        fetching.due = due + EACH;
        let at = match &fetching.keys_at {
            Some(at) => at.clone(),
            None => self.locate().await?,
        };
        // Where the keys are may change; if they are not there any more it is asked for anew.
        fetching.keys_at = None;
        let set: Set = self.document(&at).await?;
        let keys: Vec<_> = set.keys.into_iter().filter_map(usable).map(Arc::new).collect();
        if keys.is_empty() {
            return Err(KeysError::Malformed {
                url: at,
                problem: "no key in it can check a signature".to_owned(),
            });
        }
        tracing::debug!(issuer = self.issuer.as_str(), keys = keys.len(), "the issuer's keys were fetched");
        fetching.keys_at = Some(at);
        let held = Held { keys, since: Instant::now() };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(held));
        Ok(())
    }

    /// Where the server says that its keys are.
    async fn locate(&self) -> Result<Url, KeysError> {
        for at in metadata_addresses(self.issuer.url()) {
            let metadata: Metadata = match self.document(&at).await {
                Ok(metadata) => metadata,
                Err(KeysError::Document(DocumentError::Status { .. })) => continue,
                Err(error) => return Err(error),
            };
            let malformed = |problem: String| KeysError::Malformed { url: at.clone(), problem };
            // RFC 8414, section 3.3: a document that names another issuer is somebody else's.
            if !self.issuer.is(&metadata.issuer) {
                return Err(malformed(format!("its issuer is {:?}", metadata.issuer)));
            }
            // What the issuer may not do, send us elsewhere in the clear, its document may not either.
            if metadata.jwks_uri.scheme() != "https"
                && metadata.jwks_uri.scheme() != self.issuer.url().scheme()
            {
                return Err(malformed("its jwks_uri is not https".to_owned()));
            }
            return Ok(metadata.jwks_uri);
        }
        // A server that does not describe itself has its keys, if anywhere, where most others have them.
        Ok(below(self.issuer.url(), "/.well-known/jwks.json"))
    }

    async fn document<D: for<'d> Deserialize<'d>>(&self, at: &Url) -> Result<D, KeysError> {
        let bytes = self.documents.get(at).await?;
        serde_json::from_slice(&bytes)
            .map_err(|error| KeysError::Malformed { url: at.clone(), problem: error.to_string() })
    }
}

/// Where a server describes itself, in the order in which the MCP specification asks for it.
fn metadata_addresses(issuer: &Url) -> impl Iterator<Item = Url> {
    let path = issuer.path().trim_end_matches('/');
    let at = |path: String| {
        let mut url = issuer.clone();
        url.set_path(&path);
        url
    };
    let inserted = ["oauth-authorization-server", "openid-configuration"]
        .map(|document| at(format!("/.well-known/{document}{path}")));
    let appended = (!path.is_empty()).then(|| below(issuer, "/.well-known/openid-configuration"));
    inserted.into_iter().chain(appended)
}

fn below(issuer: &Url, path: &str) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("{}{path}", issuer.path().trim_end_matches('/')));
    url
}

/// A key that can check signatures, with the algorithm that it is pinned to.
fn usable(value: serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let for_signatures =
        jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let for_checking = jwk
        .common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    if !for_signatures || !for_checking {
        return None;
    }
    let told = match &jwk.common.key_algorithm {
        Some(algorithm) => Some(algorithm.to_string().parse::<Algorithm>().ok()?),
        None => None,
    };
    // A key that does not say is good for one algorithm all the same: whoever makes a token has no choice.
    let usual = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => Algorithm::ES384,
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    let algorithm = told.unwrap_or(usual);
    let fits = match usual {
        Algorithm::RS256 => algorithm.family() == usual.family(),
        _ => algorithm == usual,
    };
    let public = DecodingKey::from_jwk(&jwk).ok()?;
    fits.then_some(Key { id: jwk.common.key_id, algorithm, public })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_for_one_algorithm() {
        let rsa = |algorithm: Option<&str>| {
            let mut key = json!({"kty": "RSA", "n": "sXch", "e": "AQAB", "kid": "1"});
            if let Some(algorithm) = algorithm {
                key["alg"] = algorithm.into();
            }
            usable(key).map(|key| key.algorithm)
        };
        assert_eq!(rsa(None), Some(Algorithm::RS256));
        assert_eq!(rsa(Some("PS384")), Some(Algorithm::PS384));
        for wrong in ["HS256", "ES256", "RSA-OAEP", "none"] {
            assert_eq!(rsa(Some(wrong)), None, "{wrong}");
        }
        for other in [
            json!({"kty": "oct", "k": "c2VjcmV0", "kid": "1", "alg": "HS256"}),
            json!({"kty": "RSA", "n": "sXch", "e": "AQAB", "use": "enc"}),
            json!({"kty": "RSA", "n": "sXch", "e": "AQAB", "key_ops": ["sign"]}),
            json!({"kty": "of tomorrow"}),
        ] {
            assert!(usable(other.clone()).is_none(), "{other}");
        }
    }

    #[test]
    fn an_issuer_is_asked_where_the_specification_says() {
        let of = |issuer: &str| -> Vec<String> {
            metadata_addresses(&Url::parse(issuer).unwrap()).map(String::from).collect()
        };
        assert_eq!(
            of("https://login.example"),
            [
                "https://login.example/.well-known/oauth-authorization-server",
                "https://login.example/.well-known/openid-configuration"
            ]
        );
        assert_eq!(
            of("https://login.example/tenant/"),
            [
                "https://login.example/.well-known/oauth-authorization-server/tenant",
                "https://login.example/.well-known/openid-configuration/tenant",
                "https://login.example/tenant/.well-known/openid-configuration"
            ]
        );
    }
}
