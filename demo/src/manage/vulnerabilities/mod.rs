//! Vulnerabilities that scanners report, with deadlines by severity.

mod remediations;
mod routes;

use std::collections::HashSet;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::assets;
use super::people::People;
use crate::clock::iso_days;
use crate::record::{fresh_id, pick, text, turn};
use crate::shelf::Shelf;
use crate::size::{Growth, Urgency};

pub(crate) use remediations::listed as list_remediations;
pub(crate) use routes::listed;
pub(super) use routes::message;

const COUNT: usize = 400;
const SCANNERS: &[(&str, &str)] = &[
    ("inspector", "AWS Inspector"),
    ("snyk", "Snyk"),
    ("dependabot", "GitHub Dependabot"),
    ("trivy", "Trivy"),
];
/// Package and what can happen in it.
const PACKAGES: &[(&str, &str)] = &[
    ("openssl", "a crafted certificate can cause an out-of-bounds read in the parser"),
    ("glibc", "a long host name can overflow a buffer in the resolver"),
    ("curl", "a redirect can leak credentials to another host"),
    ("libxml2", "a crafted document can exhaust memory"),
    ("zlib", "a crafted archive can corrupt memory on decompression"),
    ("log4j-core", "a logged message can cause the library to load and execute remote code"),
    ("spring-web", "a crafted parameter can bypass the binding rules"),
    ("jackson-databind", "deserialization of untrusted data can execute code"),
    ("lodash", "a crafted path can cause prototype pollution"),
    ("axios", "a crafted URL can send requests to internal hosts"),
    ("express", "a crafted URL can redirect users to another site"),
    ("django", "a crafted query can cause denial of service"),
    ("requests", "a redirect can leak a proxy's credentials"),
    ("pillow", "a crafted image can overflow a buffer"),
    ("golang.org/x/net", "a flood of stream resets can exhaust a server"),
    ("nginx", "a crafted request can crash a worker"),
    ("postgresql", "a crafted statement can reveal memory"),
    ("openssh", "a race in signal handling can allow code execution before authentication"),
    ("sudo", "a crafted argument can escalate privileges"),
    ("linux-kernel", "a race in the scheduler can escalate privileges"),
];

/// Severity, and the range of its score in tenths.
fn grade(roll: u8) -> (&'static str, std::ops::Range<u16>) {
    match roll {
        0..6 => ("CRITICAL", 90..101),
        6..28 => ("HIGH", 70..90),
        28..72 => ("MEDIUM", 40..70),
        _ => ("LOW", 10..40),
    }
}

/// The days within which a vulnerability of this severity has to be fixed.
fn allowance(severity: &str) -> i64 {
    match severity {
        "CRITICAL" => 15,
        "HIGH" => 30,
        "MEDIUM" => 60,
        _ => 90,
    }
}

pub(super) struct Vulnerabilities {
    open: Shelf,
    /// No longer listed, and still found by id.
    fixed: Shelf,
    remediations: Shelf,
    /// The ids of remediations whose missed deadline someone has explained.
    acknowledged: HashSet<String>,
}

impl Vulnerabilities {
    pub(super) fn new(
        now: Timestamp,
        people: &People,
        assets: &Shelf,
        growth: Option<&Growth>,
        rng: &mut Rng,
    ) -> Self {
        let targets: Vec<Vec<&str>> =
            SCANNERS.iter().map(|(scanner, _)| assets::scanned_by(assets, scanner)).collect();
        let count = growth.map_or(COUNT, |growth| growth.vulnerabilities);
        let open = (0..count).map(|index| {
            let urgency = growth.map(|growth| growth.urgency(index));
            vulnerability(index, urgency, now, people, &targets, rng)
        });
        let mut open: Vec<Value> = open.collect();
        // Soonest first, those without a deadline last.
        open.sort_by_cached_key(|found| {
            let due = text(found, "remediateByDate").to_owned();
            (due.is_empty(), due)
        });
        let open = Shelf::new("Vulnerability", open);
        let (fixed, remediations) = remediations::past(now, people, &targets, rng);
        Self { open, fixed, remediations, acknowledged: HashSet::new() }
    }

    /// What is open, and what was remediated with its scanner.
    pub(super) fn all(&self) -> (&[Value], &[Value]) {
        (self.open.all(), self.remediations.all())
    }
}

/// `targets` has the ids of the assets of each scanner, in the scanners' order; without an urgency, chance decides.
fn vulnerability(
    index: usize,
    urgency: Option<Urgency>,
    now: Timestamp,
    people: &People,
    targets: &[Vec<&str>],
    rng: &mut Rng,
) -> Value {
    let (severity, tenths) = match urgency {
        // What has more than a month left is not severe.
        Some(Urgency::Later) => grade(rng.u8(28..100)),
        _ => grade(rng.u8(..100)),
    };
    let allowed = allowance(severity);
    let (package, effect) = pick(PACKAGES, rng);
    let (integration, scanner) = turn(SCANNERS, index);
    let name = format!("CVE-{}-{}", rng.u16(2023..2027), rng.u32(90_000..99_999));
    // Found so long ago that the deadline lies between five weeks past and the whole allowance ahead.
    let age = match urgency {
        Some(Urgency::Due) => rng.i64((allowed - 28).max(0)..allowed + 35),
        Some(Urgency::Later) => rng.i64(0..allowed - 32),
        _ => rng.i64(0..allowed + 35),
    };
    let with_sla = match urgency {
        Some(urgency) => urgency != Urgency::WithoutDeadline,
        None => rng.u8(..12) > 0,
    };
    let version = format!("{}.{}.{}", rng.u8(1..9), rng.u8(0..20), rng.u8(0..10));
    let target = targets.iter().cycle().nth(index % SCANNERS.len()).map(|ids| pick(ids, rng));
    let related: Vec<String> =
        (0..u32::from(rng.u8(..6) == 0)).map(|_| format!("CVE-2025-{}", rng.u32(90_000..99_999))).collect();
    let set_aside = match urgency {
        Some(urgency) => urgency == Urgency::SetAside,
        None => rng.u8(..16) == 0,
    };
    let indefinitely = rng.bool();
    json!({
        "id": fresh_id(rng),
        "name": name,
        "description": format!("In {package} before {version}, {effect}."),
        "integrationId": integration,
        "packageIdentifier": format!("{package}@{version}"),
        "vulnerabilityType": if index % 17 == 9 { "GROUPED" } else { "COMMON" },
        "targetId": target,
        "firstDetectedDate": iso_days(now, -age),
        "sourceDetectedDate": iso_days(now, -age),
        "lastDetectedDate": iso_days(now, -rng.i64(0..3)),
        "severity": severity,
        "cvssSeverityScore": f64::from(rng.u16(tenths)) / 10.0,
        "scannerScore": rng.u8(10..100),
        "isFixable": rng.u8(..5) > 0,
        "remediateByDate": with_sla.then(|| iso_days(now, allowed - age)),
        "relatedVulns": related,
        "relatedUrls": [format!("https://cve.example/{name}")],
        "externalURL": format!("https://{integration}.example/findings/{name}"),
        "scanSource": scanner,
        "deactivateMetadata": set_aside.then(|| json!({
            "isVulnDeactivatedIndefinitely": indefinitely,
            "deactivatedUntilDate": (!indefinitely).then(|| iso_days(now, rng.i64(10..60))),
            "deactivationReason": pick(&["Not reachable in our deployment", "The fix breaks a dependency"], rng),
            "deactivatedOnDate": iso_days(now, -rng.i64(0..=age)),
            "deactivatedBy": people.leader_id(rng.usize(..)),
        })),
    })
}
