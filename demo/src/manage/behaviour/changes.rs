//! Groups and their members, resources that are changed, products that are taken on, files of vendors.

use super::*;

fn statuses(answer: &Value) -> Vec<&str> {
    answer["results"].as_array().unwrap().iter().map(|entry| text(entry, "status")).collect()
}

#[test]
fn a_new_group_takes_people_in_and_lets_them_go() {
    let mut client = Client::new();
    let people = client.list("people");
    let (one, two, three) = (id(&people[3]), id(&people[40]), id(&people[41]));
    let contact = people[2]["emailAddress"].clone();
    let body = json!({ "name": "Clinical safety", "description": null, "pointOfContactEmail": contact });
    let (status, group) = client.send("POST", "groups", body.clone());
    assert_eq!((status, &group["personnelCount"], &group["source"]), (200, &json!(0), &json!("Vanta")));
    assert_eq!(group["pointOfContact"]["emailAddress"], contact);
    assert_eq!(client.send("POST", "groups", body).0, 409);
    let path = format!("groups/{}", id(&group));
    let listed = client.get(&path);
    assert_eq!(listed.as_object().unwrap().len(), 3);
    assert_eq!(client.list("groups").last(), Some(&listed));

    let (status, person) = client.send("POST", &format!("{path}/people"), json!({ "id": one }));
    assert!(status == 200 && person["groupIds"].as_array().unwrap().contains(&group["id"]));
    let updates = json!({ "updates": [{ "id": one }, { "id": two }, { "id": "nobody" }, { "id": three }] });
    let (status, answer) = client.send("POST", &format!("{path}/add-people"), updates);
    assert_eq!((status, statuses(&answer)), (200, vec!["SUCCESS", "SUCCESS", "ERROR", "SUCCESS"]));
    let members = |client: &mut Client| -> Vec<String> {
        client.get(&format!("{path}/people")).as_array().unwrap().iter().map(id).collect()
    };
    assert_eq!(members(&mut client), [one.clone(), two.clone(), three.clone()]);
    assert_eq!(client.list(&format!("people?groupIdsMatchesAny={}", id(&group))).len(), 3);

    let (status, person) = client.send("DELETE", &format!("{path}/people/{two}"), Value::Null);
    assert!(status == 200 && !person["groupIds"].as_array().unwrap().contains(&group["id"]));
    assert_eq!(client.send("DELETE", &format!("{path}/people/{two}"), Value::Null).0, 404);
    let updates = json!({ "updates": [{ "id": one }, { "id": two }] });
    let (_, answer) = client.send("POST", &format!("{path}/remove-people"), updates);
    assert_eq!(statuses(&answer), ["SUCCESS", "ERROR"]);
    assert_eq!(members(&mut client), [three]);
}

#[test]
fn requests_about_groups_that_cannot_be_are_refused() {
    let mut client = Client::new();
    let group = id(&client.list("groups")[1]);
    let person = id(&client.list("people")[3]);
    for (target, body, status) in [
        ("groups".to_owned(), json!({}), 422),
        ("groups".to_owned(), json!({ "name": "" }), 422),
        ("groups".to_owned(), json!({ "name": "a", "pointOfContactEmail": "b@c.example" }), 422),
        ("groups/none/people".to_owned(), json!({ "id": person }), 404),
        ("groups/none/add-people".to_owned(), json!({ "updates": [] }), 404),
        (format!("groups/{group}/people"), json!({ "id": "nobody" }), 404),
        (format!("groups/{group}/people"), json!({}), 422),
        (format!("groups/{group}/add-people"), json!({ "updates": person }), 422),
        (format!("groups/{group}/remove-people"), json!({ "updates": vec![json!({ "id": "a" }); 101] }), 422),
        ("groups/import-from-idp".to_owned(), json!({ "idpGroupIds": [1] }), 422),
    ] {
        assert_eq!(client.send("POST", &target, body.clone()).0, status, "{target} {body}");
    }
}

#[test]
fn groups_of_identity_providers_are_taken_over_once_with_their_members() {
    let mut client = Client::new();
    let offered = client.list("groups/importable-idp-groups");
    assert_eq!(offered.len(), 8);
    assert!(!offered.is_empty() && offered.iter().all(|group| group.as_object().unwrap().len() == 4));
    assert_eq!(client.list("groups/importable-idp-groups?integrationId=gsuiteadmin").len(), 3);
    assert_eq!(
        client.list("groups/importable-idp-groups?integrationId=gsuiteadmin&integrationId=okta").len(),
        8
    );
    let found = client.list("groups/importable-idp-groups?search=on-call");
    assert_eq!(found.len(), 1);
    let before = client.list("groups").len();
    let wanted = id(&found[0]);
    let body = json!({ "idpGroupIds": [wanted, "none", wanted] });
    let (status, answer) = client.send("POST", "groups/import-from-idp", body);
    assert_eq!((status, statuses(&answer)), (200, vec!["SUCCESS", "ERROR", "ERROR"]));
    let reasons: Vec<&Value> =
        answer["results"].as_array().unwrap().iter().map(|entry| &entry["reason"]).collect();
    assert_eq!(reasons, [&Value::Null, &json!("NOT_FOUND"), &json!("IMPORT_FAILED")]);
    let group = text(&answer["results"][0], "groupId").to_owned();
    assert_eq!(client.get(&format!("groups/{group}"))["name"], "On-call engineers");
    assert!(client.get(&format!("groups/{group}/people")).as_array().unwrap().len() > 3);
    assert_eq!(client.list("groups").len(), before + 1);
    assert_eq!(client.list("groups/importable-idp-groups").len(), 7);
}

#[test]
fn resources_change_where_their_kind_allows_it() {
    let mut client = Client::new();
    let path = "integrations/aws/resource-kinds/S3Bucket/resources";
    let buckets = client.list(path);
    let owner = id(&client.list("people")[3]);
    let bucket = |which: usize| text(&buckets[which], "resourceId").to_owned();
    let former = id(&client.list("people?employmentStatus=FORMER")[0]);
    let change = json!({ "ownerId": owner, "description": "Logs of the gateway", "inScope": false });
    assert_eq!(client.send("PATCH", &format!("{path}/{}", bucket(0)), change), (204, Value::Null));
    let changed = client.get(&format!("{path}/{}", bucket(0)));
    assert_eq!(
        (&changed["owner"], &changed["description"], &changed["inScope"]),
        (&json!(owner), &json!("Logs of the gateway"), &json!(false))
    );
    let updates = json!({ "updates": [
        { "id": bucket(1), "inScope": false },
        { "id": "none", "inScope": false },
        { "id": bucket(2), "ownerId": "nobody" },
        { "id": bucket(3), "inScope": "no" },
        { "id": bucket(4), "ownerId": former },
    ] });
    let (status, answer) = client.send("PATCH", path, updates);
    assert_eq!((status, statuses(&answer)), (200, vec!["SUCCESS", "ERROR", "ERROR", "ERROR", "ERROR"]));
    assert_eq!(client.get(&format!("{path}/{}", bucket(1)))["inScope"], false);
    assert_eq!(client.get(&format!("{path}/{}", bucket(2))), buckets[2]);
    let details = client.get("integrations/aws/resource-kinds/S3Bucket");
    assert_eq!(details["numInScope"], json!(client.list(&format!("{path}?isInScope=true")).len()));

    let accounts = "integrations/slack/resource-kinds/SlackAccount/resources";
    let account = text(&client.list(accounts)[0], "resourceId").to_owned();
    let target = format!("{accounts}/{account}");
    assert_eq!(client.send("PATCH", &target, json!({ "ownerId": owner })).0, 422);
    assert_eq!(client.send("PATCH", &target, json!({ "description": "Mine" })).0, 204);
    let policies = "integrations/vanta/resource-kinds/VantaPolicy/resources";
    let policy = text(&client.list(policies)[0], "resourceId").to_owned();
    assert_eq!(client.send("PATCH", &format!("{policies}/{policy}"), json!({ "inScope": false })).0, 422);
    for (target, status) in
        [(format!("{path}/none"), 404), ("integrations/aws/resource-kinds/None/resources".into(), 404)]
    {
        assert_eq!(client.send("PATCH", &target, json!({ "updates": [] })).0, status, "{target}");
    }
}

#[test]
fn a_product_that_is_taken_on_is_a_vendor_and_no_longer_discovered() {
    let mut client = Client::new();
    let found = client.list("discovered-vendors").remove(3);
    let path = format!("discovered-vendors/{}", id(&found));
    let before = client.list("vendors").len();
    let (status, vendor) = client.send("POST", &format!("{path}/add-to-managed"), Value::Null);
    assert_eq!((status, &vendor["name"], &vendor["status"]), (200, &found["name"], &json!("MANAGED")));
    assert_eq!(vendor["category"]["displayName"], found["category"]["name"]);
    assert_eq!(client.get(&format!("vendors/{}", id(&vendor))), vendor);
    assert_eq!(client.list("vendors").len(), before + 1);
    assert!(client.list("discovered-vendors").iter().all(|other| id(other) != id(&found)));
    assert_eq!(client.send("GET", &format!("{path}/accounts"), Value::Null).0, 404);
    assert_eq!(client.send("POST", &format!("{path}/add-to-managed"), Value::Null).0, 404);
}

#[test]
fn missed_deadlines_are_acknowledged_once_and_with_a_comment() {
    let mut client = Client::new();
    let late = client.list("vulnerability-remediations?isRemediatedOnTime=false");
    let in_time = client.list("vulnerability-remediations?isRemediatedOnTime=true");
    let entry = |of: &Value| json!({ "id": id(of), "slaViolationComment": "The fix broke imaging" });
    let updates = [
        entry(&late[0]),
        entry(&in_time[0]),
        json!({ "id": id(&late[1]) }),
        json!({ "id": "x", "slaViolationComment": "y" }),
    ];
    let target = "vulnerability-remediations/acknowledge-sla-miss";
    let (status, answer) = client.send("POST", target, json!({ "updates": updates }));
    assert_eq!((status, statuses(&answer)), (200, vec!["SUCCESS", "ERROR", "ERROR", "ERROR"]));
    let again = json!({ "updates": [entry(&late[0]), entry(&late[1])] });
    assert_eq!(statuses(&client.send("POST", target, again).1), ["ERROR", "SUCCESS"]);
    assert_eq!(client.send("POST", target, json!({ "updates": vec![entry(&late[2]); 51] })).0, 422);
}

#[test]
fn files_for_vendors_are_kept_until_they_are_deleted() {
    let mut client = Client::new();
    let vendor = id(&client.list("vendors")[0]);
    let review = id(&client.list(&format!("vendors/{vendor}/security-reviews"))[0]);
    let file = json!({ "fileName": "report.pdf", "mimeType": "application/pdf", "bytes": 77 });
    let body = json!({ "file": file, "type": "SOC2_REPORT", "title": "Report" });
    for path in [
        format!("vendors/{vendor}/documents"),
        format!("vendors/{vendor}/security-reviews/{review}/documents"),
    ] {
        let (status, document) = client.send("POST", &path, body.clone());
        assert_eq!((status, &document["fileName"]), (200, &json!("report.pdf")));
        assert!(client.list(&path).contains(&document));
        let (_, size) = client.0.drawer.hand_out(&document).parts();
        assert_eq!(size, 77);
        assert_eq!(client.send("POST", &path, json!({ "file": { "a": 1 }, "type": "CONTRACT" })).0, 422);
        assert_eq!(client.send("POST", &path, json!({ "type": "CONTRACT" })).0, 422);
        if path.contains("security-reviews") {
            let target = format!("{path}/{}", id(&document));
            assert_eq!(client.send("DELETE", &target, Value::Null).0, 204);
            assert_eq!(client.send("DELETE", &target, Value::Null).0, 404);
            assert_ne!(client.0.drawer.hand_out(&document).parts().1, 77);
        }
    }
    assert_eq!(
        client.send("POST", &format!("vendors/{vendor}/set-status"), json!({ "status": "GONE" })).0,
        422
    );
}

#[test]
fn users_are_deactivated_but_not_the_last_admin_nor_the_directory_s() {
    let mut client = Client::new();
    let people = client.list("people");
    let (head_of_security, head_of_people, privacy_officer) =
        (id(&people[2]), id(&people[4]), id(&people[8]));
    let updates =
        |ids: &[&str]| json!({ "updates": ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>() });
    let all = updates(&[&head_of_security, &head_of_people, &privacy_officer, "nobody"]);
    let (status, answer) = client.send("POST", "users/deactivate", all);
    assert_eq!((status, statuses(&answer)), (200, vec!["ERROR", "SUCCESS", "ERROR", "ERROR"]));
    for (user, active) in [(&head_of_security, true), (&head_of_people, false), (&privacy_officer, true)] {
        assert_eq!(client.get(&format!("users/{user}"))["isActive"], active, "{user}");
    }
    assert_eq!(client.get(&format!("people/{head_of_people}"))["employment"]["status"], "CURRENT");
    let again = client.send("POST", "users/deactivate", updates(&[&head_of_people])).1;
    assert_eq!(statuses(&again), ["SUCCESS"]);
    assert_eq!(client.send("POST", "users/deactivate", json!({})).0, 422);
}

#[test]
fn a_group_is_deleted_once_nobody_made_here_is_in_it() {
    let mut client = Client::new();
    let groups = client.list("groups");
    let by_name = |name: &str| id(groups.iter().find(|group| group["name"] == name).unwrap());
    let delete =
        |client: &mut Client, id: &str| client.send("DELETE", &format!("groups/{id}"), Value::Null).0;
    assert_eq!(delete(&mut client, &by_name("Everyone")), 422);
    let finance = by_name("Finance and legal");
    assert_eq!(delete(&mut client, &finance), 422);
    let members = client.get(&format!("groups/{finance}/people"));
    let ids: Vec<Value> = members.as_array().unwrap().iter().map(|one| json!({ "id": one["id"] })).collect();
    assert!(!ids.is_empty());
    client.send("POST", &format!("groups/{finance}/remove-people"), json!({ "updates": ids }));
    assert_eq!((delete(&mut client, &finance), delete(&mut client, &finance)), (204, 404));
    // One of a directory goes with its members in it.
    let engineering = by_name("Engineering");
    assert_eq!(delete(&mut client, &engineering), 204);
    assert_eq!(client.list("groups").len(), groups.len() - 2);
    for person in client.list("people") {
        let mine = person["groupIds"].as_array().unwrap();
        assert!(!mine.contains(&json!(engineering)) && !mine.contains(&json!(finance)), "{person}");
    }
}

#[test]
fn evidence_is_evaluated_once_until_it_changes() {
    let mut client = Client::new();
    let documents = client.list("documents?statusMatchesAny=OK");
    let plain = documents.iter().find(|one| {
        one["isSensitive"] == false
            && client.send("GET", &format!("documents/{}/evaluation", id(one)), Value::Null).0 == 404
    });
    let path = format!("documents/{}", id(plain.unwrap()));
    let at = |second: u8| format!("2026-11-22T08:00:{second:02}Z");
    let evaluate = format!("{path}/evaluate");
    let result = format!("{path}/evaluation");
    let mut ask =
        |second: u8, method: &str, target: &str| client.send_at(&at(second), method, target, Value::Null).0;
    assert_eq!((ask(1, "POST", &evaluate), ask(2, "POST", &evaluate)), (202, 202));
    assert_eq!((ask(2, "GET", &result), ask(3, "GET", &result)), (404, 200));
    assert_eq!(ask(4, "POST", &evaluate), 204);
    client.send("POST", &format!("{path}/links"), json!({ "url": "https://a.example", "title": "A" }));
    assert_eq!(client.send_at(&at(5), "GET", &result, Value::Null).0, 404);
    assert_eq!(client.send_at(&at(5), "POST", &evaluate, Value::Null).0, 202);

    let sensitive = documents.iter().find(|one| one["isSensitive"] == true).unwrap();
    let empty = client.list("documents?statusMatchesAny=Needs%20document").remove(1);
    for refused in [sensitive, &empty] {
        let target = format!("documents/{}/evaluate", id(refused));
        assert_eq!(client.send("POST", &target, Value::Null).0, 422, "{refused}");
    }
    assert_eq!(client.send("POST", "documents/none/evaluate", Value::Null).0, 404);
}
