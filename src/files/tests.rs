//! What gets in and out of an allowed folder, and under which name.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use futures::StreamExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::catalog::operations;

const ANY: &[&str] = &["pdf", "txt", "csv", "png", "docx", "crt"];
const PDF: &[u8] = b"%PDF-1.4 content";

/// An allowed folder with `in.pdf` and `below/deep.pdf`, beside it `secret.pdf`.
struct Desk {
    folder: TempDir,
    folders: Folders,
}

impl Desk {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let allowed = folder.path().join("allowed");
        fs::create_dir_all(allowed.join("below")).unwrap();
        for file in ["allowed/in.pdf", "allowed/below/deep.pdf", "secret.pdf"] {
            fs::write(folder.path().join(file), PDF).unwrap();
        }
        let folders = Folders::open(std::slice::from_ref(&allowed), 1 << 20).unwrap();
        Self { folder, folders }
    }

    fn path(&self, below: &str) -> String {
        self.folder.path().join(below).display().to_string()
    }

    fn open(&self, file: &Value) -> Result<Outgoing, FileError> {
        self.folders.outgoing(file, ANY)
    }

    fn refused(&self, path: &str) -> String {
        self.open(&json!(path)).map(|file| file.name).expect_err(path).to_string()
    }
}

#[test]
fn what_is_inside_is_opened_by_any_path_that_stays_inside() {
    let desk = Desk::new();
    for path in ["allowed/in.pdf", "allowed/below/../in.pdf", "allowed/./below/deep.pdf"] {
        assert_eq!(desk.open(&json!(desk.path(path))).unwrap().size, PDF.len() as u64, "{path}");
    }
    assert_eq!(
        desk.open(&json!("below/deep.pdf")).unwrap().name,
        "deep.pdf",
        "relative to the allowed folder"
    );
    symlink("in.pdf", desk.path("allowed/inside.pdf")).unwrap();
    assert_eq!(desk.open(&json!(desk.path("allowed/inside.pdf"))).unwrap().name, "inside.pdf");
    symlink(desk.path("allowed"), desk.path("alias")).unwrap();
    let by_alias = Folders::open(&[desk.folder.path().join("alias")], 1 << 20).unwrap();
    assert!(by_alias.outgoing(&json!(desk.path("alias/in.pdf")), ANY).is_ok());
    assert!(
        by_alias.outgoing(&json!(desk.path("allowed/in.pdf")), ANY).is_ok(),
        "the same folder by another name"
    );
}

#[test]
fn nothing_outside_is_reached() {
    let desk = Desk::new();
    symlink(desk.path("secret.pdf"), desk.path("allowed/absolute.pdf")).unwrap();
    symlink("../secret.pdf", desk.path("allowed/relative.pdf")).unwrap();
    symlink("relative.pdf", desk.path("allowed/chained.pdf")).unwrap();
    symlink("..", desk.path("allowed/up")).unwrap();
    for path in [
        "secret.pdf",
        "allowed/../secret.pdf",
        "allowed/below/../../secret.pdf",
        "allowed/absolute.pdf",
        "allowed/relative.pdf",
        "allowed/chained.pdf",
        "allowed/up/secret.pdf",
    ] {
        let told = desk.refused(&desk.path(path));
        assert!(told.contains("`file`") && !told.contains("%PDF"), "{path}: {told}");
    }
    for path in ["../secret.pdf", "up/secret.pdf", "/etc/hosts.txt", "~/secret.pdf"] {
        desk.refused(path);
    }
    let none = Folders::default().outgoing(&json!(desk.path("allowed/in.pdf")), ANY).unwrap_err().to_string();
    assert!(none.contains("--files") && none.contains("base64"), "{none}");
}

#[test]
fn a_file_with_another_name_elsewhere_is_not_sent() {
    let desk = Desk::new();
    fs::hard_link(desk.path("secret.pdf"), desk.path("allowed/linked.pdf")).unwrap();
    let told = desk.refused(&desk.path("allowed/linked.pdf"));
    assert!(told.contains("has 2 names (hard links)") && told.contains("Copy it"), "{told}");
    symlink("linked.pdf", desk.path("allowed/by-symlink.pdf")).unwrap();
    assert!(desk.refused(&desk.path("allowed/by-symlink.pdf")).contains("hard links"));
    fs::copy(desk.path("allowed/linked.pdf"), desk.path("allowed/copy.pdf")).unwrap();
    assert_eq!(desk.open(&json!("copy.pdf")).unwrap().size, PDF.len() as u64);
    fs::remove_file(desk.path("secret.pdf")).unwrap();
    assert_eq!(desk.open(&json!("linked.pdf")).unwrap().size, PDF.len() as u64, "the only name that is left");
}

#[test]
fn what_is_no_regular_file_is_not_even_opened() {
    let desk = Desk::new();
    fs::create_dir(desk.path("allowed/folder.pdf")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(desk.path("allowed/pipe.pdf")).status().unwrap();
    assert!(made.success());
    for path in ["allowed/folder.pdf", "allowed/pipe.pdf"] {
        assert!(desk.refused(&desk.path(path)).contains("not a regular file"), "{path}");
    }
    assert!(desk.refused(&desk.path("allowed/none.pdf")).contains("was not found"));
    fs::write(desk.path("allowed/empty.pdf"), "").unwrap();
    assert!(desk.refused(&desk.path("allowed/empty.pdf")).contains("empty"));
}

#[test]
fn a_file_is_what_its_name_says_and_what_is_accepted() {
    let desk = Desk::new();
    let fits = |name: &str, content: &[u8]| {
        fs::write(desk.path(&format!("allowed/{name}")), content).unwrap();
        desk.open(&json!(name)).map(|file| file.media_type).map_err(|error| error.to_string())
    };
    assert_eq!(fits("a.PDF", PDF), Ok("application/pdf"));
    assert_eq!(fits("a.csv", b"a,b\n1,2\n"), Ok("text/csv"));
    assert_eq!(fits("a.txt", "\u{e9}t\u{e9}".as_bytes()), Ok("text/plain"));
    assert_eq!(fits("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Ok("image/png"));
    assert!(fits("a.docx", b"PK\x03\x04rest").is_ok());
    assert!(
        fits("a.crt", b"-----BEGIN CERTIFICATE-----").is_ok() && fits("b.crt", b"\x30\x82\x01\x0a").is_ok()
    );
    for (name, content) in [
        ("b.pdf", &b"MZ\x90\0\x03\0\0\0 program"[..]),
        ("b.png", PDF),
        ("b.csv", b"PK\x03\x04\x14\0zip"),
        ("b.txt", b"a\0b"),
        ("b.docx", b"plain text"),
    ] {
        let told = fits(name, content).unwrap_err();
        assert!(told.contains("but the content is"), "{name}: {told}");
    }
    for name in ["a.exe", "a", "pdf", "a.pdf.exe"] {
        let told = fits(name, PDF).unwrap_err();
        assert!(told.contains("pdf, txt, csv, png, docx, crt"), "{name}: {told}");
    }
}

#[test]
fn a_file_in_a_message_has_a_name_and_a_limit() {
    let desk = Desk::new();
    let inline = |name: &str, base64: &str| desk.open(&json!({"name": name, "base64": base64}));
    assert_eq!(inline("a.txt", "aGFs\nbG8=").unwrap().size, 5, "line ends are MIME's");
    assert_eq!(inline("a.txt", "aGFsbG8").unwrap().size, 5, "padding may be left out");
    assert_eq!(inline("a.txt", "data:text/plain;base64,aGFsbG8=").unwrap().size, 5);
    assert_eq!(inline("../../etc/\"a\"\r\n.txt", "aGFsbG8=").unwrap().name, "_a___.txt");
    assert!(inline("a.txt", "no base64!").unwrap_err().to_string().contains("RFC 4648"));
    assert!(matches!(inline("a.txt", "").unwrap_err(), FileError::Empty));
    let large = "QUFB".repeat(1 << 19);
    assert!(matches!(inline("a.txt", &large).unwrap_err(), FileError::TooLarge { .. }));
    fs::write(desk.path("allowed/large.txt"), vec![b'a'; (1 << 20) + 1]).unwrap();
    assert!(desk.refused("large.txt").contains("1048576"));
}

#[tokio::test]
async fn a_file_is_sent_from_its_beginning_each_time_and_never_more_than_announced() {
    let desk = Desk::new();
    let content: Vec<u8> = (0..200_000_u32).map(|n| b'a' + u8::try_from(n % 26).unwrap()).collect();
    fs::write(desk.path("allowed/long.txt"), &content).unwrap();
    let file = desk.open(&json!("long.txt")).unwrap();
    let sent = async || {
        let chunks: Vec<_> = file.chunks().collect().await;
        chunks.into_iter().collect::<Result<Vec<_>, _>>().map(|chunks| chunks.concat())
    };
    assert_eq!(sent().await.unwrap(), content);
    assert_eq!(sent().await.unwrap(), content);
    let grown = fs::OpenOptions::new().append(true).open(desk.path("allowed/long.txt")).unwrap();
    std::io::Write::write_all(&mut &grown, b"more").unwrap();
    assert_eq!(sent().await.unwrap().len(), content.len());
    grown.set_len(1000).unwrap();
    assert!(sent().await.unwrap_err().to_string().contains("shorter"));
}

async fn saved(destination: &Destination, name: &str, content: &[u8]) -> Saved {
    let mut saving = destination.begin(name, "text/plain").await.unwrap();
    saving.write(content).await.unwrap();
    saving.finish().await.unwrap()
}

#[tokio::test]
async fn nothing_is_ever_overwritten_and_the_answer_says_what_was_saved() {
    let desk = Desk::new();
    let destination = desk.folders.destination(Some(&desk.path("allowed/below"))).unwrap();
    let first = saved(&destination, "a.txt", b"hallo").await;
    assert_eq!(first.path, desk.path("allowed/below/a.txt"));
    assert_eq!(first.receipt, Receipt::of(b"hallo"));
    assert_eq!(first.receipt.sha256, "d3751d33f9cd5049c4af2b462735457e4d3baf130bcbb87f389e349fbaeb20b9");
    let second = saved(&destination, "a.txt", b"other").await;
    assert_eq!(second.path, desk.path("allowed/below/a (1).txt"));
    assert_eq!(fs::read(&first.path).unwrap(), b"hallo");
    symlink(desk.path("secret.pdf"), desk.path("allowed/below/link.txt")).unwrap();
    assert!(saved(&destination, "link.txt", b"x").await.path.ends_with("link (1).txt"));
    assert_eq!(fs::read(desk.path("secret.pdf")).unwrap(), PDF);
}

#[tokio::test]
async fn what_is_not_finished_is_taken_away() {
    let desk = Desk::new();
    let destination = desk.folders.destination(None).unwrap();
    let mut saving = destination.begin("half.txt", "text/plain").await.unwrap();
    saving.write(b"half").await.unwrap();
    assert!(Path::new(&desk.path("allowed/half.txt")).exists());
    drop(saving);
    assert!(!Path::new(&desk.path("allowed/half.txt")).exists());
}

#[test]
fn a_folder_outside_is_none_to_save_in() {
    let desk = Desk::new();
    symlink("..", desk.path("allowed/up")).unwrap();
    for folder in ["", "allowed/..", "allowed/up", "allowed/none", "allowed/in.pdf"] {
        assert!(desk.folders.destination(Some(&desk.path(folder))).is_err(), "{folder}");
    }
    assert!(desk.folders.destination(Some("below")).unwrap().can_save());
    assert!(!Folders::default().destination(None).unwrap().can_save());
}

#[test]
fn every_ending_that_is_kept_is_one_that_an_upload_accepts_or_is_named_here() {
    let accepts: BTreeSet<&str> = operations()
        .iter()
        .filter_map(|o| o.upload.as_ref())
        .flat_map(|upload| upload.accepts.clone())
        .collect();
    let beside = ["gif", "heic", "log", "odp", "ods", "odt", "tif", "tiff", "tsv", "yaml", "yml"];
    let all: BTreeSet<&str> = accepts.iter().copied().chain(beside).collect();
    assert!(accepts.len() > 20, "{accepts:?}");
    assert_eq!(kind::KEPT.into_iter().collect::<BTreeSet<_>>(), all);
}

#[test]
fn no_media_type_gives_an_ending_that_is_not_kept() {
    // All that are known, each of them by some ending.
    let known =
        ["exe", "bat", "js", "html", "jar", "sh", "msi", "hta", "pdf", "docx", "csv", "tiff", "crt", "lnk"];
    let types = known.iter().flat_map(|ending| mime_guess::from_ext(ending).iter_raw());
    let kept: Vec<_> =
        types.map(|of| safe_name("name", of)).filter(|name| !name.ends_with(".download")).collect();
    assert_eq!(kept, ["name.pdf", "name.docx", "name.csv", "name.tiff", "name.crt"]);
}

#[test]
fn names_from_elsewhere_become_plain_ones() {
    for (name, media_type, plain) in [
        ("report.pdf", "application/pdf", "report.pdf"),
        ("../../x.pdf", "application/pdf", "x.pdf"),
        ("..\\..\\x.pdf", "application/pdf", "x.pdf"),
        ("/etc/passwd", "text/plain", "passwd.txt"),
        ("", "text/csv", "download.csv"),
        ("..", "application/pdf", "download.pdf"),
        (".bashrc", "text/plain", "bashrc.txt"),
        ("a\0b\r\n.pdf", "application/pdf", "ab.pdf"),
        ("CON.pdf", "application/pdf", "download.pdf"),
        ("x.exe", "application/pdf", "x.exe.download"),
        ("x.sh", "text/plain", "x.sh.download"),
        ("annual\u{202e}fdp.exe", "application/pdf", "annualfdp.exe.download"),
        ("setup.exe", "application/x-msdownload", "setup.exe.download"),
        ("setup", "application/x-msdownload", "setup.download"),
        ("", "application/x-msdownload", "download.download"),
        ("page", "text/html", "page.download"),
        ("page.html", "text/html", "page.html.download"),
        ("macro.xlsm", "application/vnd.ms-excel.sheet.macroenabled.12", "macro.xlsm.download"),
        ("link.url", "text/plain", "link.url.download"),
        ("a.search-ms", "text/plain", "a.search-ms.download"),
        (
            "a.{00021401-0000-0000-C000-000000000046}",
            "text/plain",
            "a.{00021401-0000-0000-C000-000000000046}.download",
        ),
        ("report.pdf.exe", "application/pdf", "report.pdf.exe.download"),
        ("report.exe.pdf", "application/x-msdownload", "report.exe.pdf"),
        ("Report.PDF", "application/octet-stream", "Report.PDF"),
        ("SETUP.EXE", "text/plain", "SETUP.EXE.download"),
        ("setup.exe. . ", "text/plain", "setup.exe.download"),
        ("report.pdf. .", "text/plain", "report.pdf"),
        ("report.pdf:evil.exe", "application/pdf", "report.pdfevil.exe.download"),
        ("setup.exe::$DATA", "application/pdf", "setup.exe$DATA.download"),
        ("setup.e\u{200b}xe", "application/pdf", "setup.exe.download"),
        ("setup.exe\u{ad}", "application/pdf", "setup.exe\u{ad}.download"),
        (".exe", "application/pdf", "exe.pdf"),
        ("backup.tar.gz", "application/gzip", "backup.tar.gz"),
        ("photo", "image/jpeg; quality=1", "photo.jpg"),
        ("bundle", "application/zip", "bundle.zip"),
        ("unknown", "application/octet-stream", "unknown.download"),
    ] {
        assert_eq!(safe_name(name, media_type), plain, "{name:?}");
    }
    assert!(safe_name(&format!("{}.pdf", "\u{e9}".repeat(300)), "application/pdf").len() <= 200);
}
