//! Articles in the database.

use std::collections::{BTreeMap, HashMap};

use calendar::{Clock, Instant};
use city::Lang;
use store::{Entropy, FromRow, Result, Row, Sql, StoreError, Tx, Value, changes, ids, params};

use super::revision;
use crate::import::Incoming;
use crate::revision::Kind;
use crate::{Article, ArticleText, CHANGE_TOPIC, Content, Facts};

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
            version: row.get("version")?,
            updated_at: row.get("updated_at")?,
            content: Content {
                section: row.get("section")?,
                topics: split(&row.get::<String>("topics")?),
                related: split(&row.get::<String>("related")?),
                checked_on: row.get("checked_on")?,
                review_due: row.get("review_due")?,
                valid_from: row.get("valid_from")?,
                valid_to: row.get("valid_to")?,
                texts: BTreeMap::new(),
            },
        })
    }
}

/// `$1, $2, …` for a list of values.
pub(super) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|i| format!("${i}")).collect::<Vec<_>>().join(", ")
}

/// The id of the article with a code.
pub async fn id_of(tx: &mut Tx, code: &str) -> Result<Option<String>> {
    let row = tx.row("SELECT id FROM article WHERE code = $1", params![code]).await?;
    row.map(|r| r.get("id")).transpose()
}

/// The articles with the given codes, each once; unknown codes are passed over.
pub(crate) async fn by_codes(tx: &mut Tx, codes: &[String]) -> Result<Vec<Article>> {
    let mut ids = Vec::with_capacity(codes.len());
    for part in codes.chunks(500) {
        let rows = tx
            .rows(
                Sql::built(format!("SELECT id FROM article WHERE code IN ({})", places(1, part.len()))),
                part.iter().map(Value::from).collect(),
            )
            .await?;
        for row in rows {
            ids.push(row.get("id")?);
        }
    }
    // The same code may stand in two parts.
    ids.sort_unstable();
    ids.dedup();
    articles(tx, &ids).await
}

/// One article by its id.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Article>> {
    Ok(articles(tx, &[id.to_owned()]).await?.pop())
}

/// Waits for the turn to write articles. Whoever changes what is published takes it before reading what
/// is to be changed, so that nobody builds on a version that another one replaces meanwhile.
pub(crate) async fn take_turn(tx: &mut Tx) -> Result<()> {
    changes::bump(tx, "import").await
}

/// The articles with the given ids, each with its texts; unknown ids are passed over.
pub async fn articles(tx: &mut Tx, ids: &[String]) -> Result<Vec<Article>> {
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(500) {
        let places = places(1, part.len());
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
            article.content.texts = by_article.remove(&article.id).unwrap_or_default();
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

/// What writing articles did.
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

/// Who publishes, and why.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) kind: Kind,
    pub(crate) actor: &'a str,
    pub(crate) approved_by: Option<&'a str>,
    pub(crate) note: Option<&'a str>,
    pub(crate) at: Instant,
}

impl Change<'_> {
    const fn import(at: Instant) -> Self {
        Change { kind: Kind::Import, actor: revision::IMPORT, approved_by: None, note: None, at }
    }
}

/// Rows that are put together before they are written: few statements, and a large file is not held a
/// second time.
#[derive(Default)]
struct Batch {
    articles: Vec<Vec<Value>>,
    texts: Vec<Vec<Value>>,
    revisions: Vec<Vec<Value>>,
}

/// Texts that a batch holds before it is written.
const BATCH: usize = 2000;

impl Batch {
    fn article(&mut self, id: &str, code: &str, content: &Content, now: Instant) {
        self.articles.push(params![
            id,
            code,
            &content.section,
            join(&content.topics),
            join(&content.related),
            content.checked_on,
            content.review_due,
            content.valid_from,
            content.valid_to,
            1i64,
            content.hash(),
            now,
            now,
        ]);
    }

    /// The texts of a version and its place among the versions.
    fn version(&mut self, id: &str, version: i64, content: &Content, change: Change<'_>) -> Result<()> {
        self.texts.extend(content.texts.iter().map(|(lang, text)| text_row(id, *lang, text)));
        self.revisions.push(revision::row(id, version, content, change)?);
        Ok(())
    }

    async fn write(&mut self, tx: &mut Tx, at_least: usize) -> Result<()> {
        if self.texts.len() >= at_least {
            tx.insert_many("article", &ARTICLE_COLUMNS, std::mem::take(&mut self.articles)).await?;
            tx.insert_many("article_text", &TEXT_COLUMNS, std::mem::take(&mut self.texts)).await?;
            tx.insert_many("revision", &revision::COLUMNS, std::mem::take(&mut self.revisions)).await?;
        }
        Ok(())
    }
}

/// Writes what an import read in the caller's transaction: new codes are added, changed ones get a new version.
pub async fn write(tx: &mut Tx, clock: &dyn Clock, entropy: Entropy<'_>, incoming: &[Incoming]) -> Result<Written> {
    let now = clock.now();
    let change = Change::import(now);
    let known: HashMap<String, Head> = heads(tx).await?.into_iter().map(|h| (h.code.clone(), h)).collect();
    let mut written = Written::default();
    let mut batch = Batch::default();
    let (mut changed, mut changed_ids) = (Vec::new(), Vec::new());
    for Incoming { code, content, .. } in incoming {
        match known.get(code) {
            Some(head) if head.content_hash == content.hash() => written.unchanged += 1,
            Some(head) => {
                changed.push(content);
                changed_ids.push(head.id.clone());
            }
            None => {
                let id = ids::id_at(now, entropy);
                batch.article(&id, code, content, now);
                batch.version(&id, 1, content, change)?;
                batch.write(tx, BATCH).await?;
                written.added += 1;
            }
        }
    }
    revision::keep_present(tx, &changed_ids).await?;
    for (id, content) in changed_ids.iter().zip(changed) {
        let version = replace(tx, now, id, content).await?;
        batch.version(id, version, content, change)?;
        batch.write(tx, BATCH).await?;
        written.changed += 1;
    }
    batch.write(tx, 0).await?;
    if written.added + written.changed > 0 {
        changes::bump(tx, CHANGE_TOPIC).await?;
    }
    Ok(written)
}

/// Publishes a new article; its version is 1.
pub(crate) async fn add(tx: &mut Tx, id: &str, code: &str, content: &Content, change: Change<'_>) -> Result<()> {
    let mut batch = Batch::default();
    batch.article(id, code, content, change.at);
    batch.version(id, 1, content, change)?;
    batch.write(tx, 0).await?;
    changes::bump(tx, CHANGE_TOPIC).await
}

/// Publishes new content of an article, whose turn the caller has taken. Returns the new version.
pub(crate) async fn change(tx: &mut Tx, id: &str, content: &Content, change: Change<'_>) -> Result<i64> {
    revision::keep_present(tx, &[id.to_owned()]).await?;
    let version = replace(tx, change.at, id, content).await?;
    let mut batch = Batch::default();
    batch.version(id, version, content, change)?;
    batch.write(tx, 0).await?;
    changes::bump(tx, CHANGE_TOPIC).await?;
    Ok(version)
}

/// Puts new content into an article's row and takes its texts away. Returns the new version.
async fn replace(tx: &mut Tx, now: Instant, id: &str, content: &Content) -> Result<i64> {
    let row = tx
        .row(
            "UPDATE article SET section = $1, topics = $2, related = $3, checked_on = $4, review_due = $5, valid_from = $6,
                    valid_to = $7, version = version + 1, content_hash = $8, updated_at = $9 WHERE id = $10
             RETURNING version",
            params![
                &content.section,
                join(&content.topics),
                join(&content.related),
                content.checked_on,
                content.review_due,
                content.valid_from,
                content.valid_to,
                content.hash(),
                now,
                id,
            ],
        )
        .await?
        .ok_or(StoreError::NotFound)?;
    tx.execute("DELETE FROM article_text WHERE article = $1", params![id]).await?;
    row.get("version")
}
