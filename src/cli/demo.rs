//! `vanta-mcp demo`: what an assistant would do, against the demo tenant, call by call.

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::args::Mode;
use super::backed::{self, Backed};
use super::found;
use super::output::{self, complain, say};
use super::paste::Startable;
use super::presentation::Presentation;
use super::tenant;
use super::width::{width, wrapped};
use crate::call::{Afterwards, Context};
use crate::catalog::{Api, Effect};
use crate::config::{Config, DemoLimits};
use crate::gate::Principal;
use crate::server::Reply;

/// How wide the tour is, whatever the terminal.
const WIDTH: usize = 80;

/// How many rows of a table are shown.
const ROWS: usize = 3;

pub(super) async fn run(mut config: Config) -> ExitCode {
    // Nothing here is real, and the tour ends with a termination.
    config.access = Effect::Destroy;
    // A person who is shown something does not wait for it, unless they asked to.
    let limits = *config.demo_limits.get_or_insert(DemoLimits::Off);
    let toured = match backed::server(config, Mode::Demo, backed::AnswerReader::Person).await {
        Ok(backed) => Tour { backed, limits, now: Timestamp::now() }.run().await,
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
    limits: DemoLimits,
    now: Timestamp,
}

impl Tour {
    async fn run(&self) -> Result<(), String> {
        tell(
            "A tour of the demo tenant: an invented company behind real HTTP on this machine. A line that begins with > is a \
             tool call as an assistant would make it. Answers are shortened here; nothing leaves this machine.",
        );
        if let Some(test) = self.failing_controls().await? {
            self.why(&test).await?;
        }
        self.vulnerabilities().await?;
        self.audit().await?;
        self.questionnaire().await?;
        self.search().await?;
        self.panel().await?;
        self.price();
        closing();
        Ok(())
    }

    /// Which controls fail, of all and then of one framework: the second question takes what the first one found out. The
    /// name of the failing test that is due first.
    async fn failing_controls(&self) -> Result<Option<String>, String> {
        heading("Which controls fail, and why?");
        let before = self.requests();
        let failing = self.job("failing_controls", json!({ "limit": ROWS })).await?;
        let first = self.requests() - before;
        Self::controls(&failing);
        let looked = "One call. Vanta's lists do not say which controls a test belongs to, so each control costs a request";
        match (self.limits, minutes(first)) {
            (DemoLimits::Off, Some(waited)) => tell(&format!(
                "{looked}: {first} in all. Your own Vanta takes {waited} for them, once; what was found is kept."
            )),
            _ => tell(&format!("{looked}; {first} were made so far, and what they find is kept.")),
        }
        heading("And for HIPAA alone?");
        let before = self.requests();
        let of_framework = self.job("failing_controls", json!({"framework": "HIPAA", "limit": 1})).await?;
        let second = self.requests() - before;
        Self::controls(&of_framework);
        if part(&of_framework, "/unfinished").is_null() {
            tell(&format!(
                "{second} requests instead of {first}; which tests belong to which control is taken from the index, what \
                 fails is read now."
            ));
        }
        let mut tests = records(part(&failing, "/tests"));
        tests.sort_by_key(|test| {
            Some(member(test, "due").to_owned()).filter(|due| !due.is_empty()).unwrap_or("~".to_owned())
        });
        Ok(tests.first().map(|test| member(test, "name").to_owned()))
    }

    /// The first of the failing controls, and how many there are of each kind.
    fn controls(failing: &Value) {
        let controls = records(part(failing, "/controls"));
        // What is not described is one entry: how many more there are.
        let each = |entry: &Value| entry.as_str().and_then(|more| more.parse::<usize>().ok()).unwrap_or(1);
        let count =
            |of: &Value| of.as_array().map_or(0, |all| all.iter().map(each).sum::<usize>()).to_string();
        let row = |control: &Value| {
            let name =
                output::plain(&format!("{} {}", member(control, "externalId"), member(control, "name")));
            let owner = part(control, "/owner").as_str().unwrap_or("nobody");
            vec![
                name,
                output::plain(owner),
                count(part(control, "/tests")),
                count(part(control, "/documents")),
            ]
        };
        let rows: Vec<Vec<String>> = controls.iter().take(ROWS).map(row).collect();
        let shown = rows.len();
        say(&output::table_as_wide_as_it_is(&["control", "owner", "tests", "documents"], rows));
        let (fail, looked) = (part(failing, "/failing"), part(failing, "/lookedAt"));
        let (unproven, invalid) =
            (part(failing, "/noEvidenceMapped/count"), part(failing, "/invalidTestsOnly/count"));
        if let Some(unfinished) = part(failing, "/unfinished").as_str() {
            if fail.is_null() {
                tell("(no control was looked at yet)");
            } else {
                tell(&format!("({fail} controls are known to fail so far; shown: {shown})"));
            }
            tell(&output::plain(unfinished));
            return;
        }
        tell(&format!(
            "({fail} of {looked} controls fail, worst first; shown: {shown}. {unproven} more have no evidence, {invalid} only \
             tests without a valid result)"
        ));
    }

    async fn why(&self, test: &str) -> Result<(), String> {
        heading("Why does the test fail that is due first?");
        let told = self.call("explain_failure", json!({ "test": test })).await?;
        self.show(&told, "test.name,says.failure,says.repair,test.since,test.due")?;
        let failing = part(&told, "/failing");
        let items = records(part(failing, "/items"));
        self.first(&items, "item,firstSeen", &format!("{} items fail", part(failing, "/count")))?;
        let called =
            |control: &Value| format!("{} {}", member(control, "externalId"), member(control, "name"));
        let controls: Vec<String> = records(part(&told, "/matters/controls")).iter().map(called).collect();
        if !controls.is_empty() {
            tell(&output::plain(&format!("It matters to {}.", controls.join(", "))));
        }
        Ok(())
    }

    async fn vulnerabilities(&self) -> Result<(), String> {
        heading("Which vulnerabilities break their SLA in the two weeks from tomorrow?");
        let midnight = |days: i64| {
            let day = self.now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(self.now);
            day.strftime("%Y-%m-%dT00:00:00Z").to_string()
        };
        let arguments = json!({
            "slaDeadlineAfterDate": midnight(1),
            "slaDeadlineBeforeDate": midnight(15),
            "isDeactivated": false,
            "isFixAvailable": true,
            "pageSize": 100,
        });
        let mut due = self.pages("list_vulnerabilities", arguments).await?;
        due.sort_by(|a, b| member(a, "remediateByDate").cmp(member(b, "remediateByDate")));
        let what = format!("{} are due and have a fix, by deadline", due.len());
        self.first(&due, "id,name,severity,remediateByDate", &what)
    }

    async fn audit(&self) -> Result<(), String> {
        heading("For audit firms: what does a customer's audit still lack?");
        let audits = items(&self.call("list_audits", json!({"isActiveAudit": true})).await?);
        let audit = audits.first().cloned().unwrap_or_default();
        self.show(&audit, "displayName")?;
        let arguments =
            json!({"auditId": member(&audit, "id"), "pageSize": 100, "fields": ["id", "name", "status"]});
        let evidence = self.pages("list_audit_evidence", arguments).await?;
        let is_lacking = |item: &&Value| ["Not ready for audit", "Flagged"].contains(&member(item, "status"));
        let lacking: Vec<Value> = evidence.iter().filter(is_lacking).cloned().collect();
        let what =
            format!("{} of {} pieces of evidence are not ready or flagged", lacking.len(), evidence.len());
        self.first(&lacking, "id,name,status", &what)
    }

    async fn questionnaire(&self) -> Result<(), String> {
        heading("Which questions of a customer are open, and what do we usually answer?");
        let arguments = json!({"statusMatchesAny": ["IN_PROGRESS"], "pageSize": 1});
        let listed = items(&self.call("list_questionnaires", arguments).await?);
        let questionnaire = listed.first().cloned().unwrap_or_default();
        self.show(&questionnaire, "displayName")?;
        let arguments = json!({"questionnaireId": member(&questionnaire, "id"), "pageSize": 100});
        let questions = self.pages("list_questionnaire_responses", arguments).await?;
        let is_open =
            |one: &&Value| one["answerPartsValues"].as_object().is_none_or(serde_json::Map::is_empty);
        let open: Vec<Value> = questions.iter().filter(is_open).cloned().collect();
        tell(&format!("{} questions, {} without an answer:", questions.len(), open.len()));
        for one in open.iter().take(ROWS) {
            let draft = if one["isPendingAnswerGeneration"] == true { " (draft to come)" } else { "" };
            tell(&output::plain(&format!("- {}{draft}", member(one, "question"))));
        }
        let found = items(&self.call("list_answer_library_entries", json!({"q": "access"})).await?);
        let entry = found.first().cloned().unwrap_or_default();
        self.show(&entry, "question,answer")
    }

    async fn search(&self) -> Result<(), String> {
        heading("A tool that is not listed is found by what it should do");
        let arguments = json!({"query": "reject audit evidence", "limit": ROWS});
        let found = items(&self.call("find_tools", arguments).await?);
        found::tools(&found, WIDTH).take(ROWS).for_each(|line| say(&line));
        Ok(())
    }

    /// Vanta Panel: an account, and its end.
    async fn panel(&self) -> Result<(), String> {
        heading("Vanta Panel (web hosting): what cannot be undone is confirmed by name");
        let user = "tourist";
        let arguments = json!({"user": user, "domain": "tourist.example", "email": "owner@tourist.example", "plan": "starter"});
        let made = self.call("create_panel_account", arguments).await?;
        self.show(&made, "account.status,password")?;
        let wrong = json!({"user": user, "confirm": "yes"});
        announce("terminate_panel_account", &wrong);
        let refused = self.result("terminate_panel_account", &wrong).await?;
        let Err(refused) = refused.said else { return Err("the termination was not refused".to_owned()) };
        tell(&format!("refused: {refused}"));
        let preview = self.call("terminate_panel_account", json!({ "user": user })).await?;
        self.show(&preview, "changed,will,where,undo")?;
        let token = preview.get("confirmation").and_then(Value::as_str).unwrap_or_default();
        let confirmed = |token: &str| json!({"user": user, "confirm": user, "confirmation": token});
        let begun: String = token.chars().take(8).collect();
        announce("terminate_panel_account", &confirmed(&format!("{begun}…")));
        let done = self.call_quietly("terminate_panel_account", confirmed(token)).await?;
        self.show(&done, "terminated")
    }

    /// What the tour would have cost where requests a minute are limited.
    fn price(&self) {
        let requests = self.requests();
        let (DemoLimits::Off, Some(waited), Some(most)) =
            (self.limits, minutes(requests), Api::Manage.per_minute())
        else {
            return;
        };
        heading("What this tour costs");
        tell(&format!(
            "It made {requests} requests to Manage Vanta, which takes {most} a minute: your own Vanta needs at least {waited} \
             for them. `vanta-mcp serve --demo` keeps that limit; --demo-limits off lifts it.",
        ));
    }

    /// How many requests Manage Vanta has had.
    fn requests(&self) -> usize {
        self.backed.tenant.as_ref().map_or(0, tenant::Running::manage_requests)
    }

    /// Some members of an answer, a line each.
    fn show(&self, answer: &Value, members: &str) -> Result<(), String> {
        // A member that this answer happens not to have is not missed.
        let has = |path: &&str| answer.pointer(&format!("/{}", path.replace('.', "/"))).is_some();
        let columns = members.split(',').filter(has).map(str::to_owned).collect();
        let reading = Presentation { width: WIDTH, now: self.now, columns, fields: Vec::new() };
        let text = reading.text(answer).map_err(|problem| problem.to_string())?;
        say(text.trim_end());
        Ok(())
    }

    /// The first rows of a list, and of how many.
    fn first(&self, all: &[Value], columns: &str, what: &str) -> Result<(), String> {
        let shown = all.get(..ROWS).unwrap_or(all);
        let columns = columns.split(',').map(str::to_owned).collect();
        let reading = Presentation { width: WIDTH, now: self.now, columns, fields: Vec::new() };
        say(&reading.table(shown).map_err(|problem| problem.to_string())?);
        tell(&format!("({what}; shown: {})", shown.len()));
        Ok(())
    }

    /// Prints a call, and keeps all items of the list, page by page.
    async fn pages(&self, tool: &str, mut arguments: Value) -> Result<Vec<Value>, String> {
        announce(tool, &arguments);
        let mut all = Vec::new();
        loop {
            let page = self.call_quietly(tool, arguments.clone()).await?;
            all.extend(items(&page));
            let (Some(next), Some(members)) = (page.get("nextCursor"), arguments.as_object_mut()) else {
                return Ok(all);
            };
            members.insert("pageCursor".to_owned(), next.clone());
        }
    }

    /// Makes a job's call, prints it, and keeps the answer. Where nothing is limited it answers the whole question, however
    /// many requests that takes; else it answers as an assistant would be answered, and goes on behind the tour.
    async fn job(&self, name: &str, arguments: Value) -> Result<Value, String> {
        announce(name, &arguments);
        let afterwards = match self.limits {
            DemoLimits::Off => Afterwards::End,
            DemoLimits::Real => Afterwards::Serving,
        };
        self.result_in(afterwards, name, &arguments).await?.said.map(|answer| answer.value())
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
        self.result_in(Afterwards::Serving, tool, arguments).await
    }

    async fn result_in(
        &self,
        afterwards: Afterwards,
        tool: &str,
        arguments: &Value,
    ) -> Result<Reply, String> {
        let server = &self.backed.server;
        let cx = Context { afterwards, ..server.context(Principal::Anybody) };
        let called = server.call(&cx, tool, arguments.clone()).await;
        called.map_err(|error| format!("{tool}: {error}."))
    }
}

fn heading(text: &str) {
    say(&format!("\n# {text}"));
}

/// Prints prose, in lines that fit.
fn tell(text: &str) {
    for line in wrapped(text, WIDTH) {
        say(&line);
    }
}

/// Prints a call, in as many lines as it takes.
fn announce(tool: &str, arguments: &Value) {
    let line = format!("> {tool} {arguments}");
    if width(&line) <= WIDTH {
        say(&line);
        return;
    }
    let spaced = line.replace(",\"", ", \"");
    for (at, line) in wrapped(&spaced, WIDTH - 2).iter().enumerate() {
        say(&if at == 0 { line.clone() } else { format!("  {line}") });
    }
}

fn items(value: &Value) -> Vec<Value> {
    value.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A part of an answer; null where there is none.
fn part<'v>(value: &'v Value, path: &str) -> &'v Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

/// The rows of a table in an answer, each with the names of its columns.
fn records(table: &Value) -> Vec<Value> {
    let of = |name: &str| table.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = of("columns").iter().filter_map(Value::as_str).collect();
    let record = |row: &Value| {
        let cells = row.as_array().map(Vec::as_slice).unwrap_or_default();
        names.iter().map(|name| (*name).to_owned()).zip(cells.iter().cloned()).collect::<Map<_, _>>()
    };
    of("rows").iter().map(record).map(Value::Object).collect()
}

/// How long so many requests take at least where the limit is kept; none if no minute has to be waited for.
fn minutes(requests: usize) -> Option<String> {
    let most = Api::Manage.per_minute()?;
    // A minute's requests go out at once, and the next ones a minute later.
    match requests.div_ceil(most.into()).saturating_sub(1) {
        0 => None,
        1 => Some("1 minute".to_owned()),
        more => Some(format!("{more} minutes")),
    }
}

fn member<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What to paste into a client.
fn closing() {
    let program = Startable::of_this_process();
    heading("To let an assistant do this");
    if let Startable::OnceInstalled(_) = program {
        tell(
            "First install the program: `cargo install --locked --path .` puts it where the lines below say.",
        );
    }
    tell(
        "Paste this into the configuration of Claude Desktop or Cursor. For your own data, remove \"--demo\" and add an \"env\" \
         with VANTA_CLIENT_ID and VANTA_CLIENT_SECRET (the README shows every client). Then restart the client.",
    );
    say("");
    say(&program.entry());
}
