//! Answers and resources of the start.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::catalog::{ANSWERS, DOCUMENTS, Document, PAGES, Page};
use super::resources::{FILE, URL};
use super::writing::{PRIVATE, PUBLIC, blank};
use crate::clock::iso_days;
use crate::manage::customer_trust::actors::leader;
use crate::manage::customer_trust::tags::Tags;
use crate::manage::people::People;
use crate::record::{fresh_id, set};

pub(super) fn answers(now: Timestamp, people: &People, tags: &Tags, rng: &mut Rng) -> Vec<Value> {
    let answers = ANSWERS.iter().enumerate().map(|(index, (question, answer, tag, expires, verified))| {
        json!({
            "id": fresh_id(rng),
            "question": question,
            "answer": answer,
            "ownerAssignment": (index % 5 != 4).then(|| leader(people, rng.usize(..))),
            "expirationDate": expires.map(|days| iso_days(now, days)),
            "lastUpdated": iso_days(now, -verified.unwrap_or(0) - rng.i64(1..200)),
            "lastVerified": verified.map(|days| iso_days(now, -days)),
            "tags": Vec::from_iter(tags.called(tag)),
        })
    });
    answers.collect()
}

pub(super) fn resources(now: Timestamp, people: &People, tags: &Tags, rng: &mut Rng) -> Vec<Value> {
    let mut resources = Vec::new();
    for (index, entry) in DOCUMENTS.iter().enumerate() {
        resources.push(document(index, *entry, now, people, tags, rng));
    }
    for (index, entry) in PAGES.iter().enumerate() {
        resources.push(page(index, *entry, now, people, rng));
    }
    resources
}

fn document(
    index: usize,
    entry: Document,
    now: Timestamp,
    people: &People,
    tags: &Tags,
    rng: &mut Rng,
) -> Value {
    let (title, file, visibility, permission, tag, expires) = entry;
    let mut resource = blank(&fresh_id(rng), FILE);
    let mime = match file.rsplit('.').next() {
        Some("png") => "image/png",
        Some("csv") => "text/csv",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/pdf",
    };
    set(&mut resource, "title", title);
    set(&mut resource, "fileName", file);
    set(&mut resource, "mimeType", mime);
    set(&mut resource, "customerVisibility", visibility);
    set(&mut resource, "downloadPermission", permission);
    set(&mut resource, "isUsedInQuestionnaires", index % 4 != 3);
    set(&mut resource, "tags", Vec::from_iter(tags.called(tag)));
    date(&mut resource, expires, index, now, people, rng);
    resource
}

fn page(index: usize, entry: Page, now: Timestamp, people: &People, rng: &mut Rng) -> Value {
    let (title, address, with_sub_pages, for_everyone, expires) = entry;
    let mut resource = blank(&fresh_id(rng), URL);
    set(&mut resource, "title", title);
    set(&mut resource, "url", address);
    set(&mut resource, "includeSubPages", with_sub_pages);
    set(&mut resource, "customerVisibility", if for_everyone { PUBLIC } else { PRIVATE });
    set(&mut resource, "isUsedInQuestionnaires", with_sub_pages);
    date(&mut resource, expires, index, now, people, rng);
    resource
}

/// Owner and dates. Three in four of what expires have been verified.
fn date(
    resource: &mut Value,
    expires: Option<i64>,
    index: usize,
    now: Timestamp,
    people: &People,
    rng: &mut Rng,
) {
    let verified = rng.i64(20..160);
    let is_verified = expires.is_some() && index % 4 != 3;
    set(
        resource,
        "ownerAssignment",
        if index % 6 == 5 { Value::Null } else { leader(people, rng.usize(..)) },
    );
    set(resource, "expirationDate", expires.map(|days| iso_days(now, days)));
    set(resource, "lastVerified", is_verified.then(|| iso_days(now, -verified)));
    set(resource, "lastUpdated", iso_days(now, -verified - rng.i64(1..120)));
}
