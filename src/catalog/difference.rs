//! Where OpenAPI documents and the catalog differ, so that what Vanta adds is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use serde_json::Value;

use super::Operation;
use super::effect::Effect;
use super::model::Api;
use super::openapi::{Document, Documented, Member, TakenMembers, Takes, of_catalog};
use super::scope::Scope;
use super::shape::Shape;

/// Which side lacks something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The documents have it and the catalog does not.
    Missing,
    /// The catalog has it and the documents do not.
    Gone,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Which side lacks it.
    pub side: Side,
    /// What kind of thing it is.
    pub kind: Kind,
    /// The tool, or the operation's request line where there is none.
    pub of: String,
    /// What it is.
    pub what: String,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A whole operation.
    Operation,
    /// A parameter in path or query.
    Parameter,
    /// A member of a body.
    Body,
    /// A value of an enumeration.
    Value,
    /// How many entries a list may have.
    ArrayLimit,
    /// That something has to be there.
    Requirement,
    /// A scope.
    Scope,
    /// That an operation's end is announced.
    Deprecation,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Parameter => "parameter",
            Self::Body => "body member",
            Self::Value => "value",
            Self::ArrayLimit => "array limit",
            Self::Requirement => "requirement",
            Self::Scope => "scope",
            Self::Deprecation => "deprecation",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Missing => "missing",
            Side::Gone => "gone",
        };
        write!(f, "{side} {}: {} {}", self.kind.as_str(), self.of, self.what)
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Comparison {
    /// In order: what is missing, then what is gone.
    pub differences: Vec<Difference>,
    /// The operations that the catalog lacks.
    pub missing: Vec<Documented>,
    /// How many operations the documents have.
    pub compared: usize,
}

/// Compares documents with the catalog. Of an API of which no document has an operation nothing is said.
#[must_use]
pub fn compare(documents: Vec<Document>, catalog: &'static [Operation]) -> Comparison {
    let known: BTreeMap<(&str, String), &'static Operation> = catalog
        .iter()
        .filter(|operation| operation.api != Api::Panel)
        .map(|operation| ((operation.method.as_str(), nameless(operation.path)), operation))
        .collect();
    let mut found = Comparison::default();
    let mut seen = BTreeSet::new();
    let mut apis = BTreeSet::new();
    for document in documents {
        scopes(&document, &mut found.differences);
        for published in document.operations {
            found.compared += 1;
            if let Some(operation) = known.get(&(published.method.as_str(), nameless(&published.path))) {
                seen.insert(operation.name);
                apis.insert(operation.api);
                one(operation, &published, &mut found.differences);
            } else {
                found.differences.push(Difference {
                    side: Side::Missing,
                    kind: Kind::Operation,
                    of: format!("{} {}", published.method, published.path),
                    what: format!("({})", published.id),
                });
                found.missing.push(published);
            }
        }
    }
    let gone =
        catalog.iter().filter(|operation| apis.contains(&operation.api) && !seen.contains(operation.name));
    found.differences.extend(gone.map(|operation| Difference {
        side: Side::Gone,
        kind: Kind::Operation,
        of: operation.name.to_owned(),
        what: format!("({} {})", operation.method.as_str(), operation.path),
    }));
    found.differences.sort();
    found.differences.dedup();
    found
}

/// A path in which a placeholder is one whatever it is called.
fn nameless(path: &str) -> String {
    let plain = |segment: &str| if segment.starts_with('{') { "{}" } else { segment }.to_owned();
    path.split('/').map(plain).collect::<Vec<_>>().join("/")
}

fn scopes(document: &Document, found: &mut Vec<Difference>) {
    let ours: BTreeSet<&str> = Scope::all().map(Scope::as_str).collect();
    for scope in document.scopes.iter().filter(|scope| !ours.contains(scope.as_str())) {
        found.push(Difference {
            side: Side::Missing,
            kind: Kind::Scope,
            of: "the application".to_owned(),
            what: format!("`{scope}`"),
        });
    }
}

fn one(operation: &Operation, published: &Documented, found: &mut Vec<Difference>) {
    let mut say = |side, kind, what| {
        found.push(Difference { side, kind, of: operation.name.to_owned(), what });
    };
    let (ours, theirs) = (takes(operation), &published.takes);
    for (side, name) in both_ways(&ours.path, &theirs.path) {
        say(side, Kind::Parameter, format!("`{name}` in the path"));
    }
    // What is sent as one text says nothing of what is in it.
    let as_text = |at: &str| {
        let first = at.split(['.', '[']).next().unwrap_or_default();
        operation.as_json.contains(&first) || operation.as_commas.contains(&first)
    };
    for (kind, ours, theirs) in
        [(Kind::Parameter, &ours.query, &theirs.query), (Kind::Body, &ours.body, &theirs.body)]
    {
        members(kind, ours, theirs, &as_text, &mut say);
    }
    let announced = |side| (side, Kind::Deprecation, "is announced to end".to_owned());
    let ends = match (operation.deprecated, published.deprecated) {
        (false, true) => Some(announced(Side::Missing)),
        (true, false) => Some(announced(Side::Gone)),
        _ => None,
    };
    if let Some((side, kind, what)) = ends {
        say(side, kind, what);
    }
    let wanted = |scope: &&String| !scope_is_known(operation, scope);
    for scope in published.scopes.iter().filter(wanted) {
        say(Side::Missing, Kind::Scope, format!("`{scope}`"));
    }
}

/// Whether a scope that a document asks for is one that an application of this API has.
fn scope_is_known(operation: &Operation, scope: &str) -> bool {
    let prefix = match operation.api {
        Api::Manage => "vanta-api.",
        Api::Audit => "auditor-api.",
        Api::Connectors => "connectors.",
        Api::Panel => "accounts:",
    };
    scope.starts_with(prefix) && scope.parse::<Scope>().is_ok()
}

fn takes(operation: &Operation) -> Takes {
    let schema: Value = serde_json::from_str(operation.schema.get()).unwrap_or_default();
    let mut query = operation.in_query.clone();
    if operation.shape == Shape::Page {
        query.extend(["pageSize", "pageCursor"]);
    }
    let mut body = of_catalog(&schema, &operation.in_body);
    if let Some(upload) = &operation.upload {
        body.insert(upload.part.to_owned(), Member { required: true, binary: true, ..Member::default() });
    }
    let path = operation.in_path.iter().map(|name| (*name).to_owned()).collect();
    Takes { path, query: of_catalog(&schema, &query), body }
}

fn both_ways(ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> Vec<(Side, String)> {
    let missing = theirs.difference(ours).map(|name| (Side::Missing, name.clone()));
    missing.chain(ours.difference(theirs).map(|name| (Side::Gone, name.clone()))).collect()
}

fn members(
    kind: Kind,
    ours: &TakenMembers,
    theirs: &TakenMembers,
    as_text: &dyn Fn(&str) -> bool,
    say: &mut dyn FnMut(Side, Kind, String),
) {
    let inside_text = |at: &&String| as_text(at) && at.contains(['.', '[']);
    let names =
        |all: &TakenMembers| all.keys().filter(|at| !inside_text(at)).cloned().collect::<BTreeSet<_>>();
    for (side, at) in both_ways(&names(ours), &names(theirs)) {
        // Of what is missing whole, nothing is said of its parts.
        let other = if side == Side::Missing { ours } else { theirs };
        if parent(&at).is_none_or(|parent| other.contains_key(parent)) {
            say(side, kind, format!("`{at}`"));
        }
    }
    for (at, theirs) in theirs.iter().filter(|(at, _)| !inside_text(at)) {
        let Some(ours) = ours.get(at) else { continue };
        if !as_text(at) && !ours.open && !theirs.open {
            for (side, value) in both_ways(&ours.values, &theirs.values) {
                say(side, Kind::Value, format!("`{at}`: \"{value}\""));
            }
        }
        if theirs.most.is_some() && ours.most != theirs.most {
            let (here, there) = (ours.most.map_or("none".to_owned(), |most| most.to_string()), theirs.most);
            say(
                Side::Missing,
                Kind::ArrayLimit,
                format!("`{at}`: {} there, {here} here", there.unwrap_or_default()),
            );
        }
        match (ours.required, theirs.required) {
            (false, true) => say(Side::Missing, Kind::Requirement, format!("`{at}`")),
            (true, false) => say(Side::Gone, Kind::Requirement, format!("`{at}`")),
            _ => {}
        }
    }
}

/// What a member is in: `updates[]` of `updates[].id` is named `updates`.
fn parent(at: &str) -> Option<&str> {
    at.rsplit_once('.').map(|(parent, _)| parent.trim_end_matches("[]"))
}

/// A table to start from, as files under `tools/` have them. Its words are for whoever adds it to write.
#[must_use]
pub fn table(published: &Documented) -> String {
    let effect = match published.method.as_str() {
        "GET" => Effect::Read,
        "DELETE" => Effect::Destroy,
        _ => Effect::Write,
    };
    let name = snake(&published.id);
    let mut text = format!(
        "[tool.{name}]\ntitle = \"{}\"\ncall = \"{} {}\"\neffect = \"{effect}\"\nabout = \"\"\nasks = []\n",
        title(&name),
        published.method,
        published.path
    );
    let takes = &published.takes;
    if takes.query.contains_key("pageSize") {
        text.push_str("pages = true\n");
    }
    let is_ours = |name: &str| matches!(name, "pageSize" | "pageCursor");
    let top = |members: &TakenMembers| {
        let named =
            members.iter().filter(|(at, member)| !at.contains(['.', '[']) && !is_ours(at) && !member.binary);
        named.map(|(at, member)| (at.clone(), member.clone())).collect::<Vec<_>>()
    };
    let (query, body) = (top(&takes.query), top(&takes.body));
    let required: Vec<String> = query
        .iter()
        .chain(&body)
        .filter(|(_, member)| member.required)
        .map(|(at, _)| format!("\"{at}\""))
        .collect();
    if !required.is_empty() {
        let _ = writeln!(text, "required = [{}]", required.join(", "));
    }
    for name in &takes.path {
        let _ = writeln!(text, "path.{name} = {{ type = \"string\", description = \"\" }}");
    }
    for (place, members, all) in [("query", query, &takes.query), ("body", body, &takes.body)] {
        for (at, member) in members {
            let _ = writeln!(text, "{place}.{at} = {{ {}description = \"\" }}", words(&at, &member, all));
        }
    }
    text
}

/// What is known of a member, as far as one line holds it.
fn words(at: &str, member: &Member, all: &TakenMembers) -> String {
    let values: Vec<String> = member.values.iter().map(|value| format!("\"{value}\"")).collect();
    let values = if values.is_empty() { String::new() } else { format!("enum = [{}], ", values.join(", ")) };
    let has_parts = |mark: &str| all.keys().any(|name| name.starts_with(&format!("{at}{mark}")));
    match (member.most, has_parts("[]"), has_parts(".")) {
        (None, false, true) => "type = \"object\", ".to_owned(),
        (None, false, false) => format!("type = \"string\", {values}"),
        (most, _, _) => {
            let most = most.map(|most| format!("maxItems = {most}, ")).unwrap_or_default();
            format!("type = \"array\", items = {{ type = \"string\", {values}}}, {most}").replace(", }", " }")
        }
    }
}

/// `ListVendorReviews` is `list_vendor_reviews`.
fn snake(id: &str) -> String {
    let mut name = String::new();
    for letter in id.chars().filter(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    if name.is_empty() { "unnamed".to_owned() } else { name }
}

fn title(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}
