//! What is checked of each API: its credential by one cheap read, its scopes, its certificate, the Panel's header.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::super::backed::Backed;
use super::diagnosis::Diagnosis;
use super::here::{in_words, presented};
use crate::api::{
    Clients, Credential, Failure, TokenHeader, TokenState, Upstream, address_setting, credential_holders,
    credential_settings,
};
use crate::call::{CallError, Context, Trial, TrialTarget};
use crate::catalog::{Api, Scope};
use crate::gate::Principal;
use crate::state::kept::FailureKind;

/// What a certificate that ends soon calls for.
const RENEW: &str = "The operator of that server, or of the proxy before it, must renew it.";

/// All that is found of an API. Calls end at that moment.
pub(super) async fn checked(backed: &Backed, api: Api, ends: Instant) -> Vec<Diagnosis> {
    let profile = backed.server.offer().profile();
    let Some(upstream) = profile.upstream(api) else { return vec![missing(profile, api)] };
    let began = Instant::now();
    let Some(trial) = tried(backed, profile, api, ends).await else {
        let found = format!("{}: no read is left to try it with", api.title());
        let to_do = "Every read that the scopes allow is ruled out by VANTA_MCP_EXCLUDE_TOOLS: allow one.";
        return vec![Diagnosis::warning(api.as_str(), found, to_do)];
    };
    let took = began.elapsed();
    let certificate = backed.network.certificate_of(&upstream.base);
    let mut all = Vec::new();
    match &trial.failed {
        None => {
            all.push(Diagnosis::ok(api.as_str(), works(upstream, &trial, took)));
            all.extend(scopes(profile, upstream));
        }
        Some(error) => {
            let mut failed = failed(upstream, error);
            if let Some(shown) =
                certificate.as_ref().filter(|_| kind(error) == Some(FailureKind::Certificate))
            {
                let whose = in_words(shown, Timestamp::now());
                failed.found = format!("{} The certificate: {whose}.", failed.found);
            }
            let other = by_other_header(backed, upstream, error, ends).await;
            all.push(other.unwrap_or(failed));
        }
    }
    let accepted = certificate
        .filter(|_| trial.failed.as_ref().is_none_or(|error| kind(error) != Some(FailureKind::Certificate)));
    let check = format!("{api} certificate");
    all.extend(accepted.map(|shown| presented(&check, &shown, RENEW)));
    all
}

async fn tried(backed: &Backed, profile: &Arc<Clients>, api: Api, ends: Instant) -> Option<Trial> {
    let mut cx = Context::plain(Principal::Anybody, Arc::clone(profile));
    cx.term.deadline = Some(ends);
    backed.calls.try_credential(&cx, api).await
}

/// An API that is not configured, or not wholly.
fn missing(profile: &Clients, api: Api) -> Diagnosis {
    let to_do = format!("Set {}.{}", credential_settings(api), credential_holders(api));
    match profile.why_missing(api) {
        None => Diagnosis::unset(api.as_str(), api.title(), to_do),
        Some(lacking) => {
            Diagnosis::failed(api.as_str(), format!("{}: {}", api.title(), lacking.reason), to_do)
        }
    }
}

fn works(upstream: &Upstream, trial: &Trial, took: Duration) -> String {
    let name = trial.operation.name;
    let answered = match trial.target {
        TrialTarget::Real => format!("{name} answered in {:.1} s", took.as_secs_f64()),
        TrialTarget::Invented => format!(
            "the credentials are accepted ({name} for an id that does not exist answered in {:.1} s)",
            took.as_secs_f64()
        ),
    };
    let header = match upstream.credential {
        Credential::Token { header, .. } => format!("; the token is sent as {}", header.written()),
        Credential::Application { .. } => String::new(),
    };
    format!("{} at {}: {answered}{header}", upstream.api.title(), address(upstream))
}

fn address(upstream: &Upstream) -> String {
    upstream.base.to_string().trim_end_matches('/').to_owned()
}

/// The scopes that the token has, and those that it was refused.
fn scopes(profile: &Clients, upstream: &Upstream) -> Option<Diagnosis> {
    let TokenState::Held { granted, withheld, .. } = profile.token_state(upstream.api)? else { return None };
    let names = |all: &[Scope]| all.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let check = format!("{} scopes", upstream.api);
    if withheld.is_empty() {
        return Some(Diagnosis::ok(check, format!("granted: {}", names(&granted))));
    }
    let to_do = "Grant the refused scopes to the application in Vanta under Settings → Developer Console, or use a lower \
                 access level; then restart the running servers.";
    let found = format!("granted: {}; refused: {}", names(&granted), names(&withheld));
    // Most tools work without those that stand aside; without the others nothing can be written.
    let is_needed = withheld.iter().any(|scope| !scope.is_aside());
    Some(if is_needed {
        Diagnosis::failed(check, found, to_do)
    } else {
        Diagnosis::warning(check, found, to_do)
    })
}

fn failed(upstream: &Upstream, error: &CallError) -> Diagnosis {
    let (check, title) = (upstream.api.as_str(), upstream.api.title());
    let CallError::Failed { failure, .. } = error else {
        return Diagnosis::failed(check, format!("{title}: {error}"), "");
    };
    let found = format!("{title} at {}: {}.", address(upstream), failure.cause);
    let to_do = to_do(failure);
    match failure.kind() {
        // That says nothing of the credential.
        Some((FailureKind::Limit, _)) => Diagnosis::warning(check, found, to_do),
        _ => Diagnosis::failed(check, found, to_do),
    }
}

fn to_do(failure: &Failure) -> String {
    let advice = failure.advice();
    match failure.kind() {
        Some((FailureKind::Limit, _)) => {
            format!("Run this again in a minute. {advice}").trim_end().to_owned()
        }
        Some((FailureKind::NoAnswer, _)) if advice.is_empty() => format!(
            "Check {}, the network and the proxy settings; if they are right, run this again later.",
            address_setting(failure.operation.api)
        ),
        _ if advice.is_empty() => {
            "Run this again later; if it stays so, show its answer to the operator of that API.".to_owned()
        }
        _ => advice,
    }
}

fn kind(error: &CallError) -> Option<FailureKind> {
    let CallError::Failed { failure, .. } = error else { return None };
    failure.kind().map(|(kind, _)| kind)
}

/// Whether a refusal may be due to the header that carries the token.
fn may_be_the_header(error: &CallError) -> bool {
    let CallError::Failed { failure, .. } = error else { return false };
    matches!(
        failure.kind(),
        Some(
            (FailureKind::Credentials | FailureKind::Redirect, _)
                | (FailureKind::Refused | FailureKind::Unreadable, Some(400 | 401 | 403 | 407))
        )
    )
}

/// The Panel's token in the other header: which setting to change where it gets through there; none where it does not
/// either.
async fn by_other_header(
    backed: &Backed,
    upstream: &Upstream,
    error: &CallError,
    ends: Instant,
) -> Option<Diagnosis> {
    let Credential::Token { header, .. } = upstream.credential else { return None };
    if !may_be_the_header(error) {
        return None;
    }
    let other = Clients::new(vec![upstream.with_other_header()?], &backed.network, &backed.sharing);
    let trial = tried(backed, &Arc::new(other), upstream.api, ends).await?;
    let (title, place, check) = (upstream.api.title(), address(upstream), upstream.api.as_str());
    let (refused, written) = (header.written(), header.other().written());
    if trial.failed.is_none() {
        let found = format!(
            "{title} at {place}: the token is refused as {refused} and accepted as {written}, so something in between \
             removes the header"
        );
        return Some(Diagnosis::failed(check, found, setting(header.other())));
    }
    let mut both = failed(upstream, error);
    both.found = format!("{} The token is refused as {refused} and as {written}.", both.found);
    both.to_do = Some(
        "Create a new token in vWHM → API Tokens and set VANTA_PANEL_TOKEN; check that VANTA_PANEL_URL is the Panel's API \
         and that no proxy requires a sign-in."
            .to_owned(),
    );
    Some(both)
}

fn setting(header: TokenHeader) -> String {
    format!("Set VANTA_PANEL_AUTH={header} (`panel.auth` in the settings file).")
}
