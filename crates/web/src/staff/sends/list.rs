//! `/sends`: the list, by what is to be done.

use access::Action;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use outreach::sending::{self as sends, Sending, State};
use outreach::{ledger, planning};
use store::Tx;

use super::{address, count, is_own, may, need_any, sees, state_name, waits};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::answers::who;
use crate::staff::fields::Fields;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::{Asked, Pager, page_number};
use crate::staff::shown::Names;

/// Sends of a page.
const ROWS: usize = 20;
/// The newest sends that the list holds: those of several years.
const MOST: i64 = 2_000;

struct Tab {
    code: &'static str,
    label: &'static str,
    count: usize,
    current: bool,
}

struct Row {
    url: String,
    sending: Sending,
    state: &'static str,
    tone: &'static str,
    /// Whether this person can approve it now.
    is_for_me: bool,
    topic: &'static str,
    recipients: String,
    /// How many have it, in hundredths, while it is sent or when it was.
    progress: Option<(i64, String)>,
    section: String,
    who: String,
    at: String,
}

#[derive(Template)]
#[template(path = "staff/sends/list.html")]
struct ListPage {
    frame: Frame,
    tabs: Vec<Tab>,
    tab: &'static str,
    rows: Vec<Row>,
    pager: Pager,
    has_line: bool,
    is_empty: bool,
}

const TABS: [(&str, &str); 4] =
    [("waiting", "承認を待つ"), ("running", "送信前・送信中"), ("drafts", "下書き"), ("done", "終わったもの")];

fn tab_of(sending: &Sending) -> &'static str {
    match sending.state {
        State::Draft => "drafts",
        State::Planned if waits(sending) => "waiting",
        State::Planned => "drafts",
        State::Approved | State::Running | State::Paused => "running",
        State::Stopped | State::Done => "done",
    }
}

/// The sends that a person may see, newest first.
async fn visible(tx: &mut Tx, staff: &Staff) -> Result<Vec<Sending>, Failure> {
    let all = sends::list(tx, MOST).await?;
    Ok(all.into_iter().filter(|s| sees(staff, s)).collect())
}

/// What waits for the approval of a person.
pub(crate) async fn for_approval(tx: &mut Tx, staff: &Staff) -> Result<Vec<Sending>, Failure> {
    let all = visible(tx, staff).await?;
    Ok(all.into_iter().filter(|s| is_for(staff, s)).collect())
}

fn is_for(staff: &Staff, sending: &Sending) -> bool {
    waits(sending) && !is_own(staff, sending) && may(staff, Action::SendApprove, sending)
}

async fn row(tx: &mut Tx, staff: &Staff, frame: &Frame, names: &Names, sending: Sending) -> Result<Row, Failure> {
    let plan = planning::of(tx, &sending.id).await?.filter(|_| sending.state != State::Draft);
    let begun = !matches!(sending.state, State::Draft | State::Planned | State::Approved);
    let progress = if begun {
        let figures = ledger::figures(tx, &sending.id).await?;
        let (has, all) = (figures.handed_over(), figures.all());
        Some((if all > 0 { has * 100 / all } else { 0 }, format!("{} / {}人", count(has), count(all))))
    } else {
        None
    };
    let (state, tone) = state_name(&sending);
    Ok(Row {
        url: address(&sending),
        state,
        tone,
        is_for_me: is_for(staff, &sending),
        topic: city::topic(&sending.topic).map_or("—", |t| t.name(city::Lang::Ja)),
        recipients: plan.map_or_else(|| "計画の後に分かります".into(), |p| format!("{}人", count(p.recipients))),
        progress,
        section: frame.section(&sending.section),
        who: who(names, &sending.edited_by),
        at: frame.moment(&sending.updated_at),
        sending,
    })
}

/// `/sends`
pub(crate) async fn get(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    need_any(&staff)?;
    let asked = Fields::from_pairs(pairs);
    let frame = staff.frame("sends");
    let mut tx = staff.city.db.read().await?;
    let (all, names) = (visible(&mut tx, &staff).await?, Names::load(&mut tx).await?);
    let of = |code: &str| all.iter().filter(|s| tab_of(s) == code).count();
    // Without a wish: what waits, else what is sent just now, else what is written.
    let first = TABS.iter().map(|(code, _)| *code).find(|code| of(code) > 0).unwrap_or("drafts");
    let tab = TABS.iter().map(|(code, _)| *code).find(|code| *code == asked.get("tab")).unwrap_or(first);
    let tabs = TABS.iter().map(|(code, label)| Tab { code, label, count: of(code), current: *code == tab }).collect();
    let shown: Vec<Sending> = all.iter().filter(|s| tab_of(s) == tab).cloned().collect();
    let pager = Pager::new("/sends", &asked, &["tab"], shown.len(), ROWS);
    let mut rows = Vec::new();
    for sending in shown.into_iter().skip((page_number(&asked) - 1) * ROWS).take(ROWS) {
        rows.push(row(&mut tx, &staff, &frame, &names, sending).await?);
    }
    drop(tx);
    let (is_empty, has_line) = (all.is_empty(), staff.city.line.is_some());
    show(&ListPage { frame, tabs, tab, rows, pager, has_line, is_empty })
}
