//! `/messages`: what was sent and how it ended. Neither addresses nor names stand here.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use people::message::{self, Entry, Filter, Page, Resolution, State, Tried};

use super::articles::lang_name;
use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

/// Rows of a page.
const ROWS: usize = 50;

/// What templates are called; one that is not here is shown by its code.
const TEMPLATES: &[(&str, &str)] = &[
    ("question.received", "質問を受け取ったお知らせ"),
    ("question.answered", "質問への回答のお知らせ"),
    ("staff.review_due", "見直しの時期のお知らせ"),
    ("staff.article_expired", "掲載終了のお知らせ"),
    ("staff.inquiry", "照会のお知らせ"),
    ("staff.inquiry_reminder", "照会の期限のお知らせ"),
    ("staff.sealed_due", "相談の窓口の期限のお知らせ"),
    ("staff.sealed_late", "相談の窓口の期限切れのお知らせ"),
    ("staff.draft_submitted", "承認待ちのお知らせ"),
    ("staff.draft_returned", "差し戻しのお知らせ"),
    ("account.invitation", "アカウントへの招待"),
    ("account.changed", "アカウントの変更のお知らせ"),
];

/// What is sent, in words.
pub(super) fn template_name(template: &str) -> &str {
    TEMPLATES.iter().find(|(code, _)| *code == template).map_or(template, |(_, name)| name)
}

/// Channel and language, in words.
fn way(channel: &str, lang: &str) -> String {
    let channel = if channel == "mail" { "メール" } else { channel };
    let lang = match city::Lang::from_code(lang) {
        Some(lang) => lang_name(lang),
        None => lang,
    };
    format!("{channel}・{lang}")
}

/// What a server's reply says (RFC 5321, 4.2.1), with its code.
fn reply(code: &str) -> String {
    match code.chars().next() {
        Some('2') => format!("受け付けられました（{code}）"),
        Some('4') => format!("あとで送るように言われました（{code}）"),
        Some('5') => format!("断られました（{code}）"),
        _ => code.to_owned(),
    }
}

struct Tab {
    code: &'static str,
    name: &'static str,
    messages: i64,
}

#[derive(Template)]
#[template(path = "staff/messages.html")]
struct MessagesPage {
    frame: Frame,
    tabs: Vec<Tab>,
    state: String,
    entries: Vec<Entry>,
    next: Option<String>,
}

pub(crate) async fn get(staff: Staff, Query(query): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    let fields = Fields::from_pairs(query);
    let state = State::from_code(fields.get("state"));
    let mut tx = staff.city.db.read().await?;
    let counts = message::counts(&mut tx).await?;
    let tabs = State::ALL.iter().map(|state| Tab {
        code: state.code(),
        name: state.name(),
        messages: counts.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n),
    });
    let page = Page { before: fields.optional("before"), limit: ROWS as i64 + 1 };
    let mut entries = message::list(&mut tx, Filter { state, ..Filter::default() }, page).await?;
    let next = (entries.len() > ROWS).then(|| entries[ROWS - 1].id.clone());
    entries.truncate(ROWS);
    show(&MessagesPage {
        tabs: tabs.collect(),
        state: state.map_or("", State::code).to_owned(),
        entries,
        next,
        frame: staff.frame("admin"),
    })
}

impl MessagesPage {
    fn title(&self, entry: &Entry) -> String {
        template_name(&entry.template).to_owned()
    }

    fn way(&self, entry: &Entry) -> String {
        way(&entry.channel, &entry.lang)
    }

    fn reply(&self, code: &str) -> String {
        reply(code)
    }
}

#[derive(Template)]
#[template(path = "staff/message.html")]
struct MessagePage {
    frame: Frame,
    entry: Entry,
    attempts: Vec<Tried>,
}

impl MessagePage {
    fn title(&self) -> &str {
        template_name(&self.entry.template)
    }

    fn way(&self) -> String {
        way(&self.entry.channel, &self.entry.lang)
    }

    fn outcome(&self, tried: &Tried) -> &'static str {
        match tried.outcome.as_deref() {
            Some("accepted") => "受け取られた",
            Some("refused") => "断られた",
            Some("deferred") => "あとでもう一度",
            Some("unknown") => "分からない",
            _ => "送っている",
        }
    }
}

pub(crate) async fn one(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let entry = message::get(&mut tx, &id).await?;
    let attempts = message::attempts(&mut tx, &id).await?;
    show(&MessagePage { entry, attempts, frame: staff.frame("admin") })
}

/// Sends a message in doubt again.
pub(crate) async fn resend(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    resolve(staff, &id, Resolution::Resend, "resent").await
}

/// Lets a message in doubt count as sent.
pub(crate) async fn count_as_sent(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    resolve(staff, &id, Resolution::CountAsSent, "counted-as-sent").await
}

async fn resolve(staff: Staff, id: &str, resolution: Resolution, done: &str) -> Result<Response, Failure> {
    let (clock, mut entropy) = (staff.app.clock.as_ref(), (staff.app.entropy)());
    let mut tx = staff.city.db.write().await?;
    message::resolve(&mut tx, clock, entropy.as_mut(), &staff.who.actor(), id, resolution).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/messages/{id}?done={done}")).into_response())
}

/// Stops a waiting message.
pub(crate) async fn cancel(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    message::cancel(&mut tx, staff.app.clock.as_ref(), &staff.who.actor(), &id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/messages/{id}?done=cancelled")).into_response())
}
