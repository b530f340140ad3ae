//! Coming back: the receipt opens the talk, and a field of the page keeps it open.

use std::io;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use casework::attachment::{self, tidy};
use casework::case::BULLYING;
use casework::entry::{By, What};
use casework::report::{self, Reporter, Talk};
use casework::session::{self, FormToken};
use casework::{CaseError, Premises, triage};
use tokio::sync::mpsc;
use vault::VaultError;
use vault::receipt::{Receipt, ReceiptFault};
use words::i18n;

use super::form::{self, Fields, clean, value, wrong_words};
use super::frame::Frame;
use super::steps::wishes_of_talk;
use super::{frame, premises, shown, shut};
use crate::citizen::Visit;
use crate::errors::Failure;
use crate::files::encode;
use crate::limits::ClientAddress;

use askama::filters::Safe;

/// Most suspected groups that are worth naming.
const FEW_GROUPS: usize = 3;
/// Pieces of a file on their way to the browser.
const PIECES: usize = 4;

/// What the page that asks for the receipt says besides.
#[derive(Default)]
pub(super) struct Asking {
    /// What was typed, where it helps to see it again.
    pub(super) typed: String,
    /// What is wrong with it.
    pub(super) wrong: Option<String>,
    /// Words that wait for the talk to be opened again.
    pub(super) words: String,
    /// A message at the top.
    pub(super) notice: Option<&'static str>,
    /// 200 where none is given.
    pub(super) status: Option<StatusCode>,
}

#[derive(Template)]
#[template(path = "citizen/room/return.html")]
struct ReturnPage {
    page: Frame,
    typed: String,
    words: String,
    work: String,
}

/// Something that stands in the talk.
struct Bubble {
    is_yours: bool,
    at: Safe<String>,
    words: String,
    is_wish: bool,
    /// Id of the entry, name and size, of a file that can be downloaded.
    file: Option<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "citizen/room/talk.html")]
struct TalkPage {
    page: Frame,
    bubbles: Vec<Bubble>,
    session: String,
    form: String,
    words: String,
    is_answered: bool,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "citizen/room/closed.html")]
struct ClosedPage {
    page: Frame,
}

/// The page that asks for the receipt.
pub(super) fn ask(visit: &Visit, asking: Asking) -> Result<Response, Failure> {
    let status = asking.status.unwrap_or(StatusCode::OK);
    let wrong = asking.wrong.map(|said| ("receipt", said)).into_iter().collect();
    let is_trouble = asking.notice == Some("room-busy") || asking.notice == Some("room-trouble-often");
    let page = frame(visit).with(wrong).saying(asking.notice, is_trouble);
    let work = visit.app.room.challenge(&visit.app, &visit.city);
    shown(&ReturnPage { page, typed: asking.typed, words: asking.words, work }, status)
}

/// What is wrong with a receipt as it was typed; it depends on nothing that is stored.
fn mistyped(visit: &Visit, text: &str, fault: ReceiptFault) -> String {
    let say = |key: &str, args: &[(&str, &str)]| i18n::message(visit.lang, key, args);
    let suspects = Receipt::suspects(text);
    let joint = if visit.lang == city::Lang::En { ", " } else { "・" };
    match fault {
        _ if text.trim().is_empty() => say("room-receipt-empty", &[]),
        ReceiptFault::OtherCharacters => say("room-receipt-other", &[]),
        _ if (1..=FEW_GROUPS).contains(&suspects.len()) => {
            let groups: Vec<String> = suspects.iter().map(usize::to_string).collect();
            say("room-receipt-groups", &[("n", &groups.join(joint))])
        }
        ReceiptFault::TooShort { digits } => say("room-receipt-short", &[("n", &digits.to_string())]),
        ReceiptFault::TooLong => say("room-receipt-long", &[]),
        ReceiptFault::CheckDigits => say("room-receipt-check", &[]),
    }
}

/// Tries a receipt.
pub(super) async fn open(visit: &Visit, client: ClientAddress, fields: &Fields) -> Result<Response, Failure> {
    let Some(premises) = premises(visit).await? else { return shut(visit) };
    let typed: String = value(fields, "receipt").chars().take(200).collect();
    let words = clean(value(fields, "words"));
    let receipt = match Receipt::parse(&typed) {
        Ok(receipt) => receipt,
        // Nobody guessed anything: it is told at once and counts for nothing.
        Err(VaultError::Receipt(fault)) => {
            let (wrong, status) = (Some(mistyped(visit, &typed, fault)), Some(StatusCode::UNPROCESSABLE_ENTITY));
            return ask(visit, Asking { typed, wrong, words, status, ..Asking::default() });
        }
        Err(other) => return Err(CaseError::from(other).into()),
    };
    if !visit.app.limits.key(client) {
        let (notice, status) = (Some("room-trouble-often"), Some(StatusCode::TOO_MANY_REQUESTS));
        return ask(visit, Asking { typed, words, notice, status, ..Asking::default() });
    }
    if !visit.app.room.pass(&visit.app, &visit.city, client, value(fields, "work")).await {
        let (notice, status) = (Some("room-busy"), Some(StatusCode::SERVICE_UNAVAILABLE));
        return ask(visit, Asking { typed, words, notice, status, ..Asking::default() });
    }
    match report::unlock(premises.house(), receipt).await {
        Ok(who) => {
            let session = session::open(premises.house(), (visit.app.entropy)().as_mut(), &who).await?;
            page(visit, &premises, &who, &session, words, frame(visit)).await
        }
        Err(CaseError::Wrong | CaseError::NotFound) => {
            visit.app.room.failed(&visit.app, client);
            let wrong = Some(i18n::message(visit.lang, "room-receipt-wrong", &[]));
            ask(visit, Asking { typed, wrong, words, status: Some(StatusCode::UNPROCESSABLE_ENTITY), notice: None })
        }
        Err(other) => Err(other.into()),
    }
}

/// Whoever holds an open talk, with the field that says so; or the page that asks for the receipt again, with the words
/// that were on their way.
pub(super) async fn holder(
    visit: &Visit,
    premises: &Premises,
    session: &str,
    words: &str,
) -> Result<Result<Reporter, Response>, Failure> {
    match session::reporter(premises.house(), session).await {
        Ok(who) => Ok(Ok(who)),
        Err(CaseError::Locked) => {
            let (notice, status) = (Some("room-locked"), Some(StatusCode::UNPROCESSABLE_ENTITY));
            ask(visit, Asking { words: clean(words), notice, status, ..Asking::default() }).map(Err)
        }
        Err(other) => Err(other.into()),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

fn bubbles(page: &Frame, talk: &Talk) -> Vec<Bubble> {
    let bubble = |placed: &casework::Placed| {
        let (words, is_wish, file) = match &placed.entry.what {
            What::Said { words } => (words.clone(), false, None),
            What::Wished(_) => (String::new(), true, None),
            What::Attached(file) => {
                (String::new(), false, Some((placed.id.clone(), file.name.clone(), size(file.bytes))))
            }
            _ => return None,
        };
        let is_yours = placed.entry.by == By::Reporter;
        Some(Bubble { is_yours, at: page.moment(placed.entry.at), words, is_wish, file })
    };
    talk.entries.iter().filter_map(bubble).collect()
}

/// The talk. `words` stand in the field; `page` says what happened.
pub(super) async fn page(
    visit: &Visit,
    premises: &Premises,
    who: &Reporter,
    session: &str,
    words: String,
    mut page: Frame,
) -> Result<Response, Failure> {
    let talk = match report::read(premises.house(), who).await {
        Ok(talk) => talk,
        // It was shredded since.
        Err(CaseError::NotFound) => return ask(visit, Asking::default()),
        Err(other) => return Err(other.into()),
    };
    let own = talk.entries.iter().rev().filter(|placed| placed.entry.by == By::Reporter);
    let newest = own.filter_map(|placed| match &placed.entry.what {
        What::Said { words } => Some(words.as_str()),
        _ => None,
    });
    let newest: Vec<&str> = newest.take(1).chain([words.as_str()]).collect();
    let rules = triage::current(premises.house(), BULLYING).await?.rules;
    page.danger = !triage::look(&rules, &newest.join("\n")).is_empty();
    let status = if page.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    shown(
        &TalkPage {
            bubbles: bubbles(&page, &talk),
            session: session.to_owned(),
            form: FormToken::new((visit.app.entropy)().as_mut()).shown().to_owned(),
            words,
            is_answered: talk.entries.iter().any(|placed| placed.entry.by != By::Reporter),
            is_open: talk.is_open,
            page,
        },
        status,
    )
}

/// The talk once more: whether there is an answer.
pub(super) async fn again(visit: &Visit, fields: &Fields) -> Result<Response, Failure> {
    let Some(premises) = premises(visit).await? else { return shut(visit) };
    let session = value(fields, "session");
    match holder(visit, &premises, session, "").await? {
        Ok(who) => page(visit, &premises, &who, session, String::new(), frame(visit)).await,
        Err(asks) => Ok(asks),
    }
}

/// Says something, without files.
pub(super) async fn say(visit: &Visit, client: ClientAddress, fields: &Fields) -> Result<Response, Failure> {
    let Some(premises) = premises(visit).await? else { return shut(visit) };
    let (session, words) = (value(fields, "session"), clean(value(fields, "words")));
    let who = match holder(visit, &premises, session, &words).await? {
        Ok(who) => who,
        Err(asks) => return Ok(asks),
    };
    if let Some(wrong) = wrong_words(visit.lang, &words) {
        return page(visit, &premises, &who, session, words, frame(visit).with(vec![("words", wrong)])).await;
    }
    let what = vec![What::Said { words: words.clone() }];
    tell(visit, client, &premises, (&who, session), fields, (what, words, "room-talk-said")).await
}

/// Writes entries once for a form, and shows the talk.
async fn tell(
    visit: &Visit,
    client: ClientAddress,
    premises: &Premises,
    (who, session): (&Reporter, &str),
    fields: &Fields,
    (what, words, said): (Vec<What>, String, &'static str),
) -> Result<Response, Failure> {
    let Ok(form) = FormToken::parse(value(fields, "form")) else {
        let page_says = frame(visit).saying(Some("room-error-old"), true);
        return page(visit, premises, who, session, words, page_says).await;
    };
    if !visit.app.limits.form(client) {
        let page_says = frame(visit).saying(Some("room-trouble-often"), true);
        let mut response = page(visit, premises, who, session, words, page_says).await?;
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        return Ok(response);
    }
    session::say(premises.house(), (visit.app.entropy)().as_mut(), who, &form, what).await?;
    page(visit, premises, who, session, String::new(), frame(visit).saying(Some(said), false)).await
}

/// The page with one's wishes.
pub(super) async fn wishes(visit: &Visit, fields: &Fields) -> Result<Response, Failure> {
    let Some(premises) = premises(visit).await? else { return shut(visit) };
    let session = value(fields, "session");
    match holder(visit, &premises, session, "").await? {
        Ok(who) => {
            let wishes = report::read(premises.house(), &who).await?.wishes;
            wishes_of_talk(frame(visit), hidden(visit, session), wishes)
        }
        Err(asks) => Ok(asks),
    }
}

fn hidden(visit: &Visit, session: &str) -> Vec<(&'static str, String)> {
    let form = FormToken::new((visit.app.entropy)().as_mut()).shown().to_owned();
    vec![("session", session.to_owned()), ("form", form)]
}

/// Says anew what is wanted.
pub(super) async fn wish(visit: &Visit, client: ClientAddress, fields: &Fields) -> Result<Response, Failure> {
    let Some(premises) = premises(visit).await? else { return shut(visit) };
    let session = value(fields, "session");
    let who = match holder(visit, &premises, session, "").await? {
        Ok(who) => who,
        Err(asks) => return Ok(asks),
    };
    let wishes = form::wishes(fields);
    let wrong = form::wrong_wishes(visit.lang, &wishes);
    if !wrong.is_empty() {
        return wishes_of_talk(frame(visit).with(wrong), hidden(visit, session), wishes);
    }
    let what = vec![What::Wished(wishes)];
    tell(visit, client, &premises, (&who, session), fields, (what, String::new(), "room-talk-wished")).await
}

/// Ends it.
pub(super) async fn close(visit: &Visit, fields: &Fields) -> Result<Response, Failure> {
    if let Some(premises) = premises(visit).await? {
        session::close(premises.house(), value(fields, "session")).await?;
    }
    shown(&ClosedPage { page: frame(visit) }, StatusCode::OK)
}

/// A file of the talk, as a download: the browser runs nothing of it and shows nothing of it in a page.
pub(super) async fn download(visit: &Visit, fields: &Fields, entry: &str) -> Result<Response, Failure> {
    let Some(premises) = premises(visit).await? else { return shut(visit) };
    let who = match holder(visit, &premises, value(fields, "session"), "").await? {
        Ok(who) => who,
        Err(asks) => return Ok(asks),
    };
    let file = attachment::find_by_reporter(premises.house(), &who, entry).await?;
    let (length, name) = (file.bytes, tidy(&file.name));
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(PIECES);
    let blobs = premises.blobs().clone();
    tokio::task::spawn_blocking(move || {
        if attachment::open(blobs.as_ref(), &file, Pieces(sender.clone())).is_err() {
            // What came was true, but not all came: the browser must not take it for whole.
            let _gone = sender.blocking_send(Err(io::ErrorKind::InvalidData.into()));
        }
    });
    let pieces = futures_util::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let place = format!("attachment; filename=\"file\"; filename*=UTF-8''{}", encode(&name));
    let place = HeaderValue::from_str(&place).map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR))?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CONTENT_DISPOSITION, place);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    Ok(response)
}

/// Writes what is opened of a file to the browser.
struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Ok(Bytes::copy_from_slice(bytes));
        self.0.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
