//! What PostgreSQL's errors mean.

use std::error::Error as StdError;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use super::super::store::StoreError;

/// An error of the database at that place.
pub fn told(error: &Error, place: &str) -> StoreError {
    let place = place.to_owned();
    match error.as_db_error() {
        Some(said) => of_database(said, place),
        None if is_untrusted(error) => StoreError::Untrusted { place, detail: chain(error) },
        // A connection that ended, was not made, or is not of a database.
        None => StoreError::Unreachable { place, detail: chain(error) },
    }
}

/// That the server's certificate is not accepted.
fn is_untrusted(error: &Error) -> bool {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.filter_map(tls_error).any(|error| matches!(error, rustls::Error::InvalidCertificate(_)))
}

/// The error of TLS that an error is or holds: one of the system hides what it was made of from its causes.
fn tls_error<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    let inner: &'e (dyn StdError + 'static) = error.downcast_ref::<io::Error>()?.get_ref()?;
    tls_error(inner)
}

/// That the connection is gone, so that another one may do.
pub fn is_lost(error: &Error) -> bool {
    error.as_db_error().is_none_or(|said| is_unreachable(said.code()))
}

/// That the password is wrong, whatever else is tried.
pub fn is_wrong_password(error: &Error) -> bool {
    error.code() == Some(&SqlState::INVALID_PASSWORD)
}

/// That there are no tables yet.
pub fn has_no_tables(error: &Error) -> bool {
    matches!(error.code(), Some(code) if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::INVALID_SCHEMA_NAME)
}

fn of_database(said: &DbError, place: String) -> StoreError {
    let code = said.code();
    let detail = said.message().to_owned();
    if is_unreachable(code) {
        return StoreError::Unreachable { place, detail };
    }
    match code.code().as_bytes() {
        // Invalid authorization, and a privilege that is missing.
        [b'2', b'8', ..] | b"42501" => StoreError::Unauthorized { place, detail },
        b"3D000" => StoreError::NoDatabase { place, detail },
        // Statements and locks that took too long.
        b"57014" | b"55P03" | b"25P03" | b"25P04" => StoreError::Late { place },
        b"25006" => StoreError::ReadOnly { place, detail },
        b"53100" => StoreError::Full { place },
        // What is there has not the form that its version says, or cannot be read.
        b"42P01" | b"42703" | b"XX001" | b"XX002" => {
            let mend = "run there: drop schema vanta_mcp cascade; the tables are then made again";
            StoreError::Damaged { place, detail, mend }
        }
        _ => StoreError::Failed { place, detail },
    }
}

/// Classes 08 (connection), 57P0x (the server ends or begins) and 53300 (too many connections).
fn is_unreachable(code: &SqlState) -> bool {
    let code = code.code();
    code.starts_with("08") || matches!(code, "57P01" | "57P02" | "57P03" | "57P05" | "53300")
}

/// An error and what it came from, which tell more together. None of them has the password.
fn chain(error: &Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let words = next.to_string();
        if !told.contains(&words) {
            told = format!("{told}: {words}");
        }
        cause = next.source();
    }
    told
}
