//! Pictures and files that the reporter sends: sealed as they arrive, a picture without what it tells of place and
//! device. Fields come before files, so that who may not send makes nobody read a large body.

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::response::Response;
use casework::attachment::{self, Arrived, Refusal, Upload};
use casework::report::Reporter;
use casework::session::{self, FormToken};
use casework::{CaseError, Premises};
use tokio::sync::{SemaphorePermit, mpsc};
use words::i18n;

use super::form::{Fields, clean, value, wrong_words};
use super::talk::{holder, page};
use super::{MAX_FORM, act, frame, premises, shut};
use crate::citizen::Visit;
use crate::errors::Failure;
use crate::limits::ClientAddress;

/// Most files of one form.
const MOST_FILES: usize = 5;
/// Most parts of one form.
const MOST_PARTS: usize = 40;
/// Pieces of a file on their way to the store.
const PIECES: usize = 4;

/// What a form held.
#[derive(Default)]
struct Posted {
    fields: Vec<(String, String)>,
    files: Vec<Arrived>,
    /// Why a file was not taken, in words.
    wrong: Option<String>,
}

/// Whoever may send files, as the fields before the first one say.
struct Sender<'a> {
    premises: Premises,
    who: Reporter,
    session: String,
    words: String,
    token: FormToken,
    _place: SemaphorePermit<'a>,
}

fn unreadable(error: MultipartError) -> Failure {
    Failure::new(error.status())
}

/// `POST /room` with parts.
pub(super) async fn post(visit: &Visit, client: ClientAddress, request: Request) -> Result<Response, Failure> {
    let mut form = Multipart::from_request(request, &visit.app).await.map_err(|e| Failure::new(e.status()))?;
    let (mut posted, mut sender) = (Posted::default(), None);
    let came = gather(visit, client, &mut form, &mut posted, &mut sender).await;
    let Some(sender) = sender else {
        return match came? {
            Some(answer) => Ok(answer),
            None => act(visit, client, &posted.fields).await,
        };
    };
    let Sender { premises, who, session, words, token, .. } = &sender;
    let too_long = wrong_words(visit.lang, words).filter(|_| !words.is_empty());
    // A body that says no length is read up to the limit of the form; the page says then what was too long.
    let is_endless = came.as_ref().is_err_and(|failure| failure.is(StatusCode::PAYLOAD_TOO_LARGE));
    if is_endless {
        posted.wrong.get_or_insert_with(|| i18n::message(visit.lang, "room-file-large", &[]));
    }
    if came.is_err() || posted.wrong.is_some() || too_long.is_some() {
        for file in posted.files {
            attachment::abort(premises.house(), premises.blobs().as_ref(), file.blob()).await?;
        }
        if !is_endless {
            came?;
        }
        let wrong = posted.wrong.map(|said| ("files", said)).into_iter();
        let wrong = wrong.chain(too_long.map(|said| ("words", said))).collect();
        return page(visit, premises, who, session, words.clone(), frame(visit).with(wrong)).await;
    }
    let (house, blobs) = (premises.house(), premises.blobs().as_ref());
    let mut entropy = (visit.app.entropy)();
    session::attach(house, entropy.as_mut(), blobs, who, token, (words, posted.files)).await?;
    let says = frame(visit).saying(Some("room-talk-said"), false);
    page(visit, premises, who, session, String::new(), says).await
}

/// Reads all parts. An answer comes where nobody may send files.
async fn gather<'a>(
    visit: &'a Visit,
    client: ClientAddress,
    form: &mut Multipart,
    posted: &mut Posted,
    sender: &mut Option<Sender<'a>>,
) -> Result<Option<Response>, Failure> {
    let (mut room, mut parts) = (MAX_FORM, 0);
    while let Some(mut field) = form.next_field().await.map_err(unreadable)? {
        parts += 1;
        if parts > MOST_PARTS {
            return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE));
        }
        if field.name() == Some("files") {
            // A field in which nothing was chosen comes without a name and empty.
            if field.file_name().is_none_or(str::is_empty) {
                drain(&mut field).await?;
                continue;
            }
            if sender.is_none() {
                match admit(visit, client, &posted.fields).await? {
                    Ok(admitted) => *sender = Some(admitted),
                    Err(answer) => return Ok(Some(answer)),
                }
            }
            if let Some(sender) = sender.as_ref() {
                take_one(visit, sender, posted, field).await?;
            }
            continue;
        }
        let name = field.name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(unreadable)? {
            room = room.checked_sub(piece.len()).ok_or_else(|| Failure::new(StatusCode::PAYLOAD_TOO_LARGE))?;
            bytes.extend_from_slice(&piece);
        }
        let text = String::from_utf8(bytes).map_err(|_| Failure::new(StatusCode::BAD_REQUEST))?;
        posted.fields.push((name, text));
    }
    Ok(None)
}

/// Whether files may come now; else the page that says why not.
async fn admit<'a>(
    visit: &'a Visit,
    client: ClientAddress,
    fields: &Fields,
) -> Result<Result<Sender<'a>, Response>, Failure> {
    let Some(premises) = premises(visit).await? else { return shut(visit).map(Err) };
    let (session, words) = (value(fields, "session").to_owned(), clean(value(fields, "words")));
    let who = match holder(visit, &premises, &session, &words).await? {
        Ok(who) => who,
        Err(asks) => return Ok(Err(asks)),
    };
    let Ok(token) = FormToken::parse(value(fields, "form")) else {
        let says = frame(visit).saying(Some("room-error-old"), true);
        return page(visit, &premises, &who, &session, words, says).await.map(Err);
    };
    if session::was_sent(premises.house(), &token).await? {
        let says = frame(visit).saying(Some("room-talk-said"), false);
        return page(visit, &premises, &who, &session, String::new(), says).await.map(Err);
    }
    if !visit.app.limits.form(client) {
        return Err(Failure::too_many());
    }
    let _place = visit.app.room.upload().ok_or_else(Failure::busy)?;
    Ok(Ok(Sender { premises, who, session, words, token, _place }))
}

/// Reads what is not taken to its end, so that a browser gets the page that says so.
async fn drain(field: &mut Field<'_>) -> Result<(), Failure> {
    while field.chunk().await.map_err(unreadable)?.is_some() {}
    Ok(())
}

async fn take_one(
    visit: &Visit,
    sender: &Sender<'_>,
    posted: &mut Posted,
    mut field: Field<'_>,
) -> Result<(), Failure> {
    let say = |key: &str| i18n::message(visit.lang, key, &[]);
    // Browsers write a quotation mark of a name like this, and only that and line ends.
    let name = field.file_name().unwrap_or_default().replace("%22", "\"");
    if posted.wrong.is_some() {
        return drain(&mut field).await;
    }
    if posted.files.len() == MOST_FILES {
        posted.wrong = Some(say("room-file-many"));
        return drain(&mut field).await;
    }
    let (house, blobs) = (sender.premises.house(), sender.premises.blobs().as_ref());
    let mut entropy = (visit.app.entropy)();
    let begun = attachment::begin_by_reporter(house, entropy.as_mut(), blobs, &sender.who, &name).await;
    let upload = match begun {
        Ok(upload) => upload,
        Err(CaseError::Rule(_)) => {
            posted.wrong = Some(say("room-file-full"));
            return drain(&mut field).await;
        }
        Err(other) => return Err(other.into()),
    };
    let blob = upload.blob().to_owned();
    match receive(&mut field, upload).await {
        Ok(Ok(file)) => {
            posted.files.push(file);
            Ok(())
        }
        Ok(Err(error)) => {
            attachment::abort(house, blobs, &blob).await?;
            let key = match Refusal::of(&error) {
                Some(Refusal::Form) => "room-file-form",
                Some(Refusal::Broken) => "room-file-broken",
                Some(Refusal::Empty) => "room-file-empty",
                Some(Refusal::PictureTooLarge | Refusal::TooLarge) => "room-file-large",
                None => return Err(error.into()),
            };
            posted.wrong = Some(say(key));
            drain(&mut field).await
        }
        Err(cut_off) => {
            attachment::abort(house, blobs, &blob).await?;
            Err(cut_off)
        }
    }
}

/// Hands a file to the store piece by piece; the store writes where blocking is allowed.
async fn receive(field: &mut Field<'_>, mut upload: Upload) -> Result<Result<Arrived, CaseError>, Failure> {
    let (sender, mut pieces) = mpsc::channel::<Option<Bytes>>(PIECES);
    let work = tokio::task::spawn_blocking(move || {
        while let Some(piece) = pieces.blocking_recv() {
            match piece {
                Some(piece) => upload.take(&piece)?,
                None => return upload.finish(),
            }
        }
        Err(CaseError::CutOff("a file did not come to its end".into()))
    });
    let came = loop {
        match field.chunk().await.map_err(unreadable) {
            Ok(piece) => {
                let is_end = piece.is_none();
                // An error of the store ends its side: what is wrong comes from there.
                if sender.send(piece).await.is_err() || is_end {
                    break Ok(());
                }
            }
            Err(error) => break Err(error),
        }
    };
    drop(sender);
    let done = work.await.map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR))?;
    came.map(|()| done)
}
