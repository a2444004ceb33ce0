//! The company's issues as they stood when snapshots of them were taken.

use serde_json::{Value, json};

use super::{Snapshot, derived_id, is_found, snapshots};
use crate::Company;
use crate::ask::{Ask, Reply};
use crate::audit::Answer;
use crate::audit::audits::Audit;
use crate::audit::moment::Moment;
use crate::order::{Direction, ordered, property};
use crate::pages::page;
use crate::query::date;
use crate::record::{at, text};

const LIST: &str = "issues";

pub(super) fn list_snapshots(audit: &Audit, ask: &Ask) -> Reply {
    let rows = snapshots(audit, LIST, Moment::new(ask.now)).into_iter().map(|snapshot| {
        let day = snapshot.at.to_string();
        json!({
            "id": snapshot.id,
            "title": format!("Issues on {}", super::day(&day).unwrap_or_default()),
            "description": format!("All issues known at that time, for {}.", audit.record.display_name),
            "createdAt": snapshot.at,
        })
    });
    page(ask, rows.filter(|row| is_found(ask, row, &["title", "description"])).collect())
}

pub(super) fn items(audit: &Audit, company: &Company, ask: &Ask) -> Answer {
    let wanted = ask.all("snapshotIdMatchesAny");
    let spans = [
        ("createdAt", date(ask, "createdAfterDate")?, date(ask, "createdBeforeDate")?),
        ("detectedAt", date(ask, "detectedAfterDate")?, date(ask, "detectedBeforeDate")?),
    ];
    let taken = snapshots(audit, LIST, Moment::new(ask.now)).into_iter();
    let taken = taken.filter(|snapshot| wanted.is_empty() || wanted.contains(&snapshot.id.as_str()));
    let items = taken.flat_map(|snapshot| {
        let known = company.issues.iter().filter_map(move |issue| item(&snapshot, issue));
        known.collect::<Vec<_>>()
    });
    let fits = |item: &Value| {
        spans.iter().all(|(key, after, before)| {
            let moment = Moment::read(text(item, key));
            after.is_none_or(|after| moment >= Some(Moment::new(after)))
                && before.is_none_or(|before| moment <= Some(Moment::new(before)))
        }) && is_found(ask, item, &["title", "description"])
    };
    let kept: Vec<Value> = items.filter(fits).collect();
    let keys = ["createdAt", "lastModifiedAt", "detectedAt"];
    Ok(page(ask, ordered(ask, kept, &keys, (Some("createdAt"), Direction::Descending), property)?))
}

/// An issue as it stood then; none where it was written down later.
fn item(snapshot: &Snapshot, issue: &Value) -> Option<Value> {
    let created = Moment::read(text(issue, "createdDate"))?;
    if created > snapshot.at {
        return None;
    }
    let still_open =
        Moment::read(at(issue, "/closedMetadata/closedDate")).is_some_and(|closed| closed > snapshot.at);
    let status = if still_open { "IN_PROGRESS" } else { text(issue, "status") };
    let grave = matches!(text(issue, "severity"), "HIGH" | "CRITICAL");
    let in_approval = grave && status == "IN_PROGRESS";
    let modified = Moment::read(text(issue, "lastModifiedDate")).unwrap_or(created);
    let id = text(issue, "id");
    Some(json!({
        "id": derived_id(&format!("{}/{id}", snapshot.id)),
        "title": issue.get("title"),
        "description": issue.get("description"),
        "readableIssueId": issue.get("readableIssueId"),
        "issueId": id,
        "snapshotId": snapshot.id,
        "dueDate": issue.get("dueDate"),
        "status": status,
        "approvalProgress": in_approval.then(|| json!({ "approvedCount": 1, "totalApprovers": 2 })),
        "lastModifiedAt": modified.min(snapshot.at),
        "createdAt": created,
        "detectedAt": issue.get("detectedDate"),
    }))
}
