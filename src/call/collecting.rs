//! Reading a list to its end: page after page through the one door, each with a turn of its own.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{CallError, Calls, Context, Step};
use crate::answer::{Answer, Collected, ListFields, ListView, WantedList};
use crate::api::{Failure, Response, Spent, request};
use crate::catalog::Operation;
use crate::gate::{self, Decision};

/// The arguments that say how much of a list is wanted, which no page has.
const OURS: [&str; 4] = ["all", "maxItems", "countOnly", "groupBy"];

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
        let mut collected = Collected::new(operation, wanted, &fields);
        let mut spent = Spent::default();
        let mut cursor = arguments.get("pageCursor").and_then(Value::as_str).map(str::to_owned);
        let largest = largest_page(operation);
        for _ in 0..MOST_PAGES {
            let page = page_of(largest, arguments, cursor.as_deref(), collected.wanted());
            let read = self.page(cx, operation, &page).await;
            let mut response = read.map_err(|error| after(error, collected.count()))?;
            let failed = |cause| CallError::from(Failure::new(operation, cause));
            collected.take(&mut response).map_err(|cause| after(failed(cause), collected.count()))?;
            spent = spent.and(std::mem::take(&mut response.spent));
            cursor = collected.next_cursor().map(str::to_owned);
            if cursor.is_none() {
                break;
            }
            self.report(cx, operation, largest, &collected).await;
        }
        let mut notes = Vec::new();
        if wanted.view != ListView::Items && collected.count() > 0 {
            notes = self.idle_filters(cx, operation, arguments, &collected).await;
            if arguments.get("pageCursor").is_some_and(|cursor| !cursor.is_null()) {
                notes.push("Only what comes from `pageCursor` on was counted.".to_owned());
            }
        }
        Ok(Answer { spent, ..collected.answer(notes) })
    }

    /// One page, as it came.
    async fn page(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: &Value,
    ) -> Result<Response, CallError> {
        let request = request::build(operation, arguments, |other| self.offers(cx, other))?;
        let members = arguments.as_object().cloned().unwrap_or_default();
        match gate::admit(self.operator, &cx.principal, operation, &members)? {
            Decision::Permit(permit) => self.respond(cx, permit, request, arguments).await,
            // What only reads is never previewed.
            Decision::Preview(_) => Err(CallError::Cancelled),
        }
    }

    async fn report(&self, cx: &Context, operation: &Operation, largest: u64, collected: &Collected<'_>) {
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
        let (count, largest) = (list.count(), largest_page(operation));
        let fields = ListFields::of(operation, arguments);
        let mut notes = Vec::new();
        for filter in filters(operation, arguments).take(MOST_CHECKS) {
            let mut without = arguments.as_object().cloned().unwrap_or_default();
            without.retain(|name, _| name != filter && name != "pageCursor");
            let page = page_of(largest, &Value::Object(without), None, usize::MAX);
            let wanted = WantedList { view: ListView::Count, most: usize::MAX };
            let mut collected = Collected::new(operation, wanted, &fields);
            // What cannot be checked is not spoken of.
            let Ok(mut response) = self.page(cx, operation, &page).await else { continue };
            if collected.take(&mut response).is_err() {
                continue;
            }
            let whole = collected.next_cursor().is_none().then(|| collected.count());
            let all = whole.or_else(|| collected.total().and_then(|total| usize::try_from(total).ok()));
            if all == Some(count) {
                notes.push(format!(
                    "The filter `{filter}` changed nothing: without it the list has {count} items too."
                ));
            } else if all.is_none() && list.holds(&collected) {
                notes.push(format!(
                    "The filter `{filter}` may have changed nothing: the first {} items without it all pass it.",
                    collected.count()
                ));
            }
        }
        notes
    }
}

/// The filters of a call: what narrows a list, and does not only sort it.
fn filters<'a>(
    operation: &'static Operation,
    arguments: &'a Value,
) -> impl Iterator<Item = &'static str> + 'a {
    let sorts = |name: &str| name.starts_with("order") || name.starts_with("sort");
    let given = |name: &str| arguments.get(name).is_some_and(|value| !value.is_null());
    operation.in_query.iter().copied().filter(move |name| given(name) && !sorts(name))
}

/// The arguments of one page, which has `largest` items where nobody says how many.
fn page_of(largest: u64, arguments: &Value, cursor: Option<&str>, wanted: usize) -> Value {
    let mut page: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
    page.retain(|name, _| !OURS.contains(&name.as_str()));
    let size = page.get("pageSize").and_then(Value::as_u64).unwrap_or(largest);
    let wanted = u64::try_from(wanted).unwrap_or(u64::MAX).max(1);
    page.insert("pageSize".to_owned(), Value::from(size.min(wanted)));
    if let Some(cursor) = cursor {
        page.insert("pageCursor".to_owned(), Value::from(cursor));
    }
    Value::Object(page)
}

fn largest_page(operation: &Operation) -> u64 {
    let schema: Value = serde_json::from_str(operation.schema.get()).unwrap_or_default();
    schema.pointer("/properties/pageSize/maximum").and_then(Value::as_u64).unwrap_or(PAGE)
}

/// A failure in the middle of a list.
fn after(error: CallError, count: usize) -> CallError {
    match error {
        CallError::Failed { failure, advice } if count > 0 => {
            let read = format!(" {count} items had been read before it.");
            CallError::Failed { failure, advice: advice + &read }
        }
        other => other,
    }
}
