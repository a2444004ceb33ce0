//! The audits as they are when the tenant starts.

use serde_json::Value;

use super::audits::{Audit, Record, RequestList, Segment};
use super::chance::{Chance, fingerprint};
use super::comments::{Author, Comment, Subject};
use super::controls::Control;
use super::evidence::{Evidence, Kind, Origin, Status};
use super::exhibits::File;
use super::firm::Firm;
use super::frameworks::Framework;
use super::moment::Moment;
use super::staff::{Staff, text};
use super::wording::{AUDITOR_REMARKS, COMPANY_REMARKS, POLICIES};
use crate::Company;

mod handed_in;
mod questions;

/// What the opening data is drawn from.
struct Opening<'a> {
    chance: &'a mut Chance,
    now: Moment,
    company: &'a Company,
    firm: &'a Firm,
    staff: Staff,
}

/// How large an audit is and when it takes place; days count from now.
struct Scope {
    framework: Framework,
    /// The first and the last day of the audit window.
    window: (i64, i64),
    /// The day on which the report was uploaded.
    completed: Option<i64>,
    /// The business unit of each segment, none where it is the whole company.
    segments: &'static [Option<&'static str>],
    controlled_view: bool,
    controls: usize,
    policies: usize,
    documents: usize,
    tests: usize,
}

const ACTIVE: Scope = Scope {
    framework: Framework::Soc2,
    window: (-330, 35),
    completed: None,
    segments: &[None],
    controlled_view: true,
    controls: 80,
    policies: 16,
    documents: 34,
    tests: 40,
};

const FINISHED: Scope = Scope {
    framework: Framework::Iso27001,
    window: (-430, -395),
    completed: Some(-365),
    // Two segments, as companies have that certify a product and the organisation together.
    segments: &[Some("Organization"), Some("Hosted platform")],
    controlled_view: false,
    controls: 50,
    policies: 12,
    documents: 12,
    tests: 14,
};

impl Scope {
    /// The same audit with so many pieces of evidence, where the company says how many: policies as before, of the rest
    /// half documents and half tests.
    fn grown(self, evidence: Option<usize>) -> Self {
        let Some(evidence) = evidence else { return self };
        let rest = evidence.saturating_sub(self.policies);
        Self { documents: rest / 2, tests: rest - rest / 2, ..self }
    }
}

/// The active audit, then the finished one.
pub(super) fn audits(chance: &mut Chance, now: Moment, company: &Company, firm: &Firm) -> Vec<Audit> {
    let staff = Staff::of(company, chance);
    let mut opening = Opening { chance, now, company, firm, staff };
    let mut active = opening.audit(&ACTIVE.grown(company.evidence));
    active.record.auditor_request_list_metadata =
        Some(RequestList { requests_shared_with_customer: Some(now.plus_days(-44)) });
    opening.ask_questions(&mut active);
    vec![active, opening.audit(&FINISHED.grown(company.evidence))]
}

impl Opening<'_> {
    fn audit(&mut self, scope: &Scope) -> Audit {
        let record = self.record(scope);
        let controls = self
            .chance
            .some_of(&self.company.controls, scope.controls)
            .into_iter()
            .map(|control| Control::of_company(control, scope.framework))
            .collect();
        let framework = scope.framework;
        let mut audit = Audit {
            record,
            framework,
            has_controlled_view: scope.controlled_view,
            controls,
            evidence: Vec::new(),
            requests: Vec::new(),
            comments: Vec::new(),
        };
        for origin in self.origins(scope) {
            let item = self.evidence(&audit, origin, scope);
            audit.evidence.push(item);
        }
        self.discuss_evidence(&mut audit, scope);
        self.discuss_controls(&mut audit, scope);
        audit
    }

    fn record(&mut self, scope: &Scope) -> Record {
        let (start, end) = (self.now.plus_days(scope.window.0), self.now.plus_days(scope.window.1));
        let created = start.plus_days(-20);
        let completed = scope.completed.map(|day| self.now.plus_days(day));
        let framework = scope.framework.name();
        let units = scope.segments.iter().copied();
        let segments =
            units.map(|unit| Segment::of(self.chance.id(created), scope.framework, unit)).collect();
        Record {
            id: self.chance.id(created),
            customer_organization_name: self.company.domain.clone(),
            customer_display_name: Some(self.company.name.clone()),
            customer_organization_id: format!("{:024x}", fingerprint(&self.company.domain)),
            audit_start_date: start,
            audit_end_date: end,
            early_access_starts_at: Some(start.plus_days(-7)),
            framework: framework.to_owned(),
            display_name: format!("{framework} {}", end.year()),
            allow_auditor_emails: self.firm.emails(),
            allow_all_auditors: scope.completed.is_none(),
            deletion_date: None,
            creation_date: created,
            modification_date: Some(completed.unwrap_or_else(|| self.now.plus_days(-3))),
            completion_date: completed,
            audit_focus: "EXTERNAL",
            auditor_request_list_metadata: None,
            segments,
        }
    }

    /// The policies, documents and tests that the audit looks at.
    fn origins(&mut self, scope: &Scope) -> Vec<(Origin, Option<Value>)> {
        let policies = POLICIES.iter().take(scope.policies).map(|(id, title)| {
            let description = format!("The approved {title} in force during the audit period.");
            (
                Origin { kind: Kind::Policy, id: (*id).to_owned(), name: (*title).to_owned(), description },
                None,
            )
        });
        let from = |kind: Kind, title: &str, record: &Value| {
            let (id, name, description) =
                (text(record, "id"), text(record, title), text(record, "description"));
            (Origin { kind, id, name, description }, Some(record.clone()))
        };
        let documents = self.chance.some_of(&self.company.documents, scope.documents);
        let tests = self.chance.some_of(&self.company.tests, scope.tests);
        policies
            .chain(documents.into_iter().map(|document| from(Kind::Request, "title", document)))
            .chain(tests.into_iter().map(|test| from(Kind::Test, "name", test)))
            .collect()
    }

    fn evidence(
        &mut self,
        audit: &Audit,
        (origin, record): (Origin, Option<Value>),
        scope: &Scope,
    ) -> Evidence {
        let start = audit.record.audit_start_date;
        let count = usize::try_from(self.chance.between(1, 3)).unwrap_or(1);
        let controls = self.chance.some_of(&audit.controls, count);
        let (kind, name) = (origin.kind, origin.id.clone());
        let mut item = Evidence::new(self.chance.id(start), origin, &controls, start);
        item.status = self.status(record.as_ref(), scope);
        if item.status != Status::Initialized {
            let latest = scope.completed.map_or(-1, |day| day - 2);
            let earliest = scope.completed.map_or(-100, |day| day - 25);
            let day = self.chance.between(earliest, latest);
            item.status_updated_date = self.now.plus_days(day).plus_hours(self.chance.between(-9, 0));
        }
        if kind == Kind::Test {
            let fails = record.as_ref().is_some_and(|test| text(test, "status") == "NEEDS_ATTENTION");
            item.test_status = Some(if fails {
                "The test failed at least once during the period"
            } else {
                "The test passed throughout the period"
            });
        }
        item.files = self.files(kind, &name, start);
        item
    }

    /// How far the review is; a document that the company still owes cannot be ready.
    fn status(&mut self, record: Option<&Value>, scope: &Scope) -> Status {
        let draw = self.chance.between(1, 100);
        if scope.completed.is_some() {
            return if draw <= 94 { Status::Accepted } else { Status::NotApplicable };
        }
        let upload = record.map(|document| text(document, "uploadStatus")).unwrap_or_default();
        match (upload.as_str(), draw) {
            ("Needs document" | "Needs update", _) | (_, 76..=86) => Status::NotReady,
            ("Not relevant", _) | (_, 95..) => Status::NotApplicable,
            (_, ..=38) => Status::Accepted,
            (_, 39..=65) => Status::Ready,
            (_, 66..=75) => Status::Flagged,
            (_, 87..=94) => Status::Initialized,
        }
    }

    fn files(&mut self, kind: Kind, name: &str, created: Moment) -> Vec<File> {
        let mut stored = |suffix: &str, mime_type: &'static str| File::Stored {
            id: self.chance.id(created),
            filename: format!("{name}{suffix}"),
            mime_type,
        };
        match kind {
            Kind::Policy => vec![stored(".pdf", "application/pdf")],
            Kind::Test => {
                vec![stored("-workpaper.pdf", "application/pdf"), stored("-raw-data.csv", "text/csv")]
            }
            Kind::Request => {
                let files = [stored(".pdf", "application/pdf"), stored("-screenshot.png", "image/png")];
                let mut files: Vec<File> =
                    files.into_iter().take(if name.len().is_multiple_of(2) { 2 } else { 1 }).collect();
                if name.len().is_multiple_of(3) {
                    let url = format!("https://wiki.{}/evidence/{name}", self.company.domain);
                    files.push(File::Link { id: self.chance.id(created), title: name.to_owned(), url });
                }
                files
            }
        }
    }

    /// About every third item has a remark of an auditor, and most of these an answer.
    fn discuss_evidence(&mut self, audit: &mut Audit, scope: &Scope) {
        let items: Vec<(String, Status)> =
            audit.evidence.iter().map(|item| (item.id.clone(), item.status)).collect();
        for (id, status) in items {
            let is_talked_about = status == Status::Flagged || self.chance.between(1, 3) == 1;
            if is_talked_about && status != Status::Initialized {
                let comments = self.conversation((Subject::Evidence, &id), scope.completed.unwrap_or(0));
                audit.comments.extend(comments);
            }
        }
    }

    fn discuss_controls(&mut self, audit: &mut Audit, scope: &Scope) {
        let ids: Vec<String> = self
            .chance
            .some_of(&audit.controls, 6)
            .into_iter()
            .map(|control| control.id().to_owned())
            .collect();
        for id in ids {
            let comments = self.conversation((Subject::Control, &id), scope.completed.unwrap_or(0));
            audit.comments.extend(comments);
        }
    }

    /// An auditor's remark and, two times out of three, an answer; all before the day `until`.
    fn conversation(&mut self, on: (Subject, &str), until: i64) -> Vec<Comment> {
        let asked =
            self.now.plus_days(until + self.chance.between(-28, -3)).plus_hours(self.chance.between(-8, 0));
        let mut comments = Vec::new();
        if let Some(auditor) = self.chance.pick(&self.firm.auditors) {
            let author = Author { name: &auditor.name, email: &auditor.email };
            let remark = self.chance.pick(&AUDITOR_REMARKS).copied().unwrap_or_default();
            comments.push(Comment::new(self.chance.id(asked), on, &author, remark, asked));
        }
        if self.chance.between(1, 3) > 1 {
            let answered = asked.plus_hours(self.chance.between(2, 60));
            let colleague = self.staff.someone(self.chance).clone();
            let author = Author { name: &colleague.name, email: &colleague.email };
            let remark = self.chance.pick(&COMPANY_REMARKS).copied().unwrap_or_default();
            comments.push(Comment::new(self.chance.id(answered), on, &author, remark, answered));
        }
        comments
    }
}
