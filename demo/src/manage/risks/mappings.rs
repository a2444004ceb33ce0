//! What a risk concerns (accounts, integrations, custom assets), and what feeds it: findings about vendors, and the
//! enterprise risks above it. Issues say themselves which risks they belong to.

use serde_json::{Value, json};

use super::Risks;
use crate::manage::integrations::Integrations;
use crate::manage::links::Pairs;
use crate::manage::vendors::Vendors;
use crate::record::{set, text};
use crate::shelf::Shelf;

/// A risk by its title, and what it is mapped to at the start.
struct Seed {
    risk: &'static str,
    integrations: &'static [&'static str],
    /// Integration, and the place of the connection among its own.
    accounts: &'static [(&'static str, usize)],
    /// The places of custom assets among all.
    assets: &'static [usize],
    /// How many of the findings about vendors, from the first on.
    findings: usize,
    enterprise: &'static [&'static str],
}

const NOTHING: Seed =
    Seed { risk: "", integrations: &[], accounts: &[], assets: &[], findings: 0, enterprise: &[] };
const TRUST: &str = "clinics-lose-trust-after-an-incident";

const SEEDS: &[Seed] = &[
    Seed {
        risk: "patient-records-read-with-a-stolen-password",
        integrations: &["okta"],
        accounts: &[("aws", 0)],
        enterprise: &[TRUST],
        ..NOTHING
    },
    Seed {
        risk: "ransomware-encrypts-production-data",
        integrations: &["aws"],
        assets: &[1],
        enterprise: &[TRUST],
        ..NOTHING
    },
    Seed {
        risk: "a-critical-vendor-loses-health-information",
        accounts: &[("salesforce", 0), ("zendesk", 0)],
        findings: 3,
        enterprise: &[TRUST],
        ..NOTHING
    },
    Seed {
        risk: "a-storage-bucket-is-opened-to-the-public",
        accounts: &[("aws", 0), ("aws", 1), ("gcp", 0)],
        ..NOTHING
    },
    Seed { risk: "a-laptop-is-stolen-on-a-trip", assets: &[2], ..NOTHING },
];

/// A connected account of an integration, or a part of one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) service: String,
    pub(super) connection: String,
    pub(super) subunit: Option<String>,
}

impl Account {
    /// The account as a whole.
    pub(super) fn whole(service: &str, connection: &str) -> Self {
        Self { service: service.to_owned(), connection: connection.to_owned(), subunit: None }
    }

    pub(super) fn shown(&self) -> Value {
        let mut shown = json!({ "serviceId": self.service, "accountId": self.connection });
        if let Some(subunit) = &self.subunit {
            set(&mut shown, "subunitId", subunit.as_str());
        }
        shown
    }
}

/// Everything by the object id of the risk.
#[derive(Default)]
pub(super) struct Mappings {
    /// Integrations that count with all their accounts.
    pub(super) integrations: Pairs,
    /// Accounts that count by themselves; none of an integration that counts as a whole.
    accounts: Vec<(String, Account)>,
    pub(super) findings: Pairs,
    pub(super) assets: Pairs,
    /// Risk, enterprise risk.
    pub(super) enterprise: Pairs,
}

impl Mappings {
    pub(super) fn accounts_of<'a>(&'a self, risk: &'a str) -> impl Iterator<Item = &'a Account> {
        self.accounts.iter().filter(move |(of, _)| of == risk).map(|(_, account)| account)
    }

    pub(super) fn add_account(&mut self, risk: &str, account: Account) {
        if !self.accounts_of(risk).any(|other| *other == account) {
            self.accounts.push((risk.to_owned(), account));
        }
    }

    /// Takes one account out. An integration that counted as a whole counts by its other `connected` accounts from then
    /// on, so that what is connected later stays out.
    pub(super) fn remove_account(&mut self, risk: &str, account: &Account, connected: &[String]) {
        if self.integrations.are_tied(risk, &account.service) {
            self.integrations.untie(risk, &account.service);
            for other in connected.iter().filter(|other| **other != account.connection) {
                self.add_account(risk, Account::whole(&account.service, other));
            }
        }
        self.accounts.retain(|(of, other)| of != risk || other != account);
    }

    /// Takes in all accounts of an integration, those that were chosen singly among them.
    pub(super) fn add_integration(&mut self, risk: &str, service: &str) {
        self.remove_integration(risk, service);
        self.integrations.tie(risk, service);
    }

    /// Takes out an integration and all its accounts.
    pub(super) fn remove_integration(&mut self, risk: &str, service: &str) {
        self.integrations.untie(risk, service);
        self.accounts.retain(|(of, account)| of != risk || account.service != service);
    }
}

impl Risks {
    /// The custom assets of a risk, which nothing lists.
    #[cfg(test)]
    pub(in crate::manage) fn assets_of(&self, risk: &str) -> Vec<String> {
        self.mappings.assets.of(risk).map(str::to_owned).collect()
    }

    /// Maps risks to what there is besides them at the start.
    pub(in crate::manage) fn map(&mut self, integrations: &Integrations, vendors: &Vendors, assets: &Shelf) {
        for seed in SEEDS {
            let Ok(risk) = self.id_of(seed.risk) else { continue };
            for service in seed.integrations {
                self.mappings.add_integration(&risk, service);
            }
            for (service, place) in seed.accounts {
                let connected = integrations.connections(service).unwrap_or_default();
                if let Some(account) = connected.get(*place) {
                    self.mappings.add_account(&risk, Account::whole(service, account));
                }
            }
            for asset in seed.assets.iter().filter_map(|place| assets.all().get(*place)) {
                self.mappings.assets.tie(&risk, text(asset, "id"));
            }
            for finding in vendors.findings.all().iter().take(seed.findings) {
                self.mappings.findings.tie(&risk, text(finding, "id"));
            }
            for above in seed.enterprise {
                if let Ok(above) = self.id_of(above) {
                    self.mappings.enterprise.tie(&risk, &above);
                }
            }
        }
    }
}
