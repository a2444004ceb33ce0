//! What a person types.

mod args;
mod call;
mod demo;
mod logging;
mod output;
mod serve;
mod session;
mod telemetry;
mod token;
mod tools;

use std::ffi::OsString;
use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use crate::catalog::Effect;
use crate::config::{Config, ConfigError, Layers};
use args::{Command, Invocation, Mode, Parsed};
use output::complain;

/// Wrong usage: of a command, of a setting, of a tool's name.
const USAGE: u8 = 2;

/// As a shell tells of a process that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// How long the process may take to leave nothing behind.
const FAREWELL: Duration = Duration::from_millis(200);

/// Runs one invocation and says how it went: 0 done, 1 a tool answered with an error, 2 wrong usage.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let invocation = match args::parse(arguments) {
        Parsed::Run(invocation) => invocation,
        Parsed::Show(text) => {
            output::say(&text);
            return ExitCode::SUCCESS;
        }
        Parsed::Wrong(problem) => {
            complain(&problem);
            return ExitCode::from(USAGE);
        }
    };
    let config = match settings(&invocation) {
        Ok(config) => config,
        Err(problem) => {
            complain(&problem.to_string());
            return ExitCode::from(USAGE);
        }
    };
    logging::begin(&config.log);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let _exporting = config.telemetry.as_ref().and_then(|settings| match telemetry::begin(settings) {
        Ok(exporting) => Some(exporting),
        Err(error) => {
            tracing::warn!(%error, "traces are not exported");
            None
        }
    });
    let Invocation { command, mode, flags } = invocation;
    match command {
        Command::Serve => match config.http.clone() {
            Some(settings) => on_runtime(serve::http(config, settings, mode)),
            None => on_runtime(serve::stdio(config, mode)),
        },
        Command::NewToken { name } => {
            // What the server's own environment allows is not what a token should grant unasked.
            let access = if flags.contains_key("access") { config.access } else { Effect::Read };
            let toolsets = flags.get("toolsets").map(|names| names.split(',').map(str::to_owned).collect());
            token::new(&name, access, toolsets.unwrap_or_default(), config.tokens.as_deref())
        }
        Command::Call { tool, arguments, form } => {
            on_runtime(until_interrupted(call::run(config, mode, tool, arguments, form)))
        }
        Command::Tools { tool, form } => on_runtime(tools::run(config, mode, tool, form)),
        Command::Demo => on_runtime(demo::run(config)),
    }
}

fn settings(invocation: &Invocation) -> Result<Config, ConfigError> {
    let layers = Layers::of_this_process(invocation.flags.clone())?;
    match (invocation.mode, &invocation.command) {
        (Mode::Demo, _) | (_, Command::NewToken { .. }) => Config::load_for_demo(&layers),
        (Mode::Real, _) => Config::load(&layers),
    }
}

/// Ends early at Ctrl-C, though not at once: a download that is under way is taken away.
async fn until_interrupted(work: impl Future<Output = ExitCode>) -> ExitCode {
    tokio::select! {
        code = work => code,
        Ok(()) = tokio::signal::ctrl_c() => ExitCode::from(INTERRUPTED),
    }
}

/// Two threads are enough for a server of one client, which mostly waits; connections of many have threads of their own.
fn on_runtime(work: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => {
            let code = runtime.block_on(work);
            // What is left is dropped, which takes unfinished downloads away; a blocked read of stdin must not keep the
            // process.
            runtime.shutdown_timeout(FAREWELL);
            code
        }
        Err(error) => {
            complain(&format!("the runtime could not be started: {error}."));
            ExitCode::FAILURE
        }
    }
}
