//! Whom a token makes known, or why it makes nobody known.

use std::fmt;
use std::sync::Arc;

use super::tenure::Tenure;
use crate::gate::Grant;

/// A caller who showed a good token.
#[derive(Debug, Clone)]
pub struct Recognised {
    /// What callers are told apart by, fit for a log.
    pub name: Arc<str>,
    /// What the token grants.
    pub grant: Grant,
    /// The toolsets that it is for; empty for all.
    pub toolsets: Arc<[String]>,
    /// What was shown.
    pub means: Means,
    /// How long what was shown is good.
    pub tenure: Tenure,
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
    /// It is to be good later.
    NotYet,
    /// It does not say until when it is good, or not as a number.
    NoExpiry,
    /// It is for another server.
    OtherAudience,
    /// It is from another issuer, or names none.
    OtherIssuer,
    /// It names a key, or an algorithm, for which the issuer publishes none.
    UnknownKey,
    /// It names no subject.
    NoSubject,
    /// It is good and grants nothing here.
    NoScope,
    /// Whether it is good cannot be found out now.
    Unavailable,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "a bearer token is required: Authorization: Bearer …",
            Self::Malformed => "the Authorization header is not a bearer token",
            Self::NotGood => "the bearer token is unknown, expired or revoked",
            Self::Expired => "the access token has expired",
            Self::NotYet => "the access token is not valid yet",
            Self::NoExpiry => "the access token has no expiry: `exp` must be a number of seconds since 1970",
            Self::OtherAudience => "the access token is for another server",
            Self::OtherIssuer => {
                "the access token is from an issuer that this server does not accept (`iss`)"
            }
            Self::UnknownKey => "the issuer publishes no key for the access token (its `kid` and `alg`)",
            Self::NoSubject => "the access token has no subject: `sub` must be a string",
            Self::NoScope => "the access token grants no scope of this server in `scope`, `scp` or `roles`",
            Self::Unavailable => {
                "the issuer's keys are unavailable right now, so the access token could not be checked"
            }
        })
    }
}
