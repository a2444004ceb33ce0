//! Paths from `~` and as `file://` addresses, in settings and in arguments.

use std::fs;

use serde_json::{Value, json};
use vanta_demo::Application;

use super::{Case, End, World};
use crate::cli::run_in;

/// A home folder with a file of each kind, and in it the folder that is open.
struct HomeFolder {
    world: World,
    document: Value,
}

impl HomeFolder {
    async fn new() -> Self {
        let world = World::new().await;
        let home = world.folder();
        fs::create_dir_all(format!("{home}/desk/below")).unwrap();
        for name in ["desk/report.pdf", "desk/a b.pdf", "desk/~$open.pdf", "outside.pdf"] {
            world.file(name, b"%PDF-1.4 hunter2");
        }
        let (id, secret) = world.tenant.application(Application::Manage);
        world.file("env", json!({"client_id": id, "client_secret": secret}).to_string());
        world.file("secret", secret);
        world.file(
            "settings.toml",
            format!("files = [\"~/desk\"]\n[manage]\nenv_file = \"file://{home}/env\"\n"),
        );
        let listed = run_in(
            &[
                ("VANTA_BASE_URL", &world.tenant.vanta_url()),
                ("VANTA_CLIENT_ID", id),
                ("VANTA_CLIENT_SECRET", secret),
            ],
            &["call", "list_documents", r#"{"page_size": 1}"#],
        )
        .await;
        let document = listed.json()["items"][0]["id"].take();
        Self { world, document }
    }

    /// A case at home.
    fn case(&self, name: &'static str, more: &[(&'static str, &str)]) -> Case {
        let home = self.world.folder();
        let own = [("HOME", &*home), ("VANTA_MCP_ACCESS", "write")];
        self.world.vanta(name, &[own.as_slice(), more].concat())
    }

    fn upload(&self, name: &'static str, file: &str) -> Case {
        let case = self.case(name, &[("VANTA_ENV_FILE", "~/env"), ("VANTA_MCP_FILES", "~/desk")]);
        case.calls("upload_document_file").with(json!({"documentId": self.document, "file": file}))
    }
}

#[tokio::test]
async fn settings_take_paths_from_home_and_addresses() {
    let at = HomeFolder::new().await;
    let home = at.world.folder();
    let (id, _) = at.world.tenant.application(Application::Manage);
    let secret = format!("FILE://localhost{home}/s%65cret");
    let config = format!("file://{home}/settings.toml");
    let (tokens, open) = (format!("file://{home}/tokens.toml"), format!("file://{home}/desk"));
    let line = ["token", "new", "alice", "--tokens", "~/tokens.toml"];
    let made = run_in(&[("HOME", &*home)], &line).await;
    assert!(made.code == Some(0) && fs::exists(format!("{home}/tokens.toml")).unwrap(), "{made:?}");
    let listed = run_in(&[], &["token", "list", "--tokens", &tokens]).await;
    assert!(listed.stdout.contains("alice"), "{listed:?}");
    let desk = format!("{home}/desk");
    for case in [
        at.case("env file", &[("VANTA_ENV_FILE", "~/env")]),
        at.case("secret", &[("VANTA_CLIENT_ID", id), ("VANTA_CLIENT_SECRET_FILE", &secret)]),
        at.case("settings", &[("VANTA_MCP_CONFIG", "~/settings.toml")]),
        at.case("settings by address", &[("VANTA_MCP_CONFIG", &config)])
            .calls("server_status")
            .with(json!({}))
            .tells(&[&desk]),
        at.case("by flag", &[("VANTA_ENV_FILE", "\"~/env\"")]).flags(&["--config=~/settings.toml"]),
        at.case("folders", &[])
            .calls("server_status")
            .with(json!({}))
            .flags(&["--files", "~/desk/below", "--files", &open])
            .tells(&[&desk]),
        at.case("folder by one slash", &[])
            .calls("server_status")
            .with(json!({}))
            .flags(&["--files", &open.replace("file://", "file:")])
            .tells(&[&desk]),
        at.case("whose home", &[("VANTA_ENV_FILE", "~root/env")])
            .ends(End::NotStarted)
            .tells(&["VANTA_ENV_FILE", "`~/`"]),
        at.case("whose folder", &[("VANTA_MCP_FILES", "~root")])
            .ends(End::NotStarted)
            .tells(&["VANTA_MCP_FILES", "`~/`"]),
        at.case("another machine", &[("VANTA_ENV_FILE", "file://server/env")])
            .ends(End::NotStarted)
            .tells(&["VANTA_ENV_FILE", "another machine"]),
        at.case("CA file", &[("VANTA_MCP_CA_FILE", "~/secret")])
            .ends(End::NotStarted)
            .tells(&["VANTA_MCP_CA_FILE", "no certificate"]),
    ] {
        case.check().await;
    }
}

#[tokio::test]
async fn uploads_and_downloads_take_them_and_stay_within_their_folders() {
    let at = HomeFolder::new().await;
    let home = at.world.folder();
    let within = |rest: &str| format!("file://{home}/{rest}");
    for (name, file) in [
        ("home", "~/desk/report.pdf"),
        ("address", &*within("desk/a%20b.pdf")),
        ("localhost", &*within("desk/report.pdf").replace("file://", "file://localhost")),
        ("a name that begins so", "~$open.pdf"),
    ] {
        at.upload(name, file).tells(&["\"mimeType\":\"application/pdf\""]).check().await;
    }
    for (name, file, told) in [
        ("outside", "~/outside.pdf", "`file`"),
        ("up and out", "~/desk/../outside.pdf", "leads out"),
        ("by an address", &*within("desk/%2e%2e/outside.pdf"), "leads out"),
        ("by slashes", &*within("desk/..%2Foutside.pdf"), "leads out"),
        ("root", "file:///etc/hostname.pdf", "`file`"),
        ("somebody else's", "~root/report.pdf", "`~/`"),
        ("another machine's", "file://server/report.pdf", "another machine"),
        ("no encoding", "file:///a%zz.pdf", "percent-encoding"),
    ] {
        at.upload(name, file).ends(End::Refused).tells(&[told, "Nothing was sent"]).check().await;
    }
    let uploaded = run_in(
        &[
            ("HOME", &*home),
            ("VANTA_BASE_URL", &at.world.tenant.vanta_url()),
            ("VANTA_ENV_FILE", "~/env"),
            ("VANTA_MCP_ACCESS", "write"),
            ("VANTA_MCP_FILES", "~/desk"),
        ],
        &[
            "call",
            "upload_document_file",
            &json!({"documentId": at.document, "file": "~/desk/report.pdf"}).to_string(),
        ],
    )
    .await;
    let id = uploaded.json()["id"].take();
    for (folder, end, told) in [
        ("~/desk/below", End::Answered, "desk/below/report"),
        (&*within("desk"), End::Answered, "desk/report ("),
        ("~", End::Refused, "`folder`"),
        (&*within("desk/.."), End::Refused, "`folder`"),
    ] {
        let case = at.case("download", &[("VANTA_ENV_FILE", "~/env"), ("VANTA_MCP_FILES", "~/desk")]);
        let arguments = json!({"documentId": at.document, "uploadedFileId": id, "folder": folder});
        let case = case.calls("download_document_file").with(arguments);
        case.ends(end).tells(&[told]).check().await;
    }
}
