//! Every setting, once. Flags, `--help`, the README's table and the reading of the file are made from this.

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
const fn setting(key: &'static str, env: &'static str) -> Setting {
    Setting { key, env, flag: None, value: "", default: "", about: "", kind: ValueKind::Plain }
}

const fn secret(key: &'static str, env: &'static str) -> Setting {
    setting(key, env).kind(ValueKind::Secret).value("SECRET")
}

impl Setting {
    const fn kind(self, kind: ValueKind) -> Self {
        Self { kind, ..self }
    }

    const fn flag(self, flag: &'static str) -> Self {
        Self { flag: Some(flag), ..self }
    }

    const fn value(self, value: &'static str) -> Self {
        Self { value, ..self }
    }

    const fn default(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }
}

/// All settings, in the order in which people are told about them.
pub const SETTINGS: &[Setting] = &[
    setting("access", "VANTA_MCP_ACCESS")
        .flag("access")
        .kind(ValueKind::Word)
        .value("LEVEL")
        .default("read")
        .about("Highest effect that is offered: read, write or destroy"),
    setting("toolsets", "VANTA_MCP_TOOLSETS")
        .kind(ValueKind::Names)
        .flag("toolsets")
        .value("NAMES")
        .default("default")
        .about("Toolsets whose tools are listed: names separated by commas, default or all; the others are found by find_tools"),
    setting("tools", "VANTA_MCP_TOOLS")
        .kind(ValueKind::Names)
        .flag("tools")
        .value("NAMES")
        .about("Single tools to list besides"),
    setting("exclude_tools", "VANTA_MCP_EXCLUDE_TOOLS")
        .kind(ValueKind::Names)
        .flag("exclude-tools")
        .value("NAMES")
        .about("Tools that are neither listed nor run, whatever the other settings say"),
    setting("files", "VANTA_MCP_FILES")
        .kind(ValueKind::Folders)
        .flag("files")
        .value("DIR")
        .about("Folder that uploads are read from and downloads are saved in; may be repeated"),
    setting("max_file", "VANTA_MCP_MAX_FILE")
        .kind(ValueKind::Number)
        .flag("max-file")
        .value("MIB")
        .default("100")
        .about("Largest file that goes up or comes down, in MiB, 1 to 10000"),
    setting("list_page", "VANTA_MCP_LIST_PAGE")
        .kind(ValueKind::Number)
        .flag("list-page")
        .value("TOOLS")
        .default("all on one page")
        .about("Most tools on a page of tools/list, from 10; some clients read the first page alone"),
    setting("manage.client_id", "VANTA_CLIENT_ID")
        .value("ID")
        .about("Manage Vanta: client id of your application"),
    secret("manage.client_secret", "VANTA_CLIENT_SECRET").about("Manage Vanta: its client secret"),
    setting("manage.env_file", "VANTA_ENV_FILE")
        .value("PATH")
        .about("Manage Vanta: JSON file with client_id and client_secret, as Vanta's own server takes it"),
    setting("manage.scopes", "VANTA_SCOPES")
        .value("SCOPES")
        .default("what the access level needs")
        .about("Manage Vanta: the scopes that your application has, if not all of them, separated by spaces"),
    setting("audit.client_id", "VANTA_AUDIT_CLIENT_ID")
        .value("ID")
        .about("Conduct an Audit: client id of your application"),
    secret("audit.client_secret", "VANTA_AUDIT_CLIENT_SECRET").about("Conduct an Audit: its client secret"),
    setting("audit.scopes", "VANTA_AUDIT_SCOPES")
        .value("SCOPES")
        .default("what the access level needs")
        .about("Conduct an Audit: the scopes that your application has, if not all of them"),
    setting("connectors.client_id", "VANTA_CONNECTORS_CLIENT_ID")
        .value("ID")
        .about("Build Integrations: client id of your application"),
    secret("connectors.client_secret", "VANTA_CONNECTORS_CLIENT_SECRET")
        .about("Build Integrations: its client secret"),
    setting("connectors.scopes", "VANTA_CONNECTORS_SCOPES")
        .value("SCOPES")
        .default("what the access level needs")
        .about("Build Integrations: the scopes that your application has, if not all of them"),
    setting("region", "VANTA_REGION")
        .kind(ValueKind::Word)
        .flag("region")
        .value("REGION")
        .default("us")
        .about("Vanta's instance: us (eu and aus mean the same API host), or gov for Government Cloud"),
    setting("base_url", "VANTA_BASE_URL")
        .flag("base-url")
        .value("URL")
        .default("the region's")
        .about("Vanta's address, if it is none of the regions'; https, or http on loopback"),
    setting("panel.url", "VANTA_PANEL_URL")
        .flag("panel-url")
        .value("URL")
        .about("Vanta Panel: address of the user panel, e.g. https://panel.example.com/"),
    secret("panel.token", "VANTA_PANEL_TOKEN").about("Vanta Panel: API token (vp_…)"),
    setting("panel.auth", "VANTA_PANEL_AUTH")
        .kind(ValueKind::Word)
        .flag("panel-auth")
        .value("HEADER")
        .default("bearer")
        .about("Vanta Panel: bearer, or x-api-key where a proxy strips the Authorization header"),
    setting("ca_file", "VANTA_MCP_CA_FILE")
        .flag("ca-file")
        .value("FILE")
        .about("CA certificates in PEM to trust beside the system's, for a company whose proxy looks into TLS"),
    setting("timeout", "VANTA_MCP_TIMEOUT")
        .kind(ValueKind::Number)
        .flag("timeout")
        .value("SECONDS")
        .default("30")
        .about("Longest silence of an upstream, 1 to 600; a whole call takes at most twice that"),
    setting("http.listen", "VANTA_MCP_HTTP")
        .flag("http")
        .value("ADDR:PORT")
        .default("stdin and stdout")
        .about("Serve over HTTP at this address, on /mcp; one that others can reach only with --tokens or --issuer"),
    setting("http.admin", "VANTA_MCP_ADMIN")
        .flag("admin")
        .value("ADDR:PORT")
        .about("Tell health and metrics over HTTP at this address, on /healthz, /readyz and /metrics; without tokens"),
    setting("http.admin_open", "VANTA_MCP_ADMIN_OPEN")
        .kind(ValueKind::Switch)
        .flag("admin-open")
        .value("true|false")
        .default("false")
        .about("Let the admin address be one that others can reach"),
    setting("http.sse", "VANTA_MCP_SSE")
        .kind(ValueKind::Switch)
        .flag("sse")
        .value("true|false")
        .default("false")
        .about("Serve the deprecated HTTP+SSE transport too, on /sse and /messages"),
    setting("http.tokens", "VANTA_MCP_TOKENS")
        .flag("tokens")
        .value("FILE")
        .about("File of those who may call over HTTP, as `vanta-mcp token new` writes it"),
    setting("http.issuer", "VANTA_MCP_ISSUER")
        .flag("issuer")
        .value("URL")
        .about("OAuth: the authorization server whose access tokens are good over HTTP, by its issuer identifier"),
    setting("http.audience", "VANTA_MCP_AUDIENCE")
        .kind(ValueKind::Names)
        .flag("audience")
        .value("TEXTS")
        .default("the public URL")
        .about("OAuth: what those tokens must name as their audience: one of these texts, separated by commas, e.g. api://vanta-mcp; may be repeated"),
    setting("http.public_url", "VANTA_MCP_PUBLIC_URL")
        .flag("public-url")
        .value("URL")
        .default("the first https address in the audience")
        .about("The address of /mcp that clients use, e.g. https://mcp.example.com/mcp: the resource in OAuth metadata; its host is accepted too"),
    setting("http.tls_cert", "VANTA_MCP_TLS_CERT")
        .flag("tls-cert")
        .value("FILE")
        .about("Certificate chain in PEM: TLS ends here and not at a proxy; read again when it changes"),
    setting("http.tls_key", "VANTA_MCP_TLS_KEY")
        .flag("tls-key")
        .value("FILE")
        .about("Its private key in PEM"),
    setting("http.hosts", "VANTA_MCP_ALLOW_HOST")
        .kind(ValueKind::Names)
        .flag("allow-host")
        .value("NAMES")
        .default("the address itself")
        .about("Accepted host names besides its own and that of --public-url: name or name:port"),
    setting("http.origins", "VANTA_MCP_ALLOW_ORIGIN")
        .kind(ValueKind::Names)
        .flag("allow-origin")
        .value("ORIGINS")
        .default("its own")
        .about("Web pages that may call the HTTP server, e.g. https://app.example.com"),
    setting("http.max_connections", "VANTA_MCP_MAX_CONNECTIONS")
        .kind(ValueKind::Number)
        .flag("max-connections")
        .value("COUNT")
        .default("2048")
        .about("Most connections over HTTP at once"),
    setting("http.max_sessions", "VANTA_MCP_MAX_SESSIONS")
        .kind(ValueKind::Number)
        .flag("max-sessions")
        .value("COUNT")
        .default("1000")
        .about("Most sessions over HTTP at once, of which one caller with a token has a tenth; each takes about 100 kB"),
    setting("http.session_idle", "VANTA_MCP_SESSION_IDLE")
        .kind(ValueKind::Number)
        .flag("session-idle")
        .value("MINUTES")
        .default("30")
        .about("How long a session over HTTP may be silent before it ends, 1 to 1440"),
    setting("http.max_calls", "VANTA_MCP_MAX_CALLS")
        .kind(ValueKind::Number)
        .flag("max-calls")
        .value("COUNT")
        .default("64")
        .about("Most calls of one caller over HTTP at once"),
    setting("log", "VANTA_MCP_LOG")
        .flag("log")
        .value("LOG")
        .default("warn")
        .about("What is logged to stderr: a level or target=level, separated by commas; the word json or human picks the form"),
    setting("config", "VANTA_MCP_CONFIG")
        .kind(ValueKind::File)
        .flag("config")
        .value("PATH")
        .default("the platform's configuration folder")
        .about("Settings file (TOML)"),
];

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
