//! Recovery (鍵の回復): several officers of a desk together give a member their own key back.
//!
//! A desk's set of shares is made once; the shares are printed, one for each officer, and stored nowhere. Every member's
//! secret key is escrowed to the set's public half: when the key is made, or the next time its owner unlocks a desk.
//!
//! A set is replaced in one of two ways ([`replace`]). With the old shares every key is escrowed anew at once, and the
//! old shares are worth nothing any more. Without them (too many are lost) each member is covered by the old set until
//! they next unlock their desk, and by the new one from then on.

use ::store::{Entropy, Tx, ids};
use calendar::Instant;
use vault::passphrase::Wrapped;
use vault::recovery::{self as shamir, Share, ShareFault};
use vault::{PublicKey, SecretKey, VaultError};

use crate::error::{field, rule};
use crate::member::{self, DeskRole};
use crate::store::{member as members, recovery as rows};
use crate::{CaseError, House, Result};

/// A set on its way.
#[derive(Clone, Copy, Debug)]
pub struct NewSet<'a> {
    /// Code of the desk.
    pub desk: &'a str,
    /// Accounts of the officers, each of whom gets one share; two to ten.
    pub officers: &'a [&'a str],
    /// How many of them are needed; at least two.
    pub needed: u8,
}

/// A share to be printed and handed over. It is shown once.
#[derive(Clone, Debug)]
pub struct Printed {
    /// Account of the officer.
    pub officer: String,
    /// Their share.
    pub share: Share,
}

/// Somebody who has forgotten their passphrase.
#[derive(Clone, Copy)]
pub struct Forgotten<'a> {
    /// Code of the desk whose officers help.
    pub desk: &'a str,
    /// The account.
    pub account: &'a str,
    /// Its login, which the passphrase must not be.
    pub login: &'a str,
    /// The new passphrase, of their own choice.
    pub passphrase: &'a str,
}

/// What is known of a desk's set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// What is printed on all its shares.
    pub shares: String,
    /// How many shares are needed.
    pub needed: u8,
    /// Accounts of the officers, in the order of their shares.
    pub officers: Vec<String>,
    /// When it was made.
    pub made_at: Instant,
    /// By whom.
    pub made_by: String,
}

/// A rehearsal in which the shares worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    /// When.
    pub at: Instant,
    /// Who led it.
    pub by: String,
    /// Whose shares they were.
    pub officers: Vec<String>,
}

/// A member's key was given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restoration {
    /// The member's account.
    pub account: String,
    /// When.
    pub restored_at: Instant,
    /// Who led it.
    pub by: String,
    /// Whose shares they were.
    pub officers: Vec<String>,
}

const SHARES: &str = "shares";

/// Makes a desk's first set. The shares are returned to be printed, and stored nowhere.
pub async fn make(house: House<'_>, entropy: Entropy<'_>, actor: &str, new: NewSet<'_>) -> Result<Vec<Printed>> {
    let mut tx = house.db.write().await?;
    let (set, printed) = insert(&mut tx, house, entropy, actor, new).await?;
    if !rows::begin(&mut tx, new.desk, &set.id).await? {
        return Err(rule(
            "この窓口の回復の紙は、もう作られています。作り直すときは「紙の組を替える」を使ってください。",
        ));
    }
    tx.commit().await?;
    Ok(printed)
}

/// Puts a new set in the place of the desk's. With the `old` shares every escrowed key goes over at once; without them
/// each goes over the next time its owner unlocks their desk, and until then the old shares still restore it.
pub async fn replace(
    house: House<'_>,
    entropy: Entropy<'_>,
    actor: &str,
    new: NewSet<'_>,
    old: Option<&[&str]>,
) -> Result<Vec<Printed>> {
    let mut tx = house.db.write().await?;
    let current = rows::current(&mut tx, new.desk).await?;
    let current = current.ok_or_else(|| rule("この窓口の回復の紙は、まだ作られていません。"))?;
    let (set, printed) = insert(&mut tx, house, entropy, actor, new).await?;
    if let Some(typed) = old {
        let shares = read(typed)?;
        of_set(&shares, Some(&current))?;
        let secret = combined(&shares, &current)?;
        let public = PublicKey::from_bytes(&set.public_half)?;
        for held in rows::escrows(&mut tx, &current.id).await? {
            let key = shamir::unescrow(&secret, &held.account, &held.sealed)?;
            let sealed = shamir::escrow(&key, &held.account, &public, entropy)?;
            rows::keep(&mut tx, &set.id, &rows::Escrow { account: held.account.clone(), sealed }).await?;
            rows::forget_others(&mut tx, &set, &held.account).await?;
        }
    }
    if !rows::follow(&mut tx, new.desk, &current.id, &set.id).await? {
        return Err(CaseError::Changed);
    }
    tx.commit().await?;
    Ok(printed)
}

async fn insert(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    actor: &str,
    new: NewSet<'_>,
) -> Result<(rows::Set, Vec<Printed>)> {
    for (i, officer) in new.officers.iter().enumerate() {
        if new.officers[..i].contains(officer) {
            return Err(field("officers", "同じ人が二度選ばれています。一人に一枚ずつです。"));
        }
        if !member::has_role(tx, new.desk, officer, DeskRole::Officer).await? {
            return Err(field("officers", "この窓口の「回復の担当者」だけを選べます。"));
        }
    }
    let count = u8::try_from(new.officers.len()).unwrap_or(u8::MAX);
    let (public, shares) = shamir::create(new.needed, count, entropy).map_err(|error| match error {
        VaultError::Numbers => field("needed", "担当者は2人から10人、必要な枚数は2枚から担当者の人数までです。"),
        other => other.into(),
    })?;
    let common = shares.first().map(Share::set).ok_or(VaultError::Numbers)?;
    let set = rows::Set {
        id: ids::opaque_id(entropy),
        desk: new.desk.into(),
        shares: common,
        needed: i64::from(new.needed),
        public_half: public.bytes().to_vec(),
        made_at: house.clock.now(),
        made_by: actor.into(),
    };
    rows::insert(tx, &set).await?;
    let mut printed = Vec::with_capacity(shares.len());
    for (officer, share) in new.officers.iter().zip(shares) {
        let row = rows::Officer { number: i64::from(share.number()), account: (*officer).into() };
        rows::insert_officer(tx, &set.id, &row).await?;
        printed.push(Printed { officer: row.account, share });
    }
    member::note(tx, house.clock, actor, "desk.recovery-make", new.desk, new.officers).await?;
    Ok((set, printed))
}

/// The set of a desk, if there is one.
pub async fn set_of(tx: &mut Tx, desk: &str) -> Result<Option<Set>> {
    let Some(set) = rows::current(tx, desk).await? else { return Ok(None) };
    let officers = rows::officers(tx, &set.id).await?.into_iter().map(|officer| officer.account).collect();
    let needed = u8::try_from(set.needed).map_err(|_| CaseError::Unreadable)?;
    Ok(Some(Set { shares: set.shares, needed, officers, made_at: set.made_at, made_by: set.made_by }))
}

/// Whether somebody's key can be given back after a forgotten passphrase. For somebody without a key: whether the key
/// that they make now could.
pub async fn is_covered(tx: &mut Tx, account: &str) -> Result<bool> {
    if member::has_key(tx, account).await? {
        return Ok(rows::has_escrow(tx, account).await?);
    }
    Ok(!rows::of_member(tx, account).await?.is_empty())
}

/// Escrows a key that is in hand to the sets of its owner's desks, as far as that was not done before.
pub(crate) async fn cover(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    account: &str,
    secret: &SecretKey,
) -> Result<()> {
    for set in rows::of_member(tx, account).await? {
        if rows::escrow(tx, &set.id, account).await?.is_some() {
            continue;
        }
        let sealed = shamir::escrow(secret, account, &PublicKey::from_bytes(&set.public_half)?, entropy)?;
        // Two desks of one member may be unlocked in the same moment; either escrow is as good.
        if rows::keep(tx, &set.id, &rows::Escrow { account: account.into(), sealed }).await? {
            rows::forget_others(tx, &set, account).await?;
            let actor = format!("account:{account}");
            member::note(tx, house.clock, &actor, "desk.escrow", account, &[&set.desk, &set.shares]).await?;
        }
    }
    Ok(())
}

/// Nobody gives a key back to whoever has no part in the desk any more.
pub(crate) async fn forget_leaver(tx: &mut Tx, desk: &str, account: &str) -> Result<()> {
    if rows::is_member(tx, desk, account).await? {
        return Ok(());
    }
    Ok(rows::forget_member(tx, desk, account).await?)
}

/// Proves that the shares of a desk's set give its key, stores that they did, and gives nothing back.
pub async fn rehearse(house: House<'_>, entropy: Entropy<'_>, actor: &str, desk: &str, typed: &[&str]) -> Result<()> {
    let shares = read(typed)?;
    let mut tx = house.db.write().await?;
    let set = of_set(&shares, rows::current(&mut tx, desk).await?.as_ref())?.clone();
    drop(combined(&shares, &set)?);
    let officers = holders(&mut tx, &set, &shares).await?;
    let used = rows::Use {
        id: ids::opaque_id(entropy),
        recovery_set: set.id,
        account: None,
        used_at: house.clock.now(),
        used_by: actor.into(),
        officers: officers.join(","),
    };
    rows::insert_use(&mut tx, &used).await?;
    let names: Vec<&str> = officers.iter().map(String::as_str).collect();
    member::note(&mut tx, house.clock, actor, "desk.rehearse", desk, &names).await?;
    Ok(tx.commit().await?)
}

/// When the shares of a desk's present set last worked in a rehearsal.
pub async fn last_rehearsal(tx: &mut Tx, desk: &str) -> Result<Option<Rehearsal>> {
    let Some(set) = rows::current(tx, desk).await? else { return Ok(None) };
    let last = rows::last_rehearsal(tx, &set.id).await?;
    Ok(last.map(|used| Rehearsal { at: used.used_at, by: used.used_by, officers: names(&used.officers) }))
}

/// Gives a member their own key back under a new passphrase, and locks their open desks. The member and the desk see
/// that it was done and by whose shares. Shares that do not give the key are in the audit stream.
pub async fn restore(
    house: House<'_>,
    mut entropy: Box<dyn rand::Rng + Send>,
    actor: &str,
    who: Forgotten<'_>,
    typed: &[&str],
) -> Result<()> {
    let passphrase = member::chosen(who.passphrase, who.login)?;
    let shares = read(typed)?;
    let mut tx = house.db.read().await?;
    let found = match shares.first() {
        Some(sheet) => rows::by_shares(&mut tx, who.desk, &sheet.share.set()).await?,
        None => None,
    };
    let set = of_set(&shares, found.as_ref())?.clone();
    let key = members::key(&mut tx, who.account).await?;
    let held = rows::escrow(&mut tx, &set.id, who.account).await?;
    let is_member = rows::is_member(&mut tx, who.desk, who.account).await?;
    drop(tx);
    let (true, Some(key), Some(held)) = (is_member, key, held) else {
        return Err(rule("この人の鍵は、この組の紙に預けられていません。"));
    };
    let secret = match combined(&shares, &set) {
        Ok(recovery) => shamir::unescrow(&recovery, who.account, &held.sealed)?,
        Err(error) => {
            let mut tx = house.db.write().await?;
            member::note(&mut tx, house.clock, actor, "desk.restore-fail", who.account, &[&set.shares]).await?;
            tx.commit().await?;
            return Err(error);
        }
    };
    if secret.public() != PublicKey::from_bytes(&key.public_half)? {
        return Err(CaseError::Unreadable);
    }
    let (owner, cost) = (who.account.to_owned(), house.cost);
    let (wrapped, mut entropy) = member::derive(move || {
        let wrapped = Wrapped::wrap(&secret, &passphrase, &owner, cost, entropy.as_mut());
        (wrapped, entropy)
    })
    .await?;
    let mut tx = house.db.write().await?;
    if !members::rewrap(&mut tx, who.account, key.version, wrapped?.to_bytes()).await? {
        return Err(CaseError::Changed);
    }
    members::close_sessions(&mut tx, who.account).await?;
    let officers = holders(&mut tx, &set, &shares).await?;
    let used = rows::Use {
        id: ids::opaque_id(entropy.as_mut()),
        recovery_set: set.id,
        account: Some(who.account.into()),
        used_at: house.clock.now(),
        used_by: actor.into(),
        officers: officers.join(","),
    };
    rows::insert_use(&mut tx, &used).await?;
    let names: Vec<&str> = officers.iter().map(String::as_str).collect();
    member::note(&mut tx, house.clock, actor, "desk.restore", who.account, &names).await?;
    Ok(tx.commit().await?)
}

fn restoration(used: rows::Use) -> Option<Restoration> {
    let officers = names(&used.officers);
    used.account.map(|account| Restoration { account, restored_at: used.used_at, by: used.used_by, officers })
}

/// Whose keys were given back at a desk, the newest first.
pub async fn restorations(tx: &mut Tx, desk: &str) -> Result<Vec<Restoration>> {
    Ok(rows::restorations_of_desk(tx, desk).await?.into_iter().filter_map(restoration).collect())
}

/// When a member's own key was given back, the newest first.
pub async fn restorations_of(tx: &mut Tx, account: &str) -> Result<Vec<Restoration>> {
    Ok(rows::restorations_of_member(tx, account).await?.into_iter().filter_map(restoration).collect())
}

fn names(officers: &str) -> Vec<String> {
    officers.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Whose shares they are: the number of a share cannot be changed without spoiling the key.
async fn holders(tx: &mut Tx, set: &rows::Set, sheets: &[Sheet]) -> Result<Vec<String>> {
    let officers = rows::officers(tx, &set.id).await?;
    let mut named = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        let number = i64::from(sheet.share.number());
        let officer = officers.iter().find(|officer| officer.number == number).ok_or(CaseError::Unreadable)?;
        named.push(officer.account.clone());
    }
    named.sort();
    Ok(named)
}

/// A share with the line of the form in which it was typed, from 1: sentences name that line, also where an earlier one
/// was left empty.
struct Sheet {
    line: usize,
    share: Share,
}

/// Reads shares as they were typed; lines that were left empty do not count.
fn read(typed: &[&str]) -> Result<Vec<Sheet>> {
    let filled = typed.iter().enumerate().filter(|(_, text)| !text.trim().is_empty());
    let read = |(i, text): (usize, &&str)| match Share::parse(text) {
        Ok(share) => Ok(Sheet { line: i + 1, share }),
        Err(error) => Err(mistyped(i + 1, error)),
    };
    filled.map(read).collect()
}

fn mistyped(sheet: usize, error: VaultError) -> CaseError {
    let wrong = match error {
        VaultError::Share(ShareFault::TooShort { characters }) => {
            format!("文字が足りません（72文字のうち{characters}文字です）。")
        }
        VaultError::Share(ShareFault::TooLong) => "文字が多すぎます（72文字です）。".into(),
        VaultError::Share(ShareFault::OtherCharacters) => "回復の紙にはない文字があります。".into(),
        VaultError::Share(ShareFault::Checksum) => "写しまちがいがあります。もう一度、紙と見比べてください。".into(),
        VaultError::Form(_) => "回復の紙として読めません。".into(),
        other => return other.into(),
    };
    field(SHARES, format!("{sheet}枚目：{wrong}"))
}

/// The set, if all shares belong to it.
fn of_set<'a>(sheets: &[Sheet], set: Option<&'a rows::Set>) -> Result<&'a rows::Set> {
    if sheets.is_empty() {
        return Err(field(SHARES, "紙に書かれた文字を入れてください。"));
    }
    let foreign = |sheet: &&Sheet| set.is_none_or(|set| sheet.share.set() != set.shares);
    if let Some(Sheet { line, .. }) = sheets.iter().find(foreign) {
        return Err(field(SHARES, format!("{line}枚目は、いま使える組の紙ではありません。")));
    }
    set.ok_or(CaseError::NotFound)
}

/// The secret half of a set, for as long as the caller needs it.
fn combined(sheets: &[Sheet], set: &rows::Set) -> Result<SecretKey> {
    for (i, sheet) in sheets.iter().enumerate() {
        if let Some(first) = sheets[..i].iter().find(|other| other.share.number() == sheet.share.number()) {
            return Err(field(SHARES, format!("{}枚目と{}枚目は同じ紙です。", first.line, sheet.line)));
        }
    }
    let public = PublicKey::from_bytes(&set.public_half)?;
    let shares: Vec<Share> = sheets.iter().map(|sheet| sheet.share.clone()).collect();
    shamir::combine(&shares, &public).map_err(|error| match error {
        VaultError::TooFew { needed, given } => {
            field(SHARES, format!("紙が足りません。{needed}枚が要りますが、{given}枚です。"))
        }
        VaultError::OtherSet => field(SHARES, "別の組の紙がまざっています。"),
        VaultError::Twice => field(SHARES, "同じ紙が二度入っています。"),
        VaultError::Opaque => field(SHARES, "この紙からは鍵になりません。紙が書きかえられています。"),
        other => other.into(),
    })
}
