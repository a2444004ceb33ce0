//! The information requests of the active audit and how far each of them is.

use super::Opening;
use crate::audit::audits::Audit;
use crate::audit::comments::Subject;
use crate::audit::moment::Moment;
use crate::audit::requests::{Owner, Request};
use crate::audit::staff::Colleague;
use crate::audit::timeline::{Activity, Approval, Change};
use crate::audit::wording::{FLAG_REASONS, QUESTIONS, Question};

/// How far a request is, and how urgent where nothing has been handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Approved,
    Ready,
    Flagged,
    Overdue,
    DueThisWeek,
    DueLater,
}

/// How many of the requests are at each stage: as many as there are questions.
const STAGES: [(Stage, usize); 6] = [
    (Stage::Approved, 9),
    (Stage::Ready, 6),
    (Stage::Flagged, 3),
    (Stage::Overdue, 3),
    (Stage::DueThisWeek, 2),
    (Stage::DueLater, 2),
];

impl Stage {
    /// The first and the last day, from now, on which such a request can be due.
    fn due_days(self) -> (i64, i64) {
        match self {
            Self::Approved => (-20, -4),
            Self::Ready => (-2, 12),
            Self::Flagged => (2, 9),
            Self::Overdue => (-14, -1),
            Self::DueThisWeek => (2, 6),
            Self::DueLater => (14, 30),
        }
    }

    fn approval(self) -> Approval {
        match self {
            Self::Approved => Approval::AuditorApproved,
            Self::Ready => Approval::ReadyForAudit,
            Self::Flagged => Approval::AuditorFlagged,
            Self::Overdue | Self::DueThisWeek | Self::DueLater => Approval::NeedsEvidence,
        }
    }
}

impl Opening<'_> {
    /// Puts the whole request list into the audit, with what was handed in and said so far.
    pub(super) fn ask_questions(&mut self, audit: &mut Audit) {
        let mut stages: Vec<Stage> =
            STAGES.iter().flat_map(|(stage, count)| std::iter::repeat_n(*stage, *count)).collect();
        self.chance.shuffle(&mut stages);
        for (number, (question, stage)) in QUESTIONS.iter().zip(stages).enumerate() {
            let request = self.request(audit, number, question, stage);
            let comments = match stage {
                Stage::DueLater => Vec::new(),
                _ => self.conversation((Subject::Request, &request.id), 0),
            };
            audit.comments.extend(comments);
            audit.requests.push(request);
        }
    }

    fn request(&mut self, audit: &Audit, number: usize, question: &Question, stage: Stage) -> Request {
        let created = self.now.plus_days(self.chance.between(-58, -46));
        let owner = self.staff.someone(self.chance).clone();
        let (first, last) = stage.due_days();
        let due = self.now.plus_days(self.chance.between(first, last));
        let linked =
            if number.is_multiple_of(4) { self.chance.some_of(&audit.controls, 1) } else { Vec::new() };
        let segments = audit.record.segments.iter().map(|segment| segment.id.clone()).collect();
        let mut request = Request {
            id: self.chance.id(created),
            unique_id: format!("LA-SOC2-{:04}", 1001 + number),
            additional_control_ids: linked.into_iter().map(|control| control.id().to_owned()).collect(),
            approval_status: stage.approval(),
            cadence: question.cadence,
            framework_codes: question.codes.iter().map(|code| (*code).to_owned()).collect(),
            description: Some(question.description.to_owned()),
            due_date: Some(due),
            evidence_capture_date: Some(audit.record.audit_start_date),
            reference: Some(format!("REQ-{:02}", number + 1)),
            scope: question.scope,
            title: question.title.to_owned(),
            creation_date: created,
            modification_date: created,
            deletion_date: None,
            // Nobody looks after some of those that nothing was handed in for.
            owner_assignment: (stage != Stage::DueLater).then(|| Owner::of(&owner)),
            // Some were asked before the audit was divided.
            segment_ids: if number % 5 == 4 { Vec::new() } else { segments },
            exhibits: Vec::new(),
            activity: Vec::new(),
        };
        match stage {
            Stage::Approved | Stage::Ready | Stage::Flagged => {
                self.hand_in(&mut request, number, stage, &owner);
            }
            // Begun, but not shared with the auditors.
            Stage::DueThisWeek => self.upload(&mut request, number, &owner),
            Stage::Overdue | Stage::DueLater => {}
        }
        request
    }

    /// Evidence is uploaded, shared and, for two of the three stages, judged.
    fn hand_in(&mut self, request: &mut Request, number: usize, stage: Stage, owner: &Colleague) {
        let more = self.chance.between(0, 2);
        for offset in 0..=usize::try_from(more).unwrap_or_default() {
            self.upload(request, number + offset, owner);
        }
        let shared = request.modification_date.plus_hours(self.chance.between(1, 20));
        for exhibit in &mut request.exhibits {
            exhibit.visible_to_auditor_date = Some(shared);
            exhibit.modification_date = shared;
        }
        let share =
            Activity::new(self.chance.id(shared), "SHARE_EVIDENCE_WITH_AUDITOR", shared, Some(&owner.email));
        request.activity.push(share);
        let ready = Change { old: Approval::NeedsEvidence, new: Approval::ReadyForAudit, reason: None };
        self.change_status(request, shared, &owner.email, &ready);
        if stage == Stage::Ready {
            return;
        }
        let reason = self.chance.pick(&FLAG_REASONS).copied().filter(|_| stage == Stage::Flagged);
        let judged = Change { old: Approval::ReadyForAudit, new: stage.approval(), reason };
        if let Some(auditor) = self.chance.pick(&self.firm.auditors) {
            let at = shared.plus_hours(self.chance.between(12, 120));
            self.change_status(request, at, &auditor.email, &judged);
        }
    }

    fn change_status(&mut self, request: &mut Request, at: Moment, user: &str, change: &Change<'_>) {
        request.activity.push(Activity::status(self.chance.id(at), at, user, change));
        request.modification_date = at;
    }

    fn upload(&mut self, request: &mut Request, number: usize, owner: &Colleague) {
        let at = self.now.plus_days(self.chance.between(-40, -8)).plus_hours(self.chance.between(-8, 0));
        let at = at.max(request.modification_date);
        let exhibit = self.exhibit(number, owner, at);
        request.exhibits.push(exhibit);
        let upload = Activity::new(self.chance.id(at), "UPLOAD_EVIDENCE", at, Some(&owner.email));
        request.activity.push(upload);
        request.modification_date = at;
    }
}
