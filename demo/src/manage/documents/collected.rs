//! Files and links that were collected for a document.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::clock::{iso, iso_days};
use crate::manage::people::People;
use crate::record::{fresh_id, text, turn};

pub(super) fn seeded_file(document: &Value, date: &str, people: &People, rng: &mut Rng) -> Value {
    let kinds =
        [("pdf", "application/pdf"), ("csv", "text/csv"), ("pdf", "application/pdf"), ("png", "image/png")];
    let (ending, mime) = turn(&kinds, text(document, "title").len());
    json!({
        "id": fresh_id(rng),
        "fileName": format!("{}.{ending}", text(document, "id")),
        "title": text(document, "title"),
        "description": null,
        "mimeType": mime,
        "uploadedBy": { "type": "USER", "id": people.leader_id(rng.usize(..)) },
        "creationDate": date,
        "updatedDate": date,
        "deletionDate": null,
        "effectiveDate": date,
        "url": format!("https://files.vanta.example/{}", text(document, "id")),
    })
}

pub(super) fn seeded_link(document: &Value, now: Timestamp, rng: &mut Rng) -> Value {
    json!({
        "id": fresh_id(rng),
        "creationDate": iso_days(now, -rng.i64(10..200)),
        "effectiveDate": null,
        "title": format!("{} in the wiki", text(document, "title")),
        "url": format!("https://wiki.quillmere.example/{}", text(document, "id")),
        "description": "Maintained by the owner.",
    })
}

/// A file as multipart parts describe it; the shape that an upload has in this API.
pub(in crate::manage) fn uploaded(id: &str, ask: &Ask) -> Value {
    let file = ask.body.get("file").cloned().unwrap_or_default();
    let name = text(&file, "fileName");
    let title = ask.body.get("title").and_then(Value::as_str).unwrap_or(name);
    json!({
        "id": id,
        "fileName": name,
        "title": title,
        "description": ask.body.get("description"),
        "mimeType": text(&file, "mimeType"),
        "uploadedBy": { "type": "APPLICATION", "id": "demo-application" },
        "creationDate": iso(ask.now),
        "updatedDate": iso(ask.now),
        "deletionDate": null,
        "url": format!("https://files.vanta.example/{id}"),
    })
}
