//! What is said of a program that cannot be run, and what those that can do.

use super::*;
use jaq_json::read::parse_single;

fn refused(program: &str) -> String {
    compiled(program).map(|_| ()).unwrap_err().to_string()
}

fn outputs(program: &str, items: &str) -> String {
    let filter = compiled(program).unwrap_or_else(|error| panic!("{program}: {error}"));
    let input = parse_single(items.as_bytes()).unwrap();
    let results = filter.id.run((surroundings(&filter), input));
    let shown = results.map(|result| match result {
        Ok(value) => value.to_string(),
        Err(exception) => match exception.get_err() {
            Ok(error) => format!("error: {error}"),
            Err(_) => "halt".to_owned(),
        },
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_mistake_is_told_with_its_place_and_what_to_do() {
    for (program, said) in [
        (
            ".[] | | .a",
            "a mistake at line 1, column 7 (after `.[] |`, before `| .a`): expected a filter, found `|`. Correct",
        ),
        (".[\n", "a mistake at line 2, column 1 (after `.[`): expected `]`, found the end."),
        ("map(.a == 'b')", "expected `)`, found `'b')`. Write texts in double quotes"),
        ("map(select(.a && .b))", "found `&&`. Write `and`, not `&&`."),
        (".a || .b", "found `||`. Write `or`, not `||`."),
        ("map(select(!.a))", "found `!`. Write `(… | not)`, not `!…`."),
        ("map(.a === 1)", "found `===`. Write `==` or `!=`."),
        ("if .a then 1", "expected `else`, `elif` or `end`, found the end."),
        ("{a: 1", "expected `}`, found the end."),
        ("\"abc", "expected a closing `\"`, found the end."),
        ("\"\\a\"", "expected an escape sequence of JSON"),
        ("1.", "expected a digit, found the end."),
        (".a as x | 1", "expected a variable or a pattern"),
        (". as $x", "expected `|`, found the end."),
        ("", "expected a filter, found the end."),
        (". ; 1", "expected an operator or the end, found `;`."),
        (
            "maps(.a)",
            "unknown jq function `maps` with 1 argument at line 1, column 1 (before `maps(.a)`). Did you mean `map`",
        ),
        (
            "map(1; 2)",
            "unknown jq function `map` with 2 arguments at line 1, column 1 (before `map(1; 2)`). `map` takes 1 argument;",
        ),
        (
            "map(filter(.a))",
            "unknown jq function `filter` with 1 argument at line 1, column 5 (after `map(`, before `filter(.a))`). Did you mean `select`?",
        ),
        ("join_text(\",\")", "Use a function of jq 1.7"),
        ("zzzzzzz", "Use a function of jq 1.7, or define it in the program"),
        (".[] | @csw", "Did you mean `@csv`"),
        (
            ". as $item | $itm",
            "unknown jq variable `$itm` at line 1, column 14 (after `. as $item |`, before `$itm`). Did you mean `$item`?",
        ),
        ("$x", "Give it a value in the program first: `… as $x | …`."),
        ("break $out", "unknown jq label `$out`"),
        ("include \"a\"; .", "jq modules are not available (`a` at line 1, column 10"),
        ("import \"/etc/passwd\" as a; .", "jq modules are not available (`/etc/passwd`"),
        ("import \"a\" as $a; .", "jq modules are not available"),
        ("a::b", "jq modules are not available (`a"),
    ] {
        let error = refused(program);
        assert!(error.contains(said), "{program}: {error}");
        assert!(error.ends_with(['.', '?']), "{error}");
    }
}

#[test]
fn a_long_program_is_not_repeated() {
    let error = refused(&format!("{}(", "abcdefgh".repeat(10_000)));
    assert!(error.len() < 400, "{error}");
    let error = refused(&"a".repeat(10_000));
    assert!(error.len() < 400, "{error}");
}

#[test]
fn what_models_write_runs() {
    const ITEMS: &str =
        r#"[{"id":1,"name":"b","tags":["x"],"at":"2026-01-02T03:04:05Z"},{"id":2,"name":"a","n":null}]"#;
    for (program, expected) in [
        ("map(.id)", "[1,2]"),
        (".[0].nothing.there", "null"),
        ("sort_by(.name) | map(.name)", r#"["a","b"]"#),
        (
            "group_by(.id % 2) | map({key: (.[0].id | tostring), count: length})",
            r#"[{"key":"2","count":1},{"key":"1","count":1}]"#,
        ),
        ("INDEX(.id) | keys", r#"["1","2"]"#),
        ("[.[] | select(.name | IN(\"a\", \"c\")) | .id]", "[2]"),
        ("[.[] | select(.name | test(\"^B\"; \"i\"))] | length", "1"),
        (".[] | [.id, .name, .n] | @csv", r#""1,\"b\"," "2,\"a\",""#),
        ("[\"a\\tb\", 1, true, null] | @tsv", r#""a\\tb\t1\ttrue\t""#),
        ("[\"a\\\"b\"] | @csv", r#""\"a\"\"b\"""#),
        (".[0].at | fromdate | todate", r#""2026-01-02T03:04:05Z""#),
        (".[0].at | .[:10] | strptime(\"%Y-%m-%d\") | mktime", "1767312000"),
        ("0 | localtime | mktime", "0"),
        ("0 | strflocaltime(\"%Z %H\")", r#""UTC 00""#),
        ("[limit(3; range(10))] | add", "3"),
        ("to_entries | map(.key)", "[0,1]"),
        ("map(.tags // []) | flatten | unique", r#"["x"]"#),
        ("[paths(scalars)] | length", "6"),
        ("reduce .[] as {$id} (0; . + $id)", "3"),
        ("label $out | .[] | if .id == 2 then break $out else .id end", "1"),
        ("try error(\"no\") catch .", r#""no""#),
        ("map(has(\"n\"))", "[false,true]"),
        ("map(del(.tags, .at)) | .[0]", r#"{"id":1,"name":"b"}"#),
        ("12345678901234567890 + 1", "12345678901234567891"),
        ("map_values(.id)", "[1,2]"),
        ("[.[] | {id, name}] | length", "2"),
        ("\"\\(length) items\"", r#""2 items""#),
        ("map(.name | ascii_upcase) | join(\"-\")", r#""B-A""#),
        ("any(.[]; .id > 1), all(.[]; .id > 1)", "true false"),
        ("def f(x): x * 2; map(f(.id))", "[2,4]"),
        (".[] |= .id", "[1,2]"),
        ("min_by(.id).name, (map(.id) | max)", r#""b" 2"#),
        (
            "[1, 2, 3] | del(.[0, 1]), del(.[0, -1]), del(.[1:], .[0]), del(.[5]), del(empty)",
            "[3] [2] [] [1,2,3] [1,2,3]",
        ),
        ("[1, 2, 3] | delpaths([[0], [1]]), delpaths([[]]), delpaths([[-1], [2], [0]])", "[3] null [2]"),
        ("[range(6)] | del(.[] | select(. % 2 == 0))", "[1,3,5]"),
        ("[[1, 2], [3, 4]] | del(.[0], .[1][0], .[0][1])", "[[4]]"),
        (
            "{\"a\": [1, 2], \"b\": 1} | del(.a[0, 1], .b), del(.c[0, 1]), del(.c.d, .b)",
            r#"{"a":[]} {"a":[1,2],"b":1} {"a":[1,2]}"#,
        ),
        (".[0] | .x //= {} | .x.y = 1 | .x", r#"{"y":1}"#),
        ("reduce .[] as $item ({}; .[$item.name] += 1)", r#"{"b":1,"a":1}"#),
        (r#"map(."name")"#, r#"["b","a"]"#),
        (r#".[0] | {id, "x y": .name, (.name): 1, "n": .n}"#, r#"{"id":1,"x y":"b","b":1,"n":null}"#),
        (".[0].at[:7], .[0].at[-3:]", r#""2026-01" "05Z""#),
        ("[.[].tags[]?] | unique", r#"["x"]"#),
        ("map(. + {x: 1} | .x)", "[1,1]"),
        ("[.[0] | to_entries[] | select(.value | type == \"string\") | .key]", r#"["name","at"]"#),
        (".[1] | with_entries(select(.value != null))", r#"{"id":2,"name":"a"}"#),
        ("map({key: .id, value: .name}) | from_entries", r#"{"1":"b","2":"a"}"#),
        ("[1, null, \"a\"] | join(\",\")", r#""1,,a""#),
        ("[] | join(\",\")", r#""""#),
        ("del(.[] | select(.id == 1)) | length", "1"),
        (
            "[{\"a\": null, \"b\": {\"c\": null}}] | walk(if type == \"object\" then with_entries(select(.value != null)) else . end)",
            r#"[{"b":{}}]"#,
        ),
        (".[0] | pick(.id, .name)", r#"{"id":1,"name":"b"}"#),
        ("\"2026-01-02T03:04:05.678Z\" | fromdate | floor | strftime(\"%Y-%m\")", r#""2026-01""#),
        ("(now - 86400 | todate) as $since | map(select(.at > $since)) | type", r#""array""#),
        (
            "\"a1b22\" | [scan(\"[0-9]+\")], sub(\"[0-9]\"; \"-\"), (capture(\"(?<n>[0-9])\") | .n)",
            r#"["1","22"] "a-b22" "1""#,
        ),
        ("[.[] | .. | strings] | length", "4"),
        ("map(.id) | add / length | . * 2", "3.0"),
        ("first(.[] | select(.id > 1)).name, ([.[] | select(.id > 5)] | first)", r#""a" null"#),
        ("group_by(.name)[] | {name: .[0].name, n: length}", r#"{"name":"a","n":1} {"name":"b","n":1}"#),
        ("INDEX(.id) as $by | [\"2\"] | map($by[.].name)", r#"["a"]"#),
        ("[.[] | .n // \"none\"]", r#"["none","none"]"#),
        ("max_by(.id) | .id, (.name | ascii_upcase | ltrimstr(\"A\"))", r#"2 """#),
        ("[splits(\"a\")?] | length", "0"),
        ("length as $n | map(.id / $n) | add", "1.5"),
    ] {
        assert_eq!(outputs(program, ITEMS), expected, "{program}");
    }
}

#[test]
fn nothing_of_the_surroundings_is_seen() {
    for (program, expected) in [
        ("env", "{}"),
        ("$ENV", "{}"),
        ("env.PATH, $ENV.PATH", "null null"),
        ("[inputs]", "[]"),
        ("input", "error: \"there is one input, the array of items\""),
        ("input_filename, input_line_number", "null 0"),
        ("debug | stderr | debug(1)", "[]"),
        ("1, halt", "1 halt"),
        ("halt_error", "error: []"),
        ("\"a\" | halt_error(3)", "error: \"a\""),
        ("now > 1700000000", "true"),
    ] {
        assert_eq!(outputs(program, "[]"), expected, "{program}");
    }
}
