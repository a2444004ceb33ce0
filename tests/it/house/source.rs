//! The source files as a compiler reads them: every path that one names, in full, and every type that it defines.
//!
//! Comments and texts are no code; a path is followed through `use`, its groups and its other names, and through
//! `self`, `super` and `crate`. In full, a path into this crate begins with `crate`.

use std::fs;
use std::mem;
use std::path::Path;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A file below `src/`.
pub struct SourceFile {
    /// From `src/` on, e.g. `api/client.rs`.
    pub path: String,
    pub text: String,
    /// Its module, e.g. `crate`, `api`, `client`.
    pub module: Vec<String>,
    pub mentions: Vec<Mention>,
    pub definitions: Vec<String>,
    stand_ins: Vec<StandIn>,
}

/// A module that is read from a file of another name, where that is what a build wants.
struct StandIn {
    /// The module that the file would be by its name.
    file: Vec<String>,
    module: Vec<String>,
}

/// A path that a file names.
pub struct Mention {
    pub path: Vec<String>,
    pub how: How,
    /// What an import is called from there on; `*` where it brings everything.
    pub name: String,
    /// Whether it is in the file's own tests.
    pub in_test: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// `use`
    Import,
    /// `pub use` of one thing, which lists it for others.
    Listing,
    /// In the midst of code.
    Code,
}

impl SourceFile {
    /// All files but the rooms' tests, which may look wherever they must. A file that stands in for a module in another
    /// build is that module.
    pub fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let read = |path: String| {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            Self::new(&path, text)
        };
        let files = find(&root, "", "rs").into_iter().filter(|path| !is_test(path)).map(read).collect();
        Self::with_stand_ins(files)
    }

    /// The files, each that stands in for a module read as that module.
    pub fn with_stand_ins(mut files: Vec<Self>) -> Vec<Self> {
        let stand_ins: Vec<StandIn> = files.iter_mut().flat_map(|file| file.stand_ins.drain(..)).collect();
        for stand_in in stand_ins {
            if let Some(file) = files.iter_mut().find(|file| file.module == stand_in.file) {
                *file = Self::of_module(&file.path, mem::take(&mut file.text), stand_in.module);
            }
        }
        files
    }

    pub fn new(path: &str, text: String) -> Self {
        let inner = path.trim_end_matches(".rs").trim_end_matches("/mod");
        let inner = inner.split('/').filter(|part| *part != "lib");
        let module = ["crate"].into_iter().chain(inner).map(str::to_owned).collect();
        Self::of_module(path, text, module)
    }

    fn of_module(path: &str, text: String, module: Vec<String>) -> Self {
        let code: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut reading = Reading::default();
        reading.code(&code.into_iter().collect::<Vec<_>>(), &module, Place::Module);
        let mentions = reading.mentions();
        let Reading { definitions, stand_ins, .. } = reading;
        Self { path: path.to_owned(), text, module, mentions, definitions, stand_ins }
    }

    /// Its module as messages name it, e.g. `api::client`.
    pub fn name(&self) -> String {
        self.module.iter().skip(1).map(String::as_str).collect::<Vec<_>>().join("::")
    }

    /// The room that it is in; `main` and `lib` for the two files that are in none.
    pub fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

/// Whether a file below `src/` is a room's tests.
pub fn is_test(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs")
}

/// The files of a folder and of those within whose names end so, each from the root on.
pub fn find(root: &Path, below: &str, ending: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            paths.extend(find(root, &path, ending));
        } else if entry.path().extension().is_some_and(|own| own == ending) {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}

/// A path as it is written, and the module that it is written in.
struct WrittenPath {
    path: Vec<String>,
    module: Vec<String>,
    how: How,
    name: String,
    in_test: bool,
}

/// Where the tokens stand that are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Module,
    /// Within an item.
    Item,
}

/// What has been read of one file.
#[derive(Default)]
struct Reading {
    written: Vec<WrittenPath>,
    /// `mod name;`, by the module that it is in.
    children: Vec<Vec<String>>,
    definitions: Vec<String>,
    stand_ins: Vec<StandIn>,
    in_test: bool,
}

impl Reading {
    fn code(&mut self, tokens: &[TokenTree], module: &[String], place: Place) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
            at = match token {
                TokenTree::Punct(mark)
                    if mark.as_char() == '#' && !self.in_test && is_for_tests(tokens.get(at + 1)) =>
                {
                    let end = end_of_item(tokens, at + 2);
                    self.in_test = true;
                    self.code(&tokens[at + 2..end], module, place);
                    self.in_test = false;
                    end
                }
                TokenTree::Group(group) => {
                    self.code(&group.stream().into_iter().collect::<Vec<_>>(), module, Place::Item);
                    at + 1
                }
                TokenTree::Ident(word) => match (word.to_string().as_str(), tokens.get(at + 1)) {
                    ("use", next) if !is(next, '<') => {
                        let end = at + tokens[at..].iter().position(|token| is(Some(token), ';')).unwrap();
                        let restricted = matches!(before(1), Some(TokenTree::Group(_)));
                        let listing = is_word(before(if restricted { 2 } else { 1 }), "pub");
                        let how = if listing { How::Listing } else { How::Import };
                        self.imports(&tokens[at + 1..end], &[], module, how);
                        end
                    }
                    ("extern", Some(TokenTree::Ident(next))) if next == "crate" => {
                        let end = at + tokens[at..].iter().position(|token| is(Some(token), ';')).unwrap();
                        self.imports(&tokens[at + 2..end], &[String::new()], module, How::Import);
                        end
                    }
                    ("mod", Some(TokenTree::Ident(name))) => {
                        let inner: Vec<String> = module.iter().cloned().chain([name.to_string()]).collect();
                        if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                            let body: Vec<_> = body.stream().into_iter().collect();
                            self.code(&body, &inner, Place::Module);
                        }
                        if let Some(file) = before(1).and_then(named_file).filter(|file| name != file) {
                            let file = module.iter().cloned().chain([file]).collect();
                            self.stand_ins.push(StandIn { file, module: inner.clone() });
                        }
                        self.children.push(inner);
                        at + 3
                    }
                    (kind @ ("struct" | "enum" | "trait" | "type"), Some(TokenTree::Ident(name))) => {
                        let is_alias = kind == "type";
                        let is_new =
                            !is_alias || (place == Place::Module && !is_same(name, &tokens[at + 2..]));
                        if is_new && !self.in_test {
                            self.definitions.push(name.to_string());
                        }
                        at + 2
                    }
                    _ => self.path(tokens, at, module),
                },
                _ => at + 1,
            };
        }
    }

    /// Reads a path that begins here, and says where it ends.
    fn path(&mut self, tokens: &[TokenTree], begin: usize, module: &[String]) -> usize {
        let is_at = |at: Option<usize>, mark| at.is_some_and(|at| is(tokens.get(at), mark));
        let mut path = vec![plain(&tokens[begin])];
        let mut end = begin + 1;
        while is_double_colon(&tokens[end..])
            && let Some(TokenTree::Ident(word)) = tokens.get(end + 2)
        {
            path.push(plain(word));
            end += 3;
        }
        let field = is_at(begin.checked_sub(1), '.') && !is_at(begin.checked_sub(2), '.');
        let lifetime = is_at(begin.checked_sub(1), '\'');
        // After a generic type's `>` or from the root of all crates.
        let rooted = begin >= 2 && is_double_colon(&tokens[begin - 2..]);
        let called = is_group(tokens.get(end), Delimiter::Parenthesis);
        let one = path.len() == 1 && !called && path[0].starts_with(|first: char| !first.is_uppercase());
        if rooted {
            path.insert(0, String::new());
        }
        if !field && !lifetime && !one {
            let written = WrittenPath {
                path,
                module: module.to_vec(),
                how: How::Code,
                name: String::new(),
                in_test: self.in_test,
            };
            self.written.push(written);
        }
        end
    }

    /// Reads what stands between `use` and its semicolon, or in one of its groups.
    fn imports(&mut self, tree: &[TokenTree], prefix: &[String], module: &[String], how: How) {
        for branch in tree.split(|token| is(Some(token), ',')) {
            let mut path = prefix.to_vec();
            let mut name = None;
            let mut words = branch.iter();
            if is_double_colon(branch) {
                path.push(String::new());
            }
            while let Some(token) = words.next() {
                match token {
                    TokenTree::Group(group) => {
                        self.imports(&group.stream().into_iter().collect::<Vec<_>>(), &path, module, how);
                        path.clear();
                    }
                    TokenTree::Ident(word) if word == "as" => name = words.next().map(plain),
                    TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                    TokenTree::Ident(word) => path.push(plain(word)),
                    TokenTree::Punct(mark) if mark.as_char() == '*' => name = Some("*".to_owned()),
                    _ => {}
                }
            }
            let Some(last) = path.last().cloned() else { continue };
            let name = name.unwrap_or(last);
            // What a listing of everything lists is not seen, so it counts as an import.
            let how = if name == "*" { How::Import } else { how };
            self.written.push(WrittenPath {
                path,
                module: module.to_vec(),
                how,
                name,
                in_test: self.in_test,
            });
        }
    }

    /// Every path in full. One word alone is a path where it is the name of an import. What no import names may have come
    /// by one that brings everything, so it is named below each of those too that lead out of the crate.
    fn mentions(&self) -> Vec<Mention> {
        let is_path = |written: &&WrittenPath| {
            let named =
                |import: &WrittenPath| import.name == written.path[0] && import.module == written.module;
            written.how != How::Code || written.path.len() > 1 || self.written.iter().any(named)
        };
        let mention = |written: &WrittenPath| Mention {
            path: self.in_full(&written.path, &written.module, 0),
            how: written.how,
            name: written.name.clone(),
            in_test: written.in_test,
        };
        let by_everything = |written: &WrittenPath| {
            let whole = self.in_full(&written.path, &written.module, 0);
            let globs = self.written.iter().filter(|one| one.name == "*" && one.module == written.module);
            let outside = globs
                .map(|glob| self.in_full(&glob.path, &glob.module, 0))
                .filter(|glob| whole == written.path && glob.first().is_none_or(|first| first != "crate"));
            let paths = outside.map(|glob| glob.into_iter().chain(whole.clone()).collect());
            paths.map(|path| Mention { path, ..mention(written) }).collect::<Vec<_>>()
        };
        let in_code = |written: &&WrittenPath| written.how == How::Code;
        let found = self.written.iter().filter(is_path);
        found.clone().map(mention).chain(found.filter(in_code).flat_map(by_everything)).collect()
    }

    fn in_full(&self, path: &[String], module: &[String], depth: usize) -> Vec<String> {
        // `self::super` is a long way of saying `super`.
        let detours = path.iter().zip(path.iter().skip(1)).take_while(|(a, b)| *a == "self" && *b == "super");
        let path = &path[detours.count()..];
        let outer = path.iter().take_while(|segment| *segment == "super").count();
        if outer > 0 {
            return module[..module.len() - outer].iter().chain(&path[outer..]).cloned().collect();
        }
        let (first, rest) = path.split_first().unwrap();
        let of_import = || {
            // An import of a name by itself, like `use url;`, leads nowhere but to a crate.
            let named = |import: &&WrittenPath| {
                import.name == *first && import.module == module && import.path[0] != *first && depth < 8
            };
            self.written.iter().find(named).map(|import| self.in_full(&import.path, module, depth + 1))
        };
        let child: Vec<String> = module.iter().chain([first]).cloned().collect();
        let begin = match first.as_str() {
            "" => Vec::new(),
            "crate" | "vanta_mcp" => vec!["crate".to_owned()],
            "self" => module.to_vec(),
            _ if self.children.contains(&child) => child,
            _ => of_import().unwrap_or_else(|| vec![first.clone()]),
        };
        begin.into_iter().chain(rest.iter().cloned()).collect()
    }
}

/// A word as the compiler takes it: `r#env` is `env`.
fn plain(word: &impl ToString) -> String {
    word.to_string().trim_start_matches("r#").to_owned()
}

fn is(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

fn is_word(token: Option<&TokenTree>, text: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(word)) if word == text)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

fn is_double_colon(tokens: &[TokenTree]) -> bool {
    is(tokens.first(), ':') && is(tokens.get(1), ':')
}

/// Whether what stands after a `#` says that the next item is there for tests alone.
pub fn is_for_tests(attribute: Option<&TokenTree>) -> bool {
    attribute.is_some_and(|attribute| {
        let text: String = attribute.to_string().split_whitespace().collect();
        text == "[cfg(test)]"
    })
}

/// The file that `[path = "file.rs"]` names, without its ending.
fn named_file(attribute: &TokenTree) -> Option<String> {
    let text = attribute.to_string();
    let (_, file) = text.trim_start_matches('[').trim_start().strip_prefix("path")?.split_once('"')?;
    file.split_once(".rs").map(|(file, _)| file.to_owned())
}

/// Where an item ends that begins here, perhaps with further attributes.
pub fn end_of_item(tokens: &[TokenTree], begin: usize) -> usize {
    let is_import = tokens[begin..].iter().take(3).any(|token| is_word(Some(token), "use"));
    let is_body = |token: &TokenTree| is_group(Some(token), Delimiter::Brace) && !is_import;
    let last = tokens[begin..].iter().position(|token| is(Some(token), ';') || is_body(token));
    last.map_or(tokens.len(), |last| begin + last + 1)
}

/// Whether a definition from its name on is that of an alias which only settles what is generic in a type of that name.
fn is_same(name: &Ident, after: &[TokenTree]) -> bool {
    let definition = after.split(|token| is(Some(token), ';')).next().unwrap_or_default();
    let Some(equals) = definition.iter().position(|token| is(Some(token), '=')) else { return false };
    let of = definition[equals + 1..].iter().take_while(|token| !is(Some(token), '<'));
    of.last().is_some_and(|last| is_word(Some(last), &name.to_string()))
}
