//! Which products were seen in use: name, category, where they were seen, and what was decided.

/// What someone decided about a product.
pub(super) enum Decision {
    /// Nobody has looked yet.
    Open,
    /// Set aside, for this reason.
    Ignored(&'static str),
    /// Turned down, for this reason.
    Rejected(&'static str),
}

pub(super) type Entry = (&'static str, Option<&'static str>, &'static str, Decision);

use Decision::{Ignored, Open, Rejected};

pub(super) const FOUND: &[Entry] = &[
    ("Canva", Some("Design"), "GSUITE", Open),
    ("Grammarly", Some("Productivity"), "GSUITE", Open),
    ("Loom", Some("Collaboration"), "GSUITE", Open),
    ("Airtable", Some("Productivity"), "OKTA", Open),
    ("Dropbox", Some("Data storage"), "GSUITE", Open),
    ("Trello", Some("Productivity"), "GSUITE", Open),
    ("Asana", Some("Productivity"), "OKTA", Open),
    ("ChatGPT", Some("Artificial intelligence"), "GSUITE", Open),
    ("Perplexity", Some("Artificial intelligence"), "GSUITE", Open),
    ("Otter.ai", Some("Artificial intelligence"), "GSUITE", Open),
    ("Typeform", Some("Marketing"), "GSUITE", Open),
    ("Mailchimp", Some("Marketing"), "OKTA", Open),
    ("Webflow", Some("Marketing"), "GSUITE", Open),
    ("Postman", Some("Development"), "GSUITE", Open),
    ("Zapier", None, "GSUITE", Open),
    ("Tableau", Some("Analytics"), "OKTA", Open),
    ("Sketch", Some("Design"), "JAMF", Open),
    ("Spark Mail", None, "JAMF", Open),
    ("Doodle", Some("Productivity"), "GSUITE", Ignored("Does not store company data.")),
    ("Duolingo", None, "GSUITE", Ignored("Personal use.")),
    ("Spotify", None, "JAMF", Ignored("Personal use.")),
    ("Strava", None, "GSUITE", Ignored("Personal use.")),
    (
        "WeTransfer",
        Some("Data storage"),
        "GSUITE",
        Rejected("Files with health information must not be shared this way."),
    ),
    ("TeamViewer", Some("IT"), "JAMF", Rejected("Remote control of company computers is not permitted.")),
];
