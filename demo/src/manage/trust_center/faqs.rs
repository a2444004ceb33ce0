//! `faqs` and `faq-categories`.

use fastrand::Rng;
use serde_json::{Value, json};

use super::call::{Call, results};
use super::categories::Categories;
use crate::ask::Reply;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::Outcome;
use crate::record::{fresh_id, set, take_over, text};
use crate::shelf::Shelf;

/// Of a FAQ; `null` for one without category.
const CATEGORY: &str = "categoryId";
const FIELDS: &[Field] =
    &[must("question", Shape::Text), must("answer", Shape::Text), may(CATEGORY, Shape::Text).or_null()];

const CATEGORIES: &[&str] = &["Security", "Privacy", "Availability"];
/// Category, question, answer.
const SEEDED: &[(Option<usize>, &str, &str)] = &[
    (Some(0), "Is patient data encrypted?", "Yes, with AES-256 at rest and TLS 1.2 or newer in transit."),
    (
        Some(0),
        "How often is the application tested by a third party?",
        "Annually, by an independent firm. Findings are retested before the letter is published.",
    ),
    (Some(0), "Can our clinic sign in through its own identity provider?", "Yes, by SAML or OpenID Connect."),
    (
        Some(1),
        "Do you sign business associate agreements?",
        "Yes, before any health information is exchanged.",
    ),
    (
        Some(1),
        "What happens to our data when the contract ends?",
        "It is deleted within 30 days; we provide a deletion record on request.",
    ),
    (Some(1), "Which subprocessors see patient data?", "Only those listed on this page."),
    (
        Some(2),
        "Where do you host?",
        "In two regions in the United States, each with several availability zones.",
    ),
    (Some(2), "How are outages announced?", "On the status page, and by email to your administrators."),
    (None, "Whom do we ask about anything else?", "Write to trust@quillmere.example."),
];

pub(super) struct Faqs {
    shelf: Shelf,
    categories: Categories,
}

impl Faqs {
    pub(super) fn new(rng: &mut Rng) -> Self {
        let categories = Categories::new("FAQ category", CATEGORIES, rng);
        let seeded = SEEDED.iter().map(|(category, question, answer)| {
            let category = category.and_then(|index| categories.shelf.all().get(index));
            json!({
                "id": fresh_id(rng),
                "question": question,
                "answer": answer,
                CATEGORY: category.map(|category| text(category, "id")),
            })
        });
        let shelf = Shelf::new("FAQ", seeded.collect());
        Self { shelf, categories }
    }

    pub(super) fn route(&mut self, path: &[&str], call: &mut Call<'_>) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("DELETE", ["faq-categories", id]) => self.delete_category(id),
            (_, ["faq-categories", below @ ..]) => return self.categories.route(below, call),
            ("GET", [_]) => Ok(results(self.shelf.all().iter().cloned())),
            ("POST", [_]) => self.create(call),
            ("GET", [_, id]) => self.shelf.find(id).cloned().map(Reply::ok),
            ("PATCH", [_, id]) => self.change(id, call.body()),
            ("DELETE", [_, id]) => self.shelf.remove(id).map(|_| Reply::Empty(204)),
            _ => return None,
        };
        Some(outcome)
    }

    /// The questions of a category that goes stay, without one.
    fn delete_category(&mut self, id: &str) -> Outcome {
        self.categories.shelf.remove(id)?;
        let filed = self.shelf.all().iter().filter(|faq| text(faq, CATEGORY) == id);
        let filed: Vec<String> = filed.map(|faq| text(faq, "id").to_owned()).collect();
        for faq in filed {
            set(self.shelf.find_mut(&faq)?, CATEGORY, Value::Null);
        }
        Ok(Reply::Empty(204))
    }

    fn create(&mut self, call: &mut Call<'_>) -> Outcome {
        self.check(call.body())?;
        let mut faq = json!({ "id": call.fresh_id(), CATEGORY: null });
        take_over(&mut faq, call.body(), &["question", "answer", CATEGORY]);
        self.shelf.add(faq.clone());
        Ok(Reply::Json(201, faq))
    }

    fn change(&mut self, id: &str, body: &Value) -> Outcome {
        self.check(body)?;
        let faq = self.shelf.find_mut(id)?;
        take_over(faq, body, &["question", "answer", CATEGORY]);
        Ok(Reply::ok(faq.clone()))
    }

    fn check(&self, body: &Value) -> Result<(), Reply> {
        fields::check(body, FIELDS)?;
        let category = body.get(CATEGORY).and_then(Value::as_str);
        category.map_or(Ok(()), |category| self.categories.shelf.find(category).map(|_| ()))
    }
}
