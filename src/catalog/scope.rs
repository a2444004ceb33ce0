//! The scopes of the upstream APIs, and the narrower ones that an operation may be reached with.
//!
//! Sources: the scope tables of Vanta's API overview pages and of Vanta Panel's API page.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A permission of an upstream application or token, as its API spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everything of a tenant, reading.
    AllRead,
    /// Everything of a tenant, reading and writing.
    AllWrite,
    /// Vendors and what is below them, reading.
    VendorsRead,
    /// Vendors and what is below them, reading and writing.
    VendorsWrite,
    /// Documents and what is below them, reading.
    DocumentsRead,
    /// The list of documents alone.
    DocumentsList,
    /// Documents and what is below them, reading and writing.
    DocumentsWrite,
    /// Uploading files to documents.
    DocumentsUpload,
    /// Audits of an audit firm, reading.
    AuditRead,
    /// Audits of an audit firm, writing.
    AuditWrite,
    /// The firm's auditors, reading.
    AuditorRead,
    /// The firm's auditors, writing.
    AuditorWrite,
    /// Resources that an integration pushes, reading.
    ResourceRead,
    /// Resources that an integration pushes, writing.
    ResourceWrite,
    /// Panel accounts: list and view.
    AccountsRead,
    /// Panel accounts: create, suspend, unsuspend, password, plan.
    AccountsWrite,
    /// Panel accounts: terminate.
    AccountsDelete,
}

/// Every scope with its spelling, in the order of [`Scope`].
const SPELLINGS: [(Scope, &str); 17] = [
    (Scope::AllRead, "vanta-api.all:read"),
    (Scope::AllWrite, "vanta-api.all:write"),
    (Scope::VendorsRead, "vanta-api.vendors:read"),
    (Scope::VendorsWrite, "vanta-api.vendors:write"),
    (Scope::DocumentsRead, "vanta-api.documents:read"),
    (Scope::DocumentsList, "vanta-api.documents:list"),
    (Scope::DocumentsWrite, "vanta-api.documents:write"),
    (Scope::DocumentsUpload, "vanta-api.documents:upload"),
    (Scope::AuditRead, "auditor-api.audit:read"),
    (Scope::AuditWrite, "auditor-api.audit:write"),
    (Scope::AuditorRead, "auditor-api.auditor:read"),
    (Scope::AuditorWrite, "auditor-api.auditor:write"),
    (Scope::ResourceRead, "connectors.self:read-resource"),
    (Scope::ResourceWrite, "connectors.self:write-resource"),
    (Scope::AccountsRead, "accounts:read"),
    (Scope::AccountsWrite, "accounts:write"),
    (Scope::AccountsDelete, "accounts:delete"),
];

impl Scope {
    /// The spelling that the upstream uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        SPELLINGS.iter().find(|(scope, _)| *scope == self).map_or("", |(_, spelling)| spelling)
    }

    /// The scope of this spelling.
    #[must_use]
    pub fn named(spelling: &str) -> Option<Self> {
        spelling.parse().ok()
    }

    /// All scopes, for messages that name what is accepted.
    pub fn all() -> impl Iterator<Item = Self> {
        SPELLINGS.iter().map(|(scope, _)| *scope)
    }

    /// Whether the scope lets a change through.
    #[must_use]
    pub fn writes(self) -> bool {
        !matches!(
            self,
            Self::AllRead
                | Self::VendorsRead
                | Self::DocumentsRead
                | Self::DocumentsList
                | Self::AuditRead
                | Self::AuditorRead
                | Self::ResourceRead
                | Self::AccountsRead
        )
    }

    /// Whether an application of the right kind may well lack it: managing a firm's auditors is asked for beside
    /// conducting audits, and granted on its own.
    #[must_use]
    pub fn is_aside(self) -> bool {
        matches!(self, Self::AuditorRead | Self::AuditorWrite)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no scope of any of the APIs.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        SPELLINGS.iter().find(|(_, spelling)| *spelling == text).map(|(scope, _)| *scope).ok_or(UnknownScope)
    }
}

/// What the key `scope` of an operation says: where a narrower scope than the whole API exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Narrow {
    /// Below `/v1/vendors`.
    Vendors,
    /// Below `/v1/documents`.
    Documents,
    /// The list of documents, for which a scope of its own exists.
    #[serde(rename = "documents:list")]
    DocumentsList,
    /// Files uploaded to documents.
    #[serde(rename = "documents:upload")]
    DocumentsUpload,
    /// The firm's auditors.
    Auditor,
    /// Panel: list and view.
    #[serde(rename = "accounts:read")]
    AccountsRead,
    /// Panel: change.
    #[serde(rename = "accounts:write")]
    AccountsWrite,
    /// Panel: terminate.
    #[serde(rename = "accounts:delete")]
    AccountsDelete,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_from_its_spelling() {
        for scope in Scope::all() {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        assert_eq!("vanta-api.all".parse::<Scope>(), Err(UnknownScope));
    }

    #[test]
    fn only_scopes_named_read_or_list_do_not_write() {
        for scope in Scope::all() {
            let spelled_read = scope.as_str().contains(":read") || scope.as_str().ends_with(":list");
            assert_eq!(scope.writes(), !spelled_read, "{scope}");
        }
    }
}
