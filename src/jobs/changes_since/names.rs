//! The names of what the event log tells by its id.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::read::{KnownUser, Lists, LogThing};
use crate::index::{KnownThings, ThingKind};
use crate::jobs::columns::short;
use crate::jobs::known_names::IndexAge;

/// How long a name is shown.
const NAME: usize = 32;

/// Names by id, each with the kind of thing that has it: ids are unique among their kind alone.
#[derive(Default)]
pub struct KnownNames(BTreeMap<String, Vec<(&'static str, String)>>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedControl {
    id: Option<String>,
    external_id: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedRisk {
    risk_id: Option<String>,
    description: Option<String>,
}

impl KnownNames {
    /// The names in the lists that were read anyway.
    pub fn of(lists: &Lists) -> Self {
        fn rows<T>(list: Option<&Vec<T>>) -> impl Iterator<Item = &T> {
            list.into_iter().flatten()
        }
        let mut names = Self::default();
        for test in &lists.tests {
            names.add("test", test.id.as_deref(), test.name.as_deref());
        }
        for one in rows(lists.documents.as_ref()) {
            names.add("document", one.id.as_deref(), one.title.as_deref());
        }
        for person in rows(lists.people.as_ref()) {
            names.add("person", person.id.as_deref(), person.called());
        }
        names.add_users(rows(lists.users.as_ref()));
        for vendor in rows(lists.vendors.as_ref()) {
            names.add("vendor", vendor.id.as_deref(), vendor.name.as_deref());
        }
        for policy in rows(lists.policies.as_ref()) {
            names.add("policy", policy.id.as_deref(), policy.name.as_deref());
        }
        for issue in rows(lists.issues.as_ref()) {
            names.add("issue", issue.id.as_deref(), issue.readable_issue_id.as_deref());
        }
        for one in rows(lists.vulnerabilities.as_ref()) {
            names.add("vulnerability", one.id.as_deref(), one.name.as_deref());
        }
        for one in rows(lists.questionnaires.as_ref()) {
            names.add("questionnaire", one.id.as_deref(), one.display_name.as_deref());
        }
        names
    }

    pub fn add_users<'u>(&mut self, users: impl IntoIterator<Item = &'u KnownUser>) {
        for user in users {
            self.add("user", user.id.as_deref(), user.display_name.as_deref().or(user.email.as_deref()));
        }
    }

    /// What the index has of a kind.
    pub fn add_known(
        &mut self,
        (word, kind): (&'static str, ThingKind),
        known: &KnownThings,
        age: &IndexAge,
    ) {
        age.rests_on(known.at);
        for thing in &known.things {
            let name = thing.called(kind);
            self.add(word, Some(&thing.id), Some(&name).filter(|name| !name.is_empty()).map(String::as_str));
        }
    }

    pub fn add_controls(&mut self, controls: &[NamedControl]) {
        for control in controls {
            let (number, name) = (control.external_id.as_deref(), control.name.as_deref());
            let shown = match (number, name) {
                (Some(number), Some(name)) => Some(format!("{number} {name}")),
                (one, other) => one.or(other).map(str::to_owned),
            };
            self.add("control", control.id.as_deref(), shown.as_deref());
        }
    }

    pub fn add_risks(&mut self, risks: &[NamedRisk]) {
        for risk in risks {
            self.add("risk", risk.risk_id.as_deref(), risk.description.as_deref());
        }
    }

    /// The name of something in the log; none where it is not known, or several kinds have the id.
    pub fn name(&self, thing: &LogThing) -> Option<&str> {
        let known = self.0.get(thing.id.as_deref()?)?;
        let kind = thing.kind.as_deref().unwrap_or_default().to_lowercase();
        let alike = known.iter().find(|(of, _)| kind.contains(of.get(..5).unwrap_or(of)));
        match known.as_slice() {
            [(_, one)] => Some(one),
            // A person and the user of the same id are one.
            several => {
                let (_, first) = several.first()?;
                let is_one = several.iter().all(|(_, name)| name == first);
                alike.map(|(_, name)| name).or_else(|| is_one.then_some(first)).map(String::as_str)
            }
        }
    }

    fn add(&mut self, kind: &'static str, id: Option<&str>, name: Option<&str>) {
        if let (Some(id), Some(name)) = (id, name) {
            self.0.entry(id.to_owned()).or_default().push((kind, short(name, NAME)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(kind: &str, id: &str) -> LogThing {
        LogThing { kind: Some(kind.to_owned()), id: Some(id.to_owned()) }
    }

    #[test]
    fn an_id_of_several_kinds_has_the_name_of_its_own() {
        let mut names = KnownNames::default();
        names.add("policy", Some("access"), Some("Access policy"));
        names.add("control", Some("access"), Some("AC-1 Access"));
        names.add("user", Some("u"), Some("Maya"));
        names.add("person", Some("u"), Some("Maya"));
        assert_eq!(names.name(&thing("POLICY", "access")), Some("Access policy"));
        assert_eq!(names.name(&thing("policies", "access")), Some("Access policy"));
        assert_eq!(names.name(&thing("CUSTOM_CONTROL", "access")), Some("AC-1 Access"));
        assert_eq!(names.name(&thing("OTHER", "access")), None);
        assert_eq!(names.name(&thing("OTHER", "u")), Some("Maya"));
        assert_eq!(names.name(&thing("USER", "x")), None);
    }
}
