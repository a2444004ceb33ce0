//! `multipart/form-data` bodies, read as one JSON object and the files.

use axum::body::Bytes;
use memchr::memmem;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::ask::File;

/// The boundary that a multipart content type names.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (mime, parameters) = content_type.split_once(';')?;
    if !mime.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    Some(named.trim_matches('"'))
}

/// Text parts as strings, files as `{"fileName","mimeType","bytes","sha256"}` and, with their content, beside it.
pub(super) fn parts(body: &Bytes, boundary: &str) -> (Value, Vec<File>) {
    let delimiter = format!("--{boundary}");
    let mut object = Map::new();
    let mut files = Vec::new();
    for part in split(body, delimiter.as_bytes()) {
        match one(body, part) {
            Some(Part::Text(name, text)) => {
                object.insert(name, Value::String(text));
            }
            Some(Part::File(file)) => {
                object.insert(file.part.clone(), summary(&file));
                files.push(file);
            }
            None => {}
        }
    }
    (Value::Object(object), files)
}

enum Part {
    Text(String, String),
    File(File),
}

fn summary(file: &File) -> Value {
    let sha256 = hex::encode(digest(&SHA256, &file.content));
    json!({ "fileName": file.name, "mimeType": file.mime, "bytes": file.content.len(), "sha256": sha256 })
}

fn one(body: &Bytes, part: &[u8]) -> Option<Part> {
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
    Some(match parameter(disposition, "filename") {
        Some(file) => Part::File(File {
            part: name,
            name: file,
            mime: header("content-type").unwrap_or("application/octet-stream").to_owned(),
            content: body.slice_ref(content),
        }),
        None => Part::Text(name, String::from_utf8_lossy(content).into_owned()),
    })
}

fn parameter(disposition: &str, name: &str) -> Option<String> {
    let found = disposition.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))?;
    Some(found.trim_matches('"').to_owned())
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    memmem::find(bytes, needle)
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
        let (value, files) = parts(&Bytes::from(body), found);
        assert_eq!(value["status"], "ARCHIVED");
        assert_eq!(
            (value["file"]["fileName"].as_str(), value["file"]["bytes"].as_u64()),
            (Some("a.pdf"), Some(4))
        );
        assert!(value["file"]["sha256"].as_str().is_some_and(|hex| hex.len() == 64));
        assert_eq!(files.iter().map(|file| &*file.content).collect::<Vec<_>>(), [b"%PDF"]);
        assert_eq!(boundary("application/json"), None);
    }
}
