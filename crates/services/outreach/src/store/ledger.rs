//! The ledger in the database.

use std::collections::BTreeSet;

use store::{FromRow, Result, Tx, params};

use crate::address::{Address, Vault};
use crate::batch::{BatchState, SentBatch};
use crate::ledger::DeliveryResult;
use crate::store::recipient;

/// How many deliveries of a kind.
#[derive(FromRow)]
pub(crate) struct Count {
    pub(crate) state: BatchState,
    pub(crate) has_ended: bool,
    pub(crate) result: Option<DeliveryResult>,
    pub(crate) n: i64,
}

pub(crate) async fn counts(tx: &mut Tx, send: &str) -> Result<Vec<Count>> {
    // Rows of a batch are counted first, so that only as many as there are batches are joined.
    tx.all(
        "SELECT b.state AS state, b.ended_at IS NOT NULL AS has_ended, d.result AS result,
                CAST(sum(d.n) AS BIGINT) AS n
         FROM (SELECT batch, result, count(*) AS n FROM outreach_delivery WHERE send = $1 GROUP BY batch, result) d
         JOIN outreach_batch b ON b.send = $1 AND b.n = d.batch
         GROUP BY b.state, b.ended_at IS NOT NULL, d.result",
        params![send],
    )
    .await
}

pub(crate) async fn note(tx: &mut Tx, send: &str, recipient: &str, result: DeliveryResult) -> Result<bool> {
    let noted = tx
        .execute(
            "UPDATE outreach_delivery SET result = $3 WHERE send = $1 AND recipient = $2",
            params![send, recipient, result.code()],
        )
        .await?;
    Ok(noted == 1)
}

pub(crate) async fn of_recipient(tx: &mut Tx, recipient: &str, limit: i64) -> Result<Vec<(String, BatchState)>> {
    let rows = tx
        .rows(
            // From the sends, of which there are few, each delivery by its key.
            "SELECT s.number AS number, b.state AS state FROM outreach_send s
             JOIN outreach_batch b ON b.send = s.id AND b.n =
                 (SELECT d.batch FROM outreach_delivery d WHERE d.send = s.id AND d.recipient = $1)
             ORDER BY s.id DESC LIMIT $2",
            params![recipient, limit],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("number")?, row.get("state")?))).collect()
}

/// The batch with a key, if it belongs to the send.
pub(crate) async fn with_key(tx: &mut Tx, send: &str, retry_key: &str) -> Result<Option<SentBatch>> {
    tx.optional(
        "SELECT n, lang, quiet_from, quiet_until, size, retry_key, state, attempts, request_id, first_attempt_at,
             ended_at, reason
         FROM outreach_batch WHERE retry_key = $2 AND send = $1",
        params![send, retry_key],
    )
    .await
}

/// Whom the channel was handed in a batch, as far as they are still known.
pub(crate) async fn handed_over(tx: &mut Tx, send: &str, n: i64) -> Result<BTreeSet<Address>> {
    let (vault, mut found) = (Vault::of(tx)?, BTreeSet::new());
    tx.for_each(
        "SELECT r.id AS id, r.address_sealed AS address_sealed FROM outreach_delivery d JOIN outreach_recipient r ON r.id = d.recipient
         WHERE d.send = $1 AND d.batch = $2 AND (d.result IS NULL OR d.result IN ('failed', 'delivered'))",
        params![send, n],
        |row| {
            found.insert(recipient::address(&vault, &row)?);
            Ok(())
        },
    )
    .await?;
    Ok(found)
}

/// Numbers of the batches that the channel accepted.
pub(crate) async fn accepted(tx: &mut Tx, send: &str) -> Result<Vec<i64>> {
    let rows = tx
        .rows("SELECT n FROM outreach_batch WHERE send = $1 AND state = 'accepted' ORDER BY n", params![send])
        .await?;
    rows.iter().map(|row| row.get("n")).collect()
}
