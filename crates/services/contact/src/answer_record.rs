//! Records of automatic answers: what was asked, of which state of the knowledge, which model ordered or put it, and
//! which articles it stands on. Every answer can be gone through one by one.

use calendar::{Clock, Instant};
use serde::{Deserialize, Serialize};
use store::{Entropy, FromRow, Tx, ids};

use crate::ContactError;
use crate::golden_run::NO_MODEL;
use crate::store::answer_record as rows;

pub use crate::store::answer_record::{get, newest, of_message};

/// A record to write.
#[derive(Clone, Copy, Debug)]
pub struct NewRecord<'a> {
    /// Id of the contact.
    pub contact: &'a str,
    /// Id of the message that holds the answer.
    pub message: &'a str,
    /// Whether a language model put the words.
    pub by_model: bool,
    /// Which one; [`NO_MODEL`] for none.
    pub model: &'a str,
    /// Version of the instructions that it got.
    pub prompt_version: &'a str,
    /// Version of the articles.
    pub index_version: i64,
    /// Check sum of the model that orders answers.
    pub ranking_model: &'a str,
    /// The question, masked: nothing that names a person.
    pub question: &'a str,
    /// Codes and versions of the articles on which it stands, the first one first.
    pub articles: &'a [(&'a str, i64)],
    /// What the language model said, as it came.
    pub raw: &'a str,
    /// What the checks found, as JSON.
    pub checked: &'a str,
    /// Why the exact text was given instead of the model's.
    pub fell_back: Option<&'a str>,
}

/// An article on which an answer stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cited {
    /// Code.
    pub article: String,
    /// Version.
    pub version: i64,
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Record {
    /// Id.
    pub id: String,
    /// Id of the contact.
    pub contact: String,
    /// Id of the message.
    pub message: String,
    /// Whether a language model put the words.
    pub by_model: bool,
    /// Which one.
    pub model: String,
    /// Version of the instructions that it got.
    pub prompt_version: String,
    /// Version of the articles.
    pub index_version: i64,
    /// Check sum of the model that orders answers.
    pub ranking_model: String,
    /// The masked question.
    pub question: String,
    /// The articles, as JSON; [`Record::cited`] reads them.
    pub articles: String,
    /// What the language model said.
    pub raw: String,
    /// What the checks found, as JSON.
    pub checked: String,
    /// Why the exact text was given instead of the model's.
    pub fell_back: Option<String>,
    /// When.
    pub at: Instant,
}

impl Record {
    /// The articles on which it stands, the first one first.
    pub fn cited(&self) -> Result<Vec<Cited>, ContactError> {
        serde_json::from_str(&self.articles)
            .map_err(|e| ContactError::Rule(format!("回答の記録のFAQが読めません。（{e}）")))
    }
}

/// Writes a record in the transaction that stores the answer. Returns its id.
pub async fn write(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    new: NewRecord<'_>,
) -> Result<String, ContactError> {
    let id = ids::new_id(clock, entropy);
    let cited: Vec<Cited> =
        new.articles.iter().map(|(article, version)| Cited { article: (*article).into(), version: *version }).collect();
    let articles = serde_json::to_string(&cited).map_err(|e| ContactError::Rule(e.to_string()))?;
    rows::insert(tx, &id, &articles, clock.now(), &new).await?;
    Ok(id)
}

/// Writes the record of an answer that is an article's own text: no language model had a part in it. `seq` is the
/// place of its message in the contact.
pub(crate) async fn write_exact(
    tx: &mut Tx,
    clock: &dyn Clock,
    entropy: Entropy<'_>,
    library: &knowledge::Library,
    (contact, seq): (&str, i64),
    question: &str,
    article: (&str, i64),
) -> Result<String, ContactError> {
    let message = rows::message_at(tx, contact, seq).await?.ok_or(ContactError::NotFound)?;
    let new = NewRecord {
        contact,
        message: &message,
        by_model: false,
        model: NO_MODEL,
        prompt_version: "",
        index_version: library.snapshot().version,
        ranking_model: library.ranking_model(),
        question,
        articles: &[article],
        raw: "",
        checked: "{}",
        fell_back: None,
    };
    write(tx, clock, entropy, new).await
}
