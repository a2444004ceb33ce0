//! What the company attaches to information requests, one shape for each kind of evidence.

use serde_json::{Value, json};

use super::Opening;
use crate::audit::exhibits::{Exhibit, KINDS, StoredAt};
use crate::audit::moment::Moment;
use crate::audit::staff::{Colleague, text};
use crate::audit::wording::{OBSERVATIONS, POLICIES};

/// The content of an exhibit, and its file and test where the kind has them.
type Parts = (Value, Option<StoredAt>, Option<Value>);

impl Opening<'_> {
    /// Something that `owner` attached at `at`; the kinds take turns by `number`.
    pub(super) fn exhibit(&mut self, number: usize, owner: &Colleague, at: Moment) -> Exhibit {
        let kind = KINDS.iter().copied().cycle().nth(number % KINDS.len()).unwrap_or("UPLOADED_DOCUMENT");
        let id = self.chance.id(at);
        let parts = match kind {
            "OBSERVATION" => Some(self.observation()),
            "LINK" => Some(self.link()),
            "VANTA_DOCUMENT" => self.document(owner, at),
            "VANTA_POLICY" => self.policy(owner, at),
            "VANTA_TEST" => self.test_run(at),
            "VANTA_TEST_SNAPSHOT" => self.test_snapshot(at),
            _ => None,
        };
        // An upload is possible for every company, even one without documents or tests.
        let (kind, parts) = parts.map_or_else(|| ("UPLOADED_DOCUMENT", self.file(at)), |parts| (kind, parts));
        let (content, file, test) = parts;
        Exhibit {
            id,
            kind,
            visible_to_auditor_date: None,
            creation_date: at,
            modification_date: at,
            content,
            file,
            test,
        }
    }

    fn file(&mut self, at: Moment) -> Parts {
        let id = self.chance.id(at);
        let filename = format!("export-{}.csv", self.chance.between(100, 999));
        let content = json!({ "id": id, "filename": filename, "mimeType": "text/csv" });
        (content, Some(StoredAt { pointer: "", id, filename }), None)
    }

    fn observation(&mut self) -> Parts {
        let details = self.chance.pick(&OBSERVATIONS).copied().unwrap_or_default();
        (json!({ "observationDetails": details }), None, None)
    }

    /// A vendor's own page where there is one, or else one of the company's wiki.
    fn link(&mut self) -> Parts {
        let vendor = self.chance.pick(&self.company.vendors);
        let website = vendor.and_then(|vendor| vendor.get("websiteUrl")?.as_str().map(|url| (vendor, url)));
        let content = if let Some((vendor, url)) = website {
            json!({
                "title": format!("Security page of {}", text(vendor, "name")),
                "description": "Where the vendor publishes its reports and certificates.", "url": url,
            })
        } else {
            let page = self.chance.between(1000, 9999);
            json!({
                "title": format!("Runbook {page}"),
                "description": "The wiki page that describes the procedure.",
                "url": format!("https://wiki.{}/pages/{page}", self.company.domain),
            })
        };
        (content, None, None)
    }

    fn document(&mut self, owner: &Colleague, at: Moment) -> Option<Parts> {
        let document = self.chance.pick(&self.company.documents)?;
        let (id, filename) = (self.chance.id(at), format!("{}.pdf", text(document, "id")));
        let content = json!({
            "title": text(document, "title"), "description": text(document, "description"),
            "expirationDate": at.plus_days(365), "addedBy": { "email": owner.email, "name": owner.name },
            "file": { "type": "uploaded", "id": id, "filename": filename, "mimeType": "application/pdf" },
        });
        Some((content, Some(StoredAt { pointer: "/file", id, filename }), None))
    }

    fn policy(&mut self, owner: &Colleague, at: Moment) -> Option<Parts> {
        let (slug, title) = *self.chance.pick(&POLICIES)?;
        let (id, filename) = (self.chance.id(at), format!("{slug}.pdf"));
        let content = json!({
            "title": title, "description": format!("The {title}, as approved this year."),
            "expirationDate": at.plus_days(300), "lastEditedBy": { "email": owner.email, "name": owner.name },
            "file": {
                "effectiveOrCreationDate": at.plus_days(-65), "locale": "EN", "mimeType": "application/pdf",
                "filename": filename, "id": id,
            },
        });
        Some((content, Some(StoredAt { pointer: "/file", id, filename }), None))
    }

    fn test_run(&mut self, at: Moment) -> Option<Parts> {
        let test = self.chance.pick(&self.company.tests)?;
        let (id, filename) = (self.chance.id(at), format!("{}-workpaper.pdf", text(test, "id")));
        let mut content = run(test, at);
        if let Some(content) = content.as_object_mut() {
            content.insert("fileType".to_owned(), "TEST_EVIDENCE_WORKPAPER".into());
            content.insert("file".to_owned(), json!({ "mimeType": "application/pdf" }));
        }
        Some((content, Some(StoredAt { pointer: "/file", id, filename }), None))
    }

    fn test_snapshot(&mut self, at: Moment) -> Option<Parts> {
        let test = self.chance.pick(&self.company.tests)?;
        Some((run(test, at), None, Some(test.clone())))
    }
}

/// One run of a test of the company.
fn run(test: &Value, at: Moment) -> Value {
    let status = match text(test, "status").as_str() {
        "NEEDS_ATTENTION" => "FAIL",
        "IN_PROGRESS" => "IN_PROGRESS",
        "DEACTIVATED" => "DISABLED",
        "INVALID" => "INVALID",
        "NOT_APPLICABLE" => "NA",
        _ => "PASS",
    };
    json!({
        "title": text(test, "name"), "testId": text(test, "id"), "testRunStatus": status,
        "executedAt": at.plus_hours(-2),
    })
}
