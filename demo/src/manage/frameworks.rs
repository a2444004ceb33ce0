//! `/v1/frameworks`, and the counts by which controls and frameworks are judged.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::links::{Mapping, key};
use super::requirements::{Category, FRAMEWORKS, Framework};
use super::{Manage, Outcome};
use crate::ask::{Ask, Reply};
use crate::pages::page_of;
use crate::record::{set, text};

/// Tests and documents of one control, and how many of them are fine.
pub(super) struct Tally {
    pub(super) tests: usize,
    pub(super) tests_passing: usize,
    pub(super) documents: usize,
    pub(super) documents_passing: usize,
}

impl Tally {
    pub(super) fn status(&self) -> &'static str {
        let total = self.tests + self.documents;
        match self.tests_passing + self.documents_passing {
            _ if total == 0 => "NO_EVIDENCE_MAPPED",
            0 => "NOT_STARTED",
            passing if passing < total => "IN_PROGRESS",
            _ => "COMPLETED",
        }
    }
}

impl Manage {
    pub(super) fn frameworks_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => {
                Ok(page_of(ask, FRAMEWORKS.iter().collect(), |framework| self.framework(framework)))
            }
            ("GET", [id]) => known(id).map(|framework| {
                let mut shown = self.framework(framework);
                let wanted = key(framework.id);
                let all = self.links.mappings.iter();
                let mappings: Vec<&Mapping> =
                    all.filter(|mapping| key(&mapping.framework) == wanted).collect();
                let categories = framework.categories.iter();
                let categories: Vec<Value> =
                    categories.map(|category| self.category(&mappings, category)).collect();
                set(&mut shown, "requirementCategories", categories);
                Reply::ok(shown)
            }),
            ("GET", [id, "controls"]) => {
                known(id).map(|framework| page_of(ask, self.framework_controls(framework.id), Value::clone))
            }
            _ => return self.standing_route(method, rest, ask),
        };
        Some(outcome)
    }

    /// Counts what is tied to a control; `OK` passes, whatever else does not.
    pub(super) fn tally(&self, control: &str) -> Tally {
        let tests: Vec<&Value> =
            self.links.tests.of(control).filter_map(|test| self.tests.shelf.get(test)).collect();
        let documents: Vec<&Value> =
            self.links.documents.of(control).filter_map(|id| self.documents.shelf.get(id)).collect();
        Tally {
            tests: tests.len(),
            tests_passing: passing(&tests, "status"),
            documents: documents.len(),
            documents_passing: passing(&documents, "uploadStatus"),
        }
    }

    fn framework_controls(&self, framework: &str) -> Vec<&Value> {
        let controls = self.controls.active.all().iter();
        controls.filter(|control| self.links.serves(text(control, "id"), &[framework])).collect()
    }

    fn framework(&self, framework: &Framework) -> Value {
        let controls = self.framework_controls(framework.id);
        let ids: HashSet<&str> = controls.iter().map(|control| text(control, "id")).collect();
        let completed = ids.iter().filter(|id| self.tally(id).status() == "COMPLETED").count();
        let tests: Vec<&Value> = self
            .tests
            .shelf
            .all()
            .iter()
            .filter(|test| self.links.tests.with(text(test, "id")).any(|control| ids.contains(control)))
            .collect();
        let documents: Vec<&Value> = self
            .documents
            .shelf
            .all()
            .iter()
            .filter(|document| {
                self.links.documents.with(text(document, "id")).any(|control| ids.contains(control))
            })
            .collect();
        json!({
            "id": framework.id,
            "displayName": framework.display,
            "shorthandName": framework.shorthand,
            "description": framework.about,
            "numControlsCompleted": completed,
            "numControlsTotal": ids.len(),
            "numDocumentsPassing": passing(&documents, "uploadStatus"),
            "numDocumentsTotal": documents.len(),
            "numTestsPassing": passing(&tests, "status"),
            "numTestsTotal": tests.len(),
        })
    }

    fn category(&self, mappings: &[&Mapping], category: &Category) -> Value {
        let requirements = category.requirements.iter().map(|(id, gist)| {
            let mapped = mappings.iter().filter(|mapping| mapping.requirement == *id);
            let controls: Vec<Value> = mapped
                .filter_map(|mapping| self.controls.active.get(&mapping.control))
                .map(|control| {
                    json!({
                        "id": control.get("id"),
                        "externalId": control.get("externalId"),
                        "name": control.get("name"),
                        "description": control.get("description"),
                    })
                })
                .collect();
            json!({ "id": id, "name": id, "shorthand": id, "description": gist, "controls": controls })
        });
        json!({
            "id": category.id,
            "name": category.name,
            "shorthand": null,
            "requirements": requirements.collect::<Vec<_>>(),
        })
    }
}

/// The tenant's id of a framework that a request names in another way; unknown ones stay as they are.
pub(super) fn framework_id(named: &str) -> String {
    known(named).map_or_else(|_| named.to_owned(), |framework| framework.id.to_owned())
}

pub(super) fn known(id: &str) -> Result<&'static Framework, Reply> {
    let found = FRAMEWORKS.iter().find(|framework| key(framework.id) == key(id));
    found.ok_or_else(|| Reply::not_found("Framework", id))
}

fn passing(records: &[&Value], status: &str) -> usize {
    records.iter().filter(|record| text(record, status) == "OK").count()
}
