//! One golden question: written, changed, removed. After each the topic is asked anew, so that the page tells at once
//! what came.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use city::{Lang, TOPICS};
use contact::golden::{self, Typed};

use super::{desk_of, knows, run_now};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::articles::lang_name;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::form::{Choices, Form, Refused, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::lists::Asked;

#[derive(Template)]
#[template(path = "staff/answers/question.html")]
struct QuestionPage {
    frame: Frame,
    tab: &'static str,
    id: Option<String>,
    form: Form,
}

impl QuestionPage {
    fn new(staff: &Staff, id: Option<String>, form: Form) -> Self {
        QuestionPage { frame: staff.frame("contacts"), tab: "answers", id, form }
    }

    fn action(&self) -> String {
        self.id.as_ref().map_or_else(|| "/answers/questions".into(), |id| format!("/answers/questions/{id}"))
    }

    fn topics(&self) -> Choices {
        TOPICS.iter().map(|t| (t.code.to_owned(), t.name(Lang::Ja).to_owned())).collect()
    }

    fn langs(&self) -> Choices {
        Lang::ALL.into_iter().map(|l| (l.code().to_owned(), lang_name(l).to_owned())).collect()
    }
}

fn typed(fields: &Fields) -> Typed {
    let value = |name: &str| fields.get(name).to_owned();
    Typed {
        topic: value("topic"),
        lang: value("lang"),
        words: value("words"),
        articles: value("articles"),
        refuse: fields.has("refuse"),
    }
}

/// `/answers/questions/new`; what the address says is filled in.
pub(crate) async fn new(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(pairs);
    let form = ["topic", "words", "articles"]
        .into_iter()
        .fold(Form::new("question"), |form, name| form.with(name, asked.get(name)));
    show(&QuestionPage::new(&staff, None, form.with("lang", "ja")))
}

/// `/answers/questions/{id}`
pub(crate) async fn get(staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let found = golden::get(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    drop(tx);
    let refuse = if found.must_refuse() { "on" } else { "" };
    let form = Form::new("question")
        .with("topic", found.topic)
        .with("lang", found.lang)
        .with("words", found.words)
        .with("articles", found.articles.join(" "))
        .with("refuse", refuse);
    show(&QuestionPage::new(&staff, Some(id), form))
}

async fn save(staff: Staff, fields: Fields, id: Option<String>) -> Result<Response, Failure> {
    let (organisation, knows) = (staff.city.organisation(), knows(&staff));
    let mut entropy = (staff.app.entropy)();
    let typed = typed(&fields);
    let mut tx = staff.city.db.write().await?;
    // Moved to another topic, the old one has to be asked anew as well.
    let before = match &id {
        Some(id) => golden::get(&mut tx, id).await?.map(|q| q.topic),
        None => None,
    };
    let desk = desk_of(&staff, &organisation);
    if let Err(refused) = golden::write(&mut tx, desk, entropy.as_mut(), &knows, id.as_deref(), &typed).await {
        drop(tx);
        let mut form = Form::sent("question", &fields);
        Refused::from(refused).onto(&mut form)?;
        return show_wrong(&QuestionPage::new(&staff, id, form));
    }
    tx.commit().await?;
    run_now(&staff, Some(&typed.topic)).await?;
    if let Some(before) = before.filter(|topic| *topic != typed.topic) {
        run_now(&staff, Some(&before)).await?;
    }
    Ok(Redirect::to(&format!("/answers/topics/{}?done=golden-saved", typed.topic)).into_response())
}

/// `POST /answers/questions`
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    save(staff, fields, None).await
}

/// `POST /answers/questions/{id}`
pub(crate) async fn post_one(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    save(staff, fields, Some(id)).await
}

/// `POST /answers/questions/{id}/removal`
pub(crate) async fn remove(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    let gone = golden::remove(&mut tx, desk_of(&staff, &organisation), &id).await?;
    tx.commit().await?;
    run_now(&staff, Some(&gone.topic)).await?;
    Ok(Redirect::to(&format!("/answers/topics/{}?done=removed", gone.topic)).into_response())
}
