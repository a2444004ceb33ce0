//! Reading for a job: a list to its end as rows of a type, or one thing.
//!
//! A row that does not fit its type is counted and left out, so that one odd item does not hide the others.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::collecting::largest_page;
use super::{CallError, Calls, Context, filled_in};
use crate::answer::{Collected, ListFields, WantedList, body};
use crate::api::{Cause, Failure};
use crate::catalog::Operation;
use crate::index;

/// How many pages of a list are read at most: 100,000 items of Vanta's usual page.
const MOST_PAGES: usize = 1_000;

/// A list that was read to its end.
#[derive(Debug)]
pub struct ReadList<T> {
    /// Its items, each once.
    pub rows: Vec<T>,
    /// How many there are, as the upstream says; mostly it says nothing.
    pub total: Option<u64>,
    /// How many items are not of the form that is known.
    unread: usize,
    /// Whether something shows that an item may be missing.
    doubtful: bool,
    /// Whether it goes on after the pages that were read.
    goes_on: bool,
}

impl<T> ReadList<T> {
    /// Whether these are certainly all items as they were at one time: distinct, as many as the upstream says, and each of
    /// the form that is known.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.doubt().is_none()
    }

    /// Why these may not be all, in a few words.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let read = self.rows.len() + self.unread;
        if self.unread > 0 {
            let items = if self.unread == 1 { "1 item is" } else { &*format!("{} items are", self.unread) };
            return Some(format!("{items} not of the form that is known, and left out"));
        }
        if self.goes_on {
            return Some(format!("only the first {read} items were read"));
        }
        if let Some(total) = self.total.filter(|total| usize::try_from(*total).ok() != Some(read)) {
            return Some(format!("the API counts {total}, and its pages hold {read}"));
        }
        self.doubtful.then(|| "the list changed while it was read, so an item may be missing".to_owned())
    }
}

impl Calls {
    /// Reads a list to its end. `arguments` is an object.
    ///
    /// # Errors
    /// Wrong arguments, a refusal of the gate, a failure upstream.
    pub async fn whole<T: DeserializeOwned>(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: Value,
    ) -> Result<ReadList<T>, CallError> {
        self.beginning(cx, operation, arguments, MOST_PAGES).await
    }

    /// Reads at most so many pages of a list, each as long as it can be. `arguments` is an object.
    ///
    /// # Errors
    /// Wrong arguments, a refusal of the gate, a failure upstream.
    pub async fn beginning<T: DeserializeOwned>(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: Value,
        pages: usize,
    ) -> Result<ReadList<T>, CallError> {
        let arguments = &*filled_in(cx, operation, &arguments);
        let wanted = WantedList::rows(operation, arguments, self.form);
        let fields = ListFields::of(operation, arguments);
        let mut collected = Collected::new(operation, &wanted, &fields);
        let largest = largest_page(operation, arguments, wanted.extent);
        let began = cx.profile.moment();
        for _ in 0..pages {
            self.next_page(cx, (operation, arguments), largest, &mut collected).await?;
            if !collected.goes_on() {
                break;
            }
            self.report(cx, operation, largest, &collected).await;
        }
        let items: Vec<&RawValue> = serde_json::from_slice(collected.whole()).unwrap_or_default();
        let rows: Vec<T> = items.iter().filter_map(|item| serde_json::from_str(item.get()).ok()).collect();
        let list = ReadList {
            total: collected.total(),
            unread: items.len() - rows.len(),
            doubtful: !collected.is_steady(),
            goes_on: collected.goes_on(),
            rows,
        };
        // What a question read anyway is known from then on.
        Box::pin(index::note(&cx.profile, (operation, arguments), began, list.doubt(), &items)).await;
        Ok(list)
    }

    /// Reads one thing. `arguments` is an object.
    ///
    /// # Errors
    /// Wrong arguments, a refusal of the gate, a failure upstream, an answer of another form.
    pub async fn single<T: DeserializeOwned>(
        &self,
        cx: &Context,
        operation: &'static Operation,
        arguments: Value,
    ) -> Result<T, CallError> {
        let arguments = &*filled_in(cx, operation, &arguments);
        let mut response = self.page(cx, operation, arguments).await?;
        let status = response.status;
        let failed = |cause| CallError::from(Failure::new(operation, cause));
        let body = body(&mut response, operation).map_err(failed)?;
        serde_json::from_str(body.get())
            .map_err(|problem| failed(Cause::BrokenJson { status, detail: problem.to_string() }))
    }
}
