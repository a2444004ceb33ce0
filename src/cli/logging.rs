//! The log, on stderr: stdout is the protocol's.

use std::io;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use crate::config::{LogFormat, LogSettings};

/// Begins to log. Panics are logged too, in the same form.
pub(super) fn begin(settings: &LogSettings) {
    let filter = settings.filter.clone();
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(false);
    let subscriber = tracing_subscriber::registry();
    // A second call, as in tests, keeps the first.
    let _ = match settings.format {
        LogFormat::Human => subscriber.with(lines.with_filter(filter)).try_init(),
        LogFormat::Json => subscriber.with(lines.json().with_filter(filter)).try_init(),
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = text.unwrap_or("no message");
        tracing::error!(place, message, "panic");
    }));
}
