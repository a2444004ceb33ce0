//! What does not fit a tool's schema, in words.

use std::fmt::Write as _;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::{Map, Value};

use super::meant::OwnArguments;

/// What does not fit, each in a sentence without a full stop. `schema` is that of the tool.
pub(super) fn told(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let at = readable(error.instance_path().as_str());
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let path = join(&at, name);
            let about = property_schema(schema, error).and_then(|known| description(known.get(name)?));
            vec![match about {
                Some(about) => format!("`{path}` is required ({})", about.trim_end_matches('.')),
                None => format!("`{path}` is required"),
            }]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known = property_schema(schema, error);
            unexpected.iter().map(|name| unknown(&at, name, known)).collect()
        }
        ValidationErrorKind::Type { kind } => {
            vec![format!("`{at}` must be {}, not {}", accepted(kind), type_name(error.instance()))]
        }
        ValidationErrorKind::Enum { options } => vec![outside(&at, error.instance(), options)],
        ValidationErrorKind::AnyOf { context } => {
            let of_one = |inner: &ValidationError<'_>| match inner.kind() {
                ValidationErrorKind::Type { kind } if inner.instance_path() == error.instance_path() => {
                    vec![format!(
                        "`{at}` must be null or {}, not {}",
                        accepted(kind),
                        type_name(error.instance())
                    )]
                }
                _ => told(inner, schema),
            };
            if let Some(errors) = misfits_beside_null(schema, error, context) {
                return errors.iter().flat_map(of_one).collect();
            }
            vec![format!("`{at}` has none of the accepted types ({})", forms(schema, error))]
        }
        ValidationErrorKind::Minimum { limit } => vec![format!("`{at}` must be at least {limit}")],
        ValidationErrorKind::Maximum { limit } => vec![format!("`{at}` must be at most {limit}")],
        ValidationErrorKind::MinLength { limit: 1 } => vec![format!("`{at}` must not be empty")],
        ValidationErrorKind::MinLength { limit } => {
            vec![format!("`{at}` must have at least {limit} characters")]
        }
        ValidationErrorKind::MaxLength { limit } => {
            vec![format!("`{at}` must have at most {limit} characters")]
        }
        ValidationErrorKind::MinItems { limit: 1 } => vec![format!("`{at}` must have at least one entry")],
        ValidationErrorKind::MinItems { limit } => vec![format!("`{at}` must have at least {limit} entries")],
        ValidationErrorKind::MaxItems { limit } => vec![format!("`{at}` must have at most {limit} entries")],
        _ => vec![format!("`{at}`: {}", error.masked_with("the value"))],
    }
}

/// What is said of a member; where it has several forms, of the first.
fn description(schema: &Value) -> Option<&str> {
    let said = schema.get("description").or_else(|| schema.pointer("/anyOf/0/description"));
    said.and_then(Value::as_str)
}

/// Of two forms of which one is null, what does not fit the other.
fn misfits_beside_null<'e>(
    schema: &Value,
    error: &ValidationError<'_>,
    context: &'e [Vec<ValidationError<'static>>],
) -> Option<&'e [ValidationError<'static>]> {
    let forms = schema.pointer(error.schema_path().as_str())?.as_array()?;
    let is_null = |form: &Value| form.get("type").is_some_and(|kind| kind == "null");
    let place = forms.iter().position(|form| !is_null(form))?;
    let errors = context.get(place)?;
    (forms.len() == 2 && forms.iter().any(is_null)).then_some(errors)
}

/// `/updates/0/id` reads `updates[0].id`.
fn readable(pointer: &str) -> String {
    let mut text = String::new();
    for part in pointer.split('/').skip(1) {
        if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) {
            let _ = write!(text, "[{part}]");
        } else {
            text = join(&text, &part.replace("~1", "/").replace("~0", "~"));
        }
    }
    if text.is_empty() { "arguments".to_owned() } else { text }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() || at == "arguments" { name.to_owned() } else { format!("{at}.{name}") }
}

/// The properties that the object has in which the error was found.
fn property_schema<'s>(schema: &'s Value, error: &ValidationError<'_>) -> Option<&'s Map<String, Value>> {
    let keyword = error.schema_path().as_str();
    let object = keyword.rsplit_once('/').map_or("", |(object, _)| object);
    schema.pointer(object)?.get("properties")?.as_object()
}

fn unknown(at: &str, name: &str, known: Option<&Map<String, Value>>) -> String {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    let path = join(at, &shown);
    let known: Vec<&str> = known.into_iter().flat_map(Map::keys).map(String::as_str).collect();
    // What is left of another spelling says something else than the argument itself.
    if let Some(present) = OwnArguments::Listed
        .spelled(name, known.iter().copied())
        .filter(|_| at.is_empty() || at == "arguments")
    {
        return format!("`{path}` is another name for `{present}`; pass only one of them");
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("unknown argument `{path}`; did you mean `{near}`?"),
        None if known.is_empty() => format!("unknown argument `{path}`; no arguments are accepted"),
        None => format!("unknown argument `{path}`; known are {}", quoted(&known)),
    }
}

/// The known name that was probably meant.
#[must_use]
pub fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let wanted = plain(name);
    known
        .map(|candidate| (strsim::jaro_winkler(&wanted, &plain(candidate)), candidate))
        .filter(|(likeness, _)| *likeness > 0.82)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

fn outside(at: &str, given: &Value, options: &Value) -> String {
    let all: Vec<&str> =
        options.as_array().into_iter().flatten().map(|o| o.as_str().unwrap_or("null")).collect();
    let each: Vec<&str> =
        given.as_str().into_iter().flat_map(|given| given.split(',').map(str::trim)).collect();
    if each.len() > 1 && each.iter().all(|one| all.contains(one)) {
        let list = Value::from(each);
        return format!("`{at}` has several values in one string; write them as a list: {list}");
    }
    let near = given.as_str().and_then(|given| nearest(given, all.iter().copied()));
    match near {
        Some(near) => format!("`{at}` must be one of {}; did you mean `{near}`?", quoted(&all)),
        None => format!("`{at}` must be one of {}", quoted(&all)),
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn accepted(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => article(one.as_str()),
        TypeKind::Multiple(many) => {
            many.iter().map(|one| article(one.as_str())).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn article(kind: &str) -> String {
    match kind {
        "null" => kind.to_owned(),
        "array" | "integer" | "object" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn forms(schema: &Value, error: &ValidationError<'_>) -> String {
    let choices = schema.pointer(error.schema_path().as_str()).and_then(Value::as_array);
    let named = choices.into_iter().flatten().map(|choice| {
        let kind = choice.get("type").and_then(Value::as_str).unwrap_or("value");
        match choice.get("items").and_then(|items| items.get("type")).and_then(Value::as_str) {
            Some(inner) => format!("array of {inner}s"),
            None => kind.to_owned(),
        }
    });
    named.collect::<Vec<_>>().join(", ")
}
