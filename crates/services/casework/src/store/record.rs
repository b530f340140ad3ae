//! Entries of cases, sealed.

use store::{FromRow, Result, Tx, params};

/// An entry as it is stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) ring: String,
    pub(crate) seq: i64,
    pub(crate) epoch: i64,
    pub(crate) version: i64,
    pub(crate) body: Vec<u8>,
}

pub(crate) async fn insert(tx: &mut Tx, case: &str, record: &Record) -> Result<()> {
    tx.execute(
        "INSERT INTO case_record (id, sealed_case, ring, seq, epoch, version, body) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![&record.id, case, &record.ring, record.seq, record.epoch, record.version, record.body.clone()],
    )
    .await?;
    Ok(())
}

/// The entries of a ring, in order.
pub(crate) async fn of_ring(tx: &mut Tx, ring: &str) -> Result<Vec<Record>> {
    tx.all(
        "SELECT r.id AS id, r.ring AS ring, r.seq AS seq, r.epoch AS epoch, r.version AS version, r.body AS body
         FROM case_record r JOIN case_ring g ON g.id = $1 AND g.sealed_case = r.sealed_case
         WHERE r.ring = $1 ORDER BY r.seq",
        params![ring],
    )
    .await
}

/// The entries of every ring of a desk's cases that a reader holds, by ring and in order.
pub(crate) async fn of_reader_at_desk(tx: &mut Tx, desk: &str, reader: &str) -> Result<Vec<Record>> {
    tx.all(
        "SELECT r.id AS id, r.ring AS ring, r.seq AS seq, r.epoch AS epoch, r.version AS version, r.body AS body
         FROM case_record r JOIN case_ring g ON g.id = r.ring AND g.sealed_case = r.sealed_case
         JOIN sealed_case c ON c.id = r.sealed_case
         WHERE c.desk = $1 AND EXISTS (SELECT 1 FROM case_grant h WHERE h.ring = r.ring AND h.reader = $2)
         ORDER BY r.ring, r.seq",
        params![desk, reader],
    )
    .await
}

/// Puts an entry that was sealed anew in the place of the old one.
pub(crate) async fn replace(tx: &mut Tx, record: &Record) -> Result<()> {
    tx.execute(
        "UPDATE case_record SET epoch = $2, version = $3, body = $4 WHERE id = $1",
        params![&record.id, record.epoch, record.version, record.body.clone()],
    )
    .await?;
    Ok(())
}

/// Removes an entry from a ring; whether it was there.
pub(crate) async fn remove(tx: &mut Tx, ring: &str, id: &str) -> Result<bool> {
    let gone = tx.execute("DELETE FROM case_record WHERE ring = $1 AND id = $2", params![ring, id]).await?;
    Ok(gone == 1)
}

/// What stands in the list of cases, sealed.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Summary {
    pub(crate) sealed_case: String,
    pub(crate) ring: String,
    pub(crate) epoch: i64,
    pub(crate) version: i64,
    pub(crate) body: Vec<u8>,
}

pub(crate) async fn keep_summary(tx: &mut Tx, summary: &Summary) -> Result<()> {
    tx.execute(
        "INSERT INTO case_summary (sealed_case, ring, epoch, version, body) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (sealed_case) DO UPDATE SET ring = excluded.ring, epoch = excluded.epoch,
             version = excluded.version, body = excluded.body",
        params![&summary.sealed_case, &summary.ring, summary.epoch, summary.version, summary.body.clone()],
    )
    .await?;
    Ok(())
}

/// The summaries of a desk's cases whose newest key a reader holds.
pub(crate) async fn summaries(tx: &mut Tx, desk: &str, reader: &str) -> Result<Vec<Summary>> {
    tx.all(
        "SELECT s.sealed_case AS sealed_case, s.ring AS ring, s.epoch AS epoch, s.version AS version, s.body AS body
         FROM case_summary s JOIN sealed_case c ON c.id = s.sealed_case
         JOIN case_grant g ON g.ring = s.ring AND g.epoch = s.epoch AND g.reader = $2
         WHERE c.desk = $1 ORDER BY s.sealed_case",
        params![desk, reader],
    )
    .await
}
