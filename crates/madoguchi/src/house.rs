//! The parts of the house put together: clock, randomness, dictionary, database, city.

use std::path::Path;
use std::sync::Arc;

use calendar::{Clock, SystemClock};
use knowledge::Library;
use knowledge::reading::Reading;
use search::Model;
use store::worker::{EntropySource, Registry, Worker};
use store::{Db, OpenMode};
use text::Analyzer;

use crate::config::{CityConfig, Config};
use crate::failure::{Code, Failure};
use crate::key;

/// The system's clock.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// The operating system's randomness.
pub(crate) fn entropy() -> EntropySource {
    Arc::new(|| Box::new(rand::rand_core::UnwrapErr(rand::rngs::SysRng)))
}

/// How questions are read: the dictionary with the thesaurus and the model of the program.
pub(crate) fn reading(analyzer: Arc<Analyzer>) -> Result<Reading, Failure> {
    Reading::shipped(analyzer)
        .map_err(|error| Failure::new(Code::File, format!("the ranking model of the program: {error}")))
}

/// Finds and reads the dictionary, with the city's own words.
pub(crate) fn analyzer(dictionary: Option<&Path>, words: Option<&Path>) -> Result<Arc<Analyzer>, Failure> {
    let places = text::dictionary::places(dictionary);
    let Some(found) = places.iter().find(|p| p.exists()) else {
        let looked: Vec<String> = places.iter().map(|p| format!("\n    {}", p.display())).collect();
        return Err(Failure::new(
            Code::Dictionary,
            format!("the Japanese dictionary was not found. Looked at:{}", looked.concat()),
        )
        .hint(dictionary_help()));
    };
    Ok(Arc::new(Analyzer::load(found, words)?))
}

/// How to get the dictionary.
pub(crate) fn dictionary_help() -> String {
    format!(
        "on Debian run `scripts/dictionary`; elsewhere get {} (SHA-256 {}), unpack it and run \
         `madoguchi dictionary build --from …/mecab-naist-jdic --to {}`",
        text::dictionary::ARCHIVE,
        text::dictionary::ARCHIVE_SHA256,
        text::dictionary::FILE_NAME,
    )
}

impl Config {
    /// How a city's questions are read.
    ///
    /// A model that cannot be used is told, and the program's own answers meanwhile: better a plain order than
    /// none.
    pub(crate) fn reading(&self, city: &CityConfig) -> Result<Reading, Failure> {
        let mut reading = reading(self.analyzer(city)?)?;
        reading.thresholds = self.search.thresholds();
        // A folder or a key that cannot be used stops nothing either: questions are answered by their words.
        match self.vectors() {
            None => {}
            Some(Ok(vectors)) => reading.vectors = Some(vectors),
            Some(Err(reason)) => tracing::error!(reason, "there are no vectors; questions are answered without"),
        }
        match self.ranking_model() {
            None => {}
            Some(Ok(model)) => reading.model = Arc::new(model),
            Some(Err(reason)) => tracing::error!(reason, "the ranking model cannot be used; that of the program is"),
        }
        Ok(reading)
    }

    /// The model that the configuration names, or why it cannot be used.
    pub(crate) fn ranking_model(&self) -> Option<Result<Model, String>> {
        if self.ranking_model.is_empty() {
            return None;
        }
        let file = self.resolve(&self.ranking_model);
        let said = |reason: String| format!("{}: {reason}", file.display());
        let text = std::fs::read_to_string(&file).map_err(|error| said(error.to_string()));
        Some(text.and_then(|text| Model::read(&text).map_err(|error| said(error.to_string()))))
    }

    /// The analyzer for a city.
    pub(crate) fn analyzer(&self, city: &CityConfig) -> Result<Arc<Analyzer>, Failure> {
        let dictionary = Some(self.dictionary.as_str()).filter(|d| !d.is_empty()).map(|d| self.resolve(d));
        let words = Some(city.words.as_str()).filter(|w| !w.is_empty()).map(|w| self.resolve(w));
        analyzer(dictionary.as_deref(), words.as_deref())
    }

    /// A city's database, ready for this binary, with the city's key if it has one. Whoever records
    /// something or serves needs the key; whoever only reads does not.
    pub(crate) async fn open(&self, city: &CityConfig) -> Result<Db, Failure> {
        let db = self.open_without_key(city).await?;
        Ok(match key::read(&self.key_file(city))? {
            Some(key) => db.with_key(key),
            None => db,
        })
    }

    /// The same for the command that makes the key.
    pub(crate) async fn open_without_key(&self, city: &CityConfig) -> Result<Db, Failure> {
        let db = Db::open(&self.database(city), OpenMode::Existing).await?;
        store::migrate::require_current(&db).await?;
        Ok(db)
    }
}

/// The worker of a city with every handler of the house.
pub(crate) fn worker(
    db: Db,
    library: Arc<Library>,
    post: Arc<mail::Post>,
    writing: Option<Arc<contact::rephrase::Writing>>,
    house: &line_account::House,
    account: Option<&Arc<line_account::Account>>,
    keeping: casework::Keeping,
) -> Worker {
    let mut registry = Registry::default();
    crate::line::register(&mut registry, house, account);
    registry.add(access::inquiry::LANE, access::inquiry::REMIND, access::inquiry::remind_and_tell);
    let own = library.clone();
    registry.add(knowledge::question::LANE, knowledge::question::ASSIGN, move |context| {
        knowledge::question::assign(context, own.clone())
    });
    for lane in contact::rephrase::LANES {
        let (own, writing) = (library.clone(), writing.clone());
        registry.add(lane, lane, move |context| contact::rephrase::handle(context, own.clone(), writing.clone()));
    }
    registry.add(contact::minute::LANE, contact::minute::JOB, contact::minute::run);
    registry.add(contact::retention::LANE, contact::retention::DAILY, contact::retention::run);
    registry.add(contact::golden_run::LANE, contact::golden_run::RUN, move |context| {
        contact::golden_run::handle(context, library.clone())
    });
    registry.add(contact::recall::LANE, contact::recall::PART, contact::recall::tell_part);
    registry.add(contact::recall::LANE, contact::recall::END, contact::recall::end);
    registry.add(people::message::MAIL_LANE, people::message::SEND, move |context| mail::send(context, post.clone()));
    registry.add(casework::minute::LANE, casework::minute::JOB, move |context| {
        casework::minute::run(context, keeping.clone())
    });
    registry.add(knowledge::daily::LANE, knowledge::daily::DAILY, knowledge::daily::run);
    registry.add(knowledge::retention::LANE, knowledge::retention::DAILY, knowledge::retention::run);
    // Whoever has a page open goes before.
    Worker { db: db.in_background(), clock: clock(), entropy: entropy(), registry }
}

/// Writes the jobs that come again every day, unless they are waiting already. A database that cannot be
/// written just now does not keep the city from being served: the next start tries again.
pub(crate) async fn schedule(db: Db) {
    let step = async {
        let mut tx = db.write().await?;
        knowledge::daily::schedule(&mut tx, clock().as_ref(), entropy()().as_mut())
            .await
            .map_err(contact::ContactError::from)?;
        knowledge::retention::schedule(&mut tx, clock().as_ref(), entropy()().as_mut())
            .await
            .map_err(contact::ContactError::from)?;
        contact::retention::schedule(&mut tx, clock().as_ref(), entropy()().as_mut()).await?;
        contact::minute::schedule(&mut tx, clock().as_ref(), entropy()().as_mut()).await?;
        line_account::daily::schedule(&mut tx, clock().as_ref(), entropy()().as_mut()).await?;
        line_account::menu::job::schedule(&mut tx, clock().as_ref(), entropy()().as_mut()).await?;
        tx.commit().await?;
        Ok::<_, line_account::AccountError>(())
    };
    if let Err(error) = step.await {
        tracing::error!(%error, "the daily jobs could not be written");
    }
    let sealed = async {
        let mut tx = db.write().await?;
        casework::minute::schedule(&mut tx, clock().as_ref(), entropy()().as_mut()).await?;
        Ok::<_, casework::CaseError>(tx.commit().await?)
    };
    if let Err(error) = sealed.await {
        tracing::error!(%error, "the jobs of the sealed desks could not be written");
    }
}
