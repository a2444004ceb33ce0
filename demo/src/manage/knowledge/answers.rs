//! `/v1/knowledge-base/answer-library`.

use serde_json::{Value, json};

use super::{Bounds, Knowledge, has_words, verify};
use crate::ask::{Ask, Reply};
use crate::clock::iso;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::customer_trust::actors::{USERS, assigned};
use crate::manage::customer_trust::parts::{moment, set_given};
use crate::manage::customer_trust::tags;
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::record::{fresh_id, set, take_over, text};

const NEW: &[Field] = &[
    must("question", Shape::Text),
    must("answer", Shape::Text),
    may("ownerAssignment", Shape::Object),
    may("expirationDate", Shape::Date),
    may("tags", Shape::List),
];
const CHANGED: &[Field] = &[
    may("question", Shape::Text),
    may("answer", Shape::Text),
    may("ownerAssignment", Shape::Object).or_null(),
    may("expirationDate", Shape::Date).or_null(),
    may("tags", Shape::List),
];

impl Manage {
    pub(super) fn answer_library_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => self.list_answers(ask),
            ("POST", []) => self.create_answer(ask),
            ("GET", [id]) => self.answer_entry(id, ask),
            ("PATCH", [id]) => self.change_answer(id, ask),
            ("DELETE", [id]) => self.knowledge.answers.remove(id).map(|_| Reply::Empty(204)),
            ("POST", [id, "verify"]) => self.verify_answer(id, ask),
            _ => return None,
        };
        Some(outcome)
    }

    fn list_answers(&self, ask: &Ask) -> Outcome {
        let (bounds, tagged) = (Bounds::of(ask)?, tags::asked_for(ask)?);
        let wanted = |entry: &&Value| {
            bounds.hold(entry)
                && ask.one("q").is_none_or(|query| {
                    has_words(&format!("{} {}", text(entry, "question"), text(entry, "answer")), query)
                })
                && (tagged.is_empty() || tagged.iter().any(|(category, tag)| tags::has(entry, category, tag)))
        };
        let entries = self.knowledge.answers.all().iter().filter(wanted);
        Ok(page_of(ask, entries.collect(), |entry| self.shown_answer(entry, ask)))
    }

    fn shown_answer(&self, entry: &Value, ask: &Ask) -> Value {
        let mut shown = entry.clone();
        self.show_known(&mut shown, ask.now);
        shown
    }

    fn answer_entry(&self, id: &str, ask: &Ask) -> Outcome {
        let entry = self.knowledge.answers.find(id)?;
        Ok(Reply::ok(self.shown_answer(entry, ask)))
    }

    fn create_answer(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, NEW)?;
        let mut entry = blank(&fresh_id(&mut self.rng));
        self.fill_answer(&mut entry, ask)?;
        let id = text(&entry, "id").to_owned();
        self.knowledge.answers.add(entry);
        self.answer_entry(&id, ask)
    }

    fn change_answer(&mut self, id: &str, ask: &Ask) -> Outcome {
        let mut entry = self.knowledge.answers.find(id)?.clone();
        fields::check(&ask.body, CHANGED)?;
        self.fill_answer(&mut entry, ask)?;
        *self.knowledge.answers.find_mut(id)? = entry;
        self.answer_entry(id, ask)
    }

    fn fill_answer(&self, entry: &mut Value, ask: &Ask) -> Result<(), Reply> {
        let owner = assigned(&self.people, &ask.body, "ownerAssignment", USERS)?;
        let tags = self.customer_trust.tags.named_in(&ask.body, "tags")?;
        take_over(entry, &ask.body, &["question", "answer"]);
        set_given(entry, "ownerAssignment", owner);
        set_given(entry, "expirationDate", moment(&ask.body, "expirationDate"));
        set_given(entry, "tags", tags);
        set(entry, "lastUpdated", iso(ask.now));
        Ok(())
    }

    fn verify_answer(&mut self, id: &str, ask: &Ask) -> Outcome {
        verify(self.knowledge.answers.find_mut(id)?, ask)?;
        self.answer_entry(id, ask)
    }
}

fn blank(id: &str) -> Value {
    json!({
        "id": id,
        "ownerAssignment": null,
        "expirationDate": null,
        "lastVerified": null,
        "tags": [],
    })
}

impl Knowledge {
    /// Keeps an approved answer for later questionnaires, unless its question has been answered before.
    pub(in crate::manage) fn learn(&mut self, id: &str, question: &str, answer: &str, now: &str) {
        let same = |entry: &Value| text(entry, "question").eq_ignore_ascii_case(question);
        if self.answers.all().iter().any(same) {
            return;
        }
        let mut entry = blank(id);
        set(&mut entry, "question", question);
        set(&mut entry, "answer", answer);
        set(&mut entry, "lastUpdated", now);
        self.answers.add(entry);
    }
}
