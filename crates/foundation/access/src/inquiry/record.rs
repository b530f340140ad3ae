//! What an inquiry consists of.

use calendar::{Date, Instant};
use store::FromRow;

/// An inquiry.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Inquiry {
    /// Id.
    pub id: String,
    /// Number, such as `照会-2026-0001`.
    pub number: String,
    /// [`super::FREE`], or the kind of a service, such as `faq-round`.
    pub kind: String,
    /// For kinds of which one is open at a time: which year or round it is.
    pub period: Option<String>,
    /// Title.
    pub title: String,
    /// What is asked, Markdown.
    pub body: String,
    /// Account of who asked.
    pub asked_by: String,
    /// Code of the section that asks.
    pub section: String,
    /// Last day for answers.
    pub due_on: Date,
    /// `open`, `closed` or `cancelled`.
    pub state: String,
    /// When it was opened.
    pub created_at: Instant,
    /// When anything of it changed last.
    pub updated_at: Instant,
}

/// One section's part of an inquiry.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Target {
    /// Id of the inquiry.
    pub inquiry: String,
    /// Code of the section when it was asked; who answers today is told by `Organisation::section`.
    pub section: String,
    /// `waiting`, `draft`, `answered`, `returned`, `accepted` or `not_applicable`.
    pub state: String,
    /// Goes up with every change; a page hands it back so that nothing is overwritten unseen.
    pub counter: i64,
    /// The answer or its draft, Markdown; for `not_applicable` why.
    pub answer: String,
    /// Account of who answered.
    pub answered_by: Option<String>,
    /// When.
    pub answered_at: Option<Instant>,
    /// Why it was returned last.
    pub returned_reason: Option<String>,
    /// Account of who returned it.
    pub returned_by: Option<String>,
    /// When.
    pub returned_at: Option<Instant>,
    /// Account of who accepted it.
    pub accepted_by: Option<String>,
    /// When.
    pub accepted_at: Option<Instant>,
    /// A later last day for this section.
    pub extended_due: Option<Date>,
    /// Why.
    pub extended_reason: Option<String>,
    /// How many reminders were sent.
    pub reminders: i64,
    /// When the last one was.
    pub reminded_at: Option<Instant>,
    /// When the section did anything last.
    pub touched_at: Option<Instant>,
}

impl Target {
    /// Whether an answer is still owed.
    pub fn is_pending(&self) -> bool {
        matches!(self.state.as_str(), "waiting" | "draft" | "returned")
    }

    /// Its last day.
    pub fn due(&self, inquiry: &Inquiry) -> Date {
        self.extended_due.unwrap_or(inquiry.due_on)
    }

    /// Whether an answer is owed and its last day has passed.
    pub fn is_overdue(&self, inquiry: &Inquiry, today: Date) -> bool {
        inquiry.state == "open" && self.is_pending() && self.due(inquiry) < today
    }

    /// Whether the answer came after its last day.
    pub fn was_late(&self, inquiry: &Inquiry) -> bool {
        self.answered_at.is_some_and(|at| at.jst_date() > self.due(inquiry))
    }
}

/// A record that a section must go through.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Item {
    /// Id of the inquiry.
    pub inquiry: String,
    /// Kind of the record, such as `article`.
    pub object_kind: String,
    /// Its id.
    pub object: String,
    /// Code of the section's part to which it belongs.
    pub section: String,
    /// `open` or `done`.
    pub state: String,
    /// What came out, in the words of the kind.
    pub result: Option<String>,
    /// Id of what came of it, such as a draft.
    pub reference: Option<String>,
    /// Remark.
    pub note: Option<String>,
    /// Account of who did it.
    pub done_by: Option<String>,
    /// When.
    pub done_at: Option<Instant>,
}

/// A step in the history of an inquiry.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct EventRow {
    /// Code of the section concerned.
    pub section: Option<String>,
    /// `opened`, `answered`, `not_applicable`, `returned`, `accepted`, `extended`, `closed`, `cancelled`, `reminded`.
    pub kind: String,
    /// Account.
    pub account: String,
    /// Reason.
    pub note: Option<String>,
    /// When.
    pub at: Instant,
}

/// An inquiry to be opened.
#[derive(Clone, Debug)]
pub struct NewInquiry<'a> {
    /// [`super::FREE`] or the kind of a service.
    pub kind: &'a str,
    /// Of one kind and period only one is open at a time.
    pub period: Option<&'a str>,
    /// Title.
    pub title: &'a str,
    /// What is asked, Markdown.
    pub body: &'a str,
    /// Code of the section that asks.
    pub section: &'a str,
    /// Last day for answers: a business day after today.
    pub due_on: Date,
    /// Codes of the sections that are asked.
    pub targets: &'a [String],
    /// Records to be gone through: section, kind of record, id.
    pub items: &'a [(String, &'a str, &'a str)],
}

/// What came out of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// In the words of the kind.
    pub result: &'a str,
    /// Id of what came of it.
    pub reference: Option<&'a str>,
    /// Remark.
    pub note: Option<&'a str>,
}

/// What a section says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// 回答.
    Text(&'a str),
    /// 該当なし, with the reason.
    NotApplicable(&'a str),
}
