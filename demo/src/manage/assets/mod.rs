//! Vulnerable assets: what scanners look at, and what vulnerabilities are found on.

mod routes;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::iso_days;
use crate::record::{fresh_id, pick, text, turn};
use crate::shelf::Shelf;
use crate::size::Growth;

pub(crate) use routes::listed;

pub(super) const SERVICES: &[&str] =
    &["intake", "billing", "scheduling", "records", "messaging", "reports", "identity", "imaging"];
/// Account numbers in AWS.
pub(super) const PRODUCTION: &str = "402113371204";
pub(super) const STAGING: &str = "402113371205";
/// The organization in GitHub and Snyk.
const ORGANIZATION: &str = "quillmere";

/// Type, the scanners that look at it, and what each service has of it.
const FLEET: &[(&str, &[&str], &[&str])] = &[
    ("SERVER", &["inspector"], &["{s}-prod-1", "{s}-prod-2", "{s}-staging-1"]),
    ("SERVERLESS_FUNCTION", &["inspector"], &["{s}-nightly"]),
    ("CONTAINER_REPOSITORY", &["trivy"], &["registry.quillmere.example/{s}"]),
    ("CONTAINER_REPOSITORY_IMAGE", &["trivy"], &["registry.quillmere.example/{s}:stable"]),
    (
        "CODE_REPOSITORY",
        &["snyk", "dependabot"],
        &["quillmere/{s}-api", "quillmere/{s}-web", "quillmere/{s}-jobs"],
    ),
    ("MANIFEST_FILE", &["snyk"], &["quillmere/{s}-web/package-lock.json"]),
];

pub(super) fn shelf(now: Timestamp, growth: Option<&Growth>, rng: &mut Rng) -> Shelf {
    let mut assets = Vec::new();
    for (kind, scanners, names) in FLEET {
        for service in SERVICES {
            for name in *names {
                // One in eleven was added only lately and waits for its first scan.
                let scanned = assets.len() % 11 != 10;
                let mut asset = asset(kind, &name.replace("{s}", service), service, scanners, now, rng);
                crate::record::set(&mut asset, "hasBeenScanned", scanned);
                assets.push(asset);
            }
        }
    }
    for index in assets.len()..growth.map_or(0, |growth| growth.assets) {
        let (kind, scanners, names) = turn(FLEET, index);
        let (service, name) = (turn(SERVICES, index / FLEET.len()), turn(names, index));
        let name = format!("{}-{index:04}", name.replace("{s}", service));
        assets.push(asset(kind, &name, service, scanners, now, rng));
    }
    Shelf::new("Vulnerable asset", assets)
}

/// The ids of the assets that this scanner has looked at.
pub(super) fn scanned_by<'a>(assets: &'a Shelf, integration: &str) -> Vec<&'a str> {
    let scanned = assets
        .all()
        .iter()
        .filter(|asset| asset.get("hasBeenScanned").and_then(Value::as_bool) == Some(true));
    scanned.filter(|asset| is_scanned_by(asset, integration)).map(|asset| text(asset, "id")).collect()
}

fn scanners(asset: &Value) -> impl Iterator<Item = &Value> {
    asset.get("scanners").and_then(Value::as_array).into_iter().flatten()
}

fn is_scanned_by(asset: &Value, integration: &str) -> bool {
    scanners(asset).any(|scanner| text(scanner, "integrationId") == integration)
}

fn asset(kind: &str, name: &str, service: &str, scanners: &[&str], now: Timestamp, rng: &mut Rng) -> Value {
    let id = fresh_id(rng);
    let scanner = scanner(kind, name, service, &id, now, rng);
    let scanners: Vec<Value> = scanners
        .iter()
        .map(|integration| {
            let mut seen = scanner.clone();
            crate::record::set(&mut seen, "integrationId", *integration);
            seen
        })
        .collect();
    let image = kind == "CONTAINER_REPOSITORY_IMAGE";
    json!({
        "id": id,
        "name": name,
        "assetType": kind,
        "hasBeenScanned": true,
        "imageScanTag": image.then(|| format!("{service}:stable")),
        "scanners": scanners,
    })
}

/// What a scanner knows of an asset. The resource that it reads carries the asset's id.
fn scanner(kind: &str, name: &str, service: &str, id: &str, now: Timestamp, rng: &mut Rng) -> Value {
    let server = kind == "SERVER";
    let image = kind == "CONTAINER_REPOSITORY_IMAGE";
    let account = match kind {
        "CODE_REPOSITORY" | "MANIFEST_FILE" => ORGANIZATION,
        _ if name.contains("staging") => STAGING,
        _ => PRODUCTION,
    };
    let octets: [u8; 2] = [rng.u8(..), rng.u8(1..255)];
    let host = format!("ip-10-20-{}-{}", octets[0], octets[1]);
    let mac: Vec<String> = (0..5).map(|_| format!("{:02x}", rng.u8(..))).collect();
    let bios = format!(
        "ec2{:05x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        rng.u32(..1 << 20),
        rng.u16(..),
        rng.u16(..4096),
        rng.u16(..4096),
        rng.u64(..1 << 48)
    );
    let system = pick(&["Amazon Linux 2023", "Ubuntu 24.04"], rng);
    let target = if server { format!("i-{:017x}", rng.u64(..) >> 4) } else { name.to_owned() };
    let mut seen = json!({
        "resourceId": id,
        "integrationId": null,
        "imageDigest": image.then(|| format!("sha256:{:016x}{:016x}{:016x}{:016x}", rng.u64(..), rng.u64(..), rng.u64(..), rng.u64(..))),
        "imagePushedAtDate": image.then(|| iso_days(now, -rng.i64(1..40))),
        "imageTags": image.then(|| ["stable".to_owned(), format!("{}.{}", rng.u8(1..9), rng.u8(0..40))]),
        "assetTags": [{ "key": "service", "value": service }],
        "parentAccountOrOrganization": account,
        "ipv4s": server.then(|| [format!("10.20.{}.{}", octets[0], octets[1])]),
        "ipv6s": null,
        "macAddresses": server.then(|| [format!("0a:{}", mac.join(":"))]),
        "hostnames": server.then_some([&host]),
        "fqdns": server.then(|| [format!("{host}.internal.quillmere.example")]),
        "operatingSystems": server.then_some([system]),
        "targetId": target,
    });
    // Only machines have a BIOS.
    crate::record::set(&mut seen, "biosUuid", if server { bios } else { String::new() });
    seen
}
