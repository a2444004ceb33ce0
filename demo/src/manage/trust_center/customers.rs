//! The clinics, hospitals and insurers whose people read the Trust Center, or would like to; what Customer
//! Trust knows of them is in their accounts.

use serde_json::Value;

use crate::record::{slug, text, turn};

/// The last two are prospects, without an account.
const CUSTOMERS: &[&str] = &[
    "Harrowgate Regional Hospital",
    "Calder Valley Health System",
    "Brightwater Health Plan",
    "Northfold Clinics",
    "Redmarsh University Hospital",
    "Meridale Pharmacy",
    "Tamarind Therapy Group",
    "Kilbride County Health",
];

pub(super) fn name(which: usize) -> &'static str {
    turn(CUSTOMERS, which)
}

/// The address of someone there: `Ada Fenn` is `ada.fenn@harrowgate-regional-hospital.example`.
pub(super) fn address(who: &str, which: usize) -> String {
    format!("{}@{}.example", who.to_lowercase().replace(' ', "."), slug(name(which)))
}

/// The id of the account that a customer has among these, or `null`.
pub(super) fn account(which: usize, accounts: &[Value]) -> Value {
    let found = accounts.iter().find(|account| text(account, "name") == name(which));
    found.and_then(|account| account.get("id")).cloned().unwrap_or_default()
}

/// Whether an account has every custom field and, of each category, one of the tags that a filter names.
pub(super) fn satisfies(account: &Value, filter: &Value) -> bool {
    let fields = entries(filter, "customFieldsFilter").iter().all(|wanted| {
        let mut own = entries(account, "customFields").iter();
        own.any(|field| field.get("label") == wanted.get("label") && meet(field, wanted, "value"))
    });
    let tags = entries(filter, "tagsByCategory").iter().all(|wanted| {
        let mut own = entries(account, "tagsByCategory").iter();
        own.any(|tags| tags.get("categoryId") == wanted.get("categoryId") && meet(tags, wanted, "tagIds"))
    });
    fields && tags
}

pub(super) fn entries<'a>(record: &'a Value, key: &str) -> &'a [Value] {
    record.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Whether two properties have a value in common, each one value or a list of them.
fn meet(left: &Value, right: &Value, key: &str) -> bool {
    let values = |record: &Value| match record.get(key) {
        Some(Value::Array(values)) => values.clone(),
        Some(value) => vec![value.clone()],
        None => Vec::new(),
    };
    let right = values(right);
    values(left).iter().any(|value| right.contains(value))
}

#[cfg(test)]
mod checks {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_account_has_all_that_a_filter_names() {
        let account = json!({
            "customFields": [{ "label": "Region", "value": "West" }, { "label": "Plan", "value": ["A", "B"] }],
            "tagsByCategory": [{ "categoryId": "size", "tagIds": ["large", "old"] }],
        });
        let fields = |fields: Value| satisfies(&account, &json!({ "customFieldsFilter": fields }));
        assert!(fields(json!([{ "label": "Region", "value": "West" }])));
        assert!(fields(json!([{ "label": "Region", "value": ["East", "West"] }])));
        assert!(fields(json!([{ "label": "Region", "value": "West" }, { "label": "Plan", "value": "B" }])));
        assert!(!fields(json!([{ "label": "Region", "value": "West" }, { "label": "Plan", "value": "C" }])));
        assert!(!fields(json!([{ "label": "Plan", "value": "West" }])));
        let tags = |tags: Value| satisfies(&account, &json!({ "tagsByCategory": tags }));
        assert!(tags(json!([{ "categoryId": "size", "tagIds": ["small", "old"] }])));
        assert!(!tags(json!([{ "categoryId": "size", "tagIds": ["small"] }])));
        assert!(!tags(json!([{ "categoryId": "kind", "tagIds": ["old"] }])));
    }
}
