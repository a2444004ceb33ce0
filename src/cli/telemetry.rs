//! Traces, exported by OTLP where the environment names a collector.

use opentelemetry::global;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use thiserror::Error;

use crate::api::Network;
use crate::api::telemetry::client;
use crate::config::Telemetry;
use crate::server::trace_calls;

/// Traces that cannot be exported.
#[derive(Debug, Error)]
pub(super) enum TelemetryError {
    /// The HTTP client cannot be made.
    #[error("{0}")]
    Client(String),
    /// The exporter cannot be made of what the environment says. The address may hold a password, so it is not told.
    #[error(
        "the exporter cannot be made of what the OTEL_EXPORTER_OTLP variables say: check the address of the collector"
    )]
    Exporter(#[from] ExporterBuildError),
}

/// Sends what is left when it is dropped.
pub(super) struct Exporting(SdkTracerProvider);

impl Drop for Exporting {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last traces could not be exported");
        }
    }
}

/// Begins to export, from a thread of its own. Must not be called where tasks run.
pub(super) fn begin(settings: &Telemetry, network: &Network) -> Result<Exporting, TelemetryError> {
    let client = client(&settings.endpoint, network).map_err(TelemetryError::Client)?;
    let exporter = SpanExporter::builder().with_http().with_http_client(client).build()?;
    let mut resource = Resource::builder();
    if let Some(name) = settings.service {
        resource = resource.with_service_name(name);
    }
    let provider =
        SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
    global::set_tracer_provider(provider.clone());
    trace_calls();
    Ok(Exporting(provider))
}
