//! What somebody can be responsible for, and how each is handed over.

/// A kind of thing that somebody is responsible for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DutyKind {
    Controls,
    Documents,
    Vendors,
    Risks,
    Questionnaires,
    QuestionnaireApprovals,
    Answers,
    KnowledgeDocuments,
    KnowledgeWebpages,
    Tests,
    Issues,
    RiskApprovals,
    Computers,
}

/// How a thing is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandedOver {
    /// By this tool, one at a time.
    By(&'static str),
    /// By no tool; a person does it so.
    ByHand(&'static str),
}

impl DutyKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Controls => "controls",
            Self::Documents => "documents",
            Self::Vendors => "vendors",
            Self::Risks => "risks",
            Self::Questionnaires => "open questionnaires",
            Self::QuestionnaireApprovals => "open questionnaires to approve",
            Self::Answers => "answer library entries",
            Self::KnowledgeDocuments => "knowledge base documents",
            Self::KnowledgeWebpages => "knowledge base webpages",
            Self::Tests => "tests",
            Self::Issues => "open issues",
            Self::RiskApprovals => "risks to approve",
            Self::Computers => "computers",
        }
    }

    pub(super) fn handed_over(self) -> HandedOver {
        match self {
            Self::Controls => HandedOver::By("set_control_owner"),
            Self::Documents => HandedOver::By("set_document_owner"),
            Self::Vendors => HandedOver::By("update_vendor"),
            Self::Risks => HandedOver::By("update_risk_scenario"),
            Self::Questionnaires | Self::QuestionnaireApprovals => HandedOver::By("update_questionnaire"),
            Self::Answers => HandedOver::By("update_answer_library_entry"),
            Self::KnowledgeDocuments => HandedOver::By("update_knowledge_document"),
            Self::KnowledgeWebpages => HandedOver::By("update_knowledge_webpage"),
            Self::Tests => HandedOver::ByHand("in Vanta: Tests page, owner column, or select several rows"),
            Self::Issues => HandedOver::ByHand("in Vanta: Issues page"),
            Self::RiskApprovals => HandedOver::ByHand("in Vanta: the risk's page"),
            Self::Computers => {
                HandedOver::ByHand("in the system that reports it: device management or the agent")
            }
        }
    }

    /// Whether a tool hands it over.
    pub(super) fn is_movable(self) -> bool {
        matches!(self.handed_over(), HandedOver::By(_))
    }
}
