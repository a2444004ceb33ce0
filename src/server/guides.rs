//! Guides: short texts on how this server is used, for models and people.

use rmcp::model::Resource;

use super::contents::MARKDOWN;

/// A guide.
pub(super) struct Guide {
    /// Its address.
    pub(super) uri: &'static str,
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// What it says, in Markdown.
    pub(super) text: &'static str,
}

/// All guides.
pub(super) static GUIDES: [Guide; 4] = [
    Guide {
        uri: "guide://paging",
        name: "guide-paging",
        title: "Guide: long lists",
        about: "Pages, whole lists, counting, fields, tables and files",
        text: include_str!("guides/paging.md"),
    },
    Guide {
        uri: "guide://confirmation",
        name: "guide-confirmation",
        title: "Guide: deleting and revoking",
        about: "What a preview shows, what `confirm` takes, what it does not protect from",
        text: include_str!("guides/confirmation.md"),
    },
    Guide {
        uri: "guide://jq",
        name: "guide-jq",
        title: "Guide: programs in jq",
        about: "How to filter, count, sort and join a list with `jq`, with examples",
        text: include_str!("guides/jq.md"),
    },
    Guide {
        uri: "guide://limits",
        name: "guide-limits",
        title: "Guide: limits",
        about: "Requests a minute, waiting, the age of answers, the length of answers",
        text: include_str!("guides/limits.md"),
    },
];

impl Guide {
    /// The guide at an address.
    pub(super) fn at(uri: &str) -> Option<&'static Self> {
        GUIDES.iter().find(|guide| guide.uri == uri)
    }

    /// The same in MCP's type, without its text.
    pub(super) fn shown(&self) -> Resource {
        Resource::new(self.uri, self.name)
            .with_title(self.title)
            .with_description(self.about)
            .with_mime_type(MARKDOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guide_fits_a_screen_and_begins_with_its_title() {
        for guide in &GUIDES {
            assert!(guide.text.starts_with("# ") && guide.text.ends_with('\n'), "{}", guide.uri);
            assert!(guide.text.lines().count() <= 60, "{} is long", guide.uri);
        }
    }

    #[test]
    fn what_a_guide_says_in_numbers_is_so() {
        use crate::catalog::Api;
        let limits = Guide::at("guide://limits").unwrap().text;
        for api in [Api::Manage, Api::Connectors] {
            assert!(
                limits.contains(&format!("| {} | {} |", api.title(), api.per_minute().unwrap())),
                "{limits}"
            );
        }
        let of_audit = crate::catalog::operations().iter().filter(|one| one.api == Api::Audit);
        let all: Vec<_> = of_audit.filter_map(|one| one.limit).collect();
        let (least, most) = (all.iter().min().unwrap(), all.iter().max().unwrap());
        let row = format!("| {} | {least} to {most}, each operation by itself |", Api::Audit.title());
        assert!(limits.contains(&row), "{row}");
    }

    #[test]
    fn a_guide_names_tools_that_there_are() {
        let looks_like_a_tool = |word: &str| {
            ["list_", "get_", "find_", "run_", "delete_", "server_", "terminate_", "remove_"]
                .iter()
                .any(|beginning| word.starts_with(beginning))
        };
        for guide in &GUIDES {
            for word in guide.text.split(|c: char| !c.is_ascii_lowercase() && c != '_') {
                if looks_like_a_tool(word) {
                    assert!(crate::tools::Tool::named(word).is_some(), "{}: {word}", guide.uri);
                }
            }
        }
    }
}
