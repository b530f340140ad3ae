//! Reorganisations in the database.

use calendar::{Date, Instant};
use store::{FromRow, Result, Row, Tx, params};

use super::{json, to_json};
use crate::organisation::Choice;
use crate::reorganisation::{Previous, Reorganisation, Step};

impl FromRow for Reorganisation {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Reorganisation {
            id: row.get("id")?,
            name: row.get("name")?,
            takes_effect_on: row.get("takes_effect_on")?,
            stored_state: row.get("state")?,
            made_by: row.get("made_by")?,
            note: row.get("note")?,
            counter: row.get("counter")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        })
    }
}

impl FromRow for Step {
    fn from_row(row: &Row) -> Result<Self> {
        let previous: Option<String> = row.get("previous")?;
        Ok(Step {
            id: row.get("id")?,
            position: row.get("position")?,
            section: row.get("section")?,
            action: json(&row.get::<String>("data")?, "reorganisation_step.data")?,
            previous: previous.map(|p| json(&p, "reorganisation_step.previous")).transpose()?,
        })
    }
}

/// Adds a reorganisation.
pub async fn insert(tx: &mut Tx, r: &Reorganisation) -> Result<()> {
    tx.execute(
        "INSERT INTO reorganisation (id, name, takes_effect_on, state, made_by, note, counter, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &r.id,
            &r.name,
            r.takes_effect_on,
            &r.stored_state,
            &r.made_by,
            &r.note,
            r.counter,
            r.created_at,
            r.updated_at,
        ],
    )
    .await?;
    Ok(())
}

/// One reorganisation.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Reorganisation>> {
    tx.optional(
        "SELECT id, name, takes_effect_on, state, made_by, note, counter, created_at, updated_at
         FROM reorganisation WHERE id = $1",
        params![id],
    )
    .await
}

/// All reorganisations, the latest day first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Reorganisation>> {
    tx.all(
        "SELECT id, name, takes_effect_on, state, made_by, note, counter, created_at, updated_at
         FROM reorganisation ORDER BY takes_effect_on DESC, id DESC",
        params![],
    )
    .await
}

/// Goes on to the next counter if the reorganisation stands in a state and nobody changed it since `counter`;
/// the row stays locked until the transaction ends.
pub async fn advance(tx: &mut Tx, id: &str, state: &str, counter: Option<i64>, now: Instant) -> Result<bool> {
    let touched = tx
        .execute(
            "UPDATE reorganisation SET counter = counter + 1, updated_at = $4
             WHERE id = $1 AND state = $2 AND counter = COALESCE($3, counter)",
            params![id, state, counter, now],
        )
        .await?;
    Ok(touched == 1)
}

/// Stores name, day and note.
pub async fn update(tx: &mut Tx, id: &str, name: &str, day: Date, note: &str) -> Result<()> {
    tx.execute(
        "UPDATE reorganisation SET name = $2, takes_effect_on = $3, note = $4 WHERE id = $1",
        params![id, name, day, note],
    )
    .await?;
    Ok(())
}

/// Stores the state.
pub async fn set_state(tx: &mut Tx, id: &str, state: &str) -> Result<()> {
    tx.execute("UPDATE reorganisation SET state = $2 WHERE id = $1", params![id, state]).await?;
    Ok(())
}

/// The steps of a reorganisation in order.
pub async fn steps(tx: &mut Tx, reorganisation: &str) -> Result<Vec<Step>> {
    tx.all(
        "SELECT id, position, section, data, previous FROM reorganisation_step
         WHERE reorganisation = $1 ORDER BY position",
        params![reorganisation],
    )
    .await
}

/// Adds a step.
pub async fn insert_step(tx: &mut Tx, reorganisation: &str, step: &Step) -> Result<()> {
    tx.execute(
        "INSERT INTO reorganisation_step (id, reorganisation, position, kind, section, data)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            &step.id,
            reorganisation,
            step.position,
            step.action.kind(),
            &step.section,
            to_json(&step.action, "reorganisation_step.data")?,
        ],
    )
    .await?;
    Ok(())
}

/// Stores what a step says now.
pub async fn update_step(tx: &mut Tx, step: &Step) -> Result<()> {
    tx.execute(
        "UPDATE reorganisation_step SET kind = $2, section = $3, data = $4 WHERE id = $1",
        params![&step.id, step.action.kind(), &step.section, to_json(&step.action, "reorganisation_step.data")?,],
    )
    .await?;
    Ok(())
}

/// Removes a step.
pub async fn delete_step(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM reorganisation_step WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Keeps how the span ended before a step gave it another end.
pub async fn keep_previous(tx: &mut Tx, step: &str, previous: Option<&Previous>) -> Result<()> {
    let text = previous.map(|p| to_json(p, "reorganisation_step.previous")).transpose()?;
    tx.execute("UPDATE reorganisation_step SET previous = $2 WHERE id = $1", params![step, text]).await?;
    Ok(())
}

/// Removes a span that has not begun.
pub async fn delete_span(tx: &mut Tx, code: &str, valid_from: Date) -> Result<()> {
    tx.execute("DELETE FROM section WHERE code = $1 AND valid_from = $2", params![code, valid_from]).await?;
    Ok(())
}

/// Gives the span that ends on a day the end that it had before.
pub async fn restore_span(tx: &mut Tx, code: &str, ends_on: Date, previous: &Previous) -> Result<()> {
    tx.execute(
        "UPDATE section SET valid_to = $3, successor = $4 WHERE code = $1 AND valid_to = $2",
        params![code, ends_on, previous.valid_to.as_deref(), previous.successor.as_deref()],
    )
    .await?;
    Ok(())
}

/// Codes of sections whose tasks go to a section.
pub async fn heirs_of(tx: &mut Tx, successor: &str) -> Result<Vec<String>> {
    let rows = tx.rows("SELECT code FROM section WHERE successor = $1 ORDER BY code", params![successor]).await?;
    rows.iter().map(|row| row.get("code")).collect()
}

/// Writes down that a section's tasks went to several.
pub async fn insert_split(tx: &mut Tx, split: &Choice) -> Result<()> {
    for (position, successor) in (1i64..).zip(&split.successors) {
        tx.execute(
            "INSERT INTO section_split (code, ended_on, position, successor) VALUES ($1, $2, $3, $4)",
            params![&split.code, split.ended_on, position, successor],
        )
        .await?;
    }
    Ok(())
}

/// Forgets a split.
pub async fn delete_split(tx: &mut Tx, code: &str, ended_on: Date) -> Result<()> {
    tx.execute("DELETE FROM section_split WHERE code = $1 AND ended_on = $2", params![code, ended_on]).await?;
    Ok(())
}

/// All splits, the earliest first.
pub async fn splits(tx: &mut Tx) -> Result<Vec<Choice>> {
    let rows = tx
        .rows("SELECT code, ended_on, successor FROM section_split ORDER BY ended_on, code, position", params![])
        .await?;
    let mut found: Vec<Choice> = Vec::new();
    for row in &rows {
        let (code, ended_on): (String, Date) = (row.get("code")?, row.get("ended_on")?);
        match found.last_mut().filter(|last| last.code == code && last.ended_on == ended_on) {
            Some(last) => last.successors.push(row.get("successor")?),
            None => found.push(Choice { code, ended_on, successors: vec![row.get("successor")?] }),
        }
    }
    Ok(found)
}
