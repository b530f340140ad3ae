//! Files in a case (添付), up to 500 MB, sealed as they arrive.
//!
//! Bytes go through the file cipher of [`vault::file`] into a store of files ([`Blobs`]) under an id without meaning;
//! key, name, size and media type stand in a sealed entry. Memory stays the same for any length, but for a picture from
//! the reporter: it is held, up to [`MAX_PICTURE`], because what it tells of place and device is removed before it is
//! sealed.
//!
//! A place in the database is reserved before the first byte is written, so that [`sweep`] knows what arrives from what
//! was left behind.

mod blobs;
mod media;
mod name;

use std::io::Write;
use std::time::Duration;

use ::store::{Entropy, Tx, ids};
use picture::Form;
use vault::file::{FileKey, Opener, Sealer};
use vault::{VaultError, Zeroizing};

use crate::case::{self, View};
use crate::entry::{Attached, By, Shown, What};
use crate::error::{field, rule};
use crate::file::{CaseFile, entry};
use crate::report::{self, Reporter};
use crate::ring::RingKind;
use crate::store::{blob as rows, case as cases};
use crate::{CaseError, House, Result, Unlocked, seal};

pub use blobs::{Arriving, Blobs, FolderBlobs};
pub use name::{MAX_NAME, renamed, tidy};

/// Longest file, in bytes.
pub const MAX_BYTES: u64 = vault::file::LONGEST;
/// Longest picture from the reporter, in bytes.
pub const MAX_PICTURE: usize = 20 << 20;
/// Most files of a case.
pub const MAX_FILES: i64 = 200;
/// How long a file may take to arrive.
pub const ARRIVES_WITHIN: Duration = Duration::from_secs(24 * 3_600);

/// A file that arrives. [`Upload::take`] writes to the store, so it belongs where blocking is allowed. Dropped, it
/// leaves nothing but its reserved place, which [`abort`] or [`sweep`] gives up.
pub struct Upload {
    case: String,
    blob: String,
    shown: Shown,
    name: String,
    key: FileKey,
    sealer: Option<Sealer>,
    out: Option<Box<dyn Arriving>>,
    look: media::Look,
    /// Bytes that are kept back: the beginning, or a whole picture.
    held: Zeroizing<Vec<u8>>,
    /// Whether metadata of pictures goes.
    cleans: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Too little has come to tell what it is.
    Begins,
    /// A picture, held until it is whole.
    Held(Form),
    /// Everything goes straight on.
    Flows,
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").field("blob", &self.blob).finish_non_exhaustive()
    }
}

/// A file that is whole in the store and stands in no entry yet.
#[derive(Debug)]
pub struct Arrived {
    case: String,
    attached: Attached,
}

impl Arrived {
    /// Id of its bytes in the store, for [`abort`].
    pub fn blob(&self) -> &str {
        &self.attached.blob
    }
}

/// Why a file is not taken, for pages that say it in their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Of this form (HEIC, AVIF, TIFF) place and device cannot be removed.
    Form,
    /// The picture is damaged or cut off.
    Broken,
    /// There is nothing in it.
    Empty,
    /// The picture is longer than [`MAX_PICTURE`].
    PictureTooLarge,
    /// It is longer than [`MAX_BYTES`].
    TooLarge,
}

impl Refusal {
    const ALL: [Refusal; 5] =
        [Refusal::Form, Refusal::Broken, Refusal::Empty, Refusal::PictureTooLarge, Refusal::TooLarge];

    const fn sentence(self) -> &'static str {
        match self {
            Refusal::Form => {
                "この形式の写真からは、撮った場所などの情報を消せません。JPEGかPNGにして送ってください（画面の写真を撮り直しても送れます）。"
            }
            Refusal::Broken => "写真を読めません。壊れているか、途中で切れています。もう一度送ってください。",
            Refusal::Empty => "ファイルの中身がありません。",
            Refusal::PictureTooLarge => "写真が大きすぎます。20MBまでにしてください。",
            Refusal::TooLarge => "ファイルが大きすぎます。500MBまでにしてください。",
        }
    }

    /// Which one an error is.
    pub fn of(error: &CaseError) -> Option<Self> {
        let CaseError::Field { field: "file", reason } = error else { return None };
        Self::ALL.into_iter().find(|one| one.sentence() == reason)
    }
}

fn refused(refusal: Refusal) -> CaseError {
    field("file", refusal.sentence())
}

fn sealing(error: VaultError) -> CaseError {
    match error {
        VaultError::TooLong => refused(Refusal::TooLarge),
        other => other.into(),
    }
}

async fn reserve(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    (case, shown, name, cleans): (&str, Shown, &str, bool),
) -> Result<Upload> {
    if rows::count(tx, case).await? >= MAX_FILES {
        return Err(rule(format!("この事案のファイルは{MAX_FILES}個までです。")));
    }
    let blob = ids::opaque_id(entropy);
    rows::reserve(tx, &blob, case, house.clock.now()).await?;
    let key = FileKey::generate(entropy);
    Ok(Upload {
        case: case.into(),
        shown,
        name: tidy(name),
        sealer: Some(Sealer::new(&key, entropy)),
        out: None,
        key,
        blob,
        look: media::Look::default(),
        held: Zeroizing::new(Vec::new()),
        cleans,
        state: State::Begins,
    })
}

/// Begins a file of a member of the desk. What pictures tell stays: it may be what matters.
pub async fn begin(
    house: House<'_>,
    entropy: Entropy<'_>,
    blobs: &dyn Blobs,
    who: &Unlocked,
    case: &str,
    (shown, name): (Shown, &str),
) -> Result<Upload> {
    let mut tx = house.db.write().await?;
    case::unlock(&mut tx, house, who, case).await?;
    let mut upload = reserve(&mut tx, house, entropy, (case, shown, name, false)).await?;
    tx.commit().await?;
    // Only now: `sweep` takes a file without a row for one that was left behind.
    upload.out = Some(blobs.begin(&upload.blob)?);
    Ok(upload)
}

/// Begins a file of the reporter, for the talk.
pub async fn begin_by_reporter(
    house: House<'_>,
    entropy: Entropy<'_>,
    blobs: &dyn Blobs,
    who: &Reporter,
    name: &str,
) -> Result<Upload> {
    let mut tx = house.db.write().await?;
    cases::lock(&mut tx, &who.case).await?.ok_or(CaseError::NotFound)?;
    report::talk_ring(&mut tx, house, who).await?;
    let mut upload = reserve(&mut tx, house, entropy, (&who.case, Shown::Talk, name, true)).await?;
    tx.commit().await?;
    // Only now: `sweep` takes a file without a row for one that was left behind.
    upload.out = Some(blobs.begin(&upload.blob)?);
    Ok(upload)
}

impl Upload {
    /// Takes the next piece, of any size. After an error the file is worthless: [`abort`] it.
    pub fn take(&mut self, piece: &[u8]) -> Result<()> {
        if !matches!(self.state, State::Held(_)) {
            self.look.take(piece);
        }
        match self.state {
            State::Flows => self.write(piece),
            State::Begins | State::Held(_) => {
                if matches!(self.state, State::Held(_)) && self.held.len() + piece.len() > MAX_PICTURE {
                    return Err(too_large());
                }
                self.held.extend_from_slice(piece);
                if self.state == State::Begins && self.held.len() >= picture::BEGIN {
                    self.decide()?;
                }
                Ok(())
            }
        }
    }

    /// Tells from the beginning how the file goes on.
    fn decide(&mut self) -> Result<()> {
        let begin = &self.held[..self.held.len().min(picture::BEGIN)];
        if self.cleans {
            if picture::is_heic(begin) || picture::is_avif(begin) || picture::is_tiff(begin) {
                return Err(refused(Refusal::Form));
            }
            if let Some(form) = Form::of(begin) {
                if self.held.len() > MAX_PICTURE {
                    return Err(too_large());
                }
                // Room for all of it, so that growing leaves no copies behind.
                let mut held = Zeroizing::new(Vec::with_capacity(MAX_PICTURE));
                held.extend_from_slice(&self.held);
                self.held = held;
                self.state = State::Held(form);
                return Ok(());
            }
        }
        self.state = State::Flows;
        let held = std::mem::take(&mut self.held);
        self.write(&held)
    }

    fn write(&mut self, piece: &[u8]) -> Result<()> {
        let (Some(sealer), Some(out)) = (&mut self.sealer, &mut self.out) else {
            return Err(VaultError::Failed.into());
        };
        sealer.update(piece, out).map_err(sealing)
    }

    /// Ends the file: it is whole in the store after this, and still in no entry.
    pub fn finish(mut self) -> Result<Arrived> {
        if self.state == State::Begins {
            self.decide()?;
        }
        if let State::Held(form) = self.state {
            let held = std::mem::take(&mut self.held);
            let picture = picture::read(form, &held).ok_or_else(|| refused(Refusal::Broken))?;
            let cleaned = Zeroizing::new(picture.assemble(&held));
            self.write(&cleaned)?;
        }
        let (Some(sealer), Some(mut out)) = (self.sealer.take(), self.out.take()) else {
            return Err(VaultError::Failed.into());
        };
        let bytes = sealer.finish(&mut out).map_err(sealing)?;
        if bytes == 0 {
            return Err(refused(Refusal::Empty));
        }
        out.keep()?;
        let attached = Attached {
            shown: self.shown,
            blob: self.blob.clone(),
            key: self.key.clone(),
            name: self.name.clone(),
            bytes,
            media: self.look.media(),
        };
        Ok(Arrived { case: self.case.clone(), attached })
    }

    /// Id of its bytes in the store, for [`abort`].
    pub fn blob(&self) -> &str {
        &self.blob
    }
}

fn too_large() -> CaseError {
    refused(Refusal::PictureTooLarge)
}

/// Gives up a file that did not arrive, or could not be attached: nothing of it stays.
pub async fn abort(house: House<'_>, blobs: &dyn Blobs, blob: &str) -> Result<()> {
    let mut tx = house.db.write().await?;
    rows::give_up(&mut tx, blob).await?;
    let is_known = rows::is_known(&mut tx, blob).await?;
    tx.commit().await?;
    // One that stands in an entry by now is not given up.
    if is_known { Ok(()) } else { blobs.remove(blob) }
}

/// Puts a file that arrived into its case, as a member of the desk.
pub async fn attach(house: House<'_>, entropy: Entropy<'_>, who: &Unlocked, file: Arrived) -> Result<View> {
    let Arrived { case, attached } = file;
    let mut tx = house.db.write().await?;
    let (mut clear, keys, mut entries) = case::unlock(&mut tx, house, who, &case).await?;
    case::must_hold_all(&mut tx, &case, &keys).await?;
    settle_blob(&mut tx, &attached.blob, &case).await?;
    let by = By::Account(who.account.clone());
    let now =
        CaseFile::of(entries.clone(), house.kinds.of(&clear.desk)?, house.calendar)?.ok_or(CaseError::NotFound)?;
    // Whatever may be noted may be attached.
    now.allows(&by, &What::Note { words: attached.name.clone() })?;
    let kind = if attached.shown == Shown::Talk { RingKind::Talk } else { RingKind::Case };
    clear.records += 1;
    clear.version += 1;
    let next = entry(house.clock.now(), by, What::Attached(attached));
    let ring = case::of_kind(&keys, kind)?;
    entries.push(seal::write(&mut tx, entropy, ring, clear.records, &next).await?);
    let desk_ring = case::of_kind(&keys, RingKind::Case)?;
    let file = case::settle(&mut tx, house, entropy, &mut clear, desk_ring, entries).await?;
    case::note(&mut tx, house, &case, &who.actor(), "case.write", &[next.what.kind()]).await?;
    tx.commit().await?;
    Ok(View { clear, file })
}

/// Puts a file that arrived into the talk, as the reporter. The desk sees that there is news.
pub async fn attach_by_reporter(house: House<'_>, entropy: Entropy<'_>, who: &Reporter, file: Arrived) -> Result<()> {
    let mut tx = house.db.write().await?;
    attach_by_reporter_in(&mut tx, house, entropy, who, file).await?;
    Ok(tx.commit().await?)
}

/// The same in the caller's transaction.
pub(crate) async fn attach_by_reporter_in(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Reporter,
    file: Arrived,
) -> Result<()> {
    let Arrived { case, attached } = file;
    if case != who.case || attached.shown != Shown::Talk {
        return Err(CaseError::NotFound);
    }
    let mut clear = cases::lock(tx, &case).await?.ok_or(CaseError::NotFound)?;
    let keys = report::talk_ring(tx, house, who).await?;
    settle_blob(tx, &attached.blob, &case).await?;
    clear.records += 1;
    clear.has_news = true;
    let next = entry(house.clock.now(), By::Reporter, What::Attached(attached));
    seal::write(tx, entropy, &keys, clear.records, &next).await?;
    cases::save(tx, &clear).await?;
    case::note(tx, house, &case, "reporter", "case.write", &[next.what.kind()]).await
}

async fn settle_blob(tx: &mut Tx, blob: &str, case: &str) -> Result<()> {
    if rows::settle(tx, blob, case).await? {
        return Ok(());
    }
    Err(rule("ファイルが届くのに時間がかかりすぎました。もう一度送ってください。"))
}

/// A file of a case, by the id of its entry, for a reader of the case. That it was asked for stands in the chain.
pub async fn find(house: House<'_>, who: &Unlocked, case: &str, entry: &str) -> Result<Attached> {
    let mut tx = house.db.write().await?;
    let (_, _, entries) = case::unlock(&mut tx, house, who, case).await?;
    let found = attached(entries, entry)?;
    case::note(&mut tx, house, case, &who.actor(), "case.view", &["file"]).await?;
    tx.commit().await?;
    Ok(found)
}

/// The same for the reporter, of the talk.
pub async fn find_by_reporter(house: House<'_>, who: &Reporter, entry: &str) -> Result<Attached> {
    attached(report::read(house, who).await?.entries, entry)
}

fn attached(entries: Vec<seal::Placed>, id: &str) -> Result<Attached> {
    let found = entries.into_iter().find(|placed| placed.id == id).map(|placed| placed.entry.what);
    match found {
        Some(What::Attached(file)) => Ok(file),
        _ => Err(CaseError::NotFound),
    }
}

/// Writes the content of a file, in constant memory; blocking. Another file in its place, a changed or cut one is
/// [`VaultError::Opaque`] or [`VaultError::Form`]. Each chunk is true, but that all came is known only at the end:
/// whoever sends it on must break off on an error, or read it into [`std::io::sink`] first.
pub fn open(blobs: &dyn Blobs, file: &Attached, mut to: impl Write) -> Result<()> {
    let mut from = blobs.read(&file.blob)?.ok_or_else(|| CaseError::Blobs("a file is missing".into()))?;
    let mut opener = Opener::new(&file.key);
    let mut piece = vec![0; 64 * 1024];
    loop {
        match from.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => opener.update(&piece[..length], &mut to)?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(CaseError::Blobs(error.kind().to_string())),
        }
    }
    if opener.finish(&mut to)? == file.bytes { Ok(()) } else { Err(VaultError::Opaque.into()) }
}

/// Removes from the store what no case has: files that did not arrive within [`ARRIVES_WITHIN`], and those of cases that
/// were shredded. Returns how many. What arrives meanwhile is not touched.
pub async fn sweep(house: House<'_>, blobs: &dyn Blobs) -> Result<usize> {
    let mut tx = house.db.write().await?;
    rows::give_up_before(&mut tx, house.clock.now().minus(ARRIVES_WITHIN)).await?;
    tx.commit().await?;
    // First the files, then the rows: a file that is listed has had its row before.
    let files = blobs.all()?;
    let mut tx = house.db.read().await?;
    let mut removed = 0;
    for id in files {
        if !rows::is_known(&mut tx, &id).await? {
            blobs.remove(&id)?;
            removed += 1;
        }
    }
    Ok(removed)
}
