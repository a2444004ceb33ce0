//! What others do to a file, or to what is around it: before it is opened, and while it is open.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;

use super::super::sqlite::Sqlite;
use super::child::Process;
use super::sqlite::{Place, mode, set_mode, zeros};
use super::suite::{add, add_kept, key, put};
use super::*;

async fn told(path: &Path) -> String {
    add(&Sqlite::new(path.to_owned()), &key("a")).await.unwrap_err().told()
}

#[tokio::test]
async fn what_is_no_file_is_told_as_what_it_is() {
    let folder = TempDir::with_prefix("vanta-mcp-kinds-").unwrap();
    let at = |name: &str| folder.path().join(name);
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    let _socket = UnixListener::bind(at("socket")).unwrap();
    fs::create_dir(at("folder")).unwrap();
    symlink("/dev/null", at("link")).unwrap();
    fs::write(at("file"), "kept").unwrap();
    let choose = "set VANTA_MCP_STATE to the absolute path of a file";
    for (path, what) in [
        (PathBuf::from("/dev/null"), "/dev/null is a device, not a file; "),
        (at("pipe"), "/pipe is a named pipe, not a file; "),
        (at("socket"), "/socket is a socket, not a file; "),
        (at("folder"), "/folder is a folder, not a file; "),
        (at("link"), "/link is a link to /dev/null, which is a device, not a file; "),
        (at("file/below/state.db"), "/file is a file, not a folder; "),
    ] {
        let told = told(&path).await;
        assert!(told.contains(what) && told.ends_with(choose) && !told.contains("chmod"), "{told}");
    }
    assert_eq!(fs::read(at("file")).unwrap(), b"kept");
}

#[tokio::test]
async fn a_folder_further_up_that_others_can_write_is_refused_unless_what_is_in_it_is_its_owners() {
    let place = Place::new();
    let above = place.file.parent().unwrap().parent().unwrap().to_owned();
    set_mode(&above, 0o777);
    let refused = told(&place.file).await;
    let command = format!("chmod o-w '{}'", above.display());
    assert!(refused.contains("could replace") && refused.contains(&command), "{refused}");
    assert!(!place.file.parent().unwrap().exists(), "nothing is made there");
    // A link does not hide it.
    let elsewhere = TempDir::with_prefix("vanta-mcp-link-").unwrap();
    fs::create_dir(elsewhere.path().join("own")).unwrap();
    let link = elsewhere.path().join("own/link.db");
    fs::create_dir(above.join("below")).unwrap();
    set_mode(&above.join("below"), 0o700);
    symlink(above.join("below/state.db"), &link).unwrap();
    let by_link = told(&link).await;
    let leads = format!("where the link {} leads, a folder above the state file", link.display());
    assert!(by_link.contains(&command) && by_link.contains(&leads), "{by_link}");
    set_mode(elsewhere.path(), 0o777);
    assert!(told(&link).await.contains(&*elsewhere.path().to_string_lossy()), "nor does what it is in");
    assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    assert_eq!(add(&place.store(), &key("a")).await, Ok(1));
    // Where everybody can make files, and touch no other's; and where a group is let in, which may be one's own.
    for closed in [0o1777, 0o775] {
        set_mode(&above, closed);
        add(&place.store(), &key("a")).await.unwrap();
    }
    set_mode(&above, 0o700);
}

#[tokio::test]
async fn a_path_with_a_quotation_mark_makes_no_other_command() {
    let folder = TempDir::with_prefix("vanta-mcp-quote-").unwrap();
    let open = folder.path().join("it's; touch made");
    fs::create_dir(&open).unwrap();
    set_mode(&open, 0o777);
    let error = add(&Sqlite::new(open.join("state.db")), &key("a")).await.unwrap_err();
    let StoreError::OpenToOthers { mend, .. } = error else { panic!("{error:?}") };
    let shell = Command::new("sh").args(["-c", &mend]).current_dir(folder.path()).status().unwrap();
    assert!(shell.success() && !folder.path().join("made").exists(), "{mend}");
    assert_eq!(mode(&open), 0o755);
}

#[tokio::test]
async fn what_others_could_read_is_closed_to_them() {
    let place = Place::new();
    let first = place.store();
    add(&first, &key("a")).await.unwrap();
    let all = [place.file.clone(), place.beside("-wal"), place.beside("-shm")];
    for file in &all {
        set_mode(file, 0o644);
    }
    assert_eq!(add(&place.store(), &key("a")).await, Ok(2));
    for file in &all {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    // What others can write may have been written.
    for file in &all[1..] {
        set_mode(file, 0o666);
        let told = told(&place.file).await;
        assert!(told.contains("can be written by other users; ") && told.contains("chmod go-w"), "{told}");
        set_mode(file, 0o600);
    }
    drop(first);
}

#[tokio::test]
async fn what_is_cut_or_written_over_while_it_is_open_is_told_and_kept_from_harm() {
    let damages: [fn(&Path); 4] = [
        |file| File::options().write(true).open(file).unwrap().set_len(100_000).unwrap(),
        |file| {
            fs::write(file, "this is no database at all, and long enough to be one ".repeat(4000)).unwrap();
        },
        |file| zeros(file, 20 * 4096, 4096),
        |file| zeros(file, 4096, 8 * 4096),
    ];
    for (at, damage) in damages.into_iter().enumerate() {
        let place = Place::filled().await;
        let shared = Shared::new(Arc::new(place.store()));
        assert_eq!(add_kept(&shared, &key("a")).await, Ok(1), "{at}");
        damage(&place.file);
        let damaged = fs::read(&place.file).unwrap();
        let told = add_kept(&shared, &key("a")).await;
        assert!(matches!(told, Err(StoreError::Damaged { .. })), "{at}: {told:?}");
        let told = told.unwrap_err().told();
        assert!(told.contains(place.text()) && told.contains("move it away"), "{at}: {told}");
        // The process goes on by itself, and says why.
        let count = |_: Moment, number: &mut u64| {
            *number += 1;
            *number
        };
        assert_eq!(shared.change(&key("a"), count).await, 1, "{at}");
        assert!(shared.health().trouble.is_some(), "{at}");
        let again = Shared::new(Arc::new(place.store()));
        assert!(add_kept(&again, &key("a")).await.is_err(), "{at}");
        drop((shared, again));
        assert!(fs::read(&place.file).unwrap() == damaged, "{at}: nothing more is written to it");
        fs::rename(&place.file, place.beside(".old")).unwrap();
        assert_eq!(add(&place.store(), &key("a")).await, Ok(1), "{at}");
    }
}

#[tokio::test]
async fn a_file_that_is_emptied_while_it_is_open_is_made_anew() {
    let place = Place::filled().await;
    let (store, second) = (place.store(), place.store());
    for expected in 1..=3 {
        assert_eq!(add(&store, &key("a")).await, Ok(expected));
    }
    assert_eq!(add(&second, &key("a")).await, Ok(4));
    File::options().write(true).open(&place.file).unwrap().set_len(0).unwrap();
    assert_eq!(add(&store, &key("a")).await, Ok(1));
    assert_eq!(add(&second, &key("a")).await, Ok(2), "all go on with the same file");
}

#[tokio::test]
async fn what_another_process_writes_to_the_file_is_no_damage() {
    let place = Place::filled().await;
    let (store, second) = (place.store(), place.store());
    assert_eq!(add(&store, &key("a")).await, Ok(1));
    // A good deal more than is kept in the log before it is written to the file.
    for round in 0..400 {
        put(&second, &key(&round.to_string()), &"y".repeat(12_000 + round)).await.unwrap();
        if round % 50 == 0 {
            add(&store, &key("a")).await.unwrap();
        }
    }
    assert_eq!(add(&store, &key("a")).await, Ok(10));
    let mut file = File::options().append(true).open(&place.file).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(b"").unwrap();
    assert_eq!(add(&second, &key("a")).await, Ok(11));
}

#[tokio::test]
async fn a_log_that_is_cut_written_over_or_deleted_while_it_is_open_ends_no_process() {
    for what in ["-shm cut", "-shm emptied", "-shm over", "-shm gone", "-wal cut", "-wal gone", "-wal over"] {
        let place = Place::filled().await;
        assert!(Process::start("tamper", place.text(), what).is_done(), "{what}");
        // Whatever became of what was in the log, the file is sound, or its damage is told.
        match add(&place.store(), &key("a")).await {
            Ok(_) | Err(StoreError::Damaged { .. }) => {}
            Err(other) => panic!("{what}: {other:?}"),
        }
    }
}

/// What is done in a process of its own, which a signal would end.
pub async fn a_log_is_cut_while_it_is_open(file: &Path, what: &str) {
    let store = Sqlite::new(file.to_owned());
    for expected in 1..=3 {
        assert_eq!(add(&store, &key("a")).await, Ok(expected));
    }
    let (ending, how) = what.split_once(' ').unwrap();
    let path = PathBuf::from(format!("{}{ending}", file.display()));
    let length = fs::metadata(&path).unwrap().len();
    let cut = |to| File::options().write(true).open(&path).unwrap().set_len(to).unwrap();
    match how {
        "cut" => cut(length / 2),
        "emptied" => cut(0),
        "gone" => fs::remove_file(&path).unwrap(),
        _ => {
            let mut file = File::options().write(true).open(&path).unwrap();
            file.write_all(&vec![0xa5; usize::try_from(length).unwrap()]).unwrap();
        }
    }
    let mut last = add(&store, &key("a")).await;
    // A log that is none may be told once, before it is left.
    if matches!(last, Err(StoreError::Damaged { .. })) {
        last = add(&store, &key("a")).await;
    }
    match last {
        Ok(_) | Err(StoreError::Damaged { .. }) => {}
        Err(other) => panic!("{what}: {other:?}"),
    }
}
