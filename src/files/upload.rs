//! A file on its way up: opened inside an allowed folder, or decoded from a message.

use std::borrow::Cow;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::sync::Arc;

use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine as _, GeneralPurpose, GeneralPurposeConfig};
use cap_std::fs::OpenOptions;
use futures::stream::{self, Stream};
use serde_json::Value;
use tokio::task::spawn_blocking;
use tokio_util::bytes::Bytes;

use super::error::{PathArgument, words};
use super::{FileError, Folders, MAX_INLINE, Unsent, kind};

/// How much of a file is read at once, in bytes.
const CHUNK: u64 = 64 << 10;

/// The longest name that is sent, in bytes, as most file systems have it.
const LONGEST: usize = 255;

/// Base64 as it is met: with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A file ready to send. `Debug` shows none of its content.
pub struct Outgoing {
    /// Without any folder, and without what would end a header early.
    pub name: String,
    /// By its ending.
    pub media_type: &'static str,
    /// In bytes.
    pub size: u64,
    content: ContentSource,
}

/// Where the bytes of a file are read.
#[derive(Clone)]
enum ContentSource {
    Disk(Arc<File>),
    Message(Bytes),
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("size", &self.size).finish_non_exhaustive()
    }
}

impl Folders {
    /// The file that the argument `file` means: a local path, or `{name, base64}`.
    ///
    /// # Errors
    /// It is outside of every allowed folder, cannot be read, is too large, empty, or not of an accepted type.
    pub fn outgoing(&self, file: &Value, accepts: &[&'static str]) -> Result<Outgoing, FileError> {
        let text = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default();
        match file.as_str() {
            Some(path) => self.on_disk(path, accepts),
            None => self.in_message(text("name"), text("base64"), accepts),
        }
    }

    fn on_disk(&self, path: &str, accepts: &[&'static str]) -> Result<Outgoing, FileError> {
        let (root, below) = self.resolve(path, PathArgument::File)?;
        let failed = |error: io::Error| self.failed(root, PathArgument::File, &error);
        // A pipe or a device is not even opened, which might set something off.
        regular(root.folder.metadata(&below).map_err(failed)?.is_file())?;
        let name = below.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let ending = kind::accepted(&name, accepts)?;
        let opened = root.folder.open_with(&below, &reading()).map_err(failed)?.into_std();
        // It may have been replaced between the look and the opening.
        let about = opened.metadata().map_err(failed)?;
        regular(about.is_file())?;
        alone(links(&opened, &about).map_err(failed)?)?;
        let size = about.len();
        self.check_size(size, self.limit)?;
        let mut beginning = Vec::new();
        (&opened).take(kind::SNIFFED.min(size)).read_to_end(&mut beginning).map_err(failed)?;
        whole(&name, ending, size, &beginning, ContentSource::Disk(Arc::new(opened)))
    }

    fn in_message(&self, name: &str, base64: &str, accepts: &[&'static str]) -> Result<Outgoing, FileError> {
        // The name is the upstream's to keep; a folder in it is nobody's business.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let ending = kind::accepted(name, accepts)?;
        let base64 = plain(base64);
        let most = self.limit.min(MAX_INLINE);
        self.check_size(base64.len() as u64 / 4 * 3, most)?;
        let content = BASE64.decode(&*base64).map_err(|_| FileError::Base64)?;
        let size = content.len() as u64;
        self.check_size(size, most)?;
        let sniffed = usize::try_from(kind::SNIFFED.min(size)).unwrap_or_default();
        let beginning = content.get(..sniffed).unwrap_or_default().to_vec();
        whole(name, ending, size, &beginning, ContentSource::Message(content.into()))
    }

    fn check_size(&self, size: u64, limit: u64) -> Result<(), FileError> {
        let hint = if limit < self.limit {
            " in a message; pass a larger file by its path"
        } else {
            " (the operator sets the limit with --max-file, in MiB)"
        };
        if size > limit { Err(FileError::TooLarge { size, limit, hint }) } else { Ok(()) }
    }
}

/// How a file is opened: should a pipe have come into its place, opening it must not wait for a writer.
fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options
}

fn regular(is_file: bool) -> Result<(), FileError> {
    let cause = || "it is not a regular file".to_owned();
    if is_file { Ok(()) } else { Err(FileError::Unusable { argument: PathArgument::File, cause: cause() }) }
}

/// Another name of the same file may be outside of every folder that is allowed, and no path tells.
fn alone(links: u64) -> Result<(), FileError> {
    // None where it has been deleted since it was opened.
    if links <= 1 { Ok(()) } else { Err(FileError::Linked { links }) }
}

/// How many names the file has that is open.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have to ask")]
fn links(_: &File, about: &Metadata) -> io::Result<u64> {
    Ok(std::os::unix::fs::MetadataExt::nlink(about))
}

#[cfg(windows)]
fn links(file: &File, _: &Metadata) -> io::Result<u64> {
    winapi_util::file::information(file).map(|about| about.number_of_links())
}

/// Base64 without the line ends of MIME and the beginning of a `data:` URL.
fn plain(base64: &str) -> Cow<'_, str> {
    let base64 = base64.trim();
    let data = base64.strip_prefix("data:").and_then(|url| url.split_once(";base64,"));
    let base64 = data.map_or(base64, |(_, content)| content);
    if base64.contains(|c: char| c.is_ascii_whitespace()) {
        Cow::Owned(base64.split_ascii_whitespace().collect())
    } else {
        Cow::Borrowed(base64)
    }
}

fn whole(
    name: &str,
    ending: &'static str,
    size: u64,
    beginning: &[u8],
    content: ContentSource,
) -> Result<Outgoing, FileError> {
    if size == 0 || beginning.is_empty() {
        return Err(FileError::Empty);
    }
    kind::check(name, ending, beginning)?;
    Ok(Outgoing { name: sendable(name), media_type: kind::media_type(ending), size, content })
}

/// A name that fits into a header: what would end it early is replaced, what is too long is cut before the ending.
fn sendable(name: &str) -> String {
    let clean: String =
        name.chars().map(|c| if c.is_control() || matches!(c, '"' | '\\') { '_' } else { c }).collect();
    if clean.len() <= LONGEST {
        return clean;
    }
    let (stem, ending) = clean.rsplit_once('.').unwrap_or((&clean, ""));
    format!("{}.{ending}", super::kind::cut(stem, LONGEST.saturating_sub(ending.len() + 1)))
}

impl Outgoing {
    /// The content from its beginning, as often as it has to be sent, no more of it than was announced. Each time has
    /// a position of its own, so that one that is still under way takes nothing from the next.
    pub fn chunks(&self) -> impl Stream<Item = Result<Bytes, Unsent>> + Send + 'static {
        let (content, size) = (self.content.clone(), self.size);
        stream::try_unfold(0, move |sent| {
            let content = content.clone();
            async move {
                if sent == size {
                    return Ok(None);
                }
                let chunk = content.read(sent, CHUNK.min(size - sent)).await?;
                let sent = sent + chunk.len() as u64;
                Ok(Some((chunk, sent)))
            }
        })
    }
}

impl ContentSource {
    /// At most so many bytes from a position on, and at least one.
    async fn read(&self, position: u64, most: u64) -> Result<Bytes, Unsent> {
        let most = usize::try_from(most).unwrap_or_default();
        let file = match self {
            Self::Disk(file) => Arc::clone(file),
            Self::Message(content) => {
                let from = usize::try_from(position).unwrap_or_default();
                return Ok(content.slice(from..from + most));
            }
        };
        let read = spawn_blocking(move || {
            let mut chunk = vec![0; most];
            let read = read_at(&file, &mut chunk, position)?;
            chunk.truncate(read);
            Ok::<_, io::Error>(Bytes::from(chunk))
        });
        let chunk = match read.await {
            Ok(read) => read.map_err(|error| Unsent(words(&error)))?,
            Err(_) => return Err(Unsent("reading was interrupted".to_owned())),
        };
        if chunk.is_empty() {
            return Err(Unsent("it became shorter while it was read".to_owned()));
        }
        Ok(chunk)
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, position)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, position)
}
