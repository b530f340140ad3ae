//! `/figures/report`: figures over a period, on a page and in files.

use askama::Template;
use askama::filters::Safe;
use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use calendar::Date;
use city::Lang;
use contact::Channel;
use contact::figures::export;
use contact::figures::figure::{FIGURES, Figure, Unit};
use contact::figures::report::{By, Line, MOST_DAYS, Report, Wanted, channel_name, report};

use super::super::fields::Fields;
use super::super::frame::Frame;
use super::super::gate::{Staff, encode};
use super::super::lists::{self, Asked};
use super::{chosen, own_sections, refresh, stored_codes, values, whose};
use crate::citizen::show;
use crate::errors::Failure;

/// Groups of columns: code, name, figures.
const VIEWS: [(&str, &str, &[&str]); 5] = [
    (
        "main",
        "おもな数字",
        &[
            "contacts",
            "answer_rate",
            "service_level",
            "wait_mean",
            "first_contact_resolution",
            "passed_around",
            "bot_share",
            "rating",
        ],
    ),
    (
        "wait",
        "待ちと返事",
        &[
            "contacts",
            "queued",
            "answer_rate",
            "service_level",
            "abandonment",
            "wait_mean",
            "wait_90",
            "wait_clock",
            "first_reply",
            "first_reply_in_time",
        ],
    ),
    (
        "handling",
        "応対と取り次ぎ",
        &[
            "contacts",
            "handling",
            "talk",
            "hold",
            "wrap_up",
            "resolution",
            "resolution_in_time",
            "first_contact_resolution",
            "transfers",
            "passed_around",
            "explained_again",
        ],
    ),
    ("bot", "自動応答", &["contacts", "bot_share", "refusal", "wrong_answers"]),
    (
        "people",
        "満足・約束・職員",
        &[
            "contacts",
            "rating",
            "satisfied",
            "rated",
            "call_backs_asked",
            "call_backs_in_time",
            "incidents",
            "incident_hours",
        ],
    ),
];

/// What is asked for.
struct Question {
    by: By,
    wanted: Wanted,
}

/// The first of a month.
fn month_of(day: Date) -> Date {
    day.first_of_month()
}

/// What the address asks for, or the field and the sentence about what is wrong.
fn question(staff: &Staff, asked: &Fields) -> Result<Question, (&'static str, String)> {
    let today = staff.visit.today();
    let to = asked.date("to").map_err(|reason| ("to", reason))?.unwrap_or(today);
    let from = asked.date("from").map_err(|reason| ("from", reason))?.unwrap_or_else(|| month_of(to));
    if from > to {
        return Err(("from", "はじめの日が、終わりの日より後です。".into()));
    }
    if to.since(from).map_or(i64::MAX, |span| i64::from(span.get_days())) > MOST_DAYS {
        return Err(("from", format!("期間は{MOST_DAYS}日までにしてください。")));
    }
    let organisation = staff.city.organisation();
    let own = own_sections(staff);
    let sections = match (asked.optional("section"), own) {
        (None, own) => own,
        (Some(section), own) => {
            let code = staff.section_today(section);
            if organisation.own(&code, today).is_none() || own.is_some_and(|own| !own.contains(&code)) {
                return Err(("section", "数字を見られる課を一覧から選んでください。".into()));
            }
            Some(vec![code])
        }
    };
    let topic = match asked.optional("topic") {
        None => None,
        Some("none") => Some(String::new()),
        Some(code) => {
            let topic = city::topic(code).ok_or(("topic", "分類を一覧から選んでください。".to_owned()))?;
            Some(topic.code.to_owned())
        }
    };
    let channel = match asked.optional("channel") {
        None => None,
        Some(code) => {
            let found =
                Channel::from_code(code).ok_or(("channel", "受けた方法を一覧から選んでください。".to_owned()))?;
            Some(found.code().to_owned())
        }
    };
    Ok(Question {
        by: By::from_code(asked.get("by")).unwrap_or(By::Day),
        wanted: Wanted { from, to, sections: sections.map(|s| stored_codes(&organisation, &s, today)), topic, channel },
    })
}

async fn reported(staff: &Staff, question: &Question) -> Result<Report, Failure> {
    refresh(staff).await?;
    let mut tx = staff.city.db.read().await?;
    let organisation = staff.city.organisation();
    Ok(report(&mut tx, &organisation, staff.visit.today(), question.by, &question.wanted).await?)
}

struct Row {
    label: String,
    cells: Vec<Cell>,
}

struct Cell {
    text: String,
    /// Of a share, how long its bar is: 0 to 100.
    bar: Option<i64>,
}

/// A bar of the chart of contacts.
struct Bar {
    x: usize,
    y: i64,
    height: i64,
    title: String,
}

struct Meaning {
    title: &'static str,
    value: String,
    meaning: String,
}

#[derive(Template)]
#[template(path = "staff/figures/report.html")]
struct ReportPage {
    frame: Frame,
    tab: &'static str,
    page: &'static str,
    whose: String,
    from: String,
    to: String,
    /// What is counted, in words: on paper the form is not seen.
    asked: String,
    bys: Vec<(&'static str, &'static str, bool)>,
    sections: Safe<String>,
    topics: Vec<(String, &'static str, bool)>,
    channels: Vec<(&'static str, &'static str, bool)>,
    views: Vec<(String, &'static str, bool)>,
    view: &'static str,
    error: Option<(&'static str, String)>,
    head: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<Row>,
    total: Vec<Cell>,
    bars: Vec<Bar>,
    width: usize,
    meanings: Vec<Meaning>,
    query: String,
}

impl ReportPage {
    fn error_of(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(f, _)| *f == field).map(|(_, reason)| reason.as_str())
    }
}

fn cells(figures: &[&Figure], numbers: &contact::figures::report::Numbers) -> Vec<Cell> {
    let bar = |f: &&Figure| match f.unit {
        // Between 0 and 100.
        Unit::Share => f.value(numbers).map(|share| (share * 100.0).round() as i64),
        _ => None,
    };
    values(figures, numbers).into_iter().zip(figures.iter().map(bar)).map(|(text, bar)| Cell { text, bar }).collect()
}

/// How many contacts each line has, as bars of a picture of 100 units of height.
fn bars(lines: &[Line], label: impl Fn(&str) -> String) -> Vec<Bar> {
    let most = lines.iter().map(|l| l.numbers.contacts).max().unwrap_or(0).max(1);
    let bar = |(at, line): (usize, &Line)| {
        let height = line.numbers.contacts * 100 / most;
        Bar {
            x: at * 12, y: 100 - height, height, title: format!("{} {}件", label(&line.code), line.numbers.contacts)
        }
    };
    lines.iter().enumerate().map(bar).collect()
}

/// `11月1日（日）〜11月30日（月） ・ 日ごと ・ 市民課 ・ 電話`
fn in_words(frame: &Frame, question: &Question, section: Option<&str>) -> String {
    let wanted = &question.wanted;
    let mut parts =
        vec![format!("{}〜{}", frame.day(&wanted.from), frame.day(&wanted.to)), question.by.name().to_owned()];
    parts.extend(section.map(|s| frame.section(s)));
    let topic = |code: &str| city::topic(code).map_or("分類なし", |t| t.name(Lang::Ja)).to_owned();
    parts.extend(wanted.topic.as_deref().map(topic));
    parts.extend(wanted.channel.as_deref().and_then(Channel::from_code).map(|c| channel_name(c).to_owned()));
    parts.join(" ・ ")
}

/// The fields of the address without the group of columns, for links.
fn kept(asked: &Fields) -> String {
    ["from", "to", "by", "section", "topic", "channel"]
        .iter()
        .filter(|name| asked.has(name))
        .map(|name| format!("{name}={}", encode(asked.get(name))))
        .collect::<Vec<_>>()
        .join("&")
}

/// The page.
pub(crate) async fn get(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(pairs);
    let question = question(&staff, &asked);
    let (made, error) = match &question {
        Ok(question) => (Some(reported(&staff, question).await?), None),
        Err(error) => (None, Some(error.clone())),
    };
    let frame = staff.frame("contacts");
    let today = frame.today;
    let (view, _, codes) = VIEWS.iter().find(|(code, ..)| *code == asked.get("view")).unwrap_or(&VIEWS[0]);
    let figures = chosen(codes);
    let by = By::from_code(asked.get("by")).unwrap_or(By::Day);
    let label = |code: &str| by.label(code, &frame.city, today);
    let own = own_sections(&staff);
    let may = |section: &str| own.as_ref().is_none_or(|own| own.iter().any(|s| s == section));
    let query = kept(&asked);
    let lines = made.as_ref().map_or(&[][..], |m| m.lines.as_slice());
    let (from, to) = match &question {
        Ok(q) => (q.wanted.from.to_string(), q.wanted.to.to_string()),
        Err(_) => (asked.get("from").to_owned(), asked.get("to").to_owned()),
    };
    let mut topics = vec![("none".to_owned(), "分類なし", asked.get("topic") == "none")];
    topics.extend(city::TOPICS.iter().map(|t| (t.code.to_owned(), t.name(Lang::Ja), asked.get("topic") == t.code)));
    let rows = lines.iter().map(|l| Row { label: label(&l.code), cells: cells(&figures, &l.numbers) }).collect();
    let wrong = error.is_some();
    let page = ReportPage {
        tab: "figures",
        page: "report",
        whose: whose(&frame, own.as_deref()),
        from,
        to,
        asked: question.as_ref().map(|q| in_words(&frame, q, asked.optional("section"))).unwrap_or_default(),
        bys: By::ALL.iter().map(|b| (b.code(), b.name(), *b == by)).collect(),
        sections: lists::section_options(&staff, may, &staff.section_today(asked.get("section"))),
        topics,
        channels: Channel::ALL.iter().map(|c| (c.code(), channel_name(*c), asked.get("channel") == c.code())).collect(),
        views: VIEWS
            .iter()
            .map(|(code, name, _)| (format!("/figures/report?view={code}&{query}"), *name, code == view))
            .collect(),
        view,
        error,
        head: by.head(),
        heads: figures.iter().map(|f| f.title).collect(),
        rows,
        total: made.as_ref().map(|m| cells(&figures, &m.total)).unwrap_or_default(),
        bars: bars(lines, label),
        width: lines.len() * 12,
        meanings: made
            .iter()
            .flat_map(|m| FIGURES.iter().map(move |f| (f, m)))
            .map(|(f, m)| Meaning { title: f.title, value: f.shown(&m.total), meaning: f.meaning(&m.limits) })
            .collect(),
        query,
        frame,
    };
    let mut response = show(&page)?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Name of a file with its period.
fn file_name(question: &Question, ending: &str) -> String {
    format!("figures-{}-{}-{}.{ending}", question.by.code(), question.wanted.from, question.wanted.to)
}

fn asked_for(staff: &Staff, pairs: Vec<(String, String)>) -> Result<Question, Failure> {
    question(staff, &Fields::from_pairs(pairs)).map_err(|(_, reason)| Failure::refused(reason))
}

/// The report as CSV.
pub(crate) async fn csv(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let question = asked_for(&staff, pairs)?;
    let made = reported(&staff, &question).await?;
    let table = export::table(&made, &staff.city.organisation(), staff.visit.today());
    Ok(lists::download(&file_name(&question, "csv"), lists::csv(&table)))
}

/// The report as a workbook.
pub(crate) async fn xlsx(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let question = asked_for(&staff, pairs)?;
    let made = reported(&staff, &question).await?;
    let (organisation, today) = (staff.city.organisation(), staff.visit.today());
    let written = tokio::task::spawn_blocking(move || export::xlsx(&made, &organisation, today));
    let bytes = written.await.map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR))??;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned();
    let place = format!("attachment; filename=\"{}\"", file_name(&question, "xlsx"));
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, place)], bytes).into_response())
}
