//! Walks all chains and finds what was done to them behind the city's back.
//!
//! An event whose HMAC is wrong was changed, or put in, or stands in the wrong place. Which of these is
//! seen by the event that fits next: one that follows on the wrong event's own HMAC says that the place
//! was right and the content is not; one that follows on the last right event says that what stands
//! between does not belong there.

use std::collections::BTreeMap;

use calendar::Instant;
use serde::Serialize;

use super::export::Exported;
use super::{Head, Recorded, chain, heads};
use crate::{FromRow, Result, Tx, params};

/// Problems that a report names; more are only counted.
const NAMED: usize = 1000;
/// Wrong events in a row that are remembered, to be found at another place.
const REMEMBERED: usize = 16;
/// Events between two words about progress.
const STEP: u64 = 1000;

/// What is wrong with a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Events do not match their HMAC.
    Changed,
    /// Events stand where none belongs.
    Inserted,
    /// Events are missing.
    Removed,
    /// Events are there in another order.
    Reordered,
    /// The stream's row of its head says something else than its events.
    Head,
    /// The stream's row of its head is missing.
    HeadMissing,
    /// The stream is shorter than when its head was exported.
    Cut,
    /// An event is not the one whose head was exported.
    Rewritten,
    /// No event of a stream is left whose head was exported.
    StreamMissing,
}

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where.
    pub stream: String,
    /// The first event concerned.
    pub seq: i64,
    /// What.
    pub kind: Kind,
    /// The same for people.
    pub sentence: String,
}

/// What a walk over all chains found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Streams with events.
    pub streams: u64,
    /// Events.
    pub events: u64,
    /// Instant of the last export compared with. What was recorded later could be cut off unnoticed;
    /// without an export that holds for every stream's last events.
    pub exported_at: Option<Instant>,
    /// The first thousand problems, by stream.
    pub problems: Vec<Problem>,
    /// All problems.
    pub found: u64,
}

impl Report {
    fn add(&mut self, stream: &str, seq: i64, kind: Kind, sentence: impl Into<String>) {
        self.found += 1;
        if self.problems.len() < NAMED {
            self.problems.push(Problem { stream: stream.to_owned(), seq, kind, sentence: sentence.into() });
        }
    }
}

/// Checks every event of every stream and, if there are exported heads, that nothing was cut off since.
/// Takes memory for the streams, not for the events. `progress` is told the events looked at so far.
/// Fails without the city's key.
pub async fn verify(tx: &mut Tx, exported: Option<&Exported>, mut progress: impl FnMut(u64)) -> Result<Report> {
    let key = tx.key()?.derive("audit");
    let by_name = |heads: Vec<Head>| heads.into_iter().map(|head| (head.stream.clone(), head)).collect();
    let mut walk = Walk {
        key,
        heads: by_name(heads(tx).await?),
        exported: by_name(exported.map(|e| e.heads.clone()).unwrap_or_default()),
        report: Report { exported_at: exported.and_then(|e| e.at), ..Report::default() },
        stream: None,
    };
    tx.for_each(
        "SELECT stream, seq, at, actor, action, object_kind, object, fields, mac FROM audit_event
         ORDER BY stream, seq",
        params![],
        |row| {
            walk.event(Recorded::from_row(&row)?);
            if walk.report.events.is_multiple_of(STEP) {
                progress(walk.report.events);
            }
            Ok(())
        },
    )
    .await?;
    progress(walk.report.events);
    Ok(walk.finish())
}

struct Walk {
    key: [u8; 32],
    /// Rows of heads whose streams were not met yet.
    heads: BTreeMap<String, Head>,
    /// Exported heads whose streams were not met yet.
    exported: BTreeMap<String, Head>,
    report: Report,
    stream: Option<Stream>,
}

/// A stream half way.
struct Stream {
    name: String,
    head: Option<Head>,
    exported: Option<Head>,
    /// Place of the last event that was met, and its HMAC, right or wrong.
    seq: i64,
    last: String,
    /// HMAC of the last event that was right, and the place of the one that follows on it.
    right: String,
    next: i64,
    /// Wrong ones since: the first and last place, and the first events themselves.
    wrong: Option<(i64, i64)>,
    remembered: Vec<Recorded>,
}

/// Places of events, for a sentence.
fn places(first: i64, last: i64) -> String {
    if first == last { format!("event {first}") } else { format!("events {first} to {last}") }
}

impl Walk {
    fn event(&mut self, event: Recorded) {
        if self.stream.as_ref().is_none_or(|stream| stream.name != event.stream) {
            self.end();
            self.report.streams += 1;
            self.stream = Some(Stream::new(
                event.stream.clone(),
                self.heads.remove(&event.stream),
                self.exported.remove(&event.stream),
            ));
        }
        self.report.events += 1;
        if let Some(stream) = &mut self.stream {
            stream.event(&self.key, event, &mut self.report);
        }
    }

    /// Ends the present stream.
    fn end(&mut self) {
        if let Some(stream) = self.stream.take() {
            stream.end(&mut self.report);
        }
    }

    fn finish(mut self) -> Report {
        self.end();
        let Walk { heads, mut exported, mut report, .. } = self;
        for (stream, head) in heads {
            exported.remove(&stream);
            let sentence = format!("all of its {} event(s) were removed", head.events);
            report.add(&stream, 1, Kind::StreamMissing, sentence);
        }
        for (stream, head) in exported {
            let sentence = format!("it had {} event(s) when its head was exported and is gone", head.events);
            report.add(&stream, 1, Kind::StreamMissing, sentence);
        }
        report
    }
}

impl Stream {
    fn new(name: String, head: Option<Head>, exported: Option<Head>) -> Self {
        Stream {
            name,
            head,
            exported,
            seq: 0,
            last: String::new(),
            right: String::new(),
            next: 1,
            wrong: None,
            remembered: Vec::new(),
        }
    }

    fn event(&mut self, key: &[u8; 32], event: Recorded, report: &mut Report) {
        if event.seq < 1 {
            report.add(&self.name, event.seq, Kind::Inserted, "it was put in before the first place");
            return;
        }
        if event.seq != self.seq + 1 {
            self.gap(&event, report);
        } else if chain(key, &event, self.next, &self.right) == event.mac {
            self.follows_on_the_last_right_one(key, &event, report);
        } else if self.next != event.seq && chain(key, &event, event.seq, &self.last) == event.mac {
            self.changed(report);
            self.go_on_after(&event, event.seq);
        } else {
            let first = self.wrong.map_or(event.seq, |(first, _)| first);
            self.wrong = Some((first, event.seq));
            if self.remembered.len() < REMEMBERED {
                self.remembered.push(event.clone());
            }
        }
        if let Some(exported) = self.exported.take_if(|head| head.events == event.seq)
            && exported.mac != event.mac
        {
            let sentence = "it is not the event that was there when its head was exported";
            report.add(&self.name, event.seq, Kind::Rewritten, sentence);
        }
        self.seq = event.seq;
        self.last = event.mac;
    }

    fn go_on_after(&mut self, event: &Recorded, place: i64) {
        self.right.clone_from(&event.mac);
        self.next = place + 1;
    }

    /// Places are left out, so nothing tells whether the event behind them is right.
    fn gap(&mut self, event: &Recorded, report: &mut Report) {
        self.changed(report);
        let what = places(self.seq + 1, event.seq - 1);
        let sentence = format!("{what}: removed; event {} cannot be checked without the one before it", event.seq);
        report.add(&self.name, self.seq + 1, Kind::Removed, sentence);
        self.go_on_after(event, event.seq);
    }

    fn follows_on_the_last_right_one(&mut self, key: &[u8; 32], event: &Recorded, report: &mut Report) {
        let place = self.next;
        self.go_on_after(event, place);
        let Some((first, last)) = self.wrong.take() else { return };
        // What was passed over may follow now: then it only stood too early.
        let mut remembered = std::mem::take(&mut self.remembered);
        let mut early = 0;
        while let Some(found) = remembered.iter().position(|r| chain(key, r, self.next, &self.right) == r.mac) {
            let row = remembered.remove(found);
            let place = self.next;
            self.go_on_after(&row, place);
            early += 1;
        }
        if early > 0 {
            let sentence = format!("{}: not in the order in which they were recorded", places(first, event.seq));
            report.add(&self.name, first, Kind::Reordered, sentence);
        }
        if early < last - first + 1 {
            let sentence = format!("{}: put in, they were never recorded here", places(first, last));
            report.add(&self.name, first, Kind::Inserted, sentence);
        }
    }

    /// Whatever was wrong up to now is wrong in its content.
    fn changed(&mut self, report: &mut Report) {
        self.remembered.clear();
        if let Some((first, last)) = self.wrong.take() {
            let sentence = format!(
                "{}: do not match their seal; they were changed, or added, or others before them were removed",
                places(first, last)
            );
            report.add(&self.name, first, Kind::Changed, sentence);
        }
    }

    fn end(mut self, report: &mut Report) {
        self.changed(report);
        match &self.head {
            None => {
                let sentence = "the row of its head is missing although it has events";
                report.add(&self.name, self.seq, Kind::HeadMissing, sentence);
            }
            Some(head) if head.events > self.seq => {
                let what = places(self.seq + 1, head.events);
                report.add(&self.name, self.seq + 1, Kind::Removed, format!("{what}: removed from its end"));
            }
            Some(head) if head.events < self.seq || head.mac != self.last => {
                let sentence = format!("the row of its head does not match its last event, {}", self.seq);
                report.add(&self.name, self.seq, Kind::Head, sentence);
            }
            Some(_) => {}
        }
        // Still there if its place was never met.
        if let Some(exported) = self.exported.filter(|head| head.events > self.seq) {
            let sentence = format!(
                "it had {} events when its head was exported and has {}: the last ones were cut off",
                exported.events, self.seq
            );
            report.add(&self.name, self.seq + 1, Kind::Cut, sentence);
        }
    }
}
