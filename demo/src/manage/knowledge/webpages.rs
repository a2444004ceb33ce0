//! Web pages of the knowledge base. They are for everyone or for nobody, and keep their address.

use serde_json::Value;

use super::resources::URL;
use super::writing::{PRIVATE, PUBLIC, blank};
use crate::ask::Ask;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::customer_trust::parts::check_url;
use crate::manage::{Manage, Outcome};
use crate::record::{fresh_id, set, take_over};

const VISIBILITIES: &[&str] = &[PRIVATE, PUBLIC];
const LISTED: &[&str] = &[PUBLIC];
const NEW: &[Field] = &[
    must("title", Shape::Text),
    must("url", Shape::Text),
    may("description", Shape::Text),
    may("ownerAssignment", Shape::Object),
    may("customerVisibility", Shape::OneOf(VISIBILITIES)),
    may("includeSubPages", Shape::Flag),
    may("isUsedInQuestionnaires", Shape::Flag),
    may("expirationDate", Shape::Date),
    may("tags", Shape::List),
    may("categoryId", Shape::Text).or_null(),
];
const CHANGED: &[Field] = &[
    may("title", Shape::Text),
    may("description", Shape::Text).or_null(),
    may("ownerAssignment", Shape::Object).or_null(),
    may("customerVisibility", Shape::OneOf(VISIBILITIES)),
    may("includeSubPages", Shape::Flag),
    may("isUsedInQuestionnaires", Shape::Flag),
    may("expirationDate", Shape::Date).or_null(),
    may("tags", Shape::List),
    may("categoryId", Shape::Text).or_null(),
];

impl Manage {
    pub(super) fn create_webpage(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, NEW)?;
        check_url(&ask.body, "url")?;
        let id = fresh_id(&mut self.rng);
        let mut page: Value = blank(&id, URL);
        set(&mut page, "includeSubPages", false);
        take_over(&mut page, &ask.body, &["url", "includeSubPages"]);
        self.fill_resource(&mut page, &ask.body, LISTED, ask)?;
        self.knowledge.resources.add(page);
        self.resource(&id, ask)
    }

    pub(super) fn change_webpage(&mut self, id: &str, ask: &Ask) -> Outcome {
        let mut page = self.resource_of(URL, id)?.clone();
        fields::check(&ask.body, CHANGED)?;
        take_over(&mut page, &ask.body, &["includeSubPages"]);
        self.fill_resource(&mut page, &ask.body, LISTED, ask)?;
        *self.knowledge.resources.find_mut(id)? = page;
        self.resource(id, ask)
    }
}
