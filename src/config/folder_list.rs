//! Folders in one text, separated as in `PATH`; one of them may be a `file://` address, whose colon separates nothing.

/// The folders of a list.
pub(super) fn split(list: &str) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for part in std::env::split_paths(list) {
        let part = part.to_string_lossy();
        match folders.last_mut() {
            Some(last) if last.eq_ignore_ascii_case("file") && part.starts_with('/') => {
                last.push(':');
                last.push_str(&part);
            }
            _ => folders.push(part.into_owned()),
        }
    }
    folders.retain(|folder| !folder.trim().is_empty());
    folders
}

/// The list of folders; `None` where one of them has a name that cannot be in a list.
#[must_use]
pub fn join(folders: &[&str]) -> Option<String> {
    let is_address = |folder: &str| {
        folder.get(..6).is_some_and(|begin| begin.eq_ignore_ascii_case("file:/")) && cfg!(unix)
    };
    let mut list = String::new();
    for (at, folder) in folders.iter().enumerate() {
        if at > 0 {
            list.push(if cfg!(windows) { ';' } else { ':' });
        }
        let name = if is_address(folder) { folder.get(5..).unwrap_or_default() } else { folder };
        let fitting = std::env::join_paths([name]).ok()?.into_string().ok()?;
        list.push_str(if is_address(folder) { "file:" } else { "" });
        list.push_str(&fitting);
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn an_address_stays_whole() {
        assert_eq!(
            split("/a:file:///b%20c:~/d::FILE://localhost/e:file:/f"),
            ["/a", "file:///b%20c", "~/d", "FILE://localhost/e", "file:/f"]
        );
        let all = ["/a", "file:///b", "~/c", "file:/d"];
        assert_eq!(split(&join(&all).unwrap()), all);
        assert_eq!(join(&["/a:/b"]), None);
        assert_eq!(join(&["file:///a:/b"]), None);
    }
}
