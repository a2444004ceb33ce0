//! `trust_center_access`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vanta_demo::{Application, FaultKind, Limits, Target};

use super::{asked, column, records};
use crate::harness::{self, Listener, Run, Setup};

const JOB: &str = "trust_center_access";

async fn start() -> Run {
    let tenant = harness::tenant(Limits::Off).await;
    let slug = tenant.trust_center();
    Setup::default().with("VANTA_TRUST_CENTER", slug).start_with(tenant).await
}

fn path(below: &str, run: &Run) -> Target {
    Target::Path(format!("/v1/trust-centers/{}/{below}", run.tenant.trust_center()))
}

fn emails<'v>(viewers: impl IntoIterator<Item = &'v Value>) -> BTreeSet<String> {
    viewers.into_iter().map(|viewer| viewer["email"].as_str().unwrap().to_owned()).collect()
}

fn shown(table: &Value) -> BTreeSet<String> {
    column(table, "email").iter().map(|email| email.as_str().unwrap().to_owned()).collect()
}

/// Whether a moment of the API is over; those of the tenant are days away from now.
fn is_over(moment: &Value) -> bool {
    let now = jiff::Timestamp::now();
    moment.as_str().is_some_and(|moment| moment.parse::<jiff::Timestamp>().unwrap() <= now)
}

#[tokio::test]
async fn viewers_are_told_apart_by_what_they_can_still_open() {
    let run = start().await;
    let all = records(&run, "list_trust_center_viewers", json!({"includeRemoved": true})).await;
    let present = records(&run, "list_trust_center_viewers", json!({"includeRemoved": false})).await;
    let (expired, others): (Vec<&Value>, Vec<&Value>) =
        present.iter().partition(|viewer| is_over(&viewer["expirationDate"]));
    let (open, having): (Vec<&Value>, Vec<&Value>) = others
        .into_iter()
        .partition(|viewer| viewer["ndaInfo"].is_object() && viewer["ndaInfo"]["satisfiedDate"].is_null());
    let removed: Vec<&Value> =
        all.iter().filter(|viewer| !present.iter().any(|one| one["id"] == viewer["id"])).collect();
    for group in [&expired, &open, &having, &removed] {
        assert!(!group.is_empty(), "the tenant has some of each");
    }

    let answer = asked(&run, JOB, json!({}), 8_000, 6).await;
    let counts = json!({
        "haveAccess": having.len(), "ndaOpen": open.len(), "expired": expired.len(), "removed": removed.len(),
        "waiting": answer["counts"]["waiting"], "letInAutomatically": answer["counts"]["letInAutomatically"],
    });
    assert_eq!(answer["counts"], counts);
    assert_eq!(shown(&answer["haveAccess"]), emails(having.iter().copied()));
    assert_eq!(shown(&answer["ndaOpen"]), emails(open));
    assert_eq!(shown(&answer["expired"]), emails(expired));
    assert_eq!(shown(&answer["removed"]), emails(removed));
    assert!(answer.get("notLookedAt").is_none(), "{answer}");

    let ends: Vec<Value> = column(&answer["haveAccess"], "until");
    let dated: Vec<&str> = ends.iter().filter_map(Value::as_str).collect();
    assert!(dated.is_sorted() && !dated.is_empty(), "{ends:?}");
    assert!(ends.iter().skip(dated.len()).all(Value::is_null), "those without an end come last: {ends:?}");
}

#[tokio::test]
async fn resources_requests_and_companies_have_their_names() {
    let run = start().await;
    let viewers = records(&run, "list_trust_center_viewers", json!({"includeRemoved": false})).await;
    let resources = records(&run, "list_trust_center_resources", json!({})).await;
    let requests = records(&run, "list_trust_center_access_requests", json!({})).await;
    let accounts = records(&run, "list_customer_trust_accounts", json!({})).await;
    let center = run.value("get_trust_center", json!({})).await;
    let answer = asked(&run, JOB, json!({}), 8_000, 6).await;
    assert_eq!(answer["public"], center["isPublic"]);

    let title = |id: &Value| &resources.iter().find(|resource| resource["id"] == *id).unwrap()["title"];
    let titles = column(&answer["resources"], "title");
    let public = column(&answer["resources"], "public");
    assert!(public.contains(&json!(false)) && !public.contains(&json!(true)), "public ones need no access");
    let mut partial = 0;
    let seen = column(&answer["haveAccess"], "sees");
    for (email, seen) in column(&answer["haveAccess"], "email").iter().zip(seen) {
        let viewer = viewers.iter().find(|viewer| viewer["email"] == *email).unwrap();
        let Some(ids) = viewer["resourceIds"].as_array() else {
            assert_eq!(seen, "everything");
            continue;
        };
        let numbers = seen.as_array().unwrap().iter().map(|number| usize::try_from(number.as_u64().unwrap()));
        let named: BTreeSet<String> = numbers.map(|number| titles[number.unwrap() - 1].to_string()).collect();
        assert_eq!(named, ids.iter().map(|id| title(id).to_string()).collect::<BTreeSet<_>>(), "{email}");
        partial += 1;
    }
    assert!(partial > 0);

    assert_eq!(answer["counts"]["waiting"], requests.len());
    let oldest = requests.iter().min_by_key(|request| request["creationDate"].as_str().unwrap()).unwrap();
    assert_eq!(column(&answer["waiting"], "accessRequestId")[0], oldest["id"]);
    let automatic: Vec<&Value> =
        accounts.iter().filter(|account| account["accessConfig"]["autoApprovalEnabled"] == true).collect();
    assert!(!automatic.is_empty() && automatic.len() < accounts.len());
    assert_eq!(answer["counts"]["letInAutomatically"], automatic.len());
    for domain in column(&answer["letInAutomatically"], "emailDomain") {
        assert!(automatic.iter().any(|account| account["emailDomain"] == domain), "{domain}");
    }
}

#[tokio::test]
async fn without_a_slug_the_answer_says_where_it_is_found() {
    let run = Setup::default().start().await;
    let told = run.error(JOB, json!({})).await;
    assert!(told.contains("app.vanta.com/NAME/trust/SLUG") && told.contains("VANTA_TRUST_CENTER"), "{told}");
    assert!(run.seen().is_empty());
    let slug = run.tenant.trust_center();
    let answer = asked(&run, JOB, json!({"slugId": slug}), 8_000, 6).await;
    assert!(answer["counts"]["haveAccess"].as_u64().unwrap() > 0);
    let told = run.error(JOB, json!({"slugId": "elsewhere"})).await;
    assert!(told.contains("404") && told.contains("slugId"), "{told}");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_never_none() {
    for (below, counts, table, said) in [
        ("access-requests", "waiting", "waiting", "waiting requests: "),
        ("resources", "", "resources", "titles of resources: "),
        ("", "letInAutomatically", "letInAutomatically", "companies let in automatically: "),
    ] {
        let run = start().await;
        let target = match below {
            "" => Target::Path("/v1/customer-trust/accounts".to_owned()),
            below => path(below, &run),
        };
        run.fault(target, FaultKind::Internal, 20);
        let answer = run.value(JOB, json!({})).await;
        assert!(answer.get(table).is_none() && answer["counts"].get(counts).is_none(), "{answer}");
        let gaps = answer["notLookedAt"].as_array().unwrap();
        assert!(gaps.len() == 1 && gaps[0].as_str().unwrap().starts_with(said), "{gaps:?}");
        if below == "resources" {
            let seen = column(&answer["haveAccess"], "sees");
            assert!(seen.iter().any(|seen| seen == "2 resources"), "{seen:?}");
        }
    }
    let run = start().await;
    run.fault(path("viewers", &run), FaultKind::Internal, 40);
    assert!(run.error(JOB, json!({})).await.contains("500"));
    let run = start().await;
    run.tenant.restrict(Application::Manage, &["vanta-api.vendors:read"]);
    let told = run.error(JOB, json!({})).await;
    assert!(told.contains("vanta-api.all:read"), "{told}");
}

#[tokio::test]
async fn removed_viewers_are_not_counted_where_one_of_the_lists_cannot_be_trusted() {
    let page = |viewers: Value| {
        let ends =
            json!({"endCursor": null, "hasNextPage": false, "hasPreviousPage": false, "startCursor": null});
        json!({"results": {"data": viewers, "pageInfo": ends}}).to_string()
    };
    let (ann, bob) =
        (json!({"id": "a", "email": "ann@a.example"}), json!({"id": "b", "email": "bob@b.example"}));
    let (both, odd) = (page(json!([ann, bob])), page(json!([ann, bob, {"id": 7}])));
    for (status, with_removed, removed) in
        [(200, both, Some(1)), (200, odd, None), (403, json!({"message": "no"}).to_string(), None)]
    {
        let present = page(json!([ann]));
        let api = Listener::start(move |request| {
            let first = request.lines().next().unwrap();
            if first.contains("/oauth/token") {
                let token = json!({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"});
                (200, token.to_string())
            } else if first.contains("includeRemoved=true") {
                (status, with_removed.clone())
            } else if first.contains("/viewers") {
                (200, present.clone())
            } else {
                (404, json!({"message": "none"}).to_string())
            }
        })
        .await;
        let setup = Setup::default().with("VANTA_BASE_URL", &*api.url).with("VANTA_TRUST_CENTER", "acme");
        let answer = setup.start().await.value(JOB, json!({})).await;
        assert_eq!(answer["counts"]["haveAccess"], 1, "{answer}");
        assert_eq!(answer["counts"].get("removed"), removed.map(Value::from).as_ref(), "{answer}");
        assert_eq!(answer.get("removed").is_some(), removed.is_some(), "{answer}");
        let mut gaps = answer["notLookedAt"].as_array().unwrap().iter();
        let named = gaps.any(|gap| gap.as_str().unwrap().starts_with("removed viewers: "));
        assert_eq!(named, removed.is_none(), "{answer}");
    }
}

#[tokio::test]
async fn many_viewers_and_odd_ones_fit_into_an_answer() {
    let run = start().await;
    let viewer = |number: usize, changes: Value| {
        let mut viewer = json!({
            "id": format!("viewer-{number}"), "email": format!("firstname.lastname-{number}@some-company.example"),
            "name": "A name", "companyName": "A Company with a rather long Name Limited", "accessLevel": "FULL_ACCESS",
            "resourceIds": null, "ndaInfo": {"provider": "ONE_CLICK", "satisfiedDate": "2026-03-02T10:00:00Z"},
            "creationDate": "2026-01-01T00:00:00Z", "updatedDate": "2026-01-01T00:00:00Z", "expirationDate": "2999-01-01",
        });
        viewer.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        viewer
    };
    let open = json!({"provider": "DOCUSIGN", "satisfiedDate": null});
    let bypassed = json!({"provider": "HUBSPOT_BYPASS", "satisfiedDate": null});
    let gone = json!("1999-01-01T00:00:00Z");
    let mut viewers: Vec<Value> = (0..60).map(|number| viewer(number, json!({}))).collect();
    viewers.extend((60..75).map(|number| viewer(number, json!({"ndaInfo": open}))));
    viewers.extend((75..95).map(|number| viewer(number, json!({"expirationDate": gone, "ndaInfo": open}))));
    viewers
        .push(viewer(95, json!({"ndaInfo": bypassed, "companyName": "Bypassed", "expirationDate": "1 Jan"})));
    viewers.push(viewer(
        96,
        json!({"accessLevel": "PARTIAL_ACCESS", "resourceIds": [], "expirationDate": "1998-01-01"}),
    ));
    let ends =
        json!({"endCursor": null, "hasNextPage": false, "hasPreviousPage": false, "startCursor": null});
    let body = json!({"results": {"data": viewers, "pageInfo": ends}}).to_string();
    run.fault(path("viewers", &run), FaultKind::Body { status: 200, body }, 2);
    let answer = asked(&run, JOB, json!({}), 8_000, 6).await;
    let counts = &answer["counts"];
    assert_eq!(
        (&counts["haveAccess"], &counts["ndaOpen"], &counts["expired"], &counts["removed"]),
        (&json!(61), &json!(15), &json!(21), &json!(0)),
        "a bypassed NDA is not open"
    );
    assert_eq!(answer["haveAccess"]["of"], 61);
    assert_eq!(answer["haveAccess"]["rows"].as_array().unwrap().len(), 34);
}
