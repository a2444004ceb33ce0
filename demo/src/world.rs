//! Everything behind the door of the simulated Vanta: one company, seen by three APIs.

use jiff::Timestamp;

use super::ask::{Ask, Reply};
use super::audit::Books;
use super::connectors::Connectors;
use super::manage::Manage;
use super::size::Size;
use super::tokens::Application;

pub(super) struct World {
    manage: Manage,
    seed: u64,
    start: Timestamp,
    /// What auditors and partners have of the company, as it was at the start.
    copied: Option<Copied>,
}

struct Copied {
    books: Books,
    connectors: Connectors,
}

impl World {
    pub(super) fn new(seed: u64, now: Timestamp, size: Size) -> Self {
        Self { manage: Manage::sized(seed, now, size), seed, start: now, copied: None }
    }

    /// What was copied of the company at the start. To copy all of a large one takes as long as to make it up, so it is done
    /// when it is first asked for, or about to change.
    fn copied(&mut self) -> &mut Copied {
        let Self { manage, seed, start, copied } = self;
        copied.get_or_insert_with(|| {
            let company = manage.company();
            let books = Books::new(*seed, *start, &company);
            manage.name_audits(&books.audit_ids());
            Copied { books, connectors: Connectors::new(*seed, *start, &company) }
        })
    }

    /// Answers an admitted request of an application; 404 for a path or method that its API does not have.
    pub(super) fn answer(&mut self, api: Application, ask: &Ask) -> Reply {
        let reply = match api {
            Application::Manage => {
                // Issues name the audits that they were found in.
                if ask.method != "GET" || ask.path.iter().any(|part| part == "issues") {
                    self.copied();
                }
                self.manage.answer(ask)
            }
            Application::Audit => self.copied().books.answer(ask),
            Application::Connectors => self.copied().connectors.answer(ask),
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
        let mut world = World::new(2026, NOW.parse().unwrap(), Size::Usual);
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
    fn a_large_company_is_audited_as_thoroughly() {
        let mut world = World::new(2026, NOW.parse().unwrap(), Size::Large { controls: 1000 });
        let (_, audits) = get(&mut world, Application::Audit, "v1/audits");
        let audits = audits["results"]["data"].as_array().unwrap().clone();
        assert_eq!(audits.len(), 2);
        for audit in audits {
            let evidence = format!("v1/audits/{}/evidence?pageSize=100", audit["id"].as_str().unwrap());
            let (_, first) = get(&mut world, Application::Audit, &evidence);
            let page = &first["results"]["pageInfo"];
            let rest = format!("{evidence}&pageCursor={}", page["endCursor"].as_str().unwrap());
            let (_, second) = get(&mut world, Application::Audit, &rest);
            assert_eq!(second["results"]["data"].as_array().unwrap().len(), 100);
            assert_eq!(second["results"]["pageInfo"]["hasNextPage"], false);
        }
    }

    /// What a change leaves behind is not in the audits: they were opened before it.
    #[test]
    fn audits_show_the_company_as_it_was_at_the_start() {
        let mut world = World::new(2026, NOW.parse().unwrap(), Size::Usual);
        let (_, vendors) = get(&mut world, Application::Manage, "v1/vendors");
        let vendor = vendors["results"]["data"][0].clone();
        let path = format!("v1/vendors/{}", vendor["id"].as_str().unwrap());
        let change = Ask {
            method: "DELETE".into(),
            path: path.split('/').map(str::to_owned).collect(),
            query: Vec::new(),
            body: Value::Null,
            files: Vec::new(),
            now: NOW.parse().unwrap(),
        };
        assert_eq!(world.answer(Application::Manage, &change).parts().0, 204);
        let (_, audits) = get(&mut world, Application::Audit, "v1/audits");
        let audit = audits["results"]["data"][0]["id"].as_str().unwrap();
        let (_, seen) =
            get(&mut world, Application::Audit, &format!("v1/audits/{audit}/vendors?pageSize=100"));
        let seen = seen["results"]["data"].as_array().unwrap();
        assert!(seen.iter().any(|other| other["name"] == vendor["name"]));
    }

    #[test]
    fn each_api_answers_for_itself_alone() {
        let mut world = World::new(2026, NOW.parse().unwrap(), Size::Usual);
        let secrets = "v1/resources/secret?resourceId=demo-secret";
        assert_eq!(get(&mut world, Application::Connectors, secrets).0, 200);
        assert_eq!(get(&mut world, Application::Manage, secrets).0, 404);
        assert_eq!(get(&mut world, Application::Connectors, "v1/policies").0, 404);
        assert_eq!(get(&mut world, Application::Audit, "v1/policies").0, 404);
    }
}
