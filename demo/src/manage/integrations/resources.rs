//! The resources of one kind: what all have in common, and what their form adds.

use std::collections::HashSet;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::catalog::{Form, Source};
use super::{Surroundings, accounts};
use crate::clock::iso_days;
use crate::manage::assets::{PRODUCTION, SERVICES, STAGING};
use crate::manage::tests::{Tests, policies};
use crate::record::{fresh_id, set, text, turn};

/// Whether the disk of a computer is open whose device management no test watches, so that nobody has noticed: of every
/// fourth.
fn is_unnoticed(name: &str) -> bool {
    let number: Option<usize> = name.strip_prefix("QH-DS-").and_then(|number| number.parse().ok());
    number.is_some_and(|number| number % 4 == 2)
}

/// Where a resource is read from.
pub(super) struct Place<'a> {
    pub(super) integration: &'a str,
    pub(super) kind: &'a str,
    pub(super) form: Form,
    pub(super) connections: &'a [String],
}

impl Place<'_> {
    /// The number of the cloud account that a connection leads to: the first is production.
    pub(super) fn account(&self, connection: &str) -> &'static str {
        if self.connections.iter().position(|other| other == connection) == Some(1) {
            STAGING
        } else {
            PRODUCTION
        }
    }
}

/// What is known of a resource from elsewhere.
pub(super) struct Common {
    pub(super) id: String,
    pub(super) name: String,
    /// A user's id or `null`.
    pub(super) owner: Value,
    pub(super) description: Option<String>,
}

pub(super) fn of(place: &Place<'_>, source: Source, around: &Surroundings<'_>, rng: &mut Rng) -> Vec<Value> {
    let found: Vec<(String, String)> = match source {
        Source::Members(groups) => return accounts::of(place, groups, around, rng),
        Source::Tested(subject, more) => tested(place, subject, more, around, rng),
        Source::Assets(kind) => {
            let assets = around.assets.all().iter().filter(|asset| text(asset, "assetType") == kind);
            assets.map(|asset| (text(asset, "id").to_owned(), text(asset, "name").to_owned())).collect()
        }
        Source::Services(ending) => {
            let named = SERVICES.iter().flat_map(|service| {
                ["prod", "staging"].map(|environment| format!("{environment}-{service}-{ending}"))
            });
            named.map(|name| (fresh_id(rng), name)).collect()
        }
        Source::Named(names) => {
            let names = names.iter().map(|name| (*name).to_owned());
            let further = devices(place, around).map_or(names.len()..0, |count| names.len()..count);
            let names = names.chain(further.map(|index| format!("QH-DS-{:04}", 101 + index)));
            names.map(|name| (fresh_id(rng), name)).collect()
        }
        Source::Policies => policies().map(|(_, name)| (fresh_id(rng), name.to_owned())).collect(),
    };
    let failures = match source {
        Source::Tested(subject, _) => Failures::of(subject, around.tests),
        _ => Failures::default(),
    };
    let resources = found.into_iter().enumerate();
    resources.map(|(index, (id, name))| resource(place, &failures, index, id, name, around, rng)).collect()
}

/// How many devices there are in a large company; `None` for what is no device, and in the usual company.
fn devices(place: &Place<'_>, around: &Surroundings<'_>) -> Option<usize> {
    let growth = around.growth.filter(|_| place.form == Form::Device)?;
    Some(growth.devices(place.integration))
}

/// Id and name of what fails tests of this subject, and of others that fail none.
fn tested(
    place: &Place<'_>,
    subject: &str,
    more: usize,
    around: &Surroundings<'_>,
    rng: &mut Rng,
) -> Vec<(String, String)> {
    let form = place.form;
    let entities = around.tests.entities_of(subject).filter(|entity| {
        let kind = text(entity, "responseType");
        if form == Form::Device { kind == "Computer" } else { kind.ends_with(" resource") }
    });
    let mut found: Vec<(String, String)> = entities
        .map(|entity| (text(entity, "id").to_owned(), text(entity, "displayName").to_owned()))
        .collect();
    let more = devices(place, around).map_or(more, |count| count.saturating_sub(found.len()));
    for index in 0..more {
        let name = if form == Form::Device {
            format!("QH-LT-{:04}", rng.u16(..10_000))
        } else {
            let environment = turn(&["prod", "prod", "staging", "shared"], index);
            format!("{environment}-{}-{:03x}", turn(SERVICES, index), rng.u16(..4096))
        };
        found.push((fresh_id(rng), name));
    }
    found
}

fn resource(
    place: &Place<'_>,
    failures: &Failures<'_>,
    index: usize,
    id: String,
    name: String,
    around: &Surroundings<'_>,
    rng: &mut Rng,
) -> Value {
    let facts = Facts {
        encrypted: !failures.unencrypted.contains(id.as_str()) && !is_unnoticed(&name),
        backed_up: !failures.not_backed_up.contains(id.as_str()),
        versioned: !failures.deletable.contains(id.as_str()),
    };
    let unowned = failures.unowned.contains(id.as_str()) || index % 6 == 5;
    let owner = match place.form {
        _ if unowned => Value::Null,
        Form::Device => around.people.with_device(index * 7 + place.kind.len()).into(),
        _ => around.people.leader_id(index).into(),
    };
    let about = name.split(['-', '/', ':']).find(|part| SERVICES.contains(part));
    let description =
        about.filter(|_| index % 3 != 2).map(|service| format!("Part of the {service} service"));
    let mut resource = common(place, index, &Common { id, name, owner, description }, around.now, rng);
    add(place, &mut resource, &facts, rng);
    resource
}

/// What every resource has.
pub(super) fn common(
    place: &Place<'_>,
    index: usize,
    known: &Common,
    now: Timestamp,
    rng: &mut Rng,
) -> Value {
    // With two connections, the second reads what is no production.
    let second = known.name.contains("staging") || (place.form == Form::AwsAccount && index % 2 == 1);
    let connection = place.connections.get(usize::from(second)).or_else(|| place.connections.first());
    json!({
        "responseType": place.form.response_type(),
        "resourceKind": place.kind,
        "resourceId": known.id,
        "connectionId": connection,
        "displayName": known.name,
        "owner": known.owner,
        "inScope": !known.name.contains("staging") && index % 17 != 16,
        "description": known.description,
        "creationDate": iso_days(now, -rng.i64(30..900)),
        "deletedDate": null,
    })
}

/// Ids of what fails tests: they have the last word on what is wrong with a resource.
#[derive(Default)]
struct Failures<'a> {
    unencrypted: HashSet<&'a str>,
    not_backed_up: HashSet<&'a str>,
    deletable: HashSet<&'a str>,
    unowned: HashSet<&'a str>,
}

impl<'a> Failures<'a> {
    fn of(subject: &str, tests: &'a Tests) -> Self {
        let failing = |check| tests.failing(subject, check).into_iter();
        Self {
            unencrypted: failing("encrypted").chain(failing("disk-encrypted")).collect(),
            not_backed_up: failing("backed-up").collect(),
            deletable: failing("deletion-protected").collect(),
            unowned: failing("owner-tagged").collect(),
        }
    }
}

struct Facts {
    encrypted: bool,
    backed_up: bool,
    versioned: bool,
}

/// What the form of a resource adds.
fn add(place: &Place<'_>, resource: &mut Value, facts: &Facts, rng: &mut Rng) {
    let form = place.form;
    let holds_health_data = ["records", "imaging", "intake"]
        .iter()
        .any(|service| text(resource, "displayName").contains(service));
    let account = place.account(text(resource, "connectionId"));
    if matches!(form, Form::Cloud(_) | Form::ContainerRepository | Form::Queue | Form::StorageBucket) {
        set(resource, "region", if rng.u8(..5) == 0 { "us-west-2" } else { "us-east-1" });
    }
    if matches!(
        form,
        Form::Cloud(_) | Form::ContainerRepository | Form::Queue | Form::StorageBucket | Form::Database
    ) {
        set(
            resource,
            "account",
            if account == STAGING { "quillmere-staging" } else { "quillmere-production" },
        );
    }
    if matches!(form, Form::Database | Form::Device | Form::PaaS | Form::Queue | Form::StorageBucket) {
        set(resource, "containsUserData", holds_health_data || rng.u8(..3) == 0);
        set(resource, "containsEphi", holds_health_data && form != Form::Device);
    }
    if matches!(form, Form::Database | Form::Device | Form::StorageBucket) {
        set(resource, "isEncrypted", facts.encrypted);
    }
    match form {
        Form::ContainerRepository => set(resource, "isAutoscanEnabled", rng.u8(..6) > 0),
        Form::Database => set(resource, "areBackupsEnabled", facts.backed_up),
        Form::StorageBucket => set(resource, "isVersioned", facts.versioned),
        Form::Device => set(
            resource,
            "operatingSystemName",
            if place.integration == "intune" { "Windows 11" } else { "macOS 26.1" },
        ),
        Form::Subunit => set(resource, "accountId", account),
        _ => {}
    }
}
