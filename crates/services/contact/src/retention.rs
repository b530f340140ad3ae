//! How long the words of contacts are kept: per channel, and shorter for topics that say so. Numbers, events and with
//! them every figure stay; so does an erased person's.

use std::time::Duration;

use calendar::{Clock, Instant};
use store::worker::{JobContext, JobFailure};
use store::{Entropy, Tx, changes};

use crate::channel::{Channel, State};
use crate::contact;
use crate::event::{self, EventKind, Told};
use crate::store::retention as rows;
use crate::{CHANGE_TOPIC, ContactError};

/// The job.
pub const DAILY: &str = "contact.retention";
/// Its lane.
pub const LANE: &str = knowledge::daily::LANE;
/// When it runs, in Japan.
const AT: Option<calendar::Time> = calendar::Time::new(4, 45);
/// The record whose rule holds where nothing else is said.
const RECORD: &str = "contacts";
/// The setting with the days for some channels.
pub const CHANNELS: &str = "retention.contact-channels";
/// The setting with shorter days for some topics.
pub const TOPICS: &str = "retention.contact-topics";
/// Contacts of a part.
const PART: i64 = 200;

/// Days by name, as a setting holds them: `web=730,phone=90`.
pub fn days_by(value: &str) -> Vec<(&str, u64)> {
    value
        .split(',')
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(name, days)| Some((name.trim(), days.trim().parse().ok()?)))
        .collect()
}

/// For how many days the words of a contact are kept: the fewest that any rule says.
pub fn days_of(
    channel: Channel,
    topic: Option<&str>,
    default: u64,
    channels: &[(&str, u64)],
    topics: &[(&str, u64)],
) -> u64 {
    let of = |list: &[(&str, u64)], name: &str| list.iter().find(|(n, _)| *n == name).map(|(_, days)| *days);
    let by_channel = of(channels, channel.code()).unwrap_or(default);
    let by_topic = topic.and_then(|t| of(topics, t));
    by_topic.map_or(by_channel, |days| days.min(by_channel))
}

/// Writes the job of today, due at once if its time has passed, unless it is waiting already.
pub async fn schedule(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>) -> Result<(), ContactError> {
    Ok(knowledge::daily::enqueue_for(tx, clock, entropy, DAILY, AT, clock.now().jst_date()).await?)
}

/// The handler of [`DAILY`]: contacts in parts, so that nobody waits long for the database.
pub async fn run(context: JobContext) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let next = knowledge::daily::next_day(&context.job.payload, clock.now().jst_date())?;
    let mut after = String::new();
    loop {
        let mut tx = context.db.write().await?;
        let Some(last) = retire(&mut tx, clock, (context.entropy)().as_mut(), &after).await? else { break };
        tx.commit().await?;
        after = last;
    }
    let mut tx = context.db.write().await?;
    knowledge::daily::enqueue_for(&mut tx, clock, (context.entropy)().as_mut(), DAILY, AT, next).await?;
    Ok(tx)
}

/// Erases the words of ended contacts after an id whose time is over; returns the last id that was looked at.
async fn retire(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    after: &str,
) -> Result<Option<String>, ContactError> {
    let Some(default) = knowledge::retention::days(tx, RECORD).await? else { return Ok(None) };
    let value = |name: &'static str| knowledge::setting::by_name(name).ok_or(ContactError::NotFound);
    let channels = value(CHANNELS)?.value(tx).await?;
    let topics = value(TOPICS)?.value(tx).await?;
    let (channels, topics) = (days_by(&channels), days_by(&topics));
    let ended = rows::ended(tx, after, PART).await?;
    let last = ended.last().map(|c| c.id.clone());
    for found in ended {
        let days = days_of(found.channel, found.topic.as_deref(), default, &channels, &topics);
        if found.updated_at < clock.now().minus(Duration::from_secs(days * 86_400)) {
            erase(tx, clock, entropy, &found.id, "job:contact.retention").await?;
        }
    }
    Ok(last)
}

/// Erases the words of a contact, its person and its telephone numbers. Its number, its events and all figures stay.
pub async fn erase(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    id: &str,
    actor: &str,
) -> Result<(), ContactError> {
    let mut contact = contact::lock(tx, id).await?;
    if contact.erased_at.is_some() {
        return Ok(());
    }
    rows::blank(tx, id).await?;
    contact.person = None;
    contact.erased_at = Some(clock.now());
    if contact.state != State::Merged {
        contact.state = State::Resolved;
    }
    contact.waiting_since = None;
    contact.reply_due_at = None;
    contact.follow_up_on = None;
    event::log(tx, clock, entropy, &contact, EventKind::Erased, actor, Told::default()).await?;
    contact::save(tx, clock, &mut contact).await?;
    changes::bump(tx, CHANGE_TOPIC).await?;
    Ok(())
}

/// Erases all contacts of a person, in the transaction that erases the person. Returns how many.
pub async fn erase_person(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    person: &str,
    actor: &str,
) -> Result<usize, ContactError> {
    let mut erased = 0;
    for one in people::erasure::with_merged(tx, person).await? {
        for id in rows::of_person(tx, &one).await? {
            erase(tx, clock, entropy, &id, actor).await?;
            erased += 1;
        }
    }
    Ok(erased)
}

/// Erases the contacts of all who were erased: after a restore, whose backup may be older than an erasure. Returns how
/// many contacts were erased now.
pub async fn replay(
    db: &store::Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
) -> Result<usize, ContactError> {
    let mut tx = db.write().await?;
    let mut erased = 0;
    for person in people::erasure::list(&mut tx).await? {
        for id in rows::of_person(&mut tx, &person.person).await? {
            erase(&mut tx, clock, entropy, &id, actor).await?;
            erased += 1;
        }
    }
    tx.commit().await?;
    Ok(erased)
}

/// An ended contact.
#[derive(Clone, Debug, store::FromRow)]
pub(crate) struct Ended {
    pub(crate) id: String,
    pub(crate) channel: Channel,
    pub(crate) topic: Option<String>,
    pub(crate) updated_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_rule_counts() {
        let (channels, topics) = (days_by("phone=90, web=365"), days_by("welfare=30,tax=9999"));
        let days = |channel, topic| days_of(channel, topic, 730, &channels, &topics);
        assert_eq!(days(Channel::Phone, None), 90);
        assert_eq!(days(Channel::Letter, None), 730);
        assert_eq!(days(Channel::Web, Some("welfare")), 30);
        assert_eq!(days(Channel::Web, Some("tax")), 365);
        assert_eq!(days_by(""), []);
    }
}
