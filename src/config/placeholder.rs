//! Placeholders that nobody filled in: what a client, a shell or an example left in a value's place.

use std::fmt;

use url::Url;

use super::pasted;

/// A placeholder, by how it is written. What it is called is never told: it may be half of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// `${X}`, `${env:X}`, `${X:-y}`
    Braces,
    /// `${input:x}`
    Input,
    /// `${{ x }}`
    Workflow,
    /// `$(x)`
    Command,
    /// `$X`, `$env:X`
    Dollar,
    /// `%X%`
    Percent,
    /// `{{x}}`
    Mustache,
    /// `<your secret>`
    Angle,
    /// `your client secret`, `vcs_…`, `xxxx`
    Example,
    /// What a page shows for a value that it hides.
    Masked,
}

/// What variables for our values are called, so that `$name` is not taken for a secret that begins so.
const WORDS: [&str; 8] = ["vanta", "secret", "token", "client", "panel", "key", "password", "url"];

/// No secret is as short as this, in bytes.
const SHORT: usize = 3;

/// How the text of an example begins, with its marks as spaces.
const BEGINNINGS: [&str; 9] =
    ["your ", "my client", "my vanta", "insert ", "enter ", "paste ", "put ", "replace ", "add your "];

/// The whole text of an example, with its marks as spaces.
const EXAMPLES: [&str; 14] = [
    "changeme",
    "change me",
    "todo",
    "tbd",
    "placeholder",
    "example",
    "secret",
    "client id",
    "client secret",
    "vanta client id",
    "vanta client secret",
    "vanta panel token",
    "api token",
    "token",
];

/// The host of the Panel's address in this server's own documents.
const EXAMPLE_HOST: &str = "panel.example.com";

/// What values of Vanta and of the Panel begin with.
const PREFIXES: [&str; 4] = ["vci_", "vcs_", "vp_", "vat_"];

impl Placeholder {
    /// The placeholder that a value is, all of it, by its marks alone.
    pub(super) fn marked(value: &str) -> Option<Self> {
        let within = |begin: &str, end: &str| {
            let inner = value.strip_prefix(begin)?.strip_suffix(end)?;
            (!inner.trim().is_empty() && !inner.contains(['\n', '{', '}', '<', '>'])).then_some(inner)
        };
        if within("${{", "}}").is_some() {
            return Some(Self::Workflow);
        }
        if let Some(inner) = within("${", "}") {
            let is_input = inner.trim_start().to_ascii_lowercase().starts_with("input:");
            return Some(if is_input { Self::Input } else { Self::Braces });
        }
        if within("{{", "}}").is_some() {
            return Some(Self::Mustache);
        }
        if within("$(", ")").is_some() {
            return Some(Self::Command);
        }
        if within("<", ">").is_some() {
            return Some(Self::Angle);
        }
        if within("%", "%").is_some_and(is_name) {
            return Some(Self::Percent);
        }
        value.strip_prefix('$').is_some_and(is_variable).then_some(Self::Dollar)
    }

    /// The placeholder that an address is, or that stands in it: for its host, or for any other part.
    pub(super) fn of_address(value: &str) -> Option<Self> {
        let rest = value.split_once("://").map_or(value, |(_, rest)| rest).trim_end_matches('/');
        let host = rest.split('/').next().unwrap_or_default();
        [value, rest, host].into_iter().find_map(Self::marked).or_else(|| Self::within(value))
    }

    /// The same of the Panel's address, for which this server's own documents give an example.
    pub(super) fn of_panel_address(value: &str) -> Option<Self> {
        let is_example =
            || Url::parse(value).is_ok_and(|url| url.host_str().is_some_and(|host| host == EXAMPLE_HOST));
        Self::of_address(value).or_else(|| is_example().then_some(Self::Example))
    }

    /// The placeholder that one of several values in a list is, or that stands within one.
    pub(super) fn of_list(list: &str) -> Option<Self> {
        let mut separated = list.split(|c: char| c == ',' || c.is_whitespace()).map(pasted::plain);
        Self::marked(list).or_else(|| separated.find_map(Self::marked)).or_else(|| Self::within(list))
    }

    /// The placeholder that stands in a path. A file may be called so: it is for paths that lead nowhere.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let is_separator = |c: char| matches!(c, '/' | '\\' | ':' | ';' | ',');
        Self::within(path).or_else(|| path.split(is_separator).find_map(Self::marked))
    }

    /// The placeholder that stands anywhere in a value, with other text around it.
    fn within(value: &str) -> Option<Self> {
        let mut begins = value.match_indices(['$', '{', '<']).filter_map(|(at, _)| value.get(at..));
        let ended = |text: &str| {
            let until = |end: &str| text.get(..text.find(end)? + end.len());
            ["}}", "}", ")", ">"].into_iter().filter_map(until).find_map(Self::marked)
        };
        begins.find_map(ended)
    }

    /// The placeholder that a credential is: also the text of an example, and dots that a page shows in its place.
    pub(super) fn of_credential(value: &str) -> Option<Self> {
        if let Some(marked) = Self::marked(value) {
            return Some(marked);
        }
        let bare = PREFIXES.into_iter().find_map(|prefix| value.strip_prefix(prefix)).unwrap_or(value);
        if bare.chars().count() > 2
            && bare.chars().all(|c| matches!(c, '*' | '\u{2022}' | '\u{25cf}' | '\u{b7}'))
        {
            return Some(Self::Masked);
        }
        let is_left_out = matches!(bare, "\u{2026}" | "..." | "....")
            || (bare.len() > 2 && bare.bytes().all(|byte| byte.eq_ignore_ascii_case(&b'x')));
        let words = bare.trim_matches(['[', ']']).replace(['-', '_', '.'], " ").to_ascii_lowercase();
        let words = words.trim();
        let is_text = !words.is_empty() && words.chars().all(|c| c.is_ascii_lowercase() || c == ' ');
        let is_example = EXAMPLES.contains(&words)
            || BEGINNINGS.into_iter().any(|begin| words.starts_with(begin))
            || words.ends_with(" here");
        (is_left_out || (is_text && is_example)).then_some(Self::Example)
    }
}

fn is_name(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether what follows a `$` is a variable's name: in capitals, or one that speaks of our values.
fn is_variable(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if let Some(name) = lower.strip_prefix("env:") {
        return is_name(name);
    }
    let in_capitals = !name.contains(|c: char| c.is_ascii_lowercase());
    // What a machine made has digits among its letters.
    let is_of_words = name.contains('_') || !name.contains(|c: char| c.is_ascii_digit());
    let speaks_of_ours = is_of_words && WORDS.iter().any(|word| lower.contains(word));
    is_name(name) && (in_capitals || speaks_of_ours || name.len() <= SHORT)
}

impl fmt::Display for Placeholder {
    /// By its form, with dots for what is in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Braces => "`${…}`",
            Self::Input => "`${input:…}`",
            Self::Workflow => "`${{…}}`",
            Self::Command => "`$(…)`",
            Self::Dollar => "`$…`",
            Self::Percent => "`%…%`",
            Self::Mustache => "`{{…}}`",
            Self::Angle => "`<…>`",
            Self::Example => "an example value",
            Self::Masked => "the dots or stars shown instead of a secret",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_one_as_a_whole() {
        for (value, expected) in [
            ("${X}", Some(Placeholder::Braces)),
            ("${VANTA_CLIENT_SECRET:-}", Some(Placeholder::Braces)),
            ("${env:X}", Some(Placeholder::Braces)),
            ("${user_config.token}", Some(Placeholder::Braces)),
            ("${input:vanta-secret}", Some(Placeholder::Input)),
            ("${{ secrets.VANTA }}", Some(Placeholder::Workflow)),
            ("$(pass vanta)", Some(Placeholder::Command)),
            ("$X", Some(Placeholder::Dollar)),
            ("$VANTA_CLIENT_SECRET", Some(Placeholder::Dollar)),
            ("$vanta_secret", Some(Placeholder::Dollar)),
            ("$clientSecret", Some(Placeholder::Dollar)),
            ("$x", Some(Placeholder::Dollar)),
            ("$env:VANTA", Some(Placeholder::Dollar)),
            ("%X%", Some(Placeholder::Percent)),
            ("{{x}}", Some(Placeholder::Mustache)),
            ("<your secret>", Some(Placeholder::Angle)),
            ("your client secret", Some(Placeholder::Example)),
            ("your-client-secret", Some(Placeholder::Example)),
            ("YOUR_CLIENT_ID", Some(Placeholder::Example)),
            ("vcs_your_secret_here", Some(Placeholder::Example)),
            ("vp_\u{2026}", Some(Placeholder::Example)),
            ("\u{2026}", Some(Placeholder::Example)),
            ("xxxxxxxx", Some(Placeholder::Example)),
            ("changeme", Some(Placeholder::Example)),
            ("\u{2022}\u{2022}\u{2022}\u{2022}", Some(Placeholder::Masked)),
            ("vcs_****", Some(Placeholder::Masked)),
            ("$ecret", None),
            ("$token4k2j9x", None),
            ("$ecret123!", None),
            ("${X}${Y}", None),
            ("a${X}", None),
            ("${}", None),
            ("$", None),
            ("%%", None),
            ("50%off%", None),
            ("{\"client_id\": \"a\"}", None),
            ("vcs_a1b2", None),
            ("a", None),
            ("your1secret", None),
            ("hunter2", None),
        ] {
            assert_eq!(Placeholder::of_credential(value), expected, "{value}");
        }
        assert_eq!(Placeholder::marked("your client id"), None);
        for (address, expected) in [
            ("https://${PANEL}/", Some(Placeholder::Braces)),
            ("https://<your panel>/index.php", Some(Placeholder::Angle)),
            ("{{ url }}", Some(Placeholder::Mustache)),
            ("https://login.example.com/<tenant>/v2.0", Some(Placeholder::Angle)),
            ("https://login.example.com/${TENANT}/v2.0", Some(Placeholder::Braces)),
            ("https://panel.example.com/", None),
        ] {
            assert_eq!(Placeholder::of_address(address), expected, "{address}");
        }
    }

    #[test]
    fn a_placeholder_may_be_a_part_of_a_list_or_of_a_path() {
        for (list, expected) in [
            ("a,<your app id>", Some(Placeholder::Angle)),
            ("a,${B}", Some(Placeholder::Braces)),
            ("a ${{ b }}", Some(Placeholder::Workflow)),
            ("$A, b", Some(Placeholder::Dollar)),
            ("a,'%B%'", Some(Placeholder::Percent)),
            ("api://<app-id>", Some(Placeholder::Angle)),
            ("api://{{id}}", Some(Placeholder::Mustache)),
            ("a,b", None),
            ("api://a%20b,1 < 2", None),
            ("api://a$b", None),
        ] {
            assert_eq!(Placeholder::of_list(list), expected, "{list}");
        }
        for (path, expected) in [
            ("${HOME}/ca.pem", Some(Placeholder::Braces)),
            ("$HOME/x", Some(Placeholder::Dollar)),
            ("%APPDATA%\\ca.pem", Some(Placeholder::Percent)),
            ("/home/<you>/x", Some(Placeholder::Angle)),
            ("/a/${b:-c}/d", Some(Placeholder::Braces)),
            ("/a/b$c/d", None),
            ("~/a b", None),
        ] {
            assert_eq!(Placeholder::of_path(path), expected, "{path}");
        }
        assert_eq!(Placeholder::of_panel_address("https://panel.example.com/"), Some(Placeholder::Example));
        assert_eq!(Placeholder::of_panel_address("https://panel.example.org/"), None);
    }
}
