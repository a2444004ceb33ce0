//! Who sends a request, and who is told what it waits for.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;

use super::context::{Context, Progress};
use crate::api::{Listens, Sender, Term};
use crate::catalog::Operation;
use crate::gate::Principal;
use crate::state::application::CallRank;

/// Tells whoever wants to know how far a call is what it waits for.
struct ToldOfWaits(Arc<dyn Progress>);

impl Listens for ToldOfWaits {
    fn hear<'l>(&'l self, words: &'l str) -> BoxFuture<'l, ()> {
        self.0.wait(words)
    }
}

/// The arguments by which the pages of one list differ.
const OF_PAGE: [&str; 2] = ["pageCursor", "pageSize"];

/// Who sends a request. One that goes on where another ended is a page of a collection, which leaves room to single calls.
pub(super) fn sender(cx: &Context, operation: &Operation, arguments: &Value) -> Sender {
    let (caller, grant) = match &cx.principal {
        Principal::Recognised { name, grant, .. } => (Some(Arc::clone(name)), Some(*grant)),
        Principal::Anybody => (None, None),
    };
    let rank = if arguments.get("pageCursor").is_some() { CallRank::Page } else { cx.rank };
    Sender { caller, rank, list: list(operation, arguments), grant }
}

/// The list that is read: the same for all of its pages, in whichever process they are asked for.
fn list(operation: &Operation, arguments: &Value) -> Option<u64> {
    let members = arguments.as_object().filter(|_| operation.is_paged())?;
    let mut hasher = DefaultHasher::new();
    operation.name.hash(&mut hasher);
    let mut asked: Vec<_> = members.iter().filter(|(name, _)| !OF_PAGE.contains(&name.as_str())).collect();
    asked.sort_unstable_by_key(|(name, _)| *name);
    for (name, value) in asked {
        (name, value.to_string()).hash(&mut hasher);
    }
    Some(hasher.finish())
}

/// How long the answer of a call is wanted, and who is told what it waits for.
pub(super) fn term(cx: &Context) -> Term {
    let listener = cx.progress.clone().map(|progress| Arc::new(ToldOfWaits(progress)) as Arc<dyn Listens>);
    Term { listener, ..cx.term.clone() }
}
