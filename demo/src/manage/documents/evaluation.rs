//! `/v1/documents/{documentId}/evaluate` and `…/evaluation`: what Vanta AI thinks of the evidence in a draft.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::ask::{Ask, Reply};
use crate::clock::iso;
use crate::manage::{Manage, Outcome};
use crate::record::text;

/// How long an evaluation runs.
const RUNS_FOR: SignedDuration = SignedDuration::from_secs(2);

/// An evaluation that runs or has been saved.
pub(super) struct Evaluation {
    pub(super) document: String,
    /// The ids of the files and links that it is of.
    pub(super) evidence: Vec<String>,
    /// When it is saved.
    pub(super) saved: Timestamp,
}

impl Manage {
    pub(super) fn evaluate_document(&mut self, id: &str, ask: &Ask) -> Outcome {
        let evidence = self.evidence_to_evaluate(id)?;
        if evidence.is_empty() {
            return Err(Reply::error(422, "There is no file and no link to evaluate"));
        }
        if let Some(evaluation) = self.evaluation_of(id, &evidence) {
            return Ok(Reply::Empty(if evaluation.saved <= ask.now { 204 } else { 202 }));
        }
        let saved = ask.now.checked_add(RUNS_FOR).unwrap_or(ask.now);
        self.documents.evaluations.retain(|evaluation| evaluation.document != id);
        self.documents.evaluations.push(Evaluation { document: id.to_owned(), evidence, saved });
        Ok(Reply::Empty(202))
    }

    pub(super) fn document_evaluation(&self, id: &str, ask: &Ask) -> Outcome {
        let evidence = self.evidence_to_evaluate(id)?;
        let saved = self.evaluation_of(id, &evidence).filter(|evaluation| evaluation.saved <= ask.now);
        saved.map(|evaluation| Reply::ok(shown(evaluation))).ok_or_else(|| {
            Reply::error(404, format!("No evaluation of the evidence of document {id} has been saved"))
        })
    }

    fn evaluation_of(&self, id: &str, evidence: &[String]) -> Option<&Evaluation> {
        let mut evaluations = self.documents.evaluations.iter();
        evaluations.find(|evaluation| evaluation.document == id && evaluation.evidence == evidence)
    }

    /// The ids of the files and links of a document; 422 for a sensitive one.
    fn evidence_to_evaluate(&self, id: &str) -> Result<Vec<String>, Reply> {
        let document = self.documents.shelf.find(id)?;
        if document.get("isSensitive").and_then(Value::as_bool) == Some(true) {
            return Err(Reply::error(422, "Sensitive documents are not evaluated"));
        }
        let collected = self.documents.files.iter().chain(&self.documents.links);
        let mine = collected.filter(|(of, _)| of == id).map(|(_, item)| text(item, "id").to_owned());
        Ok(mine.collect())
    }
}

fn shown(evaluation: &Evaluation) -> Value {
    json!({
        "documentId": evaluation.document,
        "outcome": "MEETS_EXPECTATIONS",
        "summary": format!("{} pieces of evidence meet the document's requirements.", evaluation.evidence.len()),
        "evaluatedDate": iso(evaluation.saved),
    })
}
