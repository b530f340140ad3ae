//! `/figures`: how the contact centre stands now; reports, staffing and reconciliation beside it.

pub(crate) mod reconciliation;
pub(crate) mod report;
pub(crate) mod staffing;

use access::Action;
use askama::Template;
use axum::response::Response;
use calendar::{Date, Instant};
use city::{Lang, Organisation};
use contact::figures::figure::{self, Figure, duration};
use contact::figures::report::{By, Numbers};
use contact::figures::{self, live as board};

use super::contacts::{PRESENCES, named};
use super::frame::Frame;
use super::gate::Staff;
use crate::citizen::show;
use crate::errors::Failure;

/// Codes of today's sections whose figures the person sees; `None` for the whole city.
fn own_sections(staff: &Staff) -> Option<Vec<String>> {
    let own = staff.who.where_may(Action::ContactSupervise)?;
    let mut codes: Vec<String> = own.into_iter().map(|code| staff.section_today(code)).collect();
    codes.sort();
    codes.dedup();
    Some(codes)
}

/// The stored codes of sections: what they were called before as well.
fn stored_codes(organisation: &Organisation, sections: &[String], today: Date) -> Vec<String> {
    sections.iter().flat_map(|s| organisation.codes_of(s, today)).map(str::to_owned).collect()
}

/// Whose figures are shown, in words.
fn whose(frame: &Frame, own: Option<&[String]>) -> String {
    match own {
        None => "市全体".to_owned(),
        Some(sections) => sections.iter().map(|s| frame.section(s)).collect::<Vec<_>>().join("・"),
    }
}

/// Brings the facts up to date. Whoever opens a page sees what has just happened.
async fn refresh(staff: &Staff) -> Result<(), Failure> {
    figures::refresh(&staff.city.db, &staff.city.organisation()).await?;
    Ok(())
}

/// A section of the pages with its tabs.
pub(crate) const PAGES: [(&str, &str, &str); 4] = [
    ("live", "/figures", "現況"),
    ("report", "/figures/report", "集計"),
    ("staffing", "/figures/staffing", "要員計算"),
    ("reconciliation", "/figures/reconciliation", "業務システムとの突き合わせ"),
];

struct OpenRow {
    channel: String,
    section: String,
    waiting: i64,
    /// How long the first of these waits.
    longest: String,
    held: i64,
    late: i64,
}

struct TodayRow {
    label: String,
    values: Vec<String>,
}

/// What the board shows, beside its frame.
struct Shown {
    at: String,
    waiting: i64,
    longest: String,
    held: i64,
    late: i64,
    open: Vec<OpenRow>,
    there: Vec<(&'static str, i64, String)>,
    side_questions: i64,
    transfers: i64,
    transfers_late: i64,
    call_backs: i64,
    call_backs_late: i64,
    heads: Vec<&'static str>,
    today: Vec<TodayRow>,
    total: Vec<String>,
    service_seconds: i64,
}

#[derive(Template)]
#[template(path = "staff/figures/live.html")]
struct LivePart {
    s: Shown,
}

#[derive(Template)]
#[template(path = "staff/figures/board.html")]
struct BoardPage {
    frame: Frame,
    tab: &'static str,
    page: &'static str,
    whose: String,
    s: Shown,
}

/// The figures of today that the board shows.
const TODAY: [&str; 8] =
    ["contacts", "queued", "answer_rate", "service_level", "abandonment", "wait_mean", "bot_share", "handling"];

/// The figures with these codes, in this order.
fn chosen(codes: &[&str]) -> Vec<&'static Figure> {
    codes.iter().filter_map(|code| figure::figure(code)).collect()
}

fn values(figures: &[&Figure], numbers: &Numbers) -> Vec<String> {
    figures.iter().map(|f| f.shown(numbers)).collect()
}

/// How long ago something was, or a dash.
fn since(at: Option<Instant>, now: Instant) -> String {
    at.map_or_else(|| "—".to_owned(), |at| duration(now.millis_since(at).max(0) as f64 / 1_000.0))
}

async fn shown(staff: &Staff) -> Result<Shown, Failure> {
    refresh(staff).await?;
    let (organisation, now, today) = (staff.city.organisation(), staff.visit.now, staff.visit.today());
    let own = own_sections(staff);
    let mut tx = staff.city.db.read().await?;
    let accounts = match &own {
        None => None,
        Some(own) => {
            let all = access::store::account::assignments(&mut tx, None).await?;
            let here = all.into_iter().filter(|a| a.valid_from <= today && a.valid_to.is_none_or(|to| today <= to));
            Some(here.filter(|a| own.contains(&staff.section_today(&a.section))).map(|a| a.account).collect())
        }
    };
    let sections = own.as_deref().map(|own| stored_codes(&organisation, own, today));
    let found = board::board(&mut tx, &organisation, now, &board::Whose { sections, accounts }).await?;
    drop(tx);
    let figures = chosen(&TODAY);
    let label = |by: By, code: &str| by.label(code, &organisation, today);
    let open = |o: &board::Open| OpenRow {
        channel: label(By::Channel, &o.channel),
        section: label(By::Section, &o.section),
        waiting: o.waiting,
        longest: since(o.waiting_since, now),
        held: o.held,
        late: o.late,
    };
    Ok(Shown {
        at: words::time_of(Lang::Ja, now),
        waiting: found.waiting(),
        longest: since(found.waiting_since(), now),
        held: found.held(),
        late: found.late(),
        open: found.open.iter().map(open).collect(),
        there: found
            .there
            .iter()
            .map(|t| (named(PRESENCES, t.state.code()), t.count, since(Some(t.since), now)))
            .collect(),
        side_questions: found.side_questions,
        transfers: found.transfers,
        transfers_late: found.transfers_late,
        call_backs: found.call_backs,
        call_backs_late: found.call_backs_late,
        heads: figures.iter().map(|f| f.title).collect(),
        today: found
            .today
            .lines
            .iter()
            .map(|l| TodayRow { label: label(By::Channel, &l.code), values: values(&figures, &l.numbers) })
            .collect(),
        total: values(&figures, &found.today.total),
        service_seconds: found.today.limits.service_ms / 1_000,
    })
}

/// The live board.
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let whose = whose(&frame, own_sections(&staff).as_deref());
    show(&BoardPage { frame, tab: "figures", page: "live", whose, s: shown(&staff).await? })
}

/// The live board without its frame, for the script that asks for it again.
pub(crate) async fn live(staff: Staff) -> Result<Response, Failure> {
    show(&LivePart { s: shown(&staff).await? })
}
