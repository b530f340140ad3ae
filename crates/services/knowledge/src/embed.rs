//! Vectors of articles: what is embedded, where it is kept, and how it comes into the index.
//!
//! Of each article two texts are embedded, in its main language: its question; and question, summary and the beginning
//! of the answer. A vector is kept under the digest of its model and text, in memory and in the database, so that only
//! what changed is embedded again, and nothing after a restart.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use search::{Embedded, Field, Index, Texts};
use store::{Db, Tx};
use tokio::sync::Notify;
use vectors::EmbedError;

use crate::vector_state::is_of_the_text;
use crate::{Article, KnowledgeError, Library, VectorState};

/// Characters of the answer that are embedded with the summary.
const BEGINNING: usize = 400;
/// How long after a failure articles are tried again, unless the service rests longer.
const AGAIN: Duration = Duration::from_secs(10);

/// The two texts of an article, as fields of the index have them.
pub(crate) fn embedded_texts(texts: &Texts) -> [String; 2] {
    let first = |field: Field| texts.fields[field as usize].first().map_or("", String::as_str);
    let title = first(Field::Question).to_owned();
    let beginning: String = first(Field::Answer).chars().take(BEGINNING).collect();
    let whole = [title.as_str(), first(Field::Summary), &beginning].join("\n");
    [title, whole]
}

/// Under which the vectors of an article are kept.
pub(crate) struct Keys {
    title: String,
    whole: String,
}

fn key(model: &str, text: &str) -> String {
    store::ids::digest(&format!("{model}\0{text}"))
}

impl Keys {
    pub(crate) fn of(model: &str, article: &Article) -> Self {
        let [title, whole] = embedded_texts(&crate::library::texts(&article.content));
        Keys { title: key(model, &title), whole: key(model, &whole) }
    }
}

/// Vectors by key.
#[derive(Default)]
struct Vectors {
    by_key: HashMap<String, Arc<[f32]>>,
    /// Of texts that the model does not take; they are not tried again before the next start.
    refused: HashSet<String>,
    /// Whether those of the database were read.
    recalled: bool,
}

/// The vectors of a library.
#[derive(Default)]
pub(crate) struct Kept {
    vectors: Mutex<Vectors>,
    /// Told when an article lacks its vectors.
    lacking: Notify,
}

impl Kept {
    fn vectors(&self) -> MutexGuard<'_, Vectors> {
        self.vectors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an index the vectors of its documents as far as there are any. Also returns whether some lack theirs.
    pub(crate) fn give(&self, index: Index, keys: &[Option<Arc<Keys>>]) -> (Index, bool) {
        let vectors = self.vectors();
        let get = |key: &String| vectors.by_key.get(key).cloned();
        let embedded: Vec<Option<Embedded>> = keys
            .iter()
            .map(|keys| keys.as_ref().and_then(|k| Some(Embedded { title: get(&k.title)?, whole: get(&k.whole)? })))
            .collect();
        let lacks = keys.iter().zip(&embedded).any(|(keys, embedded)| keys.is_some() && embedded.is_none());
        (if embedded.iter().all(Option::is_none) { index } else { index.with_vectors(&embedded) }, lacks)
    }

    /// Wakes whoever embeds, once what lacks its vectors can be seen.
    pub(crate) fn tell_lacking(&self) {
        self.lacking.notify_one();
    }
}

/// What became of the articles' vectors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Texts that were embedded.
    pub embedded: usize,
    /// Texts that the model does not take.
    pub refused: usize,
    /// Vectors that no article needs any more.
    pub swept: usize,
    /// What the last attempt met, if not all could be embedded.
    pub failed: Option<EmbedError>,
}

impl Library {
    /// Reads the stored vectors of the model once.
    pub(crate) async fn recall(&self, tx: &mut Tx) -> Result<(), KnowledgeError> {
        let Some(state) = &self.reading().vectors else { return Ok(()) };
        if self.kept.vectors().recalled {
            return Ok(());
        }
        let stored = crate::store::vector::of_model(tx, &state.identity()).await?;
        let mut kept = self.kept.vectors();
        // One of another size would be an error of every question; without it the article is embedded again.
        kept.by_key.extend(stored.into_iter().filter(|(_, vector)| state.fits(vector).is_ok()));
        kept.recalled = true;
        Ok(())
    }

    /// Makes the vector of a question ready, where it comes from a service: what follows has it at hand.
    pub async fn prepare(&self, asked: &str) {
        if let Some(state) = &self.reading().vectors {
            state.fetch(asked).await;
        }
    }

    /// Embeds what lacks a vector, keeps it, and sweeps what is not needed. What came until a failure is kept too.
    pub async fn embed(self: &Arc<Self>, db: &Db) -> Result<Filled, KnowledgeError> {
        let Some(state) = self.reading().vectors.clone() else { return Ok(Filled::default()) };
        let model = state.identity();
        let mut wanted: HashMap<String, String> = HashMap::new();
        for article in &self.snapshot().articles {
            for text in embedded_texts(&crate::library::texts(&article.content)) {
                wanted.insert(key(&model, &text), text);
            }
        }
        let mut lacking: Vec<(String, String)> = {
            let kept = self.kept.vectors();
            wanted
                .iter()
                .filter(|(key, _)| !kept.by_key.contains_key(*key) && !kept.refused.contains(*key))
                .map(|(k, t)| (k.clone(), t.clone()))
                .collect()
        };
        lacking.sort_unstable();
        let mut filled = Filled::default();
        let mut batches: VecDeque<&[(String, String)]> = lacking.chunks(state.batch()).collect();
        while let Some(batch) = batches.pop_front() {
            let texts: Vec<String> = batch.iter().map(|(_, text)| text.clone()).collect();
            // No connection to the database is held while something outside is asked.
            let found = match state.embed(&texts).await {
                Ok(found) => found,
                // One of them: each is sent alone, and that one is left out.
                Err(error) if is_of_the_text(&error) && batch.len() > 1 => {
                    batches.extend(batch.chunks(1));
                    continue;
                }
                Err(error) if is_of_the_text(&error) => {
                    tracing::warn!(%error, "a text of an article is not taken by the vector model");
                    filled.refused += 1;
                    self.kept.vectors().refused.extend(batch.iter().map(|(key, _)| key.clone()));
                    continue;
                }
                Err(error) => {
                    filled.failed = Some(error);
                    break;
                }
            };
            let mut tx = db.write().await?;
            for ((key, _), vector) in batch.iter().zip(&found) {
                crate::store::vector::put(&mut tx, key, &model, vector).await?;
            }
            tx.commit().await?;
            filled.embedded += found.len();
            let keys = batch.iter().map(|(key, _)| key.clone());
            self.kept.vectors().by_key.extend(keys.zip(found));
        }
        if filled.failed.is_none() {
            filled.swept = self.sweep(db, &wanted.keys().cloned().collect()).await?;
        }
        if filled.embedded > 0 {
            self.refresh(db).await?;
        }
        Ok(filled)
    }

    /// Forgets vectors of texts and models that are no more.
    async fn sweep(&self, db: &Db, wanted: &HashSet<String>) -> Result<usize, KnowledgeError> {
        self.kept.vectors().by_key.retain(|key, _| wanted.contains(key));
        let mut tx = db.read().await?;
        let stored = crate::store::vector::hashes(&mut tx).await?;
        drop(tx);
        let unused: Vec<&String> = stored.iter().filter(|hash| !wanted.contains(*hash)).collect();
        if !unused.is_empty() {
            let mut tx = db.write().await?;
            for hash in &unused {
                crate::store::vector::remove(&mut tx, hash).await?;
            }
            tx.commit().await?;
        }
        Ok(unused.len())
    }

    /// Keeps the vectors up with the articles until the task is dropped; failures are told and tried again.
    pub async fn follow_vectors(self: Arc<Self>, db: Db) {
        let Some(state) = self.reading().vectors.clone() else { return };
        loop {
            if let Some(rest) = state.rest() {
                tokio::time::sleep(rest).await;
                continue;
            }
            match self.embed(&db).await {
                Ok(Filled { failed: None, embedded, refused, swept }) => {
                    if embedded + refused + swept > 0 {
                        tracing::info!(embedded, refused, swept, "vectors of articles");
                    }
                    self.kept.lacking.notified().await;
                }
                Ok(Filled { failed: Some(_), .. }) => tokio::time::sleep(AGAIN).await,
                Err(error) => {
                    tracing::error!(%error, "vectors of articles could not be kept; trying again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }
}

/// Vectors of texts and questions that belong to no library: for learning and measuring.
#[derive(Clone, Debug, Default)]
pub struct SetVectors {
    /// Of each text.
    pub documents: Vec<Option<Embedded>>,
    /// Of each question.
    pub questions: Vec<Arc<[f32]>>,
}

impl SetVectors {
    /// Embeds everything; the first failure ends it.
    pub async fn of(state: &VectorState, texts: &[Texts], questions: &[String]) -> Result<Self, EmbedError> {
        let pairs: Vec<[String; 2]> = texts.iter().map(embedded_texts).collect();
        let vectors = all(state, pairs.as_flattened()).await?;
        let documents = vectors.as_chunks::<2>().0.iter();
        let documents = documents.map(|[title, whole]| Some(Embedded { title: title.clone(), whole: whole.clone() }));
        Ok(SetVectors { documents: documents.collect(), questions: all(state, questions).await? })
    }
}

async fn all(state: &VectorState, texts: &[String]) -> Result<Vec<Arc<[f32]>>, EmbedError> {
    let mut found = Vec::with_capacity(texts.len());
    for batch in texts.chunks(state.batch()) {
        found.extend(state.embed(batch).await?);
    }
    Ok(found)
}
