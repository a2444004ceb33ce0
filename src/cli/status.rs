//! `vanta-mcp status`: what the running processes share, without sending anything upstream.

use std::fmt::Write as _;
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::Value;

use super::args::{Form, Mode};
use super::backed::{self, Backed};
use super::output::{self, plain, say};
use super::when::ToldDate;
use super::width::{padded, wrapped};
use crate::config::Config;

/// How wide the names are that values stand beside.
const BESIDE: usize = 14;

pub(super) async fn run(config: Config, mode: Mode, form: Form) -> ExitCode {
    let Backed { server, tenant: _tenant, .. } = match backed::for_a_person(config, mode).await {
        Ok(backed) => backed,
        Err(code) => return code,
    };
    let answer = server.offer().status().await;
    if form == Form::Fitting && output::is_terminal() {
        say(&text(&answer.value(), output::columns(), Timestamp::now()));
    } else {
        say(&answer.text);
    }
    ExitCode::SUCCESS
}

/// The status in lines of at most this width.
fn text(status: &Value, width: usize, now: Timestamp) -> String {
    let mut lines = Lines { width, all: Vec::new() };
    lines.all.push(member(status, "server"));
    lines.entry("access", &access(&status["access"]));
    lines.entry("state", &state(&status["state"]));
    lines.entry("kept", &kept(&status["kept"]));
    let apis = status["apis"].as_array().map(Vec::as_slice).unwrap_or_default();
    for api in apis.iter().filter(|api| api["configured"] == true) {
        lines.all.push(String::new());
        lines.api(api, now);
    }
    let unset: Vec<&Value> = apis.iter().filter(|api| api["configured"] != true).collect();
    if !unset.is_empty() {
        lines.all.push(String::new());
        lines.all.push("Not configured:".to_owned());
        for api in unset {
            lines.prose(&format!("{}: set {}", member(api, "name"), member(api, "set")));
        }
    }
    let warnings = status["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !warnings.is_empty() {
        lines.all.push(String::new());
        lines.all.push("Warnings:".to_owned());
        for warning in warnings.iter().filter_map(Value::as_str) {
            lines.prose(&plain(warning));
        }
    }
    lines.all.join("\n")
}

struct Lines {
    width: usize,
    all: Vec<String>,
}

impl Lines {
    /// A name with what is to be said under it, in as many lines as it takes.
    fn entry(&mut self, name: &str, text: &str) {
        let parts = wrapped(text, self.width.saturating_sub(BESIDE + 4));
        for (at, part) in parts.iter().enumerate() {
            let name = if at == 0 { format!("{name}:") } else { String::new() };
            self.all.push(format!("  {}  {part}", padded(&name, BESIDE)));
        }
    }

    fn prose(&mut self, text: &str) {
        self.all.extend(wrapped(text, self.width.saturating_sub(2)).iter().map(|line| format!("  {line}")));
    }

    fn api(&mut self, api: &Value, now: Timestamp) {
        self.all.push(format!("{}, {}", member(api, "name"), member(api, "baseUrl")));
        let list = |name: &str| {
            let names = api[name].as_array()?.iter().filter_map(Value::as_str).map(plain);
            Some(names.collect::<Vec<_>>().join(" "))
        };
        self.entry("scopes", &list("scopes").unwrap_or_default());
        self.entry("granted", &list("granted").unwrap_or_default());
        self.entry("token", &token(api));
        self.entry("token header", &member(api, "tokenHeader"));
        for limit in api["limits"].as_array().into_iter().flatten() {
            self.entry("limit", &self::limit(limit));
        }
        self.entry("waiting", &waiting(api));
        if let Some(error) = api.get("lastError") {
            self.entry("last error", &last_error(error, now));
        }
        self.entry("note", &member(api, "note"));
    }
}

fn member(value: &Value, name: &str) -> String {
    plain(value[name].as_str().unwrap_or_default())
}

fn access(access: &Value) -> String {
    match access {
        Value::Object(each) => {
            format!("{} in Vanta, {} in Vanta Panel", member(access, "vanta"), plain_of(each.get("panel")))
        }
        one => plain_of(Some(one)),
    }
}

fn plain_of(value: Option<&Value>) -> String {
    plain(value.and_then(Value::as_str).unwrap_or_default())
}

fn state(state: &Value) -> String {
    let place = member(state, "place");
    let place = if place.is_empty() { place } else { format!(", {place}") };
    let health = match member(state, "warning") {
        warning if !warning.is_empty() => warning,
        _ if state["kind"] == "memory" => {
            "each process has its own, so nothing is known of the running ones".to_owned()
        }
        _ => member(state, "health"),
    };
    format!("{}{place}: {health}", member(state, "kind"))
}

/// What is kept of the tenant; empty where nothing is.
fn kept(kept: &Value) -> String {
    let Some(controls) = kept["controls"].as_u64() else { return String::new() };
    let of = kept["controlsOf"].as_u64().map(|of| format!(" of {of}")).unwrap_or_default();
    let mut text = format!("tests of {controls}{of} controls, controls of {} documents", kept["documents"]);
    for (name, words) in [("oldest", "the oldest from"), ("refreshed", "last compared")] {
        if kept.get(name).is_some() {
            let _ = write!(text, ", {words} {}", member(kept, name));
        }
    }
    let _ = match kept["snapshots"].as_u64() {
        None | Some(0) => Ok(()),
        Some(1) => write!(text, "; a snapshot of {}", member(kept, "snapshotsSince")),
        Some(days) => write!(text, "; snapshots of {days} days since {}", member(kept, "snapshotsSince")),
    };
    text
}

fn token(api: &Value) -> String {
    match (api["tokenExpiresInSeconds"].as_u64(), api["tokenAgeSeconds"].as_u64()) {
        (Some(left), Some(age)) => format!("valid for another {}, fetched {} ago", span(left), span(age)),
        _ => member(api, "token"),
    }
}

fn limit(limit: &Value) -> String {
    let mut text = format!(
        "{}: {} of {} requests a minute left",
        member(limit, "limit"),
        limit["left"],
        limit["perMinute"]
    );
    if let Some(paused) = limit["pausedSeconds"].as_u64() {
        let _ = write!(text, ", paused by the API for another {}", span(paused));
    }
    let counted = |name: &str, one: &str| match limit.pointer(&format!("/waiting/{name}"))?.as_u64()? {
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {name}")),
    };
    if let Some(processes) = counted("processes", "process") {
        let more = [counted("calls", "call"), counted("callers", "caller")];
        let more: Vec<String> = more.into_iter().flatten().collect();
        let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(" of ")) };
        let _ = write!(text, ", waiting: {processes}{more}");
    }
    text
}

fn waiting(api: &Value) -> String {
    match api["waiting"].as_u64() {
        None => String::new(),
        Some(1) => "1 process waits for a turn".to_owned(),
        Some(many) => format!("{many} processes wait for a turn"),
    }
}

fn last_error(error: &Value, now: Timestamp) -> String {
    let at = member(error, "at");
    let ago = error["secondsAgo"].as_u64().map(|ago| format!(" ({} ago)", span(ago))).unwrap_or_default();
    // The day, and the time of it; how long ago it is follows.
    let when = ToldDate::of(&at, now).and_then(|told| Some(told.whole.rsplit_once(" (")?.0.to_owned()));
    format!("{}{ago}, {}: {}", when.unwrap_or(at), member(error, "tool"), member(error, "error"))
}

/// A span of time in words.
fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_is_told_in_lines_that_fit() {
        let status = json!({
            "server": "vanta-mcp 0.1.0",
            "access": {"vanta": "write", "panel": "read"},
            "state": {"kind": "SQLite", "place": "/state.db", "health": "ok"},
            "kept": {"controls": 80, "controlsOf": 86, "documents": 12, "oldest": "2026-11-24T08:00:00Z",
                "refreshed": "2026-11-28T11:00:00Z", "snapshots": 3, "snapshotsSince": "2026-11-25"},
            "apis": [
                {
                    "api": "manage", "name": "Manage Vanta", "configured": true, "baseUrl": "https://api.vanta.com/",
                    "scopes": ["vanta-api.all:read"], "granted": ["vanta-api.all:read"], "token": "valid",
                    "tokenAgeSeconds": 125, "tokenExpiresInSeconds": 3475, "waiting": 2,
                    "limits": [{"limit": "manage", "perMinute": 50, "left": 0, "pausedSeconds": 9,
                        "waiting": {"processes": 2, "calls": 5, "callers": 1}}],
                    "lastError": {"at": "2026-11-28T11:06:16Z", "secondsAgo": 104, "tool": "list_vendors",
                        "kind": "refused", "status": 503, "error": "api.vanta.com answered 503 \u{1b}[2J"},
                },
                {"api": "audit", "name": "Conduct an Audit", "configured": false, "set": "VANTA_AUDIT_CLIENT_ID"},
            ],
            "warnings": ["This is odd."],
        });
        let now = "2026-11-28T11:08:00Z".parse().unwrap();
        let text = text(&status, 80, now);
        let expected = "\
vanta-mcp 0.1.0
  access:         write in Vanta, read in Vanta Panel
  state:          SQLite, /state.db: ok
  kept:           tests of 80 of 86 controls, controls of 12 documents, the
                  oldest from 2026-11-24T08:00:00Z, last compared
                  2026-11-28T11:00:00Z; snapshots of 3 days since 2026-11-25

Manage Vanta, https://api.vanta.com/
  scopes:         vanta-api.all:read
  granted:        vanta-api.all:read
  token:          valid for another 57 min, fetched 2 min ago
  limit:          manage: 0 of 50 requests a minute left, paused by the API for
                  another 9 s, waiting: 2 processes (5 calls of 1 caller)
  waiting:        2 processes wait for a turn
  last error:     28 Nov 2026, 11:06 UTC (104 s ago), list_vendors:
                  api.vanta.com answered 503 [2J

Not configured:
  Conduct an Audit: set VANTA_AUDIT_CLIENT_ID

Warnings:
  This is odd.";
        assert_eq!(text, expected);
        let memory = json!({"kind": "memory", "health": "ok"});
        assert!(super::state(&memory).contains("nothing is known of the running ones"));
    }
}
