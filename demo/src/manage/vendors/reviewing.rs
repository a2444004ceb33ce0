//! `/v1/vendors/{vendorId}/…`: security reviews, assessments, findings and documents.

use serde_json::{Value, json};

use super::{OF_REVIEW, OF_VENDOR, of};
use crate::ask::{Ask, Reply};
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::{Manage, Outcome, documents};
use crate::pages::page_of;
use crate::query::choices;
use crate::record::{at, fresh_id, set, take_over, text, without};

const RISKS: &[&str] = &["ACCEPT", "REMEDIATE", "NONE"];
const REMEDIATION: &[Field] =
    &[may("state", Shape::OneOf(&["OPEN", "CLOSED"])), may("requirementNotes", Shape::Text)];

impl Manage {
    pub(super) fn reviewing_route(
        &mut self,
        method: &str,
        vendor: &str,
        below: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let outcome = match (method, below) {
            ("GET", ["assessments"]) => self.list_assessments(vendor, ask),
            ("POST", ["assessments"]) => self.start_assessment(vendor, ask),
            ("GET", ["assessments", id, "questions"]) => self.list_assessment_questions(vendor, id, ask),
            ("GET", ["assessments", id]) => one(&self.vendors.assessments, vendor, id),
            ("GET", ["security-reviews"]) => {
                Ok(page_of(ask, of(&self.vendors.reviews, vendor).collect(), Value::clone))
            }
            ("GET", ["security-reviews", id]) => one(&self.vendors.reviews, vendor, id),
            ("GET", ["security-reviews", id, "documents"]) => {
                self.list_vendor_documents(vendor, Some(id), ask)
            }
            ("POST", ["security-reviews", id, "documents"]) => {
                self.upload_vendor_document(vendor, Some(id), ask)
            }
            ("DELETE", ["security-reviews", review, "documents", id]) => {
                self.delete_review_document(vendor, review, id)
            }
            ("GET", ["documents"]) => self.list_vendor_documents(vendor, None, ask),
            ("POST", ["documents"]) => self.upload_vendor_document(vendor, None, ask),
            ("GET", ["findings"]) => Ok(self.list_findings(vendor, ask)),
            ("POST", ["findings"]) => self.create_finding(vendor, ask),
            ("PATCH", ["findings", id]) => self.change_finding(vendor, id, ask),
            ("DELETE", ["findings", id]) => self.delete_finding(vendor, id),
            _ => return None,
        };
        // An unknown vendor is what to say first, whatever is asked of it.
        Some(self.vendors.shelf.find(vendor).map(|_| ()).and(outcome))
    }

    fn list_assessments(&self, vendor: &str, ask: &Ask) -> Outcome {
        let statuses = choices(ask, "statusMatchesAny", &["NOT_STARTED", "IN_PROGRESS", "COMPLETED"])?;
        let types = ask.all("typeIdMatchesAny");
        let wanted = |assessment: &&Value| {
            (statuses.is_empty() || statuses.contains(&text(assessment, "status")))
                && (types.is_empty() || types.contains(&at(assessment, "/assessmentType/id")))
        };
        Ok(page_of(ask, of(&self.vendors.assessments, vendor).filter(wanted).collect(), Value::clone))
    }

    fn list_vendor_documents(&self, vendor: &str, review: Option<&str>, ask: &Ask) -> Outcome {
        if let Some(review) = review {
            one(&self.vendors.reviews, vendor, review)?;
        }
        let documents = of(&self.vendors.documents, vendor)
            .filter(|document| review.is_none_or(|review| text(document, OF_REVIEW) == review));
        Ok(page_of(ask, documents.collect(), shown))
    }

    fn upload_vendor_document(&mut self, vendor: &str, review: Option<&str>, ask: &Ask) -> Outcome {
        self.vendors.shelf.find(vendor)?;
        if let Some(review) = review {
            one(&self.vendors.reviews, vendor, review)?;
        }
        fields::check(&ask.body, &[must("file", Shape::Object), must("type", Shape::Text)])?;
        let mut document = documents::uploaded(&fresh_id(&mut self.rng), ask);
        set(&mut document, OF_VENDOR, vendor);
        set(&mut document, OF_REVIEW, review);
        take_over(&mut document, &ask.body, &["type"]);
        self.drawer.keep(text(&document, "id"), ask.file("file")?);
        let answer = shown(&document);
        self.vendors.documents.add(document);
        Ok(Reply::ok(answer))
    }

    fn delete_review_document(&mut self, vendor: &str, review: &str, id: &str) -> Outcome {
        one(&self.vendors.documents, vendor, id)?;
        if self.vendors.documents.get(id).is_none_or(|document| text(document, OF_REVIEW) != review) {
            return Err(Reply::not_found("Document of this security review", id));
        }
        self.vendors.documents.remove(id)?;
        self.drawer.discard(id);
        Ok(Reply::Empty(204))
    }

    fn list_findings(&self, vendor: &str, ask: &Ask) -> Reply {
        let wanted = |finding: &&Value| {
            ask.one(OF_REVIEW).is_none_or(|review| text(finding, OF_REVIEW) == review)
                && ask.one("documentId").is_none_or(|document| text(finding, "documentId") == document)
        };
        page_of(ask, of(&self.vendors.findings, vendor).filter(wanted).collect(), Value::clone)
    }

    fn create_finding(&mut self, vendor: &str, ask: &Ask) -> Outcome {
        self.vendors.shelf.find(vendor)?;
        let wanted = [
            must("content", Shape::Text),
            must("riskStatus", Shape::OneOf(RISKS)),
            may("remediation", Shape::Object),
            may(OF_REVIEW, Shape::Text),
            may("documentId", Shape::Text),
        ];
        fields::check(&ask.body, &wanted)?;
        for (key, shelf) in [(OF_REVIEW, &self.vendors.reviews), ("documentId", &self.vendors.documents)] {
            if let Some(id) = ask.body.get(key).and_then(Value::as_str) {
                one(shelf, vendor, id)?;
            }
        }
        let mut finding = json!({
            "id": fresh_id(&mut self.rng),
            OF_VENDOR: vendor,
            OF_REVIEW: null,
            "documentId": null,
            "remediation": null,
        });
        take_over(&mut finding, &ask.body, &[OF_REVIEW, "documentId"]);
        judge(&mut finding, &ask.body)?;
        self.vendors.findings.add(finding.clone());
        Ok(Reply::ok(finding))
    }

    fn change_finding(&mut self, vendor: &str, id: &str, ask: &Ask) -> Outcome {
        let wanted = [
            may("content", Shape::Text),
            may("riskStatus", Shape::OneOf(RISKS)),
            may("remediation", Shape::Object),
        ];
        fields::check(&ask.body, &wanted)?;
        one(&self.vendors.findings, vendor, id)?;
        let finding = self.vendors.findings.find_mut(id)?;
        judge(finding, &ask.body)?;
        Ok(Reply::ok(finding.clone()))
    }

    fn delete_finding(&mut self, vendor: &str, id: &str) -> Outcome {
        one(&self.vendors.findings, vendor, id)?;
        self.vendors.findings.remove(id)?;
        Ok(Reply::Empty(204))
    }
}

/// Takes over content and risk; only a risk to be remediated has a remediation.
fn judge(finding: &mut Value, body: &Value) -> Result<(), Reply> {
    let remediation = body.get("remediation");
    if let Some(remediation) = remediation {
        fields::check(remediation, REMEDIATION)?;
    }
    take_over(finding, body, &["content", "riskStatus"]);
    if text(finding, "riskStatus") != "REMEDIATE" {
        set(finding, "remediation", Value::Null);
        return Ok(());
    }
    let mut now = finding
        .get("remediation")
        .cloned()
        .filter(Value::is_object)
        .unwrap_or_else(|| json!({ "state": "OPEN", "requirementNotes": null }));
    if let Some(remediation) = remediation {
        take_over(&mut now, remediation, &["state", "requirementNotes"]);
    }
    set(finding, "remediation", now);
    Ok(())
}

/// One record of a vendor; another vendor's is as unknown as none.
pub(super) fn one(shelf: &crate::shelf::Shelf, vendor: &str, id: &str) -> Outcome {
    let record = shelf.find(id)?;
    if text(record, OF_VENDOR) != vendor {
        return Err(Reply::not_found("Record of this vendor", id));
    }
    Ok(Reply::ok(record.clone()))
}

fn shown(document: &Value) -> Value {
    without(document, &[OF_VENDOR, OF_REVIEW])
}
