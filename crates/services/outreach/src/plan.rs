//! Plans: recipients into batches, messages against the quota, and when the last one will be out. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use calendar::Instant;
use city::Lang;

use crate::{Quiet, Result, rule};

/// What a channel permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Most recipients of a batch.
    pub per_batch: usize,
    /// Batches in a second, over all lanes.
    pub per_second: u32,
}

impl Pace {
    /// Most recipients of a batch, whatever the channel says: LINE's multicast takes 500.
    pub const MOST: usize = 500;

    fn size(self) -> usize {
        self.per_batch.clamp(1, Pace::MOST)
    }
}

/// How many messages a month has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Messages of the month; `None` where there is no limit.
    pub limit: Option<i64>,
    /// How many of them the channel counts as used.
    pub used: i64,
    /// How many are kept for what is urgent.
    pub reserve: i64,
    /// How many other sends that were approved still need; planning finds it.
    pub bound: i64,
}

impl Quota {
    /// How many messages a send may cost; `None` where there is no limit.
    pub fn free(&self, urgent: bool) -> Option<i64> {
        let reserve = if urgent { 0 } else { self.reserve };
        self.limit.map(|limit| (limit - self.used - self.bound - reserve).max(0))
    }

    /// Refuses what costs more, with a sentence.
    pub fn check(&self, cost: i64, urgent: bool) -> Result<()> {
        match self.free(urgent) {
            Some(free) if cost > free => Err(rule(format!(
                "この配信は{cost}通ですが、今月使えるのは残り{free}通です（上限{}通、使用済み{}通、ほかの配信の分{}通、緊急用の予備{}通）。\
                 対象をしぼるか、通数を増やしてから、もう一度計画してください。",
                self.limit.unwrap_or(0),
                self.used,
                self.bound,
                if urgent { 0 } else { self.reserve },
            ))),
            _ => Ok(()),
        }
    }
}

/// Somebody who gets a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Id of the recipient.
    pub id: String,
    /// The language of the text that they get.
    pub lang: Lang,
    /// Their quiet hours; [`Quiet::NONE`] where the send does not heed them.
    pub quiet: Quiet,
}

/// What the members of a batch have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Language of the text.
    pub lang: Lang,
    /// Quiet hours.
    pub quiet: Quiet,
}

/// Recipients who are sent the same text at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What they have in common.
    pub group: Group,
    /// Ids of the recipients; at least one.
    pub members: Vec<String>,
}

/// How many a group has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSize {
    /// The group.
    pub group: Group,
    /// Recipients.
    pub recipients: i64,
    /// Batches.
    pub batches: i64,
}

/// The last batch of a group, which is not full yet.
#[derive(Debug)]
struct Open {
    size: GroupSize,
    members: Vec<String>,
}

/// Splits recipients into batches as they come; only batches that are not full are held.
#[derive(Debug)]
pub struct Splitter {
    most: usize,
    open: BTreeMap<(&'static str, Quiet), Open>,
}

impl Splitter {
    /// Begins with nobody.
    pub fn new(pace: Pace) -> Self {
        Splitter { most: pace.size(), open: BTreeMap::new() }
    }

    /// Adds a recipient; returns a batch that became full.
    pub fn add(&mut self, candidate: Candidate) -> Option<Batch> {
        let Candidate { id, lang, quiet } = candidate;
        let group = Group { lang, quiet };
        let size = GroupSize { group, recipients: 0, batches: 0 };
        let open = self.open.entry((lang.code(), quiet)).or_insert_with(|| Open { size, members: Vec::new() });
        if open.members.is_empty() {
            open.size.batches += 1;
        }
        open.size.recipients += 1;
        open.members.push(id);
        (open.members.len() == self.most).then(|| Batch { group, members: std::mem::take(&mut open.members) })
    }

    /// The batches that are not full, and how many each group has.
    pub fn finish(self) -> (Vec<Batch>, Vec<GroupSize>) {
        let (mut rest, mut sizes) = (Vec::new(), Vec::new());
        for open in self.open.into_values() {
            sizes.push(open.size);
            if !open.members.is_empty() {
                rest.push(Batch { group: open.size.group, members: open.members });
            }
        }
        (rest, sizes)
    }
}

/// A plan as whoever approves it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How many get it.
    pub recipients: i64,
    /// In so many calls of the channel.
    pub batches: i64,
    /// How many get it in which language; languages of nobody are left out.
    pub by_lang: Vec<(Lang, i64)>,
    /// How many have quiet hours when it starts, and get it after them.
    pub later: i64,
    /// Messages of the quota: a message for each recipient, however many parts it has.
    pub cost: i64,
    /// The quota when it was planned.
    pub quota: Quota,
    /// When it starts, if it is approved by then.
    pub starts_at: Instant,
    /// When the last batch is handed over, at the permitted pace and outside of quiet hours.
    pub finish_at: Instant,
}

impl Plan {
    /// Makes a plan of what the groups have.
    pub fn new(sizes: &[GroupSize], starts_at: Instant, pace: Pace, quota: Quota) -> Plan {
        let recipients = sizes.iter().map(|s| s.recipients).sum();
        let of = |lang| sizes.iter().filter(|s| s.group.lang == lang).map(|s| s.recipients).sum::<i64>();
        Plan {
            recipients,
            batches: sizes.iter().map(|s| s.batches).sum(),
            by_lang: Lang::ALL.into_iter().map(|lang| (lang, of(lang))).filter(|(_, n)| *n > 0).collect(),
            later: sizes.iter().filter(|s| s.group.quiet.covers(starts_at)).map(|s| s.recipients).sum(),
            cost: recipients,
            quota,
            starts_at,
            finish_at: finish(sizes, starts_at, pace),
        }
    }
}

/// When the last batch is handed over: group after group in the order in which their quiet hours end, each as long as
/// its hours allow.
fn finish(sizes: &[GroupSize], starts_at: Instant, pace: Pace) -> Instant {
    let mut groups: Vec<&GroupSize> = sizes.iter().collect();
    groups.sort_by_key(|s| s.group.quiet.opens(starts_at));
    // Milliseconds per batch, in thousandths so that nothing is lost.
    let per_second = i64::from(pace.per_second.max(1));
    let mut now = starts_at;
    for size in groups {
        let quiet = size.group.quiet;
        let mut left = size.batches;
        loop {
            now = quiet.opens(now);
            let open_for = quiet.next_start(now).map(|start| start.millis_since(now));
            let fits = open_for.map_or(left, |ms| (ms.saturating_mul(per_second) / 1_000).max(1)).min(left);
            left -= fits;
            // Rounded up: better a little too late than too early.
            let took = (fits * 1_000 + per_second - 1) / per_second;
            now = now.plus(Duration::from_millis(u64::try_from(took).unwrap_or(0)));
            if left == 0 {
                break;
            }
        }
    }
    now
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
