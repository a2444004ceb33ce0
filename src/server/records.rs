//! Things of Vanta and the Panel that have an address of their own: each is read by the tool that reads it, through the
//! same door, and only by those who may call that.

use percent_encoding::percent_decode_str;
use rmcp::model::ResourceTemplate;
use serde_json::{Map, Value};

use super::contents::JSON;
use crate::index::NamedKind;
use crate::tools::Offer;

/// The longest part of an address, in bytes.
const LONGEST: usize = 500;

/// What is read at addresses of one form.
pub(super) struct Record {
    /// The form.
    pub(super) template: &'static str,
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// The tool that reads it.
    pub(super) tool: &'static str,
    /// The tools that list such things, each with its id where the template has the last variable.
    lists: &'static [&'static str],
    /// Its variables, in order.
    variables: &'static [Variable],
}

/// A variable of a template.
struct Variable {
    name: &'static str,
    /// The tool's argument.
    argument: &'static str,
    /// What it is an id of; none where no names are known.
    kind: Option<NamedKind>,
}

static RECORDS: [Record; 5] = [
    Record {
        template: "vanta://controls/{id}",
        name: "control",
        title: "One control",
        about: "A control of your company with its status, owner and description",
        tool: "get_control",
        lists: &["list_controls", "list_framework_controls", "list_document_controls"],
        variables: &[Variable { name: "id", argument: "controlId", kind: Some(NamedKind::Control) }],
    },
    Record {
        template: "vanta://tests/{id}",
        name: "test",
        title: "One automated test",
        about: "An automated test with its status, what it checks and how to repair it",
        tool: "get_test",
        lists: &["list_tests", "list_control_tests"],
        variables: &[Variable { name: "id", argument: "testId", kind: Some(NamedKind::Test) }],
    },
    Record {
        template: "vanta://documents/{id}",
        name: "document",
        title: "One evidence document",
        about: "An evidence document with its status, owner and renewal date, without its files",
        tool: "get_document",
        lists: &["list_documents", "list_control_documents"],
        variables: &[Variable { name: "id", argument: "documentId", kind: Some(NamedKind::Document) }],
    },
    Record {
        template: "vanta://audits/{audit}/evidence/{id}",
        name: "audit-evidence",
        title: "One piece of audit evidence",
        about: "For audit firms: a piece of evidence of a customer's audit with its review status",
        tool: "get_audit_evidence",
        lists: &["list_audit_evidence"],
        variables: &[
            Variable { name: "audit", argument: "auditId", kind: Some(NamedKind::Audit) },
            Variable { name: "id", argument: "auditEvidenceId", kind: Some(NamedKind::AuditEvidence) },
        ],
    },
    Record {
        template: "panel://accounts/{user}",
        name: "panel-account",
        title: "One hosting account",
        about: "A web-hosting account of the Vanta Panel with its domain, plan and status",
        tool: "get_panel_account",
        lists: &["list_panel_accounts"],
        variables: &[Variable { name: "user", argument: "user", kind: None }],
    },
];

/// What an address means.
pub(super) enum AddressMeaning {
    /// This record, read with these arguments.
    Record(&'static Record, Value),
    /// Something of ours that is misspelled, in words.
    Misspelled(String),
    /// Nothing that this is about.
    Other,
}

impl Record {
    /// The record of a template.
    pub(super) fn of(template: &str) -> Option<&'static Self> {
        RECORDS.iter().find(|record| record.template == template)
    }

    /// The forms of address that a caller may use.
    pub(super) fn offered(offer: &Offer) -> impl Iterator<Item = &'static Self> {
        RECORDS.iter().filter(|record| offer.why_not(record.tool).is_none())
    }

    /// The template of what a tool lists, where the caller may read the single things.
    pub(super) fn listed_by(tool: &str, offer: &Offer) -> Option<&'static str> {
        let record = RECORDS.iter().find(|record| record.lists.contains(&tool))?;
        offer.why_not(record.tool).is_none().then_some(record.template)
    }

    /// What a variable is an id of.
    pub(super) fn kind_of(&self, variable: &str) -> Option<NamedKind> {
        self.variables.iter().find(|one| one.name == variable)?.kind
    }

    /// The same in MCP's type.
    pub(super) fn shown(&self) -> ResourceTemplate {
        ResourceTemplate::new(self.template, self.name)
            .with_title(self.title)
            .with_description(self.about)
            .with_mime_type(JSON)
    }

    /// The arguments that an address stands for; `None` where it has another form.
    fn arguments(&self, address: &str) -> Option<Result<Value, String>> {
        let mut arguments = Map::new();
        let mut variables = self.variables.iter();
        let (template, given) = (parts(self.template)?, parts(address)?);
        if template.len() != given.len() {
            return None;
        }
        for (place, (wanted, part)) in template.into_iter().zip(given).enumerate() {
            if !wanted.starts_with('{') {
                // Scheme and authority are alike in capitals (RFC 3986, sections 3.1 and 3.2.2).
                let alike = if place < 2 { wanted.eq_ignore_ascii_case(part) } else { wanted == part };
                if !alike {
                    return None;
                }
                continue;
            }
            let variable = variables.next()?;
            match decoded(part) {
                Ok(value) => arguments.insert(variable.argument.to_owned(), Value::from(value)),
                Err(problem) => {
                    let (name, template) = (variable.name, self.template);
                    return Some(Err(format!("{{{name}}} of {template} {problem}")));
                }
            };
        }
        Some(Ok(Value::Object(arguments)))
    }
}

/// What an address means.
pub(super) fn meant(address: &str) -> AddressMeaning {
    for record in &RECORDS {
        match record.arguments(address) {
            Some(Ok(arguments)) => return AddressMeaning::Record(record, arguments),
            Some(Err(problem)) => return AddressMeaning::Misspelled(problem),
            None => {}
        }
    }
    AddressMeaning::Other
}

/// Scheme, authority and the segments of the path.
fn parts(address: &str) -> Option<Vec<&str>> {
    let (scheme, rest) = address.split_once("://")?;
    Some(std::iter::once(scheme).chain(rest.split('/')).collect())
}

/// A segment of a path as the text that it stands for (RFC 3986, section 2.1), or what is wrong with it.
fn decoded(part: &str) -> Result<String, &'static str> {
    if part.is_empty() {
        return Err("is missing");
    }
    if part.len() > LONGEST {
        return Err("is too long");
    }
    if part.contains(['?', '#']) {
        return Err(
            "is followed by a query or a fragment, which these addresses do not have; write ? as %3F and # as %23",
        );
    }
    let whole = part.split('%').skip(1).all(|after| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    if !whole {
        return Err("has a % that no two hexadecimal digits follow; write % as %25");
    }
    let text = percent_decode_str(part).decode_utf8().map_err(|_| "is not UTF-8 when decoded")?;
    if text.chars().any(char::is_control) {
        return Err("has a control character");
    }
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog;

    #[test]
    fn a_record_names_tools_and_arguments_that_there_are() {
        for record in &RECORDS {
            let tool = catalog::find(record.tool).unwrap();
            let schema: Value = serde_json::from_str(tool.schema.get()).unwrap();
            let required: Vec<_> = record.variables.iter().map(|variable| variable.argument).collect();
            assert_eq!(schema["required"], json!(required), "{}", record.template);
            for variable in record.variables {
                assert!(record.template.contains(&format!("{{{}}}", variable.name)), "{}", record.template);
            }
            for list in record
                .lists
                .iter()
                .copied()
                .chain(record.variables.iter().filter_map(|one| Some(one.kind?.list())))
            {
                assert!(catalog::find(list).is_some_and(catalog::Operation::is_list), "{list}");
            }
        }
    }

    #[test]
    fn an_address_is_read_as_the_standard_says() {
        let means = |address: &str| match meant(address) {
            AddressMeaning::Record(record, arguments) => format!("{} {arguments}", record.tool),
            AddressMeaning::Misspelled(problem) => problem,
            AddressMeaning::Other => "other".to_owned(),
        };
        for (address, meaning) in [
            ("vanta://controls/a-1.b_c~d", r#"get_control {"controlId":"a-1.b_c~d"}"#),
            ("VANTA://Controls/A", r#"get_control {"controlId":"A"}"#),
            ("vanta://tests/a%2Fb%20%C3%A9%25", r#"get_test {"testId":"a/b é%"}"#),
            ("vanta://tests/a+b", r#"get_test {"testId":"a+b"}"#),
            ("vanta://audits/x/evidence/y", r#"get_audit_evidence {"auditEvidenceId":"y","auditId":"x"}"#),
            ("panel://accounts/..", r#"get_panel_account {"user":".."}"#),
            ("vanta://audits/x/Evidence/y", "other"),
            ("vanta://controls/a/b", "other"),
            ("vanta://controls", "other"),
            ("vanta:controls/a", "other"),
            ("panel://controls/a", "other"),
            ("https://controls/a", "other"),
            ("", "other"),
        ] {
            assert_eq!(means(address), meaning, "{address}");
        }
        for (address, problem) in [
            ("vanta://controls/", "{id} of vanta://controls/{id} is missing"),
            ("vanta://audits//evidence/y", "{audit} of vanta://audits/{audit}/evidence/{id} is missing"),
            ("vanta://controls/a%2", "no two hexadecimal digits"),
            ("vanta://controls/a%zz", "no two hexadecimal digits"),
            ("vanta://controls/%ff", "is not UTF-8"),
            ("vanta://controls/a%00", "control character"),
            ("vanta://controls/a?b=c", "a query"),
            ("vanta://controls/a#b", "a query"),
            (&format!("vanta://controls/{}", "x".repeat(501)), "too long"),
        ] {
            assert!(means(address).contains(problem), "{address}: {}", means(address));
        }
    }
}
