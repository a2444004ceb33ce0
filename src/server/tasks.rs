//! Long reads as tasks (`io.modelcontextprotocol/tasks`, since 2026-07-28): the call is answered at once with a handle, by
//! which its caller asks how far it is, takes the answer, or stops it.
//!
//! The task lives in this process alone. Nothing of the request that began it is used in it: that one ends with the handle.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use rmcp::model::{CallToolResult, CreateTaskResult, DetailedTask, ErrorData};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::task_manager::{TaskContext, TaskExit, TaskManager, TaskOptions};
use tokio_util::sync::CancellationToken;

use super::identity;
use crate::call::{Progress, Step};
use crate::gate::Principal;

/// What may be asked of a task.
pub(super) const TASK_METHODS: [&str; 3] = ["tasks/get", "tasks/update", "tasks/cancel"];

/// How much may be under way and kept. Beyond it a call is answered as one without a task is.
#[derive(Debug, Clone, Copy)]
pub(super) struct TaskBounds {
    /// How many run at a time for one caller: more only take each other's requests of the minute.
    pub(super) running_of_one: usize,
    /// How many run at a time in all: each holds its list in memory.
    pub(super) running: usize,
    /// How many of one caller are known, run or ended.
    pub(super) kept_of_one: usize,
    /// How many are known in all: each that ended holds its answer, of 20,000 characters unless the operator allows more.
    pub(super) kept: usize,
    /// How long a task may run, and how long its answer waits after that.
    pub(super) lasts: Duration,
    /// How often it is worth while to ask.
    pub(super) poll: Duration,
}

/// The longest list takes 2,000 requests, 40 minutes at 50 a minute.
pub(super) const BOUNDS: TaskBounds = TaskBounds {
    running_of_one: 4,
    running: 16,
    kept_of_one: 64,
    kept: 256,
    lasts: Duration::from_secs(60 * 60),
    poll: Duration::from_secs(1),
};

/// The tasks of a server.
pub(super) struct Tasks {
    manager: TaskManager,
    bounds: TaskBounds,
    owned: Mutex<HashMap<String, OwnedTask>>,
    /// Cancelled once nobody can ask any more.
    over: CancellationToken,
}

/// Whose a task is, of whom the manager knows nothing.
struct OwnedTask {
    owner: Principal,
    /// Gone once it has ended, however it did.
    running: Weak<()>,
}

/// Whether a request says that its client takes a handle for an answer. Sessions of older revisions have no tasks, whatever
/// their clients declare.
pub(super) fn are_taken(cx: &RequestContext<RoleServer>) -> bool {
    let stands_alone = cx.protocol_version().is_some_and(|version| !version.has_initialize());
    stands_alone && cx.client_capabilities().is_some_and(|capabilities| capabilities.supports_tasks())
}

impl Tasks {
    pub(super) fn new(bounds: TaskBounds) -> Self {
        let over = CancellationToken::new();
        Self { manager: TaskManager::new(), bounds, owned: Mutex::default(), over }
    }

    /// Begins a task for a caller; `None` where that would be one too many. `work` is given who is told how far it is, and
    /// what is cancelled once nobody waits for it; of what was cancelled nothing comes out.
    pub(super) fn begin(
        &self,
        owner: &Principal,
        work: impl FnOnce(Arc<dyn Progress>, CancellationToken) -> BoxFuture<'static, Option<CallToolResult>>,
    ) -> Option<CreateTaskResult> {
        let mut owned = self.owned.lock().unwrap_or_else(PoisonError::into_inner);
        owned.retain(|id, task| task.is_running() || self.manager.get_task(id).is_ok());
        if self.over.is_cancelled() || !self.bounds.have_room(&owned, owner) {
            return None;
        }
        let (running, gone, lasts) = (Arc::new(()), self.over.child_token(), self.bounds.lasts);
        let watched = Arc::downgrade(&running);
        let options = TaskOptions::new()
            .with_ttl_ms(milliseconds(lasts))
            .with_poll_interval_ms(milliseconds(self.bounds.poll))
            .with_status_message("begun");
        let task = self.manager.spawn(options, |handle| {
            let work = work(Arc::new(StatusLine(handle.clone())), gone.clone());
            Box::pin(async move {
                let done = AssertUnwindSafe(done(work, &handle, &gone, lasts)).catch_unwind().await;
                drop(running);
                done.unwrap_or_else(|_| Err(failed("internal error (a bug in the server; please report it)")))
            })
        });
        owned.insert(task.task_id.clone(), OwnedTask { owner: owner.clone(), running: watched });
        let mut created = CreateTaskResult::new(task);
        created.meta = Some(identity::meta());
        Some(created)
    }

    /// How far a task is.
    ///
    /// # Errors
    /// There is none of that id for this caller.
    pub(super) fn get(&self, id: &str, asks: &Principal) -> Result<DetailedTask, ErrorData> {
        self.own(id, asks)?;
        self.manager.get_task(id).map_err(|_| no_such_task())
    }

    /// Takes what a task was told: none asks for anything, so it is heard and changes nothing.
    ///
    /// # Errors
    /// As of [`get`](Self::get).
    pub(super) fn update(&self, id: &str, asks: &Principal) -> Result<(), ErrorData> {
        self.get(id, asks).map(drop)
    }

    /// Stops a task, and with it what it reads upstream.
    ///
    /// # Errors
    /// As of [`get`](Self::get).
    pub(super) fn cancel(&self, id: &str, asks: &Principal) -> Result<(), ErrorData> {
        self.own(id, asks)?;
        self.manager.cancel_task(id).map_err(|_| no_such_task())
    }

    /// Stops all: nobody can ask for them any more.
    pub(super) fn end(&self) {
        self.over.cancel();
        self.manager.shutdown();
    }

    /// Another caller's is told as one that there is not: who guesses learns nothing.
    fn own(&self, id: &str, asks: &Principal) -> Result<(), ErrorData> {
        let owned = self.owned.lock().unwrap_or_else(PoisonError::into_inner);
        owned.get(id).filter(|task| task.owner.name() == asks.name()).map(drop).ok_or_else(no_such_task)
    }
}

impl OwnedTask {
    fn is_running(&self) -> bool {
        self.running.strong_count() > 0
    }
}

impl TaskBounds {
    /// Whether this caller may have one more.
    fn have_room(&self, owned: &HashMap<String, OwnedTask>, owner: &Principal) -> bool {
        let (mut running, mut running_of_one, mut kept_of_one) = (0, 0, 0);
        for task in owned.values() {
            let (is_own, runs) = (task.owner.name() == owner.name(), task.is_running());
            running += usize::from(runs);
            kept_of_one += usize::from(is_own);
            running_of_one += usize::from(is_own && runs);
        }
        running < self.running
            && running_of_one < self.running_of_one
            && owned.len() < self.kept
            && kept_of_one < self.kept_of_one
    }
}

/// What comes of the work, unless it is cancelled or takes too long.
async fn done(
    work: BoxFuture<'static, Option<CallToolResult>>,
    handle: &TaskContext,
    gone: &CancellationToken,
    lasts: Duration,
) -> Result<CallToolResult, TaskExit> {
    tokio::select! {
        biased;
        () = handle.cancelled() => {
            gone.cancel();
            Err(TaskExit::Cancelled)
        }
        () = tokio::time::sleep(lasts) => {
            gone.cancel();
            Err(failed("it took longer than a task may; ask for less, or export the list"))
        }
        result = work => result.ok_or(TaskExit::Cancelled),
    }
}

/// Progress that is asked for: the words that the task's state shows.
struct StatusLine(TaskContext);

impl Progress for StatusLine {
    fn report(&self, step: Step) -> BoxFuture<'_, ()> {
        self.0.set_status_message(step.message);
        Box::pin(std::future::ready(()))
    }

    fn wait<'p>(&'p self, words: &'p str) -> BoxFuture<'p, ()> {
        self.0.set_status_message(words);
        Box::pin(std::future::ready(()))
    }
}

fn failed(problem: &'static str) -> TaskExit {
    ErrorData::internal_error(problem, None).into()
}

fn no_such_task() -> ErrorData {
    ErrorData::invalid_params(
        "there is no such task: it ended long ago, was begun by another process, or never was",
        None,
    )
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
