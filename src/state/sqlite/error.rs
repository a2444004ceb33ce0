//! What SQLite's errors mean.

use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use super::super::store::StoreError;

/// What to do about a file that is damaged.
pub const MOVE_AWAY: &str = "move it away, and a new one is made";

/// An error of the database at that path.
pub fn told(error: &Error, path: &Path) -> StoreError {
    let (place, detail) = (path.display().to_string(), error.to_string());
    let Some(failure) = error.sqlite_error() else {
        return match error {
            // A text that is none.
            Error::FromSqlConversionFailure(..) | Error::InvalidColumnType(..) | Error::Utf8Error(..) => {
                StoreError::Damaged { place, detail, mend: MOVE_AWAY }
            }
            _ => StoreError::Failed { place, detail },
        };
    };
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            StoreError::Late { place }
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            StoreError::Damaged { place, detail, mend: MOVE_AWAY }
        }
        ErrorCode::DiskFull => StoreError::Full { place },
        // The file itself was opened before: it is its log that cannot be made beside it.
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
            StoreError::ReadOnly { place, detail }
        }
        // The index of the log is written ahead, so that no room is missing later.
        ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
            StoreError::Full { place }
        }
        _ => StoreError::Failed { place, detail },
    }
}
