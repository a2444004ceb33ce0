//! `controls` and `control-categories`: which of the company's controls are public, and under which headings.
//!
//! What a control is called and says is read from the company's own record each time, so that a change there
//! is a change here, and a control that the company gives up is public no more.

mod headings;
mod seeded;

use fastrand::Rng;
use serde_json::{Value, json};

use super::call::{Call, ids, known_ids, results};
use crate::ask::Reply;
use crate::fields::{self, Shape, must};
use crate::manage::Outcome;
use crate::pages::page_of;
use crate::record::{set, text};
use crate::shelf::Shelf;

/// Kept with a category, not shown: the ids of its controls in their order.
const MEMBERS: &str = "controlIds";
/// At most so many controls can be tagged at once.
const MOST_TAGGED: usize = 100;

/// A tag of a category on a control.
#[derive(PartialEq, Eq)]
struct Tag {
    control: String,
    category: String,
    id: String,
}

pub(super) struct PublicControls {
    categories: Shelf,
    /// The ids of the public controls in the order in which they became so.
    public: Vec<String>,
    tags: Vec<Tag>,
}

impl PublicControls {
    pub(super) fn new(company: &Shelf, rng: &mut Rng) -> Self {
        let categories = seeded::categories(company, rng);
        let mut public = Vec::new();
        for id in categories.iter().flat_map(members) {
            if !public.contains(&id) {
                public.push(id);
            }
        }
        Self { categories: Shelf::new(headings::WHAT, categories), public, tags: Vec::new() }
    }

    pub(super) fn route(&mut self, path: &[&str], call: &mut Call<'_>) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            (_, ["control-categories", below @ ..]) => return self.headings_route(below, call),
            ("GET", [_]) => Ok(page_of(call.ask, self.listed(call.company), |control| self.shown(control))),
            ("POST", [_]) => self.publish(call),
            ("POST", [_, "tags"]) => self.tag(call, true),
            ("DELETE", [_, "tags"]) => self.tag(call, false),
            ("GET", [_, id]) => self.find(id, call.company).map(|control| Reply::ok(self.shown(control))),
            ("DELETE", [_, id]) => self.withdraw(id, call.company),
            _ => return None,
        };
        Some(outcome)
    }

    /// Heading by heading, each in its order, then the controls that stand under none.
    fn listed<'a>(&self, company: &'a Shelf) -> Vec<&'a Value> {
        let mut order: Vec<String> = Vec::new();
        for id in self.categories.all().iter().flat_map(members).chain(self.public.iter().cloned()) {
            if !order.contains(&id) {
                order.push(id);
            }
        }
        order.iter().filter_map(|id| company.get(id)).collect()
    }

    /// The company's control, given that it is public.
    fn find<'a>(&self, id: &str, company: &'a Shelf) -> Result<&'a Value, Reply> {
        let public = self.public.iter().any(|other| other == id);
        company.get(id).filter(|_| public).ok_or_else(|| Reply::not_found("Trust Center control", id))
    }

    fn shown(&self, control: &Value) -> Value {
        let id = text(control, "id");
        let mine = self.categories.all().iter().filter(|category| members(category).any(|other| other == id));
        let names = mine.map(|category| json!({ "id": category.get("id"), "name": category.get("name") }));
        json!({
            "id": id,
            "name": control.get("name"),
            "description": control.get("description"),
            "categories": names.collect::<Vec<_>>(),
            "tagsByCategory": self.tags_of(id),
        })
    }

    fn tags_of(&self, control: &str) -> Vec<Value> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for tag in self.tags.iter().filter(|tag| tag.control == control) {
            match groups.iter_mut().find(|(category, _)| *category == tag.category) {
                Some((_, tags)) => tags.push(&tag.id),
                None => groups.push((&tag.category, vec![&tag.id])),
            }
        }
        groups.into_iter().map(|(category, tags)| json!({ "categoryId": category, "tagIds": tags })).collect()
    }

    fn publish(&mut self, call: &Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, &[must("controlId", Shape::Text), must("categoryIds", Shape::List)])?;
        let id = text(body, "controlId");
        let control = call.company.find(id)?;
        let categories = known_ids(body, "categoryIds", &self.categories)?;
        if categories.is_empty() {
            return Err(Reply::error(422, "categoryIds cannot be empty"));
        }
        if self.find(id, call.company).is_ok() {
            return Err(Reply::error(409, format!("The control {id} is on the Trust Center already")));
        }
        for category in categories {
            self.put_under(category, id)?;
        }
        Ok(Reply::ok(self.shown(control)))
    }

    /// Makes a control public under a heading, at its end.
    fn put_under(&mut self, category: &str, control: &str) -> Result<(), Reply> {
        let heading = self.categories.find_mut(category)?;
        let mut standing: Vec<String> = members(heading).collect();
        if !standing.iter().any(|other| other == control) {
            standing.push(control.to_owned());
            set(heading, MEMBERS, standing);
        }
        if !self.public.iter().any(|other| other == control) {
            self.public.push(control.to_owned());
        }
        Ok(())
    }

    fn take_from(&mut self, category: &str, control: &str) -> Result<(), Reply> {
        let heading = self.categories.find_mut(category)?;
        let left: Vec<String> = members(heading).filter(|other| other != control).collect();
        set(heading, MEMBERS, left);
        Ok(())
    }

    fn withdraw(&mut self, id: &str, company: &Shelf) -> Outcome {
        self.find(id, company)?;
        let headings: Vec<String> =
            self.categories.all().iter().map(|category| text(category, "id").to_owned()).collect();
        for heading in headings {
            self.take_from(&heading, id)?;
        }
        self.forget(id);
        Ok(Reply::Empty(204))
    }

    /// Is public no more, and has lost its tags.
    fn forget(&mut self, id: &str) {
        self.public.retain(|other| other != id);
        self.tags.retain(|tag| tag.control != id);
    }

    /// Gives the tags to all of the controls, or takes them away.
    fn tag(&mut self, call: &Call<'_>, give: bool) -> Outcome {
        let body = call.body();
        let wanted =
            [must("controlIds", Shape::List), must("tagCategory", Shape::Text), must("tags", Shape::List)];
        fields::check(body, &wanted)?;
        let controls = ids(body, "controlIds")?;
        if controls.len() > MOST_TAGGED {
            return Err(Reply::error(422, format!("controlIds may have at most {MOST_TAGGED} entries")));
        }
        let found: Vec<&Value> =
            controls.iter().map(|id| self.find(id, call.company)).collect::<Result<_, _>>()?;
        let tags = ids(body, "tags")?;
        for (control, id) in controls.iter().flat_map(|control| tags.iter().map(move |id| (control, id))) {
            let category = text(body, "tagCategory");
            let tag =
                Tag { control: (*control).to_owned(), category: category.to_owned(), id: (*id).to_owned() };
            self.tags.retain(|other| *other != tag);
            if give {
                self.tags.push(tag);
            }
        }
        Ok(results(found.into_iter().map(|control| self.shown(control))))
    }
}

/// The ids of a category's controls.
fn members(category: &Value) -> impl Iterator<Item = String> {
    let ids = category.get(MEMBERS).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    ids.iter().filter_map(Value::as_str).map(str::to_owned)
}
