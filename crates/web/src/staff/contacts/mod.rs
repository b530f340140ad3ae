//! `/contacts` of the staff's face: who waits, what I have, and what sections are asked.

pub(crate) mod act;
pub(crate) mod finish;
pub(crate) mod new;
pub(crate) mod one;
pub(crate) mod stream;
pub(crate) mod suggestions;
pub(crate) mod timeline;
pub(crate) mod transfer;

use std::collections::BTreeSet;

use access::Action;
use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use contact::presence::{self, Presence};
use contact::queue::{self, Filter, Listed};
use contact::staff::{Desk, hold, side_question, transfer as transfers};
use contact::{Channel, ContactError, State, call_back};
use store::Tx;

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use super::lists::{Asked, Choice, Pager, choices, names, page_number, section_options};
use crate::citizen::show;
use crate::errors::Failure;

pub(crate) use knowledge::setting::CHANNELS;

const PER_PAGE: usize = 50;
/// Contacts in each part of the queue.
const SHOWN: i64 = 30;
/// Words of a contact in a list, in characters.
const WORDS: usize = 40;
/// What stands in place of words where there are only files.
pub(crate) const ONLY_FILES: &str = "（写真・ファイル）";
/// From so many seconds before its clock ends on, a contact is marked.
const SOON_MS: i64 = 3 * 60_000;

/// What states are called.
pub(crate) const STATES: &[(&str, &str)] = &[
    ("open", "終わっていない"),
    ("bot", "自動応答中"),
    ("waiting", "待っている"),
    ("held", "応対中"),
    ("resolved", "終わった"),
    ("all", "すべて"),
];
/// What operators may be doing.
pub(crate) const PRESENCES: &[(&str, &str)] =
    &[("available", "受付可"), ("wrap_up", "後処理"), ("break", "休憩"), ("training", "研修"), ("away", "離席")];

pub(crate) fn named<'a>(list: &[(&'a str, &'a str)], code: &str) -> &'a str {
    list.iter().find(|(c, _)| *c == code).map_or("—", |(_, name)| name)
}

/// The desk at which a person of the staff sits.
pub(crate) fn desk<'a>(staff: &'a Staff, organisation: &'a city::Organisation) -> Desk<'a> {
    Desk { db: &staff.city.db, clock: staff.app.clock.as_ref(), organisation, who: &staff.who }
}

/// A contact in a list.
pub(crate) struct Row {
    pub(crate) number: String,
    pub(crate) words: String,
    pub(crate) channel: &'static str,
    pub(crate) section: String,
    pub(crate) state: &'static str,
    pub(crate) lang: &'static str,
    pub(crate) topic: &'static str,
    /// How long it waits, such as `2:41`.
    pub(crate) waits: String,
    /// The clock has run out, or will soon.
    pub(crate) late: bool,
    pub(crate) soon: bool,
    /// Messages that nobody of the staff has read.
    pub(crate) unread: i64,
    pub(crate) gone: bool,
    pub(crate) holder: String,
    pub(crate) last: String,
    pub(crate) follow_up: Option<String>,
    pub(crate) current: bool,
}

/// Milliseconds as `2:41` or `1時間05分`.
pub(crate) fn span(millis: i64) -> String {
    let seconds = (millis / 1000).max(0);
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours if hours < 48 => format!("{hours}時間{:02}分", seconds / 60 % 60),
        hours => format!("{}日", hours / 24),
    }
}

/// Words in a list, on one line.
pub(crate) fn shortened(words: &str, most: usize) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most { line } else { format!("{}…", line.chars().take(most).collect::<String>()) }
}

fn row(staff: &Staff, frame: &Frame, c: &Listed, holders: &std::collections::HashMap<String, String>) -> Row {
    let now = staff.visit.now;
    let left = c.reply_due_at.filter(|_| c.state.is_open()).map(|due| due.millis_since(now));
    Row {
        number: contact::contact::short_number(&c.number).to_owned(),
        words: match c.words.as_deref() {
            None => "（ことばなし）".into(),
            Some("") => ONLY_FILES.into(),
            Some(words) => shortened(words, WORDS),
        },
        channel: named(CHANNELS, c.channel.code()),
        section: frame.section(&c.section),
        state: named(STATES, c.state.code()),
        lang: match Lang::from_code(&c.lang) {
            Some(Lang::Easy) => "やさしい日本語",
            Some(Lang::En) => "英語",
            _ => "",
        },
        topic: c.topic.as_deref().and_then(city::topic).map_or("", |t| t.name(Lang::Ja)),
        waits: c.waiting_since.map_or_else(String::new, |since| span(now.millis_since(since))),
        late: left.is_some_and(|left| left <= 0),
        soon: left.is_some_and(|left| left > 0 && left <= SOON_MS),
        unread: (c.last_seq - c.staff_seen_seq).max(0),
        gone: c.channel == Channel::Web && c.citizen_seen_at.is_none_or(|at| now.millis_since(at) > 120_000),
        holder: c.holder.as_ref().and_then(|h| holders.get(h)).cloned().unwrap_or_default(),
        last: frame.moment(&c.updated_at),
        follow_up: c.follow_up_on.as_ref().map(|d| frame.day(d)),
        current: false,
    }
}

async fn rows(staff: &Staff, frame: &Frame, tx: &mut Tx, found: &[Listed]) -> Result<Vec<Row>, Failure> {
    let accounts: BTreeSet<String> = found.iter().filter_map(|c| c.holder.clone()).collect();
    let holders = names(tx, accounts).await?;
    Ok(found.iter().map(|c| row(staff, frame, c, &holders)).collect())
}

/// A section that is asked to take a contact, or something about one.
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) words: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) since: String,
    pub(crate) late: bool,
    /// An answer that could not be taken, and why.
    pub(crate) typed: String,
    pub(crate) error: Option<String>,
}

/// A promise to call.
pub(crate) struct Call {
    pub(crate) number: String,
    pub(crate) when: String,
    pub(crate) late: bool,
    pub(crate) now: bool,
}

/// Everything that waits for this person.
pub(crate) struct Queue {
    pub(crate) waiting: Vec<Row>,
    pub(crate) waiting_total: i64,
    pub(crate) mine: Vec<Row>,
    pub(crate) transfers: Vec<Request>,
    pub(crate) questions: Vec<Request>,
    pub(crate) calls: Vec<Call>,
    pub(crate) follow_ups: Vec<Row>,
}

impl Queue {
    /// How many wait beyond those that are shown.
    fn more_waiting(&self) -> i64 {
        self.waiting_total - i64::try_from(self.waiting.len()).unwrap_or(0)
    }

    /// Whether an answer on it could not be taken.
    fn is_wrong(&self) -> bool {
        self.questions.iter().any(|q| q.error.is_some())
    }
}

/// Stored codes of the sections in which the person reads contacts; none for all.
pub(crate) fn readable(staff: &Staff) -> Option<Vec<String>> {
    let organisation = staff.city.organisation();
    let today = staff.visit.today();
    staff.who.where_may(Action::ContactRead).map(|own| {
        let codes = own.iter().flat_map(|s| organisation.codes_of(s, today).into_iter().map(str::to_owned));
        codes.chain(own.iter().map(|s| (*s).to_owned())).collect::<BTreeSet<_>>().into_iter().collect()
    })
}

/// What waits for this person; `current` is the number of the contact that is open.
pub(crate) async fn queue_of(staff: &Staff, frame: &Frame, current: &str) -> Result<Queue, Failure> {
    let (sections, now) = (readable(staff), staff.visit.now);
    let mut tx = staff.city.db.read().await?;
    let waiting = Filter { sections: sections.clone(), states: vec!["waiting"], limit: SHOWN, ..Filter::default() };
    let (waiting, waiting_total) = queue::list(&mut tx, &waiting).await?;
    let own = Some(staff.who.account.clone());
    let mine = Filter { states: vec!["held"], holder: own, limit: SHOWN, ..Filter::default() };
    let (mine, _) = queue::list(&mut tx, &mine).await?;
    let later = Filter {
        sections: sections.clone(),
        follow_up_until: Some(staff.visit.today()),
        limit: SHOWN,
        ..Filter::default()
    };
    let (later, _) = queue::list(&mut tx, &later).await?;
    let asked = transfers::open_for(&mut tx, sections.as_deref()).await?;
    let side = side_question::open_for(&mut tx, sections.as_deref()).await?;
    let due = call_back::open(&mut tx, calendar::Instant::from_millis(now.millis() + 86_400_000)).await?;
    let mut queue = Queue {
        waiting: rows(staff, frame, &mut tx, &waiting).await?,
        waiting_total,
        mine: rows(staff, frame, &mut tx, &mine).await?,
        follow_ups: rows(staff, frame, &mut tx, &later).await?,
        transfers: Vec::new(),
        questions: Vec::new(),
        calls: Vec::new(),
    };
    for t in asked {
        let Some(c) = contact::contact::get(&mut tx, &t.contact).await? else { continue };
        queue.transfers.push(Request {
            id: t.id,
            number: contact::contact::short_number(&c.number).to_owned(),
            words: t.summary,
            from: frame.section(&t.from_section),
            to: frame.section(&t.to_section),
            since: span(now.millis_since(t.offered_at)),
            late: t.due_at.is_some_and(|due| due <= now),
            typed: String::new(),
            error: None,
        });
    }
    for q in side {
        let Some(c) = contact::contact::get(&mut tx, &q.contact).await? else { continue };
        queue.questions.push(Request {
            id: q.id,
            number: contact::contact::short_number(&c.number).to_owned(),
            words: q.body,
            from: frame.section(&c.section),
            to: frame.section(&q.section),
            since: span(now.millis_since(q.asked_at)),
            late: false,
            typed: String::new(),
            error: None,
        });
    }
    for c in due {
        let Some(of) = contact::contact::get(&mut tx, &c.contact).await? else { continue };
        if !staff.who.may_in(Action::ContactRead, &staff.section_today(&of.section)) {
            continue;
        }
        queue.calls.push(Call {
            number: contact::contact::short_number(&of.number).to_owned(),
            when: format!("{}–{}", frame.moment(&c.window_from), words::time_of(Lang::Ja, c.window_to)),
            late: c.window_to <= now,
            now: c.window_from <= now,
        });
    }
    for list in [&mut queue.waiting, &mut queue.mine, &mut queue.follow_ups] {
        for row in list {
            row.current = row.number == current;
        }
    }
    Ok(queue)
}

/// What the person is doing.
pub(crate) async fn presence_of(staff: &Staff) -> Result<Vec<Choice>, Failure> {
    let mut tx = staff.city.db.read().await?;
    let state = presence::get(&mut tx, &staff.who.account).await?.map_or(Presence::Away, |o| o.state);
    Ok(choices(PRESENCES, state.code()))
}

#[derive(Template)]
#[template(path = "staff/contacts/list.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    queue: Queue,
    presence: Vec<Choice>,
    may_answer: bool,
    rows: Vec<Row>,
    states: Vec<Choice>,
    channels: Vec<Choice>,
    sections: askama::filters::Safe<String>,
    topics: Vec<Choice>,
    filtered: bool,
    pager: Pager,
    /// Why something was not done, where no form on the page has a place for it.
    error: Option<String>,
    /// An answer to a section's question that could not be sent and has no form any more.
    unsent: Option<String>,
}

/// Something that was not done, with what was typed.
#[derive(Default)]
pub(crate) struct Undone {
    /// The sentence.
    pub(crate) reason: String,
    /// Id of the question of a section that was answered; empty for anything else.
    pub(crate) side: String,
    /// The answer.
    pub(crate) typed: String,
}

/// All topics, to choose from.
pub(crate) fn topics(chosen: &str) -> Vec<Choice> {
    let topic = |t: &'static city::Topic| Choice { value: t.code, label: t.name(Lang::Ja), chosen: t.code == chosen };
    city::TOPICS.iter().map(topic).collect()
}

fn filter(staff: &Staff, asked: &Fields) -> Filter {
    let states: Vec<&'static str> = match asked.get("state") {
        "all" => Vec::new(),
        "" | "open" => vec!["bot", "waiting", "held"],
        one => State::from_code(one).map(State::code).into_iter().collect(),
    };
    let own = readable(staff);
    let wanted = asked.optional("section").filter(|w| own.as_ref().is_none_or(|own| own.iter().any(|o| o == w)));
    Filter {
        sections: wanted.map(|w| vec![w.to_owned()]).or(own),
        states,
        channel: asked.optional("channel").and_then(Channel::from_code).map(|c| c.code().to_owned()),
        topic: asked.optional("topic").and_then(city::topic).map(|t| t.code.to_owned()),
        newest_first: true,
        offset: ((page_number(asked) - 1) * PER_PAGE) as i64,
        limit: PER_PAGE as i64,
        ..Filter::default()
    }
}

/// The desk: what waits, and all contacts.
pub(crate) async fn get(staff: Staff, Query(asked): Asked) -> Result<Response, Failure> {
    list_page(&staff, &Fields::from_pairs(asked), None).await
}

/// The desk once more after something was refused: what was typed stands where it was.
pub(crate) async fn undone(staff: &Staff, undone: Undone) -> Result<Response, Failure> {
    let mut response = list_page(staff, &Fields::from_pairs(Vec::new()), Some(undone)).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

async fn list_page(staff: &Staff, asked: &Fields, undone: Option<Undone>) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let mut queue = queue_of(staff, &frame, "").await?;
    let (mut error, mut unsent) = (None, None);
    if let Some(Undone { reason, side, typed }) = undone {
        match queue.questions.iter_mut().find(|q| q.id == side) {
            Some(question) => (question.typed, question.error) = (typed, Some(reason)),
            None => (error, unsent) = (Some(reason), Some(typed).filter(|t| !t.trim().is_empty())),
        }
    }
    let mut tx = staff.city.db.read().await?;
    let (found, total) = queue::list(&mut tx, &filter(staff, asked)).await?;
    let rows = rows(staff, &frame, &mut tx, &found).await?;
    drop(tx);
    let total = usize::try_from(total).unwrap_or(0);
    let kept = ["state", "channel", "section", "topic"];
    show(&ListPage {
        tab: "contacts",
        queue,
        presence: presence_of(staff).await?,
        may_answer: staff.who.may(Action::ContactAnswer),
        rows,
        states: choices(STATES, asked.optional("state").unwrap_or("open")),
        channels: choices(CHANNELS, asked.get("channel")),
        sections: section_options(staff, |s| staff.who.may_in(Action::ContactRead, s), asked.get("section")),
        topics: topics(asked.get("topic")),
        filtered: kept.iter().any(|f| asked.has(f)),
        pager: Pager::new("/contacts", asked, &kept, total, PER_PAGE),
        error,
        unsent,
        frame,
    })
}

/// Takes the contact that waits longest.
pub(crate) async fn post_next(StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let found = match hold::pick_up_next(desk(&staff, &organisation), (staff.app.entropy)().as_mut()).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Redirect::to("/contacts?done=nobody-waits").into_response()),
        Err(ContactError::Rule(reason)) => return undone(&staff, Undone { reason, ..Undone::default() }).await,
        Err(other) => return Err(other.into()),
    };
    let mut tx = staff.city.db.read().await?;
    let contact = contact::contact::get(&mut tx, &found.contact).await?.ok_or_else(Failure::not_found)?;
    drop(tx);
    Ok(act::done(&staff, &contact, act::taken(&found)))
}

/// Says what the person is doing.
pub(crate) async fn post_presence(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let state = Presence::from_code(fields.get("state"))
        .ok_or_else(|| Failure::refused("いまの状態を一覧から選んでください。".into()))?;
    let (db, clock) = (&staff.city.db, staff.app.clock.as_ref());
    presence::set(db, clock, (staff.app.entropy)().as_mut(), &staff.who.account, state).await?;
    Ok(Redirect::to("/contacts").into_response())
}
