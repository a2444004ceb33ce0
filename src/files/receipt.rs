//! What a file was, to compare with.

use std::io::{self, Write};

use ring::digest::{Context as Hash, SHA256, digest};

/// How much is copied or hashed at once, in bytes.
pub(super) const CHUNK: usize = 64 << 10;

/// What a file was, to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// In bytes.
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

impl Receipt {
    /// The receipt of a content that is at hand.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self { size: content.len() as u64, sha256: hex::encode(digest(&SHA256, content)) }
    }
}

/// What is written, with its receipt.
pub(super) struct Hashed<W> {
    into: W,
    hash: Hash,
    size: u64,
}

impl<W: Write> Hashed<W> {
    pub(super) fn new(into: W) -> Self {
        Self { into, hash: Hash::new(&SHA256), size: 0 }
    }

    pub(super) fn receipt(self) -> Receipt {
        Receipt { size: self.size, sha256: hex::encode(self.hash.finish()) }
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.into.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}
