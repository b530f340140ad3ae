//! A report, page by page: who, what, wishes, a look at all of it, the receipt.

use askama::Template;
use askama::filters::Safe;
use axum::http::StatusCode;
use axum::response::Response;
use casework::case::{BULLYING, NewCase};
use casework::entry::{By, Channel, Speaker, Wishes};
use casework::session::{self, FormToken};
use casework::{CaseError, triage};
use vault::receipt::Receipt;
use words::ruby;

use super::form::{GRADES, KINDS, Report, SPEAKERS, Wrong, consent_code, grade, wrong_wishes};
use super::frame::{ASKING_AGAIN, Asking, Frame, asking, what_key};
use super::{frame, gate, is_open, premises, shown, shut};
use crate::citizen::Visit;
use crate::errors::Failure;
use crate::limits::ClientAddress;
use crate::qr::qr;

/// Fields of the page of what happened.
const WHAT: [&str; 4] = ["kind", "words", "school", "grade"];
/// Fields of wishes.
pub(super) const WISHES: [&str; 6] =
    ["wanted", "unwanted", "school_may_know", "may_call", "call_when", "neutral_sender"];

/// Something that can be chosen.
pub(super) struct Choice {
    code: &'static str,
    picture: &'static str,
    label: Safe<String>,
    more: Safe<String>,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "citizen/room/start.html")]
struct StartPage {
    page: Frame,
    hidden: Vec<(&'static str, String)>,
    speakers: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "citizen/room/what.html")]
struct WhatPage {
    page: Frame,
    hidden: Vec<(&'static str, String)>,
    title_key: &'static str,
    kinds: Vec<Choice>,
    grades: Vec<Choice>,
    report: Report,
}

#[derive(Template)]
#[template(path = "citizen/room/wishes.html")]
struct WishesPage {
    page: Frame,
    hidden: Vec<(&'static str, String)>,
    asking: Asking,
    wishes: Wishes,
    /// What was answered about school and telephone.
    school: &'static str,
    call: &'static str,
    /// Where the buttons lead, forward and back.
    go: (&'static str, &'static str),
    /// Whether it is a page of a report and not of a talk.
    is_step: bool,
}

#[derive(Template)]
#[template(path = "citizen/room/check.html")]
struct CheckPage {
    page: Frame,
    hidden: Vec<(&'static str, String)>,
    who: Safe<String>,
    kinds: Vec<Safe<String>>,
    grade: Option<Safe<String>>,
    report: Report,
    wanted_key: &'static str,
    school_key: &'static str,
    call_key: &'static str,
}

#[derive(Template)]
#[template(path = "citizen/room/sent.html")]
struct SentPage {
    page: Frame,
    groups: Vec<String>,
    digits: String,
    qr: Safe<String>,
}

/// The frame of a page, louder where danger signs stand in what was written.
async fn watched(visit: &Visit, report: &Report) -> Result<(Frame, Vec<(String, String)>), Failure> {
    let mut frame = frame(visit);
    let wishes = &report.wishes;
    let words = [&report.words, &wishes.wanted, &wishes.unwanted, &wishes.call_when].map(String::as_str).join("\n");
    if words.trim().is_empty() {
        return Ok((frame, Vec::new()));
    }
    let signs = match premises(visit).await? {
        Some(premises) => triage::look(&triage::current(premises.house(), BULLYING).await?.rules, &words),
        None => Vec::new(),
    };
    frame.danger = !signs.is_empty();
    Ok((frame, signs))
}

/// The first page.
pub(super) async fn start(visit: &Visit, mut report: Report) -> Result<Response, Failure> {
    if !is_open(visit).await? {
        return shut(visit);
    }
    if report.token().is_none() {
        report.form = FormToken::new((visit.app.entropy)().as_mut()).shown().to_owned();
    }
    let (page, _) = watched(visit, &report).await?;
    let choice = |(speaker, code, label, more): (Speaker, &'static str, &str, &str)| Choice {
        code,
        picture: code,
        label: page.t(label),
        more: page.t(more),
        chosen: report.speaker == Some(speaker),
    };
    let speakers = SPEAKERS.into_iter().map(choice).collect();
    shown(&StartPage { hidden: report.hidden(&["speaker"]), speakers, page }, StatusCode::OK)
}

/// From one page to another, if this one is right.
pub(super) async fn turn(visit: &Visit, report: Report, to: &str) -> Result<Response, Failure> {
    if report.speaker.is_none() || report.token().is_none() {
        return start(visit, report).await;
    }
    if to == "what" {
        return what(visit, report, Wrong::new()).await;
    }
    let wrong = report.wrong_what(visit.lang);
    if !wrong.is_empty() {
        return what(visit, report, wrong).await;
    }
    if to == "wishes" {
        return wishes(visit, report, Wrong::new()).await;
    }
    let wrong = wrong_wishes(visit.lang, &report.wishes);
    if !wrong.is_empty() {
        return wishes(visit, report, wrong).await;
    }
    check(visit, report, None, StatusCode::OK).await
}

fn status(wrong: &Wrong) -> StatusCode {
    if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

async fn what(visit: &Visit, report: Report, wrong: Wrong) -> Result<Response, Failure> {
    let status = status(&wrong);
    let page = watched(visit, &report).await?.0.with(wrong);
    let nothing = || Safe(String::new());
    let kinds = KINDS.into_iter().map(|(code, key)| Choice {
        code,
        picture: if code == "other" { "other-kind" } else { code },
        label: page.t(key),
        more: nothing(),
        chosen: report.kinds.contains(&code),
    });
    let kinds = kinds.collect();
    let grades = GRADES.into_iter().map(|code| Choice {
        code,
        picture: "",
        label: page.h(&grade(visit.lang, code)),
        more: nothing(),
        chosen: report.grade == Some(code),
    });
    let grades = grades.collect();
    let (hidden, title_key) = (report.hidden(&WHAT), what_key(report.speaker));
    shown(&WhatPage { hidden, title_key, kinds, grades, report, page }, status)
}

async fn wishes(visit: &Visit, report: Report, wrong: Wrong) -> Result<Response, Failure> {
    let status = status(&wrong);
    let page = watched(visit, &report).await?.0.with(wrong);
    let (hidden, asking) = (report.hidden(&WISHES), asking(report.speaker));
    shown(&WishesPage::of(page, hidden, asking, report.wishes, true), status)
}

/// The wishes of a talk that is open.
pub(super) fn wishes_of_talk(
    page: Frame,
    hidden: Vec<(&'static str, String)>,
    wishes: Wishes,
) -> Result<Response, Failure> {
    let status = status(&page.wrong);
    shown(&WishesPage::of(page, hidden, ASKING_AGAIN, wishes, false), status)
}

impl WishesPage {
    fn of(page: Frame, hidden: Vec<(&'static str, String)>, asking: Asking, wishes: Wishes, is_step: bool) -> Self {
        let (school, call) = (consent_code(wishes.school_may_know), consent_code(wishes.may_call));
        let go = if is_step { ("check", "what") } else { ("wish", "talk") };
        WishesPage { page, hidden, asking, wishes, school, call, go, is_step }
    }
}

async fn check(visit: &Visit, report: Report, trouble: Option<&str>, status: StatusCode) -> Result<Response, Failure> {
    let page = watched(visit, &report).await?.0.saying(trouble, true);
    let who = SPEAKERS.iter().find(|s| Some(s.0) == report.speaker).map_or("room-who-other", |s| s.2);
    let answer = |consent| match consent_code(consent) {
        "yes" => "room-yes",
        "no" => "room-no",
        _ => "room-unsaid",
    };
    shown(
        &CheckPage {
            hidden: report.hidden(&[]),
            who: page.t(who),
            kinds: report.kinds_in(visit.lang).iter().map(|kind| page.h(kind)).collect(),
            grade: report.grade.map(|code| page.h(&grade(visit.lang, code))),
            wanted_key: asking(report.speaker).wanted,
            school_key: answer(report.wishes.school_may_know),
            call_key: answer(report.wishes.may_call),
            report,
            page,
        },
        status,
    )
}

/// Sends it, and shows the receipt. The same form sent again shows the same receipt.
pub(super) async fn send(visit: &Visit, client: ClientAddress, report: Report) -> Result<Response, Failure> {
    let Some(premises) = premises(visit).await? else { return shut(visit) };
    let (Some(speaker), Some(token)) = (report.speaker, report.token()) else { return start(visit, report).await };
    if !report.wrong_what(visit.lang).is_empty() || !wrong_wishes(visit.lang, &report.wishes).is_empty() {
        return turn(visit, report, "check").await;
    }
    if !visit.app.limits.form(client) {
        return check(visit, report, Some("room-trouble-often"), StatusCode::TOO_MANY_REQUESTS).await;
    }
    if gate::is_busy() {
        return check(visit, report, Some("room-busy"), StatusCode::SERVICE_UNAVAILABLE).await;
    }
    let (page, signs) = watched(visit, &report).await?;
    let words = report.first_words(visit.lang);
    let new = NewCase {
        desk: BULLYING,
        channel: Channel::Web,
        speaker,
        school: &report.school,
        words: &words,
        wishes: report.wishes.clone(),
        signs,
        by: By::Reporter,
    };
    match session::begin(premises.house(), (visit.app.entropy)(), &token, new).await {
        Ok(receipt) => sent(page, &receipt),
        Err(CaseError::Changed) => check(visit, report, Some("room-busy"), StatusCode::SERVICE_UNAVAILABLE).await,
        // Nobody is there who could read it.
        Err(CaseError::Rule(_)) => shut(visit),
        Err(other) => Err(other.into()),
    }
}

fn sent(page: Frame, receipt: &Receipt) -> Result<Response, Failure> {
    let shown_once = receipt.shown();
    let groups: Vec<String> = shown_once.split(' ').map(str::to_owned).collect();
    let digits = groups.concat();
    let qr = qr(&digits, &ruby::escape(&page.plain("room-qr-label")));
    shown(&SentPage { page, groups, digits, qr }, StatusCode::OK)
}
