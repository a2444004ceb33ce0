//! What a person writes in `tools/`, and how it becomes an [`Operation`]:
//! the arguments' schema is put together here, once, at build time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use toml::Spanned;

use super::model::{Area, Confirmation, Effect, Encoding, Method, Operation, Shape, Upload};
use super::request_line::RequestLine;
use super::scope::Narrow;

/// One file: an area and its tools. A key that is not named here is an error.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The table `[area]`.
    pub area: AreaSource,
    /// The tables `[tool.NAME]`, each with the place where its name stands.
    pub tool: BTreeMap<Spanned<String>, ToolSource>,
}

/// The table `[area]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaSource {
    /// For people, in tables.
    pub title: String,
    /// One line for people.
    pub about: String,
    /// Small letters and hyphens.
    pub toolset: String,
}

/// A table `[tool.NAME]`: see the keys' meaning at [`Operation`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key that a person writes")]
pub struct ToolSource {
    pub title: String,
    /// `METHOD /path` with constants after `?`, or `METHOD ?api=…` for the Panel.
    pub call: String,
    pub effect: Effect,
    pub about: String,
    #[serde(default)]
    pub asks: Vec<String>,
    #[serde(default)]
    pub usual: bool,
    pub scope: Option<Narrow>,
    #[serde(default)]
    pub pages: bool,
    /// The largest page, where it is not the usual one.
    pub largest_page: Option<u16>,
    #[serde(default)]
    pub bulk: bool,
    #[serde(default)]
    pub delayed: bool,
    #[serde(default)]
    pub download: bool,
    #[serde(default)]
    pub form: bool,
    pub upload: Option<UploadSource>,
    #[serde(default)]
    pub as_json: Vec<String>,
    #[serde(default)]
    pub as_commas: Vec<String>,
    pub idempotent: Option<bool>,
    #[serde(default)]
    pub deprecated: bool,
    #[serde(default)]
    pub was: Vec<String>,
    #[serde(default)]
    pub show: Vec<String>,
    #[serde(default)]
    pub path: Map<String, Value>,
    #[serde(default)]
    pub foreign_ids: Vec<String>,
    #[serde(default)]
    pub query: Map<String, Value>,
    #[serde(default)]
    pub body: Map<String, Value>,
    #[serde(default)]
    pub required: Vec<String>,
    #[serde(default)]
    pub repeat_in_body: Vec<String>,
    pub spread: Option<String>,
    pub items: Option<String>,
    #[serde(default)]
    pub once: Vec<String>,
    pub target: Option<String>,
    pub before: Option<String>,
    pub does: Option<String>,
    pub undo: Option<String>,
}

/// The key `upload`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadSource {
    pub part: String,
    pub accepts: Vec<String>,
}

impl ToolSource {
    /// The argument that identifies the target, where the catalog does not say: the last of the path.
    #[must_use]
    pub fn target(&self) -> Option<String> {
        self.target.clone().or_else(|| {
            let call = RequestLine::parse(&self.call).ok()?;
            call.placeholders().last().map(|name| (*name).to_owned())
        })
    }

    /// The operation of that name in its area, ready to embed. Everything is leaked: the build script ends soon after.
    ///
    /// # Errors
    /// What is wrong, where [`super::check`] could not see it.
    pub fn compile(&self, name: &str, area: &Area<'_>) -> Result<Operation<'static>, String> {
        let call = RequestLine::parse(&self.call)?;
        let in_path = call.placeholders();
        let schema = serde_json::value::to_raw_value(&self.schema(&in_path)).map_err(|e| e.to_string())?;
        let schema: &'static RawValue = Box::leak(schema);
        Ok(Operation {
            name: leak(name),
            title: Cow::Owned(self.title.clone()),
            about: Cow::Owned(self.about.clone()),
            asks: leak(&self.asks.join("|")),
            api: area.api,
            area: leak(area.name),
            toolset: leak(area.toolset),
            usual: self.usual,
            method: call.method,
            path: leak(call.path),
            constants: call.constants.iter().map(|(key, value)| (leak(key), leak(value))).collect(),
            effect: self.effect,
            scope: self.scope,
            shape: self.shape(),
            idempotent: self.is_idempotent(call.method),
            deprecated: self.deprecated,
            was: leak_all(&self.was),
            show: leak_sorted(&self.show),
            in_path: in_path.into_iter().map(leak).collect(),
            foreign_ids: leak_all(&self.foreign_ids),
            in_query: self.query.keys().map(|key| leak(key)).collect(),
            in_body: self.body.keys().map(|key| leak(key)).collect(),
            form: if self.is_multipart() { Encoding::Multipart } else { Encoding::Json },
            upload: self
                .upload
                .as_ref()
                .map(|upload| Upload { part: leak(&upload.part), accepts: leak_all(&upload.accepts) }),
            as_json: leak_all(&self.as_json),
            as_commas: leak_all(&self.as_commas),
            repeat_in_body: leak_all(&self.repeat_in_body),
            spread: self.spread.as_deref().map(leak),
            items: self.items.as_deref().map(leak),
            once: leak_all(&self.once),
            confirmation: self.confirmation(),
            schema,
        })
    }

    /// Whether the body is `multipart/form-data`.
    #[must_use]
    pub fn is_multipart(&self) -> bool {
        self.form || self.upload.is_some()
    }

    fn shape(&self) -> Shape {
        if self.download {
            Shape::File
        } else if self.pages {
            Shape::Page
        } else if self.bulk {
            Shape::Bulk
        } else if self.delayed {
            Shape::Delayed
        } else {
            Shape::Plain
        }
    }

    /// RFC 9110 section 9.2.2 makes GET, PUT and DELETE idempotent; the others say so themselves.
    fn is_idempotent(&self, method: Method) -> bool {
        self.idempotent.unwrap_or(
            self.effect == Effect::Read || matches!(method, Method::Get | Method::Put | Method::Delete),
        )
    }

    fn confirmation(&self) -> Option<Confirmation<'static>> {
        if self.effect != Effect::Destroy {
            return None;
        }
        let target = self.target()?;
        let (argument, each) = split_target(&target);
        Some(Confirmation {
            argument: leak(argument),
            each: each.map(leak),
            before: self.before.as_deref().map(leak),
            does: Cow::Owned(self.does.clone()?),
            undo: Cow::Owned(self.undo.clone()?),
        })
    }

    /// The schema of all arguments: the operation's own, and those that come with its shape and effect.
    fn schema(&self, in_path: &[&str]) -> Value {
        let mut properties = Map::new();
        for (name, parameter) in self.path.iter().chain(&self.query).chain(&self.body) {
            properties.insert(name.clone(), finish(parameter.clone()));
        }
        // An empty filter would be sent as none, and everything would come back as if it had passed it.
        for name in self.query.keys() {
            if let Some(Value::Object(parameter)) = properties.get_mut(name)
                && parameter.get("type").is_some_and(|kind| kind == "array")
            {
                parameter.insert("minItems".to_owned(), json!(1));
            }
        }
        // An empty segment would turn the path of one thing into the path of the whole list.
        for name in in_path {
            if let Some(Value::Object(parameter)) = properties.get_mut(*name) {
                parameter.insert("minLength".to_owned(), json!(1));
            }
        }
        if let Some(upload) = &self.upload {
            properties.insert("file".to_owned(), file(&upload.accepts));
        }
        if self.download {
            properties.insert("folder".to_owned(), folder());
        }
        if self.pages {
            properties.insert("page_size".to_owned(), page_size(self.largest_page.unwrap_or(LARGEST_PAGE)));
            properties.insert("page_cursor".to_owned(), page_cursor());
        }
        if self.pages || !self.show.is_empty() {
            properties.insert("fields".to_owned(), self.fields());
        }
        if self.effect == Effect::Destroy
            && let Some(target) = self.target()
        {
            properties.insert("confirm".to_owned(), confirm(&target));
        }
        let mut required: Vec<&str> = in_path.to_vec();
        required.extend(self.upload.is_some().then_some("file"));
        required.extend(self.required.iter().map(String::as_str));
        let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if !required.is_empty()
            && let Some(object) = schema.as_object_mut()
        {
            object.insert("required".to_owned(), json!(required));
        }
        schema
    }

    fn fields(&self) -> Value {
        let usual = if self.show.is_empty() { "all".to_owned() } else { self.show.join(", ") };
        json!({
            "type": "array",
            "items": { "type": "string" },
            "minItems": 1,
            "description": format!("Fields to answer with, * for all. Default: {usual}."),
        })
    }
}

/// `updates[].id` is the argument `updates`, identified by `id` in each entry.
#[must_use]
pub fn split_target(target: &str) -> (&str, Option<&str>) {
    match target.split_once("[]") {
        Some((argument, member)) => (argument, Some(member.trim_start_matches('.'))),
        None => (target, None),
    }
}

/// More endings than this are not worth their tokens: a refusal names them all.
const MANY: usize = 8;

fn file(accepts: &[String]) -> Value {
    let text = |about: &str| json!({ "type": "string", "minLength": 1, "description": about });
    json!({
        "description": format!(
            "Path of a local file in a folder that the operator allowed, or the file itself as {{name, base64}}. Accepted: {}.",
            if accepts.len() > MANY { "the usual office, text, image, certificate and archive files".to_owned() } else { accepts.join(", ") },
        ),
        "anyOf": [text("Local path."), {
            "type": "object",
            "properties": { "name": text("File name with its ending."), "base64": text("Content in base64.") },
            "required": ["name", "base64"],
            "additionalProperties": false,
        }],
    })
}

fn folder() -> Value {
    json!({
        "type": "string", "minLength": 1,
        "description": "Folder to save into, one that the operator allowed or one below it. Left out, a small text, CSV, JSON or \
                        image is answered in place and anything else is saved in the first allowed folder.",
    })
}

/// The most items on a page, as the overview pages of Vanta's APIs have it.
const LARGEST_PAGE: u16 = 100;

fn page_size(most: u16) -> Value {
    json!({
        "type": "integer", "minimum": 1, "maximum": most, "default": 50,
        "description": "Items on a page.",
    })
}

fn page_cursor() -> Value {
    json!({ "type": "string", "minLength": 1, "description": "next_cursor of the page before." })
}

fn confirm(target: &str) -> Value {
    let why = "Left out, nothing is changed and the answer is a preview.";
    match split_target(target) {
        (argument, None) => json!({
            "type": "string",
            "description": format!("Repeat {argument} exactly to carry it out. {why}"),
        }),
        (argument, Some(member)) => {
            let what =
                if member.is_empty() { argument.to_owned() } else { format!("every {member} of {argument}") };
            json!({
                "type": "array",
                "items": { "type": "string" },
                "description": format!("Repeat {what} exactly to carry it out. {why}"),
            })
        }
    }
}

/// Turns what a person writes into JSON Schema: `nullable` becomes a null type, and an object with named
/// properties takes no others, so that a misspelt one is found before anything is sent.
fn finish(schema: Value) -> Value {
    let Value::Object(mut schema) = schema else { return schema };
    let nullable = schema.remove("nullable") == Some(Value::Bool(true));
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.remove(key) {
            schema.insert(key.to_owned(), finish(inner));
        }
    }
    if let Some(Value::Array(choices)) = schema.remove("anyOf") {
        schema.insert("anyOf".to_owned(), Value::Array(choices.into_iter().map(finish).collect()));
    }
    if let Some(Value::Object(properties)) = schema.remove("properties") {
        let finished: Map<_, _> = properties.into_iter().map(|(name, inner)| (name, finish(inner))).collect();
        schema.insert("properties".to_owned(), Value::Object(finished));
        schema.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    if nullable { with_null(schema) } else { Value::Object(schema) }
}

fn with_null(mut schema: Map<String, Value>) -> Value {
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.push(json!({ "type": "null" }));
    }
    if let Some(kind) = schema.remove("type") {
        schema.insert("type".to_owned(), json!([kind, "null"]));
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
    Value::Object(schema)
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn leak_sorted(texts: &[String]) -> Vec<&'static str> {
    let mut texts = leak_all(texts);
    texts.sort_unstable();
    texts
}

fn leak_all(texts: &[String]) -> Vec<&'static str> {
    texts.iter().map(|text| leak(text)).collect()
}
