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
        title: "Which controls fail, and why",
        about: "The controls of a framework that have failing tests, with the entities that make them fail",
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
               (frameworkFilter, statusFilter). Find the controls they belong to: list_controls with frameworkMatchesAny, then \
               list_control_tests for those in question. For each failing test list_test_entities shows what fails.\n\
               Answer with a table: control, failing test, how many entities fail and examples, owner, what would fix it. Say \
               what you did not look at.",
    },
    Prompt {
        name: "evidence_needed",
        title: "Which evidence documents are missing",
        about: "Evidence documents that are due, overdue or were never uploaded, by owner",
        arguments: &[Argument {
            name: "framework",
            about: "Name of the framework, e.g. SOC 2; every framework if left out",
            default: "every framework",
        }],
        tools: &["list_frameworks", "list_documents", "list_people"],
        text: "Which evidence documents are still needed for {framework}?\n\
               Use list_documents with statusMatchesAny for those that are not in order, and frameworkMatchesAny with an id from \
               list_frameworks where one framework is meant. Put names to owner ids with list_people.\n\
               Answer by owner: document, status, since or until when. Begin with what is overdue.",
    },
    Prompt {
        name: "overdue_people",
        title: "Who is overdue",
        about: "People with overdue security tasks: training, policies, background checks, devices",
        arguments: &[],
        tools: &["list_people", "get_person"],
        text: "Who is overdue with security tasks?\n\
               Use list_people with tasksSummaryStatusMatchesAny for people with overdue tasks, all pages of it, and get_person \
               where the list does not say which task it is.\n\
               Answer with a table: person, email, what is overdue, since when; then counts by task. Do not message or change \
               anybody.",
    },
    Prompt {
        name: "vulnerabilities_due",
        title: "Which vulnerabilities break their SLA soon",
        about: "Open vulnerabilities whose deadline falls within some days, worst first, with the asset and whether a fix exists",
        arguments: &[Argument { name: "days", about: "How many days ahead, e.g. 7", default: "7" }],
        tools: &["list_vulnerabilities", "list_vulnerable_assets"],
        text: "Which vulnerabilities break their SLA within {days} days?\n\
               Use list_vulnerabilities with slaDeadlineBeforeDate set to that many days from today, and once more for those \
               whose deadline has passed already. list_vulnerable_assets puts names to asset ids.\n\
               Answer worst first: severity, vulnerability, asset, deadline, whether a fix is available. Begin with those that \
               are late.",
    },
    Prompt {
        name: "audit_gaps",
        title: "What an audit still lacks",
        about: "For audit firms: information requests and evidence of one audit that are open or flagged",
        arguments: &[Argument {
            name: "audit",
            about: "The customer or the id of the audit; all active audits if left out",
            default: "every active audit",
        }],
        tools: &["list_audits", "list_information_requests", "list_audit_evidence"],
        text: "What is still missing for {audit}?\n\
               Find the audit with list_audits (isActiveAudit). Go through list_information_requests and list_audit_evidence \
               for it, all pages.\n\
               Answer with what is open, what was flagged or sent back, and what waits for the auditor, each with its due date \
               and who has to act.",
    },
    Prompt {
        name: "hosting_accounts",
        title: "State of the hosting accounts",
        about: "Vanta Panel: accounts with plan and state, and what looks wrong",
        arguments: &[],
        tools: &["list_panel_accounts"],
        text: "What is the state of our hosting accounts?\n\
               Use list_panel_accounts.\n\
               Answer with counts by plan and state, and list accounts that are suspended or have no plan. Change nothing.",
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
