//! The members of an item as they came, to be written again.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How many members an object may have.
const MEMBERS: usize = 1 << 10;

/// Members of one object as they came. A name that is written with escapes is no usual one.
pub(super) type RawMembers<'b> = Vec<(&'b str, &'b RawValue)>;

/// One item, whose members go where those of the one before were.
pub(super) struct OfItem<'m, 'b>(pub(super) &'m mut RawMembers<'b>);

/// That something is not as a usual page has it.
pub(super) fn unlike<E: serde::de::Error>() -> E {
    E::custom("unlike a usual page")
}

impl<'de> DeserializeSeed<'de> for OfItem<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OfItem<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        self.0.clear();
        while let Some(member) = map.next_entry()? {
            if self.0.len() == MEMBERS {
                return Err(unlike());
            }
            self.0.push(member);
        }
        Ok(())
    }
}

/// The members of an object inside of an item.
pub(super) fn object_members(raw: &str) -> Option<RawMembers<'_>> {
    let mut members = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    OfItem(&mut members).deserialize(&mut deserializer).ok()?;
    Some(members)
}
