//! What a value looks like that stands where it does not belong. The value itself is never told: it may be a secret that
//! was put into the wrong place.

use std::fmt;

use url::Url;

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The content of a file with JSON.
    Json,
    /// The content of a file with a key or a certificate.
    Pem,
    /// Vanta's client id.
    ClientId,
    /// Vanta's client secret.
    ClientSecret,
    /// A token, of the Panel, of this server or of an authorization server.
    Token,
    /// An address with a user or a password in it.
    PrivateAddress,
    /// An address.
    Address,
    /// Something made at random.
    Secret,
}

/// What begins so is that.
const PREFIXES: [(&str, Likeness); 8] = [
    ("vci_", Likeness::ClientId),
    ("vcs_", Likeness::ClientSecret),
    ("vat_", Likeness::Token),
    ("vp_", Likeness::Token),
    ("vmcp_", Likeness::Token),
    ("eyj", Likeness::Token),
    ("bearer ", Likeness::Token),
    ("-----begin", Likeness::Pem),
];

/// The shortest run of letters and digits that is taken for something made at random.
const RANDOM: usize = 16;

impl Likeness {
    /// What a value looks like; `None` where it looks like nothing in particular.
    #[must_use]
    pub fn of(value: &str) -> Option<Self> {
        let value = value.trim();
        if (value.starts_with('{') && value.contains(':')) || (value.starts_with('[') && value.contains('"'))
        {
            return Some(Self::Json);
        }
        let lower = value.to_ascii_lowercase();
        if let Some((_, likeness)) = PREFIXES.iter().find(|(prefix, _)| lower.starts_with(prefix)) {
            return Some(*likeness);
        }
        if is_private(value) {
            return Some(Self::PrivateAddress);
        }
        if lower.starts_with("https://") || lower.starts_with("http://") {
            return Some(Self::Address);
        }
        // A name that people give has words; what a machine made has letters and digits in a row.
        let mut runs = value.split(|letter: char| !letter.is_ascii_alphanumeric());
        let is_random = |run: &str| {
            run.len() >= RANDOM
                && run.bytes().any(|byte| byte.is_ascii_digit())
                && run.bytes().any(|byte| byte.is_ascii_alphabetic())
        };
        runs.any(is_random).then_some(Self::Secret)
    }

    /// The same as a sentence that goes on after another; empty where nothing is known.
    pub(super) fn told(likeness: Option<Self>) -> String {
        likeness.map(|likeness| format!(" Its value looks like {likeness}.")).unwrap_or_default()
    }

    /// Whether it is certain from how the value begins, so that it is an error in whatever other place it stands.
    pub(super) fn is_certain(self) -> bool {
        !matches!(self, Self::Secret | Self::Address | Self::PrivateAddress)
    }
}

impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Pem => "a key or a certificate in PEM",
            Self::ClientId => "a client id",
            Self::ClientSecret => "a client secret",
            Self::Token => "a token",
            Self::PrivateAddress => "an address that contains a user or password",
            Self::Address => "an address",
            Self::Secret => "a secret",
        })
    }
}

/// Whether a value has a user or a password before a host, with a scheme or without.
fn is_private(value: &str) -> bool {
    let parsed =
        |text: &str| Url::parse(text).is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let before = authority.rsplit_once('@').map(|(before, _)| before);
    parsed(value) || before.is_some_and(|before| value.contains("://") || before.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_by_its_looks() {
        for (value, likeness) in [
            (r#"{"client_id": "a"}"#, Some(Likeness::Json)),
            ("  [{\"a\": 1}]", Some(Likeness::Json)),
            ("-----BEGIN PRIVATE KEY-----\nMII", Some(Likeness::Pem)),
            ("vci_1", Some(Likeness::ClientId)),
            ("vcs_1", Some(Likeness::ClientSecret)),
            ("vp_1", Some(Likeness::Token)),
            ("Bearer x", Some(Likeness::Token)),
            ("eyJhbGciOi.eyJ.x", Some(Likeness::Token)),
            ("https://me:pw@host/", Some(Likeness::PrivateAddress)),
            ("https://me@host/", Some(Likeness::PrivateAddress)),
            ("me:pw@host", Some(Likeness::PrivateAddress)),
            ("https://me:p w@host:x", Some(Likeness::PrivateAddress)),
            ("https://host/", Some(Likeness::Address)),
            ("k3j5h2k3j5h2k3j5", Some(Likeness::Secret)),
            ("x/9d2h5k7q1w3e5r7t9y/z==", Some(Likeness::Secret)),
            ("/etc/vanta/secret-2026.txt", None),
            ("[::1]:8080", None),
            ("read", None),
            ("me@example.com", None),
            ("vanta-mcp-tokens-2026.toml", None),
        ] {
            assert_eq!(Likeness::of(value), likeness, "{value}");
        }
    }
}
