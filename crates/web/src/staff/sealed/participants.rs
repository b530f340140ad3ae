//! `/sealed/cases/{id}/participants`: people from outside who help with a case (参加者), and what of it they are told
//! (開示), item by item: picked first, then read once more in the words that they will get.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use casework::case::{self, View};
use casework::entry::{Attached, Party, What};
use casework::participant::{self, Invite, Item as Told, PartnerKind};
use casework::{CaseFile, mask};

use super::act::{beside, seen};
use super::bar::Bar;
use super::case::{Header, header};
use super::timeline::{FileRow, Item, file_row, item};
use super::{Desk, DeskForm};
use crate::citizen::show;
use crate::errors::Failure;
use crate::staff::fields::Fields;
use crate::staff::form::{Choices, Form, Refused, show_wrong};
use crate::staff::frame::Frame;
use crate::staff::shown::Names;

/// Where participants come from, by code.
const KINDS: [(&str, PartnerKind); 6] = [
    ("board", PartnerKind::BoardOfEducation),
    ("school", PartnerKind::School),
    ("welfare", PartnerKind::Welfare),
    ("police", PartnerKind::Police),
    ("lawyer", PartnerKind::Lawyer),
    ("other", PartnerKind::Other),
];

struct ToldRow {
    id: String,
    title: String,
    words: String,
    /// Kind and size, where it is a file.
    file: String,
    at: String,
    /// When and why it was taken back.
    withdrawn: String,
}

struct Row {
    id: String,
    name: String,
    kind: &'static str,
    reaches_school: bool,
    purpose: String,
    consent: String,
    since: String,
    left: String,
    told: Vec<ToldRow>,
    said: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "staff/sealed/participants.html")]
struct ParticipantsPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    rows: Vec<Row>,
    form: Form,
    accounts: Choices,
    kinds: Choices,
    is_closed: bool,
    version: i64,
    seen: i64,
}

/// What every page here begins with.
struct Base {
    frame: Frame,
    names: Names,
    bar: Bar,
    head: Header,
}

async fn base(desk: &Desk, view: &View) -> Result<Base, Failure> {
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    let head = header(&frame, &names, &desk.kind, view, desk.staff.visit.now);
    Ok(Base { bar: Bar::at(desk, "cases"), names, head, frame })
}

fn row(frame: &Frame, names: &Names, known: &participant::Participant) -> Row {
    let told = known.disclosures.iter().map(|told| ToldRow {
        id: told.disclosed.id.clone(),
        title: told.disclosed.title.clone(),
        words: told.disclosed.words.clone(),
        file: told.disclosed.file.as_ref().map(|file| file_row(file).about).unwrap_or_default(),
        at: frame.moment(&told.at),
        withdrawn: told.withdrawn.as_ref().map(|(at, why)| format!("{} {why}", frame.moment(at))).unwrap_or_default(),
    });
    Row {
        id: known.id.clone(),
        name: names.of(&known.account),
        kind: known.invitation.kind.name(),
        reaches_school: known.reaches_school(),
        purpose: known.invitation.purpose.clone(),
        consent: known.invitation.consent.clone(),
        since: frame.moment(&known.since),
        left: known.left.as_ref().map(|(at, why)| format!("{} {why}", frame.moment(at))).unwrap_or_default(),
        told: told.collect(),
        said: known.said.iter().map(|said| (frame.moment(&said.at), said.words.clone())).collect(),
    }
}

fn pair(code: &str, words: &str) -> (String, String) {
    (code.to_owned(), words.to_owned())
}

async fn list(desk: &Desk, view: &View, form: Form) -> Result<ParticipantsPage, Failure> {
    let Base { frame, names, bar, head } = base(desk, view).await?;
    let mut tx = desk.staff.city.db.read().await?;
    let able = participant::candidates(&mut tx, &desk.kind.desk).await?;
    drop(tx);
    let taking = |account: &str| view.file.participants.iter().any(|p| p.account == account && p.left.is_none());
    let accounts = able.into_iter().filter(|account| !taking(account)).map(|account| {
        let name = names.of(&account);
        (account, name)
    });
    Ok(ParticipantsPage {
        rows: view.file.participants.iter().map(|known| row(&frame, &names, known)).collect(),
        accounts: std::iter::once(pair("", "選んでください")).chain(accounts).collect(),
        kinds: std::iter::once(pair("", "選んでください"))
            .chain(KINDS.iter().map(|(code, kind)| pair(code, kind.name())))
            .collect(),
        form,
        is_closed: !view.clear.is_open,
        version: view.clear.version,
        seen: view.clear.records,
        head,
        bar,
        frame,
    })
}

/// `/sealed/cases/{id}/participants`
pub(crate) async fn get(desk: Desk, Path(id): Path<String>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    show(&list(&desk, &view, Form::new("invite")).await?)
}

fn done(id: &str) -> Response {
    Redirect::to(&format!("/sealed/cases/{id}/participants?done=noted")).into_response()
}

/// The list once more, with what is wrong; what somebody else wrote meanwhile is on the page as well.
async fn again(
    desk: &Desk,
    id: &str,
    name: &'static str,
    fields: &Fields,
    refused: Refused,
) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, id).await?;
    let mut form = Form::sent(name, fields);
    changed(refused).onto(&mut form)?;
    show_wrong(&list(desk, &view, form).await?)
}

/// That somebody else wrote, as a sentence above a form.
pub(super) fn changed(refused: Refused) -> Refused {
    match refused {
        Refused::Other(failure) if failure.is(axum::http::StatusCode::CONFLICT) => Refused::Field(
            "",
            "書いているあいだに、ほかの人が記録しました。いまの内容を確かめて、よければもう一度押してください。".into(),
        ),
        other => other,
    }
}

async fn invite(desk: &Desk, id: &str, fields: &Fields) -> Result<(), Refused> {
    let kind = KINDS.iter().find(|(code, _)| *code == fields.get("kind")).map(|(_, kind)| *kind);
    let kind = kind.ok_or_else(|| Refused::Field("kind", "選んでください。".into()))?;
    if !fields.has("account") {
        return Err(Refused::Field("account", "選んでください。".into()));
    }
    let invite = Invite {
        account: fields.get("account"),
        kind,
        reaches_school: fields.has("reaches_school"),
        purpose: fields.get("purpose"),
        consent: fields.get("consent"),
    };
    let mut entropy = (desk.staff.app.entropy)();
    let written = participant::invite(desk.house(), entropy.as_mut(), &desk.who, id, seen(fields).0, invite);
    written.await.map(|_| ()).map_err(beside)
}

/// `POST /sealed/cases/{id}/participants`
pub(crate) async fn post(Path(id): Path<String>, DeskForm(desk, fields): DeskForm) -> Result<Response, Failure> {
    match invite(&desk, &id, &fields).await {
        Ok(()) => Ok(done(&id)),
        Err(refused) => again(&desk, &id, "invite", &fields, refused).await,
    }
}

/// `POST /sealed/cases/{id}/participants/{participant}/removal`
pub(crate) async fn remove(
    Path((id, participant)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    let gone = (participant.as_str(), fields.get("reason"));
    match participant::uninvite(desk.house(), entropy.as_mut(), &desk.who, &id, seen(&fields).0, gone).await {
        Ok(_) => Ok(done(&id)),
        Err(error) => again(&desk, &id, "remove", &fields, beside(error)).await,
    }
}

/// `POST /sealed/cases/{id}/disclosures/{disclosure}/withdrawal`
pub(crate) async fn withdraw(
    Path((id, disclosure)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    let back = (disclosure.as_str(), fields.get("reason"));
    match participant::withdraw(desk.house(), entropy.as_mut(), &desk.who, &id, seen(&fields).0, back).await {
        Ok(_) => Ok(done(&id)),
        Err(error) => again(&desk, &id, "withdraw", &fields, beside(error)).await,
    }
}

/// An entry that can be picked.
struct Pick {
    item: Item,
    is_picked: bool,
    /// Whether the participant sees a copy of it now.
    is_seen: bool,
}

#[derive(Template)]
#[template(path = "staff/sealed/disclose.html")]
struct PickPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    row: Row,
    picks: Vec<Pick>,
    form: Form,
}

fn find<'a>(file: &'a CaseFile, id: &str) -> Result<&'a participant::Participant, Failure> {
    let taking = file.participants.iter().find(|known| known.id == id && known.left.is_none());
    taking.ok_or_else(Failure::not_found)
}

async fn pick_page(desk: &Desk, view: &View, participant: &str, form: Form) -> Result<PickPage, Failure> {
    let known = find(&view.file, participant)?;
    let Base { frame, names, bar, head } = base(desk, view).await?;
    let picked = form.all("entry");
    let own = view.file.entries.iter().filter(|placed| {
        // The background of a child is guarded, and what a participant was told is a copy already.
        placed.whose.is_none() && original(&placed.entry.what).is_some()
    });
    let picks = own.map(|placed| Pick {
        is_picked: picked.contains(&placed.id.as_str()),
        is_seen: known.sees(&placed.id),
        item: item(&frame, &names, &view.file, placed),
    });
    Ok(PickPage { picks: picks.collect(), row: row(&frame, &names, known), form, head, bar, frame })
}

/// `/sealed/cases/{id}/participants/{participant}/disclosures/new`
pub(crate) async fn pick(desk: Desk, Path((id, who)): Path<(String, String)>) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    show(&pick_page(&desk, &view, &who, Form::new("pick")).await?)
}

/// What of an entry can be disclosed: its words, or its file.
fn original(what: &What) -> Option<&str> {
    what.text().or_else(|| attached(what).map(|file| file.name.as_str()))
}

fn attached(what: &What) -> Option<&Attached> {
    if let What::Attached(file) = what { Some(file) } else { None }
}

/// Something picked, in the words that will be told.
struct Draft {
    entry: String,
    kind: &'static str,
    /// As it stands in the case: words, or the name of a file.
    original: String,
    /// The file; the title is the name under which it is given then.
    file: Option<FileRow>,
    /// Whether somebody says that they looked into the file.
    is_looked_into: bool,
    title: String,
    words: String,
    /// Whether names were found and masked.
    is_masked: bool,
    error: &'static str,
}

#[derive(Template)]
#[template(path = "staff/sealed/disclose_confirm.html")]
struct ConfirmPage {
    frame: Frame,
    bar: Bar,
    head: Header,
    row: Row,
    drafts: Vec<Draft>,
    form: Form,
    version: i64,
    seen: i64,
}

const NO_WORDS: &str = "見せることばを書いてください。";
const NOT_LOOKED_INTO: &str = "ファイルを開いて中身を確かめ、しるしを付けてください。";

/// Words in which the names of the parties are masked.
pub(super) fn masked(words: &str, parties: &[Party]) -> String {
    mask::apply(words, &mask::suggest(words, parties))
}

/// What was picked, with what was typed for it before, or the words with names masked.
fn drafts(frame: &Frame, names: &Names, file: &CaseFile, fields: &Fields) -> Vec<Draft> {
    let mut all = Vec::new();
    for id in fields.all("entry") {
        let Some(placed) = file.entries.iter().find(|placed| placed.id == id && placed.whose.is_none()) else {
            continue;
        };
        let Some(original) = original(&placed.entry.what) else { continue };
        let shown = item(frame, names, file, placed);
        let suggested = masked(original, &file.parties);
        let (title, words, looked) = (format!("title-{id}"), format!("words-{id}"), format!("looked-{id}"));
        let typed = |name: &str| fields.pairs().iter().any(|(own, _)| own == name);
        let (first_title, first_words, error) = match shown.file {
            Some(_) if typed(&title) && !fields.has(&looked) => (String::new(), String::new(), NOT_LOOKED_INTO),
            Some(_) => (suggested.clone(), String::new(), ""),
            None if typed(&words) && !fields.has(&words) => (String::new(), String::new(), NO_WORDS),
            None => (format!("{}（{}）", shown.kind, shown.at), suggested.clone(), ""),
        };
        all.push(Draft {
            entry: id.to_owned(),
            kind: shown.kind,
            is_masked: suggested != original,
            title: if typed(&title) { fields.get(&title).into() } else { first_title },
            words: if typed(&words) { fields.get(&words).into() } else { first_words },
            original: original.to_owned(),
            file: shown.file,
            is_looked_into: fields.has(&looked),
            error,
        });
    }
    all
}

async fn confirm_page(
    desk: &Desk,
    view: &View,
    participant: &str,
    fields: &Fields,
    form: Form,
) -> Result<ConfirmPage, Failure> {
    let known = find(&view.file, participant)?;
    let Base { frame, names, bar, head } = base(desk, view).await?;
    Ok(ConfirmPage {
        drafts: drafts(&frame, &names, &view.file, fields),
        row: row(&frame, &names, known),
        version: view.clear.version,
        seen: view.clear.records,
        form,
        head,
        bar,
        frame,
    })
}

/// `POST /sealed/cases/{id}/participants/{participant}/drafts`: what was picked, to be read once more. Nobody is told yet.
pub(crate) async fn draft(
    Path((id, participant)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, &id).await?;
    if fields.all("entry").is_empty() && !fields.has("own") {
        let mut form = Form::sent("pick", &fields);
        form.wrong("", "開示するものを、一つ以上えらぶか、ことばを書いてください。");
        return show_wrong(&pick_page(&desk, &view, &participant, form).await?);
    }
    let form = Form::sent("confirm", &fields);
    show(&confirm_page(&desk, &view, &participant, &fields, form).await?)
}

fn told(fields: &Fields) -> Result<Vec<Told>, Refused> {
    let mut items = Vec::new();
    for id in fields.all("entry") {
        let words = fields.get(&format!("words-{id}"));
        let is_file = fields.has(&format!("file-{id}"));
        if is_file && !fields.has(&format!("looked-{id}")) {
            return Err(Refused::Field("", "中身を確かめていないファイルがあります。".into()));
        }
        if words.is_empty() && !is_file {
            return Err(Refused::Field("", "見せることばが空のものがあります。".into()));
        }
        let title = fields.get(&format!("title-{id}")).to_owned();
        items.push(Told { from_entry: Some(id.to_owned()), title, words: Some(words.to_owned()) });
    }
    if let Some(own) = fields.optional("own") {
        let title = fields.optional("own_title").unwrap_or("窓口から").to_owned();
        items.push(Told { from_entry: None, title, words: Some(own.to_owned()) });
    }
    Ok(items)
}

/// `POST /sealed/cases/{id}/participants/{participant}/disclosures`
pub(crate) async fn disclose(
    Path((id, participant)): Path<(String, String)>,
    DeskForm(desk, fields): DeskForm,
) -> Result<Response, Failure> {
    let mut entropy = (desk.staff.app.entropy)();
    let outcome = match told(&fields) {
        Ok(items) => {
            let what = (participant.as_str(), items.as_slice());
            let written =
                participant::disclose(desk.house(), entropy.as_mut(), &desk.who, &id, seen(&fields).0, what).await;
            written.map_err(beside)
        }
        Err(refused) => Err(refused),
    };
    match outcome {
        Ok(_) => Ok(done(&id)),
        Err(refused) => {
            let view = case::view(desk.house(), &desk.who, &id).await?;
            let mut form = Form::sent("confirm", &fields);
            changed(refused).onto(&mut form)?;
            show_wrong(&confirm_page(&desk, &view, &participant, &fields, form).await?)
        }
    }
}
