//! What a query wants done: whether it asks or orders, and of what kind the operation must be.

use super::beyond::Aim;
use super::found::Found;
use super::spelling::Spelt;
use super::words::split;
use crate::catalog::{Api, Effect};
use crate::tools::findable::Findable;

/// What a tool does, more finely than its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Reads many.
    List,
    /// Reads one.
    Get,
    /// Answers a whole question by several reads.
    Answer,
    /// Adds something.
    Make,
    /// Changes something.
    Change,
    /// Takes something away.
    Destroy,
    /// Takes something away, by a name that does not say so.
    Undo,
    /// Tells what no tool does.
    Know,
    /// Changes what no tool does.
    Order,
    /// Tells or changes what no tool does.
    Either,
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
    /// "Buy a vendor".
    Elsewhere,
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

/// How much of a query a tool must be that changes something, to come first where nothing orders it.
const UNASKED: f32 = 0.6;

/// How much of a query a tool must be, to be said to do it.
const FLOOR: f32 = 0.17;

/// How questions begin.
const ASKS: &str =
    "any are did do does has have how is was were what whats when where which who whom whose why";

/// What may come before the verb.
const POLITE: &str = "\
    also and can could d gotta hello help hey hi i just like ll me must need needs now please pls s \
    should so then to us wanna want wants we would you bulk";

const READ: &str = "\
    browse check clarify compare count describe display double download examine explain explore export \
    fetch figure find get grab identify inspect know list look lookup name open outline pull read recap \
    retrieve search see show summarise summarize view walk";

const MAKE: &str = "\
    add adopt allow announce answer ask attach autofill begin blast bring connect create declare \
    demand disclose draft embed enable enrol enroll enter feed fill generate give grant hand import \
    include inform insert install introduce invite launch leave link load log make map new notify nudge \
    onboard onboarding post prepare provision push put raise record register remind reply report request \
    resend respond save say send set setup share sign start store submit sync teach tell trigger \
    upload warn write tie hook publish";

const CHANGE: &str = "\
    accept acknowledge adjust alter amend approve arrange assign bump change claim complete \
    confirm convert correct customise customize delegate describe downgrade edit end extend \
    finish fix hide justify let limit lower mark merge modify move pass pause plan postpone prolong \
    promote rate reactivate rearrange reassign rebrand recategorize reclassify redo refresh regroup \
    relabel release relink rename renew reopen reorder replace reschedule reset resolve restore resume \
    retag return reverse revert revise reword rewrite roll rotate route sort specify swap switch \
    transfer turn undo unhide unpause unsnooze unsuspend update upgrade verify waive watch archive keep";

const DESTROY: &str = "\
    ban block cancel clean clear close cut deactivate decline delete deny deprovision descope detach \
    disable discard disconnect dismiss drop eliminate empty erase exclude fire forget freeze ignore kick \
    kill lay lock lose mute offboard opt purge recall refuse reject remove retire retract revoke \
    rid rip scrap shut silence skip snooze stop strip suppress suspend terminate trash unassign unlabel \
    unlink unmap unpublish unsubscribe untag wipe withdraw";

/// What neither product does, whatever it is done to.
const ELSEWHERE: &str = "\
    arrest backdate bake bid bill book brainstorm bribe build buy call clone code compile \
    cook crack debug decrypt defrag deploy dial donate draw drive eat encrypt fabricate fake falsify fine \
    fire fly forge guess hack hire install interview invent invest invoice lease lend migrate negotiate \
    order paint paraphrase patch pay phone photoshop ping play predict pretend print \
    proofread reboot recite recommend redesign refund reimburse rent repair reserve restart ring run sell ship shop \
    sign sing sms solve spy ssh sue text translate travel tweet visit wake whatsapp wire";

/// What neither product has anything to do with.
const OUTSIDE: &str = "\
    airbnb airport apache bike birthday bitcoin cake chess christmas cron crypto dentist dinner dns dog essay facebook \
    film flight flowers football ftp girlfriend groceries gym haiku halloween homework horoscope hotel imap instagram \
    joke kids limerick linkedin lunch lyrics marathon mortgage movie mx mysql nameserver nameservers netflix nginx novel \
    passport php phpmyadmin pizza poem recipe reseller resellers restaurant riddle smtp soccer song spotify subdomain \
    subdomains taxi trivia tweet uber weather webmail wordpress yoga";

/// Verbs that are as often nouns: verbs where an article or the like follows.
const EITHER: &str = "\
    comment contact copy document email file group label mail message note reference \
    sample segment tag test track use";

const ARTICLES: &str = "\
    a all an another any each every everyone her him his it last my one our some someone that the their \
    them these this those";

/// What says that something is owed, in a statement that asks nothing.
const OWED: &[&str] = &["has to", "have to", "needs to", "ought to"];

/// How what is made to be read is made: "make me a list of vendors".
const MADE_TO_READ: &str = "build compile create draft generate make prepare write";

/// And what that is.
const OVERVIEWS: &str = "breakdown count list overview picture report summary table";

/// What ends something without a verb that does.
const GONE: &[&str] =
    &["any more", "anymore", "no longer", "don need", "need not", "not need", "stopped using", "should not"];

/// What says that something is to be mended without a verb that does.
const AMISS: &str = "forgot forgotten incorrect misspelled misspelt mistake typo wrong wrongly";

impl Does {
    /// By its effect and the verb of its name.
    pub fn of(tool: Findable) -> Self {
        let verb = tool.name().split('_').next().unwrap_or_default();
        match (tool.effect(), verb) {
            (Effect::Read, _) if matches!(tool, Findable::Job(_)) => Self::Answer,
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
            (Effect::Destroy, _) => Self::Undo,
            _ => Self::Change,
        }
    }

    /// What somebody else does.
    pub fn of_wish(aim: Aim) -> Self {
        match aim {
            Aim::Know => Self::Know,
            Aim::Change => Self::Order,
            Aim::Either => Self::Either,
        }
    }
}

impl Wish {
    /// By how it begins, and how many words at the start say nothing else.
    /// `known` tells which words are no misspelling of another.
    pub fn of(text: &str, known: impl Fn(&str) -> bool) -> (Self, usize) {
        let mut begins: Option<(Opening, usize)> = None;
        for clause in text.split(['.', ',', ';', '!', '?', '\n']) {
            let words = split(clause);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if words.is_empty() {
                continue;
            }
            let (mut opening, skip) = opening(&words);
            if opening == Opening::Unclear
                && let Some(verb) =
                    words.get(skip).filter(|word| !known(word)).and_then(|word| nearest_verb(word))
            {
                opening = opening_of(&[verb]);
            }
            let (sofar, _) = begins.get_or_insert((opening, skip));
            // "The link is dead, take it off": an order counts wherever it comes.
            let orders = !matches!(opening, Opening::Ask | Opening::Unclear);
            match sofar {
                Opening::Unclear => *sofar = opening,
                Opening::Ask
                    if orders && words.iter().skip(skip + 1).take(2).any(|word| has(ARTICLES, word)) =>
                {
                    *sofar = opening;
                }
                _ => {}
            }
            let clause = words.join(" ");
            if *sofar == Opening::Unclear && GONE.iter().any(|gone| clause.contains(gone)) {
                *sofar = Opening::Destroy;
            }
            let asks = words.iter().any(|word| matches!(*word, "how" | "what" | "which" | "who" | "why"));
            let owed = !asks && OWED.iter().any(|owed| clause.contains(owed));
            if *sofar == Opening::Unclear && (owed || words.iter().any(|word| has(AMISS, word))) {
                *sofar = Opening::Change;
            }
        }
        let (mut opening, skip) = begins.unwrap_or((Opening::Unclear, 0));
        if split(text).iter().any(|word| has(OUTSIDE, word)) {
            opening = Opening::Elsewhere;
        }
        (Self { opening, many: false, one: false, cues: [false; CUES.len()] }, skip)
    }

    /// Notes what the words say besides. `says` tells whether they say a word, itself or by a synonym.
    pub fn look(&mut self, words: &[Spelt], many: bool, says: impl Fn(&str) -> bool) {
        let points = |word: &Spelt| {
            matches!(word.word.said.as_str(), "this" | "single" | "detail" | "details" | "one")
        };
        let first = words.first().map(|word| word.word.said.as_str());
        // "List" and "get" are the verbs of the names.
        let several = matches!(first, Some("list" | "which" | "who" | "whos" | "any" | "are"));
        let count = words
            .windows(2)
            .any(|pair| matches!(pair, [how, many] if how.word.said == "how" && many.word.said == "many"));
        self.many = many || several || count;
        self.one = !self.many && (first == Some("get") || words.iter().any(points));
        self.cues = CUES.map(|(_, cue)| says(cue));
        // Nothing but hosting is suspended here.
        if words.iter().any(|word| word.word.said.contains("suspend")) {
            self.look_at_domain();
        }
    }

    /// Notes that a website is named, as customers of web hosting have them.
    pub fn look_at_domain(&mut self) {
        for ((api, _), said) in CUES.iter().zip(&mut self.cues) {
            *said |= *api == Api::Panel;
        }
    }

    /// How well something suits that does this, around 1.
    pub fn factor(self, does: Does, api: Option<Api>, ended: bool) -> f32 {
        let kind = match (self.opening, does) {
            (_, Does::Either) => 1.0,
            (Opening::Ask | Opening::Unclear, Does::List) if self.many => 1.65,
            (Opening::Ask | Opening::Unclear, Does::List) => 1.1,
            (Opening::Ask | Opening::Unclear, Does::Get) if self.one => 1.8,
            (Opening::Ask | Opening::Unclear, Does::Get) => 1.0,
            (Opening::Ask | Opening::Unclear, Does::Answer) if self.many => 1.65,
            (Opening::Ask | Opening::Unclear, Does::Answer) => 1.1,
            (Opening::Ask | Opening::Unclear, Does::Know) => 1.1,
            (Opening::Elsewhere, Does::Order) => 1.35,
            (Opening::Elsewhere, _) => 0.6,
            (Opening::Ask, _) => 0.65,
            // "New password for hosting".
            (Opening::Unclear, _) => 0.88,
            (Opening::Make, Does::Make) | (Opening::Change, Does::Change | Does::Undo) => 1.35,
            (Opening::Make | Opening::Change, Does::Order) => 1.35,
            (Opening::Make, Does::Change | Does::Undo) | (Opening::Change, Does::Make | Does::Destroy) => 1.0,
            (Opening::Destroy, Does::Destroy) => 1.8,
            (Opening::Destroy, Does::Order) => 1.35,
            (Opening::Destroy, Does::Undo) => 1.1,
            (Opening::Destroy, Does::Change) => 1.0,
            (Opening::Make | Opening::Change | Opening::Destroy, _) => 0.45,
        };
        let cues = CUES.iter().zip(self.cues);
        let home =
            cues.filter(|((cued, _), _)| Some(*cued) == api).map(|(_, said)| if said { 1.35 } else { 0.8 });
        kind * home.product::<f32>() * if ended { 0.3 } else { 1.0 }
    }

    /// How much of a query a tool must be, to be said to do it.
    pub fn floor(self) -> f32 {
        if self.opening == Opening::Elsewhere { 0.7 } else { FLOOR }
    }

    /// A wish to know never brings first what changes something, however well it fits.
    pub fn settle(self, found: &mut [Found]) {
        let reads = |found: &Found| found.tool.effect() == Effect::Read;
        let asks = self.opening == Opening::Ask;
        let unsure = self.opening == Opening::Unclear;
        let stays = |found: &Found| {
            reads(found) || !(asks || unsure && (found.tool.effect().is_confirmed() || found.fit < UNASKED))
        };
        if found.first().is_none_or(stays) {
            return;
        }
        if let Some(at) = found.iter().position(reads)
            && let Some(before) = found.get_mut(..=at)
        {
            before.rotate_right(1);
        }
    }
}

/// Whether what is to be made is an overview of something.
fn is_overview(made: &[&str]) -> bool {
    let mut made = made
        .iter()
        .skip_while(|word| has(ARTICLES, word) || matches!(**word, "me" | "us" | "quick" | "short" | "full"));
    made.next().is_some_and(|word| has(OVERVIEWS, word))
        && made.next().is_some_and(|next| matches!(*next, "of" | "with" | "on" | "about" | "for"))
}

/// The verb of change that a word is one letter off from.
fn nearest_verb(word: &str) -> Option<&'static str> {
    // A noun just as often.
    let near = |verb: &&str| verb.len() > 4 && *verb != "answer" && strsim::osa_distance(verb, word) == 1;
    [DESTROY, CHANGE, MAKE].iter().flat_map(|list| list.split(' ')).find(near)
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
    match rest {
        [] => (Opening::Unclear, 0),
        ["tell" | "give", "me" | "us", ..] => (Opening::Ask, skip + 2),
        ["list" | "show" | "get" | "find" | "see" | "fetch" | "display", next, ..]
            if !matches!(*next, "rid" | "off" | "it" | "that" | "them" | "these" | "this") =>
        {
            (Opening::Ask, skip + 1)
        }
        ["a" | "an", "new", ..] if skip > 0 => (Opening::Make, skip),
        _ => (opening_of(rest), skip),
    }
}

/// How a clause begins without the words that come before the verb.
fn opening_of(words: &[&str]) -> Opening {
    match words {
        [first, ..] if has(ASKS, first) => Opening::Ask,
        [
            "confirm" | "verify" | "report",
            "how" | "if" | "that" | "whether" | "which" | "who" | "why",
            ..,
        ]
        | ["remind", "me" | "us", ..] => Opening::Ask,
        ["pull", "down" | "from" | "out" | "it" | "this", ..] => Opening::Destroy,
        [verb, rest @ ..] if has(MADE_TO_READ, verb) && is_overview(rest) => Opening::Ask,
        ["show", "off", ..] => Opening::Make,
        ["get", "it" | "that" | "them" | "these" | "this", ..] | ["un", ..] => Opening::Change,
        ["get", "rid", ..] | ["throw", ..] | ["take", "down" | "off" | "back", ..] => Opening::Destroy,
        ["take", tail @ ..] if tail.iter().any(|word| matches!(*word, "off" | "down" | "away" | "out")) => {
            Opening::Destroy
        }
        // Verbs elsewhere: open findings, new hires, pull requests.
        ["open", ..]
        | ["new", "hire" | "hires" | "joiners" | "starters" | "employees" | "customers", ..]
        | ["pull", "request" | "requests", ..] => Opening::Unclear,
        ["sign" | "fill" | "set" | "put", "off" | "in" | "out" | "up", ..] => Opening::Change,
        ["comment", "on" | "under" | "to", ..] => Opening::Make,
        [first, ..] if has(ELSEWHERE, first) => Opening::Elsewhere,
        [first, second, ..] if has(EITHER, first) && has(ARTICLES, second) => Opening::Make,
        [first, ..] if has(DESTROY, first) => Opening::Destroy,
        [first, ..] if has(READ, first) => Opening::Ask,
        [first, ..] if has(MAKE, first) => Opening::Make,
        [first, ..] if has(CHANGE, first) => Opening::Change,
        _ => Opening::Unclear,
    }
}
