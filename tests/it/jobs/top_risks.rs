//! `top_risks`.

use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use super::{asked, column, records};
use crate::harness::Setup;

fn score(risk: &Value, likelihood: &str, impact: &str) -> Option<f64> {
    Some(risk[likelihood].as_f64()? * risk[impact].as_f64()?)
}

#[tokio::test]
async fn the_greatest_risks_come_first_and_those_without_a_score_apart() {
    let run = Setup::default().start().await;
    let mut risks = records(&run, "list_risk_scenarios", json!({})).await;
    risks.extend(records(&run, "list_risk_scenarios", json!({"type": "Enterprise Risk"})).await);
    risks.retain(|risk| risk["isArchived"] != true);
    let residual = |risk: &Value| score(risk, "residualLikelihood", "residualImpact");
    let mut scores: Vec<f64> = risks.iter().filter_map(residual).collect();
    scores.sort_by(|a, b| b.total_cmp(a));

    let answer = asked(&run, "top_risks", json!({"n": 5}), 3_000, 2).await;
    assert_eq!(answer["risks"], risks.len());
    assert_eq!(answer["scored"], scores.len());
    let shown = column(&answer["top"], "riskId");
    assert_eq!(shown.len(), 5);
    for (id, expected) in shown.iter().zip(&scores) {
        let risk = risks.iter().find(|risk| risk["riskId"] == *id).unwrap();
        assert_eq!(residual(risk), Some(*expected), "{id}");
    }
    for id in column(&answer["withoutResidualScore"], "riskId") {
        let risk = risks.iter().find(|risk| risk["riskId"] == id).unwrap();
        assert_eq!(residual(risk), None, "{id}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_no_empty_register() {
    let run = Setup::default().start().await;
    run.fault(Target::Path("/v1/risk-scenarios".to_owned()), FaultKind::Internal, 20);
    let error = run.error("top_risks", json!({})).await;
    assert!(error.contains("500"), "{error}");
}
