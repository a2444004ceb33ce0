//! What a Trust Center's lists hold, and how the answer shows it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::jobs::columns::{InColumns, short};
use crate::jobs::days;

/// How many resources have a number.
const NUMBERED: usize = 15;

/// How long an address, a name of a company and a free text are shown.
const ADDRESS: usize = 60;
const COMPANY: usize = 30;
const TEXT: usize = 50;

/// The level of those who see everything.
const FULL: &str = "FULL_ACCESS";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicPage {
    pub is_public: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrustViewer {
    pub id: Option<String>,
    pub email: Option<String>,
    pub company_name: Option<String>,
    pub resource_ids: Option<Vec<String>>,
    pub access_level: Option<String>,
    pub nda_info: Option<ViewerNda>,
    pub expiration_date: Option<String>,
    pub updated_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ViewerNda {
    pub provider: Option<String>,
    pub satisfied_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessRequest {
    pub id: Option<String>,
    pub email: Option<String>,
    pub company_name: Option<String>,
    pub reason: Option<String>,
    pub requested_resources: Option<Vec<String>>,
    pub access_level: Option<String>,
    pub creation_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedResource {
    pub id: Option<String>,
    pub title: Option<String>,
    pub is_public: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerAccount {
    pub name: Option<String>,
    pub email_domain: Option<String>,
    pub nda_details: Option<AccountNda>,
    pub access_config: Option<AccountAccess>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountNda {
    pub nda_status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountAccess {
    pub auto_approval_enabled: Option<bool>,
}

/// How a viewer who was not removed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewerStanding {
    HasAccess,
    NdaOpen,
    Expired,
}

impl TrustViewer {
    pub fn ends(&self) -> Option<Timestamp> {
        self.expiration_date.as_deref().and_then(days::moment)
    }

    pub fn standing(&self, now: Timestamp) -> ViewerStanding {
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

    pub fn row(&self, numbers: Option<&Numbers>) -> Vec<Value> {
        let signed = self.nda_info.as_ref().and_then(|nda| days::shown(nda.satisfied_date.as_deref()));
        let sees = seen(self.access_level.as_deref(), self.resource_ids.as_deref(), numbers);
        let [email, company] = addressed(self.email.as_deref(), self.company_name.as_deref());
        vec![email, company, sees, json!(self.until()), json!(signed)]
    }

    pub fn short_row(&self) -> Vec<Value> {
        let [email, company] = addressed(self.email.as_deref(), self.company_name.as_deref());
        vec![email, company, json!(self.until())]
    }

    pub fn removed_row(&self) -> Vec<Value> {
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
    pub fn row(&self, numbers: Option<&Numbers>) -> Vec<Value> {
        let is_said = self.requested_resources.is_some() || self.access_level.as_deref() == Some(FULL);
        let asks_for =
            is_said.then(|| seen(self.access_level.as_deref(), self.requested_resources.as_deref(), numbers));
        let [email, company] = addressed(self.email.as_deref(), self.company_name.as_deref());
        let reason = self.reason.as_deref().map(|reason| short(reason, TEXT));
        let since = days::shown(self.creation_date.as_deref());
        vec![email, company, json!(asks_for), json!(since), json!(reason), json!(self.id)]
    }
}

impl CustomerAccount {
    pub fn is_automatic(&self) -> bool {
        self.access_config.as_ref().is_some_and(|access| access.auto_approval_enabled == Some(true))
    }

    pub fn row(&self) -> Vec<Value> {
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
    let (Some(ids), false) = (ids, level == Some(FULL)) else { return json!("everything") };
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
pub struct Numbers {
    by_id: BTreeMap<String, usize>,
    pub rows: Vec<Vec<Value>>,
}

impl Numbers {
    /// Those that somebody can see or asks for come first, then the others that are not public.
    pub fn of(
        mut resources: Vec<SharedResource>,
        viewers: &[TrustViewer],
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

    pub fn table(&self) -> InColumns {
        InColumns::first(&["no", "title", "public"], NUMBERED, self.rows.clone())
    }
}
