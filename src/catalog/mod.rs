//! The catalog: every operation that can be offered, as data.
//!
//! `tools/*/*.toml` is checked and compiled by the build script to one JSON
//! text, embedded here and read once, at first use. Nothing above this room
//! adds, removes or changes an operation at run time.

pub mod advice;
pub mod difference;
pub mod effect;
pub mod export;
pub mod known;
pub mod members;
pub mod model;
pub mod nullable;
pub mod openapi;
pub mod raise;
pub mod scope;
pub mod shape;

// The build script's own modules; here for their tests.
#[cfg(test)]
#[expect(dead_code, reason = "the build script calls the rest")]
mod check;
#[cfg(test)]
mod request_line;
#[cfg(test)]
mod schema;
#[cfg(test)]
#[expect(dead_code, reason = "the build script calls the rest")]
mod source;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

pub use advice::Advice;
pub use effect::Effect;
pub use known::{Known, Named, ValuesFrom};
pub use model::{Api, Area, Confirmation, Encoding, Method, TRUST_CENTER, Upload};
pub use scope::{Narrow, Scope};
pub use shape::Shape;

/// An operation of the embedded catalog.
pub type Operation = model::Operation<'static>;

static CATALOG: LazyLock<model::Catalog<'static>> = LazyLock::new(|| {
    let text: &'static str = include_str!(concat!(env!("OUT_DIR"), "/catalog.json"));
    // The build script wrote this text from the same structs, so it cannot fail to read; an empty
    // catalog would be found by the first test.
    serde_json::from_str(text).unwrap_or(model::Catalog { areas: Vec::new(), operations: Vec::new() })
});

/// All operations, sorted by name.
#[must_use]
pub fn operations() -> &'static [Operation] {
    &CATALOG.operations
}

/// All areas, by API and then by file name.
#[must_use]
pub fn areas() -> &'static [Area<'static>] {
    &CATALOG.areas
}

/// The operation of that name, or of which it is an old name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Operation> {
    let all = operations();
    all.binary_search_by(|operation| operation.name.cmp(name))
        .ok()
        .and_then(|index| all.get(index))
        .or_else(|| all.iter().find(|operation| operation.was.contains(&name)))
}
