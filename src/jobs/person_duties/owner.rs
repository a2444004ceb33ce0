//! Whether something belongs to a person: owners are given in nine forms, by the id of a person or of a login, or by email.

use std::collections::BTreeSet;

use crate::jobs::users::ListedUser;

/// Somebody, by all that they can be named by where something has an owner.
#[derive(Debug)]
pub(super) struct SoughtOwner {
    ids: BTreeSet<String>,
    email: String,
}

impl SoughtOwner {
    /// The person of this id, with the logins that have the same email address.
    pub(super) fn of<'u>(
        person: Option<&str>,
        email: &str,
        logins: impl IntoIterator<Item = &'u ListedUser>,
    ) -> Self {
        let logins = logins.into_iter().map(|login| login.id.clone());
        let ids = person.map(str::to_owned).into_iter().chain(logins).filter(|id| !id.is_empty());
        Self { ids: ids.collect(), email: email.trim().to_owned() }
    }

    /// The ids, for filters that take them.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }

    /// Whether this id is theirs.
    pub(super) fn has_id(&self, id: Option<&str>) -> bool {
        id.is_some_and(|id| self.ids.contains(id))
    }

    /// Whether this address is theirs.
    pub(super) fn has_email(&self, email: Option<&str>) -> bool {
        !self.email.is_empty() && email.is_some_and(|email| email.trim().eq_ignore_ascii_case(&self.email))
    }

    /// Whether a text that may be either is theirs.
    pub(super) fn has_either(&self, text: Option<&str>) -> bool {
        self.has_id(text) || self.has_email(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_person_and_login_both_count() {
        let login: ListedUser = serde_json::from_str(
            r#"{"id": "login", "email": "m@x.example", "displayName": null, "isActive": true}"#,
        )
        .unwrap();
        let owner = SoughtOwner::of(Some("person"), " M@x.example ", [&login]);
        assert!(owner.has_id(Some("person")) && owner.has_id(Some("login")));
        assert!(owner.has_email(Some("m@X.example")) && owner.has_either(Some("login")));
        assert!(!owner.has_id(Some("other")) && !owner.has_id(None) && !owner.has_id(Some("")));
        assert_eq!(owner.ids().count(), 2);
        let nameless = SoughtOwner::of(Some("person"), "", []);
        assert!(!nameless.has_email(Some("")), "two without an address are not the same");
    }
}
