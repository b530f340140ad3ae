//! Questions to sections in the database.

use calendar::Instant;
use store::{Result, Sql, Tx, Value, params};

use crate::staff::side_question::SideQuestion;

const COLUMNS: &str = "id, contact, section, body, asked_by, asked_at, answer, answered_by, answered_at";

/// Writes a question.
pub(crate) async fn insert(tx: &mut Tx, q: &SideQuestion) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_side_question (id, contact, section, body, asked_by, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![&q.id, &q.contact, &q.section, &q.body, &q.asked_by, q.asked_at],
    )
    .await?;
    Ok(())
}

/// One question.
pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<SideQuestion>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM contact_side_question WHERE id = $1")), params![id]).await
}

/// Answers a question that has no answer; returns whether it had none.
pub(crate) async fn answer(tx: &mut Tx, id: &str, answer: &str, account: &str, at: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE contact_side_question SET answer = $2, answered_by = $3, answered_at = $4
             WHERE id = $1 AND answered_at IS NULL",
            params![id, answer, account, at],
        )
        .await?;
    Ok(changed == 1)
}

/// The questions of a contact, oldest first.
pub async fn of(tx: &mut Tx, contact: &str) -> Result<Vec<SideQuestion>> {
    let text = format!("SELECT {COLUMNS} FROM contact_side_question WHERE contact = $1 ORDER BY asked_at, id");
    tx.all(Sql::built(text), params![contact]).await
}

/// Questions without an answer to some sections (`None`: all), oldest first.
pub async fn open_for(tx: &mut Tx, sections: Option<&[String]>) -> Result<Vec<SideQuestion>> {
    let mut values: Vec<Value> = Vec::new();
    let mut wanted = String::new();
    if let Some(sections) = sections {
        if sections.is_empty() {
            return Ok(Vec::new());
        }
        values.extend(sections.iter().map(Value::from));
        let places: Vec<String> = (1..=sections.len()).map(|n| format!("${n}")).collect();
        wanted = format!("AND section IN ({})", places.join(", "));
    }
    let text = format!(
        "SELECT {COLUMNS} FROM contact_side_question WHERE answered_at IS NULL {wanted} ORDER BY asked_at, id LIMIT 200"
    );
    tx.all(Sql::built(text), values).await
}
