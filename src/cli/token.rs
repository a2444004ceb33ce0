//! `vanta-mcp token`: the tokens of those who call over HTTP.

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::exit::USAGE;
use super::output::{complain, say, table};
use crate::callers::legible;
use crate::callers::tokens::{self, Expiry, Fresh, TokenEntry, TokenFileError};
use crate::catalog::Effect;

/// What a new token should be good for.
pub(super) struct WantedToken {
    pub(super) access: Effect,
    /// Empty for all.
    pub(super) toolsets: Vec<String>,
    /// As it was typed.
    pub(super) expires: Option<String>,
}

/// Makes a token and prints it; its hash goes into the file, or is printed where there is none.
pub(super) fn new(name: &str, wanted: WantedToken, file: Option<&Path>) -> ExitCode {
    let access = wanted.access;
    let Fresh { token, entry } = match make(name, wanted, file) {
        Ok(fresh) => fresh,
        Err(problem) => return refuse(&problem),
    };
    // The token alone on stdout, so that it can go from here to where it is kept.
    say(token.expose_secret());
    let name = legible(name);
    let until = entry.expires.map(|expires| format!(" until {expires}")).unwrap_or_default();
    match file {
        Some(path) => complain(&format!(
            "the token above is for {name}, with access `{access}`{until}. It is shown only once; {} holds its hash. A server \
             that uses the file accepts it within a second.",
            path.display()
        )),
        None => complain(&format!(
            "the token above is for {name}, with access `{access}`{until}. It is shown only once. Add this to the file that \
             the server gets with --tokens:\n\n{}",
            entry.as_toml()
        )),
    }
    ExitCode::SUCCESS
}

fn make(name: &str, wanted: WantedToken, file: Option<&Path>) -> Result<Fresh, TokenFileError> {
    let WantedToken { access, toolsets, expires } = wanted;
    let expires = expires
        .map(|text| Expiry::meant(&text, Timestamp::now()).ok_or(TokenFileError::Expiry { text }))
        .transpose()?;
    let fresh = TokenEntry::fresh(name, access, toolsets, expires)?;
    if let Some(path) = file {
        tokens::add(path, &fresh.entry)?;
    }
    Ok(fresh)
}

/// Shows the tokens of the file, without anything that could be used or guessed from.
pub(super) fn list(file: Option<&Path>) -> ExitCode {
    let Some(path) = file else { return no_file() };
    let (entries, slips) = match tokens::list(path) {
        Ok(read) => read,
        Err(problem) => return refuse(&problem),
    };
    say(&table(&["name", "access", "toolsets", "expires"], entries.iter().map(row)));
    for slip in &slips {
        complain(&format!(
            "a mistake in {}, and what cannot be read grants nothing: {slip}.",
            path.display()
        ));
    }
    if slips.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn row(entry: &TokenEntry) -> Vec<String> {
    let toolsets = if entry.toolsets.is_empty() { "all".to_owned() } else { entry.toolsets.join(",") };
    let expires = entry.expires.map_or_else(
        || "never".to_owned(),
        |expires| {
            let past = if expires.at() <= SystemTime::from(Timestamp::now()) { " (expired)" } else { "" };
            format!("{expires}{past}")
        },
    );
    vec![legible(&entry.name), entry.access.to_string(), toolsets, expires]
}

/// Takes a token out of the file.
pub(super) fn revoke(name: &str, file: Option<&Path>) -> ExitCode {
    let Some(path) = file else { return no_file() };
    match tokens::remove(path, name) {
        Ok(()) => {
            complain(&format!(
                "the token of {} is no longer in {}. A server that uses the file refuses it within a second and ends its \
                 open streams.",
                legible(name),
                path.display()
            ));
            ExitCode::SUCCESS
        }
        Err(problem) => refuse(&problem),
    }
}

fn no_file() -> ExitCode {
    complain("name the token file with --tokens FILE or VANTA_MCP_TOKENS.");
    ExitCode::from(USAGE)
}

fn refuse(problem: &TokenFileError) -> ExitCode {
    complain(&format!("{problem}."));
    let usage = matches!(
        problem,
        TokenFileError::Name { .. } | TokenFileError::Toolset(_) | TokenFileError::Expiry { .. }
    );
    if usage { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
}
