//! Audits themselves: listing, copying, sharing the list of information requests.

use serde::Serialize;
use serde_json::json;

use super::body::{Body, malformed};
use super::chance::fingerprint;
use super::comments::Comment;
use super::controls::Control;
use super::evidence::Evidence;
use super::frameworks::Framework;
use super::listing::{Dated, shown, value};
use super::moment::Moment;
use super::requests::Request;
use super::{Answer, Desk};
use crate::ask::{Ask, Reply};
use crate::pages;

/// An audit with everything that belongs to it.
pub(super) struct Audit {
    pub(super) record: Record,
    pub(super) framework: Framework,
    /// Whether the company chooses what of its lists the auditors see.
    pub(super) has_controlled_view: bool,
    pub(super) controls: Vec<Control>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) requests: Vec<Request>,
    pub(super) comments: Vec<Comment>,
}

/// What the API tells of an audit.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) id: String,
    /// The company's domain.
    pub(super) customer_organization_name: String,
    pub(super) customer_display_name: Option<String>,
    pub(super) customer_organization_id: String,
    pub(super) audit_start_date: Moment,
    pub(super) audit_end_date: Moment,
    pub(super) early_access_starts_at: Option<Moment>,
    pub(super) framework: String,
    pub(super) display_name: String,
    pub(super) allow_auditor_emails: Vec<String>,
    pub(super) allow_all_auditors: bool,
    pub(super) deletion_date: Option<Moment>,
    pub(super) creation_date: Moment,
    pub(super) modification_date: Option<Moment>,
    /// When the report was uploaded; an audit without one is active.
    pub(super) completion_date: Option<Moment>,
    pub(super) audit_focus: &'static str,
    /// Absent from classic audits: its presence is how a client tells the two kinds apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auditor_request_list_metadata: Option<RequestList>,
    pub(super) segments: Vec<Segment>,
}

/// The state of an audit's list of information requests.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestList {
    pub(super) requests_shared_with_customer: Option<Moment>,
}

/// A part of the company's programme that the audit covers.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Segment {
    pub(super) id: String,
    kind: &'static str,
    display_name: String,
    framework: SegmentFramework,
    /// `None` where the segment is the whole company.
    business_unit: Option<BusinessUnit>,
    /// Segments of systems are none of this company's.
    system: Option<()>,
    soc2_deliverable: Option<()>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SegmentFramework {
    id: &'static str,
    display_name: &'static str,
    short_name: &'static str,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct BusinessUnit {
    id: String,
    display_name: &'static str,
}

impl Segment {
    /// What a framework asks of a part of the company, or of all of it.
    pub(super) fn of(id: String, framework: Framework, unit: Option<&'static str>) -> Self {
        let label = framework.name();
        Self {
            id,
            kind: "PROGRAM",
            display_name: unit.map_or_else(|| label.to_owned(), |unit| format!("{label} \u{2014} {unit}")),
            framework: SegmentFramework {
                id: framework.key(),
                display_name: label,
                short_name: framework.short_name(),
            },
            business_unit: unit
                .map(|unit| BusinessUnit { id: format!("{:024x}", fingerprint(unit)), display_name: unit }),
            system: None,
            soc2_deliverable: None,
        }
    }
}

impl Dated for Record {
    fn changed(&self) -> Moment {
        let dates = [self.modification_date, self.completion_date, self.deletion_date];
        dates.into_iter().flatten().fold(self.creation_date, Moment::max)
    }

    fn deleted(&self) -> Option<Moment> {
        self.deletion_date
    }
}

impl Audit {
    /// Whether the audit is built on a list of information requests, unlike a classic one.
    pub(super) fn has_request_list(&self) -> bool {
        self.record.auditor_request_list_metadata.is_some()
    }

    /// The one segment of the audit; 422 where it has more, or none.
    pub(super) fn only_segment(&self) -> Result<&Segment, Reply> {
        match self.record.segments.as_slice() {
            [segment] => Ok(segment),
            segments => Err(Reply::error(
                422,
                format!(
                    "This needs an audit with exactly one program segment; this one has {}",
                    segments.len()
                ),
            )),
        }
    }

    /// Passes where all ids are those of controls of the audit; 422 with the others.
    pub(super) fn knows_controls(&self, ids: &[String]) -> Result<(), Reply> {
        let is_known = |id: &&String| self.controls.iter().any(|control| control.id() == id.as_str());
        refuse_unknown("controlIds", ids.iter().filter(|id| !is_known(id)))
    }

    /// Passes where all codes are those of the audit's framework; 422 with the others.
    pub(super) fn knows_codes(&self, codes: &[String]) -> Result<(), Reply> {
        let is_known = |code: &&String| self.framework.codes().contains(&code.as_str());
        refuse_unknown("frameworkCodes", codes.iter().filter(|code| !is_known(code)))
    }
}

fn refuse_unknown<'a>(what: &str, unknown: impl Iterator<Item = &'a String>) -> Result<(), Reply> {
    let unknown: Vec<&str> = unknown.map(String::as_str).collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Reply::error(422, format!("Unknown {what} in this audit: {}", unknown.join(", "))))
    }
}

/// `GET /v1/audits`.
pub(super) fn list(audits: &[Audit], ask: &Ask) -> Answer {
    let wants_active = match ask.one("isActiveAudit") {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(malformed("isActiveAudit must be true or false")),
    };
    let is_wanted =
        |record: &&Record| wants_active.is_none_or(|active| active == record.completion_date.is_none());
    let records = shown(ask, audits.iter().map(|audit| &audit.record).filter(is_wanted))?;
    Ok(pages::page_up_to(LARGEST_PAGE, ask, records.into_iter().map(value).collect()))
}

/// This list has pages of up to 200 where all others end at 100.
const LARGEST_PAGE: usize = 200;

/// `GET /v1/audits/{auditId}/framework-codes`.
pub(super) fn framework_codes(audit: &Audit) -> Reply {
    let codes = audit.framework.codes();
    let mut sorted = codes.to_vec();
    sorted.sort_unstable();
    let of_framework = json!({ "framework": audit.framework.name(), "codes": sorted });
    Reply::ok(json!({ "frameworkCodes": codes, "codesByFramework": [of_framework] }))
}

/// `POST /v1/audits/{auditId}/share-information-request-list`.
pub(super) fn share(audit: &mut Audit, desk: &Desk<'_>) -> Answer {
    let list = audit.record.auditor_request_list_metadata.as_mut().ok_or_else(|| {
        Reply::error(422, "Only an audit with an information request list has one to share")
    })?;
    list.requests_shared_with_customer = Some(desk.now);
    audit.record.modification_date = Some(desk.now);
    Ok(Reply::ok(value(&audit.record)))
}

/// What `POST /v1/audits/duplicate` asks for.
struct Plan<'a> {
    source_id: &'a str,
    display_name: &'a str,
    window: (Moment, Moment),
    early_access: Moment,
    auditor_emails: Vec<String>,
}

impl<'a> Plan<'a> {
    /// Reads the body; 422 where an auditor is not of the firm or the window ends before it starts.
    fn read(desk: &Desk<'a>) -> Result<Self, Reply> {
        let required = [
            "sourceAuditId",
            "displayName",
            "auditStartDate",
            "auditEndDate",
            "earlyAccessStartsAt",
            "allowAuditorEmails",
        ];
        let body = Body::of(desk.ask, &required)?;
        let plan = Self {
            source_id: body.text("sourceAuditId")?,
            display_name: body.text("displayName")?,
            window: (body.moment("auditStartDate")?, body.moment("auditEndDate")?),
            early_access: body.moment("earlyAccessStartsAt")?,
            auditor_emails: body.texts("allowAuditorEmails")?,
        };
        if plan.auditor_emails.is_empty() {
            return Err(malformed("allowAuditorEmails must name at least one auditor"));
        }
        for email in &plan.auditor_emails {
            desk.firm.auditor(email)?;
        }
        if plan.window.1 <= plan.window.0 {
            return Err(Reply::error(422, "auditEndDate must be later than auditStartDate"));
        }
        Ok(plan)
    }
}

/// The copy that `POST /v1/audits/duplicate` makes: controls and requests, no evidence yet.
pub(super) fn duplicate(audits: &[Audit], desk: &mut Desk<'_>) -> Result<Audit, Reply> {
    let plan = Plan::read(desk)?;
    let source = audits
        .iter()
        .find(|audit| audit.record.id == plan.source_id)
        .ok_or_else(|| Reply::not_found("Audit", plan.source_id))?;
    if !source.has_request_list() {
        return Err(Reply::error(422, "Only an audit with an information request list can be duplicated"));
    }
    let (start, end) = plan.window;
    let record = Record {
        id: desk.chance.id(desk.now),
        audit_start_date: start,
        audit_end_date: end,
        early_access_starts_at: Some(plan.early_access),
        display_name: plan.display_name.to_owned(),
        allow_auditor_emails: plan.auditor_emails,
        allow_all_auditors: false,
        creation_date: desk.now,
        modification_date: None,
        completion_date: None,
        auditor_request_list_metadata: Some(RequestList { requests_shared_with_customer: None }),
        ..source.record.clone()
    };
    let moved = |date: Moment| date.moved_along(source.record.audit_start_date, start);
    let kept = source.requests.iter().filter(|request| request.deleted().is_none());
    let requests =
        kept.map(|request| request.blank_copy(desk.chance.id(desk.now), desk.now, moved)).collect();
    Ok(Audit {
        record,
        framework: source.framework,
        has_controlled_view: source.has_controlled_view,
        controls: source.controls.clone(),
        evidence: Vec::new(),
        requests,
        comments: Vec::new(),
    })
}
