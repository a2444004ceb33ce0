//! The fields that a call names, against those that the catalog lists for an operation's answers.

use serde_json::Value;

use super::arguments::nearest;
use crate::catalog::export::asks_for_export;
use crate::catalog::members::{admits, lists, outermost};
use crate::catalog::{Known, Operation, Shape};

/// Fields that do not exist, each in a sentence without a full stop: in `fields`, and in `groupBy`. Where not all that an
/// operation answers is known, none is taken for a mistake.
pub(super) fn problems(operation: &Operation, arguments: &Value) -> Vec<String> {
    if operation.members.is_empty() || operation.known != Known::Whole || !operation.has_fields() {
        return Vec::new();
    }
    let named = arguments.get("fields").and_then(Value::as_array).into_iter().flatten();
    let fields = named.filter_map(|name| Some(("fields", name.as_str()?))).filter(|(_, name)| *name != "*");
    let group = arguments.get("groupBy").and_then(Value::as_str).map(|name| ("groupBy", name));
    let group = group.filter(|_| operation.is_list());
    let unknown = fields.chain(group).filter(|(_, name)| !admits(operation.members, name));
    unknown.map(|(argument, name)| unknown_field(operation, argument, name)).collect()
}

/// Arguments of a list that cannot be followed together, in a sentence without a full stop.
pub(super) fn conflicts(operation: &Operation, arguments: &Value) -> Option<String> {
    let is_given = |name: &str| arguments.get(name).is_some_and(|value| !value.is_null() && *value != false);
    let given = |others: &[&str]| {
        let given = others.iter().filter(|other| is_given(other)).map(|other| format!("`{other}`"));
        let given: Vec<String> = given.collect();
        (!given.is_empty()).then(|| given.join(", "))
    };
    if !operation.is_list() {
        return None;
    }
    if asks_for_export(arguments) {
        let others = given(&["countOnly", "groupBy", "jq"])?;
        return Some(format!(
            "`export` writes the items themselves, so it cannot be combined with {others}; use one of them at a time"
        ));
    }
    let others = given(&["groupBy", "countOnly"]).filter(|_| is_given("jq"))?;
    Some(format!(
        "`jq` cannot be combined with {others}; count in the program, e.g. with `length` or `group_by`"
    ))
}

/// A cursor of a list that has none but ours: how many items come before, and `@`.
pub(super) fn foreign_cursor(operation: &Operation, arguments: &Value) -> Option<String> {
    let cursor =
        arguments.get("pageCursor").and_then(Value::as_str).filter(|_| operation.shape == Shape::List)?;
    let is_ours = cursor.strip_suffix('@').is_some_and(|before| before.parse::<usize>().is_ok());
    (!is_ours).then(|| "`pageCursor` is not the nextCursor of an answer of this tool".to_owned())
}

fn unknown_field(operation: &Operation, argument: &str, name: &str) -> String {
    let quoted = Value::from(name);
    if name.contains(',') {
        let each: Vec<&str> = name.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
        return format!(
            "`{argument}` was read as one name that contains a comma; write {}",
            serde_json::json!(each)
        );
    }
    if let Some(near) = near(operation.members, name) {
        return format!("`{argument}`: unknown field {quoted}; did you mean `{near}`?");
    }
    if let Some((outer, _)) = name.split_once('.')
        && let Some((_, inside)) = outermost(operation.members).find(|(known, _)| *known == outer)
    {
        let inner: Vec<String> = outermost(inside).map(|(inner, _)| format!("{outer}.{inner}")).collect();
        return format!("`{argument}`: unknown field {quoted}; inside of `{outer}` are {}", inner.join(", "));
    }
    let known: Vec<&str> = outermost(operation.members).map(|(name, _)| name).collect();
    format!(
        "`{argument}`: unknown field {quoted}; the fields are {}; [\"*\"] shows also what Vanta has added since",
        known.join(", ")
    )
}

/// The listed member that an unknown one was probably meant to be.
pub fn near(members: &str, path: &str) -> Option<String> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    if let Some((name, inside)) = outermost(members).find(|(listed, _)| *listed == name) {
        return near(inside, rest?).map(|inner| format!("{name}.{inner}"));
    }
    let wanted = rest.and_then(|rest| rest.rsplit('.').next()).unwrap_or(name);
    // Who leaves out what a member is inside of, or adds it, still names the member.
    let inner =
        outermost(members).find_map(|(outer, inside)| lists(inside, path).then(|| format!("{outer}.{path}")));
    let names = || outermost(members).map(|(name, _)| name);
    inner.or_else(|| nearest(name, names()).or_else(|| nearest(wanted, names())).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    const MEMBERS: &str = "id owner(name address(city zip)) tags x(y)";

    #[test]
    fn the_nearest_member_is_told() {
        for (path, meant) in [
            ("owners", Some("owner")),
            ("owner.nmae", Some("owner.name")),
            ("tag", Some("tags")),
            ("address", Some("owner.address")),
            ("y", Some("x.y")),
            ("zzz", None),
            ("id.x", None),
        ] {
            assert_eq!(near(MEMBERS, path).as_deref(), meant, "{path}");
        }
    }

    #[test]
    fn whatever_takes_fields_of_vanta_has_its_members_listed() {
        for operation in catalog::operations().iter().filter(|operation| operation.has_fields()) {
            let all: Vec<&str> = outermost(operation.members).map(|(name, _)| name).collect();
            let is_known = operation.api != catalog::Api::Panel && operation.known == catalog::Known::Whole;
            assert!(!all.is_empty() || !is_known, "{}", operation.name);
            let shown = operation.show.iter().all(|name| all.is_empty() || lists(operation.members, name));
            assert!(shown, "{}", operation.name);
        }
    }
}
