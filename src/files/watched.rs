//! Files of the operator's that may change while the server runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ring::digest::{SHA256, digest};

use super::text;

/// How often at the most files are looked at for a change.
pub const LOOK: Duration = Duration::from_millis(500);

/// What tells whether a file has changed. Length and times alone do not: tools put them back (`cp -p`, `rsync -t`), and an
/// entry can be replaced by one just as long. So the content counts, and the file itself, whose mode may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    identity: FileIdentity,
    /// The SHA-256 of the content; none where it cannot be read.
    content: Option<Box<[u8]>>,
}

/// Which file a path leads to, and when anything about it was last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
    /// Seconds and nanoseconds.
    changed: (i64, i64),
}

impl FileIdentity {
    #[cfg(unix)]
    fn of(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Self { device: metadata.dev(), inode: metadata.ino(), changed }
    }

    #[cfg(not(unix))]
    fn of(_: &fs::Metadata) -> Self {
        Self { device: 0, inode: 0, changed: (0, 0) }
    }
}

/// Files that belong together, and how they were when they were last looked at.
#[derive(Debug)]
pub struct Watched {
    paths: Box<[PathBuf]>,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    stamps: Vec<Option<Stamp>>,
    looked: Instant,
}

impl Watched {
    /// Begins to watch. To be done before the files are read, so that no change falls in between.
    #[must_use]
    pub fn new(paths: impl Into<Box<[PathBuf]>>) -> Self {
        let paths = paths.into();
        let stamps = stamps(&paths);
        Self { paths, seen: Mutex::new(Seen { stamps, looked: Instant::now() }) }
    }

    /// Whether one of the files has changed, come or gone since this was last answered with yes. Costs nothing for
    /// [`LOOK`] after each look.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.looked.elapsed() < LOOK {
            return false;
        }
        seen.looked = Instant::now();
        let now = stamps(&self.paths);
        let changed = now != seen.stamps;
        seen.stamps = now;
        changed
    }

    /// Lets the next look find a change in any case: for a file that could not be read.
    pub fn look_again(&self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).stamps.clear();
    }
}

/// The whole content of such a file, which is small, without a byte-order mark.
///
/// # Errors
/// It cannot be read.
pub fn content(path: &Path) -> io::Result<Vec<u8>> {
    text::content(path)
}

fn stamps(paths: &[PathBuf]) -> Vec<Option<Stamp>> {
    let stamp = |path: &PathBuf| {
        let metadata = fs::metadata(path).ok()?;
        // What is no file, such as a pipe, could keep its reader waiting for ever.
        let content = if metadata.is_file() { fs::read(path).ok() } else { None };
        let content = content.map(|content| Box::from(digest(&SHA256, &content).as_ref()));
        Some(Stamp { modified: metadata.modified().ok(), identity: FileIdentity::of(&metadata), content })
    };
    paths.iter().map(stamp).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_the_same_length_and_time_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.toml");
        fs::write(&path, "one").unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let before = stamps(std::slice::from_ref(&path));
        assert_eq!(before, stamps(std::slice::from_ref(&path)));
        fs::write(&path, "two").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        let after = stamps(std::slice::from_ref(&path));
        assert_ne!(before, after);
        let content = |stamps: &[Option<Stamp>]| stamps[0].as_ref().unwrap().content.clone();
        assert_ne!(content(&before), content(&after), "by its content alone");
    }
}
