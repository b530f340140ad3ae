//! Runs of the golden questions: the bot is asked all of a topic as a citizen would ask them, and it is kept what
//! came. [`crate::gate`] decides by the last run whether it may answer.
//!
//! When they run: by hand, by `madoguchi gate run`, and as a job after articles changed. That job is written by
//! [`follow`], which compares what the last runs saw with what stands in the database now, instead of by whoever
//! changes an article: no writer can forget it, and a change that was made while nothing was served is found at the
//! next start.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use calendar::{Clock, Date, Instant};
use city::Lang;
use knowledge::Library;
use store::jobs::{self, NewJob};
use store::worker::{EntropySource, JobContext, JobFailure};
use store::{Db, Entropy, FromRow, Row, Tx, changes, ids};

use crate::bot::{self, Means, Reply, Thread};
use crate::channel::coded;
use crate::clarification::{self, Clarification};
use crate::event::EventKind;
use crate::gate::CONTROL_TOPIC;
use crate::golden::{GoldenQuestion, codes};
use crate::store::golden as rows;
use crate::{ContactError, MessageKind};

pub use crate::store::golden::{failures, last_runs, runs_of};

/// The job that runs all topics.
pub const RUN: &str = "contact.golden";
/// Its lane.
pub const LANE: &str = "control";
/// How long after a change of articles they run: many changes, such as an import, give one run.
pub const DELAY: Duration = Duration::from_secs(20);
/// How often it is looked whether the runs are behind while nothing changes: a run that began before the last
/// change is followed by another.
const LOOK: Duration = Duration::from_secs(15);
/// The language model while there is none.
pub const NO_MODEL: &str = "none";

coded! {
    /// What the bot did.
    Came {
        /// It answered with an article.
        Answer = "answer",
        /// It asked which of some articles is meant.
        Choices = "choices",
        /// It said that it is not sure.
        Refused = "refused",
        /// It gave the citizen to a person.
        Person = "person",
        /// It said something else, such as a greeting.
        Other = "other",
    }
}

/// A run of a topic.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Run {
    /// Id.
    pub id: String,
    /// Code of the topic.
    pub topic: String,
    /// When.
    pub at: Instant,
    /// Who let it run: `account:ID`, `job:KIND`, `command`.
    pub actor: String,
    /// Version of the articles that were asked.
    pub index_version: i64,
    /// Check sum of the model that orders answers.
    pub ranking_model: String,
    /// Which language model put the words; [`NO_MODEL`] for none.
    pub language_model: String,
    /// Questions that went as expected.
    pub passed: i64,
    /// All questions.
    pub total: i64,
}

impl Run {
    /// Whether it reaches a mark, in percent. A run without questions reaches none.
    pub fn reaches(&self, mark: i64) -> bool {
        self.total > 0 && self.passed * 100 >= mark * self.total
    }

    /// Questions that went as expected, in whole percent, rounded down: 89.9 % are not 90.
    pub fn percent(&self) -> i64 {
        if self.total == 0 { 0 } else { self.passed * 100 / self.total }
    }
}

/// A question that did not go as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Id of the question.
    pub question: String,
    /// Its words as they were asked.
    pub words: String,
    /// Articles of which one was expected; none where it was to be refused.
    pub expected: Vec<String>,
    /// What the bot did, as [`Came`].
    pub came: String,
    /// The articles that came instead.
    pub came_articles: Vec<String>,
}

impl FromRow for Failed {
    fn from_row(row: &Row) -> store::Result<Self> {
        let (expected, came_articles): (String, String) = (row.get("expected")?, row.get("came_articles")?);
        Ok(Failed {
            question: row.get("question")?,
            words: row.get("words")?,
            expected: codes(&expected),
            came: row.get("came")?,
            came_articles: codes(&came_articles),
        })
    }
}

/// What a reply is, with the articles that it gives or offers.
fn what_came(reply: &Reply) -> (Came, Vec<String>) {
    if reply.wants_person {
        return (Came::Person, Vec::new());
    }
    match (reply.event, reply.kind) {
        (EventKind::AnsweredByBot, _) => (Came::Answer, reply.article.iter().map(|a| a.code.clone()).collect()),
        (EventKind::Refused, _) => (Came::Refused, Vec::new()),
        (_, MessageKind::Choices) => {
            let code = |c: &crate::message::Choice| c.value.strip_prefix("article:").map(str::to_owned);
            (Came::Choices, reply.content.choices.iter().filter_map(code).collect())
        }
        _ => (Came::Other, Vec::new()),
    }
}

/// Whether what came is what a question expects.
fn is_right(question: &GoldenQuestion, came: Came, articles: &[String]) -> bool {
    if question.must_refuse() {
        // A person is no answer of the bot's either.
        return matches!(came, Came::Refused | Came::Person);
    }
    matches!(came, Came::Answer | Came::Choices) && articles.iter().any(|a| question.articles.contains(a))
}

/// What was asked of one topic.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Code of the topic.
    pub topic: String,
    /// How many questions.
    pub total: i64,
    /// Those that did not go as expected.
    pub failed: Vec<Failed>,
}

/// Asks questions, with every topic open. The bot remembers nothing between them.
pub fn ask(
    library: &Library,
    clarifications: &BTreeMap<String, Vec<Clarification>>,
    questions: &[GoldenQuestion],
    today: Date,
) -> Vec<Asked> {
    let mut topics: BTreeMap<&str, Asked> = BTreeMap::new();
    for question in questions {
        let means = Means {
            library,
            clarifications: clarifications.get(&question.lang).map_or(&[], Vec::as_slice),
            is_live: &|_| true,
            today,
            lang: Lang::from_code(&question.lang).unwrap_or(Lang::Ja),
        };
        // As the words of a citizen are.
        let masked = text::private::mask(&question.words).text;
        let (came, articles) = what_came(&bot::reply(means, &Thread::default(), &masked));
        let empty = || Asked { topic: question.topic.clone(), total: 0, failed: Vec::new() };
        let asked = topics.entry(&question.topic).or_insert_with(empty);
        asked.total += 1;
        if !is_right(question, came, &articles) {
            asked.failed.push(Failed {
                question: question.id.clone(),
                words: question.words.clone(),
                expected: question.articles.clone(),
                came: came.code().into(),
                came_articles: articles,
            });
        }
    }
    topics.into_values().collect()
}

/// What a run saw, to be stored.
#[derive(Clone, Debug)]
pub struct Seen {
    asked: Vec<Asked>,
    index_version: i64,
    ranking_model: String,
}

/// Asks all questions of a topic, or of every topic. What the process has in memory is brought up to date before.
pub async fn look(
    db: &Db,
    clock: &dyn Clock,
    library: &Arc<Library>,
    topic: Option<&str>,
) -> Result<Seen, ContactError> {
    let version = changes::versions(db).await?.get(knowledge::CHANGE_TOPIC).copied().unwrap_or(0);
    if library.snapshot().version < version {
        library.refresh(db).await?;
    }
    let mut tx = db.read().await?;
    let mut questions = rows::all(&mut tx).await?;
    questions.retain(|q| topic.is_none_or(|t| q.topic == t));
    let mut clarifications = BTreeMap::new();
    for lang in Lang::ALL {
        clarifications.insert(lang.code().to_owned(), clarification::of_language(&mut tx, lang.code()).await?);
    }
    drop(tx);
    for question in &questions {
        library.prepare(&question.words).await;
    }
    let (today, own) = (clock.now().jst_date(), library.clone());
    // Hundreds of questions are work for a core, not for the event loop.
    let asking = tokio::task::spawn_blocking(move || {
        let index_version = own.snapshot().version;
        let asked = ask(&own, &clarifications, &questions, today);
        Seen { asked, index_version, ranking_model: own.ranking_model().to_owned() }
    });
    asking.await.map_err(|e| ContactError::Rule(format!("試験が途中で止まりました。もう一度試してください。（{e}）")))
}

/// Stores what was seen; every process decides anew which topics are live.
pub async fn keep(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    actor: &str,
    seen: &Seen,
) -> Result<Vec<Run>, ContactError> {
    changes::bump(tx, CONTROL_TOPIC).await?;
    let mut runs = Vec::new();
    for asked in &seen.asked {
        let failed = i64::try_from(asked.failed.len()).unwrap_or(i64::MAX);
        let run = Run {
            id: ids::new_id(clock, &mut *entropy),
            topic: asked.topic.clone(),
            at: clock.now(),
            actor: actor.into(),
            index_version: seen.index_version,
            ranking_model: seen.ranking_model.clone(),
            language_model: NO_MODEL.into(),
            passed: asked.total - failed,
            total: asked.total,
        };
        rows::insert_run(tx, &run, &asked.failed).await?;
        runs.push(run);
    }
    Ok(runs)
}

impl Seen {
    /// What did not go as expected, by topic.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }
}

/// Asks and stores.
pub async fn run(
    db: &Db,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    library: &Arc<Library>,
    topic: Option<&str>,
    actor: &str,
) -> Result<Vec<Run>, ContactError> {
    let seen = look(db, clock, library, topic).await?;
    let mut tx = db.write().await?;
    let runs = keep(&mut tx, clock, entropy, actor, &seen).await?;
    tx.commit().await?;
    Ok(runs)
}

/// Topics whose last run saw other articles or another ranking model than these, or that never ran.
pub async fn behind(tx: &mut Tx, index_version: i64, ranking_model: &str) -> Result<BTreeSet<String>, ContactError> {
    let last = rows::last_runs(tx).await?;
    let is_new = |r: &Run| r.index_version == index_version && r.ranking_model == ranking_model;
    let new: BTreeSet<&str> = last.iter().filter(|r| is_new(r)).map(|r| r.topic.as_str()).collect();
    let all = rows::counts(tx).await?;
    Ok(all.into_iter().map(|(topic, _)| topic).filter(|topic| !new.contains(topic.as_str())).collect())
}

/// Writes the job, unless it is waiting already.
pub async fn enqueue(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, run_at: Instant) -> store::Result<()> {
    let job = NewJob { dedupe_key: Some("all"), ..NewJob::new(LANE, RUN, "{}", run_at) };
    jobs::enqueue(tx, clock, entropy, job).await?;
    Ok(())
}

/// The handler of [`RUN`].
pub async fn handle(context: JobContext, library: Arc<Library>) -> Result<Tx, JobFailure> {
    let clock = context.clock.as_ref();
    let seen = look(&context.db, clock, &library, None).await?;
    let mut tx = context.db.write().await?;
    keep(&mut tx, clock, (context.entropy)().as_mut(), &format!("job:{RUN}"), &seen).await?;
    Ok(tx)
}

/// Writes the job whenever the runs are behind the articles, until the task is dropped.
pub async fn follow(db: Db, clock: Arc<dyn Clock>, entropy: EntropySource, library: Arc<Library>) {
    loop {
        let step = async {
            let version = changes::versions(&db).await?.get(knowledge::CHANGE_TOPIC).copied().unwrap_or(0);
            let mut tx = db.read().await?;
            let behind = behind(&mut tx, version, library.ranking_model()).await?;
            drop(tx);
            if !behind.is_empty() {
                let mut tx = db.write().await?;
                let run_at = Instant::from_millis(clock.now().millis() + i64::try_from(DELAY.as_millis()).unwrap_or(0));
                enqueue(&mut tx, clock.as_ref(), entropy().as_mut(), run_at).await?;
                tx.commit().await?;
            }
            match tokio::time::timeout(LOOK, changes::changed(&db, knowledge::CHANGE_TOPIC, version)).await {
                Ok(Err(error)) => Err(ContactError::Store(error)),
                // Something changed, or it is time to look again.
                Ok(Ok(_)) | Err(_) => Ok(()),
            }
        };
        if let Err(error) = step.await {
            tracing::error!(%error, "it could not be looked whether the golden questions must run; trying again");
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(passed: i64, total: i64) -> Run {
        Run {
            id: String::new(),
            topic: "moving".into(),
            at: Instant::from_millis(0),
            actor: String::new(),
            index_version: 1,
            ranking_model: String::new(),
            language_model: NO_MODEL.into(),
            passed,
            total,
        }
    }

    #[test]
    fn a_mark_is_reached_or_not() {
        assert!(run(9, 10).reaches(90) && !run(8, 9).reaches(90) && run(8, 9).reaches(88));
        assert!(!run(0, 0).reaches(0), "nothing asked is nothing passed");
        assert_eq!((run(8, 9).percent(), run(0, 0).percent(), run(3, 3).percent()), (88, 0, 100));
    }

    #[test]
    fn what_must_be_refused_is_right_only_if_it_is() {
        let question = |articles: &[&str]| GoldenQuestion {
            id: String::new(),
            topic: "moving".into(),
            lang: "ja".into(),
            words: String::new(),
            articles: articles.iter().map(|a| (*a).to_owned()).collect(),
            updated_by: String::new(),
            updated_at: Instant::from_millis(0),
        };
        let (refuse, expect) = (question(&[]), question(&["a", "b"]));
        let came = |codes: &[&str]| codes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        assert!(is_right(&refuse, Came::Refused, &[]) && is_right(&refuse, Came::Person, &[]));
        assert!(!is_right(&refuse, Came::Answer, &came(&["a"])) && !is_right(&refuse, Came::Choices, &came(&["a"])));
        assert!(is_right(&expect, Came::Answer, &came(&["b"])) && is_right(&expect, Came::Choices, &came(&["x", "a"])));
        assert!(!is_right(&expect, Came::Answer, &came(&["x"])) && !is_right(&expect, Came::Refused, &[]));
    }
}
