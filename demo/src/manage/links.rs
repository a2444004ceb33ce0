//! What ties the areas together: controls to tests, to documents and to framework requirements.

/// Pairs of ids in the order in which they were tied, none twice.
#[derive(Default)]
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    pub(super) fn tie(&mut self, left: &str, right: &str) {
        if !self.are_tied(left, right) {
            self.0.push((left.to_owned(), right.to_owned()));
        }
    }

    pub(super) fn are_tied(&self, left: &str, right: &str) -> bool {
        self.0.iter().any(|(l, r)| l == left && r == right)
    }

    pub(super) fn untie(&mut self, left: &str, right: &str) {
        self.0.retain(|(l, r)| l != left || r != right);
    }

    /// What the left one is tied to.
    pub(super) fn of<'a>(&'a self, left: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(l, _)| l == left).map(|(_, right)| right.as_str())
    }

    /// What is tied to the right one.
    pub(super) fn with<'a>(&'a self, right: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(_, r)| r == right).map(|(left, _)| left.as_str())
    }

    /// Unties a record that is gone from everything, whichever side it stood on.
    pub(super) fn forget(&mut self, id: &str) {
        self.0.retain(|(left, right)| left != id && right != id);
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
}

impl Links {
    pub(super) fn map(&mut self, control: &str, framework: &str, requirement: &str) {
        self.mappings.push(Mapping {
            control: control.to_owned(),
            framework: framework.to_owned(),
            requirement: requirement.to_owned(),
        });
    }

    /// Whether the control serves any of these frameworks, however their ids are written.
    pub(super) fn serves(&self, control: &str, frameworks: &[&str]) -> bool {
        let wanted: Vec<String> = frameworks.iter().map(|framework| key(framework)).collect();
        let mine = self.mappings.iter().filter(|mapping| mapping.control == control);
        mine.into_iter().any(|mapping| wanted.contains(&key(&mapping.framework)))
    }

    pub(super) fn forget_control(&mut self, control: &str) {
        self.tests.forget(control);
        self.documents.forget(control);
        self.mappings.retain(|mapping| mapping.control != control);
    }
}

/// Framework ids come as `soc2` in lists and as `SOC_2` in request bodies; both mean the same.
pub(super) fn key(framework: &str) -> String {
    framework.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
