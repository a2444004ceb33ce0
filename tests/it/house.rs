//! The shape of the source tree: imports point down and form no circle, what only one room may name is named there
//! alone, and a name has one meaning.

pub mod source;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use source::{How, Mention, SourceFile};

/// The rooms from the top down; a file may use what stands below its own.
const ROOMS: [&str; 18] = [
    "main",
    "cli",
    "config",
    "transport",
    "callers",
    "server",
    "tools",
    "jobs",
    "call",
    "answer",
    "index",
    "program",
    "api",
    "files",
    "gate",
    "state",
    "authorities",
    "catalog",
];

/// A crate of its own, which runs before there is anything to be set.
const BUILD_SCRIPT: &str = "catalog/build.rs";

/// The files that name the file system.
const DISK: [&str; 16] = [
    "callers/tokens/store.rs",
    BUILD_SCRIPT,
    "config/value.rs",
    "files/collected.rs",
    "files/collection.rs",
    "files/download.rs",
    "files/export.rs",
    "files/exposed.rs",
    "files/mod.rs",
    "files/shelf.rs",
    "files/text.rs",
    "files/upload.rs",
    "files/watched.rs",
    "program/bounds.rs",
    "state/sqlite/file.rs",
    "state/sqlite/watch.rs",
];

/// The files that read what may change while the server runs, callers' hashes, the certificate and its key, and the one
/// that has them looked at.
const WATCHING: [&str; 4] =
    ["callers/tokens.rs", "transport/http/listening.rs", "transport/http/pem.rs", "transport/http/tls.rs"];

/// What the module of the environment has that does not read it.
const NOT_ENVIRONMENT: [&str; 4] = ["args_os", "current_exe", "join_paths", "split_paths"];

/// What a room lists for others though it alone may name where it is from: a tool as clients are shown it, for `cli`.
const PASSED_ON: [&str; 3] = ["rmcp", "model", "Tool"];

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|candidate| *candidate == room)
}

fn begins(mention: &Mention, with: &[&str]) -> bool {
    mention.path.iter().zip(with).filter(|(segment, wanted)| segment == *wanted).count() == with.len()
}

#[test]
fn imports_point_down() {
    for file in SourceFile::all().iter().filter(|file| file.room() != "lib") {
        for mention in file.mentions.iter().filter(|mention| begins(mention, &["crate"])) {
            let Some(imported) = mention.path.get(1) else { continue };
            let above = rank(file.room()).unwrap_or(usize::MAX);
            let allowed = file.room() == imported || above < rank(imported).unwrap_or(0);
            assert!(allowed, "{} imports {}", file.path, mention.path.join("::"));
        }
    }
}

/// Where a path leads: to the file of its module, or where that only lists it, to the file that has it.
fn home<'f>(files: &'f [SourceFile], path: &[String], depth: usize) -> Option<&'f SourceFile> {
    let module = |file: &&SourceFile| path.starts_with(&file.module);
    let file = files.iter().filter(module).max_by_key(|file| file.module.len())?;
    let listed = path.get(file.module.len()).and_then(|name| {
        let lists = |mention: &&Mention| mention.how == How::Listing && mention.name == *name;
        file.mentions.iter().find(lists)
    });
    match listed {
        Some(listed) if depth < 8 => home(files, &listed.path, depth + 1),
        _ => Some(file),
    }
}

/// For each module the others of its room that it builds on, a module to a file. A `pub use` that is not used itself
/// builds on nothing.
fn imports_within_rooms(files: &[SourceFile]) -> BTreeMap<String, BTreeSet<String>> {
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let needed = file.mentions.iter().filter(|mention| !mention.in_test && mention.how != How::Listing);
        let homes = needed
            .filter(|mention| begins(mention, &["crate"]))
            .filter_map(|mention| home(files, &mention.path, 0));
        let beside = homes.filter(|home| home.room() == file.room() && home.module != file.module);
        graph.entry(file.name()).or_default().extend(beside.map(SourceFile::name));
    }
    graph
}

/// The shortest way from a module back to itself.
fn circle<'g>(graph: &'g BTreeMap<String, BTreeSet<String>>, begin: &'g str) -> Option<Vec<&'g str>> {
    let mut ways = VecDeque::from([vec![begin]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in graph.get(*way.last()?)? {
            let way: Vec<&str> = way.iter().copied().chain([next.as_str()]).collect();
            if next == begin {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push_back(way);
            }
        }
    }
    None
}

#[test]
fn files_of_a_room_form_no_circle() {
    let files = SourceFile::all();
    let graph = imports_within_rooms(&files);
    let found = graph.keys().filter_map(|module| circle(&graph, module));
    // Each once, from whichever of its files it was found.
    let circles: BTreeMap<BTreeSet<&str>, String> =
        found.map(|way| (way.iter().copied().collect(), way.join(" -> "))).collect();
    assert!(circles.is_empty(), "{:#?}", circles.values());
}

#[test]
fn a_circle_is_found_whichever_way_it_goes() {
    let circle_of = |files: &[(&str, &str)]| {
        let files: Vec<_> =
            files.iter().map(|(path, text)| SourceFile::new(path, (*text).to_owned())).collect();
        let files = SourceFile::with_stand_ins(files);
        circle(&imports_within_rooms(&files), &files[0].name()).map(|way| way.join(" -> "))
    };
    let back = Some("api::a -> api::b -> api::a".to_owned());
    for (a, b) in [
        ("use super::b::B;", "use super::a;"),
        ("use super::{b::{self, B}, c};", "use crate::api::a::A;"),
        ("fn f() { super::b::g() }", "use crate::{api::a, gate};"),
        ("use super::B;", "mod inner { use super::super::a::A; }"),
        ("use super::{C as Other};", "pub use super::a::*;"),
        ("use super::b as other;", "fn f() -> crate::api::a::A { loop {} }"),
    ] {
        let list = ("api/mod.rs", "mod a; mod b; pub use b::{B, B as C};");
        assert_eq!(circle_of(&[("api/a.rs", a), ("api/b.rs", b), list]), back, "{a} {b}");
    }
    let lists = "mod a; mod b; pub use a::{A, g}; pub use b::B;";
    let uses = "mod a; mod b; pub use a::A; pub struct B(A);";
    let deeper = ("api/a/deep.rs", "use super::super::B;");
    assert_eq!(circle_of(&[("api/mod.rs", lists), ("api/a.rs", "use super::B;"), ("api/b.rs", "")]), None);
    assert_eq!(circle_of(&[("api/mod.rs", "mod a; use a::A;"), ("api/a.rs", "// use super::B;")]), None);
    let with_tests = "mod a; use a::A; #[cfg(test)] mod tests { }";
    let in_tests = "#[cfg(test)] mod tests { use super::super::C; }";
    assert_eq!(circle_of(&[("api/mod.rs", with_tests), ("api/a.rs", in_tests)]), None);
    let by_use = circle_of(&[("api/mod.rs", uses), ("api/a.rs", "use super::B;")]);
    assert_eq!(by_use.as_deref(), Some("api -> api::a -> api"));
    let nested =
        circle_of(&[("api/mod.rs", "mod a; fn f() { a::deep::g() }"), ("api/a/mod.rs", "mod deep;"), deeper]);
    assert_eq!(nested.as_deref(), Some("api -> api::a::deep -> api"));
    let chosen = "#[cfg(unix)] mod b; #[cfg(not(unix))] #[path = \"none.rs\"] mod b;";
    let other = [
        ("api/a.rs", "use super::b;"),
        ("api/mod.rs", chosen),
        ("api/none.rs", "use super::a;"),
        ("api/b.rs", ""),
    ];
    assert_eq!(circle_of(&other), back, "by a file that stands in");
}

#[test]
fn only_one_room_names_what_is_its_own() {
    let own = [
        (&["reqwest"][..], &["api"][..]),
        (&["rmcp"], &["server", "transport"]),
        (&["std", "process", "exit"], &[]),
    ];
    for file in SourceFile::all() {
        for mention in &file.mentions {
            for (name, rooms) in own {
                let elsewhere = begins(mention, name) && !rooms.contains(&file.room());
                assert!(!elsewhere, "{} names {}", file.path, mention.path.join("::"));
                let listed = begins(mention, name) && mention.how == How::Listing;
                let passes_on = listed && !begins(mention, &PASSED_ON);
                assert!(!passes_on, "{} passes {} on", file.path, mention.path.join("::"));
            }
        }
    }
}

#[test]
fn the_environment_is_read_in_config_alone() {
    for file in SourceFile::all().iter().filter(|file| file.path != BUILD_SCRIPT) {
        for mention in file.mentions.iter().filter(|mention| begins(mention, &["std", "env"])) {
            assert!(mention.how != How::Listing, "{} passes {} on", file.path, mention.path.join("::"));
            if file.room() == "config" {
                continue;
            }
            let harmless = mention.path.get(2).is_some_and(|name| NOT_ENVIRONMENT.contains(&name.as_str()));
            assert!(harmless, "{} names {}", file.path, mention.path.join("::"));
        }
    }
}

#[test]
fn files_are_read_by_those_alone_who_are_named() {
    let files = SourceFile::all();
    let naming = |is: fn(&Mention) -> bool| -> Vec<&str> {
        let named =
            files.iter().filter(|file| file.mentions.iter().any(|mention| !mention.in_test && is(mention)));
        named.map(|file| file.path.as_str()).collect()
    };
    let is_disk = |mention: &Mention| {
        let std = begins(mention, &["std"]) || begins(mention, &["tokio"]);
        (std && mention.path.iter().any(|segment| segment == "fs")) || begins(mention, &["cap_std"])
    };
    assert_eq!(naming(is_disk), DISK);
    assert_eq!(naming(|mention| begins(mention, &["crate", "files", "watched"])), WATCHING);
}

#[test]
fn a_thing_is_seen_by_whatever_name() {
    let names = |text: &str, path: &str| {
        let file = SourceFile::new("cli/x.rs", text.to_owned());
        file.mentions.iter().any(|mention| mention.path.join("::").starts_with(path))
    };
    for text in [
        "fn f() { std::env::var(\"A\") }",
        "use std::env; fn f() { env::var(\"A\") }",
        "use std::{env as e, fs}; fn f() { println!(\"{:?}\", e::var_os(\"A\")) }",
        "use std as s; use s::env; fn f() { env::vars() }",
        "use std::env::var; fn f() { var(\"A\") }",
        "use std::env::{self, var as read}; fn f() { read(\"A\") }",
        "use ::std::env::*;",
        "use std::*; fn f() { env::var(\"A\") }",
        "extern crate std as s; fn f() { s::env::var(\"A\") }",
        "fn f() { r#std::r#env::var(\"A\") }",
        "fn f() { use std::env as e; e::var(\"A\") }",
        "fn f() { println!(\"{:?}\", { vec![std::env::vars()] }) }",
        "macro_rules! read { () => { std::env::var(\"A\") } }",
        "const READ: fn() -> std::env::Args = <std::env::Args as New>::new;",
        "mod a { pub use std::env; } fn f() { a::env::var(\"A\") }",
    ] {
        assert!(names(text, "std::env"), "{text}");
    }
    for text in [
        "use crate::{api, gate::Permit};",
        "use crate::{api, gate::{self, Permit}};",
        "mod a { use super::super::super::gate::Permit; }",
        "use super::super::{gate::Permit};",
        "fn f(_: self::super::super::gate::Permit) {}",
        "use crate as c; fn f(_: c::gate::Permit) {}",
        "use super::super as up; fn f(_: up::gate::Permit) {}",
        "use crate::gate as g; fn f(_: g::Permit) {}",
    ] {
        assert!(names(text, "crate::gate::Permit"), "{text}");
    }
    assert!(names("use std::fs as f; fn r() { f::read(\"A\") }", "std::fs::read"));
    assert!(names("use tokio::{fs as f, io}; fn r() { f::read(\"A\") }", "tokio::fs::read"));
    assert!(!names("use super::a::*; fn f() { b::c() }", "crate::cli::a::b"), "that way leads nowhere else");
    assert!(!names("/// `std::env::var`\nfn f() -> &'static str { \"std::env::var\" }", "std::env"));
}

#[test]
fn a_name_has_one_meaning() {
    let mut meanings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in SourceFile::all() {
        for name in &file.definitions {
            meanings.entry(name.clone()).or_default().insert(file.name());
        }
    }
    meanings.retain(|_, modules| modules.len() > 1);
    assert!(meanings.is_empty(), "{meanings:#?}");
}

#[test]
fn files_stay_short_enough_to_read() {
    for file in SourceFile::all() {
        let lines = file.text.lines().count();
        assert!(lines <= 450, "{} has {lines} lines", file.path);
    }
}

#[test]
fn every_module_says_what_it_is() {
    for file in SourceFile::all() {
        assert!(file.text.starts_with("//! "), "{} has no module comment", file.path);
    }
}
