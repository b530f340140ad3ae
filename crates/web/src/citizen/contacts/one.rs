//! `/contacts/{number}/{key}`: one conversation. Everything works as plain forms; `chat.js` sends them without
//! leaving the page and shows what comes.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use contact::contact::by_key;
use contact::{Contact, ContactError, State, attachment, call_back, citizen, event, message, queue};
use serde::Deserialize;

use super::view::{MessageView, conversation};
use super::{invalid_words, is_live};
use crate::citizen::questions::private;
use crate::citizen::{Visit, show};
use crate::errors::Failure;
use crate::files;
use crate::limits::ClientAddress;
use crate::page::Page;
use crate::routes::MAX_BODY;
use words::OpenStatus;

/// Messages on a page; older ones are behind a link.
const PER_PAGE: i64 = 100;

/// An answer that takes longer to be put into words is no longer announced.
pub(super) const WRITING: std::time::Duration = std::time::Duration::from_secs(120);

/// Number and key in the address.
pub(crate) type Keyed = Path<(String, String)>;

#[derive(Deserialize)]
pub(crate) struct Before {
    before: Option<i64>,
}

/// What is wrong with what was sent.
struct Wrong {
    /// The words as they came.
    words: String,
    sentence: String,
    /// Whether a file is meant and not the words.
    is_file: bool,
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    label: String,
}

#[derive(Deserialize)]
pub(crate) struct Rated {
    score: Option<i64>,
}

#[derive(Deserialize)]
pub(crate) struct Seen {
    seq: Option<i64>,
}

#[derive(Template)]
#[template(path = "citizen/contact.html")]
struct ContactPage {
    page: Page,
    number: String,
    key: String,
    base: String,
    messages: Vec<MessageView>,
    /// Place of the first message shown, where older ones are there.
    older: Option<i64>,
    last: i64,
    /// Makes the address of the same page another one, or browsers would only scroll.
    at: i64,
    state: State,
    status: String,
    client_id: String,
    words: String,
    error: Option<String>,
    file_error: Option<String>,
    accept: &'static str,
    most_files: usize,
    most_bytes: usize,
    rating: Option<i64>,
    /// Each score, and whether it was given.
    scores: Vec<(i64, bool)>,
    call_back: bool,
    erased: bool,
    phone_status: Option<OpenStatus>,
    closed_for_good: bool,
}

/// The address of a conversation.
pub(super) fn base(page: &Page, number: &str, key: &str) -> String {
    page.url(&format!("/contacts/{number}/{key}"))
}

/// The contact of an address. A wrong number and a wrong key are alike.
pub(super) async fn open(visit: &Visit, client: ClientAddress, number: &str, key: &str) -> Result<Contact, Failure> {
    let mut tx = visit.city.db.read().await?;
    match by_key(&mut tx, visit.app.clock.as_ref(), number, key).await {
        Ok(found) => Ok(found),
        Err(ContactError::NotFound) if !visit.app.limits.key(client) => Err(Failure::too_many()),
        Err(other) => Err(other.into()),
    }
}

/// A name for a message, for the form without a script.
fn client_id(visit: &Visit) -> String {
    store::ids::new_id(visit.app.clock.as_ref(), (visit.app.entropy)().as_mut())
}

/// Whether the section of a contact is closed now.
fn is_closed(visit: &Visit, page: &Page, contact: &Contact) -> bool {
    let section = page.city.section(&contact.section, visit.today());
    section.is_some_and(|s| !page.status(s, visit.app.now()).open)
}

/// What the page says about who is there.
///
/// `writes`: the bot is still putting an answer into words.
pub(super) fn status(visit: &Visit, page: &Page, contact: &Contact, ahead: i64, writes: bool) -> String {
    let say = |key: &str, args: &[(&str, &str)]| words::i18n::message(page.lang, key, args);
    match contact.state {
        State::Bot if writes => say("chat-status-writing", &[]),
        State::Bot | State::Merged => say("chat-status-bot", &[]),
        // Nobody reads it before the doors open: a promise of a soon answer would not be kept.
        State::Waiting if is_closed(visit, page, contact) => say("chat-status-closed", &[]),
        State::Waiting if ahead == 0 => say("chat-status-next", &[]),
        State::Waiting => say("chat-status-waiting", &[("n", &ahead.to_string())]),
        State::Held => {
            let section = page.city.section(&contact.section, visit.today()).map(|s| s.name(visit.lang).to_owned());
            say("chat-status-held", &[("section", &section.unwrap_or_default())])
        }
        State::Resolved => say("chat-status-resolved", &[]),
    }
}

/// How many wait before.
pub(super) async fn ahead(visit: &Visit, contact: &Contact) -> Result<i64, Failure> {
    let (State::Waiting, Some(since)) = (contact.state, contact.waiting_since) else { return Ok(0) };
    let mut tx = visit.city.db.read().await?;
    Ok(queue::waiting_before(&mut tx, &contact.section, since).await?)
}

async fn page(
    visit: &Visit,
    contact: Contact,
    (number, key): (String, String),
    before: Option<i64>,
    wrong: Option<Wrong>,
) -> Result<Response, Failure> {
    let page = visit.page_at("contacts", &format!("/contacts/{number}/{key}"));
    let base = base(&page, &number, &key);
    let mut tx = visit.city.db.read().await?;
    let messages = message::until(&mut tx, &contact.id, before.unwrap_or(i64::MAX), PER_PAGE).await?;
    let first = messages.first().map_or(0, |m| m.seq);
    let files = attachment::between(&mut tx, &contact.id, first, messages.last().map_or(0, |m| m.seq)).await?;
    let rating = event::of(&mut tx, &contact.id).await?.into_iter().rev().find_map(|e| match e.kind {
        contact::EventKind::Rated => e.value,
        _ => None,
    });
    let writes = contact::typing_since(&mut tx, &contact.id, visit.now.minus(WRITING)).await?;
    let writes = writes.iter().any(|who| who == citizen::BOT);
    let call_back = call_back::of(&mut tx, &contact.id).await?.iter().any(|c| c.state == "asked");
    drop(tx);
    let ahead = ahead(visit, &contact).await?;
    let unprocessable = wrong.is_some();
    let (words, error, file_error) = match wrong {
        None => Default::default(),
        Some(Wrong { words, sentence, is_file: true }) => (words, None, Some(sentence)),
        Some(Wrong { words, sentence, is_file: false }) => (words, Some(sentence), None),
    };
    let mut response = show(&ContactPage {
        status: status(visit, &page, &contact, ahead, writes),
        messages: conversation(&page, &base, &messages, &files),
        older: messages.first().map(|m| m.seq).filter(|seq| *seq > 1),
        last: contact.last_seq,
        at: visit.now.millis(),
        state: contact.state,
        number,
        key,
        base,
        client_id: client_id(visit),
        words,
        error,
        file_error,
        accept: files::ACCEPT,
        most_files: attachment::MAX_FILES,
        most_bytes: attachment::MAX_BYTES,
        scores: (1..=5).map(|n| (n, rating == Some(n))).collect(),
        rating,
        call_back,
        erased: contact.erased_at.is_some(),
        phone_status: visit.phone_status(&page),
        closed_for_good: contact.erased_at.is_some(),
        page,
    })?;
    if unprocessable {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(private(response))
}

/// The conversation.
pub(crate) async fn get(
    visit: Visit,
    client: ClientAddress,
    Path((number, key)): Keyed,
    Query(asked): Query<Before>,
) -> Result<Response, Failure> {
    let contact = open(&visit, client, &number, &key).await?;
    citizen::seen(&visit.city.db, visit.app.clock.as_ref(), &contact.id, contact.last_seq).await?;
    page(&visit, contact, (number, key), asked.before, None).await
}

/// Whether the page's script sent it: it wants a few words instead of a page.
fn by_script(headers: &HeaderMap) -> bool {
    headers.contains_key("x-requested-with")
}

fn json(value: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Back to the conversation, or the place of what was said, for the script.
fn done(visit: &Visit, headers: &HeaderMap, contact: &str, keyed: &(String, String), seq: i64) -> Response {
    visit.city.live.tell(contact);
    if by_script(headers) {
        return private(json(&serde_json::json!({ "seq": seq })));
    }
    let page = visit.page("contacts");
    private(Redirect::to(&format!("{}#latest", base(&page, &keyed.0, &keyed.1))).into_response())
}

/// A sentence for the script, or the page with what was typed.
async fn refused(
    visit: &Visit,
    headers: &HeaderMap,
    contact: Contact,
    keyed: (String, String),
    error: ContactError,
    words: String,
) -> Result<Response, Failure> {
    let is_file = matches!(error, ContactError::File(_));
    let sentence = match error {
        ContactError::Invalid(invalid) => invalid_words(visit, invalid, &words),
        ContactError::File(refused) => files::sentence(visit.lang, &refused),
        ContactError::Rule(sentence) => sentence,
        other => return Err(other.into()),
    };
    if by_script(headers) {
        let mut response = json(&serde_json::json!({ "error": words::ruby::strip(&sentence), "file": is_file }));
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(private(response));
    }
    page(visit, contact, keyed, None, Some(Wrong { words, sentence, is_file })).await
}

/// The citizen says something, with files or without.
pub(crate) async fn post_message(
    visit: Visit,
    client: ClientAddress,
    Path(keyed): Keyed,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Failure> {
    // Who may not send makes nobody read a large body.
    let contact = open(&visit, client, &keyed.0, &keyed.1).await?;
    if !visit.app.limits.message(client, &contact.id) {
        return Err(Failure::too_many());
    }
    let _place_until_stored = match files::has_parts(&headers) {
        true => Some(visit.app.limits.upload().ok_or_else(Failure::busy)?),
        false => None,
    };
    let posted = files::read(request, &visit.app, MAX_BODY).await?;
    let field = |name: &str| posted.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v).to_owned();
    let (client_id, words) = (field("client_id"), field("words"));
    let files = match files::prepare(posted.files).await? {
        Ok(files) => files,
        Err(wrong) => return refused(&visit, &headers, contact, keyed, ContactError::File(wrong), words).await,
    };
    let organisation = visit.city.organisation();
    let live = |topic: &str| is_live(&visit, topic);
    let window = visit.window(&organisation, &live);
    let mut entropy = (visit.app.entropy)();
    match citizen::send(window, entropy.as_mut(), &contact.id, &client_id, &words, &files).await {
        Ok(seq) => Ok(done(&visit, &headers, &contact.id, &keyed, seq)),
        Err(error) => refused(&visit, &headers, contact, keyed, error, words).await,
    }
}

/// A picture or file of the conversation. One of another conversation is not found.
pub(crate) async fn get_attachment(
    visit: Visit,
    client: ClientAddress,
    Path((number, key, id)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let contact = open(&visit, client, &number, &key).await?;
    files::serve(&visit.city, &contact, &id, &headers).await
}

/// The citizen takes one of the choices.
pub(crate) async fn post_choice(
    visit: Visit,
    client: ClientAddress,
    Path(keyed): Keyed,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Failure> {
    let contact = open(&visit, client, &keyed.0, &keyed.1).await?;
    if !visit.app.limits.message(client, &contact.id) {
        return Err(Failure::too_many());
    }
    let organisation = visit.city.organisation();
    let live = |topic: &str| is_live(&visit, topic);
    let window = visit.window(&organisation, &live);
    let mut entropy = (visit.app.entropy)();
    let (id, value, label) = (&chosen.client_id, &chosen.value, &chosen.label);
    match citizen::choose(window, entropy.as_mut(), &contact.id, id, value, label).await {
        Ok(seq) => Ok(done(&visit, &headers, &contact.id, &keyed, seq)),
        Err(error) => refused(&visit, &headers, contact, keyed, error, String::new()).await,
    }
}

/// The citizen wants a person.
pub(crate) async fn post_hand_over(
    visit: Visit,
    client: ClientAddress,
    Path(keyed): Keyed,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let contact = open(&visit, client, &keyed.0, &keyed.1).await?;
    if !visit.app.limits.message(client, &contact.id) {
        return Err(Failure::too_many());
    }
    let organisation = visit.city.organisation();
    let live = |_: &str| true;
    let window = visit.window(&organisation, &live);
    match citizen::want_person(window, (visit.app.entropy)().as_mut(), &contact.id).await {
        Ok(()) => Ok(done(&visit, &headers, &contact.id, &keyed, contact.last_seq)),
        Err(error) => refused(&visit, &headers, contact, keyed, error, String::new()).await,
    }
}

/// The citizen is done, or gives up waiting.
pub(crate) async fn post_closing(visit: Visit, client: ClientAddress, Path(keyed): Keyed) -> Result<Response, Failure> {
    let contact = open(&visit, client, &keyed.0, &keyed.1).await?;
    if !visit.app.limits.message(client, &contact.id) {
        return Err(Failure::too_many());
    }
    let organisation = visit.city.organisation();
    let live = |_: &str| true;
    citizen::close(visit.window(&organisation, &live), (visit.app.entropy)().as_mut(), &contact.id).await?;
    // The page changes its form: the script loads it anew.
    visit.city.live.tell(&contact.id);
    let page = visit.page("contacts");
    Ok(private(Redirect::to(&format!("{}#latest", base(&page, &keyed.0, &keyed.1))).into_response()))
}

/// How it was.
pub(crate) async fn post_rating(
    visit: Visit,
    client: ClientAddress,
    Path(keyed): Keyed,
    Form(rated): Form<Rated>,
) -> Result<Response, Failure> {
    let contact = open(&visit, client, &keyed.0, &keyed.1).await?;
    if !visit.app.limits.message(client, &contact.id) {
        return Err(Failure::too_many());
    }
    let organisation = visit.city.organisation();
    let live = |_: &str| true;
    let window = visit.window(&organisation, &live);
    let score = rated.score.unwrap_or(0);
    citizen::rate(window, (visit.app.entropy)().as_mut(), &contact.id, score).await?;
    visit.city.live.tell(&contact.id);
    let page = visit.page("contacts");
    Ok(private(Redirect::to(&format!("{}#latest", base(&page, &keyed.0, &keyed.1))).into_response()))
}

/// The page is open and shows messages up to a place.
pub(crate) async fn post_reading(
    visit: Visit,
    client: ClientAddress,
    Path(keyed): Keyed,
    Form(seen): Form<Seen>,
) -> Result<Response, Failure> {
    let contact = open(&visit, client, &keyed.0, &keyed.1).await?;
    if !visit.app.limits.sign(&contact.id) {
        return Ok(StatusCode::TOO_MANY_REQUESTS.into_response());
    }
    citizen::seen(&visit.city.db, visit.app.clock.as_ref(), &contact.id, seen.seq.unwrap_or(0)).await?;
    if seen.seq.is_some_and(|seq| seq > contact.citizen_seen_seq) {
        visit.city.live.tell(&contact.id);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The citizen types.
pub(crate) async fn post_typing(visit: Visit, client: ClientAddress, Path(keyed): Keyed) -> Result<Response, Failure> {
    let contact = open(&visit, client, &keyed.0, &keyed.1).await?;
    if !visit.app.limits.sign(&contact.id) {
        return Ok(StatusCode::TOO_MANY_REQUESTS.into_response());
    }
    if contact.state == State::Held {
        citizen::types(&visit.city.db, visit.app.clock.as_ref(), &contact.id).await?;
        visit.city.live.tell(&contact.id);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
