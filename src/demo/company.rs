//! The company that the tenant belongs to, as the audit API's books are opened from it.

use serde_json::Value;

/// The name that people, policies and descriptions use.
pub(super) const NAME: &str = "Quillmere Health";
/// A domain that can belong to nobody.
pub(super) const DOMAIN: &str = "quillmere.example";

/// Snapshots of the company's records at the start, shaped as Manage lists them.
pub(super) struct Company {
    pub name: String,
    pub domain: String,
    pub people: Vec<Value>,
    pub controls: Vec<Value>,
    pub tests: Vec<Value>,
    pub documents: Vec<Value>,
    pub vendors: Vec<Value>,
}
