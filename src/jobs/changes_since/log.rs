//! The event log: who did what.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::names::{KnownNames, NamedControl, NamedRisk};
use super::read::{self, LogEvent, LogThing};
use crate::call::CallError;
use crate::index::ThingKind;
use crate::jobs::columns::{Counts, InColumns, short};
use crate::jobs::days;
use crate::jobs::desk::Desk;
use crate::jobs::gaps::Gaps;
use crate::jobs::known_names::{IndexAge, known_things};
use crate::state::Moment;

/// How many events are shown, and how many actions and actors are told apart.
const SHOWN: usize = 8;
const ACTIONS: usize = 8;
const ACTORS: usize = 6;

/// How many of the things that an event concerns are named, and how long an action is shown.
const TARGETS: usize = 2;
const ACTION: usize = 40;

/// The event log.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogChanges {
    /// How many events were read.
    events: usize,
    /// By action.
    by_action: Counts,
    /// By who did it.
    by_actor: Counts,
    /// The latest of those that were read, times in UTC.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    latest: InColumns,
}

/// What the log tells. Controls and risks are looked up for their names only if something shown is one: in the index, where
/// that has them; what it does not have is told by its id. `users_kept` says when the users were read that are from there.
///
/// # Errors
/// The call was cancelled.
pub async fn told(
    desk: &Desk<'_>,
    (events, users_kept): (&[LogEvent], Option<Moment>),
    mut names: KnownNames,
    (gaps, age): (&Gaps, &IndexAge),
) -> Result<LogChanges, CallError> {
    if let Some(at) = users_kept {
        age.rests_on(at);
        // Whom the index does not know may be new.
        if events.iter().any(|event| event.is_by_unknown_user(&names)) {
            names.add_users(read::users(desk, gaps).await?.iter().flatten());
        }
    }
    let mut in_turn: Vec<&LogEvent> = events.iter().collect();
    in_turn.sort_by_key(|event| std::cmp::Reverse(event.date.as_deref().and_then(days::moment)));
    let shown = in_turn.get(..SHOWN).unwrap_or(&in_turn);
    let unnamed: Vec<String> = shown
        .iter()
        .flat_map(|event| event.shown_targets())
        .filter(|target| names.name(target).is_none())
        .filter_map(|target| target.kind.as_deref().map(str::to_lowercase))
        .collect();
    let is_about = |word: &str| unnamed.iter().any(|kind| kind.contains(word));
    if is_about("control") {
        let read = desk.also::<NamedControl>("names of controls", "list_controls", json!({}), gaps);
        match known_things(desk, ThingKind::Control).await {
            Some(known) => names.add_known(("control", ThingKind::Control), &known, age),
            None => names.add_controls(&read.await?.map(|list| list.rows).unwrap_or_default()),
        }
    }
    if is_about("risk") {
        let read = desk.also::<NamedRisk>("names of risks", "list_risk_scenarios", json!({}), gaps);
        match known_things(desk, ThingKind::Risk).await {
            Some(known) => names.add_known(("risk", ThingKind::Risk), &known, age),
            None => names.add_risks(&read.await?.map(|list| list.rows).unwrap_or_default()),
        }
    }
    let action = |event: &LogEvent| short(event.action.as_deref().unwrap_or("(none)"), ACTION);
    let rows = in_turn.iter().map(|event| event.row(&names)).collect();
    Ok(LogChanges {
        events: events.len(),
        by_action: Counts::of(events.iter().map(action)).first(ACTIONS),
        by_actor: Counts::of(events.iter().map(|event| event.who(&names))).first(ACTORS),
        latest: InColumns::first(&["time", "who", "did", "what"], SHOWN, rows),
    })
}

impl LogEvent {
    fn shown_targets(&self) -> impl Iterator<Item = &LogThing> {
        self.targets.iter().flatten().take(TARGETS)
    }

    /// Whether a user did it whose name is not known.
    fn is_by_unknown_user(&self, names: &KnownNames) -> bool {
        let is_user = |actor: &&LogThing| {
            actor.kind.as_deref().is_some_and(|kind| kind.to_lowercase().contains("user"))
        };
        self.actor.as_ref().filter(is_user).is_some_and(|actor| names.name(actor).is_none())
    }

    /// The name of who did it, or what kind of actor it was.
    fn who(&self, names: &KnownNames) -> String {
        let Some(actor) = &self.actor else { return "(not said)".to_owned() };
        let kind = || short(actor.kind.as_deref().unwrap_or("(not said)"), ACTION);
        names.name(actor).map_or_else(kind, str::to_owned)
    }

    fn row(&self, names: &KnownNames) -> Vec<Value> {
        let moment = self.date.as_deref().and_then(days::moment);
        let time = moment.map(|moment| moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M").to_string());
        let action = self.action.as_deref().map(|action| short(action, ACTION));
        vec![json!(time), json!(self.who(names)), json!(action), json!(self.what(names))]
    }

    /// What it was done to: names, or where they are not known the kind and the id.
    fn what(&self, names: &KnownNames) -> String {
        let called = |thing: &LogThing| {
            let (kind, id) =
                (thing.kind.as_deref().unwrap_or_default(), thing.id.as_deref().unwrap_or_default());
            names.name(thing).map_or_else(|| short(format!("{kind} {id}").trim(), ACTION), str::to_owned)
        };
        let mut told: Vec<String> = self.shown_targets().map(called).collect();
        let more = self.targets.iter().flatten().count() - told.len();
        if more > 0 {
            told.push(format!("{more} more"));
        }
        told.join(", ")
    }
}
