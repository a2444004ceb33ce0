//! Tags by category, and `/v1/customer-trust/tag-categories`.

use fastrand::Rng;
use serde_json::{Value, json};

use super::parts::{each, entries, texts};
use crate::ask::{Ask, Reply};
use crate::fields::{self, Field, Shape, must};
use crate::manage::{Manage, Outcome};
use crate::record::{fresh_id, set, text};
use crate::shelf::Shelf;

const TRUST_CENTER: &str = "EXTERNAL_TRUST_CENTER";
const DOCUMENTS: &str = "DOCUMENT_SHARING";
const CONTROLS: &str = "CONTROL_SHARING";
const QUESTIONNAIRE: &str = "QUESTIONNAIRE";
/// Where a category can be switched on and off; for questionnaires it is as it is.
const SWITCHED: &[&str] = &[TRUST_CENTER, DOCUMENTS, CONTROLS];

/// Category, its tags, and where it is in use.
const CATEGORIES: &[(&str, &[&str], &[&str])] = &[
    ("Product", &["Care platform", "Patient app", "Analytics"], &[QUESTIONNAIRE, TRUST_CENTER, DOCUMENTS]),
    ("Region", &["United States", "European Union", "Canada"], &[QUESTIONNAIRE, TRUST_CENTER]),
    ("Customer segment", &["Hospital", "Insurer", "Pharmacy", "Clinic"], &[QUESTIONNAIRE, DOCUMENTS]),
    ("Framework", &["SOC 2", "HIPAA", "ISO 27001"], &[DOCUMENTS, CONTROLS]),
    ("Deployment", &["Shared cloud", "Dedicated cloud"], &[QUESTIONNAIRE]),
];

pub(in crate::manage) struct Tags {
    /// Categories, each with its tags and product contexts.
    categories: Shelf,
}

impl Tags {
    pub(in crate::manage) fn new(rng: &mut Rng) -> Self {
        let categories = CATEGORIES.iter().map(|(name, tags, contexts)| {
            let id = fresh_id(rng);
            let tags: Vec<Value> =
                tags.iter().map(|tag| json!({ "id": fresh_id(rng), "displayName": tag })).collect();
            json!({ "id": id, "displayName": name, "tags": tags, "contexts": contexts })
        });
        Self { categories: Shelf::new("Tag category", categories.collect()) }
    }

    /// Category id and tag id of a tag by its name; `None` where there is no such tag.
    pub(in crate::manage) fn called(&self, name: &str) -> Option<Value> {
        self.categories.all().iter().find_map(|category| {
            let tag = entries(category, "tags").iter().find(|tag| text(tag, "displayName") == name)?;
            Some(json!({ "categoryId": category.get("id"), "tagId": tag.get("id") }))
        })
    }

    fn tag(&self, category: &str, tag: &str) -> Result<&Value, Reply> {
        let category = self.categories.find(category)?;
        let found = entries(category, "tags").iter().find(|other| text(other, "id") == tag);
        found.ok_or_else(|| Reply::not_found("Tag", tag))
    }

    /// The pairs of category and tag that a body names, none twice; `None` where it has no such list.
    pub(in crate::manage) fn named_in(
        &self,
        body: &Value,
        key: &'static str,
    ) -> Result<Option<Value>, Reply> {
        const PAIR: &[Field] = &[must("categoryId", Shape::Text), must("tagId", Shape::Text)];
        if body.get(key).is_none() {
            return Ok(None);
        }
        fields::check(body, &[must(key, Shape::List)])?;
        each(body, key, PAIR)?;
        let mut pairs: Vec<Value> = Vec::new();
        for entry in entries(body, key) {
            let (category, tag) = (text(entry, "categoryId"), text(entry, "tagId"));
            self.tag(category, tag)?;
            let pair = json!({ "categoryId": category, "tagId": tag });
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        Ok(Some(pairs.into()))
    }

    /// Pairs with the names of both.
    pub(in crate::manage) fn shown(&self, record: &Value, key: &str) -> Value {
        let named = entries(record, key).iter().map(|pair| {
            let (category, tag) = (text(pair, "categoryId"), text(pair, "tagId"));
            json!({
                "categoryId": category,
                "categoryName": self.categories.get(category).and_then(|found| found.get("displayName")),
                "tagId": tag,
                "tagName": self.tag(category, tag).ok().and_then(|found| found.get("displayName")),
            })
        });
        named.collect()
    }

    /// Checks the tags that a body gives by category.
    pub(super) fn check_by_category(&self, body: &Value) -> Result<(), Reply> {
        const GROUP: &[Field] = &[must("categoryId", Shape::Text), must("tagIds", Shape::List)];
        each(body, "tagsByCategory", GROUP)?;
        for group in entries(body, "tagsByCategory") {
            texts(group, "tagIds")?;
            let category = text(group, "categoryId");
            self.categories.find(category)?;
            for tag in entries(group, "tagIds").iter().filter_map(Value::as_str) {
                self.tag(category, tag)?;
            }
        }
        Ok(())
    }

    /// 404 for a category that there is not.
    pub(super) fn known_category(&self, id: &str) -> Result<(), Reply> {
        self.categories.find(id).map(|_| ())
    }
}

/// The tags that a list is narrowed to by JSON in the query, 400 where it is no JSON list of pairs.
pub(in crate::manage) fn asked_for(ask: &Ask) -> Result<Vec<(String, String)>, Reply> {
    let wrong = || Reply::error(400, "matchesTags must be a JSON array of objects with categoryId and tagId");
    let Some(given) = ask.one("matchesTags") else { return Ok(Vec::new()) };
    let pairs: Vec<Value> = serde_json::from_str(given).map_err(|_| wrong())?;
    let pair = |entry: &Value| {
        let part = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        Some((part("categoryId")?, part("tagId")?))
    };
    pairs.iter().map(|entry| pair(entry).ok_or_else(wrong)).collect()
}

/// Whether a record has this tag.
pub(in crate::manage) fn has(record: &Value, category: &str, tag: &str) -> bool {
    let mut pairs = entries(record, "tags").iter();
    pairs.any(|pair| text(pair, "categoryId") == category && text(pair, "tagId") == tag)
}

fn brief(category: &Value) -> Value {
    json!({ "id": category.get("id"), "displayName": category.get("displayName") })
}

impl Manage {
    pub(super) fn tag_categories_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let categories = &mut self.customer_trust.tags.categories;
        let outcome = match (method, rest) {
            ("GET", []) => Ok(list(categories, ask)),
            ("GET", [id]) => categories.find(id).map(|category| {
                Reply::ok(json!({ "category": brief(category), "tags": category.get("tags") }))
            }),
            ("POST", [id, "product-contexts"]) => switch_on(categories, id, ask),
            ("DELETE", [id, "product-contexts", context]) => switch_off(categories, id, context),
            _ => return None,
        };
        Some(outcome)
    }
}

fn contexts(category: &Value) -> Vec<&str> {
    entries(category, "contexts").iter().filter_map(Value::as_str).collect()
}

fn list(categories: &Shelf, ask: &Ask) -> Reply {
    let wanted = ask.all("productContextIdsMatchesAny");
    let matches = |category: &&Value| {
        wanted.is_empty() || contexts(category).iter().any(|context| wanted.contains(context))
    };
    let listed: Vec<Value> = categories.all().iter().filter(matches).map(brief).collect();
    Reply::ok(json!({ "results": listed }))
}

/// Switching on what is on changes nothing and is no error.
fn switch_on(categories: &mut Shelf, id: &str, ask: &Ask) -> Outcome {
    fields::check(&ask.body, &[must("productContextId", Shape::OneOf(SWITCHED))])?;
    let category = categories.find_mut(id)?;
    let wanted = text(&ask.body, "productContextId");
    let mut now: Vec<String> = contexts(category).into_iter().map(str::to_owned).collect();
    if !now.iter().any(|context| context == wanted) {
        now.push(wanted.to_owned());
    }
    set(category, "contexts", now);
    Ok(Reply::Empty(204))
}

/// Switching off what is off changes nothing and is no error either.
fn switch_off(categories: &mut Shelf, id: &str, context: &str) -> Outcome {
    let category = categories.find_mut(id)?;
    if !SWITCHED.contains(&context) {
        let message = format!("productContextId must be one of {}, not {context}", SWITCHED.join(", "));
        return Err(Reply::error(400, message));
    }
    let left: Vec<String> =
        contexts(category).into_iter().filter(|other| *other != context).map(str::to_owned).collect();
    set(category, "contexts", left);
    Ok(Reply::Empty(204))
}
