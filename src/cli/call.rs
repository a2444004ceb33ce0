//! `vanta-mcp call TOOL JSON`: one tool, through the server that an assistant would talk to.

use std::io::Read as _;
use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::args::{CallNews, Form, Mode};
use super::backed::{self, Backed};
use super::confirming::{self, Decided, ShownPreview};
use super::exit::{INTERRUPTED, USAGE};
use super::found::{self, FIND_TOOLS};
use super::mistake;
use super::output::{self, complain, say};
use super::presentation::{Presentation, UnknownColumn};
use super::under_way::UnderWayLine;
use crate::answer::{Answer, ShownContent};
use crate::call::{Afterwards, Context, Progress};
use crate::catalog::Effect;
use crate::config::Config;
use crate::files::text::without_mark;
use crate::gate::Principal;
use crate::jobs;
use crate::server::{Reply, Server, Unanswered};

/// What was typed.
pub(super) struct TypedCall {
    /// The tool's name.
    pub tool: String,
    /// Its arguments in JSON, or `-`.
    pub arguments: Option<String>,
    /// How the answer is printed.
    pub form: Form,
    /// The targets that are confirmed.
    pub confirm: Vec<String>,
    /// What is told before the answer.
    pub told: CallNews,
}

/// The same, once it is read.
struct ReadCall {
    tool: String,
    arguments: Value,
    form: Form,
    confirm: Vec<String>,
}

pub(super) async fn run(config: Config, mode: Mode, typed: TypedCall) -> ExitCode {
    let TypedCall { tool, arguments, form, confirm, told } = typed;
    let arguments = match read(arguments.as_deref()) {
        Ok(arguments) => arguments,
        Err(problem) => {
            complain(&problem);
            return ExitCode::from(USAGE);
        }
    };
    let line = UnderWayLine::wanted(told);
    let stopped = stopped(mode, &tool, &arguments);
    // Not at once: a download that is under way is taken away.
    tokio::select! {
        code = answered(config, mode, ReadCall { tool, arguments, form, confirm }, line.clone()) => code,
        Ok(()) = tokio::signal::ctrl_c() => {
            if let Some(line) = &line {
                line.clear();
            }
            if let Some(stopped) = stopped {
                complain(stopped);
            }
            ExitCode::from(INTERRUPTED)
        }
    }
}

/// How a call goes on that was stopped in the middle; none where there is nothing to say.
fn stopped(mode: Mode, tool: &str, arguments: &Value) -> Option<&'static str> {
    let is_asked = |name: &str| arguments.get(name).is_some_and(|value| *value != false && !value.is_null());
    if is_asked("export") {
        return Some("stopped; the same call within 24 hours goes on where it was.");
    }
    if is_asked("all") {
        return Some(
            "stopped, and nothing was kept; `export` writes a list into a file and goes on after a stop.",
        );
    }
    // The demo tenant ends with the process, and what is known of it.
    jobs::find(tool).filter(|_| mode == Mode::Real).and_then(jobs::kept_when_stopped)
}

async fn answered(config: Config, mode: Mode, call: ReadCall, line: Option<Arc<UnderWayLine>>) -> ExitCode {
    let ReadCall { tool, arguments, form, confirm } = call;
    let Backed { server, tenant: _tenant, .. } = match backed::for_a_person(config, mode).await {
        Ok(backed) => backed,
        Err(code) => return code,
    };
    let reading = match form {
        Form::Json => None,
        Form::Fitting => output::is_terminal().then(Vec::new),
        Form::Table { columns } => Some(columns),
    };
    let fields = fields(&arguments);
    let reading = reading.map(|columns| Presentation {
        width: output::columns(),
        now: Timestamp::now(),
        columns,
        fields,
    });
    if let Some(problem) = reading.as_ref().and_then(|reading| not_a_list(&server, &tool, reading)) {
        complain(&problem);
        return ExitCode::from(USAGE);
    }
    let progress = line.clone().map(|line| line as Arc<dyn Progress>);
    let cx = Context { afterwards: Afterwards::End, progress, ..server.context(Principal::Anybody) };
    let reply = server.call(&cx, &tool, arguments.clone()).await;
    if let Some(line) = line {
        line.clear();
    }
    let printed = Printed { tool: &tool, reading: reading.as_ref(), server: &server, mode };
    let Some(shown) = shown(&tool, &reply) else { return printed.print(reply) };
    let decided = if confirm.is_empty() {
        let code = printed.print(reply);
        if !confirming::can_ask() {
            shown.tell(&tool, &arguments);
            return code;
        }
        shown.ask(&arguments)
    } else {
        shown.against(&confirm, &arguments)
    };
    match decided {
        Decided::Confirmed(arguments) => printed.print(server.call(&cx, &tool, arguments).await),
        Decided::Left => ExitCode::FAILURE,
    }
}

/// What a call showed before it is carried out.
fn shown(tool: &str, reply: &Result<Reply, Unanswered>) -> Option<ShownPreview> {
    let Ok(Reply { said: Ok(answer), .. }) = reply else { return None };
    ShownPreview::in_answer(tool, answer)
}

/// How what comes of a call is printed.
struct Printed<'p> {
    tool: &'p str,
    reading: Option<&'p Presentation>,
    server: &'p Server,
    mode: Mode,
}

impl Printed<'_> {
    fn print(&self, reply: Result<Reply, Unanswered>) -> ExitCode {
        match reply {
            Ok(Reply { said: Err(text), .. }) => {
                if self.reading.is_some() {
                    complain(&output::plain(&text));
                } else {
                    say(&json!({ "error": text }).to_string());
                }
                ExitCode::FAILURE
            }
            Ok(Reply { said: Ok(answer), .. }) => self.answer(answer),
            Err(Unanswered::NoSuchTool(problem)) => {
                let why = mistake::why_not(self.server.offer(), self.tool);
                complain(&output::plain(&why.unwrap_or(problem)));
                ExitCode::from(USAGE)
            }
            Err(Unanswered::Cancelled) => ExitCode::FAILURE,
        }
    }

    fn answer(&self, answer: Answer) -> ExitCode {
        let text = match self.reading {
            Some(reading) if self.tool == FIND_TOOLS && reading.columns.is_empty() => {
                Ok(found::text(&answer.value(), self.mode, reading.width))
            }
            Some(reading) => for_reading(&answer, reading),
            None => Ok(for_script(answer)),
        };
        match text {
            Ok(text) => {
                say(&text);
                ExitCode::SUCCESS
            }
            Err(problem) => {
                complain(&format!("{problem}."));
                ExitCode::from(USAGE)
            }
        }
    }
}

/// An answer for a person: a file's text stands after what is told of it.
fn for_reading(answer: &Answer, reading: &Presentation) -> Result<String, UnknownColumn> {
    let told = reading.text(&answer.value())?;
    Ok(match answer.shown.as_ref().map(|shown| &shown.content) {
        Some(ShownContent::Text(text)) => format!("{told}\n\n{}", output::plain_lines(text)),
        Some(ShownContent::Image(_)) => {
            format!("{told}\n\n(An image: --json prints it in base64, the argument `folder` saves it.)")
        }
        Some(ShownContent::Link { .. }) | None => told,
    })
}

/// What the arguments name in `fields`, each as a column; none where they ask for all.
fn fields(arguments: &Value) -> Vec<String> {
    let fields: Vec<String> = match arguments.get("fields") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(names)) => names.split(',').map(|name| name.trim().to_owned()).collect(),
        _ => Vec::new(),
    };
    if fields.iter().any(|name| name == "*") { Vec::new() } else { fields }
}

/// Why columns cannot be picked: what changes something would be done before one of them is found to be wrong.
fn not_a_list(server: &Server, tool: &str, reading: &Presentation) -> Option<String> {
    let listed = server.offer().selection().find(server.offer().profile(), tool).ok()?;
    (!reading.columns.is_empty() && listed.effect() > Effect::Read)
        .then(|| format!("--columns is for tools that only read; {tool} changes something, so leave it out."))
}

/// An answer for a script: one JSON object, in which a file's content is `text` or `base64`.
fn for_script(answer: Answer) -> String {
    let Some(shown) = &answer.shown else { return answer.text };
    let mut value = answer.value();
    if let Some(members) = value.as_object_mut() {
        let (name, content) = match &shown.content {
            ShownContent::Text(text) => ("text", text.clone()),
            ShownContent::Image(bytes) => ("base64", STANDARD.encode(bytes)),
            ShownContent::Link { uri, .. } => ("uri", uri.clone()),
        };
        // It follows in no other block here.
        members.remove("note");
        members.insert(name.to_owned(), json!(content));
    }
    value.to_string()
}

/// The arguments: a JSON object, nothing, or `-` for stdin.
fn read(arguments: Option<&str>) -> Result<Value, String> {
    let text = match arguments {
        None => return Ok(json!({})),
        Some("-") => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| format!("stdin could not be read: {error}."))?;
            text
        }
        Some(text) => text.to_owned(),
    };
    let members: Result<Map<String, Value>, _> = serde_json::from_str(without_mark(&text));
    members.map(Value::Object).map_err(|error| {
        format!("the arguments are not a JSON object ({error}); write them like '{{\"pageSize\":5}}'.")
    })
}
