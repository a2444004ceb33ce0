//! Viewers and access requests.

use super::*;

fn guest() -> Value {
    json!({
        "email": "zoe.lund@northfold-clinics.example",
        "name": "Zoe Lund",
        "companyName": "Northfold Clinics",
        "isNdaRequired": true,
        "accessLevel": "FULL_ACCESS",
    })
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    set(&mut body, key, value);
    body
}

fn private_resource(client: &mut Client) -> Value {
    let found = client.results("resources").into_iter().find(|one| one["isPublic"] == false);
    found.unwrap()["id"].clone()
}

#[test]
fn viewers_of_the_start_stand_in_every_way_with_the_company() {
    let mut client = Client::new();
    let viewers = client.pages("viewers");
    let resources = ids(&client.results("resources"));
    let users = ids(&client.list("users"));
    let count = |wanted: &dyn Fn(&Value) -> bool| viewers.iter().filter(|viewer| wanted(viewer)).count();
    assert!(count(&|viewer| viewer["resourceIds"].is_array()) >= 3);
    assert!(
        count(&|viewer| viewer["ndaInfo"].is_object() && viewer["ndaInfo"]["satisfiedDate"].is_null()) >= 2
    );
    assert!(count(&|viewer| viewer["expirationDate"].as_str().is_some_and(|end| end < NOW)) == 1);
    for viewer in &viewers {
        for resource in viewer["resourceIds"].as_array().into_iter().flatten() {
            assert!(resources.iter().any(|id| resource == id.as_str()));
        }
        let host = &viewer["addedByUser"];
        assert!(host.is_null() || users.contains(&id(host)), "{viewer}");
        if viewer["ndaInfo"]["provider"] == "DOCUSIGN" {
            assert!(viewer["ndaInfo"]["docuSign"]["envelopeId"].is_string());
        }
    }
}

#[test]
fn a_viewer_is_added_changed_and_removed() {
    let mut client = Client::new();
    let before = client.pages("viewers").len();
    let (status, viewer) = client.ask_center("POST", "viewers", guest());
    assert_eq!(
        (status, &viewer["resourceIds"], &viewer["expirationDate"]),
        (200, &Value::Null, &Value::Null)
    );
    assert_eq!((&viewer["ndaInfo"]["satisfiedDate"], &viewer["addedByUser"]), (&Value::Null, &Value::Null));
    let path = format!("viewers/{}", id(&viewer));
    assert_eq!(client.at(&path), viewer);
    let resource = private_resource(&mut client);
    let change = json!({
        "accessLevel": "PARTIAL_ACCESS", "resourceIds": [resource], "expirationDate": "2027-03-01",
        "isNdaRequired": false, "customerTrustAccountId": "acct",
    });
    let (status, changed) = client.ask_center("PATCH", &path, change);
    assert_eq!((status, &changed), (200, &client.at(&path)));
    assert_eq!(changed["resourceIds"], json!([resource]));
    assert_eq!(
        (text(&changed, "expirationDate"), &changed["ndaInfo"], text(&changed, "customerTrustAccountId")),
        ("2027-03-01", &Value::Null, "acct")
    );
    client.ask_center("PATCH", &path, json!({ "expirationDate": null, "accessLevel": "FULL_ACCESS" }));
    let full = client.at(&path);
    assert_eq!((&full["expirationDate"], &full["resourceIds"]), (&Value::Null, &Value::Null));
    let reminder = format!("{path}/send-invite-reminder");
    assert_eq!(client.ask_center("POST", &reminder, Value::Null), (200, json!({ "isSuccessful": true })));
    assert_eq!(client.status("DELETE", &path), 204);
    for (method, target) in [("GET", &path), ("DELETE", &path), ("POST", &reminder)] {
        assert_eq!(client.status(method, target), 404, "{method} {target}");
    }
    assert_eq!(client.ask_center("PATCH", &path, json!({})).0, 404);
    assert_eq!(client.pages("viewers").len(), before + 1);
    let present = client.pages("viewers?includeRemoved=false");
    assert_eq!(present.len(), before - 1);
    assert!(!ids(&present).contains(&id(&viewer)));
    assert_eq!(client.ask_center("POST", "viewers", guest()).0, 200);
}

#[test]
fn wrong_viewers_are_refused() {
    let mut client = Client::new();
    let before = client.pages("viewers");
    for (key, value, status) in [
        ("email", json!("nobody"), 422),
        ("email", json!("ADA.FENN@harrowgate-regional-hospital.example"), 409),
        ("accessLevel", json!("NO_ACCESS"), 422),
        ("isNdaRequired", json!("true"), 422),
        ("expirationDate", json!("someday"), 422),
        ("resourceIds", json!(["none"]), 404),
        ("resourceIds", json!([7]), 422),
    ] {
        let body = with(guest(), key, value);
        assert_eq!(client.ask_center("POST", "viewers", body.clone()).0, status, "{body}");
    }
    for key in ["email", "name", "companyName", "isNdaRequired", "accessLevel"] {
        let body = crate::record::without(&guest(), &[key]);
        assert_eq!(client.ask_center("POST", "viewers", body).0, 422, "{key}");
    }
    let path = format!("viewers/{}", id(&before[0]));
    assert_eq!(client.ask_center("PATCH", &path, json!({ "resourceIds": ["none"] })).0, 404);
    assert_eq!(client.status("GET", "viewers?includeRemoved=maybe"), 400);
    assert_eq!(client.pages("viewers"), before);
}

#[test]
fn a_viewer_with_some_access_sees_everything_that_is_not_narrowed() {
    let mut client = Client::new();
    let (_, viewer) =
        client.ask_center("POST", "viewers", with(guest(), "accessLevel", json!("PARTIAL_ACCESS")));
    let all = client.results("resources").len();
    assert_eq!(viewer["resourceIds"].as_array().unwrap().len(), all);
    let signed = client.pages("viewers").into_iter().find(|one| one["ndaInfo"]["satisfiedDate"].is_string());
    let path = format!("viewers/{}", id(&signed.unwrap()));
    let before = client.at(&path)["ndaInfo"].clone();
    client.ask_center("PATCH", &path, json!({ "isNdaRequired": false }));
    assert_eq!(client.at(&path)["ndaInfo"], before);
}

#[test]
fn an_approved_request_makes_a_viewer_of_what_was_asked_for() {
    let mut client = Client::new();
    let request = client.pages("access-requests").remove(0);
    assert!(request["requestedResources"].is_array());
    let path = format!("access-requests/{}", id(&request));
    assert_eq!(client.at(&path), request);
    assert_eq!(client.ask_center("POST", &format!("{path}/approve"), Value::Null), (204, Value::Null));
    let viewer =
        client.pages("viewers").into_iter().find(|viewer| viewer["email"] == request["email"]).unwrap();
    assert_eq!(viewer["resourceIds"], request["requestedResources"]);
    assert_eq!(
        (&viewer["name"], &viewer["companyName"], &viewer["accessLevel"], &viewer["expirationDate"]),
        (&request["name"], &request["companyName"], &request["accessLevel"], &Value::Null)
    );
    assert!(viewer["ndaInfo"].is_object());
    let latest = client.pages("historical-access-requests").remove(0);
    assert_eq!((id(&latest), text(&latest, "outcome")), (id(&request), "APPROVED"));
    assert_ne!(latest["updatedDate"], request["updatedDate"]);
    assert_eq!((client.status("GET", &path), client.status("POST", &format!("{path}/approve"))), (404, 404));
    assert_eq!(client.status("POST", &format!("{path}/deny")), 404);
}

#[test]
fn an_approval_can_grant_something_else() {
    let mut client = Client::new();
    let requests = client.pages("access-requests");
    let resource = private_resource(&mut client);
    let full = requests.iter().find(|request| request["accessLevel"] == "FULL_ACCESS").unwrap();
    let target = format!("access-requests/{}/approve", id(full));
    for wrong in [json!({ "accessLevel": "SOME" }), json!({ "isNdaRequired": 1 })] {
        assert_eq!(client.ask_center("POST", &target, wrong).0, 422);
    }
    assert_eq!(client.ask_center("POST", &target, json!({ "resourceIds": ["none"] })).0, 404);
    let body = json!({
        "accessLevel": "PARTIAL_ACCESS", "resourceIds": [resource], "expirationDate": "2027-01-31",
        "isNdaRequired": false,
    });
    assert_eq!(client.ask_center("POST", &target, body).0, 204);
    let viewer = client.pages("viewers").into_iter().find(|viewer| viewer["email"] == full["email"]).unwrap();
    assert_eq!(
        (&viewer["resourceIds"], text(&viewer, "expirationDate"), &viewer["ndaInfo"]),
        (&json!([resource]), "2027-01-31", &Value::Null)
    );
    assert_eq!(client.pages("access-requests").len(), requests.len() - 1);
}

#[test]
fn a_viewer_who_asks_again_stays_one_viewer_and_a_denial_makes_none() {
    let mut client = Client::new();
    let requests = client.pages("access-requests");
    let known = with(guest(), "email", requests[0]["email"].clone());
    let (_, viewer) = client.ask_center("POST", "viewers", known);
    let before = client.pages("viewers").len();
    client.ask_center("POST", &format!("access-requests/{}/approve", id(&requests[0])), json!({}));
    let after = client.at(&format!("viewers/{}", id(&viewer)));
    assert_eq!(after["resourceIds"], requests[0]["requestedResources"]);
    let target = format!("access-requests/{}/deny", id(&requests[1]));
    assert_eq!(client.ask_center("POST", &target, json!({ "reason": 7 })).0, 422);
    assert_eq!(client.ask_center("POST", &target, json!({ "reason": "Unknown to us" })).0, 204);
    assert_eq!(client.pages("viewers").len(), before);
    assert_eq!(client.pages("historical-access-requests")[0]["outcome"], "DENIED");
}
