//! Requests per minute: a sliding window per application, for Conduct an Audit one per operation, and one for token
//! requests.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::Limits;
use super::tokens::Application;

const WINDOW: Duration = Duration::from_secs(60);

/// What a request counts against.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Counted {
    Token,
    Manage,
    Connectors,
    /// An operation of Conduct an Audit, as its method and its path with `*` for each id.
    AuditOperation(String),
}

/// Operations of Conduct an Audit that take more than ten requests a minute.
const AUDIT: [(&str, usize); 23] = [
    ("GET /v1/audits/*/evidence/*/urls", 600),
    ("POST /v1/audits/*/information-requests", 600),
    ("GET /v1/audits", 250),
    ("GET /v1/audits/*", 250),
    ("GET /v1/audits/*/comments", 250),
    ("GET /v1/audits/*/controls", 250),
    ("GET /v1/audits/*/evidence", 250),
    ("GET /v1/audits/*/evidence/*", 250),
    ("GET /v1/audits/*/information-requests/*/evidence/*", 250),
    ("GET /v1/audits/*/controls/*/comments", 50),
    ("GET /v1/audits/*/controls/*/information-requests", 50),
    ("GET /v1/audits/*/evidence/*/comments/*", 50),
    ("GET /v1/audits/*/information-requests", 50),
    ("GET /v1/audits/*/information-requests/*", 50),
    ("GET /v1/audits/*/information-requests/*/activity", 50),
    ("GET /v1/audits/*/information-requests/*/comments", 50),
    ("GET /v1/audits/*/information-requests/*/comments/*", 50),
    ("GET /v1/audits/*/information-requests/*/evidence", 50),
    ("PATCH /v1/audits/*/information-requests/*", 50),
    ("POST /v1/audits/*/controls/*/comments", 50),
    ("POST /v1/audits/*/information-requests/*/accept-evidence", 50),
    ("POST /v1/audits/*/information-requests/*/comments", 50),
    ("POST /v1/audits/*/information-requests/*/flag-evidence", 50),
];

impl Counted {
    /// What a request to an API counts against.
    pub(super) fn of(api: Application, method: &str, path: &[String]) -> Self {
        match api {
            Application::Manage => Self::Manage,
            Application::Connectors => Self::Connectors,
            Application::Audit => {
                let is_word =
                    |segment: &str| segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
                let plain = |segment: &String| {
                    if segment == "v1" || is_word(segment) { segment.clone() } else { "*".to_owned() }
                };
                let path: Vec<String> = path.iter().map(plain).collect();
                Self::AuditOperation(format!("{method} /{}", path.join("/")))
            }
        }
    }

    fn per_minute(&self) -> usize {
        match self {
            Self::Token => 5,
            Self::Connectors => 20,
            Self::Manage => 50,
            Self::AuditOperation(line) => {
                AUDIT.iter().find(|(known, _)| known == line).map_or(10, |(_, most)| *most)
            }
        }
    }
}

pub(super) struct Budgets {
    limits: Limits,
    spent: Vec<(Counted, VecDeque<Timestamp>)>,
}

impl Budgets {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, spent: Vec::new() }
    }

    /// Counts one request, or says how long to wait, in whole seconds. A refused request does not count.
    pub(super) fn spend(&mut self, on: &Counted, now: Timestamp) -> Result<(), Duration> {
        if self.limits == Limits::Off {
            return Ok(());
        }
        if !self.spent.iter().any(|(counted, _)| counted == on) {
            self.spent.push((on.clone(), VecDeque::new()));
        }
        let Some((_, times)) = self.spent.iter_mut().find(|(counted, _)| counted == on) else {
            return Ok(());
        };
        while times.front().is_some_and(|first| age(*first, now) >= WINDOW) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= on.per_minute() => {
                let left = WINDOW.saturating_sub(age(*first, now));
                Err(Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0)))
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

fn age(first: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(first).try_into().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod checks {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    #[test]
    fn the_sixth_token_request_of_a_minute_waits_for_the_first_to_age() {
        let mut budgets = Budgets::new(Limits::Enforced);
        for second in 0..5 {
            assert!(budgets.spend(&Counted::Token, at(second)).is_ok());
        }
        assert_eq!(budgets.spend(&Counted::Token, at(10)), Err(Duration::from_secs(50)));
        assert!(budgets.spend(&Counted::Manage, at(10)).is_ok());
        assert!(budgets.spend(&Counted::Token, at(60)).is_ok());
        assert_eq!(budgets.spend(&Counted::Token, at(60)), Err(Duration::from_secs(1)));
    }

    #[test]
    fn each_api_and_each_operation_of_an_audit_has_a_budget_of_its_own() {
        let path = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let mut budgets = Budgets::new(Limits::Enforced);
        for (api, method, target, allowed) in [
            (Application::Connectors, "GET", "v1/resources/custom_resource", 20),
            (Application::Manage, "GET", "v1/vendors", 50),
            (Application::Audit, "GET", "v1/audits/65fc81a3/evidence", 250),
            (Application::Audit, "GET", "v1/audits/65fc81a3/evidence/0a1/urls", 600),
            (Application::Audit, "POST", "v1/audits/65fc81a3/information-requests", 600),
            (Application::Audit, "GET", "v1/audits/65fc81a3/information-requests", 50),
            (Application::Audit, "GET", "v1/audits/65fc81a3/managed-vendors", 10),
            (Application::Audit, "POST", "v1/audits/duplicate", 10),
            // Another audit is the same operation, which has nothing left.
            (Application::Audit, "GET", "v1/audits/0b2/managed-vendors", 0),
        ] {
            let on = Counted::of(api, method, &path(target));
            let passed = (0..700).filter(|_| budgets.spend(&on, at(0)).is_ok()).count();
            assert_eq!(passed, allowed, "{method} {target}");
        }
    }

    #[test]
    fn without_limits_nothing_is_refused() {
        let mut budgets = Budgets::new(Limits::Off);
        assert!((0..100).all(|_| budgets.spend(&Counted::Token, at(0)).is_ok()));
    }
}
