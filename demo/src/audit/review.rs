//! The auditors' review of what the company handed in for an information request.

use serde_json::Value;

use super::body::{Body, one_of};
use super::exhibits::{Exhibit, KINDS, SNAPSHOT};
use super::firm::Auditor;
use super::listing::{shown, value};
use super::requests::Request;
use super::timeline::{Activity, Approval, Change};
use super::{Answer, Desk};
use crate::ask::Reply;
use crate::pages;

/// `POST …/accept-evidence`; 422 where nothing has been shared that could be accepted.
pub(super) fn accept(request: &mut Request, desk: &mut Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &["auditorEmail"])?;
    let auditor = desk.firm.auditor(body.text("auditorEmail")?)?;
    decide(request, auditor, Approval::AuditorApproved, None, desk)
}

/// `POST …/flag-evidence`; the reason is shown to the company.
pub(super) fn flag(request: &mut Request, desk: &mut Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &["auditorEmail", "reason"])?;
    let reason = body.text("reason")?;
    let auditor = desk.firm.auditor(body.text("auditorEmail")?)?;
    decide(request, auditor, Approval::AuditorFlagged, Some(reason), desk)
}

fn decide(
    request: &mut Request,
    auditor: &Auditor,
    verdict: Approval,
    reason: Option<&str>,
    desk: &mut Desk<'_>,
) -> Answer {
    if !request.exhibits.iter().any(|exhibit| exhibit.visible_to_auditor_date.is_some()) {
        return Err(Reply::error(422, "No evidence has been shared with the auditors for this request yet"));
    }
    let change = Change { old: request.approval_status, new: verdict, reason };
    let id = desk.chance.id(desk.now);
    request.activity.push(Activity::status(id, desk.now, &auditor.email, &change));
    request.approval_status = verdict;
    request.modification_date = desk.now;
    Ok(Reply::ok(value(request)))
}

/// `GET …/evidence`, filtered by kind and date.
pub(super) fn list_evidence(request: &Request, desk: &Desk<'_>) -> Answer {
    let wanted = desk
        .ask
        .all("evidenceTypeMatchesAny")
        .into_iter()
        .map(|kind| one_of("evidenceTypeMatchesAny", kind, &KINDS))
        .collect::<Result<Vec<_>, _>>()?;
    let is_wanted = |exhibit: &&Exhibit| wanted.is_empty() || wanted.contains(&exhibit.kind);
    let exhibits = shown(desk.ask, request.exhibits.iter().filter(is_wanted))?;
    let rows: Vec<Value> = exhibits.into_iter().map(|exhibit| exhibit.shown(desk.now)).collect();
    Ok(pages::page(desk.ask, rows))
}

/// `GET …/evidence/{evidenceId}`; 404 for what is not shared with the auditors.
pub(super) fn evidence(request: &Request, id: &str, desk: &Desk<'_>) -> Answer {
    let exhibit = exhibit(request, id)?;
    if exhibit.visible_to_auditor_date.is_none() {
        return Err(Reply::not_found("Evidence", id));
    }
    Ok(Reply::ok(exhibit.shown(desk.now)))
}

/// `GET …/evidence/{evidenceId}/test-snapshot`; 422 for evidence of another kind.
pub(super) fn test_snapshot(request: &Request, id: &str) -> Answer {
    let exhibit = exhibit(request, id)?;
    let kind = exhibit.kind;
    exhibit
        .snapshot()
        .map(Reply::ok)
        .ok_or_else(|| Reply::error(422, format!("This evidence is a {kind}, not a {SNAPSHOT}")))
}

fn exhibit<'a>(request: &'a Request, id: &str) -> Result<&'a Exhibit, Reply> {
    let found = request.exhibits.iter().find(|exhibit| exhibit.id == id);
    found.ok_or_else(|| Reply::not_found("Evidence", id))
}
