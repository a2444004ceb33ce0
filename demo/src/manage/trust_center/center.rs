//! The Trust Center itself: its face, its videos, and which kinds of data it says are collected.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Call, done, is_email, is_image, results, web_address};
use crate::ask::Reply;
use crate::clock::iso_days;
use crate::company::{DOMAIN, NAME};
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::Outcome;
use crate::record::{fresh_id, set, take_over, text};

/// Which controls visitors see, and whether with their status.
pub(super) const CONTROL_MODES: &[&str] =
    &["SHOW_OK_ONLY", "SHOW_OK_AND_UNMAPPED", "SHOW_ALL_WITHOUT_STATUS", "SHOW_ALL_WITH_STATUS"];

const CHANGES: &[Field] = &[
    may("title", Shape::Text).or_null(),
    may("companyDescription", Shape::Text).or_null(),
    may("bannerSetting", Shape::Object),
    may("customTheme", Shape::Object),
    may("privacyPolicy", Shape::Text).or_null(),
    may("awsMarketplaceListing", Shape::Text).or_null(),
    may("isPublic", Shape::Flag),
    may("contactEmail", Shape::Text).or_null(),
    may("customHeading", Shape::Text).or_null(),
    may("controlVisibilityMode", Shape::OneOf(CONTROL_MODES)),
];
/// Those of them that are kept as they come.
const AS_THEY_COME: &[&str] = &[
    "title",
    "companyDescription",
    "privacyPolicy",
    "awsMarketplaceListing",
    "isPublic",
    "contactEmail",
    "customHeading",
    "controlVisibilityMode",
];
const BANNER: &[Field] = &[
    must("setting", Shape::OneOf(&["GRADIENT", "MINIMAL"])),
    may("startColor", Shape::Text),
    may("endColor", Shape::Text),
];
const THEME: &[Field] = &[may("primary", Shape::Text).or_null(), may("secondary", Shape::Text).or_null()];
const DATUM: &[Field] = &[
    must("dataCollected", Shape::Text),
    must("status", Shape::OneOf(&["COLLECTED", "HIDDEN", "NOT_COLLECTED"])),
];
const VIDEO: &[Field] =
    &[must("url", Shape::Text), must("title", Shape::Text), may("description", Shape::Text)];
/// Sites that a video can be shown from.
const STAGES: &[&str] =
    &["youtube.com", "www.youtube.com", "youtu.be", "vimeo.com", "www.vimeo.com", "player.vimeo.com"];

const DATA_COLLECTED: &[(&str, &str)] = &[
    ("Name and contact details", "COLLECTED"),
    ("Appointments and visit notes", "COLLECTED"),
    ("Health records", "COLLECTED"),
    ("Insurance details", "COLLECTED"),
    ("Device and usage data", "COLLECTED"),
    ("Payment card numbers", "NOT_COLLECTED"),
    ("Biometric identifiers", "NOT_COLLECTED"),
    ("Precise location", "HIDDEN"),
];
const VIDEOS: &[(&str, &str, &str)] = &[
    (
        "https://www.youtube.com/watch?v=qh-security-tour",
        "How patient data is protected",
        "Ten minutes with the head of security.",
    ),
    ("https://vimeo.com/700412233", "A video visit from end to end", "What is encrypted, and where."),
];

pub(super) struct Center {
    record: Value,
    data_collected: Vec<Value>,
    videos: Vec<Value>,
}

impl Center {
    pub(super) fn new(now: Timestamp, rng: &mut Rng) -> Self {
        let data = DATA_COLLECTED.iter();
        let videos = VIDEOS.iter();
        Self {
            record: seeded(now, rng),
            data_collected: data
                .map(|(kind, status)| json!({ "dataCollected": kind, "status": status }))
                .collect(),
            videos: videos
                .map(|(url, title, about)| json!({ "url": url, "title": title, "description": about }))
                .collect(),
        }
    }

    pub(super) fn video_titles(&self) -> impl Iterator<Item = &str> {
        self.videos.iter().map(|video| text(video, "title"))
    }

    pub(super) fn route(&mut self, path: &[&str], call: &mut Call<'_>) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", []) => Ok(Reply::ok(self.record.clone())),
            ("PATCH", []) => self.change(call),
            ("POST", ["favicon"]) => self.upload_favicon(call),
            ("PUT", ["videos"]) => self.replace_videos(call),
            ("GET", ["data-collected"]) => Ok(results(self.data_collected.iter().cloned())),
            ("PUT", ["data-collected"]) => self.replace_data_collected(call),
            _ => return None,
        };
        Some(outcome)
    }

    fn change(&mut self, call: &Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, CHANGES)?;
        let (banner, theme) = (body.get("bannerSetting"), body.get("customTheme"));
        banner.map_or(Ok(()), |banner| fields::check(banner, BANNER))?;
        theme.map_or(Ok(()), |theme| fields::check(theme, THEME))?;
        web_address(body, "privacyPolicy")?;
        web_address(body, "awsMarketplaceListing")?;
        body.get("contactEmail")
            .and_then(Value::as_str)
            .map_or(Ok(()), |address| is_email("contactEmail", address))?;
        take_over(&mut self.record, body, AS_THEY_COME);
        if let (Some(banner), Some(present)) = (banner, self.record.get_mut("bannerSetting")) {
            paint(present, banner);
        }
        if let (Some(theme), Some(present)) = (theme, self.record.get_mut("customTheme")) {
            take_over(present, theme, &["primary", "secondary"]);
        }
        self.touch(call);
        Ok(Reply::ok(self.record.clone()))
    }

    /// Only a site under a domain of its own has an icon of its own.
    fn upload_favicon(&mut self, call: &mut Call<'_>) -> Outcome {
        let file = call.ask.file("favicon")?;
        is_image("favicon", &file.mime)?;
        if text(&self.record, "customDomain").is_empty() {
            return Err(Reply::error(422, "A favicon needs a Trust Center with a custom domain"));
        }
        call.drawer.keep(text(&self.record, "id"), file);
        self.touch(call);
        Ok(done())
    }

    fn replace_videos(&mut self, call: &Call<'_>) -> Outcome {
        let videos = entries(call.body(), "videos", VIDEO)?;
        for video in videos {
            let url = web_address(video, "url")?;
            let staged =
                url.as_ref().and_then(|url| url.host_str()).is_some_and(|host| STAGES.contains(&host));
            if !staged {
                return Err(Reply::error(422, "url must be an address at YouTube or Vimeo"));
            }
        }
        let kept = videos.iter().map(|video| kept(video, &["url", "title", "description"]));
        self.videos = kept.collect();
        self.touch(call);
        Ok(results(self.videos.iter().cloned()))
    }

    fn replace_data_collected(&mut self, call: &Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, &[may("dataCollectedHeading", Shape::Text).or_null()])?;
        let data = entries(body, "dataCollected", DATUM)?;
        self.data_collected = data.iter().map(|datum| kept(datum, &["dataCollected", "status"])).collect();
        take_over(&mut self.record, body, &["dataCollectedHeading"]);
        self.touch(call);
        Ok(results(self.data_collected.iter().cloned()))
    }

    fn touch(&mut self, call: &Call<'_>) {
        set(&mut self.record, "updatedDate", call.now());
    }
}

fn seeded(now: Timestamp, rng: &mut Rng) -> Value {
    json!({
        "id": fresh_id(rng),
        "title": format!("Trust at {NAME}"),
        "companyDescription":
            format!("{NAME} provides video visits for clinics, with visit notes and prescriptions in one place."),
        "privacyPolicy": format!("https://www.{DOMAIN}/privacy"),
        "customDomain": format!("trust.{DOMAIN}"),
        "isPublic": true,
        "bannerSetting": { "setting": "GRADIENT", "startColor": "#0B3C49", "endColor": "#3FA796" },
        "customTheme": { "primary": "#0B3C49", "secondary": null },
        "creationDate": iso_days(now, -612),
        "updatedDate": iso_days(now, -9),
        "awsMarketplaceListing": null,
        "contactEmail": format!("trust@{DOMAIN}"),
        "customHeading": null,
        "controlVisibilityMode": "SHOW_OK_ONLY",
        "dataCollectedHeading": "Patient data we store",
    })
}

/// Only a gradient has colours; one that names none keeps those it had.
fn paint(present: &mut Value, banner: &Value) {
    take_over(present, banner, &["setting", "startColor", "endColor"]);
    if text(present, "setting") != "GRADIENT" {
        set(present, "startColor", Value::Null);
        set(present, "endColor", Value::Null);
    }
}

/// The entries of a list that the body must have, each checked.
fn entries<'a>(body: &'a Value, key: &'static str, entry: &[Field]) -> Result<&'a [Value], Reply> {
    fields::check(body, &[must(key, Shape::List)])?;
    let list = body.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().try_for_each(|value| fields::check(value, entry))?;
    Ok(list)
}

/// These properties of an entry, `null` where it has not got them.
fn kept(entry: &Value, keys: &[&str]) -> Value {
    let mut record = json!({});
    for key in keys {
        set(&mut record, key, entry.get(*key).cloned().unwrap_or_default());
    }
    record
}

#[cfg(test)]
mod checks {
    use super::*;
    use crate::ask::{Ask, File};
    use crate::files::Drawer;
    use crate::shelf::Shelf;

    #[test]
    fn a_favicon_needs_a_domain_of_ones_own() {
        let (mut rng, mut drawer) = (Rng::with_seed(1), Drawer::default());
        let company = Shelf::new("Control", Vec::new());
        let mut center = Center::new(Timestamp::UNIX_EPOCH, &mut rng);
        let icon = File {
            part: "favicon".into(),
            name: "a.ico".into(),
            mime: "image/x-icon".into(),
            content: "icon".into(),
        };
        let ask = Ask {
            method: "POST".into(),
            path: Vec::new(),
            query: Vec::new(),
            body: Value::Null,
            files: vec![icon],
            now: Timestamp::UNIX_EPOCH,
        };
        let mut status = |center: &mut Center| {
            let mut call = Call {
                method: "POST",
                ask: &ask,
                company: &company,
                accounts: &[],
                drawer: &mut drawer,
                rng: &mut rng,
            };
            center.route(&["favicon"], &mut call).unwrap().unwrap_or_else(|refusal| refusal).parts().0
        };
        assert_eq!(status(&mut center), 200);
        set(&mut center.record, "customDomain", Value::Null);
        assert_eq!(status(&mut center), 422);
    }
}
