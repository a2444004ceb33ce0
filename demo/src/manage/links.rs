//! What ties the areas together: controls to tests, to documents and to framework requirements.

use std::collections::HashMap;

/// Pairs of ids in the order in which they were tied, none twice; found from either side.
#[derive(Default)]
pub(super) struct Pairs {
    rights: HashMap<String, Vec<String>>,
    lefts: HashMap<String, Vec<String>>,
}

impl Pairs {
    pub(super) fn tie(&mut self, left: &str, right: &str) {
        if !self.are_tied(left, right) {
            self.rights.entry(left.to_owned()).or_default().push(right.to_owned());
            self.lefts.entry(right.to_owned()).or_default().push(left.to_owned());
        }
    }

    pub(super) fn are_tied(&self, left: &str, right: &str) -> bool {
        self.of(left).any(|other| other == right)
    }

    pub(super) fn untie(&mut self, left: &str, right: &str) {
        drop_from(&mut self.rights, left, right);
        drop_from(&mut self.lefts, right, left);
    }

    /// What the left one is tied to.
    pub(super) fn of(&self, left: &str) -> impl Iterator<Item = &str> + use<'_> {
        self.rights.get(left).into_iter().flatten().map(String::as_str)
    }

    /// What is tied to the right one.
    pub(super) fn with(&self, right: &str) -> impl Iterator<Item = &str> + use<'_> {
        self.lefts.get(right).into_iter().flatten().map(String::as_str)
    }

    /// Unties a record that is gone from everything, whichever side it stood on.
    pub(super) fn forget(&mut self, id: &str) {
        for right in self.rights.remove(id).unwrap_or_default() {
            drop_from(&mut self.lefts, &right, id);
        }
        for left in self.lefts.remove(id).unwrap_or_default() {
            drop_from(&mut self.rights, &left, id);
        }
    }
}

fn drop_from(pairs: &mut HashMap<String, Vec<String>>, from: &str, id: &str) {
    if let Some(tied) = pairs.get_mut(from) {
        tied.retain(|other| other != id);
    }
}

/// A control serves a requirement of a framework.
pub(super) struct Mapping {
    pub(super) control: String,
    pub(super) framework: String,
    pub(super) requirement: String,
}

#[derive(Default)]
pub(super) struct Links {
    /// Control, test.
    pub(super) tests: Pairs,
    /// Control, document.
    pub(super) documents: Pairs,
    pub(super) mappings: Vec<Mapping>,
    /// Where the mappings of each control stand.
    of_control: HashMap<String, Vec<usize>>,
}

impl Links {
    pub(super) fn map(&mut self, control: &str, framework: &str, requirement: &str) {
        self.of_control.entry(control.to_owned()).or_default().push(self.mappings.len());
        self.mappings.push(Mapping {
            control: control.to_owned(),
            framework: framework.to_owned(),
            requirement: requirement.to_owned(),
        });
    }

    /// Whether the control serves any of these frameworks, however their ids are written.
    pub(super) fn serves(&self, control: &str, frameworks: &[&str]) -> bool {
        let wanted: Vec<String> = frameworks.iter().map(|framework| key(framework)).collect();
        self.served_by(control).any(|mapping| wanted.contains(&key(&mapping.framework)))
    }

    /// What a control serves.
    pub(super) fn served_by(&self, control: &str) -> impl Iterator<Item = &Mapping> + use<'_> {
        let places = self.of_control.get(control).into_iter().flatten();
        places.filter_map(|place| self.mappings.get(*place))
    }

    pub(super) fn forget_control(&mut self, control: &str) {
        self.tests.forget(control);
        self.documents.forget(control);
        self.mappings.retain(|mapping| mapping.control != control);
        self.of_control.clear();
        for (place, mapping) in self.mappings.iter().enumerate() {
            self.of_control.entry(mapping.control.clone()).or_default().push(place);
        }
    }
}

/// Framework ids come as `soc2` in lists and as `SOC_2` in request bodies; both mean the same.
pub(super) fn key(framework: &str) -> String {
    framework.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
