//! `/line/menus`: the rich menus, what is shown now, what comes, and the picture of one.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use line_account::menu::plan::Kind;
use line_account::menu::{self, State, draft, planning};

use super::editor::{self, Page};
use super::{Book, Picture, editor_of, span, why};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::answers::who;
use crate::staff::fields::{Fields, StaffFiles, StaffForm};
use crate::staff::form::{Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::shown::Names;

/// Entries of the history on the page.
const HISTORY: i64 = 30;

struct Row {
    picture: Picture,
    tags: Vec<(&'static str, &'static str)>,
    updated: String,
    is_ready: bool,
}

struct Coming {
    when: String,
    menu: String,
    name: String,
    why: &'static str,
    tone: &'static str,
}

struct Entry {
    at: String,
    who: String,
    act: &'static str,
    menu: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "staff/line/menus.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    book: Book,
    shown: Option<Picture>,
    coming: Vec<Coming>,
    rows: Vec<Row>,
    history: Vec<Entry>,
}

fn act_name(act: &str) -> &'static str {
    match act {
        "make" => "作った",
        "write" => "直した",
        "remove" => "消した",
        "default" => "ふだんのメニューにした",
        "schedule" => "予定を入れた",
        "end" => "予定を取り消した・終えた",
        "emergency" => "緊急メニューに切り替えた",
        "drill" => "緊急メニューに切り替えた（訓練）",
        "calm" => "通常に戻した",
        "attempt" => "もう一度試した",
        "shown" => "LINEに反映した",
        "hidden" => "LINEのメニューを外した",
        "failed" => "LINEに反映できなかった",
        _ => "—",
    }
}

fn entry(frame: &Frame, names: &Names, (event, name): (menu::Event, String)) -> Entry {
    let reason = if event.act == "failed" { menu::sentence(&event.reason) } else { event.reason };
    Entry { at: frame.moment(&event.at), who: who(names, &event.actor), act: act_name(&event.act), menu: name, reason }
}

fn row(frame: &Frame, book: &Book, menu: &menu::Menu) -> Row {
    let mut tags = Vec::new();
    if book.now.as_ref().is_some_and(|n| n.menu.id == menu.id) {
        tags.push(("いま出ている", "ok"));
    }
    if book.plans.iter().any(|p| p.menu == menu.id && p.kind == Kind::Default) {
        tags.push(("ふだん", "dim"));
    }
    if menu.is_emergency {
        tags.push(("緊急用", "warn"));
    }
    if menu.state == State::Draft {
        tags.push(("絵がない", "bad"));
    }
    Row {
        picture: Picture::of(menu),
        tags,
        updated: frame.moment(&menu.updated_at),
        is_ready: menu.state == State::Ready,
    }
}

/// `/line/menus`
pub(crate) async fn list(staff: Staff) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let book = Book::read(&staff, &frame).await?;
    let mut tx = staff.city.db.read().await?;
    let (names, events) = (Names::load(&mut tx).await?, menu::events(&mut tx, HISTORY).await?);
    drop(tx);
    let coming = book.plans.iter().filter(|p| p.is_coming(staff.app.now())).map(|p| {
        let (why, tone) = why(p);
        Coming { when: span(&frame, p), menu: p.menu.clone(), name: book.name_of(&p.menu).to_owned(), why, tone }
    });
    show(&ListPage {
        tab: "line",
        coming: coming.collect(),
        shown: book.now.as_ref().map(|n| Picture::of(&n.menu)),
        rows: book.menus.iter().map(|m| row(&frame, &book, m)).collect(),
        history: events.into_iter().map(|e| entry(&frame, &names, e)).collect(),
        book,
        frame,
    })
}

/// `/line/menus/new`
pub(crate) async fn new(staff: Staff, Query(query): Query<Vec<(String, String)>>) -> Result<Response, Failure> {
    let is_emergency = Fields::from_pairs(query).get("kind") == "emergency";
    let typed = if is_emergency {
        draft::emergency_template(&staff.city.organisation().profile.phone)
    } else {
        editor::everyday()
    };
    show(&Page::new(&staff, None, &typed, Form::new("menu"), Vec::new()).await?)
}

/// `/line/menus/{id}`
pub(crate) async fn one(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let menu = menu::get(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    drop(tx);
    show(&Page::new(&staff, Some(&menu), &(&menu).into(), Form::new("menu"), Vec::new()).await?)
}

async fn save(StaffFiles(staff, fields, files): StaffFiles, id: Option<String>) -> Result<Response, Failure> {
    let typed = editor::typed(&fields, files);
    let mut tx = staff.city.db.read().await?;
    let old = match &id {
        Some(id) => Some(menu::get(&mut tx, id).await?.ok_or_else(Failure::not_found)?),
        None => None,
    };
    drop(tx);
    // Without script, another layout is shown by sending the form.
    if fields.get("step") == "layout" {
        return show(&Page::new(&staff, old.as_ref(), &typed, Form::sent("menu", &fields), Vec::new()).await?);
    }
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    match draft::write(&mut tx, editor_of(&staff), entropy.as_mut(), id.as_deref(), &typed).await {
        Ok(id) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/line/menus/{id}?done=menu-saved")).into_response())
        }
        Err(menu::MenuError::Form(problems)) => {
            drop(tx);
            let mut form = Form::sent("menu", &fields);
            for problem in &problems {
                form.wrong(problem.field, problem.reason.clone());
            }
            show_wrong(&Page::new(&staff, old.as_ref(), &typed, form, problems).await?)
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /line/menus`
pub(crate) async fn post(form: StaffFiles) -> Result<Response, Failure> {
    save(form, None).await
}

/// `POST /line/menus/{id}`
pub(crate) async fn post_one(Path(id): Path<String>, form: StaffFiles) -> Result<Response, Failure> {
    save(form, Some(id)).await
}

/// The picture of a menu.
pub(crate) async fn picture(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let mut tx = staff.city.db.read().await?;
    let (bytes, kind, sha) = menu::image(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let kind = if kind == "image/png" { "image/png" } else { "image/jpeg" };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{sha}\"")) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    Ok(response)
}

/// Takes a menu away.
pub(crate) async fn remove(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    draft::remove(&mut tx, editor_of(&staff), entropy.as_mut(), &id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/line/menus?done=removed").into_response())
}

/// `POST /line/attempts`: tells LINE once more.
pub(crate) async fn attempt(StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    planning::attempt(&mut tx, editor_of(&staff), entropy.as_mut()).await?;
    tx.commit().await?;
    Ok(Redirect::to("/line/menus?done=repeated").into_response())
}
