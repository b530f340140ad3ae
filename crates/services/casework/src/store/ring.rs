//! Rings of keys and who holds them.

use store::{FromRow, Result, Tx, params};

/// A ring as it is stored.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Ring {
    pub(crate) id: String,
    pub(crate) sealed_case: String,
    pub(crate) kind: String,
    pub(crate) epoch: i64,
    /// Somebody was taken away from it, and nothing has been sealed anew since.
    pub(crate) is_stale: bool,
}

/// A key of an epoch, sealed to a reader.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Grant {
    pub(crate) epoch: i64,
    pub(crate) reader: String,
    pub(crate) public_half: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}

pub(crate) async fn insert(tx: &mut Tx, ring: &Ring) -> Result<()> {
    tx.execute(
        "INSERT INTO case_ring (id, sealed_case, kind, epoch, is_stale) VALUES ($1, $2, $3, $4, $5)",
        params![&ring.id, &ring.sealed_case, &ring.kind, ring.epoch, ring.is_stale],
    )
    .await?;
    Ok(())
}

/// The rings of a case that a reader holds.
pub(crate) async fn of_reader(tx: &mut Tx, case: &str, reader: &str) -> Result<Vec<Ring>> {
    tx.all(
        "SELECT id, sealed_case, kind, epoch, is_stale FROM case_ring WHERE sealed_case = $1
         AND EXISTS (SELECT 1 FROM case_grant g WHERE g.ring = case_ring.id AND g.reader = $2) ORDER BY id",
        params![case, reader],
    )
    .await
}

/// All rings of a case.
pub(crate) async fn of_case(tx: &mut Tx, case: &str) -> Result<Vec<Ring>> {
    let sql = "SELECT id, sealed_case, kind, epoch, is_stale FROM case_ring WHERE sealed_case = $1 ORDER BY id";
    tx.all(sql, params![case]).await
}

pub(crate) async fn next_epoch(tx: &mut Tx, id: &str, epoch: i64) -> Result<()> {
    tx.execute("UPDATE case_ring SET epoch = $2, is_stale = $3 WHERE id = $1", params![id, epoch, false]).await?;
    Ok(())
}

/// Says that a ring wants a new epoch.
pub(crate) async fn mark_stale(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("UPDATE case_ring SET is_stale = $2 WHERE id = $1", params![id, true]).await?;
    Ok(())
}

/// The cases of which a reader holds a ring of a kind, on any desk.
pub(crate) async fn cases_of_reader(tx: &mut Tx, kind: &str, reader: &str) -> Result<Vec<String>> {
    let rows = tx
        .rows(
            "SELECT DISTINCT r.sealed_case AS sealed_case FROM case_grant g
             JOIN case_ring r ON r.id = g.ring AND r.epoch = g.epoch
             WHERE g.reader = $1 AND r.kind = $2 ORDER BY sealed_case",
            params![reader, kind],
        )
        .await?;
    rows.iter().map(|row| row.get("sealed_case")).collect()
}

pub(crate) async fn grant(tx: &mut Tx, ring: &str, grant: &Grant) -> Result<()> {
    tx.execute(
        "INSERT INTO case_grant (ring, epoch, reader, public_half, sealed) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (ring, epoch, reader) DO UPDATE SET public_half = excluded.public_half, sealed = excluded.sealed",
        params![ring, grant.epoch, &grant.reader, grant.public_half.clone(), grant.sealed.clone()],
    )
    .await?;
    Ok(())
}

/// All keys of a ring that a reader holds.
pub(crate) async fn held(tx: &mut Tx, ring: &str, reader: &str) -> Result<Vec<Grant>> {
    tx.all(
        "SELECT epoch, reader, public_half, sealed FROM case_grant WHERE ring = $1 AND reader = $2 ORDER BY epoch",
        params![ring, reader],
    )
    .await
}

/// Who holds the key of an epoch.
pub(crate) async fn holders(tx: &mut Tx, ring: &str, epoch: i64) -> Result<Vec<Grant>> {
    tx.all(
        "SELECT epoch, reader, public_half, sealed FROM case_grant WHERE ring = $1 AND epoch = $2 ORDER BY reader",
        params![ring, epoch],
    )
    .await
}

/// Takes every key of a ring away from a reader; whether there was one.
pub(crate) async fn withdraw(tx: &mut Tx, ring: &str, reader: &str) -> Result<bool> {
    let gone = tx.execute("DELETE FROM case_grant WHERE ring = $1 AND reader = $2", params![ring, reader]).await?;
    Ok(gone > 0)
}

/// Removes what is left of earlier epochs.
pub(crate) async fn forget_before(tx: &mut Tx, ring: &str, epoch: i64) -> Result<()> {
    tx.execute("DELETE FROM case_grant WHERE ring = $1 AND epoch < $2", params![ring, epoch]).await?;
    Ok(())
}

/// The newest key of each ring of a kind that a reader holds, with the case.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Held {
    pub(crate) ring: String,
    pub(crate) sealed_case: String,
    pub(crate) epoch: i64,
    pub(crate) sealed: Vec<u8>,
}

pub(crate) async fn newest_of_reader(tx: &mut Tx, desk: &str, kind: &str, reader: &str) -> Result<Vec<Held>> {
    tx.all(
        "SELECT g.ring AS ring, r.sealed_case AS sealed_case, g.epoch AS epoch, g.sealed AS sealed
         FROM case_grant g JOIN case_ring r ON r.id = g.ring AND r.epoch = g.epoch
         JOIN sealed_case c ON c.id = r.sealed_case
         WHERE g.reader = $1 AND r.kind = $2 AND c.desk = $3 ORDER BY r.sealed_case",
        params![reader, kind, desk],
    )
    .await
}

/// Every ring of a desk's cases that a reader holds, by case.
pub(crate) async fn of_reader_at_desk(tx: &mut Tx, desk: &str, reader: &str) -> Result<Vec<Ring>> {
    tx.all(
        "SELECT r.id AS id, r.sealed_case AS sealed_case, r.kind AS kind, r.epoch AS epoch, r.is_stale AS is_stale
         FROM case_ring r JOIN sealed_case c ON c.id = r.sealed_case
         WHERE c.desk = $1 AND EXISTS (SELECT 1 FROM case_grant g WHERE g.ring = r.id AND g.reader = $2)
         ORDER BY r.sealed_case, r.id",
        params![desk, reader],
    )
    .await
}

/// Every key of every epoch that a reader holds in a desk's cases, by ring.
pub(crate) async fn held_at_desk(tx: &mut Tx, desk: &str, reader: &str) -> Result<Vec<Held>> {
    tx.all(
        "SELECT g.ring AS ring, r.sealed_case AS sealed_case, g.epoch AS epoch, g.sealed AS sealed
         FROM case_grant g JOIN case_ring r ON r.id = g.ring JOIN sealed_case c ON c.id = r.sealed_case
         WHERE g.reader = $2 AND c.desk = $1 ORDER BY g.ring, g.epoch",
        params![desk, reader],
    )
    .await
}
