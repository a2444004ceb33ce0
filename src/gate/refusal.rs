//! Why a call is not let through.

use thiserror::Error;

use super::confirmation::TokenMisfit;
use crate::catalog::Effect;
use crate::state::StoreError;

/// Why a call is not let through. Nothing was sent.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The operation does more than the operator allows.
    #[error(
        "{tool} is not offered: its effect is `{effect}` and this server allows at most `{access}`. Nothing was \
         sent. \
         The operator can allow it with VANTA_MCP_ACCESS={effect} (or --access {effect})."
    )]
    AboveAccess {
        /// The tool's name.
        tool: &'static str,
        /// What it does.
        effect: Effect,
        /// What is allowed.
        access: Effect,
    },
    /// The operation does more with these arguments than is allowed.
    #[error(
        "{tool}: with these arguments its effect is `{effect}` ({arguments} decides), and at most {} is allowed here. \
         Nothing was sent. The operator of this server can allow more (VANTA_MCP_ACCESS={effect}, or a token that \
         grants it).",
        access.map_or_else(|| "nothing".to_owned(), |access| format!("`{access}`"))
    )]
    Raised {
        /// The tool's name.
        tool: &'static str,
        /// What it does with them.
        effect: Effect,
        /// What is allowed, if anything.
        access: Option<Effect>,
        /// The arguments that decide.
        arguments: String,
    },
    /// The operation does more than the caller's token grants.
    #[error(
        "{tool} is not offered to you: its effect is `{effect}` and your token grants {}. Nothing was sent. The \
         operator of this server can give you a token that grants more.",
        granted.map_or_else(|| "no access to this product".to_owned(), |granted| format!("at most `{granted}`"))
    )]
    BeyondGrant {
        /// The tool's name.
        tool: &'static str,
        /// What it does.
        effect: Effect,
        /// What is granted there, if anything.
        granted: Option<Effect>,
    },
    /// `confirm` is there and names something else than the target.
    #[error(
        "`confirm` does not repeat `{argument}` exactly, so {tool} was refused and nothing was changed. \
         Check the target; omit `confirm` to see a preview."
    )]
    ConfirmDiffers {
        /// The tool's name.
        tool: &'static str,
        /// The argument that identifies the target.
        argument: &'static str,
    },
    /// There is a token of a preview, and `confirm` does not name the target.
    #[error(
        "`confirmation` is there and `confirm` is not, so {tool} was refused and nothing was changed. Set `confirm` to \
         `{argument}` as well."
    )]
    ConfirmMissing {
        /// The tool's name.
        tool: &'static str,
        /// The argument that identifies the target.
        argument: &'static str,
    },
    /// The token of a preview does not fit.
    #[error("{tool}: {misfit}. Nothing was changed. {}", new_preview(tool))]
    Misfit {
        /// The tool's name.
        tool: &'static str,
        /// Why not.
        misfit: TokenMisfit,
    },
    /// The token of a preview has been used.
    #[error(
        "{tool}: `confirmation` has already been used, so this call was refused. If the first call's answer was lost, \
         read the target to see what became of it. {}",
        new_preview(tool)
    )]
    Used {
        /// The tool's name.
        tool: &'static str,
    },
    /// Nothing is known of the token of a preview.
    #[error("{tool}: `confirmation` is unknown here. Nothing was changed. {}", new_preview(tool))]
    Unknown {
        /// The tool's name.
        tool: &'static str,
    },
    /// The target is not what it was when it was previewed.
    #[error(
        "{tool}: the target has changed since the preview ({}). Nothing was changed by this call. {}",
        differences.join("; "), new_preview(tool)
    )]
    TargetChanged {
        /// The tool's name.
        tool: &'static str,
        /// What is another, each with its path.
        differences: Vec<String>,
    },
    /// A person has to say yes, and the client cannot ask one.
    #[error(
        "{tool} needs the yes of a person, and this client cannot ask one (it declares no elicitation), so it was refused \
         and nothing was changed. Use a client that can, or ask the operator of this server \
         (VANTA_MCP_CONFIRM=person-if-able)."
    )]
    NobodyToAsk {
        /// The tool's name.
        tool: &'static str,
    },
    /// The person who was asked did not say yes.
    #[error(
        "{tool}: the person who was asked said no. Nothing was changed. Do not ask again unless they want it."
    )]
    Declined {
        /// The tool's name.
        tool: &'static str,
    },
    /// A person is being asked, and the call is made again with the answer.
    #[error("{tool}: a person is being asked. Nothing was changed.")]
    Pending {
        /// The tool's name.
        tool: &'static str,
    },
    /// A person was asked, and nobody answered.
    #[error(
        "{tool}: nobody answered the question whether to carry it out. Nothing was changed. {}",
        new_preview(tool)
    )]
    Unanswered {
        /// The tool's name.
        tool: &'static str,
    },
    /// The target could be read for the preview, and cannot be now.
    #[error(
        "{tool}: the target could not be read again, so it is not known whether it is still as previewed: {problem} Nothing was changed."
    )]
    Unseen {
        /// The tool's name.
        tool: &'static str,
        /// What reading it brought.
        problem: String,
    },
    /// Whether a confirmation has been used cannot be found out.
    #[error("{tool}: the confirmation cannot be checked, because {}. Nothing was changed.", error.told())]
    Unchecked {
        /// The tool's name.
        tool: &'static str,
        /// What is wrong with the state.
        error: StoreError,
    },
    /// The arguments do not name each target, so there is something that could not be confirmed.
    #[error("`{argument}` does not name each target, so {tool} was refused and nothing was changed.")]
    NoTarget {
        /// The tool's name.
        tool: &'static str,
        /// The argument that identifies the target.
        argument: &'static str,
    },
}

/// How to go on.
fn new_preview(tool: &str) -> String {
    format!("Call {tool} without `confirmation` and `confirm` for a new preview, and show it to the user.")
}
