//! Accounts of customers, tag categories, and requests for deletion.

use super::*;

const ACCOUNTS: &str = "customer-trust/accounts";
const CATEGORIES: &str = "customer-trust/tag-categories";

/// Category id and tag id of a tag.
pub(super) fn tag(client: &mut Client, category: &str, name: &str) -> (String, String) {
    let listed = client.get(CATEGORIES);
    let categories = listed["results"].as_array().unwrap();
    let category = id(categories.iter().find(|other| text(other, "displayName") == category).unwrap());
    let found = client.get(&format!("{CATEGORIES}/{category}"));
    let tag = found["tags"].as_array().unwrap().iter().find(|tag| text(tag, "displayName") == name).unwrap();
    (category, id(tag))
}

#[test]
fn what_is_shared_with_customers_is_the_same_for_the_same_seed_and_time() {
    let lists = [
        ACCOUNTS,
        "customer-trust/questionnaires",
        "knowledge-base/answer-library",
        "knowledge-base/resources",
        "contracts",
    ];
    let everything = || {
        let mut client = Client::new();
        lists.map(|list| client.list(list))
    };
    let first = everything();
    assert_eq!(first, everything());
    let mut ids: Vec<String> = first.iter().flatten().map(id).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), count > 50), (count, true));
}

#[test]
fn accounts_are_found_by_name_domain_approval_and_custom_fields() {
    let mut client = Client::new();
    let all = client.list(ACCOUNTS);
    assert_eq!(all.len(), 12);
    assert_eq!(client.list(&format!("{ACCOUNTS}?searchString=BRIGHT")).len(), 1);
    assert_eq!(client.list(&format!("{ACCOUNTS}?searchString=meridale-pharmacy.ex")).len(), 1);
    let automatic = client.list(&format!("{ACCOUNTS}?isAutoApprovalEnabled=true"));
    assert!(
        !automatic.is_empty()
            && automatic.iter().all(|account| account["accessConfig"]["grantAccessOption"].is_string())
    );
    let others = client.list(&format!("{ACCOUNTS}?isAutoApprovalEnabled=false"));
    assert_eq!((automatic.len(), others.len()), (4, 8));
    let filter = in_query(&json!([{ "label": "Region", "value": "Midwest" }]));
    assert_eq!(client.list(&format!("{ACCOUNTS}?customFieldsFilter={filter}")).len(), 4);
    for wrong in ["customFieldsFilter=Midwest", "customFieldsFilter=[1]", "isAutoApprovalEnabled=maybe"] {
        assert_eq!(client.send("GET", &format!("{ACCOUNTS}?{wrong}"), Value::Null).0, 400, "{wrong}");
    }
    let agreements: Vec<&str> = all.iter().map(|account| text(&account["ndaDetails"], "ndaStatus")).collect();
    assert!(["SIGNED", "NOT_REQUIRED", "INCOMPLETE"].iter().all(|status| agreements.contains(status)));
}

#[test]
fn an_account_is_created_changed_and_deleted() {
    let mut client = Client::new();
    let (category, hospital) = tag(&mut client, "Customer segment", "Hospital");
    let (_, clinic) = tag(&mut client, "Customer segment", "Clinic");
    let (region, states) = tag(&mut client, "Region", "United States");
    let body = json!({
        "name": "Wexcombe Hospital", "emailDomain": "wexcombe.example",
        "ndaDetails": { "markNdaNotRequired": true },
        "accessConfig": { "autoApprovalEnabled": true, "grantAccessOption": "INCLUDE_ONLY_CONFIGURED" },
        "tagsByCategory": [
            { "categoryId": category, "tagIds": [hospital] },
            { "categoryId": region, "tagIds": [states] },
        ],
    });
    let (status, created) = client.send("POST", ACCOUNTS, body);
    assert_eq!((status, &created["ndaDetails"]["ndaStatus"]), (200, &json!("NOT_REQUIRED")));
    let path = format!("{ACCOUNTS}/{}", id(&created));
    assert_eq!(client.get(&path), created);
    let expected = [
        "accessConfig",
        "createdDate",
        "customFields",
        "emailDomain",
        "id",
        "name",
        "ndaDetails",
        "tagsByCategory",
        "updatedDate",
    ];
    assert_eq!(names(&created), expected);
    let change = json!({
        "name": "Wexcombe General", "customFields": [{ "label": "Tier", "value": ["A", "B"] }],
        "tagsByCategory": [
            { "categoryId": category, "tagIds": [clinic] },
            { "categoryId": region, "tagIds": [] },
        ],
    });
    assert_eq!(client.send_at("2026-11-23T00:00:00Z", "PATCH", &path, change).0, 200);
    let changed = client.get(&path);
    assert_eq!(
        (text(&changed, "name"), text(&changed, "emailDomain")),
        ("Wexcombe General", "wexcombe.example")
    );
    assert_eq!(changed["tagsByCategory"], json!([{ "categoryId": category, "tagIds": [clinic] }]));
    assert_eq!(changed["customFields"][0]["value"], json!(["A", "B"]));
    assert_eq!(text(&changed, "updatedDate"), "2026-11-23T00:00:00.000Z");
    assert_eq!(client.send("DELETE", &path, Value::Null).0, 204);
    for method in ["GET", "PATCH", "DELETE"] {
        assert_eq!(client.send(method, &path, Value::Null).0, 404, "{method}");
    }
}

#[test]
fn wrong_accounts_are_refused() {
    let mut client = Client::new();
    let (category, _) = tag(&mut client, "Region", "Canada");
    let with = |key: &str, value: Value| {
        let mut body = json!({ "name": "A", "emailDomain": "a.example" });
        crate::record::set(&mut body, key, value);
        body
    };
    let cases = [
        (400, Value::Null),
        (422, json!({ "name": "A" })),
        (422, with("emailDomain", json!("someone@a.example"))),
        (422, with("ndaDetails", json!({}))),
        (422, with("accessConfig", json!({ "autoApprovalEnabled": true }))),
        (422, with("accessConfig", json!({ "autoApprovalEnabled": false, "grantAccessOption": "ALL" }))),
        (422, with("customFields", json!([{ "label": "Seats", "value": 3 }]))),
        (422, with("tagsByCategory", json!([{ "categoryId": category }]))),
        (404, with("tagsByCategory", json!([{ "categoryId": category, "tagIds": ["none"] }]))),
    ];
    for (expected, body) in cases {
        assert_eq!(client.send("POST", ACCOUNTS, body.clone()).0, expected, "{body}");
    }
    assert_eq!(client.list(ACCOUNTS).len(), 12);
}

#[test]
fn what_named_a_deleted_account_stays_without_it() {
    let mut client = Client::new();
    let account = client.list("contracts")[0]["customerTrustAccountId"].as_str().unwrap().to_owned();
    let named = |client: &mut Client, list: &str| {
        let records = client.list(list);
        (records.len(), records.iter().filter(|one| one["customerTrustAccountId"] == account).count())
    };
    let lists = ["contracts", "customer-trust/questionnaires"];
    let before = lists.map(|list| named(&mut client, list));
    assert!(!before.is_empty() && before.iter().all(|(_, named)| *named > 0));
    client.send("DELETE", &format!("{ACCOUNTS}/{account}"), Value::Null);
    assert_eq!(lists.map(|list| named(&mut client, list)), before.map(|(all, _)| (all, 0)));
}

#[test]
fn tag_categories_are_switched_on_and_off_for_a_context() {
    let mut client = Client::new();
    let all = client.get(CATEGORIES)["results"].as_array().unwrap().clone();
    let with = |client: &mut Client, query: &str| {
        let found = client.get(&format!("{CATEGORIES}?{query}"));
        found["results"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    let sharing = "productContextIdsMatchesAny=CONTROL_SHARING";
    assert_eq!(with(&mut client, sharing).len(), 1);
    assert_eq!(with(&mut client, "productContextIdsMatchesAny=QUESTIONNAIRE").len(), 4);
    assert_eq!(
        with(&mut client, &format!("{sharing}&productContextIdsMatchesAny=QUESTIONNAIRE")).len(),
        all.len()
    );
    assert_eq!(names(&all[0]), ["displayName", "id"]);
    let path = format!("{CATEGORIES}/{}", id(&all[0]));
    let one = client.get(&path);
    assert_eq!((&one["category"], one["tags"].as_array().unwrap().len()), (&all[0], 3));
    let contexts = format!("{path}/product-contexts");
    for _ in 0..2 {
        let body = json!({ "productContextId": "CONTROL_SHARING" });
        assert_eq!(client.send("POST", &contexts, body).0, 204);
        assert!(with(&mut client, sharing).contains(&id(&all[0])));
    }
    for _ in 0..2 {
        assert_eq!(client.send("DELETE", &format!("{contexts}/CONTROL_SHARING"), Value::Null).0, 204);
        assert!(!with(&mut client, sharing).contains(&id(&all[0])));
    }
    assert_eq!(client.send("POST", &contexts, json!({ "productContextId": "QUESTIONNAIRE" })).0, 422);
    assert_eq!(client.send("DELETE", &format!("{contexts}/QUESTIONNAIRE"), Value::Null).0, 400);
    assert_eq!(client.get(&format!("{CATEGORIES}?productContextIdsMatchesAny=X"))["results"], json!([]));
    assert_eq!(client.send("GET", &format!("{CATEGORIES}/none"), Value::Null).0, 404);
    let body = json!({ "productContextId": "CONTROL_SHARING" });
    assert_eq!(client.send("POST", &format!("{CATEGORIES}/none/product-contexts"), body).0, 404);
}

#[test]
fn a_deletion_request_needs_an_email_address() {
    let mut client = Client::new();
    let mut request = |body: Value| client.send("POST", "customer-trust/deletion-requests", body);
    assert_eq!(request(json!({ "email": "someone@clinic.example" })), (200, json!({ "isSuccessful": true })));
    for (expected, body) in [(400, Value::Null), (422, json!({})), (422, json!({ "email": "someone" }))] {
        assert_eq!(request(body.clone()).0, expected, "{body}");
    }
}
