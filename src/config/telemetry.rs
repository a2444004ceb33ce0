//! Where traces go, by the variables that every `OpenTelemetry` program shares.
//!
//! Only what decides whether there is anything to do is read here; the exporter
//! reads the rest of them (headers, timeouts, sampling) itself.

use std::ffi::OsString;
use std::fmt;

/// That traces are wanted.
#[derive(Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// The collector's address, of which the exporter makes one for traces.
    pub endpoint: String,
    /// Under which name they are told; none where another variable says it.
    pub service: Option<&'static str>,
}

impl fmt::Debug for Telemetry {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("service", &self.service).finish_non_exhaustive()
    }
}

/// What the environment says.
pub(super) fn settings(variables: &[(OsString, OsString)]) -> Option<Telemetry> {
    let value = |name: &str| {
        let (_, value) = variables.iter().find(|(other, _)| other == name)?;
        value.to_str().map(str::trim).filter(|value| !value.is_empty())
    };
    let is =
        |name: &str, expected: &str| value(name).is_some_and(|value| value.eq_ignore_ascii_case(expected));
    if is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
        return None;
    }
    let endpoint =
        value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(|| value("OTEL_EXPORTER_OTLP_ENDPOINT"))?;
    let named = value("OTEL_SERVICE_NAME").is_some()
        || value("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|all| all.contains("service.name="));
    Some(Telemetry { endpoint: endpoint.to_owned(), service: (!named).then_some("vanta-mcp") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_wanted_where_a_collector_is_named() {
        let of = |variables: &[(&str, &str)]| {
            let variables: Vec<_> =
                variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
            settings(&variables)
        };
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
        assert_eq!(of(&[endpoint]).unwrap().service, Some("vanta-mcp"));
        assert_eq!(of(&[endpoint, ("OTEL_SERVICE_NAME", "mcp")]).unwrap().service, None);
        assert!(of(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:4318/x")]).is_some());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("OTEL_EXPORTER_OTLP_ENDPOINT", " ")]), None);
        assert_eq!(of(&[endpoint, ("OTEL_SDK_DISABLED", "True")]), None);
        assert_eq!(of(&[endpoint, ("OTEL_TRACES_EXPORTER", "none")]), None);
    }
}
