//! A file on its way down: into an allowed folder, under a name of its own.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::fs::{Dir, File, OpenOptions};
use ring::digest::{Context as Hash, SHA256};
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::task::spawn_blocking;

use super::error::{PathArgument, words};
use super::receipt::Receipt;
use super::size::LONGEST;
use super::{FileError, Folders, Unsaved, kind};

/// How many names are tried before giving up.
pub(super) const NAMES: u32 = 1000;

/// The ending of what has none that documents have. No system does anything with it.
const UNKNOWN: &str = "download";

/// Where a download may go.
#[derive(Debug)]
pub struct Destination {
    folder: Option<Arc<Target>>,
    /// Whether the caller named the folder, which makes showing the file in place beside the point.
    pub chosen: bool,
    /// In bytes.
    pub limit: u64,
}

#[derive(Debug)]
pub(super) struct Target {
    pub(super) folder: Dir,
    /// The folder's whole path, for the answer.
    pub(super) path: PathBuf,
}

/// A file that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its whole path.
    pub path: String,
    /// What it is.
    pub receipt: Receipt,
}

impl Folders {
    /// Where a download goes: the folder that the caller names, else the first that is allowed.
    ///
    /// # Errors
    /// The named folder is outside of every allowed one, or is no folder.
    pub fn destination(&self, named: Option<&str>) -> Result<Destination, FileError> {
        let (root, below) = match (named, self.roots.first()) {
            (Some(named), _) => self.resolve(named, PathArgument::Folder)?,
            (None, Some(first)) => (first, PathBuf::new()),
            (None, None) => return Ok(Destination { folder: None, chosen: false, limit: self.limit }),
        };
        // The allowed folder itself is the empty path from it.
        let opened = root.folder.open_dir(Path::new(".").join(&below));
        let folder = opened.map_err(|error| self.failed(root, PathArgument::Folder, &error))?;
        let path = root.given.join(&below).components().collect();
        Ok(Destination {
            folder: Some(Arc::new(Target { folder, path })),
            chosen: named.is_some(),
            limit: self.limit,
        })
    }
}

impl Destination {
    /// Whether there is any folder to save into.
    #[must_use]
    pub fn can_save(&self) -> bool {
        self.folder.is_some()
    }

    /// Begins a file under the nearest free name to the one that the upstream gives it. Nothing is ever overwritten.
    ///
    /// # Errors
    /// No file can be made there.
    pub async fn begin(&self, name: &str, media_type: &str) -> Result<Saving, Unsaved> {
        let target = self.folder.clone().ok_or_else(|| Unsaved("no folder is allowed".to_owned()))?;
        let wanted = safe_name(name, media_type);
        let began = spawn_blocking(move || target.begin(&wanted)).await;
        began.unwrap_or_else(|_| Err(Unsaved("creating the file was interrupted".to_owned())))
    }
}

impl Target {
    fn begin(self: Arc<Self>, wanted: &str) -> Result<Saving, Unsaved> {
        for number in 0..NAMES {
            let name = numbered(wanted, number);
            // Making it and finding that it is new are one step, which follows no link.
            match self.folder.open_with(&name, OpenOptions::new().write(true).create_new(true)) {
                Ok(file) => return Ok(Saving::new(file, self, name)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(unsaved(&error)),
            }
        }
        Err(Unsaved(format!("the folder already has {NAMES} files named like {wanted}")))
    }
}

/// A file that is being written. Dropped before its end, it is taken away again.
pub struct Saving {
    file: tokio::fs::File,
    folder: Arc<Target>,
    name: String,
    finished: bool,
    size: u64,
    hash: Hash,
}

impl Saving {
    pub(super) fn new(file: File, folder: Arc<Target>, name: String) -> Self {
        let file = tokio::fs::File::from_std(file.into_std());
        Self { file, folder, name, finished: false, size: 0, hash: Hash::new(&SHA256) }
    }

    /// Its name as long as it is written.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Begins it again from its start.
    ///
    /// # Errors
    /// The disk does not take it.
    pub async fn restart(&mut self) -> Result<(), Unsaved> {
        let emptied = async {
            self.file.flush().await?;
            self.file.set_len(0).await?;
            self.file.rewind().await.map(drop)
        };
        let emptied: io::Result<()> = emptied.await;
        (self.size, self.hash) = (0, Hash::new(&SHA256));
        emptied.map_err(|error| unsaved(&error))
    }

    /// How much has been written, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    /// The disk does not take them.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Unsaved> {
        self.size += bytes.len() as u64;
        self.hash.update(bytes);
        self.file.write_all(bytes).await.map_err(|error| unsaved(&error))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The disk did not take all of it.
    pub async fn finish(mut self) -> Result<Saved, Unsaved> {
        self.file.flush().await.map_err(|error| unsaved(&error))?;
        self.finished = true;
        let sha256 = hex::encode(self.hash.clone().finish());
        let path = self.folder.path.join(&self.name).display().to_string();
        Ok(Saved { path, receipt: Receipt { size: self.size, sha256 } })
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = self.folder.folder.remove_file(&self.name)
        {
            tracing::warn!(%error, "an unfinished download could not be removed");
        }
    }
}

pub(super) fn unsaved(error: &io::Error) -> Unsaved {
    Unsaved(words(error))
}

/// A name without folders, control characters, reserved words and leading dots, whose ending is one that documents have.
/// Any other gets `.download` behind it: what a system does with a file is decided by its ending, and endings that run
/// something are too many to name. A name without any ending gets the one of its media type, from the same list.
#[must_use]
pub fn safe_name(name: &str, media_type: &str) -> String {
    let clean = clean(name.rsplit(['/', '\\']).next().unwrap_or_default());
    let (stem, ending) = match clean.rsplit_once('.') {
        Some((stem, ending)) if kind::is_kept(ending) => (stem, ending),
        Some(_) => (clean.as_str(), UNKNOWN),
        None => (clean.as_str(), kind::ending(media_type).unwrap_or(UNKNOWN)),
    };
    let stem = if stem.is_empty() { "download" } else { stem };
    format!("{}.{ending}", kind::cut(stem, LONGEST.saturating_sub(ending.len() + 1)))
}

/// What is left of a name that every system takes for a plain file's and that shows as what it is.
pub(super) fn clean(name: &str) -> String {
    // What has no shape of its own may turn the letters around that it stands between.
    let shapeless = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let options = || sanitize_filename::Options { windows: true, truncate: false, replacement: "" };
    let shaped: String = name.chars().filter(|c| !shapeless(*c)).collect();
    let plain = sanitize_filename::sanitize_with_options(shaped, options());
    // Without its leading dots it may have become a reserved word.
    let plain = plain.trim_matches(|c: char| c == '.' || c.is_whitespace());
    sanitize_filename::sanitize_with_options(plain, options())
}

/// `report.pdf`, then `report (1).pdf`.
pub(super) fn numbered(name: &str, number: u32) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) if number > 0 => format!("{stem} ({number}).{ending}"),
        _ => name.to_owned(),
    }
}
