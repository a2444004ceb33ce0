//! The company as an organization: its address, and whom it lets know of what.

use serde_json::{Value, json};

use super::derived_id;
use crate::Company;
use crate::ask::{Ask, Reply};
use crate::audit::audits::Audit;
use crate::audit::exhibits::address;
use crate::audit::moment::Moment;

/// Mailbox, how often, kind of notification, and whether it is switched on.
const SUBSCRIPTIONS: &[(&str, Option<&str>, &str, bool)] = &[
    ("compliance", Some("WEEKLY"), "SUMMARY_EMPLOYEE", true),
    ("security", Some("DAILY"), "SUMMARY_TESTS", true),
    ("procurement", None, "NEW_VENDORS_DISCOVERED_EMAIL", true),
    ("privacy", None, "TRUST_REPORT_ACCESS_REQUEST_EMAIL", false),
];

pub(super) fn information(audit: &Audit, company: &Company, ask: &Ask) -> Reply {
    let id = derived_id(&format!("{}/information", company.domain));
    let logo = address(&id, "logo.png", Moment::new(ask.now));
    Reply::ok(json!({
        "id": id,
        "displayName": audit.record.customer_display_name,
        "legalName": format!("{}, Inc.", company.name),
        "incorporation": "Incorporated in the United States",
        "url": format!("https://{}", company.domain),
        "mailingAddress": "410 Larch Street, Portland, OR 97209, USA",
        "telephone": "+1 503 555 0142",
        "companyLogo": { "url": logo },
    }))
}

pub(super) fn notifications(audit: &Audit, company: &Company) -> Reply {
    let subscriptions = SUBSCRIPTIONS.iter().map(|(mailbox, cadence, kind, is_on)| {
        let mailbox = format!("{mailbox}@{}", company.domain);
        json!({
            "id": derived_id(&format!("{mailbox}/{kind}")),
            "address": mailbox,
            "cadence": cadence,
            "unsubSettingsKey": kind,
            "toggleIsSubscribed": is_on,
        })
    });
    Reply::ok(json!({
        "id": audit.record.customer_organization_id,
        "preferredTimeZone": "America/Los_Angeles",
        "employeeDigestFrequency": "WEEKLY",
        "subscribedChannelTypes": ["EMAIL", "SLACK"],
        "externalNotifications": subscriptions.collect::<Vec<Value>>(),
    }))
}
