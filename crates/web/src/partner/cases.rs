//! `/partner`: the cases in which somebody from outside takes part, what was disclosed to them, and what they answer.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Instant;
use casework::CaseError;
use casework::entry::ReferralState;
use casework::partner::{self, PartnerCase};
use casework::recommendation::RecommendationState;

use super::Partner;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::form::{Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::lists::names;
use crate::staff::sealed::timeline::file_row;
use crate::staff::sealed::{DeskForm, files};

/// A line of the list.
struct Line {
    case: String,
    purpose: String,
    since: String,
    accountable: String,
    waiting: usize,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "partner/cases.html")]
struct ListPage {
    frame: Frame,
    open: Vec<Line>,
    closed: Vec<Line>,
}

/// `/partner`
pub(crate) async fn get(partner: Partner) -> Result<Response, Failure> {
    let frame = partner.staff.frame("sealed");
    let cases = partner::cases(partner.house(), &partner.who).await?;
    let mut lines = Vec::new();
    for case in &cases {
        lines.push(Line {
            case: case.case.clone(),
            purpose: case.purpose.clone(),
            since: frame.moment(&case.since),
            accountable: accountable(&partner, case).await?,
            waiting: case.waiting(),
            is_open: case.is_open,
        });
    }
    let (open, closed) = lines.into_iter().partition(|line| line.is_open);
    show(&ListPage { frame, open, closed })
}

/// Name of whoever answers for a case.
async fn accountable(partner: &Partner, case: &PartnerCase) -> Result<String, Failure> {
    let Some(account) = &case.accountable else { return Ok("まだ決まっていません".into()) };
    let mut tx = partner.staff.city.db.read().await?;
    let found = names(&mut tx, [account.clone()].into()).await?;
    Ok(found.get(account).cloned().unwrap_or_else(|| "相談の窓口".into()))
}

/// Something that was disclosed.
struct Item {
    id: String,
    title: String,
    words: String,
    at: String,
    /// Kind and size, where it is a file.
    file: Option<String>,
}

/// A referral to them.
struct Asked {
    id: String,
    purpose: String,
    consent: String,
    at: String,
    state: &'static str,
    tone: &'static str,
    reason: String,
    is_new: bool,
    is_accepted: bool,
}

/// What was said by the desk's own right.
struct Said {
    id: String,
    kind: &'static str,
    words: String,
    answer_by: Option<String>,
    is_late: bool,
    answer: Option<(String, String)>,
    /// Why it was taken back, and when.
    off: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "partner/case.html")]
struct CasePage {
    frame: Frame,
    case: PartnerCase,
    kind: &'static str,
    accountable: String,
    since: String,
    items: Vec<Item>,
    asked: Vec<Asked>,
    said: Vec<Said>,
    /// Their own words, with when.
    own: Vec<(String, String)>,
    form: Form,
    /// What cannot be done, in a sentence, and for which part of the page.
    refused: Option<(String, String)>,
}

impl CasePage {
    /// Why what was sent by a part of the page cannot be done.
    fn refused_at(&self, part: &str) -> Option<&str> {
        self.refused.as_ref().filter(|(at, _)| at == part).map(|(_, reason)| reason.as_str())
    }
}

fn state_words(state: ReferralState) -> (&'static str, &'static str) {
    match state {
        ReferralState::InProgress => ("返事を待っています", "warn"),
        ReferralState::Accepted => ("引き受けています", "ok"),
        ReferralState::Rejected => ("引き受けていません", ""),
        ReferralState::Done => ("終わりました", "ok"),
        ReferralState::Revoked => ("窓口が取り消しました", ""),
    }
}

fn page_of(
    frame: Frame,
    case: PartnerCase,
    accountable: String,
    form: Form,
    refused: Option<(String, String)>,
    now: Instant,
) -> CasePage {
    let items = case.disclosures.iter().filter(|told| told.withdrawn.is_none()).map(|told| Item {
        id: told.disclosed.id.clone(),
        file: told.disclosed.file.as_ref().map(|file| file_row(file).about),
        title: told.disclosed.title.clone(),
        words: told.disclosed.words.clone(),
        at: frame.moment(&told.at),
    });
    let asked = case.referrals.iter().map(|referral| {
        let (state, tone) = state_words(referral.state);
        Asked {
            id: referral.id.clone(),
            purpose: referral.purpose.clone(),
            consent: referral.consent.clone(),
            at: frame.moment(&referral.made_at),
            state,
            tone,
            reason: referral.reason.clone(),
            is_new: referral.state == ReferralState::InProgress,
            is_accepted: referral.state == ReferralState::Accepted,
        }
    });
    let said = case.recommendations.iter().map(|known| Said {
        id: known.said.id.clone(),
        kind: known.said.kind.name(),
        words: known.said.words.clone(),
        answer_by: known.said.answer_by.map(|day| frame.day(&day)),
        is_late: known.state_at(now) == RecommendationState::Overdue,
        answer: known.answer.as_ref().map(|answer| (answer.words.clone(), frame.moment(&answer.at))),
        off: known.off.as_ref().map(|(at, reason)| (reason.clone(), frame.moment(at))),
    });
    let own = case.said.iter().map(|words| (words.words.clone(), frame.moment(&words.at)));
    CasePage {
        kind: case.kind.name(),
        since: frame.moment(&case.since),
        items: items.collect(),
        asked: asked.collect(),
        said: said.collect(),
        own: own.collect(),
        accountable,
        form,
        refused,
        case,
        frame,
    }
}

/// `/partner/cases/{id}`
pub(crate) async fn get_one(partner: Partner, Path(id): Path<String>) -> Result<Response, Failure> {
    let case = partner::read(partner.house(), &partner.who, &id).await?;
    let accountable = accountable(&partner, &case).await?;
    let (frame, now) = (partner.staff.frame("sealed"), partner.staff.visit.now);
    show(&page_of(frame, case, accountable, Form::new("partner"), None, now))
}

/// `/partner/cases/{id}/files/{file}`: a file that was disclosed, by the id of what they were told. It is kept by the
/// browser and never shown in it.
pub(crate) async fn get_file(partner: Partner, Path((id, file)): Path<(String, String)>) -> Result<Response, Failure> {
    let found = partner::file(partner.house(), &partner.who, &id, &file).await?;
    files::send(found, partner.premises.blobs().clone(), false)
}

/// After an act: the page anew, or once more with what was typed and why it cannot be done.
async fn after(
    DeskForm(desk, fields): DeskForm,
    id: &str,
    part: &str,
    outcome: Result<PartnerCase, CaseError>,
) -> Result<Response, Failure> {
    let reason = match outcome {
        Ok(_) => return Ok(Redirect::to(&format!("/partner/cases/{id}?done=told")).into_response()),
        Err(CaseError::Field { reason, .. } | CaseError::Rule(reason)) => reason,
        Err(other) => return Err(other.into()),
    };
    let partner = Partner { staff: desk.staff, premises: desk.premises, who: desk.who };
    let case = partner::read(partner.house(), &partner.who, id).await?;
    let accountable = accountable(&partner, &case).await?;
    let (frame, now) = (partner.staff.frame("sealed"), partner.staff.visit.now);
    let form = Form::sent("partner", &fields);
    show_wrong(&page_of(frame, case, accountable, form, Some((part.into(), reason)), now))
}

/// `/partner/cases/{id}/messages`
pub(crate) async fn post_message(Path(id): Path<String>, form: DeskForm) -> Result<Response, Failure> {
    let desk = &form.0;
    let mut entropy = (desk.staff.app.entropy)();
    let words = form.1.get("words").to_owned();
    let outcome = partner::say(desk.house(), entropy.as_mut(), &desk.who, &id, &words).await;
    after(form, &id, "words", outcome).await
}

/// `/partner/cases/{id}/referrals/{referral}/state`
pub(crate) async fn post_referral(
    Path((id, referral)): Path<(String, String)>,
    form: DeskForm,
) -> Result<Response, Failure> {
    let state = match form.1.get("state") {
        "accepted" => ReferralState::Accepted,
        "rejected" => ReferralState::Rejected,
        "done" => ReferralState::Done,
        _ => return Err(Failure::refused("引き受けるか、引き受けないか、終わったかを選んでください。".into())),
    };
    let desk = &form.0;
    let mut entropy = (desk.staff.app.entropy)();
    let reason = form.1.get("reason").to_owned();
    let moved = (state, reason.as_str());
    let outcome = partner::move_referral(desk.house(), entropy.as_mut(), &desk.who, &id, &referral, moved).await;
    after(form, &id, &referral, outcome).await
}

/// `/partner/cases/{id}/recommendations/{recommendation}/answer`
pub(crate) async fn post_answer(
    Path((id, recommendation)): Path<(String, String)>,
    form: DeskForm,
) -> Result<Response, Failure> {
    let desk = &form.0;
    let mut entropy = (desk.staff.app.entropy)();
    let words = form.1.get("answer").to_owned();
    let outcome = partner::answer(desk.house(), entropy.as_mut(), &desk.who, &id, &recommendation, &words).await;
    after(form, &id, &recommendation, outcome).await
}
