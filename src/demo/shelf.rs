//! Records of one kind in their order, found by id.

use serde_json::Value;

use super::ask::Reply;
use super::record::text;

pub(super) struct Shelf {
    /// What one record is called in a message: `Control`.
    what: &'static str,
    records: Vec<Value>,
}

impl Shelf {
    pub(super) fn new(what: &'static str, records: Vec<Value>) -> Self {
        Self { what, records }
    }

    pub(super) fn all(&self) -> &[Value] {
        &self.records
    }

    pub(super) fn get(&self, id: &str) -> Option<&Value> {
        self.records.iter().find(|record| text(record, "id") == id)
    }

    /// The record, or 404 naming it.
    pub(super) fn find(&self, id: &str) -> Result<&Value, Reply> {
        self.get(id).ok_or_else(|| Reply::not_found(self.what, id))
    }

    /// The record to change, or 404 naming it.
    pub(super) fn find_mut(&mut self, id: &str) -> Result<&mut Value, Reply> {
        let what = self.what;
        let found = self.records.iter_mut().find(|record| text(record, "id") == id);
        found.ok_or_else(|| Reply::not_found(what, id))
    }

    /// Puts a new record behind the others.
    pub(super) fn add(&mut self, record: Value) {
        self.records.push(record);
    }

    /// Takes a record away for good, or 404 naming it.
    pub(super) fn remove(&mut self, id: &str) -> Result<Value, Reply> {
        let index = self.records.iter().position(|record| text(record, "id") == id);
        index.map(|index| self.records.remove(index)).ok_or_else(|| Reply::not_found(self.what, id))
    }

    /// Takes away all records for which this holds.
    pub(super) fn drop_where(&mut self, gone: impl Fn(&Value) -> bool) {
        self.records.retain(|record| !gone(record));
    }
}
