//! `/v1/people`.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ask::{Ask, Reply};
use crate::clock::{iso, parse};
use crate::fields::{self, Shape, may, must};
use crate::manage::{Manage, Outcome, bulk};
use crate::pages::page_of;
use crate::query::{choice, choices};
use crate::record::{at, contains, set, take_over, text};

const SUMMARIES: &[&str] = &[
    "COMPLETE",
    "DUE_SOON",
    "NONE",
    "OFFBOARDING_COMPLETE",
    "OFFBOARDING_DUE_SOON",
    "OFFBOARDING_OVERDUE",
    "OVERDUE",
    "PAUSED",
];
const TASKS: &[&str] = &[
    "COMPLETE_TRAININGS",
    "ACCEPT_POLICIES",
    "COMPLETE_CUSTOM_TASKS",
    "COMPLETE_CUSTOM_OFFBOARDING_TASKS",
    "INSTALL_DEVICE_MONITORING",
    "COMPLETE_BACKGROUND_CHECKS",
];
const TASK_STATES: &[&str] = &["COMPLETE", "DUE_SOON", "OVERDUE", "NONE"];
const EMPLOYMENTS: &[&str] = &["UPCOMING", "CURRENT", "ON_LEAVE", "INACTIVE", "FORMER"];

impl Manage {
    pub(in crate::manage) fn people_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => listed(ask, self.people.listed()),
            ("POST", ["mark-as-not-people"]) => bulk(ask, 100, |id, _| self.mark_as_not_person(id)),
            ("POST", ["mark-as-people"]) => bulk(ask, 100, |id, _| self.mark_as_person(id)),
            ("POST", ["offboard"]) => bulk(ask, 1000, |id, update| self.offboard(id, update, ask.now)),
            ("GET", [id]) => self.people.shelf.find(id).cloned().map(Reply::ok),
            ("PATCH", [id]) => self.change_person(id, ask),
            ("POST", [id, "set-leave"]) => self.set_leave(id, ask),
            ("POST", [id, "clear-leave"]) => self.clear_leave(id),
            _ => return None,
        };
        Some(outcome)
    }

    fn mark_as_not_person(&mut self, id: &str) -> Result<(), String> {
        let person = self.people.shelf.remove(id).map_err(|_| unknown(id))?;
        self.people.set_apart.add(person);
        Ok(())
    }

    /// Marking a person as a person changes nothing and is no error.
    fn mark_as_person(&mut self, id: &str) -> Result<(), String> {
        if self.people.shelf.get(id).is_some() {
            return Ok(());
        }
        let person = self.people.set_apart.remove(id).map_err(|_| unknown(id))?;
        self.people.shelf.add(person);
        Ok(())
    }

    fn offboard(&mut self, id: &str, update: &Value, now: Timestamp) -> Result<(), String> {
        let acknowledger = text(update, "acknowledgerId");
        if self.people.shelf.get(acknowledger).is_none() {
            return Err(format!("acknowledgerId {acknowledger} is not a known person"));
        }
        let with_access = self.people.has_access(id);
        let person = self.people.shelf.find_mut(id).map_err(|_| unknown(id))?;
        if at(person, "/employment/status") != "FORMER" {
            return Err("This person has not left".to_owned());
        }
        let open = "/tasksSummary/details/completeOffboardingCustomTasks/incompleteCustomOffboardingTasks";
        if person.pointer(open).and_then(Value::as_array).is_some_and(|open| !open.is_empty()) {
            return Err("This person has custom offboarding tasks that are not completed".to_owned());
        }
        if with_access {
            return Err("This person still has access to at least one account".to_owned());
        }
        if let Some(summary) = person.get_mut("tasksSummary") {
            set(summary, "status", "OFFBOARDING_COMPLETE");
            set(summary, "dueDate", Value::Null);
            set(summary, "completionDate", iso(now));
        }
        Ok(())
    }

    fn change_person(&mut self, id: &str, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[may("name", Shape::Object), may("employment", Shape::Object)])?;
        let name = ask.body.get("name");
        if let Some(name) = name {
            fields::check(name, &[must("first", Shape::Text), must("last", Shape::Text)])?;
        }
        let employment = ask.body.get("employment");
        if let Some(employment) = employment {
            fields::check(employment, &[may("startDate", Shape::Date)])?;
        }
        let person = self.people.shelf.find_mut(id)?;
        if let (Some(new), Some(name)) = (name, person.get_mut("name")) {
            take_over(name, new, &["first", "last"]);
            set(name, "display", format!("{} {}", text(new, "first"), text(new, "last")));
        }
        if let (Some(new), Some(employment)) = (employment, person.get_mut("employment")) {
            take_over(employment, new, &["startDate"]);
        }
        Ok(Reply::ok(person.clone()))
    }

    fn set_leave(&mut self, id: &str, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("startDate", Shape::Date), must("endDate", Shape::Date).or_null()])?;
        let date = |name: &str| ask.body.get(name).and_then(Value::as_str).and_then(parse);
        let (start, end) = (date("startDate"), date("endDate"));
        if end.is_some_and(|end| start > Some(end)) {
            return Err(Reply::error(422, "endDate must not be before startDate"));
        }
        let away = start <= Some(ask.now) && end.is_none_or(|end| end >= ask.now);
        let person = self.people.shelf.find_mut(id)?;
        let leave = json!({
            "startDate": ask.body.get("startDate"),
            "endDate": ask.body.get("endDate"),
            "status": if away { "ACTIVE" } else { "UPCOMING" },
        });
        set(person, "leaveInfo", leave);
        if away {
            stand(person, "ON_LEAVE", "PAUSED");
        }
        Ok(Reply::ok(person.clone()))
    }

    fn clear_leave(&mut self, id: &str) -> Outcome {
        let person = self.people.shelf.find_mut(id)?;
        set(person, "leaveInfo", Value::Null);
        if at(person, "/employment/status") == "ON_LEAVE" {
            stand(person, "CURRENT", "NONE");
        }
        Ok(Reply::ok(person.clone()))
    }
}

/// The people that the query asks for.
pub(crate) fn listed<'a>(ask: &Ask, people: impl Iterator<Item = &'a Value>) -> Outcome {
    let summaries = choices(ask, "tasksSummaryStatusMatchesAny", SUMMARIES)?;
    let tasks = choices(ask, "taskTypeMatchesAny", TASKS)?;
    let states = choices(ask, "taskStatusMatchesAny", TASK_STATES)?;
    if tasks.is_empty() != states.is_empty() {
        let message = "taskTypeMatchesAny and taskStatusMatchesAny are only accepted together";
        return Err(Reply::error(400, message));
    }
    let employment = choice(ask, "employmentStatus", EMPLOYMENTS)?;
    let groups = ask.all("groupIdsMatchesAny");
    let wanted = |person: &&Value| {
        (summaries.is_empty() || summaries.contains(&at(person, "/tasksSummary/status")))
            && (tasks.is_empty() || has_task(person, &tasks, &states))
            && employment.is_none_or(|status| at(person, "/employment/status") == status)
            && ask.one("emailAndNameFilter").is_none_or(|part| is_called(person, part))
            && (groups.is_empty() || is_in(person, &groups))
    };
    Ok(page_of(ask, people.filter(wanted).collect(), Value::clone))
}

fn stand(person: &mut Value, employment: &str, tasks: &str) {
    for (key, status) in [("employment", employment), ("tasksSummary", tasks)] {
        if let Some(part) = person.get_mut(key) {
            set(part, "status", status);
        }
    }
}

fn unknown(id: &str) -> String {
    format!("Person with id {id} was not found")
}

fn has_task(person: &Value, kinds: &[&str], states: &[&str]) -> bool {
    let details = person.pointer("/tasksSummary/details").and_then(Value::as_object);
    details
        .into_iter()
        .flat_map(|details| details.values())
        .any(|task| kinds.contains(&text(task, "taskType")) && states.contains(&text(task, "status")))
}

fn is_called(person: &Value, part: &str) -> bool {
    let names = [text(person, "emailAddress"), at(person, "/name/first"), at(person, "/name/last")];
    names.iter().any(|name| contains(name, part)) || contains(at(person, "/name/display"), part)
}

/// Whether a person belongs to any of these groups.
pub(super) fn is_in(person: &Value, groups: &[&str]) -> bool {
    let mine = person.get("groupIds").and_then(Value::as_array);
    mine.into_iter().flatten().filter_map(Value::as_str).any(|group| groups.contains(&group))
}
