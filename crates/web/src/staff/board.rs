//! `/board`: what citizens asked in vain, grouped by likeness, and what becomes of each group.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use access::Action;
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Instant;
use knowledge::board::{self, Filter, Group, Kind, Seed};
use knowledge::draft::{self, Opening};
use knowledge::question::{self, NewAnswer};
use knowledge::{KnowledgeError, desk::Desk};

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use super::lists::{Asked, Choice, Pager, choices, desk_of, names, page_number, section_options};
use crate::citizen::show;
use crate::errors::Failure;

const PER_PAGE: usize = 25;
/// Texts of a group that are shown at once.
const FIRST: usize = 3;
const AGES: &[(&str, &str)] = &[("", "すべて"), ("7", "1週間のうち"), ("28", "4週間のうち")];
const KINDS: &[(&str, &str)] =
    &[("", "すべて"), ("question", "残された質問"), ("feedback", "ちがう・足りない"), ("miss", "見つからなかった言葉")];

/// A text of a group.
pub(crate) struct MemberView {
    kind: Kind,
    text: String,
    count: i64,
    day: String,
    section: Option<String>,
    /// Short number of the question, if the reader may open it.
    number: Option<String>,
}

/// A bar of the trend.
pub(crate) struct Bar {
    x: usize,
    y: i64,
    height: i64,
}

pub(crate) struct NearestView {
    code: String,
    question: String,
    percent: u32,
    section: String,
}

/// A group as the page shows it.
pub(crate) struct GroupView {
    id: String,
    central: String,
    words: Vec<String>,
    people: i64,
    last_4_weeks: i64,
    latest: String,
    bars: Vec<Bar>,
    trend: String,
    first: Vec<MemberView>,
    rest: Vec<MemberView>,
    nearest: Option<NearestView>,
    sections: Vec<String>,
    /// Ids of the questions that the reader may answer.
    questions: Vec<String>,
    /// Reason, who, when.
    dismissal: Option<(String, String, String)>,
    draft: Option<String>,
    may_decide: bool,
    may_draft: bool,
}

#[derive(Template)]
#[template(path = "staff/board/list.html")]
struct ListPage {
    frame: Frame,
    groups: Vec<GroupView>,
    people: i64,
    sections: askama::filters::Safe<String>,
    kinds: Vec<Choice>,
    ages: Vec<Choice>,
    dismissed: bool,
    filtered: bool,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "staff/board/one.html")]
struct OnePage {
    frame: Frame,
    g: GroupView,
    reason: String,
    error: Option<String>,
}

/// Groups that the person may see, by what the address asks for.
fn filter(staff: &Staff, asked: &Fields) -> Filter {
    let own = staff.who.where_may(Action::QuestionRead);
    let own: Option<BTreeSet<String>> = own.map(|own| own.into_iter().map(str::to_owned).collect());
    let wanted = asked.optional("section").map(str::to_owned);
    let sections: Option<BTreeSet<String>> = match (own, wanted) {
        (None, None) => None,
        (None, Some(wanted)) => Some(BTreeSet::from([wanted])),
        (Some(own), Some(wanted)) if own.contains(&wanted) => Some(BTreeSet::from([wanted])),
        (Some(own), _) => Some(own),
    };
    let days = asked.get("since").parse::<u64>().ok().filter(|d| (1..=91).contains(d));
    Filter {
        sections,
        kind: Kind::from_code(asked.get("kind")),
        since: days.map(|d| staff.visit.now.minus(Duration::from_secs(d * 86_400)).jst_date()),
        dismissed: asked.get("dismissed") == "1",
    }
}

/// A group without the questions of sections that are none of the reader's.
fn seen(staff: &Staff, group: Group) -> Group {
    group.seen(|section| staff.who.may_in(Action::QuestionRead, &staff.section_today(section)))
}

/// What is beside the groups themselves.
struct Beside {
    names: HashMap<String, String>,
    /// Open drafts by the question that they will answer.
    drafts: HashMap<String, String>,
}

async fn beside(staff: &Staff, groups: &[Group]) -> Result<Beside, Failure> {
    let mut tx = staff.city.db.read().await?;
    let organisation = staff.city.organisation();
    let actors = groups.iter().filter_map(|g| g.dismissal.as_ref()).map(|d| d.actor.clone()).collect();
    let names = names(&mut tx, actors).await?;
    let drafts = draft::of_questions(&mut tx, &desk_of(staff, &organisation)).await?;
    Ok(Beside { names, drafts })
}

fn trend(group: &Group) -> (Vec<Bar>, String) {
    let most = group.weeks.iter().copied().max().unwrap_or(0).max(1);
    let bar = |(i, n): (usize, &i64)| {
        // A week without anybody keeps a line of one unit, so that the row can be read.
        let height = (n * 26 / most).max(1);
        Bar { x: i * 6, y: 28 - height, height }
    };
    let told: Vec<String> = group.weeks.iter().map(i64::to_string).collect();
    let text = format!("週ごとの人数（13週前から今週まで）: {}", told.join("、"));
    (group.weeks.iter().enumerate().map(bar).collect(), text)
}

fn view(staff: &Staff, frame: &Frame, group: &Group, beside: &Beside) -> GroupView {
    let (bars, trend) = trend(group);
    let may = |action: Action, section: &str| staff.who.may_in(action, &staff.section_today(section));
    let mut members: Vec<MemberView> = group
        .members
        .iter()
        .map(|m| {
            let place = m.section.as_deref().unwrap_or(&frame.city.profile.phone_section);
            let number = m.number.as_deref().filter(|_| may(Action::QuestionRead, place));
            MemberView {
                kind: m.kind,
                text: m.text.clone(),
                count: m.count,
                day: frame.day(&m.day),
                section: m.section.as_deref().map(|s| frame.section(s)),
                number: number.map(|n| question::short_number(n).to_owned()),
            }
        })
        .collect();
    let rest = members.split_off(members.len().min(FIRST));
    let questions = own_questions(staff, group);
    GroupView {
        id: group.id.clone(),
        central: group.central.clone(),
        words: group.words.iter().take(5).cloned().collect(),
        people: group.people,
        last_4_weeks: group.last_4_weeks,
        latest: frame.day(&group.latest),
        bars,
        trend,
        first: members,
        rest,
        nearest: group.nearest.as_ref().map(|n| NearestView {
            code: n.code.clone(),
            question: n.question.clone(),
            percent: (n.score * 100.0).round() as u32,
            section: frame.section(&n.section),
        }),
        sections: group.sections.iter().map(|s| frame.section(s)).collect(),
        draft: group.question_ids().iter().find_map(|q| beside.drafts.get(q)).cloned(),
        questions,
        dismissal: group
            .dismissal
            .as_ref()
            .map(|d| (d.reason.clone(), beside.names.get(&d.actor).cloned().unwrap_or_default(), frame.moment(&d.at))),
        may_decide: board::may_decide(&staff.who, group),
        may_draft: staff.who.may(Action::ArticleWrite),
    }
}

/// The groups.
pub(crate) async fn get(staff: Staff, Query(asked): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(asked);
    let frame = staff.frame("board");
    let filter = filter(&staff, &asked);
    let groups = staff.city.board.list(&staff.city.db, staff.app.clock.as_ref(), &filter).await?;
    let pager = Pager::new("/board", &asked, &["section", "kind", "since", "dismissed"], groups.len(), PER_PAGE);
    let people = groups.iter().map(|g| g.people).sum();
    let from = (page_number(&asked) - 1) * PER_PAGE;
    let shown: Vec<Group> = groups.into_iter().skip(from).take(PER_PAGE).map(|g| seen(&staff, g)).collect();
    let beside = beside(&staff, &shown).await?;
    show(&ListPage {
        groups: shown.iter().map(|g| view(&staff, &frame, g, &beside)).collect(),
        people,
        sections: section_options(&staff, |s| staff.who.may_in(Action::QuestionRead, s), asked.get("section")),
        kinds: choices(KINDS, asked.get("kind")),
        ages: choices(AGES, asked.get("since")),
        dismissed: filter.dismissed,
        filtered: ["section", "kind", "since"].iter().any(|f| asked.has(f)),
        pager,
        frame,
    })
}

/// The group, if the person may see it.
async fn group(staff: &Staff, id: &str) -> Result<Group, Failure> {
    let found = staff.city.board.group(&staff.city.db, staff.app.clock.as_ref(), id).await?;
    let may = found.sections.is_empty() || found.sections.iter().any(|s| staff.who.may_in(Action::QuestionRead, s));
    if may { Ok(seen(staff, found)) } else { Err(Failure::new(StatusCode::FORBIDDEN)) }
}

async fn page(staff: &Staff, group: &Group, reason: &str, error: Option<String>) -> Result<Response, Failure> {
    let frame = staff.frame("board");
    let beside = beside(staff, std::slice::from_ref(group)).await?;
    let g = view(staff, &frame, group, &beside);
    let wrong = error.is_some();
    let mut response = show(&OnePage { frame, g, reason: reason.to_owned(), error })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// One group with all of its texts.
pub(crate) async fn one(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let group = group(&staff, &id).await?;
    page(&staff, &group, "", None).await
}

/// The section in which a draft for a group begins: the group's, if the person writes there, else their own.
fn draft_section(desk: &Desk<'_>, group: &Group, seed: &Seed) -> Option<String> {
    let groups = seed.section.iter().chain(&group.sections);
    let own = desk.who.sections.iter();
    let main = std::iter::once(&desk.organisation.profile.phone_section);
    groups.chain(own).chain(main).find(|s| desk.may(Action::ArticleWrite, s)).cloned()
}

/// The questions of a group that the person may answer: those of other sections are left to these.
fn own_questions(staff: &Staff, group: &Group) -> Vec<String> {
    let organisation = staff.city.organisation();
    let phone = &organisation.profile.phone_section;
    let may = |section: &str| staff.who.may_in(Action::QuestionAnswer, &staff.section_today(section));
    let own = group.members.iter().filter(|m| m.kind == Kind::Question && may(m.section.as_deref().unwrap_or(phone)));
    own.map(|m| m.id.clone()).collect()
}

/// Opens a draft with a citizen's words; if one is open for these questions, that one.
pub(crate) async fn post_draft(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let group = group(&staff, &id).await?;
    let seed = board::to_draft_seed(&staff.city.library, &group);
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let Some(section) = draft_section(&desk, &group, &seed) else {
        return Err(Failure::new(StatusCode::FORBIDDEN));
    };
    let mut tx = staff.city.db.write().await?;
    let there = draft::of_questions(&mut tx, &desk).await?;
    if let Some(open) = seed.question_ids.iter().find_map(|q| there.get(q)) {
        return Ok(Redirect::to(&format!("/drafts/{open}")).into_response());
    }
    let sources = own_questions(&staff, &group);
    let opening =
        Opening::Board { section: &section, question: &seed.question, keywords: seed.keywords, sources: &sources };
    let draft = draft::open(&mut tx, &desk, (staff.app.entropy)().as_mut(), opening).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/drafts/{}?done=made", draft.id)).into_response())
}

/// Answers the questions that stood on the page with an article. Questions that somebody else answered
/// meanwhile, or that another section has, are left as they are.
pub(crate) async fn post_answer(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let group = group(&staff, &id).await?;
    let article = fields.get("article");
    let seen = fields.all("question");
    let organisation = staff.city.organisation();
    let mut answered = 0;
    for question in group.question_ids().iter().filter(|q| seen.contains(&q.as_str())) {
        let done = question::answer(
            &staff.city.db,
            staff.app.clock.as_ref(),
            (staff.app.entropy)().as_mut(),
            &staff.city.library,
            &organisation,
            &staff.who,
            NewAnswer { question, text: "", article: Some(article) },
        )
        .await;
        match done {
            Ok(()) => answered += 1,
            Err(KnowledgeError::Changed | KnowledgeError::Forbidden | KnowledgeError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
    }
    if answered == 0 {
        return Err(Failure::refused(
            "回答できる質問がありませんでした。ほかの人が先に回答したか、別の課に引き継がれています。一覧で確かめてください。"
                .into(),
        ));
    }
    Ok(Redirect::to("/board?done=answered").into_response())
}

/// 対応不要.
pub(crate) async fn post_dismissal(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let group = group(&staff, &id).await?;
    let reason = fields.raw("reason");
    match board::dismiss(&staff.city.db, staff.app.clock.as_ref(), &staff.who, &group, reason).await {
        Ok(()) => Ok(Redirect::to("/board?done=dismissed").into_response()),
        Err(KnowledgeError::Field { reason: sentence, .. }) => page(&staff, &group, reason, Some(sentence)).await,
        Err(other) => Err(other.into()),
    }
}

/// Back on the board.
pub(crate) async fn post_restoration(
    Path(id): Path<String>,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    let group = group(&staff, &id).await?;
    board::restore(&staff.city.db, staff.app.clock.as_ref(), &staff.who, &group).await?;
    Ok(Redirect::to("/board?dismissed=1&done=restored").into_response())
}

/// The beginning of the day so many days ago.
pub(crate) fn days_ago(staff: &Staff, days: u64) -> Instant {
    staff.visit.now.minus(Duration::from_secs(days * 86_400))
}
