//! Short numbers that people see: one row of numbers per kind and year, never doubled, never with gaps
//! from a rolled-back transaction.

use calendar::Instant;

use crate::{Result, StoreError, Tx, params};

/// The next number of a kind in the year (JST) of `now`, such as `質問-2026-0123`.
///
/// It is taken in the caller's transaction: if that is given up, the number is free again.
pub async fn next(tx: &mut Tx, kind: &str, now: Instant) -> Result<String> {
    let year = i64::from(now.jst_date().year());
    let row = tx
        .row(
            "INSERT INTO number (kind, year, last) VALUES ($1, $2, 1)
             ON CONFLICT (kind, year) DO UPDATE SET last = number.last + 1 RETURNING last",
            params![kind, year],
        )
        .await?
        .ok_or(StoreError::NotFound)?;
    let last: i64 = row.get("last")?;
    Ok(format!("{kind}-{year}-{last:04}"))
}
