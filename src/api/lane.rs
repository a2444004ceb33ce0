//! Threads that have HTTP clients of their own.
//!
//! A connection to an upstream is looked after by a task of the runtime that
//! opened it. Where a runtime has one thread, a call that is answered on
//! another's connection would go back and forth between the two.

use std::cell::Cell;
use std::sync::OnceLock;

/// How many threads can have clients of their own; further ones share.
pub const MOST: usize = 16;

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// Gives this thread the clients of a number, which it shares with every other thread of that number.
pub fn enter(number: usize) {
    NUMBER.set(number % MOST);
}

/// One of a thing for each number, made when it is first needed.
pub(super) struct Each<T>([OnceLock<T>; MOST]);

impl<T> Each<T> {
    pub(super) fn new() -> Self {
        Self([const { OnceLock::new() }; MOST])
    }

    /// This thread's.
    pub(super) fn here(&self, make: impl FnOnce() -> T) -> &T {
        let [first, ..] = &self.0;
        self.0.get(NUMBER.get()).unwrap_or(first).get_or_init(make)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_has_what_threads_of_its_number_have() {
        let each = Each::new();
        assert_eq!(each.here(|| 0), &0);
        let on = |number, made| {
            std::thread::scope(|scope| {
                let one = scope.spawn(|| {
                    enter(number);
                    *each.here(|| made)
                });
                one.join().unwrap()
            })
        };
        assert_eq!(on(1, 10), 10);
        assert_eq!(on(1, 11), 10);
        assert_eq!(on(2, 20), 20);
        assert_eq!(on(MOST, 30), 0);
    }
}
