//! Everything behind the door of the simulated Vanta: one company, seen by three APIs.

use jiff::Timestamp;

use super::ask::{Ask, Reply};
use super::audit::Books;
use super::connectors::Connectors;
use super::manage::Manage;
use super::tokens::Application;

pub(super) struct World {
    manage: Manage,
    books: Books,
    connectors: Connectors,
}

impl World {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        let mut manage = Manage::new(seed, now);
        let company = manage.company();
        let books = Books::new(seed, now, &company);
        manage.name_audits(&books.audit_ids());
        let connectors = Connectors::new(seed, now, &company);
        Self { manage, books, connectors }
    }

    /// Answers an admitted request of an application; 404 for a path or method that its API does not have.
    pub(super) fn answer(&mut self, api: Application, ask: &Ask) -> Reply {
        let reply = match api {
            Application::Manage => self.manage.answer(ask),
            Application::Audit => self.books.answer(ask),
            Application::Connectors => self.connectors.answer(ask),
        };
        reply.unwrap_or_else(|| {
            Reply::error(404, format!("There is no endpoint {} /{}", ask.method, ask.path.join("/")))
        })
    }
}

#[cfg(test)]
mod checks {
    use serde_json::Value;

    use super::*;

    const NOW: &str = "2026-11-22T08:00:00Z";

    fn get(world: &mut World, api: Application, path: &str) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let ask = Ask {
            method: "GET".into(),
            path: path.split('/').map(str::to_owned).collect(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            body: Value::Null,
            files: Vec::new(),
            now: NOW.parse().unwrap(),
        };
        world.answer(api, &ask).parts()
    }

    #[test]
    fn issues_of_audits_lead_to_audits() {
        let mut world = World::new(2026, NOW.parse().unwrap());
        let (_, issues) = get(&mut world, Application::Manage, "v1/issues?sourceMatchesAny=AUDIT");
        let issues = issues["results"]["data"].as_array().unwrap().clone();
        assert!(issues.len() > 3);
        for issue in issues {
            let audit = issue["source"]["auditId"].as_str().unwrap();
            let (status, audit) = get(&mut world, Application::Audit, &format!("v1/audits/{audit}"));
            assert_eq!(status, 200);
            assert!(audit["auditStartDate"].as_str() <= issue["createdDate"].as_str(), "{issue}");
        }
    }

    #[test]
    fn each_api_answers_for_itself_alone() {
        let mut world = World::new(2026, NOW.parse().unwrap());
        let secrets = "v1/resources/secret?resourceId=demo-secret";
        assert_eq!(get(&mut world, Application::Connectors, secrets).0, 200);
        assert_eq!(get(&mut world, Application::Manage, secrets).0, 404);
        assert_eq!(get(&mut world, Application::Connectors, "v1/policies").0, 404);
        assert_eq!(get(&mut world, Application::Audit, "v1/policies").0, 404);
    }
}
