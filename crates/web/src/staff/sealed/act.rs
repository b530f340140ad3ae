//! Writing into a case: the page of each form, and the form when it comes.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::case::{self, View};
use casework::entry::What;
use casework::{CaseError, glass, member, readers};

use super::acts::{self, Input, Noun, Offers};
use super::bar::Bar;
use super::case::{Header, header};
use super::forms::AGAIN;
use super::moves;
use super::timeline::{Item, item};
use super::{Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, Refused, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::organisation::choices;
use crate::staff::shown::Names;

/// The form of a noun.
#[derive(Template)]
#[template(path = "staff/sealed/act.html")]
struct ActPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    noun: Noun,
    action: String,
    inputs: Vec<Input>,
    form: Form,
    /// What others wrote since the form was shown.
    news: Vec<Item>,
    version: i64,
    seen: i64,
}

/// Whoever reads a case, as choices.
pub(super) async fn reader_choices(desk: &Desk, names: &Names, id: &str, none: &str) -> Result<Choices, Failure> {
    let all = readers::of_case(desk.house(), &desk.who, id).await?;
    let own = all.into_iter().filter(|reader| !reader.is_guest).map(|reader| {
        let name = names.of(&reader.account);
        (reader.account, name)
    });
    Ok(std::iter::once((String::new(), none.to_owned())).chain(own).collect())
}

/// Whom the form of a noun offers: only what it shows is read.
async fn offers(desk: &Desk, frame: &Frame, names: &Names, noun: Noun, view: &View) -> Result<Offers, Failure> {
    let id = &view.clear.id;
    let mut offers = Offers { readers: Vec::new(), participants: Vec::new(), staff: Vec::new(), sections: Vec::new() };
    match noun.path {
        "tasks" => offers.readers = reader_choices(desk, names, id, "まだ決めない").await?,
        "hand-overs" => offers.readers = reader_choices(desk, names, id, "選んでください").await?,
        "referrals" | "recommendations" => {
            let taking = view.file.participants.iter().filter(|known| known.left.is_none());
            let taking = taking.map(|known| {
                (known.id.clone(), format!("{}（{}）", names.of(&known.account), known.invitation.kind.name()))
            });
            offers.participants = std::iter::once((String::new(), "参加者ではない".to_owned())).chain(taking).collect();
        }
        "parties" => {
            let mut tx = desk.staff.city.db.read().await?;
            let all = access::store::account::all(&mut tx).await?;
            let staff = all.into_iter().map(|account| (account.id, format!("{}（{}）", account.name, account.login)));
            offers.staff = std::iter::once((String::new(), "職員ではない".to_owned())).chain(staff).collect();
            offers.sections = choices(&frame.city, frame.today, "課ではない");
        }
        _ => {}
    }
    Ok(offers)
}

async fn page(
    desk: &Desk,
    view: &View,
    noun: Noun,
    action: String,
    form: Form,
    seen: Option<i64>,
) -> Result<ActPage, Failure> {
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let offers = offers(desk, &frame, &names, noun, view).await?;
    let newer = view.file.entries.iter().filter(|placed| seen.is_some_and(|seen| placed.seq > seen));
    Ok(ActPage {
        news: newer.map(|placed| item(&frame, &names, &view.file, placed)).collect(),
        head: header(&frame, &names, &desk.kind, view, desk.staff.visit.now),
        inputs: acts::inputs(noun, &view.file, &offers),
        bar: Bar::at(desk, "cases"),
        noun: noun.in_course(view.file.course),
        action,
        form,
        version: view.clear.version,
        seen: view.clear.records,
        frame,
    })
}

/// `/sealed/cases/{id}/{noun}/new`
pub(crate) async fn get(desk: Desk, Path((id, path)): Path<(String, String)>) -> Result<Response, Failure> {
    let noun = acts::of_path(&path).ok_or_else(Failure::not_found)?;
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let form = acts::empty(noun, &view.file, desk.staff.visit.today());
    show(&page(&desk, &view, noun, format!("/sealed/cases/{id}/{path}"), form, None).await?)
}

fn to_case(id: &str, done: &str) -> Response {
    Redirect::to(&format!("/sealed/cases/{id}?done={done}")).into_response()
}

/// The version and the last entry that a form had before it.
pub(super) fn seen(fields: &Fields) -> (i64, Option<i64>) {
    (fields.get("version").parse().unwrap_or(-1), fields.get("seen").parse().ok())
}

/// A form on its way: what it writes, where it goes, and its fields where they are not the noun's own.
struct Sent<'a> {
    noun: Noun,
    action: String,
    fields: &'a Fields,
    inputs: Option<Vec<Input>>,
}

/// The form once more, with what is wrong or what changed.
async fn again(desk: &Desk, id: &str, sent: Sent<'_>, refused: Option<Refused>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, id).await?;
    let mut form = Form::sent("act", sent.fields);
    let has_changed = matches!(&refused, Some(Refused::Other(failure)) if failure.is(StatusCode::CONFLICT));
    let is_shown = refused.is_none();
    match refused {
        Some(refused) if !has_changed => refused.onto(&mut form)?,
        _ => {}
    }
    let newer = if has_changed { Some(seen(sent.fields).1.unwrap_or(i64::MAX)) } else { None };
    let mut page = page(desk, &view, sent.noun, sent.action, form, newer).await?;
    if let Some(inputs) = sent.inputs {
        page.inputs = inputs;
    }
    let mut response = if is_shown { show(&page)? } else { show_wrong(&page)? };
    if has_changed {
        *response.status_mut() = StatusCode::CONFLICT;
    }
    Ok(response)
}

/// A rule of the case as a sentence above the form.
pub(super) fn beside(error: CaseError) -> Refused {
    match error {
        CaseError::Rule(sentence) => Refused::Field("", sentence),
        other => other.into(),
    }
}

/// `POST /sealed/cases/{id}/{noun}`
pub(crate) async fn post(
    path: &'static str,
    id: String,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let noun = acts::of_path(path).ok_or_else(Failure::not_found)?;
    let sent = Sent { noun, action: format!("/sealed/cases/{id}/{path}"), fields: &fields, inputs: None };
    let mut entropy = (desk.staff.app.entropy)();
    match acts::what(noun, &fields, entropy.as_mut(), desk.staff.visit.today()) {
        _ if fields.has(AGAIN) => again(&desk, &id, sent, None).await,
        Ok(What::Party(party)) if party.account.is_some() || party.section.is_some() => {
            wall(&desk, &id, sent, What::Party(party)).await
        }
        Ok(what) => write(&desk, &id, sent, what).await,
        Err(refused) => again(&desk, &id, sent, Some(refused)).await,
    }
}

/// Writes an entry and leads back to the case, or shows the form once more.
async fn write(desk: &Desk, id: &str, sent: Sent<'_>, what: What) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    match case::add(desk.house(), entropy.as_mut(), &desk.who, id, seen(sent.fields).0, vec![what]).await {
        Ok(_) => Ok(to_case(id, sent.noun.done)),
        Err(error) => again(desk, id, sent, Some(beside(error))).await,
    }
}

#[derive(Template)]
#[template(path = "staff/sealed/walled.html")]
struct WalledPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    /// Who read the case until now.
    gone: Vec<String>,
}

/// Puts somebody onto the wall, and tells who does not read the case any more.
async fn wall(desk: &Desk, id: &str, sent: Sent<'_>, what: What) -> Result<Response, Failure> {
    let before = readers::of_case(desk.house(), &desk.who, id).await?;
    let mut entropy = (desk.staff.app.entropy)();
    let view = match case::add(desk.house(), entropy.as_mut(), &desk.who, id, seen(sent.fields).0, vec![what]).await {
        Ok(view) => view,
        Err(error) => return again(desk, id, sent, Some(beside(error))).await,
    };
    let after = readers::of_case(desk.house(), &desk.who, id).await?;
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let gone = before.iter().filter(|reader| !after.contains(reader)).map(|reader| names.of(&reader.account));
    show(&WalledPage {
        gone: gone.collect(),
        head: header(&frame, &names, &desk.kind, &view, desk.staff.visit.now),
        bar: Bar::at(desk, "cases"),
        frame,
    })
}

/// `POST /sealed/cases/{id}/tasks/{task}/completion`
pub(crate) async fn complete(
    Path((id, task)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let (mut entropy, what) = ((desk.staff.app.entropy)(), vec![What::TaskDone { id: task }]);
    case::add(desk.house(), entropy.as_mut(), &desk.who, &id, seen(&fields).0, what).await?;
    Ok(to_case(&id, "noted"))
}

const REFERRAL_STATE: Noun = Noun {
    path: "referrals",
    title: "つなぎの返事を記録する",
    button: "返事を記録する",
    lead: "断られたときと取り下げるときは、理由を書きます。",
    done: "noted",
};

/// `POST /sealed/cases/{id}/referrals/{referral}/state`
pub(crate) async fn move_referral(
    Path((id, referral)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let found = view.file.referrals.iter().find(|own| own.id == referral).ok_or_else(Failure::not_found)?;
    let inputs = Some(moves::referral_inputs(moves::next_states(found.state)));
    let action = format!("/sealed/cases/{id}/referrals/{referral}/state");
    let sent = Sent { noun: REFERRAL_STATE, action, fields: &fields, inputs };
    match moves::moved(&referral, &fields) {
        _ if fields.has(AGAIN) => again(&desk, &id, sent, None).await,
        Ok(what) => write(&desk, &id, sent, what).await,
        Err(refused) => again(&desk, &id, sent, Some(refused)).await,
    }
}

const ANSWER: Noun = Noun {
    path: "recommendations",
    title: "学校の回答を記録する",
    button: "回答を記録する",
    lead: "手紙や電話で届いた回答を書き写します。",
    done: "noted",
};

/// `POST /sealed/cases/{id}/recommendations/{recommendation}/answer`
pub(crate) async fn answer(
    Path((id, recommendation)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let action = format!("/sealed/cases/{id}/recommendations/{recommendation}/answer");
    let sent = Sent { noun: ANSWER, action, fields: &fields, inputs: Some(moves::answer_inputs()) };
    if fields.has(AGAIN) {
        return again(&desk, &id, sent, None).await;
    }
    let what = What::RecommendationAnswered { id: recommendation, words: fields.get("words").to_owned() };
    write(&desk, &id, sent, what).await
}

const WITHDRAWAL: Noun = Noun {
    path: "recommendations",
    title: "指導・要請・勧告を取り下げる",
    button: "取り下げる",
    lead: "回答の期限は、なくなります。",
    done: "noted",
};

/// `POST /sealed/cases/{id}/recommendations/{recommendation}/withdrawal`
pub(crate) async fn withdraw(
    Path((id, recommendation)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let action = format!("/sealed/cases/{id}/recommendations/{recommendation}/withdrawal");
    let inputs = Some(vec![acts::input("area", "reason", "理由", "参加者に送ったものなら、その人も読みます。")]);
    let sent = Sent { noun: WITHDRAWAL, action, fields: &fields, inputs };
    if fields.has(AGAIN) {
        return again(&desk, &id, sent, None).await;
    }
    let what = What::RecommendationOff { id: recommendation, reason: fields.get("reason").to_owned() };
    write(&desk, &id, sent, what).await
}

const SUPPORT: Noun = Noun {
    path: "supports",
    title: "支援金を進める",
    button: "記録する",
    lead: "審査、決定、支払いの順に進みます。承認しないときは、理由を書きます。",
    done: "noted",
};

fn support_of<'a>(view: &'a View, support: &str) -> Result<&'a casework::support::Support, Failure> {
    view.file.supports.iter().find(|known| known.ask.id == support).ok_or_else(Failure::not_found)
}

/// `/sealed/cases/{id}/supports/{support}/state`
pub(crate) async fn get_support(desk: Desk, Path((id, support)): Path<(String, String)>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let inputs = moves::support_inputs(support_of(&view, &support)?.state);
    let action = format!("/sealed/cases/{id}/supports/{support}/state");
    let mut page = page(&desk, &view, SUPPORT, action, Form::new("act"), None).await?;
    page.inputs = inputs;
    show(&page)
}

/// `POST /sealed/cases/{id}/supports/{support}/state`
pub(crate) async fn move_support(
    Path((id, support)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    let inputs = Some(moves::support_inputs(support_of(&view, &support)?.state));
    let action = format!("/sealed/cases/{id}/supports/{support}/state");
    let sent = Sent { noun: SUPPORT, action, fields: &fields, inputs };
    match moves::support_moved(&support, &fields) {
        _ if fields.has(AGAIN) => again(&desk, &id, sent, None).await,
        Ok(what) => write(&desk, &id, sent, what).await,
        Err(refused) => again(&desk, &id, sent, Some(refused)).await,
    }
}

/// `POST /sealed/cases/{id}/holds`: kept beyond its time, or not any more.
pub(crate) async fn hold(Path(id): Path<String>, DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    let holds = fields.get("holds") == "yes";
    let (house, who) = (desk.house(), &desk.who);
    match case::hold(house, entropy.as_mut(), who, &id, holds, fields.get("reason")).await {
        Ok(()) => Ok(to_case(&id, "noted")),
        Err(error) => {
            let mut form = Form::sent("hold", &fields);
            match beside(error) {
                // The case's own rule calls it words.
                Refused::Field(_, sentence) => form.wrong("reason", sentence),
                other => other.onto(&mut form)?,
            }
            super::readers::page(&desk, &id, form).await
        }
    }
}

/// `POST /sealed/cases/{id}/glass-shares`: whoever is an officer now gets a share.
pub(crate) async fn glass_shares(Path(id): Path<String>, DeskForm(desk, _): DeskForm) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    glass::refresh(desk.house(), entropy.as_mut(), &desk.who, &id).await?;
    Ok(Redirect::to(&format!("/sealed/cases/{id}/readers?done=glass-shares")).into_response())
}

/// The consultants of the desk who can read cases, by account.
pub(super) async fn consultants(desk: &Desk) -> Result<Vec<String>, Failure> {
    let mut tx = desk.staff.city.db.read().await?;
    let all = member::of_desk(&mut tx, &desk.kind.desk).await?;
    // Where the house keeps the cases, nobody needs a key to read them.
    let reads = |m: &member::Member| m.has_key || !desk.kind.is_sealed();
    let consultants = all.into_iter().filter(|m| m.role == member::DeskRole::Consultant && reads(m));
    Ok(consultants.map(|m| m.account).collect())
}
