//! What an operation is. Compiled into the build script, which writes these
//! structs, and into the crate, which reads them: one definition, no drift.
//!
//! The structs borrow from the embedded text, and a schema stays unparsed
//! until its tool is listed or called.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::advice::Advice;
use super::effect::Effect;
use super::known::{Known, Named, ValuesFrom};
use super::raise::Raise;
use super::scope::{Narrow, Scope};
use super::shape::Shape;

/// Everything under `tools/`, compiled.
#[derive(Debug, Serialize, Deserialize)]
pub struct Catalog<'a> {
    /// The areas, in the order of their files.
    #[serde(borrow)]
    pub areas: Vec<Area<'a>>,
    /// The operations, sorted by name.
    #[serde(borrow)]
    pub operations: Vec<Operation<'a>>,
}

/// One file under `tools/`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Area<'a> {
    /// The API that its operations belong to: the folder.
    pub api: Api,
    /// The name of the file without its ending.
    pub name: &'a str,
    /// For people, in tables.
    #[serde(borrow)]
    pub title: Cow<'a, str>,
    /// One line for people.
    #[serde(borrow)]
    pub about: Cow<'a, str>,
    /// The toolset that its operations are chosen by.
    pub toolset: &'a str,
}

/// One operation of an upstream API: one tool.
#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key that a person writes")]
pub struct Operation<'a> {
    /// The tool's name, unique over all files.
    pub name: &'a str,
    /// For people.
    #[serde(borrow)]
    pub title: Cow<'a, str>,
    /// For a model that chooses among tools.
    #[serde(borrow)]
    pub about: Cow<'a, str>,
    /// What people say when they want this, for the search alone: it costs nothing in a list, and being one text with
    /// `|` between the phrases next to nothing at the start.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub asks: &'a str,
    /// Which API, hence which credential and limit.
    pub api: Api,
    /// The area's name.
    pub area: &'a str,
    /// The area's toolset.
    pub toolset: &'a str,
    /// Whether it is among the few that are listed where nobody chose.
    #[serde(default, skip_serializing_if = "is_false")]
    pub usual: bool,
    /// The HTTP method.
    pub method: Method,
    /// The path below the origin with `{placeholders}`; empty for the Panel, whose path is the operator's.
    pub path: &'a str,
    /// Query parameters that are always the same, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub constants: Vec<(&'a str, &'a str)>,
    /// What a call does to people, evidence, access and services.
    pub effect: Effect,
    /// How many calls of it an application may make in a minute, where it has a limit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
    /// Where a narrower scope than the whole API's exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Narrow>,
    /// The form of a successful answer.
    #[serde(default, skip_serializing_if = "Shape::is_plain")]
    pub shape: Shape,
    /// Whether repeating a call with the same arguments changes nothing more.
    #[serde(default, skip_serializing_if = "is_false")]
    pub idempotent: bool,
    /// How much of it is known.
    #[serde(default, skip_serializing_if = "Known::is_whole")]
    pub known: Known,
    /// Whether Vanta has announced its end.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deprecated: bool,
    /// Old names that still work.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub was: Vec<&'a str>,
    /// The fields of an item that a default answer keeps, `owner.displayName` for one inside another, in the order of the
    /// columns of a table; empty keeps all.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub show: Vec<&'a str>,
    /// Arguments that fill the path.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub in_path: Vec<&'a str>,
    /// Those of them whose ids come from elsewhere (a cloud, a customer) and may hold what means something in a path.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub foreign_ids: Vec<&'a str>,
    /// Arguments that go into the query.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub in_query: Vec<&'a str>,
    /// Arguments that go into the JSON body.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub in_body: Vec<&'a str>,
    /// How the body is written.
    #[serde(default, skip_serializing_if = "Encoding::is_json")]
    pub form: Encoding,
    /// The file that goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub upload: Option<Upload<'a>>,
    /// Arguments that the API wants as a text that holds JSON.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub as_json: Vec<&'a str>,
    /// Lists that the API wants as one text with commas.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub as_commas: Vec<&'a str>,
    /// Members of an item by which a whole list is filtered here, each an argument of the same name.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub here: Vec<&'a str>,
    /// Query arguments that are sent in the body as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub repeat_in_body: Vec<&'a str>,
    /// A body argument whose members are sent beside the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<&'a str>,
    /// The member of an answer that holds its list, where it is not Vanta's usual place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<&'a str>,
    /// Answer fields that are shown once and can never be read again.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub once: Vec<&'a str>,
    /// Arguments that are sent as a day alone, where it is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub days: Vec<&'a str>,
    /// Paths into the arguments where null is a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub nullable: Vec<&'a str>,
    /// Where the values of filters are from.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub values_from: Vec<ValuesFrom<'a>>,
    /// For a list: how a person calls its items.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub named: Option<Named<'a>>,
    /// What to do about failures that it is known to have.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub advice: Vec<Advice<'a>>,
    /// The members that an item of its answer can have, as the API documents them: names with blanks between, and in
    /// brackets after one those that are inside of it. Empty where they are not known. One text, which costs next to nothing
    /// at the start: it is read when somebody asks for a field that an answer does not have.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub members: &'a str,
    /// Arguments with which it does more than `effect` says.
    #[serde(default, skip_serializing_if = "Vec::is_empty", borrow)]
    pub raise: Vec<Raise<'a>>,
    /// Whether a write that needs no confirmation replaces what was there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overwrites: bool,
    /// What a call needs to be confirmed; present exactly where `effect`, or what an argument raises it to, is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none", borrow)]
    pub confirmation: Option<Confirmation<'a>>,
    /// The JSON Schema of the tool's arguments, unparsed.
    #[serde(borrow)]
    pub schema: &'a RawValue,
}

/// The file of an upload, always the argument `file`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Upload<'a> {
    /// The name of its part in the multipart body.
    pub part: &'a str,
    /// The endings of the file names that the operation accepts, in small letters.
    #[serde(borrow)]
    pub accepts: Vec<&'a str>,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// One JSON object.
    #[default]
    Json,
    /// `multipart/form-data` (RFC 7578), each argument a text part of its own.
    Multipart,
}

impl Encoding {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that serde's skip_serializing_if wants"
    )]
    fn is_json(&self) -> bool {
        *self == Self::Json
    }
}

/// How a destructive operation is previewed and confirmed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Confirmation<'a> {
    /// The argument that holds the target's identifier, or the list of targets.
    pub argument: &'a str,
    /// For a list: the member of an entry that identifies it; empty where the entries are the identifiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<&'a str>,
    /// The read that fetches the target's present state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<&'a str>,
    /// What will happen.
    #[serde(borrow)]
    pub does: Cow<'a, str>,
    /// Whether it can be undone, and by what.
    #[serde(borrow)]
    pub undo: Cow<'a, str>,
}

/// The four upstream APIs; a credential belongs to exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// Manage Vanta: a tenant's own compliance data.
    Manage,
    /// Conduct an Audit: what an audit firm sees of its customers.
    Audit,
    /// Build Integrations: resources that an integration pushes.
    Connectors,
    /// Vanta Panel, a web-hosting panel: no relation but the name.
    Panel,
}

impl Api {
    /// All four, in the order in which people are told about them.
    pub const ALL: [Self; 4] = [Self::Manage, Self::Audit, Self::Connectors, Self::Panel];

    /// The lower-case name, as in configuration and folders.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manage => "manage",
            Self::Audit => "audit",
            Self::Connectors => "connectors",
            Self::Panel => "panel",
        }
    }

    /// How many requests an application may make in a minute, as the overview page of each API has it. Conduct an Audit
    /// counts by operation, and the Panel has no limit.
    #[must_use]
    pub fn per_minute(self) -> Option<u16> {
        match self {
            Self::Manage => Some(50),
            Self::Connectors => Some(20),
            Self::Audit | Self::Panel => None,
        }
    }

    /// The name that people know it by.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Manage => "Manage Vanta",
            Self::Audit => "Conduct an Audit",
            Self::Connectors => "Build Integrations",
            Self::Panel => "Vanta Panel",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An HTTP method, spelled as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Does what the path says.
    Post,
    /// Replaces.
    Put,
    /// Changes parts.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// As on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde's skip_serializing_if wants")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The argument that names a Trust Center.
pub const TRUST_CENTER: &str = "slugId";

impl Operation<'_> {
    /// What there is to say about a failure with this error code of the upstream's, or with none where the answer to a
    /// change was lost.
    pub fn advice_on(&self, code: Option<&str>) -> impl Iterator<Item = &Advice<'_>> {
        self.advice.iter().filter(move |advice| advice.status.is_none() && advice.code == code)
    }

    /// What there is to say about a refusal with this status.
    pub fn advice_on_status(&self, status: u16) -> impl Iterator<Item = &Advice<'_>> {
        self.advice.iter().filter(move |advice| advice.status == Some(status))
    }

    /// What people say when they want this, each a few words.
    pub fn asks(&self) -> impl Iterator<Item = &str> {
        self.asks.split('|').filter(|phrase| !phrase.is_empty())
    }

    /// The scopes of which any one lets this operation through, broadest first.
    #[must_use]
    pub fn scopes(&self) -> &'static [Scope] {
        use Scope::{
            AccountsDelete, AccountsRead, AccountsWrite, AllRead, AllWrite, AuditRead, AuditWrite,
            AuditorRead, AuditorWrite, DocumentsList, DocumentsRead, DocumentsUpload, DocumentsWrite,
            ResourceRead, ResourceWrite, VendorsRead, VendorsWrite,
        };
        let reads = self.effect == Effect::Read;
        match (self.api, self.scope) {
            (Api::Panel, Some(Narrow::AccountsRead)) => &[AccountsRead],
            (Api::Panel, Some(Narrow::AccountsDelete)) => &[AccountsDelete],
            (Api::Panel, Some(_)) => &[AccountsWrite],
            (Api::Panel, None) => &[],
            (Api::Connectors, _) if reads => &[ResourceRead, ResourceWrite],
            (Api::Connectors, _) => &[ResourceWrite],
            (Api::Audit, Some(Narrow::Auditor)) if reads => &[AuditorRead, AuditorWrite],
            (Api::Audit, Some(Narrow::Auditor)) => &[AuditorWrite],
            (Api::Audit, _) if reads => &[AuditRead, AuditWrite],
            (Api::Audit, _) => &[AuditWrite],
            (Api::Manage, Some(Narrow::Vendors)) if reads => &[AllRead, AllWrite, VendorsRead, VendorsWrite],
            (Api::Manage, Some(Narrow::Vendors)) => &[AllWrite, VendorsWrite],
            (Api::Manage, Some(Narrow::DocumentsList)) => {
                &[AllRead, AllWrite, DocumentsRead, DocumentsWrite, DocumentsList]
            }
            (Api::Manage, Some(Narrow::Documents)) if reads => {
                &[AllRead, AllWrite, DocumentsRead, DocumentsWrite]
            }
            (Api::Manage, Some(Narrow::Documents)) => &[AllWrite, DocumentsWrite],
            (Api::Manage, Some(Narrow::DocumentsUpload)) => &[AllWrite, DocumentsWrite, DocumentsUpload],
            (Api::Manage, _) if reads => &[AllRead, AllWrite],
            (Api::Manage, _) => &[AllWrite],
        }
    }

    /// The most that a call can do, whatever its arguments.
    #[must_use]
    pub fn most(&self) -> Effect {
        self.effect.raised_to(self.raise.iter().map(|raise| raise.to))
    }

    /// What a call with these arguments does. They are as they are sent: checked, and mended.
    #[must_use]
    pub fn effect_of(&self, arguments: &Value) -> Effect {
        let spread = self.spread.and_then(|name| arguments.get(name));
        let raised = self
            .raise
            .iter()
            .filter(|raise| raise.holds(arguments) || spread.is_some_and(|members| raise.holds(members)));
        self.effect.raised_to(raised.map(|raise| raise.to))
    }

    /// Whether one page of a list is answered.
    #[must_use]
    pub fn is_paged(&self) -> bool {
        self.shape == Shape::Page
    }

    /// Whether it answers a list, in pages or whole.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self.shape, Shape::Page | Shape::List)
    }

    /// Whether what it answers may be kept for a moment, so that its caller says where it has to be read anew. The Panel has
    /// no limit that would make it worth while.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.effect == Effect::Read && self.api != Api::Panel && self.shape != Shape::File
    }

    /// Whether it is about a Trust Center, which the settings may name.
    #[must_use]
    pub fn is_of_trust_center(&self) -> bool {
        self.in_path.contains(&TRUST_CENTER)
    }

    /// Whether the caller chooses an item's fields.
    #[must_use]
    pub fn has_fields(&self) -> bool {
        self.is_list() || !self.show.is_empty()
    }
}
