//! The headings of the start, with the company's controls under them.

use fastrand::Rng;
use serde_json::Value;

use super::headings::category;
use crate::record::{fresh_id, set, slug};
use crate::shelf::Shelf;

/// Heading, and the controls under it. One control stands under two.
const HEADINGS: &[(&str, &[&str])] = &[
    (
        "Access",
        &[
            "Unique accounts enforced",
            "Multi-factor authentication enforced",
            "Access reviews conducted",
            "Access revoked upon termination",
            "Privileged access restricted",
            "Single sign-on required",
        ],
    ),
    (
        "Data protection",
        &[
            "Data encrypted at rest",
            "Data encrypted in transit",
            "Encryption keys managed",
            "Data retention defined",
            "Customer data deleted on request",
            "Patient data exports approved",
        ],
    ),
    (
        "Product security",
        &[
            "Code changes reviewed",
            "Penetration tests performed",
            "Vulnerability scans performed",
            "Static analysis performed",
            "Customer tenants separated",
        ],
    ),
    (
        "Resilience",
        &[
            "Backups performed",
            "Backup restoration tested",
            "Disaster recovery plan tested",
            "Production spread over zones",
            "Incident response plan tested",
        ],
    ),
    (
        "Privacy",
        &[
            "Privacy policy published",
            "Data subject requests handled",
            "Customer data deleted on request",
            "Business associate agreements signed",
            "Subprocessors disclosed",
        ],
    ),
    (
        "People",
        &[
            "Background checks performed",
            "Security awareness training completed",
            "Confidentiality agreements signed",
        ],
    ),
];

pub(super) fn categories(company: &Shelf, rng: &mut Rng) -> Vec<Value> {
    let seeded = HEADINGS.iter().map(|(name, controls)| {
        let known = controls.iter().map(|control| slug(control)).filter(|id| company.get(id).is_some());
        category(&fresh_id(rng), name, &known.collect::<Vec<_>>())
    });
    let mut categories: Vec<Value> = seeded.collect();
    // How people are vetted is for those who ask; of outages visitors may see the state of each control.
    if let Some(people) = categories.last_mut() {
        set(people, "visibility", "SHAREABLE");
    }
    if let Some(resilience) = categories.get_mut(3) {
        set(resilience, "statusVisibilityOverride", "SHOW_ALL_WITH_STATUS");
    }
    categories
}
