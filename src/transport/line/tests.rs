//! Lines as clients send them, good and bad.

use super::*;
use crate::call::Calls;
use crate::catalog::Effect;
use crate::files::Folders;
use crate::gate::Policy;
use crate::tools::{Choice, Warnings};

fn server() -> Server {
    let calls = Calls::new(Policy::of_operator(Effect::Read), Folders::default());
    Server::new(Arc::default(), &calls, Choice::default(), None, Warnings::default())
}

fn told(line: &[u8]) -> serde_json::Value {
    let envelope = Envelope::of(line);
    let taken = match MalformedMessage::of(line, &envelope) {
        Some(malformed) => refused(&malformed.error(), malformed.id.as_ref()),
        None => parse(line, &envelope),
    };
    match taken {
        Taken::Answer(line) => serde_json::from_slice(&line).unwrap(),
        Taken::Message(_) => serde_json::json!("a message"),
        Taken::Direct(_) | Taken::Nothing => serde_json::json!("nothing"),
    }
}

#[test]
fn every_bad_line_is_told_what_is_wrong() {
    assert_eq!(told(b"{\"jsonrpc\":\"2.0\",")["error"]["code"], -32700);
    assert_eq!(told(b"\xff\xfe{}")["error"]["message"], "the message is not UTF-8");
    assert_eq!(told(b"[1,2]")["error"]["code"], -32600);
    assert_eq!(told(b"{\"id\":7}")["id"], 7);
    assert_eq!(told(b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/other\"}"), "a message");
    assert_eq!(told(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"), "a message");
}

#[test]
fn a_call_is_read_as_any_message_is() {
    let call = r#""method":"tools/call""#;
    for line in [
        format!(r#"{{"jsonrpc":"2.0","id":1,{call},"params":{{"name":"a"}}}}"#),
        format!(
            r#"{{"id":"x",{call},"params":{{"name":"a","arguments":{{"b":[1]}},"_meta":{{"progressToken":7,"c":{{}}}}}},"jsonrpc":"2.0"}}"#
        ),
        format!(r#"{{"jsonrpc":"2.0","id":1,{call},"params":{{"name":"a","arguments":null,"d":1}},"e":2}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":1,{call},"params":{{"name":"a"}},"result":{{}}}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":1,{call},"params":{{"arguments":{{}}}}}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":1,{call}}}"#),
        format!(r#"{{"jsonrpc":"2.0",{call},"params":{{"name":"a"}}}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":null,{call},"params":{{"name":"a"}}}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":1.5,{call},"params":{{"name":"a"}}}}"#),
        format!(r#"{{"jsonrpc":"1.0","id":1,{call},"params":{{"name":"a"}}}}"#),
        format!(r#"{{"id":1,{call},"params":{{"name":"a"}}}}"#),
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"tools/call"}}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":1,"result":{"x":"tools/call"}}"#.to_owned(),
    ] {
        let read = match parse(line.as_bytes(), &Envelope::of(line.as_bytes())) {
            Taken::Message(message) => Some(*message),
            _ => None,
        };
        let any = serde_json::from_str::<RxJsonRpcMessage<RoleServer>>(&line).ok();
        assert_eq!(format!("{read:?}"), format!("{any:?}"), "{line}");
    }
}

#[tokio::test]
async fn probes_do_not_choose_the_lifecycle() {
    let notification = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let initialize = r#"{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"0"}}}"#;
    let input = [notification, ping, notification, initialize, notification].join("\n");
    let token = CancellationToken::new;
    let mut transport = LineTransport::new(
        io::Cursor::new(input),
        tokio::io::sink(),
        server(),
        token(),
        token(),
        Arc::default(),
    );
    for is_request in [true, true, false] {
        let message = transport.receive().await.unwrap();
        assert_eq!(matches!(message, JsonRpcMessage::Request(_)), is_request);
    }
    assert!(transport.receive().await.is_none());
}

#[tokio::test]
async fn a_revision_that_is_not_spoken_chooses_no_lifecycle() {
    let list = |version: &str| {
        let meta = format!(
            r#"{{"io.modelcontextprotocol/protocolVersion":"{version}","io.modelcontextprotocol/clientCapabilities":{{}}}}"#
        );
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{{"_meta":{meta}}}}}"#)
    };
    let late = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    let input = [&list("2027-01-01"), late, &list("2026-07-28"), late].join("\n");
    let token = CancellationToken::new;
    let mut transport = LineTransport::new(
        io::Cursor::new(input),
        tokio::io::sink(),
        server(),
        token(),
        token(),
        Arc::default(),
    );
    // The first late word is about nothing; passed on, it would end the session.
    for is_request in [true, true, false] {
        let message = transport.receive().await.unwrap();
        assert_eq!(matches!(message, JsonRpcMessage::Request(_)), is_request);
    }
    assert!(transport.receive().await.is_none());
}

#[tokio::test]
async fn an_overlong_line_is_skipped_and_the_next_is_read() {
    let mut input = vec![b'x'; MAX_MESSAGE + 5];
    input.extend_from_slice(b"\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
    let reader = io::Cursor::new(input);
    let token = CancellationToken::new;
    let (writer, mut written) = tokio::io::duplex(1 << 12);
    let mut transport = LineTransport::new(reader, writer, server(), token(), token(), Arc::default());
    assert!(matches!(transport.receive().await, Some(JsonRpcMessage::Request(_))));
    assert!(transport.receive().await.is_none());
    let mut told = vec![0; 512];
    let read = tokio::io::AsyncReadExt::read(&mut written, &mut told).await.unwrap();
    assert!(String::from_utf8_lossy(told.get(..read).unwrap()).contains("16 MiB"));
}
