//! What the process of a program may take, where the system does not hold it to that: looked at every few milliseconds.

use std::io::{self, Write as _};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How deep a program may recurse, in bytes. It is part of what a program may take.
pub const STACK: usize = 16 << 20;

/// What a program may take beyond what the process and the items do, in bytes.
const BEYOND: usize = 64 << 20;

/// How much larger the items may be as values than as text; those of the API are eight or nine times as large.
const AS_VALUES: usize = 16;

/// After how long the process ends, whether anybody waits for it or not.
const AT_MOST: Duration = Duration::from_secs(10);

/// How often is looked.
const EVERY: Duration = Duration::from_millis(5);

/// What the process may take now, in bytes.
static MOST: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Before anything is read: somebody looks, from now on.
pub fn before_reading() {
    #[cfg(unix)]
    let _ = rlimit::Resource::CORE.set(0, 0);
    let end = Instant::now() + AT_MOST;
    thread::spawn(move || {
        loop {
            thread::sleep(EVERY);
            if taken() > MOST.load(Ordering::Relaxed) {
                // As an allocation says that fails.
                let _ = io::stderr().write_all(b"memory allocation of too many bytes failed\n");
                process::abort();
            }
            if Instant::now() > end {
                process::abort();
            }
        }
    });
}

/// While the items become values: as much as their text may need.
pub fn while_reading(text: usize) {
    bound_memory(BEYOND.saturating_add(text.saturating_mul(AS_VALUES)));
}

/// From here on a program runs: it gets its memory, and where the system can see to it, nothing can be opened.
pub fn while_running() {
    bound_memory(BEYOND);
    // Elsewhere, what is taken may be in a file.
    #[cfg(target_vendor = "apple")]
    let _ = rlimit::Resource::NOFILE.set(0, 0);
}

/// Allows so much beyond what is taken now.
fn bound_memory(beyond: usize) {
    MOST.store(taken().saturating_add(beyond), Ordering::Relaxed);
}

/// In bytes; none where the system does not say.
fn taken() -> usize {
    memory_stats::memory_stats().map_or(0, |taken| taken.physical_mem)
}
