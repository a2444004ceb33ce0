//! Exports of questionnaires: asked for, made in the background, and then handed out by an address.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::catalog::{DOCUMENT, WEBSITE};
use super::responses::OF;
use crate::ask::{Ask, Reply};
use crate::clock::{iso, parse};
use crate::fields::{self, Shape, must};
use crate::manage::addresses::passing;
use crate::manage::{Manage, Outcome};
use crate::record::{fresh_id, set, take_over, text, without};

/// How long making one takes; whoever has asked once before does not wait for it.
const MAKING: SignedDuration = SignedDuration::from_secs(5);
const ADDRESS_HOURS: i64 = 24;
/// Kept with an export, not shown: whether someone has polled, why it will fail, and the ending of its file.
const POLLED: &str = "polled";
const FLAW: &str = "flaw";
const ENDING: &str = "ending";

impl Manage {
    pub(super) fn create_export(&mut self, ask: &Ask) -> Outcome {
        let wanted = [must(OF, Shape::Text), must("format", Shape::OneOf(&["original", "csv"]))];
        fields::check(&ask.body, &wanted)?;
        let questionnaire = self.customer_trust.questionnaires.shelf.find(text(&ask.body, OF))?;
        let original = text(&ask.body, "format") == "original";
        let kind = text(questionnaire, "type");
        let ending = match kind {
            _ if !original => "csv",
            DOCUMENT => "docx",
            _ => "xlsx",
        };
        // A portal has no file that the answers could be written into.
        let flaw = (original && kind == WEBSITE).then_some("A website questionnaire has no original file.");
        let mut export = json!({
            "id": fresh_id(&mut self.rng),
            "status": "pending",
            "requestedAt": iso(ask.now),
            POLLED: false,
            FLAW: flaw,
            ENDING: ending,
        });
        take_over(&mut export, &ask.body, &["format"]);
        let answer = without(&export, &[POLLED, FLAW, ENDING]);
        self.customer_trust.questionnaires.exports.add(export);
        Ok(Reply::Json(202, answer))
    }

    /// Pending when first asked, unless enough time has passed. Each answer has a new address.
    pub(super) fn poll_export(&mut self, id: &str, ask: &Ask) -> Outcome {
        let export = self.customer_trust.questionnaires.exports.find_mut(id)?;
        if text(export, "status") == "pending" {
            let made = parse(text(export, "requestedAt")).and_then(|at| at.checked_add(MAKING).ok());
            if export.get(POLLED) == Some(&json!(true)) || made.is_some_and(|made| made <= ask.now) {
                finish(export, &iso(ask.now));
            }
            set(export, POLLED, true);
        }
        let mut shown = without(export, &[POLLED, FLAW, ENDING]);
        if text(export, "status") == "completed" {
            let path = format!("questionnaire-exports/{id}.{}", text(export, ENDING));
            let (address, until) = passing(&path, ask.now, ADDRESS_HOURS);
            set(&mut shown, "downloadUrl", address);
            set(&mut shown, "expiresAt", iso(until));
        }
        Ok(Reply::ok(shown))
    }
}

fn finish(export: &mut Value, now: &str) {
    if let Some(flaw) = export.get(FLAW).and_then(Value::as_str).map(str::to_owned) {
        set(export, "status", "failed");
        set(export, "failedAt", now);
        set(export, "errorMessage", flaw);
    } else {
        set(export, "status", "completed");
        set(export, "completedAt", now);
    }
}
