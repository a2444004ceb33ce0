//! The host of stored files: it knows nobody, and hands out a file to whoever has an address that is signed and still good.

use super::exhibits::signature;
use super::moment::Moment;
use crate::ask::{Ask, File};
use crate::files;

/// Why a file is not handed out: a status, and the code and message of the page in XML that says so.
pub(crate) struct Withheld {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

/// The file at an address.
pub(crate) fn hand_out(ask: &Ask, credential: Credentialed) -> Result<File, Withheld> {
    let withheld = |status, code, message| Err(Withheld { status, code, message });
    if credential == Credentialed::Yes {
        return withheld(400, "InvalidArgument", "Only one auth mechanism allowed");
    }
    let ("GET", [id, filename]) = (ask.method.as_str(), ask.path.as_slice()) else {
        return withheld(404, "NoSuchKey", "The specified key does not exist.");
    };
    let (expires, signed) = (ask.one("expires"), ask.one("signature"));
    if expires.is_none_or(|expires| signed != Some(&signature(id, filename, expires))) {
        return withheld(403, "SignatureDoesNotMatch", "The request signature does not match.");
    }
    let end: Option<i64> = expires.and_then(|expires| expires.parse().ok());
    if end.is_none_or(|end| end < Moment::new(ask.now).seconds()) {
        return withheld(403, "AccessDenied", "Request has expired");
    }
    let mime = match filename.rsplit_once('.') {
        Some((_, "pdf")) => "application/pdf",
        Some((_, "png")) => "image/png",
        Some((_, "csv")) => "text/csv",
        _ => "text/plain",
    };
    let content = files::made(mime, &format!("{filename} {id}"));
    Ok(File { part: String::new(), name: filename.clone(), mime: mime.to_owned(), content })
}

/// Whether a request came with a credential of its own, beside the signature in its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentialed {
    Yes,
    No,
}
