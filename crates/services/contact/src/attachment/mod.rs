//! Attachments (添付): pictures and files in a conversation.
//!
//! What a file is, is decided by its bytes and by nothing that its sender says of it; what is no picture, PDF or plain
//! text is refused. Of pictures, everything is dropped that does not show: where and when a photograph was made, with
//! which device, what an editor noted, and what stands behind the picture's end. Only how it is to be turned stays.
//!
//! Nothing here knows how a file came: the citizens' page, the desk and other channels all hand [`Sent`] to [`prepare`].

mod name;

#[cfg(test)]
mod tests;

use calendar::{Clock, Instant};
use picture::{Form, Picture};
use sha2::{Digest, Sha256};
use store::{Entropy, FromRow, Tx, ids};

use crate::ContactError;
use crate::channel::coded;
use crate::contact::Contact;
use crate::store::attachment as rows;

pub use crate::store::attachment::{between, content, one};
pub use name::clean as clean_name;

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// Most files of one message.
pub const MAX_FILES: usize = 5;
/// Most bytes of all files of one contact.
pub const MAX_CONTACT: u64 = 50 * 1024 * 1024;
/// Longest side of a picture, in pixels: a browser that shows it needs four bytes for each.
pub const MAX_SIDE: u32 = 12_000;
/// Longest name that is kept, in characters.
pub const MAX_NAME: usize = 100;

/// How far from its end a PDF says that it ends, in bytes; the format asks for the last 1,024.
const PDF_END: usize = 2_048;

coded! {
    /// What a file is.
    Kind {
        /// JPEG (ITU-T T.81).
        Jpeg = "jpeg",
        /// PNG.
        Png = "png",
        /// GIF.
        Gif = "gif",
        /// WebP (RFC 9649).
        Webp = "webp",
        /// PDF.
        Pdf = "pdf",
        /// Plain text in UTF-8.
        Text = "text",
    }
}

impl Kind {
    /// The media type with which it is served.
    pub const fn media_type(self) -> &'static str {
        match self {
            Kind::Jpeg => "image/jpeg",
            Kind::Png => "image/png",
            Kind::Gif => "image/gif",
            Kind::Webp => "image/webp",
            Kind::Pdf => "application/pdf",
            Kind::Text => "text/plain; charset=utf-8",
        }
    }

    /// How the names of such files end; the first one is given to those that end otherwise.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Kind::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Kind::Png => &["png"],
            Kind::Gif => &["gif"],
            Kind::Webp => &["webp"],
            Kind::Pdf => &["pdf"],
            Kind::Text => &["txt"],
        }
    }

    /// Whether pages show it.
    pub const fn is_picture(self) -> bool {
        matches!(self, Kind::Jpeg | Kind::Png | Kind::Gif | Kind::Webp)
    }
}

/// Why a file cannot be taken; `web` has a sentence for each in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing in it.
    Empty,
    /// Larger than [`MAX_BYTES`].
    TooLarge,
    /// More than [`MAX_FILES`] at once.
    TooMany,
    /// With it the contact would have more than [`MAX_CONTACT`].
    ContactFull,
    /// A photograph in Apple's form (HEIC), which hardly anybody else can open.
    Heic,
    /// Nothing that is taken.
    NotAllowed,
    /// It begins like something that is taken and is broken, or only pretends.
    Broken,
    /// A picture with a side longer than [`MAX_SIDE`].
    TooWide,
}

/// A file that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its name as it may be shown; empty where no single file is meant.
    pub name: String,
    /// Why.
    pub refusal: Refusal,
}

impl Refused {
    /// Name of the sentence that says why, and what is put into it: the name and a limit in MB, pieces or pixels.
    pub fn told(&self) -> (&'static str, Vec<(&'static str, String)>) {
        let name = || ("name", self.name.clone());
        let mebibytes = |n: u64| ("n", (n / (1024 * 1024)).to_string());
        match self.refusal {
            Refusal::Empty => ("file-error-empty", vec![name()]),
            Refusal::TooLarge => ("file-error-large", vec![name(), mebibytes(MAX_BYTES as u64)]),
            Refusal::TooMany => ("file-error-many", vec![("n", MAX_FILES.to_string())]),
            Refusal::ContactFull => ("file-error-full", vec![mebibytes(MAX_CONTACT)]),
            Refusal::Heic => ("file-error-heic", vec![name()]),
            Refusal::NotAllowed => ("file-error-kind", vec![name()]),
            Refusal::Broken => ("file-error-broken", vec![name()]),
            Refusal::TooWide => ("file-error-wide", vec![name(), ("n", MAX_SIDE.to_string())]),
        }
    }
}

/// A file as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The name that its sender gave it.
    pub name: String,
    /// Its bytes; whoever reads them may stop behind [`MAX_BYTES`].
    pub bytes: Vec<u8>,
}

/// A file that may be stored. Only [`prepare`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Ready {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) content: Vec<u8>,
    pub(crate) sha256: String,
    pub(crate) size: Option<(u32, u32)>,
}

impl std::fmt::Debug for Ready {
    /// Contents never stand in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ready({}, {} bytes)", self.kind.code(), self.content.len())
    }
}

impl Ready {
    /// What is stored.
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

/// An attachment as it is stored, without its content.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Attachment {
    /// Id.
    pub id: String,
    /// Place of its message in the contact.
    pub seq: i64,
    /// Name as shown; none once it was erased.
    pub name: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// How many bytes it has, or had.
    pub bytes: i64,
    /// SHA-256 of the content in hexadecimal digits; empty once it was erased.
    pub sha256: String,
    /// Width of a picture as it is shown, in pixels.
    pub width: Option<i64>,
    /// Its height.
    pub height: Option<i64>,
    /// When it came.
    pub created_at: Instant,
}

/// What a file is, if it may be taken.
pub fn inspect(bytes: &[u8]) -> Result<Kind, Refusal> {
    look(bytes).map(|(kind, _)| kind)
}

/// Makes a file ready to be stored: looked at, its name cleaned, a picture without what does not show.
pub fn prepare(sent: &Sent) -> Result<Ready, Refusal> {
    let (kind, picture) = look(&sent.bytes)?;
    let size = picture.as_ref().map(|p| p.shown());
    let content = picture.map_or_else(|| sent.bytes.clone(), |p| p.assemble(&sent.bytes));
    let sha256 = Sha256::digest(&content).iter().map(|b| format!("{b:02x}")).collect();
    Ok(Ready { name: name::clean(&sent.name, kind), kind, content, sha256, size })
}

/// All files of a message, or the first that cannot be taken.
pub fn prepare_all(sent: &[Sent]) -> Result<Vec<Ready>, Refused> {
    if sent.len() > MAX_FILES {
        return Err(Refused { name: String::new(), refusal: Refusal::TooMany });
    }
    let one = |file: &Sent| prepare(file).map_err(|refusal| Refused { name: name::shown(&file.name), refusal });
    sent.iter().map(one).collect()
}

fn look(bytes: &[u8]) -> Result<(Kind, Option<Picture>), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    let kind = sniff(bytes)?;
    let form = match kind {
        Kind::Jpeg => Form::Jpeg,
        Kind::Png => Form::Png,
        Kind::Gif => Form::Gif,
        Kind::Webp => Form::Webp,
        Kind::Pdf | Kind::Text => return Ok((kind, None)),
    };
    let picture = picture::read(form, bytes).ok_or(Refusal::Broken)?;
    match (picture.width, picture.height) {
        (0, _) | (_, 0) => Err(Refusal::Broken),
        (w, h) if w > MAX_SIDE || h > MAX_SIDE => Err(Refusal::TooWide),
        _ => Ok((kind, Some(picture))),
    }
}

/// What a file is by how it begins and, for a PDF, ends.
fn sniff(bytes: &[u8]) -> Result<Kind, Refusal> {
    let at = |from: usize, len: usize| bytes.get(from..from + len).unwrap_or_default();
    match Form::of(bytes) {
        Some(Form::Jpeg) => return Ok(Kind::Jpeg),
        Some(Form::Png) => return Ok(Kind::Png),
        Some(Form::Gif) => return Ok(Kind::Gif),
        Some(Form::Webp) => return Ok(Kind::Webp),
        None => {}
    }
    if at(4, 4) == b"ftyp" {
        return Err(if picture::is_heic(bytes) { Refusal::Heic } else { Refusal::NotAllowed });
    }
    if bytes.starts_with(b"%PDF-") {
        let end = &bytes[bytes.len().saturating_sub(PDF_END)..];
        let is_whole = at(5, 1).first().is_some_and(u8::is_ascii_digit) && end.windows(5).any(|w| w == b"%%EOF");
        return if is_whole { Ok(Kind::Pdf) } else { Err(Refusal::Broken) };
    }
    if is_plain_text(bytes) { Ok(Kind::Text) } else { Err(Refusal::NotAllowed) }
}

/// Text that nothing takes for a page, a picture or a program: UTF-8 without control characters that does not begin
/// with a tag, and not as scripts and documents of other programs do.
fn is_plain_text(bytes: &[u8]) -> bool {
    const PROGRAMS: [&str; 3] = ["#!", "%!", "{\\rtf"];
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')) {
        return false;
    }
    let begin = text.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r', '\u{c}', '\u{3000}']);
    let is_tag = begin
        .strip_prefix('<')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?' | '/')));
    !is_tag && !PROGRAMS.iter().any(|p| begin.starts_with(p))
}

/// Refuses files with which the contact, whose row is locked, would have too much.
pub(crate) async fn fits(tx: &mut Tx, contact: &Contact, files: &[Ready]) -> Result<(), ContactError> {
    if files.is_empty() {
        return Ok(());
    }
    let refused = |refusal| Err(ContactError::File(Refused { name: String::new(), refusal }));
    if files.len() > MAX_FILES {
        return refused(Refusal::TooMany);
    }
    let there = u64::try_from(rows::total(tx, &contact.id).await?).unwrap_or(0);
    let more: usize = files.iter().map(|f| f.content.len()).sum();
    if there.saturating_add(more as u64) > MAX_CONTACT { refused(Refusal::ContactFull) } else { Ok(()) }
}

/// Stores the files of the message at a place, in the transaction that stores the message.
pub(crate) async fn keep(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    contact: &Contact,
    seq: i64,
    files: &[Ready],
) -> Result<(), ContactError> {
    if files.is_empty() {
        return Ok(());
    }
    let message = crate::store::answer_record::message_at(tx, &contact.id, seq).await?;
    let message = message.ok_or(ContactError::NotFound)?;
    for (place, file) in (1..).zip(files) {
        let id = ids::new_id(clock, entropy);
        let row = rows::Row { id: &id, contact: &contact.id, message: &message, place, file, at: clock.now() };
        rows::insert(tx, row).await?;
    }
    Ok(())
}

/// Whether the message at a place has just these files: the same form sent twice.
pub(crate) async fn are_those(tx: &mut Tx, contact: &str, seq: i64, files: &[Ready]) -> Result<bool, ContactError> {
    let stored = between(tx, contact, seq, seq).await?;
    // Of what was erased nobody can say any more that it was another file.
    let same = |(a, b): (&Attachment, &Ready)| a.sha256.is_empty() || a.sha256 == b.sha256;
    Ok(stored.len() == files.len() && stored.iter().zip(files).all(same))
}
