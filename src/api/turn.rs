//! What a request needs to be sent, and what is known of its wait for that.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::places::WirePosition;
use super::term::{TOLD, Term};
use crate::gate::Grant;
use crate::state::application::{CallRank, Limit, TurnWait, WaitReason};

/// How long the first in line sleeps at most before it shows the others that it is still there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// How often one who is behind others asks how long it takes.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// The same for each of many: all together ask so often at most.
const ASKED_APART: Duration = Duration::from_millis(25);

/// How soon one for whom there is room, but no place on the wire, should come back; the true time is not known.
const UNKNOWN: Duration = Duration::from_secs(5);

/// Who sends, for fairness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The caller's name; none where callers are not told apart.
    pub caller: Option<Arc<str>>,
    /// Whether it is a page of a collection.
    pub rank: CallRank,
    /// The list that is read, the same for all its pages; none where it is no list.
    pub list: Option<u64>,
    /// What the caller is granted; none where callers are not told apart.
    pub grant: Option<Grant>,
}

/// What a request needs.
pub(super) struct WantedTurn<'w> {
    /// Every limit that it counts against, the narrowest first; none where nothing is limited.
    pub(super) limits: Vec<Limit>,
    /// What it is in line for: the narrowest limit, or what that would be. A pause of the upstream is for the same.
    pub(super) row: String,
    pub(super) sender: &'w Sender,
    /// Until when a turn within the limits is of use.
    pub(super) deadline: Instant,
    /// Until when earlier requests are waited for, where the limits have room.
    pub(super) patience: Instant,
}

impl WantedTurn<'_> {
    pub(super) fn end(&self, reason: WaitReason) -> Instant {
        match reason {
            WaitReason::Spent | WaitReason::Paused => self.deadline,
            WaitReason::Behind => self.patience,
        }
    }
}

/// What is known of a wait so far.
pub(super) struct Stay {
    pub(super) began: Instant,
    pub(super) asked: Option<Instant>,
    /// What was answered last.
    pub(super) wait: TurnWait,
    /// Whether it was too long already.
    pub(super) doubted: bool,
    pub(super) told: bool,
}

impl Stay {
    pub(super) fn begin() -> Self {
        let wait = TurnWait { after: Duration::ZERO, reason: WaitReason::Behind };
        Self { began: Instant::now(), asked: None, wait, doubted: false, told: false }
    }

    /// Who is behind others asks at first, to learn whether to wait at all, and now and then whether that has changed.
    pub(super) fn is_due(&self, wanted: &WantedTurn<'_>, position: WirePosition) -> bool {
        let is_over = wanted.end(self.wait.reason) <= Instant::now();
        is_over || self.asked.is_none_or(|at| at.elapsed() >= asked_again(position))
    }

    pub(super) fn answered(&mut self, wait: TurnWait) {
        (self.wait, self.asked) = (wait, Some(Instant::now()));
    }

    /// When to come back, where it is not waited for any more.
    pub(super) fn late(&self) -> TurnWait {
        let after = if self.wait.reason == WaitReason::Behind { UNKNOWN } else { self.wait.after };
        TurnWait { after, ..self.wait }
    }

    /// Tells what is waited for, once, where it is worth a word.
    pub(super) async fn tells(&mut self, position: WirePosition, term: &Term) {
        let is_long = self.wait.reason != WaitReason::Behind && self.wait.after >= TOLD;
        if self.told || !(is_long || self.began.elapsed() >= TOLD) {
            return;
        }
        self.told = true;
        let (seconds, ahead) = (self.wait.after.as_secs(), position.ahead);
        tracing::info!(seconds, ahead, "a call waits for its turn");
        term.tell(&in_words(self.wait, ahead)).await;
    }

    /// How long to sleep unless woken.
    pub(super) fn pause(&self, wanted: &WantedTurn<'_>, position: WirePosition, went: bool) -> Duration {
        let since = |at: Instant| at.elapsed();
        let again = match self.asked {
            Some(_) if went => self.wait.after.min(SIGN_OF_LIFE),
            Some(_) if position.ahead == 0 => SIGN_OF_LIFE,
            Some(at) => asked_again(position).saturating_sub(since(at)),
            None => Duration::ZERO,
        };
        let word = if self.told { again } else { TOLD.saturating_sub(since(self.began)) };
        let end = wanted.end(self.wait.reason).saturating_duration_since(Instant::now());
        again.min(word).min(end)
    }
}

fn asked_again(position: WirePosition) -> Duration {
    let many = u32::try_from(position.queue.calls).unwrap_or(u32::MAX);
    ASKED_AGAIN.max(ASKED_APART.saturating_mul(many))
}

fn in_words(wait: TurnWait, ahead: usize) -> String {
    let seconds = wait.after.as_secs().max(1);
    let mut text = match wait.reason {
        WaitReason::Spent => {
            format!("Waiting for a turn within the limit of requests a minute, about {seconds} s")
        }
        WaitReason::Paused => format!("Waiting for the end of a pause that was asked for, about {seconds} s"),
        WaitReason::Behind => "Waiting for earlier calls to be answered".to_owned(),
    };
    match ahead {
        0 => {}
        1 => text.push_str(", behind 1 other call"),
        many => {
            let _ = write!(text, ", behind {many} other calls");
        }
    }
    text
}
