//! A demo tenant by itself, for programs that call it from outside: the soak, the replicas, the measurements of sharing.
//!
//! ```text
//! tenant [--limits off] [--faults SEED:PERCENT] [--controls COUNT]
//! ```
//!
//! It prints one line of JSON: the variables that give `vanta-mcp` access to it. Then it obeys lines on stdin, and answers
//! each with one line of JSON on stdout: `log` gives every request so far, `revoke` makes all tokens invalid,
//! `token-fault` has the next token request fail with 503, `slow MS` has every request from now on take that long. It ends
//! with its stdin.

use std::io::{BufRead as _, Write as _};
use std::time::Duration;

use serde_json::{Value, json};
use vanta_demo::{Application, Fault, FaultKind, FaultRate, Limits, Options, Seen, Size, Target, Tenant};

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (options, faults) = asked_for(std::env::args().skip(1))?;
    let tenant = runtime.block_on(Tenant::start(options))?;
    if let Some(rate) = faults {
        tenant.fault_at(rate);
    }
    tell(&variables(&tenant))?;
    for line in std::io::stdin().lock().lines() {
        tell(&obeyed(&tenant, &line?)?)?;
    }
    Ok(())
}

fn asked_for(mut arguments: impl Iterator<Item = String>) -> Result<(Options, Option<FaultRate>), Failed> {
    let (mut options, mut faults) = (Options::default(), None);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match (name.as_str(), value.split_once(':')) {
            ("--limits", None) if value == "off" => options.limits = Limits::Off,
            ("--controls", None) => options.size = Size::Large { controls: value.parse()? },
            ("--faults", Some((seed, percent))) => {
                faults = Some(FaultRate { seed: seed.parse()?, percent: percent.parse()? });
            }
            _ => return Err(format!("unknown option {name} {value}").into()),
        }
    }
    Ok((options, faults))
}

fn tell(value: &Value) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush()
}

fn variables(tenant: &Tenant) -> Value {
    let (id, secret) = tenant.application(Application::Manage);
    json!({"VANTA_BASE_URL": tenant.vanta_url(), "VANTA_CLIENT_ID": id, "VANTA_CLIENT_SECRET": secret})
}

fn obeyed(tenant: &Tenant, line: &str) -> Result<Value, Failed> {
    let (command, value) = line.split_once(' ').unwrap_or((line, ""));
    match command {
        "log" => return Ok(tenant.seen().iter().map(entry).collect()),
        "revoke" => tenant.revoke_tokens(),
        "token-fault" => tenant.fault(Fault { on: Target::Token, kind: FaultKind::Unavailable, times: 1 }),
        "slow" => {
            let kind = FaultKind::Slow(Duration::from_millis(value.parse()?));
            tenant.fault(Fault { on: Target::Vanta, kind, times: u32::MAX });
        }
        _ => return Err(format!("unknown command {line}").into()),
    }
    Ok(json!({"done": command}))
}

fn entry(seen: &Seen) -> Value {
    json!({
        "at": seen.at.as_secs_f64(),
        "method": seen.method,
        "path": seen.path,
        "query": seen.query,
        "body": seen.body,
        "status": seen.status,
        "fault": seen.fault.as_ref().map(|fault| format!("{fault:?}")),
    })
}
