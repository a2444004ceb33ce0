//! Exports that wait for callers on other machines, each in a file without a name.
//!
//! The system takes such a file away when it is closed, so none outlives its time, its bounds or this process, however
//! that ends. Whoever made it may read it, and nobody else learns that it is there.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, Read as _, Seek as _, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use super::error::{Unsaved, words};
use super::export_error::ExportError;
use super::receipt::{CHUNK, Hashed, Receipt};
use super::size::MAX_INLINE;
use crate::gate::Principal;

/// The largest export, in bytes: it is read whole, in one message.
const LARGEST: u64 = MAX_INLINE;

/// How many exports one caller may have, and how long they may be together, in bytes.
const OF_ONE: ShelfRoom = ShelfRoom { exports: 16, bytes: 4 * LARGEST };

/// The same of all callers together, and of callers who are not told apart.
const OF_ALL: ShelfRoom = ShelfRoom { exports: 256, bytes: 32 * LARGEST };

/// How many random bytes an address has.
const RANDOM: usize = 16;

/// What the addresses of exports begin with.
const ADDRESS: &str = "vanta://exports/";

/// The address of an export as a resource.
#[must_use]
pub fn address(id: &str) -> String {
    format!("{ADDRESS}{id}")
}

/// What the address of an export ends with; none where it is the address of something else.
#[must_use]
pub fn id_of(address: &str) -> Option<&str> {
    address.strip_prefix(ADDRESS)
}

/// Where exports wait. Cloning is cheap and shares everything.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// For the files.
    folder: PathBuf,
    /// How long an export waits.
    keeps: Duration,
    taken: Arc<Mutex<HashMap<ShelfOwner, ShelfRoom>>>,
    waiting: Arc<Mutex<HashMap<String, Arc<WaitingExport>>>>,
}

/// Whose an export is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum ShelfOwner {
    /// Callers are not told apart: whoever knows the address may read it.
    Anybody,
    /// This caller's.
    Caller(Arc<str>),
}

/// How much of a shelf is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct ShelfRoom {
    exports: usize,
    /// In bytes.
    bytes: u64,
}

/// A part of the shelf, free again when this is dropped.
#[derive(Debug)]
struct RoomOnShelf {
    owner: ShelfOwner,
    bytes: u64,
    of: Arc<Mutex<HashMap<ShelfOwner, ShelfRoom>>>,
}

/// An export in the making. Dropping it leaves nothing.
pub struct ShelfPart {
    shelf: Shelf,
    room: RoomOnShelf,
    file: tokio::fs::File,
    /// In bytes.
    size: u64,
}

/// An export that waits.
#[derive(Debug)]
pub struct WaitingExport {
    /// The tool whose answer it is.
    pub tool: &'static str,
    /// For people.
    pub name: String,
    /// What it is.
    pub media_type: &'static str,
    ends: Instant,
    file: Mutex<File>,
    room: RoomOnShelf,
}

/// What is said of an export once it waits.
#[derive(Debug, Clone)]
pub struct OnShelf {
    /// What its address ends with: 128 random bits in hexadecimal digits.
    pub id: String,
    /// What it is.
    pub receipt: Receipt,
    /// How long it waits from now.
    pub keeps: Duration,
}

/// What an export is.
#[derive(Debug, Clone)]
pub struct ShelfLabel {
    /// The tool whose answer it is.
    pub tool: &'static str,
    /// What the file would be called.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
}

impl Shelf {
    /// A shelf whose files are in this folder, each for so long.
    #[must_use]
    pub fn new(folder: PathBuf, keeps: Duration) -> Self {
        Self { folder, keeps, taken: Arc::default(), waiting: Arc::default() }
    }

    /// Begins an export for a caller.
    ///
    /// # Errors
    /// There is no room for it, or the disk does not take it.
    pub async fn begin(&self, principal: &Principal) -> Result<ShelfPart, ExportError> {
        let room = self.take(ShelfOwner::of(principal))?;
        let folder = self.folder.clone();
        let made = spawn_blocking(move || tempfile::tempfile_in(folder)).await;
        let file = made.map_err(|_| ExportError::Lost)?.map_err(|error| {
            tracing::warn!(folder = %self.folder.display(), %error, "no file for an export can be made");
            unkept(&error)
        })?;
        Ok(ShelfPart { shelf: self.clone(), room, file: tokio::fs::File::from_std(file), size: 0 })
    }

    /// The export of that address, if it waits for this caller.
    #[must_use]
    pub fn find(&self, principal: &Principal, id: &str) -> Option<Arc<WaitingExport>> {
        let found = lock(&self.waiting).get(id).cloned()?;
        (found.room.owner == ShelfOwner::of(principal) && found.ends > Instant::now()).then_some(found)
    }

    /// Takes room for the largest export: how large it gets is known at its end.
    fn take(&self, owner: ShelfOwner) -> Result<RoomOnShelf, ExportError> {
        let mut taken = lock(&self.taken);
        let all = taken.values().fold(ShelfRoom::default(), |all, room| all.and(*room));
        let own = taken.get(&owner).copied().unwrap_or_default();
        let largest = ShelfRoom { exports: 1, bytes: LARGEST };
        let most = match owner {
            ShelfOwner::Anybody => OF_ALL,
            ShelfOwner::Caller(_) => OF_ONE,
        };
        if !own.and(largest).fits(most) {
            drop(taken);
            return Err(ExportError::YoursWait { count: own.exports, next: self.next(Some(&owner)) });
        }
        if !all.and(largest).fits(OF_ALL) {
            drop(taken);
            return Err(ExportError::ManyWait { next: self.next(None) });
        }
        taken.insert(owner.clone(), own.and(largest));
        Ok(RoomOnShelf { owner, bytes: LARGEST, of: Arc::clone(&self.taken) })
    }

    /// In how many seconds the next export is removed, of one owner or of all; at least 1.
    fn next(&self, owner: Option<&ShelfOwner>) -> u64 {
        let waiting = lock(&self.waiting);
        let own = waiting.values().filter(|one| owner.is_none_or(|owner| one.room.owner == *owner));
        own.map(|one| one.ends)
            .min()
            .map_or(1, |ends| ends.saturating_duration_since(Instant::now()).as_secs().max(1))
    }

    fn put(&self, waiting: WaitingExport) -> Result<String, ExportError> {
        let mut random = [0; RANDOM];
        getrandom::fill(&mut random).map_err(|error| unkept(&io::Error::other(error)))?;
        let (id, ends) = (hex::encode(random), waiting.ends);
        lock(&self.waiting).insert(id.clone(), Arc::new(waiting));
        let (all, ending) = (Arc::downgrade(&self.waiting), id.clone());
        tokio::spawn(async move {
            sleep_until(ends).await;
            // What is closed here is closed without the lock.
            let ended = all.upgrade().and_then(|all| lock(&all).remove(&ending));
            drop(ended);
        });
        Ok(id)
    }
}

impl ShelfOwner {
    fn of(principal: &Principal) -> Self {
        principal.name().map_or(Self::Anybody, |name| Self::Caller(name.into()))
    }
}

impl ShelfRoom {
    fn and(self, more: Self) -> Self {
        Self { exports: self.exports + more.exports, bytes: self.bytes + more.bytes }
    }

    fn fits(self, most: Self) -> bool {
        self.exports <= most.exports && self.bytes <= most.bytes
    }
}

impl RoomOnShelf {
    /// Gives back what is not needed.
    fn shrink(&mut self, bytes: u64) {
        if let Some(room) = lock(&self.of).get_mut(&self.owner) {
            room.bytes = room.bytes.saturating_sub(self.bytes.saturating_sub(bytes));
        }
        self.bytes = self.bytes.min(bytes);
    }
}

impl Drop for RoomOnShelf {
    fn drop(&mut self) {
        let mut taken = lock(&self.of);
        if let Some(room) = taken.get_mut(&self.owner) {
            room.exports = room.exports.saturating_sub(1);
            room.bytes = room.bytes.saturating_sub(self.bytes);
            if room.exports == 0 {
                taken.remove(&self.owner);
            }
        }
    }
}

impl ShelfPart {
    /// Writes the lines of a page.
    ///
    /// # Errors
    /// It would be too large, or the disk does not take it.
    pub async fn append(&mut self, lines: &[u8]) -> Result<(), ExportError> {
        self.size += lines.len() as u64;
        if self.size > LARGEST {
            return Err(too_long());
        }
        self.file.write_all(lines).await.map_err(|error| unkept(&error))?;
        self.file.flush().await.map_err(|error| unkept(&error))
    }

    /// Puts on the shelf what is made of the lines: `write` reads the one and writes the other.
    ///
    /// # Errors
    /// It would be too large, or the disk does not take it.
    pub async fn finish<W>(self, label: ShelfLabel, write: W) -> Result<OnShelf, ExportError>
    where
        W: FnOnce(&mut dyn BufRead, &mut dyn Write) -> io::Result<()> + Send + 'static,
    {
        let Self { shelf, mut room, file, .. } = self;
        let (mut lines, folder) = (file.into_std().await, shelf.folder.clone());
        let work = spawn_blocking(move || {
            let made = tempfile::tempfile_in(folder)?;
            let into = Bounded { into: io::BufWriter::with_capacity(CHUNK, &made), left: LARGEST };
            let mut hashed = Hashed::new(into);
            lines.rewind()?;
            write(&mut io::BufReader::with_capacity(CHUNK, &lines), &mut hashed)?;
            hashed.flush()?;
            let receipt = hashed.receipt();
            io::Result::Ok((made, receipt))
        });
        let (made, receipt) = work.await.map_err(|_| ExportError::Lost)?.map_err(|error| {
            if error.kind() == io::ErrorKind::FileTooLarge { too_long() } else { unkept(&error) }
        })?;
        room.shrink(receipt.size);
        let ends = Instant::now() + shelf.keeps;
        let ShelfLabel { tool, name, media_type } = label;
        let id = shelf.put(WaitingExport { tool, name, media_type, ends, file: Mutex::new(made), room })?;
        Ok(OnShelf { id, receipt, keeps: shelf.keeps })
    }
}

impl WaitingExport {
    /// The whole of it.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn text(self: Arc<Self>) -> io::Result<String> {
        let read = spawn_blocking(move || {
            let mut file = lock(&self.file);
            file.rewind()?;
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            Ok(text)
        });
        read.await.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()))
    }

    /// How long it still waits.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }
}

/// A file that takes so many bytes.
struct Bounded<W> {
    into: W,
    left: u64,
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or(io::ErrorKind::FileTooLarge)?;
        self.into.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}

fn too_long() -> ExportError {
    ExportError::TooLong { mebibytes: LARGEST >> 20 }
}

fn unkept(error: &io::Error) -> ExportError {
    ExportError::Unkept { cause: Unsaved(words(error)) }
}

/// What only one at a time may look at; nothing here is left half done by a panic.
fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
