//! Users of Vanta, for the names of owners.

use serde::Deserialize;
use serde_json::{Value, json};

use super::columns::short;
use super::desk::Desk;
use super::gaps::Gaps;
use super::known_names::{IndexAge, known_things};
use crate::call::CallError;
use crate::index::{KeptThing, ThingKind};
use crate::state::Moment;

/// Somebody who can sign in to Vanta, or could.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedUser {
    /// The id by which owners are stored.
    pub id: String,
    /// The email address, by which the person is found.
    pub email: Option<String>,
    /// The name.
    pub display_name: Option<String>,
    /// Whether the login works.
    pub is_active: Option<bool>,
}

/// The users, as far as they could be read.
#[derive(Debug)]
pub struct ReadUsers {
    users: Option<Vec<ListedUser>>,
    /// When they were read, where they are from the index.
    kept: Option<Moment>,
}

impl From<&KeptThing> for ListedUser {
    fn from(user: &KeptThing) -> Self {
        let name = |place: usize| user.names.get(place).filter(|name| !name.is_empty()).cloned();
        Self {
            id: user.id.clone(),
            display_name: name(0),
            email: name(1),
            is_active: Some(!user.is_inactive()),
        }
    }
}

/// How long a name is shown.
const LONGEST: usize = 30;

impl ReadUsers {
    /// Reads them; that this failed is named, `what` in a few words.
    ///
    /// # Errors
    /// The call was cancelled.
    pub async fn of(desk: &Desk<'_>, what: &str, gaps: &Gaps) -> Result<Self, CallError> {
        let users = desk.also::<ListedUser>(what, "list_users", json!({}), gaps).await?;
        Ok(Self { users: users.map(|users| gaps.rows(what, users)), kept: None })
    }

    /// The same for names alone, from the index where it has them; [`ReadUsers::covering`] says whether they are enough.
    ///
    /// # Errors
    /// The call was cancelled.
    pub async fn known_or_read(desk: &Desk<'_>, what: &str, gaps: &Gaps) -> Result<Self, CallError> {
        match known_things(desk, ThingKind::User).await {
            Some(known) => {
                let users = known.things.iter().map(ListedUser::from).collect();
                Ok(Self { users: Some(users), kept: Some(known.at) })
            }
            None => Self::of(desk, what, gaps).await,
        }
    }

    /// Those who have these ids: who is not known by the index as an active user is looked at now, as that may have changed.
    ///
    /// # Errors
    /// The call was cancelled.
    pub async fn covering(
        self,
        desk: &Desk<'_>,
        ids: &[&str],
        (what, gaps): (&str, &Gaps),
        age: &IndexAge,
    ) -> Result<Self, CallError> {
        let Some(at) = self.kept else { return Ok(self) };
        let users = self.users.as_deref().unwrap_or_default();
        let is_active = |id: &str| users.iter().any(|user| user.id == id && user.is_active != Some(false));
        if !ids.iter().copied().all(is_active) {
            return Self::of(desk, what, gaps).await;
        }
        if !ids.is_empty() {
            age.rests_on(at);
        }
        Ok(self)
    }

    /// These.
    #[cfg(test)]
    pub fn known(users: Vec<ListedUser>) -> Self {
        Self { users: Some(users), kept: None }
    }

    /// Who has this id, as an answer shows them: an owner that is not known is not the same as none.
    #[must_use]
    pub fn shown(&self, id: Option<&str>) -> Value {
        let Some(id) = id else { return Value::Null };
        let Some(users) = &self.users else { return json!("(name not read)") };
        let Some(user) = users.iter().find(|user| user.id == id) else {
            // The list holds active users alone.
            return json!("(not an active user)");
        };
        let name = user.display_name.as_deref().or(user.email.as_deref()).unwrap_or("(no name)");
        let name = short(name, LONGEST);
        json!(if user.is_active == Some(false) { format!("{name} (inactive)") } else { name })
    }

    /// The one whose id, email address or whole name this is.
    #[must_use]
    pub fn only(&self, asked: &str) -> Option<&ListedUser> {
        let asked = asked.trim();
        let is_it = |user: &&ListedUser| {
            let names = [Some(user.id.as_str()), user.email.as_deref(), user.display_name.as_deref()];
            names.into_iter().flatten().any(|name| name.trim().eq_ignore_ascii_case(asked))
        };
        let mut found = self.users.as_deref().unwrap_or_default().iter().filter(is_it);
        found.next().filter(|_| found.next().is_none())
    }

    /// All with this email address; `None` where the users could not be read.
    pub fn with_email(&self, email: &str) -> Option<Vec<&ListedUser>> {
        let email = email.trim();
        let is_it = |user: &&ListedUser| {
            // Two without an address are not the same.
            !email.is_empty()
                && user.email.as_deref().is_some_and(|other| other.trim().eq_ignore_ascii_case(email))
        };
        Some(self.users.as_ref()?.iter().filter(is_it).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_that_is_not_known_is_not_none() {
        let users = json!([
            {"id": "u1", "email": "A@x.example", "displayName": "Ada", "isActive": true},
            {"id": "u2", "email": "b@x.example", "displayName": null, "isActive": false},
            {"id": "u3", "email": "", "displayName": "Nameless", "isActive": true},
        ]);
        let users = ReadUsers::known(serde_json::from_value(users).unwrap());
        assert_eq!(users.shown(Some("u1")), "Ada");
        assert_eq!(users.shown(Some("u2")), "b@x.example (inactive)");
        assert_eq!(users.shown(Some("u4")), "(not an active user)");
        assert_eq!(users.shown(None), Value::Null);
        let unread = ReadUsers { users: None, kept: None };
        assert_eq!(unread.shown(Some("u1")), "(name not read)");
        assert_eq!(unread.shown(None), Value::Null);
        assert_eq!(users.with_email("a@X.example").unwrap().len(), 1);
        assert!(users.with_email("").unwrap().is_empty());
        assert!(unread.with_email("a@x.example").is_none());
        assert_eq!(users.only(" ada ").unwrap().id, "u1");
        assert_eq!(users.only("B@x.example").unwrap().id, "u2");
        assert!(users.only("ad").is_none(), "a part is nobody's name");
    }
}
