//! Records of automatic answers in the database.

use calendar::Instant;
use store::{Result, Sql, Tx, params};

use crate::answer_record::{NewRecord, Record};

const COLUMNS: &str = "r.id, r.contact, r.message, r.by_model, r.model, r.prompt_version, r.index_version,
    r.ranking_model, r.question, r.articles, r.raw, r.checked, r.fell_back, r.at";

/// Writes a record with its articles, which `articles` holds as JSON as well, in their order.
pub(crate) async fn insert(tx: &mut Tx, id: &str, articles: &str, at: Instant, new: &NewRecord<'_>) -> Result<()> {
    tx.execute(
        "INSERT INTO answer_record (id, contact, message, by_model, model, prompt_version, index_version,
             ranking_model, question, articles, raw, checked, fell_back, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params![
            id,
            new.contact,
            new.message,
            new.by_model,
            new.model,
            new.prompt_version,
            new.index_version,
            new.ranking_model,
            new.question,
            articles,
            new.raw,
            new.checked,
            new.fell_back,
            at
        ],
    )
    .await?;
    for (article, version) in new.articles {
        tx.execute(
            "INSERT INTO answer_article (answer, article, article_version) VALUES ($1, $2, $3)
             ON CONFLICT (answer, article) DO NOTHING",
            params![id, *article, *version],
        )
        .await?;
    }
    Ok(())
}

/// One record.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Record>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM answer_record r WHERE r.id = $1")), params![id]).await
}

/// The record of a message.
pub async fn of_message(tx: &mut Tx, message: &str) -> Result<Option<Record>> {
    let text = format!("SELECT {COLUMNS} FROM answer_record r WHERE r.message = $1 ORDER BY r.id DESC LIMIT 1");
    tx.optional(Sql::built(text), params![message]).await
}

/// The newest records.
pub async fn newest(tx: &mut Tx, limit: i64) -> Result<Vec<Record>> {
    tx.all(Sql::built(format!("SELECT {COLUMNS} FROM answer_record r ORDER BY r.id DESC LIMIT $1")), params![limit])
        .await
}

/// The id of a contact's message at a place.
pub(crate) async fn message_at(tx: &mut Tx, contact: &str, seq: i64) -> Result<Option<String>> {
    let row = tx.row("SELECT id FROM contact_message WHERE contact = $1 AND seq = $2", params![contact, seq]).await?;
    row.map(|r| r.get("id")).transpose()
}
