//! What is done with a send: plan, trial, approval, return, start, pause, resumption, stop, decisions in doubt.

use access::Action;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use line_account::sending::{Multicast, PACE};
use outreach::control::{self, Decision};
use outreach::sending::Sending;
use outreach::{Outcome, OutreachError, approval, planning};

use super::one::{Said, show_problem};
use super::{find, find_for, lang_name, line, quota};
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::gate::Staff;

/// The page that says that it was done, or the same page with a sentence that says why it was not.
async fn answer(
    staff: &Staff,
    number: &str,
    fields: &Fields,
    done: Result<(), OutreachError>,
    notice: &str,
) -> Result<Response, Failure> {
    let problem = match done {
        Ok(()) => return Ok(Redirect::to(&format!("/sends/{number}?done={notice}")).into_response()),
        Err(OutreachError::Rule(sentence)) => sentence,
        Err(OutreachError::Field { reason, .. }) => reason,
        Err(OutreachError::Changed) => {
            "開いているあいだに、ほかの人がこの配信を変えました。いまの内容を確かめてから、もう一度してください。"
                .into()
        }
        Err(other) => return Err(other.into()),
    };
    refuse(staff, number, fields, problem).await
}

async fn refuse(staff: &Staff, number: &str, fields: &Fields, problem: String) -> Result<Response, Failure> {
    let said = Said { problem: Some(problem), typed: fields.get("reason").to_owned(), form: None };
    show_problem(staff, number, said).await
}

/// `POST …/plan`: who gets it, what it costs, when the last one has it.
pub(crate) async fn plan(Path(number): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let sending = find_for(&staff, &number, Action::SendWrite).await?;
    let quota = match quota(&staff).await? {
        Ok(quota) => quota,
        Err(sentence) => return refuse(&staff, &number, &fields, sentence).await,
    };
    let (mut entropy, who) = ((staff.app.entropy)(), &staff.who.account);
    let clock = staff.app.clock.as_ref();
    let done = planning::plan(&staff.city.db, clock, entropy.as_mut(), who, &sending.id, PACE, quota).await;
    answer(&staff, &number, &fields, done.map(drop), "send-planned").await
}

/// What LINE did not take of a trial, in words; nothing if it took all.
fn refused(outcomes: &[(Lang, Outcome)]) -> Option<String> {
    let failed = outcomes.iter().filter_map(|(lang, outcome)| {
        let why = match outcome {
            Outcome::Accepted { .. } | Outcome::AlreadyAccepted { .. } => return None,
            Outcome::Refused { reason } => format!("LINEが受け取りませんでした（{reason}）"),
            Outcome::QuotaUsedUp => "今月の通数が残っていません".into(),
            Outcome::RateLimited { .. } | Outcome::TooManyConcurrent => "いまLINEが混んでいます".into(),
            _ => "LINEから答えがありませんでした。届いているかもしれません".into(),
        };
        Some(format!("{}: {why}。", lang_name(*lang)))
    });
    let failed: Vec<String> = failed.collect();
    (!failed.is_empty())
        .then(|| format!("試し送りは、まだ終わっていません。{}もう一度、試し送りをしてください。", failed.join("")))
}

/// `POST …/trial`: every text to the staff's own LINE.
pub(crate) async fn trial(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let sending = find_for(&staff, &number, Action::SendWrite).await?;
    let client = match line(&staff) {
        Ok(line) => line.account.client.clone(),
        Err(sentence) => return refuse(&staff, &number, &fields, sentence).await,
    };
    let (mut entropy, who) = ((staff.app.entropy)(), &staff.who.account);
    let (db, clock, transport) = (&staff.city.db, staff.app.clock.as_ref(), Multicast { client });
    match approval::test(db, clock, entropy.as_mut(), &transport, who, &sending.id).await {
        Ok(outcomes) => match refused(&outcomes) {
            Some(sentence) => refuse(&staff, &number, &fields, sentence).await,
            None => answer(&staff, &number, &fields, Ok(()), "send-tested").await,
        },
        Err(error) => answer(&staff, &number, &fields, Err(error), "").await,
    }
}

/// `POST …/approval`: of what was read.
pub(crate) async fn approve(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let sending = find_for(&staff, &number, Action::SendApprove).await?;
    let of = |name: &str| fields.get(name).parse().unwrap_or(-1);
    let seen = Sending { version: of("version"), run: of("run"), ..sending };
    let mut entropy = (staff.app.entropy)();
    let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
    let done = approval::approve(db, clock, entropy.as_mut(), &staff.who.account, &seen).await;
    answer(&staff, &number, &fields, done, "send-approved").await
}

/// `POST …/return`
pub(crate) async fn give_back(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let sending = find_for(&staff, &number, Action::SendApprove).await?;
    let (mut entropy, who) = ((staff.app.entropy)(), &staff.who.account);
    let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
    let done = approval::give_back(db, clock, entropy.as_mut(), who, &sending.id, fields.get("reason")).await;
    answer(&staff, &number, &fields, done, "returned").await
}

/// `POST …/start`
pub(crate) async fn start(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let sending = find(&staff, &number).await?;
    let quota = match quota(&staff).await? {
        Ok(quota) => quota,
        Err(sentence) => return refuse(&staff, &number, &fields, sentence).await,
    };
    let (mut entropy, who) = ((staff.app.entropy)(), &staff.who.account);
    let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
    let done = control::start(db, clock, entropy.as_mut(), who, &sending.id, quota).await;
    answer(&staff, &number, &fields, done, "send-started").await
}

/// `POST …/pause`: between two batches.
pub(crate) async fn pause(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let sending = find(&staff, &number).await?;
    let (mut entropy, who) = ((staff.app.entropy)(), &staff.who.account);
    let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
    let done = control::pause(db, clock, entropy.as_mut(), who, &sending.id, fields.get("reason")).await;
    answer(&staff, &number, &fields, done, "send-paused").await
}

/// `POST …/resumption`
pub(crate) async fn resume(
    Path(number): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let sending = find(&staff, &number).await?;
    let quota = match quota(&staff).await? {
        Ok(quota) => quota,
        Err(sentence) => return refuse(&staff, &number, &fields, sentence).await,
    };
    let (mut entropy, who) = ((staff.app.entropy)(), &staff.who.account);
    let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
    let done = control::resume(db, clock, entropy.as_mut(), who, &sending.id, quota).await;
    answer(&staff, &number, &fields, done, "send-resumed").await
}

/// `POST …/stop`: for good.
pub(crate) async fn stop(Path(number): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let sending = find(&staff, &number).await?;
    let (mut entropy, who) = ((staff.app.entropy)(), &staff.who.account);
    let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
    let done = control::stop(db, clock, entropy.as_mut(), who, &sending.id, fields.get("reason")).await;
    answer(&staff, &number, &fields, done, "send-stopped").await
}

/// `POST …/batches/{n}/decision`: about what may have been accepted. Sending it again may tell people twice, so it
/// takes whoever may approve.
pub(crate) async fn decide(
    Path((number, n)): Path<(String, i64)>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let sending = find_for(&staff, &number, Action::SendApprove).await?;
    let decision = match fields.get("decision") {
        "accepted" => Decision::Accepted,
        "not" => Decision::NotAccepted,
        "again" => Decision::Again,
        _ => return refuse(&staff, &number, &fields, "どうするかを、3つの中から選んでください。".into()).await,
    };
    let (mut entropy, who) = ((staff.app.entropy)(), &staff.who.account);
    let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
    let done = control::decide(db, clock, entropy.as_mut(), who, &sending.id, n, decision, fields.get("reason")).await;
    answer(&staff, &number, &fields, done, "decided").await
}
