//! Categories that are no more than a name: those of FAQs and of resources.

use fastrand::Rng;
use serde_json::{Value, json};

use super::call::{Call, arranged, results};
use crate::ask::Reply;
use crate::fields::{self, Shape, must};
use crate::manage::Outcome;
use crate::record::{fresh_id, take_over};
use crate::shelf::Shelf;

pub(super) struct Categories {
    what: &'static str,
    pub(super) shelf: Shelf,
}

impl Categories {
    pub(super) fn new(what: &'static str, names: &[&str], rng: &mut Rng) -> Self {
        let records = names.iter().map(|name| json!({ "id": fresh_id(rng), "name": name })).collect();
        Self { what, shelf: Shelf::new(what, records) }
    }

    /// `path` is what follows the list's own name.
    pub(super) fn route(&mut self, path: &[&str], call: &mut Call<'_>) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", []) => Ok(self.listed()),
            ("POST", []) => self.create(call),
            ("PATCH", [id]) => self.rename(id, call.body()),
            ("DELETE", [id]) => self.shelf.remove(id).map(|_| Reply::Empty(204)),
            _ => return None,
        };
        Some(outcome)
    }

    /// Puts all of them into the order that the body's `key` gives.
    pub(super) fn arrange(&mut self, body: &Value, key: &'static str) -> Outcome {
        fields::check(body, &[must(key, Shape::List)])?;
        self.shelf = Shelf::new(self.what, arranged(&self.shelf, body, key)?);
        Ok(self.listed())
    }

    fn listed(&self) -> Reply {
        results(self.shelf.all().iter().cloned())
    }

    fn create(&mut self, call: &mut Call<'_>) -> Outcome {
        fields::check(call.body(), &[must("name", Shape::Text)])?;
        let mut category = json!({ "id": call.fresh_id() });
        take_over(&mut category, call.body(), &["name"]);
        self.shelf.add(category.clone());
        Ok(Reply::ok(category))
    }

    fn rename(&mut self, id: &str, body: &Value) -> Outcome {
        fields::check(body, &[must("name", Shape::Text)])?;
        let category = self.shelf.find_mut(id)?;
        take_over(category, body, &["name"]);
        Ok(Reply::ok(category.clone()))
    }
}
