//! `/v1/vendors`: the vendors themselves.

use serde_json::{Value, json};

use super::OF_VENDOR;
use crate::ask::{Ask, Reply};
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::{Manage, Outcome};
use crate::pages::page_of;
use crate::query::choices;
use crate::record::{contains, fresh_id, set, take_over, text};

const STATUSES: &[&str] = &["MANAGED", "ARCHIVED", "IN_PROCUREMENT"];
const LEVELS: &[&str] = &["CRITICAL", "HIGH", "LOW", "MEDIUM", "UNSCORED"];
const CURRENCIES: &[&str] = &[
    "ARS", "AUD", "BRL", "CAD", "COP", "CZK", "DKK", "EUR", "GBP", "ILS", "INR", "JPY", "MXN", "NOK", "NZD",
    "PHP", "PKR", "PLN", "RSD", "SEK", "SGD", "UAH", "USD", "ZAR",
];
const METHODS: &[&str] = &[
    "AUTH_0",
    "AZURE_AD",
    "GOOGLE_WORKSPACE",
    "O_AUTH",
    "O365",
    "OKTA",
    "ONE_LOGIN",
    "OWA",
    "SSO",
    "USERNAME_PASSWORD",
    "OTHER",
];
/// What a body may say about a vendor; its name comes on top.
const PROPERTIES: &[Field] = &[
    may("websiteUrl", Shape::Text).or_null(),
    may("accountManagerName", Shape::Text).or_null(),
    may("accountManagerEmail", Shape::Text),
    may("securityOwnerUserId", Shape::Text).or_null(),
    may("servicesProvided", Shape::Text).or_null(),
    may("additionalNotes", Shape::Text).or_null(),
    may("businessOwnerUserId", Shape::Text).or_null(),
    may("contractStartDate", Shape::Date).or_null(),
    may("contractRenewalDate", Shape::Date).or_null(),
    may("contractTerminationDate", Shape::Date).or_null(),
    may("isVisibleToAuditors", Shape::Flag),
    may("authDetails", Shape::Object),
    may("status", Shape::OneOf(STATUSES)),
    may("category", Shape::Text),
    may("inherentRiskLevel", Shape::OneOf(LEVELS)).or_null(),
    may("residualRiskLevel", Shape::OneOf(LEVELS)),
    may("riskAttributeIds", Shape::List),
    may("vendorHeadquarters", Shape::Text).or_null(),
    may("contractAmount", Shape::Object).or_null(),
    may("customFields", Shape::List),
    may("frameworkScope", Shape::Object),
];
/// Those of them that are kept as they come.
const AS_THEY_COME: &[&str] = &[
    "name",
    "websiteUrl",
    "accountManagerName",
    "accountManagerEmail",
    "securityOwnerUserId",
    "servicesProvided",
    "additionalNotes",
    "businessOwnerUserId",
    "contractStartDate",
    "contractRenewalDate",
    "contractTerminationDate",
    "isVisibleToAuditors",
    "status",
    "inherentRiskLevel",
    "residualRiskLevel",
    "riskAttributeIds",
    "vendorHeadquarters",
    "contractAmount",
    "customFields",
];
const AUTH_DETAILS: &[&str] =
    &["method", "passwordMFA", "passwordMinimumLength", "passwordRequiresNumber", "passwordRequiresSymbol"];

impl Manage {
    pub(in crate::manage) fn vendors_route(
        &mut self,
        method: &str,
        rest: &[&str],
        ask: &Ask,
    ) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => self.list_vendors(ask),
            ("POST", []) => self.create_vendor(ask),
            ("GET", [id]) => self.vendors.shelf.find(id).cloned().map(Reply::ok),
            ("PATCH", [id]) => self.change_vendor(id, ask),
            ("DELETE", [id]) => self.delete_vendor(id),
            ("POST", [id, "set-status"]) => self.set_vendor_status(id, ask),
            (_, [id, below @ ..]) => return self.reviewing_route(method, id, below, ask),
            _ => return None,
        };
        Some(outcome)
    }

    fn list_vendors(&self, ask: &Ask) -> Outcome {
        let statuses = choices(ask, "statusMatchesAny", STATUSES)?;
        let wanted = |vendor: &&Value| {
            (statuses.is_empty() || statuses.contains(&text(vendor, "status")))
                && ask.one("name").is_none_or(|part| contains(text(vendor, "name"), part))
        };
        Ok(page_of(ask, self.vendors.shelf.all().iter().filter(wanted).collect(), Value::clone))
    }

    fn create_vendor(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("name", Shape::Text)])?;
        let mut vendor = blank(&fresh_id(&mut self.rng));
        self.fill(&mut vendor, ask)?;
        self.vendors.shelf.add(vendor.clone());
        Ok(Reply::ok(vendor))
    }

    fn change_vendor(&mut self, id: &str, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[may("name", Shape::Text)])?;
        let mut vendor = self.vendors.shelf.find(id)?.clone();
        self.fill(&mut vendor, ask)?;
        *self.vendors.shelf.find_mut(id)? = vendor.clone();
        Ok(Reply::ok(vendor))
    }

    /// Checks the body and takes over what it says.
    fn fill(&self, vendor: &mut Value, ask: &Ask) -> Result<(), Reply> {
        fields::check(&ask.body, PROPERTIES)?;
        for owner in ["securityOwnerUserId", "businessOwnerUserId"] {
            if let Some(id) = ask.body.get(owner).and_then(Value::as_str) {
                self.people.known(id)?;
            }
        }
        if let Some(amount) = ask.body.get("contractAmount").filter(|amount| !amount.is_null()) {
            let wanted = [must("amount", Shape::Number), must("currency", Shape::OneOf(CURRENCIES))];
            fields::check(amount, &wanted)?;
        }
        if let Some(scope) = ask.body.get("frameworkScope") {
            fields::check(scope, &[must("scopeType", Shape::OneOf(&["ALL", "PARTIAL", "NONE"]))])?;
        }
        if let (Some(details), Some(auth)) = (ask.body.get("authDetails"), vendor.get_mut("authDetails")) {
            fields::check(details, &[may("method", Shape::OneOf(METHODS)).or_null()])?;
            take_over(auth, details, AUTH_DETAILS);
        }
        take_over(vendor, &ask.body, AS_THEY_COME);
        if let Some(category) = ask.body.get("category") {
            set(vendor, "category", json!({ "displayName": category }));
        }
        // Without a level of its own, a vendor is scored from its risk attributes.
        if let Some(level) = ask.body.get("inherentRiskLevel") {
            set(vendor, "isRiskAutoScored", level.is_null());
            if level.is_null() {
                set(vendor, "inherentRiskLevel", "UNSCORED");
            }
        }
        Ok(())
    }

    fn delete_vendor(&mut self, id: &str) -> Outcome {
        self.vendors.shelf.remove(id)?;
        let vendors = &mut self.vendors;
        for shelf in
            [&mut vendors.reviews, &mut vendors.assessments, &mut vendors.findings, &mut vendors.documents]
        {
            shelf.drop_where(|record| text(record, OF_VENDOR) == id);
        }
        Ok(Reply::Empty(204))
    }

    fn set_vendor_status(&mut self, id: &str, ask: &Ask) -> Outcome {
        fields::check(&ask.body, &[must("status", Shape::OneOf(STATUSES))])?;
        let vendor = self.vendors.shelf.find_mut(id)?;
        take_over(vendor, &ask.body, &["status"]);
        Ok(Reply::ok(vendor.clone()))
    }
}

/// A vendor of whom nothing is known yet.
pub(in crate::manage) fn blank(id: &str) -> Value {
    let mut vendor = json!({
        "id": id,
        "status": "MANAGED",
        "inherentRiskLevel": "UNSCORED",
        "residualRiskLevel": "UNSCORED",
        "isVisibleToAuditors": true,
        "isRiskAutoScored": true,
        "riskAttributeIds": [],
        "authDetails": {},
        "customFields": [],
        "category": null,
        "nextSecurityReviewDueDate": null,
        "lastSecurityReviewCompletionDate": null,
        "latestDecision": null,
        "linkedTaskTrackerTaskProcurementRequest": null,
    });
    if let Some(auth) = vendor.get_mut("authDetails") {
        for key in AUTH_DETAILS {
            set(auth, key, Value::Null);
        }
    }
    for key in AS_THEY_COME {
        if vendor.get(*key).is_none() {
            set(&mut vendor, key, Value::Null);
        }
    }
    vendor
}
