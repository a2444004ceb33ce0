//! The company that the tenant belongs to, as the other APIs' data is opened from it.

use serde_json::Value;

/// The name that people, policies and descriptions use.
pub(super) const NAME: &str = "Quillmere Health";
/// A domain that can belong to nobody.
pub(super) const DOMAIN: &str = "quillmere.example";

/// Snapshots of the company's records at the start, shaped as Manage lists them unless said otherwise.
#[derive(Clone, Default)]
pub(super) struct Company {
    pub name: String,
    pub domain: String,
    pub people: Vec<Value>,
    /// With description, source and point of contact.
    pub groups: Vec<Value>,
    pub controls: Vec<Value>,
    pub tests: Vec<Value>,
    pub documents: Vec<Value>,
    pub vendors: Vec<Value>,
    /// Of all vendors.
    pub findings: Vec<Value>,
    pub integrations: Vec<Value>,
    /// Accounts in all connected systems, with the `integrationId` of each.
    pub accounts: Vec<Value>,
    pub computers: Vec<Value>,
    pub assets: Vec<Value>,
    pub vulnerabilities: Vec<Value>,
    /// With the `integrationId` of the scanner.
    pub remediations: Vec<Value>,
    /// With their object id and the `controlIds` that they are tied to.
    pub risks: Vec<Value>,
    pub issues: Vec<Value>,
    /// How many pieces of evidence an audit of it has, where that is not as usual.
    pub evidence: Option<usize>,
}
