//! `/v1/vulnerability-remediations`: vulnerabilities that are gone, and whether they went in time.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Vulnerabilities, allowance, message, vulnerability};
use crate::ask::Ask;
use crate::clock::{iso_days, parse};
use crate::fields::{self, Shape, must};
use crate::manage::people::People;
use crate::manage::{Manage, Outcome, bulk};
use crate::pages::page_of;
use crate::query::{choice, date, flag};
use crate::record::{fresh_id, set, text, without};
use crate::shelf::Shelf;

const COUNT: usize = 180;
/// Kept with a remediation for the `integrationId` filter; answers do not show it.
const SCANNER: &str = "integrationId";

/// Vulnerabilities fixed in the last year, and one remediation for each.
pub(super) fn past(now: Timestamp, people: &People, targets: &[Vec<&str>], rng: &mut Rng) -> (Shelf, Shelf) {
    let (mut fixed, mut remediations) = (Vec::new(), Vec::new());
    for index in 0..COUNT {
        let mut gone = vulnerability(index, None, now, people, targets, rng);
        let allowed = allowance(text(&gone, "severity"));
        // One in seven came too late.
        let taken = if rng.u8(..7) == 0 { allowed + rng.i64(1..25) } else { rng.i64(1..=allowed) };
        let ended = rng.i64(1..240);
        let due = rng.u8(..12) > 0;
        let detected = iso_days(now, -ended - taken);
        set(&mut gone, "firstDetectedDate", detected.as_str());
        set(&mut gone, "sourceDetectedDate", detected.as_str());
        set(&mut gone, "lastDetectedDate", iso_days(now, -ended));
        set(&mut gone, "remediateByDate", due.then(|| iso_days(now, allowed - ended - taken)));
        set(&mut gone, "isFixable", true);
        set(&mut gone, "deactivateMetadata", Value::Null);
        remediations.push(json!({
            "id": fresh_id(rng),
            "vulnerabilityId": gone.get("id"),
            "vulnerableAssetId": gone.get("targetId"),
            "severity": gone.get("severity"),
            "detectedDate": detected,
            "slaDeadlineDate": gone.get("remediateByDate"),
            "remediationDate": gone.get("lastDetectedDate"),
            SCANNER: gone.get("integrationId"),
        }));
        fixed.push(gone);
    }
    (Shelf::new("Vulnerability", fixed), Shelf::new("Remediation", remediations))
}

impl Manage {
    pub(in crate::manage) fn remediations_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        match (method, rest) {
            ("GET", []) => Some(listed(ask, self.vulnerabilities.remediations.all())),
            ("POST", ["acknowledge-sla-miss"]) => {
                Some(bulk(ask, 50, |id, update| self.vulnerabilities.acknowledge(id, update)))
            }
            _ => None,
        }
    }
}

impl Vulnerabilities {
    /// Notes why a deadline was missed, once.
    fn acknowledge(&mut self, id: &str, update: &Value) -> Result<(), String> {
        fields::check(update, &[must("slaViolationComment", Shape::Text)]).map_err(message)?;
        let remediation = self.remediations.find(id).map_err(message)?;
        if was_on_time(remediation) != Some(false) {
            return Err("This remediation has not missed its deadline".to_owned());
        }
        if !self.acknowledged.insert(id.to_owned()) {
            return Err("This missed deadline has been acknowledged already".to_owned());
        }
        Ok(())
    }
}

/// The remediations that the query asks for.
pub(crate) fn listed(ask: &Ask, remediations: &[Value]) -> Outcome {
    let severity = choice(ask, "severity", &["CRITICAL", "HIGH", "LOW", "MEDIUM"])?;
    let on_time = flag(ask, "isRemediatedOnTime")?;
    let (after, before) = (date(ask, "remediatedAfterDate")?, date(ask, "remediatedBeforeDate")?);
    let wanted = |remediation: &&Value| {
        let ended = parse(text(remediation, "remediationDate"));
        severity.is_none_or(|severity| text(remediation, "severity") == severity)
            && on_time.is_none_or(|wanted| was_on_time(remediation) == Some(wanted))
            && after.is_none_or(|after| ended > Some(after))
            && before.is_none_or(|before| ended < Some(before))
            && ask.one("integrationId").is_none_or(|scanner| text(remediation, SCANNER) == scanner)
    };
    let kept = remediations.iter().filter(wanted);
    Ok(page_of(ask, kept.collect(), |remediation| without(remediation, &[SCANNER])))
}

/// Neither on time nor late where there was no deadline.
fn was_on_time(remediation: &Value) -> Option<bool> {
    let due = parse(text(remediation, "slaDeadlineDate"))?;
    Some(parse(text(remediation, "remediationDate"))? <= due)
}
