//! The prompts themselves, in the order in which they are listed.

use super::prompt::Necessity::{Needed, Optional};
use super::prompt::{Argument, Prompt, PromptStep};
use crate::index::NamedKind;

const FRAMEWORK: Argument = Argument {
    name: "framework",
    about: "Name of one framework, e.g. SOC 2; all of them if omitted",
    necessity: Optional,
    kind: Some(NamedKind::Framework),
};

/// All prompts.
pub const PROMPTS: [Prompt; 6] = [
    Prompt {
        name: "weekly_compliance_report",
        title: "Weekly compliance report",
        about: "Where compliance stands, what changed in a week, what is overdue and due next, in one page",
        arguments: &[
            FRAMEWORK,
            Argument {
                name: "since",
                about: "Day from which changes count, e.g. 2026-03-31; a week ago if omitted",
                necessity: Optional,
                kind: None,
            },
        ],
        task: "Write a compliance report of one page for somebody who has two minutes.",
        steps: &[
            PromptStep {
                tool: "compliance_overview",
                necessity: Needed,
                does: "where things stand; with `framework`, if one was typed.",
            },
            PromptStep {
                tool: "changes_since",
                necessity: Needed,
                does: "what changed; with `date`, if a day was typed.",
            },
            PromptStep {
                tool: "due",
                necessity: Needed,
                does: "with `days` 7: what is overdue and what falls due in the next week.",
            },
            PromptStep { tool: "top_risks", necessity: Optional, does: "with `n` 5: the greatest risks." },
        ],
        answer: "Answer with: the numbers that matter, what became better and worse since then, what is overdue with its \
                 owner, what is due next week, and the three things to do first. Close with what was not looked at.",
        not: &[
            "a trend in percent: earlier percentages are not known",
            "that an audit will be passed, or that the company is compliant",
            "that changes_since speaks of one framework alone: it speaks of all",
        ],
    },
    Prompt {
        name: "triage_failing_tests",
        title: "Triage failing tests",
        about: "Which controls fail, which tests cause it, why, and who should repair what first",
        arguments: &[
            FRAMEWORK,
            Argument {
                name: "owner",
                about: "Name or e-mail address of one owner of controls; all of them if omitted",
                necessity: Optional,
                kind: Some(NamedKind::Person),
            },
        ],
        task: "Find out which failing tests matter most, why they fail, and who should repair them.",
        steps: &[
            PromptStep {
                tool: "failing_controls",
                necessity: Needed,
                does: "with `framework` and `owner`, if they were typed. If the answer says that it is unfinished, say so, \
                       and ask again when it says.",
            },
            PromptStep {
                tool: "explain_failure",
                necessity: Needed,
                does: "with `test`, once for each of the five failing tests that concern the most controls.",
            },
        ],
        answer: "Answer with a table: test, why it fails, how many items, controls concerned, owner, what repairs it. Begin \
                 with what is overdue or concerns the most controls. Change nothing, and deactivate nothing.",
        not: &[
            "that a repair is done: a test shows it only after its next run",
            "that tests in rollout were looked at: they are left out",
            "that the controls named are all, if the answer calls their number a lower bound",
        ],
    },
    Prompt {
        name: "prepare_audit",
        title: "Prepare an audit",
        about: "What is still missing before an audit: for audit firms its evidence, for a company its controls and documents",
        arguments: &[
            Argument {
                name: "audit",
                about: "For audit firms: the customer, the name or the id of the audit",
                necessity: Optional,
                kind: Some(NamedKind::Audit),
            },
            FRAMEWORK,
        ],
        task: "Say what is still missing before the audit, and who has to act.",
        steps: &[
            PromptStep {
                tool: "audit_readiness",
                necessity: Optional,
                does: "for an audit firm: evidence and requests of the audit; with `audit`, if one was typed. If several \
                       audits may be meant, ask the user which.",
            },
            PromptStep {
                tool: "failing_controls",
                necessity: Optional,
                does: "for the company itself: controls that fail or have no evidence; with `framework`, if one was typed.",
            },
            PromptStep {
                tool: "due",
                necessity: Optional,
                does: "with `days` 60: documents, reviews and tasks that lapse before or during the audit.",
            },
        ],
        answer: "Answer with: what blocks, what is waiting and who has to act, what was sent back and why, and what lapses soon, \
                 each with who has to act and by when. Keep the audit firm's customers and the company itself apart.",
        not: &[
            "that the audit will be passed: statuses are Vanta's, not an opinion of an auditor",
            "that evidence is sufficient because it was handed in: nobody read it here",
            "that a document was never uploaded, where its status says that it has lapsed",
        ],
    },
    Prompt {
        name: "review_vendor",
        title: "Review a vendor",
        about: "One vendor: risk level, last and next review, findings, documents, contract, and what is missing",
        arguments: &[Argument {
            name: "vendor",
            about: "Name or id of the vendor",
            necessity: Needed,
            kind: Some(NamedKind::Vendor),
        }],
        task: "Prepare the security review of one vendor.",
        steps: &[
            PromptStep {
                tool: "vendor_overview",
                necessity: Needed,
                does: "with `vendor` as typed. If several match, show them and ask which is meant.",
            },
            PromptStep {
                tool: "list_vendor_findings",
                necessity: Optional,
                does: "with `vendorId` from that answer, if it names open findings: their whole texts.",
            },
            PromptStep {
                tool: "list_vendor_documents",
                necessity: Optional,
                does: "with `vendorId`: which reports and contracts are there, and from when.",
            },
        ],
        answer: "Answer with: risk level and why, last review and when the next is due, open findings, documents by age, the \
                 end of the contract, and the questions to put to the vendor. Change nothing.",
        not: &[
            "that the vendor is secure or insecure: say what is on record",
            "what a document says: its content was not read",
            "that there was no review, where reviews could not be read",
        ],
    },
    Prompt {
        name: "offboard_person",
        title: "Offboard a person",
        about: "What stands in the way of an offboarding, what the person still owns, and then, with consent, the offboarding",
        arguments: &[Argument {
            name: "person",
            about: "Name, e-mail address or id of the person",
            necessity: Needed,
            kind: Some(NamedKind::Person),
        }],
        task: "Prepare the offboarding of one person, and complete it only with the consent of the user.",
        steps: &[
            PromptStep {
                tool: "offboarding_check",
                necessity: Needed,
                does: "with `person` as typed and `accounts` true: what is open, and which accounts are still active. If \
                       several people match, show them and ask which is meant.",
            },
            PromptStep {
                tool: "person_duties",
                necessity: Needed,
                does: "with `person`: what the person still owns, and what hands it over.",
            },
            PromptStep {
                tool: "offboard_people",
                necessity: Optional,
                does: "only after everything else, and only if the user asks for it: without `confirm` first, then show the \
                       preview, then with consent.",
            },
        ],
        answer: "Answer with: what stands in the way, accounts to be closed and where, what has to be handed over and who takes it \
                 (ask the user), then the step that completes it. Hand nothing over without being told who takes it.",
        not: &[
            "that access is gone: only what integrations show was looked at, and this removes no access in other systems",
            "that the offboarding is complete before offboard_people has answered so",
            "why the person leaves",
        ],
    },
    Prompt {
        name: "provision_hosting_account",
        title: "Set up a hosting account",
        about: "Vanta Panel: look for an account with this domain, then create one, and check it",
        arguments: &[
            Argument {
                name: "domain",
                about: "Main domain of the new account, e.g. example.com",
                necessity: Needed,
                kind: None,
            },
            Argument {
                name: "user",
                about: "User name of the new account; the user is asked if omitted",
                necessity: Optional,
                kind: None,
            },
            Argument {
                name: "plan",
                about: "Hosting plan; the user is asked if omitted",
                necessity: Optional,
                kind: None,
            },
            Argument {
                name: "email",
                about: "Contact e-mail address of the account's owner",
                necessity: Optional,
                kind: None,
            },
        ],
        task: "Set up one web-hosting account on the Vanta Panel.",
        steps: &[
            PromptStep {
                tool: "find_panel_account",
                necessity: Needed,
                does: "with `account` set to the domain, and again to the user name. If one is there already, stop and ask.",
            },
            PromptStep {
                tool: "panel_overview",
                necessity: Needed,
                does: "which plans are in use. Let the user choose, if no plan was typed.",
            },
            PromptStep {
                tool: "create_panel_account",
                necessity: Needed,
                does: "with `user`, `domain`, `plan` and `email`, after the user has agreed to all of them; once. Leave \
                       `password` out: the Panel makes one.",
            },
            PromptStep {
                tool: "get_panel_account",
                necessity: Optional,
                does: "with `user`: that the account is there as wanted.",
            },
        ],
        answer: "Answer with: user name, domain, plan and status as the Panel reports them. Hand over the password from the \
                 answer of create_panel_account at once, since it is shown there only. After an error or a time-out look for \
                 the account before anything is created again.",
        not: &[
            "that the site, mail or DNS works: only the account was made",
            "a plan or price that no tool named",
        ],
    },
];
