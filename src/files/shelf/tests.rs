//! What waits, for whom, and for how long.

use super::*;
use crate::catalog::Effect;
use crate::gate::Grant;

const MINUTES: Duration = Duration::from_secs(15 * 60);

fn caller(name: &str) -> Principal {
    let grant = Grant { vanta: Some(Effect::Read), panel: None };
    Principal::Recognised { name: name.into(), grant, toolsets: Arc::default() }
}

fn label() -> ShelfLabel {
    let name = "vendors.jsonl".to_owned();
    ShelfLabel { tool: "list_vendors", name, media_type: "application/x-ndjson" }
}

fn copied(lines: &mut dyn BufRead, into: &mut dyn Write) -> io::Result<()> {
    io::copy(lines, into).map(drop)
}

async fn put(shelf: &Shelf, principal: &Principal, text: &str) -> Result<OnShelf, ExportError> {
    let mut part = shelf.begin(principal).await?;
    part.append(text.as_bytes()).await?;
    part.finish(label(), copied).await
}

/// A shelf whose folder is seen.
fn shelf() -> (tempfile::TempDir, Shelf) {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(folder.path().to_owned(), MINUTES);
    (folder, shelf)
}

#[tokio::test]
async fn its_maker_reads_it_as_often_as_wanted_and_nobody_else() {
    let (folder, shelf) = shelf();
    let (maker, other) = (caller("a"), caller("b"));
    let told = put(&shelf, &maker, "{\"a\":1}\n").await.unwrap();
    assert_eq!((told.id.len(), told.receipt), (32, Receipt::of(b"{\"a\":1}\n")));
    for _ in 0..2 {
        let found = shelf.find(&maker, &told.id).unwrap();
        assert_eq!((found.name.as_str(), found.tool), ("vendors.jsonl", "list_vendors"));
        assert_eq!(found.text().await.unwrap(), "{\"a\":1}\n");
    }
    for nobody in [&other, &Principal::Anybody] {
        assert!(shelf.find(nobody, &told.id).is_none());
    }
    assert!(shelf.find(&maker, "").is_none());
    let open = put(&shelf, &Principal::Anybody, "x").await.unwrap();
    assert!(shelf.find(&Principal::Anybody, &open.id).is_some() && shelf.find(&maker, &open.id).is_none());
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "no file has a name");
}

#[tokio::test(start_paused = true)]
async fn after_its_time_it_is_gone_and_its_room_is_free() {
    let (_folder, shelf) = shelf();
    let maker = caller("a");
    let told = put(&shelf, &maker, "x").await.unwrap();
    let second = Duration::from_secs(1);
    tokio::time::advance(MINUTES.checked_sub(second).unwrap()).await;
    assert!(shelf.find(&maker, &told.id).is_some());
    tokio::time::sleep(2 * second).await;
    assert!(shelf.find(&maker, &told.id).is_none());
    assert!(lock(&shelf.waiting).is_empty() && lock(&shelf.taken).is_empty());
}

#[tokio::test]
async fn a_caller_has_so_much_room_and_all_have_so_much() {
    let (_folder, shelf) = shelf();
    let maker = caller("a");
    for _ in 0..OF_ONE.exports {
        put(&shelf, &maker, "x").await.unwrap();
    }
    let full = put(&shelf, &maker, "x").await.unwrap_err().to_string();
    assert!(full.contains("16 exports") && full.contains("Nothing was sent"), "{full}");
    put(&shelf, &caller("b"), "x").await.unwrap();
    // What is being made counts as the largest that it can get.
    let big = caller("c");
    let mut parts = Vec::new();
    for _ in 0..4 {
        parts.push(shelf.begin(&big).await.unwrap());
    }
    assert!(shelf.begin(&big).await.is_err());
    parts.pop();
    parts.push(shelf.begin(&big).await.unwrap());
    for number in 0..7 {
        for _ in 0..4 {
            parts.extend(shelf.begin(&caller(&format!("d{number}"))).await.ok());
        }
    }
    let full = shelf.begin(&caller("e")).await.map(drop).unwrap_err().to_string();
    assert!(full.contains("all callers") && !full.contains("d1"), "{full}");
    drop(parts);
    assert!(shelf.begin(&caller("e")).await.is_ok(), "what ends without an export leaves room");
}

#[tokio::test]
async fn what_is_too_long_is_not_kept_and_neither_is_a_table_that_gets_so() {
    let (folder, shelf) = shelf();
    let maker = caller("a");
    let mut part = shelf.begin(&maker).await.unwrap();
    let half = vec![b'x'; usize::try_from(LARGEST / 2).unwrap()];
    part.append(&half).await.unwrap();
    part.append(&half).await.unwrap();
    let told = part.append(b"x").await.unwrap_err().to_string();
    assert!(told.contains("8 MiB") && told.contains("`fields`"), "{told}");
    drop(part);
    let mut part = shelf.begin(&maker).await.unwrap();
    part.append(&half).await.unwrap();
    let thrice = |lines: &mut dyn BufRead, into: &mut dyn Write| {
        let mut all = Vec::new();
        lines.read_to_end(&mut all)?;
        (0..3).try_for_each(|_| into.write_all(&all))
    };
    let told = part.finish(label(), thrice).await.unwrap_err().to_string();
    assert!(told.contains("8 MiB"), "{told}");
    assert!(lock(&shelf.waiting).is_empty() && lock(&shelf.taken).is_empty());
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn without_a_folder_it_says_so_and_names_no_place() {
    let gone = Shelf::new("/no/such/folder".into(), MINUTES);
    let told = put(&gone, &Principal::Anybody, "x").await.unwrap_err().to_string();
    assert!(!told.contains("/no") && told.contains("temporary files"), "{told}");
    assert!(lock(&gone.taken).is_empty());
}
