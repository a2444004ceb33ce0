//! `vanta-mcp call TOOL JSON`: one tool, through the server that an assistant would talk to.

use std::io::Read as _;
use std::process::ExitCode;

use rmcp::model::JsonObject;
use rmcp::service::ServiceError;
use serde_json::{Value, json};

use super::USAGE;
use super::args::{Form, Mode};
use super::output::{self, complain, say};
use super::session::{self, Content, Session};
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
            let (value, content) = (session::value(&result), session::content(&result));
            say(&if for_person { for_reading(value, content) } else { for_script(value, content) });
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

/// An answer for a person: a file's text stands after what is told of it.
fn for_reading(value: &Value, content: Option<Content<'_>>) -> String {
    let told = output::readable(value);
    match content {
        Some(Content::Text(text)) => format!("{told}\n\n{}", output::plain_lines(text)),
        Some(Content::Image(_)) => {
            format!("{told}\n\n(An image: --json prints it in base64, the argument `folder` saves it.)")
        }
        None => told,
    }
}

/// An answer for a script: one JSON object, in which a file's content is `text` or `base64`.
fn for_script(value: &Value, content: Option<Content<'_>>) -> String {
    let mut value = value.clone();
    if let (Some(members), Some(content)) = (value.as_object_mut(), content) {
        let (name, content) = match content {
            Content::Text(text) => ("text", text),
            Content::Image(base64) => ("base64", base64),
        };
        // It follows in no other block here.
        members.remove("note");
        members.insert(name.to_owned(), json!(content));
    }
    value.to_string()
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
