//! The city's relations in the database.

use search::thesaurus::{Relation, RelationKind};
use store::{FromRow, Result, Row, StoreError, Tx, Value, params};

use crate::thesaurus::CityRelation;

impl FromRow for CityRelation {
    fn from_row(row: &Row) -> Result<Self> {
        let kind: String = row.get("kind")?;
        let relation = Relation {
            term: row.get("term")?,
            kind: RelationKind::from_code(&kind).ok_or_else(|| StoreError::Column {
                column: "kind".into(),
                reason: format!("{kind:?} is no kind of relation"),
            })?,
            other: row.get("other")?,
            note: row.get("note")?,
        };
        Ok(CityRelation { id: row.get("id")?, relation, actor: row.get("actor")?, at: row.get("at")? })
    }
}

/// All relations in the order of their words.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<CityRelation>> {
    tx.all("SELECT id, term, kind, other, note, actor, at FROM thesaurus_relation ORDER BY term, other, id", params![])
        .await
}

/// The columns in the order of the table.
fn values(row: &CityRelation) -> Vec<Value> {
    let (r, pair) = (&row.relation, row.relation.pair());
    params![&*row.id, &*r.term, r.kind.code(), &*r.other, pair, &*r.note, &*row.actor, row.at]
}

/// Writes a new relation.
pub(crate) async fn insert(tx: &mut Tx, new: &CityRelation) -> Result<()> {
    tx.execute(
        "INSERT INTO thesaurus_relation (id, term, kind, other, pair, note, actor, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        values(new),
    )
    .await?;
    Ok(())
}

/// Writes a relation anew; whether it was there.
pub(crate) async fn update(tx: &mut Tx, new: &CityRelation) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE thesaurus_relation SET term = $2, kind = $3, other = $4, pair = $5, note = $6, actor = $7, at = $8
             WHERE id = $1",
            values(new),
        )
        .await?;
    Ok(changed > 0)
}

/// Removes a relation; whether it was there.
pub(crate) async fn remove(tx: &mut Tx, id: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM thesaurus_relation WHERE id = $1", params![id]).await? > 0)
}
