//! `activity`: who has looked at what.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::access::Access;
use super::call::Call;
use super::center::Center;
use super::resources::Resources;
use crate::ask::Ask;
use crate::clock::{self, iso};
use crate::manage::Outcome;
use crate::pages::page_of;
use crate::query::{choices, date};
use crate::record::{fresh_id, pick, text};

const TYPES: &[&str] = &["PAGE_VIEW", "RESOURCE_DOWNLOAD", "RESOURCE_VIEW", "VIDEO_PLAY"];
const PAGES: &[&str] =
    &["OVERVIEW", "COMPLIANCE", "CONTROLS", "FAQ", "MEDIA", "RESOURCES", "SUBPROCESSORS", "UPDATES"];
const CITIES: &[(&str, &str)] =
    &[("Portland", "US"), ("Chicago", "US"), ("Atlanta", "US"), ("Toronto", "CA"), ("Galway", "IE")];
const EVENTS: usize = 72;

/// The events, the latest first.
pub(super) struct Activity(Vec<Value>);

impl Activity {
    pub(super) fn new(
        now: Timestamp,
        access: &Access,
        resources: &Resources,
        center: &Center,
        rng: &mut Rng,
    ) -> Self {
        let videos: Vec<&str> = center.video_titles().collect();
        let mut minutes = 0;
        let events = (0..EVENTS).map(|_| {
            minutes += rng.i64(20..1100);
            let at = iso(now.checked_sub(SignedDuration::from_mins(minutes)).unwrap_or(now));
            let known: Vec<&Value> =
                access.present().filter(|viewer| text(viewer, "creationDate") < at.as_str()).collect();
            let viewer = if rng.u8(..) < 190 { rng.choice(known) } else { None };
            event(&at, viewer, resources, &videos, rng)
        });
        Self(events.collect())
    }

    pub(super) fn route(&self, path: &[&str], call: &Call<'_>) -> Option<Outcome> {
        (call.method == "GET" && path.len() == 1).then(|| self.list(call.ask))
    }

    fn list(&self, ask: &Ask) -> Outcome {
        let types = choices(ask, "eventTypesMatchesAny", TYPES)?;
        let (after, before) = (date(ask, "afterDate")?, date(ask, "beforeDate")?);
        let wanted = |event: &&Value| {
            let Some(at) = clock::parse(text(event, "date")) else { return false };
            (types.is_empty() || types.contains(&text(event, "eventType")))
                && after.is_none_or(|after| at >= after)
                && before.is_none_or(|before| at < before)
        };
        Ok(page_of(ask, self.0.iter().filter(wanted).collect(), Value::clone))
    }
}

/// Someone unknown sees pages, videos and public resources; a viewer also what is open to them.
fn event(at: &str, viewer: Option<&Value>, resources: &Resources, videos: &[&str], rng: &mut Rng) -> Value {
    let open: Vec<&Value> =
        resources.shelf.all().iter().filter(|resource| may_see(viewer, resource, at)).collect();
    let kind = pick(
        &["PAGE_VIEW", "PAGE_VIEW", "PAGE_VIEW", "RESOURCE_VIEW", "RESOURCE_DOWNLOAD", "VIDEO_PLAY"],
        rng,
    );
    let (kind, details) = match (kind, rng.choice(open)) {
        ("VIDEO_PLAY", _) => (kind, json!({ "videoTitle": pick(videos, rng) })),
        ("RESOURCE_VIEW" | "RESOURCE_DOWNLOAD", Some(resource)) => {
            (kind, json!({ "resourceName": resource.get("title"), "resourceId": resource.get("id") }))
        }
        _ => ("PAGE_VIEW", json!({ "page": pick(PAGES, rng) })),
    };
    let (city, country) = pick(CITIES, rng);
    let located = rng.u8(..) < 230;
    json!({
        "id": fresh_id(rng),
        "date": at,
        "eventType": kind,
        "details": details,
        "viewerId": viewer.and_then(|viewer| viewer.get("id")),
        "viewerEmail": viewer.and_then(|viewer| viewer.get("email")),
        "city": located.then_some(city),
        "countryCode": located.then_some(country),
    })
}

/// Private resources wait until the confidentiality agreement is signed, and close when access expires.
fn may_see(viewer: Option<&Value>, resource: &Value, at: &str) -> bool {
    if text(resource, "creationDate") > at {
        return false;
    }
    if resource.get("isPublic") == Some(&json!(true)) {
        return true;
    }
    let Some(viewer) = viewer else { return false };
    let unsigned = viewer.pointer("/ndaInfo/satisfiedDate").is_some_and(Value::is_null);
    let expired = viewer.get("expirationDate").and_then(Value::as_str).is_some_and(|end| end < at);
    let granted = viewer.get("resourceIds").and_then(Value::as_array);
    let named = granted.is_none_or(|granted| granted.iter().any(|id| Some(id) == resource.get("id")));
    named && !unsigned && !expired
}
