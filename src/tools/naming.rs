//! Toolsets and tools by the names that an operator gives.

use std::collections::BTreeSet;

use thiserror::Error;

use super::choice::{ALL, Choice, DEFAULT};
use super::findable::Findable;
use super::written::WRITTEN;
use crate::api::arguments::nearest;
use crate::catalog;

/// A name that nothing has.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("unknown {what} `{name}`; {}", .near.map_or_else(|| self.known(), |near| format!("did you mean `{near}`?")))]
pub struct UnknownName {
    /// `toolset` or `tool`.
    pub what: &'static str,
    /// What was given.
    pub name: String,
    /// What was probably meant.
    pub near: Option<&'static str>,
}

impl UnknownName {
    /// Where to look: the toolsets are few enough to be named.
    fn known(&self) -> String {
        if self.what == "tool" {
            return "list all with: vanta-mcp tools --toolsets all".to_owned();
        }
        let known: Vec<&str> = toolsets().into_iter().chain([ALL, DEFAULT]).collect();
        format!("known are {}", known.join(", "))
    }
}

impl Choice {
    /// Lists these toolsets instead of the default.
    ///
    /// # Errors
    /// One of them does not exist.
    pub fn toolsets<'n>(mut self, names: impl Iterator<Item = &'n str>) -> Result<Self, UnknownName> {
        self.toolsets = names.map(toolset).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Lists these tools as well.
    ///
    /// # Errors
    /// One of them does not exist.
    pub fn with_tools<'n>(mut self, names: impl Iterator<Item = &'n str>) -> Result<Self, UnknownName> {
        self.added = names.map(tool).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Neither lists nor runs these tools, whatever else is said of them.
    ///
    /// # Errors
    /// One of them does not exist.
    pub fn without_tools<'n>(mut self, names: impl Iterator<Item = &'n str>) -> Result<Self, UnknownName> {
        self.excluded = names.map(tool).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// The same for a caller whose token is for these toolsets and no others: they are listed, and nothing else can be
    /// found or run. What is excluded stays so.
    ///
    /// # Errors
    /// One of them does not exist.
    pub fn bounded_to<'n>(mut self, names: impl Iterator<Item = &'n str>) -> Result<Self, UnknownName> {
        self = self.toolsets(names)?;
        self.added.clear();
        self.bounded = true;
        Ok(self)
    }
}

/// The toolsets that there are, in the order of the alphabet.
#[must_use]
pub fn toolsets() -> BTreeSet<&'static str> {
    catalog::areas().iter().map(|area| area.toolset).collect()
}

fn toolset(name: &str) -> Result<&'static str, UnknownName> {
    let known = || toolsets().into_iter().chain([ALL, DEFAULT]);
    let found = known().find(|known| known.eq_ignore_ascii_case(name));
    found.ok_or_else(|| UnknownName { what: "toolset", name: shown(name), near: nearest(name, known()) })
}

fn tool(name: &str) -> Result<&'static str, UnknownName> {
    if let Some(operation) = catalog::find(&name.to_ascii_lowercase()) {
        return Ok(operation.name);
    }
    let written = WRITTEN.iter().map(|written| written.spec().name);
    let known = || written.clone().chain(Findable::all().map(Findable::name));
    let found = known().find(|known| known.eq_ignore_ascii_case(name));
    found.ok_or_else(|| UnknownName { what: "tool", name: shown(name), near: nearest(name, known()) })
}

fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(toolsets: &str, tools: &str, excluded: &str) -> Result<Choice, UnknownName> {
        let names = |text: &'static str| text.split(',').filter(|name| !name.is_empty());
        let [toolsets, tools, excluded] =
            [toolsets, tools, excluded].map(|text| names(text.to_owned().leak()));
        Choice::default().toolsets(toolsets)?.with_tools(tools)?.without_tools(excluded)
    }

    fn lists(choice: &Choice, name: &str) -> bool {
        choice.lists(catalog::find(name).unwrap())
    }

    #[test]
    fn a_toolset_lists_its_own_and_tools_add_to_it() {
        let chosen = choice("vendors", "list_people", "delete_vendor").unwrap();
        assert!(lists(&chosen, "list_vendors") && lists(&chosen, "list_people"));
        assert!(!lists(&chosen, "list_controls") && !lists(&chosen, "delete_vendor"));
        let all = choice("all", "", "list_vendors").unwrap();
        assert!(lists(&all, "list_controls") && !lists(&all, "list_vendors"));
        let both = choice("all", "list_vendors", "list_vendors").unwrap();
        assert!(!lists(&both, "list_vendors"), "excluding beats adding");
    }

    #[test]
    fn a_deprecated_tool_is_listed_by_name_alone() {
        let deprecated = catalog::operations().iter().find(|operation| operation.deprecated).unwrap().name;
        assert!(!lists(&choice("all", "", "").unwrap(), deprecated));
        assert!(lists(&choice("vendors", deprecated, "").unwrap(), deprecated));
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
        let error = choice("vendor", "", "").unwrap_err();
        assert_eq!(error.to_string(), "unknown toolset `vendor`; did you mean `vendors`?");
        assert_eq!(choice("", "list_vendor", "").unwrap_err().near, Some("list_vendors"));
        assert_eq!(choice("", "", "find_tool").unwrap_err().near, Some("find_tools"));
        let far = choice("zzz", "", "").unwrap_err().to_string();
        assert!(
            far.contains("known are audits, connectors, controls") && far.ends_with("all, default"),
            "{far}"
        );
    }
}
