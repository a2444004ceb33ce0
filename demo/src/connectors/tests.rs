//! What an integration that sends resources can rely on.

use super::*;

const NOW: &str = "2026-11-22T08:00:00Z";

fn ask(connectors: &mut Connectors, method: &str, path: &str, body: Value) -> (u16, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let ask = Ask {
        method: method.into(),
        path: format!("v1/resources/{path}").split('/').map(str::to_owned).collect(),
        query: query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect(),
        body,
        files: Vec::new(),
        now: NOW.parse().unwrap(),
    };
    connectors.answer(&ask).map_or((0, Value::Null), Reply::parts)
}

fn connectors() -> Connectors {
    let company = crate::manage::Manage::new(3, NOW.parse().unwrap()).company();
    Connectors::new(3, NOW.parse().unwrap(), &company)
}

fn seeded(connectors: &mut Connectors, kind: &str) -> Vec<Value> {
    let path = format!("{kind}?resourceId=demo-{}", kind.replace('_', "-"));
    let (status, body) = ask(connectors, "GET", &path, Value::Null);
    assert_eq!(status, 200, "{kind}: {body}");
    body["resources"].as_array().unwrap().clone()
}

/// What a PUT of one resource more than there are is answered with.
fn send(connectors: &mut Connectors, kind: &str, resource: &Value) -> (u16, String) {
    let body = json!({ "resourceId": "mine", "resources": [resource] });
    let (status, body) = ask(connectors, "PUT", kind, body);
    (status, body["message"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn every_kind_has_resources_that_it_would_accept_itself() {
    let mut connectors = connectors();
    assert_eq!(KINDS.len(), 12);
    for kind in KINDS {
        let resources = seeded(&mut connectors, kind.path);
        assert!(resources.len() > 1, "{}", kind.path);
        let id = format!("copy-of-{}", kind.path);
        let body = json!({ "resourceId": id, "resources": resources });
        let answer = ask(&mut connectors, "PUT", kind.path, body);
        assert_eq!(answer, (200, json!({ "success": true })), "{}", kind.path);
        let (_, copy) = ask(&mut connectors, "GET", &format!("{}?resourceId={id}", kind.path), Value::Null);
        assert_eq!(copy["resources"], json!(resources));
    }
}

#[test]
fn a_put_replaces_everything_of_its_resource_id_and_nothing_else() {
    let mut connectors = connectors();
    let secrets = seeded(&mut connectors, "secret");
    let accounts = seeded(&mut connectors, "user_account");
    let mut only = secrets[1].clone();
    only["somethingNew"] = json!(7);
    let body = json!({ "resourceId": "demo-secret", "resources": [only] });
    assert_eq!(ask(&mut connectors, "PUT", "secret", body).0, 200);
    assert_eq!(seeded(&mut connectors, "secret"), [only]);
    assert_eq!(seeded(&mut connectors, "user_account"), accounts);
    let none = json!({ "resourceId": "demo-secret", "resources": [] });
    assert_eq!(ask(&mut connectors, "PUT", "secret", none).0, 200);
    assert!(seeded(&mut connectors, "secret").is_empty());
}

#[test]
fn what_is_missing_or_wrong_is_named_to_its_full_depth() {
    let mut connectors = connectors();
    let mac = seeded(&mut connectors, "macos_user_computer").remove(0);
    let mut refused = |pointer: &str, value: Option<Value>, message: &str| {
        let mut wrong = mac.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = wrong.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => parent.insert(name.to_owned(), value),
            None => parent.remove(name),
        };
        let (status, said) = send(&mut connectors, "macos_user_computer", &wrong);
        assert_eq!(status, 422, "{pointer}");
        assert!(said.contains(message), "{said}");
    };
    refused("/uniqueId", None, "resources[0].uniqueId is required");
    refused("/externalUrl", Some(json!("http://a.example")), "resources[0].externalUrl must be an https URL");
    refused("/collectedTimestamp", Some(json!("today")), "collectedTimestamp must be a date and time");
    refused("/users/0/username", None, "resources[0].users[0].username is required");
    refused(
        "/users/0/screenlockSettings/screenSleepTimeoutMs",
        Some(json!(1.5)),
        "resources[0].users[0].screenlockSettings.screenSleepTimeoutMs must be a whole number",
    );
    refused("/drives/0/encrypted", Some(json!("yes")), "drives[0].encrypted must be true or false");
    refused("/browserExtensions/0/browser", Some(json!("LYNX")), "browser must be one of CHROME");
    refused("/applications", Some(json!({})), "resources[0].applications must be an array");
    refused("/passwordPolicy/minimumLengthRequirement", None, "passwordPolicy.minimumLengthRequirement");
    let unknown = ask(&mut connectors, "GET", "macos_user_computer?resourceId=mine", Value::Null);
    assert_eq!(unknown.0, 404, "a refused PUT must leave nothing behind");
}

#[test]
fn requests_that_cannot_be_are_refused() {
    let mut connectors = connectors();
    assert_eq!(ask(&mut connectors, "GET", "secret", Value::Null).0, 400);
    assert_eq!(ask(&mut connectors, "GET", "secret?resourceId=none", Value::Null).0, 404);
    assert_eq!(ask(&mut connectors, "GET", "user_account?resourceId=demo-secret", Value::Null).0, 404);
    assert_eq!(ask(&mut connectors, "GET", "secrets?resourceId=demo-secret", Value::Null).0, 0);
    assert_eq!(ask(&mut connectors, "POST", "secret", json!({})).0, 0);
    assert_eq!(ask(&mut connectors, "PUT", "secret", Value::Null).0, 400);
    assert_eq!(ask(&mut connectors, "PUT", "secret", json!({ "resourceId": "a" })).0, 422);
    let other = json!({ "resourceId": "demo-secret", "resources": [] });
    assert_eq!(ask(&mut connectors, "PUT", "user_account", other).0, 422);
    let secret = seeded(&mut connectors, "secret").remove(0);
    let twice = json!({ "resourceId": "a", "resources": [secret, secret] });
    let (status, body) = ask(&mut connectors, "PUT", "secret", twice);
    assert!(status == 422 && body["message"].as_str().unwrap().contains("resources[1].uniqueId"), "{body}");
}

#[test]
fn accounts_are_of_people_and_findings_are_on_components() {
    let mut connectors = connectors();
    let company = crate::manage::Manage::new(3, NOW.parse().unwrap()).company();
    for account in seeded(&mut connectors, "user_account") {
        assert!(company.people.iter().any(|person| person["emailAddress"] == account["email"]), "{account}");
    }
    let components = seeded(&mut connectors, "vulnerable_component");
    for kind in KINDS.iter().filter(|kind| kind.path.contains("vulnerability_connectors")) {
        for finding in seeded(&mut connectors, kind.path) {
            let of = &finding["vulnerableComponentUniqueId"];
            assert!(components.iter().any(|component| component["uniqueId"] == *of), "{finding}");
        }
    }
}
