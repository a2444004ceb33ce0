//! `vanta-mcp demo`: what an assistant would do, against the demo tenant, call by call.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::Mode;
use super::backed::{self, Backed};
use super::output::{self, complain, say};
use crate::catalog::Effect;
use crate::config::Config;
use crate::gate::Principal;
use crate::server::Reply;

/// How many controls the tour looks into; each costs a request of the minute's fifty.
const CONTROLS: usize = 12;

pub(super) async fn run(mut config: Config) -> ExitCode {
    // Nothing here is real, and the tour ends with a termination.
    config.access = Effect::Destroy;
    let toured = match backed::server(config, Mode::Demo).await {
        Ok(backed) => Tour { backed }.run().await,
        Err(error) => Err(error.to_string()),
    };
    match toured {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            complain(&problem);
            ExitCode::FAILURE
        }
    }
}

struct Tour {
    backed: Backed,
}

impl Tour {
    async fn run(&self) -> Result<(), String> {
        say(
            "A tour of the demo tenant: an invented company behind real HTTP on this machine. Each line that begins with >\n\
             is a tool call as an assistant would make it; nothing leaves this machine.",
        );
        let failing = self.failing_controls().await?;
        self.why(&failing).await?;
        self.audit().await?;
        let user = self.account().await?;
        self.termination(&user).await?;
        closing();
        Ok(())
    }

    /// Which SOC 2 controls fail: those with a test that needs attention.
    async fn failing_controls(&self) -> Result<Vec<(String, Value)>, String> {
        heading("Which SOC 2 controls fail?");
        let arguments = json!({"frameworkMatchesAny": ["soc2"], "pageSize": CONTROLS});
        let controls = self.call("list_controls", arguments).await?;
        let mut failing = Vec::new();
        for control in items(&controls) {
            let id = member(control, "id");
            let arguments = json!({ "controlId": id });
            let tests = self.call_quietly("list_control_tests", arguments.clone()).await?;
            let bad: Vec<&Value> =
                items(&tests).filter(|test| member(test, "status") == "NEEDS_ATTENTION").collect();
            say(&format!(
                "> list_control_tests {arguments}: {} of {} fail",
                bad.len(),
                items(&tests).count()
            ));
            failing.extend(bad.into_iter().map(|test| (member(control, "name").to_owned(), test.clone())));
        }
        say("");
        let rows = failing.iter().map(|(control, test)| {
            vec![output::plain(control), member(test, "name").to_owned(), member(test, "id").to_owned()]
        });
        say(&output::table(&["control", "failing test", "test id"], rows));
        Ok(failing)
    }

    async fn why(&self, failing: &[(String, Value)]) -> Result<(), String> {
        let Some((control, test)) = failing.first() else { return Ok(()) };
        heading(&format!("Why does \"{}\" fail?", output::plain(control)));
        let id = member(test, "id");
        self.show("get_test", json!({"testId": id})).await?;
        let arguments = json!({"testId": id, "entityStatus": "FAILING", "pageSize": 5});
        self.show("list_test_entities", arguments).await
    }

    async fn audit(&self) -> Result<(), String> {
        heading("What is the evidence of the running audit?");
        let audits = self.call("list_audits", json!({"isActiveAudit": true})).await?;
        say(&output::readable(&audits));
        let audit = items(&audits).next().map(|audit| member(audit, "id").to_owned()).unwrap_or_default();
        say("");
        let arguments =
            json!({"auditId": audit, "pageSize": 8, "fields": ["id", "name", "status", "evidenceType"]});
        self.show("list_audit_evidence", arguments).await
    }

    async fn account(&self) -> Result<String, String> {
        heading("Vanta Panel: a hosting account, with a password that is shown once");
        let user = "tourist";
        let arguments = json!({"user": user, "domain": "tourist.example", "email": "owner@tourist.example", "plan": "starter"});
        self.show("create_panel_account", arguments).await?;
        Ok(user.to_owned())
    }

    async fn termination(&self, user: &str) -> Result<(), String> {
        heading("Vanta Panel: a termination needs its confirmation");
        let wrong = json!({"user": user, "confirm": "yes"});
        announce("terminate_panel_account", &wrong);
        let refused = self.result("terminate_panel_account", &wrong).await?;
        let Err(refused) = refused.said else { return Err("the termination was not refused".to_owned()) };
        say(&format!("refused: {refused}\n"));
        self.show("terminate_panel_account", json!({ "user": user })).await?;
        say("");
        self.show("terminate_panel_account", json!({"user": user, "confirm": user})).await
    }

    /// Makes a call and prints it with its answer.
    async fn show(&self, tool: &str, arguments: Value) -> Result<(), String> {
        let value = self.call(tool, arguments).await?;
        say(&output::readable(&value));
        Ok(())
    }

    /// Makes a call, prints it, and keeps the answer.
    async fn call(&self, tool: &str, arguments: Value) -> Result<Value, String> {
        announce(tool, &arguments);
        self.call_quietly(tool, arguments).await
    }

    async fn call_quietly(&self, tool: &str, arguments: Value) -> Result<Value, String> {
        self.result(tool, &arguments).await?.said.map(|answer| answer.value())
    }

    async fn result(&self, tool: &str, arguments: &Value) -> Result<Reply, String> {
        let server = &self.backed.server;
        let called = server.call(&server.context(Principal::Anybody), tool, arguments.clone()).await;
        called.map_err(|error| format!("{tool}: {error}."))
    }
}

fn heading(text: &str) {
    say(&format!("\n# {text}"));
}

fn announce(tool: &str, arguments: &Value) {
    say(&format!("> {tool} {arguments}"));
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.get("items").and_then(Value::as_array).into_iter().flatten()
}

fn member<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What to paste into a client, with the very program that ran the tour.
fn closing() {
    let program =
        std::env::current_exe().map_or_else(|_| "vanta-mcp".to_owned(), |path| path.display().to_string());
    let paste = json!({"mcpServers": {"vanta": {"command": program, "args": ["serve", "--demo"]}}});
    heading("To let an assistant do this");
    say(
        "Paste this into the configuration of Claude Desktop or Cursor; for your own data replace \"--demo\" by an \"env\"\n\
         with VANTA_CLIENT_ID and VANTA_CLIENT_SECRET (the README shows every client).\n",
    );
    say(&serde_json::to_string_pretty(&paste).unwrap_or_default());
}
