//! Reading a list to its end: page after page through the one door, each with a turn of its own.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{CallError, Calls, Context, Step, programs};
use crate::answer::{Answer, Collected, Extent, ListFields, ListView, Position, WantedList};
use crate::api::{Failure, Response, request};
use crate::catalog::Operation;
use crate::gate::{self, AskedCall, Decision};
use crate::state::application::CallRank;

/// The arguments that say how much of a list is wanted, and in which form, which no page has.
const OURS: [&str; 8] = ["all", "maxItems", "countOnly", "groupBy", "jq", "format", "maxChars", "export"];

/// How many items a page has where the schema names no bound.
const PAGE: u64 = 100;

/// How many pages are read at most.
const MOST_PAGES: usize = 2_000;

/// How many filters are checked for whether they changed anything: each costs a request.
const MOST_CHECKS: usize = 3;

impl Calls {
    /// Reads a list as far as it is wanted.
    pub(super) async fn collect(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
        wanted: WantedList<'_>,
    ) -> Result<Answer, CallError> {
        let fields = ListFields::of(operation, arguments);
        let mut collected = Collected::new(operation, &wanted, &fields);
        let largest = largest_page(operation, arguments, wanted.extent);
        for is_first in std::iter::once(true).chain(std::iter::repeat_n(false, MOST_PAGES)) {
            self.next_page(cx, (operation, arguments), largest, &mut collected).await?;
            if !collected.goes_on() {
                break;
            }
            if let ListView::Program(program) = wanted.view
                && is_first
            {
                programs::check(operation, program, &collected).await?;
            }
            self.report(cx, operation, largest, &collected).await;
        }
        if let ListView::Program(program) = wanted.view {
            return programs::run(operation, program, &collected).await;
        }
        let mut notes = Vec::new();
        if wanted.view != ListView::Items && collected.count() > 0 {
            notes = self.idle_filters(cx, operation, arguments, &collected).await;
            if wanted.start != Position::default() {
                notes.push("Only what comes from `pageCursor` on was counted.".to_owned());
            }
        }
        Ok(collected.answer(notes))
    }

    /// Reads the next page of a list into it; `largest` is how many items that has at most.
    pub(super) async fn next_page(
        &self,
        cx: &Context,
        (operation, arguments): (&'static Operation, &Value),
        largest: u64,
        collected: &mut Collected<'_>,
    ) -> Result<(), CallError> {
        let page = page_of(operation, largest, arguments, collected);
        let read = self.page(cx, operation, &page).await;
        let mut response = read.map_err(|error| after(error, collected.count()))?;
        let failed = |cause| CallError::from(Failure::new(operation, cause));
        collected.take(&mut response).map_err(|cause| after(failed(cause), collected.count()))
    }

    /// One page, as it came.
    pub(super) async fn page(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Result<Response, CallError> {
        let request = request::build(operation, arguments, |other| self.offers(cx, other))?;
        let members = arguments.as_object().cloned().unwrap_or_default();
        match gate::admit(self.operator, &cx.principal, AskedCall::unraised(operation, &members))? {
            Decision::Permit(permit) => self.respond(cx, permit, request, arguments).await,
            // What only reads is never previewed.
            Decision::Preview(_) | Decision::Claim(_) => Err(CallError::Cancelled),
        }
    }

    /// Says how far a list is.
    pub(super) async fn report(
        &self,
        cx: &Context,
        operation: &Operation,
        largest: u64,
        collected: &Collected<'_>,
    ) {
        let Some(progress) = &cx.progress else { return };
        let (done, total) = (collected.count(), collected.total());
        let mut message = match total {
            Some(total) => format!("{done} of about {total} items read"),
            None => format!("{done} items read"),
        };
        let pages = total.map(|total| total.div_ceil(largest));
        let minute = operation.api.per_minute().map(u64::from);
        if let (Some(pages), Some(minute)) = (pages, minute)
            && pages > minute / 2
        {
            let _ = write!(message, "; the whole list takes {pages} requests, of {minute} a minute");
        }
        #[expect(clippy::cast_precision_loss, reason = "no list is that long")]
        let step = Step { done: done as f64, total: total.map(|total| total as f64), message };
        progress.report(step).await;
    }

    /// The filters that left the list as long as it is without them, in sentences: the API ignores what it does not know.
    /// Costs a request for each filter.
    async fn idle_filters(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
        list: &Collected<'_>,
    ) -> Vec<String> {
        let count = list.count();
        let fields = ListFields::of(operation, arguments);
        let wanted = WantedList::counted(self.form);
        let cx = &Context { rank: CallRank::Page, ..cx.clone() };
        let mut notes = Vec::new();
        for filter in filters(operation, arguments).take(MOST_CHECKS) {
            let mut without = arguments.as_object().cloned().unwrap_or_default();
            without.retain(|name, _| name != filter && name != "pageCursor");
            let without = Value::Object(without);
            let mut collected = Collected::new(operation, &wanted, &fields);
            let page =
                page_of(operation, largest_page(operation, &without, wanted.extent), &without, &collected);
            // What cannot be checked is not spoken of.
            let Ok(mut response) = self.page(cx, operation, &page).await else { continue };
            if collected.take(&mut response).is_err() {
                continue;
            }
            let whole = (!collected.goes_on()).then(|| collected.count());
            let all = whole.or_else(|| collected.total().and_then(|total| usize::try_from(total).ok()));
            if all == Some(count) {
                notes.push(format!(
                    "The filter `{filter}` changed nothing: without it the list has {count} items too."
                ));
            } else if all.is_none() && !may_be_in_order(filter, arguments) && list.holds(&collected) {
                notes.push(format!(
                    "The filter `{filter}` may have changed nothing: the first {} items without it all pass it.",
                    collected.count()
                ));
            }
        }
        notes
    }
}

/// Whether what passes a filter may stand together at the beginning of the list without it, so that its first page shows
/// nothing: a list that is in an order, and a filter that is a bound.
fn may_be_in_order(filter: &str, arguments: &Value) -> bool {
    let is_bound = ["Before", "After", "Since", "before", "after", "min", "max"]
        .iter()
        .any(|word| filter.contains(word));
    is_bound || arguments.as_object().is_some_and(|all| all.keys().any(|name| is_order(name)))
}

/// Whether an argument only sorts a list.
fn is_order(name: &str) -> bool {
    name.starts_with("order") || name.starts_with("sort")
}

/// The filters of a call: what narrows a list, and does not only sort it.
fn filters<'a>(
    operation: &'static Operation,
    arguments: &'a Value,
) -> impl Iterator<Item = &'static str> + 'a {
    let given = |name: &str| arguments.get(name).is_some_and(|value| !value.is_null());
    operation.in_query.iter().copied().filter(move |name| given(name) && !is_order(name))
}

/// The arguments of the page that is read next, which has `largest` items where fewer are not enough.
pub(super) fn page_of(operation: &Operation, largest: u64, arguments: &Value, list: &Collected<'_>) -> Value {
    let mut page: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
    page.retain(|name, _| {
        !OURS.contains(&name.as_str()) && !matches!(name.as_str(), "pageSize" | "pageCursor")
    });
    if operation.is_paged() {
        let wanted = u64::try_from(list.wanted()).unwrap_or(u64::MAX).max(1);
        page.insert("pageSize".to_owned(), Value::from(largest.min(wanted)));
        if let Some(cursor) = list.cursor() {
            page.insert("pageCursor".to_owned(), Value::from(cursor));
        }
    }
    Value::Object(page)
}

/// How many items a page has: as many as the caller says, or the usual number of one page, or the most where more is read.
pub(super) fn largest_page(operation: &Operation, arguments: &Value, extent: Extent) -> u64 {
    let most = || {
        let schema: Value = serde_json::from_str(operation.schema.get()).unwrap_or_default();
        schema.pointer("/properties/pageSize/maximum").and_then(Value::as_u64).unwrap_or(PAGE)
    };
    let given = arguments.get("pageSize").and_then(Value::as_u64);
    given.unwrap_or_else(|| if extent == Extent::Page { request::PAGE_SIZE } else { most() })
}

/// A failure in the middle of a list.
pub(super) fn after(error: CallError, count: usize) -> CallError {
    match error {
        CallError::Failed { failure, advice } if count > 0 => {
            let read = format!(" {count} items had been read before it.");
            CallError::Failed { failure, advice: advice + &read }
        }
        other => other,
    }
}
