//! What can happen to a file.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tempfile::TempDir;

use super::super::sqlite::Sqlite;
use super::child::{self, Process, processes_lose_nothing};
use super::suite::{self, add, add_kept, key, put, seen, unchecked};
use super::*;

pub(super) struct Place {
    _folder: TempDir,
    pub(super) file: PathBuf,
}

impl Place {
    /// In a folder that is not there yet.
    pub(super) fn new() -> Self {
        let folder = TempDir::with_prefix("vanta-mcp-state-").unwrap();
        Self { file: folder.path().join("vanta-mcp/state.db"), _folder: folder }
    }

    pub(super) fn store(&self) -> Sqlite {
        Sqlite::with_patience(self.file.clone(), Duration::from_millis(300))
    }

    pub(super) fn text(&self) -> &str {
        self.file.to_str().unwrap()
    }

    /// A file with a good deal in it, closed.
    pub(super) async fn filled() -> Self {
        let place = Self::new();
        let store = place.store();
        for id in 0..50 {
            put(&store, &key(&id.to_string()), &"x".repeat(4000)).await.unwrap();
        }
        drop(store);
        assert!(fs::metadata(&place.file).unwrap().len() > 200_000, "it is written to the file itself");
        place
    }

    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        PathBuf::from(format!("{}{ending}", self.text()))
    }
}

pub(super) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub(super) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_keeps_the_suite() {
    let place = Place::new();
    let store = Arc::new(Sqlite::new(place.file.clone())) as Arc<dyn Store>;
    assert!(!place.file.exists(), "nothing is opened before the first change");
    suite::holds(&store).await;
    processes_lose_nothing(&*store, place.text()).await;
    // A second store of the same process, which opens what is there.
    assert_eq!(seen(&place.store(), &key("atomic")).await.unwrap().1.as_deref(), Some("1600"));
}

#[tokio::test]
async fn only_a_record_that_changes_is_written() {
    let place = Place::new();
    let store = place.store();
    add(&store, &key("a")).await.unwrap();
    let other = Connection::open(&place.file).unwrap();
    let changed = || other.query_row("select changed from record", [], |row| row.get::<_, i64>(0)).unwrap();
    other.execute("update record set changed = 1", []).unwrap();
    seen(&store, &key("a")).await.unwrap();
    assert_eq!(changed(), 1);
    add(&store, &key("a")).await.unwrap();
    assert!(changed() > 1);
}

#[tokio::test]
async fn what_is_made_is_its_owners_alone() {
    let place = Place::new();
    let store = place.store();
    add(&store, &key("a")).await.unwrap();
    assert_eq!(mode(place.file.parent().unwrap()), 0o700);
    for file in [place.file.clone(), place.beside("-wal"), place.beside("-shm")] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn what_others_can_write_is_refused_with_the_command_that_mends_it() {
    let place = Place::new();
    add(&place.store(), &key("a")).await.unwrap();
    let folder = place.file.parent().unwrap();
    for (path, open, closed) in
        [(folder, 0o770, 0o700), (&*place.file, 0o602, 0o600), (&*place.file, 0o660, 0o600)]
    {
        set_mode(path, open);
        let told = add(&place.store(), &key("a")).await.unwrap_err();
        let mend = format!("chmod go-w '{}'", path.display());
        let expected = StoreError::OpenToOthers { place: path.display().to_string(), mend: mend.clone() };
        assert_eq!(told, expected);
        assert!(Command::new("sh").args(["-c", &mend]).status().unwrap().success());
        add(&place.store(), &key("a")).await.unwrap();
        set_mode(path, closed);
    }
    // A link does not hide it, and everybody's folder is not to be closed.
    let shared = TempDir::with_prefix("vanta-mcp-shared-").unwrap();
    set_mode(shared.path(), 0o1777);
    let link = folder.join("link.db");
    symlink(shared.path().join("state.db"), &link).unwrap();
    for (path, is_link) in [(link, true), (shared.path().join("state.db"), false)] {
        let told = add(&Sqlite::new(path), &key("a")).await.unwrap_err().told();
        assert!(told.contains("mkdir -m 700") && !told.contains("chmod"), "{told}");
        assert_eq!(told.contains(", where the link "), is_link, "{told}");
    }
}

#[tokio::test]
async fn a_newer_file_and_another_programs_are_left_alone() {
    let place = Place::new();
    add(&place.store(), &key("a")).await.unwrap();
    let other = Connection::open(&place.file).unwrap();
    other.pragma_update(None, "user_version", 7).unwrap();
    let told = add(&place.store(), &key("a")).await.unwrap_err();
    assert_eq!(told, StoreError::Newer { place: place.text().to_owned(), found: 7, known: 1 });
    other.pragma_update(None, "user_version", 1).unwrap();
    assert_eq!(add(&place.store(), &key("a")).await, Ok(2));

    let theirs = Place::new();
    fs::create_dir(theirs.file.parent().unwrap()).unwrap();
    let other = Connection::open(&theirs.file).unwrap();
    other.execute_batch("create table bookmarks (url text)").unwrap();
    drop(other);
    set_mode(&theirs.file, 0o600);
    let before = fs::read(&theirs.file).unwrap();
    let told = add(&theirs.store(), &key("a")).await.unwrap_err().to_string();
    assert!(told.contains("another program"), "{told}");
    assert_eq!(fs::read(&theirs.file).unwrap(), before);
}

#[tokio::test]
async fn a_damaged_file_is_told_and_a_new_one_made_where_it_is_moved_away() {
    let damages: [fn(&Path); 5] = [
        |file| fs::write(file, "this is no database at all, and long enough to be one ".repeat(90)).unwrap(),
        |file| File::options().write(true).open(file).unwrap().set_len(100_000).unwrap(),
        |file| zeros(file, 4096, 4096),
        // A page that no change of this test has to do with.
        |file| zeros(file, 20 * 4096, 4096),
        |file| zeros(file, 0, 4096),
    ];
    for (at, damage) in damages.into_iter().enumerate() {
        let place = Place::filled().await;
        damage(&place.file);
        let store = place.store();
        let told = add(&store, &key("a")).await;
        assert!(matches!(told, Err(StoreError::Damaged { .. })), "{at}: {told:?}");
        fs::rename(&place.file, place.beside(".old")).unwrap();
        assert_eq!(add(&store, &key("a")).await, Ok(1), "{at}");
    }
}

pub(super) fn zeros(file: &Path, from: u64, many: usize) {
    let mut file = File::options().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    file.write_all(&vec![0; many]).unwrap();
}

#[tokio::test]
async fn a_file_that_is_deleted_or_replaced_while_it_is_open_is_noticed() {
    let place = Place::new();
    let (store, second) = (place.store(), place.store());
    for _ in 0..3 {
        add(&store, &key("a")).await.unwrap();
    }
    assert_eq!(add(&second, &key("a")).await, Ok(4));
    fs::remove_file(&place.file).unwrap();
    assert_eq!(add(&store, &key("a")).await, Ok(1));
    assert_eq!(add(&second, &key("a")).await, Ok(2), "all go on with the same file");
    assert_eq!(mode(&place.file), 0o600);

    let backup = Place::new();
    for _ in 0..40 {
        add(&backup.store(), &key("a")).await.unwrap();
    }
    assert!(place.beside("-wal").exists(), "what was written last is not in the file itself");
    fs::rename(&backup.file, &place.file).unwrap();
    assert_eq!(add(&second, &key("a")).await, Ok(41), "nothing of the old one is added to it");
    assert_eq!(add(&store, &key("a")).await, Ok(42));
    fs::remove_dir_all(place.file.parent().unwrap()).unwrap();
    assert_eq!(add(&store, &key("a")).await, Ok(1));
}

#[tokio::test]
async fn a_process_that_holds_the_file_delays_others_and_leaves_nothing_when_it_is_killed() {
    let place = Place::new();
    let store = place.store();
    assert_eq!(add(&store, &key("a")).await, Ok(1));
    let mut other = Process::start("hold", place.text(), "a");
    assert_eq!(other.says().as_deref(), Some("holds"));
    let begun = Instant::now();
    let told = add(&store, &key("a")).await;
    assert_eq!(told, Err(StoreError::Late { place: place.text().to_owned() }));
    assert!(begun.elapsed() >= Duration::from_millis(250), "{:?}", begun.elapsed());
    other.kill();
    assert_eq!(add(&store, &key("a")).await, Ok(2));
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_any_more_is_not_made() {
    let place = Place::new();
    let store = Sqlite::new(place.file.clone());
    assert_eq!(add(&store, &key("a")).await, Ok(1));
    let mut other = Process::start("hold", place.text(), "a");
    assert_eq!(other.says().as_deref(), Some("holds"));
    tokio::time::timeout(Duration::from_millis(100), add(&store, &key("a"))).await.unwrap_err();
    other.kill();
    assert_eq!(add(&store, &key("a")).await, Ok(2));
}

#[tokio::test]
async fn a_process_that_is_killed_while_it_writes_damages_nothing() {
    let place = Place::new();
    let mut last = 0;
    for round in 1..=8 {
        let mut other = Process::start("count on", place.text(), "a");
        for _ in 0..round * 3 {
            last = other.says().unwrap().parse().unwrap();
        }
        other.kill();
        let now = add(&place.store(), &key("a")).await.unwrap();
        assert!(now > last, "{now} after {last}");
    }
}

/// Runs a job where a folder is mounted in another way, which this process alone sees.
fn mounted(mount: &str, folder: &Path, verb: &str, file: &Path) {
    let mut command = Command::new("unshare");
    command.arg("--mount");
    let is_root = std::os::unix::fs::MetadataExt::uid(&fs::metadata(folder).unwrap()) == 0;
    if !is_root {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg("sh").arg("-c").arg(format!("{mount}; shift; echo 'job: mounted'; exec \"$@\"")).arg("sh");
    command.arg(folder).arg(std::env::current_exe().unwrap()).stderr(Stdio::inherit());
    let Ok(child) = command_of(command, verb, file).spawn() else {
        return unchecked("a full disk and a folder that is read-only: there is no program unshare");
    };
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    if !told.contains("job: mounted") {
        return unchecked("a full disk and a folder that is read-only: this user may not mount anything");
    }
    assert!(output.status.success(), "{told}");
}

fn command_of(command: Command, verb: &str, file: &Path) -> Command {
    child::by(command, verb, file.to_str().unwrap(), "a")
}

#[tokio::test]
async fn a_folder_that_is_read_only_is_told() {
    let place = Place::new();
    let folder = place.file.parent().unwrap();
    fs::create_dir(folder).unwrap();
    let read_only = "set -e; mount --bind \"$1\" \"$1\"; mount -o remount,bind,ro \"$1\"";
    mounted(read_only, folder, "read only", &place.file);
    mounted(read_only, folder, "read only", &folder.join("not/there/state.db"));
    add(&place.store(), &key("a")).await.unwrap();
    mounted(read_only, folder, "read only", &place.file);
    // The file itself can be written, and its log cannot be made.
    let but_the_file = "set -e; mount --bind \"$1\" \"$1\"; mount --bind \"$1/state.db\" \"$1/state.db\"; \
        mount -o remount,bind,ro \"$1\"";
    mounted(but_the_file, folder, "read only", &place.file);
    assert_eq!(add(&place.store(), &key("a")).await, Ok(2));
}

#[tokio::test]
async fn a_disk_that_is_full_is_told() {
    let place = Place::new();
    let folder = place.file.parent().unwrap();
    fs::create_dir(folder).unwrap();
    mounted("set -e; mount -t tmpfs -o size=512k,mode=700 tmpfs \"$1\"", folder, "fill", &place.file);
}

/// What is done on the small disk.
pub async fn a_full_disk_is_told(file: &Path) {
    let store = Sqlite::new(file.to_owned());
    assert_eq!(add(&store, &key("a")).await, Ok(1));
    let ballast = file.with_file_name("ballast");
    let fill = || {
        let mut ballast = File::options().append(true).create(true).open(&ballast).unwrap();
        while ballast.write_all(&[0; 512]).is_ok() {}
    };
    fill();
    let full = |file: &Path| StoreError::Full { place: file.display().to_string() };
    let mut kept = 1;
    // What is left of a page may do for some.
    let told = loop {
        match add(&store, &key("a")).await {
            Ok(next) => kept = next,
            Err(error) => break error,
        }
        assert!(kept < 1000, "the disk is never full");
    };
    assert_eq!(told, full(file));
    fill();
    let other = file.with_file_name("other.db");
    assert_eq!(add(&Sqlite::new(other.clone()), &key("a")).await, Err(full(&other)));
    let shared = Shared::new(Arc::new(Sqlite::new(other.clone())));
    assert_eq!(add_kept(&shared, &key("a")).await, Err(full(&other)), "and kept nowhere else");
    fs::remove_file(ballast).unwrap();
    assert_eq!(add(&store, &key("a")).await, Ok(kept + 1), "what was kept before is still there");
}
