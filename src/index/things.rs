//! Things that a tenant has, and what is kept of each: what people call it, whose it is, and a day or two.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::kept::{KeptControl, KeptOwner};
use crate::catalog::{self, Operation};

/// How long a name is kept, in characters: the only name of a risk is its description, which is a text.
const LONGEST: usize = 120;

/// How long a day is: `2026-11-28`.
const DAY: usize = 10;

/// A kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThingKind {
    /// A compliance framework.
    Framework,
    /// An automated test.
    Test,
    /// An evidence document.
    Document,
    /// Somebody who works for the company, or did.
    Person,
    /// A group of people.
    Group,
    /// Somebody with a login in Vanta.
    User,
    /// A vendor.
    Vendor,
    /// A risk of the register.
    Risk,
    /// A written policy.
    Policy,
    /// A connected system.
    Integration,
    /// An issue.
    Issue,
    /// What vulnerabilities are found on.
    Asset,
    /// A control.
    Control,
}

/// Where things of a kind are listed, and what of each is kept.
struct KindSource {
    /// The tool that lists them.
    list: &'static str,
    /// What its records are called.
    record: &'static str,
    /// Over how many records they are spread, so that one name is known without opening all.
    shards: u32,
    /// Members that name owners, by id or by email address.
    owners: &'static [&'static str],
    /// What kind of a thing it is, or how it stands; not what changes from day to day.
    state: Option<&'static str>,
    /// Members that are dates.
    dates: &'static [&'static str],
    /// What it belongs to.
    groups: Option<&'static str>,
}

/// Of these there are some dozens.
const FEW: KindSource =
    KindSource { list: "", record: "", shards: 1, owners: &[], state: None, dates: &[], groups: None };

/// Of these there may be thousands.
const MANY: KindSource = KindSource { shards: 8, ..FEW };

impl ThingKind {
    /// All kinds in the order in which they are read: what questions ask for most comes first.
    pub const ALL: [Self; 13] = [
        Self::Framework,
        Self::Test,
        Self::Document,
        Self::Person,
        Self::Group,
        Self::User,
        Self::Vendor,
        Self::Risk,
        Self::Policy,
        Self::Integration,
        Self::Issue,
        Self::Asset,
        Self::Control,
    ];

    const fn source(self) -> KindSource {
        match self {
            Self::Framework => KindSource { list: "list_frameworks", record: "framework", ..FEW },
            Self::Test => KindSource {
                list: "list_tests",
                record: "test",
                owners: &["owner.id"],
                state: Some("category"),
                ..MANY
            },
            Self::Document => {
                KindSource { list: "list_documents", record: "document", owners: &["ownerId"], ..MANY }
            }
            Self::Person => KindSource {
                list: "list_people",
                record: "person",
                state: Some("employment.status"),
                dates: &["employment.startDate", "employment.endDate"],
                groups: Some("groupIds"),
                ..MANY
            },
            Self::Group => KindSource { list: "list_groups", record: "group", ..FEW },
            Self::User => KindSource { list: "list_users", record: "user", state: Some("isActive"), ..MANY },
            Self::Vendor => KindSource {
                list: "list_vendors",
                record: "vendor",
                owners: &["securityOwnerUserId", "businessOwnerUserId"],
                dates: &["nextSecurityReviewDueDate", "contractRenewalDate"],
                ..MANY
            },
            Self::Risk => {
                KindSource { list: "list_risk_scenarios", record: "risk", owners: &["owner"], ..MANY }
            }
            Self::Policy => {
                KindSource { list: "list_policies", record: "policy", dates: &["approvedAtDate"], ..FEW }
            }
            Self::Integration => KindSource { list: "list_integrations", record: "integration", ..FEW },
            Self::Issue => KindSource {
                list: "list_issues",
                record: "issue",
                owners: &["owners.ownerId"],
                dates: &["dueDate"],
                ..MANY
            },
            Self::Asset => KindSource { list: "list_vulnerable_assets", record: "asset", ..MANY },
            // Controls are kept with what proves them.
            Self::Control => KindSource { list: "list_controls", record: "", owners: &["owner.id"], ..FEW },
        }
    }

    /// The tool that lists them.
    #[must_use]
    pub fn list(self) -> &'static str {
        self.source().list
    }

    /// The kind that a tool lists.
    #[must_use]
    pub fn of_list(tool: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.list() == tool)
    }

    /// The kind of which an operation with these arguments lists all that there are.
    pub(super) fn all_listed(operation: &Operation, arguments: &Value) -> Option<Self> {
        let narrows = |(name, value): (&String, &Value)| name != "fresh" && !value.is_null();
        let is_whole = arguments.as_object().is_none_or(|members| !members.iter().any(narrows));
        // Without a filter, only one of the two types of risk is listed.
        Self::of_list(operation.name).filter(|kind| is_whole && *kind != Self::Risk)
    }

    /// What its records are called.
    pub(super) fn record(self) -> &'static str {
        self.source().record
    }

    /// Over how many records its things are spread.
    pub(super) fn shards(self) -> u32 {
        self.source().shards
    }

    /// The members of an item that hold its id, and its names.
    #[must_use]
    pub fn names(self) -> (&'static str, &'static [&'static str]) {
        match catalog::find(self.list()).and_then(|list| list.named.as_ref()) {
            Some(named) => (named.id, &named.by),
            None => ("riskId", &["description"]),
        }
    }

    /// The arguments with which its list has to be read for all that there are.
    #[must_use]
    pub fn reads(self) -> Vec<Value> {
        match self {
            // The list holds risk scenarios alone, unless enterprise risks are asked for.
            Self::Risk => {
                ["Risk Scenario", "Enterprise Risk"].map(|kind| serde_json::json!({ "type": kind })).into()
            }
            _ => vec![serde_json::json!({})],
        }
    }
}

/// What is kept of a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptThing {
    /// Its id.
    pub id: String,
    /// What it is called, one text for each of [`ThingKind::names`]; empty where it has none.
    pub names: Vec<String>,
    /// Who owns it: ids, or email addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// A test's category; how somebody stands with the company, or whether a login works, when it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Days, as the API wrote them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<String>,
    /// Ids of the groups that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

impl KeptThing {
    /// What is to be kept of an item of a list; `None` where it has no id.
    #[must_use]
    pub fn read(kind: ThingKind, item: &Value) -> Option<Self> {
        let source = kind.source();
        let (id, by) = kind.names();
        let all = |paths: &[&str]| paths.iter().flat_map(|path| texts(item, path)).collect::<Vec<_>>();
        let name = |path: &&str| texts(item, path).into_iter().next().map(cut).unwrap_or_default();
        Some(Self {
            id: texts(item, id).into_iter().next()?,
            names: by.iter().map(name).collect(),
            owners: all(source.owners),
            state: source.state.and_then(|path| texts(item, path).into_iter().next()),
            dates: all(source.dates).into_iter().map(|date| date.chars().take(DAY).collect()).collect(),
            groups: source.groups.map(|path| texts(item, path)).unwrap_or_default(),
        })
    }

    /// What an answer calls it: its number and its name where people use both; empty where it has no name.
    #[must_use]
    pub fn called(&self, kind: ThingKind) -> String {
        let mut names = self.names.iter().filter(|name| !name.is_empty()).map(String::as_str);
        match kind {
            ThingKind::Control | ThingKind::Issue => names.collect::<Vec<_>>().join(" "),
            _ => names.next().unwrap_or_default().to_owned(),
        }
    }

    /// Whether it is a login that did not work when it was read.
    #[must_use]
    pub fn is_inactive(&self) -> bool {
        self.state.as_deref() == Some("false")
    }
}

impl From<&KeptControl> for KeptThing {
    fn from(control: &KeptControl) -> Self {
        let names = vec![control.external_id.clone().unwrap_or_default(), control.name.clone()];
        let owners = control.owner.iter().map(|owner| owner.id.clone()).collect();
        let (dates, groups) = (Vec::new(), Vec::new());
        Self { id: control.id.clone(), names, owners, state: None, dates, groups }
    }
}

impl KeptControl {
    /// What is to be kept of an item of the list of controls; `None` where it has no id.
    #[must_use]
    pub fn read(item: &Value) -> Option<Self> {
        let text = |path: &str| texts(item, path).into_iter().next();
        let owner = text("owner.id").map(|id| {
            let email = text("owner.emailAddress");
            let name = text("owner.displayName").or_else(|| email.clone()).unwrap_or_else(|| id.clone());
            KeptOwner { id, name, email }
        });
        let name = text("name").unwrap_or_default();
        Some(Self { id: text("id")?, external_id: text("externalId"), name, owner })
    }
}

/// The texts at a path, in which a list stands for each of its items. A flag is its word.
fn texts(value: &Value, path: &str) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().flat_map(|one| texts(one, path)).collect(),
        Value::Object(members) => {
            let (name, rest) = path.split_once('.').unwrap_or((path, ""));
            members.get(name).map(|inner| texts(inner, rest)).unwrap_or_default()
        }
        Value::String(text) if path.is_empty() && !text.is_empty() => vec![text.clone()],
        Value::Bool(flag) if path.is_empty() => vec![flag.to_string()],
        _ => Vec::new(),
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::members::admits;

    #[test]
    fn what_is_kept_is_in_the_lists() {
        for kind in ThingKind::ALL {
            let list = catalog::find(kind.list()).unwrap();
            let source = kind.source();
            let (id, by) = kind.names();
            let paths = source.owners.iter().chain(source.dates).chain(&source.state).chain(&source.groups);
            for path in paths.chain(by).chain([&id]) {
                assert!(admits(list.members, path), "{kind:?}: {path}");
            }
            assert_eq!(ThingKind::of_list(list.name), Some(kind));
            assert!(kind == ThingKind::Control || !source.record.is_empty());
        }
    }

    #[test]
    fn a_thing_is_kept_without_its_texts() {
        let issue = json!({
            "id": "i1", "readableIssueId": "ISS-1", "title": "Fix it", "description": "secret", "dueDate": "2026-11-28T00:00:00Z",
            "owners": [{"ownerType": "USER", "ownerId": "u1"}, {"ownerType": "TEAM", "ownerId": "t1"}],
        });
        let kept = KeptThing::read(ThingKind::Issue, &issue).unwrap();
        assert_eq!(kept.called(ThingKind::Issue), "ISS-1 Fix it");
        assert_eq!(
            (kept.owners.as_slice(), kept.dates.as_slice()),
            (&["u1".to_owned(), "t1".to_owned()][..], &["2026-11-28".to_owned()][..])
        );
        assert!(!json!(kept).to_string().contains("secret"));
        let person = json!({"id": "p1", "emailAddress": "m@x.example", "employment": {"status": "FORMER"}, "groupIds": ["g1"]});
        let kept = KeptThing::read(ThingKind::Person, &person).unwrap();
        assert_eq!(
            (kept.called(ThingKind::Person).as_str(), kept.state.as_deref()),
            ("m@x.example", Some("FORMER"))
        );
        let user = json!({"id": "u1", "displayName": "Maya", "isActive": false});
        assert!(KeptThing::read(ThingKind::User, &user).unwrap().is_inactive());
        assert_eq!(KeptThing::read(ThingKind::Vendor, &json!({"name": "Acme"})), None);
    }

    #[test]
    fn a_list_with_a_filter_is_not_all_of_a_kind() {
        let vendors = catalog::find("list_vendors").unwrap();
        for whole in [json!({}), json!({"fresh": true}), json!({"name": null})] {
            assert_eq!(ThingKind::all_listed(vendors, &whole), Some(ThingKind::Vendor), "{whole}");
        }
        assert_eq!(ThingKind::all_listed(vendors, &json!({"name": "a"})), None);
        assert_eq!(ThingKind::all_listed(catalog::find("list_risk_scenarios").unwrap(), &json!({})), None);
    }
}
