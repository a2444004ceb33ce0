//! What an audit shows of the company itself: people, vendors, systems, risks and the like.
//!
//! All of it is read from the company's records as they were when the books were opened.

mod inventory;
mod issues;
mod organization;
mod personnel;
mod risks;
mod vendors;

use fastrand::Rng;
use serde_json::Value;

use super::Answer;
use super::audits::Audit;
use super::chance::fingerprint;
use super::moment::Moment;
use crate::Company;
use crate::ask::{Ask, Reply};
use crate::manage;
use crate::record::{contains, fresh_id, text};

/// The lists that stand right below an audit.
const LISTS: &[&str] = &[
    "integrations",
    "managed-vendors",
    "monitored-computers",
    "people",
    "vendors",
    "vulnerabilities",
    "vulnerability-remediations",
    "vulnerable-assets",
];

/// The company's records, and what is known of it in its audits only.
pub(super) struct Dossier {
    company: Company,
    code_changes: Vec<Value>,
    /// When the books were opened.
    opened: Moment,
}

impl Dossier {
    pub(super) fn new(seed: u64, now: Moment, company: &Company) -> Self {
        let mut rng = Rng::with_seed(seed.wrapping_mul(31).wrapping_add(46));
        let code_changes = inventory::code_changes(now, company, &mut rng);
        Self { company: company.clone(), code_changes, opened: now }
    }
}

/// Whether a path below one audit is answered here.
pub(super) fn is_known(rest: &[&str]) -> bool {
    match rest {
        [list] => LISTS.contains(list),
        ["assets", list] => *list == "code-changes",
        ["issues", list] => matches!(*list, "items" | "snapshots"),
        ["organization", part] => matches!(*part, "information" | "notifications"),
        ["personnel", list] => matches!(*list, "groups" | "people"),
        ["personnel", "account-access", _] | ["risks", _] => true,
        _ => false,
    }
}

/// Answers a GET for a path that [`is_known`].
pub(super) fn answer(audit: &Audit, dossier: &Dossier, rest: &[&str], ask: &Ask) -> Answer {
    let company = &dossier.company;
    match rest {
        ["assets", "code-changes"] => inventory::list_code_changes(audit, dossier, ask),
        ["integrations"] => inventory::list_integrations(company, ask),
        ["issues", "items"] => issues::items(audit, company, ask),
        ["issues", _] => Ok(issues::list_snapshots(audit, ask)),
        ["managed-vendors"] => vendors::managed(company, ask),
        ["vendors"] => Ok(vendors::list(company, ask)),
        ["monitored-computers"] => manage::list_computers(ask, &company.computers),
        ["organization", "information"] => Ok(organization::information(audit, company, ask)),
        ["organization", _] => Ok(organization::notifications(audit, company)),
        ["people"] => manage::list_people(ask, company.people.iter()),
        ["personnel", "account-access", "services"] => personnel::services(audit, company, ask),
        ["personnel", "account-access", service] => personnel::accounts(audit, company, service, ask),
        ["personnel", "groups"] => personnel::groups(audit, company, ask),
        ["personnel", _] => personnel::people(audit, dossier, ask),
        ["risks", "snapshots"] => risks::list_snapshots(audit, ask),
        ["risks", snapshot] => risks::list(audit, company, snapshot, ask),
        ["vulnerabilities"] => manage::list_vulnerabilities(ask, &company.vulnerabilities, "query"),
        ["vulnerability-remediations"] => manage::list_remediations(ask, &company.remediations),
        _ => manage::list_assets(ask, &company.assets, "query"),
    }
}

/// Passes where the auditors see chosen columns of the company's lists; 403 where they do not.
fn needs_controlled_view(audit: &Audit) -> Result<(), Reply> {
    if audit.has_controlled_view {
        Ok(())
    } else {
        Err(Reply::error(403, "This needs an audit with Controlled Audit View"))
    }
}

/// A copy of a list as it stood at one moment of the audit window.
struct Snapshot {
    id: String,
    at: Moment,
}

/// The snapshots of a list that have been taken so far, the newest first.
fn snapshots(audit: &Audit, list: &str, now: Moment) -> Vec<Snapshot> {
    let record = &audit.record;
    let hours = (record.audit_end_date.seconds() - record.audit_start_date.seconds()) / 3600;
    let moments = [8, 6, 3].map(|tenth| (tenth, record.audit_start_date.plus_hours(hours * tenth / 10)));
    let taken = moments.into_iter().filter(|(_, at)| *at <= now);
    taken
        .map(|(tenth, at)| Snapshot { id: derived_id(&format!("{}/{list}/{tenth}", record.id)), at })
        .collect()
}

/// An id that always belongs to `name`.
fn derived_id(name: &str) -> String {
    fresh_id(&mut Rng::with_seed(fingerprint(name)))
}

/// Whether the query's `search` occurs in one of these properties, or there is none.
fn is_found(ask: &Ask, item: &Value, properties: &[&str]) -> bool {
    ask.one("search")
        .is_none_or(|part| properties.iter().any(|property| contains(text(item, property), part)))
}

/// The day of a moment: `2026-11-22`; empty where there is none.
fn day(moment: &str) -> Option<&str> {
    moment.split('T').next().filter(|day| !day.is_empty())
}
