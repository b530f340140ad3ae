//! Transfers in the database.

use store::{Result, Sql, Tx, Value, params};

use crate::staff::transfer::Transfer;

const COLUMNS: &str = "id, contact, from_section, to_section, state, summary, reason, better_section, offered_by,
    offered_at, decided_by, decided_at, due_at";

/// Writes an offer.
pub(crate) async fn insert(tx: &mut Tx, t: &Transfer) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_transfer (id, contact, from_section, to_section, state, summary, reason, offered_by,
             offered_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, $9)",
        params![
            &t.id,
            &t.contact,
            &t.from_section,
            &t.to_section,
            &t.state,
            &t.summary,
            &t.offered_by,
            t.offered_at,
            t.due_at
        ],
    )
    .await?;
    Ok(())
}

/// Writes a decision.
pub(crate) async fn decide(tx: &mut Tx, t: &Transfer) -> Result<()> {
    tx.execute(
        "UPDATE contact_transfer SET state = $2, reason = $3, better_section = $4, decided_by = $5, decided_at = $6
         WHERE id = $1",
        params![&t.id, &t.state, &t.reason, t.better_section.as_deref(), t.decided_by.as_deref(), t.decided_at],
    )
    .await?;
    Ok(())
}

/// One transfer.
pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Transfer>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM contact_transfer WHERE id = $1")), params![id]).await
}

/// The open offer of a contact.
pub(crate) async fn open_of(tx: &mut Tx, contact: &str) -> Result<Option<Transfer>> {
    let text = format!("SELECT {COLUMNS} FROM contact_transfer WHERE contact = $1 AND state = 'offered'");
    tx.optional(Sql::built(text), params![contact]).await
}

/// All transfers of a contact, oldest first.
pub async fn of(tx: &mut Tx, contact: &str) -> Result<Vec<Transfer>> {
    let text = format!("SELECT {COLUMNS} FROM contact_transfer WHERE contact = $1 ORDER BY offered_at, id");
    tx.all(Sql::built(text), params![contact]).await
}

/// Open offers to some sections (`None`: all), oldest first.
pub async fn open_for(tx: &mut Tx, sections: Option<&[String]>) -> Result<Vec<Transfer>> {
    let mut values: Vec<Value> = Vec::new();
    let mut wanted = String::new();
    if let Some(sections) = sections {
        if sections.is_empty() {
            return Ok(Vec::new());
        }
        values.extend(sections.iter().map(Value::from));
        let places: Vec<String> = (1..=sections.len()).map(|n| format!("${n}")).collect();
        wanted = format!("AND to_section IN ({})", places.join(", "));
    }
    let text = format!(
        "SELECT {COLUMNS} FROM contact_transfer WHERE state = 'offered' {wanted} ORDER BY offered_at, id LIMIT 200"
    );
    tx.all(Sql::built(text), values).await
}
