//! How people put what an article answers (市民の言い方): questions of theirs that it has answered.
//!
//! They help to find it. A person of the section takes each up: a question may hold what is nobody's business, and
//! whoever says often enough that nonsense was helped by an article must not move it up.

use std::collections::HashMap;

use access::Action;
use calendar::Instant;
use store::audit::{self, Event};
use store::{Entropy, FromRow, Tx, changes, ids};

use crate::desk::Desk;
use crate::feedback::LATELY;
use crate::store::wording::{self as rows, NewWording};
use crate::{Article, CHANGE_TOPIC, KnowledgeError};

pub use search::MOST_ASKED as MOST;

/// The topic of `store::changes` that goes up when wordings change.
pub const WORDING_TOPIC: &str = "wording";
/// Longest wording, in characters.
pub const MAX_TEXT: usize = 200;

/// A wording that is used.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Wording {
    /// Id.
    pub id: String,
    /// The words.
    pub text: String,
    /// The account that took it up; `import` for what came with the articles.
    pub actor: String,
    /// When.
    pub at: Instant,
}

/// A question of citizens that nobody has decided about.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Heard {
    /// The words.
    pub text: String,
    /// How many said that the article helped.
    pub times: i64,
}

/// The wordings of an article, by its id, the oldest first.
pub async fn of_article(tx: &mut Tx, article: &str) -> Result<Vec<Wording>, KnowledgeError> {
    Ok(rows::of_article(tx, article).await?)
}

/// What citizens asked in the last 90 days whom this article helped; only for those who may read their words.
pub async fn heard(tx: &mut Tx, desk: &Desk<'_>, article: &Article, limit: i64) -> Result<Vec<Heard>, KnowledgeError> {
    desk.require(Action::ArticleRead, &article.content.section)?;
    Ok(rows::heard(tx, &article.id, desk.now().minus(LATELY), limit).await?)
}

/// Takes a wording up (`used`), or puts it aside so that it is not offered again.
pub async fn decide(
    tx: &mut Tx,
    desk: &Desk<'_>,
    entropy: Entropy<'_>,
    article: &Article,
    text: &str,
    used: bool,
) -> Result<(), KnowledgeError> {
    desk.require(Action::ArticleWrite, &article.content.section)?;
    let wrong = |reason: String| KnowledgeError::Field { field: "text", reason };
    let text = tidy(text);
    if text.is_empty() {
        return Err(wrong("市民の言い方を書いてください。例: 赤ちゃんの紙おむつ代、出ますか".into()));
    }
    let length = text.chars().count();
    if length > MAX_TEXT {
        return Err(wrong(format!("長すぎます。{MAX_TEXT}文字までにしてください（いま{length}文字です）。")));
    }
    let there = rows::of_article(tx, &article.id).await?;
    if used && there.len() >= MOST && there.iter().all(|w| w.text != text) {
        return Err(wrong(format!("1つの記事に{MOST}件までです。あまり役に立たないものを外してから加えてください。")));
    }
    let new = NewWording {
        id: &ids::new_id(desk.clock, entropy),
        article: &article.id,
        text: &text,
        used,
        actor: &desk.who.account,
        at: desk.now(),
    };
    rows::put(tx, new).await?;
    tell(tx, desk, if used { "wording.use" } else { "wording.refuse" }, article).await
}

/// Takes a wording away again; it may be offered once more.
pub async fn remove(tx: &mut Tx, desk: &Desk<'_>, article: &Article, id: &str) -> Result<(), KnowledgeError> {
    desk.require(Action::ArticleWrite, &article.content.section)?;
    if !rows::remove(tx, &article.id, id).await? {
        return Err(KnowledgeError::NotFound);
    }
    tell(tx, desk, "wording.remove", article).await
}

/// Wordings that come with a city's articles: code of the article and words. Those that are there stay.
pub async fn bring_in(
    tx: &mut Tx,
    clock: &dyn calendar::Clock,
    entropy: Entropy<'_>,
    actor: &str,
    wordings: &[(String, String)],
) -> Result<(), KnowledgeError> {
    let heads = crate::store::article::heads(tx).await?;
    let by_code: HashMap<&str, &str> = heads.iter().map(|h| (h.code.as_str(), h.id.as_str())).collect();
    for (code, text) in wordings {
        let article = *by_code.get(code.as_str()).ok_or(KnowledgeError::NotFound)?;
        let (id, text) = (ids::new_id(clock, entropy), tidy(text));
        let new = NewWording { id: &id, article, text: &text, used: true, actor, at: clock.now() };
        rows::put(tx, new).await?;
    }
    told(tx).await
}

fn tidy(text: &str) -> String {
    text.split(|c: char| c.is_control()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

async fn tell(tx: &mut Tx, desk: &Desk<'_>, action: &str, article: &Article) -> Result<(), KnowledgeError> {
    let actor = desk.who.actor();
    let event = Event { actor: &actor, action, object_kind: "article", object: &article.code, fields: &["wording"] };
    audit::record(tx, desk.clock, event).await?;
    told(tx).await
}

async fn told(tx: &mut Tx) -> Result<(), KnowledgeError> {
    changes::bump(tx, WORDING_TOPIC).await?;
    // Whoever follows the articles learns of wordings as well.
    changes::bump(tx, CHANGE_TOPIC).await?;
    Ok(())
}
