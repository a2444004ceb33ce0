//! What the process of a program may take, where the system holds it to that: memory, time, and no open file.

use std::fs;
use std::io;

use rlimit::Resource;

/// How deep a program may recurse, in bytes. It is part of what a program may take.
pub const STACK: usize = 16 << 20;

/// What a program may take beyond what the process and the items do, in bytes.
const BEYOND: u64 = 64 << 20;

/// How much larger the items may be as values than as text; those of the API are eight or nine times as large.
const AS_VALUES: u64 = 16;

/// Seconds of computing after which the system ends the process, whether anybody waits for it or not.
const AT_MOST: u64 = 5;

/// What the process takes where that cannot be found out, in bytes.
const USUALLY: u64 = 32 << 20;

/// Before anything is read: nobody wants a core, and a process that was forgotten ends.
pub fn before_reading() {
    let _ = Resource::CORE.set(0, 0);
    let _ = Resource::CPU.set(AT_MOST, AT_MOST + 1);
}

/// While the items become values: as much as their text may need.
pub fn while_reading(text: usize) {
    let values = u64::try_from(text).unwrap_or(u64::MAX).saturating_mul(AS_VALUES);
    bound_memory(BEYOND.saturating_add(values));
}

/// From here on a program runs: it gets its memory, and nothing can be opened any longer.
pub fn while_running() {
    bound_memory(BEYOND - STACK as u64);
    let _ = Resource::NOFILE.set(0, 0);
}

/// Allows so much beyond what is taken now.
fn bound_memory(beyond: u64) {
    let taken = taken().unwrap_or(USUALLY);
    let most = Resource::DATA.get_hard().unwrap_or(rlimit::INFINITY);
    let _ = Resource::DATA.set(taken.saturating_add(beyond).min(most), most);
}

/// What the limit counts of this process: its private memory that can be written, in bytes.
fn taken() -> Result<u64, io::Error> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:")).unwrap_or_default();
    let kib = line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok());
    kib.map(|kib| kib << 10).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}
