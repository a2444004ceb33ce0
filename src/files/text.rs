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
    unmarked(fs::read(path)?)
}

/// Bytes as text, without a byte-order mark.
///
/// # Errors
/// They are not text.
pub fn decoded(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(unmarked(bytes)?).map_err(|_| unreadable("it is not text in UTF-8; save it as UTF-8"))
}

/// A text without the byte-order mark before it.
#[must_use]
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn unreadable(problem: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

/// Notepad and `>` of Windows `PowerShell` write UTF-16, which begins with a mark. Without one it is only guessed, so
/// it is refused: its letters are ASCII with a zero beside each, which would pass for text.
fn unmarked(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let pairs = rest.chunks_exact(2);
        let is_whole = pairs.remainder().is_empty();
        let units = pairs.filter_map(|pair| pair.try_into().ok()).map(unit);
        let text = char::decode_utf16(units).collect::<Result<String, _>>().ok().filter(|_| is_whole);
        text.map(String::into_bytes)
            .ok_or_else(|| unreadable("it is UTF-16 that is damaged or truncated; save it as UTF-8"))
    };
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, rest @ ..] => Ok(rest.to_vec()),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..] => {
            Err(unreadable("it is UTF-16 without a byte-order mark; save it as UTF-8"))
        }
        _ => Ok(bytes),
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
        let cut = [0xff, 0xfe, b'a', 0, b'b'];
        for (bytes, told) in [
            (&[0xff, 0xfe, 0x00, 0xd8][..], "damaged or truncated"),
            (&cut, "damaged or truncated"),
            (b"a\0=\0b\0", "without a byte-order mark"),
            (b"\0a\0=\0b", "without a byte-order mark"),
        ] {
            let problem = decoded(bytes.to_vec()).unwrap_err().to_string();
            assert!(problem.contains(told) && problem.contains("save it as UTF-8"), "{problem}");
        }
    }
}
