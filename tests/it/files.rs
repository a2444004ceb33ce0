//! Files up and down, through the real binary.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::CallToolResult;
use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};
use vanta_mcp::catalog;

use crate::harness::{Run, Scratch, Setup, text};

const PDF: &[u8] = b"%PDF-1.4 evidence \xff\0";

struct Desk {
    scratch: Scratch,
    run: Run,
    document: Value,
}

impl Desk {
    async fn new(name: &str) -> Self {
        Self::with(name, |setup| setup).await
    }

    async fn with(name: &str, adapt: impl FnOnce(Setup) -> Setup) -> Self {
        let scratch = Scratch::new(name);
        let run = adapt(Setup::default().with("VANTA_MCP_FILES", scratch.path())).start().await;
        let document = run.value("list_documents", json!({"pageSize": 1})).await["items"][0]["id"].take();
        run.tenant.forget();
        Self { scratch, run, document }
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(self.scratch.path()).join(name)
    }

    async fn upload(&self, file: Value) -> Value {
        self.run.value("upload_document_file", json!({"documentId": self.document, "file": file})).await
    }

    async fn download(&self, uploaded: &Value, folder: Option<String>) -> CallToolResult {
        let mut arguments = json!({"documentId": self.document, "uploadedFileId": uploaded["id"]});
        if let Some(folder) = folder {
            arguments["folder"] = json!(folder);
        }
        self.run.result("download_document_file", arguments).await
    }
}

fn inline(name: &str, content: &[u8]) -> Value {
    json!({"name": name, "base64": STANDARD.encode(content)})
}

#[tokio::test]
async fn a_file_goes_up_from_a_folder_and_comes_down_into_it_beside_what_is_there() {
    let desk = Desk::new("updown").await;
    fs::write(desk.path("report.pdf"), PDF).unwrap();
    let uploaded = desk.upload(json!(desk.path("report.pdf"))).await;
    assert_eq!(
        (&uploaded["fileName"], &uploaded["mimeType"]),
        (&json!("report.pdf"), &json!("application/pdf"))
    );
    let sent = desk.run.seen().remove(0);
    assert_eq!(sent.body.unwrap()["file"]["bytes"], PDF.len());

    let saved = desk.download(&uploaded, None).await.structured_content.unwrap();
    let path = saved["path"].as_str().unwrap();
    assert_eq!(path, desk.path("report (1).pdf").to_str().unwrap(), "nothing is overwritten");
    assert_eq!(fs::read(path).unwrap(), PDF);
    assert_eq!((&saved["size"], &saved["type"]), (&json!(PDF.len()), &json!("application/pdf")));
    assert_eq!(saved["sha256"].as_str().unwrap().len(), 64);
    fs::create_dir(desk.path("below")).unwrap();
    let below = desk.path("below").to_str().unwrap().to_owned();
    let there = desk.download(&uploaded, Some(below.clone())).await.structured_content.unwrap();
    assert_eq!(there["path"], format!("{below}/report.pdf"));
    let outside = desk.download(&uploaded, Some("/tmp".to_owned())).await;
    assert!(
        text(&outside).contains("`folder`") && text(&outside).contains("Nothing was sent"),
        "{outside:?}"
    );
}

#[tokio::test]
async fn every_upload_takes_a_file_in_a_message() {
    let desk = Desk::new("inline").await;
    let uploads = catalog::operations().iter().filter(|operation| operation.upload.is_some());
    assert_eq!(uploads.count(), 10);
    let content: Vec<u8> =
        b"%PDF-".iter().copied().chain((0..7 << 20).map(|n| u8::try_from(n % 251).unwrap())).collect();
    desk.upload(inline("large.pdf", &content)).await;
    assert_eq!(desk.run.seen()[0].body.as_ref().unwrap()["file"]["bytes"], content.len());
    desk.run.tenant.forget();
    let too_large = vec![b'a'; (8 << 20) + 3];
    let arguments = json!({"documentId": desk.document, "file": inline("a.txt", &too_large)});
    let told = desk.run.error("upload_document_file", arguments).await;
    assert!(told.contains("8388608") && told.contains("path") && told.contains("Nothing was sent"), "{told}");
    assert!(desk.run.seen().is_empty());
}

#[tokio::test]
async fn what_may_not_be_sent_is_refused_with_what_may() {
    let desk = Desk::new("refused").await;
    fs::write(desk.path("a.exe"), "MZ").unwrap();
    fs::write(desk.path("fake.pdf"), "not a pdf").unwrap();
    std::os::unix::fs::symlink("/etc/hostname", desk.path("link.txt")).unwrap();
    let outside = Scratch::new("outside");
    fs::write(format!("{}/secret.pdf", outside.path()), PDF).unwrap();
    fs::hard_link(format!("{}/secret.pdf", outside.path()), desk.path("linked.pdf")).unwrap();
    for (file, told) in [
        (json!("/etc/passwd"), "not inside a folder that the operator allowed"),
        (json!(desk.path("link.txt")), "leads out of"),
        (json!(desk.path("none.pdf")), "was not found"),
        (json!(desk.path("linked.pdf")), "has 2 names (hard links)"),
        (json!(desk.path("a.exe")), "is not accepted here"),
        (json!(desk.path("fake.pdf")), "says pdf, but the content is text"),
        (json!({"name": "a.pdf"}), "none of the accepted types"),
        (json!(7), "none of the accepted types"),
    ] {
        let error =
            desk.run.error("upload_document_file", json!({"documentId": desk.document, "file": file})).await;
        assert!(error.contains(told) && error.contains("Nothing was sent"), "{told}: {error}");
    }
    assert!(desk.run.seen().is_empty());
    let closed = Setup::default().start().await;
    let error = closed.error("upload_document_file", json!({"documentId": "x", "file": "a.pdf"})).await;
    assert!(error.contains("--files DIR") && error.contains("base64"), "{error}");
}

#[tokio::test]
async fn a_small_text_or_image_is_shown_and_saved_only_where_that_is_asked_for() {
    let desk = Desk::new("shown").await;
    let csv = desk.upload(inline("users.csv", b"name,mfa\nann,yes\n")).await;
    let shown = desk.download(&csv, None).await;
    let told = shown.structured_content.clone().unwrap();
    assert_eq!((&told["name"], &told["size"]), (&json!("users.csv"), &json!(17)));
    let resource = serde_json::to_value(&shown.content[1]).unwrap();
    assert_eq!(resource["type"], "resource");
    assert_eq!(resource["resource"]["text"], "name,mfa\nann,yes\n");
    assert_eq!(resource["resource"]["mimeType"], "text/csv");
    assert!(fs::read_dir(desk.scratch.path()).unwrap().next().is_none(), "nothing was saved");
    let saved = desk.download(&csv, Some(desk.scratch.path())).await.structured_content.unwrap();
    assert_eq!(fs::read(saved["path"].as_str().unwrap()).unwrap(), b"name,mfa\nann,yes\n");

    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
    let image = desk.upload(inline("seal.png", png)).await;
    let block = serde_json::to_value(&desk.download(&image, None).await.content[1]).unwrap();
    assert_eq!((&block["type"], &block["mimeType"]), (&json!("image"), &json!("image/png")));
    assert_eq!(STANDARD.decode(block["data"].as_str().unwrap()).unwrap(), png);
}

#[tokio::test]
async fn without_a_folder_what_cannot_be_shown_is_told_with_the_reason() {
    let desk = Desk::with("closed", |setup| setup.with("VANTA_MCP_FILES", "")).await;
    let pdf = desk.upload(inline("a.pdf", PDF)).await;
    let told = text(&desk.download(&pdf, None).await);
    for word in ["a.pdf", "application/pdf", "--files DIR"] {
        assert!(told.contains(word), "{told}");
    }
    let long = desk.upload(inline("long.txt", &vec![b'a'; 70 << 10])).await;
    assert!(text(&desk.download(&long, None).await).contains("up to 64 KiB"));
    let latin = desk.upload(inline("latin.csv", b"caf\xe9\n")).await;
    assert!(text(&desk.download(&latin, None).await).contains("not text in UTF-8"));
}

#[tokio::test]
async fn a_download_that_breaks_off_or_is_too_large_leaves_nothing() {
    let desk = Desk::with("broken", |setup| setup.with("VANTA_MCP_MAX_FILE", "1")).await;
    let fine = desk.upload(inline("fine.pdf", PDF)).await;
    let large: Vec<u8> = PDF.iter().copied().chain(vec![7; 1 << 20]).collect();
    let error = desk
        .run
        .error("upload_document_file", json!({"documentId": desk.document, "file": inline("l.pdf", &large)}));
    assert!(error.await.contains("at most 1048576"));
    // A connection that breaks off is a fault of the moment, so that the file is asked for again.
    for (kind, sent) in
        [(FaultKind::Dropped, 5), (FaultKind::Internal, 1), (FaultKind::Huge { bytes: 2 << 20 }, 1)]
    {
        desk.run.tenant.forget();
        desk.run.fault(Target::Vanta, kind, sent);
        let told = desk.download(&fine, None).await;
        assert_eq!(told.is_error, Some(true), "{told:?}");
        assert_eq!(desk.run.seen().len(), sent as usize, "{told:?}");
        assert_eq!(text(&told).contains("after 5 attempts, "), sent > 1, "{told:?}");
    }
    assert!(fs::read_dir(desk.scratch.path()).unwrap().next().is_none(), "nothing is left behind");
}

#[tokio::test]
async fn a_download_that_breaks_off_once_comes_whole_the_next_time() {
    let desk = Desk::new("whole").await;
    let fine = desk.upload(inline("fine.pdf", PDF)).await;
    desk.run.tenant.forget();
    desk.run.fault(Target::Vanta, FaultKind::Dropped, 1);
    let saved = desk.download(&fine, None).await.structured_content.unwrap();
    assert_eq!(fs::read(saved["path"].as_str().unwrap()).unwrap(), PDF);
    assert_eq!(desk.run.seen().len(), 2);
    assert_eq!(fs::read_dir(desk.scratch.path()).unwrap().count(), 1, "the file alone");
}

#[tokio::test]
async fn a_file_is_sent_whole_again_after_a_401() {
    let desk = Desk::new("again").await;
    fs::write(desk.path("report.pdf"), PDF).unwrap();
    desk.run.tenant.revoke_tokens();
    desk.upload(json!(desk.path("report.pdf"))).await;
    let sent = desk.run.seen();
    let sizes: Vec<_> =
        sent.iter().map(|seen| (seen.status, seen.body.as_ref().unwrap()["file"]["bytes"].clone())).collect();
    assert_eq!(sizes, [(Some(401), json!(PDF.len())), (Some(201), json!(PDF.len()))]);
}

#[tokio::test]
async fn a_failed_upload_says_whether_it_may_have_arrived() {
    let desk = Desk::new("failed").await;
    let arguments = json!({"documentId": desk.document, "file": inline("a.pdf", PDF)});
    for (kind, told) in
        [(FaultKind::DroppedAfter, "may have taken effect"), (FaultKind::Internal, "may have taken effect")]
    {
        desk.run.fault(Target::Vanta, kind, 1);
        let error = desk.run.error("upload_document_file", arguments.clone()).await;
        assert!(error.contains(told) && !error.contains("%PDF"), "{error}");
    }
    let missing = json!({"documentId": "none", "file": inline("a.pdf", PDF)});
    let error = desk.run.error("upload_document_file", missing).await;
    assert!(error.contains("404") && error.contains("Nothing was changed"), "{error}");
    assert!(!desk.run.log().await.contains("%PDF"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn fifty_megabytes_pass_without_staying() {
    const SIZE: usize = 50_000_000;
    let desk = Desk::new("memory").await;
    let content: Vec<u8> =
        b"%PDF-".iter().copied().chain((0..SIZE - 5).map(|n| u8::try_from(n % 251).unwrap())).collect();
    fs::write(desk.path("large.pdf"), &content).unwrap();
    // The first call of each kind builds what later ones share.
    let small = desk.upload(inline("small.pdf", PDF)).await;
    desk.download(&small, None).await;
    let before = desk.run.peak_kib();
    let uploaded = desk.upload(json!(desk.path("large.pdf"))).await;
    let saved = desk.download(&uploaded, None).await.structured_content.unwrap();
    let after = desk.run.peak_kib();
    assert_eq!(saved["size"], SIZE);
    assert!(fs::read(saved["path"].as_str().unwrap()).unwrap() == content, "every byte came back");
    let grown = after - before;
    // What an allocator keeps for later is a matter of its own; the content it cannot be.
    assert!(grown < 25_000, "{grown} KiB more at the peak, for {SIZE} bytes up and down");
}
