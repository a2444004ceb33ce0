//! The two frameworks that the audits are about: their codes and what they call a verdict.

/// A framework that an audit examines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framework {
    Soc2,
    Iso27001,
}

const SOC_2_CODES: [&str; 37] = [
    "CC1.1", "CC1.2", "CC1.3", "CC1.4", "CC1.5", "CC2.1", "CC2.2", "CC2.3", "CC3.1", "CC3.2", "CC3.3",
    "CC3.4", "CC4.1", "CC4.2", "CC5.1", "CC5.2", "CC5.3", "CC6.1", "CC6.2", "CC6.3", "CC6.4", "CC6.5",
    "CC6.6", "CC6.7", "CC6.8", "CC7.1", "CC7.2", "CC7.3", "CC7.4", "CC7.5", "CC8.1", "CC9.1", "CC9.2",
    "A1.1", "A1.2", "A1.3", "C1.1",
];

const ISO_27001_CODES: [&str; 30] = [
    "4.1", "5.2", "6.1.2", "7.2", "9.2", "9.3", "10.2", "A.5.1", "A.5.7", "A.5.9", "A.5.12", "A.5.15",
    "A.5.17", "A.5.19", "A.5.23", "A.5.24", "A.5.29", "A.5.31", "A.5.34", "A.6.1", "A.6.3", "A.7.1", "A.8.1",
    "A.8.8", "A.8.9", "A.8.13", "A.8.15", "A.8.20", "A.8.24", "A.8.25",
];

/// Part of a control domain's name, then the codes that such controls satisfy: SOC 2, ISO 27001.
const DOMAIN_CODES: [(&str, &[&str], &[&str]); 22] = [
    ("ASSET", &["CC6.1", "CC6.5"], &["A.5.9"]),
    ("BUSINESS_CONTINUITY", &["A1.2", "A1.3"], &["A.5.29", "A.8.13"]),
    ("CAPACITY", &["A1.1"], &["A.8.9"]),
    ("CHANGE", &["CC8.1"], &["A.8.25"]),
    ("CLOUD", &["CC6.6", "CC6.1"], &["A.5.23"]),
    ("COMPLIANCE", &["CC4.1", "CC5.3"], &["9.2", "A.5.31"]),
    ("CONFIGURATION", &["CC7.1", "CC8.1"], &["A.8.9"]),
    ("MONITORING", &["CC7.2"], &["A.8.15"]),
    ("CRYPTOGRAPHIC", &["CC6.7"], &["A.8.24"]),
    ("CLASSIFICATION", &["C1.1"], &["A.5.12"]),
    ("ENDPOINT", &["CC6.8"], &["A.8.1"]),
    ("HUMAN", &["CC1.4", "CC1.5"], &["A.6.1", "7.2"]),
    ("IDENTIFICATION", &["CC6.1", "CC6.2", "CC6.3"], &["A.5.15", "A.5.17"]),
    ("INCIDENT", &["CC7.3", "CC7.4"], &["A.5.24", "10.2"]),
    ("NETWORK", &["CC6.6"], &["A.8.20"]),
    ("PHYSICAL", &["CC6.4"], &["A.7.1"]),
    // Before privacy: the domain "SECURITY_&_PRIVACY_GOVERNANCE" names both.
    ("GOVERNANCE", &["CC1.2", "CC5.3"], &["A.5.1", "5.2", "9.3"]),
    ("PRIVACY", &["CC2.3"], &["A.5.34"]),
    ("RISK", &["CC3.1", "CC3.2"], &["6.1.2"]),
    ("AWARENESS", &["CC1.4", "CC2.2"], &["A.6.3"]),
    ("THIRD-PARTY", &["CC9.2"], &["A.5.19"]),
    ("VULNERABILITY", &["CC7.1"], &["A.8.8"]),
];

impl Framework {
    /// The display name, as an audit has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Soc2 => "SOC 2 Type II",
            Self::Iso27001 => "ISO 27001:2022",
        }
    }

    /// The name without its edition, as people say it.
    pub(super) fn short_name(self) -> &'static str {
        match self {
            Self::Soc2 => "SOC 2",
            Self::Iso27001 => "ISO 27001",
        }
    }

    /// The short name, as the controls of an audit have it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Soc2 => "soc2",
            Self::Iso27001 => "iso27001_2022",
        }
    }

    /// Every code that an information request may name.
    pub(super) fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Soc2 => &SOC_2_CODES,
            Self::Iso27001 => &ISO_27001_CODES,
        }
    }

    /// The codes that a control in these domains satisfies; never none.
    pub(super) fn codes_of(self, domains: &[&str]) -> Vec<&'static str> {
        let row = DOMAIN_CODES.iter().find(|(part, ..)| domains.iter().any(|domain| domain.contains(part)));
        match (row, self) {
            (Some((_, soc2, _)), Self::Soc2) => soc2.to_vec(),
            (Some((_, _, iso)), Self::Iso27001) => iso.to_vec(),
            (None, Self::Soc2) => vec!["CC5.2"],
            (None, Self::Iso27001) => vec!["A.5.1"],
        }
    }

    /// The verdicts on a control that this framework knows.
    pub(super) fn verdicts(self) -> &'static [&'static str] {
        match self {
            Self::Soc2 => &["IN_PLACE", "NOT_IN_PLACE", "PARTIAL", "NOT_ASSESSED"],
            Self::Iso27001 => &["CONFORMING", "MINOR_NON_CONFORMITY", "MAJOR_NON_CONFORMITY", "NOT_ASSESSED"],
        }
    }
}
