//! Names and e-mail addresses where an id is due: which arguments take an id of which list, and what a name means there.

use serde_json::{Map, Value};

use super::filters::quoted;
use crate::catalog::{self, Effect, Named, Operation, ValuesFrom};

/// How many of the items that may be meant are shown.
const SHOWN: usize = 10;

/// How many of the nearest are shown, where none is meant.
const NEAREST: usize = 3;

/// How like a name has to be to be shown as near.
const LIKE: f64 = 0.8;

/// The longest name that is shown, in characters.
const LONGEST: usize = 80;

/// An argument that takes ids, and the list that they are from.
#[derive(Clone, Copy)]
pub(super) struct IdPlace {
    /// The argument.
    pub(super) argument: &'static str,
    /// What lists those that there are.
    pub(super) list: &'static Operation,
    /// How a person calls them.
    pub(super) named: &'static Named<'static>,
}

/// An item that may be meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What goes out for it.
    pub id: String,
    /// Id and names, for whoever has to choose.
    pub(super) shown: Value,
    /// Its names in small letters.
    names: Vec<String>,
}

/// What a name means in a list.
#[derive(Debug, PartialEq)]
pub enum NameMeaning<'c> {
    /// This item.
    One(&'c Candidate),
    /// One of these.
    Several(Vec<&'c Candidate>),
    /// None; these are the most alike.
    Nobody(Vec<&'c Candidate>),
}

/// Whether an argument that takes an id has something that looks like none, so that it may be a name: this costs next to
/// nothing, and most calls end here.
pub(super) fn are_in(operation: &Operation, arguments: &Value) -> bool {
    let takes =
        operation.values_from.iter().map(|from| from.argument).chain(operation.in_path.iter().copied());
    takes.filter_map(|argument| arguments.get(argument)).any(|given| match given {
        Value::Array(all) => all.iter().filter_map(Value::as_str).any(is_name),
        other => other.as_str().is_some_and(is_name),
    })
}

/// Whether a text looks like a name: ids are in small letters or digits, with hyphens, dots or underscores between.
pub(super) fn is_name(text: &str) -> bool {
    let text = text.trim();
    text.contains(|c: char| c.is_whitespace() || c == '@' || c.is_ascii_uppercase() || !c.is_ascii())
}

/// Whether it can be no id: some are in capitals, but none has a blank or is an e-mail address.
pub(super) fn is_surely_name(text: &str) -> bool {
    text.trim().contains(|c: char| c.is_whitespace() || c == '@' || !c.is_ascii())
}

/// The arguments of an operation that take ids of a list whose items have names, outer ones of the path first. What comes
/// from elsewhere, such as a cloud, has ids of any form.
pub(super) fn places(operation: &'static Operation) -> impl Iterator<Item = IdPlace> {
    let in_path = operation.path.match_indices('{').filter_map(|(at, _)| {
        let (argument, _) = operation.path.get(at + 1..)?.split_once('}')?;
        Some((argument, listed_at(operation, operation.path.get(..at)?)?))
    });
    let filters = operation.values_from.iter().filter_map(|ValuesFrom { argument, tool, field }| {
        let from = catalog::find(tool)?;
        let list = match from.path.strip_suffix('}').and_then(|path| path.rsplit_once('{')) {
            Some((before, _)) => listed_at(from, before)?,
            None => from,
        };
        (list.named.as_ref()?.id == *field).then_some((*argument, list))
    });
    in_path
        .filter(|(argument, _)| !operation.foreign_ids.contains(argument))
        .chain(filters)
        .filter_map(|(argument, list)| Some(IdPlace { argument, list, named: list.named.as_ref()? }))
}

/// The list whose items are read by their ids below this path, which ends with a slash.
fn listed_at(operation: &Operation, path: &str) -> Option<&'static Operation> {
    let path = path.strip_suffix('/')?;
    let is_it = |other: &&Operation| {
        other.api == operation.api
            && other.effect == Effect::Read
            && other.named.is_some()
            && other.path == path
    };
    catalog::operations().iter().find(is_it)
}

impl IdPlace {
    /// The items of an answer of the list.
    pub(super) fn candidates(&self, answer: &Value) -> Vec<Candidate> {
        let items = answer.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(|item| self.candidate(item)).collect()
    }

    fn candidate(&self, item: &Value) -> Option<Candidate> {
        let text = |path: &str| {
            path.split('.').try_fold(item, |value, name| value.get(name)).and_then(Value::as_str)
        };
        let names = self.named.by.iter().filter_map(|path| Some((*path, text(path)?)));
        Some(Candidate::new((self.named.id, text(self.named.id)?), names))
    }

    /// That a name was taken for an item.
    pub(super) fn taken(&self, name: &str, one: &Candidate) -> String {
        format!("`{}`: {} is {}.", self.argument, quoted(&clipped(name)), one.shown)
    }

    /// The same where the list was read at that time.
    pub(super) fn taken_as_of(&self, name: &str, one: &Candidate, at: &str) -> String {
        format!("`{}`: {} is {}, as listed at {at}.", self.argument, quoted(&clipped(name)), one.shown)
    }

    /// Why a name is not taken, without a full stop; `read` says what was looked through.
    pub(super) fn problem(&self, name: &str, meaning: &NameMeaning<'_>, read: &str) -> String {
        problem((self.argument, self.list.name), name, meaning, read)
    }
}

impl Candidate {
    /// Something with its id and its names, each with what the field is called.
    pub fn new<'n>((field, id): (&str, &str), names: impl IntoIterator<Item = (&'n str, &'n str)>) -> Self {
        let mut shown = Map::from_iter([(field.to_owned(), Value::from(clipped(id)))]);
        let mut known = Vec::new();
        for (field, name) in names {
            shown.insert(field.to_owned(), Value::from(clipped(name)));
            known.push(name.trim().to_lowercase());
        }
        Self { id: id.to_owned(), shown: Value::Object(shown), names: known }
    }

    /// Id and names, for whoever has to choose.
    #[must_use]
    pub fn told(&self) -> String {
        self.shown.to_string()
    }
}

/// Why a name in an argument is not taken, without a full stop; `list` is the tool that lists what there is, and `read` says
/// what was looked through.
#[must_use]
pub fn problem((argument, list): (&str, &str), name: &str, meaning: &NameMeaning<'_>, read: &str) -> String {
    let name = quoted(&clipped(name));
    match meaning {
        NameMeaning::One(one) => format!(
            "`{argument}` must be an id here, and {name} is a name, probably of {}: check it, and pass its id",
            one.shown
        ),
        NameMeaning::Several(all) => {
            let more = all.len().saturating_sub(SHOWN);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            format!(
                "`{argument}`: {name} may be any of {} items of {list}: {}{more}; pass the id of the one you mean",
                all.len(),
                listed(all, SHOWN)
            )
        }
        NameMeaning::Nobody(nearest) if nearest.is_empty() => {
            format!(
                "`{argument}`: {read} of {list} has the name {name}; pass an id or a name that it returns"
            )
        }
        NameMeaning::Nobody(nearest) => format!(
            "`{argument}`: {read} of {list} has the name {name}; most like it: {}",
            listed(nearest, NEAREST)
        ),
    }
}

/// What a name means among these. An id is its own item's name; a name that is the same but for case goes before one of which
/// it is some whole words.
#[must_use]
pub fn meaning<'c>(name: &str, among: &'c [Candidate]) -> NameMeaning<'c> {
    let wanted = name.trim().to_lowercase();
    let of = |is_it: &dyn Fn(&Candidate) -> bool| {
        let mut found: Vec<&Candidate> = Vec::new();
        for one in among.iter().filter(|one| is_it(one)) {
            if found.iter().all(|other| other.id != one.id) {
                found.push(one);
            }
        }
        found
    };
    let is_id = |one: &Candidate| one.id.to_lowercase() == wanted;
    let is_same = |one: &Candidate| one.names.contains(&wanted);
    // Of an e-mail address a part is another one's.
    let has_part =
        |one: &Candidate| !wanted.contains('@') && one.names.iter().any(|name| has_words(name, &wanted));
    for is_it in [&is_id as &dyn Fn(&Candidate) -> bool, &is_same, &has_part] {
        match *of(is_it) {
            [] => {}
            [one] => return NameMeaning::One(one),
            ref several => return NameMeaning::Several(several.to_vec()),
        }
    }
    let likeness = |one: &Candidate| {
        one.names.iter().map(|name| strsim::jaro_winkler(name, &wanted)).fold(0.0, f64::max)
    };
    let mut near: Vec<(f64, &Candidate)> =
        of(&|one| likeness(one) > LIKE).into_iter().map(|one| (likeness(one), one)).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    NameMeaning::Nobody(near.into_iter().take(NEAREST).map(|(_, one)| one).collect())
}

/// Whether a name has these words, whole.
fn has_words(name: &str, words: &str) -> bool {
    let is_open = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    !words.is_empty()
        && name.match_indices(words).any(|(at, _)| {
            let (before, after) = (name.get(..at), name.get(at + words.len()..));
            is_open(before.and_then(|text| text.chars().next_back()))
                && is_open(after.and_then(|text| text.chars().next()))
        })
}

fn listed(all: &[&Candidate], most: usize) -> String {
    all.iter().take(most).map(|one| one.shown.to_string()).collect::<Vec<_>>().join(", ")
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn vendors() -> IdPlace {
        places(catalog::find("get_vendor").unwrap()).next().unwrap()
    }

    #[test]
    fn a_name_means_what_is_the_same_before_what_has_its_words() {
        let items = json!({"items": [
            {"id": "a1", "name": "Acme"}, {"id": "a2", "name": "Acme Inc."}, {"id": "b1", "name": "Box, Inc."},
            {"id": "c1", "name": "Zoomer"}, {"id": "d1", "name": "Twin"}, {"id": "d2", "name": "twin"},
        ]});
        let among = vendors().candidates(&items);
        let means = |name: &str| match meaning(name, &among) {
            NameMeaning::One(one) => one.id.clone(),
            NameMeaning::Several(all) => format!("{} of them", all.len()),
            NameMeaning::Nobody(near) => {
                format!("near {}", near.iter().map(|one| &*one.id).collect::<Vec<_>>().join(" "))
            }
        };
        for (name, expected) in [
            ("ACME", "a1"),
            (" acme inc. ", "a2"),
            ("Inc", "2 of them"),
            ("Box", "b1"),
            ("Twin", "2 of them"),
            ("B1", "b1"),
            ("Zoom", "near c1"),
            ("Qqq", "near "),
            ("x@Acme", "near a1"),
        ] {
            assert_eq!(means(name), expected, "{name}");
        }
    }

    #[test]
    fn ids_do_not_look_like_names() {
        for id in ["64c0e5f9e2a1b3c4d5e6f7a8", "soc2", "iso27001_2022", "access-requests", "a.b:c", " aws "] {
            assert!(!is_name(id), "{id}");
        }
        for name in ["jane@acme.com", "access requests", "müller"] {
            assert!(is_name(name) && is_surely_name(name), "{name}");
        }
        for either in ["Acme", "AC-1"] {
            assert!(is_name(either) && !is_surely_name(either), "{either}");
        }
    }

    #[test]
    fn each_list_with_names_is_one_that_can_be_searched() {
        let mut used = 0;
        for list in catalog::operations().iter().filter(|operation| operation.named.is_some()) {
            let Some(Named { id, by, find }) = &list.named else { continue };
            assert!(list.is_list() && list.effect == Effect::Read, "{}", list.name);
            for field in by.iter().chain([id]) {
                assert!(catalog::members::lists(list.members, field), "{}: {field}", list.name);
            }
            assert!(find.is_none_or(|find| list.in_query.contains(&find)), "{}", list.name);
            let takes =
                |operation: &&'static Operation| places(operation).any(|place| place.list.name == list.name);
            used += usize::from(catalog::operations().iter().any(|operation| takes(&operation)));
        }
        assert_eq!(used, catalog::operations().iter().filter(|operation| operation.named.is_some()).count());
    }

    #[test]
    fn ids_of_elsewhere_are_not_looked_up() {
        for operation in catalog::operations() {
            for place in places(operation) {
                assert!(!operation.foreign_ids.contains(&place.argument), "{}", operation.name);
                assert_eq!(place.list.api, operation.api, "{}", operation.name);
            }
        }
    }
}
