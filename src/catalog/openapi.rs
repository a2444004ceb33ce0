//! Vanta's APIs as its OpenAPI documents have them, read as far as the catalog can be held to them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// How far a reference is followed, so that one to itself ends.
const DEPTH: usize = 24;

/// One document.
#[derive(Debug)]
pub struct Document {
    /// Its operations.
    pub operations: Vec<Documented>,
    /// The scopes that it names.
    pub scopes: BTreeSet<String>,
}

/// One operation of a document.
#[derive(Debug)]
pub struct Documented {
    /// In capitals.
    pub method: String,
    /// With `/v1` and `{placeholders}`.
    pub path: String,
    /// Vanta's own name of it.
    pub id: String,
    /// Whether its end is announced.
    pub deprecated: bool,
    /// The scopes that it asks for, where the document says so.
    pub scopes: BTreeSet<String>,
    /// What it takes.
    pub takes: Takes,
}

/// What an operation takes, in one form for documents and catalog.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Takes {
    /// In the path.
    pub path: BTreeSet<String>,
    /// In the query.
    pub query: TakenMembers,
    /// In the body: `updates[].id` for a member of each entry.
    pub body: TakenMembers,
}

/// Members by their paths.
pub type TakenMembers = BTreeMap<String, Member>;

/// One parameter or member.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Member {
    /// Whether it has to be there.
    pub required: bool,
    /// Its values, where they are enumerated; of a list those of its entries.
    pub values: BTreeSet<String>,
    /// Whether any other text is taken as well.
    pub open: bool,
    /// How many entries it has at the most, where it is a list that says so.
    pub most: Option<u64>,
    /// Whether it is the content of a file.
    pub binary: bool,
}

/// Why a text is not such a document.
#[derive(Debug, thiserror::Error)]
pub enum OpenApiError {
    /// It is no JSON.
    #[error("it is not JSON ({0})")]
    NotJson(#[from] serde_json::Error),
    /// It is JSON of another kind.
    #[error("it is not an OpenAPI 3 document: `openapi` or `paths` is missing")]
    NotOpenApi,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// The text is no JSON, or not an OpenAPI document.
    pub fn read(text: &str) -> Result<Self, OpenApiError> {
        let whole: Value = serde_json::from_str(text)?;
        let paths = whole.get("paths").and_then(Value::as_object);
        let is_version_3 =
            whole.get("openapi").and_then(Value::as_str).is_some_and(|version| version.starts_with("3."));
        let Some(paths) = paths.filter(|_| is_version_3) else { return Err(OpenApiError::NotOpenApi) };
        let reading = DocumentReading { whole: &whole };
        let mut operations = Vec::new();
        for (path, item) in paths {
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    operations.push(reading.operation(method, path, item, operation));
                }
            }
        }
        Ok(Self { operations, scopes: reading.scopes() })
    }
}

struct DocumentReading<'d> {
    whole: &'d Value,
}

impl<'d> DocumentReading<'d> {
    fn operation(&self, method: &str, path: &str, item: &'d Value, operation: &'d Value) -> Documented {
        let mut takes = Takes::default();
        let lists = [item, operation].into_iter().filter_map(|place| place.get("parameters")?.as_array());
        for parameter in lists.flatten().map(|parameter| self.resolved(parameter)) {
            let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
            let required = parameter.get("required") == Some(&Value::Bool(true));
            match parameter.get("in").and_then(Value::as_str) {
                Some("path") => {
                    takes.path.insert(name.to_owned());
                }
                Some("query") => {
                    let schema = parameter.get("schema").unwrap_or(&Value::Null);
                    self.member(schema, name, required, &mut takes.query, 0);
                }
                _ => {}
            }
        }
        if let Some(schema) = self.body(operation) {
            self.members(schema, "", &mut takes.body, 0);
        }
        Documented {
            method: method.to_uppercase(),
            path: format!("{}{path}", self.base()),
            id: operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned(),
            deprecated: operation.get("deprecated") == Some(&Value::Bool(true)),
            scopes: operation
                .get("security")
                .or_else(|| self.whole.get("security"))
                .map(demanded)
                .unwrap_or_default(),
            takes,
        }
    }

    /// What stands before each path: `/v1`, which some documents have in the server's address instead.
    fn base(&self) -> &'d str {
        let address = self.whole.pointer("/servers/0/url").and_then(Value::as_str).unwrap_or_default();
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default().trim_end_matches('/')
    }

    /// The schema of the body, be it JSON or parts.
    fn body(&self, operation: &'d Value) -> Option<&'d Value> {
        let content = self.resolved(operation.get("requestBody")?).get("content")?;
        ["application/json", "multipart/form-data"].iter().find_map(|kind| content.get(*kind)?.get("schema"))
    }

    fn scopes(&self) -> BTreeSet<String> {
        let schemes = self.whole.pointer("/components/securitySchemes").and_then(Value::as_object);
        let flows =
            schemes.into_iter().flat_map(Map::values).filter_map(|scheme| scheme.get("flows")?.as_object());
        let named = flows.flat_map(Map::values).filter_map(|flow| flow.get("scopes")?.as_object());
        named.flat_map(Map::keys).cloned().collect()
    }

    fn resolved(&self, schema: &'d Value) -> &'d Value {
        let mut schema = schema;
        for _ in 0..DEPTH {
            let Some(pointer) =
                schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'))
            else {
                break;
            };
            schema = self.whole.pointer(pointer).unwrap_or(&Value::Null);
        }
        schema
    }

    fn member(&self, schema: &'d Value, at: &str, required: bool, into: &mut TakenMembers, depth: usize) {
        into.entry(at.to_owned()).or_default().required |= required;
        self.form(schema, at, into, depth);
    }

    /// The members of an object, or of each entry of a list.
    fn members(&self, schema: &'d Value, at: &str, into: &mut TakenMembers, depth: usize) {
        let schema = self.resolved(schema);
        for form in forms(schema) {
            if depth < DEPTH {
                self.members(form, at, into, depth + 1);
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
        for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            if depth < DEPTH {
                self.member(inner, &at, is_required(name), into, depth + 1);
            }
        }
    }

    /// What a member's schema says of it and of what is in it.
    fn form(&self, schema: &'d Value, at: &str, into: &mut TakenMembers, depth: usize) {
        let schema = self.resolved(schema);
        if depth >= DEPTH {
            return;
        }
        let member = into.entry(at.trim_end_matches("[]").to_owned()).or_default();
        member.binary |= schema.get("format").is_some_and(|format| format == "binary");
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            member.values.extend(values.iter().filter_map(Value::as_str).map(str::to_owned));
        } else if schema.get("type").is_some_and(|kind| kind == "string") {
            member.open = true;
        }
        for form in forms(schema) {
            self.form(form, at, into, depth + 1);
        }
        if let Some(entries) = schema.get("items") {
            if let Some(member) = into.get_mut(at) {
                member.most = schema.get("maxItems").and_then(Value::as_u64).or(member.most);
            }
            self.form(entries, &format!("{at}[]"), into, depth + 1);
        } else if schema.get("properties").is_some() {
            self.members(schema, at, into, depth + 1);
        }
    }
}

/// The parts and forms that a schema is put together of.
fn forms(schema: &Value) -> impl Iterator<Item = &Value> {
    ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|word| schema.get(word)?.as_array()).flatten()
}

fn demanded(security: &Value) -> BTreeSet<String> {
    let schemes =
        security.as_array().into_iter().flatten().filter_map(Value::as_object).flat_map(Map::values);
    schemes.filter_map(Value::as_array).flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a schema of the catalog takes by these names, in the same form.
pub fn of_catalog(schema: &Value, names: &[&str]) -> TakenMembers {
    let reading = DocumentReading { whole: schema };
    let required = schema.get("required").and_then(Value::as_array);
    let mut members = TakenMembers::new();
    for name in names {
        let is_required = required.is_some_and(|all| all.iter().any(|one| one == name));
        if let Some(inner) = schema.get("properties").and_then(|all| all.get(name)) {
            reading.member(inner, name, is_required, &mut members, 0);
        }
    }
    members
}
