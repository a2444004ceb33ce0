//! Updates, and who is told of them.

use super::*;

fn news() -> Value {
    json!({ "title": "New report", "description": "It is here.", "category": "COMPLIANCE" })
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    set(&mut body, key, value);
    body
}

fn verified(client: &mut Client) -> Vec<String> {
    let subscribers = client.pages("subscribers").into_iter();
    let mut emails: Vec<String> = subscribers
        .filter(|one| one["isEmailVerified"] == true)
        .map(|one| text(&one, "email").to_owned())
        .collect();
    emails.sort();
    emails
}

fn group_named(client: &mut Client, name: &str) -> Value {
    client.pages("subscriber-groups").into_iter().find(|group| group["name"] == name).unwrap()
}

#[test]
fn subscribers_come_and_go() {
    let mut client = Client::new();
    let body = json!({ "email": "zoe@kilbride-county-health.example", "customerTrustAccountId": "acct-1" });
    let (status, subscriber) = client.ask_center("POST", "subscribers", body.clone());
    assert_eq!((status, &subscriber["isEmailVerified"]), (201, &json!(false)));
    let path = format!("subscribers/{}", id(&subscriber));
    assert_eq!(client.at(&path), subscriber);
    assert_eq!(client.pages("subscribers?customerTrustAccountId=acct-1"), [subscriber]);
    assert_eq!(client.pages("subscribers?customerTrustAccountId=none"), Vec::<Value>::new());
    assert_eq!(client.ask_center("POST", "subscribers", body).0, 409);
    let skipping =
        json!({ "email": "kai@kilbride-county-health.example", "shouldSkipEmailVerification": true });
    assert_eq!(client.ask_center("POST", "subscribers", skipping).1["isEmailVerified"], true);
    assert_eq!(client.ask_center("POST", "subscribers", json!({ "email": "zoe" })).0, 422);
    assert_eq!(client.status("POST", "subscribers"), 400);

    let groups = client.pages("subscriber-groups");
    let chosen = [id(&groups[0]), id(&groups[3])];
    let target = format!("{path}/groups");
    assert_eq!(client.ask_center("PUT", &target, json!({ "groupIds": [id(&groups[1])] })).0, 200);
    assert_eq!(client.ask_center("PUT", &target, json!({ "groupIds": chosen })).0, 200);
    let mine = |client: &mut Client| {
        let groups = client.pages("subscriber-groups").into_iter();
        let me = path.split_once('/').unwrap().1.to_owned();
        groups
            .filter(|group| group["subscriberIds"].to_string().contains(&me))
            .map(|group| id(&group))
            .collect::<Vec<_>>()
    };
    assert_eq!(mine(&mut client), chosen);
    assert_eq!(client.ask_center("PUT", &target, json!({ "groupIds": ["none"] })).0, 404);
    assert_eq!(client.ask_center("PUT", &target, json!({})).0, 422);
    assert_eq!(mine(&mut client), chosen);
    assert_eq!(client.status("DELETE", &path), 204);
    assert_eq!(client.status("GET", &path), 404);
    assert!(mine(&mut client).is_empty());
}

#[test]
fn groups_hold_subscribers_that_there_are() {
    let mut client = Client::new();
    let subscribers = ids(&client.pages("subscribers"));
    let mut members = 0;
    for group in client.pages("subscriber-groups") {
        for member in group["subscriberIds"].as_array().unwrap() {
            assert!(subscribers.iter().any(|id| member == id.as_str()), "{group}");
            members += 1;
        }
    }
    assert!(members > 0, "some group has some");
    let members = [&subscribers[2], &subscribers[0], &subscribers[2]];
    let body = json!({ "name": "Pilots", "subscriberIds": members });
    let (status, group) = client.ask_center("POST", "subscriber-groups", body);
    assert_eq!((status, &group["subscriberIds"]), (201, &json!([subscribers[2], subscribers[0]])));
    let path = format!("subscriber-groups/{}", id(&group));
    client.ask_center("PATCH", &path, json!({ "name": "Test pilots" }));
    assert_eq!(client.at(&path)["name"], "Test pilots");
    assert_eq!(client.at(&path)["subscriberIds"], group["subscriberIds"]);
    assert_eq!(client.ask_center("PATCH", &path, json!({})).0, 422);
    let strange = json!({ "name": "Strangers", "subscriberIds": ["none"] });
    assert_eq!(client.ask_center("POST", "subscriber-groups", strange).0, 404);
    assert_eq!(client.ask_center("POST", "subscriber-groups", json!({ "name": "A" })).0, 422);
    assert_eq!(client.status("DELETE", &path), 204);
    assert_eq!(client.status("GET", &path), 404);
}

#[test]
fn an_update_is_published_changed_and_deleted() {
    let mut client = Client::new();
    let (status, update) = client.ask_center("POST", "updates", news());
    assert_eq!(
        (status, text(&update, "visibilityType"), &update["notifiedEmails"]),
        (201, "PUBLIC", &json!([]))
    );
    let path = format!("updates/{}", id(&update));
    assert_eq!(client.at(&path), update);
    assert_eq!(client.pages("updates").last(), Some(&update));
    let change = with(with(news(), "title", json!("Newer report")), "visibilityType", json!("PRIVATE"));
    client.ask_center("PATCH", &path, change);
    let changed = client.at(&path);
    assert_eq!((text(&changed, "title"), text(&changed, "visibilityType")), ("Newer report", "PRIVATE"));
    for wrong in [
        json!({ "title": "A" }),
        with(news(), "category", json!("NEWS")),
        with(news(), "visibilityType", json!("SECRET")),
    ] {
        assert_eq!(client.ask_center("PATCH", &path, wrong.clone()).0, 422, "{wrong}");
        assert_eq!(client.ask_center("POST", "updates", wrong.clone()).0, 422, "{wrong}");
    }
    assert_eq!(client.at(&path), changed);
    assert_eq!(client.status("DELETE", &path), 204);
    assert_eq!(client.status("GET", &path), 404);
}

#[test]
fn an_update_is_sent_to_the_audience_that_it_names() {
    let mut client = Client::new();
    let everyone = verified(&mut client);
    let all = with(news(), "notificationTarget", json!("ALL"));
    let (_, update) = client.ask_center("POST", "updates", all);
    assert_eq!(update["notifiedEmails"], json!(everyone));
    let groups = with(news(), "notificationTarget", json!("GROUPS"));
    assert_eq!(client.ask_center("POST", "updates", groups.clone()).0, 422);
    let insurers = group_named(&mut client, "Insurers");
    let groups = with(groups, "subscriberGroupIds", json!([id(&insurers)]));
    let groups = with(groups, "notifiedEmails", json!(["press@paper.example"]));
    let (_, update) = client.ask_center("POST", "updates", groups.clone());
    let told = json!([
        "marcus.obi@brightwater-health-plan.example",
        "omar.nasser@brightwater-health-plan.example",
        "press@paper.example"
    ]);
    assert_eq!(update["notifiedEmails"], told);
    assert_eq!(client.ask_center("POST", "updates", with(groups, "notifiedEmails", json!(["press"]))).0, 422);
}

#[test]
fn notifications_add_to_those_who_were_told() {
    let mut client = Client::new();
    let (_, update) = client.ask_center("POST", "updates", news());
    let path = format!("updates/{}", id(&update));
    let specific = format!("{path}/notify-specific-subscribers");
    let told = |client: &mut Client| client.at(&path)["notifiedEmails"].as_array().unwrap().len();
    let body = |emails: Value, groups: Value| json!({ "emails": emails, "subscriberGroupIds": groups });
    assert_eq!(client.ask_center("POST", &specific, body(json!([]), json!([]))).0, 422);
    assert_eq!(client.ask_center("POST", &specific, json!({ "emails": ["a@b.example"] })).0, 422);
    assert_eq!(client.ask_center("POST", &specific, body(json!([]), json!(["none"]))).0, 404);
    assert_eq!(
        client.ask_center("POST", &specific, body(json!(["a@b.example", "a@b.example"]), json!([]))).0,
        204
    );
    assert_eq!(told(&mut client), 1);
    // Of the three hospital partners one has not confirmed; no account has a tag that there is not.
    let partners = json!([id(&group_named(&mut client, "Hospital partners"))]);
    let filter = json!({ "tagsByCategory": [{ "categoryId": "size", "tagIds": ["large"] }] });
    let linked = with(body(json!([]), partners.clone()), "customerTrustAccounts", filter);
    assert_eq!(client.ask_center("POST", &specific, linked).0, 204);
    assert_eq!(told(&mut client), 1);
    assert_eq!(client.ask_center("POST", &specific, body(json!([]), partners.clone())).0, 204);
    assert_eq!(told(&mut client), 3);
    let wrong = json!({ "customFieldsFilter": [{ "label": "Region" }] });
    let wrong = with(body(json!([]), partners), "customerTrustAccounts", wrong);
    assert_eq!(client.ask_center("POST", &specific, wrong).0, 422);
    assert_eq!(client.status("POST", &format!("{path}/notify-all-subscribers")), 204);
    assert_eq!(told(&mut client), verified(&mut client).len() + 1);
}

#[test]
fn a_message_goes_to_five_thousand_at_most() {
    let mut client = Client::new();
    let update = client.pages("updates").remove(0);
    let target = format!("updates/{}/notify-specific-subscribers", id(&update));
    let body = |count: usize| {
        let emails: Vec<String> = (0..count).map(|one| format!("{one}@many.example")).collect();
        json!({ "emails": emails, "subscriberGroupIds": [] })
    };
    assert_eq!(client.ask_center("POST", &target, body(5001)).0, 422);
    assert_eq!(client.ask_center("POST", &target, body(5000)).0, 204);
}
