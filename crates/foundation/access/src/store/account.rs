//! Accounts, assignments to sections, and roles.

use calendar::{Date, Instant};
use store::{FromRow, Result, Tx, params};

/// An account without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Account {
    /// Id.
    pub id: String,
    /// Log-in name.
    pub login: String,
    /// Name as colleagues see it.
    pub name: String,
    /// The person behind it, with the address for messages.
    pub person: Option<String>,
    /// `invited`, `active` or `disabled`.
    pub state: String,
    /// Whether a second factor is set up.
    pub has_totp: bool,
    /// Until when an invitation is open.
    pub invitation_until: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
}

/// What log-in needs to know.
#[derive(Clone, FromRow)]
pub struct Secrets {
    /// Id.
    pub id: String,
    /// Log-in name.
    pub login: String,
    /// State.
    pub state: String,
    /// Stored password.
    pub password: Option<String>,
    /// Sealed second factor.
    pub totp: Option<Vec<u8>>,
    /// Last step whose code was used.
    pub totp_step: i64,
}

/// A span during which an account belongs to a section.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Assignment {
    /// Id.
    pub id: String,
    /// Account.
    pub account: String,
    /// Code of the section.
    pub section: String,
    /// Whether it is held beside a main one (兼務).
    pub concurrent: bool,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// A role that was given.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Grant {
    /// Id.
    pub id: String,
    /// Account.
    pub account: String,
    /// Code of the role.
    pub role: String,
    /// Code of the section in which it is held.
    pub section: Option<String>,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Option<Date>,
    /// Who gave it.
    pub given_by: String,
}

const ACCOUNT: &str =
    "SELECT id, login, name, person, state, totp IS NOT NULL AS has_totp, invitation_until, created_at FROM account";

/// All accounts by log-in name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Account>> {
    tx.all(store::Sql::built(format!("{ACCOUNT} ORDER BY login")), params![]).await
}

/// One account.
pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Account>> {
    tx.optional(store::Sql::built(format!("{ACCOUNT} WHERE id = $1")), params![id]).await
}

/// The account with an open invitation.
pub async fn invited(tx: &mut Tx, digest: &str, now: Instant) -> Result<Option<Account>> {
    tx.optional(
        store::Sql::built(format!("{ACCOUNT} WHERE invitation = $1 AND invitation_until > $2 AND state <> 'disabled'")),
        params![digest, now],
    )
    .await
}

/// The secrets of the account with a log-in name.
pub async fn secrets_of_login(tx: &mut Tx, login: &str) -> Result<Option<Secrets>> {
    tx.optional("SELECT id, login, state, password, totp, totp_step FROM account WHERE login = $1", params![login])
        .await
}

/// The secrets of an account.
pub async fn secrets(tx: &mut Tx, id: &str) -> Result<Option<Secrets>> {
    tx.optional("SELECT id, login, state, password, totp, totp_step FROM account WHERE id = $1", params![id]).await
}

/// Adds an account; `false` if the log-in name is taken.
pub async fn insert(
    tx: &mut Tx,
    id: &str,
    login: &str,
    name: &str,
    person: Option<&str>,
    now: Instant,
) -> Result<bool> {
    let added = tx
        .execute(
            "INSERT INTO account (id, login, name, person, state, totp_step, created_at, updated_at)
             VALUES ($1, $2, $3, $4, 'invited', 0, $5, $5) ON CONFLICT (login) DO NOTHING",
            params![id, login, name, person, now],
        )
        .await?;
    Ok(added == 1)
}

/// Opens an invitation: only the digest of its token is kept.
pub async fn invite(tx: &mut Tx, id: &str, digest: &str, until: Instant, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE account SET invitation = $2, invitation_until = $3, updated_at = $4 WHERE id = $1",
        params![id, digest, until, now],
    )
    .await?;
    Ok(())
}

/// Stores password and second factor, ends the invitation, and makes the account active.
pub async fn enrol(tx: &mut Tx, id: &str, password: &str, totp: Vec<u8>, step: i64, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE account SET password = $2, totp = $3, totp_step = $4, invitation = NULL, invitation_until = NULL,
                state = 'active', updated_at = $5 WHERE id = $1",
        params![id, password, totp, step, now],
    )
    .await?;
    Ok(())
}

/// Stores another password.
pub async fn set_password(tx: &mut Tx, id: &str, password: &str, now: Instant) -> Result<()> {
    tx.execute("UPDATE account SET password = $2, updated_at = $3 WHERE id = $1", params![id, password, now]).await?;
    Ok(())
}

/// Takes password and second factor away, until the account is enrolled anew.
pub async fn clear_secrets(tx: &mut Tx, id: &str, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE account SET password = NULL, totp = NULL, state = 'invited', updated_at = $2 WHERE id = $1 AND state <> 'disabled'",
        params![id, now],
    )
    .await?;
    Ok(())
}

/// Marks a code's step as used; `false` if it or a later one was used already.
pub async fn use_step(tx: &mut Tx, id: &str, step: i64) -> Result<bool> {
    let used =
        tx.execute("UPDATE account SET totp_step = $2 WHERE id = $1 AND totp_step < $2", params![id, step]).await?;
    Ok(used == 1)
}

/// Sets the state and the name.
pub async fn update(tx: &mut Tx, id: &str, name: &str, state: &str, now: Instant) -> Result<bool> {
    let done = tx
        .execute(
            "UPDATE account SET name = $2, state = $3, updated_at = $4 WHERE id = $1",
            params![id, name, state, now],
        )
        .await?;
    Ok(done == 1)
}

/// Sets the person behind an account.
pub async fn set_person(tx: &mut Tx, id: &str, person: &str, now: Instant) -> Result<bool> {
    let done =
        tx.execute("UPDATE account SET person = $2, updated_at = $3 WHERE id = $1", params![id, person, now]).await?;
    Ok(done == 1)
}

/// The assignments of all accounts, or of one.
pub async fn assignments(tx: &mut Tx, account: Option<&str>) -> Result<Vec<Assignment>> {
    tx.all(
        "SELECT id, account, section, concurrent, valid_from, valid_to FROM assignment
         WHERE ($1 IS NULL OR account = $1) ORDER BY account, concurrent, valid_from, id",
        params![account],
    )
    .await
}

/// Adds an assignment.
pub async fn insert_assignment(tx: &mut Tx, row: &Assignment) -> Result<()> {
    tx.execute(
        "INSERT INTO assignment (id, account, section, concurrent, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5, $6)",
        params![&row.id, &row.account, &row.section, row.concurrent, row.valid_from, row.valid_to],
    )
    .await?;
    Ok(())
}

/// Sets the last day of an assignment.
pub async fn end_assignment(tx: &mut Tx, account: &str, id: &str, last: Date) -> Result<bool> {
    let done = tx
        .execute("UPDATE assignment SET valid_to = $3 WHERE id = $2 AND account = $1", params![account, id, last])
        .await?;
    Ok(done == 1)
}

/// The roles of all accounts, or of one.
pub async fn grants(tx: &mut Tx, account: Option<&str>) -> Result<Vec<Grant>> {
    tx.all(
        "SELECT id, account, role, section, valid_from, valid_to, given_by FROM role_grant
         WHERE ($1 IS NULL OR account = $1) ORDER BY account, valid_from, id",
        params![account],
    )
    .await
}

/// Adds a role.
pub async fn insert_grant(tx: &mut Tx, row: &Grant, now: Instant) -> Result<()> {
    tx.execute(
        "INSERT INTO role_grant (id, account, role, section, valid_from, valid_to, given_by, given_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            &row.id,
            &row.account,
            &row.role,
            row.section.as_deref(),
            row.valid_from,
            row.valid_to,
            &row.given_by,
            now
        ],
    )
    .await?;
    Ok(())
}

/// Sets the last day of a role.
pub async fn end_grant(tx: &mut Tx, account: &str, id: &str, last: Date) -> Result<bool> {
    let done = tx
        .execute("UPDATE role_grant SET valid_to = $3 WHERE id = $2 AND account = $1", params![account, id, last])
        .await?;
    Ok(done == 1)
}

/// How many accounts there are.
pub async fn count(tx: &mut Tx) -> Result<i64> {
    match tx.row("SELECT count(*) AS n FROM account", params![]).await? {
        Some(row) => row.get("n"),
        None => Ok(0),
    }
}
