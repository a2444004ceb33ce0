//! The identifier of an authorization server.

use url::Url;

/// Whom tokens are from.
#[derive(Debug, Clone)]
pub struct Issuer {
    written: String,
    url: Url,
}

impl Issuer {
    /// The issuer of that name, if the name is an address.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let written = name.trim();
        Some(Self { written: written.to_owned(), url: Url::parse(written).ok()? })
    }

    /// The name letter by letter as it was written, since that is how clients compare it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether a name is its own, letter by letter (RFC 9207, section 2.4; RFC 8414, section 3.3): of two names that are
    /// alike to a reader of addresses, each may be somebody else's.
    pub(super) fn is(&self, name: &str) -> bool {
        self.as_str() == name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_known_by_its_name_alone_letter_by_letter() {
        let issuer = Issuer::new(" https://Tenant.example/ ").unwrap();
        assert_eq!(issuer.as_str(), "https://Tenant.example/");
        assert!(issuer.is("https://Tenant.example/"));
        for other in [
            "",
            "https://Tenant.example",
            "https://tenant.example/",
            "https://Tenant.example//",
            "https://tenant.example/x",
            "http://Tenant.example/",
        ] {
            assert!(!issuer.is(other), "{other}");
        }
        assert!(Issuer::new("tenant").is_none());
    }
}
