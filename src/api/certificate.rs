//! Certificates of others that are not accepted, and who issued them: that tells a company's proxy from an attack.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use thiserror::Error;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::presented::{Presented, day, name, names};
use super::words::first_words;

/// A certificate that is not accepted. Its names are others' words: cut, in one line, within quotation marks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the certificate of {host}{} {problem}", issued(.issuer))]
pub struct Unaccepted {
    /// Whose it should be.
    pub(super) host: String,
    /// Who issued it, as it says.
    issuer: String,
    /// What is wrong with it.
    pub(super) problem: CertificateProblem,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateProblem {
    /// Nobody who is trusted here vouches for it. With the issuer at the top of what was sent, where that is another.
    UnknownIssuer(Option<String>),
    /// It vouches for itself.
    SelfSigned,
    /// Its time is over, on that day.
    Expired(String),
    /// Its time begins on that day.
    NotYet(String),
    /// It is for these.
    OtherNames(Vec<String>),
    /// Anything else, as the library calls it.
    Other(String),
}

impl fmt::Display for CertificateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer(None) => f.write_str("is not trusted: its issuer is unknown on this machine"),
            Self::UnknownIssuer(Some(top)) => {
                write!(f, "is not trusted: its issuer, and \"{top}\" above it, are unknown on this machine")
            }
            Self::SelfSigned => f.write_str("is not trusted: it is self-signed"),
            Self::Expired(day) => write!(f, "expired on {day}"),
            Self::NotYet(day) => write!(f, "is not valid before {day}"),
            Self::OtherNames(names) if names.is_empty() => f.write_str("contains no host name"),
            Self::OtherNames(names) => write!(f, "is for a different host: {}", names.join(", ")),
            Self::Other(detail) => write!(f, "is not accepted: {detail}"),
        }
    }
}

fn issued(issuer: &str) -> String {
    if issuer.is_empty() { String::new() } else { format!(", issued by \"{issuer}\",") }
}

impl Unaccepted {
    /// What to do about it. `setting` is where the address is set.
    pub(super) fn advice(&self, setting: &str) -> String {
        match &self.problem {
            CertificateProblem::UnknownIssuer(_) | CertificateProblem::SelfSigned => {
                "If that is your company's proxy or certificate authority, save its CA certificate in a PEM file \
                 and set VANTA_MCP_CA_FILE (--ca-file) to that file. If you do not recognize it, someone may be \
                 intercepting the connection."
                    .to_owned()
            }
            CertificateProblem::Expired(_) | CertificateProblem::NotYet(_) => format!(
                "Check this machine's clock first. If it is right, the operator of {} must renew the certificate.",
                self.host
            ),
            CertificateProblem::OtherNames(_) => {
                format!("Check the host in {setting}, and that no proxy answers instead of it.")
            }
            CertificateProblem::Other(_) => {
                "If a proxy of your company is in between, set its CA certificate with VANTA_MCP_CA_FILE (--ca-file)."
                    .to_owned()
            }
        }
    }

    /// The certificate in the causes of an error, if it was one.
    pub(super) fn within(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(cause)))) =
                tls_error(error)
            {
                return cause.downcast_ref::<Self>().cloned();
            }
            next = error.source();
        }
        None
    }
}

/// Whether an error tells that whoever answered does not speak TLS: its first bytes are none of a record's.
pub(super) fn is_no_tls(error: &(dyn StdError + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.filter_map(tls_error).any(|error| matches!(error, rustls::Error::InvalidMessage(_)))
}

/// Whether an error tells that both speak TLS and do not agree on how, or on who may.
pub(super) fn is_no_agreement(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| tls_error(error).is_some())
}

/// The error of TLS that an error is or holds: one of the system hides what it was made of from its causes.
fn tls_error<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    let inner: &'e (dyn StdError + 'static) = error.downcast_ref::<io::Error>()?.get_ref()?;
    tls_error(inner)
}

/// Verifies as another does, and says who issued what is not accepted.
#[derive(Debug)]
pub(super) struct ExplainingVerifier {
    inner: Arc<dyn ServerCertVerifier>,
    /// Certificates that the operator trusts. A server's own may be among them, which is no authority's.
    trusted: Vec<CertificateDer<'static>>,
    /// Where it is noted who showed which.
    presented: Arc<Presented>,
}

impl ExplainingVerifier {
    pub(super) fn new(
        inner: Arc<dyn ServerCertVerifier>,
        trusted: Vec<CertificateDer<'static>>,
        presented: Arc<Presented>,
    ) -> Self {
        Self { inner, trusted, presented }
    }
}

impl ServerCertVerifier for ExplainingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.presented.note(server_name, end_entity);
        let verified =
            self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let is_pinned = || self.trusted.iter().any(|trusted| trusted.as_ref() == end_entity.as_ref());
        let verified = match verified {
            Err(rustls::Error::InvalidCertificate(_)) if is_pinned() => pinned(end_entity, server_name, now),
            verified => verified,
        };
        verified.map_err(|error| match error {
            rustls::Error::InvalidCertificate(error) => {
                explained(&error, end_entity, intermediates, server_name)
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// A self-signed certificate that is trusted as it is, byte for byte: nobody vouches for it, so only its time and its names
/// are left to check. Many are made as authorities' certificates, which may not be a server's otherwise.
fn pinned(
    end_entity: &CertificateDer<'_>,
    server_name: &ServerName<'_>,
    now: UnixTime,
) -> Result<ServerCertVerified, rustls::Error> {
    let Ok((_, read)) = X509Certificate::from_der(end_entity) else {
        return Err(CertificateError::BadEncoding.into());
    };
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if now > read.validity().not_after.timestamp() {
        return Err(CertificateError::Expired.into());
    }
    if now < read.validity().not_before.timestamp() {
        return Err(CertificateError::NotValidYet.into());
    }
    verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
    Ok(ServerCertVerified::assertion())
}

/// The same error with what the certificate says of itself.
fn explained(
    error: &CertificateError,
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    server_name: &ServerName<'_>,
) -> rustls::Error {
    let host = server_name.to_str().into_owned();
    let Ok((_, read)) = X509Certificate::from_der(end_entity) else {
        let problem = CertificateProblem::Other("it cannot be read".to_owned());
        return as_tls_error(Unaccepted { host, issuer: String::new(), problem });
    };
    let is_self_signed = read.issuer() == read.subject();
    let day = |seconds| Timestamp::from_second(seconds).map_or_else(|_| "a day".to_owned(), day);
    let problem = match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            CertificateProblem::Expired(day(read.validity().not_after.timestamp()))
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateProblem::NotYet(day(read.validity().not_before.timestamp()))
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateProblem::OtherNames(names(&read))
        }
        // An authority's certificate as a server's own has another error, for the same reason.
        CertificateError::UnknownIssuer | CertificateError::Other(_) if is_self_signed => {
            CertificateProblem::SelfSigned
        }
        CertificateError::UnknownIssuer => CertificateProblem::UnknownIssuer(top(&read, intermediates)),
        CertificateError::BadSignature => {
            CertificateProblem::Other("the trusted authority of that name has a different key".to_owned())
        }
        other => CertificateProblem::Other(first_words(&format!("{other:?}"))),
    };
    as_tls_error(Unaccepted { host, issuer: name(read.issuer()), problem })
}

fn as_tls_error(unaccepted: Unaccepted) -> rustls::Error {
    CertificateError::Other(OtherError(Arc::new(unaccepted))).into()
}

/// The issuer of the last certificate on the way up that the server sent, where that is not the first.
fn top(leaf: &X509Certificate<'_>, intermediates: &[CertificateDer<'_>]) -> Option<String> {
    let above: Vec<X509Certificate<'_>> =
        intermediates.iter().filter_map(|one| Some(X509Certificate::from_der(one).ok()?.1)).collect();
    let mut issuer = leaf.issuer();
    // No way up is longer than what was sent.
    for _ in &above {
        let next = above.iter().find(|one| one.subject() == issuer).map(|one| one.issuer());
        issuer = next.filter(|next| *next != issuer).unwrap_or(issuer);
    }
    (issuer != leaf.issuer()).then(|| name(issuer))
}
