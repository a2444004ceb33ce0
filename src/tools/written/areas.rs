//! The areas of the catalog as `find_tools` speaks of them.

use std::collections::BTreeMap;

use crate::api::arguments::nearest;
use crate::catalog::{self, Area};
use crate::tools::findable::Findable;

/// What an area's name stands for: a toolset with all its areas, or one area.
#[derive(Debug, Clone, Copy)]
pub enum AreaScope {
    /// All areas of a toolset.
    Toolset(&'static str),
    /// One.
    Area(&'static Area<'static>),
}

/// An area's name that is not known.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`area` {name} is unknown{}; areas: {}", near.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default(), toolsets().join(", "))]
pub struct UnknownArea {
    /// As it was given, without control characters and at most 64 characters.
    name: String,
    near: Option<String>,
}

impl AreaScope {
    /// By the name of a toolset, or the title or file name of an area, however its words are joined.
    ///
    /// # Errors
    /// There is no such area.
    pub fn named(name: &str) -> Result<Self, UnknownArea> {
        let wanted = slug(name);
        if let Some(toolset) = toolsets().into_iter().find(|toolset| slug(toolset) == wanted) {
            return Ok(Self::Toolset(toolset));
        }
        let areas = catalog::areas();
        let titled = areas.iter().find(|area| slug(&area.title) == wanted);
        if let Some(area) = titled.or_else(|| areas.iter().find(|area| slug(area.name) == wanted)) {
            return Ok(Self::Area(area));
        }
        let names: Vec<String> =
            toolsets().into_iter().map(slug).chain(areas.iter().map(|area| slug(&area.title))).collect();
        let near = nearest(&wanted, names.iter().map(String::as_str)).map(str::to_owned);
        let shown = name.chars().filter(|c| !c.is_control()).take(64).collect();
        Err(UnknownArea { name: shown, near })
    }

    /// Whether a tool is there.
    pub fn has(self, tool: Findable) -> bool {
        match self {
            Self::Toolset(toolset) => tool.toolset() == toolset,
            Self::Area(area) => tool.area().is_some_and(|own| (own.api, own.name) == (area.api, area.name)),
        }
    }
}

/// The titles of all areas, by their toolset.
pub fn titles() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut titles: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    for area in catalog::areas() {
        titles.entry(area.toolset).or_default().push(&area.title);
    }
    titles
}

/// The title of the area of a tool.
pub fn title(tool: Findable) -> &'static str {
    tool.area().map_or("", |area| &area.title)
}

fn toolsets() -> Vec<&'static str> {
    titles().into_keys().collect()
}

/// Small letters with a hyphen between the words.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_known_by_toolset_title_and_file_and_no_title_is_there_twice() {
        assert!(matches!(AreaScope::named("Trust_Center"), Ok(AreaScope::Toolset("trust-center"))));
        for (name, title) in [
            ("trust center FAQ", None),
            ("audit evidence", Some("Audit evidence")),
            ("Frameworks", Some("Frameworks")),
        ] {
            let place = AreaScope::named(name).ok();
            let found = place.and_then(|place| match place {
                AreaScope::Area(area) => Some(&*area.title),
                AreaScope::Toolset(_) => None,
            });
            assert_eq!(found, title, "{name}");
        }
        let told = AreaScope::named("vendor").unwrap_err().to_string();
        assert!(told.contains("did you mean vendors?") && told.contains("trust-center"), "{told}");
        let mut all: Vec<String> = catalog::areas().iter().map(|area| slug(&area.title)).collect();
        all.sort_unstable();
        let before = all.len();
        all.dedup();
        assert_eq!(all.len(), before);
    }
}
