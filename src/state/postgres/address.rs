//! The address of a PostgreSQL database: a URL as libpq takes it, read once, told without its password.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// How long one host is tried where the address does not say.
const CONNECTING: Duration = Duration::from_secs(3);

/// What a connection is secured with: libpq's `sslmode`.
/// <https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslChoice {
    /// In the clear.
    Disable,
    /// In the clear, or by TLS where the server wants that.
    Allow,
    /// By TLS where the server has it. The usual.
    Prefer,
    /// By TLS. The certificate is not looked at unless `sslrootcert` names whose it must be.
    Require,
    /// By TLS, with a certificate of somebody trusted.
    VerifyCa,
    /// By TLS, with a certificate of somebody trusted for that host.
    VerifyFull,
}

impl SslChoice {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }
}

/// What is wrong with an address. It shows nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressProblem {
    /// The database of one user in it would be taken for another's.
    #[error("has an `@` that is not before the host: write it as %40 in user, password and parameters")]
    At,
    /// `?sslmode=on`
    #[error("has an unknown sslmode: disable, allow, prefer, require, verify-ca and verify-full are known")]
    SslMode,
    /// libpq refuses this too.
    #[error("has sslrootcert=system, which needs sslmode=verify-full")]
    SystemRoots,
    /// Anything else.
    #[error(
        "cannot be read as postgres://user:password@host:5432/database; parameters are those of libpq that this program \
         knows, like sslmode, sslrootcert, options and connect_timeout"
    )]
    Unread,
}

/// The address of a database.
#[derive(Clone)]
pub struct PostgresAddress {
    /// Everything but the security of the connection.
    pub config: Config,
    /// How the connection is secured.
    pub ssl: SslChoice,
    /// Who vouches for the server, in place of all others.
    pub roots: Option<PathBuf>,
    place: String,
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PostgresAddress").field(&self.place).field(&self.ssl).finish()
    }
}

impl PostgresAddress {
    /// Reads a URL.
    ///
    /// # Errors
    /// It is none, or asks for something that is not known here.
    pub fn read(text: &str) -> Result<Self, AddressProblem> {
        let (_, rest) = text.split_once("://").ok_or(AddressProblem::Unread)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.matches('@').count() > 1 || rest.matches('@').count() != authority.matches('@').count() {
            return Err(AddressProblem::At);
        }
        let (before, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (mut ssl, mut roots, mut others) = (None, None, Vec::new());
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').ok_or(AddressProblem::Unread)?;
            match name {
                "sslmode" => ssl = Some(SslChoice::of(value).ok_or(AddressProblem::SslMode)?),
                "sslrootcert" => {
                    let path = percent_encoding::percent_decode_str(value).decode_utf8();
                    roots = Some(path.map_err(|_| AddressProblem::Unread)?.into_owned());
                }
                _ => others.push(parameter),
            }
        }
        let url = format!("postgres://{before}?{}", others.join("&"));
        let mut config: Config = url.parse().map_err(|_| AddressProblem::Unread)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECTING);
        }
        if config.get_application_name().is_none() {
            config.application_name("vanta-mcp");
        }
        let (ssl, roots) = secured(ssl, roots)?;
        if config.get_hosts().is_empty() {
            return Err(AddressProblem::Unread);
        }
        // As libpq does: no network, no TLS.
        let is_local = config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)));
        let ssl = if is_local { SslChoice::Disable } else { ssl };
        let place = place(&config);
        Ok(Self { config, ssl, roots, place })
    }

    /// Whether a password stands in it.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// User, host, port and database.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// What the two parameters mean together.
fn secured(
    ssl: Option<SslChoice>,
    roots: Option<String>,
) -> Result<(SslChoice, Option<PathBuf>), AddressProblem> {
    match (ssl, roots.as_deref()) {
        (None | Some(SslChoice::VerifyFull), Some("system")) => Ok((SslChoice::VerifyFull, None)),
        (Some(_), Some("system")) => Err(AddressProblem::SystemRoots),
        // As libpq does, whose older versions looked at the certificate wherever there was a file for it.
        (Some(SslChoice::Require), Some(_)) => Ok((SslChoice::VerifyCa, roots.map(PathBuf::from))),
        (ssl, _) => Ok((ssl.unwrap_or(SslChoice::Prefer), roots.map(PathBuf::from))),
    }
}

fn place(config: &Config) -> String {
    let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
        let host = match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]"),
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        };
        let ports = config.get_ports();
        format!("{host}:{}", ports.get(at).or_else(|| ports.first()).unwrap_or(&5432))
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    format!("{user}{hosts}/{}", config.get_dbname().or(config.get_user()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_without_its_password() {
        for (text, place, ssl) in [
            ("postgres://me:hunter2@db.example.com/state", "me@db.example.com:5432/state", SslChoice::Prefer),
            ("postgresql://me:hunter2@[::1]:6432/s?sslmode=disable", "me@[::1]:6432/s", SslChoice::Disable),
            ("POSTGRES://me:hun%40ter2@h?sslmode=require", "me@h:5432/me", SslChoice::Require),
            ("postgres://h1,h2:6000/s?sslmode=verify-full", "h1:5432,h2:6000/s", SslChoice::VerifyFull),
            ("postgres://h/s?sslrootcert=system", "h:5432/s", SslChoice::VerifyFull),
            ("postgres://h/s?sslrootcert=/a.pem&sslmode=require", "h:5432/s", SslChoice::VerifyCa),
            ("postgres://h/s?password=hunter2&user=me", "me@h:5432/s", SslChoice::Prefer),
        ] {
            let address = PostgresAddress::read(text).unwrap();
            assert_eq!((address.place(), address.ssl), (place, ssl), "{text}");
            assert!(!format!("{address:?}").contains("hun"), "{address:?}");
        }
        #[cfg(unix)]
        {
            let local = PostgresAddress::read("postgres://me@/s?host=/run/pg&sslmode=require").unwrap();
            assert_eq!((local.place(), local.ssl), ("me@/run/pg:5432/s", SslChoice::Disable));
        }
    }

    #[test]
    fn what_cannot_be_obeyed_is_refused() {
        for (text, problem) in [
            ("postgres://me:p@ss@host/s", AddressProblem::At),
            ("postgres://me:p/s@host/s", AddressProblem::At),
            ("postgres://host/s?user=me@x", AddressProblem::At),
            ("postgres://host/s?sslmode=on", AddressProblem::SslMode),
            ("postgres://host/s?sslmode=require&sslrootcert=system", AddressProblem::SystemRoots),
            ("postgres://host/s?sslcert=/a.pem", AddressProblem::Unread),
            ("postgres://host:port/s", AddressProblem::Unread),
            ("postgres:///s", AddressProblem::Unread),
            ("postgres://host/s?x", AddressProblem::Unread),
        ] {
            assert_eq!(PostgresAddress::read(text).unwrap_err(), problem, "{text}");
        }
    }
}
