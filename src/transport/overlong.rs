//! What can still be told of a message that is too long to be kept: whom to answer.

use rmcp::model::RequestId;

/// The longest name or id that is looked at, in bytes.
const LONGEST: usize = 256;

/// Reads a message as it is thrown away, for the `id` on its outermost level. Some clients write it first, others last.
#[derive(Debug, Default)]
pub(super) struct Overlong {
    depth: usize,
    quoted: bool,
    escaped: bool,
    /// The beginning of the name or value on the outermost level that is being read.
    scalar: Vec<u8>,
    /// Whether it is the value of `id`.
    is_id: bool,
    id: Option<RequestId>,
}

impl Overlong {
    /// Reads on.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.step(*byte);
        }
    }

    /// The id, where the message has one that can be answered to.
    pub(super) fn id(self) -> Option<RequestId> {
        self.id
    }

    fn step(&mut self, byte: u8) {
        if self.quoted {
            self.keep(byte);
            self.quoted = self.escaped || byte != b'"';
            self.escaped = byte == b'\\' && !self.escaped;
            return;
        }
        match byte {
            b'"' => {
                self.quoted = true;
                self.keep(byte);
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.end_value();
                self.depth = self.depth.saturating_sub(1);
            }
            b',' => self.end_value(),
            b':' if self.depth == 1 => {
                self.is_id = self.scalar == b"\"id\"";
                self.scalar.clear();
            }
            byte if byte.is_ascii_whitespace() => {}
            byte => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.depth == 1 && self.scalar.len() < LONGEST {
            self.scalar.push(byte);
        }
    }

    fn end_value(&mut self) {
        if self.depth != 1 {
            return;
        }
        if std::mem::take(&mut self.is_id) {
            self.id = serde_json::from_slice(&self.scalar).ok();
        }
        self.scalar.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(message: &str) -> String {
        // Byte by byte, as it may be cut anywhere.
        let mut overlong = Overlong::default();
        message.as_bytes().chunks(1).for_each(|byte| overlong.feed(byte));
        overlong.id().map_or_else(|| "none".to_owned(), |id| serde_json::to_string(&id).unwrap())
    }

    #[test]
    fn the_id_of_the_outermost_level_is_found_wherever_it_stands() {
        for (message, found) in [
            (r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"id":8}}"#, "7"),
            (
                r#"{"method":"tools/call","params":{"id":8,"a":["}\"]",{"id":9}]},"jsonrpc":"2.0" , "id" : 7 }"#,
                "7",
            ),
            (r#"{"params":{},"id":"a \"b\" c"}"#, r#""a \"b\" c""#),
            (r#"{"a":"\\","id":7}"#, "7"),
            (r#"{"a":"\"id\":8,","method":"id"}"#, "none"),
            (r#"{"method":"notifications/x","params":{"id":8}}"#, "none"),
            (r#"{"id":null}"#, "none"),
            (r#"[{"id":1}]"#, "none"),
            ("xxxx", "none"),
            ("}}]],,::", "none"),
        ] {
            assert_eq!(id(message), found, "{message}");
        }
        assert_eq!(id(&format!(r#"{{"id":"{}"}}"#, "x".repeat(1000))), "none");
    }
}
