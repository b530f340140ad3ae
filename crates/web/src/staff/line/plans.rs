//! `/line/menus/{id}/plans`: when a rich menu is shown.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::{Instant, Time};
use line_account::menu::plan::Kind;
use line_account::menu::{self, Menu, State, planning};

use super::{Picture, editor_of, onto, span, why};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::form::{Form, Refused, needed_day, show_wrong, some_day};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;

struct Row {
    id: String,
    when: String,
    why: &'static str,
    tone: &'static str,
    holds: bool,
    /// An emergency ends on its own page.
    can_end: bool,
}

/// What other menus are planned for.
struct Other {
    name: String,
    when: String,
}

#[derive(Template)]
#[template(path = "staff/line/plans.html")]
struct PlansPage {
    frame: Frame,
    tab: &'static str,
    picture: Picture,
    is_ready: bool,
    is_default: bool,
    rows: Vec<Row>,
    others: Vec<Other>,
    form: Form,
}

async fn page(staff: &Staff, menu: &Menu, form: Form) -> Result<PlansPage, Failure> {
    let (frame, now) = (staff.frame("contacts"), staff.app.now());
    let mut tx = staff.city.db.read().await?;
    let (menus, plans) = (menu::list(&mut tx).await?, menu::plans(&mut tx, now).await?);
    drop(tx);
    let (own, rest): (Vec<_>, Vec<_>) = plans.into_iter().partition(|p| p.menu == menu.id);
    let name = |id: &str| menus.iter().find(|m| m.id == id).map_or_else(String::new, |m| m.name.clone());
    let others = rest.iter().filter(|p| p.kind == Kind::Scheduled);
    Ok(PlansPage {
        tab: "line",
        picture: Picture::of(menu),
        is_ready: menu.state == State::Ready,
        is_default: own.iter().any(|p| p.kind == Kind::Default),
        rows: own
            .iter()
            .map(|p| {
                let ((why, tone), when) = (why(p), span(&frame, p));
                let can_end = p.kind == Kind::Scheduled;
                Row { id: p.id.clone(), when, why, tone, holds: p.holds(now), can_end }
            })
            .collect(),
        others: others.map(|p| Other { name: name(&p.menu), when: span(&frame, p) }).collect(),
        frame,
        form,
    })
}

async fn found(staff: &Staff, id: &str) -> Result<Menu, Failure> {
    let mut tx = staff.city.db.read().await?;
    menu::get(&mut tx, id).await?.ok_or_else(Failure::not_found)
}

/// `/line/menus/{id}/plans`
pub(crate) async fn get(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let menu = found(&staff, &id).await?;
    let form = Form::new("plan").with("from_time", "09:00").with("until_time", "17:00");
    show(&page(&staff, &menu, form).await?)
}

/// The time in a field, or the one that is meant where it is empty.
fn time(fields: &Fields, name: &'static str, empty: Time) -> Result<Time, Refused> {
    let Some(text) = fields.optional(name) else { return Ok(empty) };
    text.parse().map_err(|e: calendar::TimeError| Refused::Field(name, e.to_string()))
}

/// From when, if that is said, and until when.
fn times(fields: &Fields) -> Result<(Option<Instant>, Instant), Refused> {
    let from = match some_day(fields, "from_day")? {
        Some(day) => Some(time(fields, "from_time", Time::START_OF_DAY)?.on(day)),
        None => None,
    };
    let until = needed_day(fields, "until_day")?;
    Ok((from, time(fields, "until_time", Time::END_OF_DAY)?.on(until)))
}

/// `POST /line/menus/{id}/plans`: for every day, or for a time.
pub(crate) async fn post(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let menu = found(&staff, &id).await?;
    let mut form = Form::sent("plan", &fields);
    let mut entropy = (staff.app.entropy)();
    let is_default = fields.get("kind") == "default";
    let at = if is_default { Ok((None, staff.app.now())) } else { times(&fields) };
    match at {
        Err(refused) => refused.onto(&mut form)?,
        Ok(at) => {
            let mut tx = staff.city.db.write().await?;
            let editor = editor_of(&staff);
            let done = if is_default {
                planning::set_default(&mut tx, editor, entropy.as_mut(), &id).await
            } else {
                planning::schedule(&mut tx, editor, entropy.as_mut(), &id, at).await
            };
            match done {
                Ok(()) => {
                    tx.commit().await?;
                    return Ok(Redirect::to(&format!("/line/menus/{id}/plans?done=menu-planned")).into_response());
                }
                Err(error) => onto(error, &mut form)?,
            }
        }
    }
    show_wrong(&page(&staff, &menu, form).await?)
}

/// Ends a plan, or takes it back.
pub(crate) async fn end(
    Path((id, plan)): Path<(String, String)>,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    planning::end(&mut tx, editor_of(&staff), entropy.as_mut(), &plan).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/line/menus/{id}/plans?done=cancelled")).into_response())
}
