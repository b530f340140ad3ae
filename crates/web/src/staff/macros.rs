//! `/macros`: sentences that operators use again and again.

use access::Action;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use contact::ContactError;
use contact::macro_text::{self, Macro, VARIABLES};

use super::contacts::desk;
use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use super::lists::{Choice, choices, section_options};
use crate::citizen::show;
use crate::errors::Failure;

const LANGS: &[(&str, &str)] = &[("ja", "日本語"), ("easy", "やさしい日本語"), ("en", "英語")];

struct Row {
    id: String,
    name: String,
    body: String,
    section: String,
    lang: &'static str,
    may_change: bool,
}

#[derive(Template)]
#[template(path = "staff/macros/list.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    rows: Vec<Row>,
    may_write: bool,
    /// Sentences for the whole city are for whoever supervises the whole city.
    for_all: bool,
    sections: askama::filters::Safe<String>,
    langs: Vec<Choice>,
    variables: &'static [(&'static str, &'static str)],
    /// The sentence that is changed; empty for a new one.
    id: String,
    name: String,
    body: String,
    error: Option<(&'static str, String)>,
}

impl ListPage {
    fn error_of(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|(f, _)| *f == field).map(|(_, reason)| reason.as_str())
    }
}

fn may_change(staff: &Staff, m: &Macro) -> bool {
    match &m.section {
        Some(section) => staff.who.may_in(Action::ContactSupervise, &staff.section_today(section)),
        None => staff.who.may(Action::ContactSupervise) && staff.who.where_may(Action::ContactSupervise).is_none(),
    }
}

async fn page(
    staff: &Staff,
    fields: &Fields,
    id: &str,
    error: Option<(&'static str, String)>,
) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let mut tx = staff.city.db.read().await?;
    let all = macro_text::all(&mut tx).await?;
    drop(tx);
    let current = all.iter().find(|m| m.id == id && error.is_none());
    let typed = |name: &str, stored: Option<&str>| stored.map_or_else(|| fields.raw(name).to_owned(), str::to_owned);
    let section = typed("section", current.map(|m| m.section.as_deref().unwrap_or("")));
    let lang = typed("lang", current.map(|m| m.lang.as_str()));
    let wrong = error.is_some();
    let mut response = show(&ListPage {
        tab: "macros",
        may_write: staff.who.may(Action::ContactSupervise),
        for_all: staff.who.where_may(Action::ContactSupervise).is_none(),
        sections: section_options(staff, |s| staff.who.may_in(Action::ContactSupervise, s), &section),
        langs: choices(LANGS, if lang.is_empty() { "ja" } else { &lang }),
        variables: VARIABLES,
        id: id.to_owned(),
        name: typed("name", current.map(|m| m.name.as_str())),
        body: typed("body", current.map(|m| m.body.as_str())),
        rows: all
            .iter()
            .map(|m| Row {
                id: m.id.clone(),
                name: m.name.clone(),
                body: m.body.clone(),
                section: m.section.as_deref().map_or_else(|| "市全体".into(), |s| frame.section(s)),
                lang: super::contacts::named(LANGS, &m.lang),
                may_change: may_change(staff, m),
            })
            .collect(),
        frame,
        error,
    })?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// All sentences, with the form for a new one.
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    page(&staff, &Fields::from_pairs(Vec::new()), "", None).await
}

/// One of them, to be changed.
pub(crate) async fn one(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let found = macro_text::all(&mut tx).await?.into_iter().find(|m| m.id == id).ok_or_else(Failure::not_found)?;
    drop(tx);
    if !may_change(&staff, &found) {
        return Err(Failure::new(StatusCode::FORBIDDEN));
    }
    page(&staff, &Fields::from_pairs(Vec::new()), &id, None).await
}

async fn write(staff: &Staff, fields: &Fields, id: Option<&str>) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let new = (fields.raw("name"), fields.raw("body"), fields.optional("section"), fields.get("lang"));
    let mut tx = staff.city.db.write().await?;
    let (desk, mut entropy) = (desk(staff, &organisation), (staff.app.entropy)());
    match macro_text::put(&mut tx, desk, entropy.as_mut(), id, new).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(Redirect::to("/macros?done=saved").into_response())
        }
        Err(ContactError::Field { field, reason }) => {
            drop(tx);
            page(staff, fields, id.unwrap_or(""), Some((field, reason))).await
        }
        Err(other) => Err(other.into()),
    }
}

/// Adds a sentence.
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    write(&staff, &fields, None).await
}

/// Changes a sentence.
pub(crate) async fn post_one(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    write(&staff, &fields, Some(&id)).await
}

/// Removes a sentence.
pub(crate) async fn remove(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    macro_text::remove(&mut tx, desk(&staff, &organisation), &id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/macros?done=removed").into_response())
}
