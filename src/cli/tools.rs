//! `vanta-mcp tools`: what an assistant would be shown.

use std::process::ExitCode;

use serde_json::json;

use super::args::{Form, Mode};
use super::backed::{self, Backed};
use super::columns::GAP;
use super::exit::USAGE;
use super::mistake;
use super::output::{self, complain, say};
use super::width::{cut, width, wrapped};
use crate::config::Config;
use crate::server::{Server, ShownTool};
use crate::tools::Tool;

pub(super) async fn run(mut config: Config, mode: Mode, tool: Option<String>, form: Form) -> ExitCode {
    // A tool that is asked for by name is shown whether or not it is listed; what has no such name is told below.
    if let Some(name) = &tool
        && let Ok(choice) = config.choice.clone().with_tools(std::iter::once(name.as_str()))
    {
        config.choice = choice;
    }
    let Backed { server, tenant: _tenant, .. } = match backed::for_a_person(config, mode).await {
        Ok(backed) => backed,
        Err(code) => return code,
    };
    // All pages: this is for people, whatever the operator set for clients.
    let mut listed = server.listed().to_vec();
    if let Some(name) = &tool {
        listed.retain(|tool| tool.name == name.as_str());
        if listed.is_empty() {
            let why = mistake::why_not(server.offer(), name);
            complain(&why.unwrap_or_else(|| format!("{name} is not listed.")));
            return ExitCode::from(USAGE);
        }
    }
    match (form, tool) {
        (Form::Json, _) => say(&json!({ "tools": listed }).to_string()),
        (_, None) => overview(&server, &listed),
        (_, Some(_)) => listed.iter().for_each(|shown| detail(&server, shown)),
    }
    ExitCode::SUCCESS
}

/// What is offered under the name of a tool that a client is shown.
fn offered(server: &Server, shown: &ShownTool) -> Option<Tool> {
    server.offer().selection().listed().iter().find(|tool| tool.name() == shown.name).copied()
}

fn overview(server: &Server, shown: &[ShownTool]) {
    let rows = shown.iter().map(|shown| {
        let about = shown.description.as_deref().unwrap_or_default();
        let first = about.split_once(". ").map_or(about, |(first, _)| first).trim_end_matches('.');
        let tool = offered(server, shown);
        let effect = tool.map(|tool| tool.effect().to_string()).unwrap_or_default();
        let scope = tool.map_or("", |tool| server.offer().scope(tool));
        vec![shown.name.to_string(), effect, scope.to_owned(), first.to_owned()]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let left = server.offer().not_listed();
    let mut notes = Vec::new();
    if output::is_terminal() {
        say(&brief(&rows, output::columns()));
        notes.push(
            "`vanta-mcp tools NAME` shows the whole description, the scope and the arguments.".to_owned(),
        );
    } else {
        say(&output::table(&["name", "effect", "scope", "what it does"], rows));
    }
    if left > 0 {
        notes.push(format!(
            "{left} more are not listed: an assistant finds them with find_tools; --toolsets all shows them."
        ));
    }
    if !notes.is_empty() {
        say("");
    }
    for line in notes.iter().flat_map(|note| wrapped(note, output::columns())) {
        say(&line);
    }
}

/// The tools in lines that fit: the name is whole, the scope is left to the whole description.
fn brief(rows: &[Vec<String>], room: usize) -> String {
    const LEAST: usize = 16;
    let head = ["name", "effect", "what it does"].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = rows
        .iter()
        .filter_map(|row| Some(vec![row.first()?.clone(), row.get(1)?.clone(), row.last()?.clone()]))
        .collect();
    let widest = |at: usize| {
        let cells = rows.iter().chain([&head]).filter_map(|row| row.get(at));
        cells.map(|cell| width(cell)).max().unwrap_or_default()
    };
    let left = room.saturating_sub(widest(0) + widest(1) + 2 * GAP).max(LEAST);
    let cut_rows = rows.iter().map(|row| {
        let mut row = row.clone();
        if let Some(about) = row.last_mut() {
            *about = cut(about, left);
        }
        row
    });
    output::table_as_wide_as_it_is(&head, cut_rows)
}

fn detail(server: &Server, shown: &ShownTool) {
    say(&format!("{} ({})", shown.name, shown.title.as_deref().unwrap_or_default()));
    if let Some(tool) = offered(server, shown) {
        let scope = Some(server.offer().scope(tool)).filter(|scope| !scope.is_empty()).unwrap_or("none");
        say(&format!("effect: {}, scope: {scope}", tool.effect()));
    }
    say(&format!("\n{}\n", shown.description.as_deref().unwrap_or_default()));
    say(&serde_json::to_string_pretty(&*shown.input_schema).unwrap_or_default());
}
