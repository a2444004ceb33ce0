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
    /// Whether its value must not be shown.
    pub kind: Kind,
}

/// How a value may be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It may be shown.
    Plain,
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

const fn plain(
    key: &'static str,
    env: &'static str,
    flag: Option<&'static str>,
    value: &'static str,
    default: &'static str,
    about: &'static str,
) -> Setting {
    Setting { key, env, flag, value, default, about, kind: Kind::Plain }
}

const fn number(
    key: &'static str,
    (env, flag): (&'static str, &'static str),
    (value, default): (&'static str, &'static str),
    about: &'static str,
) -> Setting {
    list(key, (env, flag), (value, default), about, Kind::Number)
}

const fn secret(key: &'static str, env: &'static str, about: &'static str) -> Setting {
    Setting { key, env, flag: None, value: "SECRET", default: "", about, kind: Kind::Secret }
}

const fn list(
    key: &'static str,
    (env, flag): (&'static str, &'static str),
    (value, default): (&'static str, &'static str),
    about: &'static str,
    kind: Kind,
) -> Setting {
    Setting { key, env, flag: Some(flag), value, default, about, kind }
}

/// All settings, in the order in which people are told about them.
pub const SETTINGS: &[Setting] = &[
    plain(
        "access",
        "VANTA_MCP_ACCESS",
        Some("access"),
        "LEVEL",
        "read",
        "Highest effect that is offered: read, write or destroy",
    ),
    list(
        "toolsets",
        ("VANTA_MCP_TOOLSETS", "toolsets"),
        ("NAMES", "default"),
        "Toolsets whose tools are listed: names separated by commas, default or all; the others are found by find_tools",
        Kind::Names,
    ),
    list("tools", ("VANTA_MCP_TOOLS", "tools"), ("NAMES", ""), "Single tools to list besides", Kind::Names),
    list(
        "exclude_tools",
        ("VANTA_MCP_EXCLUDE_TOOLS", "exclude-tools"),
        ("NAMES", ""),
        "Tools that are neither listed nor run, whatever the other settings say",
        Kind::Names,
    ),
    list(
        "files",
        ("VANTA_MCP_FILES", "files"),
        ("DIR", ""),
        "Folder that uploads are read from and downloads are saved in; may be repeated",
        Kind::Folders,
    ),
    number(
        "max_file",
        ("VANTA_MCP_MAX_FILE", "max-file"),
        ("MIB", "100"),
        "Largest file that goes up or comes down, in MiB, 1 to 10000",
    ),
    number(
        "list_page",
        ("VANTA_MCP_LIST_PAGE", "list-page"),
        ("TOOLS", "all on one page"),
        "Most tools on a page of tools/list, from 10; some clients read the first page alone",
    ),
    plain(
        "manage.client_id",
        "VANTA_CLIENT_ID",
        None,
        "ID",
        "",
        "Manage Vanta: client id of your application",
    ),
    secret("manage.client_secret", "VANTA_CLIENT_SECRET", "Manage Vanta: its client secret"),
    plain(
        "manage.env_file",
        "VANTA_ENV_FILE",
        None,
        "PATH",
        "",
        "Manage Vanta: JSON file with client_id and client_secret, as Vanta's own server takes it",
    ),
    plain(
        "manage.scopes",
        "VANTA_SCOPES",
        None,
        "SCOPES",
        "what the access level needs",
        "Manage Vanta: the scopes that your application has, if not all of them, separated by spaces",
    ),
    plain(
        "audit.client_id",
        "VANTA_AUDIT_CLIENT_ID",
        None,
        "ID",
        "",
        "Conduct an Audit: client id of your application",
    ),
    secret("audit.client_secret", "VANTA_AUDIT_CLIENT_SECRET", "Conduct an Audit: its client secret"),
    plain(
        "audit.scopes",
        "VANTA_AUDIT_SCOPES",
        None,
        "SCOPES",
        "what the access level needs",
        "Conduct an Audit: the scopes that your application has, if not all of them",
    ),
    plain(
        "connectors.client_id",
        "VANTA_CONNECTORS_CLIENT_ID",
        None,
        "ID",
        "",
        "Build Integrations: client id of your application",
    ),
    secret(
        "connectors.client_secret",
        "VANTA_CONNECTORS_CLIENT_SECRET",
        "Build Integrations: its client secret",
    ),
    plain(
        "connectors.scopes",
        "VANTA_CONNECTORS_SCOPES",
        None,
        "SCOPES",
        "what the access level needs",
        "Build Integrations: the scopes that your application has, if not all of them",
    ),
    plain(
        "region",
        "VANTA_REGION",
        Some("region"),
        "REGION",
        "us",
        "Vanta's instance: us, or gov for Government Cloud",
    ),
    plain(
        "base_url",
        "VANTA_BASE_URL",
        Some("base-url"),
        "URL",
        "the region's",
        "Vanta's address, if it is none of the regions'; https, or http on loopback",
    ),
    plain(
        "panel.url",
        "VANTA_PANEL_URL",
        Some("panel-url"),
        "URL",
        "",
        "Vanta Panel: address of the user panel, e.g. https://panel.example.com/",
    ),
    secret("panel.token", "VANTA_PANEL_TOKEN", "Vanta Panel: API token (vp_…)"),
    plain(
        "panel.auth",
        "VANTA_PANEL_AUTH",
        Some("panel-auth"),
        "HEADER",
        "bearer",
        "Vanta Panel: bearer, or x-api-key where a proxy strips the Authorization header",
    ),
    number(
        "timeout",
        ("VANTA_MCP_TIMEOUT", "timeout"),
        ("SECONDS", "30"),
        "Longest silence of an upstream, 1 to 600; a whole call takes at most twice that",
    ),
    plain(
        "http.listen",
        "VANTA_MCP_HTTP",
        Some("http"),
        "ADDR:PORT",
        "stdin and stdout",
        "Serve over HTTP at this address, on /mcp; one that others can reach only with --tokens or --issuer",
    ),
    plain(
        "http.admin",
        "VANTA_MCP_ADMIN",
        Some("admin"),
        "ADDR:PORT",
        "",
        "Tell health and metrics over HTTP at this address, on /healthz, /readyz and /metrics; without tokens",
    ),
    list(
        "http.admin_open",
        ("VANTA_MCP_ADMIN_OPEN", "admin-open"),
        ("true|false", "false"),
        "Let the admin address be one that others can reach",
        Kind::Switch,
    ),
    list(
        "http.sse",
        ("VANTA_MCP_SSE", "sse"),
        ("true|false", "false"),
        "Serve the deprecated HTTP+SSE transport too, on /sse and /messages",
        Kind::Switch,
    ),
    plain(
        "http.tokens",
        "VANTA_MCP_TOKENS",
        Some("tokens"),
        "FILE",
        "",
        "File of those who may call over HTTP, as `vanta-mcp token new` writes it",
    ),
    plain(
        "http.issuer",
        "VANTA_MCP_ISSUER",
        Some("issuer"),
        "URL",
        "",
        "OAuth: the authorization server whose access tokens are good over HTTP, by its issuer identifier",
    ),
    plain(
        "http.audience",
        "VANTA_MCP_AUDIENCE",
        Some("audience"),
        "URI",
        "",
        "OAuth: what those tokens must name as their audience; the public address of /mcp, e.g. https://mcp.example.com/mcp",
    ),
    plain(
        "http.tls_cert",
        "VANTA_MCP_TLS_CERT",
        Some("tls-cert"),
        "FILE",
        "",
        "Certificate chain in PEM: TLS ends here and not at a proxy; read again when it changes",
    ),
    plain("http.tls_key", "VANTA_MCP_TLS_KEY", Some("tls-key"), "FILE", "", "Its private key in PEM"),
    list(
        "http.hosts",
        ("VANTA_MCP_ALLOW_HOST", "allow-host"),
        ("NAMES", "the address itself"),
        "Names that the HTTP server goes by: name or name:port",
        Kind::Names,
    ),
    list(
        "http.origins",
        ("VANTA_MCP_ALLOW_ORIGIN", "allow-origin"),
        ("ORIGINS", "its own"),
        "Web pages that may call the HTTP server, e.g. https://app.example.com",
        Kind::Names,
    ),
    number(
        "http.max_connections",
        ("VANTA_MCP_MAX_CONNECTIONS", "max-connections"),
        ("COUNT", "2048"),
        "Most connections over HTTP at once",
    ),
    number(
        "http.max_sessions",
        ("VANTA_MCP_MAX_SESSIONS", "max-sessions"),
        ("COUNT", "1000"),
        "Most sessions over HTTP at once, of which one caller with a token has a tenth; each takes about 100 kB",
    ),
    number(
        "http.session_idle",
        ("VANTA_MCP_SESSION_IDLE", "session-idle"),
        ("MINUTES", "30"),
        "How long a session over HTTP may be silent before it ends, 1 to 1440",
    ),
    number(
        "http.max_calls",
        ("VANTA_MCP_MAX_CALLS", "max-calls"),
        ("COUNT", "64"),
        "Most calls of one caller over HTTP at once",
    ),
    plain(
        "log",
        "VANTA_MCP_LOG",
        Some("log"),
        "LOG",
        "warn",
        "What is logged to stderr: a level or target=level, separated by commas; the word json or human picks the form",
    ),
    Setting {
        key: "config",
        env: "VANTA_MCP_CONFIG",
        flag: Some("config"),
        value: "PATH",
        default: "the platform's configuration folder",
        about: "Settings file (TOML)",
        kind: Kind::File,
    },
];

/// The setting of that key.
#[must_use]
pub fn by_key(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// All keys that may stand in the file: the path forms of the secrets too.
pub fn file_keys() -> impl Iterator<Item = String> {
    SETTINGS.iter().filter(|setting| setting.kind != Kind::File).flat_map(|setting| {
        let path = (setting.kind == Kind::Secret).then(|| format!("{}_file", setting.key));
        std::iter::once(setting.key.to_owned()).chain(path)
    })
}

/// All variables that are read: the path forms of the secrets too.
pub fn variables() -> impl Iterator<Item = String> {
    SETTINGS.iter().flat_map(|setting| {
        let path = (setting.kind == Kind::Secret).then(|| format!("{}_FILE", setting.env));
        std::iter::once(setting.env.to_owned()).chain(path)
    })
}
