//! The limits of requests a minute, and how long a call waits for its turn.

use std::time::Duration;

use super::error::ConfigError;
use super::layers::Layers;
use crate::api::{IndexExtent, KEPT_FOR, LONGEST_WAIT, RequestLimits};
use crate::catalog::{self, Api};

/// The APIs that have limits.
const LIMITED: [Api; 3] = [Api::Manage, Api::Audit, Api::Connectors];

/// Whether the demo tenant limits requests a minute, as Vanta does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoLimits {
    /// It takes what Vanta is documented to take.
    Real,
    /// It takes any number, and nobody waits for a turn but for limits that the operator set.
    Off,
}

const EXPECTED: &str = "off, or NAME=NUMBER with manage, connectors, audit, token or a tool's name, separated by commas; 0 is no limit";

/// The limits of requests a minute: what is documented, but for what is set.
pub(super) fn limits(layers: &Layers) -> Result<RequestLimits, ConfigError> {
    let mut limits = RequestLimits::default();
    let Some(found) = layers.get("limits") else { return Ok(limits) };
    for written in found.names() {
        if written.eq_ignore_ascii_case("off") {
            limits.off = true;
            continue;
        }
        let (name, number) = written.split_once('=').ok_or_else(|| found.malformed(EXPECTED))?;
        let known = name == "token" || LIMITED.iter().any(|api| api.as_str() == name);
        if !known && catalog::find(name).is_none() {
            return Err(found.malformed(EXPECTED));
        }
        let most: u16 = number.trim().parse().map_err(|_| found.malformed(EXPECTED))?;
        if limits.set.insert(name.to_owned(), Some(most).filter(|most| *most > 0)).is_some() {
            return Err(found.malformed("each name once"));
        }
    }
    Ok(limits)
}

/// What was asked of the demo tenant; none where nothing was.
pub(super) fn of_demo(layers: &Layers) -> Result<Option<DemoLimits>, ConfigError> {
    let Some(found) = layers.get("demo_limits") else { return Ok(None) };
    match found.value.as_str() {
        "real" => Ok(Some(DemoLimits::Real)),
        "off" => Ok(Some(DemoLimits::Off)),
        _ => Err(found.malformed("real or off")),
    }
}

/// Refuses what is asked of the demo tenant where there is none.
pub(super) fn without_demo(layers: &Layers) -> Result<(), ConfigError> {
    match layers.get("demo_limits") {
        Some(found) => Err(ConfigError::DemoAlone { origin: found.source }),
        None => Ok(()),
    }
}

/// How long what was read is kept.
pub(super) fn kept_for(layers: &Layers) -> Result<Duration, ConfigError> {
    let Some(found) = layers.get("cache") else { return Ok(KEPT_FOR) };
    Ok(Duration::from_secs(found.number(0, 3600, "whole seconds, 0 to 3600")?.into()))
}

/// How long a call waits for its turn at most.
pub(super) fn longest_wait(layers: &Layers) -> Result<Duration, ConfigError> {
    let Some(found) = layers.get("wait") else { return Ok(LONGEST_WAIT) };
    Ok(Duration::from_secs(found.number(0, 3600, "whole seconds, 0 to 3600")?.into()))
}

/// How much is kept of what the API tells one way round only.
pub(super) fn index(layers: &Layers) -> Result<IndexExtent, ConfigError> {
    let Some(found) = layers.get("index") else { return Ok(IndexExtent::default()) };
    let written = &found.value;
    let extents = [("off", IndexExtent::Off), ("asked", IndexExtent::Asked), ("all", IndexExtent::All)];
    let extent = extents.into_iter().find(|(name, _)| written.trim().eq_ignore_ascii_case(name));
    extent.map(|(_, extent)| extent).ok_or_else(|| found.malformed("off, asked or all"))
}
