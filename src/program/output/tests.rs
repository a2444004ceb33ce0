//! Every kind of value that jaq has, and how much of a long one is kept.

use jaq_json::read::{parse_many, parse_single};

use super::*;

fn written_of(values: &str) -> Result<String, ProgramError> {
    let mut to = Vec::new();
    let mut outputs = Outputs::new(&mut to);
    for value in parse_many(values.as_bytes()) {
        outputs.output(&value.unwrap())?;
    }
    outputs.end("=").unwrap();
    Ok(String::from_utf8(to).unwrap())
}

#[test]
fn json_stays_as_it_is() {
    for value in [
        "null",
        "[true,false]",
        r#"{"b":1,"a":[{}],"é\n\u0001":"\"\\"}"#,
        "12345678901234567890123456789",
        "-9223372036854775809",
        "1.10",
        "0.1000000000000000055511151231257827",
        "1e1000",
        "[]",
    ] {
        assert_eq!(written_of(value).unwrap(), format!("{value}\n="));
    }
}

#[test]
fn what_json_does_not_have_becomes_what_jq_makes_of_it() {
    for (value, expected) in [
        ("NaN", "null"),
        ("Infinity", "1.7976931348623157e308"),
        ("-Infinity", "-1.7976931348623157e308"),
        (r#"b"a\xff""#, "\"a\u{fffd}\""),
    ] {
        assert_eq!(written_of(value).unwrap(), format!("{expected}\n="));
    }
    for (float, expected) in [(3.0, "3"), (-0.5, "-0.5"), (1e16, "10000000000000000"), (1e300, "1e300")] {
        assert_eq!(written(&Num::Float(float)), expected);
    }
    let error = written_of("{1:2}").unwrap_err().to_string();
    assert!(error.starts_with("the jq program made an object with the key 1;"), "{error}");
}

#[test]
fn outputs_are_neither_deep_nor_long() {
    let nested = |deep: usize| format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    assert!(written_of(&nested(DEPTH + 1)).is_ok());
    assert!(matches!(written_of(&nested(DEPTH + 2)), Err(ProgramError::TooDeep)));
    let text = |length: usize| format!("\"{}\"", "a".repeat(length));
    assert!(written_of(&text(MOST - 3)).is_ok());
    assert!(matches!(written_of(&text(MOST - 2)), Err(ProgramError::TooMuchOutput)));
    assert!(matches!(written_of(&text(MOST)), Err(ProgramError::TooMuchOutput)));
}

#[test]
fn of_a_long_text_the_beginning_and_the_end_are_kept() {
    assert_eq!(Extract::of(&"short").text(), "short");
    let exact = "a".repeat(HEAD + TAIL);
    assert_eq!(Extract::of(&exact).text(), exact);
    for piece in ["é", "x", "0123456789"] {
        let long = Extract::of(&format!("a{}z", piece.repeat(5000))).text();
        assert!(long.starts_with('a') && long.ends_with('z') && long.contains(" … "), "{long}");
        assert!(long.len() <= HEAD + TAIL + 5 && !long.contains(BROKEN), "{long}");
    }
    // In pieces, as jaq writes a value.
    let list = parse_single(format!("[{}\"end\"]", "1,".repeat(10_000)).as_bytes()).unwrap();
    let shown = Extract::of(&list).text();
    assert!(shown.starts_with("[1,1,") && shown.ends_with("1,\"end\"]"), "{shown}");
    let message = Extract::of(&format!("cannot index {list} with \"a\""));
    assert!(message.is_continued_by(&Extract::beginning(&list), 13));
    assert!(!message.is_continued_by(&Extract::beginning(&"[2]"), 13));
    assert!(!Extract::of(&"cannot").is_continued_by(&Extract::beginning(&list), 13));
}
