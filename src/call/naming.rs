//! Names beside ids in lists: what an id is called is taken from the index, so it costs no request.
//!
//! Ids stay where they are, for the next call and for programs, and each name stands once beside the list, under its id.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::references::referred;
use super::{Calls, Context};
use crate::answer::Answer;
use crate::catalog::{self, Operation};
use crate::index::TenantIndex;

/// How long a name is shown, in characters.
const LONGEST: usize = 60;

impl Calls {
    /// The answer with the names of those things whose ids it has, as far as the index knows them and the caller may list them.
    pub(super) async fn with_names(
        &self,
        cx: &Context,
        operation: &Operation,
        arguments: &Value,
        answer: Answer,
    ) -> Answer {
        let Some(index) = TenantIndex::of(&cx.profile) else { return answer };
        let now = cx.profile.moment();
        let (mut names, mut oldest) = (BTreeMap::new(), now);
        for (kinds, ids) in referred(&answer.value()) {
            let mut left: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
            for kind in kinds {
                if !catalog::find(kind.list()).is_some_and(|list| self.offers(cx, list)) {
                    continue;
                }
                let found = index.called(*kind, &left, now).await;
                left.retain(|id| !found.names.contains_key(*id));
                oldest = oldest.min(found.oldest.unwrap_or(now));
                names.extend(found.names);
            }
        }
        // A slug may be the name.
        names.retain(|id, name| id != name);
        for name in names.values_mut() {
            if let Some((end, _)) = name.char_indices().nth(LONGEST) {
                name.truncate(end);
                name.push('…');
            }
        }
        let day = Timestamp::from_millisecond(oldest.0).map(|day| day.strftime("%Y-%m-%d").to_string());
        let most = self.form().of(operation, arguments).most;
        answer.beside_names(names, &day.unwrap_or_default(), most)
    }
}
