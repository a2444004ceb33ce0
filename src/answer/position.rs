//! Where in a list a page begins, as a cursor says it.
//!
//! What an answer has no room for is in the middle of the upstream's page, for which the upstream has no cursor. So a cursor
//! of ours is the one of that page, after how many of its items were shown: `25@CURSOR`. The upstream's own is passed on as
//! it is, unless it could be taken for one of ours.

/// A place in a list: so many items after the beginning of the page that a cursor leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// The upstream's cursor; none for the first page.
    pub cursor: Option<String>,
    /// How many items of the list from there on come before.
    pub skip: usize,
}

impl Position {
    /// What a cursor of ours says; one of the upstream's leads to its own page.
    #[must_use]
    pub fn read(cursor: &str) -> Self {
        let ours = cursor.split_once('@').and_then(|(skip, rest)| Some((ours(skip)?, rest)));
        let (skip, rest) = ours.unwrap_or((0, cursor));
        Self { cursor: (!rest.is_empty()).then(|| rest.to_owned()), skip }
    }

    /// The cursor that leads here.
    #[must_use]
    pub fn written(&self) -> String {
        let cursor = self.cursor.as_deref().unwrap_or_default();
        let like_ours = cursor.split_once('@').is_some_and(|(skip, _)| ours(skip).is_some());
        if self.skip == 0 && !like_ours { cursor.to_owned() } else { format!("{}@{cursor}", self.skip) }
    }
}

/// A number as it is written here, and nothing else.
fn ours(text: &str) -> Option<usize> {
    let skip: usize = text.parse().ok()?;
    (skip.to_string() == text).then_some(skip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for cursor in
            [None, Some("abc"), Some("a@b"), Some("12@x"), Some("0@x"), Some("1"), Some("+1@x"), Some("@")]
        {
            for skip in [0, 1, 25] {
                let place = Position { cursor: cursor.map(str::to_owned), skip };
                assert_eq!(Position::read(&place.written()), place, "{}", place.written());
            }
        }
        assert_eq!(
            Position { cursor: Some("abc".to_owned()), skip: 0 }.written(),
            "abc",
            "as the upstream has it"
        );
        assert_eq!(Position { cursor: None, skip: 25 }.written(), "25@");
        assert_eq!(Position::read("007@x").skip, 0, "not one of ours");
    }
}
