//! `vanta-mcp doctor`: what works, what does not, and how to correct it.

mod credentials;
mod diagnosis;
mod here;

use std::process::ExitCode;
use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tokio::time::Instant;

use super::args::{Form, Mode};
use super::backed::{self, Backed};
use super::output::{self, plain, say};
use super::width::{padded, width, wrapped};
use crate::catalog::Api;
use crate::config::{Config, ConfigError};

use diagnosis::{CheckResult, Diagnosis};

/// How wide the marks are.
const MARKS: usize = 14;

/// How long before the end of all a call has to end, so that it says itself why.
const EARLIER: Duration = Duration::from_millis(500);

/// Checks everything, within this time.
pub(super) async fn run(config: Config, mode: Mode, form: Form, within: Duration) -> ExitCode {
    let deadline = Instant::now() + within;
    let mut all = here::settings(&config, mode);
    all.extend(here::http(&config));
    let backed = match backed::server(config, mode, backed::AnswerReader::Person).await {
        Ok(backed) => backed,
        Err(error) => {
            let to_do = "Check that programs may listen at 127.0.0.1.";
            all.push(Diagnosis::failed("demo", error.to_string(), to_do));
            return print(&all, &form);
        }
    };
    all.extend(checked(&backed, deadline, within).await);
    print(&all, &form)
}

/// The checks that take time, all at once.
async fn checked(backed: &Backed, deadline: Instant, within: Duration) -> Vec<Diagnosis> {
    let late = |check: &str, to_check: &str| {
        let found = format!("not finished within {} s", within.as_secs());
        vec![Diagnosis::failed(check, found, format!("Check {to_check}; --within allows more time."))]
    };
    let state = async {
        let checked = tokio::time::timeout_at(deadline, here::state(&backed.sharing.shared)).await;
        checked.map_or_else(
            |_| late("state", "that the place in VANTA_MCP_STATE can be reached"),
            |one| vec![one],
        )
    };
    let ends = deadline.checked_sub(EARLIER).unwrap_or(deadline);
    let credentials = join_all(Api::ALL.map(|api| async move {
        let checked = tokio::time::timeout_at(deadline, credentials::checked(backed, api, ends)).await;
        checked.unwrap_or_else(|_| {
            late(api.as_str(), "the network, the proxy settings and the configured address")
        })
    }));
    let (state, credentials) = tokio::join!(state, credentials);
    let profile = backed.server.offer().profile();
    let is_unset = |api: &Api| profile.upstream(*api).is_none() && profile.why_missing(*api).is_none();
    let nothing = Api::ALL.iter().all(is_unset);
    let nothing = nothing.then(here::nothing);
    state.into_iter().chain(credentials.into_iter().flatten()).chain(nothing).collect()
}

/// Says what is wrong with settings that nothing could be checked with.
pub(super) fn of_settings(problem: &ConfigError, form: &Form) -> ExitCode {
    let to_do = "Correct it, then run `vanta-mcp doctor` again.";
    print(&[Diagnosis::failed("settings", problem.to_string(), to_do)], form)
}

fn print(all: &[Diagnosis], form: &Form) -> ExitCode {
    let is_well = all.iter().all(|one| one.result != CheckResult::Failed);
    if *form == Form::Json {
        say(&json!({ "ok": is_well, "checks": all }).to_string());
    } else {
        say(&text(all, output::columns()));
    }
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A check in as many lines as it takes, and how it all ended.
fn text(all: &[Diagnosis], columns: usize) -> String {
    let checks = all.iter().map(|one| width(&one.check)).max().unwrap_or_default();
    let indent = MARKS + checks + 4;
    let mut lines = Vec::new();
    for one in all {
        let found = plain(&one.found);
        let to_do = one.to_do.iter().map(|text| format!("To do: {}", plain(text)));
        let parts: Vec<String> = std::iter::once(found)
            .chain(to_do)
            .flat_map(|text| wrapped(&text, columns.saturating_sub(indent)))
            .collect();
        for (at, part) in parts.iter().enumerate() {
            let (mark, check) = if at == 0 { (one.result.mark(), &*one.check) } else { ("", "") };
            lines.push(format!("{}  {}  {part}", padded(mark, MARKS), padded(check, checks)));
        }
    }
    lines.push(String::new());
    lines.push(summary(all));
    lines.join("\n")
}

fn summary(all: &[Diagnosis]) -> String {
    let count = |result| all.iter().filter(|one| one.result == result).count();
    let warnings = match count(CheckResult::Warning) {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        many => format!(", {many} warnings"),
    };
    match count(CheckResult::Failed) {
        0 if warnings.is_empty() => "Everything that is configured works.".to_owned(),
        0 => format!("Nothing FAILED{warnings}."),
        failed => format!("{failed} FAILED{warnings}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_a_check_and_below_what_to_do() {
        let all = [
            Diagnosis::ok("state", "memory"),
            Diagnosis::failed("manage", "refused: \"\u{1b}[2J\" and more words than fit in one line", "Do."),
            Diagnosis::unset("panel", "Vanta Panel", "Set it."),
        ];
        let expected = "\
ok              state   memory
FAILED          manage  refused: \" [2J\" and more words
                        than fit in one line
                        To do: Do.
not configured  panel   Vanta Panel
                        To do: Set it.

1 FAILED.";
        assert_eq!(text(&all, 56), expected);
        assert_eq!(summary(&all[..1]), "Everything that is configured works.");
    }
}
