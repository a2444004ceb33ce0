//! Which application and which scope a path asks for.

use super::tokens::Application;

/// The API that a path belongs to.
pub(super) fn api_of(path: &[String]) -> Application {
    match path.get(1).map(String::as_str) {
        Some("audits" | "auditors") => Application::Audit,
        Some("resources") => Application::Connectors,
        _ => Application::Manage,
    }
}

/// Whether one of the granted scopes suffices; otherwise the scope to name in the refusal.
pub(super) fn permit(method: &str, path: &[String], granted: &[String]) -> Result<(), &'static str> {
    let sufficient = sufficient(method, path);
    if granted.iter().any(|scope| sufficient.contains(&scope.as_str())) {
        return Ok(());
    }
    Err(sufficient.first().copied().unwrap_or_default())
}

/// Scopes of which any one suffices, the customary one first. A write scope includes reading.
fn sufficient(method: &str, path: &[String]) -> Vec<&'static str> {
    let below: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
    match (method, below.as_slice()) {
        ("GET", ["audits", ..]) => vec!["auditor-api.audit:read", "auditor-api.audit:write"],
        (_, ["audits", ..]) => vec!["auditor-api.audit:write"],
        ("GET", ["auditors", ..]) => vec!["auditor-api.auditor:read", "auditor-api.auditor:write"],
        (_, ["auditors", ..]) => vec!["auditor-api.auditor:write"],
        ("GET", ["resources", ..]) => {
            vec!["connectors.self:read-resource", "connectors.self:write-resource"]
        }
        (_, ["resources", ..]) => vec!["connectors.self:write-resource"],
        ("GET", rest) => {
            let mut any = vec!["vanta-api.all:read", "vanta-api.all:write"];
            match rest {
                ["vendors", ..] => any.extend(["vanta-api.vendors:read", "vanta-api.vendors:write"]),
                ["documents"] => any.extend([
                    "vanta-api.documents:list",
                    "vanta-api.documents:read",
                    "vanta-api.documents:write",
                ]),
                ["documents", ..] => any.extend(["vanta-api.documents:read", "vanta-api.documents:write"]),
                _ => {}
            }
            any
        }
        (method, rest) => {
            let mut any = vec!["vanta-api.all:write"];
            match (method, rest) {
                (_, ["vendors", ..]) => any.push("vanta-api.vendors:write"),
                ("POST", ["documents", _, "uploads"]) => {
                    any.extend(["vanta-api.documents:upload", "vanta-api.documents:write"]);
                }
                (_, ["documents", ..]) => any.push("vanta-api.documents:write"),
                _ => {}
            }
            any
        }
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    fn permitted(method: &str, path: &str, scope: &str) -> bool {
        let path: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
        permit(method, &path, &[scope.to_owned()]).is_ok()
    }

    #[test]
    fn narrow_scopes_open_their_own_area_only() {
        assert!(permitted("GET", "/v1/vendors/a/findings", "vanta-api.vendors:read"));
        assert!(!permitted("POST", "/v1/vendors", "vanta-api.vendors:read"));
        assert!(!permitted("GET", "/v1/controls", "vanta-api.vendors:write"));
        assert!(permitted("GET", "/v1/documents", "vanta-api.documents:list"));
        assert!(!permitted("GET", "/v1/documents/a", "vanta-api.documents:list"));
        assert!(permitted("POST", "/v1/documents/a/uploads", "vanta-api.documents:upload"));
        assert!(!permitted("DELETE", "/v1/documents/a/uploads/b", "vanta-api.documents:upload"));
        assert!(!permitted("GET", "/v1/documents", "vanta-api.documents:upload"));
    }

    #[test]
    fn a_write_scope_reads_and_a_read_scope_does_not_write() {
        assert!(permitted("GET", "/v1/people", "vanta-api.all:write"));
        assert!(!permitted("PATCH", "/v1/people/a", "vanta-api.all:read"));
        assert!(permitted("GET", "/v1/audits", "auditor-api.audit:write"));
        assert!(!permitted("POST", "/v1/auditors", "auditor-api.audit:write"));
    }
}
