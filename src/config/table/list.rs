//! The table of settings.

use super::setting::SettingGroup::{Http, Network, Offer, Panel, Running, Vanta};
use super::setting::{Setting, ValueKind, secret, setting};

/// All settings, in the order in which people are told about them.
pub const SETTINGS: &[Setting] = &[
    setting(Offer, "access", "VANTA_MCP_ACCESS")
        .flag("access")
        .kind(ValueKind::Word)
        .value("LEVEL")
        .default("read")
        .about("Allow: read, write, publish or destroy"),
    setting(Offer, "toolsets", "VANTA_MCP_TOOLSETS")
        .kind(ValueKind::Names)
        .flag("toolsets")
        .value("NAMES")
        .default("default")
        .about("Toolsets to list, e.g. default,vendors or all; find_tools finds the others"),
    setting(Offer, "tools", "VANTA_MCP_TOOLS")
        .kind(ValueKind::Names)
        .flag("tools")
        .value("NAMES")
        .about("More tools to list, by name"),
    setting(Offer, "exclude_tools", "VANTA_MCP_EXCLUDE_TOOLS")
        .kind(ValueKind::Names)
        .flag("exclude-tools")
        .value("NAMES")
        .about("Tools to hide and refuse, whatever the other settings say"),
    setting(Offer, "files", "VANTA_MCP_FILES")
        .kind(ValueKind::Folders)
        .flag("files")
        .value("DIR")
        .about("Folder to upload from and download to; may be repeated"),
    setting(Offer, "max_file", "VANTA_MCP_MAX_FILE")
        .kind(ValueKind::Number)
        .flag("max-file")
        .value("MIB")
        .default("100")
        .about("Largest file to upload or download, in MiB, 1 to 10000"),
    setting(Offer, "max_chars", "VANTA_MCP_MAX_CHARS")
        .kind(ValueKind::Number)
        .flag("max-chars")
        .value("CHARS")
        .default("20000")
        .about("Longest answer in characters, 1000 to 1000000; a list says how to go on"),
    setting(Offer, "list_page", "VANTA_MCP_LIST_PAGE")
        .kind(ValueKind::Number)
        .flag("list-page")
        .value("TOOLS")
        .default("all on one page")
        .about("Page size of tools/list (at least 10); some clients read only the first page"),
    setting(Vanta, "manage.client_id", "VANTA_CLIENT_ID")
        .value("ID")
        .about("Manage Vanta: client ID of your application"),
    secret(Vanta, "manage.client_secret", "VANTA_CLIENT_SECRET").about("Manage Vanta: client secret of your application"),
    setting(Vanta, "manage.env_file", "VANTA_ENV_FILE")
        .value("PATH")
        .about("Manage Vanta: JSON file with client_id and client_secret, as Vanta's own MCP server reads it"),
    setting(Vanta, "manage.scopes", "VANTA_SCOPES")
        .value("SCOPES")
        .default("what the access level needs")
        .about("Manage Vanta: scopes of your application, separated by spaces, if it does not have all"),
    setting(Vanta, "manage.trust_center", "VANTA_TRUST_CENTER")
        .kind(ValueKind::Word)
        .value("SLUG")
        .about("Manage Vanta: your Trust Center, for calls that name none: SLUG, or app.vanta.com/NAME/trust/SLUG"),
    setting(Vanta, "audit.client_id", "VANTA_AUDIT_CLIENT_ID")
        .value("ID")
        .about("Conduct an Audit: client ID of your application"),
    secret(Vanta, "audit.client_secret", "VANTA_AUDIT_CLIENT_SECRET").about("Conduct an Audit: client secret of your application"),
    setting(Vanta, "audit.scopes", "VANTA_AUDIT_SCOPES")
        .value("SCOPES")
        .default("what the access level needs")
        .about("Conduct an Audit: scopes of your application, if it does not have all"),
    setting(Vanta, "connectors.client_id", "VANTA_CONNECTORS_CLIENT_ID")
        .value("ID")
        .about("Build Integrations: client ID of your application"),
    secret(Vanta, "connectors.client_secret", "VANTA_CONNECTORS_CLIENT_SECRET")
        .about("Build Integrations: client secret of your application"),
    setting(Vanta, "connectors.scopes", "VANTA_CONNECTORS_SCOPES")
        .value("SCOPES")
        .default("what the access level needs")
        .about("Build Integrations: scopes of your application, if it does not have all"),
    setting(Vanta, "region", "VANTA_REGION")
        .kind(ValueKind::Word)
        .flag("region")
        .value("REGION")
        .default("us")
        .about("Vanta's region: us (eu and aus use the same API host), or gov for Government Cloud"),
    setting(Vanta, "base_url", "VANTA_BASE_URL")
        .flag("base-url")
        .value("URL")
        .default("the region's")
        .about("Vanta's base URL, when no region's default fits; https, or http on loopback"),
    setting(Panel, "panel.url", "VANTA_PANEL_URL")
        .flag("panel-url")
        .value("URL")
        .about("Vanta Panel: address of the user panel, e.g. https://panel.example.com/"),
    secret(Panel, "panel.token", "VANTA_PANEL_TOKEN").about("Vanta Panel: API token (vp_…)"),
    setting(Panel, "panel.auth", "VANTA_PANEL_AUTH")
        .kind(ValueKind::Word)
        .flag("panel-auth")
        .value("HEADER")
        .default("bearer")
        .about("Vanta Panel: header that carries the token, bearer or x-api-key; use x-api-key where a proxy strips the Authorization header"),
    setting(Network, "ca_file", "VANTA_MCP_CA_FILE")
        .flag("ca-file")
        .value("FILE")
        .about("CA certificates (PEM) to trust in addition to the system's, e.g. for a proxy that inspects TLS"),
    setting(Network, "timeout", "VANTA_MCP_TIMEOUT")
        .kind(ValueKind::Number)
        .flag("timeout")
        .value("SECONDS")
        .default("30")
        .about("Timeout without data, in seconds, 1 to 600; a whole call takes at most twice that"),
    setting(Running, "state", "VANTA_MCP_STATE")
        .flag("state")
        .value("PLACE")
        .default("a file in the user's state folder")
        .about("Where programs share an application's token and limits: a file's absolute path, postgres://user@host/database, or memory"),
    setting(Network, "limits", "VANTA_MCP_LIMITS")
        .kind(ValueKind::Names)
        .flag("limits")
        .value("LIMITS")
        .default("Vanta's documented limits")
        .about("Requests a minute as NAME=NUMBER, separated by commas (manage, connectors, audit, token or a tool), or off"),
    setting(Network, "demo_limits", "VANTA_MCP_DEMO_LIMITS")
        .kind(ValueKind::Word)
        .flag("demo-limits")
        .value("real|off")
        .default("real")
        .about("With --demo: keep Vanta's limits of requests a minute (real), or none (off)"),
    setting(Network, "wait", "VANTA_MCP_WAIT")
        .kind(ValueKind::Number)
        .flag("wait")
        .value("SECONDS")
        .default("75")
        .about("Longest wait for a turn within these limits, in seconds, 0 to 3600"),
    setting(Network, "cache", "VANTA_MCP_CACHE")
        .kind(ValueKind::Number)
        .flag("cache")
        .value("SECONDS")
        .default("30")
        .about("How long a read of Vanta may answer the same read again, in seconds, 0 (never) to 3600"),
    setting(Network, "index", "VANTA_MCP_INDEX")
        .flag("index")
        .value("EXTENT")
        .default("all")
        .about("What is kept of relations that the API tells one way round only: off, asked (what questions need) or all (the rest too, in spare budget)"),
    setting(Offer, "confirm_by", "VANTA_MCP_CONFIRM")
        .flag("confirm-by")
        .value("WHO")
        .default("person-if-able")
        .about("Who confirms what destroys: person (nobody else), person-if-able (a person if the client can ask one), or arguments (any call that repeats what was previewed)"),
    setting(Offer, "confirm_within", "VANTA_MCP_CONFIRM_WITHIN")
        .kind(ValueKind::Number)
        .flag("confirm-within")
        .value("SECONDS")
        .default("300")
        .about("How long what a preview shows may be carried out, in seconds, 10 to 3600"),
    setting(Http, "http.listen", "VANTA_MCP_HTTP")
        .flag("http")
        .value("ADDR:PORT")
        .default("stdin and stdout")
        .about("Serve over HTTP at this address, on /mcp; an address that others can reach needs --tokens or --issuer"),
    setting(Http, "http.admin", "VANTA_MCP_ADMIN")
        .flag("admin")
        .value("ADDR:PORT")
        .about("Serve health and metrics on this address: /healthz, /readyz and /metrics, without tokens"),
    setting(Http, "http.admin_open", "VANTA_MCP_ADMIN_OPEN")
        .kind(ValueKind::Switch)
        .flag("admin-open")
        .value("true|false")
        .default("false")
        .about("Allow an admin address that others can reach"),
    setting(Http, "http.sse", "VANTA_MCP_SSE")
        .kind(ValueKind::Switch)
        .flag("sse")
        .value("true|false")
        .default("false")
        .about("Serve the deprecated HTTP+SSE transport too, on /sse and /messages"),
    setting(Http, "http.tokens", "VANTA_MCP_TOKENS")
        .flag("tokens")
        .value("FILE")
        .about("File with the tokens that may call over HTTP, as `vanta-mcp token new` writes it"),
    setting(Http, "http.issuer", "VANTA_MCP_ISSUER")
        .flag("issuer")
        .value("URL")
        .about("OAuth: issuer identifier of the authorization server whose access tokens are accepted"),
    setting(Http, "http.audience", "VANTA_MCP_AUDIENCE")
        .kind(ValueKind::Names)
        .flag("audience")
        .value("TEXTS")
        .default("the public URL")
        .about("OAuth: accepted audiences of access tokens, separated by commas, e.g. api://vanta-mcp; may be repeated"),
    setting(Http, "http.public_url", "VANTA_MCP_PUBLIC_URL")
        .flag("public-url")
        .value("URL")
        .default("the first https address in the audience")
        .about("URL of /mcp as clients use it, e.g. https://mcp.example.com/mcp: the resource in OAuth metadata; its host is accepted too"),
    setting(Http, "http.tls_cert", "VANTA_MCP_TLS_CERT")
        .flag("tls-cert")
        .value("FILE")
        .about("TLS certificate chain (PEM), to serve https without a proxy; read again when it changes"),
    setting(Http, "http.tls_key", "VANTA_MCP_TLS_KEY")
        .flag("tls-key")
        .value("FILE")
        .about("Private key of the TLS certificate (PEM)"),
    setting(Http, "http.hosts", "VANTA_MCP_ALLOW_HOST")
        .kind(ValueKind::Names)
        .flag("allow-host")
        .value("NAMES")
        .default("the address itself")
        .about("Accepted host names, in addition to the server's own and that of --public-url: name or name:port"),
    setting(Http, "http.origins", "VANTA_MCP_ALLOW_ORIGIN")
        .kind(ValueKind::Names)
        .flag("allow-origin")
        .value("ORIGINS")
        .default("its own")
        .about("Web pages that may call the HTTP server, e.g. https://app.example.com"),
    setting(Http, "http.max_connections", "VANTA_MCP_MAX_CONNECTIONS")
        .kind(ValueKind::Number)
        .flag("max-connections")
        .value("COUNT")
        .default("2048")
        .about("Most HTTP connections at once"),
    setting(Http, "http.max_sessions", "VANTA_MCP_MAX_SESSIONS")
        .kind(ValueKind::Number)
        .flag("max-sessions")
        .value("COUNT")
        .default("1000")
        .about("Most HTTP sessions at once, about 100 kB each; one caller with a token gets a tenth"),
    setting(Http, "http.session_idle", "VANTA_MCP_SESSION_IDLE")
        .kind(ValueKind::Number)
        .flag("session-idle")
        .value("MINUTES")
        .default("30")
        .about("Minutes until an idle HTTP session ends, 1 to 1440"),
    setting(Http, "http.max_calls", "VANTA_MCP_MAX_CALLS")
        .kind(ValueKind::Number)
        .flag("max-calls")
        .value("COUNT")
        .default("64")
        .about("Maximum number of calls of one HTTP caller at once"),
    setting(Http, "http.export_kept", "VANTA_MCP_EXPORT_KEPT")
        .kind(ValueKind::Number)
        .flag("export-kept")
        .value("SECONDS")
        .default("900")
        .about("Seconds for which an export over HTTP can be read, 1 to 3600"),
    setting(Running, "log", "VANTA_MCP_LOG")
        .flag("log")
        .value("LOG")
        .default("warn")
        .about("What to log to stderr: a level, or target=level, separated by commas; json or human sets the format"),
    setting(Running, "config", "VANTA_MCP_CONFIG")
        .kind(ValueKind::File)
        .flag("config")
        .value("PATH")
        .default("the platform's configuration folder")
        .about("Settings file (TOML)"),
];
