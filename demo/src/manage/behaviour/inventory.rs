//! Integrations with their resources, vulnerable assets and remediations.

use std::collections::HashSet;

use super::*;

/// Integration and kind of everything that is read.
fn kinds(client: &mut Client) -> Vec<(String, String)> {
    let integrations = client.list("integrations");
    let kinds = integrations.iter().flat_map(|integration| {
        let id = text(integration, "integrationId");
        integration["resourceKinds"].as_array().unwrap().iter().map(move |kind| (id, kind.as_str().unwrap()))
    });
    kinds.map(|(id, kind)| (id.to_owned(), kind.to_owned())).collect()
}

#[test]
fn every_integration_that_is_named_is_connected() {
    let mut client = Client::new();
    let mut named: HashSet<String> = HashSet::new();
    for test in client.list("tests") {
        named.extend(
            test["integrations"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()),
        );
    }
    named.extend(client.list("vulnerabilities").iter().map(|found| text(found, "integrationId").to_owned()));
    for asset in client.list("vulnerable-assets") {
        let scanners = asset["scanners"].as_array().unwrap().iter();
        named.extend(scanners.map(|scanner| text(scanner, "integrationId").to_owned()));
    }
    assert!(named.len() > 20);
    for id in named {
        assert_eq!(text(&client.get(&format!("integrations/{id}")), "integrationId"), id);
    }
    let broken = client.list("integrations").into_iter().filter(|integration| {
        integration["connections"]
            .as_array()
            .unwrap()
            .iter()
            .any(|connection| connection["isDisabled"] == true)
    });
    assert_eq!(broken.count(), 2);
}

#[test]
fn resources_have_what_their_form_promises_and_are_counted_right() {
    let mut client = Client::new();
    let mut properties = HashSet::new();
    for (integration, kind) in kinds(&mut client) {
        let path = format!("integrations/{integration}/resource-kinds/{kind}");
        let resources = client.list(&format!("{path}/resources"));
        let ids: HashSet<&str> = resources.iter().map(|resource| text(resource, "resourceId")).collect();
        assert_eq!(ids.len(), resources.len(), "{path}");
        let first = &resources[0];
        assert_eq!(client.get(&format!("{path}/resources/{}", text(first, "resourceId"))), *first);
        properties.extend(first.as_object().unwrap().keys().cloned());
        let details = client.get(&path);
        assert_eq!(details["numResources"], json!(resources.len()));
        for (count, filter) in
            [("numInScope", "isInScope"), ("numOwned", "hasOwner"), ("numWithDescription", "hasDescription")]
        {
            let with = client.list(&format!("{path}/resources?{filter}=true")).len();
            let without = client.list(&format!("{path}/resources?{filter}=false")).len();
            assert_eq!((&details[count], with + without), (&json!(with), resources.len()), "{path} {filter}");
        }
    }
    for own in [
        "account",
        "region",
        "isAutoscanEnabled",
        "areBackupsEnabled",
        "isEncrypted",
        "containsEphi",
        "containsUserData",
        "operatingSystemName",
        "isVersioned",
        "accountName",
        "roles",
        "groups",
        "isDeactivated",
        "isMfaEnabled",
        "awsUserAccountId",
        "awsAccountNumber",
        "accessKeys",
        "accountId",
    ] {
        assert!(properties.contains(own), "no resource has {own}");
    }
}

#[test]
fn resource_kinds_are_a_bare_array_and_connections_divide_them() {
    let mut client = Client::new();
    let listed = client.get("integrations/aws");
    let summaries = client.get("integrations/aws/resource-kinds");
    let names: Vec<&Value> = summaries.as_array().unwrap().iter().map(|kind| &kind["resourceKind"]).collect();
    assert_eq!(json!(names), listed["resourceKinds"]);
    let path = "integrations/aws/resource-kinds/Ec2Instance";
    let all = client.list(&format!("{path}/resources")).len();
    let mut sum = 0;
    for connection in listed["connections"].as_array().unwrap() {
        let id = text(connection, "connectionId");
        let part = client.list(&format!("{path}/resources?connectionId={id}")).len();
        assert!((1..all).contains(&part));
        assert_eq!(client.get(&format!("{path}?connectionId={id}"))["numResources"], json!(part));
        sum += part;
    }
    assert_eq!(sum, all);
    for missing in
        ["integrations/nothing", "integrations/aws/resource-kinds/Nothing", &format!("{path}/resources/x")]
    {
        assert_eq!(client.send("GET", missing, Value::Null).0, 404, "{missing}");
    }
    assert_eq!(client.send("GET", &format!("{path}/resources?hasOwner=maybe"), Value::Null).0, 400);
}

#[test]
fn what_fails_a_test_is_a_resource_that_shows_it() {
    let mut client = Client::new();
    let subjects = [
        ("aws-s3-buckets", "aws", "S3Bucket"),
        ("aws-rds-instances", "aws", "RdsInstance"),
        ("aws-dynamodb-tables", "aws", "DynamoDbTable"),
        ("aws-ebs-volumes", "aws", "EbsVolume"),
        ("aws-opensearch-domains", "aws", "OpenSearchDomain"),
        ("gcp-storage-buckets", "gcp", "GcpStorageBucket"),
        ("gcp-sql-instances", "gcp", "CloudSqlInstance"),
        ("gcp-bigquery-datasets", "gcp", "BigQueryDataset"),
        ("atlas-clusters", "mongodbatlas", "AtlasCluster"),
        ("kandji", "kandji", "KandjiComputer"),
        ("intune", "intune", "IntuneComputer"),
    ];
    let shown = [
        ("-encrypted", "isEncrypted"),
        ("-disk-encrypted", "isEncrypted"),
        ("-backed-up", "areBackupsEnabled"),
        ("-deletion-protected", "isVersioned"),
    ];
    let mut seen = 0;
    for test in client.list("tests?statusFilter=NEEDS_ATTENTION") {
        let test = id(&test);
        let Some((_, integration, kind)) =
            subjects.iter().find(|(subject, ..)| test.starts_with(&format!("{subject}-")))
        else {
            continue;
        };
        let resources = format!("integrations/{integration}/resource-kinds/{kind}/resources");
        let entities = client.list(&format!("tests/{test}/entities"));
        for entity in entities.iter().filter(|entity| {
            let kind = text(entity, "responseType");
            kind == "Computer" || kind.ends_with(" resource")
        }) {
            let resource = client.get(&format!("{resources}/{}", id(entity)));
            assert_eq!(resource["displayName"], entity["displayName"]);
            for (_, property) in shown.iter().filter(|(check, _)| test.ends_with(check)) {
                assert_ne!(resource.get(*property), Some(&json!(true)), "{test}: {resource}");
            }
            assert!(!test.ends_with("-owner-tagged") || resource["owner"].is_null());
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn accounts_belong_to_people_and_are_found_from_them() {
    let mut client = Client::new();
    let people = client.list("people");
    for person in [&people[0], &people[18], &people[119]] {
        for (pointer, kind) in [
            ("/sources/emailAddress", "gsuiteadmin/resource-kinds/GoogleWorkspaceAccount"),
            ("/sources/employment/startDate", "rippling/resource-kinds/RipplingAccount"),
        ] {
            let source = person.pointer(pointer).unwrap();
            let account =
                client.get(&format!("integrations/{kind}/resources/{}", text(source, "resourceId")));
            assert_eq!(account["displayName"], person["emailAddress"]);
            assert_eq!(account["owner"], person["id"]);
        }
    }
    let failing = client.list("tests/slack-mfa-enabled/entities");
    let accounts = client.list("integrations/slack/resource-kinds/SlackAccount/resources");
    for account in accounts.iter().filter(|account| !account["isMfaEnabled"].is_null()) {
        let fails = failing.iter().any(|entity| entity["displayName"] == account["displayName"]);
        assert_eq!(account["isMfaEnabled"], json!(!fails), "{account}");
    }
}

#[test]
fn vulnerabilities_old_and_new_are_on_assets_that_their_scanner_has_seen() {
    let mut client = Client::new();
    let mut found = client.list("vulnerabilities");
    let remediations = client.list("vulnerability-remediations");
    for remediation in &remediations {
        let gone = client.get(&format!("vulnerabilities/{}", text(remediation, "vulnerabilityId")));
        assert_eq!(gone["targetId"], remediation["vulnerableAssetId"]);
        assert_eq!((&gone["severity"], remediation.get("integrationId")), (&remediation["severity"], None));
        assert!(text(remediation, "detectedDate") < text(remediation, "remediationDate"));
        assert!(text(remediation, "remediationDate") < NOW);
        found.push(gone);
    }
    for vulnerability in found {
        let asset = client.get(&format!("vulnerable-assets/{}", text(&vulnerability, "targetId")));
        let mut scanners = asset["scanners"].as_array().unwrap().iter();
        assert!(scanners.any(|scanner| scanner["integrationId"] == vulnerability["integrationId"]));
        assert_eq!(asset["hasBeenScanned"], true);
    }
}

#[test]
fn a_remediation_is_on_time_late_or_without_a_deadline() {
    let mut client = Client::new();
    let all = client.list("vulnerability-remediations").len();
    let on_time = client.list("vulnerability-remediations?isRemediatedOnTime=true");
    let late = client.list("vulnerability-remediations?isRemediatedOnTime=false");
    assert!(
        !on_time.is_empty()
            && on_time.iter().all(|one| text(one, "remediationDate") <= text(one, "slaDeadlineDate"))
    );
    assert!(
        !late.is_empty()
            && late.iter().all(|one| text(one, "remediationDate") > text(one, "slaDeadlineDate"))
    );
    assert!(on_time.len() > late.len() && late.len() > 5 && on_time.len() + late.len() < all);
}

#[test]
fn the_filters_of_assets_and_remediations_narrow_their_lists() {
    let mut client = Client::new();
    for filter in [
        "vulnerable-assets?q=INTAKE",
        "vulnerable-assets?integrationId=dependabot",
        "vulnerable-assets?assetType=SERVER",
        "vulnerable-assets?assetExternalAccountId=402113371205",
        "vulnerability-remediations?integrationId=snyk",
        "vulnerability-remediations?severity=HIGH",
        "vulnerability-remediations?remediatedAfterDate=2026-08-01T00:00:00Z",
        "vulnerability-remediations?remediatedBeforeDate=2026-08-01T00:00:00Z",
    ] {
        let all = client.list(filter.split('?').next().unwrap()).len();
        let found = client.list(filter).len();
        assert!((1..all).contains(&found), "{filter}: {found} of {all}");
    }
    assert!(client.list("vulnerable-assets?assetType=BOAT").is_empty());
    let wrong = "vulnerability-remediations?remediatedAfterDate=soon";
    assert_eq!(client.send("GET", wrong, Value::Null).0, 400);
}
