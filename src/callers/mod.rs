//! Who calls over the network, and how much they were granted.
//!
//! A caller shows a bearer token (RFC 6750). What a token for this server is
//! good for ends here: it is never sent on to an upstream, which has
//! credentials of its own.

mod legible;
pub mod oauth;
mod recognised;
mod tenure;
pub mod tokens;

use std::path::PathBuf;
use std::sync::Arc;

use oauth::{AccessTokens, ResourceServer};
use tokens::{TokenFile, TokenFileError, TokenFileState};

use crate::api::Network;

pub use legible::legible;
pub use recognised::{Means, Recognised, Rejection};
pub use tenure::Tenure;

/// How callers are recognised.
#[derive(Debug, Clone, Default)]
pub struct CallerSettings {
    /// The file of tokens.
    pub tokens: Option<PathBuf>,
    /// The authorization server whose access tokens are good.
    pub oauth: Option<ResourceServer>,
    /// How the authorization server is reached.
    pub network: Arc<Network>,
}

impl CallerSettings {
    /// Whether anybody may call, recognised or not.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && self.oauth.is_none()
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
    pub fn new(settings: CallerSettings) -> Result<Self, TokenFileError> {
        Ok(Self {
            tokens: settings.tokens.map(TokenFile::open).transpose()?,
            access_tokens: settings.oauth.map(|server| AccessTokens::new(server, settings.network)),
        })
    }

    /// Whether anybody may call.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && self.access_tokens.is_none()
    }

    /// Whose access tokens are good, if any are.
    #[must_use]
    pub fn oauth(&self) -> Option<&ResourceServer> {
        self.access_tokens.as_ref().map(AccessTokens::server)
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
        self.tokens.as_ref().map_or(Err(Rejection::NotGood), |tokens| tokens.find(token))
    }

    /// Sees whether the file of tokens has changed, which ends the tenure of everybody who is no longer in it.
    pub fn look(&self) {
        if let Some(tokens) = &self.tokens {
            tokens.look();
        }
    }

    /// How much of the file of tokens could be read, where there is one.
    #[must_use]
    pub fn file_state(&self) -> Option<TokenFileState> {
        self.tokens.as_ref().map(TokenFile::state)
    }
}

/// The token of a header's value: the scheme in any case, one space at least, and then the alphabet of RFC 6750 (`b64token`).
///
/// People paste a token with `Bearer ` before it, or in quotation marks, into a client that writes the scheme by itself.
/// Neither can be part of a token, so both are taken off.
fn bearer(authorization: &[u8]) -> Option<&str> {
    let token = unquoted(after_scheme(std::str::from_utf8(authorization).ok()?)?);
    let token = after_scheme(token).map_or(token, unquoted);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    (!token.is_empty() && token.bytes().all(fits)).then_some(token)
}

/// What comes after the scheme.
fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim_matches(' '))
}

/// A text without the one pair of quotation marks that it is in.
fn unquoted(text: &str) -> &str {
    let within = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark);
    within('"').or_else(|| within('\'')).map_or(text, |inside| inside.trim_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_read_as_the_rfc_has_it() {
        assert_eq!(bearer(b"Bearer abc.d-e_f~g+h/i="), Some("abc.d-e_f~g+h/i="));
        assert_eq!(bearer(b"bearer   abc "), Some("abc"));
        for pasted in [
            &b"Bearer Bearer abc"[..],
            b"Bearer  bearer   abc ",
            br#"Bearer "abc""#,
            b"Bearer 'abc'",
            br#"Bearer "Bearer abc""#,
            br#"Bearer Bearer "abc""#,
        ] {
            assert_eq!(bearer(pasted), Some("abc"), "{}", String::from_utf8_lossy(pasted));
        }
        for wrong in [
            &b"Bearer"[..],
            b"Bearer ",
            b"Basic abc",
            b"abc",
            b"Bearer a b",
            b"Bearer a\tb",
            b"Bearer \xff",
            b"Bearer a,b",
            br#"Bearer "a"#,
            br#"Bearer "a'"#,
            br#"Bearer """#,
            br#"Bearer ""a"""#,
            b"Bearer Bearer a b",
            b"Bearer Bearer Bearer a",
            b"Bearer Basic a",
        ] {
            assert_eq!(bearer(wrong), None, "{}", String::from_utf8_lossy(wrong));
        }
    }
}
