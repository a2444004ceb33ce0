//! A folder into which files are collected, each whole from the first moment under its own name.
//!
//! Beside them stands a hidden journal of what is there and of what is complete, so that a later run takes up what is new or
//! changed. A file is noted before it gets its name: what is noted and not there, or not as it was noted, counts for nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cap_std::fs::{Dir, OpenOptions};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::collected::{CollectedFile, CompleteThing, Contents, Note, UNFINISHED};
use super::download::{NAMES, Saving, Target, clean, numbered, safe_name, unsaved};
use super::size::LONGEST;
use super::{CollectionError, Folders, Locality, PathArgument, Receipt, Unsaved, kind};

/// The journal.
const NOTES: &str = ".vanta-mcp-collection.journal";

/// A file as whoever it is from calls it.
#[derive(Debug, Clone, Copy)]
pub struct FileLabel<'l> {
    /// Its name; it may be any text.
    pub name: &'l str,
    /// Its media type, where it is known, else empty.
    pub media_type: &'l str,
    /// Its id, for where another file has the name.
    pub id: &'l str,
}

/// A folder of collected files, which one process at a time writes to. Cloning is cheap.
#[derive(Clone)]
pub struct Collection(Arc<Inside>);

struct Inside {
    target: Arc<Target>,
    /// In bytes.
    limit: u64,
    contents: Mutex<Contents>,
}

impl Folders {
    /// Opens a folder for collected files, or makes it: `name` inside the allowed folder that is named, else inside the first.
    /// What is there of an earlier run is looked through. `own` are the names that its collector keeps for itself.
    ///
    /// # Errors
    /// There is no folder, another call is collecting into it, or the disk does not take it.
    pub fn collection(
        &self,
        named: Option<&str>,
        name: &str,
        own: &[&str],
    ) -> Result<Collection, CollectionError> {
        let (outer, path) = self.outer(named)?;
        let name = folder_name(name);
        let path = path.join(&name);
        let unwritten = |error: io::Error| CollectionError::Unsaved {
            folder: path.display().to_string(),
            cause: unsaved(&error),
        };
        match outer.create_dir(&name) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(unwritten(error)),
            _ => {}
        }
        let folder = outer.open_dir(&name).map_err(unwritten)?;
        let journal = open(&folder, NOTES).map_err(unwritten)?;
        match journal.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(CollectionError::Running { folder: path.display().to_string() });
            }
            // Some file systems have no locks, and are used by one at a time.
            Err(fs::TryLockError::Error(_)) => {}
        }
        let contents = Contents::read(&folder, journal, own).map_err(unwritten)?;
        let target = Arc::new(Target { folder, path });
        Ok(Collection(Arc::new(Inside { target, limit: self.limit, contents: Mutex::new(contents) })))
    }
}

impl Folders {
    /// Whether files can be collected inside the allowed folder that is named, else inside the first.
    ///
    /// # Errors
    /// There is no folder, or it cannot be opened.
    pub fn may_collect(&self, named: Option<&str>) -> Result<(), CollectionError> {
        self.outer(named).map(drop)
    }

    /// The folder that is named, else the first, and its whole path.
    fn outer(&self, named: Option<&str>) -> Result<(Dir, PathBuf), CollectionError> {
        let Some(first) = self.roots.first() else {
            return Err(match self.locality {
                Locality::Here => CollectionError::NoFolder,
                Locality::Elsewhere(_) => CollectionError::Elsewhere,
            });
        };
        let (root, below) = match named {
            Some(named) => self.resolve(named, PathArgument::Folder)?,
            None => (first, PathBuf::new()),
        };
        // The allowed folder itself is the empty path from it.
        let outer = root.folder.open_dir(Path::new(".").join(&below));
        let outer = outer.map_err(|error| self.failed(root, PathArgument::Folder, &error))?;
        Ok((outer, root.given.join(&below).components().collect()))
    }
}

impl Collection {
    /// The folder's whole path.
    #[must_use]
    pub fn path(&self) -> String {
        self.0.target.path.display().to_string()
    }

    /// The largest file that is kept, in bytes.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// The file that is a copy of this, as far as it is still there as it was.
    #[must_use]
    pub fn file(&self, key: &str) -> Option<CollectedFile> {
        self.0.contents().files.get(key).cloned()
    }

    /// Whether this file is still there as it was.
    #[must_use]
    pub fn has(&self, file: &str, sha256: &str) -> bool {
        self.0.contents().files.values().any(|one| one.file == file && one.sha256 == sha256)
    }

    /// Whether there is a file of this name.
    #[must_use]
    pub fn holds(&self, file: &str) -> bool {
        self.0.contents().taken.contains(&file.to_lowercase())
    }

    /// What is noted of a thing that was complete.
    #[must_use]
    pub fn complete(&self, thing: &str) -> Option<CompleteThing> {
        self.0.contents().things.get(thing).cloned()
    }

    /// All things that were complete.
    #[must_use]
    pub fn things(&self) -> Vec<(String, CompleteThing)> {
        self.0.contents().things.iter().map(|(name, thing)| (name.clone(), thing.clone())).collect()
    }

    /// Begins a file, hidden until it is kept.
    ///
    /// # Errors
    /// The disk does not take it.
    pub async fn begin(&self) -> Result<Saving, CollectionError> {
        self.blocking(|inside| {
            let number = {
                let mut contents = inside.contents();
                contents.begun += 1;
                contents.begun
            };
            let name = format!("{}{number}{}", UNFINISHED.0, UNFINISHED.1);
            let mut options = OpenOptions::new();
            let file = inside.target.folder.open_with(&name, options.write(true).create_new(true))?;
            Ok(Saving::new(file, Arc::clone(&inside.target), name))
        })
        .await
    }

    /// Keeps a file that has come whole, as a copy of `key` in a version: under the nearest free name to its label, or as the
    /// file that is there, where that has the same content.
    ///
    /// # Errors
    /// The disk does not take it.
    pub async fn keep(
        &self,
        saving: Saving,
        label: FileLabel<'_>,
        key: &str,
        version: &str,
    ) -> Result<CollectedFile, CollectionError> {
        let hidden = saving.name().to_owned();
        let saved = saving.finish().await.map_err(|cause| self.unsaved(cause))?;
        let names = FileNames::of(label);
        let (key, version) = (key.to_owned(), version.to_owned());
        self.blocking(move |inside| {
            let kept = inside.keep(&hidden, &names, &saved.receipt, (key, version));
            // Of what has another name now the hidden one is superfluous, and what has none is not kept.
            let removed = inside.target.folder.remove_file(&hidden);
            if let Err(error) = removed
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!(%error, "a part of a collection could not be removed");
            }
            kept
        })
        .await
    }

    /// Notes that all of a thing in a version is there.
    ///
    /// # Errors
    /// The disk does not take it.
    pub async fn note(&self, thing: &str, version: &str, detail: Value) -> Result<(), CollectionError> {
        let note = CompleteThing { thing: thing.to_owned(), version: version.to_owned(), detail };
        self.blocking(move |inside| {
            let mut contents = inside.contents();
            contents.write(&Note::Thing(note.clone()))?;
            contents.things.insert(note.thing.clone(), note);
            Ok(())
        })
        .await
    }

    /// Writes a file of the collector's own under a name that it has said before, in place of the one that is there.
    ///
    /// # Errors
    /// The disk does not take it.
    pub async fn replace(&self, name: &'static str, content: &[u8]) -> Result<(), CollectionError> {
        let mut saving = self.begin().await?;
        saving.write(content).await.map_err(|cause| self.unsaved(cause))?;
        let hidden = saving.name().to_owned();
        saving.finish().await.map_err(|cause| self.unsaved(cause))?;
        self.blocking(move |inside| {
            let folder = &inside.target.folder;
            folder.open(&hidden)?.into_std().sync_data()?;
            folder.rename(&hidden, folder, name)
        })
        .await
    }

    /// Does what waits for the disk.
    async fn blocking<T, W>(&self, work: W) -> Result<T, CollectionError>
    where
        T: Send + 'static,
        W: FnOnce(&Inside) -> io::Result<T> + Send + 'static,
    {
        let inside = Arc::clone(&self.0);
        let done = spawn_blocking(move || work(&inside)).await;
        match done {
            Ok(done) => done.map_err(|error| self.unsaved(unsaved(&error))),
            Err(_) => Err(self.unsaved(Unsaved("writing was interrupted".to_owned()))),
        }
    }

    fn unsaved(&self, cause: Unsaved) -> CollectionError {
        CollectionError::Unsaved { folder: self.path(), cause }
    }
}

impl Inside {
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(
        &self,
        hidden: &str,
        names: &FileNames,
        receipt: &Receipt,
        (key, version): (String, String),
    ) -> io::Result<CollectedFile> {
        let folder = &self.target.folder;
        folder.open(hidden)?.into_std().sync_data()?;
        let mut contents = self.contents();
        let of = |file: String| CollectedFile {
            key: key.clone(),
            version: version.clone(),
            file,
            size: receipt.size,
            sha256: receipt.sha256.clone(),
        };
        if let Some(same) = contents.files.get(&key).filter(|file| file.sha256 == receipt.sha256) {
            let kept = of(same.file.clone());
            contents.write(&Note::File(kept.clone()))?;
            contents.files.insert(key, kept.clone());
            return Ok(kept);
        }
        for name in names.all() {
            if contents.taken.contains(&name.to_lowercase()) {
                continue;
            }
            contents.taken.insert(name.to_lowercase());
            let kept = of(name);
            contents.write(&Note::File(kept.clone()))?;
            match publish(folder, hidden, &kept.file) {
                Ok(()) => {
                    contents.files.insert(key, kept.clone());
                    return Ok(kept);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other(format!("the folder already has {NAMES} files named like {}", names.plain)))
    }
}

/// The names that a file may get.
struct FileNames {
    /// The one that it has by itself.
    plain: String,
    /// The same with its id.
    with_id: String,
}

impl FileNames {
    fn of(label: FileLabel<'_>) -> Self {
        let plain = safe_name(label.name, label.media_type);
        let (stem, ending) = plain.rsplit_once('.').unwrap_or((&plain, "download"));
        let id = clean(label.id);
        let id = kind::cut(&id, LONGEST / 4);
        let stem = kind::cut(stem, LONGEST.saturating_sub(ending.len() + id.len() + 4));
        let with_id = format!("{stem} ({id}).{ending}");
        Self { plain, with_id }
    }

    fn all(&self) -> impl Iterator<Item = String> {
        let numbered = (0..NAMES).map(|number| numbered(&self.with_id, number));
        std::iter::once(self.plain.clone()).chain(numbered)
    }
}

/// A folder's name that every system takes.
fn folder_name(name: &str) -> String {
    let name = clean(&name.replace(['/', '\\'], "-"));
    let name = kind::cut(&name, LONGEST).trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    if name.is_empty() { "collection".to_owned() } else { name.to_owned() }
}

/// Gives a hidden file a name that nobody has. It is whole from the first moment under it.
fn publish(folder: &Dir, hidden: &str, name: &str) -> io::Result<()> {
    match folder.hard_link(hidden, folder, name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Ok(()) => Ok(()),
        // Some file systems have no hard links. The folder is this process's own as long as it has the lock.
        Err(_) => match folder.symlink_metadata(name) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => folder.rename(hidden, folder, name),
        },
    }
}

fn open(folder: &Dir, name: &str) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    folder.open_with(name, &options).map(cap_std::fs::File::into_std)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_a_name_that_every_system_takes() {
        for (name, expected) in [
            ("Acme SOC 2 Type II 2026 65fc", "Acme SOC 2 Type II 2026 65fc"),
            ("A/B \\ C: 1", "A-B - C 1"),
            ("../..", "-"),
            ("..", "collection"),
            ("CON", "collection"),
            ("a. ", "a"),
        ] {
            assert_eq!(folder_name(name), expected, "{name}");
        }
        assert!(folder_name(&"ü".repeat(500)).len() <= LONGEST);
    }

    #[test]
    fn a_name_that_is_taken_gets_the_id_and_then_a_number() {
        let names = FileNames::of(FileLabel { name: "../a.pdf", media_type: "", id: "x/../1" });
        let names: Vec<String> = names.all().take(3).collect();
        assert_eq!(names, ["a.pdf", "a (x..1).pdf", "a (x..1) (1).pdf"]);
        let long = FileNames::of(FileLabel {
            name: &format!("{}.pdf", "n".repeat(900)),
            media_type: "",
            id: &"i".repeat(900),
        });
        assert!(
            long.all().take(2).all(|name| name.len() <= LONGEST
                && name.rsplit_once('.').is_some_and(|(_, ending)| ending == "pdf"))
        );
    }
}
