//! How many requests a minute an upstream takes: what is documented, unless the operator knows better.

use std::collections::BTreeMap;

use crate::catalog::{Api, Operation};
use crate::state::application::Limit;

/// The token endpoint's documented limit, over all of Vanta's APIs.
const TOKENS: u16 = 5;

/// The limits in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestLimits {
    /// What the operator set, by name: an API's, `token`, or a tool's. None is no limit.
    pub set: BTreeMap<String, Option<u16>>,
    /// Whether nothing is limited but what is set.
    pub off: bool,
}

impl RequestLimits {
    fn of_name(&self, name: &str, documented: Option<u16>) -> Option<Limit> {
        let most = match self.set.get(name) {
            Some(set) => *set,
            None => documented.filter(|_| !self.off),
        };
        most.map(|most| Limit { name: name.to_owned(), most })
    }

    /// Every limit that an operation's request counts against.
    #[must_use]
    pub fn of(&self, operation: &Operation) -> Vec<Limit> {
        let whole = self.of_api(operation.api);
        let own = self.of_name(operation.name, operation.limit);
        own.into_iter().chain(whole).collect()
    }

    /// The narrowest limit of an operation's requests by name; where nothing is limited, the documented one.
    #[must_use]
    pub fn narrowest(&self, operation: &Operation) -> String {
        match self.of(operation).into_iter().next() {
            Some(limit) => limit.name,
            None if operation.limit.is_some() => operation.name.to_owned(),
            None => operation.api.as_str().to_owned(),
        }
    }

    /// The limit of an API as a whole, where it has one.
    #[must_use]
    pub fn of_api(&self, api: Api) -> Option<Limit> {
        self.of_name(api.as_str(), api.per_minute())
    }

    /// Requests for tokens a minute; none where they are not limited.
    #[must_use]
    pub fn tokens(&self) -> Option<u16> {
        self.of_name(crate::state::token::TOKEN_LIMIT, Some(TOKENS)).map(|limit| limit.most)
    }
}
