//! The texts that a person or a model reads, each with its place.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use proc_macro2::{TokenStream, TokenTree};
use serde_json::Value;
use syn::Lit;
use vanta_mcp::catalog;

use crate::harness::BINARY;
use crate::house::source::{end_of_item, find, is_for_tests, is_test};

/// A text and where it is.
pub struct Text {
    /// A file from the root on, or what else it is part of.
    pub file: String,
    /// In the file, from 1.
    pub line: usize,
    /// In one line.
    pub words: String,
}

impl Text {
    pub fn new(file: &str, line: usize, text: &str) -> Self {
        Self { file: file.to_owned(), line, words: text.split_whitespace().collect::<Vec<_>>().join(" ") }
    }

    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Every text in the code, outside comments and tests.
pub fn of_source() -> Vec<Text> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = find(&root, "", "rs").into_iter().filter(|path| !is_test(path));
    files
        .flat_map(|path| of_code(&format!("src/{path}"), &fs::read_to_string(root.join(&path)).unwrap()))
        .collect()
}

pub fn of_code(file: &str, code: &str) -> Vec<Text> {
    let tokens: TokenStream = code.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut texts = Vec::new();
    literals(file, tokens, &mut texts);
    texts
}

fn literals(file: &str, tokens: TokenStream, texts: &mut Vec<Text>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let is_attribute = matches!(token, TokenTree::Punct(mark) if mark.as_char() == '#');
        at = match token {
            TokenTree::Punct(_) if is_attribute && is_for_tests(tokens.get(at + 1)) => {
                end_of_item(&tokens, at + 2)
            }
            TokenTree::Group(group) => {
                // A comment for the documentation is an attribute.
                if !is_comment(group.stream()) {
                    literals(file, group.stream(), texts);
                }
                at + 1
            }
            TokenTree::Literal(literal) => {
                if let Lit::Str(text) = Lit::new(literal.clone()) {
                    texts.push(Text::new(file, literal.span().start().line, &text.value()));
                }
                at + 1
            }
            _ => at + 1,
        };
    }
}

fn is_comment(attribute: TokenStream) -> bool {
    let mut tokens = attribute.into_iter();
    let is_word = matches!(tokens.next(), Some(TokenTree::Ident(word)) if word == "doc");
    is_word && matches!(tokens.next(), Some(TokenTree::Punct(mark)) if mark.as_char() == '=')
}

/// Titles and descriptions of all tools as a client is shown them, and of those that are never listed.
pub fn of_tools() -> Vec<Text> {
    let all = ["tools", "--demo", "--access", "destroy", "--toolsets", "all", "--json"];
    let list: Value = serde_json::from_str(&printed(&all)).unwrap();
    let found = printed(&["call", "--demo", "--json", "find_tools", r#"{"query":"read_api"}"#]);
    let unlisted: Value = serde_json::from_str(&found).unwrap();
    let tables = Tables::read();
    let mut texts = Vec::new();
    for tool in list["tools"].as_array().unwrap().iter().chain([&unlisted["best"]]) {
        let mut said = Vec::new();
        descriptions(tool, &mut said);
        let place = tables.place(tool["name"].as_str().unwrap());
        texts.extend(said.iter().map(|text| Text::new(&place.0, place.1, text)));
    }
    texts
}

/// The files of the tools' tables.
struct Tables(Vec<(String, String)>);

impl Tables {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools");
        let read = |path: String| {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            (format!("tools/{path}"), text)
        };
        Self(find(&root, "", "toml").into_iter().map(read).collect())
    }

    /// The file and the line at which the table of a tool begins; of one that has none, its name.
    fn place(&self, name: &str) -> (String, usize) {
        let header = format!("[tool.{name}]");
        let of_file = |(file, text): &(String, String)| {
            let line = text.lines().position(|line| line.trim() == header)?;
            Some((file.clone(), line + 1))
        };
        self.0.iter().find_map(of_file).unwrap_or_else(|| (format!("tool {name}"), 1))
    }
}

/// What stands behind `title` and `description`, at any depth.
fn descriptions<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                texts.extend(inner.as_str().filter(|_| matches!(name.as_str(), "title" | "description")));
                descriptions(inner, texts);
            }
        }
        Value::Array(all) => all.iter().for_each(|inner| descriptions(inner, texts)),
        _ => {}
    }
}

/// What a preview says of each operation that destroys, and the advice on failures.
pub fn of_operations() -> Vec<Text> {
    let tables = Tables::read();
    let mut texts = Vec::new();
    for operation in catalog::operations() {
        let confirmation = operation.confirmation.iter().flat_map(|c| [&*c.does, &*c.undo]);
        let advice = operation.advice.iter();
        let advice = advice.flat_map(|advice| [Some(&*advice.say), advice.otherwise.as_deref()]).flatten();
        let (file, line) = tables.place(operation.name);
        texts.extend(confirmation.chain(advice).map(|text| Text::new(&file, line, text)));
    }
    texts
}

/// The help of every command, short and long, each of its texts once.
pub fn of_help() -> Vec<Text> {
    let mut texts = Vec::new();
    help(&[], &mut texts);
    let mut seen = HashSet::new();
    texts.retain(|text| seen.insert(text.words.clone()));
    texts
}

fn help(command: &[&str], texts: &mut Vec<Text>) {
    for flag in ["-h", "--help"] {
        let shown = printed(&[command, &[flag]].concat());
        let place = format!("vanta-mcp {} {flag}", command.join(" "));
        texts.extend(items(&place, &shown));
        if flag == "-h" {
            let commands = shown.lines().skip_while(|line| *line != "Commands:").skip(1);
            let commands = commands.take_while(|line| line.starts_with("  "));
            // A line further to the right goes on with the one before.
            let commands = commands.filter(|line| !line.starts_with("   "));
            for name in
                commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help")
            {
                help(&[command, &[name]].concat(), texts);
            }
        }
    }
}

/// What is said of each command and option: its line, and those that go on far to the right below it.
fn items(place: &str, help: &str) -> Vec<Text> {
    let mut items: Vec<Text> = Vec::new();
    for line in help.lines().filter(|line| !line.trim().is_empty()) {
        let is_more = line.len() - line.trim_start().len() > 8;
        match items.last_mut().filter(|_| is_more) {
            Some(item) => item.words = format!("{} {}", item.words, line.trim()),
            None => items.push(Text::new(place, items.len() + 1, line)),
        }
    }
    items
}

/// The documents at the root and below `docs`, a text a paragraph; of the changes those that are not released.
pub fn of_markdown() -> Vec<Text> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = ["README.md", "SECURITY.md", "PRIVACY.md", "CONTRIBUTING.md", "mcp.json.example"];
    let read = |name: &str| fs::read_to_string(root.join(name)).ok().map(|text| (name.to_owned(), text));
    let mut files: Vec<(String, String)> = named.into_iter().filter_map(read).collect();
    if root.join("docs").is_dir() {
        let below = find(&root.join("docs"), "", "md");
        files.extend(below.iter().filter_map(|path| read(&format!("docs/{path}"))));
    }
    let mut texts: Vec<Text> = files.iter().flat_map(|(name, text)| lines(name, text)).collect();
    let (name, changes) = read("CHANGELOG.md").unwrap();
    let is_unreleased = |text: &Text| text.words == "## Unreleased";
    let is_release = |text: &Text| text.words.starts_with("## ");
    let mut changes = lines(&name, &changes).skip_while(|text| !is_unreleased(text));
    assert!(changes.next().is_some(), "there are changes that are not released");
    texts.extend(changes.take_while(|text| !is_release(text)));
    texts
}

/// The lines of a document, each a paragraph or a part of one.
fn lines(file: &str, text: &str) -> impl Iterator<Item = Text> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| Text::new(file, at + 1, line)).collect::<Vec<_>>().into_iter()
}

/// What the binary prints without any setting.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(BINARY).args(arguments).env_clear().output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
