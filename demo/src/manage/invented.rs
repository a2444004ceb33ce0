//! Names for what a large company has beyond what is written down: each is distinct, and the same at any time.

use super::assets::SERVICES;
use crate::record::turn;

const SITES: &[&str] =
    &["Leeds", "Lyon", "Porto", "Graz", "Tartu", "Bergen", "Ghent", "Turku", "Cork", "Basel"];
const FIRST: &[&str] = &[
    "Amber", "Birch", "Cobalt", "Delta", "Ember", "Fern", "Granite", "Harbor", "Indigo", "Juniper", "Kelp",
    "Lumen", "Maple", "Nimbus", "Onyx", "Pebble", "Quartz", "Ridge", "Sable", "Tidal",
];
const SECOND: &[&str] = &[
    "Analytics",
    "Billing",
    "Cloud",
    "Desk",
    "Exchange",
    "Forms",
    "Grid",
    "Hosting",
    "Insights",
    "Journal",
    "Labs",
    "Mail",
    "Networks",
    "Payments",
    "Signal",
    "Storage",
    "Systems",
    "Voice",
    "Works",
];

/// The part of the company that something belongs to in this round: `billing, Lyon`.
pub(super) fn scope(round: usize) -> String {
    let (service, site) = (turn(SERVICES, round), turn(SITES, round / SERVICES.len()));
    numbered(format!("{service}, {site}"), round / (SERVICES.len() * SITES.len()))
}

/// The name of a vendor that nobody has.
pub(super) fn vendor(index: usize) -> String {
    // Twenty first and nineteen second words: no pair repeats within 380.
    let name = format!("{} {}", turn(FIRST, index), turn(SECOND, index));
    numbered(name, index / (FIRST.len() * SECOND.len()))
}

/// The name as it is, and with a number from the second time on.
pub(super) fn numbered(name: String, again: usize) -> String {
    if again == 0 { name } else { format!("{name} {}", again + 1) }
}
