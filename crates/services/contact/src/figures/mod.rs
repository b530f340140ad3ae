//! Figures (数字) of the contact centre. All of them come from the log (`contact_event`) and from the operators'
//! presence (`operator_event`): a row of facts per contact is folded from its log and can be thrown away and made
//! again at any time. Nothing is counted up.

pub mod export;
pub mod fact;
pub mod figure;
pub mod live;
pub mod reconciliation;
pub mod report;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use calendar::{Date, Instant};
use city::Organisation;
use store::{Db, Tx};

use crate::ContactError;
use crate::event::{Event, EventKind};
use crate::store::{figure as rows, figure_report as sums};

pub use crate::store::figure::{after, of, replace};
pub use fact::{Around, Fact, fold};

/// Contacts whose facts are written in one transaction: few enough that a message of a citizen waits some
/// milliseconds for it at most.
const BATCH: usize = 200;
/// Contacts of which a rebuilding reads the names at once.
const PAGE: i64 = 2_000;
/// Events of a long transaction, or of a process whose clock is behind, may become visible after newer ones: so far
/// back every refreshing looks again.
const LATE: Duration = Duration::from_secs(3_600);
/// Work after a contact begins so soon after its end, or belongs to something else.
pub const WRAP_UP_BEGINS_MS: i64 = 5 * 60_000;
/// An operator who forgot to change their state did not work on one contact longer than that.
pub const WRAP_UP_LASTS_MS: i64 = 60 * 60_000;
/// The row of `figure_state` that says up to where the facts are fresh.
const FRESH: &str = "contact_fact";
/// Days that a refreshing adds up at most; the rest comes with the next ones.
const ROLLED: usize = 40;

/// Makes the facts of all contacts anew from the log, in small transactions. Pages go on reading the old ones
/// meanwhile. Returns how many there are.
pub async fn rebuild(db: &Db, organisation: &Organisation) -> Result<usize, ContactError> {
    let mut tx = db.read().await?;
    let newest = rows::newest(&mut tx).await?;
    drop(tx);
    let (mut last, mut made) = (String::new(), 0);
    loop {
        let mut tx = db.read().await?;
        let page = rows::logged_after(&mut tx, &last, PAGE).await?;
        drop(tx);
        let Some(end) = page.last() else { break };
        last.clone_from(end);
        for batch in page.chunks(BATCH) {
            made += make(db, organisation, batch).await?;
        }
    }
    note_fresh(db, newest).await?;
    roll_up(db, usize::MAX).await?;
    Ok(made)
}

/// Adds up the facts of days whose sums are out of date, the newest first, at most so many days. Reports are right
/// without it, but slow. Returns how many days it were.
pub async fn roll_up(db: &Db, most: usize) -> Result<usize, ContactError> {
    let mut tx = db.read().await?;
    let limits = report::limits(&mut tx).await?;
    let text = limits.text();
    let days = sums::stale(&mut tx, Date::MIN, Date::MAX, &text).await?;
    drop(tx);
    for day in days.iter().take(most) {
        let mut tx = db.read().await?;
        let (version, found) = sums::roll(&mut tx, *day, limits).await?;
        drop(tx);
        let mut tx = db.write().await?;
        rows::lock(&mut tx).await?;
        sums::put(&mut tx, *day, version, &text, found).await?;
        tx.commit().await?;
    }
    Ok(days.len().min(most))
}

/// Makes the facts anew of contacts whose log grew since the last time, of those of the same persons, and of those
/// whose work afterwards ended. Returns how many. The first time that is all of them.
pub async fn refresh(db: &Db, organisation: &Organisation) -> Result<usize, ContactError> {
    let mut tx = db.read().await?;
    let newest = rows::newest(&mut tx).await?;
    let fresh = rows::state(&mut tx, FRESH).await?;
    let from = fresh.map_or(Instant::from_millis(i64::MIN), |at| at.minus(LATE));
    let mut changed: BTreeSet<String> = rows::grown(&mut tx, from).await?.into_iter().collect();
    if fresh.is_some() {
        changed.extend(worked_after(&mut tx, from).await?);
    }
    drop(tx);
    if changed.is_empty() {
        roll_up(db, ROLLED).await?;
        return Ok(0);
    }
    let mut all = changed.clone();
    let changed: Vec<String> = changed.into_iter().collect();
    for batch in changed.chunks(BATCH) {
        let mut tx = db.read().await?;
        let known = rows::known(&mut tx, batch).await?;
        let persons: BTreeSet<String> = known.into_values().filter_map(|(_, person)| person).collect();
        let persons: Vec<String> = persons.into_iter().collect();
        all.extend(rows::of_persons(&mut tx, &persons).await?.into_iter().map(|own| own.contact));
        if fresh.is_some() {
            all.extend(ended_before(&mut tx, batch, from).await?);
        }
    }
    let all: Vec<String> = all.into_iter().collect();
    let mut made = 0;
    for batch in all.chunks(BATCH) {
        made += make(db, organisation, batch).await?;
    }
    note_fresh(db, newest).await?;
    roll_up(db, ROLLED).await?;
    Ok(made)
}

async fn note_fresh(db: &Db, newest: Option<Instant>) -> Result<(), ContactError> {
    let Some(newest) = newest else { return Ok(()) };
    let mut tx = db.write().await?;
    rows::set_state(&mut tx, FRESH, newest).await?;
    tx.commit().await?;
    Ok(())
}

/// Contacts that somebody resolved shortly before they resolved one of these: work afterwards may have been counted
/// there until now.
async fn ended_before(tx: &mut Tx, contacts: &[String], from: Instant) -> Result<Vec<String>, ContactError> {
    let mut found = Vec::new();
    for event in rows::logs(tx, contacts).await?.into_values().flatten() {
        let (EventKind::Resolved, Some(account)) = (event.kind, &event.account) else { continue };
        if event.at >= from {
            let earliest = Instant::from_millis(event.at.millis() - WRAP_UP_BEGINS_MS);
            found.extend(rows::resolved_by(tx, account, earliest, event.at).await?.into_iter().map(|(id, _)| id));
        }
    }
    Ok(found)
}

/// Contacts whose work afterwards ended since an instant and is not in their facts.
async fn worked_after(tx: &mut Tx, from: Instant) -> Result<Vec<String>, ContactError> {
    let mut found = Vec::new();
    for ended in rows::presences_since(tx, from).await? {
        let Some(before) = rows::presence_before(tx, &ended.account, ended.at).await? else { continue };
        if before.state != "wrap_up" {
            continue;
        }
        let earliest = Instant::from_millis(before.at.millis() - WRAP_UP_BEGINS_MS);
        let Some((contact, _)) = rows::resolved_by(tx, &ended.account, earliest, before.at).await?.pop() else {
            continue;
        };
        let log = rows::logs(tx, std::slice::from_ref(&contact)).await?;
        let now = wrap_up(tx, log.get(&contact).map_or(&[], Vec::as_slice)).await?;
        let stored = rows::of(tx, std::slice::from_ref(&contact)).await?;
        if stored.first().is_none_or(|f| f.wrap_up_ms != now) {
            found.push(contact);
        }
    }
    Ok(found)
}

/// Work after a contact: for each time that somebody resolved it, the state `wrap_up` in which that person was next,
/// if it began within [`WRAP_UP_BEGINS_MS`] and before they resolved something else.
async fn wrap_up(tx: &mut Tx, log: &[Event]) -> Result<i64, ContactError> {
    let mut total = 0;
    for event in log.iter().filter(|e| e.kind == EventKind::Resolved) {
        let Some(account) = &event.account else { continue };
        let next = rows::next_presence(tx, account, event.at).await?;
        let [began, ended] = next.as_slice() else { continue };
        if began.state != "wrap_up" || began.at.millis_since(event.at) > WRAP_UP_BEGINS_MS {
            continue;
        }
        let resolved = rows::resolved_by(tx, account, event.at, began.at).await?;
        if resolved.last().is_some_and(|(contact, at)| *contact == event.contact && *at == event.at) {
            total += ended.at.millis_since(began.at).min(WRAP_UP_LASTS_MS);
        }
    }
    Ok(total)
}

/// Reads the logs of some contacts and writes their facts.
async fn make(db: &Db, organisation: &Organisation, contacts: &[String]) -> Result<usize, ContactError> {
    let mut tx = db.read().await?;
    let logs = rows::logs(&mut tx, contacts).await?;
    let known = rows::known(&mut tx, contacts).await?;
    let persons: BTreeSet<String> = known.values().filter_map(|(_, person)| person.clone()).collect();
    let persons: Vec<String> = persons.into_iter().collect();
    let mut of_person: HashMap<String, Vec<rows::Own>> = HashMap::new();
    for own in rows::of_persons(&mut tx, &persons).await? {
        of_person.entry(own.person.clone()).or_default().push(own);
    }
    let mut facts = Vec::with_capacity(logs.len());
    let logs: BTreeMap<String, Vec<Event>> = logs.into_iter().collect();
    for (id, log) in &logs {
        let (lang, person) = known.get(id).cloned().unwrap_or_default();
        let topic = log.iter().rev().find_map(|e| e.topic.as_deref());
        let others = person.and_then(|p| of_person.get(&p)).map_or(&[][..], Vec::as_slice);
        let around = Around {
            lang,
            other_openings: others
                .iter()
                .filter(|own| own.contact != *id && topic.is_some() && own.topic.as_deref() == topic)
                .map(|own| own.opened_at)
                .collect(),
            wrap_up_ms: wrap_up(&mut tx, log).await?,
        };
        facts.extend(fold(log, &around, organisation));
    }
    drop(tx);
    let mut tx = db.write().await?;
    rows::replace(&mut tx, &facts).await?;
    tx.commit().await?;
    Ok(facts.len())
}
