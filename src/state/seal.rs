//! Tokens as they are kept: sealed with a key that only the application's secret yields, so that the place where they are
//! kept is worth nothing alone.
//!
//! XChaCha-less on purpose: ring has ChaCha20-Poly1305 (RFC 8439) and HKDF (RFC 5869), and is here for TLS. A nonce of 96 random
//! bits is safe for far more tokens than an application gets in its life.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest;
use ring::hkdf::{HKDF_SHA256, Salt};
use secrecy::{ExposeSecret as _, SecretString};

/// What seals and opens one application's tokens.
pub struct Seal {
    key: LessSafeKey,
    /// What a sealed token belongs to: it opens nowhere else.
    application: String,
}

impl Seal {
    /// The seal of an application at an address. `None` only if the random source or the algorithm fails.
    #[must_use]
    pub fn new(address: &str, client_id: &str, client_secret: &SecretString) -> Option<Self> {
        let application = application_id(address, client_id);
        let salt = Salt::new(HKDF_SHA256, b"vanta-mcp token 1");
        let secret = salt.extract(client_secret.expose_secret().as_bytes());
        let info = [application.as_bytes()];
        let key: UnboundKey = secret.expand(&info, &CHACHA20_POLY1305).ok()?.into();
        Some(Self { key: LessSafeKey::new(key), application })
    }

    /// Names the application without telling its client id.
    #[must_use]
    pub fn application(&self) -> &str {
        &self.application
    }

    /// Seals a token; base64.
    #[must_use]
    pub fn close(&self, token: &str) -> Option<String> {
        self.close_as("", token.as_bytes())
    }

    /// Seals what stands under a name, and opens under that name alone; base64.
    #[must_use]
    pub fn close_as(&self, name: &str, content: &[u8]) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).ok()?;
        let mut sealed = content.to_vec();
        let about = Aad::from([self.application.as_bytes(), name.as_bytes()].concat());
        self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), about, &mut sealed).ok()?;
        Some(STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens a sealed token; `None` where it is another application's, another secret's, or damaged.
    #[must_use]
    pub fn open(&self, sealed: &str) -> Option<SecretString> {
        let token = self.open_as("", sealed)?;
        Some(String::from_utf8(token).ok()?.into())
    }

    /// Opens what was sealed under a name; `None` also where it stood under another.
    #[must_use]
    pub fn open_as(&self, name: &str, sealed: &str) -> Option<Vec<u8>> {
        let mut bytes = STANDARD.decode(sealed).ok()?;
        let nonce = Nonce::try_assume_unique_for_key(bytes.get(..NONCE_LEN)?).ok()?;
        let mut content = bytes.split_off(NONCE_LEN);
        let about = Aad::from([self.application.as_bytes(), name.as_bytes()].concat());
        let length = self.key.open_in_place(nonce, about, &mut content).ok()?.len();
        content.truncate(length);
        Some(content)
    }
}

/// A name for an application at an address.
fn application_id(address: &str, client_id: &str) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{address}\n{client_id}").as_bytes());
    // Half of it is plenty to tell applications apart.
    hex::encode(digest.as_ref().iter().copied().take(16).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(address: &str, id: &str, secret: &str) -> Seal {
        Seal::new(address, id, &secret.into()).unwrap()
    }

    #[test]
    fn only_the_same_application_with_the_same_secret_opens_it() {
        let own = seal("https://api.vanta.com/", "vci_a", "vcs_a");
        let sealed = own.close("a token").unwrap();
        assert!(!sealed.contains("token"));
        assert_ne!(sealed, own.close("a token").unwrap(), "no two look alike");
        let opened = |seal: Seal| seal.open(&sealed).map(|token| token.expose_secret().to_owned());
        assert_eq!(opened(seal("https://api.vanta.com/", "vci_a", "vcs_a")).as_deref(), Some("a token"));
        assert_eq!(opened(seal("https://api.vanta.com/", "vci_a", "vcs_b")), None);
        assert_eq!(opened(seal("https://api.vanta.com/", "vci_b", "vcs_a")), None);
        assert_eq!(opened(seal("https://api.vanta-gov.com/", "vci_a", "vcs_a")), None);
        assert!(own.open("").is_none() && own.open("AAAA").is_none());
        let named = own.close_as("people", b"names").unwrap();
        assert_eq!(own.open_as("people", &named).as_deref(), Some(b"names".as_slice()));
        assert!(own.open_as("vendors", &named).is_none() && own.open(&named).is_none());
    }
}
