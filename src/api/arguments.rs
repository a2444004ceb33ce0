//! Arguments against a tool's schema: every problem at once, each with its path.
//!
//! The values of a call are not repeated in a problem, since one of them may
//! be a password; names and types are.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value};
use thiserror::Error;

use super::{forbidden, meant};
use crate::catalog::Operation;

/// The most that one call may bring, in bytes of names and values.
pub const MAX_ARGUMENTS: usize = 1 << 20;

/// How many problems are told; a caller that made more will not read them.
const MAX_PROBLEMS: usize = 20;

/// Arguments that were not sent, and why.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ArgumentsError {
    /// They do not fit the tool's schema.
    #[error("{tool}: {} Nothing was sent.", list(problems))]
    Unfit {
        /// The tool's name.
        tool: &'static str,
        /// One sentence without a full stop for each problem.
        problems: Vec<String>,
    },
    /// They are larger than any call needs.
    #[error(
        "{tool}: the arguments are {size} bytes; at most {MAX_ARGUMENTS} are accepted. Nothing was sent."
    )]
    TooLarge {
        /// The tool's name.
        tool: &'static str,
        /// In bytes.
        size: usize,
    },
}

/// The problems as one sentence, which ends with a full stop or with the last problem's question mark.
fn list(problems: &[String]) -> String {
    let mut text = match problems {
        [one] => one.clone(),
        many => {
            let mut text = format!("{} problems with the arguments", many.len());
            for (index, problem) in many.iter().take(MAX_PROBLEMS).enumerate() {
                let lead = if index == 0 { ":" } else { ";" };
                let _ = write!(text, "{lead} ({}) {problem}", index + 1);
            }
            text
        }
    };
    if !text.ends_with('?') {
        text.push('.');
    }
    text
}

/// Checks a call's arguments.
///
/// # Errors
/// All problems at once: missing, unknown (with the nearest known name), of a wrong type, outside an enum or a limit.
pub fn check(operation: &'static Operation, arguments: &Value) -> Result<(), ArgumentsError> {
    // A file that comes in a message has a limit of its own.
    let file = arguments.get("file").filter(|_| operation.upload.is_some()).map_or(0, weight);
    let size = weight(arguments) - file;
    if size > MAX_ARGUMENTS {
        return Err(ArgumentsError::TooLarge { tool: operation.name, size });
    }
    let mut problems = problems(operation.name, || schema_of(operation), arguments);
    problems.extend(forbidden::ids(operation, arguments));
    problems.extend(forbidden::blanks(operation, arguments));
    problems.extend(forbidden::members(operation, arguments));
    if problems.is_empty() { Ok(()) } else { Err(ArgumentsError::Unfit { tool: operation.name, problems }) }
}

/// Puts a call's arguments into the form that its operation wants, where what was sent has one meaning.
pub fn put_right(operation: &'static Operation, arguments: &mut Value) {
    meant::put_right(&compiled(operation.name, || schema_of(operation)).schema, arguments);
}

/// The same for a tool that is no operation.
pub fn put_right_written(tool: &'static str, schema: fn() -> Map<String, Value>, arguments: &mut Value) {
    meant::put_right(&compiled(tool, || Value::Object(schema())).schema, arguments);
}

fn schema_of(operation: &Operation) -> Value {
    serde_json::from_str(operation.schema.get()).unwrap_or(Value::Bool(false))
}

/// Checks the arguments of a tool that is no operation against its schema.
///
/// # Errors
/// All problems at once, as for an operation.
pub fn check_written(
    tool: &'static str,
    schema: fn() -> Map<String, Value>,
    arguments: &Value,
) -> Result<(), ArgumentsError> {
    let problems = problems(tool, || Value::Object(schema()), arguments);
    if problems.is_empty() { Ok(()) } else { Err(ArgumentsError::Unfit { tool, problems }) }
}

fn problems(tool: &'static str, schema: impl FnOnce() -> Value, arguments: &Value) -> Vec<String> {
    let compiled = compiled(tool, schema);
    match &compiled.validator {
        Some(validator) => {
            validator.iter_errors(arguments).flat_map(|error| describe(&error, &compiled.schema)).collect()
        }
        None => vec!["its schema cannot be read, a fault of this server".to_owned()],
    }
}

/// A schema is compiled at the first call of its tool and kept.
struct Compiled {
    schema: Value,
    /// None accepts nothing: a test compiles every schema, so there is one for each.
    validator: Option<Validator>,
}

static COMPILED: LazyLock<Mutex<HashMap<&'static str, Arc<Compiled>>>> = LazyLock::new(Mutex::default);

fn compiled(tool: &'static str, schema: impl FnOnce() -> Value) -> Arc<Compiled> {
    let mut all = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(tool).or_insert_with(|| {
        let schema = schema();
        let validator = jsonschema::validator_for(&schema).ok();
        Arc::new(Compiled { schema, validator })
    }))
}

/// The size of a value in bytes, near enough: what strings and names hold.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(all) => all.iter().map(|one| 1 + weight(one)).sum(),
        Value::Object(all) => all.iter().map(|(name, one)| name.len() + weight(one)).sum(),
        _ => 8,
    }
}

fn describe(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let at = readable(error.instance_path().as_str());
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let path = join(&at, name);
            let about = property_schema(schema, error)
                .and_then(|known| known.get(name)?.get("description")?.as_str());
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
        ValidationErrorKind::AnyOf { .. } => {
            vec![format!("`{at}` has none of the accepted forms ({})", forms(schema, error))]
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
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("`{path}` is not known; did you mean `{near}`?"),
        None if known.is_empty() => format!("`{path}` is not known; no arguments are taken"),
        None => format!("`{path}` is not known; known are {}", quoted(&known)),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog;

    fn problems(tool: &str, arguments: &Value) -> String {
        check(catalog::find(tool).unwrap(), arguments)
            .map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn every_schema_compiles() {
        for operation in catalog::operations() {
            let schema: Value = serde_json::from_str(operation.schema.get()).unwrap();
            jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{}: {error}", operation.name));
        }
    }

    #[test]
    fn all_problems_are_told_at_once_with_their_paths() {
        let arguments = json!({"vendorID": "v1", "riskStatus": "accept", "remediation": {"stat": "OPEN"}});
        let told = problems("create_vendor_finding", &arguments);
        for expected in [
            "5 problems",
            "`vendorId` is required",
            "`content` is required",
            "`vendorID` is not known; did you mean `vendorId`?",
            "`riskStatus` must be one of `ACCEPT`, `REMEDIATE`, `NONE`; did you mean `ACCEPT`?",
            "`remediation.stat` is not known; did you mean `state`?",
            "Nothing was sent",
        ] {
            assert!(told.contains(expected), "{expected}: {told}");
        }
    }

    #[test]
    fn types_and_limits_are_told_without_the_value() {
        let told = problems("list_vendors", &json!({"page_size": "fifty", "fields": "name"}));
        assert!(told.contains("`page_size` must be an integer, not a string"), "{told}");
        assert!(told.contains("`fields` must be an array, not a string"), "{told}");
        assert!(!told.contains("fifty"), "{told}");
        assert!(problems("list_vendors", &json!({"page_size": 101})).contains("at most 100"));
        assert!(problems("list_vendors", &json!({"page_size": 0})).contains("at least 1"));
    }

    #[test]
    fn what_no_schema_says_is_told_with_the_rest() {
        let told = problems("get_vendor", &json!({"vendorId": "../vendors", "x": 1}));
        assert!(told.contains("`vendorId` is no id") && told.contains("`x` is not known"), "{told}");
        assert!(problems("get_vendor", &json!({"vendorId": ""})).contains("must not be empty"));
        let told = problems("create_panel_account", &json!({"user": "acme", "extra": {"User": "root"}}));
        assert!(told.contains("`extra.User`"), "{told}");
    }

    #[test]
    fn too_much_is_refused_by_size() {
        let told = problems("list_vendors", &json!({"name": "x".repeat(10 << 20)}));
        assert!(told.contains("at most 1048576"), "{told}");
    }
}
