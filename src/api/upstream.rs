//! Where an API is and what it is called with.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::catalog::{Api, Effect, Operation, Scope};

/// One configured API. `Debug` shows no secret: they are `secrecy` types.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Which of the four.
    pub api: Api,
    /// The origin for Vanta; origin and path for the Panel.
    pub base: Url,
    /// How it is told who calls.
    pub credential: Credential,
    /// Patience.
    pub timeouts: Timeouts,
}

/// How an API is told who calls.
#[derive(Clone)]
pub enum Credential {
    /// OAuth 2.0 client credentials (RFC 6749 section 4.4), exchanged for a token of about an hour.
    Application {
        /// Public part.
        client_id: String,
        /// Secret part.
        client_secret: SecretString,
        /// What to ask for.
        scopes: Vec<Scope>,
    },
    /// A token that the operator made.
    Token {
        /// The token.
        token: SecretString,
        /// The header that carries it.
        header: TokenHeader,
    },
}

impl fmt::Debug for Credential {
    /// Without the client id too: whoever swaps the two has set the secret in its place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Application { scopes, .. } => {
                f.debug_struct("Application").field("scopes", scopes).finish_non_exhaustive()
            }
            Self::Token { header, .. } => {
                f.debug_struct("Token").field("header", header).finish_non_exhaustive()
            }
        }
    }
}

/// The header that carries a Panel token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenHeader {
    /// `Authorization: Bearer …`
    #[default]
    Bearer,
    /// `X-Api-Key: …`, for proxies that strip the other.
    ApiKey,
}

impl TokenHeader {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Bearer => Self::ApiKey,
            Self::ApiKey => Self::Bearer,
        }
    }

    /// As it is written in a request.
    #[must_use]
    pub fn written(self) -> &'static str {
        match self {
            Self::Bearer => "Authorization: Bearer",
            Self::ApiKey => "X-API-Key",
        }
    }
}

impl fmt::Display for TokenHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bearer => "bearer",
            Self::ApiKey => "x-api-key",
        })
    }
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the next bytes of an answer.
    pub read: Duration,
    /// For the whole exchange.
    pub total: Duration,
}

impl Timeouts {
    /// From the one figure that can be set: the longest silence of an upstream.
    #[must_use]
    pub fn from_silence(read: Duration) -> Self {
        // Shorter than the silence, since of a connection that does not stand it is known that nothing went over it.
        let connect = (read / 2).min(Duration::from_secs(10));
        Self { connect, read, total: read.saturating_mul(2) }
    }
}

impl Upstream {
    /// The same with its token in the other header; none where it has no such token.
    #[must_use]
    pub fn with_other_header(&self) -> Option<Self> {
        let Credential::Token { token, header } = &self.credential else { return None };
        let credential = Credential::Token { token: token.clone(), header: header.other() };
        Some(Self { credential, ..self.clone() })
    }

    /// The scope that an operation goes by: the one that is asked for, else the broadest that would do.
    #[must_use]
    pub fn scope_for(&self, operation: &Operation) -> Option<Scope> {
        let sufficient = operation.scopes();
        let asked_for: &[Scope] = match &self.credential {
            Credential::Application { scopes, .. } => scopes,
            Credential::Token { .. } => &[],
        };
        sufficient.iter().find(|scope| asked_for.contains(scope)).or(sufficient.first()).copied()
    }

    /// Whether the scopes that will be asked for let this operation through. The Panel's are not known before a call.
    #[must_use]
    pub fn covers(&self, operation: &Operation) -> bool {
        match &self.credential {
            Credential::Token { .. } => true,
            Credential::Application { scopes, .. } => {
                operation.scopes().iter().any(|sufficient| scopes.contains(sufficient))
            }
        }
    }
}

/// The scopes to ask for: what the operator says the application has, or else everything, as far as the access
/// level needs it.
#[must_use]
pub fn scopes_for(api: Api, access: Effect, granted: Option<&[Scope]>) -> Vec<Scope> {
    let usual: &[Scope] = match api {
        Api::Manage => &[Scope::AllRead, Scope::AllWrite],
        Api::Audit => &[Scope::AuditRead, Scope::AuditWrite, Scope::AuditorWrite],
        Api::Connectors => &[Scope::ResourceRead, Scope::ResourceWrite],
        Api::Panel => &[],
    };
    let writes = access > Effect::Read;
    granted.unwrap_or(usual).iter().copied().filter(|scope| writes || !scope.writes()).collect()
}
