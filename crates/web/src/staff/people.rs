//! `/people`: persons, for those who look after personal data. Nobody browses: who looks for somebody knows
//! an address, a question or an id, and every look is recorded.

use access::two_person::{self, Asked};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use people::message::{self, Entry};
use people::secrecy::{self, Reason};
use people::{Channel, Viewing, address, consent, household, merge as merging, person};
use store::Tx;
use store::audit::{self, Event};

use super::fields::{Fields, StaffForm};
use super::frame::Frame;
use super::gate::Staff;
use super::slips::SlipRow;
use crate::citizen::show;
use crate::errors::Failure;

/// Persons under secrecy on the first page.
const LISTED: i64 = 200;
/// Messages of a person on their page.
const MESSAGES: i64 = 50;

async fn note(tx: &mut Tx, staff: &Staff, action: &str, id: &str, fields: &[&str]) -> Result<(), Failure> {
    let event = Event { actor: &staff.who.actor(), action, object_kind: "person", object: id, fields };
    Ok(audit::record(tx, staff.app.clock.as_ref(), event).await?)
}

fn viewing(staff: &Staff) -> Viewing {
    Viewing::staff(staff.who.may(access::Action::PersonRead))
}

fn reason_name(code: &str) -> &'static str {
    Reason::from_code(code).map_or("—", Reason::name)
}

struct Line {
    id: String,
    name: String,
    secret: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/people.html")]
struct PeoplePage {
    frame: Frame,
    found: Option<Vec<Line>>,
    secret: Vec<Line>,
}

fn line(staff: &Staff, frame: &Frame, person: &person::Person) -> Line {
    let name = person.name.as_ref().map_or_else(|| "（名前なし）".into(), |n| n.reveal(viewing(staff)).to_string());
    let secret =
        person.secrecy.as_ref().map(|s| format!("{} から、{}", frame.moment(&s.since), reason_name(&s.reason)));
    Line { id: person.id.clone(), name, secret }
}

async fn first_page(staff: &Staff, tx: &mut Tx, found: Option<Vec<Line>>) -> Result<Response, Failure> {
    let frame = staff.frame("people");
    let secret = person::under_secrecy(tx, LISTED).await?.iter().map(|p| line(staff, &frame, p)).collect();
    note(tx, staff, "person.list", "secrecy", &["name", "secrecy"]).await?;
    show(&PeoplePage { frame, found, secret })
}

pub(crate) async fn get(staff: Staff) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    let response = first_page(&staff, &mut tx, None).await?;
    tx.commit().await?;
    Ok(response)
}

/// Ids of the persons that are meant by an address, the number of a question, or an id.
async fn meant(tx: &mut Tx, typed: &str) -> Result<(Vec<String>, &'static str), Failure> {
    if typed.contains(['@', '＠']) {
        return Ok((address::find(tx, Channel::Mail, typed).await?, "address"));
    }
    if let Some(question) = knowledge::question::one(tx, typed).await? {
        return Ok((knowledge::question::person_of(tx, &question.id).await?.into_iter().collect(), "question"));
    }
    match person::get(tx, typed).await {
        Ok(person) => Ok((vec![person.id], "id")),
        Err(people::PeopleError::NotFound) => Ok((Vec::new(), "id")),
        Err(other) => Err(other.into()),
    }
}

/// Looks somebody up. The form is posted, so that no address stands in an address.
pub(crate) async fn search(StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    if !fields.has("q") {
        let response = first_page(&staff, &mut tx, None).await?;
        tx.commit().await?;
        return Ok(response);
    }
    let (ids, by) = meant(&mut tx, fields.get("q")).await?;
    note(&mut tx, &staff, "person.search", "search", &[by]).await?;
    if let [id] = ids.as_slice() {
        tx.commit().await?;
        return Ok(Redirect::to(&format!("/people/{id}")).into_response());
    }
    let frame = staff.frame("people");
    let mut found = Vec::new();
    for id in &ids {
        found.push(line(&staff, &frame, &person::get(&mut tx, id).await?));
    }
    let response = first_page(&staff, &mut tx, Some(found)).await?;
    tx.commit().await?;
    Ok(response)
}

struct AddressRow {
    id: String,
    channel: &'static str,
    value: String,
    verified: bool,
    safe: bool,
    state: &'static str,
}

struct ConsentRow {
    purpose: String,
    purpose_words: String,
    how: String,
    given: String,
    withdrawn: Option<String>,
}

struct HouseholdRow {
    label: String,
    members: usize,
}

#[derive(Template)]
#[template(path = "staff/person.html")]
struct PersonPage {
    frame: Frame,
    who: Line,
    lang: &'static str,
    since: String,
    erased: Option<String>,
    addresses: Vec<AddressRow>,
    consents: Vec<ConsentRow>,
    households: Vec<HouseholdRow>,
    slips: Vec<SlipRow>,
    has_line: bool,
    messages: Vec<Entry>,
    /// When the newest merge was that can be undone.
    merged: Option<String>,
    error: Option<(&'static str, String)>,
    reason: String,
}

impl PersonPage {
    fn reasons(&self) -> [Reason; 3] {
        Reason::ALL
    }

    fn has_open_slip(&self) -> bool {
        self.slips.iter().any(|s| s.is_open)
    }

    fn error_in(&self, form: &str) -> Option<&str> {
        self.error.as_ref().filter(|(f, _)| *f == form).map(|(_, sentence)| sentence.as_str())
    }

    fn title<'a>(&self, message: &'a Entry) -> &'a str {
        super::messages::template_name(&message.template)
    }
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Mail => "メール",
        Channel::Line => "LINE",
        Channel::Phone => "電話",
        Channel::Post => "郵便",
    }
}

/// What a consent is for, in words; one that has none stands as it is stored.
fn purpose_words(purpose: &str) -> String {
    let kind = purpose.split_once(':').map_or(purpose, |(kind, _)| kind);
    if kind == "question.answer" { "質問への回答を送る".into() } else { purpose.to_owned() }
}

/// Which text was seen, in words: the form and the month of its wording.
fn seen_words(how: &str) -> String {
    match how.split_once('/').and_then(|(form, day)| Some((form, day.split_once('-')?))) {
        Some(("question-form", (year, month))) => {
            format!("質問を送る画面（{year}年{}月の文）", month.trim_start_matches('0'))
        }
        _ => how.to_owned(),
    }
}

async fn read(staff: &Staff, tx: &mut Tx, person: &person::Person) -> Result<PersonPage, Failure> {
    let frame = staff.frame("people");
    let (viewing, today) = (viewing(staff), staff.visit.today());
    let addresses = address::of_person(tx, &person.id).await?.into_iter().map(|a| AddressRow {
        channel: channel_name(a.channel),
        value: a.value.reveal(viewing).to_string(),
        verified: a.verified_at.is_some(),
        safe: a.safe,
        state: match a.state {
            address::State::Active => "使っている",
            address::State::Bounced => "届かない",
            address::State::Withdrawn => "取り下げ",
        },
        id: a.id,
    });
    let addresses = addresses.collect();
    let consents = consent::of_person(tx, &person.id).await?.into_iter().map(|c| ConsentRow {
        given: frame.moment(&c.given_at),
        withdrawn: c.withdrawn_at.map(|at| frame.moment(&at)),
        purpose_words: purpose_words(&c.purpose),
        purpose: c.purpose,
        how: seen_words(&c.how),
    });
    let consents = consents.collect();
    let mut households = Vec::new();
    for id in household::of_person(tx, &person.id, today).await? {
        let found = household::get(tx, &id, today).await?;
        let label = found.label.map_or_else(|| "（名前なし）".into(), |l| l.reveal(viewing).to_string());
        households.push(HouseholdRow { label, members: found.members.len() });
    }
    let filter = message::Filter { person: Some(&person.id), ..message::Filter::default() };
    let messages = message::list(tx, filter, message::Page { before: None, limit: MESSAGES }).await?;
    let slips = line_account::link::of_person(tx, &person.id).await?;
    Ok(PersonPage {
        who: line(staff, &frame, person),
        lang: match person.lang {
            city::Lang::Ja => "日本語",
            city::Lang::Easy => "やさしい日本語",
            city::Lang::En => "英語",
        },
        since: frame.moment(&person.created_at),
        erased: person.erased_at.map(|at| frame.moment(&at)),
        addresses,
        consents,
        households,
        slips: slips.iter().map(|i| SlipRow::of(&frame, i, staff.visit.now)).collect(),
        has_line: staff.city.line.is_some(),
        messages,
        merged: merging::latest(tx, &person.id).await?.map(|m| frame.moment(&m.merged_at)),
        error: None,
        reason: String::new(),
        frame,
    })
}

pub(crate) async fn one(Path(id): Path<String>, staff: Staff) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    let person = person::get(&mut tx, &id).await?;
    if let Some(kept) = &person.merged_into {
        return Ok(Redirect::to(&format!("/people/{kept}")).into_response());
    }
    let page = read(&staff, &mut tx, &person).await?;
    let seen = ["name", "address", "consent", "household", "message"];
    note(&mut tx, &staff, "person.read", &person.id, &seen).await?;
    tx.commit().await?;
    show(&page)
}

/// The person's page with a form that was refused.
async fn refused(
    staff: &Staff,
    id: &str,
    form: &'static str,
    sentence: String,
    fields: &Fields,
) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    let person = person::get(&mut tx, id).await?;
    let mut page = read(staff, &mut tx, &person).await?;
    note(&mut tx, staff, "person.read", &person.id, &["name", "address"]).await?;
    tx.commit().await?;
    page.error = Some((form, sentence));
    page.reason = fields.raw("reason").to_owned();
    let mut response = show(&page)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

fn back(id: &str, done: &str) -> Response {
    Redirect::to(&format!("/people/{id}?done={done}")).into_response()
}

pub(crate) async fn set_secrecy(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    let person = person::current(&mut tx, &id).await?;
    let Some(reason) = Reason::from_code(fields.get("why")) else {
        drop(tx);
        return refused(&staff, &person.id, "secrecy", "理由を選んでください。".into(), &fields).await;
    };
    secrecy::set(&mut tx, staff.app.clock.as_ref(), &staff.who.actor(), &person.id, reason).await?;
    tx.commit().await?;
    Ok(back(&person.id, "secrecy-set"))
}

/// Asks a second person.
async fn ask(staff: Staff, fields: Fields, id: &str, form: &'static str, kind: &str) -> Result<Response, Failure> {
    let (clock, mut entropy) = (staff.app.clock.as_ref(), (staff.app.entropy)());
    let mut tx = staff.city.db.write().await?;
    let person = person::current(&mut tx, id).await?;
    if kind == two_person::UNSET_SECRECY && person.secrecy.is_none() {
        return Err(people::PeopleError::State.into());
    }
    let payload = match kind {
        two_person::UNDO_MERGE => merging::latest(&mut tx, &person.id).await?.ok_or(people::PeopleError::State)?.id,
        _ => String::new(),
    };
    let asked =
        Asked { kind, object_kind: "person", object: &person.id, payload: &payload, reason: fields.get("reason") };
    match two_person::ask(&mut tx, clock, entropy.as_mut(), &staff.who, asked).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(back(&person.id, "asked"))
        }
        Err(access::AccessError::Invalid { reason, .. }) => {
            drop(tx);
            refused(&staff, &person.id, form, reason, &fields).await
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn lift_secrecy(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    ask(staff, fields, &id, "lift", two_person::UNSET_SECRECY).await
}

pub(crate) async fn erase(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    ask(staff, fields, &id, "erase", two_person::ERASE).await
}

/// Asks to part what was merged last.
pub(crate) async fn undo_merge(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    ask(staff, fields, &id, "unmerge", two_person::UNDO_MERGE).await
}

pub(crate) async fn set_safe(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let mut tx = staff.city.db.write().await?;
    let person = person::current(&mut tx, &id).await?;
    let address = address::get(&mut tx, fields.get("address")).await?;
    if address.person != person.id {
        return Err(Failure::not_found());
    }
    let safe = fields.get("safe") == "true";
    address::set_safe(&mut tx, staff.app.clock.as_ref(), &staff.who.actor(), &address.id, safe).await?;
    tx.commit().await?;
    Ok(back(&person.id, "saved"))
}

/// The person takes a consent back.
pub(crate) async fn withdraw(Path(id): Path<String>, StaffForm(staff, fields): StaffForm) -> Result<Response, Failure> {
    let (clock, actor, purpose) = (staff.app.clock.as_ref(), staff.who.actor(), fields.get("purpose"));
    let mut tx = staff.city.db.write().await?;
    let person = person::current(&mut tx, &id).await?;
    if !consent::withdraw(&mut tx, clock, &actor, &person.id, purpose).await? {
        return Err(Failure::not_found());
    }
    tx.commit().await?;
    Ok(back(&person.id, "saved"))
}

#[derive(Template)]
#[template(path = "staff/merge.html")]
struct MergePage {
    frame: Frame,
    kept: PersonPage,
    gone: PersonPage,
}

impl MergePage {
    fn both(&self) -> [(&'static str, &PersonPage); 2] {
        [("残す人", &self.kept), ("まとめられる人", &self.gone)]
    }
}

/// What a merge would bring together.
pub(crate) async fn merge(
    Path(id): Path<String>,
    staff: Staff,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let fields = Fields::from_pairs(query);
    let mut tx = staff.city.db.write().await?;
    let kept = person::current(&mut tx, &id).await?;
    let gone = match person::current(&mut tx, fields.get("other")).await {
        Ok(other) if other.id != kept.id => other,
        Ok(_) | Err(people::PeopleError::NotFound | people::PeopleError::Erased) => {
            drop(tx);
            let sentence = "その番号の人はいません。別の人の番号を、その人の画面から写してください。".to_owned();
            return refused(&staff, &kept.id, "merge", sentence, &fields).await;
        }
        Err(other) => return Err(other.into()),
    };
    for one in [&kept, &gone] {
        note(&mut tx, &staff, "person.read", &one.id, &["name", "address"]).await?;
    }
    let kept = read(&staff, &mut tx, &kept).await?;
    let gone = read(&staff, &mut tx, &gone).await?;
    tx.commit().await?;
    show(&MergePage { frame: staff.frame("people"), kept, gone })
}

pub(crate) async fn post_merge(
    Path(id): Path<String>,
    StaffForm(staff, fields): StaffForm,
) -> Result<Response, Failure> {
    let (clock, mut entropy) = (staff.app.clock.as_ref(), (staff.app.entropy)());
    let mut tx = staff.city.db.write().await?;
    merging::merge(&mut tx, clock, entropy.as_mut(), &staff.who.actor(), &id, fields.get("other")).await?;
    tx.commit().await?;
    Ok(back(&id, "merged"))
}
