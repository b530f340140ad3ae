//! Files of a case: they are sealed as they arrive and opened as they go, in constant memory.

use std::io::{self, Write};
use std::sync::Arc;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use casework::CaseError;
use casework::attachment::{self, Arrived, Blobs, MAX_BYTES, Upload};
use casework::case;
use casework::entry::{Attached, Media, Shown};
use tokio::sync::mpsc;

use super::Desk;
use super::act::beside;
use super::bar::Bar;
use super::case::{Header, header};
use crate::App;
use crate::citizen::show;
use crate::errors::Failure;
use crate::files::{encode, has_parts};
use crate::staff::form::{Form, Refused};
use crate::staff::frame::Frame;
use crate::staff::gate::Staff;
use crate::staff::shown::Names;

/// Largest body of a form with a file, in bytes: the file, and what stands around it.
pub(crate) const MAX_UPLOAD: usize = MAX_BYTES as usize + 64 * 1024;
/// Pieces that wait between the network and the disk.
const WAITING: usize = 8;

#[derive(Template)]
#[template(path = "staff/sealed/file.html")]
struct FilePage {
    frame: Frame,
    bar: Bar,
    head: Header,
    form: Form,
}

async fn file_page(desk: &Desk, id: &str, refused: Refused) -> Result<Response, Failure> {
    let view = case::view(desk.house(), &desk.who, id).await?;
    let frame = desk.staff.frame("sealed");
    let mut tx = desk.staff.city.db.read().await?;
    let names = Names::load(&mut tx).await?;
    drop(tx);
    let mut form = Form::new("file");
    refused.onto(&mut form)?;
    let head = header(&frame, &names, &desk.kind, &view, desk.staff.visit.now);
    let mut response = show(&FilePage { bar: Bar::at(desk, "cases"), head, form, frame })?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

fn too_large() -> Refused {
    Refused::Field("file", "ファイルが大きすぎます。500MBまでにしてください。".into())
}

fn unreadable(error: &axum::extract::multipart::MultipartError) -> Refused {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        // A line that was cut is no fault of this house.
        _ => Refused::Other(Failure::new(StatusCode::BAD_REQUEST)),
    }
}

/// What a form said before its file.
struct Said {
    is_ours: bool,
    shown: Shown,
}

/// Takes a field that stands before the file, or gives back the file. The token comes first, or nothing is taken.
async fn before<'a>(said: &mut Said, staff: &Staff, field: Field<'a>) -> Result<Option<Field<'a>>, Refused> {
    match field.name() {
        Some("csrf") => said.is_ours = staff.is_own_form(&small(field).await?),
        _ if !said.is_ours => return Err(Refused::Other(Failure::new(StatusCode::FORBIDDEN))),
        Some("shown") => said.shown = if small(field).await? == "talk" { Shown::Talk } else { Shown::Case },
        Some("file") => return Ok(Some(field)),
        _ => {}
    }
    Ok(None)
}

/// A short field.
async fn small(mut field: Field<'_>) -> Result<String, Refused> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| unreadable(&error))? {
        if bytes.len() + piece.len() > 1024 {
            return Err(Refused::Other(Failure::new(StatusCode::PAYLOAD_TOO_LARGE)));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Refused::Other(Failure::new(StatusCode::BAD_REQUEST)))
}

/// Writes the pieces as they come; blocking.
fn write(mut upload: Upload, mut pieces: mpsc::Receiver<Bytes>) -> Result<Option<Arrived>, CaseError> {
    let mut is_whole = false;
    while let Some(piece) = pieces.blocking_recv() {
        // An empty piece is the end; without it the sender went away.
        if piece.is_empty() {
            is_whole = true;
            break;
        }
        upload.take(&piece)?;
    }
    if is_whole { upload.finish().map(Some) } else { Ok(None) }
}

/// Seals a file as it arrives.
async fn arrive(mut field: Field<'_>, upload: Upload) -> Result<Arrived, Refused> {
    let (to, pieces) = mpsc::channel(WAITING);
    let writing = tokio::task::spawn_blocking(move || write(upload, pieces));
    let mut broken = None;
    loop {
        match field.chunk().await {
            Ok(Some(piece)) if piece.is_empty() => {}
            Ok(Some(piece)) => {
                if to.send(piece).await.is_err() {
                    break;
                }
            }
            Ok(None) => {
                let _gone = to.send(Bytes::new()).await;
                break;
            }
            Err(error) => {
                broken = Some(unreadable(&error));
                break;
            }
        }
    }
    drop(to);
    let written = writing.await.map_err(|_| Refused::Other(Failure::new(StatusCode::INTERNAL_SERVER_ERROR)))?;
    match (written, broken) {
        (_, Some(broken)) => Err(broken),
        (Ok(Some(arrived)), None) => Ok(arrived),
        (Ok(None), None) => Err(Refused::Other(Failure::new(StatusCode::BAD_REQUEST))),
        (Err(error), None) => Err(beside(error)),
    }
}

async fn take(desk: &Desk, id: &str, form: &mut Multipart) -> Result<(), Refused> {
    let mut said = Said { is_ours: false, shown: Shown::Case };
    let field = loop {
        let field = form.next_field().await.map_err(|error| unreadable(&error))?;
        let Some(field) = field else {
            let refused = match said.is_ours {
                true => Refused::Field("file", "ファイルを選んでください。".into()),
                false => Refused::Other(Failure::new(StatusCode::FORBIDDEN)),
            };
            return Err(refused);
        };
        if let Some(file) = before(&mut said, &desk.staff, field).await? {
            break file;
        }
    };
    // Browsers write a quotation mark of a name like this.
    let name = field.file_name().unwrap_or_default().replace("%22", "\"");
    let (house, mut entropy) = (desk.house(), (desk.staff.app.entropy)());
    let blobs: Arc<dyn Blobs> = desk.premises.blobs().clone();
    let begun = attachment::begin(house, entropy.as_mut(), blobs.as_ref(), &desk.who, id, (said.shown, &name)).await;
    let upload = begun.map_err(beside)?;
    let blob = upload.blob().to_owned();
    match arrive(field, upload).await {
        Ok(arrived) => {
            attachment::attach(house, entropy.as_mut(), &desk.who, arrived).await.map_err(beside)?;
            Ok(())
        }
        Err(refused) => {
            attachment::abort(house, blobs.as_ref(), &blob).await?;
            Err(refused)
        }
    }
}

/// `POST /sealed/cases/{id}/files`
pub(crate) async fn post(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Response> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    let (mut parts, body) = request.into_parts();
    if !has_parts(&parts.headers) {
        return Err(Failure::new(StatusCode::FORBIDDEN).into_response());
    }
    let desk = Desk::from_request_parts(&mut parts, &app).await?;
    let taken = if length.is_some_and(|length| length > MAX_UPLOAD as u64) {
        // Nothing of it is read.
        Err(too_large())
    } else {
        let request = Request::from_parts(parts, body);
        match Multipart::from_request(request, &app).await {
            Ok(mut form) => take(&desk, &id, &mut form).await,
            Err(refused) => Err(Refused::Other(Failure::new(refused.status()))),
        }
    };
    let shown = match taken {
        Ok(()) => Ok(Redirect::to(&format!("/sealed/cases/{id}?done=file-kept")).into_response()),
        Err(refused) => file_page(&desk, &id, refused).await,
    };
    shown.map_err(IntoResponse::into_response)
}

/// Sends what is written on, piece by piece.
struct Pipe(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        self.0.blocking_send(Ok(piece)).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `/sealed/cases/{id}/files/{entry}`: the file, opened as it goes. Where it is not whole the answer breaks off.
pub(crate) async fn get(desk: Desk, Path((id, entry)): Path<(String, String)>) -> Result<Response, Failure> {
    let file = attachment::find(desk.house(), &desk.who, &id, &entry).await?;
    // A PDF in a sandbox is not shown by browsers.
    let is_shown = file.media.is_inline() && file.media != Media::Pdf;
    send(file, desk.premises.blobs().clone(), is_shown)
}

/// A file, opened as it goes: shown by the browser, or for it to keep.
pub(crate) fn send(file: Attached, blobs: Arc<dyn Blobs>, is_shown: bool) -> Result<Response, Failure> {
    let place = if is_shown { "inline" } else { "attachment" };
    let place = format!("{place}; filename=\"file\"; filename*=UTF-8''{}", encode(&file.name));
    let (kind, bytes) = (file.media.media_type(), file.bytes);
    let (to, pieces) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    tokio::task::spawn_blocking(move || {
        if attachment::open(blobs.as_ref(), &file, Pipe(to.clone())).is_err() {
            let _gone = to.blocking_send(Err(io::Error::from(io::ErrorKind::InvalidData)));
        }
    });
    let body = futures_util::stream::unfold(pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    });
    let mut response = Body::from_stream(body).into_response();
    let text = |value: &str| HeaderValue::from_str(value).map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR));
    let shown = response.headers_mut();
    shown.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    shown.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    shown.insert(header::CONTENT_DISPOSITION, text(&place)?);
    shown.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    shown.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    shown.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    Ok(response)
}
