//! What is logged, and how.

use tracing_subscriber::filter::{LevelFilter, Targets};

use super::error::ConfigError;
use super::layers::Layers;

/// What is logged to stderr, and how.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// Levels by target.
    pub filter: Targets,
    /// For people or for machines.
    pub format: LogFormat,
    /// Whether nobody chose the levels.
    pub is_usual: bool,
}

impl LogSettings {
    /// The same for a command that prints itself what a warning would say: errors alone, unless somebody chose.
    #[must_use]
    pub fn without_warnings(&self) -> Self {
        if !self.is_usual {
            return self.clone();
        }
        Self { filter: Targets::new().with_default(LevelFilter::ERROR), ..self.clone() }
    }
}

/// The form of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One line for people.
    #[default]
    Human,
    /// One JSON object.
    Json,
}

pub(super) fn settings(layers: &Layers) -> Result<LogSettings, ConfigError> {
    let found = layers.get("log");
    let mut format = LogFormat::default();
    let mut directives = Vec::new();
    for word in found.iter().flat_map(|found| found.value.split(',')).map(str::trim) {
        match word {
            "json" => format = LogFormat::Json,
            "human" => format = LogFormat::Human,
            "" => {}
            directive => directives.push(directive),
        }
    }
    let is_usual = directives.is_empty();
    let directives = if directives.is_empty() { "warn".to_owned() } else { directives.join(",") };
    let malformed = || match &found {
        Some(found) => found.malformed("error, warn, info, debug or trace, target=level, json or human"),
        None => ConfigError::NotText { name: "log".to_owned() },
    };
    // A bare word would be taken for a target: a slip in a level would silence everything else.
    if directives.split(',').any(|word| !word.contains('=') && word.parse::<LevelFilter>().is_err()) {
        return Err(malformed());
    }
    let filter: Targets = directives.parse().map_err(|_| malformed())?;
    // rmcp writes whole requests and results at debug level, passwords included: it is never asked for them.
    // Not even where one of its modules is named.
    let others = filter.iter().filter(|(target, _)| !target.starts_with("rmcp"));
    let default = filter.default_level().unwrap_or(LevelFilter::OFF);
    let filter = others.collect::<Targets>().with_default(default).with_target("rmcp", LevelFilter::ERROR);
    Ok(LogSettings { filter, format, is_usual })
}
