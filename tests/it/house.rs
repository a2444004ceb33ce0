//! The shape of the source tree: imports point down, and what only one room may name is named there alone.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the top down; a file may use what stands below its own.
const ROOMS: [&str; 13] = [
    "main",
    "cli",
    "config",
    "transport",
    "callers",
    "server",
    "tools",
    "call",
    "answer",
    "api",
    "files",
    "gate",
    "catalog",
];

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(source_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Every file with its room and its text. The rooms' own tests are left out: they may look wherever they must.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_test = |path: &Path| path.iter().any(|part| part == "tests.rs" || part == "test.rs");
    let in_tests = |path: &Path| path.parent().is_some_and(|folder| folder.ends_with("tests"));
    source_files(&root)
        .into_iter()
        .filter(|path| !is_test(path) && !in_tests(path))
        .map(|path| {
            let below = path.strip_prefix(&root).unwrap();
            let room = below
                .components()
                .next()
                .unwrap()
                .as_os_str()
                .to_string_lossy()
                .trim_end_matches(".rs")
                .to_owned();
            let text = fs::read_to_string(&path).unwrap();
            (room, path, text)
        })
        .collect()
}

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|candidate| *candidate == room)
}

/// The rooms that a text imports by `crate::`, comments left out.
fn imports(text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>())
        .filter(|room| !room.is_empty())
        .collect()
}

#[test]
fn imports_point_down() {
    for (room, path, text) in rooms() {
        if room == "lib" {
            continue;
        }
        for imported in imports(&text) {
            let allowed = match (room.as_str(), imported.as_str()) {
                (same, other) if same == other => true,
                (above, below) => rank(above).unwrap_or(usize::MAX) < rank(below).unwrap_or(0),
            };
            assert!(allowed, "{} imports crate::{imported}", path.display());
        }
    }
}

#[test]
fn only_one_room_names_what_is_its_own() {
    let own = [
        ("reqwest::", &["api"][..]),
        ("rmcp::", &["cli", "server", "transport"][..]),
        ("std::env::var", &["config"][..]),
        ("fs::", &["config", "callers", "catalog", "files"][..]),
        ("std::process::exit", &[][..]),
    ];
    for (room, path, text) in rooms() {
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for (name, rooms) in own {
            let elsewhere = code.contains(name) && !rooms.contains(&room.as_str());
            assert!(!elsewhere, "{} names {name}", path.display());
        }
    }
}

#[test]
fn files_stay_short_enough_to_read() {
    for (_, path, text) in rooms() {
        let lines = text.lines().count();
        assert!(lines <= 450, "{} has {lines} lines", path.display());
    }
}

#[test]
fn every_module_says_what_it_is() {
    for (_, path, text) in rooms() {
        assert!(text.starts_with("//! "), "{} has no module comment", path.display());
    }
}
