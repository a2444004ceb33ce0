//! The evidence of an audit: its states, its files, and requests for more of it.

use serde::Serialize;
use serde_json::json;

use super::audits::Audit;
use super::body::Body;
use super::chance::static_uuid;
use super::comments::{self, Subject};
use super::controls::Control;
use super::exhibits::File;
use super::listing::{self, Dated, value};
use super::moment::Moment;
use super::{Answer, Desk, wrong_method};
use crate::ask::{Ask, Reply};
use crate::pages;

const DURATIONS: [&str; 8] = ["P0D", "P1D", "P1W", "P1M", "P3M", "P6M", "P1Y", "P2Y"];

const TRANSITIONS: [&str; 5] = ["ACCEPT", "MARK_APPLICABLE", "FLAG", "MARK_NA", "READY_FOR_AUDIT"];

/// How far the review of an evidence item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Status {
    Accepted,
    Flagged,
    Initialized,
    #[serde(rename = "NA")]
    NotApplicable,
    #[serde(rename = "Not ready for audit")]
    NotReady,
    #[serde(rename = "Ready for audit")]
    Ready,
}

/// Where an evidence item comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Kind {
    #[serde(rename = "Evidence Request")]
    Request,
    Policy,
    Test,
}

/// One evidence item.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Evidence {
    pub(super) id: String,
    /// The same for the same policy, document or test in every audit.
    external_id: String,
    pub(super) status: Status,
    name: String,
    deletion_date: Option<Moment>,
    creation_date: Moment,
    pub(super) status_updated_date: Moment,
    pub(super) test_status: Option<&'static str>,
    #[serde(rename = "evidenceType")]
    kind: Kind,
    /// The id of the policy, document or test.
    #[serde(rename = "evidenceId")]
    origin_id: String,
    related_controls: Vec<RelatedControl>,
    description: Option<String>,
    #[serde(skip)]
    pub(super) files: Vec<File>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RelatedControl {
    name: String,
    section_names: Vec<String>,
}

/// What an evidence item is made of, apart from the review.
pub(super) struct Origin {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
}

impl Evidence {
    /// A new item that nobody has looked at, without files.
    pub(super) fn new(id: String, origin: Origin, controls: &[&Control], created: Moment) -> Self {
        let related = |control: &&Control| RelatedControl {
            name: control.name().to_owned(),
            section_names: control.sections.iter().map(|section| section.name.clone()).collect(),
        };
        Self {
            id,
            external_id: static_uuid(&format!("{:?}:{}", origin.kind, origin.id)),
            status: Status::Initialized,
            name: origin.name,
            deletion_date: None,
            creation_date: created,
            status_updated_date: created,
            test_status: None,
            kind: origin.kind,
            origin_id: origin.id,
            related_controls: controls.iter().map(related).collect(),
            description: Some(origin.description),
            files: Vec::new(),
        }
    }

    /// The status after a transition; 422 where it cannot be made from the present one.
    fn after(&self, transition: &str) -> Result<Status, Reply> {
        let is_reviewable = matches!(self.status, Status::Ready | Status::Accepted | Status::Flagged);
        match transition {
            "ACCEPT" if is_reviewable => Ok(Status::Accepted),
            "FLAG" if is_reviewable => Ok(Status::Flagged),
            "MARK_NA" => Ok(Status::NotApplicable),
            "MARK_APPLICABLE" if self.status == Status::NotApplicable => Ok(Status::NotReady),
            "READY_FOR_AUDIT" if self.status != Status::NotApplicable => Ok(Status::Ready),
            _ => Err(Reply::error(
                422,
                format!("{transition} is not possible while the evidence is {}", value(&self.status)),
            )),
        }
    }
}

impl Dated for Evidence {
    fn changed(&self) -> Moment {
        self.deletion_date.unwrap_or(self.creation_date).max(self.status_updated_date)
    }

    fn deleted(&self) -> Option<Moment> {
        self.deletion_date
    }
}

/// Answers what lies below `/v1/audits/{auditId}/evidence`.
pub(super) fn answer(audit: &mut Audit, rest: &[&str], desk: &mut Desk<'_>) -> Option<Answer> {
    let ask = desk.ask;
    let (id, rest) = match (ask.method.as_str(), rest) {
        ("GET", []) => return Some(listing::page(ask, audit.evidence.iter())),
        ("POST", ["custom-evidence-requests"]) => return Some(create_custom(audit, desk)),
        (_, [] | ["custom-evidence-requests"]) => return Some(Err(wrong_method(ask))),
        (_, [id, rest @ ..]) => (*id, rest),
    };
    if !matches!(rest, [] | ["comments" | "urls"] | ["comments", _]) {
        return None;
    }
    let one_segment = audit.only_segment().map(|_| ());
    let Some(item) = audit.evidence.iter_mut().find(|item| item.id == id) else {
        return Some(Err(Reply::not_found("Audit evidence", id)));
    };
    let on = (Subject::Evidence, id);
    Some(match (ask.method.as_str(), rest) {
        ("GET", []) => Ok(Reply::ok(value(item))),
        ("PATCH", []) => update(item, desk),
        ("GET", ["urls"]) => one_segment.and_then(|()| urls(item, ask, desk.now)),
        ("POST", ["comments"]) => comments::create(audit, on, desk),
        ("GET", ["comments", comment]) => comments::get(audit, on, comment),
        _ => Err(wrong_method(ask)),
    })
}

fn update(item: &mut Evidence, desk: &Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &[])?;
    if body.has("statusUpdate") {
        let change =
            Body::within(body.value("statusUpdate"), "statusUpdate", &["auditorEmail", "stateTransition"])?;
        let transition = change.choice("stateTransition", &TRANSITIONS)?;
        desk.firm.auditor(change.text("auditorEmail")?)?;
        item.status = item.after(transition)?;
        item.status_updated_date = desk.now;
    }
    Ok(Reply::ok(value(item)))
}

fn urls(item: &Evidence, ask: &Ask, now: Moment) -> Answer {
    if matches!(item.status, Status::Initialized | Status::NotReady) {
        return Err(Reply::error(
            422,
            format!("Evidence has no files to fetch while it is {}", value(&item.status)),
        ));
    }
    Ok(pages::page(ask, item.files.iter().map(|file| file.shown(now)).collect()))
}

fn create_custom(audit: &mut Audit, desk: &mut Desk<'_>) -> Answer {
    let required =
        ["controlIds", "title", "description", "cadence", "reminderWindow", "isRestricted", "auditorEmail"];
    let body = Body::of(desk.ask, &required)?;
    let control_ids = body.texts("controlIds")?;
    let (title, description) = (body.text("title")?, body.text("description")?);
    let cadence = body.choice("cadence", &DURATIONS)?;
    let reminder_window = body.choice("reminderWindow", &DURATIONS)?;
    let is_restricted = body.flag("isRestricted")?;
    desk.firm.auditor(body.text("auditorEmail")?)?;
    audit.knows_controls(&control_ids)?;
    let id = desk.chance.id(desk.now);
    let origin = Origin {
        kind: Kind::Request,
        id: id.clone(),
        name: title.to_owned(),
        description: description.to_owned(),
    };
    let controls: Vec<&Control> =
        audit.controls.iter().filter(|control| control_ids.iter().any(|id| id == control.id())).collect();
    let item = Evidence::new(desk.chance.id(desk.now), origin, &controls, desk.now);
    audit.evidence.push(item);
    Ok(Reply::ok(json!({
        "id": id, "controlIds": control_ids, "title": title, "description": description, "cadence": cadence,
        "reminderWindow": reminder_window, "isRestricted": is_restricted,
    })))
}
