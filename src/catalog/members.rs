//! The members that an operation's answers can have, as a person lists them under `tools/`: `id owner(name emailAddress) tags`.

/// The names at the outermost level, each with the list of what is inside of it, which is empty where that is not known.
pub fn outermost(members: &str) -> impl Iterator<Item = (&str, &str)> {
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

/// All members that have none inside of them, with dots: `id`, `owner.name`.
#[must_use]
pub fn leaves(members: &str) -> Vec<String> {
    let leaf = |(name, inside): (&str, &str)| match leaves(inside) {
        inner if inner.is_empty() => vec![name.to_owned()],
        inner => inner.into_iter().map(|inner| format!("{name}.{inner}")).collect(),
    };
    outermost(members).flat_map(leaf).collect()
}

/// Whether a member is listed, `owner.emailAddress` for one inside of another.
#[must_use]
pub fn lists(members: &str, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let found = outermost(members).find(|(listed, _)| *listed == name);
    found.is_some_and(|(_, inside)| rest.is_none_or(|rest| lists(inside, rest)))
}

/// Whether a member may exist: it is listed, or inside of one of which nothing more is known.
#[must_use]
pub fn admits(members: &str, path: &str) -> bool {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let found = outermost(members).find(|(listed, _)| *listed == name);
    found.is_some_and(|(_, inside)| rest.is_none_or(|rest| inside.is_empty() || admits(inside, rest)))
}

/// The members that are not among those `shown`, as a model is told of them: `role, owner.{id,emailAddress}`. What is deeper
/// than that is told by what it is in.
#[must_use]
pub fn others(members: &str, shown: &[String]) -> Vec<String> {
    let is_shown = |path: &str| shown.iter().any(|shown| shown == path);
    let is_shown_in_part = |path: &str| {
        let within = |shown: &String| shown.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        shown.iter().any(within)
    };
    let other = |(name, inside): (&str, &str)| {
        if is_shown(name) {
            return None;
        }
        let path = |inner: &str| format!("{name}.{inner}");
        let left: Vec<&str> =
            outermost(inside).map(|(inner, _)| inner).filter(|inner| !is_shown(&path(inner))).collect();
        match left.as_slice() {
            [] if is_shown_in_part(name) => None,
            [] => Some(name.to_owned()),
            [one] => Some(path(one)),
            many => Some(format!("{name}.{{{}}}", many.join(","))),
        }
    };
    outermost(members).filter_map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBERS: &str = "id owner(name address(city zip)) tags x(y)";

    #[test]
    fn a_member_is_found_at_every_depth() {
        for path in ["id", "owner", "owner.name", "owner.address", "owner.address.zip", "tags", "x.y"] {
            assert!(lists(MEMBERS, path) && admits(MEMBERS, path), "{path}");
        }
        for path in ["", "i", "name", "owner.id", "owner.address.id", "y", "address", "owner."] {
            assert!(!lists(MEMBERS, path) && !admits(MEMBERS, path), "{path}");
        }
        for path in ["tags.x", "id.x", "owner.address.zip.code"] {
            assert!(!lists(MEMBERS, path) && admits(MEMBERS, path), "{path}");
        }
        assert!(!lists("", "id"));
    }

    #[test]
    fn the_leaves_are_all_that_has_a_value_of_its_own() {
        let leaves = leaves(MEMBERS).join(" ");
        assert_eq!(leaves, "id owner.name owner.address.city owner.address.zip tags x.y");
    }

    #[test]
    fn what_is_not_shown_is_told_in_short() {
        let told = |shown: &[&str]| {
            let shown: Vec<String> = shown.iter().map(|&name| name.to_owned()).collect();
            others(MEMBERS, &shown).join(", ")
        };
        assert_eq!(told(&["id", "owner"]), "tags, x.y");
        assert_eq!(told(&["id", "owner.name"]), "owner.address, tags, x.y");
        assert_eq!(told(&["id", "tags", "x.y"]), "owner.{name,address}");
        assert_eq!(told(&["id", "owner.name", "owner.address", "tags", "x"]), "");
    }
}
