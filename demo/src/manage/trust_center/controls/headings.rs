//! `control-categories`: the headings, their order, and the order of what stands under each.

use serde_json::{Value, json};

use super::{MEMBERS, PublicControls, members};
use crate::ask::Reply;
use crate::fields::{self, Field, Shape, may, must};
use crate::manage::Outcome;
use crate::manage::trust_center::call::{Call, arranged, complete, ids, known_ids, results};
use crate::manage::trust_center::center::CONTROL_MODES;
use crate::record::{set, take_over, text, without};
use crate::shelf::Shelf;

pub(super) const WHAT: &str = "Control category";
const CHANGES: &[Field] = &[
    may("name", Shape::Text),
    may("visibility", Shape::OneOf(&["PUBLIC", "SHAREABLE"])),
    may("statusVisibilityOverride", Shape::OneOf(CONTROL_MODES)).or_null(),
];

impl PublicControls {
    /// `path` is what follows `control-categories`.
    pub(super) fn headings_route(&mut self, path: &[&str], call: &mut Call<'_>) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", []) => Ok(self.headings()),
            ("POST", []) => self.create_heading(call),
            ("PUT", ["order"]) => self.order_headings(call.body()),
            ("GET", [id]) => self.categories.find(id).map(|category| Reply::ok(shown(category))),
            ("PATCH", [id]) => self.change_heading(id, call.body()),
            ("DELETE", [id]) => self.delete_heading(id),
            ("PATCH", [id, "controls"]) => self.change_members(id, call),
            ("PUT", [id, "controls", "order"]) => self.order_members(id, call),
            _ => return None,
        };
        Some(outcome)
    }

    fn headings(&self) -> Reply {
        results(self.categories.all().iter().map(shown))
    }

    fn create_heading(&mut self, call: &mut Call<'_>) -> Outcome {
        fields::check(call.body(), &[must("name", Shape::Text)])?;
        let category = category(&call.fresh_id(), text(call.body(), "name"), &[]);
        self.categories.add(category.clone());
        Ok(Reply::ok(shown(&category)))
    }

    fn change_heading(&mut self, id: &str, body: &Value) -> Outcome {
        fields::check(body, CHANGES)?;
        let category = self.categories.find_mut(id)?;
        take_over(category, body, &["name", "visibility", "statusVisibilityOverride"]);
        Ok(Reply::ok(shown(category)))
    }

    /// A heading takes the controls with it that stand under no other.
    fn delete_heading(&mut self, id: &str) -> Outcome {
        let gone = self.categories.remove(id)?;
        for control in members(&gone) {
            let elsewhere =
                self.categories.all().iter().any(|category| members(category).any(|id| id == control));
            if !elsewhere {
                self.forget(&control);
            }
        }
        Ok(Reply::Empty(204))
    }

    fn order_headings(&mut self, body: &Value) -> Outcome {
        fields::check(body, &[must("orderedCategoryIds", Shape::List)])?;
        self.categories = Shelf::new(WHAT, arranged(&self.categories, body, "orderedCategoryIds")?);
        Ok(self.headings())
    }

    /// A control that is taken from its last heading stays public, under none.
    fn change_members(&mut self, id: &str, call: &Call<'_>) -> Outcome {
        let body = call.body();
        fields::check(body, &[must("controlsToAdd", Shape::List), must("controlsToRemove", Shape::List)])?;
        let present: Vec<String> = members(self.categories.find(id)?).collect();
        let added = known_ids(body, "controlsToAdd", call.company)?;
        let removed = ids(body, "controlsToRemove")?;
        if let Some(stranger) = removed.iter().find(|id| !present.iter().any(|other| other == *id)) {
            return Err(Reply::error(422, format!("The control {stranger} is not in this category")));
        }
        for control in added {
            self.put_under(id, control)?;
        }
        for control in removed {
            self.take_from(id, control)?;
        }
        self.categories.find(id).map(|category| Reply::ok(shown(category)))
    }

    fn order_members(&mut self, id: &str, call: &Call<'_>) -> Outcome {
        const ORDER: &str = "orderedControlIds";
        fields::check(call.body(), &[must(ORDER, Shape::List)])?;
        let category = self.categories.find_mut(id)?;
        let present: Vec<String> = members(category).filter(|id| call.company.get(id).is_some()).collect();
        let order = ids(call.body(), ORDER)?;
        complete(ORDER, &order, &present.iter().map(String::as_str).collect::<Vec<_>>())?;
        set(category, MEMBERS, order);
        Ok(Reply::ok(shown(category)))
    }
}

/// A new category that visitors see as the Trust Center has it by default.
pub(super) fn category(id: &str, name: &str, controls: &[String]) -> Value {
    json!({
        "id": id,
        "name": name,
        "visibility": "PUBLIC",
        "statusVisibilityOverride": null,
        MEMBERS: controls,
    })
}

fn shown(category: &Value) -> Value {
    without(category, &[MEMBERS])
}
