//! `resources` and `resource-categories`: the documents that visitors can read or ask for.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Call, results};
use super::categories::Categories;
use crate::ask::Reply;
use crate::clock::iso_days;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::Outcome;
use crate::record::{fresh_id, set, slug, take_over, text};
use crate::shelf::Shelf;

/// Of a multipart body, in which everything is a text.
const NEW: &[Field] = &[
    must("title", Shape::Text),
    must("isPublic", Shape::OneOf(&["true", "false"])),
    may("description", Shape::Text),
];
const CHANGES: &[Field] =
    &[may("title", Shape::Text), may("isPublic", Shape::Flag), may("description", Shape::Text)];

const CATEGORIES: &[&str] = &["Reports and certificates", "Policies and plans", "Legal"];
const PDF: (&str, &str) = ("pdf", "application/pdf");
const TABLE: (&str, &str) = ("csv", "text/csv");
const PICTURE: (&str, &str) = ("png", "image/png");

struct Seed {
    title: &'static str,
    kind: (&'static str, &'static str),
    is_public: bool,
    description: Option<&'static str>,
    /// Days since it was uploaded and since it was last changed.
    days: (i64, i64),
}

const fn seed(
    title: &'static str,
    kind: (&'static str, &'static str),
    is_public: bool,
    description: Option<&'static str>,
    days: (i64, i64),
) -> Seed {
    Seed { title, kind, is_public, description, days }
}

const SEEDED: &[Seed] = &[
    seed("SOC 2 Type II report", PDF, false, Some("The report for the current period."), (74, 74)),
    seed("ISO 27001 certificate", PDF, true, Some("With its statement of applicability."), (205, 205)),
    seed("HIPAA security attestation", PDF, true, None, (160, 31)),
    // From here to the classification matrix, the company has each as a document too.
    seed("Penetration test retest letter", PDF, false, Some("Issued by the tester."), (118, 118)),
    seed("Penetration test report", PDF, false, Some("Full findings; view only."), (131, 118)),
    seed("Cyber insurance certificate", PDF, false, None, (290, 290)),
    seed("Business continuity plan", PDF, false, Some("Without contact lists."), (410, 96)),
    seed("Network diagram", PICTURE, false, Some("Simplified for publication."), (402, 402)),
    seed("Subprocessor list", TABLE, true, Some("The list on this page, as a file."), (58, 12)),
    seed("Data classification matrix", PDF, true, None, (333, 333)),
    seed("Business associate agreement template", PDF, true, Some("Ready to sign."), (500, 47)),
    seed(
        "Confidentiality agreement",
        PDF,
        true,
        Some("Viewers must accept it before they can access private reports."),
        (600, 240),
    ),
];

pub(super) struct Resources {
    pub(super) shelf: Shelf,
    categories: Categories,
}

impl Resources {
    pub(super) fn new(now: Timestamp, rng: &mut Rng) -> Self {
        let categories = Categories::new("Resource category", CATEGORIES, rng);
        let seeded = SEEDED.iter().map(|seed| {
            json!({
                "id": fresh_id(rng),
                "fileName": format!("{}.{}", slug(seed.title), seed.kind.0),
                "title": seed.title,
                "description": seed.description,
                "mimeType": seed.kind.1,
                "creationDate": iso_days(now, -seed.days.0),
                "updatedDate": iso_days(now, -seed.days.1),
                "isPublic": seed.is_public,
            })
        });
        let shelf = Shelf::new("Resource", seeded.collect());
        Self { shelf, categories }
    }

    /// The resource of that title.
    pub(super) fn titled(&self, title: &str) -> Option<&Value> {
        self.shelf.all().iter().find(|resource| text(resource, "title") == title)
    }

    pub(super) fn route(
        &mut self,
        path: &[&str],
        call: &mut Call<'_>,
        forget: impl FnOnce(&str),
    ) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("PUT", ["resource-categories", "order"]) => self.categories.arrange(call.body(), "categoryIds"),
            (_, ["resource-categories", below @ ..]) => return self.categories.route(below, call),
            ("GET", [_]) => Ok(results(self.shelf.all().iter().cloned())),
            ("POST", [_]) => self.create(call),
            ("GET", [_, id]) => self.shelf.find(id).cloned().map(Reply::ok),
            ("GET", [_, id, "media"]) => self.shelf.find(id).map(|found| call.drawer.hand_out(found)),
            ("PATCH", [_, id]) => self.change(id, call),
            ("DELETE", [_, id]) => self.shelf.remove(id).map(|_| {
                call.drawer.discard(id);
                forget(id);
                Reply::Empty(204)
            }),
            _ => return None,
        };
        Some(outcome)
    }

    fn create(&mut self, call: &mut Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, NEW)?;
        let file = call.ask.file("file")?;
        let id = call.fresh_id();
        let resource = json!({
            "id": id,
            "fileName": file.name,
            "title": body.get("title"),
            "description": body.get("description"),
            "mimeType": file.mime,
            "creationDate": call.now(),
            "updatedDate": call.now(),
            "isPublic": text(body, "isPublic") == "true",
        });
        call.drawer.keep(&id, file);
        self.shelf.add(resource.clone());
        Ok(Reply::Json(201, resource))
    }

    fn change(&mut self, id: &str, call: &Call<'_>) -> Outcome {
        fields::check(call.body(), CHANGES)?;
        let resource = self.shelf.find_mut(id)?;
        take_over(resource, call.body(), &["title", "isPublic", "description"]);
        set(resource, "updatedDate", call.now());
        Ok(Reply::ok(resource.clone()))
    }
}
