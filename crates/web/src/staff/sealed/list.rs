//! `/sealed`: the cases that somebody reads, the most pressing ones first.
//!
//! Words that somebody looks for, and schools, stand in no address: a form with them is answered where it was sent.

use askama::Template;
use axum::extract::Query;
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::{Date, Instant};
use casework::Kind;
use casework::case::{self, Listed};
use casework::file::Step;
use casework::member::DeskRole;

use super::bar::Bar;
use super::clocks::{self, Tag};
use super::shared::works_at;
use super::words::{CHANNELS, SPEAKERS, STEPS, channels, choices, code_of, name_of, step_tone};
use super::{At, Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form};
use crate::staff::frame::Frame;
use crate::staff::gate::{Staff, encode};
use crate::staff::lists::Asked;
use crate::staff::shown::Names;

/// Cases on a page.
const PER_PAGE: usize = 50;

/// Parts of the list: code and name.
const TABS: [(&str, &str); 8] = [
    ("open", "すべて"),
    ("signs", "危険のしるし"),
    ("overdue", "期限すぎ"),
    ("soon", "まもなく期限"),
    ("news", "新しいことば"),
    ("mine", "わたしの担当"),
    ("unassigned", "担当なし"),
    ("closed", "終結"),
];

struct TabRow {
    code: &'static str,
    name: &'static str,
    count: usize,
    url: String,
}

struct Row {
    id: String,
    number: String,
    begins: String,
    about: String,
    came: String,
    step: &'static str,
    step_tone: &'static str,
    signs: usize,
    is_serious: bool,
    has_news: bool,
    accountable: String,
    /// `代理 12月5日（土）まで`, where whoever answers does so in the place of another.
    deputy: Option<String>,
    tags: Vec<Tag>,
    /// Whether its summary cannot be opened.
    is_shut: bool,
}

#[derive(Template)]
#[template(path = "staff/sealed/list.html")]
struct ListPage {
    frame: Frame,
    bar: Bar,
    tabs: Vec<TabRow>,
    tab: String,
    rows: Vec<Row>,
    total: usize,
    /// Cases that this person reads, whatever is filtered.
    all: usize,
    page: usize,
    pages: usize,
    filter: Form,
    steps: Choices,
    channels: Choices,
    /// Whether something is looked for besides the part of the list.
    is_filtered: bool,
    may_write: bool,
    /// Code of the desk, and what it is called.
    desk: String,
    heading: String,
    is_sealed: bool,
    /// Whether addresses name the desk.
    is_named: bool,
}

/// A case with what its place in the list follows from.
pub(super) struct Seen<'a> {
    pub(super) listed: &'a Listed,
    pub(super) tags: Vec<Tag>,
    /// The smaller, the more pressing.
    pub(super) rank: (u8, i64),
}

/// Where a case stands in a list.
pub(super) fn seen<'a>(kind: &Kind, listed: &'a Listed, now: Instant) -> Seen<'a> {
    let Some(summary) = &listed.summary else {
        return Seen { listed, tags: Vec::new(), rank: (6, 0) };
    };
    if !listed.clear.is_open {
        return Seen { listed, tags: Vec::new(), rank: (7, -summary.opened_at.millis()) };
    }
    let tags = clocks::of_summary(kind, summary, now);
    let left = tags.first().and_then(|tag| tag.left).unwrap_or(i64::MAX);
    let rank = match tags.first().map(|tag| tag.tone) {
        _ if summary.open_signs > 0 => 0,
        Some("bad") => 1,
        Some("warn") => 2,
        _ if listed.clear.has_news => 3,
        _ => 4,
    };
    Seen { listed, tags, rank: (rank, left) }
}

impl Seen<'_> {
    fn has_tone(&self, tone: &str) -> bool {
        self.tags.iter().any(|tag| tag.tone == tone)
    }

    /// Whether it stands in a part of the list.
    fn is_in(&self, tab: &str, account: &str) -> bool {
        let clear = &self.listed.clear;
        if tab == "closed" {
            return !clear.is_open;
        }
        clear.is_open
            && match tab {
                "signs" => self.listed.summary.as_ref().is_some_and(|summary| summary.open_signs > 0),
                "overdue" => self.has_tone("bad"),
                "soon" => self.has_tone("warn"),
                "news" => clear.has_news,
                "mine" => clear.accountable.as_deref() == Some(account),
                "unassigned" => clear.accountable.is_none(),
                _ => true,
            }
    }

    /// Whether it is what somebody looks for.
    fn fits(&self, asked: &Fields) -> bool {
        let Some(summary) = &self.listed.summary else {
            return ["q", "school", "step", "channel"].iter().all(|name| !asked.has(name));
        };
        let words = asked.get("q").to_lowercase();
        let text = || format!("{} {} {}", summary.number, summary.school, summary.begins).to_lowercase();
        let is_step = |code: &str| code_of(&STEPS, summary.step) == code;
        let is_channel = |code: &str| code_of(&CHANNELS, summary.channel) == code;
        (words.is_empty() || words.split_whitespace().all(|word| text().contains(word)))
            && asked.optional("school").is_none_or(|school| summary.school.contains(school))
            && asked.optional("step").is_none_or(is_step)
            && asked.optional("channel").is_none_or(is_channel)
    }
}

/// Until when somebody answers in the place of another; nothing once that is over.
pub(super) fn deputy(frame: &Frame, until: Option<Date>) -> Option<String> {
    until.filter(|last| *last >= frame.today).map(|last| format!("代理 {}まで", frame.day(&last)))
}

fn row(frame: &Frame, names: &Names, seen: &Seen<'_>) -> Row {
    let clear = &seen.listed.clear;
    // Where nobody answers for it yet, the page says 「担当なし」.
    let accountable = clear.accountable.as_deref().map(|account| names.of(account)).unwrap_or_default();
    let summary = seen.listed.summary.as_ref();
    let step = summary.map_or(Step::Closed, |summary| summary.step);
    let about = |s: &casework::file::Summary| {
        let parts = [name_of(&CHANNELS, s.channel), name_of(&SPEAKERS, s.speaker), s.school.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("・")
    };
    Row {
        id: clear.id.clone(),
        number: summary.map(|s| s.number.clone()).unwrap_or_default(),
        begins: summary.map(|s| s.begins.clone()).unwrap_or_default(),
        about: summary.map(about).unwrap_or_default(),
        came: summary.map(|s| frame.moment(&s.opened_at)).unwrap_or_default(),
        step: name_of(&STEPS, step),
        step_tone: step_tone(step),
        signs: summary.map_or(0, |s| s.open_signs),
        is_serious: summary.is_some_and(|s| s.is_serious),
        has_news: clear.has_news,
        accountable,
        deputy: deputy(frame, summary.and_then(|s| s.deputy_until)),
        tags: seen.tags.clone(),
        is_shut: summary.is_none(),
    }
}

/// The steps of open cases.
fn open_steps(kind: &Kind) -> Vec<(&'static str, Step, &'static str)> {
    let has = |step: Step| step != Step::Closed && kind.course.steps().contains(&step);
    STEPS.into_iter().filter(|(_, step, _)| has(*step)).collect()
}

/// The address of a part of the list, with what may stand in an address.
fn address(tab: &str, asked: &Fields) -> String {
    let mut address = format!("/sealed?tab={tab}");
    for name in ["desk", "step", "channel"] {
        if asked.has(name) {
            address.push_str(&format!("&{name}={}", encode(asked.get(name))));
        }
    }
    address
}

fn tab_of(asked: &Fields) -> &'static str {
    TABS.iter().map(|(code, _)| *code).find(|code| *code == asked.get("tab")).unwrap_or("open")
}

async fn list_page(desk: &Desk, asked: &Fields) -> Result<Response, Failure> {
    if !works_at(&desk.staff, &desk.kind.desk) {
        return Err(Failure::not_found());
    }
    let all = case::list(desk.house(), &desk.who, &desk.kind.desk).await?;
    let (now, account) = (desk.staff.visit.now, desk.who.account.as_str());
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let cases: Vec<Seen<'_>> = all.iter().map(|listed| seen(&desk.kind, listed, now)).collect();
    let fitting: Vec<Seen<'_>> = cases.into_iter().filter(|case| case.fits(asked)).collect();
    let tab = tab_of(asked);
    let tabs = TABS.into_iter().map(|(code, name)| TabRow {
        code,
        name,
        count: fitting.iter().filter(|case| case.is_in(code, account)).count(),
        url: address(code, asked),
    });
    let tabs: Vec<TabRow> = tabs.collect();
    let mut found: Vec<&Seen<'_>> = fitting.iter().filter(|case| case.is_in(tab, account)).collect();
    found.sort_by_key(|case| case.rank);
    let (total, pages) = (found.len(), found.len().div_ceil(PER_PAGE).max(1));
    let page = asked.get("page").parse().unwrap_or(1).clamp(1, pages);
    let rows = found.into_iter().skip((page - 1) * PER_PAGE).take(PER_PAGE);
    show(&ListPage {
        rows: rows.map(|case| row(&frame, &names, case)).collect(),
        tabs,
        tab: tab.to_owned(),
        total,
        all: all.len(),
        page,
        pages,
        filter: Form::sent("filter", asked),
        steps: choices(&open_steps(&desk.kind), "すべての段階"),
        desk: desk.kind.desk.clone(),
        heading: desk.kind.name.clone(),
        is_sealed: desk.kind.is_sealed(),
        is_named: desk.kind.is_named(),
        channels: choices(channels(desk.kind.course), "すべての受付手段"),
        is_filtered: ["q", "school", "step", "channel"].iter().any(|name| asked.has(name)),
        may_write: desk.staff.is_at(&desk.kind.desk, DeskRole::Consultant),
        bar: Bar::at(desk, "cases"),
        frame,
    })
}

/// Where somebody begins who reads no case of the desk that was asked for: with the cases that they read, else with what
/// they may see besides.
fn first_page(at: &At) -> Option<String> {
    let kinds = at.house().kinds.all();
    let lists = kinds.iter().filter(|kind| reads(&at.staff, kind)).map(|kind| kind.list_page());
    let bars = std::iter::once(Bar::new(&at.staff, "", false))
        .chain(kinds.iter().filter(|kind| kind.is_named()).map(|kind| Bar::named(&at.staff, "", kind)));
    lists.chain(bars.flat_map(|bar| bar.tabs).filter(|tab| tab.key != "cases").map(|tab| tab.url)).next()
}

/// Whether somebody may read cases of a kind.
fn reads(staff: &Staff, kind: &Kind) -> bool {
    [DeskRole::Consultant, DeskRole::Officer].into_iter().any(|role| staff.is_at(&kind.desk, role))
}

/// `/sealed`; whoever reads no case there is led to what they may see.
pub(crate) async fn get(
    at: At,
    desk: Result<Desk, Response>,
    uri: Uri,
    Query(pairs): Asked,
) -> Result<Response, Failure> {
    if !reads(&at.staff, &at.kind(&uri).await?) {
        let first = first_page(&at).ok_or_else(Failure::not_found)?;
        return Ok(Redirect::to(&first).into_response());
    }
    match desk {
        Ok(desk) => list_page(&desk, &Fields::from_pairs(pairs)).await,
        Err(locked) => Ok(locked),
    }
}

/// `POST /sealed`: what somebody looks for.
pub(crate) async fn post(DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    if fields.has("q") || fields.has("school") {
        return list_page(&desk, &fields).await;
    }
    let mut address = address(tab_of(&fields), &fields);
    if fields.has("page") {
        address.push_str(&format!("&page={}", encode(fields.get("page"))));
    }
    Ok(Redirect::to(&address).into_response())
}
