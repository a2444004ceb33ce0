//! `/v1/vulnerabilities`.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ask::{Ask, Reply};
use crate::clock::{iso, parse};
use crate::fields::{self, Shape, may, must};
use crate::manage::{Manage, Outcome, bulk};
use crate::pages::page_of;
use crate::query::{choice, date, flag};
use crate::record::{contains, set, text};

impl Manage {
    pub(in crate::manage) fn vulnerabilities_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => listed(ask, self.vulnerabilities.open.all(), "q"),
            ("POST", ["deactivate"]) => {
                bulk(ask, 50, |id, update| self.deactivate_vulnerability(id, update, ask.now))
            }
            ("POST", ["reactivate"]) => bulk(ask, 50, |id, _| self.reactivate_vulnerability(id)),
            ("GET", [id]) => {
                let fixed = self.vulnerabilities.fixed.get(id);
                fixed.map_or_else(|| self.vulnerabilities.open.find(id), Ok).cloned().map(Reply::ok)
            }
            _ => return None,
        };
        Some(outcome)
    }

    fn deactivate_vulnerability(&mut self, id: &str, update: &Value, now: Timestamp) -> Result<(), String> {
        let wanted = [
            must("deactivateReason", Shape::Text),
            must("shouldReactivateWhenFixable", Shape::Flag),
            may("deactivateUntilDate", Shape::Date),
        ];
        fields::check(update, &wanted).map_err(message)?;
        let by = self.people.leader_id(0);
        let found = self.vulnerabilities.open.find_mut(id).map_err(message)?;
        if is_set_aside(found) {
            return Err("This vulnerability is deactivated already".to_owned());
        }
        let until = update.get("deactivateUntilDate").cloned();
        let aside = json!({
            "isVulnDeactivatedIndefinitely": until.is_none(),
            "deactivatedUntilDate": until,
            "deactivationReason": text(update, "deactivateReason"),
            "deactivatedOnDate": iso(now),
            "deactivatedBy": by,
        });
        set(found, "deactivateMetadata", aside);
        Ok(())
    }

    fn reactivate_vulnerability(&mut self, id: &str) -> Result<(), String> {
        let found = self.vulnerabilities.open.find_mut(id).map_err(message)?;
        if !is_set_aside(found) {
            return Err("This vulnerability is not deactivated".to_owned());
        }
        set(found, "deactivateMetadata", Value::Null);
        Ok(())
    }
}

/// The vulnerabilities that the query asks for; `part` is the parameter with a part of name or description.
pub(crate) fn listed(ask: &Ask, vulnerabilities: &[Value], part: &str) -> Outcome {
    let severity = choice(ask, "severity", &["CRITICAL", "HIGH", "LOW", "MEDIUM"])?;
    let deactivated = flag(ask, "isDeactivated")?;
    let fixable = flag(ask, "isFixAvailable")?;
    let without_sla = flag(ask, "includeVulnerabilitiesWithoutSlas")?;
    let (after, before) = (date(ask, "slaDeadlineAfterDate")?, date(ask, "slaDeadlineBeforeDate")?);
    let equals = |record: &Value, name: &str, key: &str| {
        ask.one(name).is_none_or(|wanted| text(record, key) == wanted)
    };
    let wanted = |found: &&Value| {
        let deadline = parse(text(found, "remediateByDate"));
        let in_time = match deadline {
            // What has no deadline is left out unless it is asked for.
            None => without_sla == Some(true),
            Some(due) => after.is_none_or(|after| due > after) && before.is_none_or(|before| due < before),
        };
        in_time
            && severity.is_none_or(|severity| text(found, "severity") == severity)
            && deactivated.is_none_or(|wanted| is_set_aside(found) == wanted)
            && fixable.is_none_or(|wanted| found.get("isFixable").and_then(Value::as_bool) == Some(wanted))
            && equals(found, "externalVulnerabilityId", "name")
            && equals(found, "integrationId", "integrationId")
            && equals(found, "vulnerableAssetId", "targetId")
            && ask
                .one("packageIdentifier")
                .is_none_or(|package| contains(text(found, "packageIdentifier"), package))
            && ask
                .one(part)
                .is_none_or(|q| contains(text(found, "name"), q) || contains(text(found, "description"), q))
    };
    Ok(page_of(ask, vulnerabilities.iter().filter(wanted).collect(), Value::clone))
}

fn is_set_aside(vulnerability: &Value) -> bool {
    vulnerability.get("deactivateMetadata").is_some_and(Value::is_object)
}

/// What a refusal says, for the entry of a bulk answer.
pub(in crate::manage) fn message(refusal: Reply) -> String {
    match refusal {
        Reply::Json(_, body) => text(&body, "message").to_owned(),
        Reply::Empty(status) => format!("refused with status {status}"),
        Reply::File(_) => "refused".to_owned(),
    }
}
