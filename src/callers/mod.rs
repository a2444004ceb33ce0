//! Who calls over the network, and how much they were granted.
//!
//! A caller shows a bearer token (RFC 6750). What a token for this server is
//! good for ends here: it is never sent on to an upstream, which has
//! credentials of its own.

pub mod oauth;
pub mod tokens;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::gate::Grant;
use oauth::AccessTokens;
use tokens::{TokenError, TokenFile};

/// How callers are recognised.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The file of tokens.
    pub tokens: Option<PathBuf>,
    /// The authorization server whose access tokens are good.
    pub oauth: Option<oauth::Settings>,
}

impl Settings {
    /// Whether anybody may call, recognised or not.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && self.oauth.is_none()
    }
}

/// A caller who showed a good token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// What callers are told apart by, fit for a log.
    pub name: Arc<str>,
    /// What the token grants.
    pub grant: Grant,
    /// The toolsets that it is for; empty for all.
    pub toolsets: Arc<[String]>,
    /// What was shown.
    pub means: Means,
}

/// What a caller is recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// A token of the file.
    FileToken,
    /// An access token, in place of which its holder can get one with more scopes.
    AccessToken,
}

/// Why a caller is not let in. The text is for the caller and tells nothing of other tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// No token was shown.
    Missing,
    /// What was shown is no bearer token.
    Malformed,
    /// It is not known, or no longer good.
    NotGood,
    /// It was good and is no longer.
    Expired,
    /// It is for another server.
    OtherAudience,
    /// It is good and grants nothing here.
    NoScope,
    /// Whether it is good cannot be found out now.
    Unavailable,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "a bearer token is needed: Authorization: Bearer …",
            Self::Malformed => "the Authorization header is no bearer token",
            Self::NotGood => "the bearer token is not known here, or no longer good",
            Self::Expired => "the access token has expired",
            Self::OtherAudience => "the access token is for another server",
            Self::NoScope => "the access token has no scope of this server",
            Self::Unavailable => {
                "the issuer's keys cannot be had now, so the access token could not be checked"
            }
        })
    }
}

/// Everything that callers are recognised by.
pub struct Callers {
    tokens: Option<TokenFile>,
    access_tokens: Option<AccessTokens>,
}

impl Callers {
    /// Reads what the settings name. Nothing is fetched before an access token comes.
    ///
    /// # Errors
    /// A file cannot be read, or is not what it should be.
    pub fn new(settings: Settings) -> Result<Self, TokenError> {
        Ok(Self {
            tokens: settings.tokens.map(TokenFile::open).transpose()?,
            access_tokens: settings.oauth.map(AccessTokens::new),
        })
    }

    /// Whether anybody may call.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && self.access_tokens.is_none()
    }

    /// Whose access tokens are good, if any are.
    #[must_use]
    pub fn oauth(&self) -> Option<&oauth::Settings> {
        self.access_tokens.as_ref().map(AccessTokens::settings)
    }

    /// The caller who shows this value of an `Authorization` header.
    ///
    /// # Errors
    /// Nobody whom we know.
    pub async fn recognise(&self, authorization: &[u8]) -> Result<Recognised, Rejection> {
        let token = bearer(authorization).ok_or(Rejection::Malformed)?;
        // A JWT has two dots; a token of the file has none.
        if let Some(access_tokens) = &self.access_tokens
            && token.contains('.')
        {
            return access_tokens.recognise(token).await;
        }
        self.tokens.as_ref().and_then(|tokens| tokens.find(token)).ok_or(Rejection::NotGood)
    }
}

/// The token of a header's value: the scheme in any case, one space at least, and then the alphabet of RFC 6750 (`b64token`).
fn bearer(authorization: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(authorization).ok()?;
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim_matches(' ');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.bytes().all(fits)).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_read_as_the_rfc_has_it() {
        assert_eq!(bearer(b"Bearer abc.d-e_f~g+h/i="), Some("abc.d-e_f~g+h/i="));
        assert_eq!(bearer(b"bearer   abc "), Some("abc"));
        for wrong in [
            &b"Bearer"[..],
            b"Bearer ",
            b"Basic abc",
            b"abc",
            b"Bearer a b",
            b"Bearer a\tb",
            b"Bearer \xff",
            b"Bearer a,b",
        ] {
            assert_eq!(bearer(wrong), None, "{}", String::from_utf8_lossy(wrong));
        }
    }
}
