//! What is known of messages, good and bad.

use super::*;

#[test]
fn what_cannot_be_read_counts_for_everything() {
    for sealed in
        [&br#"{"method":"ping","method":"tools/call"}"#[..], br#"[{"method":"ping"}]"#, b"{", b"", b"\xff"]
    {
        let envelope = Envelope::of(sealed);
        assert!(envelope.is_answered() && envelope.may_be("initialize") && envelope.call().is_none());
    }
}

fn called(text: &'static str) -> (bool, Option<(String, Option<String>)>) {
    let envelope = Envelope::of(text.as_bytes());
    let named = |call: ToolCall<'_>| (call.name().to_owned(), call.runs().map(Cow::into_owned));
    (envelope.is_answered(), envelope.call().map(named))
}

#[test]
fn a_list_of_values_is_no_message() {
    let listed = br#"["2.0","tools/call",{"name":"a"},1]"#;
    assert!(matches!(Envelope::of(listed), Envelope::Sealed));
}

#[test]
fn a_call_names_its_tool_whatever_else_is_in_it() {
    let plain =
        called(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":[1]}}"#);
    assert_eq!(plain, (true, Some(("a".into(), None))));
    let run = called(
        r#"{"params":{"arguments":{"tool":"b","arguments":{}},"name":"a"},"id":1,"method":"tools/call"}"#,
    );
    assert_eq!(run, (true, Some(("a".into(), Some("b".into())))));
    assert_eq!(called(r#"{"id":2,"method":"tools/call","params":{"name":1}}"#), (true, None));
    assert_eq!(called(r#"{"id":2,"method":"tools/list","params":{"name":"a"}}"#), (true, None));
    assert_eq!(called(r#"{"id":2,"method":"subscriptions/listen"}"#), (false, None));
    assert_eq!(called(r#"{"method":"notifications/initialized"}"#), (false, None));
    assert_eq!(called(r#"{"id":1,"result":{}}"#), (false, None));
}

fn generation(params: &str) -> Option<Generation> {
    let message = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
    Envelope::of(message.as_bytes()).call()?.plain().map(|call| call.generation)
}

#[test]
fn only_a_call_that_asks_for_its_answer_alone_is_plain() {
    const OWN: &str = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#;
    assert_eq!(generation(r#"{"name":"a","arguments":{"b":1}}"#), Some(Generation::Sessions));
    assert_eq!(generation(r#"{"name":"a","_meta":{}}"#), Some(Generation::Sessions));
    let own =
        format!(r#"{{"name":"a","_meta":{{{OWN},"io.modelcontextprotocol/clientCapabilities":{{}}}}}}"#);
    assert_eq!(generation(&own), Some(Generation::Alone));
    let told = r#"{"name":"a","_meta":{"progressToken":1,"traceparent":"x"}}"#;
    assert_eq!(generation(told), Some(Generation::Sessions));
    for other in [
        r#"{"name":"a","arguments":[]}"#,
        r#"{"name":"a","_meta":{"io.modelcontextprotocol/logLevel":"info"}}"#,
        r#"{"name":"a","_meta":{"other":1}}"#,
        r#"{"name":"a","_meta":[]}"#,
        r#"["a"]"#,
        r#"{"name":"a","inputResponses":{}}"#,
        r#"{"name":"a","requestState":"x"}"#,
        r#"{"name":"a","task":{}}"#,
        &format!(r#"{{"name":"a","_meta":{{{OWN}}}}}"#),
    ] {
        assert_eq!(generation(other), None, "{other}");
    }
    let nameless = br#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"a"}}"#;
    assert!(Envelope::of(nameless).call().unwrap().plain().is_none());
    let old = br#"{"jsonrpc":"1.0","id":1,"method":"tools/call","params":{"name":"a"}}"#;
    assert!(Envelope::of(old).call().unwrap().plain().is_none());
}
