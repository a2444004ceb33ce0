//! Which of a call's arguments are sent in confidence.

use secrecy::SecretString;
use serde_json::Value;

use crate::catalog::Operation;

/// What the name of a secret holds, without its marks.
const WITHIN: [&str; 8] =
    ["passw", "passphrase", "secret", "token", "apikey", "privatekey", "accesskey", "credential"];

/// How the name of a secret ends, without its marks.
const AT_THE_END: [&str; 3] = ["pass", "pwd", "sshkey"];

/// The secrets among the arguments: what the upstream would show once had the caller not chosen it, and where further
/// fields are sent as they are, those that are called like a secret, however deep.
pub(super) fn of(operation: &Operation, arguments: &Value) -> Vec<SecretString> {
    let mut found = Vec::new();
    for name in &operation.once {
        arguments.get(name).into_iter().for_each(|value| take(value, &mut found));
    }
    if let Some(spread) = operation.spread.and_then(|name| arguments.get(name)) {
        search(spread, &mut found);
    }
    found
}

fn search(value: &Value, found: &mut Vec<SecretString>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                if is_of_a_secret(name) { take(inner, found) } else { search(inner, found) }
            }
        }
        Value::Array(all) => all.iter().for_each(|inner| search(inner, found)),
        _ => {}
    }
}

/// Takes every text and number in a value.
fn take(value: &Value, found: &mut Vec<SecretString>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => found.push(number.to_string().into()),
        Value::String(text) => found.push(text.as_str().into()),
        Value::Array(all) => all.iter().for_each(|inner| take(inner, found)),
        Value::Object(members) => members.values().for_each(|inner| take(inner, found)),
    }
}

/// Whether a member is called like a secret.
fn is_of_a_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    WITHIN.iter().any(|part| plain.contains(part))
        || AT_THE_END.iter().any(|end| plain.ends_with(end))
        || matches!(plain.as_str(), "pin" | "otp" | "key")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;
    use crate::catalog;

    #[test]
    fn secrets_are_found_by_their_names_however_deep() {
        let arguments = json!({"user": "acme", "password": "one", "extra": {
            "FTP-Password": "two", "db": [{"pass": 3, "name": "n"}], "apiKey": {"id": "four"}, "quota": 5, "passive": "p"
        }});
        let found = of(catalog::find("create_panel_account").unwrap(), &arguments);
        let mut found: Vec<&str> = found.iter().map(SecretString::expose_secret).collect();
        found.sort_unstable();
        assert_eq!(found, ["3", "four", "one", "two"]);
        assert!(of(catalog::find("create_vendor").unwrap(), &json!({"name": "password"})).is_empty());
    }
}
