//! Reading a path that the catalog does not have: what Vanta has added since, or documents in part alone.
//!
//! It is a read inside the API's own origin and nothing else: the method is GET, and the path is taken apart and put
//! together again, each segment encoded as an argument of any tool is.

use std::sync::LazyLock;

use percent_encoding::utf8_percent_encode;
use thiserror::Error;

use super::forbidden::parameter;
use super::request::{Freshness, Request, SEGMENT};
use crate::catalog::{self, Api, Method, Operation};

/// The tool that reads them.
pub const READ_API: &str = "read_api";

/// A path that may be read.
#[derive(Debug)]
pub struct ReadPath {
    operation: &'static Operation,
    path: String,
    query: Vec<(String, String)>,
}

/// Why a path is not read. Nothing was sent.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ReadPathProblem {
    /// It does not begin as the API's paths do.
    #[error("`path` must begin with /v1/, as in Vanta's API reference, without the server's address")]
    NotBelow,
    /// It has what means something else in an address.
    #[error("`path` must not contain {0}: pass it decoded, and pass what follows `?` as `query`")]
    Mark(&'static str),
    /// A segment is empty, or a step.
    #[error("`path` must not have empty segments, `.` or `..`")]
    Step,
    /// The catalog has it.
    #[error("this path has its own tool: call {tool}")]
    Catalogued {
        /// The tool.
        tool: &'static str,
    },
    /// The path belongs to another API.
    #[error("this path belongs to {}: pass `api` \"{api}\"", .api.title())]
    OfAnother {
        /// That API.
        api: Api,
    },
}

/// The operations that such reads go by: one for each API, with its reading scope.
static READS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let of = |api: &str| {
        let text = format!(
            r#"{{"name":"{READ_API}","title":"Read a path of the API","about":"","api":"{api}","area":"","toolset":"","method":"GET",
                 "path":"","effect":"read","idempotent":true,"schema":{{"type":"object"}}}}"#
        );
        serde_json::from_str(String::leak(text)).ok()
    };
    ["manage", "audit", "connectors"].into_iter().filter_map(of).collect()
});

/// Characters that no decoded segment of a path of Vanta's has.
const MARKS: [(char, &str); 5] = [('?', "`?`"), ('#', "`#`"), ('%', "`%`"), ('\\', "`\\`"), (';', "`;`")];

impl ReadPath {
    /// A path of this API with the query's pairs.
    ///
    /// # Errors
    /// It is not one that may be read: malformed, the catalog's, or another API's.
    pub fn new(api: Api, path: &str, query: Vec<(String, String)>) -> Result<Self, ReadPathProblem> {
        if let Some((_, named)) = MARKS.into_iter().find(|(mark, _)| path.contains(*mark)) {
            return Err(ReadPathProblem::Mark(named));
        }
        if path.contains(char::is_control) {
            return Err(ReadPathProblem::Mark("control characters"));
        }
        let below = path.strip_prefix("/v1/").ok_or(ReadPathProblem::NotBelow)?;
        let segments: Vec<&str> = below.split('/').collect();
        if segments.iter().any(|segment| matches!(segment.trim(), "" | "." | "..")) {
            return Err(ReadPathProblem::Step);
        }
        let gets = catalog::operations().iter().filter(|operation| operation.method == Method::Get);
        // A literal segment has the say before an id.
        let known = gets
            .filter(|operation| fits(operation.path, &segments))
            .min_by_key(|operation| operation.in_path.len());
        if let Some(operation) = known {
            return Err(ReadPathProblem::Catalogued { tool: operation.name });
        }
        let first = segments.first().copied().unwrap_or_default();
        let begins = |operation: &Operation| {
            operation
                .path
                .strip_prefix("/v1/")
                .and_then(|rest| rest.split('/').next())
                .is_some_and(|one| same(one, first))
        };
        let mut owners =
            catalog::operations().iter().filter(|operation| begins(operation)).map(|one| one.api).peekable();
        if let Some(owner) = owners.peek().copied()
            && !owners.any(|owner| owner == api)
        {
            return Err(ReadPathProblem::OfAnother { api: owner });
        }
        // There is one for each API of Vanta's; the Panel's paths are none of these.
        let operation =
            READS.iter().find(|operation| operation.api == api).ok_or(ReadPathProblem::NotBelow)?;
        let encoded: Vec<String> =
            segments.iter().map(|segment| utf8_percent_encode(segment, SEGMENT).to_string()).collect();
        Ok(Self { operation, path: format!("/v1/{}", encoded.join("/")), query })
    }

    /// The operation that it is read by.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The request that reads it.
    #[must_use]
    pub fn into_request(self, freshness: Freshness) -> Request {
        let mut request = Request::reading(self.operation, self.path, self.query);
        request.freshness = freshness;
        request
    }
}

/// Whether a path of the catalog leads to these segments.
fn fits(template: &str, segments: &[&str]) -> bool {
    let Some(template) = template.strip_prefix("/v1/") else { return false };
    let template: Vec<&str> = template.split('/').collect();
    template.len() == segments.len()
        && template
            .iter()
            .zip(segments)
            .all(|(known, segment)| parameter(known).is_some() || same(known, segment))
}

/// As the most lenient of routers compares: without regard to case and to blanks around.
fn same(known: &str, segment: &str) -> bool {
    known.eq_ignore_ascii_case(segment.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(api: Api, path: &str) -> Result<String, ReadPathProblem> {
        ReadPath::new(api, path, Vec::new()).map(|read| read.into_request(Freshness::Recent).path)
    }

    #[test]
    fn a_path_stays_below_the_apis_own() {
        assert_eq!(read(Api::Manage, "/v1/moons/a b/phases"), Ok("/v1/moons/a%20b/phases".to_owned()));
        assert_eq!(read(Api::Manage, "/v1/moons/é"), Ok("/v1/moons/%C3%A9".to_owned()));
        for path in [
            "v1/moons",
            "/oauth/token",
            "/v2/moons",
            "https://x.example/v1/moons",
            "//x.example/v1/moons",
            "",
            "/v1",
        ] {
            assert_eq!(read(Api::Manage, path), Err(ReadPathProblem::NotBelow), "{path}");
        }
        for path in [
            "/v1/",
            "/v1//moons",
            "/v1/moons/",
            "/v1/./moons",
            "/v1/../oauth/token",
            "/v1/moons/..",
            "/v1/ /moons",
        ] {
            assert_eq!(read(Api::Manage, path), Err(ReadPathProblem::Step), "{path}");
        }
        for path in [
            "/v1/moons?x=1",
            "/v1/moons#a",
            "/v1/%2e%2e/oauth/token",
            "/v1/..\\oauth",
            "/v1/moons;a",
            "/v1/a\nb",
        ] {
            assert!(matches!(read(Api::Manage, path), Err(ReadPathProblem::Mark(_))), "{path}");
        }
    }

    #[test]
    fn what_the_catalog_has_is_its_tools() {
        for (path, tool) in [
            ("/v1/vendors", "list_vendors"),
            ("/v1/VENDORS", "list_vendors"),
            ("/v1/vendors/abc", "get_vendor"),
            ("/v1/controls/controls-library", "list_library_controls"),
            ("/v1/controls/ controls-library ", "list_library_controls"),
        ] {
            assert_eq!(read(Api::Manage, path), Err(ReadPathProblem::Catalogued { tool }), "{path}");
        }
        assert_eq!(
            read(Api::Manage, "/v1/audits/1/moons"),
            Err(ReadPathProblem::OfAnother { api: Api::Audit })
        );
        assert_eq!(
            read(Api::Audit, "/v1/vendors/1/moons"),
            Err(ReadPathProblem::OfAnother { api: Api::Manage })
        );
        assert_eq!(read(Api::Panel, "/v1/moons"), Err(ReadPathProblem::NotBelow));
        assert_eq!(READS.len(), 3);
    }
}
