//! Whether a file that is open is still what it was: other programs can delete, replace, cut or write over it, its log, and
//! the index of that, which SQLite maps into memory.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file as it was when it was last looked at.
pub struct WatchedFile {
    /// Without links.
    pub path: PathBuf,
    number: FileNumber,
    content: ContentMark,
    log: BesideFile,
    index: BesideFile,
}

/// Device and number; nothing where the system has none, and nothing that is open can be replaced.
type FileNumber = (u64, u64);

/// What differs where a file was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentMark {
    length: u64,
    written: Option<SystemTime>,
}

/// A file that SQLite keeps beside the database. While the database is open it is there, and never gets shorter.
struct BesideFile {
    path: PathBuf,
    /// As it was seen first, with the greatest length that it has had.
    seen: Option<(FileNumber, u64)>,
}

impl WatchedFile {
    /// A file that is there now.
    pub fn of(path: PathBuf, known: &Metadata) -> Self {
        let (log, index) = (BesideFile::of(&path, "-wal"), BesideFile::of(&path, "-shm"));
        Self { path, number: number(known), content: ContentMark::of(known), log, index }
    }

    /// Whether it can be used at all: it is not empty, and the index of its log is as long as it was. One that was cut must
    /// not be touched any more: the system ends a process that reads in its memory what is no longer in the file.
    pub fn is_usable(&mut self) -> bool {
        let is_empty = fs::metadata(&self.path).is_ok_and(|there| there.len() == 0);
        self.index.is_whole() && !is_empty
    }

    /// The mark of the content, where it was written to since it was last looked at: by another process, as it should be,
    /// or by another program.
    pub fn new_content(&self) -> Option<ContentMark> {
        let mark = ContentMark::of(&fs::metadata(&self.path).ok()?);
        (mark != self.content).then_some(mark)
    }

    /// The content was looked at and is sound.
    pub fn is_sound(&mut self, mark: ContentMark) {
        self.content = mark;
    }

    /// Whether the file, with what is beside it, is still the one that was opened. To be asked while nobody else changes it.
    pub fn is_in_place(&mut self) -> bool {
        let (log, index) = (self.log.is_whole(), self.index.is_whole());
        log && index && self.is_same()
    }

    /// Makes way for what is there now. Of a file that was replaced the log and its index are taken away, as SQLite would
    /// add what is in them to the other file; while they are open here, no others have their numbers. A log alone that was
    /// cut or replaced is read anew, for which its index has to go.
    pub fn make_way(&self) {
        self.index.remove();
        if self.is_same() {
            return;
        }
        self.log.remove();
        // Other processes keep an emptied file from being filled for as long as they have it open.
        if fs::metadata(&self.path).is_ok_and(|there| number(&there) == self.number && there.len() == 0) {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// Whether the file itself is the one that was opened. One that was emptied is as if it had been deleted.
    fn is_same(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|there| number(&there) == self.number && there.len() > 0)
    }
}

impl ContentMark {
    fn of(known: &Metadata) -> Self {
        Self { length: known.len(), written: known.modified().ok() }
    }
}

impl BesideFile {
    fn of(database: &Path, ending: &str) -> Self {
        Self { path: beside(database, ending), seen: None }
    }

    fn is_whole(&mut self) -> bool {
        let there = fs::metadata(&self.path).ok().map(|there| (number(&there), there.len()));
        match (self.seen, there) {
            (None, there) => {
                self.seen = there;
                true
            }
            (Some((known, longest)), Some((number, length))) if number == known && length >= longest => {
                self.seen = there;
                true
            }
            _ => false,
        }
    }

    fn remove(&self) {
        let known = self.seen.map(|(number, _)| number);
        if fs::metadata(&self.path).is_ok_and(|there| Some(number(&there)) == known) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The file that SQLite keeps beside the database.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(ending);
    path.into()
}

#[cfg(unix)]
fn number(file: &Metadata) -> FileNumber {
    use std::os::unix::fs::MetadataExt as _;
    (file.dev(), file.ino())
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> FileNumber {
    (0, 0)
}
