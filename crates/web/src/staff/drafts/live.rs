//! What the editor asks for while somebody writes: the preview, and who else has the 原稿 open.

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use knowledge::draft;

use super::one::{Again, as_article, page};
use super::{form, save};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::StaffForm;
use crate::staff::lists::desk_of;
use crate::staff::shown::{Card, Names, cards};

/// Whether a script of our page asks, and not a person who sent the form.
pub(super) fn is_script(headers: &HeaderMap) -> bool {
    headers.contains_key("x-requested-with")
}

pub(super) fn json(value: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

#[derive(Template)]
#[template(path = "staff/drafts/preview.html")]
struct Preview {
    cards: Vec<Card>,
}

/// `POST /drafts/{id}/preview`: the fragment for a script, the whole page for everybody else. Nothing is stored.
pub(crate) async fn preview(
    Path(id): Path<String>,
    headers: HeaderMap,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let mut draft = save::load(&staff, &id).await?;
    let typed = form::read(&fields, &draft);
    if is_script(&headers) {
        draft.content = typed.changes.content;
        return show(&Preview { cards: cards(&staff, as_article(&staff, &draft))? });
    }
    page(&staff, &id, Again { typed: Some(typed), ..Again::default() }).await
}

/// `POST /drafts/{id}/presence`: a sign of life; tells who else is there.
pub(crate) async fn presence(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut tx = staff.city.db.write().await?;
    let others = if fields.has("leave") {
        draft::get(&mut tx, &desk, &id).await?;
        draft::leave(&mut tx, &desk, &id).await?;
        Vec::new()
    } else {
        draft::heartbeat(&mut tx, &desk, &id).await?
    };
    let names = Names::load(&mut tx).await?;
    tx.commit().await?;
    let others: Vec<String> = others.iter().map(|p| names.of(&p.account)).collect();
    Ok(json(&serde_json::json!({ "others": others })))
}
