//! Whether an answer is what it has to be.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// How much of a difference is told.
const TOLD: usize = 200;

/// What an answer has otherwise than the truth, a line each.
pub fn differences(
    right: &Value,
    answer: &Value,
    equal: &BTreeMap<String, Vec<String>>,
    some_of: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    assert!(!equal.is_empty(), "nothing would be compared");
    let mut wrong = Vec::new();
    for (part, paths) in equal {
        let (expected, told) = (&right[part], told(answer, paths, right[part].is_array()));
        let expected = sorted(expected.clone());
        if told != expected {
            wrong.push(short(&format!("{part} is {told}, and right is {expected}")));
        }
    }
    for (part, paths) in some_of {
        let expected = right[part].as_array().unwrap_or_else(|| panic!("{part} is a list"));
        let told = told(answer, paths, true);
        let odd: Vec<&Value> =
            told.as_array().unwrap().iter().filter(|one| !expected.contains(one)).collect();
        if !odd.is_empty() || (told == json!([]) && !expected.is_empty()) {
            wrong.push(short(&format!("{part} has {}, of which there is no {}", told, json!(odd))));
        }
    }
    wrong
}

fn short(text: &str) -> String {
    let cut = text.chars().count() > TOLD * 2;
    text.chars().take(TOLD * 2).collect::<String>() + if cut { "…" } else { "" }
}

/// What the answer has at these places: of lists all values together, in the order of their text.
fn told(answer: &Value, paths: &[String], as_list: bool) -> Value {
    let mut all = Vec::new();
    for path in paths {
        let found = at(answer, path);
        match found {
            Value::Array(values) if as_list => all.extend(values),
            Value::Null if as_list => {}
            other => all.push(other),
        }
    }
    if as_list { sorted(Value::Array(all)) } else { all.into_iter().next().unwrap_or(Value::Null) }
}

fn sorted(value: Value) -> Value {
    let Value::Array(mut values) = value else { return value };
    values.sort_by_key(Value::to_string);
    Value::Array(values)
}

/// What is at a path. In a table a name stands for the column, and what is cut and closes a list is left out.
fn at(answer: &Value, path: &str) -> Value {
    let mut here = answer.clone();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        // What an answer has beside its table goes before a column of that name.
        let column = here.get(name).is_none().then(|| here.get("columns")).flatten();
        let place = column.and_then(|columns| columns.as_array()?.iter().position(|column| column == name));
        here = match (&here, place) {
            (_, Some(place)) => {
                here["rows"].as_array().unwrap().iter().map(|row| row[place].clone()).collect()
            }
            (Value::Array(items), None) => {
                name.parse::<usize>().ok().and_then(|at| items.get(at)).cloned().unwrap_or_default()
            }
            _ => here[name].clone(),
        };
    }
    match here {
        Value::Array(mut values) => {
            values.retain(|value| !value.as_str().is_some_and(|text| text.starts_with('…')));
            Value::Array(values)
        }
        other => other,
    }
}
