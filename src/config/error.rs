//! What can be wrong with settings. Every message names the setting and its source, none a secret's value.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::likeness::Likeness;
use super::placeholder::Placeholder;
use super::source::Source;
use crate::files::{FileError, PathProblem};
use crate::tools::UnknownName;

/// A setting that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no such setting.
    #[error("unknown setting `{name}` in {source_name}{}", .near.as_ref().map_or(".".to_owned(), |near| format!("; \
             did you mean `{near}`?")))]
    Unknown {
        /// What stands there.
        name: String,
        /// Where it stands.
        source_name: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// The value cannot be read as what it should be.
    #[error("{origin} is invalid: expected {expected}{}.{}", .shown.as_ref().map(|value| format!(", not `{value}`")).unwrap_or_default(), Likeness::told(*.seems))]
    Malformed {
        /// Setting and source.
        origin: Source,
        /// What it should be.
        expected: &'static str,
        /// The value, where it may be shown.
        shown: Option<String>,
        /// What it looks like.
        seems: Option<Likeness>,
    },
    /// The value is a placeholder, and nothing else may take its place.
    #[error(
        "{origin} still contains a placeholder ({placeholder}). Replace it with the value, or remove the setting."
    )]
    Unfilled {
        /// Setting and source.
        origin: Source,
        /// How it is written.
        placeholder: Placeholder,
    },
    /// A path means nothing as it is written.
    #[error("{origin} {cause}.")]
    Path {
        /// Setting and source.
        origin: Source,
        /// What is wrong with it.
        cause: PathProblem,
    },
    /// A credential has a value that can be told to be another thing.
    #[error("{origin} should contain {expected}, but looks like {seems}.{}", if swapped(*.seems) { " Are the client id and the client secret swapped?" } else { "" })]
    Misplaced {
        /// Setting and source.
        origin: Source,
        /// What it should give.
        expected: &'static str,
        /// What it holds.
        seems: Likeness,
    },
    /// There is no such toolset or tool.
    #[error("{origin}: {cause}{}", if cause.near.is_some() { "" } else { "." })]
    Name {
        /// Setting and source.
        origin: Source,
        /// What is wrong.
        cause: UnknownName,
    },
    /// A folder that files may be in cannot be opened.
    #[error("{origin}: {cause}.")]
    Folder {
        /// Setting and source.
        origin: Source,
        /// What is wrong.
        cause: FileError,
    },
    /// The address would send credentials in the clear.
    #[error(
        "{origin} is plain http to a host that is not this machine: the credentials would be sent unencrypted. Use \
         https."
    )]
    PlainHttp {
        /// Setting and source.
        origin: Source,
    },
    /// A server that anybody could reach and use.
    #[error(
        "{origin} is {address}, which other machines can reach, but callers are not authenticated. Set --tokens \
         FILE to require a token (`vanta-mcp token new NAME` creates one), or --issuer and --public-url to require \
         an OAuth access token; otherwise listen on 127.0.0.1."
    )]
    Open {
        /// Setting and source.
        origin: Source,
        /// The address.
        address: SocketAddr,
    },
    /// Health and metrics that anybody could read.
    #[error(
        "{origin} is {address}, which other machines can reach, and health and metrics are served there without \
         authentication. Use an address of this machine, such as 127.0.0.1:9090, or allow it with --admin-open."
    )]
    AdminOpen {
        /// Setting and source.
        origin: Source,
        /// The address.
        address: SocketAddr,
    },
    /// One of two settings that mean nothing without each other.
    #[error("{origin} is set without {other}; set both or neither.")]
    Alone {
        /// The one that is set.
        origin: Source,
        /// The flag of the other.
        other: &'static str,
    },
    /// A setting of the demo tenant, and real upstreams.
    #[error(
        "{origin} applies to the demo tenant only, and this command uses your own Vanta. Add --demo, or remove it; --limits sets \
         how many requests a minute go to your own Vanta."
    )]
    DemoAlone {
        /// The setting.
        origin: Source,
    },
    /// An authorization server, and no address that its clients could be told.
    #[error(
        "{origin} is set, but the address at which clients reach this server is unknown, and OAuth metadata must \
         contain it. Set --public-url to the address of /mcp that clients use, such as https://mcp.example.com/mcp; \
         no --audience value is such an address."
    )]
    NoPublicUrl {
        /// The setting of the authorization server.
        origin: Source,
    },
    /// A secret and a file with the secret, both in one place.
    #[error("{direct} and {path} are both set; keep one.")]
    Twice {
        /// The secret.
        direct: Source,
        /// Its file.
        path: Source,
    },
    /// One half of a credential is from Vanta's file, the other from elsewhere.
    #[error(
        "{env_file} holds a client id and its secret, but another setting replaces one of the two; use one source \
         for both."
    )]
    Mixed {
        /// The file's setting.
        env_file: Source,
    },
    /// A file that a setting names cannot be read. Its path is not shown: where it is none, it may be what belongs into
    /// the file.
    #[error("{origin} names a file that cannot be read: {cause}.{} The value must be the path of a file.", Likeness::told(*.seems))]
    File {
        /// Setting and source.
        origin: Source,
        /// Why.
        #[source]
        cause: io::Error,
        /// What its value looks like.
        seems: Option<Likeness>,
    },
    /// A file that a setting names does not hold what it should.
    #[error("{origin} names a file that {problem}.")]
    Content {
        /// Setting and source.
        origin: Source,
        /// What is wrong with it, without its content.
        problem: String,
    },
    /// State cannot be kept there.
    #[error("{origin} {problem}.")]
    State {
        /// Setting and source.
        origin: Source,
        /// What is wrong with it, without its value.
        problem: String,
    },
    /// The settings file cannot be read.
    #[error("the settings file {} cannot be read: {cause}.{}", shown(.path), Likeness::told(Likeness::of(&.path.to_string_lossy())))]
    SettingsFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The settings file is no TOML.
    #[error("the settings file {} is not valid TOML: line {line}: {problem}.", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// A variable is not UTF-8.
    #[error("{name} (environment) is not UTF-8.")]
    NotText {
        /// The variable.
        name: String,
    },
}

/// The path of the settings file, unless it looks like none.
fn shown(path: &Path) -> String {
    let shown = path.to_string_lossy();
    if Likeness::of(&shown).is_some() { "that was given".to_owned() } else { shown.into_owned() }
}

fn swapped(seems: Likeness) -> bool {
    matches!(seems, Likeness::ClientId | Likeness::ClientSecret)
}
