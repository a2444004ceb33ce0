//! Computers and people as they are listed, and how they are shown.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::jobs::columns::short;
use crate::jobs::days::{between, day, shown};

/// After so many days without a check a computer is silent, as Vanta's own filter has it.
const SILENT_DAYS: i32 = 14;

/// How long a name is shown.
const LONGEST: usize = 30;

/// How long an email address is shown: cut, it is of no use.
const ADDRESS: usize = 64;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Computer {
    serial_number: Option<String>,
    udid: Option<String>,
    last_check_date: Option<String>,
    #[serde(default)]
    pub(super) disk_encryption: ComputerCheck,
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
pub(super) struct ComputerCheck {
    outcome: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ComputerSystem {
    r#type: Option<String>,
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ComputerOwner {
    display_name: Option<String>,
    email_address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Installer {
    #[serde(default)]
    name: InstallerName,
    email_address: Option<String>,
    #[serde(default)]
    tasks_summary: InstallerTasks,
}

#[derive(Deserialize, Default)]
pub(super) struct InstallerName {
    display: Option<String>,
}

#[derive(Deserialize, Default)]
pub(super) struct InstallerTasks {
    #[serde(default)]
    details: InstallerDetails,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstallerDetails {
    install_device_monitoring: Option<InstallTask>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstallTask {
    status: Option<String>,
    due_date: Option<String>,
}

/// What is known of a disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
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
    pub(super) fn encryption(&self) -> Encryption {
        match self.disk_encryption.outcome.as_deref() {
            Some("PASS") => Encryption::On,
            Some("FAIL") => Encryption::Off,
            Some("NA") => Encryption::NotApplicable,
            // IN_PROGRESS: the computer has not sent what the check needs.
            _ => Encryption::Unknown,
        }
    }

    pub(super) fn last_check(&self) -> Option<Date> {
        self.last_check_date.as_deref().and_then(day)
    }

    pub(super) fn is_silent(&self, today: Date) -> bool {
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

    pub(super) fn row(&self) -> Vec<Value> {
        vec![self.serial(), self.owner_name(), json!(self.last_check().map(|day| day.to_string()))]
    }

    pub(super) fn failing_row(&self) -> Vec<Value> {
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

    pub(super) fn silent_row(&self) -> Vec<Value> {
        let mut row = self.row();
        row.push(json!(self.encryption().said()));
        row
    }
}

/// Those whose own task to install the agent is open: the filter alone is not trusted.
pub(super) fn without_agent(people: Vec<Installer>) -> Vec<Vec<Value>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_whose_own_task_is_not_open_is_left_out_whatever_the_filter_let_through() {
        let person = |status: &str, due: Value| {
            let task = json!({"status": status, "dueDate": due});
            json!({"name": {"display": status}, "tasksSummary": {"details": {"installDeviceMonitoring": task}}})
        };
        let people = json!([
            person("COMPLETE", Value::Null), person("DUE_SOON", Value::Null), person("NONE", Value::Null),
            person("OVERDUE", json!("2026-11-01T00:00:00Z")), {"name": {"display": "no tasks"}},
        ]);
        let rows = without_agent(serde_json::from_value(people).unwrap());
        let names: Vec<&Value> = rows.iter().map(|row| &row[0]).collect();
        assert_eq!(names, ["OVERDUE", "DUE_SOON"], "the earliest due first");
    }
}
