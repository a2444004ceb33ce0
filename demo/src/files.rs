//! What is in files: of uploaded ones what was sent, of the others something made from their record.

use std::collections::HashMap;
use std::fmt::Write as _;

use axum::body::Bytes;
use serde_json::Value;

use super::ask::{File, Reply};
use super::record::text;

/// The contents of uploaded files, by the id of their record.
#[derive(Default)]
pub(super) struct Drawer {
    uploaded: HashMap<String, File>,
}

impl Drawer {
    /// Keeps what was uploaded for a record.
    pub(super) fn keep(&mut self, id: &str, file: &File) {
        self.uploaded.insert(id.to_owned(), file.clone());
    }

    /// Forgets what was uploaded for a record.
    pub(super) fn discard(&mut self, id: &str) {
        self.uploaded.remove(id);
    }

    /// The file of a record that has `id`, `fileName`, `mimeType` and `title`.
    pub(super) fn hand_out(&self, record: &Value) -> Reply {
        if let Some(file) = self.uploaded.get(text(record, "id")) {
            return Reply::File(Box::new(file.clone()));
        }
        let (name, mime) = (text(record, "fileName"), text(record, "mimeType"));
        Reply::File(Box::new(File {
            part: String::new(),
            name: name.to_owned(),
            mime: mime.to_owned(),
            content: made(mime, text(record, "title")),
        }))
    }
}

/// Content that a program for the type can open.
pub(super) fn made(mime: &str, title: &str) -> Bytes {
    match mime {
        "application/pdf" => pdf(title),
        "text/csv" => format!("name,reviewed,result\n\"{title}\",2026-10-01,ok\n").into(),
        "application/json" => {
            serde_json::json!({ "title": title, "reviewed": "2026-10-01" }).to_string().into()
        }
        "image/png" => Bytes::from_static(PIXEL),
        kind if kind.starts_with("text/") => format!("{title}\n\nReviewed on 2026-10-01.\n").into(),
        // Office documents are ZIP archives; an empty one opens as such.
        _ => Bytes::from_static(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    }
}

/// A PNG of one grey pixel.
const PIXEL: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\
    \x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\xda\x63\x68\x00\x00\x00\x82\x00\
    \x81\xda\x45\x08\x3b\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

/// A PDF of one page with one line, its cross-reference table included.
fn pdf(title: &str) -> Bytes {
    let line: String =
        title.chars().map(|c| if c.is_ascii() && !"()\\".contains(c) { c } else { ' ' }).collect();
    let page = format!("BT /F1 14 Tf 72 720 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let table = file.len();
    let _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
    for place in &places {
        let _ = writeln!(file, "{place:010} 00000 n ");
    }
    let _ = write!(file, "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", places.len() + 1);
    file.into()
}
