//! The company's people, their groups, and their accounts in connected systems.

use serde_json::{Value, json};

use super::{Dossier, day, is_found, needs_controlled_view};
use crate::Company;
use crate::ask::{Ask, Reply};
use crate::audit::Answer;
use crate::audit::audits::Audit;
use crate::order::{Direction, ordered, property};
use crate::pages::page;
use crate::query::choice;
use crate::record::{at, text};

/// Employment as the company's list has it, and as this one does.
const EMPLOYMENTS: &[(&str, &str)] = &[
    ("CURRENT", "CURRENTLY_EMPLOYED"),
    ("INACTIVE", "INACTIVE_EMPLOYEE"),
    ("", "NOT_PEOPLE"),
    ("ON_LEAVE", "ON_LEAVE"),
    ("FORMER", "PREVIOUSLY_EMPLOYED"),
    ("UPCOMING", "UPCOMING_EMPLOYEE"),
];

/// Services with accounts; 422 unless the audit has one segment.
pub(super) fn services(audit: &Audit, company: &Company, ask: &Ask) -> Answer {
    audit.only_segment()?;
    Ok(page(
        ask,
        connections(company)
            .map(|(integration, connection)| service(company, integration, connection))
            .collect(),
    ))
}

/// Integration and connection of everything that accounts are read from.
fn connections(company: &Company) -> impl Iterator<Item = (&Value, &Value)> {
    let all = company.integrations.iter().flat_map(|integration| {
        let connections = integration.get("connections").and_then(Value::as_array);
        connections.into_iter().flatten().map(move |connection| (integration, connection))
    });
    all.filter(|(_, connection)| accounts_of(company, text(connection, "connectionId")).next().is_some())
}

fn accounts_of<'a>(company: &'a Company, connection: &'a str) -> impl Iterator<Item = &'a Value> {
    company.accounts.iter().filter(move |account| text(account, "connectionId") == connection)
}

fn service(company: &Company, integration: &Value, connection: &Value) -> Value {
    let id = text(connection, "connectionId");
    let name = text(integration, "displayName");
    // Only cloud accounts have a number of their own.
    let number = accounts_of(company, id).find_map(|account| account.get("awsAccountNumber")?.as_str());
    json!({
        "id": id,
        "credentialDisplayName": number.map_or_else(|| name.to_owned(), |number| format!("{name} {number}")),
        "service": text(integration, "integrationId"),
        "subAccountId": number,
    })
}

/// The accounts of one service; 422 unless the audit has one segment.
pub(super) fn accounts(audit: &Audit, company: &Company, service: &str, ask: &Ask) -> Answer {
    audit.only_segment()?;
    let status = choice(ask, "status", &["ACTIVE", "DEACTIVATED", "UNKNOWN"])?;
    let found = connections(company).find(|(_, connection)| text(connection, "connectionId") == service);
    let (_, connection) = found.ok_or_else(|| Reply::not_found("Account access service", service))?;
    let is_broken = connection.get("isDisabled").and_then(Value::as_bool) == Some(true);
    let rows = accounts_of(company, service).map(|account| row(company, account, is_broken));
    let wanted = |row: &Value| {
        status.is_none_or(|status| text(row, "status") == status)
            && is_found(ask, row, &["accountName", "owner"])
    };
    Ok(page(ask, rows.filter(wanted).collect()))
}

/// An account; its status is unknown where the connection is broken.
fn row(company: &Company, account: &Value, is_broken: bool) -> Value {
    let owner = company.people.iter().find(|person| text(person, "id") == text(account, "owner"));
    let is_deactivated = account.get("isDeactivated").and_then(Value::as_bool) == Some(true);
    let status = match (is_broken, is_deactivated) {
        (true, _) => "UNKNOWN",
        (_, true) => "DEACTIVATED",
        _ => "ACTIVE",
    };
    let left =
        owner.and_then(|owner| owner.pointer("/employment/endDate")).filter(|_| status == "DEACTIVATED");
    json!({
        "id": account.get("resourceId"),
        "accountName": account.get("displayName"),
        "owner": owner.and_then(|owner| owner.pointer("/name/display")),
        "role": account.get("roles"),
        "status": status,
        "mfa": account.get("isMfaEnabled"),
        "createdDate": account.get("creationDate"),
        "deactivatedDate": left,
    })
}

/// Groups with their members and tasks, by Controlled Audit View only.
pub(super) fn groups(audit: &Audit, company: &Company, ask: &Ask) -> Answer {
    needs_controlled_view(audit)?;
    let sources = ask.all("sourcesMatchesAny");
    let rows = company.groups.iter().map(|group| {
        let (name, everyone) = (text(group, "name"), text(group, "name") == "Everyone");
        let mut tasks = vec![json!({ "name": "Accept policies" })];
        if everyone {
            let more = ["Complete trainings", "Install device monitoring", "Complete background check"];
            tasks.extend(more.map(|name| json!({ "name": name })));
        }
        json!({
            "id": group.get("id"),
            "name": name,
            "members": group.get("personnelCount"),
            "source": group.get("source"),
            "tasks": tasks,
            "tasksLastUpdated": everyone.then(|| group.get("creationDate")),
            "pointOfContact": group.pointer("/pointOfContact/displayName"),
        })
    });
    let named =
        |group: &Value| sources.iter().any(|source| source.eq_ignore_ascii_case(text(group, "source")));
    let wanted = |row: &Value| (sources.is_empty() || named(row)) && is_found(ask, row, &["name"]);
    let kept: Vec<Value> = rows.filter(wanted).collect();
    let keys = ["name", "members", "source", "tasksLastUpdated", "pointOfContact"];
    Ok(page(ask, ordered(ask, kept, &keys, (Some("name"), Direction::Ascending), property)?))
}

/// People with their tasks, by Controlled Audit View only.
pub(super) fn people(audit: &Audit, dossier: &Dossier, ask: &Ask) -> Answer {
    needs_controlled_view(audit)?;
    let statuses: Vec<&str> = EMPLOYMENTS.iter().map(|(_, status)| *status).collect();
    let status = choice(ask, "status", &statuses)?;
    let groups = ask.all("groupsMatchesAny");
    let belongs = |person: &Value| {
        let mine = person.get("groupIds").and_then(Value::as_array);
        mine.into_iter().flatten().filter_map(Value::as_str).any(|group| groups.contains(&group))
    };
    let members = dossier.company.people.iter().filter(|person| groups.is_empty() || belongs(person));
    let rows = members.map(|person| shown(dossier, person));
    let wanted = |row: &Value| {
        status.is_none_or(|status| text(row, "employmentStatus") == status)
            && is_found(ask, row, &["name", "email"])
    };
    let kept: Vec<Value> = rows.filter(wanted).collect();
    let keys = ["name", "employmentStatus"];
    Ok(page(ask, ordered(ask, kept, &keys, (Some("name"), Direction::Ascending), property)?))
}

fn shown(dossier: &Dossier, person: &Value) -> Value {
    let employment = at(person, "/employment/status");
    let status = EMPLOYMENTS.iter().find(|(own, _)| *own == employment).map(|(_, status)| *status);
    let mine = person.get("groupIds").and_then(Value::as_array);
    let groups = dossier.company.groups.iter().filter(|group| {
        mine.is_some_and(|mine| mine.iter().any(|id| id.as_str() == Some(text(group, "id"))))
    });
    let groups: Vec<Value> = groups.map(|group| json!({ "name": group.get("name") })).collect();
    let late = matches!(at(person, "/tasksSummary/status"), "OVERDUE" | "DUE_SOON");
    let reminded = dossier.opened.plus_days(-2).to_string();
    let detail = |name: &str| task(person.pointer(&format!("/tasksSummary/details/{name}")));
    json!({
        "id": person.get("id"),
        "name": person.pointer("/name/display"),
        "email": person.get("emailAddress"),
        "jobTitle": person.pointer("/employment/jobTitle"),
        "employmentStatus": status,
        "startDate": day(at(person, "/employment/startDate")),
        "endDate": day(at(person, "/employment/endDate")),
        "groups": groups,
        "source": { "mainSource": "Rippling", "supplementarySource": "Google Workspace" },
        "taskStatus": overall(person),
        "lastReminded": day(&reminded).filter(|_| late),
        "policies": detail("acceptPolicies"),
        "trainings": detail("completeTrainings"),
        "backgroundChecks": detail("completeBackgroundChecks"),
        "deviceMonitoring": detail("installDeviceMonitoring"),
        "customOnboarding": detail("completeCustomTasks"),
        "customOffboarding": detail("completeOffboardingCustomTasks"),
    })
}

/// The state of all tasks of a person, with how many are in which.
fn overall(person: &Value) -> Option<Value> {
    let summary = person.get("tasksSummary")?;
    let status = match text(summary, "status") {
        "PAUSED" => "PAUSED",
        leaving if leaving.starts_with("OFFBOARDING_") => leaving,
        other => state(other),
    };
    let details = summary.get("details").and_then(Value::as_object);
    let count = |wanted: &str| {
        details.map_or(0, |details| details.values().filter(|task| text(task, "status") == wanted).count())
    };
    Some(json!({
        "status": status,
        "dueDate": day(text(summary, "dueDate")),
        "completionDate": day(text(summary, "completionDate")),
        "numTasksCompleted": count("COMPLETE"),
        "numTasksOverdue": count("OVERDUE"),
        "numTasksDueSoon": count("DUE_SOON"),
    }))
}

fn task(task: Option<&Value>) -> Option<Value> {
    task.map(|task| {
        json!({
            "status": state(text(task, "status")),
            "dueDate": day(text(task, "dueDate")),
            "completionDate": day(text(task, "completionDate")),
        })
    })
}

fn state(task: &str) -> &'static str {
    match task {
        "COMPLETE" => "SECURITY_TASKS_COMPLETE",
        "DUE_SOON" => "SECURITY_TASKS_DUE_SOON",
        "OVERDUE" => "SECURITY_TASKS_OVERDUE",
        _ => "NO_SECURITY_TASKS",
    }
}
