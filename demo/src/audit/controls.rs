//! The controls of an audit: listing, custom ones, verdicts, comments.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::audits::{Audit, Segment};
use super::body::{Body, malformed};
use super::comments::{self, Subject};
use super::frameworks::Framework;
use super::listing::value;
use super::{Answer, Desk, requests, wrong_method};
use crate::ask::{Ask, Reply};
use crate::domains::DOMAINS;
use crate::pages;

/// The properties that a control has inside and outside of an audit.
const PROPERTIES: [&str; 11] = [
    "id",
    "externalId",
    "name",
    "description",
    "source",
    "domains",
    "owner",
    "role",
    "customFields",
    "creationDate",
    "modificationDate",
];

/// Every verdict of any framework; each framework has its own few.
const VERDICTS: [&str; 12] = [
    "IN_PLACE",
    "NOT_IN_PLACE",
    "PARTIAL",
    "NOT_ASSESSED",
    "CONFORMING",
    "MINOR_NON_CONFORMITY",
    "MAJOR_NON_CONFORMITY",
    "SATISFIED",
    "NOT_SATISFIED",
    "OTHER_THAN_SATISFIED",
    "TRUE",
    "FALSE",
];

const LONGEST_JUSTIFICATION: usize = 5000;

/// A control as the audit sees it.
#[derive(Clone, Serialize)]
pub(super) struct Control {
    /// The control as the company has it.
    #[serde(flatten)]
    own: Map<String, Value>,
    framework: String,
    pub(super) sections: Vec<Section>,
}

/// A section of a framework that a control satisfies.
#[derive(Clone, Serialize)]
pub(super) struct Section {
    pub(super) name: String,
    framework: String,
}

impl Control {
    /// Takes over a control of the company into an audit of `framework`.
    pub(super) fn of_company(control: &Value, framework: Framework) -> Self {
        let own: Map<String, Value> = PROPERTIES
            .iter()
            .map(|name| ((*name).to_owned(), control.get(name).cloned().unwrap_or_default()))
            .collect();
        let domains: Vec<&str> = own
            .get("domains")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let section = |code: &str| Section { name: code.to_owned(), framework: framework.name().to_owned() };
        let sections = framework.codes_of(&domains).into_iter().map(section).collect();
        Self { own, framework: framework.key().to_owned(), sections }
    }

    pub(super) fn id(&self) -> &str {
        self.text("id")
    }

    pub(super) fn name(&self) -> &str {
        self.text("name")
    }

    fn text(&self, property: &str) -> &str {
        self.own.get(property).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Answers what lies below `/v1/audits/{auditId}/controls`.
pub(super) fn answer(audit: &mut Audit, rest: &[&str], desk: &mut Desk<'_>) -> Option<Answer> {
    let ask = desk.ask;
    let (id, rest) = match (ask.method.as_str(), rest) {
        ("GET", []) => return Some(Ok(list(audit, ask))),
        ("POST", ["custom-controls"]) => return Some(create_custom(audit, desk)),
        (_, [] | ["custom-controls"]) => return Some(Err(wrong_method(ask))),
        (_, [id, rest @ ..]) => (*id, rest),
    };
    if !matches!(rest, ["assessment" | "comments" | "information-requests"] | ["comments", _]) {
        return None;
    }
    if !audit.controls.iter().any(|control| control.id() == id) {
        return Some(Err(Reply::not_found("Control", id)));
    }
    let on = (Subject::Control, id);
    Some(match (ask.method.as_str(), rest) {
        ("PUT", ["assessment"]) => assess(audit, id, desk),
        ("GET", ["comments"]) => comments::list(audit, on, ask),
        ("POST", ["comments"]) => comments::create(audit, on, desk),
        ("PATCH", ["comments", comment]) => comments::update(audit, on, comment, desk),
        ("DELETE", ["comments", comment]) => comments::delete(audit, on, comment, desk),
        ("GET", ["information-requests"]) => requests::of_control(audit, id, ask),
        _ => Err(wrong_method(ask)),
    })
}

fn list(audit: &Audit, ask: &Ask) -> Reply {
    let wanted = ask.all("externalIdMatchesAny");
    let is_wanted = |control: &&Control| wanted.is_empty() || wanted.contains(&control.text("externalId"));
    pages::page(ask, audit.controls.iter().filter(is_wanted).map(value).collect())
}

fn create_custom(audit: &mut Audit, desk: &mut Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &["externalId", "name", "description", "effectiveDate", "category"])?;
    let external_id = body.text("externalId")?;
    let name = body.text_or_null("name")?.unwrap_or(external_id);
    let description = body.text("description")?;
    let category = body.choice("category", DOMAINS)?;
    let role = body.choice_or_null("role", &["BOTH", "CONTROLLER", "PROCESSOR"])?;
    body.moment("effectiveDate")?;
    let sections = sections(body.value("sections"))?;
    if audit.has_request_list() {
        return Err(Reply::error(422, "Audits with an information request list have no custom controls"));
    }
    if role.is_some() && !sections.iter().any(|section| section.framework == "GDPR") {
        return Err(Reply::error(422, "role is only for controls that are mapped to GDPR"));
    }
    if audit.controls.iter().any(|control| control.text("externalId") == external_id) {
        return Err(Reply::error(409, format!("A control with externalId {external_id} exists already")));
    }
    let own = json!({
        "id": desk.chance.id(desk.now), "externalId": external_id, "name": name, "description": description,
        "source": "Custom", "domains": [category], "owner": null, "role": role, "customFields": [],
        "creationDate": desk.now, "modificationDate": desk.now,
    });
    let framework = audit.framework.key().to_owned();
    let control = Control { own: own.as_object().cloned().unwrap_or_default(), framework, sections };
    audit.controls.push(control);
    Ok(Reply::Json(201, own))
}

fn sections(sections: &Value) -> Result<Vec<Section>, Reply> {
    if sections.is_null() {
        return Ok(Vec::new());
    }
    let section = |item: &Value| {
        let body = Body::within(item, "A section", &["frameworkId", "sectionId"])?;
        Ok(Section {
            name: body.text("sectionId")?.to_owned(),
            framework: body.text("frameworkId")?.to_owned(),
        })
    };
    sections.as_array().ok_or_else(|| malformed("sections must be an array"))?.iter().map(section).collect()
}

/// Takes a verdict on a control. Nothing reads verdicts back, so none is kept.
fn assess(audit: &Audit, control: &str, desk: &Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &["assessmentState", "justification", "auditorEmail"])?;
    let state = body.choice("assessmentState", &VERDICTS)?;
    let justification = body.text("justification")?;
    if justification.chars().count() > LONGEST_JUSTIFICATION {
        return Err(malformed(&format!(
            "justification must have at most {LONGEST_JUSTIFICATION} characters"
        )));
    }
    let email = body.text("auditorEmail")?;
    desk.firm.auditor(email).map_err(|_| Reply::not_found("User of the audit firm", email))?;
    let segment = segment(audit, body.text_or_null("segmentId")?)?;
    let verdicts = audit.framework.verdicts();
    if !verdicts.contains(&state) {
        let allowed = verdicts.join(", ");
        let framework = audit.framework.name();
        return Err(Reply::error(422, format!("assessmentState for {framework} must be one of {allowed}")));
    }
    Ok(Reply::ok(json!({
        "controlId": control, "segmentId": segment.id, "assessmentState": state, "justification": justification,
    })))
}

/// The segment that is meant: the named one, or the only one.
fn segment<'a>(audit: &'a Audit, named: Option<&str>) -> Result<&'a Segment, Reply> {
    match named {
        None => audit.only_segment(),
        Some(id) => audit
            .record
            .segments
            .iter()
            .find(|segment| segment.id == id)
            .ok_or_else(|| Reply::error(422, format!("Segment {id} is not part of this audit"))),
    }
}

/// Controls that satisfy one of `codes`, or are named by id.
pub(super) fn is_covered(control: &Control, codes: &[String], ids: &[String]) -> bool {
    ids.iter().any(|id| id == control.id())
        || control.sections.iter().any(|section| codes.contains(&section.name))
}
