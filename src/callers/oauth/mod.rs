//! Access tokens of an authorization server: this server as an OAuth 2.1 resource server.
//!
//! Tokens are JWTs (RFC 9068 in spirit) that name this server as their audience
//! (RFC 8707); whose keys they are signed with, the issuer's metadata says
//! (RFC 8414). Rules beyond that are those of MCP's authorization chapter.

mod issuer;
mod key;
mod keys;
mod published;
pub mod scopes;
mod signature;
mod source;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::legible::legible;
use super::recognised::{Means, Recognised, Rejection};
use super::tenure::Tenure;
use crate::api::Network;
use keys::{Keys, NoKey};
use published::Published;

pub use issuer::Issuer;

/// How far clocks may be apart, in seconds: so long is a token good before `nbf` and after `exp`, and so far may `iat` be
/// ahead. It is what most resource servers allow, and RFC 7519, section 4.1.4, "usually no more than a few minutes".
const LEEWAY: u64 = 60;

/// The longest subject (`OpenID` Connect Core, section 2), in bytes.
const LONGEST_SUBJECT: usize = 255;

/// This server as a resource server: whose access tokens are good here, and for whom they must be meant.
#[derive(Debug, Clone)]
pub struct ResourceServer {
    /// The authorization server.
    pub issuer: Issuer,
    /// What its tokens must name as their audience: one of these.
    pub audiences: Vec<String>,
    /// The address of `/mcp` that clients use: the resource in this server's metadata (RFC 9728).
    pub resource: String,
}

/// The access tokens of one issuer.
pub(super) struct AccessTokens {
    server: ResourceServer,
    keys: Keys<Published>,
}

/// The claims that matter here; times are checked by the library, which also says what is missing. So what must be there
/// may be anything until it has.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    iss: Value,
    #[serde(default)]
    sub: Value,
    #[serde(default)]
    aud: Option<Texts>,
    /// Seconds since 1970, of which there may be parts.
    #[serde(default)]
    exp: Value,
    #[serde(default)]
    iat: Option<f64>,
    #[serde(default)]
    scope: Option<Texts>,
    /// What some servers call it.
    #[serde(default)]
    scp: Option<Texts>,
    /// What is granted to applications, and to people by their role, as Microsoft Entra has it.
    #[serde(default)]
    roles: Option<Texts>,
}

impl Claims {
    /// All that is granted, by whichever name.
    fn scopes(&self) -> impl Iterator<Item = &str> {
        // Separated by spaces, or as an array.
        let all = [&self.scope, &self.scp, &self.roles].into_iter().flatten();
        all.flat_map(Texts::iter).flat_map(str::split_whitespace)
    }

    /// Whether the token is for one of these.
    fn is_for(&self, audiences: &[String]) -> bool {
        self.aud.iter().flat_map(Texts::iter).any(|named| audiences.iter().any(|own| own == named))
    }
}

/// A text or several. What others than we may understand is passed over: it names and grants nothing here.
#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    Many(Vec<Texts>),
    One(String),
    Other(IgnoredAny),
}

impl Texts {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            Self::Many(all) => all,
            one => std::slice::from_ref(one),
        };
        // A list in a list is none of the claim's entries.
        all.iter().filter_map(|one| if let Self::One(text) = one { Some(&**text) } else { None })
    }
}

impl AccessTokens {
    pub(super) fn new(server: ResourceServer, network: Arc<Network>) -> Self {
        signature::install();
        let keys = Keys::new(Published::new(server.issuer.clone(), network));
        Self { server, keys }
    }

    pub(super) fn server(&self) -> &ResourceServer {
        &self.server
    }

    /// The caller who shows this token.
    pub(super) async fn recognise(&self, token: &str) -> Result<Recognised, Rejection> {
        let header = decode_header(token).map_err(|_| Rejection::NotGood)?;
        // RFC 7515, section 4.1.11: what must be understood and is not makes a token invalid.
        if header.crit.is_some() {
            return Err(Rejection::NotGood);
        }
        if !is_access_token(header.typ.as_deref()) {
            return Err(Rejection::NotGood);
        }
        // No key can be for it, so none is asked for.
        if !signature::is_public(header.alg) {
            return Err(Rejection::NotGood);
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await.map_err(|none| match none {
            NoKey::Unknown => Rejection::UnknownKey,
            NoKey::Unavailable => Rejection::Unavailable,
        })?;
        let mut validation = Validation::new(key.algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        // The library takes an audience with anything but texts in it for none.
        validation.validate_aud = false;
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        let claims =
            decode::<Claims>(token, &key.public, &validation).map_err(|error| why(error.kind()))?.claims;
        if !claims.is_for(&self.server.audiences) {
            return Err(Rejection::OtherAudience);
        }
        if !claims.iss.as_str().is_some_and(|iss| self.server.issuer.is(iss)) {
            return Err(Rejection::OtherIssuer);
        }
        if claims.iat.is_some_and(is_to_come) {
            return Err(Rejection::NotYet);
        }
        let expires = claims.exp.as_f64().ok_or(Rejection::NoExpiry)?;
        let grant = scopes::grant(claims.scopes());
        // It stands in logs and tells sessions apart, so it is taken whole or not at all.
        let Value::String(subject) = claims.sub else { return Err(Rejection::NoSubject) };
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || subject.chars().any(char::is_control) {
            return Err(Rejection::NotGood);
        }
        if grant.vanta.is_none() && grant.panel.is_none() {
            return Err(Rejection::NoScope);
        }
        // No name in a file of tokens has a colon in it.
        let name = Arc::from(format!("oauth:{}", legible(&subject)));
        let tenure = Tenure::new(end(expires));
        Ok(Recognised { name, grant, toolsets: Arc::from([]), means: Means::AccessToken, tenure })
    }
}

/// Whether the header's `typ` is one that an access token has (RFC 9068, section 2.1): `at+jwt`, or `JWT` as most servers
/// write. What names no subtype of its own has `application/` before it (RFC 7515, section 4.1.9), in any case.
///
/// One without `typ` is taken: the claim is optional (RFC 7519, section 5.1) and widely used servers leave it out. An ID
/// token gets no further for it, since its audience is the client and it has none of our scopes.
fn is_access_token(kind: Option<&str>) -> bool {
    let Some(kind) = kind else { return true };
    let kind = kind.to_ascii_lowercase();
    matches!(kind.strip_prefix("application/").unwrap_or(&kind), "at+jwt" | "jwt")
}

/// Whether a time, in seconds since 1970, is further ahead than clocks may be apart.
fn is_to_come(seconds: f64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    seconds > (now + Duration::from_secs(LEEWAY)).as_secs_f64()
}

/// When a token is no longer let in; none where that is further away than a clock goes.
fn end(expires: f64) -> Option<SystemTime> {
    UNIX_EPOCH
        .checked_add(Duration::try_from_secs_f64(expires).ok()?)?
        .checked_add(Duration::from_secs(LEEWAY))
}

fn why(error: &ErrorKind) -> Rejection {
    match error {
        ErrorKind::ExpiredSignature => Rejection::Expired,
        ErrorKind::ImmatureSignature => Rejection::NotYet,
        ErrorKind::MissingRequiredClaim(claim) => match claim.as_str() {
            "exp" => Rejection::NoExpiry,
            "iss" => Rejection::OtherIssuer,
            "sub" => Rejection::NoSubject,
            _ => Rejection::NotGood,
        },
        _ => Rejection::NotGood,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_a_kind_that_access_tokens_have() {
        for good in
            [None, Some("at+jwt"), Some("AT+JWT"), Some("application/at+jwt"), Some("JWT"), Some("jwt")]
        {
            assert!(is_access_token(good), "{good:?}");
        }
        for wrong in ["", "secevent+jwt", "dpop+jwt", "logout+jwt", "text/jwt", "at+jwt ", "application/"] {
            assert!(!is_access_token(Some(wrong)), "{wrong}");
        }
    }
}
