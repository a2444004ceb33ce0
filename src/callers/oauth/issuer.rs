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

    /// Whether a name is its own, as it was written or as an address is; a slash at the end is often left out.
    pub(super) fn is(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        [self.as_str(), self.url.as_str()].iter().any(|own| own.trim_end_matches('/') == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_told_as_written_and_known_by_each_of_its_names() {
        let issuer = Issuer::new(" https://Tenant.example/ ").unwrap();
        assert_eq!(issuer.as_str(), "https://Tenant.example/");
        for own in [
            "https://Tenant.example/",
            "https://Tenant.example",
            "https://tenant.example/",
            "https://tenant.example",
        ] {
            assert!(issuer.is(own), "{own}");
        }
        for other in ["", "https://tenant.example/x", "http://tenant.example", "https://TENANT.example"] {
            assert!(!issuer.is(other), "{other}");
        }
        assert!(Issuer::new("tenant").is_none());
    }
}
