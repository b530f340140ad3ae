//! Contacts in the database.

pub(crate) mod answer_record;
pub(crate) mod attachment;
pub(crate) mod call_back;
pub(crate) mod clarification;
pub(crate) mod contact;
pub(crate) mod control;
pub(crate) mod draft;
pub(crate) mod event;
pub(crate) mod figure;
pub(crate) mod figure_board;
pub(crate) mod figure_report;
pub(crate) mod golden;
pub(crate) mod incident;
pub(crate) mod join;
pub(crate) mod macro_text;
pub(crate) mod message;
pub(crate) mod minute;
pub(crate) mod operator;
pub(crate) mod queue;
pub(crate) mod recall;
pub(crate) mod reconciliation;
pub(crate) mod retention;
pub(crate) mod side_question;
pub(crate) mod staff;
pub(crate) mod transfer;
pub(crate) mod typing;
