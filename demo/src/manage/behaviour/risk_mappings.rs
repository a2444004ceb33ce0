//! What risks are mapped to: accounts, integrations, findings, issues, custom assets, enterprise risks.

use super::*;

const STOLEN: &str = "patient-records-read-with-a-stolen-password";
const RANSOMWARE: &str = "ransomware-encrypts-production-data";
const BUCKET: &str = "a-storage-bucket-is-opened-to-the-public";
const VENDOR: &str = "a-critical-vendor-loses-health-information";

impl Client {
    /// The path of a risk's mappings, by its object id.
    fn mappings(&mut self, risk: &str) -> String {
        format!("risk-scenarios/{}/mappings", id(&self.get(&format!("risk-scenarios/{risk}"))))
    }

    /// The connections of an integration.
    fn connections(&mut self, integration: &str) -> Vec<String> {
        let record = self.get(&format!("integrations/{integration}"));
        let connections = record["connections"].as_array().unwrap();
        connections.iter().map(|one| text(one, "connectionId").to_owned()).collect()
    }

    /// The ids of what is mapped.
    fn mapped(&mut self, list: &str) -> Vec<String> {
        self.list(list).iter().map(id).collect()
    }
}

fn account(service: &str, connection: &str) -> Value {
    json!({ "serviceId": service, "accountId": connection })
}

#[test]
fn mappings_go_by_the_object_id_alone() {
    let mut client = Client::new();
    for list in ["accounts", "vendor-findings", "issues"] {
        let by_risk_id = format!("risk-scenarios/{STOLEN}/mappings/{list}");
        assert_eq!(client.send("GET", &by_risk_id, Value::Null).0, 404, "{list}");
        let path = client.mappings(STOLEN);
        client.get(&format!("{path}/{list}"));
    }
    let path = client.mappings(STOLEN);
    assert_eq!(
        client.send("GET", &format!("{path}/custom-assets"), Value::Null).0,
        0,
        "is not known to be there"
    );
}

#[test]
fn an_integration_takes_the_place_of_its_accounts_and_gives_way_to_those_that_are_left() {
    let mut client = Client::new();
    let path = client.mappings(BUCKET);
    let accounts = format!("{path}/accounts");
    let (aws, gcp) = (client.connections("aws"), client.connections("gcp"));
    assert_eq!(
        client.list(&accounts),
        [account("aws", &aws[0]), account("aws", &aws[1]), account("gcp", &gcp[0])]
    );
    let whole = json!({ "integrationIdsToAdd": ["aws", "aws"] });
    assert_eq!(client.send("POST", &format!("{path}/integrations"), whole).0, 204);
    assert_eq!(client.list(&accounts), [account("gcp", &gcp[0])]);
    let again = json!({ "accountsToLink": [account("gcp", &gcp[1]), account("aws", &aws[0])] });
    assert_eq!(client.send("POST", &accounts, again).0, 422, "is included through its integration");
    assert_eq!(client.list(&accounts), [account("gcp", &gcp[0])], "a refused call changes nothing");
    let one = json!({ "accountsToUnlink": [account("aws", &aws[0]), account("aws", &aws[0])] });
    assert_eq!(client.send("DELETE", &accounts, one).0, 204);
    assert_eq!(client.list(&accounts), [account("gcp", &gcp[0]), account("aws", &aws[1])]);
    let gone = json!({ "anyName": ["aws", "slack"] });
    assert_eq!(client.send("DELETE", &format!("{path}/integrations"), gone).0, 204);
    assert_eq!(client.list(&accounts), [account("gcp", &gcp[0])]);
    let mut part = account("gcp", &gcp[1]);
    part["subunitId"] = json!("folder-7");
    let both = json!({ "accountsToLink": [part.clone(), part.clone()] });
    assert_eq!(client.send("POST", &accounts, both).0, 204);
    assert_eq!(client.list(&accounts), [account("gcp", &gcp[0]), part]);
    for (body, status) in [
        (json!({}), 422),
        (json!({ "accountsToLink": [{ "serviceId": "aws" }] }), 422),
        (json!({ "accountsToLink": [account("aws", "none")] }), 404),
        (json!({ "accountsToLink": [account("none", &aws[0])] }), 404),
    ] {
        assert_eq!(client.send("POST", &accounts, body.clone()).0, status, "{body}");
    }
    let unknown = json!({ "integrationIdsToAdd": ["okta", "none"] });
    assert_eq!(client.send("POST", &format!("{path}/integrations"), unknown).0, 404);
}

#[test]
fn findings_about_vendors_are_mapped_once_and_go_when_they_are_deleted() {
    let mut client = Client::new();
    let path = format!("{}/vendor-findings", client.mappings(VENDOR));
    let before = client.mapped(&path);
    assert_eq!(before.len(), 3);
    let all: Vec<Value> = client.0.vendors.findings.all().to_vec();
    let free = id(&all[5]);
    let link = |ids: &[&str]| json!({ "vendorFindingIdsToLink": ids });
    assert_eq!(client.send("POST", &path, link(&[&free, &before[0]])).0, 422, "one is linked already");
    assert_eq!(client.send("POST", &path, link(&[&free, "none"])).0, 404);
    assert_eq!(client.mapped(&path), before, "all or none");
    assert_eq!(client.send("POST", &path, link(&[&free, &free])).0, 204);
    assert_eq!(client.mapped(&path).len(), 4);
    let unlink = |ids: &[&str]| json!({ "vendorFindingIdsToUnlink": ids });
    assert_eq!(client.send("DELETE", &path, unlink(&["none"])).0, 404);
    assert_eq!(client.send("DELETE", &path, unlink(&[&free, &id(&all[6])])).0, 204);
    assert_eq!(client.mapped(&path), before);
    let deleted = format!("vendors/{}/findings/{}", text(&all[0], "vendorId"), before[0]);
    assert_eq!(client.send("DELETE", &deleted, Value::Null).0, 204);
    assert_eq!(client.mapped(&path), before[1..]);
}

#[test]
fn issues_and_risks_agree_on_what_is_mapped() {
    let mut client = Client::new();
    let path = format!("{}/issues", client.mappings(RANSOMWARE));
    let before = client.mapped(&path);
    assert_eq!(before.len(), 1);
    let other = id(client.list("issues").iter().find(|issue| id(issue) != before[0]).unwrap());
    assert_eq!(client.send("POST", &path, json!({ "ids": [other, "none"] })).0, 404);
    assert_eq!(client.send("POST", &path, json!({ "ids": [] , "one": 1 })).0, 204);
    assert_eq!(client.send("POST", &path, json!({ "one": 1 })).0, 422);
    assert_eq!(client.mapped(&path), before);
    assert_eq!(client.send("POST", &path, json!({ "ids": [other, before[0], other] })).0, 204);
    assert_eq!(client.mapped(&path).len(), 2);
    let issue = client.get(&format!("issues/{other}"));
    assert!(issue["mappedRiskScenarioIds"].as_array().unwrap().contains(&json!(RANSOMWARE)));
    let unlink = |ids: &[&str]| json!({ "issueIdsToUnlink": ids });
    assert_eq!(client.send("DELETE", &path, unlink(&[&other, "none"])).0, 404);
    assert_eq!(client.send("DELETE", &path, unlink(&[&other, &other])).0, 204);
    assert_eq!(client.send("DELETE", &path, unlink(&[&before[0], &other])).0, 422, "one is not linked");
    assert_eq!(client.mapped(&path), before);
}

#[test]
fn custom_assets_have_to_be_there_to_be_mapped_and_need_not_to_be_unmapped() {
    let mut client = Client::new();
    let path = client.mappings(RANSOMWARE);
    let assets = format!("{path}/custom-assets");
    let risk = path.split('/').nth(1).unwrap().to_owned();
    let known = client.mapped("custom-assets");
    let mapped = |client: &Client| client.0.risks.assets_of(&risk);
    assert_eq!(mapped(&client), known[1..2]);
    assert_eq!(client.send("POST", &assets, json!({ "ids": [known[3], "none"] })).0, 404);
    assert_eq!(mapped(&client), known[1..2]);
    assert_eq!(client.send("POST", &assets, json!({ "ids": [known[3], known[1]] })).0, 204);
    assert_eq!(mapped(&client), [known[1].clone(), known[3].clone()]);
    let gone = json!({ "customAssetIdsToUnlink": [known[1], known[0], "none"] });
    assert_eq!(client.send("DELETE", &assets, gone).0, 204);
    assert_eq!(mapped(&client), known[3..4]);
    assert_eq!(client.send("DELETE", &assets, json!({})).0, 422);
}

#[test]
fn enterprise_risks_above_a_risk_are_found_by_either_id() {
    let mut client = Client::new();
    let above = [json!({ "riskId": "clinics-lose-trust-after-an-incident" })];
    assert_eq!(client.list(&format!("risk-scenarios/{STOLEN}/mappings/enterprise-risk")), above);
    let path = client.mappings(STOLEN);
    assert_eq!(client.list(&format!("{path}/enterprise-risk")), above);
    for without in [BUCKET, "clinics-lose-trust-after-an-incident"] {
        let list = format!("risk-scenarios/{without}/mappings/enterprise-risk");
        assert_eq!(client.list(&list), [] as [Value; 0], "{without}");
    }
    assert_eq!(client.send("GET", "risk-scenarios/none/mappings/enterprise-risk", Value::Null).0, 404);
}
