//! What is checked of each API: its credential by one cheap read, its scopes, its certificate, the Panel's header.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::super::backed::Backed;
use super::diagnosis::Diagnosis;
use super::here::{in_words, presented};
use crate::api::{
    Clients, Credential, Failure, LONGEST_PAUSE, Retry, TokenHeader, TokenState, Upstream, address_setting,
    credential_holders, credential_settings,
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
        let found =
            format!("{}: the credentials were not tried, because no tool that reads is left", api.title());
        let to_do = format!(
            "To have them tried, take a tool that reads out of VANTA_MCP_EXCLUDE_TOOLS{}.",
            scopes_setting(api)
                .map(|setting| format!(", or add a scope that reads to {setting}"))
                .unwrap_or_default()
        );
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

/// The setting that narrows the scopes of an API's application.
fn scopes_setting(api: Api) -> Option<&'static str> {
    match api {
        Api::Manage => Some("VANTA_SCOPES"),
        Api::Audit => Some("VANTA_AUDIT_SCOPES"),
        Api::Connectors => Some("VANTA_CONNECTORS_SCOPES"),
        Api::Panel => None,
    }
}

/// An API that is not configured, or not wholly.
fn missing(profile: &Clients, api: Api) -> Diagnosis {
    let (title, settings, holders) = (api.title(), credential_settings(api), credential_holders(api));
    match profile.why_missing(api) {
        None => {
            let to_do = format!("If you need it, set {settings}.{holders}");
            Diagnosis::unset(api.as_str(), format!("{title}: no credentials are set"), to_do)
        }
        Some(lacking) => {
            let to_do = format!("Set {settings}.{holders}");
            Diagnosis::failed(api.as_str(), format!("{title}: {}", lacking.reason), to_do)
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
                 access level (VANTA_MCP_ACCESS); then restart the running servers.";
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
        let to_do = "Run this again; if it still fails, please report it as a bug in this program.";
        return Diagnosis::failed(check, format!("{title}: {error}"), to_do);
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
        Some((FailureKind::Limit, _)) => format!("{} {advice}", again(failure)).trim_end().to_owned(),
        // It asks for nothing by an id of anybody's, so that it is the address that is not there.
        Some((FailureKind::Refused, Some(404))) => {
            format!("Check {}: there is no such API at this address.", address_setting(failure.operation.api))
        }
        Some((FailureKind::NoAnswer, _)) if advice.is_empty() => format!(
            "Check {}, the network and the proxy settings; if they are right, run this again later.",
            address_setting(failure.operation.api)
        ),
        _ if advice.is_empty() => {
            "Run this again later; if it still fails, show this line to the operator of that API.".to_owned()
        }
        _ => advice,
    }
}

/// When a limit lets something through again.
fn again(failure: &Failure) -> String {
    match failure.retry() {
        Retry::After(wait) if wait <= LONGEST_PAUSE => {
            format!("Run this again in {} s.", wait.as_secs().max(1))
        }
        Retry::After(_) => "Run this again in 5 minutes or more.".to_owned(),
        Retry::No | Retry::AfterChecking(_) => "Run this again later.".to_owned(),
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
                | (FailureKind::Refused | FailureKind::Unreadable, Some(200..=299 | 400 | 401 | 403 | 407))
        )
    )
}

/// Whether a refusal that the other header does not change is likely due to the token, or to a proxy that wants a sign-in:
/// a page or a redirect says nothing of the token.
fn is_likely_the_token(error: &CallError) -> bool {
    let CallError::Failed { failure, .. } = error else { return false };
    matches!(failure.kind(), Some((FailureKind::Credentials, _) | (_, Some(401 | 403 | 407))))
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
            "{title} at {place}: the token is refused as {refused} and accepted as {written}, so something in \
             between, such as a proxy, removes the header"
        );
        return Some(Diagnosis::failed(check, found, setting(header.other())));
    }
    if !is_likely_the_token(error) {
        return None;
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
