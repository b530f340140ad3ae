//! One inquiry: for who asks its progress, for a section its own answer.

use std::collections::HashMap;

use access::inquiry::{self, Answer, Detail, Target, short_number};
use access::{AccessError, Action};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;

use super::{address, need_some_part, part_name, state_name};
use crate::citizen::show;
use crate::errors::Failure;
use crate::markdown;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::{acting, csv, download, names};

/// A section's part.
struct Part {
    code: String,
    section: String,
    state: &'static str,
    tag: &'static str,
    due: String,
    overdue: bool,
    was_late: bool,
    extended: Option<String>,
    answered: Option<(String, String)>,
    answer_html: Option<String>,
    answer: String,
    returned: Option<(String, String)>,
    reminders: i64,
    counter: i64,
    pending: bool,
    /// Answered and neither accepted nor returned.
    to_decide: bool,
    /// What somebody else saved while this was typed.
    theirs: Option<String>,
}

struct EventView {
    at: String,
    text: String,
    who: String,
    note: Option<String>,
}

/// What went wrong, and where on the page.
struct Wrong {
    step: &'static str,
    section: String,
    reason: String,
    typed: Fields,
}

#[derive(Template)]
#[template(path = "staff/inquiries/one.html")]
struct OnePage {
    frame: Frame,
    number: String,
    full: String,
    title: String,
    body: String,
    section: String,
    due: String,
    state: &'static str,
    is_open: bool,
    asks: bool,
    replied: usize,
    targets: usize,
    overdue: usize,
    parts: Vec<Part>,
    own: Vec<Part>,
    events: Vec<EventView>,
    wrong: Option<Wrong>,
}

impl OnePage {
    /// The sentence for a form of the page.
    fn error_of(&self, step: &str, section: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|w| w.step == step && w.section == section).map(|w| w.reason.as_str())
    }

    /// What was typed into a form that could not be taken.
    fn typed(&self, step: &str, section: &str, field: &str) -> &str {
        self.wrong.as_ref().filter(|w| w.step == step && w.section == section).map_or("", |w| w.typed.raw(field))
    }
}

fn part(frame: &Frame, names: &HashMap<String, String>, detail: &Detail, target: &Target) -> Part {
    let inquiry = &detail.inquiry;
    let (state, tag) = part_name(&target.state);
    let who = |account: &Option<String>| account.as_ref().and_then(|a| names.get(a)).cloned().unwrap_or_default();
    let answered = target.answered_at.filter(|_| !target.is_pending());
    Part {
        code: target.section.clone(),
        section: frame.section(&target.section),
        state,
        tag,
        due: frame.day(&target.due(inquiry)),
        overdue: target.is_overdue(inquiry, frame.today),
        was_late: target.was_late(inquiry),
        extended: target.extended_reason.clone(),
        answered: answered.map(|at| (frame.moment(&at), who(&target.answered_by))),
        answer_html: answered.map(|_| markdown::render(&target.answer)),
        answer: target.answer.clone(),
        returned: target
            .returned_reason
            .clone()
            .filter(|_| target.state == "returned")
            .map(|r| (r, who(&target.returned_by))),
        reminders: target.reminders,
        counter: target.counter,
        pending: target.is_pending(),
        to_decide: matches!(target.state.as_str(), "answered" | "not_applicable") && target.accepted_at.is_none(),
        theirs: None,
    }
}

fn event_text(frame: &Frame, kind: &str, section: Option<&str>) -> String {
    let section = section.map(|s| frame.section(s)).unwrap_or_default();
    match kind {
        "opened" => "照会した".into(),
        "answered" => format!("{section}が回答した"),
        "not_applicable" => format!("{section}が該当なしと回答した"),
        "returned" => format!("{section}に差し戻した"),
        "accepted" => format!("{section}の回答を受け付けた"),
        "extended" => format!("{section}の期限をのばした"),
        "reminded" => format!("{section}に督促した"),
        "closed" => "締め切った".into(),
        "cancelled" => "取りやめた".into(),
        other => other.to_owned(),
    }
}

async fn page(staff: &Staff, number: &str, wrong: Option<Wrong>, changed: bool) -> Result<Response, Failure> {
    let frame = staff.frame("inquiries");
    let mut tx = staff.city.db.read().await?;
    let detail = inquiry::detail(&mut tx, &staff.who, &frame.city, frame.today, number).await?;
    let accounts = detail.targets.iter().flat_map(|t| [&t.answered_by, &t.returned_by]).flatten();
    let accounts = accounts.chain(detail.events.iter().map(|e| &e.account)).cloned().collect();
    let names = names(&mut tx, accounts).await?;
    drop(tx);
    let inquiry = &detail.inquiry;
    if inquiry.kind == knowledge::round::KIND && wrong.is_none() {
        return Ok(Redirect::to(&address(inquiry)).into_response());
    }
    let mut own: Vec<Part> = detail
        .targets
        .iter()
        .filter(|t| staff.who.may_in(Action::InquiryAnswer, &staff.section_today(&t.section)))
        .map(|t| part(&frame, &names, &detail, t))
        .collect();
    if let Some(wrong) = wrong.as_ref().filter(|w| w.step == "answer")
        && let Some(part) = own.iter_mut().find(|p| p.code == wrong.section)
    {
        let stored = std::mem::replace(&mut part.answer, wrong.typed.raw("answer").to_owned());
        part.theirs = changed.then_some(stored);
    }
    let status = match (&wrong, changed) {
        (_, true) => StatusCode::CONFLICT,
        (Some(_), _) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, _) => StatusCode::OK,
    };
    let mut response = show(&OnePage {
        number: short_number(&inquiry.number).to_owned(),
        full: inquiry.number.clone(),
        title: inquiry.title.clone(),
        body: markdown::render(&inquiry.body),
        section: frame.section(&inquiry.section),
        due: frame.day(&inquiry.due_on),
        state: state_name(&inquiry.state),
        is_open: inquiry.state == "open",
        asks: detail.asks,
        replied: detail.counts.replied(),
        targets: detail.counts.targets,
        overdue: detail.counts.overdue,
        parts: if detail.asks {
            detail.targets.iter().map(|t| part(&frame, &names, &detail, t)).collect()
        } else {
            Vec::new()
        },
        own,
        events: detail
            .events
            .iter()
            .map(|e| EventView {
                at: frame.moment(&e.at),
                text: event_text(&frame, &e.kind, e.section.as_deref()),
                who: names.get(&e.account).cloned().unwrap_or_default(),
                note: e.note.clone(),
            })
            .collect(),
        wrong,
        frame,
    })?;
    *response.status_mut() = status;
    Ok(response)
}

/// One inquiry.
pub(crate) async fn get(Path(number): Path<String>, staff: Staff) -> Result<Response, Failure> {
    need_some_part(&staff)?;
    page(&staff, &number, None, false).await
}

/// The id behind a number that the person may see, and where it is looked at.
async fn found(staff: &Staff, tx: &mut store::Tx, number: &str) -> Result<(String, String), Failure> {
    let organisation = staff.city.organisation();
    let detail = inquiry::detail(tx, &staff.who, &organisation, staff.visit.today(), number).await?;
    let address = address(&detail.inquiry);
    Ok((detail.inquiry.id, address))
}

/// What a form of the page does.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Answer,
    Accept,
    Return,
    Extend,
    Remind,
    Close,
    Cancel,
}

impl Step {
    const fn code(self) -> &'static str {
        match self {
            Step::Answer => "answer",
            Step::Accept => "accept",
            Step::Return => "return",
            Step::Extend => "extend",
            Step::Remind => "remind",
            Step::Close => "close",
            Step::Cancel => "cancel",
        }
    }
}

/// Does it; returns the code of what the next page tells.
async fn act(
    tx: &mut store::Tx,
    by: &mut inquiry::Acting<'_>,
    id: &str,
    step: Step,
    fields: &Fields,
) -> Result<&'static str, AccessError> {
    let section = fields.get("section");
    // A form without its number is an old one: it must not overwrite anything.
    let counter = fields.get("counter").parse().unwrap_or(-1);
    match step {
        Step::Answer => {
            let typed = fields.raw("answer");
            let said = match fields.get("step") {
                "save" => {
                    inquiry::save_answer_draft(tx, by, id, section, (counter, typed)).await?;
                    return Ok("saved");
                }
                "none" => Answer::NotApplicable(typed),
                _ => Answer::Text(typed),
            };
            inquiry::answer(tx, by, id, section, (counter, said)).await?;
            Ok("answered")
        }
        Step::Accept => inquiry::accept(tx, by, id, section, counter).await.map(|()| "accepted"),
        Step::Return => {
            inquiry::return_with_reason(tx, by, id, section, (counter, fields.raw("reason"))).await?;
            Ok("returned")
        }
        Step::Extend => {
            let invalid = |reason: String| AccessError::Invalid { field: "due_on", reason };
            let due = fields.date("due_on").map_err(invalid)?;
            let due = due.ok_or_else(|| invalid("新しい期限を入れてください。".into()))?;
            inquiry::extend(tx, by, id, section, (due, fields.raw("reason"))).await?;
            Ok("extended")
        }
        Step::Remind => {
            let sections: Vec<String> = fields.all("section").into_iter().map(str::to_owned).collect();
            let written = inquiry::remind_now(tx, by, id, &sections).await?;
            Ok(if written > 0 { "reminded" } else { "reminded-before" })
        }
        Step::Close => inquiry::close(tx, by, id).await.map(|()| "closed"),
        Step::Cancel => inquiry::cancel(tx, by, id, fields.raw("reason")).await.map(|()| "ended"),
    }
}

async fn post(staff: Staff, number: &str, fields: Fields, step: Step) -> Result<Response, Failure> {
    need_some_part(&staff)?;
    let organisation = staff.city.organisation();
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let (id, address) = found(&staff, &mut tx, number).await?;
    let done = act(&mut tx, &mut acting(&staff, &organisation, entropy.as_mut()), &id, step, &fields).await;
    let section = fields.get("section").to_owned();
    match done {
        Ok(code) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("{address}?done={code}")).into_response())
        }
        Err(AccessError::Invalid { reason, .. }) => {
            drop(tx);
            let wrong = Wrong { step: step.code(), section, reason, typed: fields };
            page(&staff, number, Some(wrong), false).await
        }
        Err(AccessError::Changed) if step == Step::Answer => {
            drop(tx);
            let reason = "同じ課のほかの人が先に保存しました。下の2つを見くらべて、ひとつにまとめてから、もう一度保存してください。";
            let wrong = Wrong { step: "answer", section, reason: reason.into(), typed: fields };
            page(&staff, number, Some(wrong), true).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Saves, answers, or says that it does not apply.
pub(crate) async fn post_answer(Path(n): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    post(staff, &n, f, Step::Answer).await
}

/// Accepts an answer.
pub(crate) async fn post_accept(Path(n): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    post(staff, &n, f, Step::Accept).await
}

/// Gives an answer back.
pub(crate) async fn post_return(Path(n): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    post(staff, &n, f, Step::Return).await
}

/// Gives more time.
pub(crate) async fn post_extend(Path(n): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    post(staff, &n, f, Step::Extend).await
}

/// Reminds.
pub(crate) async fn post_remind(Path(n): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    post(staff, &n, f, Step::Remind).await
}

/// Closes.
pub(crate) async fn post_close(Path(n): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    post(staff, &n, f, Step::Close).await
}

/// Gives up.
pub(crate) async fn post_cancel(Path(n): Path<String>, StaffForm(staff, f): StaffForm) -> Result<Response, Failure> {
    post(staff, &n, f, Step::Cancel).await
}

/// All answers as a file, for who asked.
pub(crate) async fn answers(Path(number): Path<String>, staff: Staff) -> Result<Response, Failure> {
    need_some_part(&staff)?;
    let organisation = staff.city.organisation();
    let today = staff.visit.today();
    let mut tx = staff.city.db.read().await?;
    let detail = inquiry::detail(&mut tx, &staff.who, &organisation, today, &number).await?;
    if !detail.asks {
        return Err(Failure::new(StatusCode::FORBIDDEN));
    }
    let names = names(&mut tx, detail.targets.iter().filter_map(|t| t.answered_by.clone()).collect()).await?;
    drop(tx);
    let head = ["部", "課コード", "課", "状態", "期限", "期限切れ", "回答日時", "回答者", "回答", "差し戻しの理由"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for t in &detail.targets {
        let section = organisation.section(&t.section, today);
        let said = !t.is_pending();
        rows.push(vec![
            section.map_or_else(String::new, |s| s.department.clone()),
            t.section.clone(),
            section.map_or_else(|| t.section.clone(), |s| s.name(Lang::Ja).to_owned()),
            part_name(&t.state).0.to_owned(),
            t.due(&detail.inquiry).to_string(),
            if t.is_overdue(&detail.inquiry, today) { "期限切れ".into() } else { String::new() },
            t.answered_at.filter(|_| said).map(|at| at.iso_jst()).unwrap_or_default(),
            t.answered_by.as_ref().filter(|_| said).and_then(|a| names.get(a)).cloned().unwrap_or_default(),
            // What is only a draft stays with its section.
            if said { t.answer.clone() } else { String::new() },
            t.returned_reason.clone().unwrap_or_default(),
        ]);
    }
    Ok(download(&format!("inquiry-{}.csv", short_number(&detail.inquiry.number)), csv(&rows)))
}
