//! Files that go up and files that come down, inside the folders that the operator allowed.
//!
//! A folder is opened as a capability: whatever a path says, by `..` or by a
//! symbolic link, nothing outside is reached. Contents stream; no file is held
//! in memory whole, but for a small one that came or goes in a message.

mod collected;
mod collection;
mod collection_error;
mod download;
mod error;
mod export;
mod export_error;
pub mod exposed;
pub mod kind;
mod place;
mod receipt;
mod shelf;
mod size;
pub mod text;
mod upload;
pub mod watched;

use std::io;
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

pub use collected::CollectedFile;
pub use collection::{Collection, FileLabel};
pub use collection_error::CollectionError;
pub use download::{Destination, Saved, Saving, safe_name};
pub use error::{FileError, PathArgument, Unsaved, Unsent};
pub use export::{ExportName, ExportPart, ExportPlace};
pub use export_error::ExportError;
pub use kind::MediaKind;
pub use place::{Home, PathProblem};
pub use receipt::Receipt;
pub use shelf::{OnShelf, Shelf, ShelfLabel, WaitingExport, address, id_of};
pub use size::{MAX_INLINE, USUAL_LIMIT};
pub use upload::Outgoing;

/// What the operator allows.
#[derive(Debug)]
pub struct Folders {
    roots: Vec<Root>,
    /// In bytes.
    limit: u64,
    locality: Locality,
    /// What `~` stands for in a path.
    home: Home,
}

/// Where those are who name files, as seen from this machine.
#[derive(Debug)]
enum Locality {
    /// On this machine.
    Here,
    /// On others, so that a path means nothing, and exports wait on this shelf.
    Elsewhere(Shelf),
}

/// One allowed folder.
#[derive(Debug)]
struct Root {
    /// As the operator wrote it, made absolute.
    given: PathBuf,
    /// Without links, for paths that name the same folder in another way.
    real: PathBuf,
    folder: Dir,
}

impl Default for Folders {
    /// No folder, so that files travel in messages alone.
    fn default() -> Self {
        Self::none(USUAL_LIMIT)
    }
}

impl Folders {
    /// No folder at all.
    #[must_use]
    pub fn none(limit: u64) -> Self {
        Self { roots: Vec::new(), limit, locality: Locality::Here, home: Home::default() }
    }

    /// No folder, for callers on other machines, whose exports wait on this shelf; the limit stays.
    #[must_use]
    pub fn closed(&self, shelf: Shelf) -> Self {
        Self { locality: Locality::Elsewhere(shelf), ..Self::none(self.limit) }
    }

    /// Where the exports of callers on other machines wait; none for those on this one.
    #[must_use]
    pub fn shelf(&self) -> Option<&Shelf> {
        match &self.locality {
            Locality::Here => None,
            Locality::Elsewhere(shelf) => Some(shelf),
        }
    }

    /// Whether a list can be exported: into a folder, or onto a shelf.
    #[must_use]
    pub fn take_exports(&self) -> bool {
        self.are_open() || self.shelf().is_some()
    }

    /// Opens the folders that the operator allows.
    ///
    /// # Errors
    /// One of them is no folder that can be opened.
    pub fn open(paths: &[PathBuf], limit: u64) -> Result<Self, FileError> {
        let roots = paths.iter().map(|path| Root::open(path)).collect::<Result<_, _>>()?;
        Ok(Self { roots, ..Self::none(limit) })
    }

    /// The same folders, with `~` in a path as this home folder.
    #[must_use]
    pub fn with_home(self, home: Home) -> Self {
        Self { home, ..self }
    }

    /// Whether there is any.
    #[must_use]
    pub fn are_open(&self) -> bool {
        !self.roots.is_empty()
    }

    /// The allowed folders, for messages.
    #[must_use]
    pub fn allowed(&self) -> Vec<String> {
        self.roots.iter().map(|root| root.given.display().to_string()).collect()
    }

    /// The allowed folder that a path leads into, and the rest of the path. A relative path is looked for in each.
    ///
    /// This chooses a folder and grants nothing: the rest is opened below it, links and all, by the capability.
    fn resolve(&self, written: &str, argument: PathArgument) -> Result<(&Root, PathBuf), FileError> {
        let Some(first) = self.roots.first() else {
            return Err(match self.locality {
                Locality::Here => FileError::NoFolder { argument },
                Locality::Elsewhere(_) => FileError::Elsewhere { argument },
            });
        };
        let path = &self.home.path(written).map_err(|cause| FileError::Written { argument, cause })?;
        if path.is_relative() {
            let holds = |root: &&Root| root.folder.metadata(path).is_ok();
            return Ok((self.roots.iter().find(holds).unwrap_or(first), path.to_owned()));
        }
        let below = |path: &Path| self.roots.iter().find_map(|root| Some((root, root.rest(path)?)));
        // A folder may have further names, as /tmp has on macOS.
        let found = below(path).or_else(|| below(&path.canonicalize().ok()?));
        found.ok_or_else(|| FileError::Outside { argument, allowed: self.allowed() })
    }

    /// What went wrong below one of the folders: a way out of it is told as such, whatever the system calls it.
    fn failed(&self, root: &Root, argument: PathArgument, error: &io::Error) -> FileError {
        match error.kind() {
            // cap-std answers a path that would leave its folder with this kind and without an error of the system.
            io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => {
                FileError::LeadsOut { argument, folder: root.given.display().to_string() }
            }
            io::ErrorKind::NotFound => FileError::Missing { argument, allowed: self.allowed() },
            _ => FileError::Unusable { argument, cause: error::words(error) },
        }
    }
}

impl Root {
    fn open(path: &Path) -> Result<Self, FileError> {
        let failed = |cause| FileError::Folder { path: path.to_owned(), cause };
        let absolute = std::path::absolute(path).map_err(failed)?;
        let real = absolute.canonicalize().map_err(failed)?;
        let folder = Dir::open_ambient_dir(&real, ambient_authority()).map_err(failed)?;
        let has_steps = absolute.components().any(|part| part == Component::ParentDir);
        let given = if has_steps { real.clone() } else { absolute.components().collect() };
        Ok(Self { given, real, folder })
    }

    /// The path from this folder on.
    fn rest(&self, path: &Path) -> Option<PathBuf> {
        path.strip_prefix(&self.given).or_else(|_| path.strip_prefix(&self.real)).ok().map(Path::to_owned)
    }
}

#[cfg(test)]
mod tests;
