//! The job `unencrypted_computers`: whose disk is not encrypted, and of which computers nobody knows.

mod rows;

use std::cmp::Reverse;

use futures::future::try_join;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::columns::InColumns;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::typed::{schema_of, typed};
use crate::answer::Answer;
use crate::call::CallError;
use rows::{Computer, Encryption, Installer, without_agent};

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
    output: super::typed::answer_schema_of::<UnencryptedComputers>,
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

/// How many of each are shown.
const FAILING: usize = 10;
const UNDECIDED: usize = 5;
const SILENT: usize = 5;
const PEOPLE: usize = 5;

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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::rows::ComputerCheck;
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
        let mut silent = computer("PASS", None);
        silent.disk_encryption = ComputerCheck::default();
        computers.push(silent);
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
