//! `vanta-mcp catalog diff`: Vanta's OpenAPI documents beside the catalog.

use std::path::PathBuf;
use std::process::ExitCode;

use super::exit::USAGE;
use super::output::{complain, say};
use crate::catalog::difference::{Side, compare, table};
use crate::catalog::openapi::Document;
use crate::catalog::operations;
use crate::files::text;

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Print {
    /// Every difference, a line each.
    Differences,
    /// A table to start from for each operation that is missing.
    Tables,
}

/// Compares documents with the catalog: 0 where nothing is missing, 1 where something is, 2 where one cannot be read.
pub(super) fn diff(files: &[PathBuf], print: Print) -> ExitCode {
    let mut documents = Vec::new();
    for file in files {
        let content = match text::read(file) {
            Ok(content) => content,
            Err(error) => {
                complain(&format!("{} cannot be read ({error}).", file.display()));
                return ExitCode::from(USAGE);
            }
        };
        match Document::read(&content) {
            Ok(document) => documents.push(document),
            Err(problem) => {
                complain(&format!("{}: {problem}.", file.display()));
                return ExitCode::from(USAGE);
            }
        }
    }
    let found = compare(documents, operations());
    let missing = found.differences.iter().filter(|one| one.side == Side::Missing).count();
    match print {
        Print::Differences => {
            found.differences.iter().for_each(|one| say(&one.to_string()));
            let gone = found.differences.len() - missing;
            complain(&format!(
                "{} operations compared: {missing} things missing here, {gone} gone there.",
                found.compared
            ));
        }
        Print::Tables => {
            let tables: Vec<String> = found.missing.iter().map(table).collect();
            say(tables.join("\n").trim_end());
        }
    }
    if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
