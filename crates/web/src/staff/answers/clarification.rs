//! `/answers/clarifications`: what the bot asks back where one word may mean several things (聞き返し). After each
//! change the golden questions are asked anew: it may decide what comes of any of them.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use contact::clarification::{self, CHOICES, Clarification, Typed};

use super::{desk_of, knows, run_now};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::articles::lang_name;
use crate::staff::fields::{Fields, StaffForm};
use crate::staff::form::{Choices, Form, Refused, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;

/// A choice in the list.
struct Branch {
    label: String,
    article: String,
    /// The question of the article; none if it is not on the citizens' pages today.
    question: Option<String>,
}

/// A question back in the list.
struct Row {
    address: String,
    lang: &'static str,
    words: Vec<String>,
    question: String,
    branches: Vec<Branch>,
}

#[derive(Template)]
#[template(path = "staff/answers/clarifications.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    rows: Vec<Row>,
}

fn address(lang: &str, code: &str) -> String {
    format!("/answers/clarifications/{lang}/{code}")
}

fn row(staff: &Staff, lang: Lang, c: Clarification) -> Row {
    let (snapshot, today) = (staff.city.library.snapshot(), staff.visit.today());
    let branch = |b: clarification::Branch| {
        let article = snapshot.by_code(&b.article).filter(|a| a.is_public(today));
        Branch { question: article.map(|a| a.text(lang).0.question.clone()), label: b.label, article: b.article }
    };
    Row {
        address: address(&c.lang, &c.code),
        lang: lang_name(lang),
        words: c.words,
        question: c.question,
        branches: c.choices.into_iter().map(branch).collect(),
    }
}

/// `/answers/clarifications`
pub(crate) async fn list(staff: Staff) -> Result<Response, Failure> {
    let mut rows = Vec::new();
    let mut tx = staff.city.db.read().await?;
    for lang in Lang::ALL {
        let all = clarification::of_language(&mut tx, lang.code()).await?;
        rows.extend(all.into_iter().map(|c| row(&staff, lang, c)));
    }
    drop(tx);
    show(&ListPage { frame: staff.frame("contacts"), tab: "answers", rows })
}

/// One of the choices that can be filled in.
struct Slot {
    n: usize,
    label: String,
    article: String,
    /// The question of the article, if there is one.
    question: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/answers/clarification.html")]
struct OnePage {
    frame: Frame,
    tab: &'static str,
    /// The address of the one that is changed.
    address: Option<String>,
    form: Form,
    slots: Vec<Slot>,
    /// Code and question of every article on the citizens' pages.
    articles: Vec<(String, String)>,
}

impl OnePage {
    fn new(staff: &Staff, address: Option<String>, form: Form, pairs: &[(String, String)]) -> Self {
        let (snapshot, today) = (staff.city.library.snapshot(), staff.visit.today());
        let question = |code: &str| snapshot.by_code(code).map(|a| a.text(Lang::Ja).0.question.clone());
        let mut slots: Vec<Slot> = (1..)
            .zip(pairs)
            .map(|(n, (label, article))| Slot {
                n,
                label: label.clone(),
                question: question(article.trim()),
                article: article.clone(),
            })
            .collect();
        for n in slots.len() + 1..=*CHOICES.end() {
            slots.push(Slot { n, label: String::new(), article: String::new(), question: None });
        }
        let public = snapshot.articles.iter().filter(|a| a.is_public(today));
        OnePage {
            articles: public.map(|a| (a.code.clone(), a.text(Lang::Ja).0.question.clone())).collect(),
            frame: staff.frame("contacts"),
            tab: "answers",
            address,
            form,
            slots,
        }
    }

    fn langs(&self) -> Choices {
        Lang::ALL.into_iter().map(|l| (l.code().to_owned(), lang_name(l).to_owned())).collect()
    }

    fn choices_error(&self) -> Option<&str> {
        self.form.error("choices")
    }
}

/// `/answers/clarifications/new`
pub(crate) async fn new(staff: Staff) -> Result<Response, Failure> {
    show(&OnePage::new(&staff, None, Form::new("clarification").with("lang", "ja"), &[]))
}

/// `/answers/clarifications/{lang}/{code}`
pub(crate) async fn get(staff: Staff, Path((lang, code)): Path<(String, String)>) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let found = clarification::get(&mut tx, &code, &lang).await?.ok_or_else(Failure::not_found)?;
    drop(tx);
    let form = Form::new("clarification")
        .with("lang", found.lang)
        .with("words", found.words.join("\n"))
        .with("question", found.question);
    let pairs: Vec<_> = found.choices.into_iter().map(|b| (b.label, b.article)).collect();
    show(&OnePage::new(&staff, Some(address(&lang, &code)), form, &pairs))
}

async fn save(staff: Staff, fields: Fields, at: Option<(String, String)>) -> Result<Response, Failure> {
    let (organisation, knows, mut entropy) = (staff.city.organisation(), knows(&staff), (staff.app.entropy)());
    let texts = |name: &str| fields.all(name).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let typed = Typed {
        lang: fields.get("lang").to_owned(),
        words: fields.raw("words").to_owned(),
        question: fields.get("question").to_owned(),
        choices: texts("label").into_iter().zip(texts("article")).collect(),
    };
    let old = at.as_ref().map(|(lang, code)| (code.as_str(), lang.as_str()));
    let mut tx = staff.city.db.write().await?;
    let desk = desk_of(&staff, &organisation);
    if let Err(refused) = clarification::write(&mut tx, desk, entropy.as_mut(), &knows, old, &typed).await {
        drop(tx);
        let mut form = Form::sent("clarification", &fields);
        Refused::from(refused).onto(&mut form)?;
        let address = at.map(|(lang, code)| address(&lang, &code));
        return show_wrong(&OnePage::new(&staff, address, form, &typed.choices));
    }
    tx.commit().await?;
    run_now(&staff, None).await?;
    Ok(Redirect::to("/answers/clarifications?done=clarification-saved").into_response())
}

/// `POST /answers/clarifications`
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    save(staff, fields, None).await
}

/// `POST /answers/clarifications/{lang}/{code}`
pub(crate) async fn post_one(
    Path(at): Path<(String, String)>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    save(staff, fields, Some(at)).await
}

/// `POST /answers/clarifications/{lang}/{code}/removal`
pub(crate) async fn remove(
    Path((lang, code)): Path<(String, String)>,
    StaffForm(staff, _): StaffForm,
) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    clarification::remove(&mut tx, desk_of(&staff, &organisation), &code, &lang).await?;
    tx.commit().await?;
    run_now(&staff, None).await?;
    Ok(Redirect::to("/answers/clarifications?done=clarification-removed").into_response())
}
