//! Versions of articles in the database.

use store::{FromRow, Result, Row, Sql, StoreError, Tx, Value, params};

use super::article::{Change, articles, places};
use crate::Content;
use crate::revision::{Kind, Revision};

/// The actor of what came in by a file.
pub(crate) const IMPORT: &str = "import";

pub(super) const COLUMNS: [&str; 8] = ["article", "version", "at", "kind", "actor", "approved_by", "note", "content"];

/// Content as one column.
pub(crate) fn to_json(content: &Content) -> Result<String> {
    serde_json::to_string(content).map_err(|e| StoreError::Column { column: "content".into(), reason: e.to_string() })
}

/// Content from its column.
pub(super) fn content(row: &Row) -> Result<Content> {
    serde_json::from_str(&row.get::<String>("content")?)
        .map_err(|e| StoreError::Column { column: "content".into(), reason: e.to_string() })
}

pub(super) fn row(article: &str, version: i64, content: &Content, change: Change<'_>) -> Result<Vec<Value>> {
    Ok(params![
        article,
        version,
        change.at,
        change.kind.code(),
        change.actor,
        change.approved_by,
        change.note,
        to_json(content)?,
    ])
}

impl FromRow for Revision {
    fn from_row(row: &Row) -> Result<Self> {
        let kind: String = row.get("kind")?;
        Ok(Revision {
            version: row.get("version")?,
            at: row.get("at")?,
            kind: Kind::from_code(&kind).ok_or_else(|| StoreError::Column {
                column: "kind".into(),
                reason: format!("{kind:?} is no kind of version"),
            })?,
            actor: row.get("actor")?,
            approved_by: row.get("approved_by")?,
            note: row.get("note")?,
            content: content(row)?,
        })
    }
}

/// Stores the present version of those of the articles that have none stored: they were there before
/// versions were kept.
pub(super) async fn keep_present(tx: &mut Tx, ids: &[String]) -> Result<()> {
    for part in ids.chunks(500) {
        let missing = tx
            .rows(
                Sql::built(format!(
                    "SELECT id FROM article WHERE id IN ({})
                     AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.article = article.id AND r.version = article.version)",
                    places(1, part.len())
                )),
                part.iter().map(Value::from).collect(),
            )
            .await?;
        let missing = missing.iter().map(|r| r.get("id")).collect::<Result<Vec<String>>>()?;
        let mut rows = Vec::new();
        for article in articles(tx, &missing).await? {
            rows.push(present_row(&article)?);
        }
        tx.insert_many("revision", &COLUMNS, rows).await?;
    }
    Ok(())
}

fn present_row(article: &crate::Article) -> Result<Vec<Value>> {
    let change = Change { kind: Kind::Import, actor: IMPORT, approved_by: None, note: None, at: article.updated_at };
    row(&article.id, article.version, &article.content, change)
}

/// The stored versions of an article, newest first.
pub(crate) async fn list(tx: &mut Tx, article: &str) -> Result<Vec<Revision>> {
    tx.all(
        "SELECT version, at, kind, actor, approved_by, note, content FROM revision WHERE article = $1
         ORDER BY version DESC",
        params![article],
    )
    .await
}

/// One stored version.
pub(crate) async fn get(tx: &mut Tx, article: &str, version: i64) -> Result<Option<Revision>> {
    tx.optional(
        "SELECT version, at, kind, actor, approved_by, note, content FROM revision WHERE article = $1 AND version = $2",
        params![article, version],
    )
    .await
}
