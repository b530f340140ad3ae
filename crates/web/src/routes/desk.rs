//! The contact centre on the staff's face: its desk, its figures, its automatic answers.

use access::Action;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::{Access, Table, with_files};
use crate::staff;

/// The desk of the contact centre.
pub(super) fn desk_pages(table: Table) -> Table {
    use Access::Staff;
    use staff::contacts::{self as desk, act, finish, new, one, stream, suggestions, transfer};
    use staff::{incidents, macros, operators};
    let (read, answer) = (Staff(Action::ContactRead), Staff(Action::ContactAnswer));
    let supervise = Staff(Action::ContactSupervise);
    table
        .add("GET", "/contacts", read, get(desk::get))
        .add("POST", "/contacts/next", answer, post(desk::post_next))
        .add("POST", "/presence", answer, post(desk::post_presence))
        .add("GET", "/contacts/new", answer, get(new::get))
        .add("POST", "/contacts/new", answer, post(new::post))
        .add("GET", "/contacts/stream", read, get(stream::get))
        .add("GET", "/contacts/{number}", read, get(one::get))
        .add("GET", "/contacts/{number}/suggestions", read, get(suggestions::get))
        .add("POST", "/contacts/{number}/pick-up", answer, post(act::pick_up))
        .add("POST", "/contacts/{number}/take-over", answer, post(act::take_over))
        .add("POST", "/contacts/{number}/put-back", answer, post(act::put_back))
        .add("POST", "/contacts/{number}/hold", answer, post(act::on_hold))
        .add("POST", "/contacts/{number}/reply", answer, post(act::reply).layer(with_files()))
        .add("GET", "/contacts/{number}/attachments/{id}", read, get(one::get_attachment))
        .add("POST", "/contacts/{number}/note", answer, post(act::note))
        .add("POST", "/contacts/{number}/again", answer, post(act::again))
        .add("POST", "/contacts/{number}/draft", answer, post(act::keep_draft))
        .add("POST", "/contacts/{number}/typing", answer, post(act::typing))
        .add("POST", "/contacts/{number}/reading", answer, post(act::reading))
        .add("POST", "/contacts/{number}/summary", answer, post(act::condense))
        .add("POST", "/contacts/{number}/transfers", answer, post(transfer::post))
        .add("POST", "/contacts/{number}/transfers/{id}", answer, post(transfer::decide))
        .add("POST", "/contacts/{number}/side-questions", answer, post(transfer::ask))
        .add("POST", "/side-questions/{id}", answer, post(transfer::answer))
        .add("POST", "/contacts/{number}/call-backs", answer, post(act::ask_call_back))
        .add("POST", "/contacts/{number}/call-backs/{id}", answer, post(act::call))
        .add("POST", "/contacts/{number}/resolution", answer, post(finish::resolve))
        .add("POST", "/contacts/{number}/follow-up", answer, post(finish::follow_up))
        .add("POST", "/contacts/{number}/topic", answer, post(finish::topic))
        .add("POST", "/contacts/{number}/merge", answer, post(finish::merge))
        .add("POST", "/contacts/{number}/split", answer, post(finish::split))
        .add("POST", "/contacts/{number}/incidents", answer, post(finish::flag))
        .add("GET", "/incidents", supervise, get(incidents::get))
        .add("POST", "/incidents/{id}/warning", answer, post(incidents::warn))
        .add("POST", "/incidents/{id}/decision", supervise, post(incidents::decide))
        .add("GET", "/operators", supervise, get(operators::get))
        .add("GET", "/operators/{id}", supervise, get(operators::get_one))
        .add("POST", "/operators/{id}", supervise, post(operators::post_one))
        .add("GET", "/macros", read, get(macros::get))
        .add("POST", "/macros", supervise, post(macros::post))
        .add("GET", "/macros/{id}", supervise, get(macros::one))
        .add("POST", "/macros/{id}", supervise, post(macros::post_one))
        .add("POST", "/macros/{id}/removal", supervise, post(macros::remove))
}

/// Figures of the contact centre.
pub(super) fn figure_pages(table: Table) -> Table {
    use Access::Staff;
    use staff::figures::{self, reconciliation, report, staffing};
    let supervise = Staff(Action::ContactSupervise);
    table
        .add("GET", "/figures", supervise, get(figures::get))
        .add("GET", "/figures/live", supervise, get(figures::live))
        .add("GET", "/figures/report", supervise, get(report::get))
        .add("GET", "/figures/report.csv", supervise, get(report::csv))
        .add("GET", "/figures/report.xlsx", supervise, get(report::xlsx))
        .add("GET", "/figures/staffing", supervise, get(staffing::get))
        .add("GET", "/figures/reconciliation", supervise, get(reconciliation::get))
        .add(
            "POST",
            "/figures/reconciliation",
            supervise,
            post(reconciliation::post).layer(DefaultBodyLimit::max(reconciliation::MAX_UPLOAD)),
        )
        .add("GET", "/figures/reconciliation/{id}", supervise, get(reconciliation::one))
}

/// Automatic answers: what is live, how it is tested, what happens when an answer was wrong.
pub(super) fn control_pages(table: Table) -> Table {
    use staff::answers::{self, clarification, question, record, topic};
    use staff::recalls;
    let control = Access::Staff(Action::AnswerControl);
    table
        .add("GET", "/answers", control, get(answers::get))
        .add("POST", "/answers/off", control, post(answers::off))
        .add("POST", "/answers/on", control, post(answers::on))
        .add("POST", "/answers/runs", control, post(answers::run))
        .add("POST", "/answers/disaster", control, post(answers::disaster))
        .add("POST", "/answers/disaster/end", control, post(answers::disaster_end))
        .add("GET", "/answers/topics/{code}", control, get(topic::get))
        .add("POST", "/answers/topics/{code}/test", control, post(topic::post_test))
        .add("POST", "/answers/questions", control, post(question::post))
        .add("GET", "/answers/questions/new", control, get(question::new))
        .add("GET", "/answers/questions/{id}", control, get(question::get))
        .add("POST", "/answers/questions/{id}", control, post(question::post_one))
        .add("POST", "/answers/questions/{id}/removal", control, post(question::remove))
        .add("GET", "/answers/clarifications", control, get(clarification::list))
        .add("POST", "/answers/clarifications", control, post(clarification::post))
        .add("GET", "/answers/clarifications/new", control, get(clarification::new))
        .add("GET", "/answers/clarifications/{lang}/{code}", control, get(clarification::get))
        .add("POST", "/answers/clarifications/{lang}/{code}", control, post(clarification::post_one))
        .add("POST", "/answers/clarifications/{lang}/{code}/removal", control, post(clarification::remove))
        .add("GET", "/answers/{id}", control, get(record::get))
        .add("GET", "/recalls", control, get(recalls::get))
        .add("POST", "/recalls", control, post(recalls::post))
        .add("GET", "/recalls/new", control, get(recalls::new))
        .add("GET", "/recalls/{id}", control, get(recalls::one))
        .add("POST", "/recalls/{id}/confirmation", control, post(recalls::confirm))
        .add("POST", "/recalls/{id}/withdrawal", control, post(recalls::withdraw))
        .add("POST", "/recalls/{id}/told", control, post(recalls::told))
}
