//! `vanta-mcp catalog diff`: what Vanta adds, changes and takes away is seen.

use std::path::Path;

use serde_json::{Value, json};
use vanta_mcp::catalog::{self, Api, Encoding, Operation, Shape};

use crate::cli::{Done, run};
use crate::harness::{Scratch, unchecked};

/// An OpenAPI document of the catalog's own operations of one API, in the form that Vanta's have.
fn document(api: Api) -> Value {
    let mut paths = json!({});
    for operation in catalog::operations().iter().filter(|operation| operation.api == api) {
        let path = operation.path.strip_prefix("/v1").unwrap();
        paths[path][operation.method.as_str().to_lowercase()] = published(operation);
    }
    let prefix = match api {
        Api::Manage => "vanta-api.",
        Api::Audit => "auditor-api.",
        Api::Connectors | Api::Panel => "connectors.",
    };
    let scopes: serde_json::Map<String, Value> = catalog::Scope::all()
        .map(catalog::Scope::as_str)
        .filter(|scope| scope.starts_with(prefix))
        .map(|scope| (scope.to_owned(), json!("")))
        .collect();
    json!({
        "openapi": "3.0.0",
        "servers": [{"url": "https://api.vanta.com/v1"}],
        "paths": paths,
        "components": {"securitySchemes": {"oauth": {"flows": {"clientCredentials": {"scopes": scopes}}}}},
    })
}

fn published(operation: &Operation) -> Value {
    let schema: Value = serde_json::from_str(operation.schema.get()).unwrap();
    let property = |name: &str| {
        let as_text = operation.as_json.contains(&name) || operation.as_commas.contains(&name);
        if as_text { json!({"type": "string"}) } else { schema["properties"][name].clone() }
    };
    let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
    let mut parameters: Vec<Value> = Vec::new();
    for name in &operation.in_path {
        parameters.push(json!({"in": "path", "name": name, "required": true, "schema": {"type": "string"}}));
    }
    let paging: &[&str] = if operation.shape == Shape::Page { &["pageSize", "pageCursor"] } else { &[] };
    for name in operation.in_query.iter().chain(paging) {
        let schema = property(name);
        parameters.push(json!({"in": "query", "name": name, "required": required(name), "schema": schema}));
    }
    let mut published = json!({"operationId": operation.name, "parameters": parameters});
    let mut body: serde_json::Map<String, Value> =
        operation.in_body.iter().map(|name| ((*name).to_owned(), property(name))).collect();
    let mut needed: Vec<&str> = operation.in_body.iter().copied().filter(|name| required(name)).collect();
    if let Some(upload) = &operation.upload {
        body.insert(upload.part.to_owned(), json!({"type": "string", "format": "binary"}));
        needed.push(upload.part);
    }
    if !body.is_empty() {
        let kind = match operation.form {
            Encoding::Json => "application/json",
            Encoding::Multipart => "multipart/form-data",
        };
        published["requestBody"]["content"][kind]["schema"] =
            json!({"type": "object", "properties": body, "required": needed});
    }
    published["deprecated"] = json!(operation.deprecated);
    published
}

async fn diff(document: &Value, more: &[&str]) -> Done {
    let folder = Scratch::new("openapi");
    let file = format!("{}/document.json", folder.path());
    std::fs::write(&file, document.to_string()).unwrap();
    run(&[&["catalog", "diff", &file], more].concat()).await
}

#[tokio::test]
async fn a_document_of_the_catalog_itself_differs_in_nothing() {
    for api in [Api::Manage, Api::Audit, Api::Connectors] {
        let done = diff(&document(api), &[]).await;
        assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done:?}");
        assert!(done.stderr.contains("operations compared: 0 things missing here, 0 gone there"), "{done:?}");
    }
}

/// The change, and the line that names it.
type Planted = (fn(&mut Value), &'static str);

const PLANTED: [Planted; 16] = [
    (
        |all| all["paths"]["/vendors/{vendorId}/moons"]["get"] = json!({"operationId": "ListVendorMoons"}),
        "missing operation: GET /v1/vendors/{vendorId}/moons (ListVendorMoons)",
    ),
    (
        |all| drop(all["paths"].as_object_mut().unwrap().remove("/controls/{controlId}/tests")),
        "gone operation: list_control_tests (GET /v1/controls/{controlId}/tests)",
    ),
    (
        |all| {
            parameters(all, "/vendors", "get")
                .push(json!({"in": "query", "name": "moon", "schema": {"type": "string"}}));
        },
        "missing parameter: list_vendors `moon`",
    ),
    (
        |all| parameters(all, "/vendors", "get").retain(|one| one["name"] != "name"),
        "gone parameter: list_vendors `name`",
    ),
    (
        |all| body(all, "/vendors", "post")["moon"] = json!({"type": "string"}),
        "missing body member: create_vendor `moon`",
    ),
    (
        |all| {
            body(all, "/vendors", "post")["customFields"]["items"]["properties"]["moon"] =
                json!({"type": "string"});
        },
        "missing body member: create_vendor `customFields[].moon`",
    ),
    (
        |all| drop(body(all, "/vendors", "post").as_object_mut().unwrap().remove("websiteUrl")),
        "gone body member: create_vendor `websiteUrl`",
    ),
    (
        |all| body(all, "/vendors", "post")["status"]["enum"].as_array_mut().unwrap().push(json!("MOON")),
        "missing value: create_vendor `status`: \"MOON\"",
    ),
    (
        |all| {
            body(all, "/vendors", "post")["status"]["enum"]
                .as_array_mut()
                .unwrap()
                .retain(|one| one != "ARCHIVED");
        },
        "gone value: create_vendor `status`: \"ARCHIVED\"",
    ),
    (
        |all| body(all, "/people/offboard", "post")["updates"]["maxItems"] = json!(7),
        "missing array limit: offboard_people `updates`: 7 there, 1000 here",
    ),
    (
        |all| {
            all["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["scopes"]["vanta-api.moons:read"] =
                json!("");
        },
        "missing scope: the application `vanta-api.moons:read`",
    ),
    (
        |all| all["paths"]["/vendors"]["get"]["security"] = json!([{"oauth": ["vanta-api.moons:read"]}]),
        "missing scope: list_vendors `vanta-api.moons:read`",
    ),
    (
        |all| all["paths"]["/vendors"]["get"]["deprecated"] = json!(true),
        "missing deprecation: list_vendors is announced to end",
    ),
    (
        |all| {
            let path = &mut all["paths"]["/controls/controls-library"]["get"];
            assert_eq!(path["deprecated"], true);
            path["deprecated"] = json!(false);
        },
        "gone deprecation: list_library_controls is announced to end",
    ),
    (
        |all| {
            all["paths"]["/vendors"]["post"]["requestBody"]["content"]["application/json"]["schema"]["required"] =
                json!(["name", "status"]);
        },
        "missing requirement: create_vendor `status`",
    ),
    // A schema that is put together of others is read as one.
    (
        |all| {
            let whole =
                all["paths"]["/vendors"]["post"]["requestBody"]["content"]["application/json"]["schema"]
                    .take();
            all["components"]["schemas"] =
                json!({"Whole": whole, "Moon": {"properties": {"moon": {"type": "string"}}}});
            all["paths"]["/vendors"]["post"]["requestBody"]["content"]["application/json"]["schema"] = json!({"allOf": [{"$ref": "#/components/schemas/Whole"}, {"$ref": "#/components/schemas/Moon"}]});
        },
        "missing body member: create_vendor `moon`",
    ),
];

#[tokio::test]
async fn each_kind_of_change_is_named_and_nothing_else() {
    let whole = document(Api::Manage);
    for (plant, line) in PLANTED {
        let mut changed = whole.clone();
        plant(&mut changed);
        let done = diff(&changed, &[]).await;
        assert_eq!(done.stdout.lines().collect::<Vec<_>>(), [line], "{done:?}");
        let code = i32::from(line.starts_with("missing"));
        assert_eq!(done.code, Some(code), "{line}");
    }
}

fn parameters<'d>(all: &'d mut Value, path: &str, method: &str) -> &'d mut Vec<Value> {
    all["paths"][path][method]["parameters"].as_array_mut().unwrap()
}

fn body<'d>(all: &'d mut Value, path: &str, method: &str) -> &'d mut Value {
    &mut all["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]["properties"]
}

#[tokio::test]
async fn what_is_missing_is_printed_as_a_table_to_start_from() {
    let mut all = document(Api::Manage);
    all["paths"]["/moons/{moonId}/phases"]["post"] = json!({
        "operationId": "CreateMoonPhase",
        "parameters": [{"in": "path", "name": "moonId", "required": true, "schema": {"type": "string"}}],
        "requestBody": {"content": {"application/json": {"schema": {
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "enum": ["FULL", "NEW"]},
                "ids": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
                "place": {"type": "object", "properties": {"sky": {"type": "string"}}},
            },
        }}}},
    });
    let done = diff(&all, &["--toml"]).await;
    assert_eq!(done.code, Some(1));
    let expected = "[tool.create_moon_phase]\ntitle = \"Create moon phase\"\ncall = \"POST /v1/moons/{moonId}/phases\"\n\
                    effect = \"write\"\nabout = \"\"\nasks = []\nrequired = [\"name\"]\n\
                    path.moonId = { type = \"string\", description = \"\" }\n\
                    body.ids = { type = \"array\", items = { type = \"string\" }, maxItems = 5, description = \"\" }\n\
                    body.name = { type = \"string\", enum = [\"FULL\", \"NEW\"], description = \"\" }\n\
                    body.place = { type = \"object\", description = \"\" }\n";
    assert_eq!(done.stdout, expected);
}

#[tokio::test]
async fn what_is_no_document_is_told_in_a_sentence() {
    let folder = Scratch::new("no-openapi");
    for (content, expected) in
        [("{", "it is not JSON"), ("{\"swagger\":\"2.0\"}", "it is not an OpenAPI 3 document")]
    {
        let file = format!("{}/document.json", folder.path());
        std::fs::write(&file, content).unwrap();
        run(&["catalog", "diff", &file]).await.is_wrong_usage(&["document.json", expected]);
    }
    run(&["catalog", "diff", "/nowhere.json"]).await.is_wrong_usage(&["/nowhere.json cannot be read"]);
    run(&["catalog", "diff"]).await.is_wrong_usage(&["FILE"]);
}

/// What the documents of February 2026 have and the catalog lacks, since Vanta has renamed or widened it since then.
const SUPERSEDED: [&str; 7] = [
    "missing body member: create_questionnaire_from_file `includeUntagged`",
    "missing body member: create_questionnaire_from_website `includeUntagged`",
    "missing value: list_questionnaires `typeMatchesAny`: \"FILE\"",
    "missing value: list_questionnaires `typeMatchesAny`: \"PORTAL\"",
    "missing array limit: send_trust_center_update_to_groups `emails`: 10 there, none here",
    "missing array limit: send_trust_center_update_to_groups `subscriberGroupIds`: 10 there, none here",
    "missing requirement: update_trust_center_control_category `name`",
];

#[tokio::test]
async fn the_published_documents_hold_nothing_that_is_unknown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vanta-api/openapi");
    if !folder.is_dir() {
        return unchecked("Vanta's OpenAPI documents");
    }
    let files = ["build-integrations.json", "conduct-an-audit.json", "manage-vanta.json"]
        .map(|name| folder.join(name));
    let files = files.iter().map(|file| file.to_str().unwrap());
    let done = run(&["catalog", "diff"].into_iter().chain(files).collect::<Vec<_>>()).await;
    let missing: Vec<&str> = done.stdout.lines().filter(|line| line.starts_with("missing")).collect();
    assert_eq!(missing, SUPERSEDED);
}
