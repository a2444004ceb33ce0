//! The requests of MCP, each led to where it is answered.

// MCP's logging and subscriptions of 2025-11-25 are on their way out and still what most clients speak.
#![expect(deprecated, reason = "served for as long as 2025-11-25 is")]

use std::sync::Arc;

use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CancelTaskMethod, CancelTaskParams,
    CompleteRequestParams, CompleteResult, ContentBlock, CreateTaskResult, CustomRequest, CustomResult,
    DiscoverResult, ErrorCode, ErrorData, GetPromptRequestParams, GetPromptResponse, GetTaskMethod,
    GetTaskParams, GetTaskResult, InitializeRequestParams, InitializeResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, MetaObject, PaginatedRequestParams,
    ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, RequestMetaObject, ServerCapabilities,
    ServerConfig, SetLevelRequestMethod, SetLevelRequestParams, SubscribeRequestMethod,
    SubscribeRequestParams, SubscriptionFilter, UnsubscribeRequestMethod, UnsubscribeRequestParams,
    UpdateTaskMethod, UpdateTaskParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use serde_json::Value;

use super::asking::NextRound;
use super::listing::{self, Hints};
use super::progress::{Notify, Reporter};
use super::records::AddressMeaning;
use super::run::{Prepared, Unanswered};
use super::serving::Server;
use super::tasks::TASK_METHODS;
use super::worded::is_always_served;
use super::{asking, completing, identity, log, misfit, prompts, recorded, records, resources, tasks};
use crate::api::Term;
use crate::call::{Asks, Context, Progress, Trace};

/// What is asked for before 2026-07-28 alone.
const OLDER_METHODS: [&str; 3] = ["initialize", "ping", "logging/setLevel"];

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources()
            .enable_completions()
            .enable_logging()
            .enable_tasks()
            .build();
        if !self.keeps_tasks() {
            capabilities.extensions = None;
        }
        ServerConfig::new(capabilities)
            .with_server_info(identity::product())
            .with_instructions(self.instructions())
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        cx.peer.set_peer_info(request.clone());
        let mut begun = self.negotiate_initialize(&request)?;
        // What is an extension of 2026-07-28 is none of a session's.
        begun.capabilities.extensions = None;
        Ok(begun)
    }

    async fn discover(&self, _cx: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        let found = DiscoverResult::from_server_info(versions, self.get_info());
        Ok(found.with_ttl_ms(listing::TTL_MS).with_cache_scope(CacheScope::Private))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let cursor = request.and_then(|request| request.cursor);
        let mut page = self.offer_in(&cx.extensions)?.page(cursor.as_deref(), &cx.meta, hints(&cx))?;
        page.meta = meta(&cx);
        Ok(page)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let reporter = cx.meta.get_progress_token().map(|token| {
            let peer = cx.peer.clone();
            let notify: Notify = Box::new(move |told| {
                let peer = peer.clone();
                Box::pin(async move { peer.notify_progress(told).await.is_ok() })
            });
            Arc::new(Reporter::new(token, notify))
        });
        let next_round = NextRound::of(&cx, &request);
        let context = Context {
            term: Term { gone: cx.ct.clone(), ..Term::default() },
            asks: asking::way(&cx).or_else(|| next_round.clone().map(|round| round as Arc<dyn Asks>)),
            progress: reporter.clone().map(|reporter| reporter as Arc<dyn Progress>),
            trace: trace(&cx.meta),
            ..self.context(self.principal(&cx.extensions)?)
        };
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        if tasks::are_taken(&cx)
            && self.keeps_tasks()
            && let Ok(prepared) = self.prepare(&context, &request.name, arguments.clone())
            && prepared.takes_long(&context)
            && let Some(task) = self.begin_task(prepared, &context)
        {
            return Ok(task.into());
        }
        let call = self.call(&context, &request.name, arguments);
        let reply = match &reporter {
            Some(reporter) => reporter.told(call).await,
            None => call.await,
        };
        let reply = reply.map_err(|unanswered| match unanswered {
            Unanswered::NoSuchTool(problem) => ErrorData::invalid_params(problem, None),
            Unanswered::Cancelled => ErrorData::internal_error("cancelled", None),
        })?;
        if let Some(mut asked) = next_round.and_then(|round| round.asks_for()) {
            asked.meta = meta(&cx);
            return Ok(asked.into());
        }
        log::tell(&cx, &self.level, &reply).await;
        let mut result = reply.into_result();
        if !knows_links(&cx) {
            // The text has the address too.
            result.content.retain(|block| !matches!(block, ContentBlock::ResourceLink(_)));
        }
        if let Some(whose) = meta(&cx) {
            result.meta.get_or_insert_default().extend(whose);
        }
        Ok(result.into())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        cx: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        // Parameters that do not fit a known method end up here.
        let CustomRequest { method, params, .. } = request;
        let of_old = hints(&cx) == Hints::Unknown && OLDER_METHODS.contains(&method.as_str());
        let of_new = hints(&cx) == Hints::Wanted && TASK_METHODS.contains(&method.as_str());
        Err(if of_old || of_new || is_always_served(&method) {
            ErrorData::invalid_params(misfit::told(&method, params.as_ref()), None)
        } else {
            ErrorData::new(ErrorCode::METHOD_NOT_FOUND, method, None)
        })
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        if hints(&cx) == Hints::Unknown {
            return Err(ErrorData::method_not_found::<GetTaskMethod>());
        }
        let task = self.tasks().get(&request.task_id, &self.principal(&cx.extensions)?)?;
        let mut found = GetTaskResult::new(task);
        found.meta = meta(&cx);
        Ok(found)
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if hints(&cx) == Hints::Unknown {
            return Err(ErrorData::method_not_found::<UpdateTaskMethod>());
        }
        self.tasks().update(&request.task_id, &self.principal(&cx.extensions)?)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if hints(&cx) == Hints::Unknown {
            return Err(ErrorData::method_not_found::<CancelTaskMethod>());
        }
        self.tasks().cancel(&request.task_id, &self.principal(&cx.extensions)?)
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if hints(&cx) == Hints::Wanted {
            // Since 2026-07-28 each request says its own.
            return Err(ErrorData::method_not_found::<SetLevelRequestMethod>());
        }
        self.level.set(request.level);
        Ok(())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut list = prompts::list(&*self.offer_in(&cx.extensions)?, hints(&cx));
        list.meta = meta(&cx);
        Ok(list)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let mut found = prompts::get(&self.offer_in(&cx.extensions)?.offer, &request)?;
        found.meta = meta(&cx);
        Ok(found.into())
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut list = resources::list(hints(&cx));
        list.meta = meta(&cx);
        Ok(list)
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut list = resources::templates(&*self.offer_in(&cx.extensions)?, hints(&cx));
        list.meta = meta(&cx);
        Ok(list)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let offer = self.offer_in(&cx.extensions)?;
        let principal = self.principal(&cx.extensions)?;
        let mut read = match records::meant(&request.uri) {
            AddressMeaning::Record(record, arguments) => {
                let context = Context {
                    term: Term { gone: cx.ct.clone(), ..Term::default() },
                    trace: trace(&cx.meta),
                    ..self.context(principal)
                };
                let reply =
                    recorded::read(self, &context, &offer.offer, record, arguments, &request.uri).await?;
                log::tell(&cx, &self.level, &reply).await;
                recorded::answer(reply, &request.uri, hints(&cx))?
            }
            AddressMeaning::Misspelled(problem) => return Err(ErrorData::invalid_params(problem, None)),
            AddressMeaning::Other => resources::read(&offer, &principal, &request.uri, hints(&cx)).await?,
        };
        if let Some(whose) = meta(&cx) {
            read.meta.get_or_insert_default().extend(whose);
        }
        Ok(read.into())
    }

    async fn subscribe(
        &self,
        _request: SubscribeRequestParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Err(ErrorData::method_not_found::<SubscribeRequestMethod>())
    }

    async fn unsubscribe(
        &self,
        _request: UnsubscribeRequestParams,
        _cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Err(ErrorData::method_not_found::<UnsubscribeRequestMethod>())
    }

    fn accepted_subscription_filter(&self, _requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        None
    }

    async fn listen(&self, _subscription: SubscriptionContext) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let offer = self.offer_in(&cx.extensions)?;
        let principal = self.principal(&cx.extensions)?;
        let completion = completing::complete(&offer.offer, principal.grant(), &request).await;
        let mut completed = CompleteResult::new(completion);
        completed.meta = meta(&cx);
        Ok(completed)
    }
}

impl Server {
    /// Runs a call as a task; `None` where that would be one too many. Nothing of the request is used in it but who calls:
    /// what it could tell and be told by ends with the handle.
    fn begin_task(&self, prepared: Prepared, cx: &Context) -> Option<CreateTaskResult> {
        let cx = cx.clone();
        let owner = cx.principal.clone();
        self.tasks().begin(&owner, move |progress, gone| {
            let term = Term { gone, ..Term::default() };
            let cx = Context { term, asks: None, progress: Some(progress), ..cx };
            Box::pin(async move {
                let mut result = prepared.run(&cx).await.ok()?.into_result();
                result.meta.get_or_insert_default().extend(identity::meta());
                Some(result)
            })
        })
    }
}

/// Whether the client's generation has cache hints.
fn hints(cx: &RequestContext<RoleServer>) -> Hints {
    let modern = cx.protocol_version().is_some_and(|version| !version.has_initialize());
    if modern { Hints::Wanted } else { Hints::Unknown }
}

/// Whether the client's revision has links to resources in answers: 2025-06-18 and later.
fn knows_links(cx: &RequestContext<RoleServer>) -> bool {
    cx.protocol_version().is_none_or(|version| version >= ProtocolVersion::V_2025_06_18)
}

/// What a result says beside itself; nothing in the revisions that have sessions, where it was said at the beginning.
fn meta(cx: &RequestContext<RoleServer>) -> Option<MetaObject> {
    (hints(cx) == Hints::Wanted).then(identity::meta)
}

/// Where a request belongs in a trace.
fn trace(meta: &RequestMetaObject) -> Trace {
    let text = |name: &str| meta.get(name).and_then(Value::as_str).map(str::to_owned);
    Trace { parent: text("traceparent"), state: text("tracestate") }
}
