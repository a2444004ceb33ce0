//! Documents that controls ask for, with the files and links collected for them.

mod catalog;
mod collected;
mod evaluation;
mod routes;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::invented;
use super::links::Links;
use super::people::People;
use crate::clock::{after_days, iso_days};
use crate::record::{slug, text, turn, without};
use crate::shelf::Shelf;
use crate::size::Growth;
use catalog::DOCUMENTS;
use evaluation::Evaluation;

pub(super) use collected::uploaded;

/// Properties that only the answer for one document has.
const DETAILS: &[&str] =
    &["deactivatedStatus", "note", "nextRenewalDate", "renewalCadence", "reminderWindow", "subscribers"];

pub(super) struct Documents {
    pub(super) shelf: Shelf,
    /// Document id and file.
    files: Vec<(String, Value)>,
    /// Document id and link.
    links: Vec<(String, Value)>,
    evaluations: Vec<Evaluation>,
}

impl Documents {
    pub(super) fn new(
        now: Timestamp,
        people: &People,
        growth: Option<&Growth>,
        links: &mut Links,
        rng: &mut Rng,
    ) -> Self {
        let mut documents = Self {
            shelf: Shelf::new("Document", Vec::new()),
            files: Vec::new(),
            links: Vec::new(),
            evaluations: Vec::new(),
        };
        let count = growth.map_or(DOCUMENTS.len(), |growth| growth.documents);
        for index in 0..count {
            let (document, uploaded) = document(index, growth, now, people, rng);
            let id = text(&document, "id").to_owned();
            for control in DOCUMENTS.get(index).map(|wanted| wanted.3).into_iter().flatten() {
                links.documents.tie(&slug(control), &id);
            }
            if let Some(uploaded) = uploaded {
                let file = collected::seeded_file(&document, &uploaded, people, rng);
                if index % 4 == 0 {
                    documents.evaluations.push(Evaluation {
                        document: id.clone(),
                        evidence: vec![text(&file, "id").to_owned()],
                        saved: after_days(now, -3),
                    });
                }
                documents.files.push((id.clone(), file));
            }
            if index % 11 == 4 {
                documents.links.push((id, collected::seeded_link(&document, now, rng)));
            }
            documents.shelf.add(document);
        }
        documents
    }
}

impl Documents {
    /// How many documents are written down, and tied to their controls; those of a large company come behind them.
    pub(super) fn written() -> usize {
        DOCUMENTS.len()
    }
}

/// A document as lists show it.
pub(super) fn listed(document: &Value) -> Value {
    without(document, DETAILS)
}

/// A document, and when its file was uploaded.
fn document(
    index: usize,
    growth: Option<&Growth>,
    now: Timestamp,
    people: &People,
    rng: &mut Rng,
) -> (Value, Option<String>) {
    let (title, description, category, _) = turn(DOCUMENTS, index);
    let title = match (index / DOCUMENTS.len()).checked_sub(1) {
        Some(round) => format!("{title} ({})", invented::scope(round)),
        None => title.to_owned(),
    };
    let id = slug(&title);
    let status = match growth {
        Some(growth) => growth.document_status(index),
        None => match index % 10 {
            3 | 8 => "Needs document",
            6 => "Needs update",
            9 if index % 20 == 9 => "Not relevant",
            _ => "OK",
        },
    };
    let uploaded = match status {
        "OK" => Some(iso_days(now, -rng.i64(5..300))),
        "Needs update" => Some(iso_days(now, -rng.i64(370..500))),
        _ => None,
    };
    let renewal = match status {
        "OK" => json!(iso_days(now, rng.i64(4..330))),
        "Needs update" => {
            let days = rng.i64(1..40);
            // Some lapsed within the week.
            json!(iso_days(now, -if index % 20 == 6 { days % 6 + 1 } else { days }))
        }
        _ => Value::Null,
    };
    // What is current became so by its upload; what is not has lapsed when it was due for renewal.
    let changed = if status == "Needs update" { renewal.clone() } else { json!(uploaded) };
    let irrelevant = status == "Not relevant";
    let owner = (index % 7 != 5).then(|| people.leader_id(rng.usize(..)));
    let document = json!({
        "id": id,
        "ownerId": owner,
        "category": category,
        "description": description,
        "isSensitive": index % 13 == 2,
        "title": title,
        "uploadStatus": status,
        "uploadStatusDate": changed,
        "url": format!("https://app.vanta.example/documents/{id}"),
        "deactivatedStatus": {
            "isDeactivated": irrelevant,
            "reason": irrelevant.then_some("Not applicable: the company does not have this process"),
            "creationDate": iso_days(now, -rng.i64(300..700)),
            "expiration": null,
        },
        "note": (index % 12 == 1).then_some("Last year the auditor requested the signed version."),
        "nextRenewalDate": renewal,
        "renewalCadence": turn(&["P1Y", "P6M", "P3M", "P1Y"], index),
        "reminderWindow": turn(&["P1M", "P1W"], index),
        "subscribers": [people.leader_id(index)],
    });
    (document, uploaded)
}
