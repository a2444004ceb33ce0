//! `chatbot/conversations`: what visitors asked the Trust Center, and what it said.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::access::Access;
use super::call::{Call, results};
use super::resources::Resources;
use crate::ask::{Ask, Reply};
use crate::clock::{after_days, iso};
use crate::manage::Outcome;
use crate::pages::page_of;
use crate::record::{contains, fresh_id, slug, text};
use crate::shelf::Shelf;

/// A question, its answer, and the resources or controls that the answer rests on.
type Exchange = (&'static str, &'static str, &'static [&'static str]);

/// Days ago, the viewer who asked (`None` for anyone on the public page), and what was said.
const SEEDED: &[(i64, Option<&str>, &[Exchange])] = &[
    (
        1,
        None,
        &[(
            "Is patient data encrypted?",
            "Yes. Databases, object storage and backups are encrypted, and so is all data in transit.",
            &["Data encrypted at rest", "Data encrypted in transit"],
        )],
    ),
    (
        3,
        Some("Callum Reid"),
        &[
            (
                "Can I read the SOC 2 report?",
                "Yes, once you have signed the confidentiality agreement.",
                &["SOC 2 Type II report", "Confidentiality agreement"],
            ),
            (
                "Which period does it cover?",
                "The twelve months before the latest audit; see the dates on the report's first page.",
                &["SOC 2 Type II report"],
            ),
        ],
    ),
    (
        6,
        Some("Ada Fenn"),
        &[
            (
                "How soon do you notify customers of a breach?",
                "Within the time frame stated in the contract.",
                &["Breach notification procedure established"],
            ),
            (
                "Do you have a template for your agreement?",
                "Yes.",
                &["Business associate agreement template"],
            ),
            (
                "And who are your subprocessors?",
                "They are listed on the Subprocessors page.",
                &["Subprocessor list"],
            ),
        ],
    ),
    (12, None, &[("Do you have FedRAMP?", "I found no information about FedRAMP.", &[])]),
    (
        20,
        Some("Signe Holt"),
        &[(
            "When was the last restore test of your backups?",
            "Backup restoration is tested annually. Request the record if you need the date.",
            &["Backup restoration tested"],
        )],
    ),
    (
        34,
        None,
        &[
            (
                "Where is data stored?",
                "In the United States, in more than one availability zone.",
                &["Production spread over zones"],
            ),
            ("Can it stay in Europe?", "Not today.", &[]),
        ],
    ),
];

/// Conversations, the latest first; each keeps its messages.
pub(super) struct Chatbot(Shelf);

const MESSAGES: &str = "messages";

impl Chatbot {
    pub(super) fn new(
        now: Timestamp,
        access: &Access,
        resources: &Resources,
        company: &Shelf,
        rng: &mut Rng,
    ) -> Self {
        let cite = |title: &&str| cited(title, resources, company);
        let seeded = SEEDED.iter().map(|(days, name, exchanges)| {
            let start = after_days(now, -days);
            let viewer = name.and_then(|name| access.present().find(|viewer| text(viewer, "name") == name));
            let mut messages = Vec::new();
            for (question, answer, sources) in *exchanges {
                let sources: Vec<Value> = sources.iter().filter_map(cite).collect();
                messages.push(message("user", question, &[], start, messages.len(), rng));
                messages.push(message("assistant", answer, &sources, start, messages.len(), rng));
            }
            json!({
                "id": fresh_id(rng),
                "userEmail": viewer.and_then(|viewer| viewer.get("email")),
                "isPublicConversation": viewer.is_none(),
                "createdAt": iso(start),
                MESSAGES: messages,
            })
        });
        Self(Shelf::new("Conversation", seeded.collect()))
    }

    pub(super) fn route(&self, path: &[&str], call: &Call<'_>) -> Option<Outcome> {
        let outcome = match (call.method, path) {
            ("GET", [_, "conversations"]) => Ok(self.list(call.ask)),
            ("GET", [_, "conversations", id]) => {
                self.0.find(id).map(|conversation| results(messages(conversation).iter().cloned()))
            }
            _ => return None,
        };
        Some(outcome)
    }

    fn list(&self, ask: &Ask) -> Reply {
        let wanted = |conversation: &&Value| {
            ask.one("searchString").is_none_or(|part| {
                messages(conversation).iter().any(|message| contains(text(message, "message"), part))
            })
        };
        page_of(ask, self.0.all().iter().filter(wanted).collect(), summary)
    }
}

fn messages(conversation: &Value) -> &[Value] {
    conversation.get(MESSAGES).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn summary(conversation: &Value) -> Value {
    let messages = messages(conversation);
    json!({
        "id": conversation.get("id"),
        "firstMessage": messages.first().and_then(|first| first.get("message")),
        "numMessages": messages.len(),
        "userEmail": conversation.get("userEmail"),
        "isPublicConversation": conversation.get("isPublicConversation"),
        "createdAt": conversation.get("createdAt"),
    })
}

/// Messages follow each other by twenty seconds.
fn message(
    role: &str,
    said: &str,
    sources: &[Value],
    start: Timestamp,
    place: usize,
    rng: &mut Rng,
) -> Value {
    let seconds = i64::try_from(place).unwrap_or(0).saturating_mul(20);
    let at = start.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(start);
    json!({
        "id": fresh_id(rng),
        "role": role,
        "message": said,
        "createdAt": iso(at),
        "references": sources,
    })
}

/// A resource of that title, or the control of that name.
fn cited(title: &str, resources: &Resources, company: &Shelf) -> Option<Value> {
    let (kind, found) = match resources.titled(title) {
        Some(resource) => ("RESOURCE", resource),
        None => ("CONTROL", company.get(&slug(title))?),
    };
    Some(json!({ "type": kind, "id": found.get("id"), "title": title }))
}
