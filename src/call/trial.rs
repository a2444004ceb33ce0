//! Whether a credential works: one cheap read, chosen from the catalog.

use serde_json::{Map, Value, json};

use super::{CallError, Calls, Context};
use crate::answer;
use crate::api::{Cause, Failure, Upstream, request};
use crate::catalog::{self, Api, Effect, Method, Operation, Shape};
use crate::gate::{self, AskedCall, Decision};

/// An id that nothing has.
const NO_ID: &str = "none";

/// A read that was tried.
#[derive(Debug)]
pub struct Trial {
    /// Which.
    pub operation: &'static Operation,
    /// Why the credential does not work, if so.
    pub failed: Option<CallError>,
    /// What was asked for.
    pub target: TrialTarget,
}

/// What a trial asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialTarget {
    /// What is there.
    Real,
    /// A thing that does not exist, since no read of the API goes without an id that nobody can know: that it is not found
    /// shows that the credential is accepted.
    Invented,
}

impl Calls {
    /// Makes the cheapest read of an API that its credential lets through. `None` where there is none, as all are ruled
    /// out or beyond the scopes.
    pub async fn try_credential(&self, cx: &Context, api: Api) -> Option<Trial> {
        let upstream = cx.profile.upstream(api)?;
        let (operation, arguments) = self.cheapest(upstream)?;
        let is_invented = arguments.values().any(|value| value == NO_ID);
        let target = if is_invented { TrialTarget::Invented } else { TrialTarget::Real };
        let failed = self.tried(cx, operation, arguments).await.err().filter(|error| {
            let CallError::Failed { failure, .. } = error else { return true };
            !(is_invented && matches!(failure.cause, Cause::Refused { status: 400 | 404 | 422, .. }))
        });
        if let Some(CallError::Failed { failure, .. }) = &failed {
            cx.profile.note(failure).await;
        }
        Some(Trial { operation, failed, target })
    }

    async fn tried(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: Map<String, Value>,
    ) -> Result<(), CallError> {
        let decision = gate::admit(self.operator, &cx.principal, AskedCall::unraised(operation, &arguments))?;
        let mut arguments = arguments;
        if operation.is_kept() {
            // What was read before shows nothing of the credential now.
            arguments.insert("fresh".to_owned(), json!(true));
        }
        let arguments = Value::Object(arguments);
        let request = request::build(operation, &arguments, |_| true)?;
        match decision {
            Decision::Permit(permit) => {
                let response = self.sent(cx, permit, request, &arguments).await?;
                let read = answer::read(operation, &arguments, self.form, response);
                read.map(drop).map_err(|cause| Failure::new(operation, cause).into())
            }
            // What only reads is never previewed.
            Decision::Preview(_) | Decision::Claim(_) => Err(CallError::Cancelled),
        }
    }

    /// The cheapest read that a credential lets through, with its arguments: what needs no id before what does, what needs
    /// no scope before what does, a page of one item before a whole list.
    fn cheapest(&self, upstream: &Upstream) -> Option<(&'static Operation, Map<String, Value>)> {
        let fits = |operation: &&'static Operation| {
            operation.api == upstream.api
                && operation.effect == Effect::Read
                && operation.method == Method::Get
                && operation.shape != Shape::File
                && operation.in_path.is_empty()
                && !operation.deprecated
                && !self.closed.contains(operation.name)
                && upstream.covers(operation)
        };
        let found = catalog::operations().iter().filter(fits);
        let with_arguments = found.filter_map(|operation| Some((operation, least(operation)?)));
        with_arguments.min_by_key(|(operation, arguments)| {
            let ids = arguments.values().filter(|value| *value == NO_ID).count();
            let needs_scope = !operation.scopes().is_empty();
            // Of what people know by its name there is little, and the page that lists it is known best.
            let is_well_known = operation.named.is_some() && operation.limit.is_none();
            (ids, needs_scope, !operation.is_paged(), !is_well_known, operation.in_query.len())
        })
    }
}

/// The least arguments that a read takes; `None` where it requires more than ids.
fn least(operation: &Operation) -> Option<Map<String, Value>> {
    let schema: Value = serde_json::from_str(operation.schema.get()).ok()?;
    let mut arguments = Map::new();
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let name = name.as_str()?;
        let property = schema.get("properties")?.get(name)?;
        let is_id =
            property.get("type").is_some_and(|kind| kind == "string") && property.get("enum").is_none();
        arguments.insert(name.to_owned(), is_id.then(|| json!(NO_ID))?);
    }
    if operation.is_paged() {
        arguments.insert("pageSize".to_owned(), json!(1));
    }
    Some(arguments)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use url::Url;

    use super::*;
    use crate::api::{Credential, Timeouts, TokenHeader, upstream};
    use crate::catalog::Scope;
    use crate::files::Folders;
    use crate::gate::Policy;

    fn chosen(api: Api, scopes: Option<&[Scope]>, without: &[&'static str]) -> Option<&'static str> {
        let credential = match api {
            Api::Panel => Credential::Token { token: "vp_x".into(), header: TokenHeader::Bearer },
            _ => Credential::Application {
                client_id: "vci_x".to_owned(),
                client_secret: "vcs_x".into(),
                scopes: upstream::scopes_for(api, Effect::Read, scopes),
            },
        };
        let base = Url::parse("http://127.0.0.1:1/").unwrap();
        let timeouts = Timeouts::from_silence(Duration::from_secs(1));
        let upstream = Upstream { api, base, credential, timeouts };
        let calls = Calls::new(Policy::of_operator(Effect::Read), Folders::default());
        let calls = calls.without(without.iter().copied().collect());
        let (operation, arguments) = calls.cheapest(&upstream)?;
        request::build(operation, &Value::Object(arguments), |_| true).unwrap();
        Some(operation.name)
    }

    #[test]
    fn each_api_has_a_cheap_read_within_the_scopes() {
        assert_eq!(chosen(Api::Manage, None, &[]), Some("list_frameworks"));
        assert_eq!(chosen(Api::Manage, Some(&[Scope::VendorsRead]), &[]), Some("list_vendors"));
        assert_eq!(chosen(Api::Manage, Some(&[Scope::DocumentsList]), &[]), Some("list_documents"));
        assert_eq!(chosen(Api::Audit, None, &[]), Some("list_audits"));
        assert_eq!(chosen(Api::Panel, None, &[]), Some("ping_panel"));
        assert!(chosen(Api::Connectors, None, &[]).is_some_and(|name| name.starts_with("list_connector_")));
    }

    #[test]
    fn what_is_excluded_is_not_tried() {
        assert_eq!(chosen(Api::Panel, None, &["ping_panel"]), Some("list_panel_accounts"));
        assert_eq!(chosen(Api::Manage, Some(&[Scope::VendorsRead]), &["list_vendors"]), None);
    }
}
