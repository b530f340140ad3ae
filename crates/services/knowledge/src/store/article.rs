//! Articles in the database.

use std::collections::{BTreeMap, HashMap};

use calendar::{Clock, Instant};
use city::Lang;
use store::{Entropy, FromRow, Result, Row, Sql, StoreError, Tx, Value, changes, ids, params};

use crate::import::Draft;
use crate::{Article, ArticleText, CHANGE_TOPIC, Facts};

/// Separates items of a list in one column; refused inside items by the import.
const SEPARATOR: char = '\n';

fn join(items: &[String]) -> String {
    items.join(&SEPARATOR.to_string())
}

fn split(text: &str) -> Vec<String> {
    text.split(SEPARATOR).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

/// An article's id and version, to see what changed.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Head {
    /// Id.
    pub id: String,
    /// Code.
    pub code: String,
    /// Version.
    pub version: i64,
    /// SHA-256 of its content.
    pub content_hash: String,
}

/// The heads of all articles.
pub async fn heads(tx: &mut Tx) -> Result<Vec<Head>> {
    tx.all("SELECT id, code, version, content_hash FROM article ORDER BY code", params![]).await
}

struct TextRow {
    article: String,
    lang: Lang,
    text: ArticleText,
}

impl FromRow for TextRow {
    fn from_row(row: &Row) -> Result<Self> {
        let code: String = row.get("lang")?;
        Ok(TextRow {
            article: row.get("article")?,
            lang: Lang::from_code(&code).ok_or_else(|| StoreError::Column {
                column: "lang".into(),
                reason: format!("{code:?} is no language"),
            })?,
            text: ArticleText {
                question: row.get("question")?,
                summary: row.get("summary")?,
                answer: row.get("answer")?,
                keywords: split(&row.get::<String>("keywords")?),
                facts: Facts {
                    who: row.get("fact_who")?,
                    deadline: row.get("fact_deadline")?,
                    bring: row.get::<Option<String>>("fact_bring")?.map(|b| split(&b)).unwrap_or_default(),
                    fee: row.get("fact_fee")?,
                    place: row.get("fact_place")?,
                    hours: row.get("fact_hours")?,
                    online_label: row.get("fact_online_label")?,
                    online_url: row.get("fact_online_url")?,
                },
            },
        })
    }
}

impl FromRow for Article {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Article {
            id: row.get("id")?,
            code: row.get("code")?,
            section: row.get("section")?,
            topics: split(&row.get::<String>("topics")?),
            related: split(&row.get::<String>("related")?),
            checked_on: row.get("checked_on")?,
            review_due: row.get("review_due")?,
            valid_from: row.get("valid_from")?,
            valid_to: row.get("valid_to")?,
            version: row.get("version")?,
            updated_at: row.get("updated_at")?,
            texts: BTreeMap::new(),
        })
    }
}

/// The articles with the given ids, each with its texts; unknown ids are passed over.
pub async fn articles(tx: &mut Tx, ids: &[String]) -> Result<Vec<Article>> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(500) {
        let places = (1..=part.len()).map(|i| format!("${i}")).collect::<Vec<_>>().join(", ");
        let values = || part.iter().map(Value::from).collect::<Vec<_>>();
        let mut articles: Vec<Article> = tx
            .all(
                Sql::built(format!(
                    "SELECT id, code, section, topics, related, checked_on, review_due, valid_from, valid_to, version, updated_at
                     FROM article WHERE id IN ({places}) ORDER BY code"
                )),
                values(),
            )
            .await?;
        let texts: Vec<TextRow> = tx
            .all(
                Sql::built(format!(
                    "SELECT article, lang, question, summary, answer, keywords, fact_who, fact_deadline, fact_bring, fact_fee,
                            fact_place, fact_hours, fact_online_label, fact_online_url
                     FROM article_text WHERE article IN ({places})"
                )),
                values(),
            )
            .await?;
        let mut by_article: HashMap<String, BTreeMap<Lang, ArticleText>> = HashMap::new();
        for row in texts {
            by_article.entry(row.article).or_default().insert(row.lang, row.text);
        }
        for article in &mut articles {
            article.texts = by_article.remove(&article.id).unwrap_or_default();
        }
        found.append(&mut articles);
    }
    Ok(found)
}

/// All articles with their texts, by code.
pub async fn all_articles(tx: &mut Tx) -> Result<Vec<Article>> {
    let ids: Vec<String> = heads(tx).await?.into_iter().map(|h| h.id).collect();
    let mut articles = articles(tx, &ids).await?;
    articles.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(articles)
}

/// What writing drafts did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// New articles.
    pub added: usize,
    /// Articles with a new version.
    pub changed: usize,
    /// Articles that stand as they were.
    pub unchanged: usize,
}

const ARTICLE_COLUMNS: [&str; 13] = [
    "id",
    "code",
    "section",
    "topics",
    "related",
    "checked_on",
    "review_due",
    "valid_from",
    "valid_to",
    "version",
    "content_hash",
    "created_at",
    "updated_at",
];
const TEXT_COLUMNS: [&str; 14] = [
    "article",
    "lang",
    "question",
    "summary",
    "answer",
    "keywords",
    "fact_who",
    "fact_deadline",
    "fact_bring",
    "fact_fee",
    "fact_place",
    "fact_hours",
    "fact_online_label",
    "fact_online_url",
];

fn text_row(article: &str, lang: Lang, text: &ArticleText) -> Vec<Value> {
    let f = &text.facts;
    let bring = if f.bring.is_empty() { None } else { Some(join(&f.bring)) };
    params![
        article,
        lang.code(),
        &text.question,
        &text.summary,
        &text.answer,
        join(&text.keywords),
        f.who.as_deref(),
        f.deadline.as_deref(),
        bring,
        f.fee.as_deref(),
        f.place.as_deref(),
        f.hours.as_deref(),
        f.online_label.as_deref(),
        f.online_url.as_deref(),
    ]
}

/// Rows that are put together before they are written, so that a large file is not held a second time.
const BATCH: usize = 2000;

/// Writes drafts in the caller's transaction: new codes are added, changed ones get a new version.
pub async fn write(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, drafts: &[Draft]) -> Result<Written> {
    let now = clock.now();
    let known: HashMap<String, Head> = heads(tx).await?.into_iter().map(|h| (h.code.clone(), h)).collect();
    let mut written = Written::default();
    let mut new_articles = Vec::new();
    let mut new_texts = Vec::new();
    for draft in drafts {
        let hash = draft.content_hash();
        let id = match known.get(&draft.code) {
            Some(head) if head.content_hash == hash => {
                written.unchanged += 1;
                continue;
            }
            Some(head) => {
                update(tx, now, &head.id, draft, &hash).await?;
                written.changed += 1;
                head.id.clone()
            }
            None => {
                let id = ids::id_at(now, entropy);
                new_articles.push(params![
                    &id,
                    &draft.code,
                    &draft.section,
                    join(&draft.topics),
                    join(&draft.related),
                    draft.checked_on,
                    draft.review_due,
                    draft.valid_from,
                    draft.valid_to,
                    1i64,
                    &hash,
                    now,
                    now,
                ]);
                written.added += 1;
                id
            }
        };
        new_texts.extend(draft.texts.iter().map(|(lang, text)| text_row(&id, *lang, text)));
        if new_texts.len() >= BATCH {
            tx.insert_many("article", &ARTICLE_COLUMNS, std::mem::take(&mut new_articles)).await?;
            tx.insert_many("article_text", &TEXT_COLUMNS, std::mem::take(&mut new_texts)).await?;
        }
    }
    tx.insert_many("article", &ARTICLE_COLUMNS, new_articles).await?;
    tx.insert_many("article_text", &TEXT_COLUMNS, new_texts).await?;
    if written.added + written.changed > 0 {
        changes::bump(tx, CHANGE_TOPIC).await?;
    }
    Ok(written)
}

async fn update(tx: &mut Tx, now: Instant, id: &str, draft: &Draft, hash: &str) -> Result<()> {
    tx.execute(
        "UPDATE article SET section = $1, topics = $2, related = $3, checked_on = $4, review_due = $5, valid_from = $6,
                valid_to = $7, version = version + 1, content_hash = $8, updated_at = $9 WHERE id = $10",
        params![
            &draft.section,
            join(&draft.topics),
            join(&draft.related),
            draft.checked_on,
            draft.review_due,
            draft.valid_from,
            draft.valid_to,
            hash,
            now,
            id,
        ],
    )
    .await?;
    tx.execute("DELETE FROM article_text WHERE article = $1", params![id]).await?;
    Ok(())
}
