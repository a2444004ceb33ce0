//! Compiles `tools/` into one JSON text that the crate embeds.
//!
//! A mistake is reported with its file, line and a caret, and stops the build.
//! What is written is data, never Rust.

#![expect(dead_code, reason = "the build script uses a part of what it shares with the crate")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use model::{Api, Area, Catalog, Operation};
use source::{File, ToolSource};

#[path = "advice.rs"]
mod advice;
#[path = "check.rs"]
mod check;
#[path = "effect.rs"]
mod effect;
#[path = "known.rs"]
mod known;
#[path = "members.rs"]
mod members;
#[path = "model.rs"]
mod model;
#[path = "raise.rs"]
mod raise;
#[path = "request_line.rs"]
mod request_line;
#[path = "schema.rs"]
mod schema;
#[path = "scope.rs"]
mod scope;
#[path = "shape.rs"]
mod shape;
#[path = "source.rs"]
mod source;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=tools");
    println!("cargo::rerun-if-changed=src/catalog");
    match compile(Path::new("tools")) {
        Ok(json) => {
            let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("catalog.json");
            match fs::write(&out, json) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&format!("{}: {error}", out.display())),
            }
        }
        Err(report) => fail(&report),
    }
}

#[expect(clippy::print_stderr, reason = "a build script reports on stderr")]
fn fail(report: &str) -> ExitCode {
    eprintln!("{report}");
    ExitCode::FAILURE
}

/// One file, as text and as what it says.
struct ParsedFile {
    path: PathBuf,
    text: String,
    api: Api,
    /// Its name without the ending.
    name: String,
    file: File,
}

impl ParsedFile {
    /// The area that the file is about.
    fn area(&self) -> Area<'_> {
        let area = &self.file.area;
        Area {
            api: self.api,
            name: &self.name,
            title: area.title.as_str().into(),
            about: area.about.as_str().into(),
            toolset: area.toolset.as_str(),
        }
    }
}

fn compile(root: &Path) -> Result<String, String> {
    let mut report = String::new();
    let mut files = Vec::new();
    for (api, path) in find(root).map_err(|error| format!("{}: {error}", root.display()))? {
        match parse(api, &path) {
            Ok(parsed) => files.push(parsed),
            Err(problem) => writeln!(report, "{problem}").map_err(|e| e.to_string())?,
        }
    }
    let mut places = BTreeMap::new();
    for (index, parsed) in files.iter().enumerate() {
        for name in parsed.file.tool.keys() {
            if let Some((other, _)) = places.insert(name.get_ref().clone(), (index, name.span().start)) {
                let first = files
                    .get(other)
                    .map(|first: &ParsedFile| first.path.display().to_string())
                    .unwrap_or_default();
                report += &at(parsed, name.span().start, &format!("{} is also in {first}", name.get_ref()));
            }
        }
    }
    let mut operations: Vec<Operation<'static>> = Vec::new();
    for parsed in &files {
        for (name, tool) in &parsed.file.tool {
            for problem in check::tool(name.get_ref(), parsed.api, tool) {
                report += &at(parsed, name.span().start, &problem);
            }
            match tool.compile(name.get_ref(), &parsed.area()) {
                Ok(operation) => operations.push(operation),
                Err(problem) => report += &at(parsed, name.span().start, &problem),
            }
        }
    }
    operations.sort_by_key(|operation| operation.name);
    let areas = files.iter().map(ParsedFile::area).collect();
    let json = serde_json::to_string(&Catalog { areas, operations }).map_err(|error| error.to_string())?;
    let tools: BTreeMap<String, (Api, ToolSource)> = take_tools(&mut files);
    for (name, problem) in check::all(&tools) {
        let place = places.get(&name).and_then(|(index, offset)| Some((files.get(*index)?, *offset)));
        if let Some((parsed, offset)) = place {
            report += &at(parsed, offset, &problem);
        }
    }
    if report.is_empty() { Ok(json) } else { Err(report) }
}

fn take_tools(files: &mut [ParsedFile]) -> BTreeMap<String, (Api, ToolSource)> {
    files
        .iter_mut()
        .flat_map(|parsed| {
            let api = parsed.api;
            std::mem::take(&mut parsed.file.tool)
                .into_iter()
                .map(move |(name, tool)| (name.into_inner(), (api, tool)))
        })
        .collect()
}

/// The files below `tools/`, with the API that their folder stands for, in a fixed order.
fn find(root: &Path) -> io::Result<Vec<(Api, PathBuf)>> {
    let mut files = Vec::new();
    for api in Api::ALL {
        let folder = root.join(api.as_str());
        if !folder.is_dir() {
            continue;
        }
        let mut paths =
            fs::read_dir(&folder)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
        files.extend(paths.into_iter().map(|path| (api, path)));
    }
    Ok(files)
}

fn parse(api: Api, path: &Path) -> Result<ParsedFile, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
    Ok(ParsedFile { path: path.to_owned(), text, api, name, file })
}

/// A problem at a place of a file, with the line and a caret under it.
fn at(parsed: &ParsedFile, offset: usize, problem: &str) -> String {
    let before = parsed.text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = offset - start;
    let shown = parsed.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    format!("{}: line {line}: {problem}\n  | {shown}\n  | {}^\n", parsed.path.display(), " ".repeat(column))
}
