//! The job `unencrypted_computers`: whose disk is not encrypted, and of which computers nobody knows.

use std::cmp::Reverse;

use futures::future::try_join;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::columns::{InColumns, short};
use super::days::{between, day, shown};
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::typed::{schema_of, typed};
use crate::answer::Answer;
use crate::call::CallError;

pub(super) static UNENCRYPTED_COMPUTERS: Job = Job {
    name: "unencrypted_computers",
    title: "Computers without disk encryption",
    about: "Count and list the computers whose disk is not encrypted, those whose encryption is unknown, those silent for \
            over 14 days, and the people who still have to install the agent. Leaves out computers of partner and custom \
            integrations. For all checks of all computers use list_monitored_computers.",
    asks: &[
        "which laptops are not encrypted",
        "unencrypted computers",
        "who has no disk encryption",
        "is every laptop encrypted",
        "laptops without FileVault or BitLocker",
        "are all our disks encrypted",
        "devices with encryption off",
        "whose hard drive is unprotected",
        "computers that have not reported for two weeks",
        "who has not installed the Vanta agent yet",
        "employees without device monitoring",
        "machines where encryption is unknown",
        "stolen laptop risk, who is not encrypted",
        "disk encryption status of the fleet",
        "list the macbooks that fail encryption with their owners",
        "how many endpoints lack encryption",
        "silent devices and people without agent",
        "workstation encryption gaps",
    ],
    toolset: "people",
    usual: true,
    uses: &["list_monitored_computers"],
    also: &["list_people"],
    input: schema_of::<WantedComputers>,
    output: schema_of::<UnencryptedComputers>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedComputers { fresh } = typed(desk.job(), arguments)?;
            run(desk.fresh(fresh)).await.map(|computers| Answer::done(&computers))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedComputers {
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// The computers without encryption.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UnencryptedComputers {
    /// How many computers report to Vanta.
    computers: usize,
    /// Computers whose disk failed the encryption check.
    not_encrypted: usize,
    /// Computers whose encryption is not known: data is missing.
    unknown: usize,
    /// Computers that encryption does not apply to.
    #[serde(skip_serializing_if = "is_zero")]
    not_applicable: usize,
    /// Computers last heard of over 14 days ago, or never: their result, passed or not, is old.
    silent_over14_days: usize,
    /// People with an open task to install the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    people_without_agent: Option<usize>,
    /// Those not encrypted, the longest silent last.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    failing: InColumns,
    /// Those of unknown encryption.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    undecided: InColumns,
    /// Those silent, the longest silent first.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    silent: InColumns,
    /// People without the agent, the earliest due first.
    #[serde(skip_serializing_if = "Option::is_none")]
    without_agent: Option<InColumns>,
    /// What was not looked at.
    not_looked_at: Vec<String>,
    /// What the API does not say.
    cannot_know: &'static [&'static str],
}

const CANNOT_KNOW: &[&str] =
    &["computers that nothing reports", "people without an agent who were never given the task"];

/// After so many days without a check a computer is silent, as Vanta's own filter has it.
const SILENT_DAYS: i32 = 14;

/// How many of each are shown.
const FAILING: usize = 10;
const UNDECIDED: usize = 5;
const SILENT: usize = 5;
const PEOPLE: usize = 5;

/// How long a name is shown.
const LONGEST: usize = 30;

/// How long an email address is shown: cut, it is of no use.
const ADDRESS: usize = 64;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Computer {
    serial_number: Option<String>,
    udid: Option<String>,
    last_check_date: Option<String>,
    #[serde(default)]
    disk_encryption: ComputerCheck,
    #[serde(default)]
    screenlock: ComputerCheck,
    #[serde(default)]
    password_manager: ComputerCheck,
    #[serde(default)]
    antivirus_installation: ComputerCheck,
    operating_system: Option<ComputerSystem>,
    owner: Option<ComputerOwner>,
}

#[derive(Deserialize, Default)]
struct ComputerCheck {
    outcome: Option<String>,
}

#[derive(Deserialize)]
struct ComputerSystem {
    r#type: Option<String>,
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ComputerOwner {
    display_name: Option<String>,
    email_address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Installer {
    #[serde(default)]
    name: InstallerName,
    email_address: Option<String>,
    #[serde(default)]
    tasks_summary: InstallerTasks,
}

#[derive(Deserialize, Default)]
struct InstallerName {
    display: Option<String>,
}

#[derive(Deserialize, Default)]
struct InstallerTasks {
    #[serde(default)]
    details: InstallerDetails,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct InstallerDetails {
    install_device_monitoring: Option<InstallTask>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InstallTask {
    status: Option<String>,
    due_date: Option<String>,
}

async fn run(desk: Desk<'_>) -> Result<UnencryptedComputers, CallError> {
    let gaps = Gaps::default();
    gaps.name("computers of partner and custom integrations: Vanta's list leaves them out");
    let open = json!({
        "taskTypeMatchesAny": ["INSTALL_DEVICE_MONITORING"],
        "taskStatusMatchesAny": ["OVERDUE", "DUE_SOON"],
    });
    // The filter for those not encrypted would hide the unknown ones, and those that are silent.
    let computers = desk.list::<Computer>("list_monitored_computers", json!({}));
    let people = desk.also::<Installer>("people without the agent", "list_people", open, &gaps);
    let (computers, people) = try_join(computers, people).await?;
    let computers = gaps.rows("computers", computers);
    let people = people.map(|people| gaps.rows("people without the agent", people));
    Ok(answer(&computers, people, desk.today(), gaps))
}

fn answer(
    computers: &[Computer],
    people: Option<Vec<Installer>>,
    today: Date,
    gaps: Gaps,
) -> UnencryptedComputers {
    let of = |wanted: Encryption| -> Vec<&Computer> {
        let mut found: Vec<_> = computers.iter().filter(|computer| computer.encryption() == wanted).collect();
        found.sort_by_key(|computer| Reverse(computer.last_check()));
        found
    };
    let (failing, undecided) = (of(Encryption::Off), of(Encryption::Unknown));
    let mut silent: Vec<_> = computers.iter().filter(|computer| computer.is_silent(today)).collect();
    silent.sort_by_key(|computer| computer.last_check());
    let people = people.map(without_agent);
    let rows =
        |found: &[&Computer], row: fn(&Computer) -> Vec<Value>| found.iter().map(|one| row(one)).collect();
    UnencryptedComputers {
        computers: computers.len(),
        not_encrypted: failing.len(),
        unknown: undecided.len(),
        not_applicable: of(Encryption::NotApplicable).len(),
        silent_over14_days: silent.len(),
        people_without_agent: people.as_ref().map(Vec::len),
        failing: InColumns::first(
            &["serial", "owner", "os", "lastCheck", "alsoFails"],
            FAILING,
            rows(&failing, Computer::failing_row),
        ),
        undecided: InColumns::first(
            &["serial", "owner", "lastCheck"],
            UNDECIDED,
            rows(&undecided, Computer::row),
        ),
        silent: InColumns::first(
            &["serial", "owner", "lastCheck", "encryption"],
            SILENT,
            rows(&silent, Computer::silent_row),
        ),
        without_agent: people
            .filter(|people| !people.is_empty())
            .map(|people| InColumns::first(&["name", "email", "due", "status"], PEOPLE, people)),
        not_looked_at: gaps.told(),
        cannot_know: CANNOT_KNOW,
    }
}

/// What is known of a disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encryption {
    On,
    Off,
    NotApplicable,
    Unknown,
}

impl Encryption {
    fn said(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::NotApplicable => "not applicable",
            Self::Unknown => "unknown",
        }
    }
}

impl Computer {
    fn encryption(&self) -> Encryption {
        match self.disk_encryption.outcome.as_deref() {
            Some("PASS") => Encryption::On,
            Some("FAIL") => Encryption::Off,
            Some("NA") => Encryption::NotApplicable,
            // IN_PROGRESS: the computer has not sent what the check needs.
            _ => Encryption::Unknown,
        }
    }

    fn last_check(&self) -> Option<Date> {
        self.last_check_date.as_deref().and_then(day)
    }

    fn is_silent(&self, today: Date) -> bool {
        self.last_check().is_none_or(|last| between(last, today) > SILENT_DAYS)
    }

    /// The serial number, or what else tells it from others.
    fn serial(&self) -> Value {
        json!(self.serial_number.as_deref().or(self.udid.as_deref()).map(|text| short(text, LONGEST)))
    }

    fn owner_name(&self) -> Value {
        let owner = self.owner.as_ref();
        let name = owner.and_then(|owner| owner.display_name.as_deref().or(owner.email_address.as_deref()));
        json!(name.map(|name| short(name, LONGEST)))
    }

    fn system(&self) -> Value {
        let Some(ComputerSystem { r#type, version }) = &self.operating_system else { return Value::Null };
        let words: Vec<&str> = [r#type, version].into_iter().flatten().map(String::as_str).collect();
        json!(short(&words.join(" "), LONGEST))
    }

    fn row(&self) -> Vec<Value> {
        vec![self.serial(), self.owner_name(), json!(self.last_check().map(|day| day.to_string()))]
    }

    fn failing_row(&self) -> Vec<Value> {
        let others = [
            ("screen lock", &self.screenlock),
            ("password manager", &self.password_manager),
            ("antivirus", &self.antivirus_installation),
        ];
        let fails = others.iter().filter(|(_, check)| check.outcome.as_deref() == Some("FAIL"));
        let fails: Vec<&str> = fails.map(|(name, _)| *name).collect();
        let mut row = self.row();
        row.insert(2, self.system());
        row.push(json!(fails.join(", ")));
        row
    }

    fn silent_row(&self) -> Vec<Value> {
        let mut row = self.row();
        row.push(json!(self.encryption().said()));
        row
    }
}

/// Those whose own task to install the agent is open: the filter alone is not trusted.
fn without_agent(people: Vec<Installer>) -> Vec<Vec<Value>> {
    let open = people.into_iter().filter_map(|person| {
        let task = person.tasks_summary.details.install_device_monitoring?;
        let status = task.status.filter(|status| matches!(status.as_str(), "OVERDUE" | "DUE_SOON"))?;
        let text = |text: Option<String>, most| json!(text.map(|text| short(&text, most)));
        let due = shown(task.due_date.as_deref());
        Some((
            due.clone(),
            vec![
                text(person.name.display, LONGEST),
                text(person.email_address, ADDRESS),
                json!(due),
                json!(status),
            ],
        ))
    });
    let mut open: Vec<_> = open.collect();
    open.sort_by(|(a, _), (b, _)| (a.is_none(), a).cmp(&(b.is_none(), b)));
    open.into_iter().map(|(_, row)| row).collect()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 28);

    fn computer(encryption: &str, last: Option<&str>) -> Computer {
        serde_json::from_value(json!({
            "serialNumber": "QHC0123456789AB", "udid": null, "lastCheckDate": last,
            "diskEncryption": {"outcome": encryption}, "screenlock": {"outcome": "FAIL"},
            "passwordManager": {"outcome": "FAIL"}, "antivirusInstallation": {"outcome": "FAIL"},
            "operatingSystem": {"type": "windows", "version": "10.0.22631.4460"},
            "owner": {"displayName": "Maximiliane von Hohenberg-Schwarzenfels the Younger", "emailAddress": "m@x.example"},
        }))
        .unwrap()
    }

    fn told(computers: &[Computer], people: Option<Vec<Installer>>) -> Value {
        json!(answer(computers, people, TODAY, Gaps::default()))
    }

    #[test]
    fn what_is_not_known_is_neither_encrypted_nor_not() {
        let outcomes = ["PASS", "FAIL", "NA", "IN_PROGRESS", "A_NEW_ONE"];
        let mut computers: Vec<Computer> =
            outcomes.iter().map(|outcome| computer(outcome, Some("2026-11-27T08:00:00Z"))).collect();
        computers.push(Computer { disk_encryption: ComputerCheck::default(), ..computer("PASS", None) });
        let answer = told(&computers, None);
        assert_eq!((&answer["computers"], &answer["notEncrypted"]), (&json!(6), &json!(1)));
        assert_eq!((&answer["unknown"], &answer["notApplicable"]), (&json!(3), &json!(1)));
        assert_eq!(answer["silentOver14Days"], 1, "one that never reported is silent");
        assert!(answer.get("peopleWithoutAgent").is_none(), "not looked at is not none: {answer}");
    }

    #[test]
    fn silence_begins_after_fourteen_days_and_hides_no_result() {
        let computers = [
            computer("PASS", Some("2026-11-14T00:00:00Z")),
            computer("PASS", Some("2026-11-13T23:00:00Z")),
            computer("FAIL", Some("2026-09-01T23:00:00Z")),
        ];
        let answer = told(&computers, None);
        assert_eq!((&answer["silentOver14Days"], &answer["notEncrypted"]), (&json!(2), &json!(1)));
        let last: Vec<&Value> =
            answer["silent"]["rows"].as_array().unwrap().iter().map(|row| &row[3]).collect();
        assert_eq!(last, ["off", "on"], "the longest silent first: {answer}");
    }

    #[test]
    fn the_answer_stays_short_however_many_there_are() {
        let old = Some("2026-09-01T23:00:00Z");
        let mut computers: Vec<Computer> = (0..500).map(|_| computer("FAIL", old)).collect();
        computers.extend((0..500).map(|_| computer("IN_PROGRESS", old)));
        let person = json!({
            "name": {"display": "Maximiliane von Hohenberg-Schwarzenfels the Younger"},
            "emailAddress": "maximiliane.von.hohenberg@quillmere.example",
            "tasksSummary": {"details": {"installDeviceMonitoring": {"status": "OVERDUE", "dueDate": "2026-11-01T00:00:00Z"}}},
        });
        let people = (0..200).map(|_| serde_json::from_value(person.clone()).unwrap()).collect();
        let answer = told(&computers, Some(people));
        assert_eq!((&answer["failing"]["of"], &answer["withoutAgent"]["of"]), (&json!(500), &json!(200)));
        let length = answer.to_string().len();
        assert!(length <= 3_200, "{length}");
    }
}
