//! The file of tokens: for each caller a name, the hash of a token, an access level and toolsets.
//!
//! The tokens themselves are nowhere: whoever reads the file cannot call. They
//! are 256 random bits, so that a plain hash of one cannot be turned back.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use super::recognised::{Means, Recognised};
use crate::catalog::Effect;
use crate::files::watched::Watched;
use crate::gate::Grant;
use crate::tools::Choice;

/// What our tokens begin with, so that people and scanners know one when they see it.
const PREFIX: &str = "vmcp_";

/// The longest name of a caller, in characters.
const LONGEST_NAME: usize = 64;

/// A file of tokens that cannot be used. No hash is in the text.
#[derive(Debug, Error)]
pub enum TokenFileError {
    /// It cannot be read.
    #[error("the file of tokens {} cannot be read: {cause}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It cannot be added to.
    #[error("the file of tokens {} cannot be written: {cause}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It is not what it should be.
    #[error("the file of tokens {} is not right: {problem}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A name is not fit for a caller.
    #[error(
        "{name:?} is no name for a caller: it takes 1 to {LONGEST_NAME} letters, digits, dots, dashes, underscores or @"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// There is a caller of that name.
    #[error("there is a token for {name:?} already; remove its entry to replace it, or choose another name")]
    Taken {
        /// The name.
        name: String,
    },
    /// There is no such toolset; the text says which there are.
    #[error("{0}")]
    Toolset(String),
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(String),
}

/// One entry of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenEntry {
    /// Who calls.
    pub name: String,
    /// The SHA-256 of the token, in 64 hexadecimal digits.
    pub sha256: String,
    /// The highest effect that is granted.
    pub access: Effect,
    /// The toolsets that it is for; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub toolsets: Vec<String>,
}

/// The whole file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    #[serde(default)]
    token: Vec<TokenEntry>,
}

/// A token that was just made. It is shown once and kept nowhere.
pub struct Fresh {
    /// The token itself.
    pub token: SecretString,
    /// What the file holds of it.
    pub entry: TokenEntry,
}

impl TokenEntry {
    /// A new token for a caller, with its entry.
    ///
    /// # Errors
    /// The name is none, or there are no random numbers.
    pub fn fresh(name: &str, access: Effect, toolsets: Vec<String>) -> Result<Fresh, TokenFileError> {
        if !is_name(name) {
            return Err(TokenFileError::Name { name: name.to_owned() });
        }
        Choice::default()
            .bounded_to(toolsets.iter().map(String::as_str))
            .map_err(|error| TokenFileError::Toolset(error.to_string()))?;
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| TokenFileError::Random(error.to_string()))?;
        let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        let sha256 = hex::encode(digest(&SHA256, token.as_bytes()));
        Ok(Fresh { token: token.into(), entry: Self { name: name.to_owned(), sha256, access, toolsets } })
    }

    /// The entry as it stands in the file.
    #[must_use]
    pub fn as_toml(&self) -> String {
        let contents = Contents { token: vec![self.clone()] };
        toml::to_string(&contents).unwrap_or_default()
    }

    /// Adds the entry to a file, which is made where there is none, for its owner's eyes alone.
    ///
    /// # Errors
    /// The file is not right, has that name, or cannot be written.
    pub fn append_to(&self, path: &Path) -> Result<(), TokenFileError> {
        match read(path) {
            Ok(known) if known.iter().any(|known| *known.recognised.name == *self.name) => {
                return Err(TokenFileError::Taken { name: self.name.clone() });
            }
            Ok(_) => {}
            Err(TokenFileError::Unreadable { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut options = fs::OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let unwritable = |cause| TokenFileError::Unwritable { path: path.to_owned(), cause };
        let mut file = options.open(path).map_err(unwritable)?;
        let begun = file.metadata().map_err(unwritable)?.len() > 0;
        // In one piece, so that a server which looks meanwhile sees all of it or nothing.
        let text = format!("{}{}", if begun { "\n" } else { "" }, self.as_toml());
        file.write_all(text.as_bytes()).map_err(unwritable)
    }
}

/// A caller by the hash of the token.
#[derive(Debug, Clone)]
struct KnownCaller {
    hash: [u8; 32],
    recognised: Recognised,
}

/// The callers of a file, as it is now.
#[derive(Debug)]
pub struct TokenFile {
    path: PathBuf,
    watched: Watched,
    known: RwLock<Arc<[KnownCaller]>>,
}

impl TokenFile {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, or is not right.
    pub fn open(path: PathBuf) -> Result<Self, TokenFileError> {
        let watched = Watched::new([path.clone()]);
        let known = RwLock::new(read(&path)?);
        Ok(Self { path, watched, known })
    }

    /// The caller with this token. All hashes are compared, each in constant time, so that the time tells nothing.
    #[must_use]
    pub fn find(&self, token: &str) -> Option<Recognised> {
        let hash = digest(&SHA256, token.as_bytes());
        let mut found = None;
        for known in self.now().iter() {
            if bool::from(known.hash.as_slice().ct_eq(hash.as_ref())) {
                found = Some(known.recognised.clone());
            }
        }
        found
    }

    /// What the file says now. A change is seen within a second.
    fn now(&self) -> Arc<[KnownCaller]> {
        if self.watched.has_changed() {
            self.reload();
        }
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn reload(&self) {
        let known = match read(&self.path) {
            Ok(known) => {
                tracing::info!(tokens = known.len(), "the file of tokens has changed");
                known
            }
            // Taking the file away takes everybody's access away.
            Err(error @ TokenFileError::Unreadable { .. }) => {
                tracing::error!(%error, "nobody is let in any more");
                self.watched.look_again();
                Arc::from([])
            }
            // A slip of the pen does not: the last good list stays until it is mended.
            Err(error) => {
                tracing::error!(%error, "the tokens stay as they were");
                return;
            }
        };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }
}

fn read(path: &Path) -> Result<Arc<[KnownCaller]>, TokenFileError> {
    let text = fs::read_to_string(path)
        .map_err(|cause| TokenFileError::Unreadable { path: path.to_owned(), cause })?;
    parse(&text).map_err(|problem| TokenFileError::Malformed { path: path.to_owned(), problem })
}

fn parse(text: &str) -> Result<Arc<[KnownCaller]>, String> {
    let contents: Contents = toml::from_str(text).map_err(|error| {
        // The line is named and not shown: it may hold what somebody took for the right place of a token.
        let line = error.span().map(|span| text.get(..span.start).unwrap_or_default().lines().count().max(1));
        let place = line.map(|line| format!(" (line {line})")).unwrap_or_default();
        format!("{}{place}", error.message())
    })?;
    let mut known: Vec<KnownCaller> = Vec::with_capacity(contents.token.len());
    for entry in contents.token {
        let name = entry.name;
        if !is_name(&name) {
            return Err(TokenFileError::Name { name }.to_string());
        }
        Choice::default().bounded_to(entry.toolsets.iter().map(String::as_str)).map_err(|e| e.to_string())?;
        let hash = unhex(&entry.sha256).ok_or_else(|| {
            format!(
                "`sha256` of {name:?} is not 64 hexadecimal digits; it is the hash of a token, not the token"
            )
        })?;
        if known.iter().any(|other| *other.recognised.name == *name || other.hash == hash) {
            return Err(format!("{name:?} or its token is there twice"));
        }
        let grant = Grant { vanta: Some(entry.access), panel: Some(entry.access) };
        let toolsets = entry.toolsets.into();
        let recognised = Recognised { name: name.into(), grant, toolsets, means: Means::FileToken };
        known.push(KnownCaller { hash, recognised });
    }
    Ok(known.into())
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || ".-_@".contains(c))
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_fresh_token_is_found_by_its_hash_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.toml");
        let fresh = TokenEntry::fresh("ci", Effect::Write, vec!["controls".to_owned()]).unwrap();
        fresh.entry.append_to(&path).unwrap();
        let other = TokenEntry::fresh("audit-firm", Effect::Read, Vec::new()).unwrap();
        other.entry.append_to(&path).unwrap();
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
        assert!(file.find("vmcp_guess").is_none());
        assert!(file.find(&fresh.entry.sha256).is_none(), "the hash is no token");
        let again = TokenEntry::fresh("ci", Effect::Read, Vec::new()).unwrap().entry.append_to(&path);
        assert!(matches!(again, Err(TokenFileError::Taken { .. })));
    }

    #[test]
    fn a_file_that_is_not_right_says_where_and_shows_nothing_of_it() {
        let hash = "ab".repeat(32);
        for (text, told) in [
            (
                "[[token]]\nname = \"a\"\nsha256 = \"vmcp_secret\"\naccess = \"read\"".to_owned(),
                "not the token",
            ),
            (
                format!("[[token]]\nname = \"a\"\nsha256 = \"{}\"\naccess = \"read\"", "+a".repeat(32)),
                "64 hexadecimal digits",
            ),
            (
                format!("[[token]]\nname = \"a b\"\nsha256 = \"{hash}\"\naccess = \"read\""),
                "no name for a caller",
            ),
            (format!("[[token]]\nname = \"a\"\nsha256 = \"{hash}\"\naccess = \"root\""), "line 4"),
            (format!("[[token]]\nname = \"a\"\nsha256 = \"{hash}\"\naccess = \"read\"\nscope = 1"), "scope"),
            ("nonsense".to_owned(), "line 1"),
        ] {
            let problem = parse(&text).unwrap_err();
            assert!(problem.contains(told), "{problem}");
            assert!(!problem.contains("vmcp_secret"), "{problem}");
        }
        let twice = format!("[[token]]\nname = \"a\"\nsha256 = \"{hash}\"\naccess = \"read\"\n").repeat(2);
        assert!(parse(&twice).unwrap_err().contains("twice"));
    }
}
