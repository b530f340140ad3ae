//! What gives vectors, how it is, and vectors of questions that were asked lately.
//!
//! After some failures in a row it is left alone for a while, so that nobody waits for a service that is down. Cities
//! of a process share it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use calendar::{Clock, Instant};
use vectors::{EmbedError, Embedder};

/// Failures in a row after which it is left alone, for how long at first and at most. Doubled by each further one.
const PATIENCE: u32 = 3;
const FIRST_REST: Duration = Duration::from_secs(30);
const LONGEST_REST: Duration = Duration::from_secs(300);
/// While one request tries after a rest, the others go on without.
const TRYING: Duration = Duration::from_secs(5);
/// Questions whose vectors are kept in memory, and the longest of them, in characters.
const QUESTIONS: usize = 512;
const LONGEST_QUESTION: usize = 400;

/// What of a question is sent: long numbers and addresses of mail and telephone are masked, as where words are kept.
fn sent(question: &str) -> String {
    crate::miss::clean(question)
}

/// Whether a failure is about the text: too long for the model, or not to be read by it.
pub(crate) fn is_of_the_text(error: &EmbedError) -> bool {
    matches!(error, EmbedError::Status(400 | 413 | 422) | EmbedError::Tokenizer(_))
}

/// What is wrong with the vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorFault {
    /// Since when nothing came.
    pub since: Instant,
    /// What the last attempt met.
    pub why: EmbedError,
}

#[derive(Default)]
struct State {
    questions: HashMap<String, (Arc<[f32]>, u64)>,
    /// Counts what is looked up, to tell what was used long ago.
    turn: u64,
    /// Numbers of a vector, once one was seen.
    size: Option<usize>,
    fault: Option<VectorFault>,
    in_a_row: u32,
    rests_until: Option<Instant>,
}

/// See the module.
pub struct VectorState {
    embedder: Embedder,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    asked: AtomicU64,
    failed: AtomicU64,
}

impl VectorState {
    /// With nothing known yet.
    pub fn new(embedder: Embedder, clock: Arc<dyn Clock>) -> Self {
        VectorState { embedder, clock, state: Mutex::default(), asked: AtomicU64::new(0), failed: AtomicU64::new(0) }
    }

    /// Which vectors these are.
    pub fn identity(&self) -> String {
        self.embedder.identity()
    }

    /// Whether what citizens ask is sent to a service outside.
    pub fn is_remote(&self) -> bool {
        self.embedder.is_remote()
    }

    /// Texts that are embedded at a time.
    pub(crate) fn batch(&self) -> usize {
        self.embedder.batch()
    }

    /// What is wrong, if the last attempt failed.
    pub fn fault(&self) -> Option<VectorFault> {
        self.state().fault.clone()
    }

    /// Requests, and how many of them failed, since the start.
    pub fn counts(&self) -> (u64, u64) {
        (self.asked.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The vector of a question without waiting: of a model in memory, or of what was fetched before.
    pub fn at_hand(&self, question: &str) -> Option<Arc<[f32]>> {
        match &self.embedder {
            // A question that the model cannot read says nothing of the model.
            Embedder::Local(model) => model.embed(question).ok().map(Into::into),
            Embedder::Remote(_) => {
                let mut state = self.state();
                state.turn += 1;
                let turn = state.turn;
                let (vector, used) = state.questions.get_mut(&sent(question))?;
                *used = turn;
                Some(vector.clone())
            }
        }
    }

    /// Fetches the vector of a question, so that it is at hand. Nothing is fetched while the service rests; whatever
    /// fails is noted, and the question is answered without.
    pub async fn fetch(&self, question: &str) {
        let sensible = !question.is_empty() && question.chars().count() <= LONGEST_QUESTION;
        if !self.is_remote() || !sensible || self.at_hand(question).is_some() || self.rest().is_some() {
            return;
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let question = sent(question);
        let found = self.embedder.embed_question(&question).await.and_then(|vector| {
            self.fits(&vector)?;
            Ok(vector)
        });
        self.note(found.as_ref().map(drop));
        let Ok(vector) = found else { return };
        let mut state = self.state();
        if state.questions.len() >= QUESTIONS
            && let Some(oldest) = state.questions.iter().min_by_key(|(_, (_, used))| *used).map(|(q, _)| q.clone())
        {
            state.questions.remove(&oldest);
        }
        state.turn += 1;
        let turn = state.turn;
        state.questions.insert(question, (vector.into(), turn));
    }

    /// Asks for a vector, whatever was met before. Returns how many numbers it has.
    pub async fn sample(&self) -> Result<usize, EmbedError> {
        let found = self.embed(&["引っ越しの届け出".to_owned()]).await?;
        Ok(found.first().map_or(0, |vector| vector.len()))
    }

    /// Vectors of texts of articles.
    pub(crate) async fn embed(&self, texts: &[String]) -> Result<Vec<Arc<[f32]>>, EmbedError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let found = self.embedder.embed(texts).await.and_then(|found| {
            found.iter().try_for_each(|vector| self.fits(vector))?;
            Ok(found)
        });
        match &found {
            // The service is there; it is the text that it does not take.
            Err(error) if is_of_the_text(error) => {
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
            _ => self.note(found.as_ref().map(drop)),
        }
        Ok(found?.into_iter().map(Arc::from).collect())
    }

    /// Whether a vector is of the size of those before it.
    pub(crate) fn fits(&self, vector: &[f32]) -> Result<(), EmbedError> {
        let expected = *self.state().size.get_or_insert(vector.len());
        if vector.len() == expected { Ok(()) } else { Err(EmbedError::Size { expected, got: vector.len() }) }
    }

    /// How long the service is still left alone. Whoever gets none is the one that tries.
    pub(crate) fn rest(&self) -> Option<Duration> {
        let now = self.clock.now();
        let mut state = self.state();
        if let Some(until) = state.rests_until.filter(|until| *until > now) {
            return Some(Duration::from_millis(u64::try_from(until.millis() - now.millis()).unwrap_or(0)));
        }
        if state.rests_until.is_some() {
            state.rests_until = Some(now.plus(TRYING));
        }
        None
    }

    fn note(&self, outcome: Result<(), &EmbedError>) {
        let now = self.clock.now();
        let mut state = self.state();
        let Err(why) = outcome else {
            if state.fault.take().is_some() {
                tracing::info!("vectors are there again");
            }
            (state.in_a_row, state.rests_until) = (0, None);
            return;
        };
        self.failed.fetch_add(1, Ordering::Relaxed);
        state.in_a_row += 1;
        if state.in_a_row >= PATIENCE {
            let doubled = FIRST_REST.saturating_mul(1 << (state.in_a_row - PATIENCE).min(8));
            state.rests_until = Some(now.plus(doubled.min(LONGEST_REST)));
        }
        let since = state.fault.as_ref().map_or(now, |fault| fault.since);
        if state.fault.as_ref().is_none_or(|fault| fault.why != *why) {
            tracing::warn!(%why, "no vectors; questions are answered without");
        }
        state.fault = Some(VectorFault { since, why: why.clone() });
    }
}
