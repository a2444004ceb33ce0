//! The jobs of the hosting panel: `panel_overview`, and `find_panel_account`.
//!
//! The Panel lists all accounts at once, and nothing documents their fields: what is known of an account is shown where it
//! is there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::columns::{Counts, InColumns};
use super::desk::Desk;
use super::job::Job;
use super::typed::{answer_schema_of, schema_of, typed};
use crate::answer::Answer;
use crate::call::CallError;

pub(super) static PANEL_OVERVIEW: Job = Job {
    name: "panel_overview",
    title: "Overview of the hosting accounts",
    about: "Count the web-hosting accounts of the Vanta Panel by plan and by status, list those suspended, and domains that \
            two accounts have. For one account use find_panel_account.",
    asks: &[
        "how is our hosting doing",
        "overview of the hosting accounts",
        "how many hosting accounts per plan",
        "which hosting accounts are suspended",
        "hosting summary",
        "number of customers on each hosting plan",
        "state of the web hosting panel",
        "suspended sites overview",
        "how many websites are active and how many suspended",
        "duplicate hosting accounts",
        "two accounts with the same domain",
        "count of hosting customers by package",
        "what is on our hosting server",
        "accounts without a plan",
        "hosting report for this month",
    ],
    toolset: "panel",
    usual: true,
    uses: &["list_panel_accounts"],
    also: &[],
    input: schema_of::<WantedOverview>,
    output: answer_schema_of::<PanelOverview>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedOverview { fresh } = typed(desk.job(), arguments)?;
            overview(desk.fresh(fresh)).await.map(|overview| Answer::done(&overview))
        })
    },
};

pub(super) static FIND_PANEL_ACCOUNT: Job = Job {
    name: "find_panel_account",
    title: "Find a hosting account",
    about: "Find the web-hosting account on the Vanta Panel that a user name, a domain or a part of either belongs to. \
            Several that match are all listed, best first: ask which is meant before changing one.",
    asks: &[
        "find the hosting account of a domain",
        "which account hosts this website",
        "who hosts example.com with us",
        "look up a hosting customer",
        "hosting account for a domain name",
        "customer called about his site, which account is it",
        "find user name by domain",
        "search hosting accounts by name",
        "is this domain hosted by us",
        "what plan is this website on",
        "is this site suspended",
        "find the right hosting account",
        "account that belongs to a web address",
        "which user owns this domain on the server",
        "hosting account lookup",
    ],
    toolset: "panel",
    usual: true,
    uses: &["list_panel_accounts"],
    also: &[],
    input: schema_of::<WantedAccount>,
    output: answer_schema_of::<FoundAccounts>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedAccount { account, fresh } = typed(desk.job(), arguments)?;
            find(desk.fresh(fresh), &account).await.map(|found| Answer::done(&found))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedOverview {
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedAccount {
    /// User name, domain or web address, or a part of it.
    #[schemars(length(min = 1, max = 253))]
    account: String,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// The hosting accounts in numbers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PanelOverview {
    /// How many accounts there are.
    accounts: usize,
    /// How many have each plan.
    by_plan: Counts,
    /// How many are in each state.
    by_status: Counts,
    /// Those that are suspended.
    suspended: InColumns,
    /// Domains that more than one account has, with the accounts.
    two_alike: InColumns,
    /// What the Panel does not say.
    cannot_know: &'static [&'static str],
}

/// The accounts that may be meant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FoundAccounts {
    /// How many accounts match.
    matches: usize,
    /// Them, best first.
    accounts: InColumns,
    /// By what they match.
    matched: &'static str,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

const CANNOT_KNOW: &[&str] = &["since when and why an account is suspended", "mail, DNS and backups"];

/// How many suspended accounts are shown.
const SUSPENDED: usize = 25;

/// How many domains that several accounts have are shown.
const ALIKE: usize = 10;

/// How many accounts that may be meant are shown.
const FOUND: usize = 10;

/// An account, of which the Panel does not document what it has.
#[derive(Deserialize)]
#[serde(transparent)]
struct Account(Map<String, Value>);

impl Account {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn plan(&self) -> &str {
        self.text("plan").unwrap_or("(none)")
    }

    fn is_suspended(&self) -> bool {
        self.0.get("suspended").and_then(Value::as_bool).unwrap_or_else(|| {
            self.text("status").is_some_and(|status| status.to_lowercase().starts_with("suspend"))
        })
    }

    fn status(&self) -> &str {
        let of_flag = if self.is_suspended() { "suspended" } else { "(not said)" };
        self.text("status").unwrap_or(of_flag)
    }

    /// The domain in small letters.
    fn domain(&self) -> Option<String> {
        self.text("domain").map(|domain| domain.trim().to_lowercase())
    }

    fn row(&self) -> Vec<Value> {
        vec![json!(self.text("user")), json!(self.text("domain")), json!(self.plan()), json!(self.status())]
    }
}

async fn accounts(desk: &Desk<'_>) -> Result<Vec<Account>, CallError> {
    Ok(desk.list("list_panel_accounts", json!({})).await?.rows)
}

async fn overview(desk: Desk<'_>) -> Result<PanelOverview, CallError> {
    let accounts = accounts(&desk).await?;
    let suspended = accounts.iter().filter(|account| account.is_suspended());
    let suspended: Vec<_> = suspended
        .map(|one| vec![json!(one.text("user")), json!(one.text("domain")), json!(one.plan())])
        .collect();
    Ok(PanelOverview {
        accounts: accounts.len(),
        by_plan: Counts::of(accounts.iter().map(Account::plan)),
        by_status: Counts::of(accounts.iter().map(Account::status)),
        suspended: InColumns::first(&["user", "domain", "plan"], SUSPENDED, suspended),
        two_alike: InColumns::first(&["domain", "users"], ALIKE, alike(&accounts)),
        cannot_know: CANNOT_KNOW,
    })
}

/// Domains that several accounts have, with their users.
fn alike(accounts: &[Account]) -> Vec<Vec<Value>> {
    let mut by_domain = std::collections::BTreeMap::<String, Vec<&str>>::new();
    for account in accounts {
        if let (Some(domain), Some(user)) = (account.domain(), account.text("user")) {
            by_domain.entry(domain).or_default().push(user);
        }
    }
    let several = by_domain.into_iter().filter(|(_, users)| users.len() > 1);
    several.map(|(domain, users)| vec![json!(domain), json!(users)]).collect()
}

/// By what an account matches, and whether it does.
type MatchingWay<'w> = (&'static str, &'w dyn Fn(&Account) -> bool);

async fn find(desk: Desk<'_>, asked: &str) -> Result<FoundAccounts, CallError> {
    let accounts = accounts(&desk).await?;
    let wanted = host(asked);
    let user = |account: &Account| account.text("user").map(str::to_lowercase);
    let has = |text: Option<String>| text.is_some_and(|text| text.contains(&wanted));
    let is_user = |account: &Account| user(account).is_some_and(|user| user == wanted);
    let is_domain = |account: &Account| account.domain().is_some_and(|domain| domain == wanted);
    let has_part = |account: &Account| has(user(account)) || has(account.domain());
    let ways: [MatchingWay<'_>; 3] =
        [("user name", &is_user), ("domain", &is_domain), ("part of the user name or domain", &has_part)];
    let found = |is_it: &dyn Fn(&Account) -> bool| -> Vec<Vec<Value>> {
        accounts.iter().filter(|account| is_it(account)).map(Account::row).collect()
    };
    let best =
        ways.iter().map(|(matched, is_it)| (*matched, found(is_it))).find(|(_, rows)| !rows.is_empty());
    let (matched, rows) = best.unwrap_or(("nothing", Vec::new()));
    let note = match rows.len() {
        0 => Some(format!(
            "None of {} accounts has it in its user name or domain. Other domains of an account are not listed by the \
             Panel.",
            accounts.len()
        )),
        1 => None,
        _ => Some("Several accounts match: ask which is meant, and change none before.".to_owned()),
    };
    let columns = &["user", "domain", "plan", "status"];
    Ok(FoundAccounts { matches: rows.len(), accounts: InColumns::first(columns, FOUND, rows), matched, note })
}

/// What is looked for: of a web address its host, in small letters and without `www.`.
fn host(asked: &str) -> String {
    let asked = asked.trim().to_lowercase();
    let after = asked.split_once("://").map_or(asked.as_str(), |(_, rest)| rest);
    let host = after.split(['/', '?', '#', ':']).next().unwrap_or(after);
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_web_address_its_host_is_looked_for() {
        for (asked, wanted) in [
            ("https://www.Shop.example/cart?x=1", "shop.example"),
            (" alpha ", "alpha"),
            ("www.alpha.example", "alpha.example"),
            ("alpha.example:8080/", "alpha.example"),
        ] {
            assert_eq!(host(asked), wanted);
        }
    }
}
