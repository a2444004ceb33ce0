//! The tools that are written by hand: the server's status, and the three that reach every other tool.

use serde_json::{Map, Value};

use crate::catalog::Effect;

/// A tool that is written by hand. None of them reaches an API but through the tool that it is told to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// What is configured, what is missing, what is wrong.
    ServerStatus,
    /// Which tool does what is wanted.
    FindTools,
    /// Runs a tool that only reads.
    RunReadTool,
    /// Runs any tool.
    RunWriteTool,
    /// Panics, so that a test can see what becomes of it.
    #[cfg(test)]
    Panics,
}

impl Written {
    /// All that there are, whatever is offered.
    pub const ALL: &[Self] = &[
        Self::ServerStatus,
        Self::FindTools,
        Self::RunReadTool,
        Self::RunWriteTool,
        #[cfg(test)]
        Self::Panics,
    ];

    /// The tool's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerStatus => "server_status",
            Self::FindTools => "find_tools",
            Self::RunReadTool => "run_read_tool",
            Self::RunWriteTool => "run_write_tool",
            #[cfg(test)]
            Self::Panics => "panics",
        }
    }

    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::ServerStatus => "Show the server's status",
            Self::FindTools => "Find tools",
            Self::RunReadTool => "Run a tool that reads",
            Self::RunWriteTool => "Run a tool that changes something",
            #[cfg(test)]
            Self::Panics => "Panic",
        }
    }

    /// For a model that chooses.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::ServerStatus => {
                "Show what this server can reach: which of the APIs (Manage Vanta, Conduct an Audit, Build Integrations, \
                 and the unrelated Vanta Panel for web hosting) have credentials, what to set for the others, the access \
                 level, the scopes and any warnings. Use it when a tool that you expect is missing or refused; it sends \
                 nothing upstream and changes nothing."
            }
            Self::FindTools => {
                "Find the tools for a task among all 330, also those that are not listed: Trust Center, questionnaires, \
                 knowledge base, risk, contracts, groups, integrations, event logs and more. Answers with names, effects \
                 and one line each, best first, and the best one's input schema; then run it with run_read_tool or \
                 run_write_tool. Ask with another tool's name for its schema."
            }
            Self::RunReadTool => {
                "Run, by its name, any tool that only reads, listed or not, exactly as if it were called itself: the same \
                 arguments, checks, pages and answer. Names and schemas are from find_tools. A tool that changes something \
                 is refused here and goes through run_write_tool."
            }
            Self::RunWriteTool => {
                "Run, by its name, any tool that changes or deletes something, listed or not, exactly as if it were called \
                 itself. Names and schemas are from find_tools. A tool that deletes or takes something away answers with a \
                 preview until its arguments hold `confirm`: show that to the user first. For a tool that only reads use \
                 run_read_tool."
            }
            #[cfg(test)]
            Self::Panics => "Panics.",
        }
    }

    /// What a call of it does by itself.
    #[must_use]
    pub fn effect(self) -> Effect {
        if self == Self::RunWriteTool { Effect::Write } else { Effect::Read }
    }

    /// The schema of its arguments, as text.
    #[must_use]
    pub fn schema_text(self) -> &'static str {
        match self {
            Self::FindTools => FIND,
            Self::RunReadTool | Self::RunWriteTool => RUN,
            Self::ServerStatus => NONE,
            #[cfg(test)]
            Self::Panics => NONE,
        }
    }

    /// The schema of its arguments.
    #[must_use]
    pub fn schema(self) -> Map<String, Value> {
        serde_json::from_str(self.schema_text()).unwrap_or_default()
    }
}

const NONE: &str = r#"{"type":"object","properties":{},"additionalProperties":false}"#;

const FIND: &str = r#"{
    "type": "object",
    "properties": {
        "query": {
            "type": "string", "minLength": 1, "maxLength": 500,
            "description": "What is wanted, in a few words, e.g. who has not finished training; or a tool's name."
        },
        "api": {
            "type": "string", "enum": ["manage", "audit", "connectors", "panel"],
            "description": "Only this API: manage is compliance, audit for audit firms, connectors for integrations that push data, panel web hosting."
        },
        "effect": {
            "type": "string", "enum": ["read", "write", "destroy"],
            "description": "Only this effect: read changes nothing, destroy deletes or takes away."
        },
        "limit": {
            "type": "integer", "minimum": 1, "maximum": 20, "default": 5,
            "description": "Most tools to answer with."
        }
    },
    "required": ["query"],
    "additionalProperties": false
}"#;

const RUN: &str = r#"{
    "type": "object",
    "properties": {
        "tool": { "type": "string", "minLength": 1, "description": "Name of the tool, from find_tools." },
        "arguments": { "type": "object", "description": "Its arguments, as its input schema wants them; left out for none." }
    },
    "required": ["tool"],
    "additionalProperties": false
}"#;
