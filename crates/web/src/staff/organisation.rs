//! `/organisation`, `/closures`: sections by dates, and days on which the city is closed.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::{Closure, Date};
use city::reorganisation::Affected;
use city::{CityClosure, Editor, Organisation, Section};
use store::Tx;

use super::fields::{Fields, StaffForm};
use super::form::{Choices, Form, Refused, needed_day, show_wrong};
use super::frame::Frame;
use super::gate::Staff;
use super::section_form;
use crate::citizen::show;
use crate::errors::Failure;

/// How far ahead a change is told beside a section.
const AHEAD: std::time::Duration = std::time::Duration::from_secs(366 * 86_400);

/// What stands under each section, by the code that answers on a day.
pub(crate) async fn counts(
    staff: &Staff,
    tx: &mut Tx,
    organisation: &Organisation,
    on: Date,
) -> Result<HashMap<String, Affected>, Failure> {
    let code_on = |code: &str| organisation.section(code, on).map_or_else(|| code.to_owned(), |s| s.code.clone());
    let many = |n: i64| u64::try_from(n).unwrap_or(0);
    let mut counts: HashMap<String, Affected> = HashMap::new();
    for article in &staff.city.library.snapshot().articles {
        counts.entry(code_on(&article.content.section)).or_default().articles += 1;
    }
    for (code, n) in knowledge::question::waiting_by_section(tx).await.map_err(Failure::from)? {
        counts.entry(code_on(&code)).or_default().questions += many(n);
    }
    for (code, n) in access::inquiry::owed(tx).await? {
        counts.entry(code_on(&code)).or_default().inquiries += many(n);
    }
    let mut members: BTreeSet<(String, String)> = BTreeSet::new();
    for held in access::store::account::assignments(tx, None).await? {
        if held.valid_from <= on && held.valid_to.is_none_or(|to| on <= to) {
            members.insert((code_on(&held.section), held.account));
        }
    }
    for (code, _) in members {
        counts.entry(code).or_default().accounts += 1;
    }
    Ok(counts)
}

/// All sections of a day to choose from, by department; the first choice is `none` with these words.
pub(crate) fn choices(organisation: &Organisation, on: Date, none: &str) -> Choices {
    let mut all = vec![(String::new(), none.to_owned())];
    for department in organisation.tree(on) {
        for section in department.sections {
            all.push((section.code.clone(), format!("{}（{}）", section.name, department.name)));
        }
    }
    all
}

struct Row {
    code: String,
    name: String,
    phone: String,
    place: String,
    hours: String,
    tags: Vec<(&'static str, String)>,
    counts: Affected,
}

#[derive(Template)]
#[template(path = "staff/admin/organisation.html")]
struct OrganisationPage {
    frame: Frame,
    on: Date,
    days: Vec<Date>,
    departments: Vec<city::Department<Row>>,
    total: usize,
    wrong: Option<String>,
    undivided: Vec<Undivided>,
}

/// A section that became several, while articles are still under its code.
struct Undivided {
    code: String,
    name: String,
    ended_on: Date,
    articles: usize,
    successors: Vec<String>,
}

fn undivided(staff: &Staff, organisation: &Organisation, today: Date) -> Vec<Undivided> {
    let snapshot = staff.city.library.snapshot();
    let one = |choice: &city::Choice| Undivided {
        code: choice.code.clone(),
        name: organisation.own(&choice.code, choice.ended_on).map_or_else(|| choice.code.clone(), |s| s.name.clone()),
        ended_on: choice.ended_on,
        articles: snapshot.articles.iter().filter(|a| a.content.section == choice.code).count(),
        successors: choice.successors.iter().map(|code| name_around(organisation, code, choice.ended_on)).collect(),
    };
    organisation.needs_choice(today).into_iter().map(one).filter(|u| u.articles > 0).collect()
}

/// What becomes of a section soon after a day, in words.
fn tags(frame: &Frame, organisation: &Organisation, section: &Section, on: Date) -> Vec<(&'static str, String)> {
    let soon = on.checked_add(AHEAD).unwrap_or(Date::MAX);
    if section.valid_from > on {
        return vec![("ok", format!("{} 新設", frame.day(&section.valid_from)))];
    }
    let Some(to) = section.valid_to.filter(|to| *to <= soon) else { return Vec::new() };
    let Some(next) = organisation.spans(&section.code).iter().find(|s| s.valid_from > to) else {
        let successor = section.successor.as_deref().map(|code| name_around(organisation, code, to));
        let words = successor.map_or_else(String::new, |name| format!("（{name}へ）"));
        return vec![("bad", format!("{}で終わり{words}", frame.day(&to)))];
    };
    let day = frame.day(&next.valid_from);
    let words =
        if next.name == section.name { format!("{day} 変更") } else { format!("{day} 「{}」に改称", next.name) };
    vec![("warn", words)]
}

/// The name of a section that follows after a day, however it stands then.
fn name_around(organisation: &Organisation, code: &str, day: Date) -> String {
    let next = day.tomorrow().unwrap_or(day);
    organisation.section(code, next).map_or_else(|| code.to_owned(), |s| s.name.clone())
}

pub(crate) async fn get(staff: Staff, Query(pairs): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    let frame = staff.frame("admin");
    let (asked, wrong) = match Fields::from_pairs(pairs).date("on") {
        Ok(asked) => (asked, None),
        Err(sentence) => (None, Some(sentence)),
    };
    let (on, organisation) = (asked.unwrap_or(frame.today), staff.city.organisation());
    let mut tx = staff.city.db.read().await?;
    let counts = counts(&staff, &mut tx, &organisation, on).await?;
    let all: Vec<Section> = city::store::sections(&mut tx).await?;
    drop(tx);
    let days: BTreeSet<Date> = all.iter().map(|s| s.valid_from).filter(|day| *day > frame.today).collect();
    let row = |section: &Section| Row {
        code: section.code.clone(),
        name: section.name.clone(),
        phone: section.phone.clone(),
        place: section.place.clone(),
        hours: match section_form::blocks(&organisation.hours(section).today(on)) {
            none if none.is_empty() => "休み".into(),
            hours => hours,
        },
        tags: tags(&frame, &organisation, section, on),
        counts: counts.get(&section.code).copied().unwrap_or_default(),
    };
    let mut departments: Vec<city::Department<Row>> = organisation
        .tree(on)
        .into_iter()
        .map(|d| city::Department { name: d.name, sections: d.sections.into_iter().map(row).collect() })
        .collect();
    let total = departments.iter().map(|d| d.sections.len()).sum();
    let soon = on.checked_add(AHEAD).unwrap_or(Date::MAX);
    for section in all.iter().filter(|s| s.valid_from > on && s.valid_from <= soon) {
        if organisation.spans(&section.code).first().is_some_and(|first| first.valid_from == section.valid_from) {
            match departments.iter_mut().find(|d| d.name == section.department) {
                Some(department) => department.sections.push(row(section)),
                None => departments
                    .push(city::Department { name: section.department.clone(), sections: vec![row(section)] }),
            }
        }
    }
    let undivided = undivided(&staff, &organisation, frame.today);
    show(&OrganisationPage { on, days: days.into_iter().collect(), departments, total, wrong, undivided, frame })
}

/// All sections of all times as a file that `madoguchi init` reads.
pub(crate) async fn export(staff: Staff) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let sections = city::store::sections(&mut tx).await?;
    let text = city::sections_to_toml(&sections).map_err(knowledge::KnowledgeError::City)?;
    let headers = [
        (header::CONTENT_TYPE, "application/toml; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"sections.toml\""),
    ];
    Ok((headers, text).into_response())
}

struct Span {
    days: String,
    name: String,
    department: String,
    phone: String,
    place: String,
    successor: String,
    is_now: bool,
}

#[derive(Template)]
#[template(path = "staff/admin/section.html")]
struct SectionPage {
    frame: Frame,
    code: String,
    name: String,
    ended: Option<String>,
    counts: Affected,
    spans: Vec<Span>,
    editable: bool,
    form: Form,
}

/// `2026年4月1日 から`, or both ends.
pub(crate) fn days(frame: &Frame, from: Date, to: Option<Date>) -> String {
    match to {
        Some(to) if to == from => frame.day(&from),
        Some(to) => format!("{} 〜 {}", frame.day(&from), frame.day(&to)),
        None => format!("{} から", frame.day(&from)),
    }
}

async fn section_page(staff: &Staff, code: &str, form: Option<Form>) -> Result<SectionPage, Failure> {
    let frame = staff.frame("admin");
    let organisation = staff.city.organisation();
    let spans = organisation.spans(code);
    let last = spans.last().ok_or_else(Failure::not_found)?;
    let own = organisation.own(code, frame.today);
    let shown = own.unwrap_or(last);
    let ended = own.is_none().then(|| {
        if last.valid_from > frame.today {
            format!("この課は、{}に始まります。", frame.day(&last.valid_from))
        } else {
            let now = organisation.section(code, frame.today).map_or("", |s| s.name.as_str());
            format!("この課は終わりました。いまは「{now}」が引き継いでいます。")
        }
    });
    let mut tx = staff.city.db.read().await?;
    let counts = counts(staff, &mut tx, &organisation, frame.today).await?;
    Ok(SectionPage {
        code: code.to_owned(),
        name: shown.name.clone(),
        ended,
        counts: counts.get(code).copied().unwrap_or_default(),
        spans: spans
            .iter()
            .map(|s| Span {
                days: days(&frame, s.valid_from, s.valid_to),
                name: s.name.clone(),
                department: s.department.clone(),
                phone: s.phone.clone(),
                place: s.place.clone(),
                successor: match (&s.successor, s.valid_to) {
                    (Some(code), Some(to)) => name_around(&organisation, code, to),
                    _ => String::new(),
                },
                is_now: s.valid_from <= frame.today && s.valid_to.is_none_or(|to| frame.today <= to),
            })
            .collect(),
        editable: last.valid_to.is_none_or(|to| to >= frame.today),
        form: form.unwrap_or_else(|| {
            let begin = frame.today.max(shown.valid_from);
            section_form::filled(Form::new("section").with("from", begin.to_string()), shown)
        }),
        frame,
    })
}

pub(crate) async fn get_one(staff: Staff, Path(code): Path<String>) -> Result<Response, Failure> {
    show(&section_page(&staff, &code, None).await?)
}

async fn save_section(staff: &Staff, code: &str, fields: &Fields) -> Result<(), Refused> {
    let from = needed_day(fields, "from")?;
    let organisation = staff.city.organisation();
    let mut entropy = (staff.app.entropy)();
    let change = section_form::change(fields, organisation.own(code, from), false)
        .map_err(|(field, reason)| Refused::Field(field, reason))?;
    let mut tx = staff.city.db.write().await?;
    let actor = staff.who.actor();
    let mut by = Editor { actor: &actor, clock: staff.app.clock.as_ref(), entropy: entropy.as_mut() };
    city::change_section(&mut tx, &mut by, code, from, &change).await?;
    tx.commit().await?;
    Ok(staff.city.reload().await?)
}

pub(crate) async fn post_one(
    Path(code): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    match save_section(&staff, &code, &fields).await {
        Ok(()) => Ok(Redirect::to(&format!("/organisation/{code}?done=saved")).into_response()),
        Err(refused) => {
            let mut form = Form::sent("section", &fields);
            refused.onto(&mut form)?;
            show_wrong(&section_page(&staff, &code, Some(form)).await?)
        }
    }
}

struct ClosureRow {
    id: String,
    days: String,
    place: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "staff/admin/closures.html")]
struct ClosuresPage {
    frame: Frame,
    rows: Vec<ClosureRow>,
    sections: Choices,
    form: Form,
}

async fn closures_page(staff: &Staff, form: Form) -> Result<ClosuresPage, Failure> {
    let frame = staff.frame("admin");
    let mut tx = staff.city.db.read().await?;
    let rows = city::store::closures_with_ids(&mut tx).await?;
    Ok(ClosuresPage {
        rows: rows
            .into_iter()
            .filter(|(_, c)| c.days.to >= frame.today)
            .map(|(id, c)| ClosureRow {
                id,
                days: days(&frame, c.days.from, Some(c.days.to)),
                place: c.section.as_deref().map_or_else(|| "市全体".to_owned(), |s| frame.section(s)),
                reason: c.reason,
            })
            .collect(),
        sections: choices(&frame.city, frame.today, "市全体"),
        form,
        frame,
    })
}

pub(crate) async fn closures(staff: Staff) -> Result<Response, Failure> {
    show(&closures_page(&staff, Form::new("closure")).await?)
}

async fn save_closure(staff: &Staff, fields: &Fields) -> Result<(), Refused> {
    let from = needed_day(fields, "from")?;
    let to = super::form::some_day(fields, "to")?.unwrap_or(from);
    let closure = CityClosure {
        section: fields.optional("section").map(str::to_owned),
        days: Closure { from, to },
        reason: fields.get("reason").to_owned(),
        reason_easy: fields.get("reason_easy").to_owned(),
        reason_en: fields.get("reason_en").to_owned(),
    };
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let actor = staff.who.actor();
    let mut by = Editor { actor: &actor, clock: staff.app.clock.as_ref(), entropy: entropy.as_mut() };
    city::add_closure(&mut tx, &mut by, &closure).await?;
    tx.commit().await?;
    Ok(staff.city.reload().await?)
}

pub(crate) async fn post_closure(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    match save_closure(&staff, &fields).await {
        Ok(()) => Ok(Redirect::to("/closures?done=saved").into_response()),
        Err(refused) => {
            let mut form = Form::sent("closure", &fields);
            refused.onto(&mut form)?;
            show_wrong(&closures_page(&staff, form).await?)
        }
    }
}

async fn take_closure(staff: &Staff, id: &str) -> Result<(), Refused> {
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let actor = staff.who.actor();
    let mut by = Editor { actor: &actor, clock: staff.app.clock.as_ref(), entropy: entropy.as_mut() };
    city::remove_closure(&mut tx, &mut by, id).await?;
    tx.commit().await?;
    Ok(staff.city.reload().await?)
}

pub(crate) async fn remove_closure(
    Path(id): Path<String>,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    take_closure(&staff, &id).await.or_else(|refused| refused.onto(&mut Form::default()))?;
    Ok(Redirect::to("/closures?done=removed").into_response())
}
