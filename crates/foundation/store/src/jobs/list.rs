//! Jobs for people who look after them.

use calendar::Instant;

use crate::{FromRow, Result, Tx, params};

/// How many jobs of a lane are in a state.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Lane {
    /// The lane.
    pub lane: String,
    /// The state.
    pub state: String,
    /// How many.
    pub jobs: i64,
}

/// A job in a list.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Listed {
    /// Id.
    pub id: String,
    /// Lane.
    pub lane: String,
    /// Which handler runs it.
    pub kind: String,
    /// JSON for the handler: ids.
    pub payload: String,
    /// See [`super::Job::state`].
    pub state: String,
    /// Due at.
    pub run_at: Instant,
    /// Attempts begun.
    pub attempts: i64,
    /// Attempts before it becomes a dead letter.
    pub max_attempts: i64,
    /// Somebody asked to stop it.
    pub cancel_requested: bool,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// Parts that are finished.
    pub finished_parts: i64,
    /// All parts.
    pub parts: i64,
}

/// Which jobs; what is `None` does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Of this lane.
    pub lane: Option<&'a str>,
    /// In this state.
    pub state: Option<&'a str>,
    /// Those made before the one with this id; ids sort by time.
    pub before: Option<&'a str>,
}

/// Jobs by lane and state.
pub async fn lanes(tx: &mut Tx) -> Result<Vec<Lane>> {
    tx.all("SELECT lane, state, count(*) AS jobs FROM job GROUP BY lane, state ORDER BY lane, state", params![]).await
}

/// Jobs, the newest first.
pub async fn list(tx: &mut Tx, filter: Filter<'_>, limit: i64) -> Result<Vec<Listed>> {
    tx.all(
        "SELECT id, lane, kind, payload, state, run_at, attempts, max_attempts, cancel_requested, last_error, finished_at,
                (SELECT count(*) FROM job part WHERE part.parent = job.id AND part.state IN ('done', 'dead', 'cancelled'))
                    AS finished_parts,
                (SELECT count(*) FROM job part WHERE part.parent = job.id) AS parts
         FROM job WHERE ($1 IS NULL OR lane = $1) AND ($2 IS NULL OR state = $2) AND ($3 IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4",
        params![filter.lane, filter.state, filter.before, limit],
    )
    .await
}
