//! Dispatch: a job for each batch. Whatever cuts it off, nobody gets a batch twice and nobody is forgotten.
//!
//! An attempt is written before the channel is called ([`begin`]): state `unsure`, and when the key was first used. A
//! process that dies after that leaves a batch that may have been accepted; the next attempt uses the same key, and the
//! channel says whether it had it already. What is known afterwards is stored together with the end of the job
//! ([`finish`]), so a job that lost its lease stores nothing.

use std::sync::Arc;
use std::time::Duration;

use calendar::{Clock, Instant};
use serde::{Deserialize, Serialize};
use store::jobs::{self, NewJob};
use store::worker::{JobContext, JobFailure, Registry};
use store::{Db, Entropy, Tx, ids};

use crate::batch::{BatchState, SentBatch, Standing};
use crate::course::{Course, Next, key_is_old};
use crate::event::{self, EventKind, Told};
use crate::sending::{self, Sending, State};
use crate::store::batch::Member;
use crate::store::{batch as rows, sending as sends};
use crate::transport::{Outcome, Outgoing, Transport};
use crate::{Address, Channel, OutreachError, Result, rule};

/// Batches of LINE that a process hands over at the same time. Most of the time of a call is waiting: with an answer
/// after a tenth of a second, the 200 calls that LINE takes in a second are 20 at a time.
const LINE_HANDS: usize = 24;
/// The same of mail.
const MAIL_HANDS: usize = 2;
/// Priority of what is urgent.
const URGENT: i64 = 10;
/// Attempts of a job whose worker dies or whose database fails; a channel that fails does not count.
const ATTEMPTS: i64 = 100;
/// Longest reason of a channel that is kept, in characters.
const MAX_SAID: usize = 300;

/// The lane of a channel, which is also the kind of its jobs.
pub const fn lane(channel: Channel) -> &'static str {
    match channel {
        Channel::Line => "outreach.line",
        Channel::Mail => "outreach.mail",
    }
}

const fn hands(channel: Channel) -> usize {
    match channel {
        Channel::Line => LINE_HANDS,
        Channel::Mail => MAIL_HANDS,
    }
}

/// Adds the jobs of a channel to a process.
pub fn register(registry: &mut Registry, transport: Arc<dyn Transport>) {
    let channel = transport.channel();
    let lane = lane(channel);
    registry.add(lane, lane, move |context| run(context, transport.clone()));
    registry.set_hands(lane, hands(channel));
}

#[derive(Serialize, Deserialize)]
struct Task {
    send: String,
    batch: i64,
    run: i64,
}

/// Writes the job of a batch, for the first instant from `at` on at which its recipients may be disturbed.
pub(crate) async fn enqueue(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    sending: &Sending,
    batch: &SentBatch,
    at: Instant,
) -> Result<()> {
    let lane = lane(sending.channel);
    let task = Task { send: sending.id.clone(), batch: batch.n, run: sending.run };
    let payload = serde_json::json!(task).to_string();
    let mut job = NewJob::new(lane, lane, payload, batch.quiet.opens(at));
    job.priority = if sending.urgent { URGENT } else { 0 };
    job.max_attempts = ATTEMPTS;
    jobs::enqueue(tx, clock, entropy, job).await?;
    Ok(())
}

/// The handler.
async fn run(context: JobContext, transport: Arc<dyn Transport>) -> Result<Tx, JobFailure> {
    let task: Task = serde_json::from_str(&context.job.payload)?;
    let clock = context.clock.as_ref();
    match begin(&context.db, clock, (context.entropy)().as_mut(), &task).await? {
        Begin::Nothing(tx) => Ok(tx),
        Begin::Ready(attempt, outgoing) => {
            let outcome = transport.send(&outgoing).await;
            let mut tx = context.db.write().await?;
            finish(&mut tx, clock, (context.entropy)().as_mut(), &task, &attempt, outcome).await?;
            Ok(tx)
        }
    }
}

/// An attempt under way.
struct Attempt {
    retry_key: String,
    course: Course,
    recipients: usize,
}

enum Begin {
    /// Hand it over.
    Ready(Attempt, Outgoing),
    /// Nothing to be handed over; the effects, if there are any, are in the transaction.
    Nothing(Tx),
}

/// A batch as it was before the transaction that begins it.
struct Seen {
    run: i64,
    batch: SentBatch,
    members: Vec<Member>,
}

async fn look(db: &Db, task: &Task) -> Result<Option<Seen>> {
    let mut tx = db.read().await?;
    let sending = sending::get(&mut tx, &task.send).await?.ok_or(OutreachError::NotFound)?;
    let batch = rows::get(&mut tx, &task.send, task.batch).await?.ok_or(OutreachError::NotFound)?;
    if sending.state != State::Running || sending.run != task.run || batch.ended_at.is_some() {
        return Ok(None);
    }
    let members = rows::members(&mut tx, &sending, task.batch).await?;
    Ok(Some(Seen { run: sending.run, batch, members }))
}

/// The addresses of a batch, always in the same order. `all`: whatever they chose since.
fn addresses(members: Vec<Member>, all: bool) -> Vec<Address> {
    let stays = |m: &Member| all || m.standing == Standing::Wanted;
    let mut to: Vec<Address> = members.into_iter().filter(stays).filter_map(|m| m.address).collect();
    to.sort_unstable();
    to
}

/// Writes that the batch may be accepted from now on, and commits.
async fn begin(db: &Db, clock: &dyn Clock, entropy: Entropy<'_>, task: &Task) -> Result<Begin> {
    let now = clock.now();
    // To whom, is read before: SQLite has one writer, and the addresses are the longest part.
    let Some(seen) = look(db, task).await? else { return Ok(Begin::Nothing(db.write().await?)) };
    let mut tx = db.write().await?;
    // Always the send before the batch, so that two transactions never wait for each other.
    let sending = sending::lock(&mut tx, &task.send).await?;
    if sending.state != State::Running || sending.run != task.run {
        return Ok(Begin::Nothing(tx));
    }
    let mut batch = rows::get(&mut tx, &task.send, task.batch).await?.ok_or(OutreachError::NotFound)?;
    if batch.ended_at.is_some() {
        return Ok(Begin::Nothing(tx));
    }
    if batch.quiet.covers(now) {
        enqueue(&mut tx, clock, entropy, &sending, &batch, now).await?;
        return Ok(Begin::Nothing(tx));
    }
    let as_stored = batch.clone();
    let in_doubt = batch.state == BatchState::Unsure;
    let old = batch.first_attempt_at.is_some_and(|first| key_is_old(first, now));
    if in_doubt && old {
        leave_to_a_person(&mut tx, clock, entropy, &sending, &batch, "key_expired").await?;
        return Ok(Begin::Nothing(tx));
    }
    if old {
        batch.retry_key = ids::new_id(clock, entropy);
        batch.first_attempt_at = None;
    }
    let members = match seen.batch == as_stored && seen.run == sending.run {
        true => seen.members,
        false => rows::members(&mut tx, &sending, batch.n).await?,
    };
    // What was planned may be days old. Once it may have been accepted, the list stays as it is.
    if !in_doubt {
        for (result, of) in [("blocked", Standing::Blocked), ("withdrawn", Standing::Unwanted)] {
            let out = members.iter().filter(|m| m.standing == of).map(|m| m.recipient.as_str());
            rows::leave_out(&mut tx, &sending.id, result, out).await?;
        }
    }
    let to = addresses(members, in_doubt);
    if to.is_empty() && !in_doubt {
        rows::end(&mut tx, &task.send, batch.n, BatchState::Stopped, None, Some("nobody_left"), now).await?;
        done_if_complete(&mut tx, clock, entropy, &sending).await?;
        return Ok(Begin::Nothing(tx));
    }
    if to.is_empty() {
        leave_to_a_person(&mut tx, clock, entropy, &sending, &batch, "nobody_left").await?;
        return Ok(Begin::Nothing(tx));
    }
    let first = batch.first_attempt_at.unwrap_or(now);
    rows::begin(&mut tx, &task.send, batch.n, &batch.retry_key, first).await?;
    tx.commit().await?;
    let course = Course { in_doubt, attempts: batch.attempts + 1, first };
    let attempt = Attempt { retry_key: batch.retry_key.clone(), course, recipients: to.len() };
    let outgoing = Outgoing {
        retry_key: batch.retry_key,
        channel: sending.channel,
        lang: batch.lang,
        body: sending.texts.text_for(batch.lang).to_owned(),
        title: sending.title,
        to,
    };
    Ok(Begin::Ready(attempt, outgoing))
}

/// Writes what is known after an attempt, and what follows.
async fn finish(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    task: &Task,
    attempt: &Attempt,
    outcome: Outcome,
) -> Result<()> {
    let (now, actor) = (clock.now(), JOB);
    let (send, n) = (task.send.as_str(), task.batch);
    let sending = sending::lock(tx, send).await?;
    let batch = rows::get(tx, send, n).await?.ok_or(OutreachError::NotFound)?;
    if batch.state != BatchState::Unsure || batch.retry_key != attempt.retry_key {
        // Another attempt with the same key, or a person, has settled it.
        return Ok(());
    }
    let next = attempt.course.after(outcome, now);
    if batch.attempts != attempt.course.attempts && !matches!(next, Next::Accepted { .. }) {
        // The send was paused and resumed meanwhile, and a later attempt is under way: what this one did not achieve
        // says nothing about that one, which will tell for both.
        return Ok(());
    }
    match next {
        Next::Accepted { request_id } => {
            rows::end(tx, send, n, BatchState::Accepted, request_id.as_deref(), None, now).await?;
            let value = i64::try_from(attempt.recipients).ok();
            let told = Told { batch: Some(n), value, ..Told::default() };
            event::log(tx, clock, entropy, send, EventKind::BatchAccepted, actor, told).await?;
        }
        Next::Refused { reason } => {
            let reason: String = reason.chars().take(MAX_SAID).collect();
            rows::end(tx, send, n, BatchState::Refused, None, Some(&reason), now).await?;
            let told = Told { batch: Some(n), reason: Some(&reason), ..Told::default() };
            event::log(tx, clock, entropy, send, EventKind::BatchRefused, actor, told).await?;
            // The fault is seldom in one batch: with credentials that ended, every further one would be refused too.
            if sending.state == State::Running {
                halt(tx, clock, entropy, &sending, "refused").await?;
            }
        }
        Next::Person { reason } => {
            leave_to_a_person(tx, clock, entropy, &sending, &batch, reason).await?;
        }
        Next::Again { pause, in_doubt } => {
            back(tx, &sending, &batch, in_doubt, now).await?;
            again(tx, clock, entropy, task, &sending, &batch, pause).await?;
        }
        Next::WaitForQuota { in_doubt } => {
            back(tx, &sending, &batch, in_doubt, now).await?;
            if sending.state == State::Running {
                halt(tx, clock, entropy, &sending, "quota_used_up").await?;
            }
        }
    }
    done_if_complete(tx, clock, entropy, &sending).await
}

/// The actor of what jobs do.
const JOB: &str = "job:outreach";

/// After an attempt that did not end the batch: in doubt, or as if it had not been made.
async fn back(tx: &mut Tx, sending: &Sending, batch: &SentBatch, in_doubt: bool, now: Instant) -> Result<()> {
    if in_doubt {
        return Ok(());
    }
    if batch.ended_at.is_some() {
        // The send was stopped while the channel was asked.
        return Ok(rows::end(tx, &sending.id, batch.n, BatchState::Stopped, None, Some("stopped"), now).await?);
    }
    Ok(rows::wait(tx, &sending.id, batch.n).await?)
}

/// The next attempt, unless the send was stopped or paused meanwhile: resuming writes new jobs for all that is left.
async fn again(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    task: &Task,
    sending: &Sending,
    batch: &SentBatch,
    pause: Duration,
) -> Result<()> {
    if sending.state == State::Running && sending.run == task.run && batch.ended_at.is_none() {
        enqueue(tx, clock, entropy, sending, batch, clock.now().plus(pause)).await?;
    }
    Ok(())
}

async fn halt(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    sending: &Sending,
    reason: &'static str,
) -> Result<()> {
    sends::halt(tx, &sending.id, State::Paused, Some(reason), clock.now()).await?;
    let told = Told { reason: Some(reason), ..Told::default() };
    event::log(tx, clock, entropy, &sending.id, EventKind::Paused, JOB, told).await
}

/// Nothing is tried any more; whether it was accepted is not known.
async fn leave_to_a_person(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    sending: &Sending,
    batch: &SentBatch,
    reason: &'static str,
) -> Result<()> {
    rows::end(tx, &sending.id, batch.n, BatchState::Unsure, None, Some(reason), clock.now()).await?;
    let told = Told { batch: Some(batch.n), reason: Some(reason), ..Told::default() };
    event::log(tx, clock, entropy, &sending.id, EventKind::BatchInDoubt, JOB, told).await?;
    done_if_complete(tx, clock, entropy, sending).await
}

/// Ends the send when no batch is left to be tried. The transaction has locked its row.
pub(crate) async fn done_if_complete(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    sending: &Sending,
) -> Result<()> {
    let now = sending::get(tx, &sending.id).await?.ok_or(OutreachError::NotFound)?;
    if now.state != State::Running || rows::any_open(tx, &sending.id).await? {
        return Ok(());
    }
    sends::halt(tx, &sending.id, State::Done, None, clock.now()).await?;
    event::log(tx, clock, entropy, &sending.id, EventKind::Done, JOB, Told::default()).await
}

/// Writes jobs for all batches that are left, in a new run.
pub(crate) async fn go(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, sending: &Sending) -> Result<()> {
    let run = sends::run(tx, &sending.id, clock.now()).await?;
    let sending = Sending { run, state: State::Running, ..sending.clone() };
    let at = sending.starts_at.unwrap_or(clock.now()).max(clock.now());
    for batch in rows::open(tx, &sending.id).await? {
        enqueue(tx, clock, entropy, &sending, &batch, at).await?;
    }
    done_if_complete(tx, clock, entropy, &sending).await
}

/// Refuses what cannot be sent within the quota any more.
pub(crate) async fn check_quota(tx: &mut Tx, sending: &Sending, mut quota: crate::Quota) -> Result<()> {
    quota.bound = rows::bound(tx, sending.channel, &sending.id).await?;
    let left = rows::left(tx, &sending.id).await?;
    if left == 0 && sending.state == State::Approved {
        return Err(rule("この配信を受け取る人がいません。もう一度計画してください。"));
    }
    quota.check(left, sending.urgent)
}
