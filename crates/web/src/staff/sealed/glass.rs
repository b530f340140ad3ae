//! `/sealed/glass`: two officers together open one case when none of its readers is there.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use casework::member::{self, DeskRole};
use casework::{CaseError, glass, overview};

use super::bar::Bar;
use super::shared::{DESK, choose, onto};
use super::{Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::form::{Choices, Form, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// A request that waits for whoever looks.
struct Waiting {
    id: String,
    case: String,
    who: String,
    asked: String,
    until: String,
    /// The reason, or the sentence that says why it cannot be read.
    reason: Result<String, String>,
}

/// What whoever looks asked for.
struct Asked {
    case: String,
    /// The whole id, once the case can be read.
    open: Option<String>,
    second: String,
    asked: String,
    state: String,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "staff/sealed/glass.html")]
struct GlassPage {
    frame: Frame,
    bar: Bar,
    waiting: Vec<Waiting>,
    asked: Vec<Asked>,
    form: Form,
    seconds: Choices,
    /// Whether the desk has two officers with keys.
    has_glass: bool,
}

async fn reason(desk: &Desk, request: &str) -> Result<Result<String, String>, Failure> {
    match glass::reason(desk.house(), &desk.who, request).await {
        Ok(reason) => Ok(Ok(reason.to_string())),
        Err(CaseError::Rule(sentence)) => Ok(Err(sentence)),
        Err(CaseError::NotFound) => Ok(Err("この求めには、もう答えられません。".into())),
        Err(other) => Err(other.into()),
    }
}

async fn page(desk: &Desk, form: Form) -> Result<GlassPage, Failure> {
    let (staff, now) = (&desk.staff, desk.staff.visit.now);
    let frame = staff.frame("sealed");
    let own = staff.who.account.as_str();
    let mut tx = staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let members = member::of_desk(&mut tx, DESK).await?;
    let has_glass = glass::has_glass(&mut tx, DESK).await?;
    let mine = glass::asked_by(&mut tx, own).await?;
    drop(tx);
    let mut waiting = Vec::new();
    for found in glass::waiting(desk.house(), own).await? {
        waiting.push(Waiting {
            reason: reason(desk, &found.id).await?,
            case: overview::short(&found.case),
            who: names.of(&found.asked_by),
            asked: frame.moment(&found.asked_at),
            until: frame.moment(&found.until),
            id: found.id,
        });
    }
    let asked = mine.into_iter().map(|found| {
        let (state, tone) = match found.opened_at {
            Some(at) => (format!("{}に同意されました", frame.moment(&at)), "ok"),
            None if found.until <= now => ("24時間がすぎました".into(), "dim"),
            None => (format!("{}まで待っています", frame.moment(&found.until)), "warn"),
        };
        Asked {
            open: found.opened_at.map(|_| found.case.clone()),
            case: overview::short(&found.case),
            second: names.of(&found.second),
            asked: frame.moment(&found.asked_at),
            state,
            tone,
        }
    });
    let able = members.iter().filter(|m| m.role == DeskRole::Officer && m.has_key && m.account != own);
    Ok(GlassPage {
        bar: Bar::new(staff, "glass", true),
        waiting,
        asked: asked.collect(),
        seconds: choose(&names, "選んでください", able.map(|m| m.account.as_str())),
        form,
        has_glass,
        frame,
    })
}

/// Only officers of the desk; for all others the page is not there.
fn officer(desk: &Desk) -> Result<(), Failure> {
    if desk.staff.is_at(DESK, DeskRole::Officer) { Ok(()) } else { Err(Failure::not_found()) }
}

/// `/sealed/glass`
pub(crate) async fn get(desk: Desk) -> Result<Response, Failure> {
    officer(&desk)?;
    show(&page(&desk, Form::new("glass")).await?)
}

/// `POST /sealed/glass`: asks.
pub(crate) async fn post(DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    officer(&desk)?;
    let mut form = Form::sent("glass", &fields);
    let mut tx = desk.staff.city.db.read().await?;
    let case = overview::find(&mut tx, DESK, fields.get("case")).await?;
    drop(tx);
    if fields.get("second").is_empty() {
        form.wrong("second", "もう一人の担当者を選んでください。一人では開けません。");
    }
    // The same sentence for a case that is not there and for one of whose wall this officer is a part.
    const UNKNOWN: &str = "この番号札の事案は見つかりません。8文字を、もう一度確かめてください。";
    let Some(case) = case.filter(|_| !form.is_wrong()) else {
        if !form.is_wrong() {
            form.wrong("case", UNKNOWN);
        }
        return show_wrong(&page(&desk, form).await?);
    };
    let mut entropy = (desk.staff.app.entropy)();
    let (second, reason) = (fields.get("second"), fields.get("reason"));
    match glass::ask(desk.house(), entropy.as_mut(), &desk.who, &case, second, reason).await {
        Ok(_) => Ok(Redirect::to("/sealed/glass?done=glass-asked").into_response()),
        Err(CaseError::NotFound) => {
            form.wrong("case", UNKNOWN);
            show_wrong(&page(&desk, form).await?)
        }
        Err(error) => {
            onto(error, &mut form)?;
            show_wrong(&page(&desk, form).await?)
        }
    }
}

/// `POST /sealed/glass/{id}/agreement`: whoever asked can read the case.
pub(crate) async fn agree(Path(id): Path<String>, DeskForm(desk, _): DeskForm) -> Result<Response, Failure> {
    officer(&desk)?;
    let mut entropy = (desk.staff.app.entropy)();
    glass::agree(desk.house(), entropy.as_mut(), &desk.who, &id).await?;
    Ok(Redirect::to("/sealed/glass?done=glass-agreed").into_response())
}

/// `POST /sealed/glass/{id}/refusal`
pub(crate) async fn decline(Path(id): Path<String>, DeskForm(desk, _): DeskForm) -> Result<Response, Failure> {
    officer(&desk)?;
    glass::decline(desk.house(), &desk.who, &id).await?;
    Ok(Redirect::to("/sealed/glass?done=glass-declined").into_response())
}
