//! `vendor_overview`.

use serde_json::{Value, json};
use vanta_demo::{FaultKind, Target};

use super::{asked, column, records};
use crate::harness::{Run, Setup};

async fn vendors(run: &Run) -> Vec<Value> {
    records(run, "list_vendors", json!({})).await
}

/// The day of a date and time, or null.
fn day(value: &Value) -> Value {
    value.as_str().map_or(Value::Null, |text| json!(text[..10]))
}

fn today() -> String {
    let now = jiff::Timestamp::now().to_string();
    now[..10].to_owned()
}

fn later(days: i64) -> String {
    let then = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(days * 24);
    then.to_string()[..10].to_owned()
}

#[tokio::test]
async fn vendors_are_counted_by_risk_review_and_contract() {
    let run = Setup::default().start().await;
    let (archived, vendors): (Vec<Value>, Vec<Value>) =
        vendors(&run).await.into_iter().partition(|vendor| vendor["status"] == "ARCHIVED");
    let answer = asked(&run, "vendor_overview", json!({}), 4_800, 3).await;
    let all = &answer["all"];
    assert_eq!((&all["vendors"], &all["archived"]), (&json!(vendors.len()), &json!(archived.len())));
    let count = |is_it: &dyn Fn(&Value) -> bool| json!(vendors.iter().filter(|vendor| is_it(vendor)).count());
    assert_eq!(all["managed"], count(&|vendor| vendor["status"] == "MANAGED"));
    for level in ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSCORED"] {
        assert_eq!(
            all["byInherentRisk"][level],
            count(&|vendor| vendor["inherentRiskLevel"] == level),
            "{level}"
        );
    }
    let (today, in_30, in_90) = (today(), later(30), later(90));
    let date = |vendor: &Value, name: &str| day(&vendor[name]).as_str().map(str::to_owned);
    let next = |vendor: &Value| date(vendor, "nextSecurityReviewDueDate");
    let reviews = &all["reviews"];
    assert_eq!(reviews["overdue"], count(&|vendor| next(vendor).is_some_and(|due| due < today)));
    assert_eq!(
        reviews["in30Days"],
        count(&|vendor| next(vendor).is_some_and(|due| due >= today && due <= in_30))
    );
    let never = count(&|vendor| vendor["lastSecurityReviewCompletionDate"].is_null());
    assert_eq!(reviews["never"], never);
    assert!(reviews["overdue"].as_u64().unwrap() > 0 && never.as_u64().unwrap() > 0, "{reviews}");
    let within =
        |vendor: &Value, name: &str| date(vendor, name).is_some_and(|date| date >= today && date <= in_90);
    assert_eq!(all["contracts"]["renewIn90Days"], count(&|vendor| within(vendor, "contractRenewalDate")));
    assert_eq!(all["contracts"]["endIn90Days"], count(&|vendor| within(vendor, "contractTerminationDate")));
    assert!(all["contracts"]["endIn90Days"].as_u64().unwrap() > 0, "the tenant has a contract that ends");
    assert_eq!(all["withoutSecurityOwner"], count(&|vendor| vendor["securityOwnerUserId"].is_null()));
    assert!(answer["notLookedAt"].to_string().contains("name a vendor"), "{answer}");
}

#[tokio::test]
async fn what_needs_something_comes_first_with_the_names_of_owners() {
    let run = Setup::default().start().await;
    let vendors = vendors(&run).await;
    let users = records(&run, "list_users", json!({})).await;
    let answer = asked(&run, "vendor_overview", json!({}), 4_800, 3).await;
    let list = &answer["all"]["list"];
    let (names, owners) = (column(list, "name"), column(list, "securityOwner"));
    let levels = column(list, "inherent");
    assert_eq!(levels[0], "CRITICAL", "{levels:?}");
    assert!(!names.contains(&json!("Postmark")), "an archived vendor is not listed");
    for (name, owner) in names.iter().zip(&owners) {
        let vendor = vendors.iter().find(|vendor| vendor["name"] == *name).unwrap();
        let user = users.iter().find(|user| user["id"] == vendor["securityOwnerUserId"]);
        assert_eq!(*owner, user.map_or(Value::Null, |user| user["displayName"].clone()), "{name}");
    }
    let overdue: Vec<&Value> = vendors
        .iter()
        .filter(|vendor| vendor["status"] != "ARCHIVED")
        .filter(|vendor| {
            day(&vendor["nextSecurityReviewDueDate"]).as_str().is_some_and(|due| due < &*today())
        })
        .map(|vendor| &vendor["name"])
        .collect();
    for name in overdue {
        assert!(names.contains(name), "{name} is overdue and not shown");
    }
}

#[tokio::test]
async fn one_vendor_comes_with_all_that_is_kept_of_it() {
    let run = Setup::default().start().await;
    let vendors = vendors(&run).await;
    let mut seen = (0, 0);
    for vendor in vendors.iter().take(6) {
        let of = json!({"vendorId": vendor["id"]});
        let reviews = records(&run, "list_vendor_security_reviews", of.clone()).await;
        let findings = records(&run, "list_vendor_findings", of.clone()).await;
        let assessments = records(&run, "list_vendor_assessments", of.clone()).await;
        let documents = records(&run, "list_vendor_documents", of).await;
        let answer = asked(&run, "vendor_overview", json!({"vendor": vendor["name"]}), 4_800, 7).await;
        let one = &answer["one"];
        assert!(answer.get("all").is_none(), "{answer}");
        assert_eq!((&one["id"], &one["vendor"]), (&vendor["id"], &vendor["name"]));
        assert_eq!(one["lastReview"], day(&vendor["lastSecurityReviewCompletionDate"]));
        assert_eq!(one["contract"]["renews"], day(&vendor["contractRenewalDate"]));
        let open = reviews.iter().filter(|review| review["completionDate"].is_null()).count();
        assert_eq!(
            (&one["reviews"]["count"], &one["reviews"]["open"]),
            (&json!(reviews.len()), &json!(open))
        );
        let open = findings.iter().filter(|finding| {
            finding["riskStatus"] == "REMEDIATE" && finding["remediation"]["state"] != "CLOSED"
        });
        assert_eq!(one["findings"]["count"], findings.len());
        assert_eq!(one["findings"]["open"], open.count());
        let open = assessments.iter().filter(|one| one["status"] != "COMPLETED").count();
        assert_eq!(one["assessments"]["count"], assessments.len());
        assert_eq!(one["assessments"]["open"], open);
        assert_eq!(one["documents"]["count"], documents.len());
        seen = (seen.0 + findings.len(), seen.1 + reviews.len());
    }
    assert!(seen.0 > 0 && seen.1 > 0, "the tenant has findings and reviews");
}

#[tokio::test]
async fn a_vendor_is_named_by_id_name_or_part_and_never_guessed() {
    let run = Setup::default().start().await;
    let vendors = vendors(&run).await;
    let stripe = vendors.iter().find(|vendor| vendor["name"] == "Stripe").unwrap();
    for asked_for in [stripe["id"].clone(), json!("stripe"), json!(" STRIPE ")] {
        let answer = run.value("vendor_overview", json!({"vendor": asked_for})).await;
        assert_eq!(answer["one"]["vendor"], "Stripe");
    }
    let part = run.value("vendor_overview", json!({"vendor": "web services"})).await;
    assert_eq!(part["one"]["vendor"], "Amazon Web Services");
    run.tenant.forget();
    let several = run.error("vendor_overview", json!({"vendor": "google"})).await;
    assert!(several.contains("Google Cloud") && several.contains("Google Workspace"), "{several}");
    assert!(run.seen().len() <= 3, "nothing is read of a vendor that is not clear");
    let none = run.error("vendor_overview", json!({"vendor": "Strype"})).await;
    assert!(none.contains("Stripe"), "{none}");
    let archived = run.value("vendor_overview", json!({"vendor": "Postmark"})).await;
    assert_eq!(archived["one"]["status"], "ARCHIVED");
}

#[tokio::test]
async fn what_could_not_be_read_is_absent_and_not_none() {
    let run = Setup::default().start().await;
    let vendor = vendors(&run).await.swap_remove(1);
    let id = vendor["id"].as_str().unwrap();
    for (path, member) in [
        ("security-reviews", "reviews"),
        ("findings", "findings"),
        ("assessments", "assessments"),
        ("documents", "documents"),
    ] {
        let run = Setup::default().start().await;
        run.fault(Target::Path(format!("/v1/vendors/{id}/{path}")), FaultKind::Internal, 20);
        let answer = run.value("vendor_overview", json!({"vendor": id})).await;
        assert!(answer["one"].get(member).is_none(), "{member}: {answer}");
        assert!(answer["notLookedAt"].to_string().contains("500"), "{member}: {answer}");
        let others = ["reviews", "findings", "assessments", "documents"];
        for other in others.iter().filter(|other| **other != member) {
            assert!(answer["one"][other]["count"].is_u64(), "{other}: {answer}");
        }
    }
    let error = {
        run.fault(Target::Path("/v1/vendors".to_owned()), FaultKind::Internal, 20);
        run.error("vendor_overview", json!({})).await
    };
    assert!(error.contains("500"), "{error}");
}

#[tokio::test]
async fn an_owner_whose_name_cannot_be_read_is_an_owner() {
    let run = Setup::default().start().await;
    let vendors = vendors(&run).await;
    let refused = FaultKind::Body { status: 403, body: r#"{"error":"forbidden"}"#.to_owned() };
    run.fault(Target::Path("/v1/users".to_owned()), refused, 20);
    let answer = run.value("vendor_overview", json!({})).await;
    assert!(answer["notLookedAt"].to_string().contains("names of owners"), "{answer}");
    let list = &answer["all"]["list"];
    for (name, owner) in column(list, "name").iter().zip(column(list, "securityOwner")) {
        let vendor = vendors.iter().find(|vendor| vendor["name"] == *name).unwrap();
        assert_eq!(owner.is_null(), vendor["securityOwnerUserId"].is_null(), "{name}: {owner}");
    }
}
