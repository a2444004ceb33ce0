//! Settings: flags over environment over file over defaults, each told where it came from.
//!
//! The only room that reads the environment and the files of settings and
//! credentials. What it gives out are structs of the rooms below.

mod address;
mod authorities;
mod credentials;
mod error;
pub mod folder_list;
mod http;
mod intake;
mod layers;
mod likeness;
mod limits;
mod log;
mod oauth;
mod offer;
mod pasted;
mod pem;
mod placeholder;
#[cfg(feature = "demo")]
pub mod programs;
mod settings;
mod shared;
mod source;
mod state;
pub mod table;
mod telemetry;
pub mod terminal;
mod value;

pub use error::ConfigError;
pub use layers::Layers;
pub use likeness::Likeness;
pub use limits::DemoLimits;
pub use log::{LogFormat, LogSettings};
pub use settings::Config;
#[cfg(feature = "otel")]
pub use telemetry::Telemetry;

#[cfg(test)]
mod tests;
