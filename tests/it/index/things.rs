//! What things are called: kept from what a question reads anyway, listed in spare budget, and told without a request.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vanta_demo::{FaultKind, Limits, Target};

use super::{place, process};
use crate::harness::{self, Run, Setup, Wire, eventually};
use crate::jobs::records;

/// The paths that were read, in the order of their names, with how often.
fn reads(run: &Run) -> Vec<String> {
    run.seen().iter().map(|seen| seen.path.clone()).collect()
}

async fn called(wire: &mut Wire, tool: &str, arguments: Value) -> Value {
    let call = json!({"name": tool, "arguments": arguments});
    wire.message(&json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})).await;
    let message = wire.receive().await.unwrap();
    assert_eq!(message["result"]["isError"], false, "{message}");
    message["result"]["structuredContent"].clone()
}

fn page(rows: &[Value], next: Option<&str>) -> FaultKind {
    let info = json!({"endCursor": next, "hasNextPage": next.is_some(), "hasPreviousPage": false, "startCursor": null});
    FaultKind::Body { status: 200, body: json!({"results": {"data": rows, "pageInfo": info}}).to_string() }
}

#[tokio::test]
async fn a_question_takes_names_from_the_index_and_reads_them_where_it_has_none() {
    let run = Setup::default().start().await;
    let first = run.value("vendor_overview", json!({})).await;
    assert!(reads(&run).contains(&"/v1/users".to_owned()));
    assert!(first.get("namesAsOf").is_none(), "{first}");

    run.tenant.forget();
    let mut second = run.value("vendor_overview", json!({})).await;
    assert_eq!(reads(&run), ["/v1/vendors"], "names cost nothing");
    let as_of = second.as_object_mut().unwrap().remove("namesAsOf").unwrap();
    assert!(as_of.as_str().unwrap().starts_with(&jiff::Timestamp::now().to_string()[..13]), "{as_of}");
    assert_eq!(second, first);

    run.tenant.forget();
    let fresh = run.value("vendor_overview", json!({"fresh": true})).await;
    assert!(reads(&run).contains(&"/v1/users".to_owned()) && fresh.get("namesAsOf").is_none(), "{fresh}");
    assert_eq!(fresh, first);
}

#[tokio::test]
async fn an_owner_whom_the_index_does_not_know_as_active_is_looked_at_now() {
    let run = Setup::default().start().await;
    let vendors = records(&run, "list_vendors", json!({})).await;
    let owner = vendors.iter().find_map(|vendor| vendor["securityOwnerUserId"].as_str()).unwrap();
    let users = records(&run, "list_users", json!({})).await;
    let others: Vec<Value> = users.iter().filter(|user| user["id"] != owner).cloned().collect();
    run.fault(Target::Path("/v1/users".to_owned()), page(&others, None), 1);
    let first = run.value("vendor_overview", json!({})).await;
    assert!(first.to_string().contains("(not an active user)"), "{first}");
    let second = run.value("vendor_overview", json!({})).await;
    assert!(
        !second.to_string().contains("(not an active user)"),
        "they were made a user meanwhile: {second}"
    );
    assert!(second.get("namesAsOf").is_none());
}

#[tokio::test]
async fn a_list_that_is_not_certainly_whole_is_not_kept() {
    let run = Setup::default().start().await;
    let users = records(&run, "list_users", json!({})).await;
    // The second page begins with the last of the first: something moved.
    run.fault(Target::Path("/v1/users".to_owned()), page(&users[..20], Some("next")), 1);
    run.fault(Target::Path("/v1/users".to_owned()), page(&users[19..], None), 1);
    run.value("vendor_overview", json!({})).await;
    run.tenant.forget();
    run.value("vendor_overview", json!({})).await;
    assert!(reads(&run).contains(&"/v1/users".to_owned()), "it is read again");

    let run = Setup::default().start().await;
    run.fault(
        Target::Path("/v1/users".to_owned()),
        FaultKind::Body { status: 403, body: "{}".to_owned() },
        20,
    );
    let answer = run.value("vendor_overview", json!({})).await;
    assert!(answer["notLookedAt"].to_string().contains("names of owners"), "{answer}");
    let documents = run.value("list_documents", json!({})).await;
    assert!(documents.get("names").is_none(), "{documents}");
}

#[tokio::test]
async fn lists_have_names_beside_ids_at_no_request() {
    let run = Setup::default().start().await;
    let plain = run.value("list_documents", json!({"all": true})).await;
    assert!(plain.get("names").is_none(), "nothing is known yet");
    run.value("vendor_overview", json!({})).await;
    run.value("due", json!({"kinds": ["vulnerability"]})).await;
    let users = records(&run, "list_users", json!({})).await;
    let name = |id: &str| users.iter().find(|user| user["id"] == id).unwrap()["displayName"].clone();

    run.tenant.forget();
    let mut named = run.value("list_documents", json!({"all": true})).await;
    assert!(run.seen().iter().all(|seen| seen.path == "/v1/documents"), "{:?}", reads(&run));
    let names = named.as_object_mut().unwrap().remove("names").unwrap();
    let day = named.as_object_mut().unwrap().remove("namesAsOf").unwrap();
    assert_eq!(day.as_str().unwrap(), &jiff::Timestamp::now().to_string()[..10]);
    assert_eq!(named, plain, "the items are as they were");
    let documents = records(&run, "list_documents", json!({})).await;
    let owners: BTreeSet<&str> = documents.iter().filter_map(|one| one["ownerId"].as_str()).collect();
    assert!(owners.len() > 2);
    let told: BTreeSet<&str> = names.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(told, owners, "each owner once, and nobody else");
    for owner in owners {
        assert_eq!(names[owner], name(owner));
    }

    let table = run.value("list_vulnerabilities", json!({"pageSize": 50, "format": "table"})).await;
    let assets = records(&run, "list_vulnerable_assets", json!({})).await;
    for (id, name) in table["names"].as_object().unwrap() {
        let asset = assets.iter().find(|asset| asset["id"] == *id).unwrap();
        assert_eq!(asset["name"], *name);
    }
    let groups = run.value("list_documents", json!({"groupBy": "ownerId"})).await;
    for owner in groups["names"].as_object().unwrap().keys() {
        assert!(groups["groups"][owner].is_u64(), "{groups}");
    }
    // What a program puts out is the program's, and a count names nobody.
    for arguments in [json!({"jq": "map(.ownerId)"}), json!({"countOnly": true})] {
        let answer = run.value("list_documents", arguments).await;
        assert!(answer.get("names").is_none(), "{answer}");
    }
    let short = run.value("list_documents", json!({"all": true, "maxChars": 1_500})).await;
    assert!(short.to_string().chars().count() <= 1_500, "{short}");
}

#[tokio::test]
async fn a_name_in_an_argument_is_looked_up_in_the_index_first() {
    let run = Setup::default().start().await;
    run.value("vendor_overview", json!({})).await;
    let vendor = records(&run, "list_vendors", json!({})).await[0].clone();
    let (id, name) = (vendor["id"].as_str().unwrap(), vendor["name"].as_str().unwrap());
    let of_it = format!("/v1/vendors/{id}");

    run.tenant.forget();
    let found = run.value("get_vendor", json!({"vendorId": name.to_uppercase()})).await;
    assert_eq!(reads(&run), [&*of_it]);
    let note = found["note"].as_str().unwrap();
    assert!(note.contains(&format!("\"id\":\"{id}\"")) && note.contains(", as listed at 20"), "{note}");

    // What the index names and is no more is looked up in the list.
    run.tenant.forget();
    run.fault(Target::Path(of_it.clone()), FaultKind::Body { status: 404, body: "{}".to_owned() }, 1);
    let found = run.value("get_vendor", json!({"vendorId": name})).await;
    assert!(!found["note"].as_str().unwrap().contains("as listed at"), "{found}");
    assert_eq!(reads(&run), [of_it.clone(), "/v1/vendors".to_owned(), of_it]);

    // What it does not know may be new, and what several have is told from the list.
    run.tenant.forget();
    let told = run.error("get_vendor", json!({"vendorId": "Nobody Of That Name"})).await;
    assert!(told.contains("list_vendors") && reads(&run).iter().all(|path| path == "/v1/vendors"), "{told}");

    // A change of ours may have renamed it.
    let renamed = json!({"vendorId": id, "name": "Quite Another Name"});
    run.value("update_vendor", renamed).await;
    run.tenant.forget();
    let found = run.value("get_vendor", json!({"vendorId": "Quite Another Name"})).await;
    assert_eq!(found["name"], "Quite Another Name");
    assert!(reads(&run).contains(&"/v1/vendors".to_owned()), "{:?}", reads(&run));
}

#[tokio::test]
async fn whoever_builds_the_index_lists_each_kind_once_and_another_process_has_the_names() {
    let tenant = harness::tenant(Limits::Off).await;
    let folder = tempfile::tempdir().unwrap();
    let refused = FaultKind::Body { status: 403, body: r#"{"message":"not for you"}"#.to_owned() };
    tenant.fault(vanta_demo::Fault { on: Target::Path("/v1/policies".to_owned()), kind: refused, times: 50 });
    let mut command = super::command(&tenant, &folder);
    command.env("VANTA_MCP_INDEX", "all");
    let mut first = Wire::start(command);
    first.initialize().await;
    let overview = called(&mut first, "vendor_overview", json!({})).await;
    let read = |path: &str| tenant.seen().iter().filter(|seen| seen.path == path).count();
    let last = "/v1/vulnerable-assets";
    eventually("the last kind is listed", async || read(last) > 0).await;
    // Controls come next.
    eventually("the controls are listed", async || read("/v1/controls") > 0).await;
    for path in ["/v1/groups", "/v1/integrations"] {
        assert_eq!(read(path), 1, "{path}");
    }
    // The snapshot of the day reads these as well.
    for path in ["/v1/policies", "/v1/issues"] {
        assert!((1..=2).contains(&read(path)), "{path}");
    }
    first.child.kill().await.unwrap();

    let mut second = process(&tenant, &folder).await;
    tenant.forget();
    let mut again = called(&mut second, "vendor_overview", json!({})).await;
    assert!(again.as_object_mut().unwrap().remove("namesAsOf").is_some());
    assert_eq!(again, overview);
    let people = called(&mut second, "list_people", json!({"fields": ["id", "groupIds"]})).await;
    assert!(!people["names"].as_object().unwrap().is_empty(), "{people}");
    let sent: BTreeSet<String> =
        tenant.seen().into_iter().map(|seen| seen.path).filter(|path| path != "/oauth/token").collect();
    assert_eq!(sent, BTreeSet::from(["/v1/people".to_owned(), "/v1/vendors".to_owned()]));

    // Nothing of it can be read in the file.
    let whole: Vec<u8> = std::fs::read_dir(place(&folder).parent().unwrap())
        .unwrap()
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    let whole = String::from_utf8_lossy(&whole);
    assert!(whole.contains("things/user/"), "it is kept there");
    for name in people["names"].as_object().unwrap().values() {
        assert!(!whole.contains(name.as_str().unwrap()), "{name}");
    }
}

#[tokio::test]
async fn with_the_index_off_no_name_is_kept() {
    let run = Setup::default().with("VANTA_MCP_INDEX", "off").start().await;
    run.value("vendor_overview", json!({})).await;
    run.tenant.forget();
    let second = run.value("vendor_overview", json!({})).await;
    assert!(reads(&run).contains(&"/v1/users".to_owned()) && second.get("namesAsOf").is_none());
    assert!(run.value("list_documents", json!({})).await.get("names").is_none());
}
