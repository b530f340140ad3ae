//! `/sealed/cases/{id}/readers`: who reads a case, who looked at it, and how long it is kept.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use casework::case::{self, View};
use casework::{glass, readers};
use store::audit::{self, Filter, Recorded};

use super::act::{beside, consultants};
use super::bar::Bar;
use super::case::{Header, header};
use super::{Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::form::{Choices, Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// Events that are shown.
const SHOWN: u32 = 200;

struct ReaderRow {
    account: String,
    name: String,
    since: String,
    is_guest: bool,
    is_accountable: bool,
    is_self: bool,
}

struct EventRow {
    at: String,
    who: String,
    what: String,
}

#[derive(Template)]
#[template(path = "staff/sealed/readers.html")]
struct ReadersPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    rows: Vec<ReaderRow>,
    events: Vec<EventRow>,
    /// Consultants who do not read it.
    others: Choices,
    form: Form,
    has_glass: bool,
    retain: String,
}

/// What an event of a case's chain is called.
fn event_name(event: &Recorded, names: &Names) -> String {
    let field = event.fields.as_str();
    let account = || names.of(field);
    match event.action.as_str() {
        "case.open" => "受け付けた".into(),
        "case.view" if field == "file" => "ファイルを開いた".into(),
        "case.view" if field == "partner-file" => "渡されたファイルを受け取った".into(),
        "case.view" => "見た".into(),
        "case.write" => match field {
            "talk" => "ことばを書いた",
            "wishes" => "希望を書いた",
            "file" => "ファイルを入れた",
            "accountable" => "引き継いだ",
            "state" => "終結か再開をした",
            _ => "記録を書いた",
        }
        .into(),
        "case.reader-add" => format!("読む人に{}を加えた", account()),
        "case.reader-remove" if field == "wall" => "壁により読む人から外した".into(),
        "case.reader-remove" => format!("読む人から{}を外した", account()),
        "case.hold" => if field == "on" { "保全を始めた" } else { "保全をやめた" }.into(),
        "case.glass-ask" => "非常時の閲覧を求めた".into(),
        "case.glass-open" => "非常時の閲覧に同意した".into(),
        "case.glass-decline" => "非常時の閲覧を断った".into(),
        "case.glass-refresh" => "非常時の鍵を分け直した".into(),
        "case.shred" => "消した".into(),
        other => other.into(),
    }
}

fn actor(event: &Recorded, names: &Names) -> String {
    match event.actor.strip_prefix("account:") {
        Some(account) => names.of(account),
        None if event.actor == "reporter" => "相談した人".into(),
        None => "自動".into(),
    }
}

/// When somebody became a reader: the last time they were added, or when the case came in.
fn since(frame: &Frame, events: &[Recorded], account: &str, view: &View) -> String {
    let added = events.iter().find(|e| e.action == "case.reader-add" && e.fields == account);
    frame.moment(&added.map_or(view.file.opened_at, |event| event.at))
}

async fn made(desk: &Desk, id: &str, form: Form) -> Result<ReadersPage, Failure> {
    let view = case::view(desk.house(), &desk.who, id).await?;
    let all = readers::of_case(desk.house(), &desk.who, id).await?;
    let members = consultants(desk).await?;
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let has_glass = glass::has_glass(&mut tx, &desk.kind.desk).await?;
    let filter = Filter { object_kind: Some("case"), object: Some(id), ..Filter::default() };
    let events = audit::list(&mut tx, &filter, SHOWN).await?;
    drop(tx);
    let reading: BTreeSet<&str> = all.iter().map(|reader| reader.account.as_str()).collect();
    let others = members.iter().filter(|account| !reading.contains(account.as_str()));
    let others = others.map(|account| (account.clone(), names.of(account)));
    let rows = all.iter().map(|reader| ReaderRow {
        name: names.of(&reader.account),
        since: since(&frame, &events, &reader.account, &view),
        is_guest: reader.is_guest,
        is_accountable: view.clear.accountable.as_deref() == Some(reader.account.as_str()),
        is_self: reader.account == desk.who.account,
        account: reader.account.clone(),
    });
    Ok(ReadersPage {
        head: header(&frame, &names, &desk.kind, &view, desk.staff.visit.now),
        rows: rows.collect(),
        others: std::iter::once((String::new(), "選んでください".to_owned())).chain(others).collect(),
        events: events
            .iter()
            .map(|event| EventRow {
                at: frame.moment(&event.at),
                who: actor(event, &names),
                what: event_name(event, &names),
            })
            .collect(),
        form,
        has_glass,
        retain: view.clear.retain_until.map(|until| frame.day(&until.jst_date())).unwrap_or_default(),
        bar: Bar::at(desk, "cases"),
        frame,
    })
}

/// The page with a form that is wrong.
pub(super) async fn page(desk: &Desk, id: &str, form: Form) -> Result<Response, Failure> {
    show_wrong(&made(desk, id, form).await?)
}

/// `/sealed/cases/{id}/readers`
pub(crate) async fn get(desk: Desk, Path(id): Path<String>) -> Result<Response, Failure> {
    show(&made(&desk, &id, Form::new("reader")).await?)
}

fn done(id: &str, done: &str) -> Response {
    Redirect::to(&format!("/sealed/cases/{id}/readers?done={done}")).into_response()
}

/// `POST /sealed/cases/{id}/readers`
pub(crate) async fn add(Path(id): Path<String>, DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    let account = fields.get("account");
    let outcome = match account {
        "" => Err(casework::CaseError::Rule("加える人を選んでください。".into())),
        account => case::add_reader(desk.house(), entropy.as_mut(), &desk.who, &id, account).await,
    };
    match outcome {
        Ok(()) => Ok(done(&id, "reader-added")),
        Err(error) => {
            let mut form = Form::sent("reader", &fields);
            beside(error).onto(&mut form)?;
            page(&desk, &id, form).await
        }
    }
}

/// `POST /sealed/cases/{id}/readers/{account}/removal`
pub(crate) async fn remove(
    Path((id, account)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    match case::remove_reader(desk.house(), entropy.as_mut(), &desk.who, &id, &account).await {
        Ok(()) => Ok(done(&id, "reader-removed")),
        Err(error) => {
            let mut form = Form::sent("reader", &fields);
            beside(error).onto(&mut form)?;
            page(&desk, &id, form).await
        }
    }
}
