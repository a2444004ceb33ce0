//! The accounts of customers and of those who may become some, and `/v1/customer-trust/accounts`.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::parts::{each, entries, is_domain, texts};
use super::tags::Tags;
use crate::ask::{Ask, Reply};
use crate::clock::{iso, iso_days};
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::query::flag;
use crate::record::{contains, fresh_id, set, slug, take_over, text, turn};
use crate::shelf::Shelf;

const EVERYTHING: &str = "INCLUDE_EVERYTHING_REQUESTED";
const CONFIGURED: &str = "INCLUDE_ONLY_CONFIGURED";

/// How questionnaires and contracts name their account.
const OF_ACCOUNT: &str = "customerTrustAccountId";

/// Name, segment, confidentiality agreement, what is granted without asking, and age in days.
type Entry = (&'static str, &'static str, &'static str, Option<&'static str>, i64);

const ACCOUNTS: &[Entry] = &[
    ("Harrowgate Regional Hospital", "Hospital", "SIGNED", Some(EVERYTHING), 700),
    ("Brightwater Health Plan", "Insurer", "SIGNED", Some(CONFIGURED), 450),
    ("Calder Valley Health System", "Hospital", "SIGNED", None, 260),
    ("Larkspur Insurance Group", "Insurer", "INCOMPLETE", None, 75),
    ("Redmarsh University Hospital", "Hospital", "SIGNED", None, 210),
    ("Saint Odile Medical Center", "Hospital", "NOT_REQUIRED", Some(EVERYTHING), 800),
    ("Northfold Clinics", "Clinic", "SIGNED", None, 130),
    ("Meridale Pharmacy", "Pharmacy", "SIGNED", Some(CONFIGURED), 1100),
    ("Ostrander Employers Trust", "Insurer", "INCOMPLETE", None, 95),
    ("Tidewater Veterans Clinic", "Clinic", "INCOMPLETE", None, 40),
    ("Fenwick Dental Partners", "Clinic", "NOT_REQUIRED", None, 300),
    ("Juniper Behavioral Care", "Clinic", "SIGNED", None, 150),
];

const FIELDS: &[Field] = &[
    may("name", Shape::Text),
    may("emailDomain", Shape::Text),
    may("ndaDetails", Shape::Object),
    may("accessConfig", Shape::Object),
    may("customFields", Shape::List),
    may("tagsByCategory", Shape::List),
];

pub(super) fn shelf(now: Timestamp, tags: &Tags, rng: &mut Rng) -> Shelf {
    let accounts = ACCOUNTS.iter().enumerate().map(|(index, entry)| account(index, *entry, now, tags, rng));
    Shelf::new("Customer trust account", accounts.collect())
}

fn account(index: usize, entry: Entry, now: Timestamp, tags: &Tags, rng: &mut Rng) -> Value {
    let (name, segment, agreement, granted, age) = entry;
    let products: &[&str] = turn(&[&["Care platform", "Patient app"][..], &["Care platform"]], index);
    let satisfied = (agreement == "SIGNED").then(|| iso_days(now, -(age - rng.i64(3..60))));
    json!({
        "id": fresh_id(rng),
        "name": name,
        "emailDomain": format!("{}.example", slug(name)),
        "createdDate": iso_days(now, -age),
        "updatedDate": iso_days(now, -rng.i64(1..age / 2)),
        "ndaDetails": { "ndaStatus": agreement, "ndaSatisfiedDate": satisfied },
        "accessConfig": (index % 5 != 3).then(|| json!({
            "autoApprovalEnabled": granted.is_some(),
            "grantAccessOption": granted,
            "tagsByCategory": [],
        })),
        "customFields": [
            { "label": "Region", "value": turn(&["Northeast", "Midwest", "Pacific"], index) },
            { "label": "Products", "value": products },
        ],
        "tagsByCategory": tags.called(segment).map(|pair| vec![json!({
            "categoryId": pair.get("categoryId"),
            "tagIds": [pair.get("tagId")],
        })]).unwrap_or_default(),
    })
}

impl Manage {
    pub(super) fn trust_accounts_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => self.list_trust_accounts(ask),
            ("POST", []) => self.create_trust_account(ask),
            ("GET", [id]) => self.customer_trust.accounts.find(id).cloned().map(Reply::ok),
            ("PATCH", [id]) => self.change_trust_account(id, ask),
            ("DELETE", [id]) => self.delete_trust_account(id),
            _ => return None,
        };
        Some(outcome)
    }

    fn list_trust_accounts(&self, ask: &Ask) -> Outcome {
        let automatic = flag(ask, "isAutoApprovalEnabled")?;
        let custom = custom_fields_asked_for(ask)?;
        let wanted = |account: &&Value| {
            automatic.is_none_or(|wanted| approves_itself(account) == wanted)
                && ask.one("searchString").is_none_or(|part| is_called(account, part))
                && custom.iter().all(|field| entries(account, "customFields").contains(field))
        };
        let accounts = self.customer_trust.accounts.all().iter().filter(wanted);
        Ok(page_of(ask, accounts.collect(), Value::clone))
    }

    fn create_trust_account(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("name", Shape::Text), must("emailDomain", Shape::Text)])?;
        self.check_account(&ask.body)?;
        let mut account = json!({
            "id": fresh_id(&mut self.rng),
            "createdDate": iso(ask.now),
            "updatedDate": iso(ask.now),
            "ndaDetails": agreement(&ask.body)?,
            "accessConfig": self.access(&ask.body)?,
            "customFields": [],
            "tagsByCategory": [],
        });
        take_over(&mut account, &ask.body, &["name", "emailDomain", "customFields"]);
        retag(&mut account, &ask.body);
        self.customer_trust.accounts.add(account.clone());
        Ok(Reply::ok(account))
    }

    /// What a body says about the agreement and about access is taken on creation alone.
    fn change_trust_account(&mut self, id: &str, ask: &Ask) -> Outcome {
        self.customer_trust.accounts.find(id)?;
        self.check_account(&ask.body)?;
        let account = self.customer_trust.accounts.find_mut(id)?;
        take_over(account, &ask.body, &["name", "emailDomain", "customFields"]);
        retag(account, &ask.body);
        set(account, "updatedDate", iso(ask.now));
        Ok(Reply::ok(account.clone()))
    }

    /// Questionnaires and contracts of a deleted account stay, without an account.
    fn delete_trust_account(&mut self, id: &str) -> Outcome {
        self.customer_trust.accounts.remove(id)?;
        for shelf in [&mut self.customer_trust.questionnaires.shelf, &mut self.contracts] {
            detach(shelf, id)?;
        }
        Ok(Reply::Empty(204))
    }

    fn check_account(&self, body: &Value) -> Result<(), Reply> {
        fields::check(body, FIELDS)?;
        if let Some(domain) = body.get("emailDomain").and_then(Value::as_str)
            && !is_domain(domain)
        {
            return Err(Reply::error(422, "emailDomain must be a domain such as hospital.example"));
        }
        each(body, "customFields", &[must("label", Shape::Text)])?;
        entries(body, "customFields").iter().try_for_each(check_value)?;
        self.customer_trust.tags.check_by_category(body)
    }

    fn access(&self, body: &Value) -> Result<Value, Reply> {
        let Some(access) = body.get("accessConfig") else { return Ok(Value::Null) };
        let wanted = [
            must("autoApprovalEnabled", Shape::Flag),
            may("grantAccessOption", Shape::OneOf(&[EVERYTHING, CONFIGURED])).or_null(),
            may("tagsByCategory", Shape::List),
        ];
        fields::check(access, &wanted)?;
        self.customer_trust.tags.check_by_category(access)?;
        if access.get("autoApprovalEnabled") == Some(&json!(true))
            && text(access, "grantAccessOption").is_empty()
        {
            let message = "grantAccessOption is required when autoApprovalEnabled is true";
            return Err(Reply::error(422, message));
        }
        let mut kept = json!({ "grantAccessOption": null, "tagsByCategory": [] });
        take_over(&mut kept, access, &["autoApprovalEnabled", "grantAccessOption"]);
        retag(&mut kept, access);
        Ok(kept)
    }
}

/// Takes a deleted account out of the records that named it.
fn detach(shelf: &mut Shelf, account: &str) -> Result<(), Reply> {
    let named = shelf.all().iter().filter(|record| text(record, OF_ACCOUNT) == account);
    let ids: Vec<String> = named.map(|record| text(record, "id").to_owned()).collect();
    ids.iter().try_for_each(|id| shelf.find_mut(id).map(|record| set(record, OF_ACCOUNT, Value::Null)))
}

fn agreement(body: &Value) -> Result<Value, Reply> {
    let Some(agreement) = body.get("ndaDetails") else { return Ok(Value::Null) };
    fields::check(agreement, &[must("markNdaNotRequired", Shape::Flag)])?;
    let waived = agreement.get("markNdaNotRequired") == Some(&json!(true));
    let status = if waived { "NOT_REQUIRED" } else { "INCOMPLETE" };
    Ok(json!({ "ndaStatus": status, "ndaSatisfiedDate": null }))
}

/// A custom field has a text or a list of texts.
fn check_value(field: &Value) -> Result<(), Reply> {
    match field.get("value") {
        Some(Value::String(_)) => Ok(()),
        Some(Value::Array(_)) => texts(field, "value"),
        _ => Err(Reply::error(422, "value must be a string or an array of strings")),
    }
}

/// Replaces the tags of each category that the body names; an empty list takes them away.
fn retag(record: &mut Value, body: &Value) {
    let mut groups = entries(record, "tagsByCategory").to_vec();
    for group in entries(body, "tagsByCategory") {
        groups.retain(|other| other.get("categoryId") != group.get("categoryId"));
        if !entries(group, "tagIds").is_empty() {
            groups.push(json!({ "categoryId": group.get("categoryId"), "tagIds": group.get("tagIds") }));
        }
    }
    set(record, "tagsByCategory", groups);
}

fn approves_itself(account: &Value) -> bool {
    account.pointer("/accessConfig/autoApprovalEnabled") == Some(&json!(true))
}

fn is_called(account: &Value, part: &str) -> bool {
    contains(text(account, "name"), part) || contains(text(account, "emailDomain"), part)
}

/// Labels with values that an account must have, as JSON in the query.
fn custom_fields_asked_for(ask: &Ask) -> Result<Vec<Value>, Reply> {
    let wrong =
        || Reply::error(400, "customFieldsFilter must be a JSON array of objects with label and value");
    let Some(given) = ask.one("customFieldsFilter") else { return Ok(Vec::new()) };
    let wanted: Vec<Value> = serde_json::from_str(given).map_err(|_| wrong())?;
    let complete =
        |field: &Value| field.get("label").is_some_and(Value::is_string) && check_value(field).is_ok();
    if !wanted.iter().all(complete) {
        return Err(wrong());
    }
    let field = |field: &Value| json!({ "label": field.get("label"), "value": field.get("value") });
    Ok(wanted.iter().map(field).collect())
}
