//! What a file is, by its name, by what is said of it and by its first bytes.

use std::borrow::Cow;

use super::FileError;

/// The largest text that is answered in place, in bytes: about a quarter as many tokens.
const MAX_SHOWN_TEXT: usize = 64 << 10;

/// The largest image that is answered in place, in bytes.
const MAX_SHOWN_IMAGE: usize = 1 << 20;

/// How many bytes of a file tell what it is.
pub(super) const SNIFFED: u64 = 8 << 10;

/// The longest ending, in bytes; what is longer is a part of the name.
const LONGEST_ENDING: usize = 16;

/// What says nothing about a content.
const UNKNOWN: &str = "application/octet-stream";

/// What a model can do with a file of some type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// Read it.
    Text,
    /// Look at it.
    Image,
    /// Neither.
    Other,
    /// Only the content can tell.
    Unknown,
}

impl MediaKind {
    /// By the media type, whose parameters do not matter.
    #[must_use]
    pub fn of(media_type: &str) -> Self {
        let essence = essence(media_type);
        let (family, subtype) = essence.split_once('/').unwrap_or_default();
        let is_text = |subtype: &str| ["json", "xml", "yaml", "csv"].contains(&subtype);
        match (family, subtype) {
            ("image", "png" | "jpeg" | "webp" | "gif") => Self::Image,
            ("text", _) | ("application", "x-ndjson" | "x-yaml" | "x-pem-file") => Self::Text,
            ("application", subtype) if is_text(subtype) => Self::Text,
            // image/svg+xml, application/problem+json
            (_, subtype) if subtype.rsplit_once('+').is_some_and(|(_, suffix)| is_text(suffix)) => Self::Text,
            _ if says_nothing(&essence) => Self::Unknown,
            _ => Self::Other,
        }
    }

    /// The most that is answered in place, in bytes.
    #[must_use]
    pub fn shown(self) -> usize {
        match self {
            Self::Text => MAX_SHOWN_TEXT,
            Self::Image | Self::Unknown => MAX_SHOWN_IMAGE,
            Self::Other => 0,
        }
    }
}

fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a media type is what programs send that do not know.
fn says_nothing(essence: &str) -> bool {
    let subtype = essence.split_once('/').map_or("*", |(_, subtype)| subtype);
    [
        "octet-stream",
        "force-download",
        "x-download",
        "download",
        "binary",
        "x-binary",
        "unknown",
        "x-unknown",
        "*",
    ]
    .contains(&subtype)
}

/// The media type of what comes down: as the upstream says, else by the name; empty where neither tells.
#[must_use]
pub fn claimed<'a>(said: &'a str, name: &str) -> Cow<'a, str> {
    let essence = essence(said);
    let ending = ending_of(name).map(str::to_ascii_lowercase).unwrap_or_default();
    // Programs that have Excel say so of its every file, also of those that are text.
    let is_excels = essence == "application/vnd.ms-excel" && ending == "csv";
    if !is_excels && !says_nothing(&essence) {
        return Cow::Borrowed(said.trim());
    }
    mime_guess::from_ext(&ending).first_raw().filter(|guess| *guess != UNKNOWN).unwrap_or_default().into()
}

/// The media type that a content has by itself.
#[must_use]
pub fn sniffed(content: &[u8]) -> &'static str {
    match infer::get(content) {
        _ if is_utf8(content) && !is_format(content) => "text/plain",
        Some(found) => found.mime_type(),
        None => UNKNOWN,
    }
}

/// The media type under which a model is shown a content; `None` where it is none that a model can take, or not what
/// it is said to be. An image that is no image would spoil the whole conversation.
#[must_use]
pub fn showable(media_type: &str, content: &[u8]) -> Option<String> {
    let itself = sniffed(content);
    let is_text = str::from_utf8(content).is_ok() && !content.contains(&0);
    match MediaKind::of(media_type) {
        MediaKind::Text => is_text.then(|| media_type.to_owned()),
        MediaKind::Image => (MediaKind::of(itself) == MediaKind::Image).then(|| itself.to_owned()),
        MediaKind::Unknown => match MediaKind::of(itself) {
            MediaKind::Text if !is_text || content.len() > MAX_SHOWN_TEXT => None,
            MediaKind::Text | MediaKind::Image => Some(itself.to_owned()),
            MediaKind::Other | MediaKind::Unknown => None,
        },
        MediaKind::Other => None,
    }
}

/// The media type of an ending.
pub(super) fn media_type(ending: &str) -> &'static str {
    mime_guess::from_ext(ending).first_raw().unwrap_or(UNKNOWN)
}

/// The endings of the documents, images and archives that are kept as evidence: all that an upload accepts, and their
/// nearest kin. None of them is run by a system.
pub(super) const KEPT: [&str; 38] = [
    "pdf", "docx", "doc", "xlsx", "xls", "pptx", "ppt", "odt", "ods", "odp", "csv", "tsv", "txt", "md",
    "log", "json", "xml", "yaml", "yml", "png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "svg",
    "ico", "eps", "ps", "zip", "gz", "pem", "crt", "cer", "woff2", "heic",
];

/// Whether a file may keep this ending when it comes down.
pub(super) fn is_kept(ending: &str) -> bool {
    KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(ending))
}

/// The ending of a media type, where it is of a kind that is kept.
pub(super) fn ending(media_type: &str) -> Option<&'static str> {
    let essence = essence(media_type);
    let ending = match essence.as_str() {
        // What has several endings, or a name of its own.
        "text/plain" => "txt",
        "image/jpeg" => "jpg",
        "image/tiff" => "tiff",
        "application/xml" | "text/xml" => "xml",
        "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml" => "yaml",
        "application/x-pem-file" => "pem",
        "application/gzip" | "application/x-gzip" => "gz",
        "application/x-zip-compressed" => "zip",
        "application/postscript" => "ps",
        "application/x-x509-ca-cert" => "crt",
        "image/vnd.microsoft.icon" => "ico",
        UNKNOWN => return None,
        _ => return KEPT.into_iter().find(|ending| self::media_type(ending) == essence),
    };
    Some(ending)
}

/// What stands after the last full stop of a name.
pub(super) fn ending_of(name: &str) -> Option<&str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let plain = ending.chars().all(char::is_alphanumeric) && (1..=LONGEST_ENDING).contains(&ending.len());
    (plain && !stem.is_empty()).then_some(ending)
}

/// As much of a text as has room in so many bytes.
pub(super) fn cut(text: &str, room: usize) -> &str {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    text.get(..ends.take_while(|end| *end <= room).last().unwrap_or(0)).unwrap_or_default()
}

/// The ending of a file's name among those that are accepted.
pub(super) fn accepted(name: &str, accepts: &[&'static str]) -> Result<&'static str, FileError> {
    let ending = ending_of(name).map(str::to_ascii_lowercase);
    let found = ending.and_then(|ending| accepts.iter().find(|accepted| **accepted == ending));
    found.copied().ok_or_else(|| FileError::Kind { name: name.to_owned(), accepted: accepts.to_vec() })
}

/// Checks that a file begins like what its name says.
pub(super) fn check(name: &str, ending: &'static str, beginning: &[u8]) -> Result<(), FileError> {
    let found = infer::get(beginning).map_or("", |found| found.extension());
    let begins = |with: &[&[u8]]| with.iter().any(|magic| beginning.starts_with(magic));
    let fits = match ending {
        // Readers accept a PDF that begins a little later.
        "pdf" => beginning.windows(5).take(1024).any(|five| five == b"%PDF-"),
        "png" | "webp" | "bmp" | "gz" | "woff2" => found == ending,
        "jpg" | "jpeg" => found == "jpg",
        // An icon may be a PNG by another name.
        "ico" => matches!(found, "ico" | "png"),
        // The newer formats of Office are ZIP archives, the older ones OLE containers.
        "zip" | "docx" | "xlsx" | "pptx" => begins(&[b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"]),
        "doc" | "xls" | "ppt" => begins(&[b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"]),
        "ps" | "eps" => begins(&[b"%!PS", b"\xC5\xD0\xD3\xC6"]),
        // A certificate is text or DER, a sequence whose length takes several bytes.
        "crt" | "cer" => is_text(beginning) || begins(&[b"\x30\x80", b"\x30\x81", b"\x30\x82", b"\x30\x83"]),
        _ => is_text(beginning),
    };
    if fits {
        return Ok(());
    }
    let found = match found {
        _ if is_text(beginning) => "text",
        "" => "bytes of an unknown format",
        other => other,
    };
    Err(FileError::Content { name: name.to_owned(), named: ending, found })
}

/// Whether a file begins like text: in UTF-8, in UTF-16 with its mark, or in an older encoding.
fn is_text(beginning: &[u8]) -> bool {
    let marked = beginning.starts_with(b"\xFF\xFE") || beginning.starts_with(b"\xFE\xFF");
    let found = || infer::get(beginning).map_or("text/", |found| found.mime_type());
    let plain = || is_utf8(beginning) || found().starts_with("text/");
    marked || (!beginning.contains(&0) && !is_format(beginning) && plain())
}

/// Whether this is UTF-8 without NUL, at the end perhaps cut within a character. Two letters that happen to be those
/// of a format, as in `BMI` or `MZ`, do not make it one.
fn is_utf8(beginning: &[u8]) -> bool {
    let cut = |error: std::str::Utf8Error| error.error_len().is_none();
    !beginning.contains(&0) && str::from_utf8(beginning).map_or_else(cut, |_| true)
}

/// Whether this is a format that is written in letters and is still not for reading.
fn is_format(beginning: &[u8]) -> bool {
    [&b"%PDF-"[..], b"%!PS", b"{\\rtf"].iter().any(|magic| beginning.starts_with(magic))
}
