//! Reading what a name means, where an id is due.
//!
//! A read takes a name that means one thing, and says what it took. A change is refused with what the name may mean: its target
//! is chosen, and confirmed, by its id. What looks like an id costs nothing.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::names::{Candidate, IdPlace, NameMeaning, is_name, is_surely_name, meaning, places};
use super::{CallError, Calls, Context, filled_in, is_missing};
use crate::answer::Answer;
use crate::api::request;
use crate::catalog::{Effect, Operation};
use crate::gate::{self, AskedCall};
use crate::index::{KeptThing, TenantIndex, ThingKind};

/// How many items of a list are looked through: ten requests of the minute's budget.
const MOST_ITEMS: usize = 1_000;

/// How many of those are read that the list's own filter finds: one request.
const MOST_FOUND: usize = 100;

/// What a list has, as far as it was read.
struct ReadNames {
    candidates: Vec<Candidate>,
    /// Whether there is more.
    goes_on: bool,
}

/// Where names are looked up first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NameSource {
    /// In the index, at no request; what it does not know is read.
    Index,
    /// In the lists.
    Lists,
}

/// Arguments whose names are looked up, and what there is to say of it.
struct LookedUp {
    /// Where they are looked up first.
    source: NameSource,
    /// Whether one was taken from the index, which may know something that is no more.
    by_index: bool,
    /// What was taken for what.
    notes: Vec<String>,
    /// Why the call is not made.
    problems: Vec<String>,
    /// Why nothing may be found: a text that matches no name may still be an id that the list does not show.
    doubts: Vec<String>,
}

impl LookedUp {
    /// Nothing yet.
    fn at(source: NameSource) -> Self {
        let (notes, problems, doubts) = Default::default();
        Self { source, by_index: false, notes, problems, doubts }
    }
}

impl Calls {
    /// A call in which names may be given for ids.
    pub(super) async fn call_by_names(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Result<Answer, CallError> {
        let arguments = filled_in(cx, operation, arguments).into_owned();
        // What is wrong with the call, or not allowed, is said before anything is read for it.
        let request = request::build(operation, &arguments, |other| self.offers(cx, other))?;
        let none = Map::new();
        let arguments_of_call = arguments.as_object().unwrap_or(&none);
        let wanted = AskedCall { operation, effect: request.effect, arguments: arguments_of_call };
        gate::admit(self.operator, &cx.principal, wanted)?;
        match self.identified(cx, operation, &arguments, NameSource::Index).await {
            Err((error, LookedUp { by_index: true, .. })) if is_missing(&error) => {}
            other => return other.map_err(|(error, _)| error),
        }
        self.identified(cx, operation, &arguments, NameSource::Lists).await.map_err(|(error, _)| error)
    }

    /// The same with names from there.
    async fn identified(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
        source: NameSource,
    ) -> Result<Answer, (CallError, LookedUp)> {
        let mut arguments = arguments.clone();
        let mut identified = LookedUp::at(source);
        for place in places(operation).filter(|place| self.offers(cx, place.list)) {
            let Some(mut given) = arguments.get(place.argument).cloned() else { continue };
            self.identify(cx, operation, place, &arguments, &mut given, &mut identified).await;
            if let Some(members) = arguments.as_object_mut() {
                members.insert(place.argument.to_owned(), given);
            }
        }
        let unidentified =
            |problems: &[String]| CallError::Unidentified { tool: operation.name, problems: problems.into() };
        if !identified.problems.is_empty() {
            return Err((unidentified(&identified.problems), identified));
        }
        match self.call_by_ids(cx, operation, &arguments).await {
            Err(error) if !identified.doubts.is_empty() && is_missing(&error) => {
                Err((unidentified(&identified.doubts), identified))
            }
            Err(error) => Err((error, identified)),
            Ok(answer) => {
                let LookedUp { mut notes, doubts, .. } = identified;
                if answer.finds_nothing() {
                    notes.extend(doubts.iter().map(|doubt| format!("{doubt}.")));
                }
                Ok(answer.with_notes(&notes))
            }
        }
    }

    /// Puts ids in the place of the names that an argument has.
    async fn identify(
        &self,
        cx: &Context,
        operation: &Operation,
        place: IdPlace,
        arguments: &Value,
        given: &mut Value,
        identified: &mut LookedUp,
    ) {
        let given = match given {
            Value::Array(all) => all.as_mut_slice(),
            other => std::slice::from_mut(other),
        };
        let mut whole = None;
        let kept = match identified.source {
            // What is changed is chosen from what there is now.
            NameSource::Index if operation.effect == Effect::Read => self.kept(cx, place, arguments).await,
            _ => None,
        };
        for value in given {
            let Some(name) = value.as_str().filter(|name| is_name(name)).map(str::to_owned) else { continue };
            if let Some((candidates, at)) = &kept
                && let NameMeaning::One(one) = meaning(&name, candidates)
            {
                identified.notes.push(place.taken_as_of(&name, one, at));
                identified.by_index = true;
                *value = Value::from(one.id.as_str());
                continue;
            }
            let found = match place.named.find {
                Some(_) => self.known(cx, place, arguments, Some(&name)).await,
                None => None,
            };
            let is_found = found.as_ref().is_some_and(|found| {
                !found.goes_on && !matches!(meaning(&name, &found.candidates), NameMeaning::Nobody(_))
            });
            if !is_found && whole.is_none() {
                whole = self.known(cx, place, arguments, None).await;
            }
            // What cannot be looked up goes out as it is.
            let Some(known) = found.as_ref().filter(|_| is_found).or(whole.as_ref()) else { continue };
            match meaning(&name, &known.candidates) {
                NameMeaning::One(one) if one.id == name => {}
                NameMeaning::One(one) if operation.effect == Effect::Read => {
                    identified.notes.push(place.taken(&name, one));
                    *value = Value::from(one.id.as_str());
                }
                other => {
                    let read = if known.goes_on { "none of the first 1,000 items" } else { "no item" };
                    let is_doubt = matches!(other, NameMeaning::Nobody(_)) && !is_surely_name(&name);
                    let said = if is_doubt { &mut identified.doubts } else { &mut identified.problems };
                    said.push(place.problem(&name, &other, read));
                }
            }
        }
    }

    /// The items of a list as the index has them, and when it was read.
    async fn kept(
        &self,
        cx: &Context,
        place: IdPlace,
        arguments: &Value,
    ) -> Option<(Vec<Candidate>, String)> {
        let is_fresh = arguments.get("fresh").and_then(Value::as_bool) == Some(true);
        let kind = ThingKind::of_list(place.list.name).filter(|_| !is_fresh)?;
        let now = cx.profile.moment();
        let known = TenantIndex::of(&cx.profile)?.things(kind, now).await?;
        let candidate = |thing: &KeptThing| {
            let names = place.named.by.iter().copied().zip(thing.names.iter().map(String::as_str));
            Candidate::new((place.named.id, &thing.id), names.filter(|(_, name)| !name.is_empty()))
        };
        let at = Timestamp::from_millisecond(known.at.0).ok()?.strftime("%Y-%m-%dT%H:%MZ").to_string();
        Some((known.things.iter().map(candidate).collect(), at))
    }

    /// The items of a list, or those that its own filter finds.
    async fn known(
        &self,
        cx: &Context,
        place: IdPlace,
        arguments: &Value,
        find: Option<&str>,
    ) -> Option<ReadNames> {
        let outer = place.list.in_path.iter();
        let mut wanted: Map<String, Value> =
            outer.filter_map(|name| Some(((*name).to_owned(), arguments.get(name)?.clone()))).collect();
        let most = if find.is_some() { MOST_FOUND } else { MOST_ITEMS };
        let fields: Vec<&str> = [place.named.id].into_iter().chain(place.named.by.iter().copied()).collect();
        wanted.extend([("maxItems".to_owned(), json!(most)), ("fields".to_owned(), json!(fields))]);
        if let (Some(filter), Some(text)) = (place.named.find, find) {
            wanted.insert(filter.to_owned(), Value::from(text.trim()));
        }
        let read = Box::pin(self.for_us().call_by_ids(cx, place.list, &Value::Object(wanted))).await;
        let answer = read.ok()?.value();
        Some(ReadNames {
            candidates: place.candidates(&answer),
            goes_on: answer.get("nextCursor").is_some_and(|cursor| !cursor.is_null()),
        })
    }
}
