//! The items of a usual page, written from their own text.

use std::fmt;

use serde::Deserializer;
use serde::de::{SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::raw::{RawMembers, object_members, unlike};
use crate::answer::bounded::MAX_ITEMS;
use crate::answer::written::{self, ItemFit, WrittenItems, path};

/// How deep the values of an item may be.
const DEPTH: usize = 8;

/// A member of an item that is shown.
pub(super) struct ShownMember<'s> {
    name: &'s str,
    /// Which of its own members are shown, each with its path; all of it where none is named.
    inner: Vec<(&'s str, &'s str)>,
}

/// The members that are shown, in the order of their names; `None` where some are deeper than one inside another.
pub(super) fn shown<'s>(paths: &[&'s str]) -> Option<Vec<ShownMember<'s>>> {
    let mut all: Vec<ShownMember<'s>> = Vec::with_capacity(paths.len());
    for path in paths {
        let (name, rest) = path.split_once('.').map_or((*path, None), |(name, rest)| (name, Some(rest)));
        if rest.is_some_and(|rest| rest.contains('.')) {
            return None;
        }
        let inner = rest.map(|rest| (rest, *path));
        if let Some(member) = all.iter_mut().find(|member| member.name == name) {
            member.inner.extend(inner);
        } else {
            all.push(ShownMember { name, inner: inner.into_iter().collect() });
        }
    }
    all.sort_unstable_by_key(|member| member.name);
    for member in &mut all {
        member.inner.sort_unstable();
    }
    Some(all)
}

/// The items as they are written, one after the other, so that no more than one of them is taken apart at a time.
pub(super) struct Items<'s> {
    pub(super) show: &'s [ShownMember<'s>],
    pub(super) written: WrittenItems,
    /// Objects and lists that there is still room for.
    pub(super) nodes: usize,
}

impl Items<'_> {
    /// Writes an item; `None` where it is unlike that of a usual page, or too much.
    pub(super) fn put(&mut self, members: &mut RawMembers<'_>) -> Option<()> {
        if self.written.count() == MAX_ITEMS {
            return None;
        }
        let began = self.written.len();
        self.written.begin();
        if self.show.is_empty() {
            self.object(members, 0, Some(""))?;
        } else {
            self.shown_members(members)?;
        }
        // What is too much is cut by the long way.
        (self.written.end(began) == ItemFit::Taken && self.written.fits()).then_some(())
    }

    /// An object or a list begins; `None` where there is no room for one more.
    fn open(&mut self) -> Option<()> {
        self.nodes = self.nodes.checked_sub(1)?;
        Some(())
    }

    fn shown_members(&mut self, members: &RawMembers<'_>) -> Option<()> {
        self.open()?;
        self.written.text().push(b'{');
        let begun = self.written.len();
        for ShownMember { name, inner } in self.show {
            let Some((_, value)) = members.iter().rfind(|(member, _)| member == name) else { continue };
            if inner.is_empty() {
                self.member(name, value, 0, begun, Some(name))?;
            } else if value.get().starts_with('{') {
                self.inner_members(name, inner, &object_members(value.get())?, begun)?;
            }
        }
        self.written.text().push(b'}');
        Some(())
    }

    /// Of the object `name` those members that are shown; nothing where it has none of them.
    fn inner_members(
        &mut self,
        name: &str,
        inner: &[(&str, &str)],
        members: &RawMembers<'_>,
        begun: usize,
    ) -> Option<()> {
        self.open()?;
        let before = self.written.len();
        self.name(name, begun);
        self.written.text().push(b'{');
        let opened = self.written.len();
        let mut none = true;
        for (name, path) in inner {
            let Some((_, value)) = members.iter().rfind(|(member, _)| member == name) else { continue };
            none = false;
            self.member(name, value, 1, opened, Some(path))?;
        }
        if none {
            self.written.text().truncate(before);
        } else {
            self.written.text().push(b'}');
        }
        Some(())
    }

    /// All members of an object; `place` is the path of its cells, where it is cells of a table.
    fn object(&mut self, members: &mut RawMembers<'_>, depth: usize, place: Option<&str>) -> Option<()> {
        self.open()?;
        self.written.text().push(b'{');
        let begun = self.written.len();
        members.sort_unstable_by_key(|(name, _)| *name);
        // Of two members of one name the later one counts, which after sorting is not known any more.
        if members.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
            return None;
        }
        for &mut (name, value) in members {
            let path = place.filter(|_| self.written.has_table()).map(|place| path(place, name));
            self.member(name, value, depth, begun, path.as_deref())?;
        }
        self.written.text().push(b'}');
        Some(())
    }

    fn name(&mut self, name: &str, begun: usize) {
        let out = self.written.text();
        // Nothing in a name that came without escapes needs one.
        out.extend_from_slice(if out.len() > begun { b",\"" } else { b"\"" });
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
    }

    fn member(
        &mut self,
        name: &str,
        value: &RawValue,
        depth: usize,
        begun: usize,
        place: Option<&str>,
    ) -> Option<()> {
        if value.get() == "null" {
            return Some(());
        }
        self.name(name, begun);
        let from = self.written.len();
        self.value(value.get(), depth, place)?;
        if let Some(place) = place
            && !is_in_cells(value.get(), depth)
        {
            self.written.cell_from(place, from);
        }
        Some(())
    }

    fn value(&mut self, raw: &str, depth: usize, place: Option<&str>) -> Option<()> {
        match raw.as_bytes() {
            // Each depth is read once more than the one around it.
            [b'{' | b'[', ..] if depth == DEPTH => return None,
            [b'{', ..] => {
                let place = place.filter(|_| is_in_cells(raw, depth));
                return self.object(&mut object_members(raw)?, depth + 1, place);
            }
            [b'[', ..] => {
                self.open()?;
                self.written.text().push(b'[');
                let entries = OfEntries { depth, items: &mut *self };
                serde_json::Deserializer::from_str(raw).deserialize_seq(entries).ok()?;
                self.written.text().push(b']');
            }
            [b'"', rest @ ..] if !rest.contains(&b'\\') => {
                self.written.text().extend_from_slice(raw.as_bytes());
            }
            [b't' | b'f' | b'n', ..] => self.written.text().extend_from_slice(raw.as_bytes()),
            [b'1'..=b'9', rest @ ..] if rest.len() < 18 && rest.iter().all(u8::is_ascii_digit) => {
                self.written.text().extend_from_slice(raw.as_bytes());
            }
            b"0" => self.written.text().push(b'0'),
            // What may be written in several ways is written in one.
            _ => {
                serde_json::to_writer(self.written.text(), &serde_json::from_str::<Value>(raw).ok()?).ok()?;
            }
        }
        Some(())
    }
}

/// Whether a value at this depth is an object whose members are cells of their own.
fn is_in_cells(raw: &str, depth: usize) -> bool {
    raw.starts_with('{') && depth + 1 < written::DEPTH
}

/// The entries of a list inside of an item, as they are written.
struct OfEntries<'o, 's> {
    depth: usize,
    items: &'o mut Items<'s>,
}

impl<'de> Visitor<'de> for OfEntries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        let mut count = 0;
        while let Some(value) = list.next_element::<&RawValue>()? {
            if count == MAX_ITEMS {
                return Err(unlike());
            }
            if count > 0 {
                self.items.written.text().push(b',');
            }
            count += 1;
            self.items.value(value.get(), self.depth + 1, None).ok_or_else(unlike)?;
        }
        Ok(())
    }
}
