//! How a file of tokens is changed: by one at a time, and as a whole, so that a reader sees all of a change or nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::contents::{TokenContents, without};
use super::entry::TokenEntry;
use super::error::TokenFileError;
use crate::files::text;

/// The file while nobody else changes it.
struct Locked {
    /// Where the file itself is, which a link may lead to.
    path: PathBuf,
    file: File,
    text: String,
}

/// Adds an entry to a file, which is made where there is none, for its owner's eyes alone.
///
/// # Errors
/// The file is not right, has that name, or cannot be written.
pub fn add(path: &Path, entry: &TokenEntry) -> Result<(), TokenFileError> {
    let locked = lock(path, IfAbsent::IsMade).map_err(|cause| unwritable(path, cause))?;
    let contents = TokenContents::of(&locked.text);
    if !contents.slips.is_empty() {
        let problem = contents.slips.join("; ");
        return Err(TokenFileError::Malformed { path: path.to_owned(), problem });
    }
    if contents.has(&entry.name) {
        return Err(TokenFileError::Taken { name: entry.name.clone() });
    }
    let before = locked.text.trim_end();
    let begun = if before.is_empty() { String::new() } else { format!("{before}\n\n") };
    locked.replace(&format!("{begun}{}", entry.as_toml())).map_err(|cause| unwritable(path, cause))
}

/// Takes the entry of that name out. What else is wrong with the file is no reason to leave a token in force.
///
/// # Errors
/// There is none, it cannot be taken out alone, or the file cannot be read or written.
pub fn remove(path: &Path, name: &str) -> Result<(), TokenFileError> {
    let locked = lock(path, IfAbsent::Fails)
        .map_err(|cause| TokenFileError::Unreadable { path: path.to_owned(), cause })?;
    if !TokenContents::of(&locked.text).has(name) {
        return Err(TokenFileError::Absent { path: path.to_owned(), name: name.to_owned() });
    }
    let left = without(&locked.text, name)
        .ok_or_else(|| TokenFileError::Entangled { path: path.to_owned(), name: name.to_owned() })?;
    locked.replace(&left).map_err(|cause| unwritable(path, cause))
}

fn unwritable(path: &Path, cause: io::Error) -> TokenFileError {
    TokenFileError::Unwritable { path: path.to_owned(), cause }
}

/// What a file that is not there means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IfAbsent {
    IsMade,
    Fails,
}

/// Waits until nobody else changes the file.
fn lock(path: &Path, absence: IfAbsent) -> io::Result<Locked> {
    loop {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(absence == IfAbsent::IsMade);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        file.lock()?;
        let path = fs::canonicalize(path)?;
        // Whoever had it before has put another file in its place.
        if is_at(&file, &path)? {
            // By the handle that holds the lock: on some systems no other may read meanwhile.
            let mut content = Vec::new();
            (&file).read_to_end(&mut content)?;
            return Ok(Locked { path, file, text: text::decoded(content)? });
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let there = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        there => there?,
    };
    let own = file.metadata()?;
    Ok((own.dev(), own.ino()) == (there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

impl Locked {
    /// Writes the new text beside the file and puts it in its place.
    fn replace(&self, text: &str) -> io::Result<()> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = self.path.with_file_name(format!(".{name}.{}.new", std::process::id()));
        // Left by one that was killed, since only we are at it.
        let _ = fs::remove_file(&beside);
        let done = self.write(&beside, text).and_then(|()| fs::rename(&beside, &self.path));
        if done.is_err() {
            let _ = fs::remove_file(&beside);
        }
        done
    }

    fn write(&self, beside: &Path, text: &str) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut new = options.open(beside)?;
        self.inherit(&new)?;
        new.write_all(text.as_bytes())?;
        new.sync_all()
    }

    /// Gives the new file the owner and the mode of the old one, which the server may run as.
    #[cfg(unix)]
    fn inherit(&self, new: &File) -> io::Result<()> {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let (old, own) = (self.file.metadata()?, new.metadata()?);
        if (old.uid(), old.gid()) != (own.uid(), own.gid()) {
            fchown(new, Some(old.uid()), Some(old.gid()))?;
        }
        new.set_permissions(old.permissions())
    }

    #[cfg(not(unix))]
    fn inherit(&self, new: &File) -> io::Result<()> {
        new.set_permissions(self.file.metadata()?.permissions())
    }
}
