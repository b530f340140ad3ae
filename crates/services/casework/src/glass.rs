//! Break-glass (非常時の閲覧): two officers of a desk together open one case, when none of its readers is there.
//!
//! The key of each ring of kind `case`, `talk` and `partner` is also split to the desk's officers, any two of whom give it. The first
//! officer asks and leaves their share for a second one whom they name; the second one agrees within [`OPEN_FOR`], and
//! the first one becomes a reader of that case. The desk is told by a note in the case and by its news.

use std::time::Duration;

use ::store::{Entropy, Tx, ids};
use calendar::Instant;
use vault::glass::{self as shards, Context};
use vault::{CaseKey, OuterKey, PublicKey, Zeroizing};

use crate::case::{self, Clear};
use crate::entry::{By, What};
use crate::error::{field, rule};
use crate::file::entry;
use crate::member::{self, DeskRole};
use crate::ring::{Keys, Reader, RingKind};
use crate::store::{case as cases, glass as rows, member as members, overview, ring as ring_rows};
use crate::{CaseError, House, Result, Unlocked, ring, seal, wall};

/// So long a second officer may agree.
pub const OPEN_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Longest reason, in characters.
pub const MAX_REASON: usize = 1_000;
/// To so many officers a key is split at most ([`vault::glass::break_into`]); of more, the first by account.
const MOST: usize = 10;
const REASON: &str = "reason";

/// An officer who can be given a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Officer {
    account: String,
    public: PublicKey,
}

/// What an officer asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// Id of the case.
    pub case: String,
    /// Account of who asks to read it.
    pub asked_by: String,
    /// Account of who may agree.
    pub second: String,
    /// When.
    pub asked_at: Instant,
    /// From this instant on nobody can agree any more.
    pub until: Instant,
    /// When the second officer agreed.
    pub opened_at: Option<Instant>,
}

impl Request {
    fn of(row: &rows::Request) -> Request {
        Request {
            id: row.id.clone(),
            case: row.sealed_case.clone(),
            asked_by: row.asked_by.clone(),
            second: row.second.clone(),
            asked_at: row.asked_at,
            until: row.asked_at.plus(OPEN_FOR),
            opened_at: row.opened_at,
        }
    }
}

async fn with_keys(tx: &mut Tx, desk: &str) -> Result<Vec<Officer>> {
    let keys = members::keys(tx, desk, DeskRole::Officer.code()).await?;
    keys.into_iter()
        .map(|key| Ok(Officer { public: PublicKey::from_bytes(&key.public_half)?, account: key.account }))
        .collect()
}

/// Whether new cases of a desk can be opened by two officers: it has two with keys.
pub async fn has_glass(tx: &mut Tx, desk: &str) -> Result<bool> {
    Ok(with_keys(tx, desk).await?.len() >= usize::from(shards::NEEDED))
}

/// The officers who are given shares of a case: nobody on its wall; none if they are fewer than two.
pub(crate) async fn officers(tx: &mut Tx, house: House<'_>, case: &Clear) -> Result<Vec<Officer>> {
    // What the house keeps needs no glass: whoever has the role at the desk reads it.
    if !house.kinds.of(&case.desk)?.is_sealed() {
        return Ok(Vec::new());
    }
    let outer = case::outer_key(house, &case.id)?;
    let mut free = Vec::new();
    for officer in with_keys(tx, &case.desk).await? {
        if !is_walled(tx, house, &case.id, &outer, &officer.account).await? {
            free.push(officer);
        }
    }
    free.truncate(MOST);
    Ok(if free.len() < usize::from(shards::NEEDED) { Vec::new() } else { free })
}

async fn is_walled(tx: &mut Tx, house: House<'_>, case: &str, outer: &OuterKey, account: &str) -> Result<bool> {
    wall::stands_on(tx, case, outer, account, &(house.sections)(account)).await
}

/// Splits the newest key of a ring to officers, if it is of a kind that the glass opens.
pub(crate) async fn split(tx: &mut Tx, entropy: Entropy<'_>, keys: &Keys, officers: &[Officer]) -> Result<()> {
    if officers.is_empty() || keys.kind == RingKind::Welfare {
        return Ok(());
    }
    let to: Vec<_> = officers.iter().map(|o| shards::Officer { id: &o.account, public: &o.public }).collect();
    let glass = shards::break_into(keys.newest_case_key()?, &keys.id, keys.epoch, &to, entropy)?;
    for share in glass.shares {
        let row = rows::Share {
            ring: keys.id.clone(),
            epoch: i64::from(keys.epoch),
            officer: share.officer,
            sealed: share.bytes,
            commitment: glass.commitment.to_vec(),
        };
        rows::insert(tx, &row).await?;
    }
    Ok(())
}

/// Of the officers those who hold a share of a case already: a new ring of it goes to them alone, since the glass opens
/// all of a case or nothing.
pub(crate) async fn shared(tx: &mut Tx, house: House<'_>, case: &Clear, desk_ring: &Keys) -> Result<Vec<Officer>> {
    let holders = rows::officers(tx, &desk_ring.id).await?;
    let mut able = officers(tx, house, case).await?;
    able.retain(|officer| holders.contains(&officer.account));
    Ok(if able.len() < usize::from(shards::NEEDED) { Vec::new() } else { able })
}

/// Ends the shares of a ring's earlier epochs.
pub(crate) async fn forget(tx: &mut Tx, keys: &Keys) -> Result<()> {
    Ok(rows::forget_before(tx, &keys.id, i64::from(keys.epoch)).await?)
}

/// An officer who holds a share of a ring and stands on the wall of its case.
pub(crate) async fn walled(tx: &mut Tx, house: House<'_>, keys: &Keys) -> Result<Option<String>> {
    let outer = case::outer_key(house, &keys.case)?;
    for account in rows::officers(tx, &keys.id).await? {
        if is_walled(tx, house, &keys.case, &outer, &account).await? {
            return Ok(Some(account));
        }
    }
    Ok(None)
}

/// Whether somebody reads a case because its glass was broken for them: their reading is not the desk's.
pub(crate) async fn is_guest(tx: &mut Tx, case: &str, account: &str) -> Result<bool> {
    Ok(rows::is_guest(tx, case, account).await?)
}

/// Splits the keys of a case anew to whoever is an officer now. For a reader, where officers came after the case.
pub async fn refresh(house: House<'_>, entropy: Entropy<'_>, who: &Unlocked, case: &str) -> Result<()> {
    let mut tx = house.db.write().await?;
    let (clear, keys, _) = case::unlock(&mut tx, house, who, case).await?;
    let officers = officers(&mut tx, house, &clear).await?;
    for ring in &keys {
        rows::forget_before(&mut tx, &ring.id, i64::from(ring.epoch) + 1).await?;
        split(&mut tx, entropy, ring, &officers).await?;
    }
    // What was left for a second officer fits no new share.
    rows::forget_hands(&mut tx, case).await?;
    case::note(&mut tx, house, case, &who.actor(), "case.glass-refresh", &[]).await?;
    Ok(tx.commit().await?)
}

fn no_share() -> CaseError {
    rule("この事案を非常時に開くための鍵を、あなたは持っていません。")
}

/// Asks to read a case: opens the officer's shares and leaves them for a second officer, with the reason, sealed to that
/// officer alone. Returns the id of the request. Who is no officer, or stands on the wall, finds no case.
pub async fn ask(
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Unlocked,
    case: &str,
    second: &str,
    reason: &str,
) -> Result<String> {
    let reason = reason.trim();
    match reason.chars().count() {
        0 => return Err(field(REASON, "いま、この事案を開かなければならない理由を書いてください。")),
        n if n > MAX_REASON => return Err(field(REASON, format!("{MAX_REASON}文字までにしてください。"))),
        _ => {}
    }
    let mut tx = house.db.write().await?;
    let (clear, outer) = locked(&mut tx, house, who, case).await?;
    if second == who.account {
        return Err(field("second", "もう一人の担当者を選んでください。一人では開けません。"));
    }
    if !ring_rows::of_reader(&mut tx, case, &who.reader()).await?.is_empty() {
        return Err(rule("あなたは、この事案を読めます。"));
    }
    let own = rows::of_case(&mut tx, case, &who.account).await?;
    if own.is_empty() {
        return Err(no_share());
    }
    // One sentence for all: it must not tell who stands on the wall.
    let able = officers(&mut tx, house, &clear).await?.into_iter().find(|officer| officer.account == second);
    let theirs = rows::of_case(&mut tx, case, second).await?;
    let (Some(able), true) = (able, theirs.len() == own.len()) else {
        return Err(field("second", "この人には頼めません。ほかの担当者を選んでください。"));
    };
    let mut hands = Vec::with_capacity(own.len());
    for share in own {
        let epoch = ring::epoch(share.epoch)?;
        let opened = shards::open_share(&who.secret, context(&share.ring, epoch, &who.account), &share.sealed)?;
        let sealed = opened.hand_over(&able.public, context(&share.ring, epoch, second), entropy)?;
        hands.push(rows::Hand { ring: share.ring, epoch: share.epoch, sealed });
    }
    let id = ids::opaque_id(entropy);
    let key = CaseKey::generate(entropy);
    let sealed_key = key.seal_to(&able.public, reason_context(&id, &ring::account(second)), entropy)?;
    let text = vault::record::seal(&key.data_key(&outer, &id, 1), place(&id), reason.as_bytes(), entropy)?;
    let request = rows::Request {
        id: id.clone(),
        sealed_case: case.into(),
        asked_by: who.account.clone(),
        second: second.into(),
        asked_at: house.clock.now(),
        sealed_key,
        reason: text,
        opened_at: None,
    };
    rows::ask(&mut tx, &request, &hands).await?;
    case::note(&mut tx, house, case, &who.actor(), "case.glass-ask", &[second]).await?;
    tx.commit().await?;
    Ok(id)
}

fn context<'a>(ring: &'a str, epoch: u32, officer: &'a str) -> Context<'a> {
    Context { case: ring, epoch, officer }
}

fn reason_context<'a>(request: &'a str, reader: &'a str) -> vault::Context<'a> {
    vault::Context { case: request, epoch: 1, reader }
}

fn place(request: &str) -> vault::record::Place<'_> {
    vault::record::Place { case: request, epoch: 1, record: request, field: REASON, version: 1 }
}

/// Locks a case for an officer of its desk who does not stand on its wall; to all others it is not there.
async fn locked(tx: &mut Tx, house: House<'_>, who: &Unlocked, case: &str) -> Result<(Clear, OuterKey)> {
    let clear = cases::lock(tx, case).await?.ok_or(CaseError::NotFound)?;
    let outer = case::outer_key(house, case)?;
    if !member::has_role(tx, &clear.desk, &who.account, DeskRole::Officer).await?
        || is_walled(tx, house, case, &outer, &who.account).await?
    {
        return Err(CaseError::NotFound);
    }
    Ok((clear, outer))
}

/// What waits for an officer's agreement.
pub async fn waiting(house: House<'_>, account: &str) -> Result<Vec<Request>> {
    let mut tx = house.db.read().await?;
    let rows = rows::waiting(&mut tx, account, house.clock.now().minus(OPEN_FOR)).await?;
    Ok(rows.iter().map(Request::of).collect())
}

/// What somebody asked for and what became of it, the newest first. What was declined is not there any more.
pub async fn asked_by(tx: &mut Tx, account: &str) -> Result<Vec<Request>> {
    Ok(overview::asked(tx, account).await?.iter().map(Request::of).collect())
}

/// A request that somebody may answer now, with its case.
async fn asked(
    tx: &mut Tx,
    house: House<'_>,
    who: &Unlocked,
    request: &str,
) -> Result<(rows::Request, Clear, OuterKey)> {
    let row = rows::get(tx, request).await?.ok_or(CaseError::NotFound)?;
    if row.second != who.account {
        return Err(CaseError::NotFound);
    }
    let (clear, outer) = locked(tx, house, who, &row.sealed_case).await?;
    // Read again behind the lock: somebody may have answered meanwhile.
    let row = rows::get(tx, request).await?.ok_or(CaseError::NotFound)?;
    if row.opened_at.is_some() {
        return Err(rule("この求めには、もう同意がされています。"));
    }
    if row.asked_at.plus(OPEN_FOR) <= house.clock.now() {
        return Err(rule("求めから24時間が過ぎました。必要なら、もう一度求めてもらってください。"));
    }
    Ok((row, clear, outer))
}

fn reason_in(row: &rows::Request, who: &Unlocked, outer: &OuterKey) -> Result<Zeroizing<String>> {
    let key = CaseKey::open_with(&who.secret, reason_context(&row.id, &who.reader()), &row.sealed_key)?;
    let text = vault::record::open(&key.data_key(outer, &row.id, 1), place(&row.id), &row.reason)?;
    let text = std::str::from_utf8(&text).map_err(|_| CaseError::Unreadable)?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// The reason of a request, for the officer who may agree.
pub async fn reason(house: House<'_>, who: &Unlocked, request: &str) -> Result<Zeroizing<String>> {
    let mut tx = house.db.write().await?;
    let (row, _, outer) = asked(&mut tx, house, who, request).await?;
    reason_in(&row, who, &outer)
}

/// Agrees: with both shares the case's keys are granted to whoever asked. Returns the id of the case. Who agrees does not
/// read it.
pub async fn agree(house: House<'_>, entropy: Entropy<'_>, who: &Unlocked, request: &str) -> Result<String> {
    let mut tx = house.db.write().await?;
    let (row, mut clear, outer) = asked(&mut tx, house, who, request).await?;
    let reason = reason_in(&row, who, &outer)?;
    let free = officers(&mut tx, house, &clear).await?;
    let Some(first) = free.into_iter().find(|officer| officer.account == row.asked_by) else {
        return Err(rule("求めた人は、いまはこの事案を開けません。"));
    };
    let keys = combined(&mut tx, who, &row, &outer).await?;
    let desk_ring = keys.iter().find(|ring| ring.kind == RingKind::Case).ok_or(CaseError::NotFound)?;
    let reader = Reader { name: ring::account(&first.account), public: first.public };
    for ring in &keys {
        ring::grant(&mut tx, entropy, ring, &reader).await?;
    }
    let now = house.clock.now();
    let words = format!(
        "非常時の閲覧：{}がこの事案を読めるようになりました。求めた日時：{}。同意した人：{}。同意した日時：{}。理由：{}",
        row.asked_by,
        minute(row.asked_at),
        row.second,
        minute(now),
        reason.as_str()
    );
    clear.records += 1;
    clear.has_news = true;
    let next = entry(now, By::Account(who.account.clone()), What::Note { words });
    seal::write(&mut tx, entropy, desk_ring, clear.records, &next).await?;
    cases::save(&mut tx, &clear).await?;
    if !rows::open(&mut tx, &row.id, now).await? {
        return Err(CaseError::Changed);
    }
    case::note(&mut tx, house, &clear.id, &who.actor(), "case.glass-open", &[&row.asked_by]).await?;
    tx.commit().await?;
    Ok(clear.id)
}

/// An instant in JST to the minute, as people read it in the note.
fn minute(at: Instant) -> String {
    at.jst().strftime("%Y年%-m月%-d日 %H:%M").to_string()
}

/// The keys of a case from the second officer's own shares and those left for them.
async fn combined(tx: &mut Tx, who: &Unlocked, row: &rows::Request, outer: &OuterKey) -> Result<Vec<Keys>> {
    let own = rows::of_case(tx, &row.sealed_case, &who.account).await?;
    let hands = rows::hands(tx, &row.id).await?;
    if own.is_empty() {
        return Err(no_share());
    }
    let rings = ring_rows::of_case(tx, &row.sealed_case).await?;
    let mut all = Vec::with_capacity(own.len());
    for share in own {
        let hand = hands.iter().find(|hand| hand.ring == share.ring && hand.epoch == share.epoch);
        let ring = rings.iter().find(|ring| ring.id == share.ring);
        let (Some(hand), Some(ring)) = (hand, ring) else {
            return Err(rule("求めのあとで、この事案の鍵が新しくなりました。もう一度求めてもらってください。"));
        };
        let epoch = ring::epoch(share.epoch)?;
        let place = context(&share.ring, epoch, &who.account);
        let both = [
            shards::open_share(&who.secret, place, &share.sealed)?,
            shards::open_share(&who.secret, place, &hand.sealed)?,
        ];
        let commitment = share.commitment.as_slice().try_into().map_err(|_| CaseError::Unreadable)?;
        let key = shards::combine(&both, &share.ring, epoch, commitment)?;
        all.push(Keys::combined(ring, key, outer)?);
    }
    Ok(all)
}

/// Does not agree: what was left for this officer is gone.
pub async fn decline(house: House<'_>, who: &Unlocked, request: &str) -> Result<()> {
    let mut tx = house.db.write().await?;
    let (row, clear, _) = asked(&mut tx, house, who, request).await?;
    rows::remove(&mut tx, &row.id).await?;
    case::note(&mut tx, house, &clear.id, &who.actor(), "case.glass-decline", &[&row.asked_by]).await?;
    Ok(tx.commit().await?)
}

/// Removes requests that nobody agreed to in time, with what was left for the second officer. For a job of every hour.
/// Returns how many.
pub async fn sweep(house: House<'_>) -> Result<u64> {
    let mut tx = house.db.write().await?;
    let gone = rows::sweep(&mut tx, house.clock.now().minus(OPEN_FOR)).await?;
    tx.commit().await?;
    Ok(gone)
}
