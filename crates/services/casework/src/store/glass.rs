//! Shares of rings for officers, and their requests.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// An officer's share of the key of a ring and epoch.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Share {
    pub(crate) ring: String,
    pub(crate) epoch: i64,
    pub(crate) officer: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) commitment: Vec<u8>,
}

/// What an officer asked for. `sealed_key` opens the reason for the second officer.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) sealed_case: String,
    pub(crate) asked_by: String,
    pub(crate) second: String,
    pub(crate) asked_at: Instant,
    pub(crate) sealed_key: Vec<u8>,
    pub(crate) reason: Vec<u8>,
    pub(crate) opened_at: Option<Instant>,
}

/// The first officer's share, sealed to the second.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Hand {
    pub(crate) ring: String,
    pub(crate) epoch: i64,
    pub(crate) sealed: Vec<u8>,
}

pub(crate) async fn insert(tx: &mut Tx, share: &Share) -> Result<()> {
    tx.execute(
        "INSERT INTO case_glass (ring, epoch, officer, sealed, commitment) VALUES ($1, $2, $3, $4, $5)",
        params![&share.ring, share.epoch, &share.officer, share.sealed.clone(), share.commitment.clone()],
    )
    .await?;
    Ok(())
}

/// An officer's shares of a case: of its rings' newest epochs.
pub(crate) async fn of_case(tx: &mut Tx, case: &str, officer: &str) -> Result<Vec<Share>> {
    tx.all(
        "SELECT g.ring AS ring, g.epoch AS epoch, g.officer AS officer, g.sealed AS sealed, g.commitment AS commitment
         FROM case_glass g JOIN case_ring r ON r.id = g.ring AND r.epoch = g.epoch
         WHERE r.sealed_case = $1 AND g.officer = $2 ORDER BY g.ring",
        params![case, officer],
    )
    .await
}

/// The officers who hold a share of a ring.
pub(crate) async fn officers(tx: &mut Tx, ring: &str) -> Result<Vec<String>> {
    let rows =
        tx.rows("SELECT DISTINCT officer FROM case_glass WHERE ring = $1 ORDER BY officer", params![ring]).await?;
    rows.iter().map(|row| row.get("officer")).collect()
}

/// Removes the shares of a ring's epochs before one.
pub(crate) async fn forget_before(tx: &mut Tx, ring: &str, epoch: i64) -> Result<()> {
    tx.execute("DELETE FROM case_glass WHERE ring = $1 AND epoch < $2", params![ring, epoch]).await?;
    Ok(())
}

pub(crate) async fn ask(tx: &mut Tx, request: &Request, hands: &[Hand]) -> Result<()> {
    tx.execute(
        "INSERT INTO glass_request (id, sealed_case, asked_by, second, asked_at, sealed_key, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            &request.id,
            &request.sealed_case,
            &request.asked_by,
            &request.second,
            request.asked_at,
            request.sealed_key.clone(),
            request.reason.clone()
        ],
    )
    .await?;
    for hand in hands {
        tx.execute(
            "INSERT INTO glass_hand (request, ring, epoch, sealed) VALUES ($1, $2, $3, $4)",
            params![&request.id, &hand.ring, hand.epoch, hand.sealed.clone()],
        )
        .await?;
    }
    Ok(())
}

const COLUMNS: &str = "id, sealed_case, asked_by, second, asked_at, sealed_key, reason, opened_at";

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Request>> {
    let sql = store::Sql::built(format!("SELECT {COLUMNS} FROM glass_request WHERE id = $1"));
    tx.optional(sql, params![id]).await
}

/// What waits for an officer, asked after an instant.
pub(crate) async fn waiting(tx: &mut Tx, second: &str, after: Instant) -> Result<Vec<Request>> {
    let sql = store::Sql::built(format!(
        "SELECT {COLUMNS} FROM glass_request WHERE second = $1 AND asked_at > $2 AND opened_at IS NULL
         ORDER BY asked_at, id"
    ));
    tx.all(sql, params![second, after]).await
}

pub(crate) async fn hands(tx: &mut Tx, request: &str) -> Result<Vec<Hand>> {
    tx.all("SELECT ring, epoch, sealed FROM glass_hand WHERE request = $1 ORDER BY ring, epoch", params![request]).await
}

/// Removes what was handed over in the requests of a case.
pub(crate) async fn forget_hands(tx: &mut Tx, case: &str) -> Result<()> {
    let sql = "DELETE FROM glass_hand WHERE request IN (SELECT id FROM glass_request WHERE sealed_case = $1)";
    tx.execute(sql, params![case]).await?;
    Ok(())
}

/// Marks a request as opened; whether nobody did so before. What was handed over is removed.
pub(crate) async fn open(tx: &mut Tx, id: &str, now: Instant) -> Result<bool> {
    tx.execute("DELETE FROM glass_hand WHERE request = $1", params![id]).await?;
    let sql = "UPDATE glass_request SET opened_at = $2 WHERE id = $1 AND opened_at IS NULL";
    Ok(tx.execute(sql, params![id, now]).await? == 1)
}

pub(crate) async fn remove(tx: &mut Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM glass_hand WHERE request = $1", params![id]).await?;
    tx.execute("DELETE FROM glass_request WHERE id = $1", params![id]).await?;
    Ok(())
}

/// Removes the requests that nobody opened, asked at an instant or before.
pub(crate) async fn sweep(tx: &mut Tx, until: Instant) -> Result<u64> {
    tx.execute(
        "DELETE FROM glass_hand WHERE request IN
         (SELECT id FROM glass_request WHERE asked_at <= $1 AND opened_at IS NULL)",
        params![until],
    )
    .await?;
    tx.execute("DELETE FROM glass_request WHERE asked_at <= $1 AND opened_at IS NULL", params![until]).await
}

/// Whether somebody reads a case because its glass was broken for them.
pub(crate) async fn is_guest(tx: &mut Tx, case: &str, account: &str) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM glass_request WHERE sealed_case = $1 AND asked_by = $2 AND opened_at IS NOT NULL";
    Ok(!tx.rows(sql, params![case, account]).await?.is_empty())
}

/// Removes everything of a case.
pub(crate) async fn remove_case(tx: &mut Tx, case: &str) -> Result<()> {
    forget_hands(tx, case).await?;
    tx.execute("DELETE FROM glass_request WHERE sealed_case = $1", params![case]).await?;
    let rings = "DELETE FROM case_glass WHERE ring IN (SELECT id FROM case_ring WHERE sealed_case = $1)";
    tx.execute(rings, params![case]).await?;
    Ok(())
}
