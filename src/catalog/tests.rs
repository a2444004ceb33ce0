//! The rules of the catalog, each with a file that breaks it, and loops over the real one.

use serde_json::{Value, json};

use super::*;

fn problems(tool: &str) -> Vec<String> {
    let text = format!("[area]\ntitle = \"T\"\nabout = \"A.\"\ntoolset = \"t\"\n[tool.get_thing]\n{tool}");
    let file: source::File = toml::from_str(&text).unwrap();
    file.tool.iter().flat_map(|(name, tool)| check::tool(name.get_ref(), Api::Manage, tool)).collect()
}

const GOOD: &str = r#"title = "Get a thing"
call = "GET /v1/things/{thingId}"
effect = "read"
about = "Get a thing."
path.thingId = { type = "string", description = "From list_things." }
"#;

const POST: &str = r#"title = "Send a thing"
call = "POST /v1/things"
effect = "write"
about = "Send a thing."
"#;

/// A change of many things at once, with these words in the schema of their list.
fn bulk(words: &str) -> String {
    format!("{POST}bulk = true\nbody.x = {{ type = \"array\", {words} }}\n")
}

#[test]
fn a_good_tool_passes() {
    let upload = "upload = { part = \"file\", accepts = [\"pdf\"] }\nasks = [\"hand in a thing\"]\n";
    assert_eq!(problems(&format!("{POST}{upload}")), Vec::<String>::new());
    assert_eq!(problems(GOOD), Vec::<String>::new());
    let bounded = bulk("minItems = 1, maxItems = 50, description = \"X, at most 50 in one call.\"");
    assert_eq!(problems(&bounded), Vec::<String>::new());
}

#[test]
fn each_rule_is_told_when_it_is_broken() {
    let cases = [
        (GOOD.replace("{thingId}", ""), "`path.thingId` is not in `call`"),
        (GOOD.replace("{thingId}", "{otherId}"), "`path.otherId` is required"),
        (GOOD.replace("\"read\"", "\"write\""), "GET reads, so"),
        (GOOD.replace("GET", "POST"), "only GET can"),
        (GOOD.replace("GET", "DELETE").replace("\"read\"", "\"write\""), "DELETE destroys"),
        (GOOD.replace("GET", "DELETE").replace("\"read\"", "\"destroy\""), "must have `does`"),
        (GOOD.replace("Get a thing.\"", "Get a thing\""), "`about` must be one or more sentences"),
        (GOOD.replace("From list_things.", ""), "must have a `description`"),
        (format!("{GOOD}required = [\"x\"]\n"), "`required` names x"),
        (format!("{GOOD}foreign_ids = [\"x\"]\n"), "`foreign_ids` names x"),
        (format!("{GOOD}before = \"get_it\"\n"), "`before` is allowed only"),
        (
            format!("{GOOD}query.thingId = {{ type = \"string\", description = \"X.\" }}\n"),
            "in `path` and in `query`",
        ),
        (
            format!("{GOOD}query.confirm = {{ type = \"string\", description = \"X.\" }}\n"),
            "is a reserved argument name",
        ),
        (
            format!("{GOOD}query.x = {{ typ = \"string\", description = \"X.\" }}\n"),
            "not a supported keyword",
        ),
        (GOOD.replace("/v1/", "/v2/"), "must begin with /v1/"),
        (GOOD.replace("GET /", "GRAB /"), "not a method"),
        (format!("{GOOD}asks = [\"one two three four five six seven eight nine\"]\n"), "1 to 8 words"),
        (format!("{GOOD}as_json = [\"x\"]\n"), "x is to be sent as text"),
        (format!("{GOOD}download = true\npages = true\n"), "only one of"),
        (format!("{POST}upload = {{ part = \"file\", accepts = [\"PDF\"] }}\n"), "lower case"),
        (format!("{POST}bulk = true\n"), "`bulk` requires a list"),
        (bulk("description = \"X, at most 50 in one call.\""), "`body.x` is a list of a bulk change"),
        (bulk("minItems = 1, maxItems = 50, description = \"X.\""), "`body.x` is a list of a bulk change"),
        (
            bulk("minItems = 1, maxItems = 100, description = \"X, at most 50 in one call.\""),
            "`body.x` is a list of a bulk change",
        ),
        (
            format!("{POST}form = true\nbody.x = {{ type = \"array\", description = \"X.\" }}\n"),
            "`as_json` or `as_commas` must name it",
        ),
    ];
    for (tool, expected) in cases {
        let found = problems(&tool);
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn an_unknown_key_is_refused() {
    let text = format!(
        "[area]\ntitle = \"T\"\nabout = \"A.\"\ntoolset = \"t\"\n[tool.get_thing]\n{GOOD}efect = \"read\"\n"
    );
    assert!(toml::from_str::<source::File>(&text).unwrap_err().to_string().contains("efect"));
}

#[test]
fn the_embedded_catalog_is_there_and_sorted() {
    assert_eq!(operations().len(), 364);
    assert!(operations().is_sorted_by(|a, b| a.name < b.name));
    for operation in operations() {
        assert!(std::ptr::eq(find(operation.name).unwrap(), operation));
    }
    assert!(find("no_such_tool").is_none());
}

#[test]
fn every_schema_is_an_object_that_names_its_arguments() {
    for operation in operations() {
        let schema: Value = serde_json::from_str(operation.schema.get()).unwrap();
        assert_eq!(schema["type"], "object", "{}", operation.name);
        for argument in operation.in_path.iter().chain(&operation.in_query).chain(&operation.in_body) {
            assert!(schema["properties"][argument].is_object(), "{}: {argument}", operation.name);
        }
        let is_confirmed = operation.most().is_confirmed();
        assert_eq!(operation.confirmation.is_some(), is_confirmed, "{}", operation.name);
        assert_eq!(schema["properties"]["confirm"].is_object(), is_confirmed, "{}", operation.name);
    }
}

#[test]
fn arguments_raise_an_effect_wherever_they_stand() {
    let effect = |tool: &str, arguments: Value| find(tool).unwrap().effect_of(&arguments);
    for (tool, arguments, wanted) in [
        ("update_vendor", json!({"vendorId": "v", "name": "Acme"}), Effect::Write),
        ("update_vendor", json!({"vendorId": "v", "status": "MANAGED"}), Effect::Write),
        ("update_vendor", json!({"vendorId": "v", "status": "ARCHIVED"}), Effect::Publish),
        ("update_vendor", json!({"vendorId": "v", "isVisibleToAuditors": false}), Effect::Publish),
        ("update_vendor", json!({"vendorId": "v", "securityOwnerUserId": null}), Effect::Publish),
        ("set_control_owner", json!({"controlId": "c", "userId": "u"}), Effect::Write),
        ("set_control_owner", json!({"controlId": "c", "userId": null}), Effect::Publish),
        ("update_risk_scenario", json!({"riskScenarioId": "r", "categories": []}), Effect::Publish),
        ("update_risk_scenario", json!({"riskScenarioId": "r", "categories": ["a"]}), Effect::Write),
        (
            "create_customer_trust_account",
            json!({"name": "n", "accessConfig": {"autoApprovalEnabled": true}}),
            Effect::Publish,
        ),
        (
            "create_customer_trust_account",
            json!({"name": "n", "accessConfig": {"autoApprovalEnabled": false}}),
            Effect::Write,
        ),
        ("create_panel_account", json!({"user": "u", "extra": {"quota": 1}}), Effect::Write),
        ("set_panel_account_plan", json!({"user": "u", "plan": null}), Effect::Publish),
        ("delete_vendor", json!({"vendorId": "v"}), Effect::Destroy),
    ] {
        assert_eq!(effect(tool, arguments.clone()), wanted, "{tool} {arguments}");
    }
    for operation in operations() {
        assert!(operation.raise.iter().all(|raise| raise.to > operation.effect), "{}", operation.name);
    }
}

#[test]
fn a_condition_is_met_by_any_entry_of_a_list() {
    use crate::catalog::raise::{Raise, Scalar, When};
    let raise = |argument, when| Raise { argument, when, to: Effect::Publish };
    let archived = raise("updates[].status", When::Is(Scalar::Text("ARCHIVED")));
    assert!(archived.holds(&json!({"updates": [{"status": "MANAGED"}, {"status": "ARCHIVED"}]})));
    for not in
        [json!({}), json!({"updates": []}), json!({"updates": [{}, 1]}), json!({"updates": "ARCHIVED"})]
    {
        assert!(!archived.holds(&not), "{not}");
    }
    let other = raise("nda", When::IsNot(Scalar::Flag(true)));
    assert!(other.holds(&json!({"nda": false})) && !other.holds(&json!({"nda": null})));
    let given = raise("a.b", When::Given);
    assert!(given.holds(&json!({"a": {"b": 0}})) && !given.holds(&json!({"a": {"b": null}})));
    assert!(raise("n", When::Is(Scalar::Number(0))).holds(&json!({"n": 0})));
}

#[test]
fn nullable_is_kept_apart_from_what_is_shown() {
    let plan: Value = serde_json::from_str(find("set_panel_account_plan").unwrap().schema.get()).unwrap();
    assert_eq!(
        (&plan["properties"]["plan"]["type"], &plan["properties"]["plan"]["anyOf"]),
        (&"string".into(), &Value::Null)
    );
    assert_eq!(find("set_panel_account_plan").unwrap().nullable, ["plan"]);
}
