//! Files: read from forms with parts, shown in conversations, and served so that no browser takes one for a page of
//! this house.

use std::sync::Arc;

use axum::Form;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use city::Lang;
use contact::Contact;
use contact::attachment::{self, Attachment, Kind, MAX_BYTES, MAX_FILES, Ready, Refused, Sent};

use crate::errors::Failure;
use words::i18n;

use crate::{App, CityState};

/// Largest body of a form with files, in bytes: as many and as large files as may be sent, and what stands around them.
pub(crate) const MAX_UPLOAD: usize = MAX_FILES * MAX_BYTES + 1024 * 1024;
/// Most bytes of all fields of such a form that are no files.
const MAX_FIELDS: usize = 64 * 1024;
/// Most parts of such a form.
const MAX_PARTS: usize = 40;
/// The same of one of the staff: a rich menu has up to 20 buttons of six fields each.
pub(crate) const MAX_STAFF_PARTS: usize = 160;
/// What a page's field for files offers; a telephone makes a JPEG of its photograph for it.
pub(crate) const ACCEPT: &str = "image/jpeg,image/png,image/gif,image/webp,application/pdf,text/plain";

/// A form as it came.
pub(crate) struct Posted {
    /// Fields in order.
    pub(crate) fields: Vec<(String, String)>,
    /// Files of the fields called `files`, each cut off behind the largest size, and at most one too many.
    pub(crate) files: Vec<Sent>,
}

/// Whether a form has parts, of which some may be files.
pub(crate) fn has_parts(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(|v| v.as_bytes().to_ascii_lowercase());
    kind.is_some_and(|k| k.starts_with(b"multipart/form-data"))
}

/// Reads a form, with files or without. `most`: largest body of one without, in bytes; the route's own limit is for
/// one with files.
pub(crate) async fn read(request: Request, app: &Arc<App>, most: usize) -> Result<Posted, Failure> {
    read_parts(request, app, most, MAX_PARTS).await
}

/// The same with another number of parts.
pub(crate) async fn read_parts(
    request: Request,
    app: &Arc<App>,
    most: usize,
    most_parts: usize,
) -> Result<Posted, Failure> {
    if !has_parts(request.headers()) {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, most).await.map_err(|_| Failure::new(StatusCode::PAYLOAD_TOO_LARGE))?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let Form(fields) = Form::from_request(request, app).await.map_err(|refused| Failure::new(refused.status()))?;
        return Ok(Posted { fields, files: Vec::new() });
    }
    let mut form = Multipart::from_request(request, app).await.map_err(|e| Failure::new(e.status()))?;
    let unreadable = |e: axum::extract::multipart::MultipartError| Failure::new(e.status());
    let too_large = || Failure::new(StatusCode::PAYLOAD_TOO_LARGE);
    let (mut posted, mut room, mut parts) = (Posted { fields: Vec::new(), files: Vec::new() }, MAX_FIELDS, 0);
    while let Some(mut field) = form.next_field().await.map_err(unreadable)? {
        parts += 1;
        if parts > most_parts {
            return Err(too_large());
        }
        let key = field.name().unwrap_or_default().to_owned();
        let is_file = key == "files";
        // Browsers write a quotation mark of a name like this, and only that and line ends.
        let name = field.file_name().unwrap_or_default().replace("%22", "\"");
        let mut bytes = Vec::new();
        // What is too much is read to its end and dropped, so that a browser gets the page that says so.
        let keeps = !is_file || posted.files.len() <= MAX_FILES;
        while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
            let left = if is_file { MAX_BYTES + 1 - bytes.len() } else { room.saturating_sub(bytes.len()) };
            if !is_file && chunk.len() > left {
                return Err(too_large());
            }
            if keeps {
                bytes.extend_from_slice(&chunk[..chunk.len().min(left)]);
            }
        }
        if is_file {
            // A field in which nothing was chosen comes without a name and empty.
            if keeps && !(name.is_empty() && bytes.is_empty()) {
                posted.files.push(Sent { name, bytes });
            }
            continue;
        }
        room -= bytes.len();
        let text = String::from_utf8(bytes).map_err(|_| Failure::new(StatusCode::BAD_REQUEST))?;
        posted.fields.push((key, text));
    }
    Ok(posted)
}

/// Looks at files, which is work for a core and not for the event loop.
pub(crate) async fn prepare(files: Vec<Sent>) -> Result<Result<Vec<Ready>, Refused>, Failure> {
    if files.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let looked = tokio::task::spawn_blocking(move || attachment::prepare_all(&files)).await;
    looked.map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR))
}

/// Why a file was not taken, and what to do.
pub(crate) fn sentence(lang: Lang, refused: &Refused) -> String {
    let (key, mut args) = refused.told();
    for (_, value) in args.iter_mut().filter(|(name, _)| *name == "name" && lang == Lang::Easy) {
        // In plain Japanese, brackets behind Chinese characters would be taken for a reading.
        *value = value.replace('(', "（").replace(')', "）");
    }
    let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    i18n::message(lang, key, &args)
}

/// How large a file is, in words.
fn size(bytes: i64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes.div_euclid(1024)),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

/// The message that says what a file is.
const fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Jpeg => "file-kind-jpeg",
        Kind::Png => "file-kind-png",
        Kind::Gif => "file-kind-gif",
        Kind::Webp => "file-kind-webp",
        Kind::Pdf => "file-kind-pdf",
        Kind::Text => "file-kind-text",
    }
}

/// An attachment on a page.
pub(crate) struct FileView {
    pub(crate) url: String,
    /// Name as it is shown; what was erased has none.
    pub(crate) name: Option<String>,
    /// What it is and how large, such as `PDF 120 KB`.
    pub(crate) about: String,
    /// Width and height where the page shows it.
    pub(crate) picture: Option<(i64, i64)>,
}

/// The attachments of a message; `base` is the address of its conversation.
pub(crate) fn views(lang: Lang, base: &str, files: &[Attachment], seq: i64) -> Vec<FileView> {
    let view = |f: &Attachment| FileView {
        url: format!("{base}/attachments/{}", f.id),
        name: f.name.clone(),
        about: format!("{} {}", i18n::message(lang, kind_key(f.kind), &[]), size(f.bytes)),
        picture: f.width.zip(f.height).filter(|_| f.kind.is_picture()),
    };
    files.iter().filter(|f| f.seq == seq).map(view).collect()
}

/// Serves an attachment of a contact that whoever asks may read.
///
/// Pictures are shown in place, everything else is a download; either runs nothing and is kept by nobody but the
/// browser that asked, which asks again before it shows it another time.
pub(crate) async fn serve(
    city: &CityState,
    contact: &Contact,
    id: &str,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let mut tx = city.db.read().await?;
    let found = attachment::one(&mut tx, &contact.id, id).await?.ok_or_else(Failure::not_found)?;
    let name = found.name.unwrap_or_default();
    let tag = format!("\"{}\"", found.sha256);
    let asked = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok());
    let is_known = asked.flat_map(|v| v.split(',')).any(|v| v.trim() == tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let content = attachment::content(&mut tx, &contact.id, id).await?.ok_or_else(Failure::not_found)?;
        content.into_response()
    };
    let place = if found.kind.is_picture() { "inline" } else { "attachment" };
    let ending = found.kind.endings()[0];
    let place = format!("{place}; filename=\"file.{ending}\"; filename*=UTF-8''{}", encode(&name));
    let text = |value: &str| HeaderValue::from_str(value).map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR));
    let shown = response.headers_mut();
    shown.insert(header::CONTENT_TYPE, HeaderValue::from_static(found.kind.media_type()));
    shown.insert(header::CONTENT_DISPOSITION, text(&place)?);
    shown.insert(header::ETAG, text(&tag)?);
    shown.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    shown.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    shown.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    shown.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    Ok(response)
}

/// A name in a header (RFC 8187): everything that is no letter, digit or one of `-_.` by its bytes.
pub(crate) fn encode(name: &str) -> String {
    let one = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    name.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use contact::attachment::Refusal;

    use super::*;

    #[test]
    fn sizes_are_rounded_down() {
        let said = [0, 1023, 1024, 1_048_575, 1_048_576, 10_485_760, 1_600_000].map(size);
        assert_eq!(said, ["0 B", "1023 B", "1 KB", "1023 KB", "1.0 MB", "10.0 MB", "1.5 MB"]);
    }

    #[test]
    fn a_name_stands_in_a_header_as_bytes() {
        assert_eq!(encode("写真 \"1\".jpg"), "%E5%86%99%E7%9C%9F%20%221%22.jpg");
    }

    #[test]
    fn every_refusal_has_a_sentence_with_all_it_needs() {
        for lang in Lang::ALL {
            for refusal in [
                Refusal::Empty,
                Refusal::TooLarge,
                Refusal::TooMany,
                Refusal::ContactFull,
                Refusal::Heic,
                Refusal::NotAllowed,
                Refusal::Broken,
                Refusal::TooWide,
            ] {
                let said = sentence(lang, &Refused { name: "夕日(1).jpg".into(), refusal });
                assert!(!said.starts_with("file-error") && !said.contains('$'), "{said}");
                let names = !matches!(refusal, Refusal::TooMany | Refusal::ContactFull);
                assert_eq!(said.contains("夕日"), names, "{lang:?} {said}");
            }
        }
    }
}
