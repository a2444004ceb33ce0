//! Variables that other programs share: the home folder, proxies, certificates, and the region of Vanta's own server.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use url::{Host, Url};

use super::pasted;
use super::pem;
use super::placeholder::Placeholder;
use super::source::Source;
use super::table::ValueKind;
use super::value::SourcedValue;
use crate::api::{Proxies, ProxyAddress};
use crate::authorities::CertificatePlaces;
use crate::files::{Home, text};

/// What they say.
pub(super) struct SharedVariables {
    pub(super) home: Home,
    pub(super) proxies: Proxies,
    /// Where the certificates are that are trusted in place of the system's.
    pub(super) certificates: CertificatePlaces,
    /// The variable that Vanta's own server takes its region from.
    pub(super) region: Option<SourcedValue>,
}

/// The variables of an environment, by their names.
struct Variables<'v>(&'v [(OsString, OsString)]);

impl SharedVariables {
    /// Reads them out of an environment. What cannot be read is warned of and left out.
    pub(super) fn of(variables: &[(OsString, OsString)], warnings: &mut Vec<String>) -> Self {
        let all = Variables(variables);
        let home = all.home();
        Self {
            proxies: all.proxies(warnings),
            certificates: all.certificates(&home, warnings),
            region: all.value("REGION").map(|value| SourcedValue {
                value,
                source: Source::Environment("REGION".to_owned()),
                kind: ValueKind::Word,
            }),
            home,
        }
    }
}

impl Variables<'_> {
    fn raw(&self, name: &str) -> Option<&OsString> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A value without what surrounds it; an empty one counts as not set.
    fn value(&self, name: &str) -> Option<String> {
        let value = pasted::plain(self.raw(name)?.to_str()?);
        (!value.is_empty()).then(|| value.to_owned())
    }

    fn home(&self) -> Home {
        let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        let folder = self.raw(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Home::new(folder.or_else(|| etcetera::home_dir().ok()))
    }

    /// The first of two names that says something.
    fn either(&self, upper: &'static str, lower: &'static str) -> Option<(&'static str, String)> {
        [upper, lower].into_iter().find_map(|name| Some((name, self.value(name)?)))
    }

    fn proxies(&self, warnings: &mut Vec<String>) -> Proxies {
        // A variable whose name a client of a CGI program can choose is none (CVE-2016-5385).
        let is_cgi = self.raw("REQUEST_METHOD").is_some();
        let names =
            [("HTTPS_PROXY", "https_proxy"), ("HTTP_PROXY", "http_proxy"), ("ALL_PROXY", "all_proxy")];
        for name in names.iter().flat_map(|(upper, lower)| [*upper, *lower]).chain(["NO_PROXY", "no_proxy"]) {
            if self.raw(name).is_some_and(|value| value.to_str().is_none()) {
                warnings.push(format!(
                    "{name} (environment) is not UTF-8, so it is ignored: write it in UTF-8, or remove it"
                ));
            }
        }
        let is_set = names.iter().any(|(upper, lower)| self.either(upper, lower).is_some());
        let [https, http, all] = names.map(|(upper, lower)| {
            let (name, value) = self.either(upper, lower)?;
            if is_cgi && name == "HTTP_PROXY" {
                return None;
            }
            let read = proxy(name, &value);
            read.map_err(|problem| warnings.push(problem)).ok()
        });
        let (name, bypass) = self.either("NO_PROXY", "no_proxy").unwrap_or_default();
        if let Some(placeholder) = Placeholder::of_list(&bypass) {
            warnings.push(format!(
                "{name} (environment) still contains a placeholder ({placeholder}), which is not a host name: replace it, or remove it"
            ));
        }
        // Some write it with spaces.
        let bypass = bypass.split([',', ' ', '\t', ';']).filter(|part| !part.is_empty());
        let bypass = bypass.collect::<Vec<_>>().join(",");
        if !is_set {
            return Proxies::default();
        }
        Proxies::of_environment(https.or_else(|| all.clone()), http.or(all), &bypass)
    }

    fn certificates(&self, home: &Home, warnings: &mut Vec<String>) -> CertificatePlaces {
        let file = self.value("SSL_CERT_FILE").and_then(|text| match home.path(&text) {
            Ok(path) => Some(path),
            Err(problem) => {
                warnings.push(format!("SSL_CERT_FILE (environment) {problem}, so it is ignored"));
                None
            }
        });
        if let Some(path) = &file
            && let Some(problem) = useless_file(path)
        {
            warnings.push(format!(
                "SSL_CERT_FILE (environment) {problem}, so it adds no trusted certificate: correct it, or remove it to trust \
                 the system's"
            ));
        }
        let list = self.value("SSL_CERT_DIR").unwrap_or_default();
        let folders = std::env::split_paths(&list).filter_map(|path| home.path(path.to_str()?).ok());
        let folders: Vec<PathBuf> = folders.filter(|path| !path.as_os_str().is_empty()).collect();
        if let Some(absent) = folders.iter().find(|folder| !folder.is_dir()) {
            let problem = unfilled(absent).unwrap_or_else(|| "names a folder that does not exist".to_owned());
            warnings.push(format!(
                "SSL_CERT_DIR (environment) {problem}, so it adds no trusted certificate: correct it, or remove it to trust \
                 the system's"
            ));
        }
        CertificatePlaces { file, folders }
    }
}

/// Why a file adds no certificate; none where it adds one.
fn useless_file(path: &Path) -> Option<String> {
    if !path.is_file() {
        return Some(unfilled(path).unwrap_or_else(|| "names a file that does not exist".to_owned()));
    }
    match text::content(path) {
        Ok(content) => pem::uselessness(&content).map(|problem| format!("names a file that {problem}")),
        Err(cause) => Some(format!("names a file that cannot be read ({cause})")),
    }
}

/// That a placeholder stands in a path, which leads nowhere.
fn unfilled(path: &Path) -> Option<String> {
    let placeholder = Placeholder::of_path(&path.to_string_lossy())?;
    Some(format!("still contains a placeholder ({placeholder})"))
}

/// A proxy's address, or why there is none. The value is not told: it may hold a password.
fn proxy(name: &'static str, value: &str) -> Result<ProxyAddress, String> {
    let ignored = |what: &str| {
        Err(format!(
            "{name} (environment) {what}, so it is ignored; set an address such as http://proxy.example.com:3128"
        ))
    };
    if let Some(placeholder) = Placeholder::marked(value) {
        return ignored(&format!("still contains a placeholder ({placeholder})"));
    }
    let address = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
    let Ok(url) = Url::parse(&address) else { return ignored("is not a valid proxy address") };
    if url.scheme().starts_with("socks") {
        return ignored("names a SOCKS proxy, which is not supported");
    }
    let is_host = match url.host() {
        Some(Host::Domain(name)) => {
            name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
        }
        Some(_) => true,
        None => false,
    };
    if !is_host || !matches!(url.scheme(), "http" | "https") {
        return ignored("is not a valid proxy address");
    }
    Ok(ProxyAddress::new(url, name))
}
