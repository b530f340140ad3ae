//! Batches and deliveries in the database.

use calendar::Instant;
use city::Lang;
use store::{Result, Row, Sql, Tx, Value, params};

use crate::address::Vault;
use crate::batch::{BatchState, SentBatch, Standing};
use crate::code;
use crate::plan::{Batch, Candidate};
use crate::sending::Sending;
use crate::store::recipient;
use crate::{Address, Channel, DISASTER, Quiet};

/// Who gets a send, as a condition on `r` (recipient) and `p` (preference, which may be absent), with its parameters,
/// of which the first has the number `first`.
fn wanted(sending: &Sending, first: usize) -> (String, Vec<Value>) {
    let mut values = params![sending.channel.code()];
    let mut sql = format!("r.channel = ${first} AND r.state = 'active'");
    let everybody = sending.urgent && sending.topic == DISASTER;
    if everybody {
        // Better one too many than one who does not hear of it: without a district they are told of every one.
        sql.push_str(&format!(" AND (p.declines_urgent IS NULL OR p.declines_urgent = ${})", first + values.len()));
        values.extend(params![false]);
    } else {
        sql.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM outreach_subscription s WHERE s.recipient = r.id AND s.topic = ${})",
            first + values.len()
        ));
        values.extend(params![&sending.topic]);
    }
    if !sending.districts.is_empty() {
        let places: Vec<String> =
            (0..sending.districts.len()).map(|i| format!("${}", first + values.len() + i)).collect();
        let or_none = if everybody { "p.district IS NULL OR " } else { "" };
        sql.push_str(&format!(" AND ({or_none}p.district IN ({}))", places.join(", ")));
        values.extend(sending.districts.iter().map(Value::from));
    }
    (sql, values)
}

/// Those who get a send, after an id, in the order of their ids.
pub(crate) async fn candidates(tx: &mut Tx, sending: &Sending, after: &str, limit: i64) -> Result<Vec<Candidate>> {
    let (wanted, values) = wanted(sending, 3);
    let mut all = params![after, limit];
    all.extend(values);
    let mut found = Vec::new();
    tx.for_each(
        Sql::built(format!(
            "SELECT r.id AS id, r.lang AS lang, p.quiet_from AS quiet_from, p.quiet_until AS quiet_until
             FROM outreach_recipient r LEFT JOIN outreach_preference p ON p.recipient = r.id
             WHERE r.id > $1 AND {wanted} ORDER BY r.id LIMIT $2"
        )),
        all,
        |row| {
            found.push(candidate(&row, sending)?);
            Ok(())
        },
    )
    .await?;
    Ok(found)
}

fn candidate(row: &Row, sending: &Sending) -> Result<Candidate> {
    let quiet = match (row.get("quiet_from")?, row.get("quiet_until")?) {
        _ if sending.urgent => Quiet::NONE,
        (Some(from), Some(until)) => Quiet { from, until },
        _ => Quiet::default(),
    };
    let lang = sending.texts.lang_for(code::lang(row, "lang")?);
    Ok(Candidate { id: row.get("id")?, lang, quiet })
}

pub(crate) async fn count_candidates(tx: &mut Tx, sending: &Sending) -> Result<i64> {
    let (wanted, values) = wanted(sending, 1);
    let row = tx
        .row(
            Sql::built(format!(
                "SELECT count(*) AS n FROM outreach_recipient r
                 LEFT JOIN outreach_preference p ON p.recipient = r.id WHERE {wanted}"
            )),
            values,
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("n"))
}

/// Writes a batch and its deliveries.
pub(crate) async fn insert(tx: &mut Tx, send: &str, n: i64, retry_key: &str, batch: Batch) -> Result<()> {
    let Batch { group, members } = batch;
    tx.execute(
        "INSERT INTO outreach_batch (send, n, lang, quiet_from, quiet_until, size, retry_key, state, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0)",
        params![
            send,
            n,
            group.lang.code(),
            group.quiet.from,
            group.quiet.until,
            i64::try_from(members.len()).unwrap_or(i64::MAX),
            retry_key,
        ],
    )
    .await?;
    let rows = members.into_iter().map(|id| params![send, id, n]);
    tx.insert_many("outreach_delivery", &["send", "recipient", "batch"], rows).await?;
    Ok(())
}

/// Number of the last batch; 0 if there is none.
pub(crate) async fn last(tx: &mut Tx, send: &str) -> Result<i64> {
    let row = tx.row("SELECT COALESCE(max(n), 0) AS n FROM outreach_batch WHERE send = $1", params![send]).await?;
    row.map_or(Ok(0), |row| row.get("n"))
}

/// Removes the batches up to a number, and their deliveries.
pub(crate) async fn remove(tx: &mut Tx, send: &str, until: i64) -> Result<()> {
    tx.execute("DELETE FROM outreach_delivery WHERE send = $1 AND batch <= $2", params![send, until]).await?;
    tx.execute("DELETE FROM outreach_batch WHERE send = $1 AND n <= $2", params![send, until]).await?;
    Ok(())
}

pub(crate) async fn by_lang(tx: &mut Tx, send: &str) -> Result<Vec<(Lang, i64)>> {
    let rows = tx
        .rows(
            "SELECT lang, CAST(sum(size) AS BIGINT) AS n FROM outreach_batch WHERE send = $1 GROUP BY lang",
            params![send],
        )
        .await?;
    rows.iter().map(|row| Ok((code::lang(row, "lang")?, row.get("n")?))).collect()
}

/// Messages that other sends of a channel still need.
pub(crate) async fn bound(tx: &mut Tx, channel: Channel, but: &str) -> Result<i64> {
    let row = tx
        .row(
            "SELECT COALESCE(CAST(sum(b.size) AS BIGINT), 0) AS n FROM outreach_send s
             JOIN outreach_batch b ON b.send = s.id
             WHERE s.channel = $1 AND s.id <> $2 AND s.state IN ('approved', 'running', 'paused')
               AND b.ended_at IS NULL",
            params![channel.code(), but],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("n"))
}

const COLUMNS: &str = "n, lang, quiet_from, quiet_until, size, retry_key, state, attempts, request_id, \
    first_attempt_at, ended_at, reason";

/// A batch; who changes it has locked its send.
pub(crate) async fn get(tx: &mut Tx, send: &str, n: i64) -> Result<Option<SentBatch>> {
    tx.optional(
        Sql::built(format!("SELECT {COLUMNS} FROM outreach_batch WHERE send = $1 AND n = $2")),
        params![send, n],
    )
    .await
}

pub(crate) async fn list(tx: &mut Tx, send: &str, after: i64, limit: i64) -> Result<Vec<SentBatch>> {
    tx.all(
        Sql::built(format!("SELECT {COLUMNS} FROM outreach_batch WHERE send = $1 AND n > $2 ORDER BY n LIMIT $3")),
        params![send, after, limit],
    )
    .await
}

pub(crate) async fn in_doubt(tx: &mut Tx, send: &str) -> Result<Vec<SentBatch>> {
    tx.all(
        Sql::built(format!(
            "SELECT {COLUMNS} FROM outreach_batch
             WHERE send = $1 AND state = 'unsure' AND ended_at IS NOT NULL ORDER BY n"
        )),
        params![send],
    )
    .await
}

/// Batches that are still tried.
pub(crate) async fn open(tx: &mut Tx, send: &str) -> Result<Vec<SentBatch>> {
    tx.all(
        Sql::built(format!("SELECT {COLUMNS} FROM outreach_batch WHERE send = $1 AND ended_at IS NULL ORDER BY n")),
        params![send],
    )
    .await
}

pub(crate) async fn any_open(tx: &mut Tx, send: &str) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM outreach_batch WHERE send = $1 AND ended_at IS NULL LIMIT 1";
    Ok(tx.row(sql, params![send]).await?.is_some())
}

/// Recipients of batches that are still tried.
pub(crate) async fn left(tx: &mut Tx, send: &str) -> Result<i64> {
    let row = tx
        .row(
            "SELECT COALESCE(CAST(sum(size) AS BIGINT), 0) AS n FROM outreach_batch
             WHERE send = $1 AND ended_at IS NULL",
            params![send],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("n"))
}

/// Somebody in a batch who was not left out of it.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) recipient: String,
    /// None where the recipient is not there any more.
    pub(crate) address: Option<Address>,
    pub(crate) standing: Standing,
}

pub(crate) async fn members(tx: &mut Tx, sending: &Sending, n: i64) -> Result<Vec<Member>> {
    let (wanted, values) = wanted(sending, 3);
    let mut all = params![&sending.id, n];
    all.extend(values);
    let (vault, mut found) = (Vault::of(tx)?, Vec::new());
    tx.for_each(
        Sql::built(format!(
            "SELECT d.recipient AS id, r.address_sealed AS address_sealed,
                    CASE WHEN r.state IN ('blocked', 'gone') THEN 'blocked' WHEN {wanted} THEN 'wanted'
                         ELSE 'unwanted' END AS standing
             FROM outreach_delivery d LEFT JOIN outreach_recipient r ON r.id = d.recipient
             LEFT JOIN outreach_preference p ON p.recipient = d.recipient
             WHERE d.send = $1 AND d.batch = $2 AND d.result IS NULL"
        )),
        all,
        |row| {
            let is_there = row.get::<Option<Vec<u8>>>("address_sealed")?.is_some();
            let address = is_there.then(|| recipient::address(&vault, &row)).transpose()?;
            found.push(Member { recipient: row.get("id")?, address, standing: row.get("standing")? });
            Ok(())
        },
    )
    .await?;
    Ok(found)
}

/// Marks who of a send is not to get it any more, and why.
pub(crate) async fn leave_out(
    tx: &mut Tx,
    send: &str,
    result: &str,
    recipients: impl Iterator<Item = &str>,
) -> Result<()> {
    for recipient in recipients {
        tx.execute(
            "UPDATE outreach_delivery SET result = $3 WHERE send = $1 AND recipient = $2 AND result IS NULL",
            params![send, recipient, result],
        )
        .await?;
    }
    Ok(())
}

/// An attempt begins: from now on it may have been accepted.
pub(crate) async fn begin(tx: &mut Tx, send: &str, n: i64, retry_key: &str, first: Instant) -> Result<()> {
    tx.execute(
        "UPDATE outreach_batch SET state = 'unsure', attempts = attempts + 1, retry_key = $3, first_attempt_at = $4
         WHERE send = $1 AND n = $2",
        params![send, n, retry_key, first],
    )
    .await?;
    Ok(())
}

/// Surely nothing of it was accepted.
pub(crate) async fn wait(tx: &mut Tx, send: &str, n: i64) -> Result<()> {
    tx.execute("UPDATE outreach_batch SET state = 'waiting' WHERE send = $1 AND n = $2", params![send, n]).await?;
    Ok(())
}

/// Nothing is tried any more.
pub(crate) async fn end(
    tx: &mut Tx,
    send: &str,
    n: i64,
    state: BatchState,
    request_id: Option<&str>,
    reason: Option<&str>,
    now: Instant,
) -> Result<()> {
    tx.execute(
        "UPDATE outreach_batch SET state = $3, request_id = COALESCE($4, request_id), reason = $5, ended_at = $6
         WHERE send = $1 AND n = $2",
        params![send, n, state.code(), request_id, reason, now],
    )
    .await?;
    Ok(())
}

/// Begins anew with a new key.
pub(crate) async fn renew(tx: &mut Tx, send: &str, n: i64, retry_key: &str) -> Result<()> {
    tx.execute(
        "UPDATE outreach_batch SET state = 'waiting', retry_key = $3, first_attempt_at = NULL, ended_at = NULL,
             reason = NULL, attempts = 0
         WHERE send = $1 AND n = $2",
        params![send, n, retry_key],
    )
    .await?;
    Ok(())
}

/// Ends all batches that are still tried; those that may have been accepted are left to a person.
pub(crate) async fn stop(tx: &mut Tx, send: &str, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE outreach_batch SET ended_at = $2, reason = 'stopped',
             state = CASE WHEN state = 'waiting' THEN 'stopped' ELSE state END
         WHERE send = $1 AND ended_at IS NULL",
        params![send, now],
    )
    .await?;
    Ok(())
}
