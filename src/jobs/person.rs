//! The person whom a job is about, by id, name or email address.

use serde::Deserialize;
use serde_json::json;

use super::days::shown;
use super::desk::Desk;
use super::pick::{NamedIn, pick};
use crate::call::{CallError, Candidate, NameMeaning, meaning};

/// A person as they are listed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedPerson {
    /// The person's id.
    pub id: String,
    /// The email address.
    #[serde(default)]
    pub email_address: String,
    #[serde(default)]
    name: PersonName,
    #[serde(default)]
    employment: Employment,
    /// How their security tasks stand.
    #[serde(default)]
    pub tasks_summary: PersonTasks,
}

#[derive(Debug, Default, Deserialize)]
struct PersonName {
    display: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Employment {
    status: Option<String>,
    end_date: Option<String>,
}

/// How a person's security tasks stand.
#[derive(Debug, Default, Deserialize)]
pub struct PersonTasks {
    /// All of them taken together.
    pub status: Option<String>,
    /// One by one.
    #[serde(default)]
    pub details: PersonTaskDetails,
}

/// A person's tasks, one by one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonTaskDetails {
    /// What the company asks to be done when somebody leaves.
    pub complete_offboarding_custom_tasks: Option<LeavingTask>,
}

/// What the company asks to be done when somebody leaves.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeavingTask {
    /// `COMPLETE`, `DUE_SOON`, `OVERDUE`, or `NONE`: not assigned.
    pub status: Option<String>,
    /// Where the task is switched off: since when, and why.
    pub disabled: Option<serde::de::IgnoredAny>,
    /// What is still to be done.
    #[serde(default, rename = "incompleteCustomOffboardingTasks")]
    pub incomplete: Vec<LeavingStep>,
}

/// One thing that is to be done when somebody leaves.
#[derive(Debug, Deserialize)]
pub struct LeavingStep {
    /// What it is.
    pub name: String,
}

impl ListedPerson {
    /// What people call them.
    #[must_use]
    pub fn called(&self) -> &str {
        self.name.display.as_deref().unwrap_or(&self.email_address)
    }

    /// Whether they have left.
    #[must_use]
    pub fn has_left(&self) -> bool {
        self.employment.status.as_deref() == Some("FORMER")
    }

    /// How they stand with the company, as an answer shows it: `FORMER since 2026-11-14`.
    #[must_use]
    pub fn standing(&self) -> String {
        let status = self.employment.status.as_deref().unwrap_or("(not said)");
        match shown(self.employment.end_date.as_deref()) {
            Some(end) if self.has_left() => format!("{status} since {end}"),
            Some(end) => format!("{status} until {end}"),
            None => status.to_owned(),
        }
    }

    fn candidate(&self) -> Candidate {
        let names = [("name", self.name.display.as_deref()), ("emailAddress", Some(&*self.email_address))];
        let names = names
            .into_iter()
            .filter_map(|(field, name)| Some((field, name.filter(|name| !name.is_empty())?)));
        Candidate::new(("id", &self.id), names)
    }
}

/// The person who is meant: one request, or a look through everyone where that brings nobody.
///
/// # Errors
/// As of any call; nobody is meant, or any of several.
pub async fn person(desk: &Desk<'_>, argument: &'static str, asked: &str) -> Result<ListedPerson, CallError> {
    let place = NamedIn { job: desk.job(), argument, list: "list_people" };
    if is_like_an_id(asked) {
        match desk.one::<ListedPerson>("get_person", json!({ "personId": asked.trim() })).await {
            Ok(person) => return Ok(person),
            Err(CallError::Cancelled) => return Err(CallError::Cancelled),
            // No such person, perhaps: then it may be a name.
            Err(_) => {}
        }
    } else {
        let filter = json!({ "emailAndNameFilter": longest_word(asked) });
        let found = desk.list::<ListedPerson>("list_people", filter).await?.rows;
        let candidates: Vec<Candidate> = found.iter().map(ListedPerson::candidate).collect();
        if !matches!(meaning(asked, &candidates), NameMeaning::Nobody(_)) {
            return taken(place, asked, found);
        }
    }
    let everyone = desk.list::<ListedPerson>("list_people", json!({})).await?.rows;
    taken(place, asked, everyone)
}

fn taken(place: NamedIn, asked: &str, among: Vec<ListedPerson>) -> Result<ListedPerson, CallError> {
    let id = pick(place, asked, &among, ListedPerson::candidate)?.id.clone();
    let found = among.into_iter().find(|person| person.id == id);
    // It was picked from these.
    found.ok_or(CallError::Cancelled)
}

/// Whether a text can only be an id: names have no digits, and addresses have an @.
fn is_like_an_id(asked: &str) -> bool {
    let asked = asked.trim();
    asked.len() >= 8
        && asked.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && asked.contains(|c: char| c.is_ascii_digit())
}

/// What the list's own filter is asked for: it looks into first names, last names and addresses, each alone.
fn longest_word(asked: &str) -> &str {
    asked.split_whitespace().max_by_key(|word| word.chars().count()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_told_from_a_name() {
        for id in ["65fc81a3359c8508e7a40c1b", " 65fc81a3359c8508 ", "user-12345"] {
            assert!(is_like_an_id(id), "{id}");
        }
        for name in ["Maya", "maya okafor", "maya@x.example", "m.okafor2@x.example", "Zoë Ångström", "Jo2"]
        {
            assert!(!is_like_an_id(name), "{name}");
        }
        assert_eq!(longest_word(" Maya  Okafor "), "Okafor");
        assert_eq!(longest_word("maya@x.example"), "maya@x.example");
    }
}
