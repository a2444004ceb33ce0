//! `vanta-mcp token new NAME`: a token for a caller over HTTP.

use std::path::Path;
use std::process::ExitCode;

use secrecy::ExposeSecret as _;

use super::exit::USAGE;
use super::output::{complain, say};
use crate::callers::tokens::{Fresh, TokenEntry, TokenFileError};
use crate::catalog::Effect;

/// Makes a token and prints it; its hash goes into the file, or is printed where there is none.
pub(super) fn new(name: &str, access: Effect, toolsets: Vec<String>, file: Option<&Path>) -> ExitCode {
    let made = TokenEntry::fresh(name, access, toolsets).and_then(|fresh| {
        if let Some(path) = file {
            fresh.entry.append_to(path)?;
        }
        Ok(fresh)
    });
    let Fresh { token, entry } = match made {
        Ok(fresh) => fresh,
        Err(problem) => {
            complain(&format!("{problem}."));
            let usage = matches!(problem, TokenFileError::Name { .. } | TokenFileError::Toolset(_));
            return if usage { ExitCode::from(USAGE) } else { ExitCode::FAILURE };
        }
    };
    // The token alone on stdout, so that it can go from here to where it is kept.
    say(token.expose_secret());
    match file {
        Some(path) => complain(&format!(
            "the token above is {name}'s, for `{access}`, and is shown this once; {} holds its hash. A server that uses the \
             file knows it within a second.",
            path.display()
        )),
        None => complain(&format!(
            "the token above is {name}'s, for `{access}`, and is shown this once. Add this to the file that the server is \
             given by --tokens:\n\n{}",
            entry.as_toml()
        )),
    }
    ExitCode::SUCCESS
}
