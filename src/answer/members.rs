//! The members that an operation's answers can have, as the catalog lists them: `id owner(name emailAddress) tags`.

use crate::api::arguments::nearest;

/// The names at the outermost level, each with the list of what is inside of it, which is empty where that is not known.
fn outermost(members: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = members;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let end = rest.find([' ', '(']).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
        rest = after;
        let Some(inside) = after.strip_prefix('(') else { return Some((name, "")) };
        let mut depth = 1_usize;
        let closes = inside.find(|letter| {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        let (inside, after) = inside.split_at_checked(closes?)?;
        rest = after.strip_prefix(')').unwrap_or_default();
        Some((name, inside))
    })
}

/// Whether a member is listed, `owner.emailAddress` for one inside of another.
pub(super) fn lists(members: &str, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let found = outermost(members).find(|(listed, _)| *listed == name);
    found.is_some_and(|(_, inside)| rest.is_none_or(|rest| lists(inside, rest)))
}

/// The listed member that an unknown one was probably meant to be.
pub(super) fn near(members: &str, path: &str) -> Option<String> {
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
    fn a_member_is_found_at_every_depth() {
        for path in ["id", "owner", "owner.name", "owner.address", "owner.address.zip", "tags", "x.y"] {
            assert!(lists(MEMBERS, path), "{path}");
        }
        for path in
            ["", "i", "name", "owner.id", "owner.address.id", "tags.x", "y", "address", "owner.", "id.x"]
        {
            assert!(!lists(MEMBERS, path), "{path}");
        }
        assert!(!lists("", "id"));
    }

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
            let shown = operation.show.iter().all(|name| all.is_empty() || all.contains(name));
            assert!(shown, "{}", operation.name);
        }
    }
}
