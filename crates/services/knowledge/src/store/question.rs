//! Left questions in the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, StoreError, Tx, params};

use crate::question::{Event, Question};

/// A row to write; key and submission are digests.
pub(crate) struct Row<'a> {
    pub(crate) id: &'a str,
    pub(crate) number: &'a str,
    pub(crate) key_hash: &'a str,
    pub(crate) submission: &'a str,
    pub(crate) lang: &'static str,
    pub(crate) asked: &'a str,
    pub(crate) body: &'a str,
    /// The person to whom the answer is sent by mail.
    pub(crate) contact: Option<&'a str>,
    /// That person's address.
    pub(crate) contact_address: Option<&'a str>,
    pub(crate) at: Instant,
}

/// The number of the question that a form made, if it was sent before.
pub(crate) async fn number_of(tx: &mut Tx, submission: &str) -> Result<Option<String>> {
    let row = tx.row("SELECT number FROM question WHERE submission = $1", params![submission]).await?;
    row.map(|r| r.get("number")).transpose()
}

/// Writes a question unless the same form was sent before; returns whether it was written.
pub(crate) async fn insert(tx: &mut Tx, q: Row<'_>) -> Result<bool> {
    let written = tx
        .execute(
            "INSERT INTO question
               (id, number, key_hash, submission, lang, asked, body, contact, contact_address, state, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'received', $10, $10) ON CONFLICT (submission) DO NOTHING",
            params![q.id, q.number, q.key_hash, q.submission, q.lang, q.asked, q.body, q.contact, q.contact_address, q.at],
        )
        .await?;
    Ok(written == 1)
}

/// Writes a step.
pub(crate) async fn insert_event(
    tx: &mut Tx,
    id: &str,
    question: &str,
    kind: &str,
    section: Option<&str>,
    at: Instant,
) -> Result<()> {
    tx.execute(
        "INSERT INTO question_event (id, question, kind, section, at) VALUES ($1, $2, $3, $4, $5)",
        params![id, question, kind, section, at],
    )
    .await?;
    Ok(())
}

const COLUMNS: &str = "id, number, body, state, section, created_at, (contact IS NOT NULL) AS by_mail";

/// The question with a number and the digest of a key.
pub(crate) async fn by_key(tx: &mut Tx, number: &str, key_hash: &str) -> Result<Option<Question>> {
    tx.optional(
        Sql::built(format!("SELECT {COLUMNS} FROM question WHERE number = $1 AND key_hash = $2")),
        params![number, key_hash],
    )
    .await
}

/// The steps of a question, oldest first.
pub async fn events(tx: &mut Tx, question: &str) -> Result<Vec<Event>> {
    tx.all("SELECT kind, section, at FROM question_event WHERE question = $1 ORDER BY at, id", params![question]).await
}

/// Takes a question back and removes all words around it; returns whether it was there to be taken back.
pub(crate) async fn withdraw(tx: &mut Tx, id: &str, at: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE question SET state = 'withdrawn', body = '', asked = '', contact = NULL, contact_address = NULL, updated_at = $1
             WHERE id = $2 AND state <> 'withdrawn'",
            params![at, id],
        )
        .await?;
    blank_around(tx, id).await?;
    Ok(changed == 1)
}

/// What a received question says.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Words {
    pub(crate) asked: String,
    pub(crate) body: String,
}

/// The words of a question that no section has yet.
pub(crate) async fn unassigned_words(tx: &mut Tx, id: &str) -> Result<Option<Words>> {
    tx.optional("SELECT asked, body FROM question WHERE id = $1 AND state = 'received'", params![id]).await
}

/// Gives a received question to a section; returns whether it was still waiting for one.
pub(crate) async fn assign(tx: &mut Tx, id: &str, section: &str, at: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE question SET state = 'assigned', section = $1, updated_at = $2 WHERE id = $3 AND state = 'received'",
            params![section, at, id],
        )
        .await?;
    Ok(changed == 1)
}

/// How many questions wait for an answer under each stored section; those without one are not counted.
pub async fn waiting_by_section(tx: &mut Tx) -> Result<Vec<(String, i64)>> {
    let rows = tx
        .rows(
            "SELECT section, count(*) AS n FROM question
             WHERE state IN ('received', 'assigned') AND section IS NOT NULL GROUP BY section ORDER BY section",
            params![],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("section")?, row.get("n")?))).collect()
}

/// How many questions wait for an answer.
pub async fn waiting(tx: &mut Tx) -> Result<i64> {
    let row = tx.row("SELECT count(*) AS n FROM question WHERE state IN ('received', 'assigned')", params![]).await?;
    row.ok_or(StoreError::NotFound)?.get("n")
}

async fn blank_around(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("UPDATE question_answer SET body = NULL WHERE question = $1", params![id]).await?;
    tx.execute("UPDATE question_handover SET remark = '' WHERE question = $1", params![id]).await?;
    tx.execute("UPDATE question_reopening SET words = '' WHERE question = $1", params![id]).await?;
    Ok(())
}

/// Closed questions to which nothing happened since an instant and that still have words or a contact.
pub(crate) async fn wordy(tx: &mut Tx, before: Instant, limit: i64) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT id FROM question q WHERE q.state IN ('answered', 'withdrawn') AND q.updated_at < $1
             AND (q.body <> '' OR q.asked <> '' OR q.contact IS NOT NULL
                  OR EXISTS (SELECT 1 FROM question_answer a WHERE a.question = q.id AND a.body IS NOT NULL))
             ORDER BY q.id LIMIT $2",
            params![before, limit],
        )
        .await?;
    rows.iter().map(|r| r.get("id")).collect()
}

/// Removes the words of a closed question; number, state and steps stay.
pub(crate) async fn blank(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute(
        "UPDATE question SET body = '', asked = '', contact = NULL, contact_address = NULL
         WHERE id = $1 AND state IN ('answered', 'withdrawn')",
        params![id],
    )
    .await?;
    blank_around(tx, id).await
}
