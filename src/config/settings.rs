//! Everything that can be set, as what it means.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::error::ConfigError;
use super::layers::Layers;
use super::limits::{self, DemoLimits};
use super::log::{self, LogSettings};
use super::source::Source;
use super::telemetry::Telemetry;
use super::{address, authorities, credentials, http, offer, state};
use crate::api::{
    IndexExtent, KEPT_FOR, LONGEST_WAIT, Lacking, Network, RequestLimits, Timeouts, Trust, Upstream,
};
use crate::catalog::Effect;
use crate::files::Folders;
use crate::gate::Confirming;
use crate::state::StatePlace;
use crate::tools::Choice;
use crate::transport::http::Settings;

/// Everything that can be set, as what it means.
#[derive(Debug)]
pub struct Config {
    /// The highest effect that is offered.
    pub access: Effect,
    /// Which tools are listed, and which are ruled out.
    pub choice: Choice,
    /// How many tools are on a page of the list, where not all are.
    pub list_page: Option<NonZeroUsize>,
    /// How many characters an answer may have where a call does not say; none for what suits its reader.
    pub max_chars: Option<usize>,
    /// The folders that files may be in.
    pub folders: Folders,
    /// How to serve over HTTP, where that is asked for; else on stdin and stdout.
    pub http: Option<Settings>,
    /// The settings of a server over HTTP that are set though none is asked for.
    pub unheard: Vec<Source>,
    /// The file of tokens that callers over HTTP are recognised by.
    pub tokens: Option<PathBuf>,
    /// What is logged to stderr, and how.
    pub log: LogSettings,
    /// Where traces go, if anywhere.
    pub telemetry: Option<Telemetry>,
    /// The APIs that have credentials.
    pub upstreams: Vec<Upstream>,
    /// What the others lack, as far as it is a placeholder.
    pub lacking: Vec<Lacking>,
    /// How others are reached.
    pub network: Arc<Network>,
    /// Where state is kept that processes share.
    pub state: StatePlace,
    /// How long to wait for an upstream.
    pub timeouts: Timeouts,
    /// The Trust Center that is meant where nobody names one.
    pub trust_center: Option<String>,
    /// How many requests a minute it takes.
    pub limits: RequestLimits,
    /// Whether the demo tenant takes as few, where that was said.
    pub demo_limits: Option<DemoLimits>,
    /// How long a call waits for its turn within them.
    pub longest_wait: Duration,
    /// How long what was read is kept.
    pub kept_for: Duration,
    /// How much is kept of what the API tells one way round only.
    pub index: IndexExtent,
    /// How what was previewed is confirmed.
    pub confirming: Confirming,
    /// What is odd and not wrong: for the log and for `server_status`.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads what was typed, the environment, and the file that one of them or the platform names.
    ///
    /// # Errors
    /// An unknown setting or a malformed value, with its name and where it came from.
    pub fn load(layers: &Layers) -> Result<Self, ConfigError> {
        limits::without_demo(layers)?;
        let access = access(layers)?;
        let timeouts = timeouts(layers)?;
        let mut intake = layers.intake.clone();
        let upstreams = credentials::upstreams(layers, access, timeouts, &mut intake)?;
        let network = network(layers)?;
        Ok(Self {
            access,
            choice: offer::choice(layers)?,
            list_page: offer::list_page(layers)?,
            max_chars: offer::max_chars(layers)?,
            folders: offer::folders(layers)?,
            http: http::settings(layers, &network)?,
            unheard: http::unheard(layers),
            tokens: http::tokens(layers)?,
            log: log::settings(layers)?,
            telemetry: layers.telemetry.clone(),
            upstreams,
            lacking: intake.lacking(),
            network,
            state: state::place(layers)?,
            timeouts,
            trust_center: address::trust_center(layers)?,
            limits: limits::limits(layers)?,
            demo_limits: None,
            longest_wait: limits::longest_wait(layers)?,
            kept_for: limits::kept_for(layers)?,
            index: limits::index(layers)?,
            confirming: offer::confirming(layers)?,
            warnings: intake.warnings,
        })
    }

    /// The settings for the commands that look after a file of tokens. How to serve is not looked at: a server that is set
    /// to listen where others reach it does not start without such a file, and one has to be made before.
    ///
    /// # Errors
    /// A malformed value among those that still matter.
    pub fn load_for_tokens(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            access: access(layers)?,
            choice: offer::choice(layers)?,
            list_page: None,
            max_chars: None,
            folders: Folders::default(),
            http: None,
            unheard: Vec::new(),
            tokens: http::tokens(layers)?,
            log: log::settings(layers)?,
            telemetry: None,
            upstreams: Vec::new(),
            lacking: Vec::new(),
            network: Arc::default(),
            state: StatePlace::Memory,
            timeouts: timeouts(layers)?,
            trust_center: None,
            limits: RequestLimits::default(),
            demo_limits: None,
            longest_wait: LONGEST_WAIT,
            kept_for: KEPT_FOR,
            index: IndexExtent::default(),
            confirming: Confirming::default(),
            warnings: Vec::new(),
        })
    }

    /// The settings without any upstream: for the demo tenant, which takes their place.
    ///
    /// # Errors
    /// A malformed value among those that still matter.
    pub fn load_for_demo(layers: &Layers) -> Result<Self, ConfigError> {
        let access = access(layers)?;
        let timeouts = timeouts(layers)?;
        address::vanta(layers, None)?;
        let network = network(layers)?;
        Ok(Self {
            access,
            choice: offer::choice(layers)?,
            list_page: offer::list_page(layers)?,
            max_chars: offer::max_chars(layers)?,
            folders: offer::folders(layers)?,
            http: http::settings(layers, &network)?,
            unheard: http::unheard(layers),
            tokens: http::tokens(layers)?,
            log: log::settings(layers)?,
            telemetry: layers.telemetry.clone(),
            upstreams: Vec::new(),
            lacking: Vec::new(),
            network,
            state: StatePlace::Memory,
            timeouts,
            trust_center: address::trust_center(layers)?,
            limits: limits::limits(layers)?,
            demo_limits: limits::of_demo(layers)?,
            longest_wait: limits::longest_wait(layers)?,
            kept_for: limits::kept_for(layers)?,
            index: limits::index(layers)?,
            confirming: offer::confirming(layers)?,
            warnings: credentials::not_for_demo(layers).into_iter().collect(),
        })
    }
}

fn network(layers: &Layers) -> Result<Arc<Network>, ConfigError> {
    let trust = Trust::new(authorities::all(layers)?);
    Ok(Arc::new(Network::new(trust, layers.shared.proxies.clone())))
}

fn access(layers: &Layers) -> Result<Effect, ConfigError> {
    let Some(found) = layers.get("access") else { return Ok(Effect::Read) };
    Effect::named(&found.value).ok_or_else(|| found.malformed("read, write, publish or destroy"))
}

fn timeouts(layers: &Layers) -> Result<Timeouts, ConfigError> {
    let Some(found) = layers.get("timeout") else {
        return Ok(Timeouts::from_silence(Duration::from_secs(30)));
    };
    let seconds: u64 = found.value.parse().map_err(|_| found.malformed("whole seconds, 1 to 600"))?;
    if !(1..=600).contains(&seconds) {
        return Err(found.malformed("whole seconds, 1 to 600"));
    }
    Ok(Timeouts::from_silence(Duration::from_secs(seconds)))
}
