//! Whatever a list holds and however it is cut: by pages, by the length of answers, by faults in between.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, Strategy, any};
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Map, Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Run, Setup, request};

/// How many lists are tried.
const CASES: u32 = 24;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy)]
enum PageFault {
    Unavailable,
    Reset,
    Truncated,
}

/// A list, and how it is cut.
#[derive(Debug, Clone)]
struct Cut {
    items: Vec<Value>,
    /// How many items the upstream's pages have, in turn, however many were asked for.
    pages: Vec<usize>,
    /// What goes wrong, by how many requests came before.
    faults: BTreeMap<usize, PageFault>,
    page_size: usize,
    max_chars: usize,
}

/// What the upstream has at present.
#[derive(Default)]
struct Upstream {
    items: Vec<Value>,
    pages: Vec<usize>,
    faults: BTreeMap<usize, PageFault>,
    requests: usize,
}

type Shared = Arc<Mutex<Upstream>>;

async fn serve(shared: Shared) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, Arc::clone(&shared)));
        }
    });
    url
}

async fn answer(mut stream: TcpStream, shared: Shared) {
    let request = request(&mut stream).await;
    let (fault, body) = if request.contains("/oauth/token") {
        (None, json!({"access_token": "t", "token_type": "bearer", "expires_in": 3600}).to_string())
    } else {
        page(&request, &mut shared.lock().unwrap())
    };
    let (status, end) = match fault {
        Some(PageFault::Reset) => {
            stream.set_zero_linger().unwrap();
            return;
        }
        Some(PageFault::Unavailable) => ("503 Service Unavailable", body.len()),
        Some(PageFault::Truncated) => ("200 OK", body.len() / 2),
        None => ("200 OK", body.len()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&body.as_bytes()[..end]).await;
}

fn page(request: &str, upstream: &mut Upstream) -> (Option<PageFault>, String) {
    let before = upstream.requests;
    upstream.requests += 1;
    let fault = upstream.faults.get(&before).copied();
    if matches!(fault, Some(PageFault::Unavailable)) {
        return (fault, json!({"message": "later"}).to_string());
    }
    let (_, query) = request.lines().next().unwrap().split_once('?').unwrap();
    let query = query.split(' ').next().unwrap();
    let number = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let begin = number("pageCursor").unwrap_or(0);
    let most = upstream.pages[begin % upstream.pages.len()].min(number("pageSize").unwrap());
    let end = (begin + most).min(upstream.items.len());
    let info = json!({"endCursor": end.to_string(), "hasNextPage": end < upstream.items.len()});
    (fault, json!({"results": {"data": upstream.items[begin..end], "pageInfo": info}}).to_string())
}

/// Members of a vendor whose values may be anything here; none of them is a date, which tables show by its day.
const MEMBERS: [&str; 7] =
    ["name", "additionalNotes", "status", "category", "riskAttributeIds", "contractAmount", "customFields"];

fn value() -> impl Strategy<Value = Value> {
    let text = vec(select(vec!['a', 'Z', '7', ' ', ',', '"', '\\', '{', 'é', '日', '😀', '|']), 0..30);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1.0e9..1.0e9).prop_map(Value::from),
        text.prop_map(|all| Value::from(all.into_iter().collect::<String>())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(select(vec!["displayName", "amount", "x", "ünï"]), inner, 0..4).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

fn cut() -> impl Strategy<Value = Cut> {
    let item = btree_map(select(&MEMBERS[..]), value(), 0..MEMBERS.len());
    let items = vec(item, 0..60).prop_map(|all| {
        let whole = |(index, members): (usize, BTreeMap<&str, Value>)| {
            let mut item: Map<String, Value> =
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            item.insert("id".to_owned(), json!(format!("v{index}")));
            Value::Object(item)
        };
        all.into_iter().enumerate().map(whole).collect::<Vec<_>>()
    });
    let fault = select(vec![PageFault::Unavailable, PageFault::Reset, PageFault::Truncated]);
    let faults = btree_map(0..8_usize, fault, 1..4);
    (items, vec(1..20_usize, 1..5), faults, 1..40_usize, 1_000..3_000_usize).prop_map(
        |(items, pages, faults, page_size, max_chars)| Cut { items, pages, faults, page_size, max_chars },
    )
}

/// Makes a list what the upstream has.
fn set(shared: &Shared, cut: &Cut, pages: &[usize]) {
    let mut upstream = shared.lock().unwrap();
    (upstream.items, upstream.pages) = (cut.items.clone(), pages.to_vec());
    upstream.faults.clear();
    upstream.requests = 0;
}

/// Lets the requests of the next call fail.
fn spoil(shared: &Shared, cut: &Cut) {
    let mut upstream = shared.lock().unwrap();
    upstream.faults.clone_from(&cut.faults);
    upstream.requests = 0;
}

/// All items, answer by answer.
async fn followed(run: &Run, mut arguments: Value, most: usize) -> Result<Vec<Value>, TestCaseError> {
    let mut items = Vec::new();
    for _ in 0..=most {
        let answer = run.value("list_vendors", arguments.clone()).await;
        let found = objects(&answer);
        prop_assert_eq!(answer["count"].as_u64(), u64::try_from(found.len()).ok());
        items.extend(found);
        match answer.get("nextCursor") {
            Some(cursor) => arguments["pageCursor"] = cursor.clone(),
            None => return Ok(items),
        }
    }
    Err(TestCaseError::fail("the cursors do not end"))
}

/// The items of an answer in either form, as objects without what is null or empty: a table shows both alike.
fn objects(answer: &Value) -> Vec<Value> {
    if let Some(items) = answer.get("items") {
        return items.as_array().unwrap().iter().map(full).collect();
    }
    let columns: Vec<&str> =
        answer["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let rows = answer["rows"].as_array().unwrap();
    let object = |row: &Value| {
        let mut item = json!({});
        for (column, cell) in columns.iter().zip(row.as_array().unwrap()).filter(|(_, cell)| !cell.is_null())
        {
            let mut place = &mut item;
            for name in column.split('.') {
                place = &mut place[name];
            }
            *place = cell.clone();
        }
        full(&item)
    };
    rows.iter().map(object).collect()
}

fn full(value: &Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let kept = members.iter().map(|(name, value)| (name.clone(), full(value)));
    Value::Object(kept.filter(|(_, value)| !value.is_null() && *value != json!({})).collect())
}

async fn holds(run: &Run, shared: &Shared, cut: &Cut) -> Result<(), TestCaseError> {
    let fields: Vec<&str> = ["id"].into_iter().chain(MEMBERS).collect();
    let with = |more: Value| {
        let mut arguments = json!({"fields": fields, "maxChars": 1_000_000});
        for (name, value) in more.as_object().unwrap() {
            arguments[name] = value.clone();
        }
        arguments
    };
    let whole_list = with(json!({"all": true}));
    let program = r"map({id, name, kind: (.category | type), long: (.additionalNotes | tostring | length)})
        | group_by(.kind) | map({kind: .[0].kind, all: map([.id, .name, .long])})";
    let in_jq = with(json!({"jq": program}));
    let groups = json!({"groupBy": "status"});

    set(shared, cut, &[1_000]);
    let whole = run.value("list_vendors", whole_list.clone()).await;
    let expected: Vec<Value> = cut.items.iter().map(full).collect();
    prop_assert_eq!(objects(&whole), expected.clone());
    let by_program = run.value("list_vendors", in_jq.clone()).await;
    let in_groups = run.value("list_vendors", groups.clone()).await;

    set(shared, cut, &cut.pages);
    let most = cut.items.len();
    for format in ["json", "table"] {
        for more in
            [json!({"pageSize": cut.page_size}), json!({"all": true}), json!({"maxItems": cut.page_size})]
        {
            let mut arguments = with(more);
            arguments["format"] = json!(format);
            arguments["maxChars"] = json!(cut.max_chars);
            prop_assert_eq!(followed(run, arguments, most).await?, expected.clone());
        }
    }
    for (arguments, whole) in [(whole_list, whole), (in_jq, by_program), (groups, in_groups)] {
        set(shared, cut, &cut.pages);
        prop_assert_eq!(run.value("list_vendors", arguments.clone()).await, whole.clone());
        let requests = shared.lock().unwrap().requests;
        spoil(shared, cut);
        prop_assert_eq!(run.value("list_vendors", arguments).await, whole);
        let spoilt = shared.lock().unwrap().requests;
        let met = cut.faults.keys().filter(|place| **place < spoilt).count();
        // Each costs one request more.
        prop_assert_eq!(spoilt, requests + met);
    }
    Ok(())
}

#[test]
fn a_list_is_the_same_however_it_is_cut() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shared = Shared::default();
    let run = runtime.block_on(async {
        let url = serve(Arc::clone(&shared)).await;
        Setup::default().with("VANTA_BASE_URL", url).start().await
    });
    let config =
        Config { cases: CASES, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let outcome = TestRunner::new(config).run(&cut(), |cut| runtime.block_on(holds(&run, &shared, &cut)));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
