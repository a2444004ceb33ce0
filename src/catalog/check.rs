//! The rules that every file under `tools/` keeps, checked when the crate is built.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::effect::Effect;
use super::members;
use super::model::{Api, Method};
use super::request_line::RequestLine;
use super::source::{ToolSource, split_target};

/// Arguments that come with an operation's shape or effect, so no operation may name one of its own like them.
const RESERVED: [&str; 6] = ["confirm", "confirmation", "fields", "file", "folder", "fresh"];

/// Those that come with a list.
const OF_LISTS: [&str; 10] = [
    "all",
    "countOnly",
    "export",
    "format",
    "groupBy",
    "jq",
    "maxChars",
    "maxItems",
    "pageCursor",
    "pageSize",
];

/// What is wrong with one tool, each in a sentence.
#[must_use]
pub fn tool(name: &str, api: Api, tool: &ToolSource) -> Vec<String> {
    let mut wrong = Vec::new();
    if !is_name(name) {
        wrong.push("a name must be 3 to 39 characters of a-z, 0-9 and _, and begin with a letter".to_owned());
    }
    if tool.title.is_empty() || tool.title.chars().count() > 45 {
        wrong.push("`title` must have 1 to 45 characters".to_owned());
    }
    if !is_sentence(&tool.about) {
        wrong.push(
            "`about` must be one or more sentences: begin with a capital, end with a full stop, no line \
             break"
                .to_owned(),
        );
    }
    match RequestLine::parse(&tool.call) {
        Ok(call) => check_call(&mut wrong, api, tool, &call),
        Err(problem) => wrong.push(problem),
    }
    if api == Api::Audit && tool.limit.is_none() {
        wrong.push(
            "Conduct an Audit limits each operation separately, so `limit` is required (calls a minute)"
                .to_owned(),
        );
    }
    check_parameters(&mut wrong, tool);
    check_form(&mut wrong, tool);
    check_asks(&mut wrong, tool);
    check_effect(&mut wrong, tool);
    check_answer(&mut wrong, tool);
    wrong
}

/// What is wrong between tools: a read for a preview that is not there, one parameter in two wordings.
#[must_use]
pub fn all(tools: &BTreeMap<String, (Api, ToolSource)>) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    let mut words: BTreeMap<(Api, String, Vec<&str>), (&str, &str)> = BTreeMap::new();
    for (name, (api, tool)) in tools {
        if let Some(before) = &tool.before {
            match tools.get(before) {
                None => wrong.push((name.clone(), format!("`before` names {before}, which is not a tool"))),
                Some((_, read)) if read.effect != Effect::Read => {
                    wrong.push((name.clone(), format!("`before` names {before}, which is not a read tool")));
                }
                Some((other, _)) if other != api => {
                    wrong.push((
                        name.clone(),
                        format!("`before` names {before}, which belongs to another API"),
                    ));
                }
                Some(_) => {}
            }
        }
        for (parameter, schema) in &tool.path {
            let text = description(schema);
            // The same thing is the same path up to it: a vendor's document is not a compliance document.
            let thing = tool.call.split_once(&format!("{{{parameter}}}")).map_or("", |(before, _)| before);
            let thing = thing.split_once(' ').map_or(thing, |(_, path)| path);
            // Some operations want another id of the same thing, which its first words name.
            let kind: Vec<&str> = text.split(' ').take(2).collect();
            let (first, said) = *words.entry((*api, thing.to_owned(), kind)).or_insert((name, text));
            if said != text {
                wrong.push((
                    name.clone(),
                    format!("`path.{parameter}` has a different description than in {first}"),
                ));
            }
        }
        for (argument, from) in &tool.values_from {
            let (from, _) = from.split_once('.').unwrap_or((from, "id"));
            let reads =
                tools.get(from).is_some_and(|(other, read)| other == api && read.effect == Effect::Read);
            if !reads || !tool.query.contains_key(argument) {
                wrong.push((
                    name.clone(),
                    format!("`values_from` has {argument} from {from}: it must name a filter and a read tool of the \
                        same API"),
                ));
            }
        }
        let advised = tool.advice.iter().flat_map(|advice| &advice.tools);
        for other in advised.filter(|other| !tools.contains_key(*other)) {
            wrong.push((name.clone(), format!("`advice` names {other}, which is not a tool")));
        }
        for old in &tool.was {
            if tools.contains_key(old) {
                wrong.push((name.clone(), format!("`was` names {old}, which is a tool")));
            }
        }
    }
    wrong
}

fn check_call(wrong: &mut Vec<String>, api: Api, tool: &ToolSource, call: &RequestLine<'_>) {
    if api == Api::Panel && !call.path.is_empty() {
        wrong.push("a Panel call must have no path: the operator's address is the path".to_owned());
    }
    if api != Api::Panel && !call.path.starts_with("/v1/") {
        wrong.push("a path must begin with /v1/".to_owned());
    }
    for placeholder in call.placeholders() {
        if !tool.path.contains_key(placeholder) {
            wrong.push(format!("`call` has {{{placeholder}}}, so `path.{placeholder}` is required"));
        }
    }
    for name in tool.path.keys() {
        if !call.placeholders().contains(&name.as_str()) {
            wrong.push(format!("`path.{name}` is not in `call`"));
        }
    }
    if call.method == Method::Get && tool.effect != Effect::Read {
        wrong.push("GET reads, so `effect` must be read".to_owned());
    }
    if call.method != Method::Get && tool.effect == Effect::Read {
        wrong.push("only GET can have the effect read".to_owned());
    }
    if call.method == Method::Delete && tool.effect != Effect::Destroy {
        wrong.push("DELETE destroys, so `effect` must be destroy".to_owned());
    }
    if call.method == Method::Get && !tool.body.is_empty() {
        wrong.push("GET cannot have a body".to_owned());
    }
}

fn check_parameters(wrong: &mut Vec<String>, tool: &ToolSource) {
    let places = [("path", &tool.path), ("query", &tool.query), ("body", &tool.body)];
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (place, parameters) in places {
        for (name, schema) in parameters {
            if let Some(other) = seen.insert(name, place) {
                wrong.push(format!("`{name}` is in `{other}` and in `{place}`"));
            }
            let of_lists = tool.pages || tool.whole;
            if RESERVED.contains(&name.as_str()) || of_lists && OF_LISTS.contains(&name.as_str()) {
                wrong.push(format!("`{place}.{name}` is a reserved argument name"));
            }
            check_schema(wrong, &format!("{place}.{name}"), schema);
        }
    }
    for name in &tool.required {
        if !tool.query.contains_key(name) && !tool.body.contains_key(name) {
            wrong.push(format!("`required` names {name}, which is not a query or body parameter"));
        }
    }
    for name in &tool.foreign_ids {
        if !tool.path.contains_key(name) {
            wrong.push(format!("`foreign_ids` names {name}, which is not a path parameter"));
        }
    }
    for name in &tool.repeat_in_body {
        if !tool.query.contains_key(name) {
            wrong.push(format!("`repeat_in_body` names {name}, which is not a query parameter"));
        }
    }
    if let Some(name) = &tool.spread
        && !tool.body.contains_key(name)
    {
        wrong.push(format!("`spread` names {name}, which is not a body parameter"));
    }
    if [tool.pages, tool.bulk, tool.delayed, tool.download].iter().filter(|set| **set).count() > 1 {
        wrong.push("only one of `pages`, `bulk`, `delayed` and `download` can be set".to_owned());
    }
    if tool.bulk {
        check_bulk(wrong, tool);
    }
}

/// A change of many things says of how many: each list in its body, for clients and in words for models.
fn check_bulk(wrong: &mut Vec<String>, tool: &ToolSource) {
    let is_list = |schema: &Value| schema.get("type").and_then(Value::as_str) == Some("array");
    let lists: Vec<_> = tool.body.iter().filter(|(_, schema)| is_list(schema)).collect();
    if lists.is_empty() {
        wrong.push("`bulk` requires a list in the body".to_owned());
    }
    for (name, schema) in lists {
        let bound = |word: &str| schema.get(word).and_then(Value::as_u64);
        let told = bound("maxItems").map(|most| format!("at most {most} in one call"));
        if bound("minItems") != Some(1) || !told.is_some_and(|told| description(schema).contains(&told)) {
            wrong.push(format!(
                "`body.{name}` is a list of a bulk change, so it must have `minItems = 1`, `maxItems`, and a \
                 `description` with \
                 \"at most N in one call\""
            ));
        }
    }
}

/// A parameter says what it means and is built of words that the validator and clients know.
fn check_schema(wrong: &mut Vec<String>, at: &str, schema: &Value) {
    const WORDS: [&str; 15] = [
        "type",
        "description",
        "enum",
        "items",
        "properties",
        "required",
        "format",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "anyOf",
        "nullable",
    ];
    let Some(object) = schema.as_object() else {
        wrong.push(format!("`{at}` must be a table of JSON Schema keywords"));
        return;
    };
    for word in object.keys().filter(|word| !WORDS.contains(&word.as_str())) {
        wrong.push(format!("`{at}` has `{word}`, which is not a supported keyword"));
    }
    if !is_sentence(description(schema)) {
        wrong.push(format!(
            "`{at}` must have a `description`: begin with a capital, end with a full stop, no line \
            break"
        ));
    }
    let empty = Map::new();
    let properties = object.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    for (name, inner) in properties {
        check_schema(wrong, &format!("{at}.{name}"), inner);
    }
    if let Some(inner) =
        object.get("items").and_then(|items| items.get("properties")).and_then(Value::as_object)
    {
        for (name, schema) in inner {
            check_schema(wrong, &format!("{at}[].{name}"), schema);
        }
    }
    for name in
        object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    {
        if !properties.contains_key(name) {
            wrong.push(format!("`{at}` requires {name}, which it does not have"));
        }
    }
}

/// A part of a multipart body is a text, so what is none says how it becomes one.
fn check_form(wrong: &mut Vec<String>, tool: &ToolSource) {
    let places = [&tool.query, &tool.body];
    let find = |name: &str| places.iter().find_map(|place| place.get(name));
    for name in tool.as_json.iter().chain(&tool.as_commas) {
        if find(name).is_none() {
            wrong.push(format!("{name} is to be sent as text, but is not a query or body parameter"));
        }
        if tool.body.contains_key(name) && !tool.is_multipart() {
            wrong.push(format!("{name} is in a JSON body, which needs no conversion"));
        }
    }
    let kind = |schema: &Value| schema.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, schema) in tool.is_multipart().then_some(&tool.body).into_iter().flatten() {
        let as_text = tool.as_json.contains(name) || tool.as_commas.contains(name);
        if ["object", "array", ""].contains(&kind(schema).as_str()) && !as_text {
            wrong.push(format!("`body.{name}` is not text, so `as_json` or `as_commas` must name it"));
        }
    }
    let Some(upload) = &tool.upload else { return };
    if upload.part.is_empty() || upload.accepts.is_empty() {
        wrong.push("`upload` must have a `part` and say what it `accepts`".to_owned());
    }
    let plain = |ending: &String| ending.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !upload.accepts.iter().all(plain) {
        wrong.push("`upload.accepts` must list extensions in lower case, without the dot".to_owned());
    }
}

/// Phrases are for a search, which reads words alone.
fn check_asks(wrong: &mut Vec<String>, tool: &ToolSource) {
    for phrase in &tool.asks {
        let plain = !phrase.is_empty() && !phrase.ends_with('.') && !phrase.contains(['|', '"', '\\']);
        if !plain || phrase.split_whitespace().count() > 8 {
            wrong.push(format!(
                "`asks` has \"{phrase}\": a phrase must be 1 to 8 words without a full stop, | or quotation marks"
            ));
        }
    }
}

fn check_effect(wrong: &mut Vec<String>, tool: &ToolSource) {
    check_raises(wrong, tool);
    if tool.overwrites && (tool.effect == Effect::Read || tool.most().is_confirmed()) {
        wrong.push("`overwrites` is for a write that nobody confirms".to_owned());
    }
    if !tool.most().is_confirmed() {
        let keys =
            [("target", &tool.target), ("before", &tool.before), ("does", &tool.does), ("undo", &tool.undo)];
        for (key, _) in keys.iter().filter(|(_, value)| value.is_some()) {
            wrong.push(format!("`{key}` is allowed only for an operation that publishes or destroys"));
        }
        return;
    }
    for (key, value) in [("does", &tool.does), ("undo", &tool.undo)] {
        if !value.as_deref().is_some_and(is_sentence) {
            wrong.push(format!(
                "an operation that publishes or destroys must have `{key}`: one or more sentences"
            ));
        }
    }
    let Some(target) = tool.target() else {
        wrong.push("an operation that publishes or destroys must have a `target`".to_owned());
        return;
    };
    let (argument, each) = split_target(&target);
    let parameter = [&tool.path, &tool.query, &tool.body].into_iter().find_map(|place| place.get(argument));
    let is_list = parameter.is_some_and(|schema| schema.get("type").and_then(Value::as_str) == Some("array"));
    match parameter {
        None => wrong.push(format!("`target` names {argument}, which is not a parameter")),
        Some(_) if each.is_some() != is_list => {
            wrong.push(format!("`target` {target}: write [] after a list, and only after a list"));
        }
        Some(_) => {}
    }
}

/// An argument that raises the effect exists, has one condition, and raises it.
fn check_raises(wrong: &mut Vec<String>, tool: &ToolSource) {
    for raise in &tool.raise {
        let name = raise.argument.split(['.', '[']).next().unwrap_or_default();
        if ![&tool.path, &tool.query, &tool.body].iter().any(|place| place.contains_key(name)) {
            wrong.push(format!("`raise` names {}, which is not a parameter", raise.argument));
        }
        if raise.when().is_none() {
            wrong.push(format!(
                "`raise` of {} must have one of `is`, `is_not`, `null`, `empty` and `given`",
                raise.argument
            ));
        }
        if raise.to <= tool.effect {
            wrong.push(format!("`raise` of {} must be to a higher effect", raise.argument));
        }
    }
}

/// What is said of answers: members that are told by name, and sentences about failures.
fn check_answer(wrong: &mut Vec<String>, tool: &ToolSource) {
    let (mut depth, mut known) = (0_usize, false);
    for word in tool.members.split_inclusive(['(', ')', ' ']) {
        known |= !word.trim_end_matches(['(', ')', ' ']).is_empty();
        depth = if word.ends_with('(') { depth + 1 } else { depth };
        match depth.checked_sub(usize::from(word.ends_with(')'))) {
            Some(less) => depth = less,
            None => wrong.push("`members` has a closing bracket without an opening one".to_owned()),
        }
    }
    if depth > 0 {
        wrong.push("`members` has an opening bracket without a closing one".to_owned());
    }
    for name in tool.show.iter().filter(|name| known && !members::lists(&tool.members, name)) {
        wrong.push(format!("`show` names {name}, which is not among `members`"));
    }
    if tool.pages && tool.whole {
        wrong.push("a list has either `pages` or is `whole`".to_owned());
    }
    if !tool.here.is_empty() && !tool.whole {
        wrong.push("`here` filters what is `whole`; a list with pages is filtered by the API".to_owned());
    }
    for advice in &tool.advice {
        if !is_sentence(&advice.say) || !advice.otherwise.as_deref().is_none_or(is_sentence) {
            wrong.push(
                "each `advice` must be one or more sentences: begin with a capital, end with a full \
                    stop"
                    .to_owned(),
            );
        }
        if advice.otherwise.is_some() && advice.tools.is_empty() {
            wrong.push("`advice` can have `otherwise` only if it has `tools`".to_owned());
        }
        if let Some(unnamed) = advice.tools.iter().find(|other| !advice.say.contains(other.as_str())) {
            wrong.push(format!("`advice` has {unnamed} in its `tools` but does not mention it"));
        }
    }
}

fn description(schema: &Value) -> &str {
    schema.get("description").and_then(Value::as_str).unwrap_or_default()
}

fn is_name(name: &str) -> bool {
    (3..=39).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A capital, a digit or a backquoted name first, a full stop last, in one line.
fn is_sentence(text: &str) -> bool {
    text.starts_with(|first: char| first.is_uppercase() || first.is_ascii_digit() || first == '`')
        && (text.ends_with('.') || text.ends_with(".)"))
        && !text.contains('\n')
}
