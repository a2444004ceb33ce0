//! Paths as people write them: from `~`, the home folder, and as `file://` addresses.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use thiserror::Error;

/// The home folder of whoever runs this process, where it is known.
#[derive(Debug, Clone, Default)]
pub struct Home(Option<PathBuf>);

/// A path that leads nowhere as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PathProblem {
    /// `~alice/x`
    #[error(
        "starts with `~` and a name; only `~/`, the home folder of the user who runs this server, is supported. \
         Write the full path (a name that begins with `~` as ./~…)"
    )]
    OthersHome,
    /// `~/x` where nobody says what `~` is.
    #[error("starts with `~`, and this process has no home folder (HOME is not set). Write the full path")]
    NoHome,
    /// `file://host/x`
    #[error(
        "is a file:// address of another machine; an address on this machine has three slashes, such as \
         file:///home/me/a.pdf"
    )]
    Elsewhere,
    /// `file:///%zz`
    #[error("is a file:// address whose percent-encoding is invalid. Write the plain path")]
    Encoding,
}

impl Home {
    /// A home folder, where there is one.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self(folder.filter(|folder| !folder.as_os_str().is_empty()))
    }

    /// The path that a text means. What it may lead to is for others to decide.
    ///
    /// # Errors
    /// It can mean none.
    pub fn path(&self, text: &str) -> Result<PathBuf, PathProblem> {
        if let Some(below) = text.strip_prefix('~') {
            return self.below(text, below);
        }
        match text.get(..6) {
            Some(begin) if begin.eq_ignore_ascii_case("file:/") => {
                of_address(text.get(5..).unwrap_or_default())
            }
            _ => Ok(PathBuf::from(text)),
        }
    }

    fn below(&self, text: &str, below: &str) -> Result<PathBuf, PathProblem> {
        let is_separator = |c: char| c == '/' || (cfg!(windows) && c == '\\');
        if !below.is_empty() && !below.starts_with(is_separator) {
            // A name in the folder at hand may begin so, as those of open documents do (`~$report.docx`).
            let is_name = !below.contains(is_separator) && below.contains('.');
            return if is_name { Ok(PathBuf::from(text)) } else { Err(PathProblem::OthersHome) };
        }
        let home = self.0.as_ref().ok_or(PathProblem::NoHome)?;
        let below = below.trim_start_matches(is_separator);
        Ok(if below.is_empty() { home.clone() } else { home.join(below) })
    }
}

/// The path of a `file:` address (RFC 8089), of which this is what follows `file:`.
fn of_address(rest: &str) -> Result<PathBuf, PathProblem> {
    let path = match rest.strip_prefix("//") {
        None => rest,
        Some(rest) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            // What is meant for a drive of Windows often lacks the third slash.
            let is_drive = cfg!(windows) && host.ends_with(':');
            match host {
                _ if is_drive => rest,
                "" => path,
                host if host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1" => path,
                _ => return Err(PathProblem::Elsewhere),
            }
        }
    };
    let is_encoded = |part: &str| {
        part.get(..2).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    if !path.split('%').skip(1).all(is_encoded) {
        return Err(PathProblem::Encoding);
    }
    let decoded = percent_decode_str(path).decode_utf8().map_err(|_| PathProblem::Encoding)?;
    if decoded.is_empty() || decoded.contains('\0') {
        return Err(PathProblem::Encoding);
    }
    let drive = decoded.strip_prefix('/').filter(|rest| cfg!(windows) && rest.get(1..2) == Some(":"));
    Ok(PathBuf::from(drive.unwrap_or(&decoded)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_is_read_as_it_is_written() {
        let home = Home::new(Some(PathBuf::from("/home/me")));
        for (text, expected) in [
            ("/a/b", Ok("/a/b")),
            ("a/~/b", Ok("a/~/b")),
            ("~", Ok("/home/me")),
            ("~/", Ok("/home/me")),
            ("~/a b", Ok("/home/me/a b")),
            ("~//etc/passwd", Ok("/home/me/etc/passwd")),
            ("~/../x", Ok("/home/me/../x")),
            ("~$report.docx", Ok("~$report.docx")),
            ("~root", Err(PathProblem::OthersHome)),
            ("~root/a.pdf", Err(PathProblem::OthersHome)),
            ("file:///a%20b/%C3%A9.pdf", Ok("/a b/é.pdf")),
            ("FILE://localhost/a", Ok("/a")),
            ("file:/a", Ok("/a")),
            ("file:///a#b?c", Ok("/a#b?c")),
            ("file:///..%2f..%2Fetc", Ok("/../../etc")),
            ("file://server/share", Err(PathProblem::Elsewhere)),
            ("file://~/a", Err(PathProblem::Elsewhere)),
            ("file:///a%00b", Err(PathProblem::Encoding)),
            ("file:///a%2", Err(PathProblem::Encoding)),
            ("file:///%ff", Err(PathProblem::Encoding)),
            ("file://", Err(PathProblem::Encoding)),
            ("file:a", Ok("file:a")),
        ] {
            assert_eq!(home.path(text), expected.map(PathBuf::from), "{text}");
        }
        assert_eq!(Home::default().path("~/a"), Err(PathProblem::NoHome));
    }
}
