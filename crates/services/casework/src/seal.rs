//! Entries and summaries, sealed and opened.

use ::store::{Entropy, Tx, ids};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::entry::Entry;
use crate::ring::{self, Keys, RingKind};
use crate::store::record as rows;
use crate::{CaseError, Result};

const ENTRY: &str = "entry";
const SUMMARY: &str = "summary";

/// An entry with its place in the case.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Its id.
    pub id: String,
    /// Its place, from 1; an entry of another ring may stand between two of them.
    pub seq: i64,
    /// The kind of ring in which it lies.
    pub ring: RingKind,
    /// Whose ring that is: the id of a participant, or the code of a child; none for the others.
    pub whose: Option<String>,
    /// What it says.
    pub entry: Entry,
}

fn sealed<T: Serialize>(
    keys: &Keys,
    (record, field, version): (&str, &str, u32),
    what: &T,
    entropy: Entropy<'_>,
) -> Result<Vec<u8>> {
    let text = zeroize::Zeroizing::new(serde_json::to_vec(what).map_err(|_| CaseError::Unreadable)?);
    let place = vault::record::Place { case: &keys.id, epoch: keys.epoch, record, field, version };
    Ok(vault::record::seal(keys.newest()?, place, &text, entropy)?)
}

fn opened<T: DeserializeOwned>(
    keys: &Keys,
    (record, field, version): (&str, &str, u32),
    epoch: i64,
    body: &[u8],
) -> Result<T> {
    let epoch = ring::epoch(epoch)?;
    let place = vault::record::Place { case: &keys.id, epoch, record, field, version };
    let text = vault::record::open(keys.data(epoch)?, place, body)?;
    serde_json::from_slice(&text).map_err(|_| CaseError::Unreadable)
}

/// Writes an entry under the newest key of a ring.
pub(crate) async fn write(tx: &mut Tx, entropy: Entropy<'_>, keys: &Keys, seq: i64, entry: &Entry) -> Result<Placed> {
    let id = ids::opaque_id(entropy);
    let body = sealed(keys, (&id, ENTRY, 1), entry, entropy)?;
    let record =
        rows::Record { id: id.clone(), ring: keys.id.clone(), seq, epoch: i64::from(keys.epoch), version: 1, body };
    rows::insert(tx, &keys.case, &record).await?;
    Ok(Placed { id, seq, ring: keys.kind, whose: keys.whose.clone(), entry: entry.clone() })
}

/// All entries of a ring, in order. A ring of a participant or a child says itself whose it is.
pub(crate) async fn read(tx: &mut Tx, keys: &mut Keys) -> Result<Vec<Placed>> {
    let records = rows::of_ring(tx, &keys.id).await?;
    open_all(keys, &records)
}

/// Opens the entries of a ring, which are all there and in order.
pub(crate) fn open_all(keys: &mut Keys, records: &[rows::Record]) -> Result<Vec<Placed>> {
    let mut all = Vec::with_capacity(records.len());
    for record in records {
        let version = ring::epoch(record.version)?;
        let entry = opened(keys, (&record.id, ENTRY, version), record.epoch, &record.body)?;
        all.push(Placed { id: record.id.clone(), seq: record.seq, ring: keys.kind, whose: None, entry });
    }
    keys.whose = all.iter().find_map(|placed: &Placed| placed.entry.what.owner());
    for placed in &mut all {
        placed.whose.clone_from(&keys.whose);
    }
    Ok(all)
}

/// Seals every entry of a ring under its newest key.
pub(crate) async fn write_anew(tx: &mut Tx, entropy: Entropy<'_>, keys: &Keys) -> Result<()> {
    for record in rows::of_ring(tx, &keys.id).await? {
        let version = ring::epoch(record.version)?;
        let entry: Entry = opened(keys, (&record.id, ENTRY, version), record.epoch, &record.body)?;
        let body = sealed(keys, (&record.id, ENTRY, version + 1), &entry, entropy)?;
        let anew = rows::Record { epoch: i64::from(keys.epoch), version: record.version + 1, body, ..record };
        rows::replace(tx, &anew).await?;
    }
    Ok(())
}

/// Writes what stands in the list of cases.
pub(crate) async fn write_summary<T: Serialize>(
    tx: &mut Tx,
    entropy: Entropy<'_>,
    keys: &Keys,
    version: i64,
    what: &T,
) -> Result<()> {
    let body = sealed(keys, (&keys.case, SUMMARY, ring::epoch(version)?), what, entropy)?;
    let summary = rows::Summary {
        sealed_case: keys.case.clone(),
        ring: keys.id.clone(),
        epoch: i64::from(keys.epoch),
        version,
        body,
    };
    Ok(rows::keep_summary(tx, &summary).await?)
}

/// Opens a summary by the newest key of its ring.
pub(crate) fn open_summary<T: DeserializeOwned>(data: &vault::DataKey, summary: &rows::Summary) -> Result<T> {
    let place = vault::record::Place {
        case: &summary.ring,
        epoch: ring::epoch(summary.epoch)?,
        record: &summary.sealed_case,
        field: SUMMARY,
        version: ring::epoch(summary.version)?,
    };
    let text = vault::record::open(data, place, &summary.body)?;
    serde_json::from_slice(&text).map_err(|_| CaseError::Unreadable)
}
