//! Incidents in the database.

use store::{Result, Sql, Tx, params};

use crate::incident::Incident;

const COLUMNS: &str = "i.id, i.contact, i.account, i.kind, i.words, i.state, i.flagged_at, i.warned_at, i.decided_by,
    i.decided_at, i.remark, i.rest_until";

/// Writes an incident.
pub(crate) async fn insert(tx: &mut Tx, i: &Incident) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_incident (id, contact, account, kind, words, state, flagged_at, remark)
         VALUES ($1, $2, $3, $4, $5, $6, $7, '')",
        params![&i.id, &i.contact, &i.account, &i.kind, &i.words, &i.state, i.flagged_at],
    )
    .await?;
    Ok(())
}

/// Writes what changed.
pub(crate) async fn update(tx: &mut Tx, i: &Incident) -> Result<()> {
    tx.execute(
        "UPDATE contact_incident SET state = $2, warned_at = $3, decided_by = $4, decided_at = $5, remark = $6,
             rest_until = $7 WHERE id = $1",
        params![&i.id, &i.state, i.warned_at, i.decided_by.as_deref(), i.decided_at, &i.remark, i.rest_until],
    )
    .await?;
    Ok(())
}

/// One incident.
pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Incident>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM contact_incident i WHERE i.id = $1")), params![id]).await
}

/// The incidents of a contact, oldest first.
pub async fn of(tx: &mut Tx, contact: &str) -> Result<Vec<Incident>> {
    let text = format!("SELECT {COLUMNS} FROM contact_incident i WHERE i.contact = $1 ORDER BY i.flagged_at, i.id");
    tx.all(Sql::built(text), params![contact]).await
}

/// Incidents with the section of their contact, the newest first.
pub async fn all(tx: &mut Tx, limit: i64) -> Result<Vec<(Incident, String)>> {
    let text = format!(
        "SELECT {COLUMNS}, c.section FROM contact_incident i JOIN contact c ON c.id = i.contact
         ORDER BY CASE WHEN i.decided_at IS NULL THEN 0 ELSE 1 END, i.flagged_at DESC, i.id LIMIT $1"
    );
    let rows = tx.rows(Sql::built(text), params![limit]).await?;
    rows.iter().map(|r| Ok((store::FromRow::from_row(r)?, r.get("section")?))).collect()
}
