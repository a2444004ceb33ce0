//! Each operation once, what filters leave over, writes seen by later reads, refusals.

mod audit_list;
mod company_lists;
mod control_work;
mod evidence_review;
mod opening_data;
mod request_list;
mod request_review;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Books;
use crate::Company;
use crate::ask::Ask;

const START: &str = "2026-11-22T09:00:00Z";
const LEAD: &str = "ingrid.solvang@larkfield-assurance.example";
const SECOND: &str = "mateo.arrieta@larkfield-assurance.example";

fn company() -> Company {
    let domains = ["CHANGE_MANAGEMENT", "IDENTIFICATION_&_AUTHENTICATION", "RISK_MANAGEMENT", "PRIVACY"];
    let statuses = ["OK", "OK", "Needs document"];
    Company {
        name: "Tiny Works".into(),
        domain: "tiny.example".into(),
        people: (0..8)
            .map(|n| {
                json!({
                    "id": format!("person-{n}"), "emailAddress": format!("p{n}@tiny.example"),
                    "name": { "display": format!("Person {n}"), "first": "Person", "last": n.to_string() },
                    "employment": { "status": if n == 0 { "FORMER" } else { "CURRENT" } },
                })
            })
            .collect(),
        controls: (0..90)
            .map(|n| {
                json!({
                    "id": format!("control-{n}"), "externalId": format!("EXT-{n}"), "name": format!("Control {n}"),
                    "description": "A control", "source": "Vanta", "domains": [domains[n % 4]], "owner": null,
                    "role": null, "customFields": [], "creationDate": null, "modificationDate": null,
                })
            })
            .collect(),
        tests: (0..60)
            .map(|n| {
                json!({
                    "id": format!("test-{n}"), "name": format!("Test {n}"), "description": "A test",
                    "integrations": ["aws"], "status": if n % 5 == 0 { "NEEDS_ATTENTION" } else { "OK" },
                })
            })
            .collect(),
        documents: (0..45)
            .map(|n| {
                json!({
                    "id": format!("document-{n}"), "title": format!("Document {n}"), "description": "A document",
                    "uploadStatus": statuses[n % 3],
                })
            })
            .collect(),
        vendors: vec![json!({ "name": "Paperclip Cloud", "websiteUrl": "https://paperclip.example" })],
        ..Company::default()
    }
}

/// Books with a clock that stands still until it is moved.
struct Bench {
    books: Books,
    now: Timestamp,
}

impl Bench {
    fn new() -> Self {
        Self::seeded(7)
    }

    fn seeded(seed: u64) -> Self {
        let now = START.parse().unwrap();
        Self { books: Books::new(seed, now, &company()), now }
    }

    fn later(&mut self, minutes: i64) {
        self.now = self.now.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap();
    }

    /// `None` for a path that is not one of these; a missing body is `Null`.
    fn ask(&mut self, method: &str, path: &str, body: Value) -> Option<(u16, Value)> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = query.split('&').filter_map(|pair| pair.split_once('='));
        let ask = Ask {
            method: method.into(),
            path: path.trim_start_matches('/').split('/').map(str::to_owned).collect(),
            query: query.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            body,
            files: Vec::new(),
            now: self.now,
        };
        Some(self.books.answer(&ask)?.parts())
    }

    fn get(&mut self, path: &str) -> (u16, Value) {
        self.ask("GET", path, Value::Null).unwrap()
    }

    fn send(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.ask(method, path, body).unwrap()
    }

    /// Every item of a list, over all its pages.
    fn all(&mut self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut next = format!("{path}{joint}pageSize=100");
        loop {
            let (status, page) = self.get(&next);
            assert_eq!(status, 200, "{next}: {page}");
            items.extend(page["results"]["data"].as_array().unwrap().iter().cloned());
            let info = &page["results"]["pageInfo"];
            if info["hasNextPage"] == false {
                return items;
            }
            next = format!("{path}{joint}pageSize=100&pageCursor={}", info["endCursor"].as_str().unwrap());
        }
    }

    /// The path of the active audit.
    fn active(&mut self) -> String {
        self.audit("true")
    }

    /// The path of the finished, classic audit.
    fn finished(&mut self) -> String {
        self.audit("false")
    }

    fn audit(&mut self, is_active: &str) -> String {
        let audits = self.all(&format!("/v1/audits?isActiveAudit={is_active}"));
        format!("/v1/audits/{}", text(&audits[0], "id"))
    }

    /// The path of the first information request in this state.
    fn request(&mut self, status: &str) -> String {
        let audit = self.active();
        let requests = self.all(&format!("{audit}/information-requests"));
        let found = requests.iter().find(|request| request["approvalStatus"] == status).unwrap();
        format!("{audit}/information-requests/{}", text(found, "id"))
    }
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap()
}

fn comment(email: &str) -> Value {
    json!({ "text": "Please add the date.", "email": email, "creationDate": START })
}

/// The answer's status, having checked that its message names `part`.
fn refused((status, body): &(u16, Value), part: &str) -> u16 {
    assert!(text(body, "message").contains(part), "{body} does not name {part}");
    *status
}
