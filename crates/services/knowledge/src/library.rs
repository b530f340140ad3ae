//! The library: all articles in memory with their index, fresh within a second of a change anywhere.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use search::thesaurus::{Lexicon, Relation};
use search::{Document, Field, Index, Latent, Query, Texts, Vocabulary, analyse_all};
use store::{Db, changes};
use text::Analyzer;

use crate::reading::Reading;
use crate::store::article::Head;
use crate::suggest::Suggestible;
use crate::thesaurus::{CityRelation, THESAURUS_TOPIC};
use crate::wording::WORDING_TOPIC;
use crate::{Article, CHANGE_TOPIC, KnowledgeError};

/// One state of the library; immutable.
pub struct Snapshot {
    /// Articles, numbered as in the index.
    pub articles: Vec<Arc<Article>>,
    by_code: HashMap<String, usize>,
    /// What of each article is compared with what somebody types.
    pub(crate) suggestible: Vec<Arc<Suggestible>>,
    /// The index over them.
    pub index: Index,
    /// The city's own relations.
    pub(crate) relations: Arc<Vec<CityRelation>>,
    /// What may stand for a word: the program's thesaurus with these.
    pub(crate) lexicon: Arc<Lexicon>,
    /// The version of the change topic at which it was read.
    pub version: i64,
}

impl Snapshot {
    /// The article with a code, shown or not.
    pub fn by_code(&self, code: &str) -> Option<&Arc<Article>> {
        self.by_code.get(code).map(|i| &self.articles[*i])
    }
}

/// Wordings by the id of their article.
type Wordings = HashMap<String, Vec<String>>;

/// An article with what analysis made of it.
struct Analysed {
    article: Arc<Article>,
    document: Arc<Document>,
    suggestible: Arc<Suggestible>,
}

/// What analysis made of each article; kept so that a change costs only what changed.
#[derive(Default)]
struct Known {
    vocabulary: Arc<Vocabulary>,
    articles: HashMap<String, Analysed>,
    /// How people put what an article answers, by its id, and the version of the topic at which it was read.
    wordings: Wordings,
    wordings_at: Option<i64>,
    /// The city's relations with the lexicon that they make, and the version of the topic at which they were read.
    thesaurus: Option<(Arc<Vec<CityRelation>>, Arc<Lexicon>, i64)>,
    /// Words that are kin in the program's thesaurus, by number in the vocabulary.
    kin: Vec<Vec<u32>>,
    /// What was learnt of the words, and how many articles came or changed since.
    latent: Option<(Arc<Latent>, usize)>,
}

/// When more than one article in so many came or changed, the directions of words are learnt anew. Until then a
/// change costs only what changed.
const LEARN_ANEW: usize = 20;

/// The library of a city.
pub struct Library {
    reading: Reading,
    state: RwLock<Arc<Snapshot>>,
    known: Mutex<Known>,
}

impl Library {
    /// An empty library; [`Library::refresh`] fills it.
    pub fn new(reading: Reading) -> Self {
        let empty = Snapshot {
            articles: Vec::new(),
            by_code: HashMap::new(),
            suggestible: Vec::new(),
            index: Index::new(Arc::default(), Vec::new(), &[]),
            relations: Arc::default(),
            lexicon: reading.lexicon.clone(),
            version: -1,
        };
        Library { reading, state: RwLock::new(Arc::new(empty)), known: Mutex::default() }
    }

    /// How questions are read.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The analyzer.
    pub fn analyzer(&self) -> &Arc<Analyzer> {
        &self.reading.analyzer
    }

    /// A question as the index looks it up.
    pub(crate) fn query(&self, snapshot: &Snapshot, asked: &str) -> Query {
        Query::new(&self.reading.analyzer, snapshot.index.vocabulary(), &snapshot.lexicon, asked)
    }

    /// The present state.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads what changed and makes a new state. Returns the version that was read.
    pub async fn refresh(self: &Arc<Self>, db: &Db) -> Result<i64, KnowledgeError> {
        // The version is read before the articles: a change in between is seen again, never missed.
        let versions = changes::versions(db).await?;
        let of = |topic: &str| versions.get(topic).copied().unwrap_or(0);
        let (version, wordings_at, thesaurus_at) = (of(CHANGE_TOPIC), of(WORDING_TOPIC), of(THESAURUS_TOPIC));
        let mut tx = db.read().await?;
        let heads = crate::store::article::heads(&mut tx).await?;
        let (read_wordings, read_thesaurus) = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let thesaurus = known.thesaurus.as_ref().map(|(_, _, at)| *at);
            (known.wordings_at != Some(wordings_at), thesaurus != Some(thesaurus_at))
        };
        let wordings = if read_wordings { Some(crate::store::wording::all(&mut tx).await?) } else { None };
        let relations = if read_thesaurus { Some(crate::store::thesaurus::all(&mut tx).await?) } else { None };
        let stale: Vec<String> = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let mut reworded: HashSet<&String> = HashSet::new();
            if let Some(new) = &wordings {
                let ids = new.keys().chain(known.wordings.keys());
                reworded = ids.filter(|id| new.get(*id) != known.wordings.get(*id)).collect();
            }
            let is_known = |h: &&Head| known.articles.get(&h.id).is_some_and(|a| a.article.version == h.version);
            let stale = heads.iter().filter(|h| !is_known(h) || reworded.contains(&h.id));
            stale.map(|h| h.id.clone()).collect()
        };
        let fresh = crate::store::article::articles(&mut tx, &stale).await?;
        drop(tx);
        let this = self.clone();
        // Analysis and index are work for a core, not for the event loop.
        tokio::task::spawn_blocking(move || {
            if let Some(relations) = relations {
                this.learn(relations, thesaurus_at);
            }
            this.rebuild(version, &heads, fresh, wordings.map(|all| (all, wordings_at)))
        })
        .await
        .map_err(|e| KnowledgeError::File { file: "index".into(), reason: e.to_string() })?;
        Ok(version)
    }

    /// Makes the lexicon of the city anew.
    fn learn(&self, relations: Vec<CityRelation>, at: i64) {
        let words: Vec<Relation> = relations.iter().map(|r| r.relation.clone()).collect();
        let lexicon = self.reading.lexicon_with(&words);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.thesaurus = Some((Arc::new(relations), lexicon, at));
    }

    fn rebuild(&self, version: i64, heads: &[Head], fresh: Vec<Article>, wordings: Option<(Wordings, i64)>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((all, at)) = wordings {
            (known.wordings, known.wordings_at) = (all, Some(at));
        }
        let with_wordings = |a: &Article| {
            let mut texts = texts(&a.content);
            for wording in known.wordings.get(&a.id).into_iter().flatten() {
                texts.push(Field::Asked, wording);
            }
            texts
        };
        let texts: Vec<Texts> = fresh.iter().map(with_wordings).collect();
        let mut vocabulary = known.vocabulary.clone();
        known.vocabulary = Arc::default();
        let changed = texts.len();
        let documents = analyse_all(&self.reading.analyzer, &mut vocabulary, &texts);
        if known.kin.is_empty() {
            known.kin = self.reading.lexicon.kin(Arc::make_mut(&mut vocabulary));
        }
        known.vocabulary = vocabulary;
        for (article, document) in fresh.into_iter().zip(documents) {
            let suggestible = Arc::new(Suggestible::of(&self.reading.analyzer, &article.content));
            let id = article.id.clone();
            known.articles.insert(id, Analysed { article: Arc::new(article), document, suggestible });
        }
        if known.articles.len() > heads.len() {
            let there: HashSet<&str> = heads.iter().map(|h| h.id.as_str()).collect();
            known.articles.retain(|id, _| there.contains(id.as_str()));
        }
        let there: Vec<&Analysed> = heads.iter().filter_map(|h| known.articles.get(&h.id)).collect();
        let articles: Vec<Arc<Article>> = there.iter().map(|a| a.article.clone()).collect();
        let documents = there.iter().map(|a| a.document.clone()).collect();
        let suggestible = there.iter().map(|a| a.suggestible.clone()).collect();
        let by_code = articles.iter().enumerate().map(|(i, a)| (a.code.clone(), i)).collect();
        let since = known.latent.as_ref().map_or(usize::MAX, |(_, since)| since.saturating_add(changed));
        let vocabulary = known.vocabulary.clone();
        let index = match &known.latent {
            Some((latent, _)) if since.saturating_mul(LEARN_ANEW) <= articles.len() => {
                let latent = latent.clone();
                known.latent = Some((latent.clone(), since));
                Index::with_latent(vocabulary, documents, latent)
            }
            _ => {
                let index = Index::new(vocabulary, documents, &known.kin);
                known.latent = Some((index.latent().clone(), 0));
                index
            }
        };
        let (relations, lexicon) = match &known.thesaurus {
            Some((relations, lexicon, _)) => (relations.clone(), lexicon.clone()),
            None => (Arc::default(), self.reading.lexicon.clone()),
        };
        let snapshot = Arc::new(Snapshot { articles, by_code, suggestible, index, relations, lexicon, version });
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    /// Follows changes until the task is dropped; errors are told and tried again.
    pub async fn follow(self: Arc<Self>, db: Db) {
        loop {
            let seen = self.snapshot().version;
            let step = async {
                changes::changed(&db, CHANGE_TOPIC, seen).await?;
                self.refresh(&db).await
            };
            if let Err(error) = step.await {
                tracing::error!(%error, "the index could not be refreshed; trying again");
                tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            }
        }
    }
}

/// The texts of an article by field, Japanese first.
pub(crate) fn texts(content: &crate::Content) -> Texts {
    let mut texts = Texts::default();
    for text in content.texts.values() {
        texts.push(Field::Question, &text.question);
        texts.push(Field::Keywords, text.keywords.join(" 、"));
        texts.push(Field::Facts, text.facts.texts().collect::<Vec<_>>().join("\n"));
        texts.push(Field::Summary, &text.summary);
        texts.push(Field::Answer, &text.answer);
    }
    texts
}
