//! How wide a terminal is, as the environment says.

/// `COLUMNS`: how many columns a line has; none where it says nothing of use.
#[must_use]
pub fn columns() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.trim().parse().ok().filter(|columns| *columns > 0)
}
