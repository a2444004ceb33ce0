//! The file of a SQLite database: made for its owner alone, and not used where others could write or replace it.

use std::fs::{self, DirBuilder, FileType, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::super::store::StoreError;
use super::watch::{WatchedFile, beside};

/// Makes the file and its folder where they are missing. SQLite gives its log and index beside it the same mode.
///
/// # Errors
/// There is something else than a file, others can write or replace it, or it cannot be made.
pub fn at(path: &Path) -> Result<WatchedFile, StoreError> {
    let folder = path.parent().unwrap_or(path);
    is_file(path)?;
    for above in folder.ancestors() {
        is_folder(above)?;
    }
    not_replaceable(folder)?;
    make_folder(folder).map_err(|error| unusable(folder, &error))?;
    not_open_to_others(folder)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path).and_then(|file| Ok((file.metadata()?, without_links(path)?)));
    let (known, target) = opened.map_err(|error| unusable(path, &error))?;
    // A link may have led elsewhere.
    let folder = target.parent().unwrap_or(&target);
    let is_safe = not_replaceable(folder).and_then(|()| not_open_to_others(folder));
    is_safe.map_err(|error| if path.is_symlink() { by_link(error, path) } else { error })?;
    let all = [target.clone(), beside(&target, "-wal"), beside(&target, "-shm")];
    for file in all.into_iter().filter(|file| file.exists()) {
        not_open_to_others(&file)?;
        close_to_others(&file)?;
    }
    Ok(WatchedFile::of(target, &known))
}

/// Says of a place that a link leads there.
fn by_link(error: StoreError, link: &Path) -> StoreError {
    let told = |place| format!("{place}, where the link {} leads", link.display());
    match error {
        StoreError::OpenToOthers { place, mend } => {
            StoreError::OpenToOthers { place: told(place) + ",", mend }
        }
        StoreError::OpenAbove { place, mend } => StoreError::OpenAbove { place: told(place), mend },
        other => other,
    }
}

/// That what is at a path is a file, or nothing yet.
fn is_file(path: &Path) -> Result<(), StoreError> {
    let Ok(there) = fs::metadata(path) else { return Ok(()) };
    if there.is_file() {
        return Ok(());
    }
    let place = match fs::canonicalize(path) {
        Ok(target) if path.is_symlink() => {
            format!("{} is a link to {}, which", path.display(), target.display())
        }
        _ => path.display().to_string(),
    };
    Err(StoreError::NotAFile { place, kind: kind(there.file_type()) })
}

/// That what is at a path is a folder, or nothing yet.
fn is_folder(path: &Path) -> Result<(), StoreError> {
    match fs::metadata(path) {
        Ok(there) if !there.is_dir() => {
            Err(StoreError::NotAFolder { place: path.display().to_string(), kind: kind(there.file_type()) })
        }
        _ => Ok(()),
    }
}

/// What something is, with its article.
fn kind(found: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if found.is_fifo() {
            return "a named pipe";
        }
        if found.is_socket() {
            return "a socket";
        }
    }
    if found.is_dir() {
        "a folder"
    } else if found.is_file() {
        "a file"
    } else {
        "a device"
    }
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

/// Others may make files in the folder, and not touch mine.
#[cfg(unix)]
const STICKY: u32 = 0o1000;

#[cfg(unix)]
fn mode(path: &Path) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(path)?.permissions().mode())
}

/// A path as a shell takes it.
#[cfg(unix)]
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// Refuses what others could write: they would decide how many requests are sent, and could keep everybody waiting.
#[cfg(unix)]
fn not_open_to_others(path: &Path) -> Result<(), StoreError> {
    let mode = mode(path).map_err(|error| unusable(path, &error))?;
    if mode & 0o022 == 0 {
        return Ok(());
    }
    let mend = if mode & STICKY == 0 {
        format!("chmod go-w {}", quoted(path))
    } else {
        // Everybody's folder stays everybody's.
        let own = path.join("vanta-mcp");
        format!(
            "mkdir -m 700 {}, and set VANTA_MCP_STATE to {}",
            quoted(&own),
            own.join("state.db").display()
        )
    };
    Err(StoreError::OpenToOthers { place: path.display().to_string(), mend })
}

/// Refuses a file below a folder where others could put another folder in the place of the one that leads to it. A group
/// that can write there may well be its owner's alone, as many systems make one for each user.
#[cfg(unix)]
fn not_replaceable(folder: &Path) -> Result<(), StoreError> {
    for above in folder.ancestors().skip(1) {
        // What is not there yet is made for its owner alone.
        if mode(above).is_ok_and(|mode| mode & 0o002 != 0 && mode & STICKY == 0) {
            let mend = format!("chmod o-w {}", quoted(above));
            return Err(StoreError::OpenAbove { place: above.display().to_string(), mend });
        }
    }
    Ok(())
}

/// All that a mode can give to others than the owner.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// Takes from others what they could read: a file that another program made, or a copy that was put back.
#[cfg(unix)]
fn close_to_others(file: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = mode(file).map_err(|error| unusable(file, &error))?;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    fs::set_permissions(file, fs::Permissions::from_mode(mode & 0o700)).map_err(|error| {
        StoreError::Readable {
            place: file.display().to_string(),
            detail: error.to_string(),
            mend: format!("chmod 600 {}", quoted(file)),
        }
    })
}

#[cfg(not(unix))]
fn not_open_to_others(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(not(unix))]
fn not_replaceable(_: &Path) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) -> Result<(), StoreError> {
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
