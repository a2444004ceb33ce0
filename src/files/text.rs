//! Text files as editors and shells write them: with a byte-order mark before the text, or in UTF-16.

use std::fs;
use std::io;
use std::path::Path;

/// The text of a file, without a byte-order mark.
///
/// # Errors
/// It cannot be read, or is not text.
pub fn read(path: &Path) -> io::Result<String> {
    decoded(fs::read(path)?)
}

/// The bytes of a file that holds text, in UTF-8 where a byte-order mark says what they are, and without the mark.
///
/// # Errors
/// It cannot be read.
pub fn content(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path).map(unmarked)
}

/// Bytes as text, without a byte-order mark.
///
/// # Errors
/// They are not text.
pub fn decoded(bytes: Vec<u8>) -> io::Result<String> {
    let text = String::from_utf8(unmarked(bytes));
    text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text in UTF-8"))
}

/// A text without the byte-order mark before it.
#[must_use]
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Notepad and `>` of Windows `PowerShell` write UTF-16, which always begins with a mark.
fn unmarked(bytes: Vec<u8>) -> Vec<u8> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
        char::decode_utf16(units).collect::<Result<String, _>>().ok().map(String::into_bytes)
    };
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.to_vec(),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes).unwrap_or(bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes).unwrap_or(bytes),
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_no_part_of_the_text() {
        let wide = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
            mark.into_iter().chain("é=1\n".encode_utf16().flat_map(unit)).collect::<Vec<u8>>()
        };
        for bytes in [
            "é=1\n".as_bytes().to_vec(),
            "\u{feff}é=1\n".as_bytes().to_vec(),
            wide([0xff, 0xfe], u16::to_le_bytes),
            wide([0xfe, 0xff], u16::to_be_bytes),
        ] {
            assert_eq!(decoded(bytes.clone()).unwrap(), "é=1\n", "{bytes:?}");
        }
        assert!(decoded(vec![b'a', 0xe9]).is_err());
        assert!(decoded(vec![0xff, 0xfe, 0x00, 0xd8]).is_err(), "half of a character");
    }
}
