//! Sends in the database.

use calendar::Instant;
use store::{FromRow, Result, Sql, StoreError, Tx, params};

use crate::plan::Plan;
use crate::sending::{Draft, Sending, State};

const COLUMNS: &str = "id, number, channel, title, texts, topic, districts, section, state, version, tested_version, author, \
    edited_by, approver, urgent, urgent_reason, starts_at, run, reason, created_at, updated_at, planned_at, \
    approved_at, started_at, finished_at";

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|e| StoreError::Column { column: "outreach_send".into(), reason: e.to_string() })
}

pub(crate) async fn insert(
    tx: &mut Tx,
    id: &str,
    number: &str,
    author: &str,
    draft: &Draft,
    now: Instant,
) -> Result<()> {
    tx.execute(
        "INSERT INTO outreach_send (id, number, channel, title, texts, topic, districts, section, state, version, author,
             edited_by, urgent, urgent_reason, starts_at, run, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $13, 'draft', 1, $8, $8, $9, $10, $11, 0, $12, $12)",
        params![
            id,
            number,
            draft.channel.code(),
            &draft.title,
            json(&draft.texts)?,
            &draft.topic,
            json(&draft.districts)?,
            author,
            draft.urgent.is_some(),
            draft.urgent.as_deref(),
            draft.starts_at,
            now,
            &draft.section,
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn change(tx: &mut Tx, id: &str, who: &str, draft: &Draft, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE outreach_send SET channel = $2, title = $3, texts = $4, topic = $5, districts = $6, state = 'draft',
             version = version + 1, edited_by = $7, approver = NULL, approved_at = NULL, urgent = $8,
             urgent_reason = $9, starts_at = $10, updated_at = $11, section = $12
         WHERE id = $1",
        params![
            id,
            draft.channel.code(),
            &draft.title,
            json(&draft.texts)?,
            &draft.topic,
            json(&draft.districts)?,
            who,
            draft.urgent.is_some(),
            draft.urgent.as_deref(),
            draft.starts_at,
            now,
            &draft.section,
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn get(tx: &mut Tx, id: &str) -> Result<Option<Sending>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM outreach_send WHERE id = $1")), params![id]).await
}

pub(crate) async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<Sending>> {
    tx.optional(Sql::built(format!("SELECT {COLUMNS} FROM outreach_send WHERE number = $1")), params![number]).await
}

pub(crate) async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<Sending>> {
    tx.all(Sql::built(format!("SELECT {COLUMNS} FROM outreach_send ORDER BY id DESC LIMIT $1")), params![limit]).await
}

/// Reads a send and keeps others from changing it until the end of the transaction.
pub(crate) async fn lock(tx: &mut Tx, id: &str) -> Result<Option<Sending>> {
    tx.optional(
        Sql::built(format!("UPDATE outreach_send SET run = run WHERE id = $1 RETURNING {COLUMNS}")),
        params![id],
    )
    .await
}

/// Begins to plan anew; returns the number of this run.
pub(crate) async fn begin_planning(tx: &mut Tx, id: &str, now: Instant) -> Result<i64> {
    let row = tx
        .row(
            "UPDATE outreach_send SET state = 'draft', run = run + 1, approver = NULL, approved_at = NULL,
                 planned_at = NULL, updated_at = $2
             WHERE id = $1 RETURNING run",
            params![id, now],
        )
        .await?;
    row.ok_or(StoreError::NotFound)?.get("run")
}

pub(crate) async fn planned(tx: &mut Tx, id: &str, plan: &Plan, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE outreach_send SET state = 'planned', planned_recipients = $2, planned_batches = $3, planned_later = $4,
             planned_finish_at = $5, quota_limit = $6, quota_used = $7, quota_reserve = $8, quota_bound = $9,
             planned_at = $10, updated_at = $10
         WHERE id = $1",
        params![
            id,
            plan.recipients,
            plan.batches,
            plan.later,
            plan.finish_at,
            plan.quota.limit,
            plan.quota.used,
            plan.quota.reserve,
            plan.quota.bound,
            now,
        ],
    )
    .await?;
    Ok(())
}

/// The figures of a plan as they are stored.
#[derive(FromRow)]
pub(crate) struct Planned {
    pub(crate) starts_at: Option<Instant>,
    pub(crate) planned_at: Option<Instant>,
    pub(crate) planned_recipients: Option<i64>,
    pub(crate) planned_batches: Option<i64>,
    pub(crate) planned_later: Option<i64>,
    pub(crate) planned_finish_at: Option<Instant>,
    pub(crate) quota_limit: Option<i64>,
    pub(crate) quota_used: Option<i64>,
    pub(crate) quota_reserve: Option<i64>,
    pub(crate) quota_bound: Option<i64>,
}

pub(crate) async fn plan_of(tx: &mut Tx, id: &str) -> Result<Option<Planned>> {
    tx.optional(
        "SELECT starts_at, planned_at, planned_recipients, planned_batches, planned_later, planned_finish_at,
             quota_limit, quota_used, quota_reserve, quota_bound
         FROM outreach_send WHERE id = $1",
        params![id],
    )
    .await
}

pub(crate) async fn tested(tx: &mut Tx, id: &str, version: i64, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE outreach_send SET tested_version = $2, updated_at = $3 WHERE id = $1",
        params![id, version, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn approved(tx: &mut Tx, id: &str, approver: &str, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE outreach_send SET state = 'approved', approver = $2, approved_at = $3, updated_at = $3 WHERE id = $1",
        params![id, approver, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn returned(tx: &mut Tx, id: &str, now: Instant) -> Result<()> {
    tx.execute(
        "UPDATE outreach_send SET state = 'draft', approver = NULL, approved_at = NULL, updated_at = $2 WHERE id = $1",
        params![id, now],
    )
    .await?;
    Ok(())
}

/// Lets it run; returns the number of this run.
pub(crate) async fn run(tx: &mut Tx, id: &str, now: Instant) -> Result<i64> {
    let row = tx
        .row(
            "UPDATE outreach_send SET state = 'running', run = run + 1, reason = NULL, finished_at = NULL,
                 started_at = COALESCE(started_at, $2), updated_at = $2
             WHERE id = $1 RETURNING run",
            params![id, now],
        )
        .await?;
    row.ok_or(StoreError::NotFound)?.get("run")
}

/// Ends its running, for a while or for good.
pub(crate) async fn halt(tx: &mut Tx, id: &str, state: State, reason: Option<&str>, now: Instant) -> Result<()> {
    let finished = matches!(state, State::Stopped | State::Done).then_some(now);
    tx.execute(
        "UPDATE outreach_send SET state = $2, reason = $3, finished_at = $4, updated_at = $5 WHERE id = $1",
        params![id, state.code(), reason, finished, now],
    )
    .await?;
    Ok(())
}
