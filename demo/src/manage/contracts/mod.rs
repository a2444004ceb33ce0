//! Signed agreements with customers, and `/v1/contracts`.

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::customer_trust::parts::moment;
use super::{Manage, Outcome};
use crate::ask::{Ask, File, Reply};
use crate::clock::{iso, iso_days};
use crate::fields::{self, Field, Shape, may, must};
use crate::pages::page_of;
use crate::record::{fresh_id, text};
use crate::shelf::Shelf;

const LONGEST_EXTERNAL_ID: usize = 256;
const NEW: &[Field] = &[
    must("file", Shape::Object),
    may("executedDate", Shape::Date),
    may("accountId", Shape::Text),
    may("externalId", Shape::Text),
];

/// What was agreed, with which account by its place in their list, and days since it was signed.
const CONTRACTS: &[(&str, Option<usize>, Option<i64>)] = &[
    ("Harrowgate master services agreement", Some(0), Some(610)),
    ("Harrowgate business associate agreement", Some(0), Some(608)),
    ("Brightwater master services agreement", Some(1), Some(402)),
    ("Brightwater data processing addendum", Some(1), Some(95)),
    ("Calder Valley business associate agreement", Some(2), Some(233)),
    ("Larkspur order form", Some(3), None),
    ("Redmarsh master services agreement", Some(4), Some(151)),
    ("Northfold service level agreement", Some(6), Some(48)),
    ("Meridale business associate agreement", Some(7), Some(980)),
    ("Template for business associate agreements", None, None),
    ("Tidewater pilot agreement", Some(9), Some(12)),
];

pub(super) fn shelf(now: Timestamp, accounts: &Shelf, rng: &mut Rng) -> Shelf {
    let contracts = CONTRACTS.iter().enumerate().map(|(index, (title, account, signed))| {
        let account = account.and_then(|place| accounts.all().get(place));
        let stored = signed.map_or(rng.i64(2..30), |days| days - rng.i64(0..9));
        json!({
            "id": fresh_id(rng),
            "externalId": (index % 4 != 3).then(|| format!("clm-{}", 20_410 + index * 7)),
            "name": format!("{title}.pdf"),
            "customerTrustAccountId": account.map(|account| text(account, "id")),
            "executedDate": signed.map(|days| iso_days(now, -days)),
            "creationDate": iso_days(now, -stored),
        })
    });
    Shelf::new("Contract", contracts.collect())
}

impl Manage {
    pub(super) fn contracts_route(&mut self, method: &str, rest: &[&str], ask: &Ask) -> Option<Outcome> {
        let outcome = match (method, rest) {
            ("GET", []) => Ok(page_of(ask, self.contracts.all().iter().collect(), Value::clone)),
            ("POST", []) => self.upload_contract(ask),
            ("GET", [id]) => self.contracts.find(id).cloned().map(Reply::ok),
            ("DELETE", [id]) => self.contracts.remove(id).map(|_| {
                self.drawer.discard(id);
                Reply::Empty(204)
            }),
            _ => return None,
        };
        Some(outcome)
    }

    fn upload_contract(&mut self, ask: &Ask) -> Outcome {
        fields::check(&ask.body, NEW)?;
        let file = ask.file("file")?;
        if !is_pdf(file) {
            return Err(Reply::error(422, "file must be a PDF"));
        }
        let external = ask.body.get("externalId").and_then(Value::as_str);
        self.check_external_id(external)?;
        let account = ask.body.get("accountId").and_then(Value::as_str);
        if let Some(account) = account {
            self.customer_trust.accounts.find(account)?;
        }
        let contract = json!({
            "id": fresh_id(&mut self.rng),
            "externalId": external,
            "name": file.name,
            "customerTrustAccountId": account,
            "executedDate": moment(&ask.body, "executedDate"),
            "creationDate": iso(ask.now),
        });
        self.drawer.keep(text(&contract, "id"), file);
        self.contracts.add(contract.clone());
        Ok(Reply::ok(contract))
    }

    /// 422 for one that is too long, 409 for one that another contract has.
    fn check_external_id(&self, external: Option<&str>) -> Result<(), Reply> {
        let Some(external) = external else { return Ok(()) };
        if external.chars().count() > LONGEST_EXTERNAL_ID {
            let message = format!("externalId may have at most {LONGEST_EXTERNAL_ID} characters");
            return Err(Reply::error(422, message));
        }
        let mut others = self.contracts.all().iter();
        if others.any(|contract| contract.get("externalId").and_then(Value::as_str) == Some(external)) {
            return Err(Reply::error(409, format!("There is already a contract with externalId {external}")));
        }
        Ok(())
    }
}

/// By its type; by its name where the sender does not say a type.
fn is_pdf(file: &File) -> bool {
    let named = || file.name.to_lowercase().ends_with(".pdf");
    file.mime == "application/pdf" || (file.mime == "application/octet-stream" && named())
}
