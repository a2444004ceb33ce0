//! What other records name by id: users, groups, assessment types, risk attributes; and discovered vendors.

use std::collections::HashSet;

use super::*;

#[test]
fn every_owner_is_a_user() {
    let mut client = Client::new();
    let users: HashSet<String> = client.list("users").iter().map(id).collect();
    let mut owners: Vec<Value> = Vec::new();
    for list in ["controls", "tests"] {
        owners.extend(client.list(list).iter().map(|record| record["owner"]["id"].clone()));
    }
    owners.extend(client.list("documents").iter().map(|document| document["ownerId"].clone()));
    for vendor in client.list("vendors") {
        owners.extend([&vendor["securityOwnerUserId"], &vendor["businessOwnerUserId"]].map(Value::clone));
    }
    for resource in client.list("integrations/aws/resource-kinds/S3Bucket/resources") {
        owners.push(resource["owner"].clone());
    }
    owners.retain(|owner| !owner.is_null());
    assert!(owners.len() > 200);
    assert!(!owners.is_empty() && owners.iter().all(|owner| users.contains(owner.as_str().unwrap())));
    let user = client.get(&format!("users/{}", owners[0].as_str().unwrap()));
    assert_eq!(user["isActive"], true);
    assert_eq!(user.as_object().unwrap().len(), 4);
    assert_eq!(client.send("GET", "users/nobody", Value::Null).0, 404);
}

#[test]
fn a_user_stays_when_its_person_is_set_apart_and_is_inactive_once_access_is_gone() {
    let mut client = Client::new();
    let people = client.list("people");
    let body = json!({ "updates": [{ "id": id(&people[9]), "reason": "A bot" }] });
    client.send("POST", "people/mark-as-not-people", body);
    assert_eq!(client.get(&format!("users/{}", id(&people[9])))["email"], people[9]["emailAddress"]);
    let gone =
        people.iter().find(|person| person["tasksSummary"]["status"] == "OFFBOARDING_COMPLETE").unwrap();
    assert_eq!(client.get(&format!("users/{}", id(gone)))["isActive"], false);
}

#[test]
fn groups_hold_exactly_the_people_that_name_them() {
    let mut client = Client::new();
    let groups = client.list("groups");
    let mut memberships = 0;
    for group in &groups {
        assert_eq!(client.get(&format!("groups/{}", id(group))), *group);
        let members = client.get(&format!("groups/{}/people", id(group)));
        let filtered = client.list(&format!("people?groupIdsMatchesAny={}", id(group)));
        assert_eq!(members, json!(filtered));
        assert!(!filtered.is_empty(), "{group}");
        memberships += filtered.len();
    }
    let named: usize =
        client.list("people").iter().map(|person| person["groupIds"].as_array().unwrap().len()).sum();
    assert_eq!(memberships, named);
    assert_eq!(client.send("GET", "groups/none/people", Value::Null).0, 404);
}

#[test]
fn assessments_are_of_types_that_are_listed() {
    let mut client = Client::new();
    let all = client.list("vendor-assessment-types").len();
    let active = client.list("vendor-assessment-types?status=ACTIVE");
    assert_eq!(active.len() + client.list("vendor-assessment-types?status=ARCHIVED").len(), all);
    assert!(client.list("vendor-assessment-types?status=OLD").is_empty());
    for vendor in client.list("vendors") {
        for assessment in client.list(&format!("vendors/{}/assessments", id(&vendor))) {
            let of = &assessment["assessmentType"];
            let kind = client.get(&format!("vendor-assessment-types/{}", id(of)));
            assert_eq!(kind["name"], of["name"]);
            assert!(active.contains(&kind));
        }
    }
}

#[test]
fn a_vendors_risk_attributes_explain_its_level() {
    let mut client = Client::new();
    let attributes = client.list("vendor-risk-attributes");
    for vendor in client.list("vendors") {
        let named = vendor["riskAttributeIds"].as_array().unwrap();
        assert_eq!(named.is_empty(), vendor["inherentRiskLevel"] == "UNSCORED", "{vendor}");
        for name in named {
            let attribute = attributes.iter().find(|attribute| attribute["id"] == *name).unwrap();
            let categories = attribute["vendorCategories"].as_array().unwrap();
            assert_eq!(
                (&attribute["riskLevel"], &attribute["enabled"]),
                (&vendor["inherentRiskLevel"], &json!(true))
            );
            assert!(categories.contains(&vendor["category"]["displayName"]));
        }
    }
}

#[test]
fn discovered_vendors_are_none_of_the_managed_ones_and_are_used_by_known_accounts() {
    let mut client = Client::new();
    let managed: Vec<String> =
        client.list("vendors").iter().map(|vendor| text(vendor, "name").to_owned()).collect();
    let mut open = 0;
    for scope in ["NEEDS_REVIEW", "IGNORED", "REJECTED"] {
        let vendors = client.list(&format!("discovered-vendors?scope={scope}"));
        open = open.max(vendors.len());
        assert!(!vendors.is_empty(), "{scope}");
        for vendor in vendors {
            assert!(!managed.iter().any(|name| name == text(&vendor, "name")), "{vendor}");
            assert_eq!(
                (vendor["ignored"].is_null(), vendor["rejected"].is_null()),
                (scope != "IGNORED", scope != "REJECTED")
            );
            let accounts = client.list(&format!("discovered-vendors/{}/accounts", id(&vendor)));
            assert_eq!(vendor["numberOfAccounts"], json!(accounts.len()));
            for account in accounts {
                let user = if account["type"] == "COMPUTER" { &account["owner"] } else { &account };
                if !user.is_null() {
                    client.get(&format!("users/{}", text(user, "id")));
                }
                if account["type"] == "COMPUTER" {
                    client.get(&format!(
                        "integrations/jamf/resource-kinds/JamfComputer/resources/{}",
                        id(&account)
                    ));
                }
            }
        }
    }
    assert_eq!(client.list("discovered-vendors").len(), open);
    assert_eq!(client.send("GET", "discovered-vendors/none/accounts", Value::Null).0, 404);
}
