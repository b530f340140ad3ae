//! What the live board asks of the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, StoreError, Tx, Value, params};

/// Contacts that are open, of a channel and a section.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Open {
    /// Code of the channel.
    pub channel: String,
    /// Stored code of the accountable section.
    pub section: String,
    /// How many wait for a person.
    pub waiting: i64,
    /// Since when the first of these waits.
    pub waiting_since: Option<Instant>,
    /// How many a person has.
    pub held: i64,
    /// How many should have heard from a person by now.
    pub late: i64,
}

/// `AND column IN (…)` for some sections, nothing for all.
fn within(column: &str, sections: Option<&[String]>, values: &mut Vec<Value>) -> String {
    let Some(sections) = sections else { return String::new() };
    if sections.is_empty() {
        return "AND 1 = 0".to_owned();
    }
    let places: Vec<String> = sections
        .iter()
        .map(|s| {
            values.push(s.into());
            format!("${}", values.len())
        })
        .collect();
    format!("AND {column} IN ({})", places.join(", "))
}

/// Open contacts by channel and section.
pub(crate) async fn open(tx: &mut Tx, sections: Option<&[String]>, now: Instant) -> Result<Vec<Open>> {
    let mut values = params![now];
    let within = within("section", sections, &mut values);
    let text = format!(
        "SELECT channel, section,
             CAST(sum(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS BIGINT) AS waiting,
             min(CASE WHEN state = 'waiting' THEN waiting_since ELSE NULL END) AS waiting_since,
             CAST(sum(CASE WHEN state = 'held' THEN 1 ELSE 0 END) AS BIGINT) AS held,
             CAST(sum(CASE WHEN reply_due_at <= $1 THEN 1 ELSE 0 END) AS BIGINT) AS late
         FROM contact WHERE state IN ('waiting', 'held') {within}
         GROUP BY channel, section ORDER BY channel, section"
    );
    tx.all(Sql::built(text), values).await
}

async fn count(tx: &mut Tx, text: String, values: Vec<Value>) -> Result<i64> {
    tx.row(Sql::built(text), values).await?.ok_or(StoreError::NotFound)?.get("n")
}

/// Questions to these sections without an answer.
pub(crate) async fn side_questions(tx: &mut Tx, sections: Option<&[String]>) -> Result<i64> {
    let mut values = Vec::new();
    let within = within("section", sections, &mut values);
    let text = format!("SELECT count(*) AS n FROM contact_side_question WHERE answered_at IS NULL {within}");
    count(tx, text, values).await
}

/// Open offers to these sections, and how many of them are overdue.
pub(crate) async fn transfers(tx: &mut Tx, sections: Option<&[String]>, now: Instant) -> Result<(i64, i64)> {
    let mut values = params![now];
    let within = within("to_section", sections, &mut values);
    let text = format!(
        "SELECT count(*) AS n, coalesce(CAST(sum(CASE WHEN due_at <= $1 THEN 1 ELSE 0 END) AS BIGINT), 0) AS late
         FROM contact_transfer WHERE state = 'offered' {within}"
    );
    let row = tx.row(Sql::built(text), values).await?.ok_or(StoreError::NotFound)?;
    Ok((row.get("n")?, row.get("late")?))
}

/// Call backs of these sections whose window has begun, and how many of them are past it.
pub(crate) async fn call_backs(tx: &mut Tx, sections: Option<&[String]>, now: Instant) -> Result<(i64, i64)> {
    let mut values = params![now];
    let within = within("c.section", sections, &mut values);
    let text = format!(
        "SELECT count(*) AS n, coalesce(CAST(sum(CASE WHEN b.window_to < $1 THEN 1 ELSE 0 END) AS BIGINT), 0) AS late
         FROM contact_call_back b JOIN contact c ON c.id = b.contact
         WHERE b.state = 'asked' AND b.window_from <= $1 {within}"
    );
    let row = tx.row(Sql::built(text), values).await?.ok_or(StoreError::NotFound)?;
    Ok((row.get("n")?, row.get("late")?))
}
