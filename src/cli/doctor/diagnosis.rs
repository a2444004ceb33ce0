//! What a check found.

use serde::Serialize;

/// What one check found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// What was checked.
    pub check: String,
    pub result: CheckResult,
    /// What was found, in words.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_do: Option<String>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// It works.
    Ok,
    /// It works, and something is to be known.
    Warning,
    /// It does not work.
    Failed,
    /// It was not meant to.
    NotConfigured,
}

impl CheckResult {
    pub fn mark(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::NotConfigured => "not configured",
        }
    }
}

impl Diagnosis {
    pub fn ok(check: impl Into<String>, found: impl Into<String>) -> Self {
        Self { check: check.into(), result: CheckResult::Ok, found: found.into(), to_do: None }
    }

    pub fn warning(check: impl Into<String>, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { result: CheckResult::Warning, ..Self::failed(check, found, to_do) }
    }

    pub fn failed(check: impl Into<String>, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        let to_do = Some(to_do.into()).filter(|text| !text.is_empty());
        Self { check: check.into(), result: CheckResult::Failed, found: found.into(), to_do }
    }

    pub fn unset(check: impl Into<String>, found: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { result: CheckResult::NotConfigured, ..Self::failed(check, found, to_do) }
    }
}
