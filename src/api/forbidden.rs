//! What arguments cannot hold, whatever their schema says: what would change where a request goes, or what it is.

use serde_json::Value;

use crate::catalog::{self, Operation};

/// What has a meaning of its own in a path, and stands in no id that an API made up itself.
const MARKS: [&str; 6] = ["/", "\\", "..", "%", "?", "#"];

/// What frameworks take for the method, the form, the target or the proof of a request wherever they find it (Laravel,
/// Rails, Symfony, Django, and whatever merges objects in JavaScript), spelled as [`plain`] has it.
const OVERRIDES: [&str; 20] = [
    "_method",
    "_http_method",
    "http_method_override",
    "x_http_method",
    "x_http_method_override",
    "x_method_override",
    "_token",
    "_csrf",
    "_csrf_token",
    "csrf_token",
    "csrfmiddlewaretoken",
    "authenticity_token",
    "_format",
    "_route",
    "_controller",
    "_path",
    "_session",
    "__proto__",
    "constructor",
    "prototype",
];

/// What says who calls, which the header says.
const IDENTITY: [&str; 7] =
    ["authorization", "access_token", "api_token", "api_key", "apikey", "x_api_key", "x_auth_token"];

/// Path arguments that cannot be ids. `.` and `..` are steps, not names: URL parsers take them out of a path even when
/// they are encoded. Anything else is sent encoded where ids come from elsewhere; where the API makes them up it is a
/// mistake or mischief, and not every proxy on the way leaves it encoded.
pub(super) fn ids(operation: &'static Operation, arguments: &Value) -> Vec<String> {
    let given = operation.in_path.iter().filter_map(|name| Some((*name, arguments.get(name)?.as_str()?)));
    given.filter_map(|(name, id)| id_problem(name, id, operation.foreign_ids.contains(&name))).collect()
}

/// Filters, cursors and ids that say nothing: an empty text, or what a program writes that had no value. An upstream takes
/// some for a filter that fits nothing, and some for none. `schema` is that of the arguments.
pub(super) fn blanks(operation: &'static Operation, schema: &Value, arguments: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for name in operation.in_path.iter().chain(&operation.in_query).copied().chain(["pageCursor"]) {
        if let Some(value) = arguments.get(name) {
            blank_texts(name, value, &mut found);
        }
    }
    for name in operation.in_body.iter().filter(|name| operation.spread != Some(**name)) {
        match arguments.get(name) {
            // An entry of a list that says nothing is none, whatever is listed.
            Some(list @ Value::Array(all)) if all.iter().any(Value::is_string) => {
                blank_texts(name, list, &mut found);
            }
            Some(value) => blank_ids(name, name, value, &mut found),
            None => {}
        }
    }
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |at: &str| required.is_some_and(|all| all.iter().any(|name| name == at));
    let problem = |Blank { at, text }: &Blank| {
        let clears = operation.nullable.contains(&at.as_str());
        let cure = match (is_required(at), clears) {
            (_, true) => "give a value, or null without quotation marks if that is what you mean",
            (true, false) => "give a value",
            (false, false) => "give a value, or omit it",
        };
        match text.trim() {
            "" => format!("`{at}` must not be empty: {cure}"),
            word => format!("`{at}` is the text `{word}`, which is not a value: {cure}"),
        }
    };
    found.iter().map(problem).collect()
}

/// A text that says nothing.
struct Blank {
    at: String,
    text: String,
}

fn blank_texts(at: &str, value: &Value, found: &mut Vec<Blank>) {
    match value {
        Value::String(text) if is_blank(text) => found.push(Blank { at: at.to_owned(), text: text.clone() }),
        Value::Array(all) => {
            for (place, entry) in all.iter().enumerate() {
                blank_texts(&format!("{at}[{place}]"), entry, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                blank_texts(&format!("{at}.{name}"), member, found);
            }
        }
        _ => {}
    }
}

/// What identifies a thing or a person without being called an id.
const IDENTIFIES: [&str; 8] = ["id", "email", "owner", "tagCategory", "plan", "user", "domain", "password"];

/// What identifies something in a body, at any depth. Other texts there may be empty: that is how some are cleared.
fn blank_ids(at: &str, name: &str, value: &Value, found: &mut Vec<Blank>) {
    let is_id = IDENTIFIES.contains(&name) || ["Id", "Ids", "Email"].iter().any(|end| name.ends_with(end));
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                blank_ids(&format!("{at}.{name}"), name, member, found);
            }
        }
        Value::Array(all) => {
            for (place, entry) in all.iter().enumerate() {
                blank_ids(&format!("{at}[{place}]"), name, entry, found);
            }
        }
        text if is_id => blank_texts(at, text, found),
        _ => {}
    }
}

/// Path arguments that name a route beside the id's place: the upstream would answer that route instead, or make of the
/// path something that is no call at all. Of the tools that call the route one is named that `offered` lets through.
///
/// Compared as the most lenient of routers does: without regard to case, to blanks around it, and to what follows a
/// semicolon (the parameters of a segment, RFC 3986 section 3.3). What is percent-encoded is sent encoded once more, so
/// that it is never decoded into a route.
pub(super) fn named_routes(
    operation: &'static Operation,
    arguments: &Value,
    offered: impl Fn(&'static Operation) -> bool,
) -> Vec<String> {
    let mut problems = Vec::new();
    for (place, segment) in operation.path.split('/').enumerate() {
        let Some(name) = parameter(segment) else { continue };
        let Some(id) = arguments.get(name).and_then(Value::as_str) else { continue };
        let route = id.split(';').next().unwrap_or_default().trim();
        // Most ids have a digit, which no route has.
        if !route.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_')) {
            continue;
        }
        let siblings: Vec<&'static Operation> = siblings(operation, place, route).collect();
        if siblings.is_empty() {
            continue;
        }
        // One that reads, first, as most of those do who gave a route for an id.
        let mut tools: Vec<_> = siblings.into_iter().filter(|sibling| offered(sibling)).collect();
        tools.sort_by_key(|sibling| (sibling.effect, sibling.name));
        let instead = tools.first().map(|tool| format!(" (use {})", tool.name)).unwrap_or_default();
        problems.push(format!(
            "`{name}` must be an id, but `{route}` is a route of the API{instead}: pass the id exactly as it was \
             returned"
        ));
    }
    problems
}

/// The operations of the same API that have this literal segment where the operation has an argument.
fn siblings(
    operation: &'static Operation,
    place: usize,
    route: &str,
) -> impl Iterator<Item = &'static Operation> {
    let same = catalog::operations().iter().filter(move |other| other.api == operation.api);
    same.filter(move |other| {
        let mut theirs = other.path.split('/');
        let alike = operation.path.split('/').take(place).all(|ours| {
            theirs.next().is_some_and(|theirs| {
                ours == theirs || parameter(ours).is_some() || parameter(theirs).is_some()
            })
        });
        alike && theirs.next().is_some_and(|theirs| theirs.eq_ignore_ascii_case(route))
    })
}

/// The argument that fills a segment of a path.
pub(super) fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn is_blank(text: &str) -> bool {
    matches!(text.trim(), "" | "null" | "undefined")
}

fn id_problem(name: &str, id: &str, foreign: bool) -> Option<String> {
    if matches!(id, "." | "..") {
        return Some(format!("`{name}` cannot be `.` or `..`"));
    }
    let mark = MARKS.iter().find(|mark| !foreign && id.contains(**mark)).map(|mark| format!("`{mark}`"));
    let control = || id.contains(char::is_control).then(|| "a control character".to_owned());
    let held = mark.or_else(control)?;
    Some(format!(
        "`{name}` is not an id, because it contains {held}: pass only the id, exactly as it was returned"
    ))
}

/// Members of a spread argument that say again what an argument of its own says, or what is not the caller's to say.
pub(super) fn members(operation: &'static Operation, arguments: &Value) -> Vec<String> {
    let Some(spread) = operation.spread else { return Vec::new() };
    let members = arguments.get(spread).and_then(Value::as_object).into_iter().flatten();
    let problem = |member: &String| {
        let plain = plain(member);
        let is = |name: &&str| self::plain(name) == plain;
        let mut own = operation.in_body.iter().chain(&operation.in_query).chain(&operation.in_path);
        if let Some(own) = own.find(|name| is(name)) {
            return Some(format!("`{own}` is a separate argument"));
        }
        let why = if routes(operation, &plain) {
            "chooses the operation"
        } else if OVERRIDES.contains(&plain.as_str()) {
            "can change what the request does"
        } else if IDENTITY.contains(&plain.as_str()) {
            "identifies the caller"
        } else {
            return None;
        };
        Some(format!("`{plain}` {why} and cannot be set by a caller"))
    };
    members
        .filter_map(|(member, _)| {
            let shown: String = member.chars().filter(|letter| !letter.is_control()).take(64).collect();
            Some(format!("`{spread}.{shown}`: {}", problem(member)?))
        })
        .collect()
}

/// A name as a lenient upstream reads it: without regard to case, its marks as underscores (PHP), up to a bracket.
fn plain(name: &str) -> String {
    let name = name.split('[').next().unwrap_or_default().trim();
    let letters = name.chars().filter(|letter| !letter.is_control());
    letters.flat_map(char::to_lowercase).map(|l| if matches!(l, '-' | '.' | ' ') { '_' } else { l }).collect()
}

/// Whether a name chooses among the operations of an API that has one address for all of them.
fn routes(operation: &Operation, plain: &str) -> bool {
    let same = catalog::operations().iter().filter(|other| other.api == operation.api);
    same.flat_map(|other| &other.constants).any(|(constant, _)| self::plain(constant) == plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_holds_nothing_that_means_something_in_a_path() {
        let told = |tool: &str, arguments: Value| ids(catalog::find(tool).unwrap(), &arguments).join("; ");
        for id in
            ["a/b", "../vendors", "a\\b", "a..b", "%2e", "a?b", "a#b", "a\nb", "\u{0}", "\u{85}", ".", ".."]
        {
            assert!(told("get_vendor", json!({ "vendorId": id })).contains("`vendorId`"), "{id:?}");
        }
        for id in ["65f1c0", "aws-account", "a.b_c~d", "a b", "\u{e9}", "...", "a:b@c;d"] {
            let told = told("get_vendor", json!({ "vendorId": id }));
            assert_eq!(told.is_empty(), !id.contains(".."), "{id:?}: {told}");
        }
        let resource = |id: &str, kind: &str| {
            let arguments = json!({"integrationId": "aws", "resourceKind": kind, "resourceId": id});
            told("get_integration_resource", arguments)
        };
        assert_eq!(resource("arn:aws:iam::1:role/../a%20?b#c", "S3Bucket"), "");
        for (id, kind) in [(".", "k"), ("..", "k"), ("a\tb", "k"), ("a", "k/..")] {
            assert!(!resource(id, kind).is_empty(), "{id:?} {kind}");
        }
    }

    #[test]
    fn no_id_is_the_name_of_a_route_beside_it() {
        let mut count = 0;
        let plain = |path: &'static str| {
            let parts = path.split('/').map(|part| parameter(part).map_or(part, |_| "{}"));
            parts.collect::<Vec<_>>()
        };
        let all = || catalog::operations().iter();
        for (operation, sibling) in all().flat_map(|one| all().map(move |other| (one, other))) {
            let (ours, theirs) = (plain(operation.path), plain(sibling.path));
            let alike = ours.iter().zip(&theirs).take_while(|(ours, theirs)| ours == theirs).count();
            let (Some(&"{}"), Some(route)) = (ours.get(alike), theirs.get(alike)) else { continue };
            if operation.api != sibling.api {
                continue;
            }
            count += 1;
            let name = operation.path.split('/').nth(alike).and_then(parameter).unwrap();
            let told = |id: &str, offered: bool| {
                named_routes(operation, &json!({ name: id }), |_| offered).join("; ")
            };
            let expected = format!("`{name}` must be an id");
            for id in [(*route).to_owned(), route.to_uppercase(), format!(" {route}"), format!("{route};a=b")]
            {
                let (named, unnamed) = (told(&id, true), told(&id, false));
                assert!(
                    named.starts_with(&expected) && named.contains("(use "),
                    "{}: {named}",
                    operation.name
                );
                assert!(unnamed.starts_with(&expected) && !unnamed.contains("(use "), "{unnamed}");
            }
            for id in [format!("{route}s"), format!("x{route}"), format!("%{route}")] {
                assert_eq!(told(&id, true), "", "{}: {id}", operation.name);
            }
        }
        assert!(count > 100, "{count}");
    }

    #[test]
    fn a_further_field_can_be_no_argument_and_no_override_however_it_is_spelled() {
        let told = |member: &str| {
            let arguments = json!({"user": "acme", "extra": {member: "root"}});
            members(catalog::find("create_panel_account").unwrap(), &arguments).join("; ")
        };
        for own in
            ["user", "User", "USER", " user ", "user[]", "user[0]", "Password", "PLAN", "extra", "u\u{0}ser"]
        {
            assert!(told(own).contains("is a separate argument"), "{own}: {}", told(own));
        }
        for route in ["api", "Action", "ACTION[]"] {
            assert!(told(route).contains("chooses the operation"), "{route}");
        }
        for other in ["_method", "_METHOD", "_token", "X-HTTP-Method-Override", "__proto__", "_csrf.token"] {
            assert!(told(other).contains("can change what the request does"), "{other}");
        }
        for identity in ["Authorization", "X-Api-Key", "access_token"] {
            assert!(told(identity).contains("identifies the caller"), "{identity}");
        }
        for fine in ["quota", "username", "ftp_password", "tags", "method"] {
            assert_eq!(told(fine), "");
        }
    }
}
