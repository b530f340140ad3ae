//! What recipients chose, in the database.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

use crate::{Channel, Choices};

#[derive(FromRow)]
pub(crate) struct Preference {
    pub(crate) district: Option<String>,
    pub(crate) quiet_from: i64,
    pub(crate) quiet_until: i64,
    pub(crate) declines_urgent: bool,
}

/// Locks the recipient; returns whether there is one.
pub(crate) async fn touch(tx: &mut Tx, recipient: &str, now: Instant) -> Result<bool> {
    let touched =
        tx.execute("UPDATE outreach_recipient SET updated_at = $2 WHERE id = $1", params![recipient, now]).await?;
    Ok(touched == 1)
}

pub(crate) async fn topics(tx: &mut Tx, recipient: &str) -> Result<Vec<String>> {
    let rows = tx
        .rows("SELECT topic FROM outreach_subscription WHERE recipient = $1 ORDER BY topic", params![recipient])
        .await?;
    rows.iter().map(|r| r.get("topic")).collect()
}

pub(crate) async fn counts(tx: &mut Tx, channel: Channel) -> Result<Vec<(String, i64)>> {
    let rows = tx
        .rows(
            "SELECT s.topic AS topic, count(*) AS n FROM outreach_subscription s
             JOIN outreach_recipient r ON r.id = s.recipient
             WHERE r.channel = $1 AND r.state = 'active' GROUP BY s.topic",
            params![channel.code()],
        )
        .await?;
    rows.iter().map(|r| Ok((r.get("topic")?, r.get("n")?))).collect()
}

pub(crate) async fn add(tx: &mut Tx, recipient: &str, topic: &str, now: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO outreach_subscription (recipient, topic, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        params![recipient, topic, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn remove(tx: &mut Tx, recipient: &str, topic: &str) -> Result<()> {
    tx.execute("DELETE FROM outreach_subscription WHERE recipient = $1 AND topic = $2", params![recipient, topic])
        .await?;
    Ok(())
}

pub(crate) async fn preference(tx: &mut Tx, recipient: &str) -> Result<Option<Preference>> {
    tx.optional(
        "SELECT district, quiet_from, quiet_until, declines_urgent FROM outreach_preference WHERE recipient = $1",
        params![recipient],
    )
    .await
}

pub(crate) async fn save(tx: &mut Tx, recipient: &str, choices: &Choices, now: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO outreach_preference (recipient, district, quiet_from, quiet_until, declines_urgent, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (recipient) DO UPDATE SET district = $2, quiet_from = $3, quiet_until = $4,
             declines_urgent = $5, updated_at = $6",
        params![
            recipient,
            choices.district.as_deref(),
            choices.quiet.from,
            choices.quiet.until,
            choices.declines_urgent,
            now,
        ],
    )
    .await?;
    Ok(())
}
