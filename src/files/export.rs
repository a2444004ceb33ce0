//! A list on its way into a file: page after page into a hidden file, which gets a name of its own once it is whole.
//!
//! Beside it stands how far it is, so that the same call goes on after whatever stopped it. First the items of a page are
//! written, then that they are: what stands in the file beyond what is noted is cut off.

use std::fs;
use std::io::{self, BufRead, Read as _, Seek as _, SeekFrom, Write};
use std::sync::Arc;
use std::time::Duration;

use cap_std::fs::{Dir, OpenOptions};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _, BufReader};
use tokio::task::spawn_blocking;

use super::download::{NAMES, Target, clean, numbered, unsaved};
use super::receipt::{CHUNK, Hashed, Receipt};
use super::size::LONGEST;
use super::{ExportError, Folders, Saved, Unsaved, kind};

/// What the names of unfinished exports begin with.
const HIDDEN: &str = ".vanta-mcp-export-";

/// The endings of an unfinished export: its items, how far they are, and the table that is made of them.
const PARTS: [&str; 3] = [ITEMS, JOURNAL, TABLE];
const ITEMS: &str = ".jsonl.part";
const JOURNAL: &str = ".journal.part";
const TABLE: &str = ".csv.part";

/// How long an unfinished export is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// The name of a file that is to be written: of the caller's choice, or a usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportName(String);

impl ExportName {
    /// The name with its ending, which it may have or not; `None` where it holds a folder, or nothing that a file's name can
    /// have.
    #[must_use]
    pub fn new(given: &str, ending: &str) -> Option<Self> {
        let stem = match given.rsplit_once('.') {
            Some((stem, end)) if end.eq_ignore_ascii_case(ending) => stem,
            _ => given,
        };
        let plain = clean(stem);
        if given.contains(['/', '\\']) || plain.is_empty() {
            return None;
        }
        Some(Self(format!("{}.{ending}", kind::cut(&plain, LONGEST.saturating_sub(ending.len() + 1)))))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How far an export is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPlace {
    /// How many items are in the file.
    pub items: usize,
    /// The cursor of the page that comes next.
    pub cursor: Option<String>,
    /// Whether nothing comes next.
    pub is_whole: bool,
    /// How long the file is, in bytes.
    bytes: u64,
}

impl ExportPlace {
    /// A place after so many items.
    #[must_use]
    pub fn after(items: usize, cursor: Option<&str>, is_whole: bool) -> Self {
        Self { items, cursor: cursor.map(str::to_owned), is_whole, bytes: 0 }
    }
}

/// A file in the making.
pub struct ExportPart {
    // Taken away before the lock ends.
    leftover: Leftover,
    items: tokio::fs::File,
    /// Locked as long as the export runs.
    journal: tokio::fs::File,
    place: ExportPlace,
    /// In bytes.
    limit: u64,
}

/// What stands in the folder as long as an export is not whole.
struct Leftover {
    target: Arc<Target>,
    /// What the names of its files begin with.
    stem: String,
    /// Whether it stays for a later call.
    is_kept: bool,
}

impl Folders {
    /// Begins an export in the first allowed folder, or goes on with the one that has the same key. Removes what is left of
    /// others that nobody went on with for a day.
    ///
    /// # Errors
    /// There is no folder, the same export is running, or the disk does not take it.
    pub fn export(&self, key: &str) -> Result<ExportPart, ExportError> {
        let root = self.roots.first().ok_or(ExportError::NoFolder)?;
        let failed = |error: io::Error| unwritten(&root.given.display().to_string(), &error);
        let folder = root.folder.try_clone().map_err(failed)?;
        let target = Arc::new(Target { folder, path: root.given.clone() });
        sweep(&target.folder).map_err(failed)?;
        let leftover = Leftover { target, stem: format!("{HIDDEN}{key}"), is_kept: true };
        ExportPart::begin(leftover, self.limit)
    }
}

impl ExportPart {
    fn begin(mut leftover: Leftover, limit: u64) -> Result<Self, ExportError> {
        let failed = |error: io::Error| unwritten(&leftover.folder(), &error);
        let running = || ExportError::Running { folder: leftover.folder() };
        let mut journal = leftover.open(JOURNAL).map_err(failed)?;
        match journal.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(running()),
            // Some file systems have no locks, and are used by one at a time.
            Err(fs::TryLockError::Error(_)) => {}
        }
        // Whoever had the lock may have ended its export in between.
        if !leftover.leads_to(&journal).map_err(failed)? {
            return Err(running());
        }
        let mut items = leftover.open(ITEMS).map_err(failed)?;
        let mut noted = String::new();
        let place = match journal.read_to_string(&mut noted) {
            Ok(_) => last(&noted).filter(|place| has(&items, place.bytes)).unwrap_or_default(),
            Err(_) => ExportPlace::default(),
        };
        let mut cut = || {
            if place.items == 0 {
                journal.set_len(0)?;
                journal.rewind()?;
                // Not emptied, since it may have the name of a whole export too.
                leftover.remove(ITEMS)?;
                items = leftover.open(ITEMS)?;
            }
            items.set_len(place.bytes)?;
            items.seek(SeekFrom::Start(place.bytes)).map(drop)
        };
        cut().map_err(failed)?;
        leftover.is_kept = place.items > 0;
        let (items, journal) = (tokio::fs::File::from_std(items), tokio::fs::File::from_std(journal));
        Ok(Self { leftover, items, journal, place, limit })
    }

    /// How far it is.
    #[must_use]
    pub fn place(&self) -> &ExportPlace {
        &self.place
    }

    /// Reads the lines again that are in the file.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn read_again(&mut self, mut each: impl FnMut(&[u8])) -> Result<(), ExportError> {
        let read = async {
            self.items.rewind().await?;
            let mut lines = BufReader::new((&mut self.items).take(self.place.bytes));
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).await? > 0 {
                each(&line);
                line.clear();
            }
            self.items.seek(SeekFrom::Start(self.place.bytes)).await.map(drop)
        };
        let read: io::Result<()> = read.await;
        read.map_err(|error| self.failed(&error))
    }

    /// Begins from the start.
    ///
    /// # Errors
    /// The disk does not take it.
    pub async fn restart(&mut self) -> Result<(), ExportError> {
        let empty = async {
            self.journal.set_len(0).await?;
            self.journal.rewind().await?;
            self.items.set_len(0).await?;
            self.items.rewind().await.map(drop)
        };
        let emptied: io::Result<()> = empty.await;
        self.place = ExportPlace::default();
        self.leftover.is_kept = false;
        emptied.map_err(|error| self.failed(&error))
    }

    /// Writes the lines of a page, and then how far it is.
    ///
    /// # Errors
    /// It would be too large, or the disk does not take it.
    pub async fn append(&mut self, lines: &[u8], place: ExportPlace) -> Result<(), ExportError> {
        let bytes = self.place.bytes + lines.len() as u64;
        if bytes > self.limit {
            self.leftover.is_kept = false;
            return Err(ExportError::TooLarge { limit: self.limit });
        }
        let place = ExportPlace { bytes, ..place };
        let write = async {
            self.items.write_all(lines).await?;
            self.items.flush().await?;
            let mut note = serde_json::to_vec(&place)?;
            note.push(b'\n');
            self.journal.write_all(&note).await?;
            self.journal.flush().await
        };
        let written: io::Result<()> = write.await;
        written.map_err(|error| self.failed(&error))?;
        self.leftover.is_kept = true;
        self.place = place;
        Ok(())
    }

    /// Ends the file with the lines as they are.
    ///
    /// # Errors
    /// The disk does not take it.
    pub async fn finish(self, name: &ExportName) -> Result<Saved, ExportError> {
        let Self { leftover, items, journal, .. } = self;
        let items = items.into_std().await;
        ended(leftover, journal, name, move |leftover| {
            let mut hashed = Hashed::new(io::sink());
            (&items).rewind()?;
            io::copy(&mut io::BufReader::with_capacity(CHUNK, &items), &mut hashed)?;
            items.sync_data()?;
            Ok((leftover.name(ITEMS), hashed.receipt()))
        })
        .await
    }

    /// Ends the file with what is made of the lines: `write` reads the one and writes the other.
    ///
    /// # Errors
    /// It cannot be made, or the disk does not take it.
    pub async fn finish_as<W>(self, name: &ExportName, write: W) -> Result<Saved, ExportError>
    where
        W: FnOnce(&mut dyn BufRead, &mut dyn Write) -> io::Result<()> + Send + 'static,
    {
        let Self { leftover, items, journal, .. } = self;
        let items = items.into_std().await;
        ended(leftover, journal, name, move |leftover| {
            let table = leftover.open(TABLE)?;
            table.set_len(0)?;
            let mut hashed = Hashed::new(io::BufWriter::with_capacity(CHUNK, &table));
            (&items).rewind()?;
            write(&mut io::BufReader::with_capacity(CHUNK, &items), &mut hashed)?;
            hashed.flush()?;
            let receipt = hashed.receipt();
            table.sync_data()?;
            Ok((leftover.name(TABLE), receipt))
        })
        .await
    }

    fn failed(&self, error: &io::Error) -> ExportError {
        unwritten(&self.leftover.folder(), error)
    }
}

/// Makes a file whole, gives it its name, and takes away what was beside it. `make` says which file it is.
async fn ended<M>(
    mut leftover: Leftover,
    journal: tokio::fs::File,
    name: &ExportName,
    make: M,
) -> Result<Saved, ExportError>
where
    M: FnOnce(&Leftover) -> io::Result<(String, Receipt)> + Send + 'static,
{
    let (folder, wanted) = (leftover.folder(), name.0.clone());
    let work = spawn_blocking(move || {
        let failed = |leftover: &Leftover, error: &io::Error| unwritten(&leftover.folder(), error);
        let (made, receipt) = make(&leftover).map_err(|error| failed(&leftover, &error))?;
        let name = leftover.publish(&made, &wanted).map_err(|error| failed(&leftover, &error))?;
        leftover.is_kept = false;
        let path = leftover.target.path.join(name).display().to_string();
        drop((leftover, journal));
        Ok(Saved { path, receipt })
    });
    let lost = || Unsaved("writing was interrupted".to_owned());
    work.await.unwrap_or_else(|_| Err(ExportError::Unsaved { folder, cause: lost() }))
}

impl Leftover {
    fn folder(&self) -> String {
        self.target.path.display().to_string()
    }

    fn name(&self, part: &str) -> String {
        format!("{}{part}", self.stem)
    }

    fn open(&self, part: &str) -> io::Result<fs::File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true);
        self.target.folder.open_with(self.name(part), &options).map(cap_std::fs::File::into_std)
    }

    /// Takes a part away, where it is there.
    fn remove(&self, part: &str) -> io::Result<()> {
        match self.target.folder.remove_file(self.name(part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether the journal's name still leads to this file.
    #[cfg(unix)]
    fn leads_to(&self, journal: &fs::File) -> io::Result<bool> {
        let named = match self.target.folder.metadata(self.name(JOURNAL)) {
            Ok(named) => cap_std::fs::MetadataExt::ino(&named),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        Ok(named == std::os::unix::fs::MetadataExt::ino(&journal.metadata()?))
    }

    /// What is open has its name here until it is closed.
    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "other systems have to ask")]
    fn leads_to(&self, _: &fs::File) -> io::Result<bool> {
        Ok(true)
    }

    /// Gives a file the nearest free name to the one that is wanted. It is whole from the first moment under that name, and
    /// nothing is ever overwritten.
    fn publish(&self, made: &str, wanted: &str) -> io::Result<String> {
        let folder = &self.target.folder;
        for number in 0..NAMES {
            let name = numbered(wanted, number);
            match folder.hard_link(made, folder, &name) {
                Ok(()) => return Ok(name),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                // Some file systems have no hard links. A name that was made new is nobody else's.
                Err(_) => {}
            }
            match folder.open_with(&name, OpenOptions::new().write(true).create_new(true)) {
                Ok(_) => return folder.rename(made, folder, &name).map(|()| name),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other(format!("the folder already has {NAMES} files named like {wanted}")))
    }
}

impl Drop for Leftover {
    fn drop(&mut self) {
        for part in PARTS.iter().filter(|_| !self.is_kept) {
            if let Err(error) = self.remove(part) {
                tracing::warn!(%error, "a part of an export could not be removed");
            }
        }
    }
}

/// Removes what is left of exports that nobody went on with.
fn sweep(folder: &Dir) -> io::Result<()> {
    for entry in folder.entries()? {
        let entry = entry?;
        let name = entry.file_name();
        let is_part = name
            .to_str()
            .is_some_and(|name| name.starts_with(HIDDEN) && PARTS.iter().any(|part| name.ends_with(part)));
        if !is_part {
            continue;
        }
        let modified = entry.metadata().and_then(|about| about.modified());
        let age = modified.ok().and_then(|modified| modified.into_std().elapsed().ok());
        if age.is_some_and(|age| age > KEPT) {
            // Whoever else does the same may have been first.
            let _ = folder.remove_file(&name);
        }
    }
    Ok(())
}

/// The last place that was noted whole.
fn last(noted: &str) -> Option<ExportPlace> {
    let whole = noted.rsplit_once('\n').map_or("", |(whole, _)| whole);
    serde_json::from_str(whole.lines().last()?).ok()
}

fn has(file: &fs::File, bytes: u64) -> bool {
    file.metadata().is_ok_and(|about| about.len() >= bytes)
}

fn unwritten(folder: &str, error: &io::Error) -> ExportError {
    ExportError::Unsaved { folder: folder.to_owned(), cause: unsaved(error) }
}
