//! A tool that does something for a person, and so is searched for: an operation of the catalog, or a job.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::schema;
use crate::api::Clients;
use crate::catalog::{self, Api, Area, Effect, Operation};
use crate::files::Folders;
use crate::jobs::{self, JOBS, Job};

/// A tool that is found by what it does. The tools that search, run others or tell how the server stands are none.
#[derive(Clone, Copy)]
pub enum Findable {
    /// An operation of the catalog.
    Operation(&'static Operation),
    /// A question that is answered by several calls.
    Job(&'static Job),
}

impl fmt::Debug for Findable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Findable").field(&self.name()).finish()
    }
}

impl Findable {
    /// All of them: the operations by name, then the jobs by name.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        let jobs = JOBS.iter().map(|job| Self::Job(job));
        catalog::operations().iter().map(Self::Operation).chain(jobs)
    }

    /// The one of that name, whether or not it is offered to anybody.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        catalog::find(name).map(Self::Operation).or_else(|| jobs::find(name).map(Self::Job))
    }

    /// The tool's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Operation(operation) => operation.name,
            Self::Job(job) => job.name,
        }
    }

    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Operation(operation) => &operation.title,
            Self::Job(job) => job.title,
        }
    }

    /// For a model that chooses.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Operation(operation) => &operation.about,
            Self::Job(job) => job.about,
        }
    }

    /// What people say when they want this.
    pub fn asks(self) -> impl Iterator<Item = &'static str> {
        let (operation, job) = match self {
            Self::Operation(operation) => (Some(operation), None),
            Self::Job(job) => (None, Some(job)),
        };
        let own = operation.into_iter().flat_map(Operation::asks);
        own.chain(job.into_iter().flat_map(|job| job.asks.iter().copied()))
    }

    /// The API that it is about.
    #[must_use]
    pub fn api(self) -> Option<Api> {
        match self {
            Self::Operation(operation) => Some(operation.api),
            Self::Job(job) => job.api(),
        }
    }

    /// What a call does at the most.
    #[must_use]
    pub fn effect(self) -> Effect {
        match self {
            Self::Operation(operation) => operation.effect,
            Self::Job(job) => job.effect(),
        }
    }

    /// Whether its end is announced.
    #[must_use]
    pub fn is_deprecated(self) -> bool {
        matches!(self, Self::Operation(operation) if operation.deprecated)
    }

    /// The toolset that it is chosen by.
    #[must_use]
    pub fn toolset(self) -> &'static str {
        match self {
            Self::Operation(operation) => operation.toolset,
            Self::Job(job) => job.toolset,
        }
    }

    /// The area that it is listed in: of a job the one of the first operation in its toolset that it cannot do without, or
    /// else its toolset's first.
    #[must_use]
    pub fn area(self) -> Option<&'static Area<'static>> {
        let of = |operation: &Operation| {
            let is_its = |area: &&Area| (area.api, area.name) == (operation.api, operation.area);
            catalog::areas().iter().find(is_its)
        };
        let mut own = self.operations().filter(|operation| operation.toolset == self.toolset());
        let first = || catalog::areas().iter().find(|area| area.toolset == self.toolset());
        own.next().and_then(of).or_else(first)
    }

    /// Whether two are listed in one area.
    #[must_use]
    pub fn is_beside(self, other: Self) -> bool {
        let place = |one: Self| one.area().map(|area| (area.api, area.name));
        place(self) == place(other)
    }

    /// The operations of which each must be callable for it to be: itself, or those that a job cannot do without.
    pub fn operations(self) -> impl Iterator<Item = &'static Operation> {
        let (operation, job) = match self {
            Self::Operation(operation) => (Some(operation), None),
            Self::Job(job) => (None, Some(job)),
        };
        let uses = job.into_iter().flat_map(|job| job.uses);
        operation.into_iter().chain(uses.filter_map(|name| catalog::find(name)))
    }

    /// Whether another is one of the calls that it makes.
    #[must_use]
    pub fn calls(self, other: Self) -> bool {
        match (self, other) {
            (Self::Job(job), Self::Operation(part)) => {
                job.uses.iter().chain(job.also).any(|name| *name == part.name)
            }
            _ => false,
        }
    }

    /// The schema of its arguments for the search, as text.
    #[must_use]
    pub fn schema(self) -> Cow<'static, str> {
        match self {
            Self::Operation(operation) => Cow::Borrowed(operation.schema.get()),
            Self::Job(job) => Cow::Owned(Value::Object((job.input)()).to_string()),
        }
    }

    /// The schema of its arguments as it is offered.
    #[must_use]
    pub fn offered_schema(self, clients: &Clients, folders: &Folders) -> Map<String, Value> {
        match self {
            Self::Operation(operation) => schema::offered(operation, clients, folders),
            Self::Job(job) => (job.input)(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_an_area_of_its_toolset() {
        for one in Findable::all() {
            assert_eq!(one.area().map(|area| area.toolset), Some(one.toolset()), "{one:?}");
            assert_eq!(Findable::named(one.name()).map(Findable::name), Some(one.name()));
        }
    }
}
