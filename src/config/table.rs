//! Every setting, once. Flags, `--help`, the README's table and the reading of the file are made from this.

mod list;
mod setting;

pub use list::SETTINGS;
pub use setting::{Setting, SettingGroup, ValueKind};

/// The setting of that key.
#[must_use]
pub fn by_key(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// The setting that a variable sets, and what kind of value it holds: the path form of a secret holds a path.
#[must_use]
pub fn by_variable(name: &str) -> Option<(&'static Setting, ValueKind)> {
    let path = |setting: &&Setting| {
        setting.kind == ValueKind::Secret && name.strip_suffix("_FILE") == Some(setting.env)
    };
    let itself = SETTINGS.iter().find(|setting| setting.env == name).map(|setting| (setting, setting.kind));
    itself.or_else(|| SETTINGS.iter().find(path).map(|setting| (setting, ValueKind::Plain)))
}

/// The same of a key in the file.
#[must_use]
pub fn by_file_key(key: &str) -> Option<(&'static Setting, ValueKind)> {
    let path = |setting: &&Setting| {
        setting.kind == ValueKind::Secret && key.strip_suffix("_file") == Some(setting.key)
    };
    let itself = by_key(key).map(|setting| (setting, setting.kind));
    itself.or_else(|| SETTINGS.iter().find(path).map(|setting| (setting, ValueKind::Plain)))
}

/// All keys that may stand in the file: the path forms of the secrets too.
pub fn file_keys() -> impl Iterator<Item = String> {
    SETTINGS.iter().filter(|setting| setting.kind != ValueKind::File).flat_map(|setting| {
        let path = (setting.kind == ValueKind::Secret).then(|| format!("{}_file", setting.key));
        std::iter::once(setting.key.to_owned()).chain(path)
    })
}

/// All variables that are read: the path forms of the secrets too.
pub fn variables() -> impl Iterator<Item = String> {
    SETTINGS.iter().flat_map(|setting| {
        let path = (setting.kind == ValueKind::Secret).then(|| format!("{}_FILE", setting.env));
        std::iter::once(setting.env.to_owned()).chain(path)
    })
}
