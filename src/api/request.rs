//! An operation and its arguments become one HTTP request, without any network.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::arguments::{self, ArgumentsError};
use super::{forbidden, secrets};
use crate::catalog::{Effect, Encoding, Operation};
use crate::files::{Destination, FileError, Outgoing};
use crate::gate::canonical;

/// How many items a page has where the caller does not say.
pub const PAGE_SIZE: u64 = 50;

/// Everything but RFC 3986's unreserved characters, so that an argument stays one segment of the path.
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request ready to send. The body may hold a password, so `Debug` leaves it out.
pub struct Request {
    /// The operation that it carries out.
    pub operation: &'static Operation,
    /// What it does, with what is sent.
    pub effect: Effect,
    /// Percent-encoded; empty for the Panel.
    pub path: String,
    /// Decoded pairs in the order of sending.
    pub query: Vec<(&'static str, String)>,
    /// Further pairs, of whose names nothing is known.
    pub further: Vec<(String, String)>,
    /// The body, where the operation has one.
    pub body: Option<Body>,
    /// What opens the file that goes along, or the folder for the one that comes back; none where no file moves.
    pub opens: Option<Arc<dyn Opens>>,
    /// What is sent in place of what was given, a sentence for each.
    pub echo: Vec<String>,
    /// Whether what was read before will do.
    pub freshness: Freshness,
    /// What the caller sends in confidence.
    secrets: Vec<SecretString>,
}

/// What goes with a request beside its arguments, once it is open.
#[derive(Default)]
pub struct Opened {
    /// The file that goes with a multipart body.
    pub upload: Option<Outgoing>,
    /// Where a file that comes back may go.
    pub destination: Option<Destination>,
}

impl Opened {
    /// Whether there is anything.
    pub(super) fn is_some(&self) -> bool {
        self.upload.is_some() || self.destination.is_some()
    }
}

/// Opens what goes with a request. It is asked once the request may be sent, since many may wait for that.
pub trait Opens: Send + Sync {
    /// Opens it.
    ///
    /// # Errors
    /// The file or the folder cannot be used.
    fn open(&self) -> BoxFuture<'_, Result<Opened, FileError>>;
}

/// How fresh an answer has to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Freshness {
    /// What was read a moment ago will do.
    #[default]
    Recent,
    /// It is read for this call.
    Anew,
}

impl Freshness {
    /// As the argument `fresh` says.
    #[must_use]
    pub fn asked_for(fresh: bool) -> Self {
        if fresh { Self::Anew } else { Self::Recent }
    }
}

/// The body of a request.
#[derive(PartialEq)]
pub enum Body {
    /// `application/json`
    Json(Value),
    /// The text parts of `multipart/form-data`, in order.
    Form(Vec<(&'static str, String)>),
}

impl Request {
    /// A read of a path, which is encoded.
    pub(super) fn reading(
        operation: &'static Operation,
        path: String,
        further: Vec<(String, String)>,
    ) -> Self {
        Self {
            operation,
            effect: operation.effect,
            path,
            query: Vec::new(),
            further,
            body: None,
            opens: None,
            echo: Vec::new(),
            freshness: Freshness::Recent,
            secrets: Vec::new(),
        }
    }

    /// All that is sent, in one spelling, and the file that goes along: two calls that send the same have the same.
    #[must_use]
    pub fn canonical(&self, arguments: &Value) -> String {
        let body = match &self.body {
            None => Value::Null,
            Some(Body::Json(value)) => value.clone(),
            Some(Body::Form(parts)) => serde_json::json!({ "form": parts }),
        };
        let file = arguments.get("file").cloned().unwrap_or_default();
        canonical(&serde_json::json!([self.path, self.query, self.further, body, file]))
    }

    /// Whether a file goes up or may come down, which takes longer than a call.
    pub(super) fn transfers(&self) -> bool {
        self.opens.is_some()
    }

    /// The values that are secrets.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(ExposeSecret::expose_secret)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation.name)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Puts a call's arguments where the operation wants them. `offered` says which operations the caller may be told of.
///
/// # Errors
/// The arguments do not fit the tool's schema; all problems at once.
pub fn build(
    operation: &'static Operation,
    arguments: &Value,
    offered: impl Fn(&'static Operation) -> bool,
) -> Result<Request, ArgumentsError> {
    check(operation, arguments, offered)?;
    let sent = arguments::as_sent(operation, arguments);
    let arguments = sent.arguments.as_ref();
    Ok(Request {
        operation,
        effect: operation.effect_of(arguments),
        path: path(operation, arguments),
        query: query(operation, arguments),
        further: Vec::new(),
        body: match operation.form {
            Encoding::Json => body(operation, arguments).map(Body::Json),
            Encoding::Multipart => Some(Body::Form(form(operation, arguments))),
        },
        opens: None,
        secrets: secrets::of(operation, arguments),
        freshness: Freshness::asked_for(arguments.get("fresh").and_then(Value::as_bool) == Some(true)),
        echo: sent.echo,
    })
}

/// Checks the arguments, and the ids among them against the routes beside them.
fn check(
    operation: &'static Operation,
    arguments: &Value,
    offered: impl Fn(&'static Operation) -> bool,
) -> Result<(), ArgumentsError> {
    let checked = arguments::check(operation, arguments);
    let routes = forbidden::named_routes(operation, arguments, offered);
    match checked {
        Ok(()) if routes.is_empty() => Ok(()),
        Ok(()) => Err(ArgumentsError::Unfit { tool: operation.name, problems: routes }),
        Err(ArgumentsError::Unfit { tool, mut problems }) => {
            problems.extend(routes);
            Err(ArgumentsError::Unfit { tool, problems })
        }
        Err(other) => Err(other),
    }
}

/// The text parts. What the caller left out or set to null is no part.
fn form(operation: &Operation, arguments: &Value) -> Vec<(&'static str, String)> {
    let given = |name: &&'static str| Some((*name, arguments.get(name).filter(|value| !value.is_null())?));
    let parts = operation.in_body.iter().filter_map(given);
    parts.map(|(name, value)| (name, encoded(operation, name, value).into_owned())).collect()
}

/// A value as the one text that the operation wants it to be.
fn encoded<'v>(operation: &Operation, name: &str, value: &'v Value) -> Cow<'v, str> {
    if operation.as_json.contains(&name) {
        return Cow::Owned(value.to_string());
    }
    match value {
        Value::Array(all) if operation.as_commas.contains(&name) => {
            Cow::Owned(all.iter().map(text).collect::<Vec<_>>().join(","))
        }
        other => text(other),
    }
}

fn path(operation: &Operation, arguments: &Value) -> String {
    let mut path = String::with_capacity(operation.path.len() + 32);
    let mut rest = operation.path;
    while let Some((before, name, after)) = split_placeholder(rest) {
        path.push_str(before);
        let value = arguments.get(name).map(text).unwrap_or_default();
        path.extend(utf8_percent_encode(&value, SEGMENT));
        rest = after;
    }
    path.push_str(rest);
    path
}

fn split_placeholder(path: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = path.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

fn query(operation: &Operation, arguments: &Value) -> Vec<(&'static str, String)> {
    let mut query: Vec<(&'static str, String)> =
        operation.constants.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    for name in &operation.in_query {
        match arguments.get(name) {
            None | Some(Value::Null) => {}
            Some(one) if operation.as_json.contains(name) || operation.as_commas.contains(name) => {
                query.push((name, encoded(operation, name, one).into_owned()));
            }
            // A list repeats its key.
            Some(Value::Array(all)) => query.extend(all.iter().map(|one| (*name, text(one).into_owned()))),
            Some(one) => query.push((name, text(one).into_owned())),
        }
    }
    if operation.is_paged() {
        let size =
            arguments.get("pageSize").map_or_else(|| PAGE_SIZE.to_string(), |size| text(size).into_owned());
        query.push(("pageSize", size));
        if let Some(cursor) = arguments.get("pageCursor").and_then(Value::as_str) {
            query.push(("pageCursor", cursor.to_owned()));
        }
    }
    query
}

fn body(operation: &Operation, arguments: &Value) -> Option<Value> {
    if operation.in_body.is_empty() && operation.repeat_in_body.is_empty() {
        return None;
    }
    let mut body = Map::new();
    for name in operation.in_body.iter().chain(&operation.repeat_in_body) {
        match arguments.get(name) {
            None => {}
            Some(Value::Object(members)) if operation.spread == Some(name) => {
                body.extend(members.iter().map(|(member, value)| (member.clone(), value.clone())));
            }
            Some(value) => {
                body.insert((*name).to_owned(), value.clone());
            }
        }
    }
    Some(Value::Object(body))
}

/// A value as it stands in a path or a query: a string as it is, anything else as JSON. JSON Schema counts 5.0 among
/// the integers, and an upstream would not.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) if number.is_f64() => {
            let text = number.to_string();
            let whole = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 1e15);
            Cow::Owned(whole.map_or(text, |number| format!("{number:.0}")))
        }
        other => Cow::Owned(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog;

    fn json_of(built: &Request) -> Option<Value> {
        match built.body.as_ref()? {
            Body::Json(body) => Some(body.clone()),
            Body::Form(_) => None,
        }
    }

    fn request(tool: &str, arguments: &Value) -> Request {
        build(catalog::find(tool).unwrap(), arguments, |_| true).unwrap()
    }

    #[test]
    fn an_argument_stays_one_segment() {
        for (id, segment) in [
            ("../vendors", "..%2Fvendors"),
            ("a/b?x=1#y", "a%2Fb%3Fx%3D1%23y"),
            ("%2e%2e", "%252e%252e"),
            ("a b\u{e9}", "a%20b%C3%A9"),
            ("a\\..\\b", "a%5C..%5Cb"),
        ] {
            let arguments = json!({ "integrationId": "aws", "resourceKind": "Role", "resourceId": id });
            let built = request("get_integration_resource", &arguments);
            assert_eq!(built.path, format!("/v1/integrations/aws/resource-kinds/Role/resources/{segment}"));
            let url = url::Url::parse(&format!("https://api.example.com{}", built.path)).unwrap();
            assert_eq!(url.path(), built.path, "a URL parser leaves it as it is");
            assert_eq!(url.path_segments().unwrap().count(), 7);
        }
    }

    #[test]
    fn a_list_repeats_its_key_and_pages_have_a_size() {
        let built =
            request("list_vendors", &json!({"statusMatchesAny": ["MANAGED", "ARCHIVED"], "pageCursor": "c"}));
        let expected = [
            ("statusMatchesAny", "MANAGED"),
            ("statusMatchesAny", "ARCHIVED"),
            ("pageSize", "50"),
            ("pageCursor", "c"),
        ];
        assert_eq!(built.query, expected.map(|(name, value)| (name, value.to_owned())));
        assert!(built.body.is_none());
    }

    #[test]
    fn a_whole_number_is_sent_as_one_however_it_is_written() {
        for (written, sent) in [("5", "5"), ("5.0", "5"), ("1e1", "10"), ("100.0", "100")] {
            let size: Value = serde_json::from_str(written).unwrap();
            let built = request("list_vendors", &json!({ "pageSize": size }));
            assert_eq!(built.query, [("pageSize", sent.to_owned())]);
        }
    }

    #[test]
    fn the_panel_gets_the_user_in_query_and_body() {
        let built = request("set_panel_account_plan", &json!({"user": "acme", "plan": null}));
        assert_eq!(built.path, "");
        let expected = [("api", "account"), ("action", "plan"), ("user", "acme")];
        assert_eq!(built.query, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(json_of(&built), Some(json!({"user": "acme", "plan": null})));
    }

    #[test]
    fn extra_fields_stand_beside_the_others() {
        let built =
            request("create_panel_account", &json!({"user": "acme", "extra": {"quota": 5, "tags": ["a"]}}));
        assert_eq!(json_of(&built), Some(json!({"user": "acme", "quota": 5, "tags": ["a"]})));
    }

    #[test]
    fn what_the_api_wants_as_one_text_is_written_as_one() {
        let tags = json!([{"categoryId": "c", "tagId": "t&x"}]);
        let built = request("list_knowledge_resources", &json!({ "matchesTags": tags }));
        assert_eq!(built.query[0], ("matchesTags", tags.to_string()));
        let arguments = json!({
            "file": {"name": "q.csv", "base64": "YQ=="}, "displayName": "Q",
            "ownerAssignment": {"type": "User", "id": "u"}, "includeUntaggedEntitiesForCategoryIds": ["a", "b"],
        });
        let Some(Body::Form(mut parts)) = request("create_questionnaire_from_file", &arguments).body else {
            panic!()
        };
        parts.sort_unstable();
        let expected = [
            ("displayName", "Q"),
            ("includeUntaggedEntitiesForCategoryIds", "a,b"),
            ("ownerAssignment", r#"{"id":"u","type":"User"}"#),
        ];
        assert_eq!(parts, expected.map(|(name, text)| (name, text.to_owned())));
    }

    #[test]
    fn debug_shows_no_body() {
        let built = request(
            "set_panel_account_password",
            &json!({"user": "acme", "password": "hunter2", "confirm": "acme"}),
        );
        assert!(!format!("{built:?}").contains("hunter2"));
        assert_eq!(json_of(&built), Some(json!({"user": "acme", "password": "hunter2"})));
    }
}
