//! Trends: against snapshots that were kept on earlier days, and none where there are none.

use serde_json::{Value, json};
use vanta_demo::Target;

use super::{column, refused};
use crate::harness::{Run, Setup, eventually};

const DAY: i64 = 24 * 60 * 60;

async fn overview(run: &Run) -> Value {
    run.value("compliance_overview", json!({})).await
}

fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// The number of an overview that stands under this name.
fn number<'v>(overview: &'v Value, name: &str) -> &'v Value {
    overview.pointer(&format!("/{}", name.replace('.', "/"))).unwrap()
}

#[tokio::test]
async fn without_a_snapshot_no_trend_is_claimed() {
    let run = Setup::default().start().await;
    for _ in 0..2 {
        let answer = overview(&run).await;
        assert!(answer["trend"].get("snapshots").is_none(), "{answer}");
        let unknown = answer["cannotKnow"].to_string();
        assert!(unknown.contains(&format!("before {}", today())), "{unknown}");
    }
    run.tenant.put_forward(3 * DAY);
    assert!(overview(&run).await["trend"].get("snapshots").is_none(), "three days ago is no week ago");

    let off = Setup::default().with("VANTA_MCP_INDEX", "off").start().await;
    overview(&off).await;
    off.tenant.put_forward(7 * DAY);
    let answer = overview(&off).await;
    assert!(answer["trend"].get("snapshots").is_none(), "{answer}");
    assert!(answer["cannotKnow"].to_string().contains("no snapshots are kept here"), "{answer}");
}

#[tokio::test]
async fn numbers_of_today_stand_beside_those_of_a_week_ago() {
    let run = Setup::default().start().await;
    let before = overview(&run).await;
    // The first numbers of a day count.
    overview(&run).await;
    run.tenant.put_forward(7 * DAY);
    let after = overview(&run).await;
    let trend = &after["trend"]["snapshots"];
    assert_eq!(trend["weekAgo"], today(), "{after}");
    assert!(
        trend.get("monthAgo").is_none() && trend["missing"].to_string().contains("no snapshot of"),
        "{trend}"
    );
    let rows = trend["changed"]["rows"].as_array().unwrap();
    assert!(!rows.is_empty(), "time passes, and more is overdue: {trend}");
    for row in rows {
        let name = row[0].as_str().unwrap();
        if !name.starts_with("frameworks.") {
            assert_eq!((&row[1], &row[2]), (number(&after, name), number(&before, name)), "{name}");
        }
        assert_ne!(row[1], row[2], "{name}");
        assert!(row[3].is_null());
    }
    let names = column(&trend["changed"], "number");
    assert!(names.contains(&json!("vulnerabilities.overdue")), "{trend}");
    assert!(after.to_string().len() <= 4_800, "{} characters", after.to_string().len());

    let changes = run.value("changes_since", json!({})).await;
    let differences = &changes["snapshots"];
    assert_eq!(differences["from"], today(), "{changes}");
    let late = differences["changed"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row[0] == "vulnerabilities.overdue");
    let late = late.unwrap();
    assert_eq!(
        (&late[1], &late[2]),
        (number(&before, "vulnerabilities.overdue"), number(&after, "vulnerabilities.overdue"))
    );
    assert!(changes.to_string().len() <= 6_400);
}

#[tokio::test]
async fn what_a_snapshot_lacks_is_named_and_not_compared() {
    let run = Setup::default().start().await;
    run.fault(Target::Path("/v1/vendors".to_owned()), refused(403), 1);
    let before = overview(&run).await;
    assert!(before.get("vendors").is_none(), "{before}");
    run.tenant.put_forward(7 * DAY);
    let after = overview(&run).await;
    let trend = &after["trend"]["snapshots"];
    let missing = trend["missing"].to_string();
    assert!(missing.contains(&format!("the snapshot of {} lacks vendors.", today())), "{missing}");
    let names = column(&trend["changed"], "number");
    assert!(!names.iter().any(|name| name.as_str().unwrap().starts_with("vendors.")), "{names:?}");
}

#[tokio::test]
async fn an_overview_of_one_framework_is_no_snapshot_of_all_tests() {
    let run = Setup::default().start().await;
    run.value("compliance_overview", json!({"framework": "hipaa"})).await;
    run.tenant.put_forward(7 * DAY);
    let after = overview(&run).await;
    let missing = after["trend"]["snapshots"]["missing"].to_string();
    assert!(missing.contains("lacks tests.failing"), "{after}");
    let names = column(&after["trend"]["snapshots"]["changed"], "number");
    assert!(names.contains(&json!("vulnerabilities.overdue")) && !names.contains(&json!("tests.overdue")));
}

#[tokio::test]
async fn a_day_without_an_overview_has_a_snapshot_all_the_same() {
    let run = Setup::default().with("VANTA_MCP_INDEX", "all").start().await;
    run.value("failing_controls", json!({"framework": "soc2"})).await;
    let mut kept = Value::Null;
    eventually("a snapshot is kept", async || {
        kept = run.value("server_status", json!({})).await["kept"].clone();
        kept["snapshots"] == 1
    })
    .await;
    assert_eq!(kept["snapshotsSince"], today());
    run.tenant.put_forward(7 * DAY);
    let after = overview(&run).await;
    assert_eq!(after["trend"]["snapshots"]["weekAgo"], today(), "{after}");
}
