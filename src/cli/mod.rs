//! What a person types.

mod args;
mod backed;
mod call;
mod catalog;
mod cell;
mod columns;
mod commands;
mod confirming;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod exit;
mod found;
mod help;
mod index;
mod logging;
mod mistake;
mod nearest;
mod output;
#[cfg(feature = "demo")]
mod paste;
mod presentation;
mod serve;
mod status;
#[cfg(feature = "otel")]
mod telemetry;
#[cfg(feature = "demo")]
mod tenant;
#[cfg(not(feature = "demo"))]
#[path = "no_tenant.rs"]
mod tenant;
mod token;
mod tools;
mod under_way;
mod when;
mod width;

use std::ffi::OsString;
use std::future::Future;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use crate::catalog::Effect;
use crate::config::{Config, ConfigError, Layers};
use crate::program;
use args::{Command, Invocation, Mode, Parsed, TokenCommand};
use exit::{INTERRUPTED, USAGE};
use output::complain;

/// How long the process may take to leave nothing behind.
const FAREWELL: Duration = Duration::from_millis(200);

/// Runs one invocation and says how it went: 0 done, 1 a tool answered with an error or a check failed, 2 wrong usage.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // Before all else, as a list waits for it: neither settings nor a runtime are of use there.
    if matches!(&arguments[..], [_, only] if only == program::CHILD) {
        return program::serve();
    }
    let invocation = match args::parse(arguments) {
        Parsed::Run(invocation) => invocation,
        Parsed::Show(text) => {
            output::say(text.trim_end());
            return ExitCode::SUCCESS;
        }
        Parsed::Wrong(problem) => {
            complain(&problem);
            return ExitCode::from(USAGE);
        }
    };
    if invocation.mode == Mode::Demo && !cfg!(feature = "demo") {
        complain("this build has no demo tenant; build it with the Cargo feature `demo`.");
        return ExitCode::from(USAGE);
    }
    if let Command::CatalogDiff { files, print } = &invocation.command {
        return catalog::diff(files, *print);
    }
    let config = match settings(&invocation) {
        Ok(config) => config,
        Err(problem) => {
            // To say what is wrong with settings is what that command is for.
            if let Command::Doctor { form, .. } = &invocation.command {
                return doctor::of_settings(&problem, form);
            }
            complain(&problem.to_string());
            return ExitCode::from(USAGE);
        }
    };
    // What they print has the warnings in it.
    let prints_warnings = matches!(invocation.command, Command::Status { .. } | Command::Doctor { .. });
    logging::begin(&if prints_warnings { config.log.without_warnings() } else { config.log.clone() });
    // The tour is of the demo tenant in any case, whatever else is set.
    let told = if matches!(invocation.command, Command::Demo) { &[][..] } else { &config.warnings };
    for warning in told {
        tracing::warn!("{warning}");
    }
    #[cfg(feature = "otel")]
    let _exporting =
        config.telemetry.as_ref().and_then(|settings| match telemetry::begin(settings, &config.network) {
            Ok(exporting) => Some(exporting),
            Err(error) => {
                tracing::warn!(%error, "traces are not exported");
                None
            }
        });
    #[cfg(not(feature = "otel"))]
    if config.telemetry.is_some() {
        tracing::warn!("traces are not exported: this build has no OpenTelemetry (the Cargo feature `otel`)");
    }
    let Invocation { command, mode, flags } = invocation;
    match command {
        Command::Serve => match config.http.clone() {
            Some(settings) => {
                // The connections of many clients are served on all cores.
                let cores = std::thread::available_parallelism().map_or(FEW, NonZeroUsize::get);
                on_threads(cores, serve::http(config, settings, mode))
            }
            None => on_runtime(serve::stdio(config, mode)),
        },
        Command::Token(TokenCommand::New { name, expires }) => {
            // What the server's own environment allows is not what a token should grant unasked.
            let access = if flags.contains_key("access") { config.access } else { Effect::Read };
            let toolsets = flags.get("toolsets").map(|names| names.split(',').map(str::to_owned).collect());
            let wanted = token::WantedToken { access, toolsets: toolsets.unwrap_or_default(), expires };
            token::new(&name, wanted, config.tokens.as_deref())
        }
        Command::Token(TokenCommand::List) => token::list(config.tokens.as_deref()),
        Command::Token(TokenCommand::Revoke { name }) => token::revoke(&name, config.tokens.as_deref()),
        Command::Call { tool, arguments, form, confirm, told } => {
            let typed = call::TypedCall { tool, arguments, form, confirm, told };
            on_runtime(call::run(config, mode, typed))
        }
        // Needs no settings, and has ended above.
        Command::IndexClear => on_runtime(until_interrupted(index::clear(config, mode))),
        Command::CatalogDiff { .. } => ExitCode::from(USAGE),
        Command::Status { form } => on_runtime(until_interrupted(status::run(config, mode, form))),
        Command::Doctor { form, within } => {
            on_runtime(until_interrupted(doctor::run(config, mode, form, within)))
        }
        Command::Tools { tool, form } => on_runtime(tools::run(config, mode, tool, form)),
        #[cfg(feature = "demo")]
        Command::Demo => on_runtime(demo::run(config)),
        #[cfg(not(feature = "demo"))]
        Command::Demo => ExitCode::from(USAGE),
    }
}

fn settings(invocation: &Invocation) -> Result<Config, ConfigError> {
    let layers = Layers::of_this_process(invocation.flags.clone())?;
    match (invocation.mode, &invocation.command) {
        (_, Command::Token(_)) => Config::load_for_tokens(&layers),
        (Mode::Demo, _) => Config::load_for_demo(&layers),
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

/// Two threads are enough for who has one client, and mostly waits.
const FEW: usize = 2;

/// Runs on a few threads.
fn on_runtime(work: impl Future<Output = ExitCode>) -> ExitCode {
    on_threads(FEW, work)
}

fn on_threads(threads: usize, work: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
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
