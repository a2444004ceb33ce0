//! The job `trust_center_access`: who can open what a Trust Center does not show to everybody, and who waits for it.
//!
//! The API marks neither removed nor expired viewers. Those removed are the difference of its two lists; the others are told
//! apart by their dates.

mod rows;

use std::collections::BTreeSet;

use futures::future::{try_join, try_join4};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::columns::InColumns;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::typed::{answer_schema_of, schema_of, typed};
use crate::answer::Answer;
use crate::call::{CallError, ReadList};
use rows::{AccessRequest, CustomerAccount, Numbers, PublicPage, TrustViewer, ViewerStanding};

pub(super) static TRUST_CENTER_ACCESS: Job = Job {
    name: "trust_center_access",
    title: "Who has access to the Trust Center",
    about: "Who can open the confidential documents of a Trust Center and until when; apart from them those with an unsigned \
            NDA, those expired or removed, requests that wait, and companies let in automatically. To decide a request use \
            approve_trust_center_access_request; to change a viewer update_trust_center_viewer. What visitors opened is in \
            list_trust_center_activity.",
    asks: &[
        "who has access to our trust center",
        "who can see our soc 2 report",
        "review of trust center access",
        "which outsiders can read our confidential documents",
        "whose trust center access has expired",
        "who was invited but has not signed the nda",
        "which customers are let in automatically",
        "who is waiting for access to our reports",
        "overview of access to our security portal",
        "trust portal viewers and pending requests",
        "removed trust center viewers",
        "when does the access of our customers end",
        "list everyone outside who can open our pentest report",
        "external access to our audit reports",
        "clean up old access on the trust page",
        "quarterly review of trust center viewers",
        "do prospects still have access",
        "which domains are approved without review",
        "people with an open nda",
        "who sees what on our trust center",
    ],
    toolset: "trust-center",
    usual: true,
    uses: &["list_trust_center_viewers"],
    also: &[
        "get_trust_center",
        "list_trust_center_access_requests",
        "list_trust_center_resources",
        "list_customer_trust_accounts",
    ],
    input: schema_of::<WantedAccess>,
    output: answer_schema_of::<TrustCenterAccess>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedAccess { slug_id, fresh } = typed(desk.job(), arguments)?;
            run(desk.fresh(fresh), slug_id).await.map(|access| Answer::done(&access))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WantedAccess {
    /// Slug id of the Trust Center: SLUG in app.vanta.com/NAME/trust/SLUG, or `data-slugid` in the HTML of a page with its
    /// own domain. Default: the one in the server's settings.
    slug_id: Option<String>,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// Who has access to a Trust Center.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TrustCenterAccess {
    /// Whether the page is public. Its public resources need no access then.
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<bool>,
    /// How many there are of each; what is absent was not looked at.
    counts: AccessCounts,
    /// Viewers with access now, the next to end first. `sees` holds numbers of `resources`; `nda` is the day of the
    /// signature, null where none is required.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    have_access: InColumns,
    /// Viewers who must sign an NDA first.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    nda_open: InColumns,
    /// Viewers whose access has ended, the latest first.
    #[serde(skip_serializing_if = "InColumns::is_empty")]
    expired: InColumns,
    /// Requests that wait for a decision, the oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<InColumns>,
    /// Companies whose requests are approved without review.
    #[serde(skip_serializing_if = "Option::is_none")]
    let_in_automatically: Option<InColumns>,
    /// Viewers who were removed, the one changed last first.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<InColumns>,
    /// The confidential documents, by the numbers that `sees` and `asksFor` hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<InColumns>,
    /// What the API does not say.
    cannot_know: &'static [&'static str],
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
}

/// How many there are of each; a viewer is counted in one group alone.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AccessCounts {
    /// Viewers with access now.
    have_access: usize,
    /// Viewers with an unsigned NDA.
    nda_open: usize,
    /// Viewers whose access has ended.
    expired: usize,
    /// Viewers who were removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<usize>,
    /// Requests that wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<usize>,
    /// Companies let in without review.
    #[serde(skip_serializing_if = "Option::is_none")]
    let_in_automatically: Option<usize>,
}

const CANNOT_KNOW: &[&str] = &[
    "who reads the public resources: they need no access",
    "whether Vanta locks an expired viewer out at once",
    "what people of a company let in automatically get",
    "which Trust Centers there are",
];

/// How many viewers with access are shown, and how many of each other group.
const SHOWN: usize = 34;
const OTHERS: usize = 8;
async fn run(desk: Desk<'_>, slug: Option<String>) -> Result<TrustCenterAccess, CallError> {
    let gaps = Gaps::default();
    // A slug that is null is the one in the settings.
    let center = json!({ "slugId": slug });
    let viewers = |removed: bool| json!({ "slugId": slug, "includeRemoved": removed });
    let automatic = json!({ "isAutoApprovalEnabled": true });
    let ((present, all), (requests, resources, accounts, page)) = try_join(
        try_join(
            desk.list::<TrustViewer>("list_trust_center_viewers", viewers(false)),
            desk.also::<TrustViewer>("removed viewers", "list_trust_center_viewers", viewers(true), &gaps),
        ),
        try_join4(
            desk.also("waiting requests", "list_trust_center_access_requests", center.clone(), &gaps),
            desk.also("titles of resources", "list_trust_center_resources", center.clone(), &gaps),
            desk.also("companies let in automatically", "list_customer_trust_accounts", automatic, &gaps),
            public_page(&desk, &center, &gaps),
        ),
    )
    .await?;
    let removed = removed(all, &present, &gaps);
    let viewers = gaps.rows("viewers", present);
    let requests = requests.map(|list| gaps.rows("waiting requests", list));
    let resources = resources.map(|list| gaps.rows("resources", list));
    // A filter that is not known upstream would let all through.
    let automatic = |list| -> Vec<CustomerAccount> {
        let accounts = gaps.rows("companies let in automatically", list);
        accounts.into_iter().filter(CustomerAccount::is_automatic).collect()
    };
    let accounts = accounts.map(automatic);
    let numbers = resources.map(|resources| Numbers::of(resources, &viewers, requests.as_deref()));
    let (now, numbers) = (desk.now(), numbers.as_ref());
    let mut in_turn: Vec<&TrustViewer> = viewers.iter().collect();
    // A viewer whose access does not end comes after those whose does.
    in_turn
        .sort_by_key(|viewer| (viewer.ends().unwrap_or(Timestamp::MAX), &viewer.company_name, &viewer.email));
    let of = |standing| in_turn.iter().filter(move |viewer| viewer.standing(now) == standing).copied();
    let have_access: Vec<_> = of(ViewerStanding::HasAccess).map(|viewer| viewer.row(numbers)).collect();
    let nda_open: Vec<_> = of(ViewerStanding::NdaOpen).map(TrustViewer::short_row).collect();
    let expired: Vec<_> = of(ViewerStanding::Expired).rev().map(TrustViewer::short_row).collect();
    Ok(TrustCenterAccess {
        public: page.and_then(|page| page.is_public),
        counts: AccessCounts {
            have_access: have_access.len(),
            nda_open: nda_open.len(),
            expired: expired.len(),
            removed: removed.as_ref().map(Vec::len),
            waiting: requests.as_ref().map(Vec::len),
            let_in_automatically: accounts.as_ref().map(Vec::len),
        },
        have_access: InColumns::first(&["email", "company", "sees", "until", "nda"], SHOWN, have_access),
        nda_open: InColumns::first(&["email", "company", "until"], OTHERS, nda_open),
        expired: InColumns::first(&["email", "company", "ended"], OTHERS, expired),
        waiting: requests.map(|requests| waiting(requests, numbers)),
        let_in_automatically: accounts.map(|accounts| {
            let rows = accounts.iter().map(CustomerAccount::row).collect();
            InColumns::first(&["emailDomain", "company", "nda"], OTHERS, rows)
        }),
        removed: removed.map(|removed| {
            let rows = removed.iter().map(TrustViewer::removed_row).collect();
            InColumns::first(&["email", "company", "lastChanged"], OTHERS, rows)
        }),
        resources: numbers.map(Numbers::table),
        cannot_know: CANNOT_KNOW,
        not_looked_at: gaps.told(),
    })
}

async fn public_page(desk: &Desk<'_>, center: &Value, gaps: &Gaps) -> Result<Option<PublicPage>, CallError> {
    const WHAT: &str = "whether the page is public";
    if !desk.offers("get_trust_center") {
        gaps.name(format!("{WHAT}: get_trust_center is not offered here"));
        return Ok(None);
    }
    gaps.or_name(WHAT, desk.one("get_trust_center", center.clone()).await)
}

/// Those who are in the list with removed viewers alone, the one changed last first. Where an item may be missing in either
/// list, somebody with access might be among them: then nothing is said.
fn removed(
    all: Option<ReadList<TrustViewer>>,
    present: &ReadList<TrustViewer>,
    gaps: &Gaps,
) -> Option<Vec<TrustViewer>> {
    let all = all?;
    if let Some(doubt) = all.doubt().or_else(|| present.doubt()) {
        gaps.name(format!("removed viewers: {doubt}"));
        return None;
    }
    let ids: BTreeSet<&str> = present.rows.iter().filter_map(|viewer| viewer.id.as_deref()).collect();
    let is_gone = |viewer: &TrustViewer| viewer.id.as_deref().is_some_and(|id| !ids.contains(id));
    let mut removed: Vec<TrustViewer> = all.rows.into_iter().filter(is_gone).collect();
    removed.sort_by(|a, b| b.updated_date.cmp(&a.updated_date));
    Some(removed)
}

fn waiting(mut requests: Vec<AccessRequest>, numbers: Option<&Numbers>) -> InColumns {
    requests.sort_by(|a, b| a.creation_date.cmp(&b.creation_date));
    let rows = requests.iter().map(|request| request.row(numbers)).collect();
    InColumns::first(&["email", "company", "asksFor", "since", "reason", "accessRequestId"], OTHERS, rows)
}
