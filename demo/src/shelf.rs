//! Records of one kind in their order, found by id.

use std::collections::HashMap;

use serde_json::Value;

use super::ask::Reply;
use super::record::text;

pub(super) struct Shelf {
    /// What one record is called in a message: `Control`.
    what: &'static str,
    records: Vec<Value>,
    /// Where each id stands.
    places: HashMap<String, usize>,
}

impl Shelf {
    pub(super) fn new(what: &'static str, records: Vec<Value>) -> Self {
        let mut shelf = Self { what, records, places: HashMap::new() };
        shelf.number();
        shelf
    }

    pub(super) fn all(&self) -> &[Value] {
        &self.records
    }

    pub(super) fn get(&self, id: &str) -> Option<&Value> {
        self.records.get(*self.places.get(id)?)
    }

    /// The record, or 404 naming it.
    pub(super) fn find(&self, id: &str) -> Result<&Value, Reply> {
        self.get(id).ok_or_else(|| Reply::not_found(self.what, id))
    }

    /// The record to change, or 404 naming it. Its id stays as it is.
    pub(super) fn find_mut(&mut self, id: &str) -> Result<&mut Value, Reply> {
        let place = self.places.get(id).copied();
        place.and_then(|place| self.records.get_mut(place)).ok_or_else(|| Reply::not_found(self.what, id))
    }

    /// Puts a new record behind the others.
    pub(super) fn add(&mut self, record: Value) {
        self.places.insert(text(&record, "id").to_owned(), self.records.len());
        self.records.push(record);
    }

    /// Takes a record away for good, or 404 naming it.
    pub(super) fn remove(&mut self, id: &str) -> Result<Value, Reply> {
        let place = self.places.get(id).copied().ok_or_else(|| Reply::not_found(self.what, id))?;
        let record = self.records.remove(place);
        self.number();
        Ok(record)
    }

    /// Takes away all records for which this holds.
    pub(super) fn drop_where(&mut self, gone: impl Fn(&Value) -> bool) {
        self.records.retain(|record| !gone(record));
        self.number();
    }

    fn number(&mut self) {
        let ids = self.records.iter().map(|record| text(record, "id").to_owned());
        self.places = ids.enumerate().map(|(place, id)| (id, place)).collect();
    }
}
