//! Certificates and keys in PEM, and what is most likely wrong where they cannot be read.

use std::fmt;
use std::io;
use std::path::Path;

use memchr::memmem;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

use crate::files::watched;

/// A file that does not hold what it should. Nothing of its content is told: it may be a key.
#[derive(Debug, Error)]
pub enum PemError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// It holds something else.
    #[error("it must contain {wanted}, but {mistake}")]
    Unfit {
        /// What it should hold.
        wanted: Wanted,
        /// What it looks like.
        mistake: Mistake,
    },
}

/// What a file should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A certificate, followed by those that vouch for it.
    Chain,
    /// A private key.
    Key,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chain => "a certificate chain in PEM",
            Self::Key => "an unencrypted private key in PEM",
        })
    }
}

/// What a file looks like that does not hold what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Nothing is in it.
    Empty,
    /// Its key needs a passphrase, which nobody is there to type.
    Encrypted,
    /// A key where a certificate should be.
    KeyInstead,
    /// A certificate where a key should be.
    CertificateInstead,
    /// The file was cut off.
    Unended,
    /// What stands between begin and end is not what may stand there.
    Damaged,
    /// Another encoding, most likely the binary one.
    NotPem,
    /// Something else in PEM.
    Absent,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::Encrypted => "the key is encrypted: decrypt it with `openssl pkey`",
            Self::KeyInstead => "it contains a private key instead; are --tls-cert and --tls-key swapped?",
            Self::CertificateInstead => {
                "it contains a certificate instead; are --tls-cert and --tls-key swapped?"
            }
            Self::Unended => "it is truncated",
            Self::Damaged => "its content is damaged",
            Self::NotPem => "no line starts with -----BEGIN",
            Self::Absent => "it contains none",
        })
    }
}

/// The certificates of a file, of which there is at least one.
pub(super) fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let content = watched::content(path)?;
    let read = CertificateDer::pem_slice_iter(&content).collect::<Result<Vec<_>, _>>();
    let some =
        read.and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) });
    some.map_err(|error| unfit(Wanted::Chain, &content, &error))
}

/// The first private key of a file.
pub(super) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, PemError> {
    let content = watched::content(path)?;
    PrivateKeyDer::from_pem_slice(&content).map_err(|error| unfit(Wanted::Key, &content, &error))
}

fn unfit(wanted: Wanted, content: &[u8], error: &pem::Error) -> PemError {
    let has = |text: &str| memmem::find(content, text.as_bytes()).is_some();
    let encrypted = || has("ENCRYPTED PRIVATE KEY-----") || has("Proc-Type: 4,ENCRYPTED");
    let mistake = match error {
        _ if content.trim_ascii().is_empty() => Mistake::Empty,
        _ if wanted == Wanted::Key && encrypted() => Mistake::Encrypted,
        pem::Error::MissingSectionEnd { .. } => Mistake::Unended,
        pem::Error::NoItemsFound if !has("-----BEGIN ") => Mistake::NotPem,
        pem::Error::NoItemsFound if wanted == Wanted::Key && has("BEGIN CERTIFICATE-----") => {
            Mistake::CertificateInstead
        }
        pem::Error::NoItemsFound if wanted == Wanted::Chain && has("PRIVATE KEY-----") => Mistake::KeyInstead,
        pem::Error::NoItemsFound => Mistake::Absent,
        _ => Mistake::Damaged,
    };
    PemError::Unfit { wanted, mistake }
}
