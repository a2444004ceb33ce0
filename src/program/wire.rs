//! What passes between the two processes: a question on the child's stdin, lines on its stdout.
//!
//! The question is a mark with the length of the program, the program, and the items up to the end. Each output is a line
//! of JSON; the last line begins with `=`, which no JSON does, and says how it ended.

use super::error::ProgramError;

/// How a question begins. Nothing else makes the child do anything.
const MARK: &str = "jq program of";

/// What is written before the items.
pub fn question(program: &str) -> String {
    format!("{MARK} {} bytes\n{program}", program.len())
}

/// The program and the items, unless it is no question.
pub fn asked(question: &[u8]) -> Option<(&str, &[u8])> {
    let end = memchr::memchr(b'\n', question)?;
    let (first, rest) = question.split_at_checked(end)?;
    let length = std::str::from_utf8(first).ok()?.strip_prefix(MARK)?.strip_suffix(" bytes")?;
    let (program, items) = rest.get(1..)?.split_at_checked(length.trim().parse().ok()?)?;
    Some((std::str::from_utf8(program).ok()?, items))
}

/// The last line, on a line of its own even where an output broke off.
pub fn ending(how: &Result<(), ProgramError>) -> String {
    // Nothing in it that cannot be written; and a last line that cannot be read is as good as none.
    let how = serde_json::to_string(how).unwrap_or_default();
    format!("\n={how}\n")
}

/// The outputs and how it ended, if all has come.
pub fn parts(answer: &[u8]) -> Option<(&[u8], Result<(), ProgramError>)> {
    let answer = answer.strip_suffix(b"\n")?;
    let begin = memchr::memrchr(b'\n', answer)?;
    let (outputs, last) = answer.split_at_checked(begin)?;
    let how = last.strip_prefix(b"\n=")?;
    Some((outputs, serde_json::from_slice(how).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_read_what_the_other_writes() {
        let written = format!("{}[1]", question(".[]\n| é"));
        assert_eq!(asked(written.as_bytes()), Some((".[]\n| é", &b"[1]"[..])));
        for no_question in ["", "\n", "jq", "jq program of 9 bytes\n.", "jq program of x bytes\n.", "{}\n"] {
            assert_eq!(asked(no_question.as_bytes()), None, "{no_question}");
        }
        let done = format!("1\n[2]\n{}", ending(&Ok(())));
        let (outputs, how) = parts(done.as_bytes()).unwrap();
        assert_eq!((outputs, how.is_ok()), (&b"1\n[2]\n"[..], true));
        let broken = format!("[1,{}", ending(&Err(ProgramError::TooMuchMemory)));
        assert!(matches!(parts(broken.as_bytes()), Some((b"[1,", Err(ProgramError::TooMuchMemory)))));
        for partial in ["", "1\n", "1\n\n=", "1\n\n={\"Ok\":null}", "=x\n", "running 0 tests\n"] {
            assert!(parts(partial.as_bytes()).is_none(), "{partial}");
        }
    }
}
