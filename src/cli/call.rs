//! `vanta-mcp call TOOL JSON`: one tool, through the server that an assistant would talk to.

use std::io::Read as _;
use std::process::ExitCode;

use rmcp::model::JsonObject;
use rmcp::service::ServiceError;
use serde_json::json;

use super::USAGE;
use super::args::{Form, Mode};
use super::output::{self, complain, say};
use super::session::{self, Session};
use crate::config::Config;

pub(super) async fn run(
    config: Config,
    mode: Mode,
    tool: String,
    arguments: Option<String>,
    form: Form,
) -> ExitCode {
    let arguments = match read(arguments.as_deref()) {
        Ok(arguments) => arguments,
        Err(problem) => {
            complain(&problem);
            return ExitCode::from(USAGE);
        }
    };
    let session = match session::server(config, mode).await {
        Ok(backed) => Session::begin(backed).await,
        Err(error) => Err(error),
    };
    let session = match session {
        Ok(session) => session,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::FAILURE;
        }
    };
    let for_person = form == Form::Fitting && output::is_terminal();
    match session.call(&tool, arguments).await {
        Ok(result) if result.is_error == Some(true) => {
            let text = session::text(&result);
            if for_person {
                complain(&output::plain(text));
            } else {
                say(&json!({ "error": text }).to_string());
            }
            ExitCode::FAILURE
        }
        Ok(result) => {
            let value = session::value(&result);
            say(&if for_person { output::readable(value) } else { value.to_string() });
            ExitCode::SUCCESS
        }
        Err(ServiceError::McpError(error)) => {
            complain(&format!("{} See vanta-mcp tools.", output::plain(&error.message)));
            ExitCode::from(USAGE)
        }
        Err(error) => {
            complain(&format!("the call was not answered: {error}."));
            ExitCode::FAILURE
        }
    }
}

/// The arguments: a JSON object, nothing, or `-` for stdin.
fn read(arguments: Option<&str>) -> Result<JsonObject, String> {
    let text = match arguments {
        None => return Ok(JsonObject::new()),
        Some("-") => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| format!("stdin could not be read: {error}."))?;
            text
        }
        Some(text) => text.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| {
        format!("the arguments are not a JSON object ({error}); write them like '{{\"page_size\":5}}'.")
    })
}
