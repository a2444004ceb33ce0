//! `panel_overview` and `find_panel_account`.

use serde_json::{Value, json};

use super::{asked, column, records};
use crate::harness::Setup;

#[tokio::test]
async fn accounts_are_counted_by_plan_and_status() {
    let run = Setup::default().start().await;
    let accounts = records(&run, "list_panel_accounts", json!({})).await;
    let answer = asked(&run, "panel_overview", json!({}), 3_000, 1).await;
    assert_eq!(answer["accounts"], accounts.len());
    let with = |name: &str, value: &Value| accounts.iter().filter(|account| account[name] == *value).count();
    for (plan, count) in answer["byPlan"].as_object().unwrap() {
        let plan = if plan == "(none)" { Value::Null } else { json!(plan) };
        assert_eq!(*count, with("plan", &plan), "{plan}");
    }
    assert_eq!(answer["byStatus"]["suspended"], with("suspended", &json!(true)));
    let suspended = column(&answer["suspended"], "user");
    assert_eq!(suspended.len(), with("suspended", &json!(true)));
}

#[tokio::test]
async fn an_account_is_found_by_name_domain_address_or_part() {
    let run = Setup::default().start().await;
    let accounts = records(&run, "list_panel_accounts", json!({})).await;
    let (user, domain) = (accounts[0]["user"].as_str().unwrap(), accounts[0]["domain"].as_str().unwrap());
    for asked_for in [user.to_uppercase(), domain.to_owned(), format!("https://www.{domain}/shop?a=1")] {
        let answer = asked(&run, "find_panel_account", json!({"account": asked_for}), 1_500, 1).await;
        assert_eq!((&answer["matches"], column(&answer["accounts"], "user")), (&json!(1), vec![json!(user)]));
    }
    let all = asked(&run, "find_panel_account", json!({"account": ".example"}), 1_500, 1).await;
    assert!(all["matches"].as_u64().unwrap() > 1, "{all}");
    assert!(all["note"].as_str().unwrap().contains("ask which is meant"), "{all}");
    let none = asked(&run, "find_panel_account", json!({"account": "nobody.invalid"}), 1_500, 1).await;
    assert_eq!(none["matches"], 0);
    assert!(
        none["note"].as_str().unwrap().starts_with(&format!("None of {} accounts", accounts.len())),
        "{none}"
    );
}
