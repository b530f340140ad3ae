//! Recipients in the database.

use calendar::Instant;
use city::Lang;
use store::{Entropy, Result, Row, Sql, Tx, params};

use crate::address::{Address, Vault};
use crate::code;
use crate::recipient::{Channel, Recipient, RecipientState};

const COLUMNS: &str =
    "id, channel, address_sealed, lang, person, state, is_staff_test, blocked_at, created_at, updated_at";

fn recipient(vault: &Vault, row: &Row) -> Result<Recipient> {
    Ok(Recipient {
        id: row.get("id")?,
        channel: row.get("channel")?,
        address: address(vault, row)?,
        lang: code::lang(row, "lang")?,
        person: row.get("person")?,
        state: row.get("state")?,
        is_staff_test: row.get("is_staff_test")?,
        blocked_at: row.get("blocked_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// The address in a row that has `id` and `address_sealed`.
pub(crate) fn address(vault: &Vault, row: &Row) -> Result<Address> {
    let (id, sealed): (String, Vec<u8>) = (row.get("id")?, row.get("address_sealed")?);
    vault.open(&id, &sealed)
}

/// Returns whether the address was new.
pub(crate) async fn insert(
    tx: &mut Tx,
    entropy: Entropy<'_>,
    id: &str,
    channel: Channel,
    address: &Address,
    lang: Lang,
    now: Instant,
) -> Result<bool> {
    let vault = Vault::of(tx)?;
    let sealed = vault.seal(id, address, entropy)?;
    let written = tx
        .execute(
            "INSERT INTO outreach_recipient (id, channel, address_sealed, address_hash, lang, state, is_staff_test,
                 created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $7) ON CONFLICT (channel, address_hash) DO NOTHING",
            params![id, channel.code(), sealed, vault.hash(channel, address), lang.code(), false, now],
        )
        .await?;
    Ok(written == 1)
}

pub(crate) async fn by_address(tx: &mut Tx, channel: Channel, address: &Address) -> Result<Option<Recipient>> {
    let vault = Vault::of(tx)?;
    let row = tx
        .row(
            Sql::built(format!("SELECT {COLUMNS} FROM outreach_recipient WHERE channel = $1 AND address_hash = $2")),
            params![channel.code(), vault.hash(channel, address)],
        )
        .await?;
    row.map(|row| recipient(&vault, &row)).transpose()
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Recipient>> {
    let vault = Vault::of(tx)?;
    let row =
        tx.row(Sql::built(format!("SELECT {COLUMNS} FROM outreach_recipient WHERE id = $1")), params![id]).await?;
    row.map(|row| recipient(&vault, &row)).transpose()
}

pub(crate) async fn staff_test(tx: &mut Tx, channel: Channel) -> Result<Vec<Recipient>> {
    let vault = Vault::of(tx)?;
    let rows = tx
        .rows(
            Sql::built(format!(
                "SELECT {COLUMNS} FROM outreach_recipient
                 WHERE channel = $1 AND is_staff_test = $2 AND state = 'active' ORDER BY id"
            )),
            params![channel.code(), true],
        )
        .await?;
    rows.iter().map(|row| recipient(&vault, row)).collect()
}

/// Returns whether it was in another state.
pub(crate) async fn set_state(tx: &mut Tx, id: &str, state: RecipientState, now: Instant) -> Result<bool> {
    let blocked_at = (state == RecipientState::Blocked).then_some(now);
    let changed = tx
        .execute(
            "UPDATE outreach_recipient SET state = $2, blocked_at = COALESCE($3, blocked_at), updated_at = $4
             WHERE id = $1 AND state <> $2",
            params![id, state.code(), blocked_at, now],
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn set_lang(tx: &mut Tx, id: &str, lang: Lang, now: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE outreach_recipient SET lang = $2, updated_at = $3 WHERE id = $1 AND lang <> $2",
            params![id, lang.code(), now],
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn link(tx: &mut Tx, id: &str, person: Option<&str>, now: Instant) -> Result<bool> {
    let changed = tx
        .execute("UPDATE outreach_recipient SET person = $2, updated_at = $3 WHERE id = $1", params![id, person, now])
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn set_staff_test(tx: &mut Tx, id: &str, on: bool, now: Instant) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE outreach_recipient SET is_staff_test = $2, updated_at = $3 WHERE id = $1",
            params![id, on, now],
        )
        .await?;
    Ok(changed == 1)
}
