//! The simulated Build Integrations API: what the company's own integration has sent about a system that Vanta
//! does not know, a portal for clinics and the devices and scanners around it.
//!
//! Each kind of resource starts with one resource id, `demo-` and the end of its path with hyphens, such as
//! `demo-user-account`; any other id comes to be with the first PUT that names it.

mod kinds;
mod schema;
mod seeded;
#[cfg(test)]
mod tests;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Company;
use super::ask::{Ask, Reply};
use super::fields::{self, Shape, must};
use super::record::text;
use kinds::{COMMON, KINDS, Kind};

/// The resources that were last sent under one resource id.
struct Stock {
    kind: &'static str,
    resource_id: String,
    resources: Vec<Value>,
}

pub(super) struct Connectors(Vec<Stock>);

impl Connectors {
    pub(super) fn new(seed: u64, now: Timestamp, company: &Company) -> Self {
        let mut rng = Rng::with_seed(seed.wrapping_mul(31).wrapping_add(48));
        let mut seeds = seeded::Seeds { now, company, rng: &mut rng };
        let stocks = KINDS.iter().map(|kind| Stock {
            kind: kind.path,
            resource_id: format!("demo-{}", kind.path.replace('_', "-")),
            resources: seeds.of(kind.path),
        });
        Self(stocks.collect())
    }

    /// `None` where this API has no such path and method.
    pub(super) fn answer(&mut self, ask: &Ask) -> Option<Reply> {
        let (method, path) = ask.route();
        let ["v1", "resources", path] = path.as_slice() else { return None };
        let kind = KINDS.iter().find(|kind| kind.path == *path)?;
        let answer = match method {
            "GET" => self.list(kind, ask),
            "PUT" => self.replace(kind, ask),
            _ => return None,
        };
        Some(answer.unwrap_or_else(|refusal| refusal))
    }

    fn list(&self, kind: &Kind, ask: &Ask) -> Result<Reply, Reply> {
        let id = ask.one("resourceId").filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| Reply::error(400, "resourceId is required"))?;
        let stock = self.0.iter().find(|stock| stock.kind == kind.path && stock.resource_id == id);
        let stock = stock.ok_or_else(|| Reply::not_found("Resource of this kind", id))?;
        Ok(Reply::ok(json!({ "resources": stock.resources })))
    }

    /// Takes the resources of the body for all that there are.
    fn replace(&mut self, kind: &'static Kind, ask: &Ask) -> Result<Reply, Reply> {
        fields::check(&ask.body, &[must("resourceId", Shape::Text), must("resources", Shape::List)])?;
        let refused = |message: String| Reply::error(422, message);
        let id = text(&ask.body, "resourceId");
        if id.is_empty() {
            return Err(refused("resourceId must not be empty".to_owned()));
        }
        let resources = ask.body.get("resources").and_then(Value::as_array).cloned().unwrap_or_default();
        for (index, resource) in resources.iter().enumerate() {
            let place = format!("resources[{index}]");
            schema::check_object(resource, COMMON, &place).map_err(refused)?;
            schema::check_object(resource, kind.properties, &place).map_err(refused)?;
            let unique = text(resource, "uniqueId");
            if resources.iter().take(index).any(|other| text(other, "uniqueId") == unique) {
                return Err(refused(format!("{place}.uniqueId {unique} is that of another resource too")));
            }
        }
        match self.0.iter_mut().find(|stock| stock.resource_id == id) {
            Some(stock) if stock.kind != kind.path => {
                return Err(refused(format!("resourceId {id} is one of {}", stock.kind)));
            }
            Some(stock) => stock.resources = resources,
            None => self.0.push(Stock { kind: kind.path, resource_id: id.to_owned(), resources }),
        }
        Ok(Reply::ok(json!({ "success": true })))
    }
}
