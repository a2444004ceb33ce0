//! A file as an answer: shown in place where a model can read it, else saved as it comes.

use std::borrow::Cow;

use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, HeaderName};
use tokio_util::bytes::Bytes;

use super::error::Cause;
use super::file_error::FileCause;
use super::patience::Patience;
use super::response;
use crate::files::{self, Destination, MediaKind, Receipt, Saved, kind};

/// A file that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// As the upstream calls it; empty where it does not say.
    pub name: String,
    /// As the upstream says, or where it says nothing, as name and content do.
    pub media_type: String,
    /// Where it is now.
    pub place: Whereabouts,
}

/// Where a file that came is.
#[derive(Debug, Clone)]
pub enum Whereabouts {
    /// In a folder.
    Saved(Saved),
    /// Here.
    Here {
        /// At most what a model is shown, and of a kind that it can take.
        content: Vec<u8>,
        /// To compare with.
        receipt: Receipt,
    },
}

/// Whether a successful answer is a file. A page for people is none, unless it is handed out as one.
pub(super) fn is_file(headers: &HeaderMap) -> bool {
    !is_page(headers)
}

/// Whether a successful answer is a page for people, and not handed out as a file.
pub(super) fn is_page(headers: &HeaderMap) -> bool {
    let disposition = text(headers, CONTENT_DISPOSITION);
    response::is_html(headers) && disposition_name(&disposition).is_none()
}

/// Reads a successful answer. Of a file that is saved no more than a chunk is in memory.
pub(super) async fn receive(
    answer: reqwest::Response,
    upstream: &str,
    destination: &Destination,
    patience: Patience,
) -> Result<Received, Cause> {
    let name = disposition_name(&text(answer.headers(), CONTENT_DISPOSITION)).unwrap_or_default();
    let said = text(answer.headers(), CONTENT_TYPE);
    let media_type = kind::claimed(&said, &name).into_owned();
    let status = answer.status().as_u16();
    let announced = answer.content_length();
    Incoming { answer, upstream, status, destination, patience, name, media_type, announced }.receive().await
}

/// A file on its way in.
struct Incoming<'a> {
    answer: reqwest::Response,
    upstream: &'a str,
    status: u16,
    destination: &'a Destination,
    patience: Patience,
    name: String,
    /// As far as it is known before the content.
    media_type: String,
    /// In bytes, where the upstream says.
    announced: Option<u64>,
}

impl Incoming<'_> {
    async fn receive(mut self) -> Result<Received, Cause> {
        let kind = MediaKind::of(&self.media_type);
        let most_shown = if self.destination.chosen { 0 } else { kind.shown() };
        self.refuse_early(kind, most_shown)?;
        let mut beginning = Vec::new();
        let mut ended = false;
        while !ended && beginning.len() <= most_shown {
            match self.next().await? {
                Some(chunk) => beginning.extend_from_slice(&chunk),
                None => ended = true,
            }
        }
        if beginning.is_empty() {
            return Err(Cause::Empty { upstream: self.upstream.to_owned(), status: self.status });
        }
        if ended
            && beginning.len() <= most_shown
            && let Some(media_type) = kind::showable(&self.media_type, &beginning)
        {
            let name = files::safe_name(&self.name, &media_type);
            let place = Whereabouts::Here { receipt: Receipt::of(&beginning), content: beginning };
            return Ok(Received { name, media_type, place });
        }
        if !self.destination.can_save() {
            let reason = if ended { not_what(kind) } else { too_large(kind) };
            return Err(self.unshown(reason));
        }
        if self.media_type.is_empty() {
            kind::sniffed(&beginning).clone_into(&mut self.media_type);
        }
        self.save(beginning).await
    }

    /// What is known before anything is read: without a folder there is no place for what cannot be shown.
    fn refuse_early(&self, kind: MediaKind, most_shown: usize) -> Result<(), Cause> {
        let limit = self.destination.limit;
        if self.announced.is_some_and(|size| size > limit) {
            return Err(FileCause::TooLarge { limit }.into());
        }
        if self.destination.can_save() {
            return Ok(());
        }
        if kind == MediaKind::Other {
            return Err(self.unshown(not_what(kind)));
        }
        if self.announced.is_some_and(|size| size > most_shown as u64) {
            return Err(self.unshown(too_large(kind)));
        }
        Ok(())
    }

    async fn save(mut self, beginning: Vec<u8>) -> Result<Received, Cause> {
        let limit = self.destination.limit;
        let saved = |error| Cause::File(FileCause::Unsaved(error));
        let mut saving = self.destination.begin(&self.name, &self.media_type).await.map_err(saved)?;
        let mut next = Some(Bytes::from(beginning));
        while let Some(chunk) = next {
            if saving.size() + chunk.len() as u64 > limit {
                return Err(FileCause::TooLarge { limit }.into());
            }
            saving.write(&chunk).await.map_err(saved)?;
            next = self.next().await?;
        }
        let place = Whereabouts::Saved(saving.finish().await.map_err(saved)?);
        Ok(Received { name: self.name, media_type: self.media_type, place })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Cause> {
        response::next(&mut self.answer, self.upstream, &self.patience).await
    }

    fn unshown(&self, reason: &'static str) -> Cause {
        let (name, media_type) = (files::safe_name(&self.name, &self.media_type), self.media_type.clone());
        FileCause::Unshown { name, media_type, size: self.announced, reason }.into()
    }
}

/// Why a content that has come whole is not shown.
fn not_what(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Text => "it is not text in UTF-8",
        MediaKind::Image => "its content is not the declared image format",
        MediaKind::Other | MediaKind::Unknown => "it is neither text nor a PNG, JPEG, GIF or WebP image",
    }
}

fn too_large(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Text => "text is shown up to 64 KiB",
        MediaKind::Image | MediaKind::Other | MediaKind::Unknown => {
            "images are shown up to 1 MiB and text up to 64 KiB"
        }
    }
}

/// A header in UTF-8, or else in Latin-1, which HTTP once had.
fn text(headers: &HeaderMap, name: HeaderName) -> Cow<'_, str> {
    let bytes = headers.get(name).map(reqwest::header::HeaderValue::as_bytes).unwrap_or_default();
    str::from_utf8(bytes).map_or_else(|_| latin1(bytes).into(), Cow::Borrowed)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The file name of a `Content-Disposition` (RFC 6266): the extended form, where there is one, beats the plain one.
fn disposition_name(header: &str) -> Option<String> {
    let parameters = parameters(header);
    let parameter = |wanted: &str| {
        let mut named = parameters.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        named.next().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    };
    let extended = parameter("filename*").and_then(|value| {
        // charset'language'percent-encoded text (RFC 8187)
        let (charset, rest) = value.split_once('\'')?;
        let (_, encoded) = rest.split_once('\'')?;
        let bytes: Cow<'_, [u8]> = percent_encoding::percent_decode_str(encoded).into();
        match charset.to_ascii_lowercase().as_str() {
            "iso-8859-1" => Some(latin1(&bytes)),
            _ => String::from_utf8(bytes.into_owned()).ok(),
        }
    });
    extended.or_else(|| parameter("filename").map(str::to_owned))
}

/// The parameters of a header. Within quotation marks a semicolon ends nothing, and a backslash stands before a mark or
/// another backslash; anywhere else it is that of a Windows path.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut quoted, mut part, mut letters) = (false, String::new(), header.chars());
    let mut end = |part: &mut String| {
        let part = std::mem::take(part);
        let pair = part.split_once('=');
        found.extend(pair.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())));
    };
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' if quoted => match letters.next() {
                Some(escaped @ ('"' | '\\')) => part.push(escaped),
                other => part.extend([letter].into_iter().chain(other)),
            },
            ';' if !quoted => end(&mut part),
            _ => part.push(letter),
        }
    }
    end(&mut part);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extended_name_beats_the_plain_one() {
        for (header, name) in [
            ("attachment; filename=\"report 1.pdf\"", Some("report 1.pdf")),
            ("attachment; filename=a.pdf", Some("a.pdf")),
            ("attachment; filename=\"a.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf", Some("été.pdf")),
            ("attachment; filename=\"a; b \\\"c\\\".pdf\"; size=3", Some("a; b \"c\".pdf")),
            ("attachment; filename=\"C:\\dir\\x.pdf\"", Some("C:\\dir\\x.pdf")),
            ("attachment; FileName = x.pdf", Some("x.pdf")),
            (
                "attachment; filename*=iso-8859-1'en'%E9t%E9.pdf; filename=\"b.pdf\"",
                Some("\u{e9}t\u{e9}.pdf"),
            ),
            ("attachment; filename*=UTF-8''%E9.pdf; filename=\"b.pdf\"", Some("b.pdf")),
            ("attachment; filename=\"never ended", Some("never ended")),
            ("attachment; filename=\"\"", None),
            ("inline", None),
            ("", None),
        ] {
            assert_eq!(disposition_name(header).as_deref(), name, "{header}");
        }
    }
}
