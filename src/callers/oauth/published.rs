//! What an authorization server publishes: where its keys are, and which.

use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use super::issuer::Issuer;
use super::key::PublicKey;
use super::source::{KeySource, KeysError};
use crate::api::Network;
use crate::api::document::{DocumentError, Documents};
use crate::api::loopback::may_be_loopback;

/// The documents of one authorization server.
pub(super) struct Published {
    issuer: Issuer,
    documents: Documents,
    /// Where the keys are, once it is known.
    keys_at: Option<Url>,
}

/// The part of a metadata document (RFC 8414 section 2, or `OpenID` Connect Discovery) that matters here.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Url,
}

/// A key set whose entries are read one by one, so that one of an unknown kind spoils none of the others.
#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

impl KeySource for Published {
    async fn keys(&mut self) -> Result<Vec<PublicKey>, KeysError> {
        // Where the keys are may change; if they are not there any more it is asked for anew.
        let at = match self.keys_at.take() {
            Some(at) => at,
            None => self.locate().await?,
        };
        let set: Set = self.document(&at).await?;
        let keys: Vec<_> = set.keys.into_iter().filter_map(PublicKey::usable).collect();
        if keys.is_empty() {
            return Err(KeysError::Malformed {
                url: at,
                problem: "it contains no key that can verify a signature".to_owned(),
            });
        }
        self.keys_at = Some(at);
        Ok(keys)
    }
}

impl Published {
    pub(super) fn new(issuer: Issuer, network: Arc<Network>) -> Self {
        Self { issuer, documents: Documents::new(network), keys_at: None }
    }

    /// Where the server says that its keys are.
    async fn locate(&self) -> Result<Url, KeysError> {
        let issuer = self.issuer.url();
        for at in metadata_addresses(issuer) {
            let metadata: Metadata = match self.document(&at).await {
                Ok(metadata) => metadata,
                Err(KeysError::Document(DocumentError::Status { .. })) => continue,
                Err(error) => return Err(error),
            };
            let malformed = |problem: String| KeysError::Malformed { url: at.clone(), problem };
            // RFC 8414, section 3.3: a document that names another issuer is somebody else's.
            if !self.issuer.is(&metadata.issuer) {
                return Err(malformed(format!("its issuer is {:?}", metadata.issuer)));
            }
            // What the issuer may not do, send us elsewhere in the clear, its document may not either.
            if !is_safe(&metadata.jwks_uri, issuer) {
                let problem = "its jwks_uri must be https, or http to this machine if the issuer is too";
                return Err(malformed(problem.to_owned()));
            }
            return Ok(metadata.jwks_uri);
        }
        // A server that does not describe itself has its keys, if anywhere, where most others have them.
        Ok(below(issuer, "/.well-known/jwks.json"))
    }

    async fn document<D: for<'d> Deserialize<'d>>(&self, at: &Url) -> Result<D, KeysError> {
        let bytes = self.documents.get(at).await?;
        serde_json::from_slice(&bytes)
            .map_err(|error| KeysError::Malformed { url: at.clone(), problem: error.to_string() })
    }
}

/// Where a server describes itself, in the order in which the MCP specification asks for it.
fn metadata_addresses(issuer: &Url) -> impl Iterator<Item = Url> {
    let path = issuer.path().trim_end_matches('/');
    let at = |path: String| {
        let mut url = issuer.clone();
        url.set_path(&path);
        url
    };
    let inserted = ["oauth-authorization-server", "openid-configuration"]
        .map(|document| at(format!("/.well-known/{document}{path}")));
    let appended = (!path.is_empty()).then(|| below(issuer, "/.well-known/openid-configuration"));
    inserted.into_iter().chain(appended)
}

/// Whether keys may come from there: over https, or in the clear from this machine if the issuer is there too.
fn is_safe(keys_at: &Url, issuer: &Url) -> bool {
    keys_at.scheme() == "https"
        || (keys_at.scheme() == "http" && issuer.scheme() == "http" && may_be_loopback(keys_at))
}

fn below(issuer: &Url, path: &str) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("{}{path}", issuer.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_from_nobody_elses_machine_in_the_clear() {
        let safe =
            |keys: &str, issuer: &str| is_safe(&Url::parse(keys).unwrap(), &Url::parse(issuer).unwrap());
        let (near, far) = ("http://127.0.0.1:9000", "https://login.example");
        for (keys, issuer) in [
            ("https://keys.example/jwks", far),
            ("https://keys.example/jwks", near),
            ("http://[::1]:9001/jwks", near),
        ] {
            assert!(safe(keys, issuer), "{keys} of {issuer}");
        }
        for (keys, issuer) in [
            ("http://keys.example/jwks", near),
            ("http://192.0.2.1/jwks", near),
            ("http://127.0.0.1.evil.example/jwks", near),
            ("http://127.0.0.1/jwks", far),
            ("ftp://127.0.0.1/jwks", near),
        ] {
            assert!(!safe(keys, issuer), "{keys} of {issuer}");
        }
    }

    #[test]
    fn an_issuer_is_asked_where_the_specification_says() {
        let of = |issuer: &str| -> Vec<String> {
            metadata_addresses(&Url::parse(issuer).unwrap()).map(String::from).collect()
        };
        assert_eq!(
            of("https://login.example"),
            [
                "https://login.example/.well-known/oauth-authorization-server",
                "https://login.example/.well-known/openid-configuration"
            ]
        );
        assert_eq!(
            of("https://login.example/tenant/"),
            [
                "https://login.example/.well-known/oauth-authorization-server/tenant",
                "https://login.example/.well-known/openid-configuration/tenant",
                "https://login.example/tenant/.well-known/openid-configuration"
            ]
        );
    }
}
