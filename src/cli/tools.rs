//! `vanta-mcp tools`: what an assistant would be shown.

use std::process::ExitCode;

use super::USAGE;
use super::args::{Form, Mode};
use super::output::{self, complain, say};
use super::session::{self, Session};
use crate::config::Config;
use crate::tools::Tool;

pub(super) async fn run(config: Config, mode: Mode, tool: Option<String>, form: Form) -> ExitCode {
    let backed = match session::server(config, mode).await {
        Ok(backed) => backed,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::FAILURE;
        }
    };
    let server = backed.server.clone();
    let listed = match Session::begin(backed).await {
        Ok(session) => session.tools().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let mut listed = match listed {
        Ok(listed) => listed,
        Err(error) => {
            complain(&format!("the tools could not be listed: {error}."));
            return ExitCode::FAILURE;
        }
    };
    if let Some(name) = &tool {
        listed.tools.retain(|tool| tool.name == name.as_str());
        if listed.tools.is_empty() {
            complain(&server.why_not(name).unwrap_or_else(|| format!("{name} is not listed.")));
            return ExitCode::from(USAGE);
        }
    }
    match (form, tool) {
        (Form::Json, _) => say(&serde_json::to_string(&listed).unwrap_or_default()),
        (Form::Fitting, None) => overview(server.selection().listed(), &listed.tools),
        (Form::Fitting, Some(name)) => {
            for shown in &listed.tools {
                let offered = server.selection().listed().iter().find(|tool| tool.name() == name);
                detail(shown, offered.copied());
            }
        }
    }
    ExitCode::SUCCESS
}

fn overview(offered: &[Tool], shown: &[rmcp::model::Tool]) {
    let rows = offered.iter().zip(shown).map(|(tool, shown)| {
        let about = shown.description.as_deref().unwrap_or_default();
        let first = about.split_once(". ").map_or(about, |(first, _)| first).trim_end_matches('.');
        vec![tool.name().to_owned(), tool.effect().to_string(), tool.scope().to_owned(), first.to_owned()]
    });
    say(&output::table(&["name", "effect", "scope", "what it does"], rows));
}

fn detail(shown: &rmcp::model::Tool, offered: Option<Tool>) {
    say(&format!("{} ({})", shown.name, shown.title.as_deref().unwrap_or_default()));
    if let Some(tool) = offered {
        let scope = if tool.scope().is_empty() { "none" } else { tool.scope() };
        say(&format!("effect: {}, scope: {scope}", tool.effect()));
    }
    say(&format!("\n{}\n", shown.description.as_deref().unwrap_or_default()));
    say(&serde_json::to_string_pretty(&*shown.input_schema).unwrap_or_default());
}
