//! Assessments of vendors, and what else describes vendors and risks.

use super::*;

fn types(client: &mut Client) -> Vec<Value> {
    client.list("vendor-assessment-types")
}

#[test]
fn an_assessment_is_started_once_and_asks_what_its_type_asks() {
    let mut client = Client::new();
    let (privacy, continuity) = (id(&types(&mut client)[1]), id(&types(&mut client)[2]));
    let vendors: Vec<String> = client.list("vendors").iter().map(id).collect();
    let path = format!("vendors/{}/assessments", vendors[0]);
    let before = client.list(&path).len();
    let start = |kind: &str| json!({ "assessmentTypeId": kind });
    let (status, started) = client.send("POST", &path, start(&continuity));
    assert_eq!(
        (status, text(&started, "status"), text(&started, "audience")),
        (200, "IN_PROGRESS", "INTERNAL")
    );
    assert_eq!(started["assessmentType"]["id"], json!(continuity));
    assert_eq!(client.list(&path).len(), before + 1);
    assert_eq!(client.get(&format!("{path}/{}", id(&started)))["startDate"], started["startDate"]);
    assert_eq!(client.send("POST", &path, start(&continuity)).0, 422);
    assert!(client.list(&format!("{path}/{}/questions", id(&started))).is_empty());

    let waiting = vendors.iter().find_map(|vendor| {
        let path = format!("vendors/{vendor}/assessments");
        let filter = format!("{path}?typeIdMatchesAny={privacy}");
        let mine = client.list(&filter);
        let waits = !mine.iter().any(|one| one["status"] == "IN_PROGRESS");
        waits.then(|| mine.into_iter().find(|one| one["status"] == "NOT_STARTED").map(|one| (path, one)))?
    });
    let (path, waiting) = waiting.unwrap();
    assert_eq!(id(&client.send("POST", &path, start(&privacy)).1), id(&waiting));
    assert_eq!(client.list(&format!("{path}/{}/questions", id(&waiting))).len(), 4);
}

#[test]
fn what_cannot_be_started_is_refused() {
    let mut client = Client::new();
    let archived = id(&types(&mut client)[4]);
    let vendor = id(&client.list("vendors")[0]);
    let path = format!("vendors/{vendor}/assessments");
    let nobody = "0123456789abcdef01234567";
    for (target, body, status) in [
        (path.as_str(), json!({}), 422),
        (&path, json!({ "assessmentTypeId": "privacy" }), 400),
        (&path, json!({ "assessmentTypeId": nobody }), 404),
        (&path, json!({ "assessmentTypeId": archived }), 422),
        ("vendors/none/assessments", json!({ "assessmentTypeId": archived }), 404),
    ] {
        assert_eq!(client.send("POST", target, body.clone()).0, status, "{target} {body}");
    }
    assert_eq!(client.send("GET", &format!("{path}/none/questions"), Value::Null).0, 404);
    assert_eq!(client.send("GET", "vendor-assessment-types/none/rules", Value::Null).0, 404);
}

#[test]
fn every_type_has_rules_for_the_levels_of_vendors() {
    let mut client = Client::new();
    for kind in types(&mut client) {
        let rules = client.get(&format!("vendor-assessment-types/{}/rules", id(&kind)));
        assert_eq!(rules["rules"].as_array().unwrap().len(), 4, "{rules}");
    }
}

#[test]
fn answers_of_vendors_come_with_completed_assessments() {
    let mut client = Client::new();
    let mut seen = std::collections::HashSet::new();
    for vendor in client.list("vendors") {
        let path = format!("vendors/{}/assessments", id(&vendor));
        for assessment in client.list(&path) {
            for question in client.list(&format!("{path}/{}/questions", id(&assessment))) {
                assert_eq!(question["vendorAnswer"].is_string(), assessment["status"] == "COMPLETED");
                assert_eq!(question["aiAnswer"].is_null(), assessment["status"] == "NOT_STARTED");
                seen.insert(text(&assessment, "status").to_owned());
            }
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn categories_and_fields_are_those_of_the_records() {
    let mut client = Client::new();
    let categories = client.list("vendor-categories");
    let fields = client.list("vendor-custom-fields");
    let is_listed = |list: &[Value], key: &str, value: &Value| list.iter().any(|one| one[key] == *value);
    for vendor in client.list("vendors") {
        assert!(is_listed(&categories, "displayName", &vendor["category"]["displayName"]), "{vendor}");
        assert!(is_listed(&fields, "label", &vendor["customFields"][0]["label"]));
    }
    assert!(categories.iter().position(|one| one["isCustom"] == true) == Some(categories.len() - 1));
    assert!(fields.is_sorted_by_key(id) && fields.len() == 2);

    let settings = client.get("risk-settings");
    let known: Vec<&Value> =
        settings["categories"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    let registers = client.list("risk-registers");
    for risk in client.list("risk-scenarios") {
        assert!(risk["categories"].as_array().unwrap().iter().all(|name| known.contains(&name)), "{risk}");
        assert!(is_listed(&registers, "name", &risk["riskRegister"]));
        assert_eq!(risk["customFields"][0]["label"], settings["customFields"][0]["label"]);
    }
}

#[test]
fn small_lists_are_found_by_id_and_only_read() {
    let mut client = Client::new();
    for list in ["business-units", "risk-registers", "task-requirement-sets"] {
        let all = client.list(list);
        assert!(all.len() > 1, "{list}");
        for one in &all {
            assert_eq!(client.get(&format!("{list}/{}", id(one))), *one);
        }
        assert_eq!(client.get(&format!("{list}?pageSize=1"))["results"]["pageInfo"]["hasNextPage"], true);
        assert_eq!(client.send("GET", &format!("{list}/none"), Value::Null).0, 404);
        assert_eq!(client.send("DELETE", &format!("{list}/{}", id(&all[0])), Value::Null).0, 0);
    }
    let assets = client.list("custom-assets");
    assert!(!assets.is_empty());
    assert!(assets.is_sorted_by(|newer, older| text(newer, "creationDate") >= text(older, "creationDate")));
    assert!(assets.iter().all(|asset| asset["owner"]["id"].is_string()));
}
