//! What an answer could not look at.

use std::sync::{Mutex, PoisonError};

use crate::call::{CallError, ReadList};

/// What was not looked at, a phrase each with the reason. What is in here is never counted as "none".
#[derive(Debug, Default)]
pub struct Gaps(Mutex<Vec<String>>);

impl Gaps {
    /// Names something that was not looked at.
    pub fn name(&self, what: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(what.into());
    }

    /// The outcome of a read that the answer can do without; where it failed, that is named, `what` in a few words.
    ///
    /// # Errors
    /// The call was cancelled.
    pub fn or_name<T>(&self, what: &str, read: Result<T, CallError>) -> Result<Option<T>, CallError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(CallError::Cancelled) => Err(CallError::Cancelled),
            Err(error) => {
                self.name(format!("{what}: {}", reason(&error)));
                Ok(None)
            }
        }
    }

    /// The rows of a list; that it may not be all of it is named, `what` in a few words.
    pub fn rows<T>(&self, what: &str, list: ReadList<T>) -> Vec<T> {
        if let Some(doubt) = list.doubt() {
            self.name(format!("{what}: {doubt}"));
        }
        list.rows
    }

    /// All of them, in the order in which they were named, each once.
    #[must_use]
    pub fn told(self) -> Vec<String> {
        let mut told: Vec<String> = Vec::new();
        for gap in self.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            if !told.contains(&gap) {
                told.push(gap);
            }
        }
        told
    }
}

/// Why a read failed, in a few words: what it means for the change that it was not is left out.
pub(super) fn reason(error: &CallError) -> String {
    match error {
        CallError::Failed { failure, .. } => failure.cause.to_string(),
        other => other.to_string(),
    }
}
