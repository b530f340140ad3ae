//! Which topics the bot may answer on now.
//!
//! A topic is live while its last run reached its pass mark, and nobody turned it off. Without golden questions it is
//! live only where the city says so (試験なしで答える), and not in disaster mode, in which only verified answers are
//! given.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use city::TOPICS;
use store::{Db, Tx, changes};

use crate::ContactError;
use crate::control::{ALL, Disaster, Switch};
use crate::golden_run::Run;
use crate::store::{control as switches, golden};

/// The topic of `store::changes` that goes up with whatever decides which topics are live.
pub const CONTROL_TOPIC: &str = "contact-control";
/// The setting with the pass mark of the city, in percent.
pub const PASS_MARK: &str = "contact.pass_mark";

/// Why a topic is live or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its last run reached the mark.
    Passed,
    /// The city lets it answer without a test.
    Untested,
    /// It was turned off.
    Off,
    /// All automatic answers were turned off.
    AllOff,
    /// It has no golden questions.
    NoQuestions,
    /// Its golden questions were never run.
    NeverRun,
    /// Its last run did not reach the mark.
    Failed,
    /// It answers without a test, which is not enough in disaster mode.
    Disaster,
}

impl Verdict {
    /// Whether the bot may answer.
    pub fn is_live(self) -> bool {
        matches!(self, Verdict::Passed | Verdict::Untested)
    }
}

/// A topic with all that decides about it.
#[derive(Clone, Debug)]
pub struct TopicGate {
    /// Code.
    pub topic: &'static str,
    /// The mark to reach, in percent.
    pub mark: i64,
    /// How many golden questions it has.
    pub questions: i64,
    /// Its last run.
    pub last: Option<Run>,
    /// What is set for it.
    pub switch: Option<Switch>,
    /// Why it is live or not.
    pub verdict: Verdict,
}

/// All that decides, as it stands in the database.
#[derive(Clone, Debug)]
pub struct Book {
    /// Every topic, in the order of the catalogue.
    pub topics: Vec<TopicGate>,
    /// The pass mark of the city, in percent.
    pub mark: i64,
    /// Whether all automatic answers are off, and since when.
    pub all_off: Option<Switch>,
    /// The disaster mode as it was set last.
    pub disaster: Option<Disaster>,
}

impl Book {
    /// Whether the disaster mode is on.
    pub fn is_disaster(&self) -> bool {
        self.disaster.as_ref().is_some_and(|d| d.is_on)
    }
}

/// What decides, in the order in which it counts.
fn verdict(
    questions: i64,
    last: Option<&Run>,
    mark: i64,
    set: Option<&Switch>,
    all_off: bool,
    disaster: bool,
) -> Verdict {
    if all_off {
        return Verdict::AllOff;
    }
    if set.is_some_and(|s| s.is_off) {
        return Verdict::Off;
    }
    match (questions, last) {
        (0, _) if set.is_some_and(|s| s.untested) => {
            if disaster {
                Verdict::Disaster
            } else {
                Verdict::Untested
            }
        }
        (0, _) => Verdict::NoQuestions,
        (_, None) => Verdict::NeverRun,
        (_, Some(run)) if run.reaches(mark) => Verdict::Passed,
        _ => Verdict::Failed,
    }
}

/// Reads all that decides.
pub async fn read(tx: &mut Tx) -> Result<Book, ContactError> {
    let setting = knowledge::setting::by_name(PASS_MARK).ok_or(ContactError::NotFound)?;
    let mark = setting.value(tx).await?.parse().map_err(|_| ContactError::NotFound)?;
    let mut set: BTreeMap<String, Switch> =
        switches::switches(tx).await?.into_iter().map(|s| (s.topic.clone(), s)).collect();
    let counts: BTreeMap<String, i64> = golden::counts(tx).await?.into_iter().collect();
    let mut runs: BTreeMap<String, Run> =
        golden::last_runs(tx).await?.into_iter().map(|r| (r.topic.clone(), r)).collect();
    let disaster = switches::disaster(tx).await?;
    let is_disaster = disaster.as_ref().is_some_and(|d| d.is_on);
    let all_off = set.remove(ALL).filter(|s| s.is_off);
    let topics = TOPICS.iter().map(|topic| {
        let (switch, last) = (set.remove(topic.code), runs.remove(topic.code));
        let questions = counts.get(topic.code).copied().unwrap_or(0);
        let mark = switch.as_ref().and_then(|s| s.pass_mark).unwrap_or(mark);
        let verdict = verdict(questions, last.as_ref(), mark, switch.as_ref(), all_off.is_some(), is_disaster);
        TopicGate { topic: topic.code, mark, questions, last, switch, verdict }
    });
    Ok(Book { topics: topics.collect(), mark, all_off, disaster })
}

/// Whether the disaster mode is on, as the transaction sees it.
pub(crate) async fn is_disaster(tx: &mut Tx) -> Result<bool, ContactError> {
    Ok(switches::disaster(tx).await?.is_some_and(|d| d.is_on))
}

/// One state of the gates.
#[derive(Debug, Default)]
struct State {
    /// Version of [`CONTROL_TOPIC`] at which it was read.
    version: i64,
    live: HashSet<&'static str>,
    disaster: Option<Arc<Disaster>>,
}

/// The gates of a city in memory of a process.
#[derive(Debug, Default)]
pub struct Gates {
    state: RwLock<Arc<State>>,
    /// Every topic is live whatever the database says.
    always_open: bool,
}

impl Gates {
    /// Gates that are always open, for tests of what stands behind them. The disaster mode is read all the same.
    pub fn open() -> Gates {
        Gates { always_open: true, ..Gates::default() }
    }

    /// Reads what decides. Until then, [`Gates::default`], nothing is live.
    pub async fn load(db: &Db) -> Result<Gates, ContactError> {
        let gates = Gates::default();
        gates.refresh(db).await?;
        Ok(gates)
    }

    fn state(&self) -> Arc<State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the bot may answer on a topic now.
    pub fn is_live(&self, topic: &str) -> bool {
        self.always_open || self.state().live.contains(topic)
    }

    /// The disaster mode, while it is on.
    pub fn disaster(&self) -> Option<Arc<Disaster>> {
        self.state().disaster.clone()
    }

    /// Whether a language model may put the words: not in disaster mode.
    pub fn may_use_model(&self) -> bool {
        self.state().disaster.is_none()
    }

    /// Reads again: whoever changed something sees it at once. Returns the version that was read.
    pub async fn refresh(&self, db: &Db) -> Result<i64, ContactError> {
        // The version before the rest: a change in between is read again, never missed.
        let version = changes::versions(db).await?.get(CONTROL_TOPIC).copied().unwrap_or(0);
        let mut tx = db.read().await?;
        let book = read(&mut tx).await?;
        drop(tx);
        let live = book.topics.iter().filter(|t| t.verdict.is_live()).map(|t| t.topic).collect();
        let new = State { version, live, disaster: book.disaster.filter(|d| d.is_on).map(Arc::new) };
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // Two may read at the same time; what was read before must not come over what was read after.
        if state.version <= version {
            *state = Arc::new(new);
        }
        Ok(version)
    }

    /// Follows changes until the task is dropped; errors are told and tried again.
    pub async fn follow(self: Arc<Self>, db: Db) {
        loop {
            let seen = self.state().version;
            let step = async {
                changes::changed(&db, CONTROL_TOPIC, seen).await?;
                self.refresh(&db).await
            };
            if let Err(error) = step.await {
                tracing::error!(%error, "it could not be read which topics are live; trying again");
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calendar::Instant;

    fn run(passed: i64) -> Run {
        Run {
            id: String::new(),
            topic: "tax".into(),
            at: Instant::from_millis(0),
            actor: String::new(),
            index_version: 1,
            ranking_model: String::new(),
            language_model: String::new(),
            passed,
            total: 10,
        }
    }

    fn switch(is_off: bool, untested: bool) -> Switch {
        Switch {
            topic: "tax".into(),
            is_off,
            untested,
            pass_mark: None,
            updated_by: String::new(),
            updated_at: Instant::from_millis(0),
        }
    }

    #[test]
    fn a_topic_is_live_only_for_a_reason() {
        let (good, bad) = (run(9), run(8));
        let (off, plain, untested) = (switch(true, true), switch(false, false), switch(false, true));
        for (questions, last, set, all_off, disaster, wanted) in [
            (10, Some(&good), None, false, false, Verdict::Passed),
            (10, Some(&good), Some(&plain), false, true, Verdict::Passed),
            (10, Some(&bad), None, false, false, Verdict::Failed),
            (10, Some(&bad), Some(&untested), false, false, Verdict::Failed),
            (10, None, None, false, false, Verdict::NeverRun),
            (0, Some(&good), Some(&plain), false, false, Verdict::NoQuestions),
            (0, None, Some(&untested), false, false, Verdict::Untested),
            (0, None, Some(&untested), false, true, Verdict::Disaster),
            (10, Some(&good), Some(&off), false, false, Verdict::Off),
            (10, Some(&good), None, true, false, Verdict::AllOff),
        ] {
            assert_eq!(verdict(questions, last, 90, set, all_off, disaster), wanted);
        }
        assert_eq!(verdict(10, Some(&good), 95, None, false, false), Verdict::Failed);
        assert!(Verdict::Passed.is_live() && Verdict::Untested.is_live() && !Verdict::Disaster.is_live());
    }

    #[test]
    fn nothing_is_live_before_it_was_read_and_all_is_where_it_is_open() {
        assert!(!Gates::default().is_live("moving"));
        assert!(Gates::open().is_live("moving") && Gates::open().is_live("unknown"));
        assert!(Gates::open().may_use_model());
    }
}
