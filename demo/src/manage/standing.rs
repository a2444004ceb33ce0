//! `/v1/frameworks/{frameworkId}/…`: frameworks that rest for a while, and which of their control sets are selected.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::frameworks::known;
use super::links::key;
use super::{Manage, Outcome};
use crate::ask::{Ask, Reply};
use crate::clock::parse;
use crate::fields::{self, Shape, must};
use crate::record::text;

/// The control sets that can be chosen, and those that are at first; a framework without any leaves no choice.
const VARIANTS: &[(&str, &[&str], &[&str])] = &[(
    "soc2",
    &["security", "availability", "confidentiality", "processing-integrity", "privacy"],
    &["security", "availability", "confidentiality"],
)];

/// What was asked of a framework.
#[derive(Default)]
pub(super) struct FrameworkState {
    /// Framework and the day on which it is active again.
    snoozed: Vec<(&'static str, String)>,
    /// Framework and its control sets, where they were set.
    variants: Vec<(&'static str, Vec<String>)>,
}

impl FrameworkState {
    /// The day until which a framework rests.
    fn snoozed_until(&self, framework: &str, now: Timestamp) -> Option<&str> {
        let day = self.snoozed.iter().find(|(of, _)| *of == framework).map(|(_, day)| day.as_str())?;
        (parse(day) > Some(now)).then_some(day)
    }

    fn wake(&mut self, framework: &str) {
        self.snoozed.retain(|(of, _)| *of != framework);
    }

    fn selected(&self, framework: &str) -> Vec<String> {
        let set = self.variants.iter().find(|(of, _)| *of == framework).map(|(_, ids)| ids.clone());
        let first = || VARIANTS.iter().find(|(of, ..)| *of == framework).map(|(.., first)| *first);
        set.unwrap_or_else(|| first().into_iter().flatten().map(|id| (*id).to_owned()).collect())
    }
}

impl Manage {
    pub(super) fn standing_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("POST", [id, "snooze"]) => self.snooze(id, ask),
            ("POST", [id, "reactivate"]) => self.reactivate(id, ask),
            ("PUT", [id, "variants"]) => self.set_variants(id, ask),
            _ => return None,
        };
        Some(outcome)
    }

    /// Whether everything that these controls serve rests, so that what belongs to them is not shown.
    pub(super) fn rests<'a>(&self, controls: impl Iterator<Item = &'a str>, now: Timestamp) -> bool {
        let resting: Vec<String> = self.standing.snoozed.iter().map(|(of, _)| key(of)).collect();
        let resting: Vec<&String> = resting
            .iter()
            .filter(|framework| self.standing.snoozed_until(framework, now).is_some())
            .collect();
        if resting.is_empty() {
            return false;
        }
        let served = controls.flat_map(|control| self.links.served_by(control));
        let mut served = served.map(|mapping| key(&mapping.framework)).peekable();
        served.peek().is_some() && served.all(|framework| resting.contains(&&framework))
    }

    fn snooze(&mut self, id: &str, ask: &Ask) -> Outcome {
        let framework = known(id)?.id;
        fields::check(&ask.body, &[must("snoozedUntilDate", Shape::Text)])?;
        let day = text(&ask.body, "snoozedUntilDate");
        if day.len() != 10 || day.parse::<Date>().is_err() {
            return Err(Reply::error(422, "snoozedUntilDate must be a day such as 2027-03-31"));
        }
        if parse(day) <= Some(ask.now) {
            return Err(Reply::error(422, "snoozedUntilDate must be tomorrow or later"));
        }
        let changed = self.standing.snoozed_until(framework, ask.now) != Some(day);
        self.standing.wake(framework);
        self.standing.snoozed.push((framework, day.to_owned()));
        Ok(self.stand(framework, changed, ask))
    }

    fn reactivate(&mut self, id: &str, ask: &Ask) -> Outcome {
        let framework = known(id)?.id;
        let changed = self.standing.snoozed_until(framework, ask.now).is_some();
        self.standing.wake(framework);
        Ok(self.stand(framework, changed, ask))
    }

    fn stand(&self, framework: &str, changed: bool, ask: &Ask) -> Reply {
        let until = self.standing.snoozed_until(framework, ask.now);
        Reply::ok(json!({
            "id": framework,
            "status": if until.is_some() { "SNOOZED" } else { "ACTIVE" },
            "snoozedUntilDate": until,
            "hasChanged": changed,
        }))
    }

    /// Takes the whole selection, in the order of what there is to choose.
    fn set_variants(&mut self, id: &str, ask: &Ask) -> Outcome {
        let framework = known(id)?.id;
        fields::check(&ask.body, &[must("variantIds", Shape::List)])?;
        let Some((_, there, _)) = VARIANTS.iter().find(|(of, ..)| *of == framework) else {
            return Err(Reply::error(422, format!("The control sets of {framework} cannot be chosen")));
        };
        let asked: Vec<&Value> =
            ask.body.get("variantIds").and_then(Value::as_array).into_iter().flatten().collect();
        if asked.is_empty() {
            return Err(Reply::error(422, "variantIds must name at least one control set"));
        }
        if let Some(unknown) = asked.iter().find(|id| !there.iter().any(|known| **id == known)) {
            return Err(Reply::error(422, format!("There is no control set {unknown} of {framework}")));
        }
        let chosen = there.iter().filter(|known| asked.iter().any(|id| *id == *known));
        let chosen = chosen.map(|id| (*id).to_owned()).collect();
        self.standing.variants.retain(|(of, _)| *of != framework);
        self.standing.variants.push((framework, chosen));
        Ok(Reply::ok(json!({ "frameworkId": framework, "variantIds": self.standing.selected(framework) })))
    }
}
