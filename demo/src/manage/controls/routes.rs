//! `/v1/controls`.

use serde_json::{Value, json};

use crate::ask::{Ask, Reply};
use crate::clock::iso;
use crate::domains::DOMAINS;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::frameworks::framework_id;
use crate::manage::{Manage, Outcome, documents, tests};
use crate::pages::page_of;
use crate::record::{fresh_id, set, take_over, text};

const NEW: &[Field] = &[
    must("externalId", Shape::Text),
    must("name", Shape::Text).or_null(),
    must("description", Shape::Text),
    must("effectiveDate", Shape::Date),
    must("domain", Shape::OneOf(DOMAINS)),
    may("sections", Shape::List).or_null(),
    may("role", Shape::OneOf(&["BOTH", "CONTROLLER", "PROCESSOR"])).or_null(),
    may("customFields", Shape::List),
];

const CHANGES: &[Field] = &[
    may("name", Shape::Text),
    may("externalId", Shape::Text),
    may("description", Shape::Text),
    may("domain", Shape::OneOf(DOMAINS)),
    may("note", Shape::Text),
    may("customFields", Shape::List),
];

impl Manage {
    pub(in crate::manage) fn controls_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => Ok(self.list_controls(ask)),
            ("POST", []) => self.create_control(ask),
            ("POST", ["add-from-library"]) => self.add_control_from_library(ask),
            ("GET", ["controls-library"]) => Ok(shown(ask, self.controls.library.all())),
            ("GET", ["deactivated-controls"]) => Ok(shown(ask, self.controls.deactivated.all())),
            ("GET", [id]) => self.get_control(id),
            ("PATCH", [id]) => self.change_control(id, ask),
            ("DELETE", [id]) => self.delete_control(id),
            ("POST", [id, "set-owner"]) => self.set_control_owner(id, ask),
            ("GET", [id, "tests"]) => self.list_control_tests(id, ask),
            ("POST", [id, "add-test-to-control"]) => self.add_control_test(id, ask),
            ("DELETE", [id, "tests", test]) => self.drop_control_test(id, test),
            ("GET", [id, "documents"]) => self.list_control_documents(id, ask),
            ("POST", [id, "add-document-to-control"]) => self.add_control_document(id, ask),
            ("DELETE", [id, "documents", document]) => self.drop_control_document(id, document),
            _ => return None,
        };
        Some(outcome)
    }

    fn list_controls(&self, ask: &Ask) -> Reply {
        let frameworks = ask.all("frameworkMatchesAny");
        let wanted =
            |control: &&Value| frameworks.is_empty() || self.links.serves(text(control, "id"), &frameworks);
        page_of(ask, self.controls.active.all().iter().filter(wanted).collect(), Value::clone)
    }

    fn get_control(&self, id: &str) -> Outcome {
        let mut control = self.controls.active.find(id)?.clone();
        let tally = self.tally(id);
        let detail = json!({
            "numTestsPassing": tally.tests_passing,
            "numTestsTotal": tally.tests,
            "numDocumentsPassing": tally.documents_passing,
            "numDocumentsTotal": tally.documents,
            "status": tally.status(),
            "note": self.controls.note(id),
        });
        for (key, value) in detail.as_object().into_iter().flatten() {
            set(&mut control, key, value.clone());
        }
        Ok(Reply::ok(control))
    }

    fn create_control(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, NEW)?;
        let external = text(&ask.body, "externalId");
        if self.controls.active.all().iter().any(|control| text(control, "externalId") == external) {
            return Err(Reply::error(409, format!("A control with externalId {external} exists already")));
        }
        let id = fresh_id(&mut self.rng);
        let name = ask.body.get("name").and_then(Value::as_str).unwrap_or(external);
        let mut control = super::control(name, "", text(&ask.body, "domain"), external);
        set(&mut control, "id", id.clone());
        set(&mut control, "source", "Custom");
        set(&mut control, "creationDate", iso(ask.now));
        set(&mut control, "modificationDate", iso(ask.now));
        take_over(&mut control, &ask.body, &["description", "role", "customFields"]);
        for section in ask.body.get("sections").and_then(Value::as_array).into_iter().flatten() {
            let framework = framework_id(text(section, "frameworkId"));
            self.links.map(&id, &framework, text(section, "sectionId"));
        }
        self.controls.active.add(control.clone());
        Ok(Reply::Json(201, control))
    }

    fn add_control_from_library(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("controlId", Shape::Text)])?;
        let control = self.controls.library.remove(text(&ask.body, "controlId"))?;
        self.controls.active.add(control.clone());
        Ok(Reply::ok(control))
    }

    fn change_control(&mut self, id: &str, ask: &Ask) -> Outcome {
        fields::check(&ask.body, CHANGES)?;
        let control = self.controls.active.find_mut(id)?;
        take_over(control, &ask.body, &["name", "externalId", "description", "customFields"]);
        if let Some(domain) = ask.body.get("domain") {
            set(control, "domains", vec![domain.clone()]);
        }
        set(control, "modificationDate", iso(ask.now));
        let control = control.clone();
        if let Some(note) = ask.body.get("note").and_then(Value::as_str) {
            self.controls.set_note(id, note);
        }
        Ok(Reply::ok(control))
    }

    /// A control of Vanta's is switched off and can be found among the deactivated; one's own is gone.
    fn delete_control(&mut self, id: &str) -> Outcome {
        let control = self.controls.active.remove(id)?;
        self.links.forget_control(id);
        if text(&control, "source") == "Vanta" {
            self.controls.deactivated.add(control);
        }
        Ok(Reply::Empty(204))
    }

    fn set_control_owner(&mut self, id: &str, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("userId", Shape::Text).or_null()])?;
        let owner = self.people.owner_of(&ask.body)?;
        let control = self.controls.active.find_mut(id)?;
        set(control, "owner", owner);
        Ok(Reply::ok(control.clone()))
    }

    fn list_control_tests(&self, id: &str, ask: &Ask) -> Outcome {
        self.controls.active.find(id)?;
        let tests = self.links.tests.of(id).filter_map(|test| self.tests.shelf.get(test));
        Ok(page_of(ask, tests.collect(), tests::shown))
    }

    fn add_control_test(&mut self, id: &str, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("testId", Shape::Text)])?;
        let control = self.controls.active.find(id)?;
        let test = self.tests.shelf.find(text(&ask.body, "testId"))?;
        self.links.tests.tie(id, text(test, "id"));
        Ok(Reply::ok(json!({ "test": tests::shown(test), "control": control })))
    }

    fn drop_control_test(&mut self, id: &str, test: &str) -> Outcome {
        self.controls.active.find(id)?;
        if !self.links.tests.are_tied(id, test) {
            return Err(Reply::not_found("Test of this control", test));
        }
        self.links.tests.untie(id, test);
        Ok(Reply::Empty(204))
    }

    fn list_control_documents(&self, id: &str, ask: &Ask) -> Outcome {
        self.controls.active.find(id)?;
        let documents = self.links.documents.of(id).filter_map(|document| self.documents.shelf.get(document));
        Ok(page_of(ask, documents.collect(), documents::listed))
    }

    fn add_control_document(&mut self, id: &str, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("documentId", Shape::Text)])?;
        let control = self.controls.active.find(id)?;
        let document = self.documents.shelf.find(text(&ask.body, "documentId"))?;
        self.links.documents.tie(id, text(document, "id"));
        Ok(Reply::ok(json!({ "document": documents::listed(document), "control": control })))
    }

    fn drop_control_document(&mut self, id: &str, document: &str) -> Outcome {
        self.controls.active.find(id)?;
        if !self.links.documents.are_tied(id, document) {
            return Err(Reply::not_found("Document of this control", document));
        }
        self.links.documents.untie(id, document);
        Ok(Reply::Empty(204))
    }
}

fn shown(ask: &Ask, controls: &[Value]) -> Reply {
    page_of(ask, controls.iter().collect(), Value::clone)
}
