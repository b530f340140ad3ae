//! Planning: who gets a send is found, split into batches and written, in parts, so that nobody else waits long for
//! the database and a process never holds all recipients.

use calendar::Clock;
use city::Lang;
use store::{Db, Entropy, Tx, ids};

use crate::event::{self, EventKind, Told};
use crate::plan::{Batch, Pace, Plan, Quota, Splitter};
use crate::sending::{self, Sending, State, account};
use crate::store::{batch as batches, sending as rows};
use crate::{OutreachError, Result, rule};

/// Recipients that are read and written at a time.
const PART: i64 = 5_000;
/// Batches whose deliveries are removed at a time.
const REMOVED: i64 = 20;

/// Plans a draft, or plans anew what was planned: recipients and batches are written, and the figures that the
/// approver sees. `quota` is what the channel says now; what other approved sends still need is found here.
///
/// Refuses over quota, and where nobody would get it. A plan that was cut off leaves a draft, and is begun anew.
pub async fn plan(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    who: &str,
    id: &str,
    pace: Pace,
    quota: Quota,
) -> Result<Plan> {
    let (sending, quota) = begin(db, clock, id, quota).await?;
    clear(db, &sending).await?;
    let starts_at = sending.starts_at.unwrap_or(clock.now()).max(clock.now());
    let mut splitter = Splitter::new(pace);
    let (mut after, mut n) = (String::new(), 0);
    loop {
        let mut tx = db.read().await?;
        let found = batches::candidates(&mut tx, &sending, &after, PART).await?;
        tx.rollback().await?;
        let Some(last) = found.last() else { break };
        after.clone_from(&last.id);
        let full: Vec<Batch> = found.into_iter().filter_map(|candidate| splitter.add(candidate)).collect();
        if !full.is_empty() {
            let mut tx = db.write().await?;
            still(&mut tx, &sending).await?;
            write(&mut tx, clock, entropy, &sending, full, &mut n).await?;
            tx.commit().await?;
        }
    }
    let (rest, sizes) = splitter.finish();
    let mut tx = db.write().await?;
    still(&mut tx, &sending).await?;
    write(&mut tx, clock, entropy, &sending, rest, &mut n).await?;
    let plan = Plan::new(&sizes, starts_at, pace, quota);
    check(plan.recipients, quota, sending.urgent)?;
    rows::planned(&mut tx, id, &plan, clock.now()).await?;
    let told = Told { value: Some(plan.recipients), ..Told::default() };
    event::log(&mut tx, clock, entropy, id, EventKind::Planned, &account(who), told).await?;
    tx.commit().await?;
    Ok(plan)
}

/// The plan of a send as it was made; `None` if there is none.
pub async fn of(tx: &mut Tx, id: &str) -> Result<Option<Plan>> {
    let Some(found) = rows::plan_of(tx, id).await? else { return Ok(None) };
    let (Some(planned_at), Some(recipients), Some(finish_at)) =
        (found.planned_at, found.planned_recipients, found.planned_finish_at)
    else {
        return Ok(None);
    };
    Ok(Some(Plan {
        recipients,
        batches: found.planned_batches.unwrap_or(0),
        by_lang: by_lang(batches::by_lang(tx, id).await?),
        later: found.planned_later.unwrap_or(0),
        cost: recipients,
        quota: Quota {
            limit: found.quota_limit,
            used: found.quota_used.unwrap_or(0),
            reserve: found.quota_reserve.unwrap_or(0),
            bound: found.quota_bound.unwrap_or(0),
        },
        starts_at: found.starts_at.unwrap_or(planned_at).max(planned_at),
        finish_at,
    }))
}

fn by_lang(mut found: Vec<(Lang, i64)>) -> Vec<(Lang, i64)> {
    found.sort_by_key(|(lang, _)| *lang);
    found
}

/// How many would get a send if it were planned now; a plan alone is exact, since people choose every minute.
pub async fn reach(tx: &mut Tx, sending: &Sending) -> Result<i64> {
    Ok(batches::count_candidates(tx, sending).await?)
}

/// Messages that other sends of the channel still need, approved and not yet accepted.
pub async fn bound(tx: &mut Tx, sending: &Sending) -> Result<i64> {
    Ok(batches::bound(tx, sending.channel, &sending.id).await?)
}

/// Takes the send for this run of planning, and refuses early what cannot be sent anyway.
async fn begin(db: &Db, clock: &dyn Clock, id: &str, mut quota: Quota) -> Result<(Sending, Quota)> {
    // Counting takes a while where there are many, so nobody waits for it.
    let mut tx = db.read().await?;
    let seen = sending::get(&mut tx, id).await?.ok_or(OutreachError::NotFound)?;
    let recipients = batches::count_candidates(&mut tx, &seen).await?;
    tx.rollback().await?;
    let mut tx = db.write().await?;
    let sending = sending::lock(&mut tx, id).await?;
    if !matches!(sending.state, State::Draft | State::Planned) {
        return Err(rule("下書きの配信だけを計画できます。"));
    }
    if sending.version != seen.version {
        return Err(OutreachError::Changed);
    }
    quota.bound = batches::bound(&mut tx, sending.channel, id).await?;
    check(recipients, quota, sending.urgent)?;
    let run = rows::begin_planning(&mut tx, id, clock.now()).await?;
    tx.commit().await?;
    Ok((Sending { run, state: State::Draft, ..sending }, quota))
}

fn check(recipients: i64, quota: Quota, urgent: bool) -> Result<()> {
    if recipients == 0 {
        return Err(rule("この分野と地区の配信を受け取る人がいません。分野か地区を変えてください。"));
    }
    quota.check(recipients, urgent)
}

/// Locks the send, and fails if somebody changed it or plans it anew meanwhile.
async fn still(tx: &mut Tx, ours: &Sending) -> Result<()> {
    let now = sending::lock(tx, &ours.id).await?;
    let same = (now.state, now.version, now.run) == (State::Draft, ours.version, ours.run);
    if same { Ok(()) } else { Err(OutreachError::Changed) }
}

/// Removes what an earlier plan wrote.
async fn clear(db: &Db, sending: &Sending) -> Result<()> {
    let mut tx = db.read().await?;
    let last = batches::last(&mut tx, &sending.id).await?;
    tx.rollback().await?;
    let mut until = 0;
    while until < last {
        until += REMOVED;
        let mut tx = db.write().await?;
        still(&mut tx, sending).await?;
        batches::remove(&mut tx, &sending.id, until).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn write(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    sending: &Sending,
    full: Vec<Batch>,
    n: &mut i64,
) -> Result<()> {
    for batch in full {
        *n += 1;
        // The key is there before anything is tried with it.
        let retry_key = ids::new_id(clock, entropy);
        batches::insert(tx, &sending.id, *n, &retry_key, batch).await?;
    }
    Ok(())
}
