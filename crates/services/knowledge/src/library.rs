//! The library: all articles in memory with their index, fresh within a second of a change anywhere.

mod index_file;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use search::thesaurus::{Lexicon, Relation};
use search::{Document, Field, Index, Latent, Query, Texts, Vocabulary, analyse_all};
use store::{Db, changes};
use text::Analyzer;

use crate::embed::{Kept, Keys};
use crate::neutral::Neutral;
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
    /// How questions name the city.
    pub(crate) neutral: Neutral,
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
    /// Of its texts, with the wordings.
    digest: [u8; 16],
    document: Arc<Document>,
    suggestible: Arc<Suggestible>,
    /// Under which its vectors are kept, where there are vectors.
    keys: Option<Arc<Keys>>,
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
    /// What an earlier process analysed, by the digest of the texts; only until the first state is made.
    before: HashMap<[u8; 16], (Arc<Document>, Arc<Suggestible>)>,
    /// Articles that were analysed: since the file was written, and in all.
    unkept: usize,
    analysed: usize,
}

/// What was read of the database to make a new state.
struct Changes {
    version: i64,
    heads: Vec<Head>,
    fresh: Vec<Article>,
    /// If they changed: the wordings, and the version of their topic.
    wordings: Option<(Wordings, i64)>,
    neutral: Neutral,
}

impl Known {
    /// Analyses articles, but for those that an earlier process analysed. Returns how many came or changed.
    fn analyse(&mut self, reading: &Reading, fresh: Vec<Article>, texts: Vec<Texts>) -> usize {
        let mut before = std::mem::take(&mut self.before);
        let digest = |(texts, article): (&Texts, &Article)| {
            let languages: Vec<&str> = article.content.texts.keys().map(|lang| lang.code()).collect();
            texts.digest(&languages.join(" "))
        };
        let digests: Vec<[u8; 16]> = texts.iter().zip(&fresh).map(digest).collect();
        let used = digests.iter().filter(|digest| before.contains_key(*digest)).count();
        if used * 2 < before.len() {
            // Most of it is of the past, and so are its words.
            (self.vocabulary, self.latent) = Default::default();
            before.clear();
        }
        let (mut new_texts, mut new_contents) = (Vec::new(), Vec::new());
        for ((texts, article), digest) in texts.into_iter().zip(&fresh).zip(&digests) {
            if !before.contains_key(digest) {
                new_texts.push(texts);
                new_contents.push(&article.content);
            }
        }
        let changed = new_texts.len();
        let mut vocabulary = std::mem::take(&mut self.vocabulary);
        let documents = analyse_all(&reading.analyzer, &mut vocabulary, &new_texts);
        let suggestible = Suggestible::of_all(&reading.analyzer, &new_contents).into_iter().map(Arc::new);
        let mut new = documents.into_iter().zip(suggestible);
        if self.kin.is_empty() {
            self.kin = reading.lexicon.kin(Arc::make_mut(&mut vocabulary));
        }
        self.vocabulary = vocabulary;
        for (article, digest) in fresh.into_iter().zip(digests) {
            let found = before.get(&digest).cloned().or_else(|| new.next());
            let Some((document, suggestible)) = found else { continue };
            let id = article.id.clone();
            let keys = reading.vectors.as_ref().map(|v| Arc::new(Keys::of(&v.identity(), &article)));
            self.articles.insert(id, Analysed { article: Arc::new(article), digest, document, suggestible, keys });
        }
        changed
    }
}

/// When more than one article in so many came or changed, the directions of words are learnt anew. Until then a
/// change costs only what changed.
const LEARN_ANEW: usize = 20;

/// The library of a city.
pub struct Library {
    reading: Reading,
    state: RwLock<Arc<Snapshot>>,
    known: Mutex<Known>,
    /// Where what was analysed is kept for the next start, if it is.
    file: Option<PathBuf>,
    /// Check sum of the ranking model, made when it is first asked for.
    ranking: OnceLock<String>,
    pub(crate) kept: Kept,
}

impl Library {
    /// An empty library; [`Library::refresh`] fills it.
    pub fn new(reading: Reading) -> Self {
        let empty = Snapshot {
            articles: Vec::new(),
            by_code: HashMap::new(),
            suggestible: Vec::new(),
            index: Index::new(Arc::default(), Vec::new(), &[]),
            neutral: Neutral::default(),
            relations: Arc::default(),
            lexicon: reading.lexicon.clone(),
            version: -1,
        };
        Library {
            reading,
            state: RwLock::new(Arc::new(empty)),
            known: Mutex::default(),
            file: None,
            ranking: OnceLock::new(),
            kept: Kept::default(),
        }
    }

    /// The same library, which keeps what it analyses in a file and begins with what it finds there.
    pub fn keeping(mut self, file: PathBuf) -> Self {
        match index_file::read(&file, &self.reading) {
            Ok(found) => *self.known.get_mut().unwrap_or_else(PoisonError::into_inner) = found,
            Err(error) => tracing::info!(file = %file.display(), error, "the kept index is not used and made anew"),
        }
        self.file = Some(file);
        self
    }

    /// How questions are read.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The check sum (SHA-256, hexadecimal) of the model that orders answers: which model it is, in records.
    pub fn ranking_model(&self) -> &str {
        self.ranking.get_or_init(|| {
            let file = self.reading.model.write();
            file.lines().next_back().and_then(|line| line.strip_prefix("sha256 ")).unwrap_or_default().to_owned()
        })
    }

    /// The analyzer.
    pub fn analyzer(&self) -> &Arc<Analyzer> {
        &self.reading.analyzer
    }

    /// A question as the index looks it up.
    pub(crate) fn query(&self, snapshot: &Snapshot, asked: &str) -> Query {
        self.query_with(snapshot, &snapshot.lexicon, asked)
    }

    /// The same as another thesaurus reads it.
    pub(crate) fn query_with(&self, snapshot: &Snapshot, lexicon: &Lexicon, asked: &str) -> Query {
        let left = snapshot.neutral.left_out(asked);
        let query = Query::new(&self.reading.analyzer, snapshot.index.vocabulary(), lexicon, &left);
        query.with_vector(self.reading.vectors.as_ref().and_then(|v| v.at_hand(asked)))
    }

    /// How many articles this process has analysed, again and again counted; what it found in its file is none.
    pub fn analysed(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).analysed
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
        // A city that has no profile yet has no name to leave out.
        let profile = city::store::profile(&mut tx).await?;
        let neutral = profile.as_ref().map_or_else(Neutral::default, Neutral::of);
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
        self.recall(&mut tx).await?;
        drop(tx);
        let this = self.clone();
        // Analysis and index are work for a core, not for the event loop.
        tokio::task::spawn_blocking(move || {
            if let Some(relations) = relations {
                this.learn(relations, thesaurus_at);
            }
            this.rebuild(Changes { version, heads, fresh, wordings: wordings.map(|all| (all, wordings_at)), neutral });
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
        if known.thesaurus.as_ref().is_none_or(|(_, _, known_at)| *known_at <= at) {
            known.thesaurus = Some((Arc::new(relations), lexicon, at));
        }
    }

    fn rebuild(&self, changes: Changes) {
        let Changes { version, heads, fresh, wordings, neutral } = changes;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Two may read at the same time; what was read before the present state was is of the past.
        if version < self.snapshot().version {
            return;
        }
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
        let changed = known.analyse(&self.reading, fresh, texts);
        if known.articles.len() > heads.len() {
            let there: HashSet<&str> = heads.iter().map(|h| h.id.as_str()).collect();
            let before = known.articles.len();
            known.articles.retain(|id, _| there.contains(id.as_str()));
            known.unkept = known.unkept.saturating_add(before - known.articles.len());
        }
        let there: Vec<&Analysed> = heads.iter().filter_map(|h| known.articles.get(&h.id)).collect();
        let articles: Vec<Arc<Article>> = there.iter().map(|a| a.article.clone()).collect();
        let documents = there.iter().map(|a| a.document.clone()).collect();
        let suggestible = there.iter().map(|a| a.suggestible.clone()).collect();
        let keys: Vec<Option<Arc<Keys>>> = there.iter().map(|a| a.keys.clone()).collect();
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
        let (index, lacks) = self.kept.give(index, &keys);
        let (relations, lexicon) = match &known.thesaurus {
            Some((relations, lexicon, _)) => (relations.clone(), lexicon.clone()),
            None => (Arc::default(), self.reading.lexicon.clone()),
        };
        let snapshot = Snapshot { articles, by_code, suggestible, index, neutral, relations, lexicon, version };
        let snapshot = Arc::new(snapshot);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
        known.unkept = known.unkept.saturating_add(changed);
        known.analysed = known.analysed.saturating_add(changed);
        if let Some(file) = &self.file
            && known.unkept.saturating_mul(LEARN_ANEW) > known.articles.len()
        {
            match index_file::write(file, &self.reading, &known) {
                Ok(()) => known.unkept = 0,
                // The next start takes longer; nothing else depends on it.
                Err(error) => tracing::warn!(file = %file.display(), error, "the index cannot be kept"),
            }
        }
        if lacks {
            self.kept.tell_lacking();
        }
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
