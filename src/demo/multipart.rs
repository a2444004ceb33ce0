//! `multipart/form-data` bodies, read as one JSON object.

use serde_json::{Map, Value, json};

/// The boundary that a multipart content type names.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (mime, parameters) = content_type.split_once(';')?;
    if !mime.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    Some(named.trim_matches('"'))
}

/// Text parts as strings, files as `{"fileName","mimeType","bytes"}`: what is in a file nobody asks.
pub(super) fn parts(body: &[u8], boundary: &str) -> Value {
    let delimiter = format!("--{boundary}");
    let mut object = Map::new();
    for part in split(body, delimiter.as_bytes()) {
        if let Some((name, value)) = one(part) {
            object.insert(name, value);
        }
    }
    Value::Object(object)
}

fn one(part: &[u8]) -> Option<(String, Value)> {
    let gap = find(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(part.get(..gap)?).into_owned();
    let content = part.get(gap + 4..)?;
    let content = content.strip_suffix(b"\r\n").unwrap_or(content);
    let header = |wanted: &str| {
        let line = head.lines().find(|line| line.to_lowercase().starts_with(wanted))?;
        line.split_once(':').map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition")?;
    let name = parameter(disposition, "name")?;
    let value = match parameter(disposition, "filename") {
        Some(file) => {
            let mime = header("content-type").unwrap_or("application/octet-stream");
            json!({ "fileName": file, "mimeType": mime, "bytes": content.len() })
        }
        None => Value::String(String::from_utf8_lossy(content).into_owned()),
    };
    Some((name, value))
}

fn parameter(disposition: &str, name: &str) -> Option<String> {
    let found = disposition.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))?;
    Some(found.trim_matches('"').to_owned())
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

fn split<'a>(body: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some(found) = find(rest, delimiter) {
        let (before, after) = rest.split_at(found);
        parts.push(before);
        rest = after.get(delimiter.len()..).unwrap_or_default();
    }
    parts
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn text_and_file_parts_become_one_object() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"status\"\r\n\r\nARCHIVED\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\
                    Content-Type: application/pdf\r\n\r\n%PDF\r\n--b--\r\n";
        let found = boundary("multipart/form-data; boundary=b").unwrap();
        let file = json!({ "fileName": "a.pdf", "mimeType": "application/pdf", "bytes": 4 });
        assert_eq!(parts(body.as_bytes(), found), json!({ "status": "ARCHIVED", "file": file }));
        assert_eq!(boundary("application/json"), None);
    }
}
