//! Stored files behind evidence, and what is attached to information requests.

use serde_json::{Value, json};

use super::chance::fingerprint;
use super::listing::Dated;
use super::moment::Moment;
use super::staff::text;

/// How long a file's address works.
const ADDRESS_HOURS: i64 = 1;

/// The kinds of evidence that an information request can have.
pub(super) const KINDS: [&str; 7] = [
    "UPLOADED_DOCUMENT",
    "OBSERVATION",
    "LINK",
    "VANTA_DOCUMENT",
    "VANTA_POLICY",
    "VANTA_TEST",
    "VANTA_TEST_SNAPSHOT",
];

/// The kind whose details have an operation of their own.
pub(super) const SNAPSHOT: &str = "VANTA_TEST_SNAPSHOT";

/// A file of an evidence item, or a link that the company gave instead.
pub(super) enum File {
    Stored { id: String, filename: String, mime_type: &'static str },
    Link { id: String, title: String, url: String },
}

impl File {
    /// The file with an address that works for an hour from `now`.
    pub(super) fn shown(&self, now: Moment) -> Value {
        match self {
            Self::Stored { id, filename, mime_type } => json!({
                "id": id, "url": address(id, filename, now), "filename": filename, "isDownloadable": true,
                "mimeType": mime_type,
            }),
            Self::Link { id, title, url } => {
                json!({ "id": id, "url": url, "filename": title, "isDownloadable": false, "mimeType": null })
            }
        }
    }
}

/// A signed, short-lived address of a stored file: another one each second.
pub(super) fn address(id: &str, filename: &str, now: Moment) -> String {
    let expires = now.plus_hours(ADDRESS_HOURS).seconds().to_string();
    let signature = signature(id, filename, &expires);
    format!("{}/{id}/{filename}?expires={expires}&signature={signature}", super::FILE_HOST)
}

/// What proves that an address was given out.
pub(super) fn signature(id: &str, filename: &str, expires: &str) -> String {
    format!("{:016x}", fingerprint(&format!("{id}/{filename}/{expires}")))
}

/// Something attached to an information request.
pub(super) struct Exhibit {
    pub(super) id: String,
    pub(super) kind: &'static str,
    /// `None` until the company shares it with the auditors.
    pub(super) visible_to_auditor_date: Option<Moment>,
    pub(super) creation_date: Moment,
    pub(super) modification_date: Moment,
    /// What is attached, in the shape of its kind, without the address of its file.
    pub(super) content: Value,
    /// Where in the content the file is whose address is to be added.
    pub(super) file: Option<StoredAt>,
    /// The test that a snapshot was taken of.
    pub(super) test: Option<Value>,
}

/// A stored file and the JSON pointer of the object that describes it.
pub(super) struct StoredAt {
    pub(super) pointer: &'static str,
    pub(super) id: String,
    pub(super) filename: String,
}

impl Exhibit {
    /// As the API shows it, with an address that works for an hour from `now`.
    pub(super) fn shown(&self, now: Moment) -> Value {
        let mut content = self.content.clone();
        if let Some(file) = &self.file
            && let Some(Value::Object(described)) = content.pointer_mut(file.pointer)
        {
            described.insert("url".to_owned(), address(&file.id, &file.filename, now).into());
        }
        json!({
            "id": self.id, "evidenceType": self.kind, "visibleToAuditorDate": self.visible_to_auditor_date,
            "creationDate": self.creation_date, "modificationDate": self.modification_date, "deletionDate": null,
            "evidence": content,
        })
    }

    /// The details of a test snapshot; `None` for every other kind.
    pub(super) fn snapshot(&self) -> Option<Value> {
        let test = self.test.as_ref()?;
        let id = text(test, "id");
        let integrations = test.get("integrations").cloned().unwrap_or_else(|| json!([]));
        let integration = integrations.get(0).and_then(Value::as_str).unwrap_or("aws").to_owned();
        let failing = i64::from(text(test, "status") == "NEEDS_ATTENTION");
        let rows: Vec<Value> = (1..=4)
            .map(|number| {
                let outcome = if number <= failing { "FAIL" } else { "PASS" };
                let name = format!("{integration}-resource-{number:02}");
                json!({ "resourceId": format!("{id}/{number}"), "displayName": name, "outcome": outcome })
            })
            .collect();
        Some(json!({
            "testId": id, "testName": text(test, "name"), "description": text(test, "description"),
            "evaluationCriteria": "Every in-scope resource must pass; one failing resource fails the test.",
            "integrations": integrations,
            "slaRemediation": (failing > 0).then(|| json!({
                "status": "DUE_SOON", "dueDate": self.creation_date.plus_days(30), "failingItems": failing,
            })),
            "rawTestData": rows,
            "outOfScopeResources": { "count": 1, "resources": [{
                "resourceId": format!("{id}/sandbox"), "displayName": format!("{integration}-sandbox"),
                "reason": "Sandbox without customer data",
            }]},
            "apiRequests": [{
                "integration": integration, "method": "GET", "path": "/resources",
                "requestedAt": self.creation_date, "statusCode": 200,
            }],
        }))
    }
}

impl Dated for Exhibit {
    fn changed(&self) -> Moment {
        self.visible_to_auditor_date
            .map_or(self.modification_date, |shared| shared.max(self.modification_date))
    }

    fn deleted(&self) -> Option<Moment> {
        // Nothing in this API deletes what the company attached.
        None
    }
}
