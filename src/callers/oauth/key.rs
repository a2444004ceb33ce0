//! A public key of an authorization server, and what it is good for.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

/// A public key and the one algorithm that it is for.
pub(super) struct PublicKey {
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) public: DecodingKey,
}

impl PublicKey {
    /// A key that can check signatures, with the algorithm that it is pinned to.
    pub(super) fn usable(value: serde_json::Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        let for_signatures =
            jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
        let for_checking = jwk
            .common
            .key_operations
            .as_ref()
            .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        if !for_signatures || !for_checking {
            return None;
        }
        let told = match &jwk.common.key_algorithm {
            Some(algorithm) => Some(algorithm.to_string().parse::<Algorithm>().ok()?),
            None => None,
        };
        // A key that does not say is good for one algorithm all the same: whoever makes a token has no choice.
        let usual = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => Algorithm::ES384,
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
            _ => return None,
        };
        let algorithm = told.unwrap_or(usual);
        let fits = match usual {
            Algorithm::RS256 => algorithm.family() == usual.family(),
            _ => algorithm == usual,
        };
        let public = DecodingKey::from_jwk(&jwk).ok()?;
        fits.then_some(Self { id: jwk.common.key_id, algorithm, public })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_for_one_algorithm() {
        let rsa = |algorithm: Option<&str>| {
            let mut key = json!({"kty": "RSA", "n": "sXch", "e": "AQAB", "kid": "1"});
            if let Some(algorithm) = algorithm {
                key["alg"] = algorithm.into();
            }
            PublicKey::usable(key).map(|key| key.algorithm)
        };
        assert_eq!(rsa(None), Some(Algorithm::RS256));
        assert_eq!(rsa(Some("PS384")), Some(Algorithm::PS384));
        for wrong in ["HS256", "ES256", "RSA-OAEP", "none"] {
            assert_eq!(rsa(Some(wrong)), None, "{wrong}");
        }
        for other in [
            json!({"kty": "oct", "k": "c2VjcmV0", "kid": "1", "alg": "HS256"}),
            json!({"kty": "RSA", "n": "sXch", "e": "AQAB", "use": "enc"}),
            json!({"kty": "RSA", "n": "sXch", "e": "AQAB", "key_ops": ["sign"]}),
            json!({"kty": "of tomorrow"}),
        ] {
            assert!(PublicKey::usable(other.clone()).is_none(), "{other}");
        }
    }
}
