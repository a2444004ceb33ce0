//! The names that were probably meant by one that there is not.

/// The least likeness of a name that is worth suggesting, unless what was typed is its beginning.
const LIKE: f64 = 0.5;

/// How much less alike than the best a second name may be to be suggested beside it.
const CLOSE: f64 = 0.1;

/// The best one or two of the names.
pub(super) fn nearest<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let typed = typed.to_lowercase();
    let begins = |name: &str| typed.len() > 1 && name.starts_with(&typed);
    let mut likely: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&typed, &name.to_lowercase()), name))
        .filter(|(likeness, name)| *likeness > LIKE || begins(name))
        .collect();
    likely.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = likely.first().map_or(0.0, |(likeness, _)| *likeness);
    let mut near: Vec<&str> = Vec::new();
    for (likeness, name) in likely {
        if likeness >= best - CLOSE && !near.contains(&name) {
            near.push(name);
        }
    }
    near.truncate(2);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_one_or_two_are_suggested_and_not_every_prefix() {
        const NAMES: [&str; 6] = ["serve", "call", "tools", "demo", "token", "catalog"];
        for (typed, expected) in [
            ("cal", &["call"][..]),
            ("cat", &["catalog"]),
            ("CALL", &["call"]),
            ("sevre", &["serve"]),
            ("to", &["tools", "token"]),
            ("tokens", &["token"]),
            ("t", &[]),
            ("frameworks", &[]),
        ] {
            assert_eq!(nearest(typed, NAMES), expected, "{typed}");
        }
    }
}
