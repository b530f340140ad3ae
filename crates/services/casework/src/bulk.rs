//! Every case of a desk that somebody reads, opened at once: few reads, one state of the database, all processors.
//!
//! What comes out is what [`crate::case`] finds case by case. Whoever calls this writes into the audit chain first, or
//! before anything is shown.

use std::collections::{BTreeMap, BTreeSet};

use ::store::Tx;
use vault::{OuterKey, SecretKey};

use crate::case::{self, Clear};
use crate::file::CaseFile;
use crate::member::derive;
use crate::ring::{self, RingKind};
use crate::seal::{self, Placed};
use crate::store::{case as cases, record as records, ring as rings};
use crate::{CaseError, House, Result, Unlocked, wall};

/// A ring with all that a reader holds of it, sealed.
struct SealedRing {
    ring: rings::Ring,
    held: Vec<rings::Held>,
    records: Vec<records::Record>,
}

/// A case with its rings, sealed.
struct SealedCase {
    clear: Clear,
    outer: OuterKey,
    wall: BTreeSet<String>,
    rings: Vec<SealedRing>,
}

/// Who opens.
struct Hand {
    account: String,
    reader: String,
    secret: SecretKey,
    sections: Vec<String>,
}

/// The cases of a desk that a member reads, in the order of their ids. Left out are those on whose wall they stand, of
/// which they lack a key, whose outer key was destroyed, and what does not begin as a case does.
pub(crate) async fn open(house: House<'_>, who: &Unlocked, desk: &str) -> Result<Vec<(Clear, CaseFile)>> {
    let sealed = read(house, who, desk).await?;
    let sections = (house.sections)(&who.account);
    let hand = Hand { account: who.account.clone(), reader: who.reader(), secret: who.secret.clone(), sections };
    let (calendar, kind) = (house.calendar.clone(), house.kinds.of(desk)?.clone());
    let fold = move |entries| CaseFile::of(entries, &kind, &calendar);
    let opened = derive(move || {
        on_all_processors(sealed, |case| match entries_of(&hand, &case) {
            Ok(entries) => Ok(fold(entries)?.map(|file| (case.clear, file))),
            // Somebody else reads it, or it is no more.
            Err(CaseError::NotFound) => Ok(None),
            Err(other) => Err(other),
        })
    });
    Ok(opened.await??.into_iter().flatten().collect())
}

/// The cases of a desk on whose wall somebody stands, of some of them.
pub(crate) async fn walled(
    tx: &mut Tx,
    house: House<'_>,
    who: &Unlocked,
    desk: &str,
    of: &BTreeSet<String>,
) -> Result<BTreeSet<String>> {
    let sections = (house.sections)(&who.account);
    let mut found = BTreeSet::new();
    for (case, digests) in grouped(cases::walls(tx, desk).await?, |on| on.sealed_case.clone()) {
        let digests = digests.into_iter().map(|on| on.digest).collect();
        let Some(outer) = of.contains(&case).then(|| house.outer.get(&case)).transpose()?.flatten() else { continue };
        if wall::is_among(&digests, &outer, &who.account, &sections) {
            found.insert(case);
        }
    }
    Ok(found)
}

/// Reads all of it in one transaction, so that keys and entries are of the same moment.
async fn read(house: House<'_>, who: &Unlocked, desk: &str) -> Result<Vec<SealedCase>> {
    let reader = who.reader();
    let mut tx = house.db.read().await?;
    let clear = cases::list(&mut tx, desk).await?;
    let walls = cases::walls(&mut tx, desk).await?;
    let all_rings = rings::of_reader_at_desk(&mut tx, desk, &reader).await?;
    let all_held = rings::held_at_desk(&mut tx, desk, &reader).await?;
    let all_records = records::of_reader_at_desk(&mut tx, desk, &reader).await?;
    drop(tx);
    let mut held = grouped(all_held, |held| held.ring.clone());
    let mut records = grouped(all_records, |record| record.ring.clone());
    let sealed_rings = all_rings.into_iter().map(|ring| SealedRing {
        held: held.remove(&ring.id).unwrap_or_default(),
        records: records.remove(&ring.id).unwrap_or_default(),
        ring,
    });
    let mut rings = grouped(sealed_rings, |sealed| sealed.ring.sealed_case.clone());
    let mut walls = grouped(walls, |on| on.sealed_case.clone());
    let mut sealed = Vec::new();
    for clear in clear {
        let Some(rings) = rings.remove(&clear.id) else { continue };
        let Some(outer) = house.outer.get(&clear.id)? else { continue };
        let wall = walls.remove(&clear.id).unwrap_or_default().into_iter().map(|on| on.digest).collect();
        sealed.push(SealedCase { clear, outer, wall, rings });
    }
    Ok(sealed)
}

fn grouped<T>(all: impl IntoIterator<Item = T>, by: impl Fn(&T) -> String) -> BTreeMap<String, Vec<T>> {
    let mut groups: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for one in all {
        groups.entry(by(&one)).or_default().push(one);
    }
    groups
}

/// What a reader finds in a case.
fn entries_of(hand: &Hand, case: &SealedCase) -> Result<Vec<Placed>> {
    if wall::is_among(&case.wall, &case.outer, &hand.account, &hand.sections) {
        return Err(CaseError::NotFound);
    }
    let mut keys = Vec::with_capacity(case.rings.len());
    for sealed in &case.rings {
        let held = sealed.held.iter().map(|held| (held.epoch, held.sealed.as_slice()));
        keys.push(ring::opened(&sealed.ring, held, &hand.reader, &hand.secret, &case.outer)?);
    }
    // Whoever holds another ring alone, as a participant does, is no reader of the case.
    case::of_kind(&keys, RingKind::Case)?;
    let mut entries = Vec::new();
    for (keys, sealed) in keys.iter_mut().zip(&case.rings) {
        entries.extend(seal::open_all(keys, &sealed.records)?);
    }
    entries.sort_by_key(|placed| placed.seq);
    Ok(entries)
}

/// Does something with many, in their order, on as many processors as there are: each case wants its key exchanges.
pub(crate) fn on_all_processors<T: Send, R: Send>(all: Vec<T>, work: impl Fn(T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let part = all.len().div_ceil(processors).max(1);
    let mut rest = all.into_iter();
    std::thread::scope(|scope| {
        let mut parts = Vec::new();
        loop {
            let own: Vec<T> = rest.by_ref().take(part).collect();
            if own.is_empty() {
                break;
            }
            let work = &work;
            parts.push(scope.spawn(move || own.into_iter().map(work).collect::<Result<Vec<R>>>()));
        }
        let mut done = Vec::new();
        for part in parts {
            done.extend(part.join().map_err(|_| CaseError::CutOff("a part of many cases".into()))??);
        }
        Ok(done)
    })
}
