//! Questions that people ask most, as prompts that a client can offer: each says which tools answer it, and how.

/// One prompt.
#[derive(Debug)]
pub struct Prompt {
    /// Its name.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it brings, for people.
    pub about: &'static str,
    /// What it is asked with.
    pub arguments: &'static [Argument],
    /// The tools that it leads to. It is offered where all of them are.
    pub tools: &'static [&'static str],
    /// What is put before the model, with `{argument}` where an argument goes.
    text: &'static str,
}

/// Something that can be said with a prompt. None is required: what is left out is a default.
#[derive(Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What holds without it.
    default: &'static str,
}

/// All prompts.
pub const PROMPTS: [Prompt; 6] = [
    Prompt {
        name: "failing_controls",
        title: "Which controls are failing, and why",
        about: "Controls of a framework that have failing tests, with the entities that cause the failures",
        arguments: &[Argument {
            name: "framework",
            about: "Name of the framework, e.g. SOC 2 or ISO 27001",
            default: "SOC 2",
        }],
        tools: &[
            "list_frameworks",
            "list_tests",
            "list_controls",
            "list_control_tests",
            "list_test_entities",
        ],
        text: "Which controls of {framework} are failing, and why?\n\
               Get the framework's id from list_frameworks. List its tests that need attention with list_tests \
               (frameworkFilter, statusFilter). To find their controls, use list_controls with frameworkMatchesAny, \
               then list_control_tests for the candidates. For each failing test, list_test_entities shows what \
               fails.\n\
               Answer with a table: control, failing test, how many entities fail and examples, owner, what would \
               fix it. Say what you did not check.",
    },
    Prompt {
        name: "evidence_needed",
        title: "Which evidence documents are missing",
        about: "Evidence documents that are due, overdue or were never uploaded, by owner",
        arguments: &[Argument {
            name: "framework",
            about: "Name of the framework, e.g. SOC 2; every framework if omitted",
            default: "every framework",
        }],
        tools: &["list_frameworks", "list_documents", "list_people"],
        text: "Which evidence documents are still needed for {framework}?\n\
               Use list_documents with statusMatchesAny for documents that need attention; for a single framework, \
               pass frameworkMatchesAny with its id from list_frameworks. Look up the names of owners with \
               list_people.\n\
               Answer by owner: document, status, and the date it was or is due. Begin with what is overdue.",
    },
    Prompt {
        name: "overdue_people",
        title: "Who has overdue tasks",
        about: "People with overdue security tasks: training, policies, background checks, devices",
        arguments: &[],
        tools: &["list_people", "get_person"],
        text: "Who has overdue security tasks?\n\
               Use list_people with tasksSummaryStatusMatchesAny for people with overdue tasks, all pages, and \
               get_person if the list does not say which task it is.\n\
               Answer with a table: person, email, what is overdue, since when; then counts by task. Do not contact \
               anyone or change anything.",
    },
    Prompt {
        name: "vulnerabilities_due",
        title: "Which vulnerabilities will soon miss their SLA",
        about: "Open vulnerabilities due within a number of days, worst first, with the asset and whether a fix \
            exists",
        arguments: &[Argument { name: "days", about: "How many days ahead, e.g. 7", default: "7" }],
        tools: &["list_vulnerabilities", "list_vulnerable_assets"],
        text: "Which vulnerabilities will miss their SLA within {days} days?\n\
               Use list_vulnerabilities with slaDeadlineBeforeDate set to that many days from today, and once more \
               for those already past their deadline. Look up the names of assets with list_vulnerable_assets.\n\
               Answer worst first: severity, vulnerability, asset, deadline, whether a fix is available. Begin with \
               those past their deadline.",
    },
    Prompt {
        name: "audit_gaps",
        title: "What is still missing for an audit",
        about: "For audit firms: open or flagged information requests and evidence of one audit",
        arguments: &[Argument {
            name: "audit",
            about: "The customer or the id of the audit; all active audits if omitted",
            default: "every active audit",
        }],
        tools: &["list_audits", "list_information_requests", "list_audit_evidence"],
        text: "What is still missing for {audit}?\n\
               Find the audit with list_audits (isActiveAudit). Go through list_information_requests and \
               list_audit_evidence \
               for it, all pages.\n\
               Answer with what is open, what was flagged or rejected, and what is waiting for the auditor, each \
               with its due date and who has to act.",
    },
    Prompt {
        name: "hosting_accounts",
        title: "Status of the hosting accounts",
        about: "Vanta Panel: accounts with plan and status, and what looks wrong",
        arguments: &[],
        tools: &["list_panel_accounts"],
        text: "What is the status of our hosting accounts?\n\
               Use list_panel_accounts.\n\
               Answer with counts by plan and status, and list accounts that are suspended or have no plan. Change \
               nothing.",
    },
];

impl Prompt {
    /// The prompt of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        PROMPTS.iter().find(|prompt| prompt.name == name)
    }

    /// The text with its arguments. What somebody typed is put in as it is: it is their own question.
    #[must_use]
    pub fn fill<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> String {
        self.arguments.iter().fold(self.text.to_owned(), |text, argument| {
            let given = value(argument.name).map(str::trim).filter(|given| !given.is_empty());
            text.replace(&format!("{{{}}}", argument.name), given.unwrap_or(argument.default))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn prompts_name_tools_and_arguments_that_there_are() {
        for prompt in &PROMPTS {
            for tool in prompt.tools {
                assert!(catalog::find(tool).is_some(), "{}: {tool}", prompt.name);
                assert!(prompt.text.contains(tool), "{}: {tool} is not in its text", prompt.name);
            }
            let filled = prompt.fill(|name| Some(if name == "days" { "30" } else { "HIPAA" }));
            assert!(!filled.contains(['{', '}']), "{filled}");
            assert_eq!(filled.contains("HIPAA") || filled.contains("30"), !prompt.arguments.is_empty());
            assert!(!prompt.fill(|_| None).contains('{'));
        }
        // Every argument of a tool that a text mentions by name is one.
        let schema = |tool: &str| catalog::find(tool).unwrap().schema.get();
        for (tool, argument) in [
            ("list_tests", "frameworkFilter"),
            ("list_tests", "statusFilter"),
            ("list_controls", "frameworkMatchesAny"),
            ("list_documents", "statusMatchesAny"),
            ("list_documents", "frameworkMatchesAny"),
            ("list_people", "tasksSummaryStatusMatchesAny"),
            ("list_vulnerabilities", "slaDeadlineBeforeDate"),
            ("list_audits", "isActiveAudit"),
        ] {
            assert!(schema(tool).contains(&format!("\"{argument}\"")), "{tool} has no {argument}");
        }
    }
}
