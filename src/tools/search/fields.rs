//! What is read of a tool, and how much each part of it counts.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::beyond::Beyond;
use super::words::Splitter;
use crate::catalog::Effect;
use crate::tools::findable::Findable;

/// A part of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The words of its name.
    Name,
    /// What people say.
    Asks,
    /// What it says of itself.
    About,
    /// What others say of it, such as "for one vendor by id use `get_vendor`".
    Elsewhere,
    /// Its parameters, with their descriptions.
    Parameters,
    /// Where it is, upstream and in the catalog.
    Place,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Name, Self::Asks, Self::About, Self::Elsewhere, Self::Parameters, Self::Place];

    /// How much it counts.
    pub fn weight(self) -> f32 {
        match self {
            Self::Name => 2.0,
            // They count again as phrases.
            Self::Asks => 1.5,
            Self::About => 5.0,
            Self::Elsewhere => 1.5,
            Self::Parameters => 1.3,
            Self::Place => 0.3,
        }
    }

    /// BM25's b: how much its length counts.
    pub fn b(self) -> f32 {
        match self {
            Self::Asks | Self::Elsewhere | Self::Place => 0.3,
            Self::Name | Self::About | Self::Parameters => 1.3,
        }
    }
}

/// A tool in stems with spaces between them.
#[derive(Default)]
pub struct Searched {
    fields: HashMap<Field, String>,
    /// Each thing that people say, and last the title.
    pub phrases: Vec<String>,
}

impl Searched {
    /// A field; empty where there is nothing in it.
    pub fn of(&self, field: Field) -> &str {
        self.fields.get(&field).map_or("", String::as_str)
    }

    /// What is said of a wish that no tool fulfils.
    pub fn of_wish(beyond: &Beyond, splitter: &mut Splitter) -> Self {
        let mut text = Self::default();
        // Who or what it is about is said of much that a tool does.
        let (_, wish) = beyond.wish.split_once(": ").unwrap_or(("", &beyond.wish));
        text.add(Field::Name, wish, splitter);
        text.add(Field::About, wish, splitter);
        for ask in beyond.asks.iter().map(String::as_str).chain([wish]) {
            text.add(Field::Asks, ask, splitter);
            let mut terms = String::new();
            splitter.add_terms(ask, &mut terms);
            text.phrases.push(terms);
        }
        text
    }

    fn add(&mut self, field: Field, text: &str, splitter: &mut Splitter) {
        splitter.add_terms(text, self.fields.entry(field).or_default());
    }
}

/// The part of a schema that is searched.
#[derive(Deserialize)]
struct Schema<'a> {
    #[serde(borrow)]
    properties: BTreeMap<&'a str, Parameter<'a>>,
}

#[derive(Deserialize)]
struct Parameter<'a> {
    #[serde(borrow, default)]
    description: Cow<'a, str>,
    /// Where it has several forms, the first has the description.
    #[serde(borrow, default, rename = "anyOf")]
    forms: Vec<ParameterForm<'a>>,
}

#[derive(Deserialize)]
struct ParameterForm<'a> {
    #[serde(borrow, default)]
    description: Cow<'a, str>,
}

impl<'a> Parameter<'a> {
    fn description(self) -> Cow<'a, str> {
        self.forms.into_iter().next().map_or(self.description, |form| form.description)
    }
}

/// Arguments that many tools have and that say nothing about any.
const COMMON: &[&str] =
    &["all", "confirm", "countOnly", "fields", "fresh", "groupBy", "maxItems", "pageCursor", "pageSize"];

/// The texts of the tools, in their order.
pub fn read(tools: &[Findable], splitter: &mut Splitter) -> Vec<Searched> {
    let numbers: HashMap<&str, usize> =
        tools.iter().enumerate().map(|(number, tool)| (tool.name(), number)).collect();
    let mut texts: Vec<Searched> = tools.iter().map(|_| Searched::default()).collect();
    let mut elsewhere: Vec<(usize, String)> = Vec::new();
    // Half of the parameters are described in the same words as others.
    let mut descriptions: HashMap<String, String> = HashMap::new();
    for (tool, text) in tools.iter().zip(&mut texts) {
        let title = tool.title().strip_prefix("List ").unwrap_or(tool.title());
        for phrase in tool.asks().chain([title]) {
            let mut terms = String::new();
            splitter.add_terms(phrase, &mut terms);
            text.phrases.push(terms);
        }
        text.add(Field::Name, plain_name(*tool), splitter);
        for ask in tool.asks() {
            text.add(Field::Asks, ask, splitter);
        }
        for clause in tool.about().split(". ").flat_map(|part| part.split([';', ':'])) {
            let (plain, named) = without_names(clause, &numbers);
            if named.is_empty() {
                text.add(Field::About, &plain, splitter);
            }
            elsewhere.extend(named.into_iter().map(|number| (number, plain.clone().into_owned())));
        }
        let schema = tool.schema();
        let schema = serde_json::from_str::<Schema>(&schema);
        for (name, parameter) in schema.into_iter().flat_map(|schema| schema.properties) {
            if !COMMON.contains(&name) {
                text.add(Field::Parameters, name, splitter);
                let description = descriptions
                    .entry(parameter.description().into_owned())
                    .or_insert_with_key(|description| {
                        let mut terms = String::new();
                        splitter.add_terms(&without_names(description, &numbers).0, &mut terms);
                        terms
                    });
                text.fields.entry(Field::Parameters).or_default().push_str(description);
            }
        }
        for part in place(*tool) {
            text.add(Field::Place, part, splitter);
        }
    }
    for (number, said) in elsewhere {
        if let Some(text) = texts.get_mut(number) {
            text.add(Field::Elsewhere, &said, splitter);
        }
    }
    texts
}

/// Where a tool is: the parts of its path, and its area.
fn place(tool: Findable) -> impl Iterator<Item = &'static str> {
    let path = match tool {
        Findable::Operation(operation) => operation.path,
        Findable::Job(_) => "",
    };
    let parts = path.split('/').filter(|part| *part != "v1" && !part.starts_with('{'));
    parts.chain(tool.area().map(|area| area.name))
}

/// A name without the verb that every reading operation has.
fn plain_name(tool: Findable) -> &'static str {
    let name = tool.name();
    let plain = name.strip_prefix("list_").or_else(|| name.strip_prefix("get_"));
    plain.filter(|_| tool.effect() == Effect::Read).unwrap_or(name)
}

/// A text without the names of tools, and the numbers of those that it names.
fn without_names<'t>(text: &'t str, numbers: &HashMap<&str, usize>) -> (Cow<'t, str>, Vec<usize>) {
    if !text.contains('_') {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut named = Vec::new();
    let mut plain = String::new();
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        match numbers.get(bare) {
            Some(number) => named.push(*number),
            None => plain.push_str(word),
        }
    }
    (Cow::Owned(plain), named)
}
