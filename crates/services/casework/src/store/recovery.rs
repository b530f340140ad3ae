//! Recovery sets, what is escrowed to them, and when their shares were used.

use calendar::Instant;
use store::{FromRow, Result, Tx, params};

/// A set of shares, of which only the public half is kept.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Set {
    pub(crate) id: String,
    pub(crate) desk: String,
    /// What all shares of the set have in common, and what is printed on them.
    pub(crate) shares: String,
    pub(crate) needed: i64,
    pub(crate) public_half: Vec<u8>,
    pub(crate) made_at: Instant,
    pub(crate) made_by: String,
}

/// An officer and the number of their share.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Officer {
    pub(crate) number: i64,
    pub(crate) account: String,
}

/// A member's secret key, sealed to the public half of a set.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Escrow {
    pub(crate) account: String,
    pub(crate) sealed: Vec<u8>,
}

/// Shares that worked. `officers`: the accounts whose shares they were, with commas between.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Use {
    pub(crate) id: String,
    pub(crate) recovery_set: String,
    pub(crate) account: Option<String>,
    pub(crate) used_at: Instant,
    pub(crate) used_by: String,
    pub(crate) officers: String,
}

pub(crate) async fn insert(tx: &mut Tx, set: &Set) -> Result<()> {
    tx.execute(
        "INSERT INTO recovery_set (id, desk, shares, needed, public_half, made_at, made_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![&set.id, &set.desk, &set.shares, set.needed, set.public_half.clone(), set.made_at, &set.made_by],
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_officer(tx: &mut Tx, set: &str, officer: &Officer) -> Result<()> {
    tx.execute(
        "INSERT INTO recovery_officer (recovery_set, number, account) VALUES ($1, $2, $3)",
        params![set, officer.number, &officer.account],
    )
    .await?;
    Ok(())
}

/// Makes a first set the current one; whether the desk had none.
pub(crate) async fn begin(tx: &mut Tx, desk: &str, set: &str) -> Result<bool> {
    let sql = "INSERT INTO recovery_current (desk, recovery_set) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, params![desk, set]).await? == 1)
}

/// Puts a set in the place of another; whether that was the current one.
pub(crate) async fn follow(tx: &mut Tx, desk: &str, old: &str, set: &str) -> Result<bool> {
    let sql = "UPDATE recovery_current SET recovery_set = $3 WHERE desk = $1 AND recovery_set = $2";
    Ok(tx.execute(sql, params![desk, old, set]).await? == 1)
}

const COLUMNS: &str = "s.id AS id, s.desk AS desk, s.shares AS shares, s.needed AS needed,
    s.public_half AS public_half, s.made_at AS made_at, s.made_by AS made_by";

pub(crate) async fn current(tx: &mut Tx, desk: &str) -> Result<Option<Set>> {
    let sql = store::Sql::built(format!(
        "SELECT {COLUMNS} FROM recovery_set s JOIN recovery_current c ON c.recovery_set = s.id WHERE c.desk = $1"
    ));
    tx.optional(sql, params![desk]).await
}

/// A set of a desk, current or not, by what its shares have in common.
pub(crate) async fn by_shares(tx: &mut Tx, desk: &str, shares: &str) -> Result<Option<Set>> {
    let sql = store::Sql::built(format!("SELECT {COLUMNS} FROM recovery_set s WHERE s.desk = $1 AND s.shares = $2"));
    tx.optional(sql, params![desk, shares]).await
}

/// The current sets of the desks at which somebody works.
pub(crate) async fn of_member(tx: &mut Tx, account: &str) -> Result<Vec<Set>> {
    let sql = store::Sql::built(format!(
        "SELECT {COLUMNS} FROM recovery_set s JOIN recovery_current c ON c.recovery_set = s.id
         WHERE EXISTS (SELECT 1 FROM desk_member m WHERE m.desk = c.desk AND m.account = $1 AND m.until IS NULL)
         ORDER BY s.id"
    ));
    tx.all(sql, params![account]).await
}

/// Whether somebody works at a desk, as whatever.
pub(crate) async fn is_member(tx: &mut Tx, desk: &str, account: &str) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM desk_member WHERE desk = $1 AND account = $2 AND until IS NULL";
    Ok(tx.row(sql, params![desk, account]).await?.is_some())
}

pub(crate) async fn officers(tx: &mut Tx, set: &str) -> Result<Vec<Officer>> {
    tx.all("SELECT number, account FROM recovery_officer WHERE recovery_set = $1 ORDER BY number", params![set]).await
}

/// Keeps an escrow; whether there was none.
pub(crate) async fn keep(tx: &mut Tx, set: &str, escrow: &Escrow) -> Result<bool> {
    let kept = tx
        .execute(
            "INSERT INTO recovery_escrow (recovery_set, account, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            params![set, &escrow.account, escrow.sealed.clone()],
        )
        .await?;
    Ok(kept == 1)
}

pub(crate) async fn escrow(tx: &mut Tx, set: &str, account: &str) -> Result<Option<Escrow>> {
    tx.optional(
        "SELECT account, sealed FROM recovery_escrow WHERE recovery_set = $1 AND account = $2",
        params![set, account],
    )
    .await
}

/// Everything that is escrowed to a set.
pub(crate) async fn escrows(tx: &mut Tx, set: &str) -> Result<Vec<Escrow>> {
    tx.all("SELECT account, sealed FROM recovery_escrow WHERE recovery_set = $1 ORDER BY account", params![set]).await
}

/// Whether a key is escrowed to any set of a desk at which its owner works.
pub(crate) async fn has_escrow(tx: &mut Tx, account: &str) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM recovery_escrow e JOIN recovery_set s ON s.id = e.recovery_set
               JOIN desk_member m ON m.desk = s.desk AND m.account = e.account
               WHERE e.account = $1 AND m.until IS NULL";
    Ok(!tx.rows(sql, params![account]).await?.is_empty())
}

/// Ends what is escrowed to the desk's other sets.
pub(crate) async fn forget_others(tx: &mut Tx, set: &Set, account: &str) -> Result<()> {
    tx.execute(
        "DELETE FROM recovery_escrow WHERE account = $3 AND recovery_set <> $2
         AND recovery_set IN (SELECT id FROM recovery_set WHERE desk = $1)",
        params![&set.desk, &set.id, account],
    )
    .await?;
    Ok(())
}

/// Ends everything that a member escrowed to the sets of a desk.
pub(crate) async fn forget_member(tx: &mut Tx, desk: &str, account: &str) -> Result<()> {
    tx.execute(
        "DELETE FROM recovery_escrow WHERE account = $2
         AND recovery_set IN (SELECT id FROM recovery_set WHERE desk = $1)",
        params![desk, account],
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_use(tx: &mut Tx, used: &Use) -> Result<()> {
    tx.execute(
        "INSERT INTO recovery_use (id, recovery_set, account, used_at, used_by, officers)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![&used.id, &used.recovery_set, used.account.as_deref(), used.used_at, &used.used_by, &used.officers],
    )
    .await?;
    Ok(())
}

const USED: &str = "u.id AS id, u.recovery_set AS recovery_set, u.account AS account, u.used_at AS used_at,
    u.used_by AS used_by, u.officers AS officers";

pub(crate) async fn last_rehearsal(tx: &mut Tx, set: &str) -> Result<Option<Use>> {
    let sql = store::Sql::built(format!(
        "SELECT {USED} FROM recovery_use u WHERE u.recovery_set = $1 AND u.account IS NULL
         ORDER BY u.used_at DESC, u.id DESC LIMIT 1"
    ));
    tx.optional(sql, params![set]).await
}

pub(crate) async fn restorations_of_desk(tx: &mut Tx, desk: &str) -> Result<Vec<Use>> {
    let sql = store::Sql::built(format!(
        "SELECT {USED} FROM recovery_use u JOIN recovery_set s ON s.id = u.recovery_set
         WHERE s.desk = $1 AND u.account IS NOT NULL ORDER BY u.used_at DESC, u.id"
    ));
    tx.all(sql, params![desk]).await
}

pub(crate) async fn restorations_of_member(tx: &mut Tx, account: &str) -> Result<Vec<Use>> {
    let sql = store::Sql::built(format!(
        "SELECT {USED} FROM recovery_use u WHERE u.account = $1 ORDER BY u.used_at DESC, u.id"
    ));
    tx.all(sql, params![account]).await
}
