//! The job `vendor_overview`: how the vendors stand, or everything about one of them.

mod all;
mod one;
mod record;

use futures::future::try_join;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::desk::Desk;
use super::gaps::Gaps;
use super::job::Job;
use super::known_names::IndexAge;
use super::pick::{NamedIn, pick};
use super::typed::{schema_of, typed};
use super::users::ReadUsers;
use crate::answer::Answer;
use crate::call::{CallError, Candidate};
use record::Vendor;

pub(super) static VENDOR_OVERVIEW: Job = Job {
    name: "vendor_overview",
    title: "Overview of vendors",
    about: "All vendors by risk level, with overdue, coming and missing security reviews and contracts that end; or one \
            vendor, by name or id, with its reviews, findings, assessments and documents. Archived vendors are only \
            counted. Use list_vendors for other fields, update_vendor to change one.",
    asks: &[
        "overview of our vendors",
        "which vendor reviews are overdue",
        "third party risk summary",
        "vendors that were never reviewed",
        "how many critical vendors do we have",
        "vendor contracts ending soon",
        "tell me everything about a vendor",
        "status of one supplier",
        "how risky are our suppliers",
        "which vendors need a security review next month",
        "open findings of a vendor",
        "is Stripe reviewed and approved",
        "vendor risk report for the board",
        "vendors without a risk score",
        "vendors without an owner",
        "documents and assessments we have for a supplier",
        "when is the next review of AWS due",
        "subprocessor review status",
        "which contracts renew this quarter",
    ],
    toolset: "vendors",
    usual: true,
    uses: &["list_vendors"],
    also: &[
        "list_users",
        "list_vendor_security_reviews",
        "list_vendor_findings",
        "list_vendor_assessments",
        "list_vendor_documents",
    ],
    input: schema_of::<WantedVendors>,
    output: super::typed::answer_schema_of::<VendorOverview>,
    run: |desk, arguments| {
        Box::pin(async move {
            let WantedVendors { vendor, fresh } = typed(desk.job(), arguments)?;
            run(desk.fresh(fresh), vendor.as_deref()).await.map(|overview| Answer::done(&overview))
        })
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedVendors {
    /// Name or id of one vendor; if omitted, all.
    #[schemars(length(min = 1, max = 200))]
    vendor: Option<String>,
    /// Read everything now, not from what was read moments ago.
    #[serde(default)]
    fresh: bool,
}

/// The vendors in numbers, or one of them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VendorOverview {
    /// All vendors, where none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<all::VendorsInNumbers>,
    /// The vendor that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    one: Option<one::VendorInFull>,
    /// When the owners' names were read, where they are from the index.
    #[serde(skip_serializing_if = "Option::is_none")]
    names_as_of: Option<String>,
    /// What was not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_looked_at: Vec<String>,
    /// What the API does not say.
    cannot_know: &'static [&'static str],
}

const CANNOT_KNOW: &[&str] = &["contract dates that nobody entered", "how severe a finding is"];

async fn run(desk: Desk<'_>, asked: Option<&str>) -> Result<VendorOverview, CallError> {
    let gaps = Gaps::default();
    let (what, age) = ("names of owners", IndexAge::default());
    // Of one vendor more than its owners is named, which is not known before.
    let users = async {
        match asked {
            Some(_) => ReadUsers::of(&desk, what, &gaps).await,
            None => ReadUsers::known_or_read(&desk, what, &gaps).await,
        }
    };
    // The list's filter by name would not find an id, nor what a name that is not quite right may mean.
    let (vendors, users) = try_join(desk.list::<Vendor>("list_vendors", json!({})), users).await?;
    let vendors = gaps.rows("vendors", vendors);
    let (mut all, mut one) = (None, None);
    if let Some(asked) = asked {
        let place = NamedIn { job: desk.job(), argument: "vendor", list: "list_vendors" };
        let vendor = pick(place, asked, &vendors, |vendor| {
            Candidate::new(("id", &vendor.id), [("name", vendor.name.as_str())])
        })?;
        one = Some(one::one(&desk, vendor, &users, &gaps).await?);
    } else {
        gaps.name("findings, assessments and documents: name a vendor");
        let owners = vendors.iter().filter(|vendor| !vendor.is_archived());
        let owners: Vec<&str> =
            owners.filter_map(|vendor| vendor.security_owner_user_id.as_deref()).collect();
        let users = users.covering(&desk, &owners, (what, &gaps), &age).await?;
        all = Some(all::all(vendors, &users, desk.today()));
    }
    Ok(VendorOverview {
        all,
        one,
        names_as_of: age.told(),
        not_looked_at: gaps.told(),
        cannot_know: CANNOT_KNOW,
    })
}
