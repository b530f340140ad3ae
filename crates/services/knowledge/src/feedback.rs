//! Whether an answer helped.

use std::time::Duration;

use calendar::{Clock, Instant};
use city::Lang;
use store::{Entropy, FromRow, Result, Tx, ids};

use crate::Article;
use crate::store::feedback::NewWord;
pub use crate::store::feedback::{Tally, counts, get, tally};

/// Longest question and comment that are kept, in characters.
pub const MAX_TEXT: usize = 500;

/// A citizen's word on an answer. Nothing about the person is kept.
#[derive(Clone, Debug)]
pub struct Feedback<'a> {
    /// The article.
    pub article: &'a Article,
    /// The language in which it was read.
    pub lang: Lang,
    /// The question with which it was found.
    pub query: Option<&'a str>,
    /// Its place among the answers, from 1.
    pub rank: Option<i64>,
    /// Whether it helped.
    pub helped: bool,
}

/// A word on an answer as its own page shows it.
#[derive(Clone, Debug, FromRow)]
pub struct Word {
    /// Whether it helped.
    pub helped: bool,
    /// What was wrong or missing.
    pub comment: Option<String>,
}

fn shortened(text: Option<&str>) -> Option<String> {
    let clean: String = text?.chars().filter(|c| !c.is_control() || *c == '\n').take(MAX_TEXT).collect();
    Some(clean.trim().to_owned()).filter(|t| !t.is_empty())
}

/// How long after the word a comment may be added.
const COMMENT_WITHIN: Duration = Duration::from_secs(3600);

/// Stores a word on an answer. Returns its id, which only the person's own browser learns.
pub async fn record(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, feedback: Feedback<'_>) -> Result<String> {
    let id = ids::new_id(clock, entropy);
    let word = NewWord {
        id: &id,
        article: &feedback.article.id,
        article_version: feedback.article.version,
        lang: feedback.lang.code(),
        query: shortened(feedback.query),
        rank: feedback.rank,
        helped: feedback.helped,
        at: clock.now(),
    };
    crate::store::feedback::insert(tx, word).await?;
    Ok(id)
}

/// Adds what was wrong or missing, once and soon after.
pub async fn comment(tx: &mut Tx, clock: &dyn Clock, id: &str, text: &str) -> Result<()> {
    crate::store::feedback::comment(tx, id, shortened(Some(text)), clock.now().minus(COMMENT_WITHIN)).await
}

/// How far back staff look.
pub const LATELY: Duration = Duration::from_secs(90 * 86_400);

/// A comment on an article, for staff.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Comment {
    /// When.
    pub at: Instant,
    /// The version that was read.
    pub version: i64,
    /// The language in which it was read.
    pub lang: String,
    /// Whether it helped.
    pub helped: bool,
    /// What was wrong or missing, in the citizen's words.
    pub text: String,
}

/// What citizens said about an article in the last 90 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How often it helped and did not.
    pub tally: Tally,
    /// The newest comments, newest first.
    pub comments: Vec<Comment>,
}

/// Sums up the last 90 days of an article, by its id, with at most `comments` comments.
pub async fn summary(tx: &mut Tx, clock: &dyn Clock, article: &str, comments: i64) -> Result<Summary> {
    let since = clock.now().minus(LATELY);
    Ok(Summary {
        tally: crate::store::feedback::count(tx, article, since).await?,
        comments: crate::store::feedback::comments(tx, article, since, comments).await?,
    })
}
