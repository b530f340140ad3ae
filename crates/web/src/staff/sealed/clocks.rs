//! Clocks in words: 「初動まで 5時間」, 「判定 2日すぎています」.

use calendar::{DeadlineState, Instant};
use casework::Kind;
use casework::clock::{self, Clock};
use casework::file::Summary;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A clock as a tag shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// `bad` when it has run out, `warn` when it soon does, `dim` while it stands still.
    pub(crate) tone: &'static str,
    pub(crate) words: String,
    /// Milliseconds until it runs out, negative since; none while it stands still.
    pub(crate) left: Option<i64>,
}

/// A clock with all that is known of it.
pub(crate) struct ClockRow {
    pub(crate) name: String,
    pub(crate) tag: Tag,
    /// When it runs out, or when it was met.
    pub(crate) at: Instant,
    pub(crate) is_open: bool,
    pub(crate) is_paused: bool,
    /// Why it stands still.
    pub(crate) reason: String,
}

/// A length of time in its largest unit, rounded up when it is ahead, down when it is past.
fn length(ms: i64, is_ahead: bool) -> String {
    let up = |unit: i64| if is_ahead { (ms + unit - 1) / unit } else { ms / unit };
    match ms {
        _ if ms >= 2 * DAY => format!("{}日", up(DAY)),
        _ if ms >= HOUR => format!("{}時間", up(HOUR)),
        _ => format!("{}分", up(MINUTE)),
    }
}

/// The tag of a clock that runs out at an instant.
pub(crate) fn tag(kind: &Kind, code: &str, due: Option<Instant>, now: Instant) -> Tag {
    let name = clock::short(kind, code);
    let Some(due) = due else {
        return Tag { tone: "dim", words: format!("{name} 止めています"), left: None };
    };
    let left = due.millis_since(now);
    if left <= 0 {
        return Tag {
            tone: "bad", words: format!("{name} {}すぎています", length(-left, false)), left: Some(left)
        };
    }
    let remind = clock::remind(kind, code);
    let is_soon = u128::try_from(left).is_ok_and(|left| left <= remind.as_millis());
    let tone = if is_soon { "warn" } else { "" };
    Tag { tone, words: format!("{name}まで {}", length(left, true)), left: Some(left) }
}

/// The tags of a summary, the most pressing one first.
pub(crate) fn of_summary(kind: &Kind, summary: &Summary, now: Instant) -> Vec<Tag> {
    let mut tags: Vec<Tag> = summary.clocks.iter().map(|(code, due)| tag(kind, code, *due, now)).collect();
    tags.sort_by_key(|tag| tag.left.unwrap_or(i64::MAX));
    tags
}

/// A clock of a case.
pub(crate) fn row(kind: &Kind, clock: &Clock, now: Instant) -> ClockRow {
    let due = clock.deadline.due_as_of(now);
    let is_paused = clock.is_open() && clock.state_at(now) == DeadlineState::Paused;
    let (tag, at) = match clock.met_at {
        Some(met) => {
            let kept = clock.was_kept() == Some(true);
            let words = if kept { "間に合いました" } else { "遅れました" };
            (Tag { tone: if kept { "ok" } else { "warn" }, words: words.into(), left: None }, met)
        }
        None if clock.is_void => (Tag { tone: "dim", words: "なくなりました".into(), left: None }, due),
        None => (tag(kind, &clock.code, (!is_paused).then_some(due), now), due),
    };
    let reason = clock.deadline.pauses.iter().rev().find(|pause| pause.to.is_none());
    ClockRow {
        name: clock.name.clone(),
        tag,
        at,
        is_open: clock.is_open(),
        is_paused,
        reason: reason.map(|pause| pause.reason.clone()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_says_how_long() {
        let now = Instant::from_millis(1_000 * DAY);
        let at = |ms: i64| Some(Instant::from_millis(now.millis() + ms));
        for (due, words, tone) in [
            (at(5 * HOUR), "初動まで 5時間", "warn"),
            (at(5 * HOUR + 1), "初動まで 6時間", "warn"),
            (at(20 * HOUR), "初動まで 20時間", ""),
            (at(47 * HOUR), "初動まで 47時間", ""),
            (at(2 * DAY), "初動まで 2日", ""),
            (at(1), "初動まで 1分", "warn"),
            (at(0), "初動 0分すぎています", "bad"),
            (at(-1), "初動 0分すぎています", "bad"),
            (at(-59 * MINUTE), "初動 59分すぎています", "bad"),
            (at(-HOUR), "初動 1時間すぎています", "bad"),
            (at(-2 * DAY - HOUR), "初動 2日すぎています", "bad"),
            (None, "初動 止めています", "dim"),
        ] {
            let tag = tag(&Kind::bullying(), "first_action", due, now);
            assert_eq!((tag.words.as_str(), tag.tone), (words, tone));
        }
    }
}
