//! Addresses of stored files that work for some hours only.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

/// The address of a stored file and when it stops working, `hours` from `now`.
pub(super) fn passing(path: &str, now: Timestamp, hours: i64) -> (String, Timestamp) {
    let until = now.checked_add(SignedDuration::from_hours(hours)).unwrap_or(now);
    let expires = until.as_second();
    let digest = Sha256::digest(format!("{path}?{expires}"));
    let signature = digest.iter().take(12).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    (format!("https://files.vanta.example/{path}?expires={expires}&signature={signature}"), until)
}
