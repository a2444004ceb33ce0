//! The Trust Center: what the company shows of its security, whom it lets see the rest, and who has looked.
//!
//! Each area is a file with its data and its routes; `call` has what their answers share.

mod access;
mod activity;
mod call;
mod categories;
mod center;
mod chatbot;
mod controls;
mod customers;
mod faqs;
mod frameworks;
mod resources;
mod subprocessors;
mod subscribers;
mod updates;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::Value;

use super::people::People;
use super::{Manage, Outcome};
use crate::ask::{Ask, Reply};
use crate::shelf::Shelf;
use access::Access;
use activity::Activity;
use call::Call;
use center::Center;
use chatbot::Chatbot;
use controls::PublicControls;
use faqs::Faqs;
use frameworks::Frameworks;
use resources::Resources;
use subprocessors::Subprocessors;
use subscribers::Subscribers;
use updates::Updates;

/// The one Trust Center that the company has.
pub(crate) const SLUG: &str = "quillmere";

pub(super) struct TrustCenter {
    center: Center,
    frameworks: Frameworks,
    controls: PublicControls,
    faqs: Faqs,
    resources: Resources,
    subprocessors: Subprocessors,
    access: Access,
    subscribers: Subscribers,
    updates: Updates,
    activity: Activity,
    chatbot: Chatbot,
}

/// What the company has by the time its Trust Center opens.
pub(super) struct Opening<'a> {
    pub(super) now: Timestamp,
    pub(super) people: &'a People,
    pub(super) controls: &'a Shelf,
    pub(super) vendors: &'a Shelf,
    /// Of Customer Trust.
    pub(super) accounts: &'a [Value],
}

impl TrustCenter {
    pub(super) fn new(opening: &Opening<'_>, rng: &impl Fn(u64) -> Rng) -> Self {
        let now = opening.now;
        let (mut page, mut readers) = (rng(20), rng(23));
        let center = Center::new(now, &mut page);
        let frameworks = Frameworks::new(&mut page);
        let faqs = Faqs::new(&mut page);
        let subprocessors = Subprocessors::new(opening.vendors, &mut page);
        let controls = PublicControls::new(opening.controls, &mut rng(21));
        let resources = Resources::new(now, &mut rng(22));
        let access = Access::new(opening, &resources, &mut readers);
        let subscribers = Subscribers::new(now, opening.accounts, &mut readers);
        let updates = Updates::new(now, &subscribers, &mut readers);
        let activity = Activity::new(now, &access, &resources, &center, &mut rng(24));
        let chatbot = Chatbot::new(now, &access, &resources, opening.controls, &mut rng(25));
        Self {
            center,
            frameworks,
            controls,
            faqs,
            resources,
            subprocessors,
            access,
            subscribers,
            updates,
            activity,
            chatbot,
        }
    }

    /// `path` is what follows the slug.
    fn route(&mut self, path: &[&str], call: &mut Call<'_>) -> Option<Outcome> {
        match path.first().copied() {
            None | Some("data-collected" | "favicon" | "videos") => self.center.route(path, call),
            Some("access-requests" | "historical-access-requests" | "viewers") => {
                self.access.route(path, &self.resources, call)
            }
            Some("activity") => self.activity.route(path, call),
            Some("chatbot") => self.chatbot.route(path, call),
            Some("compliance-frameworks") => self.frameworks.route(path, call),
            Some("control-categories" | "controls") => self.controls.route(path, call),
            Some("faq-categories" | "faqs") => self.faqs.route(path, call),
            Some("resource-categories" | "resources") => {
                self.resources.route(path, call, |gone| self.access.forget_resource(gone))
            }
            Some("subprocessors") => self.subprocessors.route(path, call),
            Some("subscribers" | "subscriber-groups") => self.subscribers.route(path, call),
            Some("updates") => self.updates.route(path, &self.subscribers, call),
            _ => None,
        }
    }
}

impl Manage {
    pub(super) fn trust_center_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let (slug, path) = rest.split_first()?;
        if *slug != SLUG {
            return Some(Err(Reply::not_found("Trust Center", slug)));
        }
        let mut call = Call {
            method,
            ask,
            company: &self.controls.active,
            accounts: self.customer_trust.accounts.all(),
            drawer: &mut self.drawer,
            rng: &mut self.rng,
        };
        self.trust_center.route(path, &mut call)
    }
}
