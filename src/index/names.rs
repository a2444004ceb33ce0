//! Names that are known without a request: from what is kept of a tenant, and from what was read a moment ago.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::known::KnownTenant;
use super::tenant::TenantIndex;
use super::things::ThingKind;
use crate::api::Clients;
use crate::catalog;
use crate::gate::Grant;

/// Things that have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedKind {
    /// Audits of an audit firm's customers.
    Audit,
    /// Pieces of evidence of one audit.
    AuditEvidence,
    /// Controls.
    Control,
    /// Evidence documents.
    Document,
    /// Frameworks.
    Framework,
    /// People.
    Person,
    /// Automated tests.
    Test,
    /// Vendors.
    Vendor,
}

/// Something whose name is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownName {
    /// Its id.
    pub id: String,
    /// What it is called, the usual name first; empty where that is not known.
    pub names: Vec<String>,
}

impl NamedKind {
    /// What lists them.
    #[must_use]
    pub fn list(self) -> &'static str {
        match self {
            Self::Audit => "list_audits",
            Self::AuditEvidence => "list_audit_evidence",
            Self::Control => "list_controls",
            Self::Document => "list_documents",
            Self::Framework => "list_frameworks",
            Self::Person => "list_people",
            Self::Test => "list_tests",
            Self::Vendor => "list_vendors",
        }
    }

    /// Where an item of that list has its names, as JSON pointers, the usual one first.
    fn pointers(self) -> &'static [&'static str] {
        match self {
            Self::Audit => &["/customerDisplayName", "/displayName", "/customerOrganizationName"],
            Self::AuditEvidence => &["/name", "/externalId"],
            Self::Control => &["/name", "/externalId"],
            Self::Document => &["/title"],
            Self::Framework => &["/displayName", "/shorthandName"],
            Self::Person => &["/name/display", "/emailAddress"],
            Self::Test | Self::Vendor => &["/name"],
        }
    }
}

/// The names of a kind that are known, in the order of their ids. `within` is the id of what they belong to, where they
/// belong to something; `grant` is the caller's, so that what others could read is not told.
pub async fn known_names(
    clients: &Clients,
    kind: NamedKind,
    within: Option<&str>,
    grant: Option<Grant>,
) -> Vec<KnownName> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    if let Some(index) = TenantIndex::of(clients) {
        for KnownName { id, names } in index.known().await.names(kind) {
            found.entry(id).or_default().extend(names);
        }
        if let Some(things) = ThingKind::of_list(kind.list())
            && let Some(known) = index.things(things, clients.moment()).await
        {
            for thing in known.things {
                found.entry(thing.id).or_default().extend(thing.names);
            }
        }
    }
    if let Some(operation) = catalog::find(kind.list()) {
        let place = within.map(|within| format!("/{within}/"));
        for (path, response) in clients.kept_reads(operation, grant) {
            if place.as_ref().is_some_and(|place| !path.contains(place.as_str())) {
                continue;
            }
            let page = response.body().and_then(|body| serde_json::from_slice::<Value>(body).ok());
            let items =
                page.as_ref().and_then(|page| page.pointer("/results/data")).and_then(Value::as_array);
            for item in items.into_iter().flatten() {
                let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
                if let Some(id) = text("/id") {
                    found.entry(id).or_default().extend(kind.pointers().iter().filter_map(|at| text(at)));
                }
            }
        }
    }
    found.into_iter().map(|(id, names)| KnownName { id, names: once_each(names) }).collect()
}

fn once_each(names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.into_iter().filter(|name| !name.trim().is_empty() && seen.insert(name.clone())).collect()
}

impl KnownTenant {
    /// The things of a kind that it has. That it has none says nothing.
    fn names(&self, kind: NamedKind) -> Vec<KnownName> {
        let controls = || {
            let of_frameworks = self.frameworks.values().filter_map(|framework| framework.controls.as_ref());
            self.controls.iter().map(|list| &list.rows).chain(of_frameworks).flatten()
        };
        let bare = |id: &String| KnownName { id: id.clone(), names: Vec::new() };
        match kind {
            NamedKind::Control => controls()
                .map(|control| {
                    let names = std::iter::once(control.name.clone()).chain(control.external_id.clone());
                    KnownName { id: control.id.clone(), names: names.collect() }
                })
                .collect(),
            NamedKind::Framework => self
                .frameworks
                .iter()
                .map(|(id, kept)| KnownName { id: id.clone(), names: vec![kept.name.clone()] })
                .collect(),
            NamedKind::Person => controls()
                .filter_map(|control| control.owner.as_ref())
                .map(|owner| {
                    let names = std::iter::once(owner.name.clone()).chain(owner.email.clone());
                    KnownName { id: owner.id.clone(), names: names.collect() }
                })
                .collect(),
            NamedKind::Test => {
                let looked = self.evidence.values().filter_map(|looked| looked.found.as_ref().ok());
                looked.flat_map(|found| &found.tests).map(bare).collect()
            }
            NamedKind::Document => self.documents.keys().map(bare).collect(),
            NamedKind::Audit | NamedKind::AuditEvidence | NamedKind::Vendor => Vec::new(),
        }
    }
}
