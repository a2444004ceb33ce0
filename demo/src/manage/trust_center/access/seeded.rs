//! The viewers and the access requests of the start.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::viewers::blank;
use super::{FULL, REMOVED};
use crate::clock::iso_days;
use crate::manage::people::People;
use crate::manage::trust_center::Opening;
use crate::manage::trust_center::customers;
use crate::manage::trust_center::resources::Resources;
use crate::record::{fresh_id, set, text};

struct Guest {
    name: &'static str,
    customer: usize,
    /// Titles of what may be seen; `None` for everything.
    sees: Option<&'static [&'static str]>,
    /// Provider of the confidentiality agreement, and whether it is signed.
    nda: Option<(&'static str, bool)>,
    /// Days ago.
    added: i64,
    /// Days from now.
    expires: Option<i64>,
    removed: Option<i64>,
}

/// A viewer to vary.
const GUEST: Guest = Guest {
    name: "",
    customer: 0,
    sees: None,
    nda: Some(("ONE_CLICK", true)),
    added: 200,
    expires: None,
    removed: None,
};
const REPORTS: &[&str] = &["SOC 2 Type II report", "Penetration test retest letter"];
const GUESTS: &[Guest] = &[
    Guest { name: "Ada Fenn", customer: 0, added: 340, ..GUEST },
    Guest {
        name: "Ruben Castillo",
        customer: 0,
        sees: Some(REPORTS),
        added: 190,
        expires: Some(175),
        ..GUEST
    },
    Guest { name: "Signe Holt", customer: 1, nda: Some(("DOCUSIGN", true)), added: 261, ..GUEST },
    Guest { name: "Marcus Obi", customer: 2, nda: Some(("SFDC_BYPASS", true)), added: 120, ..GUEST },
    Guest {
        name: "Yara Demir",
        customer: 3,
        sees: Some(&["SOC 2 Type II report"]),
        added: 82,
        expires: Some(8),
        ..GUEST
    },
    Guest { name: "Callum Reid", customer: 4, nda: Some(("ONE_CLICK", false)), added: 3, ..GUEST },
    Guest { name: "Ingrid Solheim", customer: 4, sees: Some(REPORTS), nda: None, added: 57, ..GUEST },
    Guest { name: "Paolo Ferri", customer: 5, added: 395, expires: Some(-30), ..GUEST },
    Guest { name: "Dana Whitcombe", customer: 2, added: 310, removed: Some(44), ..GUEST },
    Guest { name: "Tobias Krenn", customer: 1, nda: Some(("DOCUSIGN", false)), added: 16, ..GUEST },
    Guest { name: "Leila Haddad", customer: 6, sees: Some(REPORTS), added: 29, expires: Some(61), ..GUEST },
];

pub(super) fn viewers(opening: &Opening<'_>, resources: &Resources, rng: &mut Rng) -> Vec<Value> {
    let guests = GUESTS.iter().enumerate();
    guests
        .map(|(index, guest)| {
            let now = opening.now;
            let mut viewer = blank(&fresh_id(rng), &iso_days(now, -guest.added));
            set(&mut viewer, "email", customers::address(guest.name, guest.customer));
            set(&mut viewer, "name", guest.name);
            set(&mut viewer, "companyName", customers::name(guest.customer));
            if guest.sees.is_some() {
                set(&mut viewer, "accessLevel", "PARTIAL_ACCESS");
                set(&mut viewer, "resourceIds", titled(guest.sees, resources));
            }
            set(&mut viewer, "ndaInfo", signed(guest, now, rng));
            let by_crm = guest.nda.is_some_and(|(provider, _)| provider == "SFDC_BYPASS");
            if by_crm || index % 4 == 0 {
                let contact = format!("003QH{:010}", rng.u32(..));
                let link = json!({ "service": "SALESFORCE", "id": contact, "objectType": "Contact" });
                set(&mut viewer, "externalServiceAssociations", vec![link]);
            }
            set(&mut viewer, "expirationDate", guest.expires.map(|days| iso_days(now, days)));
            set(&mut viewer, "addedByUser", if by_crm { Value::Null } else { host(opening.people, index) });
            set(&mut viewer, "customerTrustAccountId", customers::account(guest.customer, opening.accounts));
            if let Some(days) = guest.removed {
                set(&mut viewer, REMOVED, iso_days(now, -days));
                set(&mut viewer, "updatedDate", iso_days(now, -days));
            }
            viewer
        })
        .collect()
}

/// The colleague who let someone in, as a user of Vanta.
fn host(people: &People, which: usize) -> Value {
    let leader = people.leader(which % 3 + 1);
    let (given, family) = text(&leader, "displayName").split_once(' ').unwrap_or_default();
    json!({
        "id": leader.get("id"),
        "organizationId": "quillmere-health",
        "email": leader.get("emailAddress"),
        "givenName": given,
        "familyName": family,
    })
}

fn signed(guest: &Guest, now: Timestamp, rng: &mut Rng) -> Value {
    let Some((provider, signed)) = guest.nda else { return Value::Null };
    let date = signed.then(|| iso_days(now, 1 - guest.added));
    let mut info = nda(provider, date.as_deref());
    match provider {
        "DOCUSIGN" => set(
            &mut info,
            "docuSign",
            json!({
                "webhookId": fresh_id(rng),
                "envelopeId": fresh_id(rng),
                "accountId": "quillmere-legal",
                "accountBaseUrl": "https://docusign.example/restapi",
            }),
        ),
        "ONE_CLICK" if signed => set(
            &mut info,
            "oneClick",
            json!({ "ndaUploadedDocumentId": null, "name": guest.name, "date": date }),
        ),
        _ => {}
    }
    info
}

/// How things stand with the confidentiality agreement of a viewer.
pub(super) fn nda(provider: &str, satisfied: Option<&str>) -> Value {
    json!({ "docuSign": null, "oneClick": null, "provider": provider, "satisfiedDate": satisfied })
}

/// The ids of the resources with these titles.
fn titled(titles: Option<&[&str]>, resources: &Resources) -> Value {
    let Some(titles) = titles else { return Value::Null };
    let found = titles.iter().filter_map(|title| resources.titled(title));
    found.map(|resource| Value::from(text(resource, "id"))).collect::<Vec<_>>().into()
}

/// Who asks, for which customer, why, for what, and how many days ago.
type Asking = (&'static str, usize, &'static str, Option<&'static [&'static str]>, i64);

const ASKING: &[Asking] = &[
    ("Nora Quist", 6, "We are evaluating providers for video visits.", Some(&["SOC 2 Type II report"]), 1),
    ("Emeka Danjuma", 1, "Annual vendor review by the hospital.", None, 2),
    (
        "Helga Brandt",
        7,
        "Required for the county's tender.",
        Some(&["SOC 2 Type II report", "Penetration test report", "Cyber insurance certificate"]),
        4,
    ),
    ("Sam Porter", 5, "Just curious.", None, 11),
    ("Ines Aguilar", 2, "Contract renewal.", Some(REPORTS), 19),
];
/// And what came of it, after so many days.
const ANSWERED: &[(Asking, &str, i64)] = &[
    (("Leila Haddad", 6, "Review before the pilot.", Some(REPORTS), 30), "APPROVED", 1),
    (("Victor Stane", 7, "Market research.", None, 52), "DENIED", 2),
    (("Yara Demir", 3, "Requested by our auditor.", Some(&["SOC 2 Type II report"]), 83), "APPROVED", 1),
    (("Jo Kessler", 5, "Please share everything.", None, 149), "DENIED", 6),
];

fn request(asking: Asking, now: Timestamp, resources: &Resources, rng: &mut Rng) -> Value {
    let (name, customer, reason, wanted, days) = asking;
    json!({
        "id": fresh_id(rng),
        "email": customers::address(name, customer),
        "name": name,
        "companyName": customers::name(customer),
        "reason": reason,
        "requestedResources": titled(wanted, resources),
        "accessLevel": if wanted.is_some() { "PARTIAL_ACCESS" } else { FULL },
        "creationDate": iso_days(now, -days),
        "updatedDate": iso_days(now, -days),
    })
}

pub(super) fn requests(now: Timestamp, resources: &Resources, rng: &mut Rng) -> Vec<Value> {
    ASKING.iter().map(|asking| request(*asking, now, resources, rng)).collect()
}

pub(super) fn history(now: Timestamp, resources: &Resources, rng: &mut Rng) -> Vec<Value> {
    let answered = ANSWERED.iter().map(|(asking, outcome, after)| {
        let mut request = request(*asking, now, resources, rng);
        set(&mut request, "updatedDate", iso_days(now, after - asking.4));
        set(&mut request, "outcome", *outcome);
        request
    });
    answered.collect()
}
