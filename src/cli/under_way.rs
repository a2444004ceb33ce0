//! How far a call is, for who waits at a terminal: one line on stderr, which is written over and gone before the answer.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;

use super::args::CallNews;
use super::output::{self, plain};
use super::width::{cut, width};
use crate::call::{Progress, Step};

/// Before this nobody wonders.
const FIRST: Duration = Duration::from_secs(1);

/// A line on the terminal.
pub(super) struct UnderWayLine {
    begun: Instant,
    shown: Mutex<ShownLine>,
}

#[derive(Default)]
struct ShownLine {
    /// How far the call is, as it said last.
    step: String,
    /// How many columns the line takes that is there.
    taken: usize,
}

impl UnderWayLine {
    /// One, if somebody looks at stderr and wants it: in a log or a pipe it would be in the way.
    pub(super) fn wanted(told: CallNews) -> Option<Arc<Self>> {
        let is_seen = told == CallNews::Progress && io::stderr().is_terminal();
        is_seen.then(|| Arc::new(Self { begun: Instant::now(), shown: Mutex::default() }))
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.taken > 0 {
            write(&over("", shown.taken));
            shown.taken = 0;
        }
    }

    fn show(&self, text: &str, shown: &mut ShownLine) {
        if self.begun.elapsed() < FIRST {
            return;
        }
        // In the last column of a terminal the cursor may go to the next line.
        let line = cut(&plain(text), output::columns().saturating_sub(1));
        write(&over(&line, shown.taken));
        shown.taken = width(&line);
    }
}

impl Progress for UnderWayLine {
    fn report(&self, step: Step) -> BoxFuture<'_, ()> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.step = step.message;
        let text = shown.step.clone();
        self.show(&text, &mut shown);
        Box::pin(std::future::ready(()))
    }

    fn wait<'p>(&'p self, words: &'p str) -> BoxFuture<'p, ()> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        // Who is told how far it is, and how long it takes, needs no reason.
        if shown.step.is_empty() {
            self.show(words, &mut shown);
        }
        Box::pin(std::future::ready(()))
    }
}

/// What writes a line over one that takes so many columns, without a word to the terminal that some do not know.
fn over(line: &str, taken: usize) -> String {
    let rest = taken.saturating_sub(width(line));
    let end = if line.is_empty() { "\r" } else { "" };
    format!("\r{line}{}{end}", " ".repeat(rest))
}

fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_leaves_nothing_of_the_one_before() {
        assert_eq!(over("ab", 4), "\rab  ");
        assert_eq!(over("abcd", 2), "\rabcd");
        assert_eq!(over("", 3), "\r   \r");
    }
}
