//! New questionnaires: from a file, and from the address of a portal.

use serde_json::{Value, json};

use super::catalog::{DOCUMENT, SPREADSHEET, WEBSITE};
use super::{READ_BY, READING, blank, change_status};
use crate::ask::{Ask, File, Reply};
use crate::clock::iso;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::customer_trust::actors::{USERS_AND_TEAMS, assigned};
use crate::manage::customer_trust::parts::{
    check_url, each, entries, moment, read_as_json, set_given, texts,
};
use crate::manage::{Manage, Outcome};
use crate::record::{fresh_id, set, take_over, text};

const MOST_METADATA: usize = 30;
const UNTAGGED: &str = "includeUntaggedEntitiesForCategoryIds";
const NEW: &[Field] = &[
    must("displayName", Shape::Text),
    may("ownerAssignment", Shape::Object),
    may("approverAssignment", Shape::Object),
    may("companyUrl", Shape::Text),
    may("customerTrustAccountId", Shape::Text),
    may("description", Shape::Text),
    may("dueDate", Shape::Date),
    may("metadata", Shape::List),
    may(UNTAGGED, Shape::List),
    may("tagAndCategoryIds", Shape::List),
];

impl Manage {
    /// The parts of the body that are JSON or lists come as text.
    pub(super) fn create_file_questionnaire(&mut self, ask: &Ask) -> Outcome {
        const JSON: &[&str] = &["ownerAssignment", "approverAssignment", "metadata", "tagAndCategoryIds"];
        let mut body = read_as_json(&ask.body, JSON)?;
        if let Some(list) = ask.body.get(UNTAGGED).and_then(Value::as_str) {
            let ids: Vec<&str> = list.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
            set(&mut body, UNTAGGED, ids);
        }
        fields::check(&body, &[must("file", Shape::Object)])?;
        let file = ask.file("file")?;
        let mut questionnaire = blank(&fresh_id(&mut self.rng), kind_of(file)?, ask.now);
        self.fill_new(&mut questionnaire, &body)?;
        self.drawer.keep(text(&questionnaire, "id"), file);
        self.arrive(questionnaire, "QUEUED_FOR_EXTRACTION", ask)
    }

    pub(super) fn create_website_questionnaire(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("displayName", Shape::Text), must("url", Shape::Text)])?;
        check_url(&ask.body, "url")?;
        let mut questionnaire = blank(&fresh_id(&mut self.rng), WEBSITE, ask.now);
        self.fill_new(&mut questionnaire, &ask.body)?;
        take_over(&mut questionnaire, &ask.body, &["url"]);
        self.arrive(questionnaire, "QUEUED_FOR_PROCESSING", ask)
    }

    fn fill_new(&self, questionnaire: &mut Value, body: &Value) -> Result<(), Reply> {
        fields::check(body, NEW)?;
        if let Some(account) = body.get("customerTrustAccountId").and_then(Value::as_str) {
            self.customer_trust.accounts.find(account)?;
        }
        texts(body, UNTAGGED)?;
        for category in entries(body, UNTAGGED).iter().filter_map(Value::as_str) {
            self.customer_trust.tags.known_category(category)?;
        }
        take_over(questionnaire, body, &["companyUrl", "customerTrustAccountId", "description", UNTAGGED]);
        self.fill_questionnaire(questionnaire, body)
    }

    /// Takes over what both a new questionnaire and a changed one may say.
    pub(super) fn fill_questionnaire(&self, questionnaire: &mut Value, body: &Value) -> Result<(), Reply> {
        check_metadata(body)?;
        for key in ["ownerAssignment", "approverAssignment"] {
            set_given(questionnaire, key, assigned(&self.people, body, key, USERS_AND_TEAMS)?);
        }
        let tags = self.customer_trust.tags.named_in(body, "tagAndCategoryIds")?;
        set_given(questionnaire, "tagAndCategoryIds", tags);
        set_given(questionnaire, "dueDate", moment(body, "dueDate"));
        take_over(questionnaire, body, &["displayName"]);
        if body.get("metadata").is_some() {
            let pair = |entry: &Value| json!({ "key": entry.get("key"), "value": entry.get("value") });
            let pairs: Vec<Value> = entries(body, "metadata").iter().map(pair).collect();
            set(questionnaire, "metadata", pairs);
        }
        Ok(())
    }

    /// Keeps a new questionnaire, whose questions will be read soon.
    fn arrive(&mut self, mut questionnaire: Value, status: &str, ask: &Ask) -> Outcome {
        change_status(&mut questionnaire, status, None, &iso(ask.now));
        set(&mut questionnaire, READ_BY, iso(ask.now.checked_add(READING).unwrap_or(ask.now)));
        let id = text(&questionnaire, "id").to_owned();
        self.customer_trust.questionnaires.shelf.add(questionnaire);
        self.questionnaire(&id, 201)
    }
}

/// By the ending of the file's name; 422 for what questions cannot be read from.
fn kind_of(file: &File) -> Result<&'static str, Reply> {
    match file.name.to_lowercase().rsplit('.').next() {
        Some("xlsx") => Ok(SPREADSHEET),
        Some("docx" | "pdf") => Ok(DOCUMENT),
        _ => Err(Reply::error(422, "file must be an .xlsx, .docx or .pdf file")),
    }
}

fn check_metadata(body: &Value) -> Result<(), Reply> {
    each(body, "metadata", &[must("key", Shape::Text), must("value", Shape::Text)])?;
    let pairs = entries(body, "metadata");
    if pairs.len() > MOST_METADATA {
        return Err(Reply::error(422, format!("metadata may have at most {MOST_METADATA} entries")));
    }
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !pairs.iter().all(|pair| plain(text(pair, "key")) && plain(text(pair, "value"))) {
        let message =
            "Keys and values of metadata may have letters, digits, hyphens, underscores and periods only";
        return Err(Reply::error(422, message));
    }
    Ok(())
}
