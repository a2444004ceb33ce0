//! Files of the operator's that may change while the server runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How often at the most files are looked at for a change.
const LOOK: Duration = Duration::from_secs(1);

/// What tells whether a file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
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

    /// Whether one of the files has changed, come or gone since this was last answered with yes. Costs nothing for a
    /// second after each look.
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

/// The whole content of such a file, which is small.
///
/// # Errors
/// It cannot be read.
pub fn content(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

fn stamps(paths: &[PathBuf]) -> Vec<Option<Stamp>> {
    let stamp = |path: &PathBuf| {
        let metadata = fs::metadata(path).ok()?;
        Some(Stamp { modified: metadata.modified().ok(), length: metadata.len() })
    };
    paths.iter().map(stamp).collect()
}
