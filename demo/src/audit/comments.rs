//! Comments by auditors and by the company, on evidence, controls and information requests.

use serde::Serialize;

use super::audits::Audit;
use super::body::Body;
use super::listing::{self, Dated, value};
use super::moment::Moment;
use super::{Answer, Desk};
use crate::ask::{Ask, Reply};

/// What a comment is about, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Evidence,
    Control,
    Request,
}

/// One comment; deleted ones are kept for clients that synchronise.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Comment {
    pub(super) id: String,
    /// Present where the comment is on evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_evidence_id: Option<String>,
    text: String,
    creation_date: Moment,
    modification_date: Option<Moment>,
    deletion_date: Option<Moment>,
    email: Option<String>,
    author_name: Option<String>,
    #[serde(skip)]
    subject: (Subject, String),
}

/// Who wrote a comment.
pub(super) struct Author<'a> {
    pub(super) name: &'a str,
    pub(super) email: &'a str,
}

impl Comment {
    pub(super) fn new(
        id: String,
        (subject, subject_id): (Subject, &str),
        author: &Author<'_>,
        text: &str,
        created: Moment,
    ) -> Self {
        Self {
            id,
            audit_evidence_id: (subject == Subject::Evidence).then(|| subject_id.to_owned()),
            text: text.to_owned(),
            creation_date: created,
            modification_date: None,
            deletion_date: None,
            email: Some(author.email.to_owned()),
            author_name: Some(author.name.to_owned()),
            subject: (subject, subject_id.to_owned()),
        }
    }

    fn is_on(&self, (subject, id): (Subject, &str)) -> bool {
        self.subject.0 == subject && self.subject.1 == id
    }
}

impl Dated for Comment {
    fn changed(&self) -> Moment {
        [self.modification_date, self.deletion_date]
            .into_iter()
            .flatten()
            .fold(self.creation_date, Moment::max)
    }

    fn deleted(&self) -> Option<Moment> {
        self.deletion_date
    }
}

/// `GET /v1/audits/{auditId}/comments`: those on evidence, whichever it is.
pub(super) fn of_all_evidence(audit: &Audit, ask: &Ask) -> Answer {
    listing::page(ask, audit.comments.iter().filter(|comment| comment.subject.0 == Subject::Evidence))
}

/// `GET …/comments` of one control or information request.
pub(super) fn list(audit: &Audit, on: (Subject, &str), ask: &Ask) -> Answer {
    listing::page(ask, audit.comments.iter().filter(|comment| comment.is_on(on)))
}

/// `GET …/comments/{commentId}`, of a deleted one too.
pub(super) fn get(audit: &Audit, on: (Subject, &str), id: &str) -> Answer {
    let found = audit.comments.iter().find(|comment| comment.is_on(on) && comment.id == id);
    found.map(|comment| Reply::ok(value(comment))).ok_or_else(|| Reply::not_found("Comment", id))
}

/// `POST …/comments`; 422 where the author is not of the firm.
pub(super) fn create(audit: &mut Audit, on: (Subject, &str), desk: &mut Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &["text", "email", "creationDate"])?;
    let (text, created) = (body.text("text")?, body.moment("creationDate")?);
    let auditor = desk.firm.auditor(body.text("email")?)?;
    let author = Author { name: &auditor.name, email: &auditor.email };
    let comment = Comment::new(desk.chance.id(desk.now), on, &author, text, created);
    let reply = Reply::ok(value(&comment));
    audit.comments.push(comment);
    Ok(reply)
}

/// `PATCH …/comments/{commentId}`; 403 where someone else wrote it.
pub(super) fn update(audit: &mut Audit, on: (Subject, &str), id: &str, desk: &Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &["text", "email"])?;
    let text = body.text("text")?;
    let comment = written_by(audit, on, id, body.text("email")?, desk)?;
    text.clone_into(&mut comment.text);
    comment.modification_date = Some(desk.now);
    Ok(Reply::ok(value(comment)))
}

/// `DELETE …/comments/{commentId}`: the author's email comes in the body.
pub(super) fn delete(audit: &mut Audit, on: (Subject, &str), id: &str, desk: &Desk<'_>) -> Answer {
    let body = Body::of(desk.ask, &["email"])?;
    let comment = written_by(audit, on, id, body.text("email")?, desk)?;
    comment.deletion_date = Some(desk.now);
    Ok(Reply::Empty(204))
}

fn written_by<'a>(
    audit: &'a mut Audit,
    on: (Subject, &str),
    id: &str,
    email: &str,
    desk: &Desk<'_>,
) -> Result<&'a mut Comment, Reply> {
    let auditor = desk.firm.auditor(email)?;
    let found = audit.comments.iter_mut().find(|comment| comment.is_on(on) && comment.id == id);
    let comment = found
        .filter(|comment| comment.deletion_date.is_none())
        .ok_or_else(|| Reply::not_found("Comment", id))?;
    if comment.email.as_deref() == Some(auditor.email.as_str()) {
        Ok(comment)
    } else {
        Err(Reply::error(403, "Only the author of a comment may change or delete it"))
    }
}
