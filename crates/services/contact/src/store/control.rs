//! Switches of automatic answers and the disaster mode in the database.

use store::{Result, Tx, params};

use crate::control::{Change, Disaster, Switch};

/// What is set for topics; an empty topic stands for all of them.
pub async fn switches(tx: &mut Tx) -> Result<Vec<Switch>> {
    tx.all(
        "SELECT topic, is_off, untested, pass_mark, updated_by, updated_at FROM answer_control ORDER BY topic",
        params![],
    )
    .await
}

/// Writes what is set for a topic.
pub(crate) async fn put_switch(tx: &mut Tx, s: &Switch) -> Result<()> {
    tx.execute(
        "INSERT INTO answer_control (topic, is_off, untested, pass_mark, updated_by, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (topic) DO UPDATE SET is_off = excluded.is_off, untested = excluded.untested,
             pass_mark = excluded.pass_mark, updated_by = excluded.updated_by, updated_at = excluded.updated_at",
        params![&s.topic, s.is_off, s.untested, s.pass_mark, &s.updated_by, s.updated_at],
    )
    .await?;
    Ok(())
}

/// The disaster mode as it was set last.
pub async fn disaster(tx: &mut Tx) -> Result<Option<Disaster>> {
    tx.optional(
        "SELECT is_on, ja, easy, en, since, updated_by, updated_at FROM disaster_mode WHERE name = 'now'",
        params![],
    )
    .await
}

/// Sets the disaster mode.
pub(crate) async fn put_disaster(tx: &mut Tx, d: &Disaster) -> Result<()> {
    tx.execute(
        "INSERT INTO disaster_mode (name, is_on, ja, easy, en, since, updated_by, updated_at)
         VALUES ('now', $1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (name) DO UPDATE SET is_on = excluded.is_on, ja = excluded.ja, easy = excluded.easy,
             en = excluded.en, since = excluded.since, updated_by = excluded.updated_by,
             updated_at = excluded.updated_at",
        params![d.is_on, &d.ja, &d.easy, &d.en, d.since, &d.updated_by, d.updated_at],
    )
    .await?;
    Ok(())
}

/// Adds to the history. The transaction has marked the control as changed before, so that acts get one order.
pub(crate) async fn insert_change(tx: &mut Tx, c: &Change) -> Result<()> {
    tx.execute(
        "INSERT INTO answer_control_history (seq, at, actor, act, topic, reason, value)
         VALUES ((SELECT coalesce(max(p.seq), 0) + 1 FROM answer_control_history p), $1, $2, $3, $4, $5, $6)",
        params![c.at, &c.actor, c.act.code(), &c.topic, &c.reason, c.value],
    )
    .await?;
    Ok(())
}

/// The history, the newest first.
pub async fn history(tx: &mut Tx, limit: i64) -> Result<Vec<Change>> {
    tx.all(
        "SELECT at, actor, act, topic, reason, value FROM answer_control_history ORDER BY seq DESC LIMIT $1",
        params![limit],
    )
    .await
}
