//! What a query wants done: whether it asks or orders, and of what kind the operation must be.

use super::spelling::Spelt;
use super::words::split;
use crate::catalog::{Api, Effect, Operation};

/// What an operation does, more finely than its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Reads many.
    List,
    /// Reads one.
    Get,
    /// Adds something.
    Make,
    /// Changes something.
    Change,
    /// Takes something away.
    Destroy,
}

/// How a query begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// "Which vendors", "show me".
    Ask,
    /// "Add a vendor".
    Make,
    /// "Rename a vendor".
    Change,
    /// "Get rid of a vendor".
    Destroy,
    /// "Overdue vendors".
    Unclear,
}

/// What a query wants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    opening: Opening,
    /// Whether it is about several things.
    many: bool,
    /// Whether it points at one thing.
    one: bool,
    /// Which of the APIs in `CUES` it speaks of.
    cues: [bool; CUES.len()],
}

/// The APIs that most people do not mean unless they say so, and the word by which they do, itself or by a synonym.
const CUES: [(Api, &str); 3] =
    [(Api::Audit, "audit"), (Api::Connectors, "connector"), (Api::Panel, "hosting")];

/// How questions begin.
const ASKS: &str =
    "any are did do does has have how is was were what whats when where which who whom whose why";

/// What may come before the verb.
const POLITE: &str = "\
    also and can could d gotta hello help hey hi i just like ll me must need needs now please pls s \
    should so then to us wanna want wants we would you";

const READ: &str = "\
    browse check compare count display download examine explore export fetch find get inspect list look \
    lookup open read retrieve search see show summarise summarize verify view";

const MAKE: &str = "\
    add adopt allow announce answer ask attach autofill begin blast book bring build create declare \
    demand disclose draft embed enable enrol enroll enter feed fill generate give grant hand import \
    include inform insert install introduce invite launch leave link load log make map new notify nudge \
    onboard onboarding post prepare provision push put raise record register remind reply report request \
    resend respond run save say send set setup share sign start store submit sync teach tell trigger \
    upload warn write";

const CHANGE: &str = "\
    accept acknowledge adjust alter amend approve arrange assign bump change claim clarify complete \
    confirm convert correct customise customize delegate describe downgrade edit end explain extend \
    finish fix hide justify let limit lower mark merge modify move name pass pause plan postpone prolong \
    promote rate reactivate rearrange reassign rebrand recategorize reclassify redo refresh regroup \
    relabel release relink rename renew reopen reorder replace reschedule reset resolve restore resume \
    retag return reverse revert revise reword rewrite roll rotate route sort specify swap switch \
    transfer turn undo unhide unpause unsnooze unsuspend update upgrade waive watch";

const DESTROY: &str = "\
    ban block cancel clean clear close cut deactivate decline delete deny deprovision descope detach \
    disable discard disconnect dismiss drop eliminate empty erase exclude fire forget freeze ignore kick \
    kill lay lock lose mute offboard opt pull purge recall refuse reject remove retire retract revoke \
    rid rip scrap shut silence skip snooze stop strip suppress suspend terminate trash unassign unlabel \
    unlink unmap unpublish unsubscribe untag wipe withdraw";

/// Verbs that are as often nouns: verbs where an article or the like follows.
const EITHER: &str = "\
    comment contact copy describe document email file group label mail message note publish reference \
    sample segment tag test track use";

const ARTICLES: &str = "\
    a all an another any each every everyone her him his it last my one our some someone that the their \
    them these this those";

/// What ends something without a verb that does.
const GONE: &[&str] =
    &["any more", "anymore", "no longer", "don need", "need not", "not need", "stopped using", "should not"];

impl Does {
    /// By its effect and the verb of its name.
    pub fn of(operation: &Operation) -> Self {
        let verb = operation.name.split('_').next().unwrap_or_default();
        match (operation.effect, verb) {
            (Effect::Read, "list") => Self::List,
            (Effect::Read, _) => Self::Get,
            (
                _,
                "create" | "add" | "upload" | "import" | "duplicate" | "sync" | "send" | "share" | "submit",
            ) => Self::Make,
            (
                _,
                "delete" | "remove" | "terminate" | "suspend" | "cancel" | "deny" | "deactivate" | "offboard",
            ) => Self::Destroy,
            _ => Self::Change,
        }
    }
}

impl Wish {
    /// By how it begins, and how many words at the start say nothing else.
    pub fn of(text: &str) -> (Self, usize) {
        let mut begins: Option<(Opening, usize)> = None;
        for clause in text.split(['.', ',', ';', '!', '?', '\n']) {
            let words = split(clause);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if words.is_empty() {
                continue;
            }
            let (opening, skip) = opening(&words);
            let (sofar, _) = begins.get_or_insert((opening, skip));
            // "The link is dead, take it off": an order counts wherever it comes.
            let orders = !matches!(opening, Opening::Ask | Opening::Unclear);
            match sofar {
                Opening::Unclear => *sofar = opening,
                Opening::Ask if orders => *sofar = opening,
                _ => {}
            }
            let clause = words.join(" ");
            if *sofar == Opening::Unclear && GONE.iter().any(|gone| clause.contains(gone)) {
                *sofar = Opening::Destroy;
            }
        }
        let (opening, skip) = begins.unwrap_or((Opening::Unclear, 0));
        (Self { opening, many: false, one: false, cues: [false; CUES.len()] }, skip)
    }

    /// Notes what the words say besides. `says` tells whether they say a word, itself or by a synonym.
    pub fn look(&mut self, words: &[Spelt], many: bool, says: impl Fn(&str) -> bool) {
        let points = |word: &Spelt| {
            matches!(word.word.said.as_str(), "this" | "single" | "detail" | "details" | "one")
        };
        let first = words.first().map(|word| word.word.said.as_str());
        // "List" and "get" are the verbs of the names.
        self.many = many || first == Some("list");
        self.one = !self.many && (first == Some("get") || words.iter().any(points));
        self.cues = CUES.map(|(_, cue)| says(cue));
    }

    /// How well an operation suits, around 1.
    pub fn factor(self, operation: &Operation, does: Does) -> f32 {
        let kind = match (self.opening, does) {
            (Opening::Ask | Opening::Unclear, Does::List) if self.many => 1.65,
            (Opening::Ask | Opening::Unclear, Does::List) => 1.1,
            (Opening::Ask | Opening::Unclear, Does::Get) if self.one => 1.8,
            (Opening::Ask | Opening::Unclear, Does::Get) => 1.0,
            (Opening::Ask, _) => 0.65,
            // "New password for hosting".
            (Opening::Unclear, _) => 0.88,
            (Opening::Make, Does::Make) | (Opening::Change, Does::Change) => 1.35,
            (Opening::Make, Does::Change) | (Opening::Change, Does::Make | Does::Destroy) => 1.0,
            (Opening::Destroy, Does::Destroy) => 1.8,
            // Replaces or takes away, by another verb.
            (Opening::Destroy, _) if operation.effect == Effect::Destroy => 1.1,
            (Opening::Destroy, Does::Change) => 1.0,
            (Opening::Make | Opening::Change | Opening::Destroy, _) => 0.45,
        };
        let cues = CUES.iter().zip(self.cues);
        let home =
            cues.filter(|((api, _), _)| *api == operation.api).map(|(_, said)| if said { 1.35 } else { 0.8 });
        let ended = if operation.deprecated { 0.3 } else { 1.0 };
        kind * home.product::<f32>() * ended
    }
}

/// Whether a word is in a list.
fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

/// How a clause begins, and how many of its words say nothing else.
fn opening(words: &[&str]) -> (Opening, usize) {
    let mut rest = words;
    // "How do I add" is not a question about a state.
    if let ["how", "do" | "can" | "could" | "would" | "should", "i" | "we" | "you", tail @ ..] = rest {
        rest = tail;
    }
    if let ["how", "to", tail @ ..] = rest {
        rest = tail;
    }
    // But "how do I fix" asks for the instructions.
    if rest.len() < words.len() && matches!(rest, ["fix" | "repair" | "remediate" | "solve", ..]) {
        return (Opening::Ask, 0);
    }
    loop {
        rest = match rest {
            ["let", "us" | "me" | "s", tail @ ..] | ["lets", tail @ ..] => tail,
            [first, tail @ ..] if has(POLITE, first) => tail,
            _ => break,
        };
    }
    let skip = words.len() - rest.len();
    let opening = match rest {
        [] => return (Opening::Unclear, 0),
        [first, ..] if has(ASKS, first) => Opening::Ask,
        ["get", "rid", ..] | ["throw", ..] | ["take", "down" | "off" | "back", ..] => Opening::Destroy,
        ["take", tail @ ..] if tail.iter().any(|word| matches!(*word, "off" | "down" | "away" | "out")) => {
            Opening::Destroy
        }
        ["tell" | "give", "me" | "us", ..] => return (Opening::Ask, skip + 2),
        ["list" | "show" | "get" | "find" | "see" | "fetch" | "display", ..] => {
            return (Opening::Ask, skip + 1);
        }
        // Verbs elsewhere: open findings, new hires, pull requests.
        ["open", ..]
        | ["new", "hire" | "hires" | "joiners" | "starters" | "employees" | "customers", ..]
        | ["pull", "request" | "requests", ..] => Opening::Unclear,
        [first, second, ..] if has(EITHER, first) && has(ARTICLES, second) => Opening::Make,
        [first, ..] if has(DESTROY, first) => Opening::Destroy,
        [first, ..] if has(READ, first) => Opening::Ask,
        [first, ..] if has(MAKE, first) => Opening::Make,
        [first, ..] if has(CHANGE, first) => Opening::Change,
        _ => Opening::Unclear,
    };
    (opening, skip)
}
