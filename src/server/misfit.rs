//! What is wrong with the parameters of a request whose method is known.

use serde_json::Value;

/// What a member of the parameters must be.
#[derive(Debug, Clone, Copy)]
enum ParameterShape {
    Text,
    Object,
    /// A level of the log.
    Severity,
}

/// Whether it must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
}

use Presence::{Optional, Required};

/// The parameters of each method, as far as they can be wrong; a member of a member has a dot before it.
const PARAMETERS: [(&str, &str, ParameterShape, Presence); 21] = [
    ("tools/call", "name", ParameterShape::Text, Required),
    ("tools/call", "arguments", ParameterShape::Object, Optional),
    ("tools/call", "inputResponses", ParameterShape::Object, Optional),
    ("tools/call", "requestState", ParameterShape::Text, Optional),
    ("prompts/get", "name", ParameterShape::Text, Required),
    ("prompts/get", "arguments", ParameterShape::Object, Optional),
    ("prompts/get", "inputResponses", ParameterShape::Object, Optional),
    ("prompts/get", "requestState", ParameterShape::Text, Optional),
    ("resources/read", "uri", ParameterShape::Text, Required),
    ("completion/complete", "ref", ParameterShape::Object, Required),
    ("completion/complete", "ref.type", ParameterShape::Text, Required),
    ("completion/complete", "argument", ParameterShape::Object, Required),
    ("completion/complete", "argument.name", ParameterShape::Text, Required),
    ("completion/complete", "argument.value", ParameterShape::Text, Required),
    ("completion/complete", "context", ParameterShape::Object, Optional),
    ("logging/setLevel", "level", ParameterShape::Severity, Required),
    ("tasks/get", "taskId", ParameterShape::Text, Required),
    ("tasks/update", "taskId", ParameterShape::Text, Required),
    ("tasks/update", "inputResponses", ParameterShape::Object, Required),
    ("tasks/cancel", "taskId", ParameterShape::Text, Required),
    ("initialize", "protocolVersion", ParameterShape::Text, Required),
];

/// The levels of a log (RFC 5424), as MCP has them.
const SEVERITIES: [&str; 8] =
    ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

impl ParameterShape {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Object => value.is_object(),
            Self::Severity => value.as_str().is_some_and(|level| SEVERITIES.contains(&level)),
        }
    }

    fn told(self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Object => "an object".to_owned(),
            Self::Severity => format!("one of {}", SEVERITIES.join(", ")),
        }
    }
}

/// What is wrong with parameters that do not fit their method, as far as it is known.
pub(super) fn told(method: &str, parameters: Option<&Value>) -> String {
    let of_method = PARAMETERS.iter().filter(|(of, ..)| *of == method);
    let of_method = of_method.map(|(_, member, shape, presence)| (*member, *shape, *presence));
    let wrong = std::iter::once(("_meta", ParameterShape::Object, Optional)).chain(of_method).find(
        |(member, shape, presence)| {
            let mut path = member.split('.');
            let value = parameters.and_then(|all| path.try_fold(all, |value, name| value.get(name)));
            match value.filter(|value| !value.is_null()) {
                Some(value) => !shape.fits(value),
                None => *presence == Required,
            }
        },
    );
    match wrong {
        Some((member, shape, Required)) => {
            format!("{method}: `params.{member}` is required and must be {}", shape.told())
        }
        Some((member, shape, Optional)) => format!("{method}: `params.{member}` must be {}", shape.told()),
        None => {
            format!("the parameters of {method} are invalid: a member has the wrong type or occurs twice")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_member_that_does_not_fit_is_named() {
        let of = |method: &str, parameters: Value| told(method, Some(&parameters));
        assert!(told("tools/call", None).contains("`params.name` is required"));
        assert!(of("tools/call", json!({"name": null})).contains("`params.name` is required"));
        assert!(
            of("tools/call", json!({"name": "x", "_meta": 5})).contains("`params._meta` must be an object")
        );
        assert!(of("completion/complete", json!({"ref": {"type": 5}})).contains("`params.ref.type`"));
        // What is read of a member that was there twice is one that fits.
        assert!(of("tools/call", json!({"name": "x", "arguments": null})).contains("twice"));
    }
}
