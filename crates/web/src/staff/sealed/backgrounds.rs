//! `/sealed/cases/{id}/backgrounds`: what stands behind it at home (家庭や生活の背景), for each child. Whoever writes first
//! holds it alone, and lets other readers of the case in one by one.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use casework::case::{self, View};
use casework::welfare::{self, Background, Child, Matter};
use casework::{CaseError, readers};

use super::act::{beside, seen};
use super::bar::Bar;
use super::case::{Header, header};
use super::participants::changed;
use super::timeline::author;
use super::{Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, Refused, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// The children, by code.
const CHILDREN: [(Child, &str); 2] = [(Child::Victim, "被害を受けた子"), (Child::Accused, "したと言われている子")];

fn child_of(code: &str) -> Option<Child> {
    CHILDREN.into_iter().find(|(child, _)| child.code() == code).map(|(child, _)| child)
}

/// The code of a matter in the form: its place in the list.
fn matter_of(code: &str) -> Option<Matter> {
    code.parse::<usize>().ok().and_then(|place| Matter::ALL.get(place).copied())
}

struct KnownRow {
    matters: Vec<&'static str>,
    words: String,
    who: String,
    at: String,
}

struct ReaderRow {
    account: String,
    name: String,
    is_self: bool,
}

/// A child with what is known, for whoever holds its ring.
struct ChildPart {
    code: &'static str,
    name: &'static str,
    known: Vec<KnownRow>,
    readers: Vec<ReaderRow>,
    /// Readers of the case who do not read this.
    others: Choices,
}

struct MatterBox {
    code: usize,
    name: &'static str,
    is_marked: bool,
}

#[derive(Template)]
#[template(path = "staff/sealed/backgrounds.html")]
struct BackgroundsPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    children: Vec<ChildPart>,
    child_choices: Choices,
    matters: Vec<MatterBox>,
    form: Form,
    is_closed: bool,
    version: i64,
}

async fn part(
    desk: &Desk,
    frame: &Frame,
    names: &Names,
    view: &View,
    all: &[String],
    child: Child,
    name: &'static str,
) -> Result<ChildPart, Failure> {
    let known = view.file.backgrounds.iter().filter(|known| known.background.child == child);
    let known = known.map(|known| KnownRow {
        matters: known.background.matters.iter().map(|matter| matter.name()).collect(),
        words: known.background.words.clone(),
        who: author(names, &known.by),
        at: frame.moment(&known.at),
    });
    let held = match welfare::readers(desk.house(), &desk.who, &view.clear.id, child).await {
        Ok(held) => held,
        // Nobody wrote, or this person does not hold it: both look alike.
        Err(CaseError::NotFound) => Vec::new(),
        Err(other) => return Err(other.into()),
    };
    let others =
        all.iter().filter(|account| !held.contains(account)).map(|account| (account.clone(), names.of(account)));
    Ok(ChildPart {
        code: child.code(),
        name,
        known: known.collect(),
        others: std::iter::once((String::new(), "選んでください".to_owned())).chain(others).collect(),
        readers: held
            .into_iter()
            .map(|account| ReaderRow { name: names.of(&account), is_self: account == desk.who.account, account })
            .collect(),
    })
}

async fn page(desk: &Desk, id: &str, form: Form) -> Result<BackgroundsPage, Failure> {
    let view = case::view(desk.house(), &desk.who, id).await?;
    let all = readers::of_case(desk.house(), &desk.who, id).await?;
    let all: Vec<String> = all.into_iter().filter(|reader| !reader.is_guest).map(|reader| reader.account).collect();
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let mut children = Vec::new();
    for (child, name) in CHILDREN {
        children.push(part(desk, &frame, &names, &view, &all, child, name).await?);
    }
    let marked = form.all("matter");
    let matters = Matter::ALL.iter().enumerate().map(|(code, matter)| MatterBox {
        code,
        name: matter.name(),
        is_marked: marked.contains(&code.to_string().as_str()),
    });
    Ok(BackgroundsPage {
        matters: matters.collect(),
        child_choices: std::iter::once((String::new(), "選んでください".to_owned()))
            .chain(CHILDREN.iter().map(|(child, name)| (child.code().to_owned(), (*name).to_owned())))
            .collect(),
        children,
        head: header(&frame, &names, &desk.kind, &view, desk.staff.visit.now),
        bar: Bar::at(desk, "cases"),
        form,
        is_closed: !view.clear.is_open,
        version: view.clear.version,
        frame,
    })
}

/// `/sealed/cases/{id}/backgrounds`
pub(crate) async fn get(desk: Desk, Path(id): Path<String>) -> Result<Response, Failure> {
    show(&page(&desk, &id, Form::new("background")).await?)
}

async fn again(desk: &Desk, id: &str, fields: &Fields, refused: Refused) -> Result<Response, Failure> {
    let mut form = Form::sent("background", fields);
    changed(refused).onto(&mut form)?;
    show_wrong(&page(desk, id, form).await?)
}

fn done(id: &str) -> Response {
    Redirect::to(&format!("/sealed/cases/{id}/backgrounds?done=noted")).into_response()
}

async fn write(desk: &Desk, id: &str, fields: &Fields) -> Result<(), Refused> {
    let child = child_of(fields.get("child")).ok_or_else(|| Refused::Field("child", "選んでください。".into()))?;
    let matters = fields.all("matter").into_iter().filter_map(matter_of).collect();
    let background = Background { child, matters, words: fields.get("words").into() };
    let mut entropy = (desk.staff.app.entropy)();
    let written = welfare::write(desk.house(), entropy.as_mut(), &desk.who, id, seen(fields).0, background).await;
    written.map(|_| ()).map_err(beside)
}

/// `POST /sealed/cases/{id}/backgrounds`
pub(crate) async fn post(Path(id): Path<String>, DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    match write(&desk, &id, &fields).await {
        Ok(()) => Ok(done(&id)),
        Err(refused) => again(&desk, &id, &fields, refused).await,
    }
}

/// `POST /sealed/cases/{id}/backgrounds/{child}/readers`
pub(crate) async fn add(
    Path((id, child)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let child = child_of(&child).ok_or_else(Failure::not_found)?;
    let mut entropy = (desk.staff.app.entropy)();
    let account = fields.get("account");
    match welfare::add_reader(desk.house(), entropy.as_mut(), &desk.who, &id, child, account).await {
        Ok(()) => Ok(done(&id)),
        Err(error) => again(&desk, &id, &fields, beside(error)).await,
    }
}

/// `POST /sealed/cases/{id}/backgrounds/{child}/readers/{account}/removal`
pub(crate) async fn remove(
    Path((id, child, account)): Path<(String, String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let child = child_of(&child).ok_or_else(Failure::not_found)?;
    let mut entropy = (desk.staff.app.entropy)();
    match welfare::remove_reader(desk.house(), entropy.as_mut(), &desk.who, &id, child, &account).await {
        Ok(()) => Ok(done(&id)),
        Err(error) => again(&desk, &id, &fields, beside(error)).await,
    }
}
