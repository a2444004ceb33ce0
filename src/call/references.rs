//! Which members of lists hold ids of other things, and of which kinds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use crate::catalog::export::asks_for_export;
use crate::catalog::members::leaves;
use crate::catalog::{self, Api, Operation};
use crate::index::ThingKind;

/// An owner is a user, who may be known as a person alone: both have the same id.
const USERS: &[ThingKind] = &[ThingKind::User, ThingKind::Person];

/// Members that hold ids, `actor.id` for one inside another, and the kinds of thing that they are of.
const REFERENCES: &[(&str, &[ThingKind])] = &[
    ("actor.id", USERS),
    ("approverAssignment.id", USERS),
    ("businessOwnerUserId", USERS),
    ("completedByUserId", USERS),
    ("controlId", &[ThingKind::Control]),
    ("groupIds", &[ThingKind::Group]),
    ("ignoredByUserId", USERS),
    ("mappedControlIds", &[ThingKind::Control]),
    ("mappedPolicyIds", &[ThingKind::Policy]),
    ("mappedRiskScenarioIds", &[ThingKind::Risk]),
    ("owner", USERS),
    ("ownerAssignment.id", USERS),
    ("ownerId", USERS),
    ("owners.ownerId", USERS),
    ("rejectedByUserId", USERS),
    ("securityOwnerUserId", USERS),
    ("targetId", &[ThingKind::Asset]),
    ("vendorId", &[ThingKind::Vendor]),
    ("vulnerableAssetId", &[ThingKind::Asset]),
];

/// The lists whose items name other things by their ids.
static REFERRING: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let lists = catalog::operations().iter().filter(|operation| {
        operation.api == Api::Manage && operation.is_list() && {
            let members = leaves(operation.members);
            // Of some members it is not listed what is inside of them.
            let is_in = |member: &str| {
                let outer = member.split_once('.').map_or(member, |(outer, _)| outer);
                members.iter().any(|path| is_at(path, member) || path == outer)
            };
            REFERENCES.iter().any(|(member, _)| is_in(member))
        }
    });
    lists.map(|operation| operation.name).collect()
});

/// Ids by the kinds of thing that they are of.
pub(super) type Referred = BTreeMap<&'static [ThingKind], BTreeSet<String>>;

/// Whether an answer may have ids of other things: most have none, and this costs nothing. A count has none, a file has the
/// API's own fields alone, and what a program puts out is the program's.
pub(super) fn may_refer(operation: &Operation, arguments: &Value) -> bool {
    let given = |name: &str| arguments.get(name).is_some_and(|value| !value.is_null());
    REFERRING.contains(operation.name) && !given("jq") && !asks_for_export(arguments)
}

/// The ids that an answer has of other things: in its items, in the rows of its table, or as the names of its groups.
pub(super) fn referred(answer: &Value) -> Referred {
    let mut found = Referred::new();
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let all = |name: &str| answer.get(name).and_then(Value::as_array).into_iter().flatten();
    for item in all("items") {
        look(item, "", &mut found);
    }
    let columns: Vec<&str> = all("columns").filter_map(Value::as_str).collect();
    for row in all("rows") {
        for (cell, column) in row.as_array().into_iter().flatten().zip(&columns) {
            look(cell, column, &mut found);
        }
    }
    if let (Some(path), Some(groups)) = (text("groupBy"), answer.get("groups").and_then(Value::as_object)) {
        for group in groups.keys() {
            add(group, path, &mut found);
        }
    }
    found
}

fn look(value: &Value, path: &str, found: &mut Referred) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                let inside = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                look(inner, &inside, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| look(one, path, found)),
        Value::String(id) => add(id, path, found),
        _ => {}
    }
}

fn add(id: &str, path: &str, found: &mut Referred) {
    // Some owners are named by their email addresses.
    let is_id = !id.is_empty() && !id.contains('@') && !id.contains(char::is_whitespace);
    let reference = REFERENCES.iter().find(|(member, _)| is_at(path, member));
    if let Some((_, kinds)) = reference.filter(|_| is_id) {
        found.entry(kinds).or_default().insert(id.to_owned());
    }
}

/// Whether a path is that of a member, or ends with it.
fn is_at(path: &str, member: &str) -> bool {
    path.strip_suffix(member).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_that_refer_to_other_things_are_known() {
        for list in
            ["list_documents", "list_vendors", "list_vulnerabilities", "list_issues", "list_event_logs"]
        {
            assert!(may_refer(catalog::find(list).unwrap(), &json!({})), "{list}");
        }
        for list in ["list_users", "list_groups", "list_frameworks"] {
            assert!(!may_refer(catalog::find(list).unwrap(), &json!({})), "{list}");
        }
        let documents = catalog::find("list_documents").unwrap();
        assert!(!may_refer(documents, &json!({"jq": "length"})));
        for (member, kinds) in REFERENCES {
            assert!(!kinds.is_empty() && member.split('.').count() <= 2, "{member}");
        }
        assert!(REFERENCES.is_sorted_by_key(|(member, _)| *member));
    }

    #[test]
    fn ids_are_found_in_items_tables_and_groups() {
        let found = |answer: Value| -> Vec<String> {
            let users = referred(&answer).remove(USERS).unwrap_or_default();
            users.into_iter().collect()
        };
        let items = json!({"items": [
            {"id": "d1", "ownerId": "u1"}, {"owners": [{"ownerType": "USER", "ownerId": "u2"}]}, {"owner": "m@x.example"},
            {"owner": {"id": "u9"}, "ownerAssignment": {"type": "User", "id": "u3"}, "ownerName": "u8"},
        ]});
        assert_eq!(found(items), ["u1", "u2", "u3"]);
        let table = json!({"columns": ["id", "actor.id", "owners"], "rows": [["x", "u1", [{"ownerId": "u2"}]], ["y", null, null]]});
        assert_eq!(found(table), ["u1", "u2"]);
        let groups = json!({"groupBy": "ownerId", "groups": {"u1": 3, "(none)": 2, "other words": 1}});
        assert_eq!(found(groups), ["(none)", "u1"]);
        let groups = json!({"groupBy": "groupIds", "groups": {"g1": 3}});
        assert_eq!(referred(&groups)[&[ThingKind::Group][..]].len(), 1);
    }
}
