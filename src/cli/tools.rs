//! `vanta-mcp tools`: what an assistant would be shown.

use std::process::ExitCode;

use serde_json::json;

use super::args::{Form, Mode};
use super::backed::{self, Backed};
use super::exit::USAGE;
use super::output::{self, complain, say};
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
    let Backed { server, tenant: _tenant } = match backed::server(config, mode).await {
        Ok(backed) => backed,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::FAILURE;
        }
    };
    // All pages: this is for people, whatever the operator set for clients.
    let mut listed = server.listed().to_vec();
    if let Some(name) = &tool {
        listed.retain(|tool| tool.name == name.as_str());
        if listed.is_empty() {
            complain(&server.offer().why_not(name).unwrap_or_else(|| format!("{name} is not listed.")));
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
    say(&output::table(&["name", "effect", "scope", "what it does"], rows));
    let left = server.offer().not_listed();
    if left > 0 {
        say(&format!(
            "\n{left} more are not listed: an assistant finds them with find_tools; --toolsets all shows them."
        ));
    }
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
