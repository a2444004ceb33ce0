//! An authorization server: metadata, keys, and whatever tokens a test wants, right or wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A private key with the name that it goes by.
pub enum Signer {
    Rsa(Box<RsaKeyPair>, Value),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Signer {
    /// A key that was made for these tests and is nobody's.
    pub fn rsa() -> Self {
        let parts: Value = serde_json::from_str(include_str!("rsa.json")).unwrap();
        let part = |name: &str| URL_SAFE_NO_PAD.decode(parts[name].as_str().unwrap()).unwrap();
        let components = KeyPairComponents {
            public_key: PublicKeyComponents { n: part("n"), e: part("e") },
            d: part("d"),
            p: part("p"),
            q: part("q"),
            dP: part("dp"),
            dQ: part("dq"),
            qInv: part("qi"),
        };
        let public = json!({"kty": "RSA", "n": parts["n"], "e": parts["e"]});
        Self::Rsa(Box::new(RsaKeyPair::from_components(&components).unwrap()), public)
    }

    pub fn ec() -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self::Ec(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap())
    }

    pub fn ed() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
    }

    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(..) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    /// The public half, as a key set has it.
    pub fn public(&self, id: &str) -> Value {
        let mut key = match self {
            Self::Rsa(_, public) => public.clone(),
            Self::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
            }
            Self::Ed(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.public_key().as_ref())})
            }
        };
        key["kid"] = id.into();
        key
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair, _) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token with this header and these claims, signed with this key whatever the header says.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(self.sign(message.as_bytes())))
    }
}

/// Header and claims without a signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// The same with a signature by a shared secret: what key confusion is made of.
pub fn signed_by_secret(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = unsigned(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// What an authorization server answers when it is asked for its keys.
#[derive(Clone)]
enum Answer {
    Keys(Value),
    Failure,
    Never,
}

/// An authorization server that runs.
pub struct Issuer {
    pub url: String,
    answer: Arc<std::sync::Mutex<Answer>>,
    /// How often its keys were asked for.
    pub asked: Arc<AtomicUsize>,
}

impl Issuer {
    pub async fn start(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = Arc::new(std::sync::Mutex::new(Answer::Keys(json!({"keys": keys}))));
        let asked = Arc::new(AtomicUsize::new(0));
        let (shown, count) = (Arc::clone(&answer), Arc::clone(&asked));
        let metadata = json!({"issuer": url, "jwks_uri": format!("{url}/keys")}).to_string();
        let app =
            Router::new().route("/.well-known/oauth-authorization-server", get(|| async { metadata })).route(
                "/keys",
                get(move || async move {
                    count.fetch_add(1, Ordering::Relaxed);
                    let answer = shown.lock().unwrap().clone();
                    match answer {
                        Answer::Keys(keys) => Ok(keys.to_string()),
                        Answer::Failure => Err(StatusCode::BAD_GATEWAY),
                        Answer::Never => std::future::pending().await,
                    }
                }),
            );
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, answer, asked }
    }

    /// Has these keys from now on.
    pub fn rotate(&self, keys: &[Value]) {
        *self.answer.lock().unwrap() = Answer::Keys(json!({"keys": keys}));
    }

    /// Fails from now on.
    pub fn fail(&self) {
        *self.answer.lock().unwrap() = Answer::Failure;
    }

    /// Takes connections and answers nothing from now on.
    pub fn hang(&self) {
        *self.answer.lock().unwrap() = Answer::Never;
    }

    /// Claims that are good for the audience of the tests, with these scopes.
    pub fn claims(&self, scope: &str) -> Value {
        json!({
            "iss": self.url, "sub": "ada", "aud": super::oauth::AUDIENCE, "exp": now() + 300, "nbf": now() - 1,
            "iat": now() - 1, "client_id": "claude", "scope": scope
        })
    }
}
