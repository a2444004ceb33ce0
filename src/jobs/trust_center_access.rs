//! The job `trust_center_access`: who can open what a Trust Center does not show to everybody, and who waits for it.
//!
//! The API marks neither removed nor expired viewers. Those removed are the difference of its two lists; the others are told
//! apart by their dates.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{try_join, try_join4};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::columns::{InColumns, short};
use super::days;
use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::typed::{schema_of, typed};
use crate::answer::Answer;
use crate::call::{CallError, ReadList};

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
    output: schema_of::<TrustCenterAccess>,
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
    have_access: InColumns,
    /// Viewers who must sign an NDA first.
    nda_open: InColumns,
    /// Viewers whose access has ended, the latest first.
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublicPage {
    is_public: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Viewer {
    id: Option<String>,
    email: Option<String>,
    company_name: Option<String>,
    resource_ids: Option<Vec<String>>,
    access_level: Option<String>,
    nda_info: Option<ViewerNda>,
    expiration_date: Option<String>,
    updated_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ViewerNda {
    provider: Option<String>,
    satisfied_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessRequest {
    id: Option<String>,
    email: Option<String>,
    company_name: Option<String>,
    reason: Option<String>,
    requested_resources: Option<Vec<String>>,
    access_level: Option<String>,
    creation_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SharedResource {
    id: Option<String>,
    title: Option<String>,
    is_public: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomerAccount {
    name: Option<String>,
    email_domain: Option<String>,
    nda_details: Option<AccountNda>,
    access_config: Option<AccountAccess>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountNda {
    nda_status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountAccess {
    #[serde(default)]
    auto_approval_enabled: bool,
}

/// How a viewer who was not removed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ViewerStanding {
    HasAccess,
    NdaOpen,
    Expired,
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
/// How many resources have a number.
const NUMBERED: usize = 15;

/// How long an address, a name of a company and a free text are shown.
const ADDRESS: usize = 60;
const COMPANY: usize = 30;
const TEXT: usize = 50;

async fn run(desk: Desk<'_>, slug: Option<String>) -> Result<TrustCenterAccess, CallError> {
    let gaps = Gaps::default();
    let center = slug.map_or_else(|| json!({}), |slug| json!({ "slugId": slug }));
    let viewers = |removed: bool| {
        let mut wanted = center.clone();
        wanted["includeRemoved"] = json!(removed);
        wanted
    };
    let automatic = json!({ "isAutoApprovalEnabled": true });
    let ((present, all), (requests, resources, accounts, page)) = try_join(
        try_join(
            desk.list::<Viewer>("list_trust_center_viewers", viewers(false)),
            desk.also::<Viewer>("removed viewers", "list_trust_center_viewers", viewers(true), &gaps),
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
    let accounts = accounts.map(|list| automatic_alone(gaps.rows("companies let in automatically", list)));
    let numbers = resources.map(|resources| Numbers::of(resources, &viewers, requests.as_deref()));
    let (now, numbers) = (desk.now(), numbers.as_ref());
    let mut in_turn: Vec<&Viewer> = viewers.iter().collect();
    // A viewer whose access does not end comes after those whose does.
    in_turn
        .sort_by_key(|viewer| (viewer.ends().unwrap_or(Timestamp::MAX), &viewer.company_name, &viewer.email));
    let of = |standing| in_turn.iter().filter(move |viewer| viewer.standing(now) == standing).copied();
    let have_access: Vec<_> = of(ViewerStanding::HasAccess).map(|viewer| viewer.row(numbers)).collect();
    let nda_open: Vec<_> = of(ViewerStanding::NdaOpen).map(Viewer::short_row).collect();
    let expired: Vec<_> = of(ViewerStanding::Expired).rev().map(Viewer::short_row).collect();
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
            let rows = removed.iter().map(Viewer::removed_row).collect();
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
fn removed(all: Option<ReadList<Viewer>>, present: &ReadList<Viewer>, gaps: &Gaps) -> Option<Vec<Viewer>> {
    let all = all?;
    if let Some(doubt) = all.doubt().or_else(|| present.doubt()) {
        gaps.name(format!("removed viewers: {doubt}"));
        return None;
    }
    let ids: BTreeSet<&str> = present.rows.iter().filter_map(|viewer| viewer.id.as_deref()).collect();
    let is_gone = |viewer: &Viewer| viewer.id.as_deref().is_some_and(|id| !ids.contains(id));
    let mut removed: Vec<Viewer> = all.rows.into_iter().filter(is_gone).collect();
    removed.sort_by(|a, b| b.updated_date.cmp(&a.updated_date));
    Some(removed)
}

/// Those that are what was asked for: a filter that is not known upstream would let all through.
fn automatic_alone(mut accounts: Vec<CustomerAccount>) -> Vec<CustomerAccount> {
    accounts
        .retain(|account| account.access_config.as_ref().is_some_and(|access| access.auto_approval_enabled));
    accounts
}

fn waiting(mut requests: Vec<AccessRequest>, numbers: Option<&Numbers>) -> InColumns {
    requests.sort_by(|a, b| a.creation_date.cmp(&b.creation_date));
    let rows = requests.iter().map(|request| request.row(numbers)).collect();
    InColumns::first(&["email", "company", "asksFor", "since", "reason", "accessRequestId"], OTHERS, rows)
}

impl Viewer {
    fn ends(&self) -> Option<Timestamp> {
        self.expiration_date.as_deref().and_then(days::moment)
    }

    fn standing(&self, now: Timestamp) -> ViewerStanding {
        if self.ends().is_some_and(|end| end <= now) {
            return ViewerStanding::Expired;
        }
        let is_open = self.nda_info.as_ref().is_some_and(ViewerNda::is_open);
        if is_open { ViewerStanding::NdaOpen } else { ViewerStanding::HasAccess }
    }

    /// The day on which the access ends; what is not a date is shown as it is, since null says that there is no end.
    fn until(&self) -> Option<String> {
        let text = self.expiration_date.as_deref()?;
        Some(days::shown(Some(text)).unwrap_or_else(|| short(text, COMPANY)))
    }

    fn row(&self, numbers: Option<&Numbers>) -> Vec<Value> {
        let signed = self.nda_info.as_ref().and_then(|nda| days::shown(nda.satisfied_date.as_deref()));
        let sees = seen(self.access_level.as_deref(), self.resource_ids.as_deref(), numbers);
        let [email, company] = addressed(self.email.as_deref(), self.company_name.as_deref());
        vec![email, company, sees, json!(self.until()), json!(signed)]
    }

    fn short_row(&self) -> Vec<Value> {
        let [email, company] = addressed(self.email.as_deref(), self.company_name.as_deref());
        vec![email, company, json!(self.until())]
    }

    fn removed_row(&self) -> Vec<Value> {
        let [email, company] = addressed(self.email.as_deref(), self.company_name.as_deref());
        vec![email, company, json!(days::shown(self.updated_date.as_deref()))]
    }
}

impl ViewerNda {
    /// Whether it has to be signed: a customer system can have taken the duty away.
    fn is_open(&self) -> bool {
        let is_bypassed = self.provider.as_deref().is_some_and(|provider| provider.ends_with("_BYPASS"));
        self.satisfied_date.is_none() && !is_bypassed
    }
}

impl AccessRequest {
    fn row(&self, numbers: Option<&Numbers>) -> Vec<Value> {
        let asks_for = seen(self.access_level.as_deref(), self.requested_resources.as_deref(), numbers);
        let [email, company] = addressed(self.email.as_deref(), self.company_name.as_deref());
        let reason = self.reason.as_deref().map(|reason| short(reason, TEXT));
        let since = days::shown(self.creation_date.as_deref());
        vec![email, company, asks_for, json!(since), json!(reason), json!(self.id)]
    }
}

impl CustomerAccount {
    fn row(&self) -> Vec<Value> {
        let nda = self.nda_details.as_ref().and_then(|nda| nda.nda_status.as_deref());
        let [domain, name] = addressed(self.email_domain.as_deref(), self.name.as_deref());
        vec![domain, name, json!(nda)]
    }
}

fn addressed(address: Option<&str>, company: Option<&str>) -> [Value; 2] {
    [json!(address.map(|text| short(text, ADDRESS))), json!(company.map(|text| short(text, COMPANY)))]
}

/// What is opened: everything, or the numbers of resources. Public ones are open to anybody beside.
fn seen(level: Option<&str>, ids: Option<&[String]>, numbers: Option<&Numbers>) -> Value {
    // Without a list it is everything, says the API.
    let (Some(ids), false) = (ids, level == Some("FULL_ACCESS")) else { return json!("everything") };
    let Some(numbers) = numbers else { return json!(format!("{} resources", ids.len())) };
    let numbered: BTreeSet<usize> = ids.iter().filter_map(|id| numbers.by_id.get(id).copied()).collect();
    let unnumbered = ids.len() - numbered.len();
    let mut seen: Vec<Value> = numbered.into_iter().map(Value::from).collect();
    if unnumbered > 0 {
        seen.push(json!(format!("{unnumbered} more")));
    }
    Value::Array(seen)
}

/// The resources with the numbers that stand for them.
struct Numbers {
    by_id: BTreeMap<String, usize>,
    rows: Vec<Vec<Value>>,
}

impl Numbers {
    /// Those that somebody can see or asks for come first, then the others that are not public.
    fn of(
        mut resources: Vec<SharedResource>,
        viewers: &[Viewer],
        requests: Option<&[AccessRequest]>,
    ) -> Self {
        let seen = viewers.iter().filter_map(|viewer| viewer.resource_ids.as_deref());
        let asked = requests.unwrap_or_default().iter();
        let asked = asked.filter_map(|request| request.requested_resources.as_deref());
        let named: BTreeSet<&str> = seen.chain(asked).flatten().map(String::as_str).collect();
        let is_named =
            |resource: &SharedResource| resource.id.as_deref().is_some_and(|id| named.contains(id));
        resources.retain(|resource| is_named(resource) || resource.is_public != Some(true));
        resources.sort_by_key(|resource| !is_named(resource));
        let numbered = (1..).zip(&resources).take(NUMBERED);
        let by_id = numbered.filter_map(|(number, resource)| Some((resource.id.clone()?, number))).collect();
        let row = |(number, resource): (usize, &SharedResource)| {
            let title = resource.title.as_deref().map(|title| short(title, TEXT));
            vec![json!(number), json!(title), json!(resource.is_public)]
        };
        let rows = (1..).zip(&resources).map(row).collect();
        Self { by_id, rows }
    }

    fn table(&self) -> InColumns {
        InColumns::first(&["no", "title", "public"], NUMBERED, self.rows.clone())
    }
}
