//! Files with a secret that others than their owner can get at.

use std::path::Path;

/// What to say of a file with a secret that others may read or write; none where all is well, or the system has no modes.
#[must_use]
pub fn open_to_others(path: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
        (mode & !0o600 != 0).then(|| {
            let path = path.display();
            format!(
                "{path} contains a secret and has mode {mode:04o}: other users can read or write it. Run: chmod 600 \
                 {path}"
            )
        })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}
