//! The list of a desk's cases, opened on all processors.

use std::collections::{BTreeMap, BTreeSet};

use vault::OuterKey;

use crate::case::{self, Clear, View};
use crate::file::Summary;
use crate::member::derive;
use crate::ring::RingKind;
use crate::store::{case as rows, record as records, ring as ring_rows};
use crate::{House, Result, Unlocked, bulk, member, ring, seal};

/// A line of the list of cases.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What is clear of it.
    pub clear: Clear,
    /// What it is about; none where the reader holds no newest key, as until somebody has sealed it anew.
    pub summary: Option<Summary>,
}

/// The cases of a desk that a member reads. What cannot be opened stands there without its summary. A summary says what
/// a case is about, so that the list was looked at stands in the audit stream before anything is shown.
pub async fn list(house: House<'_>, who: &Unlocked, desk: &str) -> Result<Vec<Listed>> {
    let mut tx = house.db.write().await?;
    member::note(&mut tx, house.clock, &who.actor(), "desk.list", &who.account, &[desk]).await?;
    tx.commit().await?;
    let mut tx = house.db.read().await?;
    let reader = who.reader();
    let clear = rows::list(&mut tx, desk).await?;
    let summaries = records::summaries(&mut tx, desk, &reader).await?;
    let held = ring_rows::newest_of_reader(&mut tx, desk, RingKind::Case.code(), &reader).await?;
    let mut mine: BTreeSet<String> = held.iter().map(|held| held.sealed_case.clone()).collect();
    if who.desk.is_some() {
        // Where each reader has keys of their own, they have none of a case on whose wall they stand.
        let walled = bulk::walled(&mut tx, house, who, desk, &mine).await?;
        mine.retain(|case| !walled.contains(case));
    }
    drop(tx);
    let mut keys: BTreeMap<String, ring_rows::Held> = held.into_iter().map(|h| (h.sealed_case.clone(), h)).collect();
    let mut sealed = Vec::new();
    for summary in summaries {
        let (outer, key) = (house.outer.get(&summary.sealed_case)?, keys.remove(&summary.sealed_case));
        if let (Some(outer), Some(key)) = (outer, key.filter(|key| key.ring == summary.ring)) {
            sealed.push((summary, key, outer));
        }
    }
    let secret = who.secret.clone();
    let open = derive(move || bulk::on_all_processors(sealed, |one| open_one(&secret, &reader, &one))).await??;
    let mut open: BTreeMap<String, Summary> = open.into_iter().collect();
    Ok(clear
        .into_iter()
        .filter(|clear| mine.contains(&clear.id))
        .map(|clear| Listed { summary: open.remove(&clear.id), clear })
        .collect())
}

/// What many cases are read for at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The agenda of the monthly meeting.
    Agenda,
    /// Figures of effect, and what was tried in similar cases.
    Effect,
    /// Figures for the public.
    Publication,
}

impl Why {
    const fn code(self) -> &'static str {
        match self {
            Why::Agenda => "agenda",
            Why::Effect => "effect",
            Why::Publication => "publication",
        }
    }
}

/// Opens every case of a desk that a member reads, for a computation over all. Each view stands in the chain of its case
/// with what it was for, all of them written before anything is shown; what is news stays news. In the order of their
/// ids.
pub async fn gather(house: House<'_>, who: &Unlocked, desk: &str, why: Why) -> Result<Vec<View>> {
    let opened = bulk::open(house, who, desk).await?;
    let mut tx = house.db.write().await?;
    for (clear, _) in &opened {
        case::note(&mut tx, house, &clear.id, &who.actor(), "case.view", &[why.code()]).await?;
    }
    tx.commit().await?;
    Ok(opened.into_iter().map(|(clear, file)| View { clear, file }).collect())
}

type SealedSummary = (records::Summary, ring_rows::Held, OuterKey);

fn open_one(
    secret: &vault::SecretKey,
    reader: &str,
    (summary, key, outer): &SealedSummary,
) -> Result<(String, Summary)> {
    let epoch = ring::epoch(key.epoch)?;
    let context = vault::Context { case: &key.ring, epoch, reader };
    let data = vault::CaseKey::open_with(secret, context, &key.sealed)?.data_key(outer, &key.ring, epoch);
    Ok((summary.sealed_case.clone(), seal::open_summary(&data, summary)?))
}
