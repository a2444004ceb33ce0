//! The file of a SQLite database: made for its owner alone, and not used where others could write it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::super::store::StoreError;

/// The file as it was when it was opened.
pub struct DatabaseFile {
    /// Without links.
    pub path: PathBuf,
    #[cfg(unix)]
    identity: FileNumber,
    /// Its log and the index of that, once they are there.
    #[cfg(unix)]
    beside: Vec<(PathBuf, FileNumber)>,
}

/// Device and number.
#[cfg(unix)]
type FileNumber = (u64, u64);

impl DatabaseFile {
    /// Makes the file and its folder where they are missing. SQLite gives its log and index beside it the same mode.
    pub fn at(path: &Path) -> Result<Self, StoreError> {
        let folder = path.parent().unwrap_or(path);
        make_folder(folder).map_err(|error| unusable(folder, &error))?;
        not_open_to_others(folder)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let opened = options.open(path).and_then(|file| Ok((file, without_links(path)?)));
        let (file, path) = opened.map_err(|error| unusable(path, &error))?;
        // A link may have led elsewhere.
        for place in [path.parent().unwrap_or(&path), &path] {
            not_open_to_others(place)?;
        }
        Self::of(&file, path)
    }

    #[cfg(unix)]
    fn of(file: &File, path: PathBuf) -> Result<Self, StoreError> {
        let known = file.metadata().map_err(|error| unusable(&path, &error))?;
        Ok(Self { path, identity: identity(&known), beside: Vec::new() })
    }

    #[cfg(not(unix))]
    fn of(_: &File, path: PathBuf) -> Result<Self, StoreError> {
        Ok(Self { path })
    }

    /// Whether the file at that path is still the one that was opened.
    #[cfg(unix)]
    pub fn is_in_place(&mut self) -> bool {
        if fs::metadata(&self.path).is_ok_and(|there| identity(&there) != self.identity) {
            self.remove_log();
            return false;
        }
        if self.beside.is_empty() {
            self.beside = self.find_beside();
        }
        self.path.exists()
    }

    /// Whether the file is still there. It cannot be replaced while it is open.
    #[cfg(not(unix))]
    pub fn is_in_place(&mut self) -> bool {
        self.path.exists()
    }

    #[cfg(unix)]
    fn find_beside(&self) -> Vec<(PathBuf, FileNumber)> {
        let paths = ["-wal", "-shm"].into_iter().map(|ending| {
            let mut path = self.path.clone().into_os_string();
            path.push(ending);
            PathBuf::from(path)
        });
        paths.filter_map(|path| fs::metadata(&path).ok().map(|there| (path, identity(&there)))).collect()
    }

    /// Takes the log of a file that was replaced away: SQLite would add what is in it to the new file. While it is open
    /// here, no other log has its number.
    #[cfg(unix)]
    fn remove_log(&self) {
        for (path, known) in &self.beside {
            if fs::metadata(path).is_ok_and(|there| identity(&there) == *known) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

#[cfg(unix)]
fn identity(file: &fs::Metadata) -> FileNumber {
    use std::os::unix::fs::MetadataExt as _;
    (file.dev(), file.ino())
}

#[cfg(unix)]
fn without_links(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

/// Elsewhere that would be a form of path that not everything takes.
#[cfg(not(unix))]
fn without_links(path: &Path) -> io::Result<PathBuf> {
    Ok(path.to_owned())
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Refuses what others could write: they would decide how many requests are sent, and could keep everybody waiting.
#[cfg(unix)]
fn not_open_to_others(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    /// Others may make files in the folder, and not touch mine.
    const STICKY: u32 = 0o1000;
    let mode = fs::metadata(path).map_err(|error| unusable(path, &error))?.permissions().mode();
    if mode & 0o022 == 0 {
        return Ok(());
    }
    let place = path.display().to_string();
    let mend = if mode & STICKY == 0 {
        format!("chmod go-w '{place}'")
    } else {
        // Everybody's folder stays everybody's.
        let own = path.join("vanta-mcp");
        let file = own.join("state.db");
        format!("mkdir -m 700 '{}', and set VANTA_MCP_STATE to {}", own.display(), file.display())
    };
    Err(StoreError::OpenToOthers { place, mend })
}

#[cfg(not(unix))]
fn not_open_to_others(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

fn unusable(path: &Path, error: &io::Error) -> StoreError {
    let (place, detail) = (path.display().to_string(), error.to_string());
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { place, detail },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full { place },
        _ => StoreError::Failed { place, detail },
    }
}
