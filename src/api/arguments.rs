//! Arguments against a tool's schema: every problem at once, each with its path.
//!
//! The values of a call are not repeated in a problem, since one of them may
//! be a password; names and types are.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value};
use thiserror::Error;

use super::dates::{self, Sent};
use super::meant::OwnArguments;
use super::{forbidden, known_fields, meant, misfit};
use crate::catalog::export::with_export;
use crate::catalog::nullable::with_nulls;
use crate::catalog::{Operation, TRUST_CENTER};

pub use super::misfit::nearest;

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
    let compiled = schema_as_compiled(operation);
    let mut problems = compiled.problems(arguments);
    problems.extend(without_trust_center(operation, arguments));
    problems.extend(dates::problems(&compiled.schema, &operation.days, arguments));
    problems.extend(known_fields::problems(operation, arguments));
    problems.extend(known_fields::conflicts(operation, arguments));
    problems.extend(known_fields::foreign_cursor(operation, arguments));
    problems.extend(forbidden::ids(operation, arguments));
    let blanks = forbidden::blanks(operation, &compiled.schema, arguments);
    // That it must not be empty is said once, and better there.
    let is_said = |problem: &String| {
        let name = problem.strip_suffix(" must not be empty");
        name.is_some_and(|name| blanks.iter().any(|blank| blank.starts_with(name)))
    };
    problems.retain(|problem| !is_said(problem));
    problems.extend(blanks);
    problems.extend(forbidden::members(operation, arguments));
    if problems.is_empty() { Ok(()) } else { Err(ArgumentsError::Unfit { tool: operation.name, problems }) }
}

/// That nobody says which Trust Center is meant.
fn without_trust_center(operation: &Operation, arguments: &Value) -> Option<String> {
    let is_named = arguments.get(TRUST_CENTER).is_some_and(|slug| !slug.is_null());
    (operation.is_of_trust_center() && !is_named).then(|| {
        format!(
            "`{TRUST_CENTER}` is required: SLUG in app.vanta.com/NAME/trust/SLUG, or `data-slugid` in the HTML of a page with \
             its own domain. VANTA_TRUST_CENTER sets it for all calls"
        )
    })
}

/// Puts a call's arguments into the form that its operation wants, where what was sent has one meaning.
pub fn put_right(operation: &'static Operation, arguments: &mut Value) {
    meant::put_right(&schema_as_compiled(operation).schema, OwnArguments::Listed, arguments);
}

/// The arguments as they are sent: a day where a moment is due is its start.
pub(super) fn as_sent<'a>(operation: &'static Operation, arguments: &'a Value) -> Sent<'a> {
    dates::as_sent(&schema_as_compiled(operation).schema, arguments)
}

fn schema_as_compiled(operation: &'static Operation) -> Arc<Compiled> {
    compiled(operation.name, || schema_of(operation))
}

/// The same for a tool that is no operation.
pub fn put_right_written(tool: &'static str, schema: fn() -> Map<String, Value>, arguments: &mut Value) {
    meant::put_right(&compiled(tool, || Value::Object(schema())).schema, OwnArguments::All, arguments);
}

fn schema_of(operation: &Operation) -> Value {
    let shown = serde_json::from_str(operation.schema.get()).unwrap_or(Value::Bool(false));
    let taken = if operation.is_list() { with_export(shown) } else { shown };
    with_nulls(taken, &operation.nullable)
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
    let problems = compiled(tool, || Value::Object(schema())).problems(arguments);
    if problems.is_empty() { Ok(()) } else { Err(ArgumentsError::Unfit { tool, problems }) }
}

/// A schema is compiled at the first call of its tool and kept.
struct Compiled {
    schema: Value,
    /// None accepts nothing: a test compiles every schema, so there is one for each.
    validator: Option<Validator>,
}

impl Compiled {
    /// What does not fit the schema, each in a sentence without a full stop.
    fn problems(&self, arguments: &Value) -> Vec<String> {
        match &self.validator {
            Some(validator) if validator.is_valid(arguments) => Vec::new(),
            Some(validator) => validator
                .iter_errors(arguments)
                .flat_map(|error| misfit::told(&error, &self.schema))
                .collect(),
            None => vec![
                "the tool's schema cannot be read; this is a bug in the server, please report \
                it"
                .to_owned(),
            ],
        }
    }
}

static COMPILED: LazyLock<Mutex<HashMap<&'static str, Arc<Compiled>>>> = LazyLock::new(Mutex::default);

fn compiled(tool: &'static str, schema: impl FnOnce() -> Value) -> Arc<Compiled> {
    let mut all = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(tool).or_insert_with(|| {
        let schema = schema();
        let mut strict = schema.clone();
        close(&mut strict);
        let validator = jsonschema::validator_for(&strict).ok();
        Arc::new(Compiled { schema, validator })
    }))
}

/// An object takes the members that its schema names and no others, so that a misspelt one is found before anything is
/// sent. The schema cannot say so itself: not every model's API takes `additionalProperties`.
fn close(schema: &mut Value) {
    let Some(words) = schema.as_object_mut() else { return };
    if let Some(Value::Object(properties)) = words.get_mut("properties") {
        properties.values_mut().for_each(close);
        words.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    if let Some(entries) = words.get_mut("items") {
        close(entries);
    }
    if let Some(Value::Array(forms)) = words.get_mut("anyOf") {
        forms.iter_mut().for_each(close);
    }
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
            "unknown argument `vendorID`; did you mean `vendorId`?",
            "`riskStatus` must be one of `ACCEPT`, `REMEDIATE`, `NONE`; did you mean `ACCEPT`?",
            "unknown argument `remediation.stat`; did you mean `state`?",
            "Nothing was sent",
        ] {
            assert!(told.contains(expected), "{expected}: {told}");
        }
    }

    #[test]
    fn types_and_limits_are_told_without_the_value() {
        let told = problems("list_vendors", &json!({"pageSize": "fifty", "fields": "name"}));
        assert!(told.contains("`pageSize` must be an integer, not a string"), "{told}");
        assert!(told.contains("`fields` must be an array, not a string"), "{told}");
        assert!(!told.contains("fifty"), "{told}");
        assert!(problems("list_vendors", &json!({"pageSize": 101})).contains("at most 100"));
        assert!(problems("list_vendors", &json!({"pageSize": 0})).contains("at least 1"));
    }

    #[test]
    fn what_no_schema_says_is_told_with_the_rest() {
        let told = problems("get_vendor", &json!({"vendorId": "../vendors", "x": 1}));
        assert!(told.contains("`vendorId` is not an id") && told.contains("unknown argument `x`"), "{told}");
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
