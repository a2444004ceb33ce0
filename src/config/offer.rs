//! What is offered: toolsets, single tools, pages of the list, and the folders that files may be in.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::error::ConfigError;
use super::folder_list;
use super::layers::Layers;
use super::likeness::Likeness;
use super::pasted;
use super::value::{Names, SourcedValue};
use crate::files::Folders;
use crate::gate::{ConfirmedBy, Confirming};
use crate::tools::{Choice, UnknownName};

/// Which tools are listed and which are ruled out.
pub(super) fn choice(layers: &Layers) -> Result<Choice, ConfigError> {
    let mut choice = Choice::default();
    if let Some(found) = layers.get("toolsets") {
        choice = named(&found, |names| choice.toolsets(names))?;
    }
    if let Some(found) = layers.get("tools") {
        choice = named(&found, |names| choice.with_tools(names))?;
    }
    if let Some(found) = layers.get("exclude_tools") {
        choice = named(&found, |names| choice.without_tools(names))?;
    }
    Ok(choice)
}

fn named(
    found: &SourcedValue,
    choose: impl for<'n> FnOnce(Names<'n>) -> Result<Choice, UnknownName>,
) -> Result<Choice, ConfigError> {
    choose(found.names()).map_err(|cause| match Likeness::of(&cause.name) {
        Some(_) => found.malformed("names of toolsets or tools"),
        None => ConfigError::Name { origin: found.source.clone(), cause },
    })
}

/// The folders, opened now, so that a mistake is told at the start and not in the middle of an audit.
pub(super) fn folders(layers: &Layers) -> Result<Folders, ConfigError> {
    let limit = match layers.get("max_file") {
        Some(found) => u64::from(found.number(1, 10_000, "whole MiB, 1 to 10000")?) << 20,
        None => crate::files::USUAL_LIMIT,
    };
    let Some(found) = layers.get("files") else { return Ok(Folders::none(limit)) };
    let unfit = |cause| ConfigError::Path { origin: found.source.clone(), cause };
    let written = folder_list::split(&found.value);
    let paths = written.iter().map(|path| layers.home().path(pasted::plain(path)));
    let paths = paths.collect::<Result<Vec<PathBuf>, _>>().map_err(unfit)?;
    // The list as a whole too: what separates folders may be a part of the placeholder.
    let is_absent = |path: &PathBuf| !path.exists();
    if paths.iter().any(is_absent) {
        found.filled_in()?;
    }
    let is_odd = |path: &PathBuf| Likeness::of(&path.to_string_lossy()).is_some() && !path.exists();
    if Likeness::of(&found.value).is_some_and(Likeness::is_certain) || paths.iter().any(is_odd) {
        return Err(found.malformed("existing folders"));
    }
    let folders =
        Folders::open(&paths, limit).map_err(|cause| ConfigError::Folder { origin: found.source, cause })?;
    Ok(folders.with_home(layers.home().clone()))
}

/// How many characters an answer may have.
pub(super) fn max_chars(layers: &Layers) -> Result<Option<usize>, ConfigError> {
    let Some(found) = layers.get("max_chars") else { return Ok(None) };
    let most = found.number(1_000, 1_000_000, "a number of characters, 1000 to 1000000")?;
    Ok(usize::try_from(most).ok())
}

/// How many tools are on a page of the list.
pub(super) fn list_page(layers: &Layers) -> Result<Option<NonZeroUsize>, ConfigError> {
    let Some(found) = layers.get("list_page") else { return Ok(None) };
    let size = found.number(10, 10_000, "a whole number, at least 10")?;
    Ok(usize::try_from(size).ok().and_then(NonZeroUsize::new))
}

/// How what was previewed is confirmed.
pub(super) fn confirming(layers: &Layers) -> Result<Confirming, ConfigError> {
    let mut confirming = Confirming::default();
    if let Some(found) = layers.get("confirm_within") {
        confirming.within = Duration::from_secs(found.number(10, 3600, "whole seconds, 10 to 3600")?.into());
    }
    if let Some(found) = layers.get("confirm_by") {
        confirming.by = match found.value.trim().to_ascii_lowercase().as_str() {
            "person" => ConfirmedBy::Person,
            "person-if-able" => ConfirmedBy::PersonIfAble,
            "arguments" => ConfirmedBy::Arguments,
            _ => return Err(found.malformed("person, person-if-able or arguments")),
        };
    }
    Ok(confirming)
}
