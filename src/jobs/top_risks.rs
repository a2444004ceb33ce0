//! The job `top_risks`: which risks are the greatest once what is done about them is counted.

use futures::future::try_join;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::columns::{Counts, InColumns, short};
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::typed::{answer_schema_of, schema_of, typed};
use crate::answer::Answer;
use crate::call::CallError;

pub(super) static TOP_RISKS: Job = Job {
    name: "top_risks",
    title: "Greatest risks",
    about: "The greatest risks of the register by residual score (likelihood × impact after treatment), with inherent score, \
            treatment, owner and review status; then how many have no residual score yet. Archived risks are left out. For \
            one risk's controls use list_risk_scenario_controls.",
    asks: &[
        "top risks",
        "biggest risks we have",
        "our five highest risks",
        "what are the most serious risks right now",
        "highest residual risk",
        "risks ranked by score",
        "worst risks for the board slide",
        "which risks worry us most",
        "greatest remaining risks after treatment",
        "top ten of the risk register",
        "risks with the highest impact and likelihood",
        "risk ranking with owners",
        "risks not scored yet",
        "most critical risk scenarios",
        "summary of our risk exposure",
        "give me the heat map extremes of our risk register",
    ],
    toolset: "risk",
    usual: true,
    uses: &["list_risk_scenarios"],
    also: &[],
    input: schema_of::<WantedRisks>,
    output: answer_schema_of::<TopRisks>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedRisks { n, fresh } = typed(desk.job(), arguments)?;
            Box::pin(run(desk.fresh(fresh), n)).await.map(|risks| Answer::done(&risks))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedRisks {
    /// How many risks; default 10.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 40))]
    n: usize,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

fn ten() -> usize {
    10
}

/// The greatest risks.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TopRisks {
    /// How many risks are in the register, those aside that are archived.
    risks: usize,
    /// Of these, how many have a residual score.
    scored: usize,
    /// The greatest first; scores are likelihood×impact=product.
    top: InColumns,
    /// Those without a residual score, by inherent score.
    without_residual_score: InColumns,
    /// How many risks have each treatment.
    by_treatment: Counts,
    /// How many are archived, and left out.
    archived: usize,
    /// What the numbers mean.
    scale: &'static str,
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Risk {
    #[serde(rename = "riskId")]
    number: Option<String>,
    description: Option<String>,
    likelihood: Option<f64>,
    impact: Option<f64>,
    residual_likelihood: Option<f64>,
    residual_impact: Option<f64>,
    treatment: Option<String>,
    owner: Option<String>,
    review_status: Option<String>,
    #[serde(default)]
    is_archived: bool,
}

const COLUMNS: &[&str] = &["riskId", "description", "residual", "inherent", "treatment", "owner", "review"];

/// How many of those without a residual score are shown.
const UNSCORED: usize = 4;

/// How long a description is shown.
const LONGEST: usize = 80;

async fn run(desk: Desk<'_>, n: usize) -> Result<TopRisks, CallError> {
    // The list holds risk scenarios alone, unless enterprise risks are asked for.
    let kind = |kind: &str| desk.list::<Risk>("list_risk_scenarios", json!({ "type": kind }));
    let (scenarios, enterprise) = Box::pin(try_join(kind("Risk Scenario"), kind("Enterprise Risk"))).await?;
    let gaps = Gaps::default();
    let mut risks = gaps.rows("risks", scenarios);
    risks.extend(gaps.rows("enterprise risks", enterprise));
    gaps.name("risks that are marked sensitive, if the application may not see them");
    let all = risks.len();
    risks.retain(|risk| !risk.is_archived);
    let archived = all - risks.len();
    let by_treatment = Counts::of(risks.iter().map(|risk| risk.treatment.as_deref().unwrap_or("(none)")));
    let count = risks.len();
    let (mut scored, mut unscored): (Vec<Risk>, Vec<Risk>) =
        risks.into_iter().partition(|risk| risk.residual().is_some());
    let order = |risk: &Risk| (risk.residual().unwrap_or_default(), risk.inherent().unwrap_or_default());
    scored.sort_by(|a, b| order(b).partial_cmp(&order(a)).unwrap_or(std::cmp::Ordering::Equal));
    unscored.sort_by(|a, b| order(b).partial_cmp(&order(a)).unwrap_or(std::cmp::Ordering::Equal));
    let rows = |risks: &[Risk]| risks.iter().map(Risk::row).collect();
    Ok(TopRisks {
        risks: count,
        scored: scored.len(),
        top: InColumns::first(COLUMNS, n, rows(&scored)),
        without_residual_score: InColumns::first(COLUMNS, UNSCORED, rows(&unscored)),
        by_treatment,
        archived,
        scale: "likelihood×impact as stored; how scores are grouped (low, medium, high) is a setting in Vanta",
        not_looked_at: gaps.told(),
    })
}

impl Risk {
    fn residual(&self) -> Option<f64> {
        Some(self.residual_likelihood? * self.residual_impact?)
    }

    fn inherent(&self) -> Option<f64> {
        Some(self.likelihood? * self.impact?)
    }

    fn row(&self) -> Vec<Value> {
        let score = |likelihood: Option<f64>, impact: Option<f64>| {
            let (likelihood, impact) = (likelihood?, impact?);
            Some(format!("{likelihood}×{impact}={}", likelihood * impact))
        };
        vec![
            json!(self.number),
            json!(self.description.as_deref().map(|text| short(text, LONGEST))),
            json!(score(self.residual_likelihood, self.residual_impact)),
            json!(score(self.likelihood, self.impact)),
            json!(self.treatment),
            json!(self.owner),
            json!(self.review_status),
        ]
    }
}
