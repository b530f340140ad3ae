//! `/sealed/effect`: what helping does, over the cases that whoever looks reads.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use calendar::{Date, Instant, fiscal_year, fiscal_year_bounds};
use casework::CaseFile;
use casework::case::{Why, gather};
use casework::effect::{self, Cut, Effect, Group, Share, Spread};
use casework::member::DeskRole;

use super::Desk;
use super::bar::Bar;
use super::shared::DESK;
use super::words::{CHANNELS, SPEAKERS, name_of};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::lists::{self, Asked};

/// With fewer cases than this the page says that figures name people.
const FEW: usize = 10;

/// By what groups are made: code and name.
const CUTS: [(&str, &str); 4] =
    [("month", "受けた月"), ("channel", "受けた方法"), ("speaker", "話した人"), ("school", "学校")];

/// A class of times.
struct Class {
    label: String,
    count: usize,
    /// Of the largest class, in per cent, for the bar.
    bar: usize,
}

/// How times are spread.
struct Times {
    title: &'static str,
    what: &'static str,
    classes: Vec<Class>,
    median: Option<String>,
    not_yet: usize,
}

struct Row {
    label: String,
    cases: usize,
    first_action: String,
    stop: String,
    in_a_month: String,
    recurred: String,
}

#[derive(Template)]
#[template(path = "staff/sealed/effect.html")]
struct EffectPage {
    frame: Frame,
    bar: Bar,
    form: Form,
    bys: Vec<lists::Choice>,
    /// None where the period is wrong or without a case.
    effect: Option<Effect>,
    times: Vec<Times>,
    head: &'static str,
    rows: Vec<Row>,
    is_few: bool,
}

/// Only consultants of the desk; for all others the page is not there.
pub(super) fn consultant(desk: &Desk) -> Result<(), Failure> {
    if desk.staff.is_at(DESK, DeskRole::Consultant) { Ok(()) } else { Err(Failure::not_found()) }
}

/// `3 / 4（75%）`
fn share(share: Share) -> String {
    match share.of {
        0 => "—".into(),
        of => format!("{} / {of}（{}%）", share.part, share.part * 100 / of),
    }
}

fn times(title: &'static str, what: &'static str, unit: &str, spread: &Spread) -> Times {
    let most = spread.classes.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let mut from = 0;
    let classes = spread.classes.iter().map(|(end, count)| {
        let label = match end {
            Some(end) if from == 0 => format!("{end}{unit}まで"),
            Some(end) => format!("{from}〜{end}{unit}"),
            None => format!("{from}{unit}より後"),
        };
        from = end.unwrap_or(from);
        Class { label, count: *count, bar: count * 100 / most }
    });
    let classes = classes.collect();
    Times { title, what, classes, median: spread.median.map(|n| format!("{n}{unit}")), not_yet: spread.not_yet }
}

fn label(group: &Group) -> String {
    match group {
        Group::Month(year, month) => format!("{year}年{month}月"),
        Group::Channel(channel) => name_of(&CHANNELS, *channel).into(),
        Group::Speaker(speaker) => name_of(&SPEAKERS, *speaker).into(),
        Group::School(school) if school.is_empty() => "（学校の名前なし）".into(),
        Group::School(school) => school.clone(),
    }
}

fn row((group, effect): &(Group, Effect)) -> Row {
    let median = |spread: &Spread, unit: &str| spread.median.map_or_else(|| "—".into(), |n| format!("{n}{unit}"));
    Row {
        label: label(group),
        cases: effect.cases,
        first_action: median(&effect.first_action, "時間"),
        stop: median(&effect.stop, "日"),
        in_a_month: share(effect.stopped_in_a_month),
        recurred: share(effect.recurred),
    }
}

/// The days of the form: of the fiscal year up to today, where nothing was chosen.
fn period(form: &mut Form, asked: &Fields, today: Date) -> Option<(Date, Date)> {
    let (first, _) = fiscal_year_bounds(fiscal_year(today));
    let mut day = |name: &'static str, otherwise: Date| match asked.date(name) {
        Ok(day) => Some(day.unwrap_or(otherwise)),
        Err(sentence) => {
            form.wrong(name, sentence);
            None
        }
    };
    let (from, to) = (day("from", first), day("to", today));
    let (from, to) = (from?, to?);
    if from > to {
        form.wrong("from", "はじめの日が、終わりの日より後です。");
        return None;
    }
    Some((from, to))
}

/// Those that came in within a period.
fn within(files: impl Iterator<Item = CaseFile>, (from, to): (Date, Date)) -> Vec<CaseFile> {
    files.filter(|file| (from..=to).contains(&file.opened_at.jst_date())).collect()
}

fn tables(files: &[CaseFile], cut: Cut, now: Instant) -> (Effect, Vec<Times>, Vec<Row>) {
    let all = effect::of(files, now);
    let spreads = vec![
        times("はじめの対応まで", "受けてから、最初に動くまでの時間", "時間", &all.first_action),
        times("行為が止まるまで", "受けた日から、行為が止まった日まで", "日", &all.stop),
    ];
    let rows = effect::by(files, cut, now).iter().map(row).collect();
    (all, spreads, rows)
}

/// `/sealed/effect?from=…&to=…&by=…`
pub(crate) async fn get(desk: Desk, Query(pairs): Asked) -> Result<Response, Failure> {
    consultant(&desk)?;
    let (asked, frame) = (Fields::from_pairs(pairs), desk.staff.frame("sealed"));
    let mut form = Form::new("effect");
    let days = period(&mut form, &asked, frame.today);
    let shown = |name: &str, day: Option<Date>| day.map_or_else(|| asked.get(name).to_owned(), |day| day.to_string());
    form = form.with("from", shown("from", days.map(|d| d.0))).with("to", shown("to", days.map(|d| d.1)));
    let (by, cut) = match asked.get("by") {
        "channel" => ("channel", Cut::Channel),
        "speaker" => ("speaker", Cut::Speaker),
        "school" => ("school", Cut::School),
        _ => ("month", Cut::Month),
    };
    let files = match days {
        Some(days) => {
            let views = gather(desk.house(), &desk.who, DESK, Why::Effect).await?;
            within(views.into_iter().map(|view| view.file), days)
        }
        None => Vec::new(),
    };
    let (effect, times, rows) = tables(&files, cut, desk.staff.visit.now);
    let page = EffectPage {
        bar: Bar::at(&desk, "effect"),
        bys: lists::choices(&CUTS, by),
        is_few: effect.cases < FEW,
        effect: (effect.cases > 0).then_some(effect),
        times,
        head: CUTS.iter().find(|(code, _)| *code == by).map_or("", |(_, name)| name),
        rows,
        form,
        frame,
    };
    if days.is_none() { show_wrong(&page) } else { Ok(show(&page)?.into_response()) }
}
