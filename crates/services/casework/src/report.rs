//! The reporter's side (相談した人): begins a case without a name, comes back with the receipt, reads and writes the talk.
//!
//! A receipt opens the talk and nothing else. Whoever guesses is told the same, after the same work, whether there is
//! such a locator or not; how often somebody may guess is the face's matter.

use ::store::{Entropy, Tx};
use vault::receipt::{self, Locked, Receipt};
use vault::{SecretKey, VaultError};

use crate::case::{self, NewCase};
use crate::entry::{By, What, Wishes};
use crate::file::{entry, looks_right};
use crate::member::derive;
use crate::ring::{Keys, Reader, RingKind};
use crate::seal::Placed;
use crate::store::{case as cases, receipt as rows};
use crate::{CaseError, House, Result, ring, seal};

/// Whoever holds a receipt, for the time of a request.
#[derive(Clone, Debug)]
pub struct Reporter {
    /// Id of the case.
    pub case: String,
    pub(crate) locator: String,
    pub(crate) secret: SecretKey,
}

/// What the reporter and the desk said to each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Talk {
    /// What was said, in order.
    pub entries: Vec<Placed>,
    /// What is wanted, as it was said last.
    pub wishes: Wishes,
    /// Whether the case is not closed; what is written to a closed one is read too.
    pub is_open: bool,
}

/// How often a locator is drawn anew when it is taken: of a million, nine in ten may be.
pub(crate) const DRAWS: usize = 200;

/// Begins a case and makes its receipt, which is shown once and stored nowhere. `new.by` says who writes it down: the
/// reporter, or a member of the desk for somebody who called, wrote or came.
pub async fn begin(
    house: House<'_>,
    mut entropy: Box<dyn rand::Rng + Send>,
    new: NewCase<'_>,
) -> Result<(Receipt, String)> {
    let mut tx = house.db.read().await?;
    let mut drawn = None;
    for _ in 0..DRAWS {
        let receipt = Receipt::generate(entropy.as_mut());
        if rows::is_free(&mut tx, &receipt.locator()).await? {
            drawn = Some(receipt);
            break;
        }
    }
    drop(tx);
    let (receipt, locked, mut entropy) = lock(house, drawn.ok_or_else(no_locator)?, entropy).await?;
    let mut tx = house.db.write().await?;
    let number = open_in(&mut tx, house, entropy.as_mut(), new, (&receipt, &locked)).await?;
    tx.commit().await?;
    Ok((receipt, number))
}

pub(crate) fn no_locator() -> CaseError {
    CaseError::Rule("受付番号が足りません。担当課にお知らせください。".into())
}

/// What the database keeps of a receipt; a slow derivation.
pub(crate) async fn lock(
    house: House<'_>,
    receipt: Receipt,
    mut entropy: Box<dyn rand::Rng + Send>,
) -> Result<(Receipt, Locked, Box<dyn rand::Rng + Send>)> {
    let cost = house.cost;
    let (receipt, locked, entropy) = derive(move || {
        let locked = receipt::lock(&receipt, cost, entropy.as_mut());
        (receipt, locked, entropy)
    })
    .await?;
    Ok((receipt, locked?, entropy))
}

/// Opens a case in the caller's transaction for whoever holds a receipt. Returns its number.
pub(crate) async fn open_in(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    new: NewCase<'_>,
    (receipt, locked): (&Receipt, &Locked),
) -> Result<String> {
    let locator = receipt.locator();
    let reporter = Reader { name: ring::reporter(&locator), public: locked.public() };
    let (case, number) = case::open_in(tx, house, entropy, new, Some(reporter)).await?;
    let kept = rows::Kept { sealed_case: case, locked: locked.to_bytes() };
    if !rows::insert(tx, &locator, &kept).await? {
        // Somebody drew the same one in this moment: nothing is stored, and the form can be sent again.
        return Err(CaseError::Changed);
    }
    Ok(number)
}

/// Opens a case with its receipt. [`CaseError::Wrong`] where it fits nothing.
pub async fn unlock(house: House<'_>, receipt: Receipt) -> Result<Reporter> {
    let locator = receipt.locator();
    let mut tx = house.db.read().await?;
    let kept = rows::get(&mut tx, &locator).await?;
    drop(tx);
    let cost = house.cost;
    let Some(kept) = kept else {
        let error = derive(move || receipt::unlock_nothing(&receipt, cost)).await?;
        return Err(wrong(error));
    };
    let locked = Locked::from_bytes_at_least(&kept.locked, cost)?;
    let secret = derive(move || receipt::unlock(&receipt, &locked)).await?.map_err(wrong)?;
    Ok(Reporter { case: kept.sealed_case, locator, secret })
}

fn wrong(error: VaultError) -> CaseError {
    match error {
        VaultError::Opaque => CaseError::Wrong,
        other => other.into(),
    }
}

pub(crate) async fn talk_ring(tx: &mut Tx, house: House<'_>, who: &Reporter) -> Result<Keys> {
    let outer = case::outer_key(house, &who.case)?;
    let keys = ring::open_all(tx, &who.case, &ring::reporter(&who.locator), &who.secret, &outer).await?;
    keys.into_iter().find(|ring| ring.kind == RingKind::Talk).ok_or(CaseError::NotFound)
}

/// Reads the talk.
pub async fn read(house: House<'_>, who: &Reporter) -> Result<Talk> {
    let mut tx = house.db.read().await?;
    let clear = cases::get(&mut tx, &who.case).await?.ok_or(CaseError::NotFound)?;
    let mut keys = talk_ring(&mut tx, house, who).await?;
    let entries = seal::read(&mut tx, &mut keys).await?;
    let newest = entries.iter().rev().find_map(|placed| match &placed.entry.what {
        What::Wished(wishes) => Some(wishes.clone()),
        _ => None,
    });
    Ok(Talk { entries, wishes: newest.unwrap_or_default(), is_open: clear.is_open })
}

/// Says something, or says anew what is wanted. The desk sees that there is news.
pub async fn say(house: House<'_>, entropy: Entropy<'_>, who: &Reporter, what: What) -> Result<()> {
    let mut tx = house.db.write().await?;
    say_in(&mut tx, house, entropy, who, what).await?;
    Ok(tx.commit().await?)
}

/// The same in the caller's transaction.
pub(crate) async fn say_in(
    tx: &mut Tx,
    house: House<'_>,
    entropy: Entropy<'_>,
    who: &Reporter,
    what: What,
) -> Result<()> {
    if !what.is_talk() {
        return Err(CaseError::Rule("相談した人が書けるのは、ことばと希望だけです。".into()));
    }
    looks_right(&what)?;
    let mut clear = cases::lock(tx, &who.case).await?.ok_or(CaseError::NotFound)?;
    let keys = talk_ring(tx, house, who).await?;
    clear.records += 1;
    clear.has_news = true;
    let next = entry(house.clock.now(), By::Reporter, what);
    let kind = next.what.kind();
    seal::write(tx, entropy, &keys, clear.records, &next).await?;
    cases::save(tx, &clear).await?;
    case::note(tx, house, &who.case, "reporter", "case.write", &[kind]).await
}
