//! The Trust Center: every operation of it, and what all of its lists have in common.

mod access;
mod controls;
mod notices;
mod page;
mod resources;
mod watched;

use super::*;
use crate::record::set;

const CENTER: &str = "trust-centers/quillmere";

/// Every operation, with a body that it takes where its ids are known.
const OPERATIONS: [(&str, &str); 81] = [
    ("GET", ""),
    ("PATCH", ""),
    ("GET", "/access-requests"),
    ("GET", "/access-requests/none"),
    ("POST", "/access-requests/none/approve"),
    ("POST", "/access-requests/none/deny"),
    ("GET", "/activity"),
    ("GET", "/chatbot/conversations"),
    ("GET", "/chatbot/conversations/none"),
    ("GET", "/compliance-frameworks"),
    ("POST", "/compliance-frameworks"),
    ("DELETE", "/compliance-frameworks/none"),
    ("PATCH", "/compliance-frameworks/none"),
    ("POST", "/compliance-frameworks/none/badge"),
    ("GET", "/control-categories"),
    ("POST", "/control-categories"),
    ("PUT", "/control-categories/order"),
    ("DELETE", "/control-categories/none"),
    ("GET", "/control-categories/none"),
    ("PATCH", "/control-categories/none"),
    ("PATCH", "/control-categories/none/controls"),
    ("PUT", "/control-categories/none/controls/order"),
    ("GET", "/controls"),
    ("POST", "/controls"),
    ("DELETE", "/controls/tags"),
    ("POST", "/controls/tags"),
    ("DELETE", "/controls/none"),
    ("GET", "/controls/none"),
    ("GET", "/data-collected"),
    ("PUT", "/data-collected"),
    ("GET", "/faq-categories"),
    ("POST", "/faq-categories"),
    ("DELETE", "/faq-categories/none"),
    ("PATCH", "/faq-categories/none"),
    ("GET", "/faqs"),
    ("POST", "/faqs"),
    ("DELETE", "/faqs/none"),
    ("GET", "/faqs/none"),
    ("PATCH", "/faqs/none"),
    ("POST", "/favicon"),
    ("GET", "/historical-access-requests"),
    ("GET", "/resource-categories"),
    ("POST", "/resource-categories"),
    ("PUT", "/resource-categories/order"),
    ("DELETE", "/resource-categories/none"),
    ("PATCH", "/resource-categories/none"),
    ("GET", "/resources"),
    ("POST", "/resources"),
    ("DELETE", "/resources/none"),
    ("GET", "/resources/none"),
    ("PATCH", "/resources/none"),
    ("GET", "/resources/none/media"),
    ("GET", "/subprocessors"),
    ("POST", "/subprocessors"),
    ("DELETE", "/subprocessors/none"),
    ("GET", "/subprocessors/none"),
    ("PATCH", "/subprocessors/none"),
    ("GET", "/subscriber-groups"),
    ("POST", "/subscriber-groups"),
    ("DELETE", "/subscriber-groups/none"),
    ("GET", "/subscriber-groups/none"),
    ("PATCH", "/subscriber-groups/none"),
    ("GET", "/subscribers"),
    ("POST", "/subscribers"),
    ("DELETE", "/subscribers/none"),
    ("GET", "/subscribers/none"),
    ("PUT", "/subscribers/none/groups"),
    ("GET", "/updates"),
    ("POST", "/updates"),
    ("DELETE", "/updates/none"),
    ("GET", "/updates/none"),
    ("PATCH", "/updates/none"),
    ("POST", "/updates/none/notify-all-subscribers"),
    ("POST", "/updates/none/notify-specific-subscribers"),
    ("PUT", "/videos"),
    ("GET", "/viewers"),
    ("POST", "/viewers"),
    ("DELETE", "/viewers/none"),
    ("GET", "/viewers/none"),
    ("PATCH", "/viewers/none"),
    ("POST", "/viewers/none/send-invite-reminder"),
];

impl Client {
    /// The items of a list that comes at once.
    fn results(&mut self, list: &str) -> Vec<Value> {
        self.get(&format!("{CENTER}/{list}"))["results"].as_array().unwrap().clone()
    }

    /// The items of a list that comes in pages.
    fn pages(&mut self, list: &str) -> Vec<Value> {
        self.list(&format!("{CENTER}/{list}"))
    }

    fn at(&mut self, path: &str) -> Value {
        self.get(&format!("{CENTER}/{path}"))
    }

    fn ask_center(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.send(method, &format!("{CENTER}/{path}"), body)
    }

    /// The status alone, of a request without body.
    fn status(&mut self, method: &str, path: &str) -> u16 {
        self.ask_center(method, path, Value::Null).0
    }
}

fn ids(records: &[Value]) -> Vec<String> {
    records.iter().map(id).collect()
}

/// A body with everything that any of the operations requires.
fn any_body() -> Value {
    let picture = json!({ "fileName": "a.png", "mimeType": "image/png", "bytes": 3 });
    json!({
        "name": "A", "title": "A", "description": "A", "category": "GENERAL", "question": "A", "answer": "A",
        "email": "a@northfold-clinics.example", "subscriberIds": [], "groupIds": [], "emails": ["a@b.example"],
        "subscriberGroupIds": [], "controlsToAdd": [], "controlsToRemove": [], "orderedControlIds": [],
        "file": picture,
    })
}

#[test]
fn every_operation_is_answered_and_an_unknown_id_is_not_found() {
    let mut client = Client::new();
    for (method, path) in OPERATIONS {
        let (status, body) = client.send(method, &format!("{CENTER}{path}"), any_body());
        assert_ne!(status, 0, "{method} {path}");
        if path.contains("none") {
            assert_eq!(status, 404, "{method} {path}: {body}");
        }
        let elsewhere = format!("trust-centers/brassica{path}");
        assert_eq!(client.send(method, &elsewhere, any_body()).0, 404, "{method} {elsewhere}");
    }
    assert_eq!(client.status("GET", "weather"), 0);
    assert_eq!(client.status("DELETE", "activity"), 0);
    assert_eq!(client.send("GET", "trust-centers", Value::Null).0, 0);
}

/// Lists that come at once, and those that come in pages.
const AT_ONCE: [&str; 7] = [
    "compliance-frameworks",
    "control-categories",
    "faq-categories",
    "faqs",
    "resource-categories",
    "resources",
    "subprocessors",
];
const IN_PAGES: [&str; 9] = [
    "access-requests",
    "activity",
    "chatbot/conversations",
    "controls",
    "historical-access-requests",
    "subscriber-groups",
    "subscribers",
    "updates",
    "viewers",
];

#[test]
fn lists_are_filled_with_records_of_their_own() {
    let mut client = Client::new();
    let mut all = Vec::new();
    for list in AT_ONCE {
        all.push((list, client.results(list)));
    }
    for list in IN_PAGES {
        all.push((list, client.pages(list)));
        assert_eq!(client.status("GET", &format!("{list}?pageSize=101")), 400, "{list}");
        let first = client.at(&format!("{list}?pageSize=2"));
        assert_eq!(first["results"]["data"].as_array().unwrap().len(), 2, "{list}");
        assert_eq!(first["results"]["pageInfo"]["hasNextPage"], true, "{list}");
    }
    let mut seen = std::collections::HashSet::new();
    for (list, records) in all {
        assert!(records.len() >= 3, "{list} has {}", records.len());
        for record in records {
            assert!(seen.insert(id(&record)), "{list}: {record}");
        }
    }
}

#[test]
fn the_same_seed_and_time_give_the_same_trust_center() {
    let bytes = || {
        let mut client = Client::new();
        let at_once = AT_ONCE.map(|list| Value::from(client.results(list)).to_string());
        (
            client.get(CENTER).to_string(),
            at_once,
            IN_PAGES.map(|list| Value::from(client.pages(list)).to_string()),
        )
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn records_have_the_properties_that_vanta_gives_them() {
    let viewer = "id email name companyName resourceIds accessLevel ndaInfo externalServiceAssociations \
                  creationDate updatedDate expirationDate addedByUser";
    let request = "id email name companyName reason requestedResources accessLevel creationDate updatedDate";
    let expected = [
        ("access-requests", request.to_owned()),
        ("activity", "id date eventType details viewerId viewerEmail city countryCode".to_owned()),
        (
            "chatbot/conversations",
            "id firstMessage numMessages userEmail isPublicConversation createdAt".to_owned(),
        ),
        ("compliance-frameworks", "id name standard description".to_owned()),
        ("control-categories", "id name".to_owned()),
        ("controls", "id name description categories".to_owned()),
        ("data-collected", "dataCollected status".to_owned()),
        ("faq-categories", "id name".to_owned()),
        ("faqs", "id question answer".to_owned()),
        ("historical-access-requests", format!("{request} outcome")),
        ("resource-categories", "id name".to_owned()),
        ("resources", "id fileName title description mimeType creationDate updatedDate isPublic".to_owned()),
        ("subprocessors", "id name description location purpose url".to_owned()),
        ("subscriber-groups", "id name subscriberIds creationDate".to_owned()),
        ("subscribers", "id email isEmailVerified creationDate".to_owned()),
        (
            "updates",
            "id title description category creationDate updatedDate visibilityType notifiedEmails".to_owned(),
        ),
        ("viewers", viewer.to_owned()),
    ];
    let mut client = Client::new();
    for (list, names) in expected {
        let body = client.at(list);
        let records = body["results"].as_array().or_else(|| body["results"]["data"].as_array()).unwrap();
        for record in records {
            for name in names.split(' ') {
                assert!(record.get(name).is_some(), "{list} has no {name}: {record}");
            }
        }
    }
}
