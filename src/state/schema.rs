//! What a database has to have, version by version.

/// What makes one version of the last.
pub struct SchemaStep {
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    #[cfg(feature = "postgres")]
    pub postgres: &'static str,
}

/// The steps, the first for an empty database. A step that was released is never changed: a new one is added.
pub const STEPS: &[SchemaStep] = &[SchemaStep {
    sqlite: "create table record (
        kind text not null,
        id text not null,
        body text not null,
        changed integer not null,
        primary key (kind, id)
    ) strict",
    // A body is null while the change that makes the record is not done.
    #[cfg(feature = "postgres")]
    postgres: "create table vanta_mcp.record (
        kind text not null,
        id text not null,
        body text,
        changed timestamptz not null default clock_timestamp(),
        primary key (kind, id)
    )",
}];

/// The version that this program knows.
#[must_use]
pub fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The steps that a database of this version still needs; `None` where it is newer than what is known.
#[must_use]
pub fn missing(found: i64) -> Option<&'static [SchemaStep]> {
    STEPS.get(usize::try_from(found).unwrap_or(usize::MAX)..)
}
