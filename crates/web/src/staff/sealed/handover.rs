//! `/sealed/hand-overs/new`: many cases of one consultant go to another (まとめて引き継ぐ), for good or for a vacation.
//!
//! Which cases, and why one could not go over, stands in no address: a form of which not everything was done is answered
//! in place.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use calendar::Date;
use casework::case::{self, Listed};
use casework::file::Step;
use casework::handover::{self, HandOver, HandedOver};
use casework::member::DeskRole;
use casework::{CaseError, overview};

use super::act::consultants;
use super::bar::Bar;
use super::clocks::Tag;
use super::forms::AGAIN;
use super::list::seen;
use super::shared::{choose, done_at, onto};
use super::words::{STEPS, name_of, step_tone};
use super::{Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, Refused, needed_day, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::lists::Asked;
use crate::staff::shown::Names;

/// How long somebody else answers: for good.
const ALWAYS: &str = "always";
/// For the time of a vacation, until a day.
const VACATION: &str = "vacation";

struct Row {
    id: String,
    number: String,
    school: String,
    step: &'static str,
    step_tone: &'static str,
    signs: usize,
    /// The clock that runs out next.
    next: Option<Tag>,
    is_ticked: bool,
    /// Whether its summary cannot be opened.
    is_shut: bool,
}

/// What became of a hand-over of which not everything was done.
struct Outcome {
    done: usize,
    to: String,
    /// Id, number and reason.
    left: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "staff/sealed/hand_over.html")]
struct HandOverPage {
    frame: Frame,
    bar: Bar,
    /// Whose cases: account and name with how many.
    owners: Choices,
    from: String,
    from_name: String,
    is_own: bool,
    takers: Choices,
    rows: Vec<Row>,
    form: Form,
    outcome: Option<Outcome>,
    desk: String,
    is_sealed: bool,
    /// Whether addresses name the desk.
    is_named: bool,
}

/// What stands behind a page: everything that whoever looks reads, and who works here.
struct Known {
    listed: Vec<Listed>,
    names: Names,
    /// Consultants with a key.
    consultants: Vec<String>,
}

async fn known(desk: &Desk) -> Result<Known, Failure> {
    let listed = case::list(desk.house(), &desk.who, &desk.kind.desk).await?;
    let consultants = consultants(desk).await?;
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    Ok(Known { listed, names, consultants })
}

impl Known {
    /// Everybody whose cases may be handed over: whoever looks first, then the others, those who have left too.
    fn owners(&self, own: &str) -> Vec<String> {
        let named = self.listed.iter().filter(|line| line.clear.is_open).filter_map(|l| l.clear.accountable.clone());
        let mut others: Vec<String> = self.consultants.iter().cloned().chain(named).filter(|id| id != own).collect();
        others.sort_by_key(|account| (self.names.of(account), account.clone()));
        others.dedup();
        std::iter::once(own.to_owned()).chain(others).collect()
    }

    /// The one whose cases are asked for: whoever looks, unless it is another who may have some.
    fn from<'a>(&self, asked: &'a str, own: &'a str) -> &'a str {
        if self.owners(own).iter().any(|account| account == asked) { asked } else { own }
    }

    /// Whoever may take them.
    fn takers(&self, from: &str) -> Vec<&str> {
        self.consultants.iter().map(String::as_str).filter(|account| *account != from).collect()
    }

    fn number(&self, id: &str) -> String {
        let summary = self.listed.iter().find(|line| line.clear.id == id).and_then(|line| line.summary.as_ref());
        summary.map_or_else(|| overview::short(id), |summary| summary.number.clone())
    }
}

/// `ticked`: which cases are marked; all of them where nothing was sent yet.
fn rows(desk: &Desk, known: &Known, from: &str, ticked: Option<&[&str]>) -> Vec<Row> {
    let mut cases: Vec<_> = handover::cases_of(&known.listed, from)
        .into_iter()
        .map(|line| seen(&desk.kind, line, desk.staff.visit.now))
        .collect();
    cases.sort_by_key(|case| case.rank);
    let row = |case: &super::list::Seen<'_>| {
        let (id, summary) = (case.listed.clear.id.clone(), case.listed.summary.as_ref());
        let step = summary.map_or(Step::Received, |summary| summary.step);
        Row {
            number: summary.map_or_else(|| overview::short(&id), |summary| summary.number.clone()),
            school: summary.map(|summary| summary.school.clone()).unwrap_or_default(),
            step: name_of(&STEPS, step),
            step_tone: step_tone(step),
            signs: summary.map_or(0, |summary| summary.open_signs),
            next: case.tags.first().cloned(),
            is_ticked: ticked.is_none_or(|ticked| ticked.contains(&id.as_str())),
            is_shut: summary.is_none(),
            id,
        }
    };
    cases.iter().map(row).collect()
}

fn page(desk: &Desk, known: &Known, from: &str, form: Form, outcome: Option<Outcome>) -> HandOverPage {
    let own = desk.who.account.as_str();
    let count = |account: &str| handover::cases_of(&known.listed, account).len();
    let name = |account: &str| {
        let name = if account == own { "わたし".to_owned() } else { known.names.of(account) };
        format!("{name}（{}件）", count(account))
    };
    let ticked = form.is_sent("note").then(|| form.all("case"));
    HandOverPage {
        owners: known.owners(own).into_iter().map(|account| (account.clone(), name(&account))).collect(),
        from: from.to_owned(),
        from_name: known.names.of(from),
        is_own: from == own,
        takers: choose(&known.names, "選んでください", known.takers(from).into_iter()),
        rows: rows(desk, known, from, ticked.as_deref()),
        form,
        outcome,
        bar: Bar::at(desk, "cases"),
        desk: desk.kind.desk.clone(),
        is_sealed: desk.kind.is_sealed(),
        is_named: desk.kind.is_named(),
        frame: desk.staff.frame("sealed"),
    }
}

/// `/sealed/hand-overs/new`; `?from=` names whose cases, if they are not one's own.
pub(crate) async fn get(desk: Desk, Query(pairs): Asked) -> Result<Response, Failure> {
    desk.need(&desk.kind.desk, DeskRole::Consultant)?;
    let (asked, known) = (Fields::from_pairs(pairs), known(&desk).await?);
    let from = known.from(asked.get("from"), &desk.who.account);
    show(&page(&desk, &known, from, Form::new("over").with("lasts", ALWAYS), None))
}

/// The last day of a form, if it is for a time only.
fn until(fields: &Fields) -> Result<Option<Date>, Refused> {
    if fields.get("lasts") == VACATION { needed_day(fields, "until").map(Some) } else { Ok(None) }
}

/// The hand-over of a form, with everything that is wrong in it noted beside its field.
fn typed<'a>(
    desk: &Desk,
    known: &Known,
    from: &'a str,
    fields: &'a Fields,
    form: &mut Form,
) -> Result<HandOver<'a>, Failure> {
    let to = fields.get("to");
    if !known.takers(from).contains(&to) {
        form.wrong("to", "引き継ぐ相手を選んでください。");
    }
    if ![ALWAYS, VACATION].contains(&fields.get("lasts")) {
        form.wrong("lasts", "「ずっと」か「休みのあいだ」を選んでください。");
    }
    let until = match until(fields) {
        Ok(until) => until,
        Err(refused) => {
            refused.onto(form)?;
            None
        }
    };
    let over = HandOver { from, to, note: fields.get("note"), until };
    match over.is_right(desk.staff.visit.today()) {
        Err(CaseError::Field { field, .. }) if form.error(field).is_some() => {}
        Err(error) => onto(error, form)?,
        Ok(()) => {}
    }
    if fields.all("case").is_empty() {
        form.wrong("case", "引き継ぐ事案に、印を付けてください。");
    }
    Ok(over)
}

/// `POST /sealed/hand-overs`
pub(crate) async fn post(DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    desk.need(&desk.kind.desk, DeskRole::Consultant)?;
    let before = known(&desk).await?;
    let from = before.from(fields.get("from"), &desk.who.account);
    let mut form = Form::sent("over", &fields);
    if fields.has(AGAIN) {
        return show(&page(&desk, &before, from, form, None));
    }
    let over = typed(&desk, &before, from, &fields, &mut form)?;
    if form.is_wrong() {
        return show_wrong(&page(&desk, &before, from, form, None));
    }
    let cases: Vec<String> = fields.all("case").into_iter().map(str::to_owned).collect();
    let mut entropy = (desk.staff.app.entropy)();
    let HandedOver { done, refused } =
        handover::hand_over_all(desk.house(), entropy.as_mut(), &desk.who, &cases, over).await?;
    drop(entropy);
    if refused.is_empty() {
        return Ok(done_at(&desk.kind, "/sealed", "cases-handed-over"));
    }
    let left = refused.into_iter().map(|(id, why)| (id.clone(), before.number(&id), why)).collect();
    let outcome = Outcome { done: done.len(), to: before.names.of(over.to), left };
    let after = known(&desk).await?;
    let page = page(&desk, &after, from, form, Some(outcome));
    if done.is_empty() { show_wrong(&page) } else { show(&page) }
}
