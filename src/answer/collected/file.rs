//! A list on its way into a file: its pages become lines, and nothing of them is kept but what the answer says of them.

use serde_json::Value;
use serde_json::value::RawValue;

use super::Collected;
use crate::answer::exported::ExportColumns;
use crate::answer::list::Next;
use crate::answer::object::Answer;

impl Collected<'_> {
    /// The lines of the items that were read since this was last asked, for a file.
    pub fn lines(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.exported.lines)
    }

    /// Takes an item again that is in the file already, as it is written there.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn again(&mut self, line: &[u8]) -> serde_json::Result<()> {
        let item: &RawValue = serde_json::from_slice(line)?;
        let _ = self.is_known(item);
        self.ids.end_page();
        self.count += 1;
        self.exported.see(item.get().as_bytes(), &self.fields.0)
    }

    /// Goes on where reading stopped before: at the page of this cursor.
    pub fn go_on(&mut self, cursor: &str) {
        (self.cursor, self.skip) = (Some(cursor.to_owned()), 0);
    }

    /// The columns of a file.
    #[must_use]
    pub fn columns(&self) -> ExportColumns {
        self.exported.columns(self.operation, &self.fields.0)
    }

    /// The answer about a file that all was written to.
    #[must_use]
    pub fn exported(mut self, file: Value, notes: Vec<String>) -> Answer {
        let exported = std::mem::take(&mut self.exported);
        let mut own = exported.own(self.operation, &self.fields.0, file);
        if matches!(self.next, Next::Place(_)) && !self.circles {
            own.note(format!("Only the first {} items are in the file, as `maxItems` says.", self.count));
        }
        if self.next == Next::Unreachable {
            own.note("There are more items, but the upstream returned no cursor for them. Use a filter.");
        }
        self.told(own, notes).answer()
    }
}
