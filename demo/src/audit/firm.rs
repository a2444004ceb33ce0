//! The audit firm and the auditors who sign for it.

use crate::ask::Reply;

/// Name and address of each auditor; the first one leads.
const AUDITORS: [(&str, &str); 4] = [
    ("Ingrid Solvang", "ingrid.solvang@larkfield-assurance.example"),
    ("Mateo Arrieta", "mateo.arrieta@larkfield-assurance.example"),
    ("Nkechi Obande", "nkechi.obande@larkfield-assurance.example"),
    ("Rupert Hallowell", "rupert.hallowell@larkfield-assurance.example"),
];

/// A person of the audit firm.
#[derive(Clone)]
pub(super) struct Auditor {
    pub(super) name: String,
    pub(super) email: String,
}

/// The firm that calls this API.
pub(super) struct Firm {
    pub(super) auditors: Vec<Auditor>,
}

impl Firm {
    pub(super) fn new() -> Self {
        let auditor = |(name, email): &(&str, &str)| Auditor { name: (*name).into(), email: (*email).into() };
        Self { auditors: AUDITORS.iter().map(auditor).collect() }
    }

    /// The auditor with this email address; 422 where the firm has none.
    pub(super) fn auditor(&self, email: &str) -> Result<&Auditor, Reply> {
        self.auditors.iter().find(|auditor| auditor.email.eq_ignore_ascii_case(email)).ok_or_else(|| {
            Reply::error(422, format!("{email} is not a user of the audit firm that makes this request"))
        })
    }

    /// All email addresses, the leading auditor's first.
    pub(super) fn emails(&self) -> Vec<String> {
        self.auditors.iter().map(|auditor| auditor.email.clone()).collect()
    }
}
