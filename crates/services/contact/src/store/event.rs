//! The log of contacts in the database: rows are added and never changed.

use store::{Result, Tx, params};

use crate::event::Event;

/// Adds an event as the last one of its contact, whose row the transaction has locked.
pub(crate) async fn insert(tx: &mut Tx, e: &Event) -> Result<()> {
    tx.execute(
        "INSERT INTO contact_event (id, contact, seq, at, kind, actor, channel, section, other_section, account, topic,
             article, article_version, reason, value)
         VALUES ($1, $2, (SELECT coalesce(max(p.seq), 0) + 1 FROM contact_event p WHERE p.contact = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params![
            &e.id,
            &e.contact,
            e.at,
            e.kind.code(),
            &e.actor,
            e.channel.code(),
            &e.section,
            e.other_section.as_deref(),
            e.account.as_deref(),
            e.topic.as_deref(),
            e.article.as_deref(),
            e.article_version,
            e.reason.as_deref(),
            e.value,
        ],
    )
    .await?;
    Ok(())
}

/// The events of a contact, oldest first.
pub async fn of(tx: &mut Tx, contact: &str) -> Result<Vec<Event>> {
    tx.all(
        "SELECT id, contact, seq, at, kind, actor, channel, section, other_section, account, topic, article,
             article_version, reason, value
         FROM contact_event WHERE contact = $1 ORDER BY seq",
        params![contact],
    )
    .await
}
