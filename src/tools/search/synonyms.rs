//! What people say where the API says something else.

use std::collections::HashMap;

use super::spelling::Spelt;
use super::words::{Splitter, Word, is_stop, split};

/// What a synonym counts, against the word itself.
const SINGLE: f32 = 0.8;

/// What several words count that mean something together: more than each of them, which mean little alone.
const SEVERAL: f32 = 1.3;

/// What is said, and the catalog's words for it: a space between words that belong together, a bar between
/// words of which either will do. A row is here where people say a word that the API does not know, or knows as
/// something else, whatever the operation: what is said about one operation alone is in its `asks`.
const TABLE: &[(&str, &str)] = &[
    // People.
    (
        "employee, staff, staffer, colleague, worker, coworker, workforce, personnel, headcount, \
         teammate, roster, intern, contractor, consultant, freelancer, temp, human, hr, guy, manager",
        "person|people",
    ),
    ("new hire, joiner, new starter, new employee, newcomer, new joiner", "person|people onboarding"),
    (
        "leaver, departed, former employee, ex employee, fire, fired, sack, sacked, lay off, laid off, \
         let go, kick out, quit, resigned, resign, left the company, leaves the company, left us, has \
         left, leaving",
        "offboard|terminated|former|leaver people|person",
    ),
    (
        "maternity, paternity, parental, sabbatical, vacation, holiday, sick, leave of absence, time off",
        "leave",
    ),
    ("deprovisioning, deprovision", "offboard|deactivated"),
    ("team, department, unit, squad", "group"),
    ("member, membership", "people|person group"),
    ("service account, shared mailbox, robot", "account not|exclude people"),
    ("admin, administrator, login, log in, logins", "user|account"),
    ("course, awareness, lms, knowbe4", "training"),
    ("vetting, screening, criminal record, checkr", "background check"),
    ("hire date, first day", "start date"),
    (
        "code of conduct, handbook, acceptable use, procedure, guideline, incident response plan, \
         continuity plan, recovery plan, bcp",
        "policy",
    ),
    ("two factor, 2fa, second factor", "mfa"),
    // Computers.
    ("laptop, device, machine, workstation, notebook, endpoint, desktop, mdm", "computer"),
    ("apple, imac, mac, macbook", "macos computer"),
    ("intune, pc", "windows computer"),
    ("av, malware", "antivirus"),
    ("unencrypted, encrypted, filevault, bitlocker", "encryption"),
    // Vendors.
    (
        "supplier, third party, 3rd party, saas, provider, service provider, software vendor, subservice \
         organization, subcontractor, outsourcing, partner",
        "vendor",
    ),
    ("tprm, third party risk", "vendor assessment|finding|risk"),
    (
        "shadow it, unapproved app, unapproved software, unapproved tool, unsanctioned, without \
         approval, unauthorized, detected, rogue, unknown app, behind our back",
        "discovered vendor",
    ),
    ("app, software, tool, application", "discovered|vendor"),
    (
        "zoom, slack, notion, figma, stripe, salesforce, hubspot, zendesk, dropbox, asana, miro, airtable, \
         loom, canva, grammarly, mailchimp, docusign, twilio, sendgrid, openai, anthropic, snowflake, \
         workday, quickbooks, calendly, intercom, trello",
        "vendor",
    ),
    ("due diligence", "security review|assessment"),
    ("supplier issue, vendor issue, issue with a vendor, issue with a supplier, concern, problem", "finding"),
    ("evaluation", "assessment"),
    // Evidence and documents.
    ("proof, screenshot, artifact, artefact", "evidence|document|file"),
    ("evidence, evidence request", "document"),
    ("attachment, pdf, copy", "file|document"),
    ("url, jira, confluence, wiki, google drive, web address, hyperlink", "link"),
    ("recurring, regularly, every quarter, every month", "renew|custom"),
    (
        "out of date, stale, outdated, expired, expire, expiring, running out, run out, up for renewal",
        "expire|expiration|renew|renewal|outdated|due",
    ),
    // Controls and tests.
    ("safeguard, measure, countermeasure, mitigation", "control"),
    ("bespoke, own control", "custom"),
    ("prebuilt, standard control", "library control"),
    ("check, monitor, automated check", "test"),
    ("red, broken, failed, fail, failing, break, not passing", "failing"),
    (
        "false positive, ignore, snooze, mute, suppress, exception, skip, silence, exempt, accept risk, \
         will not fix",
        "deactivate",
    ),
    (
        "unsnooze, stop ignoring, unmute, no longer ignore, reenable, exception is over, end an \
         exception, again",
        "reactivate",
    ),
    (
        "switch off, switched off, turn off, turned off, disable, disabled, descope, retire, inactive, \
         not active",
        "deactivate|deactivated",
    ),
    (
        "turn back on, turn on, switch on, switch back on, enable, turn a control back on",
        "activate|add|reactivate",
    ),
    ("offending, fails, failing resource", "failing entity|item"),
    ("owns, own, accountable, reassign, assign, unassign, delegate, belong, belongs", "owner"),
    ("give, hand over, hand to", "owner|share|set"),
    ("standard, certification, regulation, compliance, certified", "framework"),
    ("clause, criteria, cc6, cc7, cc8", "requirement|framework"),
    ("soc2, iso27001, hipaa, gdpr, pci, pcidss, nist, iso", "framework"),
    ("readiness, ready, how far, percent, percentage", "progress|status|complete"),
    ("instructions, repair, how to fix, how do i fix", "fix|remediation"),
    // Vulnerabilities.
    ("cve, vuln, weakness, log4j, log4shell, exploit, unpatched, hole, flaw", "vulnerability"),
    ("patch, patched, patching", "remediation|remediate"),
    (
        "overdue, late, past due, behind, sla, missed deadline, out of sla, deadline, due",
        "overdue|sla|due|deadline",
    ),
    ("host, repo, container, scanned, unscanned, image, vm, virtual machine", "asset vulnerable"),
    ("scanner, scan", "vulnerability|scanner"),
    ("sca, dependency, library, libraries, dependencies", "package"),
    ("sast, static, codeql, semgrep, insecure code", "code vulnerability"),
    ("dast, pentest of endpoints, endpoint pentest, web scan", "api vulnerability"),
    // Issues and risks.
    (
        "nonconformity, nonconformities, capa, poam, corrective action, gap, deficiency, exception \
         raised, deviation, observation, audit finding",
        "issue",
    ),
    ("threat", "risk"),
    ("risks", "risk scenario"),
    ("risk register", "risk scenario|register"),
    ("board, management, ciso", "approval|approver"),
    ("sign off, green light, say yes, ok", "approve|approval|accept"),
    ("let in, letting in, grant access, give access, say yes to", "approve access"),
    ("turn down, refuse, decline, say no, reject", "deny|reject"),
    ("recall, pull back, withdraw", "cancel|delete"),
    ("treatment plan, mitigates, mitigate, treat", "treatment|control risk"),
    // Integrations.
    ("connection, connected, hook up, hooked up, connect, syncing", "integration"),
    (
        "bucket, database, asset, inventory, s3, repository, ec2, rds, instance, cloud resource",
        "resource integration",
    ),
    ("active directory, azure ad, entra, sso, directory, google group, okta group", "idp|identity group"),
    (
        "audit trail, audit log, who changed, who deleted, somebody, activity history, siem, api token",
        "event|activity log|history",
    ),
    ("history, timeline, past, previous", "history|activity|log"),
    // Customers and questionnaires.
    (
        "rfp, rfi, sig, caiq, security questionnaire, ddq, due diligence form, security form, security \
         assessment from, buyer form",
        "questionnaire",
    ),
    ("buyer, prospect, client company, lead, outsider", "customer|viewer|prospect"),
    ("company, crm", "customer account|organization"),
    ("msa, dpa, baa, agreement, order form, signed terms", "contract"),
    (
        "canned, standard answer, saved answer, stock answer, approved answer, standard reply, canned \
         response, what do we say, what do we tell, how do we answer",
        "answer library",
    ),
    ("q a, qa", "answer|faq|question"),
    (
        "rtbf, dsar, erasure, right to be forgotten, personal data, personal information removed",
        "deletion data request",
    ),
    (
        "collateral, whitepaper, pentest, soc 2 report, iso certificate, audit report",
        "resource|knowledge|report",
    ),
    ("report, file", "resource|knowledge|document"),
    ("excel, spreadsheet, csv", "file|export"),
    ("onetrust, online form, web portal, procurement portal", "website"),
    ("fill in, fill out, respond, autofill", "answer|questionnaire"),
    ("expert, engineer, route", "owner|assign"),
    // Trust Center.
    (
        "portal, trust page, security page, public page, trust site, trust portal, trust centre, \
         security portal",
        "trust center",
    ),
    ("public, publicly, visitor, publish, published, visible, unpublish, advertise", "trust center|public"),
    ("nda", "viewer|nda"),
    ("invite, invitation", "viewer|invite|reminder"),
    ("nudge, remind, resend, chase", "reminder"),
    (
        "share with, shared with, share our, share a, stop sharing, cut off, outsiders, who can see",
        "viewer|access",
    ),
    (
        "mailing list, email list, newsletter, recipient, follower, subscription, subscribe, opt out, \
         sign up, signed up, opt, emails from us",
        "subscriber",
    ),
    ("audience, segment, mailing lists", "subscriber group"),
    (
        "announcement, announce, news, post, bulletin, notice, advisory, incident, outage, breach, \
         notification",
        "update",
    ),
    (
        "email customers, tell customers, notify customers, inform customers, email every customer, \
         notify, blast, inform",
        "send|mail|update update",
    ),
    ("heading, section, topic, subsection", "category"),
    ("sort, rearrange, move to the top, rank, reorder, to the top, first", "reorder"),
    ("recategorize, regroup, another heading, another section, another category", "move|category"),
    ("badge, seal, emblem, logo", "badge|framework"),
    ("youtube, vimeo, clip, webinar, recording", "video"),
    ("tab icon, browser icon, site icon, in the tab, browser tab", "favicon"),
    (
        "data processor, process data, processes data, process customer data, hosts data, disclose, \
         disclosed",
        "subprocessor",
    ),
    ("pii, personal information, privacy disclosure, we store, we collect", "data collected"),
    ("ai assistant, assistant, chat, transcript, bot", "chatbot conversation|message"),
    ("label, retag, untag, unlabel", "tag"),
    ("common question, frequent question, frequently asked", "faq"),
    ("downloaded, viewed, analytics, looked at", "activity"),
    ("who wants, waiting, pending, asking for, asked to see, asked for, want to see", "request access"),
    ("trust page settings, offline, branding, rebrand, colors, live", "settings"),
    // Audits.
    ("client, auditee, engagement, audit firm, fieldwork", "audit"),
    ("pbc, irl", "information request"),
    ("population, sample, sampling", "audit"),
    (
        "pull request, pr, merge request, merged, commit, release, deployment, deploy, change management",
        "code change",
    ),
    ("assessor, audit staff", "auditor"),
    ("workpaper", "audit evidence"),
    ("send back, push back, insufficient, return, rework, not good enough", "flag|reject|evidence"),
    ("note, remark, message, discussion, thread, follow up, feedback, conversation", "comment"),
    ("roll forward, clone, next year, reuse, copy last year", "duplicate"),
    ("conclusion, effective, test of design, nonconformity on a control", "assessment"),
    // Connectors.
    ("push, pushed, ingest, sync, feed", "sync connector"),
    ("report to vanta, send to vanta, get into vanta, told vanta", "sync connector"),
    ("our connector, our app, my integration, custom app, private app, private connector", "connector"),
    ("to do, todo, ticket, backlog, jira issue", "task"),
    ("api key, token, credential, password vault, vault, key rotation", "secret"),
    ("version, point in time, versions", "snapshot"),
    ("permission, entitlement, access rights", "access|account"),
    ("certificate, cert", "certificate|secret|framework"),
    // Web hosting.
    ("cpanel, whm, website, webspace, web hosting, web space", "hosting panel"),
    ("domain, site", "hosting|domain"),
    ("package, upgrade, downgrade, bandwidth, disk space, more space", "plan"),
    ("take offline, block, did not pay, has not paid, unpaid, freeze, lock, pause", "suspend"),
    ("bring back, back online, paid again, paid", "unsuspend|reactivate"),
    // Verbs.
    (
        "delete, remove, drop, get rid, erase, purge, throw away, take down, discard, clean up, forget, \
         take back, retract",
        "delete|remove",
    ),
    ("unlink, detach, unmap, disconnect, take out", "remove"),
    ("link, map, attach, associate", "add"),
    ("add, new, create, register, log, record, set up, write down, put up", "create|add"),
    ("show, display", "list"),
    (
        "edit, change, correct, rename, reword, amend, modify, adjust, new title, new name, hide, \
         mistake, typo",
        "update|edit|rename",
    ),
    ("replace, swap, newer version, new version", "replace"),
    ("hand in, handed in, submitted", "submit|upload|evidence"),
    ("renew, still accurate, still up to date, still valid, periodic review", "verify"),
    ("finish, done, close, close out, wrap up", "complete|close"),
];

/// A row's saying, in stems.
struct Saying {
    stems: Vec<String>,
    meaning: Meaning,
}

/// What belongs together; of each the stems of which either will do.
type Meaning = Vec<Vec<String>>;

/// The table, by the first stem of each saying.
pub struct Synonyms {
    sayings: HashMap<String, Vec<Saying>>,
}

impl Synonyms {
    /// The table, and the words in it.
    pub fn new(splitter: &Splitter) -> (Self, Vec<Word>) {
        let mut sayings: HashMap<String, Vec<Saying>> = HashMap::new();
        let mut words = Vec::new();
        for (said, meant) in TABLE {
            let stems = |text: &str| split(text).iter().map(|word| splitter.stem(word)).collect::<Vec<_>>();
            let meaning: Meaning = meant.split(' ').map(stems).collect();
            for saying in said.split(", ") {
                let said = splitter.words(saying);
                let stems: Vec<String> = said.iter().map(|word| word.stem.clone()).collect();
                if let Some(first) = stems.first() {
                    let saying = Saying { stems: stems.clone(), meaning: meaning.clone() };
                    sayings.entry(first.clone()).or_default().push(saying);
                }
                words.extend(said.into_iter().filter(|word| !is_stop(&word.said)));
            }
        }
        for sayings in sayings.values_mut() {
            // The longest is tried first.
            sayings.sort_by_key(|saying| std::cmp::Reverse(saying.stems.len()));
        }
        (Self { sayings }, words)
    }

    /// Whether a saying begins with a stem.
    pub fn begins(&self, stem: &str) -> bool {
        self.sayings.contains_key(stem)
    }

    /// The longest saying here: how many words it takes (one where there is none), and what it means.
    pub fn at(&self, first: &Spelt, after: &[Spelt]) -> (usize, &[Vec<String>]) {
        let stems = std::iter::once(&first.word.stem).chain(first.stems.iter().map(|one| &one.stem));
        for saying in stems.filter_map(|stem| self.sayings.get(stem)).flatten() {
            let rest = saying.stems.get(1..).unwrap_or_default();
            let said =
                rest.len() <= after.len() && rest.iter().zip(after).all(|(stem, word)| word.may_be(stem));
            if said {
                return (saying.stems.len(), &saying.meaning);
            }
        }
        (1, &[])
    }

    /// What a meaning counts, by how many words say it and how sure the word is.
    pub fn weight(length: usize, sure: f32) -> f32 {
        if length == 1 { sure * SINGLE } else { SEVERAL }
    }

    /// The sayings of the table, as they are written.
    #[cfg(test)]
    pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        TABLE.iter().flat_map(|(said, meant)| said.split(", ").map(|saying| (saying, *meant)))
    }
}
