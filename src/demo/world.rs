//! Everything behind the door of the simulated Vanta: one company, seen by two APIs.

use jiff::Timestamp;

use super::ask::{Ask, Reply};
use super::audit::Books;
use super::manage::Manage;
use super::tokens::Application;

pub(super) struct World {
    manage: Manage,
    books: Books,
}

impl World {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        let manage = Manage::new(seed, now);
        let books = Books::new(seed, now, &manage.company());
        Self { manage, books }
    }

    /// Answers an admitted request of an application; 404 for a path or method that its API does not have.
    pub(super) fn answer(&mut self, api: Application, ask: &Ask) -> Reply {
        let reply = match api {
            Application::Manage => self.manage.answer(ask),
            Application::Audit => self.books.answer(ask),
            Application::Connectors => None,
        };
        reply.unwrap_or_else(|| {
            Reply::error(404, format!("There is no endpoint {} /{}", ask.method, ask.path.join("/")))
        })
    }
}
