//! Addresses of stored files that work for some hours only.

use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};

/// The address of a stored file and when it stops working, `hours` from `now`.
pub(super) fn passing(path: &str, now: Timestamp, hours: i64) -> (String, Timestamp) {
    let until = now.checked_add(SignedDuration::from_hours(hours)).unwrap_or(now);
    let expires = until.as_second();
    let signature = hex::encode(digest(&SHA256, format!("{path}?{expires}").as_bytes()));
    let signature = signature.get(..24).unwrap_or_default();
    (format!("https://files.vanta.example/{path}?expires={expires}&signature={signature}"), until)
}
