//! What a setting is.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its key in the file, `table.key` for one inside a table.
    pub key: &'static str,
    /// Its variable.
    pub env: &'static str,
    /// Its flag without the dashes, where it has one: secrets have none, since other users see a process's flags.
    pub flag: Option<&'static str>,
    /// What a value looks like.
    pub value: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What it does.
    pub about: &'static str,
    /// How its value may be handled.
    pub kind: ValueKind,
    /// What it is about.
    pub group: SettingGroup,
}

/// What a setting is about, in the order in which people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingGroup {
    /// Which tools there are, and which files they may touch.
    Offer,
    /// Vanta's three APIs.
    Vanta,
    /// Vanta Panel.
    Panel,
    /// How upstreams are reached.
    Network,
    /// Serving over HTTP.
    Http,
    /// What is logged, and where the other settings are read.
    Running,
}

impl SettingGroup {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Offer, Self::Vanta, Self::Panel, Self::Network, Self::Http, Self::Running];

    /// The heading over its settings.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Offer => "What is offered",
            Self::Vanta => "Vanta",
            Self::Panel => "Vanta Panel",
            Self::Network => "Network",
            Self::Http => "HTTP server",
            Self::Running => "Logging and settings file",
        }
    }
}

/// How a value may be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A text, which is not shown where it is wrong: it may be a secret that belongs elsewhere.
    Plain,
    /// One word out of a few.
    Word,
    /// A whole number.
    Number,
    /// On or off: its flag takes no value.
    Switch,
    /// Names, separated by commas or spaces; in the file a list too.
    Names,
    /// Folders, separated as in `PATH`; in the file a list too.
    Folders,
    /// It must not be shown; it can be given as a file's path too, by the same name with `_FILE` (in the file, `_file`).
    Secret,
    /// The settings file itself: not to be set in it.
    File,
}

/// A setting with the two names that every one has, of which the rest is yet to be said.
pub(super) const fn setting(group: SettingGroup, key: &'static str, env: &'static str) -> Setting {
    Setting { key, env, flag: None, value: "", default: "", about: "", kind: ValueKind::Plain, group }
}

pub(super) const fn secret(group: SettingGroup, key: &'static str, env: &'static str) -> Setting {
    setting(group, key, env).kind(ValueKind::Secret).value("SECRET")
}

impl Setting {
    pub(super) const fn kind(self, kind: ValueKind) -> Self {
        Self { kind, ..self }
    }

    pub(super) const fn flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    pub(super) const fn value(self, value: &'static str) -> Self {
        Self { value, ..self }
    }

    pub(super) const fn default(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    pub(super) const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }
}
