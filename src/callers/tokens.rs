//! The file of tokens: for each caller a name, the hash of a token, an access level, toolsets and an end.
//!
//! The tokens themselves are nowhere: whoever reads the file cannot call. They
//! are 256 random bits, so that a plain hash of one cannot be turned back.

mod contents;
mod entry;
mod error;
mod expiry;
mod store;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

use super::legible::legible;
use super::recognised::{Means, Recognised, Rejection};
use super::tenure::Tenure;
use crate::files::exposed::open_to_others;
use crate::files::text;
use crate::files::watched::Watched;
use crate::gate::Grant;
use contents::{CheckedEntry, TokenContents};

pub use entry::{Fresh, TokenEntry};
pub use error::TokenFileError;
pub use expiry::Expiry;
pub use store::{add, remove};

/// A caller by the hash of the token.
#[derive(Debug, Clone)]
struct KnownCaller {
    checked: CheckedEntry,
    recognised: Recognised,
}

/// How much of the file could be read when it last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFileState {
    /// All of it.
    Whole,
    /// All but what is wrong in so many places.
    Partly(usize),
    /// Nothing.
    Unreadable,
}

impl fmt::Display for TokenFileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("the token file is valid"),
            Self::Partly(1) => {
                f.write_str("the token file has 1 mistake; invalid entries grant no access; see the log")
            }
            Self::Partly(slips) => {
                write!(f, "the token file has {slips} mistakes; invalid entries grant no access; see the log")
            }
            Self::Unreadable => {
                f.write_str("the token file cannot be read, so none of its tokens is accepted; see the log")
            }
        }
    }
}

/// What the file says at a moment.
#[derive(Debug)]
struct TokenSnapshot {
    callers: Vec<KnownCaller>,
    state: TokenFileState,
}

/// The callers of a file, as it is now.
#[derive(Debug)]
pub struct TokenFile {
    path: PathBuf,
    watched: Watched,
    known: RwLock<Arc<TokenSnapshot>>,
}

impl TokenFile {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, or is not right.
    pub fn open(path: PathBuf) -> Result<Self, TokenFileError> {
        let watched = Watched::new([path.clone()]);
        let entries = entries(&path)?;
        warn_of_others(&path);
        let callers = entries.into_iter().map(known).collect();
        let known = RwLock::new(Arc::new(TokenSnapshot { callers, state: TokenFileState::Whole }));
        Ok(Self { path, watched, known })
    }

    /// The caller with this token. All hashes are compared, each in constant time, so that the time tells nothing.
    ///
    /// # Errors
    /// There is none, or the token has expired, which its holder is not told apart from the first.
    pub fn find(&self, token: &str) -> Result<Recognised, Rejection> {
        let hash = digest(&SHA256, token.as_bytes());
        let mut found = None;
        self.look();
        for known in &self.now().callers {
            if bool::from(known.checked.hash.as_slice().ct_eq(hash.as_ref())) {
                found = Some(known.recognised.clone());
            }
        }
        let found = found.ok_or(Rejection::NotGood)?;
        if found.tenure.has_expired() {
            tracing::info!(caller = %found.name, "this caller's token has expired");
            return Err(Rejection::NotGood);
        }
        Ok(found)
    }

    /// How much of the file could be read.
    #[must_use]
    pub fn state(&self) -> TokenFileState {
        self.look();
        self.now().state
    }

    fn now(&self) -> Arc<TokenSnapshot> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again if it has changed, and ends the tenure of everybody who is no longer in it as they were.
    pub fn look(&self) {
        if !self.watched.has_changed() {
            return;
        }
        let mut held = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let new = self.read_again(&held);
        for old in &held.callers {
            if !new.callers.iter().any(|other| other.checked.entry == old.checked.entry) {
                old.recognised.tenure.revoke();
            }
        }
        *held = Arc::new(new);
    }

    fn read_again(&self, before: &TokenSnapshot) -> TokenSnapshot {
        let contents = match text::read(&self.path) {
            Ok(text) => TokenContents::of(&text),
            // Taking the file away takes everybody's access away.
            Err(cause) => {
                let error = TokenFileError::Unreadable { path: self.path.clone(), cause };
                // It is tried again at each look, and told once.
                if before.state != TokenFileState::Unreadable {
                    tracing::error!(%error, "the token file cannot be read, so every token is refused");
                }
                self.watched.look_again();
                return TokenSnapshot { callers: Vec::new(), state: TokenFileState::Unreadable };
            }
        };
        warn_of_others(&self.path);
        for slip in &contents.slips {
            tracing::error!(%slip, "a mistake in the token file: invalid entries grant no access");
        }
        tracing::info!(tokens = contents.entries.len(), "the token file has changed");
        let state = match contents.slips.len() {
            0 => TokenFileState::Whole,
            slips => TokenFileState::Partly(slips),
        };
        // Who is there as before goes on with what was begun.
        let same = |checked: &CheckedEntry| {
            before.callers.iter().find(|old| old.checked.entry == checked.entry).cloned()
        };
        let callers =
            contents.entries.into_iter().map(|checked| same(&checked).unwrap_or_else(|| known(checked)));
        TokenSnapshot { callers: callers.collect(), state }
    }
}

fn known(checked: CheckedEntry) -> KnownCaller {
    let entry = &checked.entry;
    let recognised = Recognised {
        name: legible(&entry.name).into(),
        grant: Grant { vanta: Some(entry.access), panel: Some(entry.access) },
        toolsets: entry.toolsets.clone().into(),
        means: Means::FileToken,
        tenure: Tenure::new(entry.expires.map(|expires| expires.at())),
    };
    KnownCaller { checked, recognised }
}

fn warn_of_others(path: &Path) {
    if let Some(warning) = open_to_others(path) {
        tracing::warn!("{warning}");
    }
}

/// All entries of a file that is in order.
fn entries(path: &Path) -> Result<Vec<CheckedEntry>, TokenFileError> {
    let (entries, slips) = readable(path)?;
    match slips.as_slice() {
        [] => Ok(entries),
        slips => Err(TokenFileError::Malformed { path: path.to_owned(), problem: slips.join("; ") }),
    }
}

fn readable(path: &Path) -> Result<(Vec<CheckedEntry>, Vec<String>), TokenFileError> {
    let text =
        text::read(path).map_err(|cause| TokenFileError::Unreadable { path: path.to_owned(), cause })?;
    let TokenContents { entries, slips } = TokenContents::of(&text);
    Ok((entries, slips))
}

/// The entries of a file that can be read, and what is wrong with the others.
///
/// # Errors
/// The file cannot be read.
pub fn list(path: &Path) -> Result<(Vec<TokenEntry>, Vec<String>), TokenFileError> {
    let (entries, slips) = readable(path)?;
    Ok((entries.into_iter().map(|checked| checked.entry).collect(), slips))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::catalog::Effect;

    #[test]
    fn a_fresh_token_is_found_by_its_hash_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.toml");
        let fresh = TokenEntry::fresh("ci", Effect::Write, vec!["controls".to_owned()], None).unwrap();
        add(&path, &fresh.entry).unwrap();
        let other = TokenEntry::fresh("audit-firm", Effect::Read, Vec::new(), None).unwrap();
        add(&path, &other.entry).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(fresh.token.expose_secret()), "the token is in the file");
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o600
        );
        let file = TokenFile::open(path.clone()).unwrap();
        let found = file.find(fresh.token.expose_secret()).unwrap();
        assert_eq!((&*found.name, found.grant.panel), ("ci", Some(Effect::Write)));
        assert_eq!(*found.toolsets, ["controls".to_owned()]);
        assert!(file.find("vmcp_guess").is_err());
        assert!(file.find(&fresh.entry.sha256).is_err(), "the hash is no token");
        let again = TokenEntry::fresh("ci", Effect::Read, Vec::new(), None).unwrap().entry;
        assert!(matches!(add(&path, &again), Err(TokenFileError::Taken { .. })));
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left, ["tokens.toml"], "nothing is left beside it");
    }

    #[test]
    fn tokens_made_at_once_are_all_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.toml");
        std::thread::scope(|scope| {
            for number in 0..16 {
                let path = &path;
                scope.spawn(move || {
                    let name = format!("caller{}", number / 2);
                    let entry = TokenEntry::fresh(&name, Effect::Read, Vec::new(), None).unwrap().entry;
                    let _ = add(path, &entry);
                });
            }
        });
        let (entries, slips) = list(&path).unwrap();
        let mut names: Vec<_> = entries.into_iter().map(|entry| entry.name).collect();
        names.sort();
        assert_eq!(names, (0..8).map(|number| format!("caller{number}")).collect::<Vec<_>>());
        assert!(slips.is_empty(), "{slips:?}");
    }
}
