//! What became of a change that was asked for, and when to try again.

use std::time::Duration;

/// Whether the change that was asked for may have been made.
///
/// The further down, the more may have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Fate {
    /// The request did not leave.
    #[default]
    NotSent,
    /// The upstream refused it.
    NotDone,
    /// It may have been made or not.
    Unknown,
    /// It was made; only the answer is lost.
    Done,
}

impl Fate {
    /// What a status says about the change: a refusal below 500, nothing certain from 500 on.
    pub(super) fn after_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Done,
            408 | 500..=599 => Self::Unknown,
            _ => Self::NotDone,
        }
    }
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not without changing something.
    No,
    /// Once this time has passed.
    After(Duration),
    /// After looking whether the change was made, and not before the time that the upstream asked for.
    AfterChecking(Option<Duration>),
}

/// For a 429 that does not say: Vanta counts by the minute.
pub(super) const A_MINUTE: Duration = Duration::from_secs(60);

/// The longest pause that an upstream can ask for: what it says beyond that is an error or mischief, and neither may keep
/// this server or a model from asking for the rest of the year. The sentences that are said of it name it.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// The longest pause that is kept without asking again, whatever the upstream says.
pub(super) const LONGEST_OBEYED: Duration = Duration::from_secs(3600);

/// For what may well be over the next time.
pub(super) const A_MOMENT: Duration = Duration::from_secs(5);
