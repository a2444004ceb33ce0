//! What two states of a target differ in, for a person to read.

use serde_json::Value;

/// The most differences that are told.
const MOST: usize = 5;

/// The most characters of a value that are shown.
const MOST_SHOWN: usize = 80;

/// Tells what differs between two values, each difference with the path to it. What stands in them is quoted.
pub(super) fn between(before: &Value, after: &Value, told: &mut Vec<String>) {
    walk("", before, after, told);
    if told.len() > MOST {
        let more = told.len() - MOST;
        told.truncate(MOST);
        told.push(format!("{more} more"));
    }
}

fn walk(path: &str, before: &Value, after: &Value, told: &mut Vec<String>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(was), Value::Object(is)) => {
            let names = was.keys().chain(is.keys().filter(|name| !was.contains_key(name.as_str())));
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let value = |of: &serde_json::Map<String, Value>| of.get(name).cloned().unwrap_or_default();
                walk(&path, &value(was), &value(is), told);
            }
        }
        (Value::Array(was), Value::Array(is)) if was.len() != is.len() => {
            told.push(format!("{path}: {} items → {}", was.len(), is.len()));
        }
        (Value::Array(was), Value::Array(is)) => {
            for (place, (was, is)) in was.iter().zip(is).enumerate() {
                walk(&format!("{path}[{place}]"), was, is, told);
            }
        }
        (_, _) if is_secret(path) => told.push(format!("{path}: another value")),
        (was, is) => told.push(format!("{path}: {} → {}", shown(was), shown(is))),
    }
}

/// Whether what stands there may be a secret, so that it is not shown.
fn is_secret(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["password", "secret", "token", "key"].iter().any(|word| path.contains(word))
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_told_with_its_path() {
        let was = json!({"acme": {"plan": "basic", "owner": {"id": "1"}, "tags": [1, 2], "same": 1}});
        let is = json!({"acme": {"plan": "pro", "owner": null, "tags": [1], "same": 1, "new": true}});
        let mut told = Vec::new();
        between(&was, &is, &mut told);
        assert_eq!(
            told,
            [
                "acme.owner: {\"id\":\"1\"} → null",
                "acme.plan: \"basic\" → \"pro\"",
                "acme.tags: 2 items → 1",
                "acme.new: null → true",
            ]
        );
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let mut told = Vec::new();
        between(&json!({"newPassword": "a"}), &json!({"newPassword": "b"}), &mut told);
        assert_eq!(told, ["newPassword: another value"]);
    }

    #[test]
    fn of_many_differences_five_are_told_and_the_rest_counted() {
        let numbers = |add: usize| Value::from((0..20).map(|number| number + add).collect::<Vec<_>>());
        let mut told = Vec::new();
        between(&numbers(0), &numbers(1), &mut told);
        assert_eq!((told.len(), told[5].as_str()), (6, "15 more"));
    }
}
