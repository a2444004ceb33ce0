//! The tenant's records, as a plain HTTP client reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};
use vanta_demo::{Application, Tenant};

/// How many requests are on their way at a time.
const SIDE_BY_SIDE: usize = 8;

/// Lists by their paths, and what belongs to each item of some.
pub struct Records {
    lists: BTreeMap<&'static str, Vec<Value>>,
    /// What a list of an item's holds, by `of/…` and the item's id.
    parts: BTreeMap<(&'static str, String), Vec<Value>>,
    /// Single items by id.
    single: BTreeMap<(&'static str, String), Value>,
}

/// Lists of the API for those who manage, each whole.
const LISTS: [&str; 23] = [
    "/v1/controls",
    "/v1/controls?frameworkMatchesAny=soc2",
    "/v1/tests?isInRollout=false",
    "/v1/tests",
    "/v1/documents",
    "/v1/frameworks",
    "/v1/people",
    "/v1/users",
    "/v1/vulnerabilities?includeVulnerabilitiesWithoutSlas=true",
    "/v1/vulnerability-remediations",
    "/v1/vendors",
    "/v1/risk-scenarios",
    "/v1/risk-scenarios?type=Enterprise%20Risk",
    "/v1/policies",
    "/v1/issues",
    "/v1/customer-trust/questionnaires",
    "/v1/monitored-computers",
    "/v1/monitored-computers?complianceStatusFilterMatchesAny=LAST_CHECK_OVER_14_DAYS",
    "/v1/knowledge-base/answer-library",
    "/v1/knowledge-base/resources",
    "/v1/trust-centers/{slug}/viewers?includeRemoved=false",
    "/v1/trust-centers/{slug}/viewers?includeRemoved=true",
    "/v1/trust-centers/{slug}/access-requests",
];

/// A client with a token.
struct Reader {
    client: reqwest::Client,
    base: String,
    token: String,
    slug: &'static str,
}

impl Reader {
    async fn new(tenant: &Tenant, application: Application, scope: &str) -> Self {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let (id, secret) = tenant.application(application);
        let asked = json!({"client_id": id, "client_secret": secret, "grant_type": "client_credentials",
            "scope": scope});
        let base = tenant.vanta_url();
        let token = client.post(format!("{base}/oauth/token")).json(&asked).send().await.unwrap();
        let token: Value = token.json().await.unwrap();
        let token = token["access_token"].as_str().unwrap_or_else(|| panic!("{token}")).to_owned();
        Self { client, base, token, slug: tenant.trust_center() }
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}{}", self.base, path.replace("{slug}", self.slug));
        let answer = self.client.get(&url).bearer_auth(&self.token).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{url}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let mut url = format!("{path}{}pageSize=100", if path.contains('?') { '&' } else { '?' });
            if !cursor.is_empty() {
                write!(url, "&pageCursor={cursor}").unwrap();
            }
            let mut page = self.get(&url).await;
            items.append(page["results"]["data"].as_array_mut().unwrap_or_else(|| panic!("{path}")));
            let info = &page["results"]["pageInfo"];
            if info["hasNextPage"] != true {
                return items;
            }
            info["endCursor"].as_str().unwrap().clone_into(&mut cursor);
        }
    }

    /// A list that each of these items has.
    async fn parts(&self, ids: Vec<String>, path: impl Fn(&str) -> String) -> Vec<(String, Vec<Value>)> {
        let read = ids.into_iter().map(|id| {
            let path = path(&id);
            async move { (id, self.list(&path).await) }
        });
        stream::iter(read).buffer_unordered(SIDE_BY_SIDE).collect().await
    }

    async fn singles(&self, ids: Vec<String>, path: impl Fn(&str) -> String) -> Vec<(String, Value)> {
        let read = ids.into_iter().map(|id| {
            let path = path(&id);
            async move { (id, self.get(&path).await) }
        });
        stream::iter(read).buffer_unordered(SIDE_BY_SIDE).collect().await
    }
}

pub fn id(item: &Value) -> String {
    item["id"].as_str().unwrap_or_else(|| panic!("an id: {item}")).to_owned()
}

pub fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(id).collect()
}

impl Records {
    pub async fn read(tenant: &Tenant) -> Self {
        let mut records = Self { lists: BTreeMap::new(), parts: BTreeMap::new(), single: BTreeMap::new() };
        let manage = Reader::new(tenant, Application::Manage, "vanta-api.all:read").await;
        for path in LISTS {
            records.lists.insert(path, manage.list(path).await);
        }
        let of_controls = ids(records.list("/v1/controls"));
        let of_controls = manage.parts(of_controls, |id| format!("/v1/controls/{id}/tests")).await;
        records.keep("tests of controls", of_controls);
        let documents = ids(records.list("/v1/documents"));
        let of_documents = manage.parts(documents.clone(), |id| format!("/v1/documents/{id}/controls")).await;
        records.keep("controls of documents", of_documents);
        let single = manage.singles(documents, |id| format!("/v1/documents/{id}")).await;
        records.single.extend(single.into_iter().map(|(id, item)| (("document", id), item)));
        let frameworks = ids(records.list("/v1/frameworks"));
        let of_frameworks = manage.parts(frameworks, |id| format!("/v1/tests?frameworkFilter={id}")).await;
        records.keep("tests of frameworks", of_frameworks);
        let failing: Vec<String> = records.failing_tests().map(id).take(12).collect();
        let items = manage.parts(failing, |id| format!("/v1/tests/{id}/entities")).await;
        records.keep("items of tests", items);

        let audit = Reader::new(tenant, Application::Audit, "auditor-api.audit:read").await;
        records.lists.insert("/v1/audits", audit.list("/v1/audits").await);
        let audits = ids(records.list("/v1/audits"));
        let evidence = audit.parts(audits.clone(), |id| format!("/v1/audits/{id}/evidence")).await;
        records.keep("evidence of audits", evidence);
        let requests = audit.parts(audits, |id| format!("/v1/audits/{id}/information-requests")).await;
        records.keep("requests of audits", requests);
        records.lists.insert("panel", panel(tenant).await);
        records
    }

    fn keep(&mut self, what: &'static str, read: Vec<(String, Vec<Value>)>) {
        self.parts.extend(read.into_iter().map(|(id, items)| ((what, id), items)));
    }

    pub fn list(&self, path: &'static str) -> &[Value] {
        self.lists.get(path).unwrap_or_else(|| panic!("{path} was not read"))
    }

    pub fn of(&self, what: &'static str, id: &str) -> &[Value] {
        self.parts.get(&(what, id.to_owned())).unwrap_or_else(|| panic!("{what}: {id} was not read"))
    }

    pub fn single(&self, what: &'static str, id: &str) -> &Value {
        &self.single[&(what, id.to_owned())]
    }

    /// The tests that fail and are in force.
    pub fn failing_tests(&self) -> impl Iterator<Item = &Value> {
        self.list("/v1/tests?isInRollout=false").iter().filter(|test| test["status"] == "NEEDS_ATTENTION")
    }

    pub fn missing_documents(&self) -> impl Iterator<Item = &Value> {
        let missing = ["Needs document", "Needs update"];
        self.list("/v1/documents")
            .iter()
            .filter(move |one| missing.iter().any(|is| one["uploadStatus"] == *is))
    }

    /// Ids of the controls that a missing document proves.
    pub fn lacking_controls(&self) -> BTreeSet<String> {
        let of = |document: &Value| ids(self.of("controls of documents", &id(document)));
        self.missing_documents().flat_map(of).collect()
    }
}

/// The accounts of the Panel.
async fn panel(tenant: &Tenant) -> Vec<Value> {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let url = format!("{}?api=accounts", tenant.panel_url());
    let answer = client.get(url).bearer_auth(tenant.panel_token()).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["accounts"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}
