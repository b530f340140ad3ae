//! Recipients in the database.

use calendar::Instant;
use city::Lang;
use store::{Result, Sql, Tx, params};

use crate::Address;
use crate::recipient::{Channel, Recipient, RecipientState};

const COLUMNS: &str = "id, channel, address, lang, person, state, is_staff_test, blocked_at, created_at, updated_at";

/// Returns whether the address was new.
pub(crate) async fn insert(
    tx: &mut Tx,
    id: &str,
    channel: Channel,
    address: &Address,
    lang: Lang,
    now: Instant,
) -> Result<bool> {
    let written = tx
        .execute(
            "INSERT INTO outreach_recipient (id, channel, address, lang, state, is_staff_test, created_at, updated_at)
             VALUES ($1, $2, $3, $4, 'active', $5, $6, $6) ON CONFLICT (channel, address) DO NOTHING",
            params![id, channel.code(), address.reveal_to_channel(), lang.code(), false, now],
        )
        .await?;
    Ok(written == 1)
}

pub(crate) async fn by_address(tx: &mut Tx, channel: Channel, address: &Address) -> Result<Option<Recipient>> {
    tx.optional(
        Sql::built(format!("SELECT {COLUMNS} FROM outreach_recipient WHERE channel = $1 AND address = $2")),
        params![channel.code(), address.reveal_to_channel()],
    )
    .await
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Recipient>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM outreach_recipient WHERE id = $1")), params![id]).await
}

pub(crate) async fn staff_test(tx: &mut Tx, channel: Channel) -> Result<Vec<Recipient>> {
    tx.all(
        Sql::built(format!(
            "SELECT {COLUMNS} FROM outreach_recipient
             WHERE channel = $1 AND is_staff_test = $2 AND state = 'active' ORDER BY id"
        )),
        params![channel.code(), true],
    )
    .await
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
