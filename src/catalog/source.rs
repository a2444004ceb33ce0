//! What a person writes in `tools/`, and how it becomes an [`Operation`]:
//! the arguments' schema is put together here, once, at build time.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use toml::Spanned;

use super::advice::Advice;
use super::effect::Effect;
use super::known::{Known, Named, ValuesFrom};
use super::model::{Api, Area, Confirmation, Encoding, Method, Operation, Upload};
use super::raise::{Raise, Scalar, When, named};
use super::request_line::RequestLine;
use super::schema;
use super::scope::Narrow;
use super::shape::Shape;

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
    pub limit: Option<u16>,
    pub scope: Option<Narrow>,
    #[serde(default)]
    pub pages: bool,
    /// The largest page, where it is not the usual one.
    pub largest_page: Option<u16>,
    /// Whether it answers a whole list at once.
    #[serde(default)]
    pub whole: bool,
    /// Members by which a whole list is filtered here.
    #[serde(default)]
    pub here: Vec<String>,
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
    pub known: Known,
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
    /// Filters whose values another tool answers: `TOOL`, which has them as `id`, or `TOOL.FIELD`.
    #[serde(default)]
    pub values_from: BTreeMap<String, String>,
    /// How a person calls the items of a list.
    pub named: Option<NamedSource>,
    #[serde(default)]
    pub advice: Vec<AdviceSource>,
    #[serde(default)]
    pub members: String,
    #[serde(default)]
    pub raise: Vec<RaiseSource>,
    #[serde(default)]
    pub overwrites: bool,
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

/// An entry of the key `advice`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdviceSource {
    pub status: Option<u16>,
    pub code: Option<String>,
    pub say: String,
    #[serde(default)]
    pub tools: Vec<String>,
    pub otherwise: Option<String>,
}

impl AdviceSource {
    fn compile(&self) -> Advice<'static> {
        Advice {
            status: self.status,
            code: self.code.as_deref().map(leak),
            say: Cow::Owned(self.say.clone()),
            tools: leak_all(&self.tools),
            otherwise: self.otherwise.clone().map(Cow::Owned),
        }
    }
}

/// An entry of the key `raise`: an argument, one condition, and the effect with it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaiseSource {
    pub argument: String,
    pub is: Option<Value>,
    pub is_not: Option<Value>,
    #[serde(default)]
    pub null: bool,
    #[serde(default)]
    pub empty: bool,
    #[serde(default)]
    pub given: bool,
    pub to: Effect,
}

impl RaiseSource {
    /// The condition; none where there is not exactly one.
    #[must_use]
    pub fn when(&self) -> Option<When<'static>> {
        let all = [
            self.is.as_ref().and_then(scalar).map(When::Is),
            self.is_not.as_ref().and_then(scalar).map(When::IsNot),
            self.null.then_some(When::Null),
            self.empty.then_some(When::Empty),
            self.given.then_some(When::Given),
        ];
        let mut given = all.into_iter().flatten();
        given.next().filter(|_| given.next().is_none())
    }
}

fn scalar(value: &Value) -> Option<Scalar<'static>> {
    match value {
        Value::Bool(flag) => Some(Scalar::Flag(*flag)),
        Value::Number(number) => number.as_i64().map(Scalar::Number),
        Value::String(text) => Some(Scalar::Text(leak(text))),
        _ => None,
    }
}

impl ToolSource {
    /// The most that a call can do.
    #[must_use]
    pub fn most(&self) -> Effect {
        self.effect.raised_to(self.raise.iter().map(|raise| raise.to))
    }

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
        let mut nullable = Vec::new();
        let schema = self.schema(area.api, &in_path, &mut nullable);
        let schema = serde_json::value::to_raw_value(&schema).map_err(|e| e.to_string())?;
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
            limit: self.limit,
            scope: self.scope,
            shape: self.shape(),
            idempotent: self.is_idempotent(call.method),
            known: self.known,
            deprecated: self.deprecated,
            was: leak_all(&self.was),
            show: leak_all(&self.show),
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
            here: leak_all(&self.here),
            repeat_in_body: leak_all(&self.repeat_in_body),
            spread: self.spread.as_deref().map(leak),
            items: self.items.as_deref().map(leak),
            once: leak_all(&self.once),
            days: self.days(),
            nullable: leak_all(&nullable),
            values_from: self
                .values_from
                .iter()
                .map(|(argument, from)| ValuesFrom::leaked(argument, from))
                .collect(),
            named: self.named.as_ref().map(NamedSource::compile),
            advice: self.advice.iter().map(AdviceSource::compile).collect(),
            members: leak(&self.members),
            raise: self
                .raise
                .iter()
                .filter_map(|raise| {
                    Some(Raise { argument: leak(&raise.argument), when: raise.when()?, to: raise.to })
                })
                .collect(),
            overwrites: self.overwrites,
            confirmation: self.confirmation(),
            schema,
        })
    }

    /// Whether the body is `multipart/form-data`.
    #[must_use]
    pub fn is_multipart(&self) -> bool {
        self.form || self.upload.is_some()
    }

    /// Arguments that are a day, which the schema cannot say in words that every model's API takes.
    fn days(&self) -> Vec<&'static str> {
        let is_day = |schema: &Value| schema.get("format").is_some_and(|format| format == "date");
        let all = self.query.iter().chain(&self.body);
        all.filter(|(_, schema)| is_day(schema)).map(|(name, _)| leak(name)).collect()
    }

    fn shape(&self) -> Shape {
        if self.download {
            Shape::File
        } else if self.pages {
            Shape::Page
        } else if self.whole {
            Shape::List
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

    /// The arguments that a call is confirmed because of, where it usually is not.
    fn raised(&self) -> Option<String> {
        let places = self.raise.iter().map(|raise| raise.argument.as_str());
        (!self.effect.is_confirmed()).then(|| named(places))
    }

    fn confirmation(&self) -> Option<Confirmation<'static>> {
        if !self.most().is_confirmed() {
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
    fn schema(&self, api: Api, in_path: &[&str], nullable: &mut Vec<String>) -> Value {
        let mut properties = Map::new();
        for (name, parameter) in self.path.iter().chain(&self.query).chain(&self.body) {
            properties.insert(name.clone(), schema::finish(parameter.clone(), name, nullable));
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
            properties.insert("file".to_owned(), schema::file(&upload.accepts));
        }
        if self.download {
            properties.insert("folder".to_owned(), schema::folder());
        }
        if self.pages || self.whole {
            let most =
                if self.whole { None } else { Some(self.largest_page.unwrap_or(schema::LARGEST_PAGE)) };
            let of_list = schema::of_list(most, &self.show, &self.members);
            properties.extend(of_list.into_iter().map(|(name, argument)| (name.to_owned(), argument)));
            let filter = |name: &String| (name.clone(), schema::here(name));
            properties.extend(self.here.iter().map(filter));
        }
        if self.pages || self.whole || !self.show.is_empty() {
            properties.insert("fields".to_owned(), schema::fields(&self.show, &self.members));
        }
        if self.effect == Effect::Read && api != Api::Panel && !self.download {
            properties.insert("fresh".to_owned(), schema::fresh());
        }
        if self.most().is_confirmed()
            && let Some(target) = self.target()
        {
            let (argument, each) = split_target(&target);
            properties
                .insert("confirm".to_owned(), schema::confirm(argument, each, self.raised().as_deref()));
            properties.insert("confirmation".to_owned(), schema::confirmation());
        }
        let mut required: Vec<&str> = in_path.to_vec();
        required.extend(self.upload.is_some().then_some("file"));
        required.extend(self.required.iter().map(String::as_str));
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty()
            && let Some(object) = schema.as_object_mut()
        {
            object.insert("required".to_owned(), json!(required));
        }
        schema
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

/// The table `named` of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedSource {
    /// The member that holds the id, where it is not `id`.
    pub id: Option<String>,
    pub by: Vec<String>,
    pub find: Option<String>,
}

impl NamedSource {
    fn compile(&self) -> Named<'static> {
        let id = leak(self.id.as_deref().unwrap_or("id"));
        Named { id, by: leak_all(&self.by), find: self.find.as_deref().map(leak) }
    }
}

impl ValuesFrom<'static> {
    fn leaked(argument: &str, from: &str) -> Self {
        let (tool, field) = from.split_once('.').unwrap_or((from, "id"));
        Self { argument: leak(argument), tool: leak(tool), field: leak(field) }
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn leak_all(texts: &[String]) -> Vec<&'static str> {
    texts.iter().map(|text| leak(text)).collect()
}
