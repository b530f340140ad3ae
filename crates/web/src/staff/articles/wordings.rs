//! `/articles/{code}/wordings`: how people put what an article answers. It helps them to find it.

use access::Action;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use knowledge::wording::{self, Heard};
use knowledge::{Article, KnowledgeError};

use super::one::article;
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::StaffForm;
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::desk_of;
use crate::staff::shown::Names;

/// Questions of citizens that are offered.
const OFFERED: i64 = 30;

struct Row {
    id: String,
    text: String,
    by: String,
    at: String,
}

#[derive(Template)]
#[template(path = "staff/articles/wordings.html")]
struct WordingsPage {
    frame: Frame,
    article: Article,
    question: String,
    used: Vec<Row>,
    heard: Vec<Heard>,
    may_write: bool,
    text: String,
    error: Option<String>,
}

impl WordingsPage {
    fn most(&self) -> usize {
        wording::MOST
    }
}

async fn page(staff: &Staff, code: &str, typed: Option<(&str, String)>) -> Result<WordingsPage, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(staff, &organisation);
    let frame = staff.frame("articles");
    let mut tx = staff.city.db.read().await?;
    let article = article(&mut tx, code).await?;
    // Citizens' own words are for the section that answers.
    let heard = wording::heard(&mut tx, &desk, &article, OFFERED).await?;
    let names = Names::load(&mut tx).await?;
    let used = wording::of_article(&mut tx, &article.id).await?.into_iter().map(|w| Row {
        by: names.of(&w.actor),
        at: frame.moment(&w.at),
        id: w.id,
        text: w.text,
    });
    let (text, error) = typed.map_or((String::new(), None), |(text, error)| (text.to_owned(), Some(error)));
    Ok(WordingsPage {
        question: super::or_untitled(&article.content.text(city::Lang::Ja).0.question),
        used: used.collect(),
        heard,
        may_write: desk.may(Action::ArticleWrite, &article.content.section),
        text,
        error,
        article,
        frame,
    })
}

pub(crate) async fn get(staff: Staff, Path(code): Path<String>) -> Result<Response, Failure> {
    show(&page(&staff, &code, None).await?)
}

/// Takes a wording up, or puts it aside (`act=refuse`).
pub(crate) async fn post(Path(code): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let desk = desk_of(&staff, &organisation);
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let of = article(&mut tx, &code).await?;
    let used = fields.get("act") != "refuse";
    match wording::decide(&mut tx, &desk, entropy.as_mut(), &of, fields.get("text"), used).await {
        Ok(()) => {
            tx.commit().await?;
            let done = if used { "wording-used" } else { "wording-refused" };
            Ok(Redirect::to(&format!("/articles/{code}/wordings?done={done}")).into_response())
        }
        Err(KnowledgeError::Field { reason, .. }) => {
            drop(tx);
            let page = page(&staff, &code, Some((fields.get("text"), reason))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn remove(
    Path((code, id)): Path<(String, String)>,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    let of = article(&mut tx, &code).await?;
    wording::remove(&mut tx, &desk_of(&staff, &organisation), &of, &id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/articles/{code}/wordings?done=wording-removed")).into_response())
}
