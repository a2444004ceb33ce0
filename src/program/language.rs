//! From the text of a program to what can be run: jaq's functions without those that reach out, and what is wrong.

use jaq_core::compile::Undefined;
use jaq_core::data::JustLut;
use jaq_core::load::lex::Expect as Character;
use jaq_core::load::parse::{Def, Expect as Word};
use jaq_core::load::{Arena, Error as LoadError, File, Loader, import, parse};
use jaq_core::{Compiler, Ctx, Filter, Vars};
use jaq_json::{Map, Val};

use super::error::ProgramError;
use super::place::ProgramPlace;
use super::slip::Slip;

/// What a program runs on: values, and nothing else.
pub type Data = JustLut<Val>;

const PRELUDE: &str = include_str!("prelude.jq");

/// Functions of jaq that read the environment or the system's time zone. The prelude has others of their names.
const REACHING_OUT: [&str; 3] = ["env", "localtime", "strflocaltime"];

/// What jq calls the environment; it is empty.
const ENVIRONMENT: &str = "$ENV";

/// The least likeness of a name that is worth suggesting.
const LIKE: f64 = 0.6;

/// The most characters of a token or a name that a message repeats.
const TOKEN: usize = 40;

/// Functions of the prelude and of jaq that only others are made of.
const INNER: [&str; 6] = ["row", "entry_key", "entry_value", "join_texts", "without", "without_indices"];

/// What other languages call a function, and jq's name for it.
const ELSEWHERE: [(&str, &str); 20] = [
    ("avg", "add / length"),
    ("concat", "add"),
    ("count", "length"),
    ("distinct", "unique"),
    ("filter", "select"),
    ("includes", "contains"),
    ("len", "length"),
    ("lower", "ascii_downcase"),
    ("lowercase", "ascii_downcase"),
    ("mean", "add / length"),
    ("order_by", "sort_by"),
    ("size", "length"),
    ("sort_desc", "sort_by(…) | reverse"),
    ("sum", "add"),
    ("tolower", "ascii_downcase"),
    ("toupper", "ascii_upcase"),
    ("uniq", "unique"),
    ("upper", "ascii_upcase"),
    ("uppercase", "ascii_upcase"),
    ("where", "select"),
];

fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    // A prelude that cannot be read has no definitions, which its test would notice.
    let own = parse(PRELUDE, |parser| parser.defs()).unwrap_or_default();
    jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).chain(own)
}

/// The context that a program begins with.
pub fn surroundings(filter: &Filter<Data>) -> Ctx<'_, Data> {
    Ctx::new(&filter.lut, Vars::new([Val::obj(Map::default())]))
}

/// Makes a program that can be run.
pub fn compiled(program: &str) -> Result<Filter<Data>, ProgramError> {
    let arena = Arena::default();
    let file = File { code: program, path: () };
    let modules = Loader::new(definitions())
        .load(&arena, file)
        .and_then(|modules| {
            // Imported data is nobody else's to refuse.
            import(&modules, |_| Err(String::new()))?;
            Ok(modules)
        })
        .map_err(|errors| unreadable(program, errors.into_iter().map(|(_, error)| error)))?;
    let functions = jaq_core::funs::<Data>().chain(jaq_std::funs()).chain(jaq_json::funs());
    let harmless = functions.filter(|(name, _, _)| !REACHING_OUT.contains(name));
    Compiler::default()
        .with_funs(harmless)
        .with_global_vars([ENVIRONMENT])
        .compile(modules)
        .map_err(|errors| undefined(program, errors.into_iter().flat_map(|(_, errors)| errors)))
}

fn place(program: &str, part: &str) -> ProgramPlace {
    let begin = jaq_core::load::span(program, part).start;
    ProgramPlace::before_rest(program, program.len().saturating_sub(begin))
}

fn cut(text: &str) -> String {
    text.chars().take(TOKEN).collect()
}

/// What was found, as it is named in a message.
fn found(text: &str) -> String {
    if text.is_empty() { "the end".to_owned() } else { format!("`{}`", cut(text)) }
}

fn unreadable<'p>(program: &str, mut errors: impl Iterator<Item = LoadError<&'p str>>) -> ProgramError {
    let (expected, part, token) = match errors.next() {
        Some(LoadError::Lex(errors)) => {
            let Some((expected, rest)) = errors.into_iter().next() else { return ProgramError::Empty };
            (character(&expected).to_owned(), rest, rest.split_whitespace().next().unwrap_or(rest))
        }
        Some(LoadError::Parse(errors)) => {
            let Some((expected, token)) = errors.into_iter().next() else { return ProgramError::Empty };
            (word(&expected), token, token)
        }
        Some(LoadError::Io(wanted)) => {
            let Some((module, _)) = wanted.into_iter().next() else { return ProgramError::Empty };
            return ProgramError::Module { place: Box::new(place(program, module)), module: cut(module) };
        }
        None => return ProgramError::Empty,
    };
    let slip = Slip::of(token);
    ProgramError::Syntax { place: Box::new(place(program, part)), expected, found: found(token), slip }
}

fn character(expected: &Character<&str>) -> &'static str {
    match expected {
        Character::Digit => "a digit",
        Character::Ident => "a name",
        Character::Delim("(") => "`)`",
        Character::Delim("[") => "`]`",
        Character::Delim("{") => "`}`",
        Character::Delim(_) => "a closing `\"`",
        Character::Escape => "an escape sequence of JSON, such as `\\n` or `\\\\`",
        Character::Unicode => "four hexadecimal digits of a character",
        _ => "a filter, an operator or the end",
    }
}

fn word(expected: &Word<&str>) -> String {
    let known = match expected {
        Word::Just(text) => return format!("`{text}`"),
        Word::Var => "a variable (`$x`)",
        Word::Pattern => "a variable or a pattern (`$x`, `[$x]`, `{a: $x}`)",
        Word::ElseOrEnd => "`else`, `elif` or `end`",
        Word::CommaOrRBrack => "`,` or `]`",
        Word::CommaOrRBrace => "`,` or `}`",
        Word::SemicolonOrRParen => "`;` or `)`",
        Word::Term => "a filter",
        Word::Key => "a key",
        Word::Ident => "a name",
        Word::Arg => "a parameter",
        Word::Str => "a text in double quotes",
        _ => "an operator or the end",
    };
    known.to_owned()
}

fn undefined<'p>(program: &str, mut errors: impl Iterator<Item = (&'p str, Undefined)>) -> ProgramError {
    let Some((part, kind)) = errors.next() else { return ProgramError::Empty };
    let (place, name) = (Box::new(place(program, part)), cut(part));
    match kind {
        Undefined::Filter(arguments) => {
            let known: Vec<(&str, usize)> = known_functions().collect();
            let mut known_with: Vec<usize> =
                known.iter().filter(|(known, _)| *known == part).map(|(_, arguments)| *arguments).collect();
            known_with.sort_unstable();
            known_with.dedup();
            let near = match ELSEWHERE.iter().find(|(elsewhere, _)| part.eq_ignore_ascii_case(elsewhere)) {
                Some((_, here)) => vec![(*here).to_owned()],
                None => nearest(part, known.into_iter().map(|(name, _)| name)),
            };
            ProgramError::UnknownFunction { place, name, arguments, near, known_with }
        }
        Undefined::Label => ProgramError::UnknownLabel { place, name },
        Undefined::Mod => ProgramError::Module { place, module: name },
        _ => {
            let near = nearest(part, variables(program).filter(|name| *name != part));
            ProgramError::UnknownVariable { place, name, near: near.into_iter().next() }
        }
    }
}

/// Every function that a program may call, with its number of arguments; those that only others are made of are left out.
fn known_functions() -> impl Iterator<Item = (&'static str, usize)> {
    let defined = definitions().map(|definition| (definition.name, definition.args.len()));
    let native = jaq_core::funs::<Data>().chain(jaq_std::funs()).chain(jaq_json::funs());
    let native = native.map(|(name, arguments, _)| (name, arguments.len()));
    let is_inner = |name: &str| name.ends_with("_empty") || name.ends_with('_') || INNER.contains(&name);
    defined.chain(native).filter(move |(name, _)| !is_inner(name))
}

/// The variables that a program names, wherever.
fn variables(program: &str) -> impl Iterator<Item = &str> {
    program.match_indices('$').filter_map(|(begin, _)| {
        let rest = program.get(begin + 1..)?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        program.get(begin..=begin + end).filter(|_| end > 0)
    })
}

/// The one or two names that are most like it.
fn nearest<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut likely: Vec<(f64, &str)> = names
        .map(|name| {
            (strsim::normalized_damerau_levenshtein(&typed.to_lowercase(), &name.to_lowercase()), name)
        })
        .filter(|(likeness, _)| *likeness >= LIKE)
        .collect();
    likely.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    likely.dedup_by_key(|(_, name)| *name);
    likely.into_iter().take(2).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests;
