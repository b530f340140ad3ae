//! `/recalls`: from a wrong answer to everyone who was told it.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use city::Lang;
use contact::recall::{self, Concerned, Reach, Recall, Told, Typed};
use contact::{Channel, State};

use super::answers::{desk_of, knows, who};
use super::fields::{Fields, StaffForm};
use super::form::{Form, Refused, show_wrong};
use super::frame::Frame;
use super::gate::Staff;
use super::lists::Asked;
use super::shown::{Names, Titles};
use crate::citizen::show;
use crate::errors::Failure;

/// Recalls in the list.
const SHOWN: i64 = 100;

/// How a state is called, with the colour of its tag.
fn state_name(state: &str) -> (&'static str, &'static str) {
    match state {
        "prepared" => ("まだ送っていない", "warn"),
        "telling" => ("伝えているところ", "warn"),
        "done" => ("伝え終わった", "ok"),
        _ => ("やめた", "dim"),
    }
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "チャット",
        Channel::Line => "LINE",
        Channel::Phone => "電話",
        Channel::Mail => "メール",
        Channel::Counter => "窓口",
        Channel::Fax => "ファクス",
        Channel::Letter => "手紙",
    }
}

fn contact_state_name(state: State) -> &'static str {
    match state {
        State::Bot => "自動で応対中",
        State::Waiting => "職員を待っている",
        State::Held => "職員が応対中",
        State::Resolved => "終わった",
        State::Merged => "まとめられた",
    }
}

fn reach_name(reach: Reach) -> &'static str {
    match reach {
        Reach::Thread => "会話の中で自動で伝わる",
        Reach::Staff => "職員が電話などで伝える",
        Reach::Erased => "伝えられない（記録が消えている）",
    }
}

/// What is recalled, in a line.
fn about(titles: &Titles, recall: &Recall) -> String {
    match (&recall.article, recall.version_from, recall.version_to) {
        (Some(article), Some(from), Some(to)) if from == to => format!("「{}」第{from}版", titles.of(article)),
        (Some(article), Some(from), Some(to)) => format!("「{}」第{from}版から第{to}版", titles.of(article)),
        _ => "職員の返事".into(),
    }
}

struct Row {
    recall: Recall,
    about: String,
    state: &'static str,
    tone: &'static str,
    at: String,
    who: String,
}

#[derive(Template)]
#[template(path = "staff/recalls/list.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    rows: Vec<Row>,
}

fn row(frame: &Frame, titles: &Titles, names: &Names, recall: Recall) -> Row {
    let (state, tone) = state_name(&recall.state);
    let (at, who) = (frame.moment(&recall.made_at), who(names, &recall.made_by));
    Row { about: about(titles, &recall), state, tone, at, who, recall }
}

/// `/recalls`
pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let mut tx = staff.city.db.read().await?;
    let all = recall::all(&mut tx, SHOWN).await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let titles = Titles::of_city(&staff);
    let rows = all.into_iter().map(|r| row(&frame, &titles, &names, r)).collect();
    show(&ListPage { tab: "answers", rows, frame })
}

#[derive(Template)]
#[template(path = "staff/recalls/new.html")]
struct NewPage {
    frame: Frame,
    tab: &'static str,
    form: Form,
    /// What was told by the message.
    said: Option<String>,
    /// The question of the article, if it is there.
    question: Option<String>,
}

/// The page of a form; a message without an article is shown as it was told.
async fn new_page(staff: &Staff, form: Form) -> Result<NewPage, Failure> {
    let message = form.value("message").to_owned();
    let mut said = None;
    if form.value("article").is_empty() && !message.is_empty() {
        let organisation = staff.city.organisation();
        let mut tx = staff.city.db.read().await?;
        said = recall::told_message(&mut tx, desk_of(staff, &organisation), &message).await?.body;
    }
    let snapshot = staff.city.library.snapshot();
    let question = snapshot.by_code(form.value("article")).map(|a| a.text(Lang::Ja).0.question.clone());
    Ok(NewPage { frame: staff.frame("contacts"), tab: "answers", form, said, question })
}

/// `/recalls/new?article=…&version=…` or `?message=…`
pub(crate) async fn new(staff: Staff, Query(pairs): Asked) -> Result<Response, Failure> {
    let asked = Fields::from_pairs(pairs);
    let (mut article, mut version) = (asked.get("article").to_owned(), asked.get("version").to_owned());
    let message = asked.get("message").to_owned();
    if article.is_empty() && !message.is_empty() {
        let organisation = staff.city.organisation();
        let mut tx = staff.city.db.read().await?;
        let told = recall::told_message(&mut tx, desk_of(&staff, &organisation), &message).await?;
        if let Some(answer) = told.content.answer {
            (article, version) = (answer.article, answer.version.to_string());
        }
    }
    let form = Form::new("recall")
        .with("article", article)
        .with("version_from", version.clone())
        .with("version_to", version)
        .with("message", message);
    show(&new_page(&staff, form).await?)
}

/// `POST /recalls`: prepares one; nobody is told yet.
pub(crate) async fn post(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let (organisation, knows) = (staff.city.organisation(), knows(&staff));
    let value = |name: &str| fields.get(name).to_owned();
    let typed = Typed {
        article: value("article"),
        version_from: value("version_from"),
        version_to: value("version_to"),
        message: value("message"),
        reason: value("reason"),
        ja: value("ja"),
        easy: value("easy"),
        en: value("en"),
    };
    let mut entropy = (staff.app.entropy)();
    let mut tx = staff.city.db.write().await?;
    let desk = desk_of(&staff, &organisation);
    match recall::prepare(&mut tx, desk, entropy.as_mut(), &knows, &typed).await {
        Ok(id) => {
            tx.commit().await?;
            Ok(Redirect::to(&format!("/recalls/{id}")).into_response())
        }
        Err(refused) => {
            drop(tx);
            let mut form = Form::sent("recall", &fields);
            Refused::from(refused).onto(&mut form)?;
            show_wrong(&new_page(&staff, form).await?)
        }
    }
}

/// How many contacts there are of a kind.
struct Count {
    reach: &'static str,
    state: &'static str,
    contacts: usize,
}

/// A contact that was told, or is to be.
struct ToldRow {
    told: Told,
    channel: &'static str,
    state: &'static str,
    section: String,
    at: String,
    who: String,
}

#[derive(Template)]
#[template(path = "staff/recalls/one.html")]
struct OnePage {
    frame: Frame,
    tab: &'static str,
    row: Row,
    /// Before it is confirmed.
    counts: Vec<Count>,
    total: usize,
    /// After it.
    to_do: Vec<ToldRow>,
    by_hand: Vec<ToldRow>,
    in_thread: usize,
    told: usize,
    read: usize,
    erased: usize,
    left: usize,
    confirmed: Option<(String, String)>,
}

fn counts(concerned: &[Concerned]) -> Vec<Count> {
    let counted = recall::counted(concerned).into_iter();
    counted
        .map(|((reach, state), contacts)| Count {
            reach: reach_name(reach),
            state: contact_state_name(state),
            contacts,
        })
        .collect()
}

/// `/recalls/{id}`
pub(crate) async fn one(staff: Staff, Path(id): Path<String>) -> Result<Response, Failure> {
    let frame = staff.frame("contacts");
    let mut tx = staff.city.db.read().await?;
    let found = recall::get(&mut tx, &id).await?.ok_or_else(Failure::not_found)?;
    let concerned = match found.state.as_str() {
        "prepared" => recall::concerned(&mut tx, &found).await?,
        _ => Vec::new(),
    };
    let contacts = recall::contacts(&mut tx, &id).await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let of = |reach: Reach| contacts.iter().filter(move |c| c.reach == reach);
    let (in_thread, erased) = (of(Reach::Thread).count(), of(Reach::Erased).count());
    let told = of(Reach::Thread).filter(|c| c.told_at.is_some()).count();
    let read = of(Reach::Thread).filter(|c| c.is_read()).count();
    let left = contacts.iter().filter(|c| c.noted_at.is_none()).count();
    let confirmed =
        found.confirmed_at.zip(found.confirmed_by.as_deref()).map(|(at, by)| (frame.moment(&at), who(&names, by)));
    let shown = |told: Told| ToldRow {
        channel: channel_name(told.channel),
        state: contact_state_name(told.state),
        section: frame.section(&told.section),
        at: told.told_at.map_or_else(String::new, |at| frame.moment(&at)),
        who: told.told_by.as_deref().map_or_else(String::new, |by| who(&names, by)),
        told,
    };
    let for_staff = contacts.iter().filter(|c| c.reach == Reach::Staff).cloned();
    let (by_hand, to_do): (Vec<Told>, Vec<Told>) = for_staff.partition(|c| c.told_at.is_some());
    show(&OnePage {
        tab: "answers",
        counts: counts(&concerned),
        total: concerned.len(),
        to_do: to_do.into_iter().map(shown).collect(),
        by_hand: by_hand.into_iter().map(shown).collect(),
        in_thread,
        told,
        read,
        erased,
        left,
        confirmed,
        row: row(&frame, &Titles::of_city(&staff), &names, found),
        frame,
    })
}

/// `POST /recalls/{id}/confirmation`
pub(crate) async fn confirm(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let (organisation, mut entropy) = (staff.city.organisation(), (staff.app.entropy)());
    let mut tx = staff.city.db.write().await?;
    recall::confirm(&mut tx, desk_of(&staff, &organisation), entropy.as_mut(), &id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/recalls/{id}?done=recall-confirmed")).into_response())
}

/// `POST /recalls/{id}/withdrawal`
pub(crate) async fn withdraw(Path(id): Path<String>, StaffForm(staff, _): StaffForm) -> Result<Response, Failure> {
    let organisation = staff.city.organisation();
    let mut tx = staff.city.db.write().await?;
    recall::give_up(&mut tx, desk_of(&staff, &organisation), &id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/recalls/{id}?done=cancelled")).into_response())
}

/// `POST /recalls/{id}/told`: somebody of the staff told a citizen.
pub(crate) async fn told(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let (organisation, mut entropy) = (staff.city.organisation(), (staff.app.entropy)());
    let mut tx = staff.city.db.write().await?;
    recall::mark_told(&mut tx, desk_of(&staff, &organisation), entropy.as_mut(), &id, fields.get("contact")).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/recalls/{id}?done=recall-told")).into_response())
}
