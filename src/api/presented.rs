//! The certificates that servers show, accepted or not, for whoever asks whose they are.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate, X509Name};

use super::words::first_words;

/// The most names of a certificate that are told.
const NAMES: usize = 5;

/// The most hosts whose certificates are remembered.
const HOSTS: usize = 32;

/// The newest certificate of each host.
#[derive(Debug, Default)]
pub(super) struct Presented(Mutex<BTreeMap<String, CertificateDer<'static>>>);

/// Whose certificate it is. Its names are others' words: cut, in one line, to be shown within quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedCertificate {
    /// Who has it.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// The hosts it is for, quoted.
    pub hosts: Vec<String>,
    /// When it ends.
    pub until: Timestamp,
}

impl Presented {
    /// A server of that name has shown a certificate.
    pub(super) fn note(&self, server: &ServerName<'_>, shown: &CertificateDer<'_>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let host = server.to_str();
        if all.len() < HOSTS || all.contains_key(&*host) {
            all.insert(host.into_owned(), shown.clone().into_owned());
        }
    }

    /// What a host has shown last; none where it has shown nothing, or nothing that can be read.
    pub(super) fn by(&self, host: &str) -> Option<PresentedCertificate> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        PresentedCertificate::of(all.get(host)?)
    }
}

impl PresentedCertificate {
    /// What a certificate says of itself; none where it cannot be read.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, read) = X509Certificate::from_der(certificate).ok()?;
        Some(Self {
            subject: name(read.subject()),
            issuer: name(read.issuer()),
            hosts: names(&read),
            until: Timestamp::from_second(read.validity().not_after.timestamp()).ok()?,
        })
    }
}

/// The common name, else the organization, else all that there is.
pub(super) fn name(of: &X509Name<'_>) -> String {
    let common = of.iter_common_name().chain(of.iter_organization()).find_map(|part| part.as_str().ok());
    let name = common.map_or_else(|| of.to_string(), str::to_owned);
    first_words(&name)
}

/// The hosts that a certificate is for.
pub(super) fn names(read: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = read.subject_alternative_name() else { return Vec::new() };
    let name = |general: &GeneralName<'_>| match general {
        GeneralName::DNSName(name) => Some(format!("\"{}\"", first_words(name))),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
            v4.or_else(|_| {
                <[u8; 16]>::try_from(*bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string())
            })
            .ok()
        }
        _ => None,
    };
    extension.value.general_names.iter().filter_map(name).take(NAMES).collect()
}

pub(super) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}
