//! Leaflets and how many came by them.

use calendar::{Date, Instant};
use store::{FromRow, Result, Tx, params};

/// A leaflet for a school.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Leaflet {
    /// Its id.
    pub id: String,
    /// What stands in its address: random, short, no secret.
    pub code: String,
    /// Name of the school.
    pub school: String,
    /// When it was made.
    pub made_at: Instant,
    /// When it ended; its address still leads to the room, and nothing is counted any more.
    pub ended_at: Option<Instant>,
}

/// How many came on a day by a leaflet.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Arrivals {
    /// Id of the leaflet.
    pub leaflet: String,
    /// The day.
    pub day: Date,
    /// How many.
    pub arrivals: i64,
}

const COLUMNS: &str = "id, code, school, made_at, ended_at";

/// Adds a leaflet; false where its code is taken.
pub(crate) async fn insert(tx: &mut Tx, desk: &str, leaflet: &Leaflet) -> Result<bool> {
    let added = tx
        .execute(
            "INSERT INTO leaflet (id, desk, code, school, made_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (code) DO NOTHING",
            params![&leaflet.id, desk, &leaflet.code, &leaflet.school, leaflet.made_at],
        )
        .await?;
    Ok(added == 1)
}

/// A leaflet of a desk.
pub(crate) async fn get(tx: &mut Tx, desk: &str, id: &str) -> Result<Option<Leaflet>> {
    let sql = store::Sql::built(format!("SELECT {COLUMNS} FROM leaflet WHERE desk = $1 AND id = $2"));
    tx.optional(sql, params![desk, id]).await
}

/// All leaflets of a desk by school.
pub(crate) async fn all(tx: &mut Tx, desk: &str) -> Result<Vec<Leaflet>> {
    let sql = store::Sql::built(format!("SELECT {COLUMNS} FROM leaflet WHERE desk = $1 ORDER BY school, made_at, id"));
    tx.all(sql, params![desk]).await
}

/// Ends a leaflet; whether it had not ended before.
pub(crate) async fn end(tx: &mut Tx, id: &str, now: Instant) -> Result<bool> {
    let sql = "UPDATE leaflet SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    Ok(tx.execute(sql, params![id, now]).await? == 1)
}

/// Counts an arrival; whether there is such a leaflet that has not ended.
pub(crate) async fn count(tx: &mut Tx, code: &str, day: Date) -> Result<bool> {
    let counted = tx
        .execute(
            "INSERT INTO leaflet_arrival (leaflet, day, arrivals)
             SELECT id, $2, 1 FROM leaflet WHERE code = $1 AND ended_at IS NULL
             ON CONFLICT (leaflet, day) DO UPDATE SET arrivals = leaflet_arrival.arrivals + 1",
            params![code, day],
        )
        .await?;
    Ok(counted == 1)
}

/// How many came by the leaflets of a desk, day by day.
pub(crate) async fn arrivals(tx: &mut Tx, desk: &str) -> Result<Vec<Arrivals>> {
    tx.all(
        "SELECT a.leaflet AS leaflet, a.day AS day, a.arrivals AS arrivals FROM leaflet_arrival a
         JOIN leaflet l ON l.id = a.leaflet WHERE l.desk = $1 ORDER BY a.day, a.leaflet",
        params![desk],
    )
    .await
}
