//! The job that makes true at LINE what is planned. It reads what is planned when it runs, so any number of them, in
//! any order, ends in the same state.

use std::sync::Arc;
use std::time::Duration;

use calendar::{Clock, Instant};
use line::client::Client;
use store::jobs::{self, NewJob};
use store::worker::{JobContext, JobFailure};
use store::{Entropy, Tx, ids};

use super::at_line::{Line, Trouble, Wanted};
use super::rows::{Event, Menu, Plan, ReflectionState, State};
use super::{plan, reflection_of, trouble};
use crate::store::menu as rows;

/// Lane of the job.
pub const LANE: &str = "line-menu";
/// Kind of the job.
pub const KIND: &str = "line.menu";
/// How long it waits while the city has no account on LINE.
pub const NOT_SET_UP: Duration = Duration::from_secs(600);
/// How long it waits while another process speaks with LINE about menus.
const BUSY: Duration = Duration::from_secs(5);
/// Rounds of one attempt: what was found to be gone from LINE is made anew.
const ROUNDS: usize = 3;

/// What is wanted at an instant, and what is to be prepared: the menus for emergencies, so that switching to one of
/// them makes nothing.
async fn wishes(tx: &mut Tx, now: Instant) -> store::Result<(Vec<Wanted>, Vec<Wanted>)> {
    let (menus, plans) = (rows::list(tx).await?, rows::plans(tx, now).await?);
    let wanted = wanted(&menus, &plans, now);
    let is_plain = |m: &Menu| wanted.iter().any(|w| w.menu.id == m.id && !w.is_drill);
    let prepared = menus.iter().filter(|m| m.is_emergency && m.state == State::Ready && !is_plain(m));
    let prepared = prepared.map(|m| Wanted { menu: m.clone(), is_drill: false, has_alias: false }).collect();
    Ok((wanted, prepared))
}

/// The menu that is shown first, then those to which it leads, and so on.
fn wanted(menus: &[Menu], plans: &[Plan], now: Instant) -> Vec<Wanted> {
    let ready = |id: &str| menus.iter().find(|m| m.id == id && m.state == State::Ready).cloned();
    let mut wanted: Vec<Wanted> = Vec::new();
    let Some(shown) = plan::shown(plans, now) else { return wanted };
    let Some(menu) = ready(&shown.plan.menu) else { return wanted };
    wanted.push(Wanted { menu, is_drill: shown.plan.is_drill, has_alias: false });
    let mut at = 0;
    while at < wanted.len() {
        let leads: Vec<String> = wanted[at].menu.leads_to().map(str::to_owned).collect();
        for id in leads {
            match wanted.iter_mut().find(|w| w.menu.id == id) {
                Some(there) => there.has_alias = true,
                None => {
                    let found = ready(&id).map(|menu| Wanted { menu, is_drill: shown.plan.is_drill, has_alias: true });
                    wanted.extend(found);
                }
            }
        }
        at += 1;
    }
    wanted
}

/// The handler of [`KIND`]. Without a client, the city has no account on LINE: the state says so and the job waits.
///
/// Each step at LINE is noted as soon as it is known, in a transaction of its own; the end of the attempt is stored
/// with that of the job.
pub async fn run(context: JobContext, client: Option<Arc<Client>>) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let now = clock.now();
    let Some(client) = client else {
        let mut tx = context.db.write().await?;
        if wishes(&mut tx, now).await?.0.is_empty() && rows::reflection(&mut tx).await?.is_none() {
            return Ok(tx);
        }
        rows::hold(&mut tx, "not-set-up", now, now).await?;
        rows::settle(&mut tx, ReflectionState::NotSetUp, "", now, None).await?;
        again(&mut tx, clock, (context.entropy)().as_mut(), now.plus(NOT_SET_UP), NOT_SET_UP).await?;
        return Ok(tx);
    };
    let mut tx = context.db.read().await?;
    let profile = city::store::profile(&mut tx).await?.ok_or(city::CityError::NoCity)?;
    drop(tx);
    let line = Line { context: &context, client: &client, window: profile.window_address };
    let mut rounds = 0;
    loop {
        rounds += 1;
        let mut tx = context.db.read().await?;
        let (wanted, prepared) = wishes(&mut tx, clock.now()).await?;
        drop(tx);
        match line.make_true(&wanted, &prepared).await {
            Ok(next) => return done(&context, &wanted, next).await,
            Err(Trouble::Again) if rounds < ROUNDS => {}
            Err(Trouble::Again | Trouble::Busy) => {
                let mut tx = context.db.write().await?;
                again(&mut tx, clock, (context.entropy)().as_mut(), clock.now().plus(BUSY), BUSY).await?;
                return Ok(tx);
            }
            Err(Trouble::Line(failure)) => return failed(&context, &failure).await,
            Err(Trouble::Store(failure)) => return Err(failure),
        }
    }
}

/// Writes the next try. Tries of the same slot of time are one, so that changes do not each begin a chain of their own.
/// It runs when its slot begins, so whoever runs it writes the next one into a later slot.
async fn again(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, at: Instant, slot: Duration) -> store::Result<()> {
    let millis = i64::try_from(slot.as_millis()).unwrap_or(i64::MAX).max(1);
    let nth = (at.millis() + millis - 1).div_euclid(millis);
    let (run_at, key) = (Instant::from_millis(nth * millis), format!("{KIND}:{}:{nth}", slot.as_secs()));
    let job = NewJob { run_at, dedupe_key: Some(&key), ..NewJob::new(LANE, KIND, "{}", clock.now()) };
    jobs::enqueue(tx, clock, entropy, job).await?;
    Ok(())
}

async fn note(tx: &mut Tx, context: &JobContext, act: &str, menu: &str, reason: &str) -> store::Result<()> {
    let clock = context.clock.as_ref();
    let id = ids::new_id(clock, (context.entropy)().as_mut());
    let actor = format!("job:{KIND}");
    let event = Event { id, at: clock.now(), actor, act: act.into(), menu: menu.into(), reason: reason.into() };
    rows::insert_event(tx, &event).await
}

async fn done(context: &JobContext, wanted: &[Wanted], next: Option<Instant>) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let told: Option<(&Menu, bool)> = wanted.first().map(|w| (&w.menu, w.is_drill));
    let before = rows::reflection(&mut tx).await?;
    let was = before.as_ref().map(|r| (r.menu.clone(), r.version, r.is_drill));
    let is_news = was != Some((told.map(|t| t.0.id.clone()), told.map(|t| t.0.version), told.is_some_and(|t| t.1)));
    if is_news || reflection_of(before.as_ref(), told) == ReflectionState::Failed {
        let menu = told.map_or("", |(menu, _)| menu.id.as_str());
        note(&mut tx, context, if menu.is_empty() { "hidden" } else { "shown" }, menu, "").await?;
    }
    rows::settle(&mut tx, ReflectionState::Done, "", clock.now(), Some(told)).await?;
    if let Some(at) = next {
        again(&mut tx, clock, (context.entropy)().as_mut(), at, Duration::from_secs(60)).await?;
    }
    tracing::info!(made = wanted.len(), "rich menus are at LINE as planned");
    Ok(tx)
}

async fn failed(context: &JobContext, failure: &line::Failure) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let mut tx = context.db.write().await?;
    let before = rows::reflection(&mut tx).await?;
    let code = trouble::code(failure);
    let is_news = before.as_ref().is_none_or(|r| (r.state, r.reason.as_str()) != (ReflectionState::Failed, &code));
    if is_news {
        note(&mut tx, context, "failed", "", &code).await?;
    }
    let tries = before.map_or(0, |r| r.tries);
    rows::settle(&mut tx, ReflectionState::Failed, &code, clock.now(), None).await?;
    if let Some(pause) = trouble::pause(failure, tries) {
        again(&mut tx, clock, (context.entropy)().as_mut(), clock.now().plus(pause), BUSY).await?;
    }
    tracing::warn!(%failure, "LINE could not be told which rich menu is shown");
    Ok(tx)
}

/// Writes one job, so that a process that starts looks whether LINE shows what is planned.
pub async fn schedule(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>) -> store::Result<()> {
    again(tx, clock, entropy, clock.now(), Duration::from_secs(1)).await
}
