//! One entry of a file of tokens, and how a new one is made.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::error::{LONGEST_NAME, TokenFileError};
use super::expiry::Expiry;
use crate::catalog::Effect;
use crate::tools::Choice;

/// What our tokens begin with, so that people and scanners know one when they see it.
const PREFIX: &str = "vmcp_";

/// One entry of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenEntry {
    /// Who calls.
    pub name: String,
    /// The SHA-256 of the token, in 64 hexadecimal digits.
    pub sha256: String,
    /// The highest effect that is granted.
    pub access: Effect,
    /// The toolsets that it is for; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub toolsets: Vec<String>,
    /// When it expires, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Expiry>,
}

/// The entry as it stands in the file.
#[derive(Serialize)]
struct EntryText<'e> {
    token: [&'e TokenEntry; 1],
}

/// A token that was just made. It is shown once and kept nowhere.
pub struct Fresh {
    /// The token itself.
    pub token: SecretString,
    /// What the file holds of it.
    pub entry: TokenEntry,
}

impl TokenEntry {
    /// A new token for a caller, with its entry.
    ///
    /// # Errors
    /// The name is none, a toolset is unknown, or there are no random numbers.
    pub fn fresh(
        name: &str,
        access: Effect,
        toolsets: Vec<String>,
        expires: Option<Expiry>,
    ) -> Result<Fresh, TokenFileError> {
        if !is_name(name) {
            return Err(TokenFileError::Name { name: name.to_owned() });
        }
        Choice::default()
            .bounded_to(toolsets.iter().map(String::as_str))
            .map_err(|error| TokenFileError::Toolset(error.to_string()))?;
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| TokenFileError::Random(error.to_string()))?;
        let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        let sha256 = hex::encode(digest(&SHA256, token.as_bytes()));
        let entry = Self { name: name.to_owned(), sha256, access, toolsets, expires };
        Ok(Fresh { token: token.into(), entry })
    }

    /// The entry as it stands in the file.
    #[must_use]
    pub fn as_toml(&self) -> String {
        toml::to_string(&EntryText { token: [self] }).unwrap_or_default()
    }
}

pub(super) fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || ".-_@".contains(c))
}
