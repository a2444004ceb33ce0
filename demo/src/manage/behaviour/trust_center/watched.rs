//! What visitors did: activity and conversations.

use super::*;

#[test]
fn activity_is_of_viewers_who_may_see_what_they_saw() {
    let mut client = Client::new();
    let viewers = client.pages("viewers");
    let resources = client.results("resources");
    let events = client.pages("activity");
    assert!(events.len() > 50);
    assert!(events.windows(2).all(|pair| text(&pair[0], "date") > text(&pair[1], "date")));
    for event in &events {
        let viewer = viewers.iter().find(|viewer| viewer["id"] == event["viewerId"]);
        assert_eq!(viewer.is_none(), event["viewerId"].is_null(), "{event}");
        assert_eq!(viewer.map_or(&Value::Null, |viewer| &viewer["email"]), &event["viewerEmail"]);
        let details = &event["details"];
        match text(event, "eventType") {
            "PAGE_VIEW" => assert!(details["page"].is_string()),
            "VIDEO_PLAY" => assert!(details["videoTitle"].is_string()),
            _ => {
                let seen = resources.iter().find(|one| one["id"] == details["resourceId"]).unwrap();
                assert_eq!(seen["title"], details["resourceName"]);
                let granted = viewer.is_some_and(|viewer| {
                    let named = viewer["resourceIds"].as_array();
                    named.is_none_or(|named| named.contains(&seen["id"]))
                });
                assert!(seen["isPublic"] == true || granted, "{event}");
            }
        }
    }
}

#[test]
fn activity_is_filtered_by_type_and_time() {
    let mut client = Client::new();
    let all = client.pages("activity");
    let mut sum = 0;
    for kind in ["PAGE_VIEW", "RESOURCE_DOWNLOAD", "RESOURCE_VIEW", "VIDEO_PLAY"] {
        let found = client.pages(&format!("activity?eventTypesMatchesAny={kind}"));
        assert!(!found.is_empty() && found.iter().all(|event| event["eventType"] == kind), "{kind}");
        sum += found.len();
    }
    assert_eq!(sum, all.len());
    let two = client.pages("activity?eventTypesMatchesAny=PAGE_VIEW&eventTypesMatchesAny=VIDEO_PLAY");
    assert!(two.len() < all.len() && two.iter().any(|event| event["eventType"] == "VIDEO_PLAY"));
    // The first moment counts, the last does not.
    let moment = text(&all[20], "date");
    assert_eq!(client.pages(&format!("activity?afterDate={moment}")).len(), 21);
    assert_eq!(client.pages(&format!("activity?beforeDate={moment}")).len(), all.len() - 21);
    assert_eq!(client.status("GET", "activity?afterDate=soon"), 400);
    assert_eq!(client.status("GET", "activity?eventTypesMatchesAny=LOGIN"), 200);
}

#[test]
fn conversations_sum_up_their_messages() {
    let mut client = Client::new();
    let conversations = client.pages("chatbot/conversations");
    let viewers = client.pages("viewers");
    let mut cited = 0;
    for conversation in &conversations {
        let messages = client.results(&format!("chatbot/conversations/{}", id(conversation)));
        assert_eq!(conversation["numMessages"], json!(messages.len()));
        assert_eq!(conversation["firstMessage"], messages[0]["message"]);
        assert_eq!(conversation["createdAt"], messages[0]["createdAt"]);
        let open = conversation["isPublicConversation"] == true;
        assert_eq!(open, !viewers.iter().any(|viewer| viewer["email"] == conversation["userEmail"]));
        for message in messages {
            for name in ["id", "role", "message", "createdAt", "references"] {
                assert!(message.get(name).is_some(), "{message}");
            }
            for source in message["references"].as_array().unwrap() {
                let list = if source["type"] == "RESOURCE" {
                    "trust-centers/quillmere/resources"
                } else {
                    "controls"
                };
                client.get(&format!("{list}/{}", id(source)));
                cited += 1;
            }
        }
    }
    assert!(cited >= 8);
}

#[test]
fn conversations_are_searched_by_what_was_said() {
    let mut client = Client::new();
    // In an answer, not in a first message.
    let found = client.pages("chatbot/conversations?searchString=EUROPE");
    assert_eq!(found.len(), 1);
    assert!(!text(&found[0], "firstMessage").contains("Europe"));
    assert_eq!(client.pages("chatbot/conversations?searchString=agreement").len(), 2);
    assert!(client.pages("chatbot/conversations?searchString=xylophone").is_empty());
}
