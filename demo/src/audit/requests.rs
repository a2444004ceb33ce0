//! Information requests: what the auditors ask the company for.

use serde::Serialize;

use super::audits::Audit;
use super::body::{Body, malformed};
use super::comments::{self, Subject};
use super::controls::is_covered;
use super::exhibits::Exhibit;
use super::listing::{self, Dated, value};
use super::moment::Moment;
use super::staff::Colleague;
use super::timeline::{Activity, Approval};
use super::{Answer, Desk, review, wrong_method};
use crate::ask::{Ask, Reply};

const CADENCES: [&str; 4] = ["ANNUALLY", "BIANNUALLY", "MONTHLY", "QUARTERLY"];

const REQUEST_TYPES: [&str; 3] = ["POINT_IN_TIME", "POPULATION", "SAMPLE"];

/// The properties that an update may change.
const CHANGEABLE: [&str; 8] = [
    "frameworkCodes",
    "description",
    "dueDate",
    "evidenceCaptureDate",
    "requestType",
    "title",
    "cadence",
    "additionalControlIds",
];

/// An information request; deleted ones are kept for clients that synchronise.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) id: String,
    /// The id that the audit firm's own system gave it.
    pub(super) unique_id: String,
    pub(super) additional_control_ids: Vec<String>,
    pub(super) approval_status: Approval,
    /// `None` for what is asked once.
    pub(super) cadence: Option<&'static str>,
    pub(super) framework_codes: Vec<String>,
    pub(super) description: Option<String>,
    pub(super) due_date: Option<Moment>,
    pub(super) evidence_capture_date: Option<Moment>,
    /// What people call it, for display only.
    #[serde(rename = "requestId")]
    pub(super) reference: Option<String>,
    #[serde(rename = "requestType")]
    pub(super) scope: &'static str,
    pub(super) title: String,
    pub(super) creation_date: Moment,
    pub(super) modification_date: Moment,
    pub(super) deletion_date: Option<Moment>,
    pub(super) owner_assignment: Option<Owner>,
    /// The segments of the audit that the request is assigned to.
    pub(super) segment_ids: Vec<String>,
    #[serde(skip)]
    pub(super) exhibits: Vec<Exhibit>,
    #[serde(skip)]
    pub(super) activity: Vec<Activity>,
}

/// Who at the company looks after a request.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Owner {
    r#type: &'static str,
    id: String,
    display_name: String,
}

impl Owner {
    pub(super) fn of(colleague: &Colleague) -> Self {
        Self { r#type: "user", id: colleague.id.clone(), display_name: colleague.name.clone() }
    }
}

impl Request {
    /// The same question in another audit: nothing handed in yet, its dates moved by `moved`.
    pub(super) fn blank_copy(&self, id: String, now: Moment, moved: impl Fn(Moment) -> Moment) -> Self {
        Self {
            id,
            unique_id: self.unique_id.clone(),
            additional_control_ids: self.additional_control_ids.clone(),
            approval_status: Approval::NeedsEvidence,
            cadence: self.cadence,
            framework_codes: self.framework_codes.clone(),
            description: self.description.clone(),
            due_date: self.due_date.map(&moved),
            evidence_capture_date: self.evidence_capture_date.map(&moved),
            reference: self.reference.clone(),
            scope: self.scope,
            title: self.title.clone(),
            creation_date: now,
            modification_date: now,
            deletion_date: None,
            owner_assignment: self.owner_assignment.clone(),
            segment_ids: self.segment_ids.clone(),
            exhibits: Vec::new(),
            activity: Vec::new(),
        }
    }
}

impl Dated for Request {
    fn changed(&self) -> Moment {
        self.deletion_date.unwrap_or(self.creation_date).max(self.modification_date)
    }

    fn deleted(&self) -> Option<Moment> {
        self.deletion_date
    }
}

/// Answers what lies below `/v1/audits/{auditId}/information-requests`.
pub(super) fn answer(audit: &mut Audit, rest: &[&str], desk: &mut Desk<'_>) -> Option<Answer> {
    let ask = desk.ask;
    let (id, rest) = match (ask.method.as_str(), rest) {
        ("GET", []) => return Some(list(audit, ask)),
        ("POST", []) => return Some(create(audit, desk)),
        (_, []) => return Some(Err(wrong_method(ask))),
        (_, [id, rest @ ..]) => (*id, rest),
    };
    let is_known = matches!(
        rest,
        [] | ["accept-evidence" | "flag-evidence" | "activity" | "comments" | "evidence"]
            | ["comments" | "evidence", _]
            | ["evidence", _, "test-snapshot"]
    );
    if !is_known {
        return None;
    }
    // A comment outlives what it is on.
    let outlives = matches!((ask.method.as_str(), rest), ("GET", ["comments", _]));
    let is_it = |request: &Request| request.id == id && (outlives || request.deletion_date.is_none());
    let Some(place) = audit.requests.iter().position(is_it) else {
        return Some(Err(Reply::not_found("Information request", id)));
    };
    let on = (Subject::Request, id);
    Some(match (ask.method.as_str(), rest) {
        ("GET", ["comments"]) => comments::list(audit, on, ask),
        ("POST", ["comments"]) => comments::create(audit, on, desk),
        ("GET", ["comments", comment]) => comments::get(audit, on, comment),
        ("PATCH", ["comments", comment]) => comments::update(audit, on, comment, desk),
        ("DELETE", ["comments", comment]) => comments::delete(audit, on, comment, desk),
        ("PATCH", []) => update(audit, place, desk),
        _ => match audit.requests.get_mut(place) {
            Some(request) => one(request, rest, desk),
            None => Err(Reply::not_found("Information request", id)),
        },
    })
}

fn list(audit: &Audit, ask: &Ask) -> Answer {
    let segments = ask.all("segmentIdsMatchesAny");
    let is_wanted = |request: &&Request| {
        segments.is_empty() || request.segment_ids.iter().any(|id| segments.contains(&id.as_str()))
    };
    listing::page(ask, audit.requests.iter().filter(is_wanted))
}

/// The operations that concern nothing but one request.
fn one(request: &mut Request, rest: &[&str], desk: &mut Desk<'_>) -> Answer {
    let ask = desk.ask;
    match (ask.method.as_str(), rest) {
        ("GET", []) => Ok(Reply::ok(value(request))),
        ("DELETE", []) => {
            request.deletion_date = Some(desk.now);
            Ok(Reply::Empty(204))
        }
        ("POST", ["accept-evidence"]) => review::accept(request, desk),
        ("POST", ["flag-evidence"]) => review::flag(request, desk),
        ("GET", ["activity"]) => listing::page(ask, request.activity.iter()),
        ("GET", ["evidence"]) => review::list_evidence(request, desk),
        ("GET", ["evidence", exhibit]) => review::evidence(request, exhibit, desk),
        ("GET", ["evidence", exhibit, "test-snapshot"]) => review::test_snapshot(request, exhibit),
        _ => Err(wrong_method(ask)),
    }
}

/// `GET …/controls/{controlId}/information-requests`: by framework code, or linked directly.
pub(super) fn of_control(audit: &Audit, control: &str, ask: &Ask) -> Answer {
    let Some(control) = audit.controls.iter().find(|candidate| candidate.id() == control) else {
        return Err(Reply::not_found("Control", control));
    };
    let concerns =
        |request: &&Request| is_covered(control, &request.framework_codes, &request.additional_control_ids);
    listing::page(ask, audit.requests.iter().filter(concerns))
}

fn create(audit: &mut Audit, desk: &mut Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &["uniqueId", "title", "requestType", "frameworkCodes"])?;
    let unique_id = body.text("uniqueId")?.to_owned();
    let request = Request {
        id: desk.chance.id(desk.now),
        unique_id,
        additional_control_ids: body.texts("additionalControlIds")?,
        approval_status: Approval::NeedsEvidence,
        cadence: body.choice_or_null("cadence", &CADENCES)?,
        framework_codes: body.texts("frameworkCodes")?,
        description: body.text_or_null("description")?.map(str::to_owned),
        due_date: body.moment_or_null("dueDate")?,
        evidence_capture_date: body.moment_or_null("evidenceCaptureDate")?,
        reference: None,
        scope: body.choice("requestType", &REQUEST_TYPES)?,
        title: body.text("title")?.to_owned(),
        creation_date: desk.now,
        modification_date: desk.now,
        deletion_date: None,
        owner_assignment: None,
        segment_ids: Vec::new(),
        exhibits: Vec::new(),
        activity: Vec::new(),
    };
    if !audit.has_request_list() {
        return Err(Reply::error(422, "A classic audit has no information requests"));
    }
    audit.knows_codes(&request.framework_codes)?;
    audit.knows_controls(&request.additional_control_ids)?;
    let is_taken = |other: &Request| other.unique_id == request.unique_id && other.deletion_date.is_none();
    if audit.requests.iter().any(is_taken) {
        let unique_id = &request.unique_id;
        return Err(Reply::error(
            409,
            format!("An information request with uniqueId {unique_id} exists already"),
        ));
    }
    let reply = Reply::Json(201, value(&request));
    audit.requests.push(request);
    Ok(reply)
}

fn update(audit: &mut Audit, place: usize, desk: &mut Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &[])?;
    if !CHANGEABLE.iter().any(|name| body.has(name)) {
        return Err(malformed(&format!("The body must have at least one of {}", CHANGEABLE.join(", "))));
    }
    // Everything is checked before anything changes, so that a refusal leaves the request as it was.
    let codes = body.texts("frameworkCodes")?;
    let controls = body.texts("additionalControlIds")?;
    audit.knows_codes(&codes)?;
    audit.knows_controls(&controls)?;
    let changes = Changes {
        framework_codes: Change::sent(&body, "frameworkCodes", || Ok(codes))?,
        additional_control_ids: Change::sent(&body, "additionalControlIds", || Ok(controls))?,
        description: Change::sent(&body, "description", || {
            Ok(body.text_or_null("description")?.map(str::to_owned))
        })?,
        due_date: Change::sent(&body, "dueDate", || body.moment_or_null("dueDate"))?,
        evidence_capture_date: Change::sent(&body, "evidenceCaptureDate", || {
            body.moment_or_null("evidenceCaptureDate")
        })?,
        scope: Change::sent(&body, "requestType", || body.choice("requestType", &REQUEST_TYPES))?,
        title: Change::sent(&body, "title", || body.text("title").map(str::to_owned))?,
        cadence: Change::sent(&body, "cadence", || body.choice("cadence", &CADENCES).map(Some))?,
    };
    let request = audit.requests.get_mut(place).ok_or_else(|| Reply::not_found("Information request", ""))?;
    changes.apply(request);
    request.modification_date = desk.now;
    let id = desk.chance.id(desk.now);
    request.activity.push(Activity::new(id, "EDIT_REQUEST", desk.now, None));
    Ok(Reply::ok(value(request)))
}

/// What an update does to one property.
enum Change<T> {
    Keep,
    Set(T),
}

impl<T> Change<T> {
    /// A change where the property was sent, even as null.
    fn sent(body: &Body<'_>, name: &str, read: impl FnOnce() -> Result<T, Reply>) -> Result<Self, Reply> {
        if body.has(name) { read().map(Self::Set) } else { Ok(Self::Keep) }
    }

    fn apply(self, place: &mut T) {
        if let Self::Set(value) = self {
            *place = value;
        }
    }
}

/// What an update does to a request; `Set(None)` clears a property.
struct Changes {
    framework_codes: Change<Vec<String>>,
    additional_control_ids: Change<Vec<String>>,
    description: Change<Option<String>>,
    due_date: Change<Option<Moment>>,
    evidence_capture_date: Change<Option<Moment>>,
    scope: Change<&'static str>,
    title: Change<String>,
    cadence: Change<Option<&'static str>>,
}

impl Changes {
    fn apply(self, request: &mut Request) {
        self.framework_codes.apply(&mut request.framework_codes);
        self.additional_control_ids.apply(&mut request.additional_control_ids);
        self.description.apply(&mut request.description);
        self.due_date.apply(&mut request.due_date);
        self.evidence_capture_date.apply(&mut request.evidence_capture_date);
        self.scope.apply(&mut request.scope);
        self.title.apply(&mut request.title);
        self.cadence.apply(&mut request.cadence);
    }
}
