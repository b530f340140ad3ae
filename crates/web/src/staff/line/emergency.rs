//! `/line/emergency`: one button to the prepared menu of an emergency, a second look, and one button back.

use std::time::Duration;

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use line_account::menu::State;
use line_account::menu::planning::{self, Emergency};

use super::{Book, Picture, editor_of, onto};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::form::{Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;

/// After how many hours it can end by itself.
const HOURS: [(&str, &str); 6] =
    [("", "自分で戻すまで"), ("1", "1時間"), ("3", "3時間"), ("6", "6時間"), ("12", "12時間"), ("24", "24時間")];

struct Prepared {
    picture: Picture,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "staff/line/emergency.html")]
struct EmergencyPage {
    frame: Frame,
    tab: &'static str,
    book: Book,
    prepared: Vec<Prepared>,
    form: Form,
}

impl EmergencyPage {
    fn is_on(&self) -> bool {
        self.book.now.as_ref().is_some_and(|n| n.is_emergency)
    }

    fn hours(&self) -> Vec<(String, String)> {
        HOURS.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
    }
}

#[derive(Template)]
#[template(path = "staff/line/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    tab: &'static str,
    picture: Picture,
    bar: String,
    reason: String,
    hours: &'static str,
    hours_name: &'static str,
    is_drill: bool,
}

async fn page(staff: &Staff, form: Form) -> Result<EmergencyPage, Failure> {
    let frame = staff.frame("contacts");
    let book = Book::read(staff, &frame).await?;
    let ready: Vec<_> = book.menus.iter().filter(|m| m.is_emergency && m.state == State::Ready).collect();
    let chosen = form.value("menu").to_owned();
    let prepared = ready
        .iter()
        .enumerate()
        .map(|(n, m)| Prepared { picture: Picture::of(m), is_chosen: m.id == chosen || (chosen.is_empty() && n == 0) })
        .collect();
    Ok(EmergencyPage { frame, tab: "emergency", prepared, book, form })
}

/// `/line/emergency`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    show(&page(&staff, Form::new("emergency")).await?)
}

fn hours_of(fields: &Fields) -> (&'static str, &'static str) {
    HOURS.into_iter().find(|(value, _)| *value == fields.get("hours")).unwrap_or(HOURS[0])
}

/// `POST /line/emergency`: the second look, then the switch.
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let (hours, hours_name) = hours_of(&fields);
    let after = |hours: u64| staff.app.now().plus(Duration::from_secs(hours * 3_600));
    let wish = Emergency {
        menu: fields.get("menu"),
        reason: fields.get("reason"),
        until: hours.parse().ok().map(after),
        is_drill: fields.get("drill") == "on",
    };
    let editor = editor_of(&staff);
    let refused = if fields.get("step") == "switch" {
        let mut entropy = (staff.app.entropy)();
        let mut tx = staff.city.db.write().await?;
        match planning::emergency(&mut tx, editor, entropy.as_mut(), wish).await {
            Ok(()) => {
                tx.commit().await?;
                return Ok(Redirect::to("/line/emergency?done=menu-emergency").into_response());
            }
            Err(error) => error,
        }
    } else {
        let mut tx = staff.city.db.read().await?;
        match planning::look(&mut tx, editor, wish).await {
            Ok((menu, reason)) => {
                let is_drill = wish.is_drill;
                return show(&ConfirmPage {
                    frame: staff.frame("contacts"),
                    tab: "emergency",
                    bar: menu.bar_text(is_drill),
                    picture: Picture::of(&menu),
                    reason,
                    hours,
                    hours_name,
                    is_drill,
                });
            }
            Err(error) => error,
        }
    };
    let mut form = Form::sent("emergency", &fields);
    onto(refused, &mut form)?;
    show_wrong(&page(&staff, form).await?)
}

/// `POST /line/emergency/end`: what is planned is shown again.
pub(crate) async fn end(StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    planning::calm(&mut tx, editor_of(&staff), entropy.as_mut()).await?;
    tx.commit().await?;
    Ok(Redirect::to("/line/emergency?done=menu-calm").into_response())
}
