//! Who the server says it is.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{Icon, Implementation, MetaObject};
use serde_json::{Map, Value, json};

use crate::api::{AnswerOrigin, Spent};

/// What a client may show beside the name, 48 by 48.
const ICON: &[u8] = include_bytes!("icon.png");

/// Where a result says whose it is, since 2026-07-28.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// Where a result says what it cost of the budget.
const BUDGET: &str = "vanta-mcp/budget";

/// Where a result says that no request was sent for it.
const CACHE: &str = "vanta-mcp/cache";

/// Where a result of a list says at which addresses its items can be read.
pub(super) const ITEMS_AT: &str = "vanta-mcp/itemsAt";

/// The name and version of each result.
static META: LazyLock<MetaObject> = LazyLock::new(|| {
    let info = json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
    let mut meta = MetaObject::default();
    meta.insert(SERVER_INFO.to_owned(), info);
    meta
});

static META_TEXT: LazyLock<String> = LazyLock::new(|| json!(*META).to_string());

/// All that a client is told once.
pub(super) fn product() -> Implementation {
    let icon = format!("data:image/png;base64,{}", STANDARD.encode(ICON));
    let icon = Icon::new(icon).with_mime_type("image/png").with_sizes(vec!["48x48".to_owned()]);
    Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .with_title("Vanta and Vanta Panel")
        .with_website_url(env!("CARGO_PKG_HOMEPAGE"))
        .with_icons(vec![icon])
}

/// What each result of 2026-07-28 says beside itself: whose it is.
pub(super) fn meta() -> MetaObject {
    META.clone()
}

/// The same as text.
pub(super) fn meta_text() -> &'static str {
    &META_TEXT
}

/// What a result says of its cost: what it took of the budget, and whether it is one that another call got. Nothing where
/// there is nothing to say.
pub(super) fn cost(spent: &Spent) -> Option<MetaObject> {
    let mut meta = MetaObject::default();
    let cache = match spent.origin {
        AnswerOrigin::Sent => None,
        AnswerOrigin::Joined => Some(json!({ "hit": "inFlight" })),
        AnswerOrigin::Kept { age } => Some(json!({ "hit": "kept", "ageSeconds": tenths(age) })),
    };
    for (name, said) in [(CACHE, cache), (BUDGET, budget(spent))] {
        if let Some(said) = said {
            meta.insert(name.to_owned(), said);
        }
    }
    (!meta.is_empty()).then_some(meta)
}

/// How long the call waited, what is left of the minute, and how often it was repeated; nothing where it waited for nothing
/// and nothing is limited or repeated.
fn budget(spent: &Spent) -> Option<Value> {
    if spent.left.is_empty() && spent.repeated == 0 && tenths(spent.waited) < 0.1 {
        return None;
    }
    let left: Map<String, Value> =
        spent.left.iter().map(|left| (left.name.clone(), Value::from(left.requests))).collect();
    let mut budget = json!({ "waitedSeconds": tenths(spent.waited), "left": left });
    if let Some(budget) = budget.as_object_mut().filter(|_| spent.repeated > 0) {
        budget.insert("repeated".to_owned(), Value::from(spent.repeated));
    }
    Some(budget)
}

/// Seconds, to a tenth.
fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}
