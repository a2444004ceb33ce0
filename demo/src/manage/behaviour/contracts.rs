//! Contracts: uploaded, tied to an account, and found by nobody once deleted.

use super::*;

fn pdf(name: &str) -> Value {
    json!({ "fileName": name, "mimeType": "application/pdf", "bytes": 12 })
}

fn upload(client: &mut Client, body: Value) -> (u16, Value) {
    client.send("POST", "contracts", body)
}

#[test]
fn contracts_belong_to_accounts_that_there_are() {
    let mut client = Client::new();
    let accounts: Vec<String> = client.list("customer-trust/accounts").iter().map(id).collect();
    let contracts = client.list("contracts");
    assert_eq!(client.get("contracts")["results"]["data"].as_array().unwrap().len(), 10);
    assert!(contracts.len() > 10);
    for contract in &contracts {
        let expected = ["creationDate", "customerTrustAccountId", "executedDate", "externalId", "id", "name"];
        assert_eq!(names(contract), expected);
        let account = &contract["customerTrustAccountId"];
        assert!(account.is_null() || accounts.iter().any(|id| account == id), "{contract}");
        assert_eq!(client.get(&format!("contracts/{}", id(contract))), *contract);
    }
    assert!(contracts.iter().any(|contract| contract["executedDate"].is_null()));
}

#[test]
fn an_uploaded_contract_is_read_and_deleted() {
    let mut client = Client::new();
    let account = id(&client.list("customer-trust/accounts")[3]);
    let body = json!({
        "file": pdf("larkspur.pdf"), "executedDate": "2026-11-20", "accountId": account,
        "externalId": "crm-77",
    });
    let (status, contract) = upload(&mut client, body);
    assert_eq!((status, text(&contract, "name")), (200, "larkspur.pdf"));
    assert_eq!(text(&contract, "executedDate"), "2026-11-20T00:00:00.000Z");
    let path = format!("contracts/{}", id(&contract));
    assert_eq!(client.get(&path), contract);
    assert!(client.list("contracts").contains(&contract));
    assert_eq!(client.send("DELETE", &path, Value::Null).0, 204);
    assert_eq!(client.send("GET", &path, Value::Null).0, 404);
    assert_eq!(client.send("DELETE", &path, Value::Null).0, 404);
    let (status, again) = upload(&mut client, json!({ "file": pdf("larkspur.pdf"), "externalId": "crm-77" }));
    assert_eq!((status, &again["executedDate"]), (200, &Value::Null));
}

#[test]
fn wrong_contracts_are_refused() {
    let mut client = Client::new();
    let count = client.list("contracts").len();
    let taken = client.list("contracts")[0]["externalId"].clone();
    let word = json!({ "fileName": "a.docx", "mimeType": "application/msword", "bytes": 3 });
    let cases = [
        (409, json!({ "file": pdf("a.pdf"), "externalId": taken })),
        (422, json!({ "file": pdf("a.pdf"), "externalId": "é".repeat(257) })),
        (422, json!({ "file": word })),
        (422, json!({ "file": "text" })),
        (422, json!({ "externalId": "b" })),
        (422, json!({ "file": pdf("a.pdf"), "executedDate": "yesterday" })),
        (404, json!({ "file": pdf("a.pdf"), "accountId": "nobody" })),
    ];
    for (expected, body) in cases {
        assert_eq!(upload(&mut client, body.clone()).0, expected, "{body}");
    }
    assert_eq!(client.list("contracts").len(), count);
    let longest = json!({ "file": pdf("a.pdf"), "externalId": "é".repeat(256) });
    assert_eq!(upload(&mut client, longest).0, 200);
}
