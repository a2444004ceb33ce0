//! What is noted of a folder of collected files: what is there, and what is complete.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use cap_std::fs::Dir;
use ring::digest::{Context as Hash, SHA256};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the names of files begin and end with that are not whole yet.
pub(super) const UNFINISHED: (&str, &str) = (".vanta-mcp-collection-", ".part");

/// How much is hashed at once, in bytes.
const PIECE: usize = 64 << 10;

/// A file that was collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectedFile {
    /// What it is a copy of.
    pub(super) key: String,
    /// Of which version of that.
    pub version: String,
    /// Its name in the folder.
    pub file: String,
    /// In bytes.
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// A thing all of whose files were collected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompleteThing {
    /// The thing.
    pub(super) thing: String,
    /// In which version.
    pub version: String,
    /// What its collector notes of it.
    pub detail: Value,
}

/// A line of the journal.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Note {
    File(CollectedFile),
    Thing(CompleteThing),
}

/// What is in the folder.
pub(super) struct Contents {
    /// Locked as long as the collection is open.
    pub(super) journal: fs::File,
    pub(super) files: BTreeMap<String, CollectedFile>,
    pub(super) things: BTreeMap<String, CompleteThing>,
    /// The names that are taken, in small letters, since some systems take no notice of case.
    pub(super) taken: HashSet<String>,
    /// How many files were begun.
    pub(super) begun: u64,
}

impl Contents {
    /// What is there of an earlier run. What was not whole then is taken away: nobody else is at it.
    pub(super) fn read(folder: &Dir, mut journal: fs::File, own: &[&str]) -> io::Result<Self> {
        let mut noted = Vec::new();
        journal.read_to_end(&mut noted)?;
        journal.seek(SeekFrom::End(0))?;
        if noted.last().is_some_and(|last| *last != b'\n') {
            // It was stopped in the middle of a line.
            journal.write_all(b"\n")?;
        }
        let mut taken: HashSet<String> = own.iter().map(|name| name.to_lowercase()).collect();
        for entry in folder.entries()? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1) {
                folder.remove_file(name)?;
            } else {
                taken.insert(name.to_lowercase());
            }
        }
        let (mut files, mut things) = (BTreeMap::new(), BTreeMap::new());
        for line in noted.split(|byte| *byte == b'\n') {
            match serde_json::from_slice(line) {
                Ok(Note::File(file)) => drop(files.insert(file.key.clone(), file)),
                Ok(Note::Thing(thing)) => drop(things.insert(thing.thing.clone(), thing)),
                Err(_) => {}
            }
        }
        files.retain(|_, file| is_there(folder, file));
        Ok(Self { journal, files, things, taken, begun: 0 })
    }

    /// Notes something.
    pub(super) fn write(&mut self, note: &Note) -> io::Result<()> {
        let mut line = serde_json::to_vec(note)?;
        line.push(b'\n');
        self.journal.write_all(&line)
    }
}

/// Whether a file is there as it was noted.
fn is_there(folder: &Dir, noted: &CollectedFile) -> bool {
    let read = || -> io::Result<bool> {
        let mut file = folder.open(&noted.file)?.into_std();
        if file.metadata()?.len() != noted.size {
            return Ok(false);
        }
        let (mut hash, mut piece) = (Hash::new(&SHA256), vec![0; PIECE]);
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(hex::encode(hash.finish()) == noted.sha256),
                read => hash.update(piece.get(..read).unwrap_or_default()),
            }
        }
    };
    read().unwrap_or(false)
}
