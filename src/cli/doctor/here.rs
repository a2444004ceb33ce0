//! What is checked on this machine: settings, state, and the files that a server over HTTP needs.

use serde::{Deserialize, Serialize};

use super::super::args::Mode;
use super::super::when::ToldDate;
use super::diagnosis::Diagnosis;
use crate::api::PresentedCertificate;
use crate::callers::tokens;
use crate::config::Config;
use crate::state::{Moment, RecordKey, RecordKind, Shared, StateHealth, StoreError, StoreKind};
use crate::tools::TO_BEGIN;
use jiff::{SignedDuration, Timestamp};

/// How long before its end a certificate is spoken of.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What is odd in the settings.
pub(super) fn settings(config: &Config, mode: Mode) -> Vec<Diagnosis> {
    let to_do = match mode {
        // Nothing is told there but what it ignores.
        Mode::Demo => "Run `vanta-mcp doctor` without --demo to check your own credentials.",
        Mode::Real => "Change it as the message says; docs/settings.md explains each setting.",
    };
    if config.warnings.is_empty() {
        return vec![Diagnosis::ok("settings", "no mistakes found")];
    }
    config.warnings.iter().map(|text| Diagnosis::warning("settings", text.as_str(), to_do)).collect()
}

/// Nothing is there to work with.
pub(super) fn nothing() -> Diagnosis {
    Diagnosis::failed("credentials", "no API is configured", TO_BEGIN)
}

/// What is written to see whether records are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct CheckRecord {
    mark: u64,
    at: Option<Moment>,
}

/// Whether the shared state keeps what is written.
pub(super) async fn state(shared: &Shared) -> Diagnosis {
    let StateHealth { kind, place, .. } = shared.health();
    let named =
        if place.is_empty() { kind.as_str().to_owned() } else { format!("{}, {place}", kind.as_str()) };
    match kept(shared).await {
        Ok(true) if kind == StoreKind::Memory => {
            Diagnosis::ok("state", "memory: tokens and limits are this process's own, shared with no other")
        }
        Ok(true) => Diagnosis::ok("state", format!("{named}: a record was written and read back")),
        Ok(false) => Diagnosis::failed(
            "state",
            format!("{named}: a record that was written could not be read back"),
            "Check that only one program uses that place, or set VANTA_MCP_STATE to another place.",
        ),
        Err(error) => {
            Diagnosis::failed("state", format!("{}: {error}", kind.as_str()), sentence(&error.advice()))
        }
    }
}

/// Whether a record is read as it was written, or as another process has written it since.
async fn kept(shared: &Shared) -> Result<bool, StoreError> {
    let key = RecordKey { kind: RecordKind::Check, id: "doctor".to_owned() };
    let mark = fastrand::u64(..);
    let write = move |now, record: &mut CheckRecord| {
        *record = CheckRecord { mark, at: Some(now) };
        now
    };
    let written = shared.change_kept(&key, write).await?;
    let is_kept =
        move |_: Moment, record: &mut CheckRecord| record.mark == mark || record.at >= Some(written);
    shared.change_kept(&key, is_kept).await
}

/// The files that a server over HTTP needs, where one is set up.
pub(super) fn http(config: &Config) -> Vec<Diagnosis> {
    let Some(settings) = &config.http else { return Vec::new() };
    let mut all = Vec::new();
    if let Some(path) = &settings.callers.tokens {
        let to_do = "Correct the file, or make a new one with `vanta-mcp token new NAME --tokens FILE`.";
        match tokens::list(path) {
            Ok((entries, slips)) => {
                let count = entries.len();
                let found =
                    format!("{}: {count} {}", path.display(), if count == 1 { "token" } else { "tokens" });
                all.push(Diagnosis::ok("token file", found));
                let slip = |slip: &String| Diagnosis::failed("token file", slip.as_str(), to_do);
                all.extend(slips.iter().map(slip));
            }
            Err(error) => all.push(Diagnosis::failed("token file", error.to_string(), to_do)),
        }
    }
    if let Some(files) = &settings.tls {
        let check = "own certificate";
        all.push(match files.check() {
            Ok(certificate) => match certificate.as_ref().and_then(PresentedCertificate::of) {
                Some(shown) => {
                    presented(check, &shown, "Renew it: a running server reads the new files itself.")
                }
                None => Diagnosis::ok(check, files.certificate.display().to_string()),
            },
            Err(error) => Diagnosis::failed(
                check,
                error.to_string(),
                "Correct --tls-cert and --tls-key, which go together.",
            ),
        });
    }
    all
}

/// Whose certificate it is, and whether it ends soon.
pub(super) fn presented(check: &str, shown: &PresentedCertificate, to_do: &str) -> Diagnosis {
    let now = Timestamp::now();
    let found = in_words(shown, now);
    match shown.until.duration_since(now) {
        left if left.is_negative() => Diagnosis::failed(check, found, to_do),
        left if left < SOON => Diagnosis::warning(check, found, to_do),
        _ => Diagnosis::ok(check, found),
    }
}

/// Whose certificate it is, in words.
pub(super) fn in_words(shown: &PresentedCertificate, now: Timestamp) -> String {
    let PresentedCertificate { subject, issuer, hosts, until } = shown;
    let until = until.to_string();
    let until = ToldDate::of(&until, now).map_or(until, |told| told.near);
    let hosts = if hosts.is_empty() { "no host".to_owned() } else { hosts.join(", ") };
    format!("\"{subject}\", issued by \"{issuer}\" for {hosts}, valid until {until}")
}

/// A sentence with its capital and its full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let text: String = first.chain(letters).collect();
    if text.ends_with('.') { text } else { format!("{text}.") }
}
